#include "lab/mime_address.h"

#include <string.h>

#include <gmime/gmime.h>

#include "lab/bytes.h"
#include "lab/mapi_tags.h"
#include "lab/mime_words.h"

#define PR_REPLY_RECIPIENT_ENTRIES 0x004F0102u
#define PR_REPLY_RECIPIENT_NAMES   0x0050001Fu

const struct mime_address_tags mime_tags_sender = {
    PR_SENDER_NAME,    PR_SENDER_ADDRTYPE,   PR_SENDER_EMAIL_ADDRESS,
    PR_SENDER_ENTRYID, PR_SENDER_SEARCH_KEY, PR_SENDER_SMTP_ADDRESS,
};
const struct mime_address_tags mime_tags_representing = {
    PR_SENT_REPRESENTING_NAME,       PR_SENT_REPRESENTING_ADDRTYPE,
    PR_SENT_REPRESENTING_EMAIL,      PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_SEARCH_KEY, PR_SENT_REPRESENTING_SMTP,
};
const struct mime_address_tags mime_tags_received = {
    PR_RECEIVED_BY_NAME,
    PR_RECEIVED_BY_ADDRTYPE,
    PR_RECEIVED_BY_EMAIL,
    PR_RECEIVED_BY_ENTRYID,
    0,
    0,
};
const struct mime_address_tags mime_tags_recipient = {
    PR_DISPLAY_NAME, PR_ADDRTYPE,   PR_EMAIL_ADDRESS,
    PR_ENTRYID,      PR_SEARCH_KEY, PR_SMTP_ADDRESS,
};

void mime_address_free(struct mime_address *a)
{
    if (a == NULL)
        return;
    g_free(a->name);
    g_free(a->smtp);
    g_free(a);
}

static struct mime_address *address_new(const char *name, const char *smtp)
{
    struct mime_address *a = g_new(struct mime_address, 1);

    a->name = g_utf8_make_valid(name != NULL ? name : "", -1);
    a->smtp = g_utf8_make_valid(smtp != NULL ? smtp : "", -1);
    return a;
}

static GPtrArray *addresses_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);
}

/* ---- out of a header ------------------------------------------------- */

/* Groups within groups are no mail's; GMime reads them all the same. */
enum { GROUP_DEPTH_MAX = 4 };

static void collect(GPtrArray *to, InternetAddressList *list,
                    unsigned int depth)
{
    int n = internet_address_list_length(list);

    for (int i = 0; i < n && to->len < MIME_ADDRESSES_MAX; i++) {
        InternetAddress *ia = internet_address_list_get_address(list, i);

        if (INTERNET_ADDRESS_IS_MAILBOX(ia))
            g_ptr_array_add(to,
                            address_new(internet_address_get_name(ia),
                                        internet_address_mailbox_get_idn_addr(
                                            INTERNET_ADDRESS_MAILBOX(ia))));
        else if (depth < GROUP_DEPTH_MAX)
            collect(
                to,
                internet_address_group_get_members(INTERNET_ADDRESS_GROUP(ia)),
                depth + 1);
    }
}

GPtrArray *mime_addresses_parse(const char *raw)
{
    GPtrArray *all = addresses_new();
    g_autofree char *repaired = mime_words_repair(raw);
    InternetAddressList *list = internet_address_list_parse(NULL, repaired);

    if (list == NULL)
        return all;
    collect(all, list, 0);
    g_object_unref(list);
    return all;
}

/* ---- into properties ------------------------------------------------- */

/* [MS-OXCDATA] 2.2.5.1: flags, provider, version, MIME and Unicode. */
static const uint8_t one_off[24] = {
    0,    0,    0,    0,    0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19,
    0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02, 0,    0,    0x01, 0x90,
};

static void append_text(GByteArray *to, const char *utf8)
{
    GByteArray *units = bytes_utf8_to_utf16(utf8);

    g_byte_array_append(to, units->data, units->len);
    bytes_put16(to, 0);
    g_byte_array_unref(units);
}

