#include "lab/field_priv.h"

#include <string.h>

/*
 * The dictionaries of contacts: elements whose entries have a key, and are
 * asked for, set and removed one by one by an IndexedFieldURI.
 */

static struct mapi_prop *find_entry(const struct mapi_props *props,
                                    const struct field_entry *entry)
{
    if (entry->pset == NULL)
        return mapi_find(props, PROP_ID(entry->tag));
    return entry->name != NULL ? mapi_find_text(props, entry->pset, entry->name)
                               : mapi_find_id(props, entry->pset, entry->id);
}

static uint32_t entry_tag(struct field_edit *e, const struct field_entry *entry)
{
    if (entry->pset == NULL)
        return entry->tag;
    return entry->name != NULL
               ? mapi_named_text(e->item, entry->pset, entry->name, PT_UNICODE)
               : mapi_named_id(e->item, entry->pset, entry->id, PT_UNICODE);
}

static void set_entry(struct field_edit *e, const struct field_entry *entry,
                      const char *text)
{
    uint32_t tag = entry_tag(e, entry);

    if (text != NULL && text[0] != '\0')
        mapi_set_text(e->item, e->props, tag, text);
    else
        mapi_remove(e->props, PROP_ID(tag));
}

/* NULL for one that is empty, too. */
static char *dup_entry(const struct mapi_props *props,
                       const struct field_entry *entry)
{
    char *text = mapi_dup_text(find_entry(props, entry));

    if (text != NULL && text[0] != '\0')
        return text;
    g_free(text);
    return NULL;
}

/* The element, unless nothing was written inside of it since. */
gsize field_dictionary_begin(struct field_view *v, const struct field *f)
{
    g_autofree char *element = field_element(f);

    xml_open(v->x, element);
    return v->x->text->len;
}

void field_dictionary_end(struct field_view *v, const struct field *f,
                          gsize inside)
{
    g_autofree char *element = field_element(f);

    if (v->x->text->len == inside)
        g_string_truncate(v->x->text, inside - strlen(element) - 2);
    else
        xml_close(v->x, element);
}

int field_unknown_key(struct problem *p, const xmlNode *node, const char *key)
{
    return soap_violation(p, node,
                          "The 'Key' attribute is invalid - The value '%.40s' "
                          "is invalid - The Enumeration constraint failed.",
                          key != NULL ? key : "");
}

/* ---- key and text: telephones, instant messaging ------------------- */

static void write_entries(struct field_view *v, const struct field *f,
                          const struct field_entry *entries)
{
    const struct mapi_props *props = view_props(v);
    gsize inside;

    if (props == NULL)
        return;
    inside = field_dictionary_begin(v, f);
    for (; entries->key != NULL; entries++) {
        g_autofree char *text = dup_entry(props, entries);

        if (text == NULL || !field_wants(v, f, f->parts[0], entries->key))
            continue;
        xml_begin(v->x, "t:Entry");
        xml_attr(v->x, "Key", entries->key);
        xml_end(v->x);
        xml_chars(v->x, text);
        xml_close(v->x, "t:Entry");
    }
    field_dictionary_end(v, f, inside);
}

static const struct field_entry *entry_of(const struct field_entry *entries,
                                          const char *key)
{
    for (; key != NULL && entries->key != NULL; entries++)
        if (strcmp(entries->key, key) == 0)
            return entries;
    return NULL;
}

static int set_entries(struct field_edit *e, const xmlNode *node,
                       const struct field_entry *entries, struct problem *p)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_autofree char *key = soap_attr_dup(node, "Key");
        g_autofree char *text = soap_text_dup(node);
        const struct field_entry *entry = entry_of(entries, key);

        if (entry == NULL)
            return field_unknown_key(p, node, key);
        set_entry(e, entry, text);
    }
    return 0;
}

static int clear_entries(struct field_edit *e, const struct field_path *path,
                         const struct field_entry *entries)
{
    for (; entries->key != NULL; entries++)
        if (path == NULL || path->index == NULL ||
            strcmp(path->index, entries->key) == 0)
            set_entry(e, entries, NULL);
    return 0;
}

