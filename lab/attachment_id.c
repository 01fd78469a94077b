#include "lab/attachment.h"

#include <string.h>

#include "lab/bytes.h"

/* An item's id is some 150 characters; each level adds 8. */
enum { ID_CHARS_MAX = 4096, LEVEL_BYTES = 6 };

/*
 * The item's id, and behind it as Exchange has it: how many levels, then for
 * each the length of a key and the key.
 */
static const uint8_t mark[4] = { 'a', 't', 't', 0 };

static GByteArray *bytes_of(const char *id, size_t *ret_item)
{
    GByteArray *raw = g_byte_array_new();
    gsize n = 0;
    g_autofree guchar *bytes = g_base64_decode(id, &n);
    const uint8_t *at;

    g_byte_array_append(raw, bytes, (guint)n);
    at = raw->len > 0 ? memmem(raw->data, raw->len, mark, sizeof(mark)) : NULL;
    *ret_item = at != NULL ? (size_t)(at - raw->data) : raw->len;
    return raw;
}

char *attachment_id_format(const char *message_id, uint32_t number)
{
    size_t item = 0;
    GByteArray *raw = bytes_of(message_id, &item);
    char *text;

    if (item == raw->len) {
        g_byte_array_append(raw, mark, sizeof(mark));
        g_byte_array_append(raw, (const guint8 *)"", 1);
    }
    raw->data[item + sizeof(mark)]++;
    bytes_put16(raw, 4);
    bytes_put32(raw, number);
    text = g_base64_encode(raw->data, raw->len);
    g_byte_array_unref(raw);
    return text;
}

void attachment_id_clear(struct attachment_id *id)
{
    g_clear_pointer(&id->item_id, g_free);
    g_clear_pointer(&id->numbers, g_free);
    id->levels = 0;
}

static int read_levels(GByteArray *raw, size_t at, struct attachment_id *ret)
{
    struct bytes_in in = { .at = raw->data + at + sizeof(mark) + 1,
                           .end = raw->data + raw->len };
    unsigned int n = raw->data[at + sizeof(mark)];

    if (n == 0 || bytes_left(&in) != (size_t)n * LEVEL_BYTES)
        return -1;
    ret->numbers = g_new(uint32_t, n);
    ret->levels = n;
    for (unsigned int i = 0; i < n; i++) {
        if (bytes_u16(&in) != 4)
            return -1;
        ret->numbers[i] = bytes_u32(&in);
    }
    ret->item_id = g_base64_encode(raw->data, at);
    return 0;
}

int attachment_id_parse(const char *text, struct attachment_id *ret,
                        struct problem *p)
{
    g_autoptr(GByteArray) raw = NULL;
    g_auto(attachment_id) id = { 0 };
    size_t item = 0;

    if (*text == '\0')
        return problem_set(p, "ErrorInvalidIdEmpty");
    if (strlen(text) > ID_CHARS_MAX)
        return problem_set(p, "ErrorInvalidIdTooManyAttachmentLevels");
    raw = bytes_of(text, &item);
    if (item + sizeof(mark) >= raw->len || read_levels(raw, item, &id) < 0)
        return problem_set(p, "ErrorInvalidIdMalformed");
    *ret = id;
    id = (struct attachment_id){ 0 };
    return 0;
}