static GByteArray *entry_id(const struct mime_address *a)
{
    GByteArray *id = g_byte_array_new();

    g_byte_array_append(id, one_off, sizeof(one_off));
    append_text(id, *a->name != '\0' ? a->name : a->smtp);
    append_text(id, "SMTP");
    append_text(id, a->smtp);
    return id;
}

void mime_address_set(struct mapi_item *item, struct mapi_props *props,
                      const struct mime_address_tags *tags,
                      const struct mime_address *a)
{
    GByteArray *id = entry_id(a);
    g_autofree char *plain = g_strconcat("SMTP:", a->smtp, NULL);
    g_autofree char *key = g_ascii_strup(plain, -1);

    mapi_set_text(item, props, tags->name,
                  *a->name != '\0' ? a->name : a->smtp);
    mapi_set_text(item, props, tags->kind, "SMTP");
    mapi_set_text(item, props, tags->address, a->smtp);
    mapi_set(item, props, tags->entry_id, id->data, id->len);
    if (tags->key != 0)
        mapi_set(item, props, tags->key, key, strlen(key) + 1);
    if (tags->smtp != 0)
        mapi_set_text(item, props, tags->smtp, a->smtp);
    g_byte_array_unref(id);
}

struct mapi_props *mime_recipient_add(struct mapi_item *item,
                                      struct mapi_message *m,
                                      const struct mime_address *a,
                                      int32_t type)
{
    int32_t row = (int32_t)m->n_recipients;
    struct mapi_props *r = mapi_add_recipient(item, m);

    mapi_set_i32(item, r, PR_ROWID, row);
    mapi_set_i32(item, r, PR_RECIPIENT_TYPE, type);
    mapi_set_bool(item, r, PR_RESPONSIBILITY, true);
    mime_address_set(item, r, &mime_tags_recipient, a);
    mapi_set_text(item, r, PR_RECIPIENT_DISPLAY_NAME,
                  *a->name != '\0' ? a->name : a->smtp);
    mapi_set_i32(item, r, PR_RECIPIENT_FLAGS, 1);
    mapi_set_i32(item, r, PR_RECIPIENT_TRACKSTATUS, 0);
    mapi_set_i32(item, r, PR_DISPLAY_TYPE, 0);
    mapi_set_i32(item, r, PR_OBJECT_TYPE, 6); /* MAPI_MAILUSER */
    mapi_set_bool(item, r, PR_SEND_RICH_INFO, false);
    return r;
}

/* ---- out of properties ----------------------------------------------- */

/*
 * [MS-OXOMSG] 2.2.1: letters and digits stay, '/' becomes '_', all else
 * "+XX"; the domain only has to be one.
 */
static char *encapsulate(const char *kind, const char *address)
{
    GString *s = g_string_new("IMCEA");

    g_string_append_printf(s, "%s-", kind);
    for (const char *p = address; *p != '\0'; p++) {
        if (g_ascii_isalnum(*p) || strchr("=-", *p) != NULL)
            g_string_append_c(s, *p);
        else if (*p == '/')
            g_string_append_c(s, '_');
        else
            g_string_append_printf(s, "+%02X", (unsigned char)*p);
    }
    g_string_append(s, "@encapsulated.invalid");
    return g_string_free(s, FALSE);
}

