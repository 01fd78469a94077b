#include "lab/field_priv.h"

#include <string.h>

#include "lab/bytes.h"

/* ---- CompleteName -------------------------------------------------- */

static void write_complete_name(struct field_view *v, const struct field *f)
{
    static const struct {
        const char *element;
        uint32_t tag, id; /* id: in PSETID_ADDRESS */
    } parts[] = {
        { "t:Title", PROP_TAG(0x3A45, PT_UNICODE), 0 },
        { "t:FirstName", PR_GIVEN_NAME, 0 },
        { "t:MiddleName", PROP_TAG(0x3A44, PT_UNICODE), 0 },
        { "t:LastName", PR_SURNAME, 0 },
        { "t:Suffix", PR_GENERATION, 0 },
        { "t:Initials", PROP_TAG(0x3A0A, PT_UNICODE), 0 },
        { "t:FullName", PR_DISPLAY_NAME, 0 },
        { "t:Nickname", PROP_TAG(0x3A4F, PT_UNICODE), 0 },
        { "t:YomiFirstName", 0, 0x802C },
        { "t:YomiLastName", 0, 0x802D },
    };
    bool open = false;

    (void)f;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const struct mapi_prop *prop =
            parts[i].tag != 0 ? view_find(v, parts[i].tag)
                              : view_find_id(v, PSETID_ADDRESS, parts[i].id);
        g_autofree char *text = mapi_dup_text(prop);

        if (text == NULL || text[0] == '\0')
            continue;
        if (!open)
            xml_open(v->x, "t:CompleteName");
        open = true;
        xml_text(v->x, parts[i].element, text);
    }
    if (open)
        xml_close(v->x, "t:CompleteName");
}

/* ---- FileAs: [MS-OXOCNTC] 2.2.1.1.12 PidLidFileUnderId ------------- */

/*
 * What a name is made of: letters for the parts, everything else as it
 * stands.  f first, m middle, l last, s suffix, c company, d display name.
 */
static const struct {
    const char *name;
    uint32_t id;
    const char *form;
} mappings[] = {
    { "None", 0xFFFFFFFF, NULL },
    { "LastCommaFirst", 0x8017, "l, f m" },
    { "FirstSpaceLast", 0x8037, "f m l s" },
    { "Company", 0x3A16, "c" },
    { "LastCommaFirstCompany", 0x8019, "l, f m\r\nc" },
    { "CompanyLastFirst", 0x8032, "c\r\nlf m" },
    { "LastFirst", 0x8030, "lf m" },
    { "LastFirstCompany", 0x8034, "lf m\r\nc" },
    { "CompanyLastCommaFirst", 0x8018, "c\r\nl, f m" },
    { "LastFirstSuffix", 0x8038, "lf m s" },
    { "LastSpaceFirstCompany", 0x8035, "l f m\r\nc" },
    { "CompanyLastSpaceFirst", 0x8033, "c\r\nl f m" },
    { "LastSpaceFirst", 0x8031, "l f m" },
    { "DisplayName", 0x3001, "d" },
    { "FirstName", 0x3A06, "f" },
    { "LastFirstMiddleSuffix", 0x8036, "l f m s" },
    { "LastName", 0x3A11, "l" },
    { "Empty", 0, "" },
};

static void write_mapping(struct field_view *v, const struct field *f)
{
    int32_t id = mapi_get_i32(view_find_id(v, f->pset, f->id), -1);

    for (size_t i = 0; i < G_N_ELEMENTS(mappings); i++)
        if (mappings[i].id == (uint32_t)id)
            xml_text(v->x, "t:FileAsMapping", mappings[i].name);
}

static int set_mapping(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p)
{
    g_autofree char *name = soap_text_dup(node);

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(mappings); i++)
        if (strcmp(mappings[i].name, name) == 0) {
            mapi_set_i32(e->item, e->props, field_tag(e, f),
                         (int32_t)mappings[i].id);
            return 0;
        }
    return soap_violation(p, node, "The 'FileAsMapping' element is invalid.");
}