/* clang-format off */
static const struct field_entry phones[] = {
    { "AssistantPhone",   PROP_TAG(0x3A2E, PT_UNICODE), NULL, 0, NULL },
    { "BusinessFax",      PROP_TAG(0x3A24, PT_UNICODE), NULL, 0, NULL },
    { "BusinessPhone",    PROP_TAG(0x3A08, PT_UNICODE), NULL, 0, NULL },
    { "BusinessPhone2",   PROP_TAG(0x3A1B, PT_UNICODE), NULL, 0, NULL },
    { "Callback",         PROP_TAG(0x3A02, PT_UNICODE), NULL, 0, NULL },
    { "CarPhone",         PROP_TAG(0x3A1E, PT_UNICODE), NULL, 0, NULL },
    { "CompanyMainPhone", PROP_TAG(0x3A57, PT_UNICODE), NULL, 0, NULL },
    { "HomeFax",          PROP_TAG(0x3A25, PT_UNICODE), NULL, 0, NULL },
    { "HomePhone",        PROP_TAG(0x3A09, PT_UNICODE), NULL, 0, NULL },
    { "HomePhone2",       PROP_TAG(0x3A2F, PT_UNICODE), NULL, 0, NULL },
    { "Isdn",             PROP_TAG(0x3A2D, PT_UNICODE), NULL, 0, NULL },
    { "MobilePhone",      PROP_TAG(0x3A1C, PT_UNICODE), NULL, 0, NULL },
    { "OtherFax",         PROP_TAG(0x3A23, PT_UNICODE), NULL, 0, NULL },
    { "OtherTelephone",   PROP_TAG(0x3A1F, PT_UNICODE), NULL, 0, NULL },
    { "Pager",            PROP_TAG(0x3A21, PT_UNICODE), NULL, 0, NULL },
    { "PrimaryPhone",     PROP_TAG(0x3A1A, PT_UNICODE), NULL, 0, NULL },
    { "RadioPhone",       PROP_TAG(0x3A1D, PT_UNICODE), NULL, 0, NULL },
    { "Telex",            PROP_TAG(0x3A2C, PT_UNICODE), NULL, 0, NULL },
    { "TtyTddPhone",      PROP_TAG(0x3A4B, PT_UNICODE), NULL, 0, NULL },
    { NULL, 0, NULL, 0, NULL },
};

/* the second and third are those of ActiveSync, [MS-ASCNTC] */
static const uint8_t airsync[16] = {
    0x49, 0x55, 0x03, 0x71, 0x39, 0x07, 0xCB, 0x4D,
    0x91, 0x63, 0x00, 0xF0, 0x58, 0x0D, 0xBB, 0xDF,
};
static const struct field_entry messaging[] = {
    { "ImAddress1", 0, PSETID_ADDRESS, 0x8062, NULL },
    { "ImAddress2", 0, airsync, 0, "AirSync:IMAddress2" },
    { "ImAddress3", 0, airsync, 0, "AirSync:IMAddress3" },
    { NULL, 0, NULL, 0, NULL },
};
/* clang-format on */

void field_write_phones(struct field_view *v, const struct field *f)
{
    write_entries(v, f, phones);
}

int field_set_phones(struct field_edit *e, const struct field *f,
                     const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_entries(e, node, phones, p);
}

int field_clear_phones(struct field_edit *e, const struct field *f,
                       const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)p;
    return clear_entries(e, path, phones);
}

void field_write_im(struct field_view *v, const struct field *f)
{
    write_entries(v, f, messaging);
}

int field_set_im(struct field_edit *e, const struct field *f,
                 const xmlNode *node, struct problem *p)
{
    (void)f;
    return set_entries(e, node, messaging, p);
}

int field_clear_im(struct field_edit *e, const struct field *f,
                   const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)p;
    return clear_entries(e, path, messaging);
}

/* ---- physical addresses -------------------------------------------- */

/* In the order of PhysicalAddressDictionaryEntryType, as the row's parts. */
static const char *const streets[] = { "Street", "City", "State",
                                       "CountryOrRegion", "PostalCode" };