static char *text_of(const struct mapi_props *props, uint32_t tag)
{
    char *text =
        tag != 0 ? mapi_dup_text(mapi_find(props, PROP_ID(tag))) : NULL;

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static char *smtp_of(const struct mapi_props *props,
                     const struct mime_address_tags *tags)
{
    g_autofree char *smtp = text_of(props, tags->smtp);
    g_autofree char *kind = text_of(props, tags->kind);
    g_autofree char *address = text_of(props, tags->address);

    if (smtp != NULL)
        return g_steal_pointer(&smtp);
    if (address == NULL)
        return NULL;
    if (kind == NULL || g_ascii_strcasecmp(kind, "SMTP") == 0)
        return g_steal_pointer(&address);
    return encapsulate(kind, address);
}

struct mime_address *mime_address_get(const struct mapi_props *props,
                                      const struct mime_address_tags *tags)
{
    g_autofree char *name = text_of(props, tags->name);
    g_autofree char *smtp = smtp_of(props, tags);

    if (name == NULL && smtp == NULL)
        return NULL;
    return address_new(name, smtp);
}

/* ---- Reply-To -------------------------------------------------------- */

/* FlatEntryList, [MS-OXCDATA] 2.3.3: each padded to four bytes. */
static void append_entry(GByteArray *to, GByteArray *id)
{
    bytes_put32(to, id->len);
    g_byte_array_append(to, id->data, id->len);
    while (to->len % 4 != 0)
        g_byte_array_append(to, (const guint8 *)"", 1);
}

void mime_reply_to_set(struct mapi_item *item, struct mapi_props *props,
                       GPtrArray *addresses)
{
    GByteArray *list = g_byte_array_new(), *value = g_byte_array_new();
    g_autoptr(GString) names = g_string_new(NULL);

    for (guint i = 0; i < addresses->len; i++) {
        const struct mime_address *a = addresses->pdata[i];
        GByteArray *id = entry_id(a);

        append_entry(list, id);
        g_byte_array_unref(id);
        g_string_append_printf(names, "%s%s", i > 0 ? ";" : "",
                               *a->name != '\0' ? a->name : a->smtp);
    }
    bytes_put32(value, addresses->len);
    bytes_put32(value, list->len);
    g_byte_array_append(value, list->data, list->len);
    mapi_set(item, props, PR_REPLY_RECIPIENT_ENTRIES, value->data, value->len);
    mapi_set_text(item, props, PR_REPLY_RECIPIENT_NAMES, names->str);
    g_byte_array_unref(list);
    g_byte_array_unref(value);
}

/* One string of a one-off entry id, which *in moves behind. */
static char *take_text(struct bytes_in *in)
{
    const uint8_t *from = in->at;
    uint16_t unit;

    do
        unit = bytes_u16(in);
    while (unit != 0 && !in->bad);
    if (in->bad)
        return NULL;
    return bytes_utf16_to_utf8(from, (size_t)(in->at - from) - 2);
}

static struct mime_address *read_entry(const uint8_t *id, size_t n)
{
    struct bytes_in in = { .at = id, .end = id + n };
    const uint8_t *head = bytes_take(&in, sizeof(one_off));
    g_autofree char *name = NULL, *kind = NULL, *smtp = NULL;

    /* other kinds of entry ids name nobody here */
    if (head == NULL || memcmp(head + 4, one_off + 4, 16) != 0 ||
        (head[23] & 0x80) == 0)
        return NULL;
    name = take_text(&in);
    kind = take_text(&in);
    smtp = take_text(&in);
    if (name == NULL || kind == NULL || smtp == NULL)
        return NULL;
    return address_new(strcmp(name, smtp) != 0 ? name : "", smtp);
}

GPtrArray *mime_reply_to_get(const struct mapi_props *props)
{
    const struct mapi_prop *p =
        mapi_find(props, PROP_ID(PR_REPLY_RECIPIENT_ENTRIES));
    struct bytes_in in;
    GPtrArray *all;
    uint32_t n;

    if (p == NULL || PROP_TYPE(p->tag) != PT_BINARY)
        return NULL;
    in = (struct bytes_in){ .at = p->data, .end = p->data + p->size };
    all = addresses_new();
    n = bytes_u32(&in); /* by itself: MIN() would read it twice */
    bytes_u32(&in);
    for (n = MIN(n, MIME_ADDRESSES_MAX); n > 0 && bytes_left(&in) >= 4; n--) {
        uint32_t size = bytes_u32(&in);
        const uint8_t *id = bytes_take(&in, size);
        struct mime_address *a = id != NULL ? read_entry(id, size) : NULL;

        if (a != NULL)
            g_ptr_array_add(all, a);
        if (size % 4 != 0)
            bytes_take(&in, MIN(4 - size % 4, bytes_left(&in)));
    }
    if (all->len == 0)
        g_clear_pointer(&all, g_ptr_array_unref);
    return all;
}