static char *part_of_name(const struct mapi_props *props, char letter)
{
    static const struct {
        char letter;
        uint32_t tag;
    } parts[] = {
        { 'f', PR_GIVEN_NAME },   { 'm', PROP_TAG(0x3A44, PT_UNICODE) },
        { 'l', PR_SURNAME },      { 's', PR_GENERATION },
        { 'c', PR_COMPANY_NAME }, { 'd', PR_DISPLAY_NAME },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (parts[i].letter == letter) {
            char *text = mapi_dup_text(mapi_find(props, PROP_ID(parts[i].tag)));

            return text != NULL ? text : g_strdup("");
        }
    return NULL;
}

/*
 * What stands between two parts goes when one of them is missing; of several
 * such in a row a new line is kept, else the first.
 */
static char *form_name(const struct mapi_props *props, const char *form)
{
    GString *out = g_string_new(NULL);
    g_autofree char *between = g_strdup("");

    while (*form != '\0') {
        size_t n = strcspn(form, "fmlscd");
        g_autofree char *gap = g_strndup(form, n);
        g_autofree char *part = part_of_name(props, form[n]);

        if (between[0] == '\0' || strchr(gap, '\n') != NULL) {
            g_free(between);
            between = g_steal_pointer(&gap);
        }
        form += n;
        if (part == NULL)
            break;
        form++;
        if (part[0] == '\0')
            continue;
        if (out->len > 0)
            g_string_append(out, between);
        g_string_append(out, part);
        g_free(between);
        between = g_strdup("");
    }
    return g_string_free(out, FALSE);
}

static void set_file_as(struct field_edit *e)
{
    int32_t id =
        mapi_get_i32(mapi_find_id(e->props, PSETID_ADDRESS, 0x8006), -1);
    g_autofree char *name = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(mappings); i++)
        if (mappings[i].id == (uint32_t)id && mappings[i].form != NULL)
            name = form_name(e->props, mappings[i].form);
    if (name != NULL)
        mapi_set_text(
            e->item, e->props,
            mapi_named_id(e->item, PSETID_ADDRESS, 0x8005, PT_UNICODE), name);
}

/* ---- what hangs together ------------------------------------------- */

/* A contact without a display name is called by its parts. */
static void set_display_name(struct field_edit *e)
{
    g_autofree char *name = NULL;

    if (e->was != NULL || mapi_find(e->props, PROP_ID(PR_DISPLAY_NAME)) != NULL)
        return;
    name = form_name(e->props, "f m l s");
    if (name[0] != '\0')
        mapi_set_text(e->item, e->props, PR_DISPLAY_NAME, name);
}

/* Outlook's list is by subject: it follows from the name. */
static void set_subject(struct field_edit *e)
{
    g_autofree char *name =
        mapi_dup_text(mapi_find(e->props, PROP_ID(PR_DISPLAY_NAME)));
    g_autofree char *file_as =
        mapi_dup_text(mapi_find_id(e->props, PSETID_ADDRESS, 0x8005));

    if (mapi_find(e->props, PROP_ID(PR_SUBJECT)) != NULL)
        return;
    if (name != NULL && name[0] != '\0')
        field_put_subject(e, name);
    else if (file_as != NULL && file_as[0] != '\0')
        field_put_subject(e, file_as);
}

static int finish(struct field_edit *e, struct problem *p)
{
    (void)p;
    set_display_name(e);
    set_file_as(e);
    set_subject(e);
    return 0;
}

/* ---- photo --------------------------------------------------------- */

static const struct mapi_prop *photo_of(const struct mapi_message *m)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_props *props = &m->attachments[i].props;

        if (mapi_get_bool(mapi_find(props, PROP_ID(PR_ATTACHMENT_CONTACTPHOTO)),
                          false))
            return mapi_find(props, PROP_ID(PR_ATTACH_DATA_BIN));
    }
    return NULL;
}

static void write_has_picture(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);

    (void)f;
    if (m != NULL)
        xml_bool(v->x, "t:HasPicture", photo_of(m) != NULL);
}

static void write_photo(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);
    const struct mapi_prop *photo = m != NULL ? photo_of(m) : NULL;

    (void)f;
    if (photo != NULL)
        xml_base64(v->x, "t:Photo", photo->data, photo->size);
}

void field_write_source(struct field_view *v, const struct field *f)
{
    (void)f;
    xml_text(v->x, "t:ContactSource", "Store");
}

/* ---- certificates: a list of binaries ------------------------------ */

