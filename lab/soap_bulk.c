#include "lab/soap_bulk.h"

#include <string.h>

/* Shorter texts cost libxml2 nothing that one could measure. */
#define PAYLOAD_BYTES_MIN 1024

struct soap_bulk {
    GString *body; /* NULL once forgotten */
    GString *slim;
    GArray *payloads; /* of struct piece */
    char token[24];   /* nobody outside knows it beforehand */
};

/* Where a payload lies in the body. */
struct piece {
    size_t at, len;
};

/* ---- looking ------------------------------------------------------- */

/* A prefix of a name is never longer. */
#define PREFIX_MAX 16

/* Whether a "Data>" at `at` ends a start tag: "<Data>" or "<t:Data>". */
static bool is_start_tag(const char *start, const char *at)
{
    const char *tag = at;

    while (tag > start && at - tag < PREFIX_MAX && tag[-1] != '<' &&
           tag[-1] != '/' && !g_ascii_isspace(tag[-1]))
        tag--;
    return tag > start && tag[-1] == '<' && (tag == at || at[-1] == ':');
}

/* The next "Data>" of a start tag; NULL: no more. */
static const char *next_data(const GString *body, const char *at)
{
    const char *end = body->str + body->len;

    while ((at = memmem(at, (size_t)(end - at), "Data>", 5)) != NULL) {
        if (is_start_tag(body->str, at))
            return at;
        at += strlen("Data>");
    }
    return NULL;
}

/* The text of the element from `at`; false when it is not plain and long. */
static bool payload_at(const GString *body, const char *at, struct piece *ret)
{
    const char *end = body->str + body->len;
    const char *text = at + strlen("Data>");
    const char *stop = memchr(text, '<', (size_t)(end - text));

    if (stop == NULL || stop + 1 >= end || stop[1] != '/' ||
        stop - text < PAYLOAD_BYTES_MIN ||
        memchr(text, '&', (size_t)(stop - text)) != NULL)
        return false;
    ret->at = (size_t)(text - body->str);
    ret->len = (size_t)(stop - text);
    return true;
}

/* Neither a comment nor a CDATA section may hold what only looks like one. */
static bool is_plain(const GString *body)
{
    return memmem(body->str, body->len, "<!", 2) == NULL;
}

static void find_payloads(struct soap_bulk *b)
{
    const char *at = next_data(b->body, b->body->str);
    struct piece piece;

    while (at != NULL) {
        if (payload_at(b->body, at, &piece)) {
            g_array_append_val(b->payloads, piece);
            at = b->body->str + piece.at + piece.len;
        } else {
            at += strlen("Data>");
        }
        at = next_data(b->body, at);
    }
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

    if (body->len < PAYLOAD_BYTES_MIN || !is_plain(body))
        return NULL;
    b = g_new0(struct soap_bulk, 1);
    b->body = body;
    b->payloads = g_array_new(FALSE, FALSE, sizeof(struct piece));
    find_payloads(b);
    if (b->payloads->len == 0) {
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
    soap_bulk_forget(b);
    if (b->slim != NULL)
        g_string_free(b->slim, TRUE);
    g_array_unref(b->payloads);
    g_free(b);
}

const GString *soap_bulk_slim(const struct soap_bulk *b)
{
    return b->slim;
}

const GString *soap_bulk_body(const struct soap_bulk *b)
{
    return b->body;
}

const char *soap_bulk_find(const struct soap_bulk *b, const char *text,
                           size_t *ret_len)
{
    const struct piece *p;
    guint64 i = 0;

    if (b == NULL || b->body == NULL || !g_str_has_prefix(text, b->token) ||
        !g_ascii_string_to_unsigned(text + strlen(b->token), 10, 0, UINT32_MAX,
                                    &i, NULL) ||
        i >= b->payloads->len)
        return NULL;
    p = &g_array_index(b->payloads, struct piece, (guint)i);
    *ret_len = p->len;
    return b->body->str + p->at;
}

void soap_bulk_forget(struct soap_bulk *b)
{
    if (b->body != NULL)
        g_string_free(b->body, TRUE);
    b->body = NULL;
}
