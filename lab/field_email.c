#include "lab/field_priv.h"

#include <string.h>

#include "lab/person.h"

/* The three e-mail addresses of a contact, a dictionary too. */

/* [MS-OXOCNTC] 2.2.1.2: offsets from the first of five properties. */
enum { EMAIL_NAME, EMAIL_TYPE = 2, EMAIL_ADDRESS, EMAIL_ORIGINAL, EMAIL_ENTRY };

static const struct email {
    const char *key;
    uint32_t first;
} emails[] = {
    { "EmailAddress1", 0x8080 },
    { "EmailAddress2", 0x8090 },
    { "EmailAddress3", 0x80A0 },
};

static char *email_part(const struct mapi_props *props, const struct email *m,
                        uint32_t offset)
{
    char *text =
        mapi_dup_text(mapi_find_id(props, PSETID_ADDRESS, m->first + offset));

    return text != NULL ? text : g_strdup("");
}

static void write_email(struct field_view *v, const struct mapi_props *props,
                        const struct email *m)
{
    g_autofree char *name = email_part(props, m, EMAIL_NAME);
    g_autofree char *type = email_part(props, m, EMAIL_TYPE);
    g_autofree char *address = email_part(props, m, EMAIL_ADDRESS);
    g_autofree char *original = email_part(props, m, EMAIL_ORIGINAL);
    bool inside = g_ascii_strcasecmp(type, "EX") == 0;
    /* of a colleague the original name is the SMTP address */
    const char *shown =
        inside && strchr(original, '@') != NULL ? original : address;

    if (shown[0] == '\0')
        return;
    xml_begin(v->x, "t:Entry");
    xml_attr(v->x, "Key", m->key);
    if (v->call->asked >= EXCHANGE2010_SP2) {
        xml_attr(v->x, "Name", name[0] != '\0' ? name : shown);
        xml_attr(v->x, "RoutingType",
                 shown == original || type[0] == '\0' ? "SMTP" : type);
        xml_attr(v->x, "MailboxType", inside ? "Mailbox" : "OneOff");
    }
    xml_end(v->x);
    xml_chars(v->x, shown);
    xml_close(v->x, "t:Entry");
}

void field_write_emails(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    gsize inside;

    if (props == NULL)
        return;
    inside = field_dictionary_begin(v, f);
    for (size_t i = 0; i < G_N_ELEMENTS(emails); i++)
        if (field_wants(v, f, f->parts[0], emails[i].key))
            write_email(v, props, &emails[i]);
    field_dictionary_end(v, f, inside);
}

static uint32_t email_tag(struct field_edit *e, const struct email *m,
                          uint32_t offset, uint16_t type)
{
    return mapi_named_id(e->item, PSETID_ADDRESS, m->first + offset, type);
}

static void clear_email(struct field_edit *e, const struct email *m)
{
    for (uint32_t i = EMAIL_NAME; i <= EMAIL_ENTRY; i++)
        mapi_remove(e->props, PROP_ID(email_tag(e, m, i, PT_UNICODE)));
}

static void set_email(struct field_edit *e, const struct email *m,
                      const xmlNode *node, const char *address)
{
    g_autofree char *name = soap_attr_dup(node, "Name");
    g_autofree char *routing = soap_attr_dup(node, "RoutingType");
    const char *type = routing != NULL && routing[0] != '\0' ? routing : "SMTP";
    const char *shown = name != NULL && name[0] != '\0' ? name : address;
    g_auto(person) who = { .name = g_strdup(shown),
                           .routing = g_strdup(type),
                           .address = g_strdup(address) };
    g_autoptr(GByteArray) id = person_entry_id(&who);

    mapi_set_text(e->item, e->props, email_tag(e, m, EMAIL_NAME, PT_UNICODE),
                  shown);
    mapi_set_text(e->item, e->props, email_tag(e, m, EMAIL_TYPE, PT_UNICODE),
                  type);
    mapi_set_text(e->item, e->props, email_tag(e, m, EMAIL_ADDRESS, PT_UNICODE),
                  address);
    mapi_set_text(e->item, e->props,
                  email_tag(e, m, EMAIL_ORIGINAL, PT_UNICODE), address);
    mapi_set(e->item, e->props, email_tag(e, m, EMAIL_ENTRY, PT_BINARY),
             id->data, id->len);
}

/* PidLidAddressBookProviderEmailList and -ArrayType, 2.2.1.2.11 and .12 */
static void list_emails(struct field_edit *e)
{
    uint8_t list[4 * G_N_ELEMENTS(emails)] = { 0 };
    uint32_t n = 0, bits = 0, tag;

    for (size_t i = 0; i < G_N_ELEMENTS(emails); i++)
        if (mapi_find_id(e->props, PSETID_ADDRESS,
                         emails[i].first + EMAIL_ADDRESS) != NULL) {
            list[4 * n++] = (uint8_t)i;
            bits |= 1u << i;
        }
    mapi_set_i32(e->item, e->props,
                 mapi_named_id(e->item, PSETID_ADDRESS, 0x8029, PT_LONG),
                 (int32_t)bits);
    tag = mapi_named_id(e->item, PSETID_ADDRESS, 0x8028, PT_LONG | MV_FLAG);
    mapi_set(e->item, e->props, tag, list, 4 * n);
    mapi_find(e->props, PROP_ID(tag))->count = n;
}

int field_set_emails(struct field_edit *e, const struct field *f,
                     const xmlNode *node, struct problem *p)
{
    (void)f;
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_autofree char *key = soap_attr_dup(node, "Key");
        g_autofree char *address = soap_text_dup(node);
        const struct email *m = NULL;

        for (size_t i = 0; key != NULL && i < G_N_ELEMENTS(emails); i++)
            if (strcmp(emails[i].key, key) == 0)
                m = &emails[i];
        if (m == NULL)
            return field_unknown_key(p, node, key);
        if (address == NULL || address[0] == '\0')
            clear_email(e, m);
        else
            set_email(e, m, node, address);
    }
    list_emails(e);
    return 0;
}

int field_clear_emails(struct field_edit *e, const struct field *f,
                       const struct field_path *path, struct problem *p)
{
    (void)f;
    (void)p;
    for (size_t i = 0; i < G_N_ELEMENTS(emails); i++)
        if (path == NULL || path->index == NULL ||
            strcmp(path->index, emails[i].key) == 0)
            clear_email(e, &emails[i]);
    list_emails(e);
    return 0;
}
