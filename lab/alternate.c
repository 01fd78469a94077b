#include "lab/alternate.h"

#include <string.h>

/* Kinds of id: the second byte of an id of EWS, after its compression. */
enum {
    KIND_ADDRESS = 0,
    KIND_PUBLIC_FOLDER = 1,
    KIND_PUBLIC_ITEM = 2,
    KIND_GUID = 3,
};

enum {
    ENTRY_FOLDER = 46, /* [MS-OXCDATA] 2.2.4.1 */
    ENTRY_ITEM = 70,   /* 2.2.4.2 */
    /* StoreObjectType as it stands at the end of an OwaId */
    OBJECT_FOLDER = 1,
    OBJECT_MESSAGE = 9,
};

/* No id is longer: two counted texts and an entry id in hexadecimal. */
#define TEXT_MAX 1024

static const char *const names[N_ALTERNATE] = {
    [ALTERNATE_EWS_LEGACY] = "EwsLegacyId",
    [ALTERNATE_EWS] = "EwsId",
    [ALTERNATE_ENTRY] = "EntryId",
    [ALTERNATE_HEX_ENTRY] = "HexEntryId",
    [ALTERNATE_STORE] = "StoreId",
    [ALTERNATE_OWA] = "OwaId",
};

const char *alternate_format_name(enum alternate_format format)
{
    return names[format];
}

int alternate_format_find(const char *name, enum alternate_format *ret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], name) == 0) {
            *ret = (enum alternate_format)i;
            return 0;
        }
    return -1;
}

/* ---- reading ------------------------------------------------------- */

struct bytes {
    const uint8_t *data;
    size_t len;
};

/* Take n bytes from the front; NULL when there are fewer. */
static const uint8_t *take(struct bytes *from, size_t n)
{
    const uint8_t *at = from->data;

    if (n > from->len)
        return NULL;
    from->data += n;
    from->len -= n;
    return at;
}

static const uint8_t *take_counted(struct bytes *from, size_t *ret_len)
{
    const uint8_t *count = take(from, 2);

    if (count == NULL)
        return NULL;
    *ret_len = (size_t)count[0] | (size_t)count[1] << 8;
    return take(from, *ret_len);
}

static int set_entry(struct alternate *id, const uint8_t *entry, size_t len)
{
    /* the flags of an entry id that may be kept are four zero bytes */
    static const uint8_t lasting[4];

    if (entry == NULL || (len != ENTRY_FOLDER && len != ENTRY_ITEM) ||
        memcmp(entry, lasting, sizeof(lasting)) != 0)
        return -1;
    memcpy(id->entry, entry, len);
    id->entry_len = len;
    return 0;
}

static int set_mailbox(struct alternate *id, struct bytes *from)
{
    size_t len = 0;
    const uint8_t *text = take_counted(from, &len);

    if (text == NULL || len == 0 || len > ALTERNATE_MAILBOX_MAX ||
        !g_utf8_validate((const char *)text, (gssize)len, NULL))
        return -1;
    memcpy(id->mailbox, text, len);
    return 0;
}

static int parse_ews(struct bytes from, struct alternate *id)
{
    const uint8_t *head = take(&from, 2);
    const uint8_t *entry;
    size_t len = 0;

    /* compressed ones are not written here, and Exchange's are nobody's */
    if (head == NULL || head[0] != 0 || head[1] > KIND_GUID)
        return -1;
    id->public_folder =
        head[1] == KIND_PUBLIC_FOLDER || head[1] == KIND_PUBLIC_ITEM;
    if (!id->public_folder && set_mailbox(id, &from) < 0)
        return -1;
    if (take(&from, 1) == NULL)
        return -1;
    entry = take_counted(&from, &len);
    return from.len != 0 ? -1 : set_entry(id, entry, len);
}

static int parse_owa(struct bytes from, struct alternate *id)
{
    const uint8_t *count = take(&from, 1);
    size_t len = count != NULL ? *count : 0;
    const uint8_t *entry = take(&from, len);

    return from.len != 1 ? -1 : set_entry(id, entry, len);
}

