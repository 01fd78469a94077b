#include "lab/soap_bulk.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

/* Shorter texts cost libxml2 nothing that one could measure. */
#define PAYLOAD_BYTES_MIN 1024

struct soap_bulk {
    GString *body, *slim;
    GArray *payloads; /* of struct piece */
    char token[24];   /* nobody outside knows it beforehand */
};

/* Where a payload lies in the body: its text, or (decoded) its bytes. */
struct piece {
    size_t at, len;
    bool decoded;
};

/* ---- looking ------------------------------------------------------- */

/* A prefix of a name is never longer. */
#define PREFIX_MAX 16

/*
 * The text behind "<Data>" or "<t:Data>", when that stands at `at`; else
 * NULL.
 */
static const char *behind_tag(const char *at, const char *end)
{
    const char *close = memchr(
        at, '>', MIN((size_t)(end - at), PREFIX_MAX + strlen("<:Data>")));
    const char *name;

    if (close == NULL || close - at < (ptrdiff_t)strlen("<Data"))
        return NULL;
    name = close - strlen("Data");
    if (memcmp(name, "Data", strlen("Data")) != 0 ||
        (name[-1] != '<' && name[-1] != ':') || at[1] == '/' ||
        memchr(at, ' ', (size_t)(close - at)) != NULL)
        return NULL;
    return close + 1;
}

/* The text of an element; false when it is not plain and long. */
static bool payload_at(const GString *body, const char *text, struct piece *ret)
{
    const char *end = body->str + body->len;
    const char *stop = memchr(text, '<', (size_t)(end - text));

    if (stop == NULL || stop + 1 >= end || stop[1] != '/' ||
        stop - text < PAYLOAD_BYTES_MIN ||
        memchr(text, '&', (size_t)(stop - text)) != NULL)
        return false;
    *ret = (struct piece){ .at = (size_t)(text - body->str),
                           .len = (size_t)(stop - text) };
    return true;
}

/*
 * From tag to tag: there are few between payloads.  False at a comment, a
 * section or a declaration: what stands in them only looks like a payload.
 */
static bool find_payloads(struct soap_bulk *b)
{
    const char *at = b->body->str, *end = at + b->body->len;
    struct piece piece;

    while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        const char *text = behind_tag(at, end);

        if (at + 1 < end && at[1] == '!')
            return false;
        at++;
        if (text == NULL || !payload_at(b->body, text, &piece))
            continue;
        g_array_append_val(b->payloads, piece);
        at = b->body->str + piece.at + piece.len;
    }
    return b->payloads->len > 0;
}

/* ---- making -------------------------------------------------------- */

static void write_slim(struct soap_bulk *b)
{
    size_t from = 0;

    b->slim = g_string_new(NULL);
    for (guint i = 0; i < b->payloads->len; i++) {
        const struct piece *p = &g_array_index(b->payloads, struct piece, i);

        g_string_append_len(b->slim, b->body->str + from,
                            (gssize)(p->at - from));
        g_string_append_printf(b->slim, "%s%u", b->token, i);
        from = p->at + p->len;
    }
    g_string_append_len(b->slim, b->body->str + from,
                        (gssize)(b->body->len - from));
}

struct soap_bulk *soap_bulk_new(GString *body)
{
    struct soap_bulk *b;

    if (body->len < PAYLOAD_BYTES_MIN)
        return NULL;
    b = g_new0(struct soap_bulk, 1);
    b->body = body;
    b->payloads = g_array_new(FALSE, FALSE, sizeof(struct piece));
    if (!find_payloads(b)) {
        b->body = NULL;
        soap_bulk_free(b);
        return NULL;
    }
    g_snprintf(b->token, sizeof(b->token), "#%08x%08x-", g_random_int(),
               g_random_int());
    write_slim(b);
    return b;
}

void soap_bulk_free(struct soap_bulk *b)
{
    if (b == NULL)
        return;
    if (b->body != NULL)
        g_string_free(b->body, TRUE);
    if (b->slim != NULL)
        g_string_free(b->slim, TRUE);
    g_array_unref(b->payloads);
    g_free(b);
}

const GString *soap_bulk_slim(const struct soap_bulk *b)
{
    return b->slim;
}

/* ---- decoding ------------------------------------------------------ */

/* A multiple of four; fits the first cache. */
#define STRETCH ((size_t)12 * 1024)

static size_t padding_of(const char *text, size_t len)
{
    size_t n = 0;

    while (n < 2 && n < len && text[len - 1 - n] == '=')
        n++;
    return n;
}

/* Put the text back whose first `done` bytes have been decoded. */
static void undo(char *text, size_t done)
{
    size_t n = done / 3 * 4;
    g_autofree unsigned char *again = g_malloc(n + 1);

    EVP_EncodeBlock(again, (const unsigned char *)text, (int)done);
    memcpy(text, again, n);
}

/*
 * Base64 to bytes, in place, by way of a small buffer: EVP_DecodeBlock does
 * not promise to bear an overlap.  The bytes' number; -1 with the text as it
 * was when it is no base64, or has white space in it.
 */
static ssize_t decode_in_place(char *text, size_t len)
{
    unsigned char buffer[STRETCH / 4 * 3];
    size_t padding = padding_of(text, len), done = 0;

    /* it takes a sign of padding anywhere, and trims white space */
    if (len % 4 != 0 || len > INT_MAX ||
        memchr(text, '=', len - padding) != NULL)
        return -1;
    for (size_t at = 0; at < len; at += STRETCH) {
        size_t n = MIN(len - at, STRETCH);

        if (EVP_DecodeBlock(buffer, (const unsigned char *)text + at, (int)n) !=
            (int)(n / 4 * 3)) {
            undo(text, done);
            return -1;
        }
        memcpy(text + done, buffer, n / 4 * 3);
        done += n / 4 * 3;
    }
    return (ssize_t)(done - padding);
}

static struct piece *piece_of(struct soap_bulk *b, const char *text)
{
    guint64 i = 0;

    if (b == NULL || !g_str_has_prefix(text, b->token) ||
        !g_ascii_string_to_unsigned(text + strlen(b->token), 10, 0, UINT32_MAX,
                                    &i, NULL) ||
        i >= b->payloads->len)
        return NULL;
    return &g_array_index(b->payloads, struct piece, (guint)i);
}

int soap_bulk_find(struct soap_bulk *b, const char *text,
                   const uint8_t **ret_data, size_t *ret_len)
{
    struct piece *p = piece_of(b, text);
    ssize_t n;

    if (p == NULL)
        return 0;
    *ret_data = (const uint8_t *)b->body->str + p->at;
    *ret_len = p->len;
    if (p->decoded)
        return 1;
    n = decode_in_place(b->body->str + p->at, p->len);
    if (n < 0)
        return -1;
    *ret_len = p->len = (size_t)n;
    p->decoded = true;
    return 1;
}