static void write_certificates(struct field_view *v, const struct field *f)
{
    const struct mapi_prop *prop = view_find(v, f->tag);
    g_autofree char *element = field_element(f);
    size_t at = 0;

    if (prop == NULL || prop->count == 0 || prop->tag != f->tag)
        return;
    xml_open(v->x, element);
    for (uint32_t i = 0; i < prop->count && at + 4 <= prop->size; i++) {
        const uint8_t *p = prop->data + at;
        size_t n = bytes_u32_at(p);

        n = MIN(n, prop->size - at - 4);
        xml_base64(v->x, "t:Base64Binary", p + 4, n);
        at += 4 + n;
    }
    xml_close(v->x, element);
}

/* ---- the rows ------------------------------------------------------ */

static const char *const indexes[] = { "None", "Home", "Business", "Other",
                                       NULL };
static const char *const email_parts[] = { "contacts:EmailAddress", NULL };
static const char *const im_parts[] = { "contacts:ImAddress", NULL };
static const char *const phone_parts[] = { "contacts:PhoneNumber", NULL };
/* as field_dictionary.c has the places of an address */
static const char *const address_parts[] = {
    "contacts:PhysicalAddress:Street",
    "contacts:PhysicalAddress:City",
    "contacts:PhysicalAddress:State",
    "contacts:PhysicalAddress:CountryOrRegion",
    "contacts:PhysicalAddress:PostalCode",
    NULL,
};

/* clang-format off */
#define TEXT(id) \
    .tag = PROP_TAG(id, PT_UNICODE), .write = field_write_text, \
    .set = field_set_text, .clear = field_clear
#define NAMED(s, lid, type) \
    .tag = PROP_TAG(0, type), .pset = (s), .id = (lid)
#define NAMED_TEXT(s, lid) \
    NAMED(s, lid, PT_UNICODE), .write = field_write_text, \
    .set = field_set_text, .clear = field_clear
#define DATE(id) \
    .tag = PROP_TAG(id, PT_SYSTIME), .write = field_write_time, \
    .set = field_set_time, .clear = field_clear