static GByteArray *decode_hex(const char *text)
{
    size_t n = strlen(text);
    GByteArray *out = g_byte_array_new();

    for (size_t i = 0; n % 2 == 0 && i < n; i += 2) {
        int high = g_ascii_xdigit_value(text[i]);
        int low = g_ascii_xdigit_value(text[i + 1]);
        uint8_t byte;

        if (high < 0 || low < 0) {
            g_byte_array_set_size(out, 0);
            break;
        }
        byte = (uint8_t)(high << 4 | low);
        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

/* What GLib skips in base64 is no id: the bytes must give the text again. */
static GByteArray *decode_base64(const char *text)
{
    GByteArray *out = g_byte_array_new();
    g_autofree uint8_t *raw = NULL;
    g_autofree char *again = NULL;
    gsize n = 0;

    raw = g_base64_decode(text, &n);
    again = g_base64_encode(raw, n);
    if (strcmp(again, text) == 0)
        g_byte_array_append(out, raw, (guint)n);
    return out;
}

static GByteArray *decode(enum alternate_format format, const char *text)
{
    g_autofree char *plain = NULL;

    if (format == ALTERNATE_HEX_ENTRY)
        return decode_hex(text);
    if (format != ALTERNATE_OWA)
        return decode_base64(text);
    plain = g_uri_unescape_string(text, NULL);
    return decode_base64(plain != NULL ? plain : "");
}

int alternate_parse(enum alternate_format format, const char *text,
                    struct alternate *ret)
{
    g_autoptr(GByteArray) raw = NULL;
    struct alternate id = { 0 };
    struct bytes bytes;
    int status;

    if (strlen(text) > TEXT_MAX)
        return -1;
    raw = decode(format, text);
    bytes = (struct bytes){ raw->data, raw->len };
    if (format == ALTERNATE_EWS || format == ALTERNATE_EWS_LEGACY)
        status = parse_ews(bytes, &id);
    else if (format == ALTERNATE_OWA)
        status = parse_owa(bytes, &id);
    else
        status = set_entry(&id, bytes.data, bytes.len);
    if (status == 0)
        *ret = id;
    return status;
}

/* ---- writing ------------------------------------------------------- */

static void put_byte(GByteArray *out, unsigned int value)
{
    uint8_t byte = (uint8_t)value;

    g_byte_array_append(out, &byte, 1);
}

static void put_counted(GByteArray *out, const void *data, size_t len)
{
    put_byte(out, (unsigned int)(len & 0xff));
    put_byte(out, (unsigned int)(len >> 8));
    g_byte_array_append(out, data, (guint)len);
}

static bool is_item(const struct alternate *id)
{
    return id->entry_len == ENTRY_ITEM;
}

static void put_ews(GByteArray *out, unsigned int kind,
                    const struct alternate *id, const char *mailbox)
{
    put_byte(out, 0);
    if (id->public_folder) {
        put_byte(out, is_item(id) ? KIND_PUBLIC_ITEM : KIND_PUBLIC_FOLDER);
    } else {
        put_byte(out, kind);
        put_counted(out, mailbox, strlen(mailbox));
    }
    put_byte(out, 0);
    put_counted(out, id->entry, id->entry_len);
}

static char *format_hex(const struct alternate *id)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < id->entry_len; i++)
        g_string_append_printf(out, "%02X", id->entry[i]);
    return g_string_free(out, FALSE);
}

static char *format_owa(const struct alternate *id)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree char *text = NULL;

    put_byte(out, (unsigned int)id->entry_len);
    g_byte_array_append(out, id->entry, (guint)id->entry_len);
    put_byte(out, is_item(id) ? OBJECT_MESSAGE : OBJECT_FOLDER);
    text = g_base64_encode(out->data, out->len);
    return g_uri_escape_string(text, NULL, FALSE);
}

char *alternate_format(enum alternate_format format, const struct alternate *id,
                       const char *mailbox)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    if (format == ALTERNATE_HEX_ENTRY)
        return format_hex(id);
    if (format == ALTERNATE_OWA)
        return format_owa(id);
    if (format == ALTERNATE_EWS)
        put_ews(out, KIND_GUID, id, mailbox);
    else if (format == ALTERNATE_EWS_LEGACY)
        put_ews(out, KIND_ADDRESS, id, mailbox);
    else
        g_byte_array_append(out, id->entry, (guint)id->entry_len);
    return g_base64_encode(out->data, out->len);
}
