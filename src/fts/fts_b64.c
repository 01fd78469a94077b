#include <inttypes.h>

#include <openssl/evp.h>

#include "fts/fts_priv.h"

/* What Exchange writes where it gave up in the middle of an export. */
#define TRUNCATED "=== Truncated Data ==="

void fts_b64_init(struct fts_b64 *s, const struct blob *base64)
{
    *s = (struct fts_b64){ .blob = base64 };
    s->out = g_malloc(FTS_BYTES_MAX);
}

void fts_b64_release(struct fts_b64 *s)
{
    g_free(s->out);
    g_free(s->raw);
}

/* ---- what is wrong with it ------------------------------------------- */

static bool says_truncated(const struct fts_b64 *s, uint64_t offset)
{
    char window[128];
    uint64_t from = offset > 32 ? offset - 32 : 0;
    struct err ignored; /* the text is bad already: this only words it */
    ssize_t n = blob_read_at(s->blob, from, window, sizeof(window), &ignored);

    return n > 0 &&
           memmem(window, (size_t)n, TRUNCATED, strlen(TRUNCATED)) != NULL;
}

static int not_base64(const struct fts_b64 *s, uint64_t offset, struct err *err)
{
    if (says_truncated(s, offset)) {
        err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
                "the server cut the export short: \"%s\" at character %" PRIu64,
                TRUNCATED, offset);
        err->name = "payload-truncated";
        return -1;
    }
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
            "the payload is not base64 at character %" PRIu64, offset);
    err->name = "payload-not-base64";
    return -1;
}

static int odd_end(const struct fts_b64 *s, struct err *err)
{
    err_set(err, ERR_ITEM, ERR_RETRY_NOW, 0,
            "the payload's base64 breaks off after character %" PRIu64,
            s->text_at);
    err->name = "payload-broken";
    return -1;
}

/* ---- decoding -------------------------------------------------------- */

/* At most FTS_TEXT_MAX characters from where we are, without copying if so. */
static int next_text(struct fts_b64 *s, const char **ret, size_t *ret_n,
                     struct err *err)
{
    ssize_t n;

    *ret = blob_peek(s->blob, s->text_at, ret_n);
    if (*ret != NULL && *ret_n > 0) {
        *ret_n = MIN(*ret_n, FTS_TEXT_MAX);
        return 0;
    }
    if (s->raw == NULL)
        s->raw = g_malloc(FTS_TEXT_MAX);
    n = blob_read_at(s->blob, s->text_at, s->raw, FTS_TEXT_MAX, err);
    if (n < 0)
        return -1;
    *ret = s->raw;
    *ret_n = (size_t)n;
    return 0;
}

/*
 * The way that nearly all text takes: no white space, no padding.  Returns
 * how many characters it decoded; 0 when these need to be looked at.  OpenSSL
 * takes "=" for zero bits and drops what it does not like at both ends; so we
 * stop before the first, and the second shows in the length.
 */
static size_t decode_plain(struct fts_b64 *s, const char *text, size_t n)
{
    size_t done = fts_b64_fast(text, n, s->out);
    const char *pad = memchr(text + done, '=', n - done);
    int got = 0;

    if (pad != NULL)
        n = (size_t)(pad - text);
    n = (n - done) & ~(size_t)3;
    if (n > 0)
        got = EVP_DecodeBlock(s->out + done / 4 * 3,
                              (const unsigned char *)text + done, (int)n);
    if (got > 0 && (size_t)got == n / 4 * 3)
        done += n;
    s->have = done / 4 * 3;
    return done;
}

static bool is_space(char c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* False when c cannot stand here. */
static bool take_char(struct fts_b64 *s, char c)
{
    if (is_space(c))
        return true;
    if (s->ended)
        return false;
    if (c == '=') {
        if (s->n_quads % 4 < 2)
            return false;
        s->pads++;
        c = 'A';
    } else if (s->pads > 0 || !is_digit(c)) {
        return false;
    }
    s->quads[s->n_quads++] = c;
    s->ended = s->pads > 0 && s->n_quads % 4 == 0;
    return true;
}

static int decode_slowly(struct fts_b64 *s, const char *text, size_t n,
                         struct err *err)
{
    size_t whole, rest;

    for (size_t i = 0; i < n; i++)
        if (!take_char(s, text[i]))
            return not_base64(s, s->text_at + i, err);
    rest = s->n_quads % 4;
    whole = s->n_quads - rest;
    if (whole > 0) {
        int got = EVP_DecodeBlock(s->out, (const unsigned char *)s->quads,
                                  (int)whole);

        g_assert((size_t)got == whole / 4 * 3);
        s->have = (size_t)got - (s->ended ? s->pads : 0);
        memmove(s->quads, s->quads + whole, rest);
        s->n_quads = rest;
    }
    return 0;
}

int fts_b64_fill(struct fts_b64 *s, struct err *err)
{
    s->bytes_at += s->have;
    s->at = s->have = 0;
    while (s->have == 0) {
        const char *text;
        size_t n, plain = 0;

        if (next_text(s, &text, &n, err) < 0)
            return -1;
        if (n == 0)
            return s->n_quads > 0 ? odd_end(s, err) : 0;
        if (s->n_quads == 0 && !s->ended)
            plain = decode_plain(s, text, n);
        if (plain > 0) {
            s->text_at += plain;
            break;
        }
        /* Left-over characters are made whole alone: then it goes plainly. */
        n = MIN(n, s->n_quads > 0 ? 4 - s->n_quads : FTS_LOOKED_AT_MAX);
        if (decode_slowly(s, text, n, err) < 0)
            return -1;
        s->text_at += n;
    }
    return 1;
}