static const struct field rows[] = {
    { .uri = "contacts:FileAs", .base = IN_DEFAULT,
      NAMED_TEXT(PSETID_ADDRESS, 0x8005) },
    { .uri = "contacts:FileAsMapping", .base = IN_ALL,
      NAMED(PSETID_ADDRESS, 0x8006, PT_LONG), .write = write_mapping,
      .set = set_mapping, .clear = field_clear },
    { .uri = "contacts:DisplayName", .base = IN_ALL, TEXT(0x3001) },
    { .uri = "contacts:GivenName", .base = IN_ALL, TEXT(0x3A06) },
    { .uri = "contacts:Initials", .base = IN_ALL, TEXT(0x3A0A) },
    { .uri = "contacts:MiddleName", .base = IN_ALL, TEXT(0x3A44) },
    { .uri = "contacts:Nickname", .base = IN_ALL, TEXT(0x3A4F) },
    { .uri = "contacts:CompleteName", .base = IN_DEFAULT,
      .write = write_complete_name },
    { .uri = "contacts:CompanyName", .base = IN_DEFAULT, TEXT(0x3A16) },
    { .uri = "contacts:EmailAddresses", .base = IN_DEFAULT,
      .parts = email_parts, .write = field_write_emails,
      .set = field_set_emails, .clear = field_clear_emails,
      NAMED(PSETID_ADDRESS, 0x8083, PT_UNICODE) },
    { .uri = "contacts:AbchEmailAddresses", .since = EXCHANGE2016 },
    { .uri = "contacts:PhysicalAddresses", .base = IN_DEFAULT,
      .parts = address_parts, .write = field_write_addresses,
      .set = field_set_addresses, .clear = field_clear_addresses },
    { .uri = "contacts:PhoneNumbers", .base = IN_DEFAULT,
      .parts = phone_parts, .write = field_write_phones,
      .set = field_set_phones, .clear = field_clear_phones },
    { .uri = "contacts:AssistantName", .base = IN_ALL, TEXT(0x3A30) },
    { .uri = "contacts:Birthday", .base = IN_ALL, DATE(0x3A42) },
    { .uri = "contacts:BusinessHomePage", .base = IN_ALL, TEXT(0x3A51) },
    { .uri = "contacts:Children", .base = IN_ALL,
      .tag = PROP_TAG(0x3A58, PT_UNICODE | MV_FLAG),
      .write = field_write_texts, .set = field_set_texts,
      .clear = field_clear },
    { .uri = "contacts:Companies", .base = IN_ALL,
      NAMED(PSETID_COMMON, LID_COMPANIES, PT_UNICODE | MV_FLAG),
      .write = field_write_texts, .set = field_set_texts,
      .clear = field_clear },
    { .uri = "contacts:ContactSource", .base = IN_ALL, .since = EXCHANGE2010,
      .write = field_write_source },
    { .uri = "contacts:Department", .base = IN_ALL, TEXT(0x3A18) },
    { .uri = "contacts:Generation", .base = IN_ALL, TEXT(0x3A05) },
    { .uri = "contacts:ImAddresses", .base = IN_DEFAULT, .parts = im_parts,
      .write = field_write_im, .set = field_set_im, .clear = field_clear_im },
    { .uri = "contacts:JobTitle", .base = IN_DEFAULT, TEXT(0x3A17) },
    { .uri = "contacts:Manager", .base = IN_ALL, TEXT(0x3A4E) },
    { .uri = "contacts:Mileage", .base = IN_ALL,
      NAMED_TEXT(PSETID_COMMON, LID_MILEAGE) },
    { .uri = "contacts:OfficeLocation", .base = IN_ALL, TEXT(0x3A19) },
    { .uri = "contacts:PostalAddressIndex", .base = IN_ALL,
      NAMED(PSETID_ADDRESS, 0x8022, PT_LONG), .values = indexes,
      .write = field_write_enum, .set = field_set_enum,
      .clear = field_clear },
    { .uri = "contacts:Profession", .base = IN_ALL, TEXT(0x3A46) },
    { .uri = "contacts:SpouseName", .base = IN_ALL, TEXT(0x3A48) },
    { .uri = "contacts:Surname", .base = IN_ALL, TEXT(0x3A11) },
    { .uri = "contacts:WeddingAnniversary", .base = IN_ALL, DATE(0x3A41) },
    { .uri = "contacts:HasPicture", .base = IN_ALL, .since = EXCHANGE2010,
      .write = write_has_picture },
    { .uri = "contacts:PhoneticFullName", .since = EXCHANGE2010_SP2 },
    { .uri = "contacts:PhoneticFirstName", .since = EXCHANGE2010_SP2,
      NAMED(PSETID_ADDRESS, 0x802C, PT_UNICODE), .write = field_write_text },
    { .uri = "contacts:PhoneticLastName", .since = EXCHANGE2010_SP2,
      NAMED(PSETID_ADDRESS, 0x802D, PT_UNICODE), .write = field_write_text },
    { .uri = "contacts:Alias", .since = EXCHANGE2010_SP2,
      .tag = PR_ACCOUNT, .write = field_write_text },
    { .uri = "contacts:Notes", .since = EXCHANGE2010_SP2, .tag = PR_BODY,
      .flags = FIELD_NOT_LISTED, .write = field_write_text },
    { .uri = "contacts:Photo", .since = EXCHANGE2010_SP2,
      .flags = FIELD_NOT_LISTED, .write = write_photo },
    { .uri = "contacts:UserSMIMECertificate", .since = EXCHANGE2010_SP2,
      .tag = PROP_TAG(0x3A70, PT_BINARY | MV_FLAG),
      .flags = FIELD_NOT_LISTED, .write = write_certificates },
    /* of the directory's people, whom no item is */
    { .uri = "contacts:MSExchangeCertificate", .since = EXCHANGE2010_SP2 },
    { .uri = "contacts:DirectoryId", .since = EXCHANGE2010_SP2 },
    { .uri = "contacts:ManagerMailbox", .since = EXCHANGE2010_SP2 },
    { .uri = "contacts:DirectReports", .since = EXCHANGE2010_SP2 },
    { .uri = "contacts:Culture", .tag = PR_MESSAGE_LOCALE_ID },
};
/* clang-format on */

const struct field_section field_section_contact = {
    .kinds = KIND_CONTACT,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
    .finish = finish,
};