#define N_PLACES G_N_ELEMENTS(streets)

/* [MS-OXOCNTC] 2.2.1.3; whole: the address as Outlook shows it. */
/* clang-format off */
static const struct address {
    const char *key;
    uint32_t whole;
    struct field_entry places[N_PLACES];
} addresses[] = {
    { "Home", 0x801A, {
        { "", PROP_TAG(0x3A5D, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A59, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A5C, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A5A, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A5B, PT_UNICODE), NULL, 0, NULL } } },
    { "Business", 0x801B, {
        { "", 0, PSETID_ADDRESS, 0x8045, NULL },
        { "", 0, PSETID_ADDRESS, 0x8046, NULL },
        { "", 0, PSETID_ADDRESS, 0x8047, NULL },
        { "", 0, PSETID_ADDRESS, 0x8049, NULL },
        { "", 0, PSETID_ADDRESS, 0x8048, NULL } } },
    { "Other", 0x801C, {
        { "", PROP_TAG(0x3A63, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A5F, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A62, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A60, PT_UNICODE), NULL, 0, NULL },
        { "", PROP_TAG(0x3A61, PT_UNICODE), NULL, 0, NULL } } },
};
/* clang-format on */

static void write_address(struct field_view *v, const struct field *f,
                          const struct mapi_props *props,
                          const struct address *a)
{
    bool open = false;

    for (size_t i = 0; i < N_PLACES; i++) {
        g_autofree char *text = dup_entry(props, &a->places[i]);
        g_autofree char *element = g_strconcat("t:", streets[i], NULL);

        if (text == NULL || !field_wants(v, f, f->parts[i], a->key))
            continue;
        if (!open) {
            xml_begin(v->x, "t:Entry");
            xml_attr(v->x, "Key", a->key);
            xml_end(v->x);
        }
        open = true;
        xml_text(v->x, element, text);
    }
    if (open)
        xml_close(v->x, "t:Entry");
}

void field_write_addresses(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    gsize inside;

    if (props == NULL)
        return;
    inside = field_dictionary_begin(v, f);
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++)
        write_address(v, f, props, &addresses[i]);
    field_dictionary_end(v, f, inside);
}

static const struct address *address_of(const char *key)
{
    for (size_t i = 0; key != NULL && i < G_N_ELEMENTS(addresses); i++)
        if (strcmp(addresses[i].key, key) == 0)
            return &addresses[i];
    return NULL;
}

/* PidLidWorkAddress and its like: what the parts make together. */
static void set_whole(struct field_edit *e, const struct address *a)
{
    const struct field_entry whole = { a->key, 0, PSETID_ADDRESS, a->whole,
                                       NULL };
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < N_PLACES; i++) {
        g_autofree char *part = dup_entry(e->props, &a->places[i]);

        if (part != NULL)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "\r\n" : "",
                                   part);
    }
    set_entry(e, &whole, text->str);
}

int field_set_addresses(struct field_edit *e, const struct field *f,
                        const xmlNode *node, struct problem *p)
{
    (void)f;
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_autofree char *key = soap_attr_dup(node, "Key");
        const struct address *a = address_of(key);

        if (a == NULL)
            return field_unknown_key(p, node, key);
        for (size_t i = 0; i < N_PLACES; i++) {
            const xmlNode *street = soap_child(node, NS_TYPES, streets[i]);
            g_autofree char *text = soap_text_dup(street);

            if (street != NULL)
                set_entry(e, &a->places[i], text);
        }
        set_whole(e, a);
    }
    return 0;
}

int field_clear_addresses(struct field_edit *e, const struct field *f,
                          const struct field_path *path, struct problem *p)
{
    (void)p;
    for (size_t a = 0; a < G_N_ELEMENTS(addresses); a++) {
        if (path != NULL && path->index != NULL &&
            strcmp(path->index, addresses[a].key) != 0)
            continue;
        for (size_t i = 0; i < N_PLACES; i++)
            if (path == NULL || path->part == NULL || path->part == f->parts[i])
                set_entry(e, &addresses[a].places[i], NULL);
        set_whole(e, &addresses[a]);
    }
    return 0;
}
