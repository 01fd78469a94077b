#include "fts/fts_value.h"

#include <errno.h>

/*
 * [MS-OXCMSG] 2.2.1.6: what of PidTagMessageFlags is the item's own:
 * submitted, unsent, hidden, resent.  The rest (unmodified, has attachments,
 * from me, receipts still due, origin) a server computes.  Read (bit 0) is no
 * content: a mail that somebody opens is the same mail, its change key stays,
 * and the mark is carried over apart.
 */
#define MESSAGE_FLAGS_TAG  0x0E070003
#define MESSAGE_FLAGS_MASK 0xCC

void fts_value_init(struct fts_value *v)
{
    *v = (struct fts_value){ 0 };
    /* Fetched once: each implicit fetch takes a lock. */
    v->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    v->hash = EVP_MD_CTX_new();
    g_assert(v->sha256 != NULL && v->hash != NULL);
    v->iconv = (GIConv)-1;
}

static void forget_iconv(struct fts_value *v)
{
    if (v->iconv != (GIConv)-1)
        g_iconv_close(v->iconv);
    v->iconv = (GIConv)-1;
    v->encoding = NULL;
}

void fts_value_release(struct fts_value *v)
{
    forget_iconv(v);
    EVP_MD_CTX_free(v->hash);
    EVP_MD_free(v->sha256);
}

/* ---- collecting ------------------------------------------------------ */

/* OpenSSL fails here only without memory, and then we do not go on. */
static void must(int ok)
{
    if (ok != 1)
        g_error("SHA-256 failed");
}

static void start_hashing(struct fts_value *v)
{
    must(EVP_DigestInit_ex2(v->hash, v->sha256, NULL));
    must(EVP_DigestUpdate(v->hash, v->head, v->len));
    v->hashing = true;
}

static void put(struct fts_value *v, const void *data, size_t n)
{
    if (!v->hashing && v->len + n > sizeof(v->head))
        start_hashing(v);
    if (v->len < sizeof(v->head))
        memcpy(v->head + v->len, data, MIN(n, sizeof(v->head) - v->len));
    if (v->hashing)
        must(EVP_DigestUpdate(v->hash, data, n));
    v->len += n;
}

static void put_u64(struct fts_value *v, uint64_t n)
{
    uint64_t le = GUINT64_TO_LE(n);

    put(v, &le, sizeof(le));
}

bool fts_value_get(struct fts_value *v, const uint8_t **ret, size_t *ret_n)
{
    if (v->len <= FTS_INLINE_MAX) {
        *ret = v->head;
        *ret_n = (size_t)v->len;
        return false;
    }
    if (v->hashing)
        must(EVP_DigestFinal_ex(v->hash, v->digest, NULL));
    else
        fts_hash(v, v->head, (size_t)v->len, v->digest);
    v->hashing = false;
    *ret = v->digest;
    *ret_n = 32;
    return true;
}

void fts_hash(struct fts_value *v, const void *data, size_t n,
              uint8_t ret[EVP_MAX_MD_SIZE])
{
    must(EVP_DigestInit_ex2(v->hash, v->sha256, NULL));
    must(EVP_DigestUpdate(v->hash, data, n));
    must(EVP_DigestFinal_ex(v->hash, ret, NULL));
}

/* ---- strings --------------------------------------------------------- */

static bool use_iconv(struct fts_value *v, const char *encoding)
{
    if (v->encoding == encoding)
        return true;
    forget_iconv(v);
    v->iconv = g_iconv_open(FTS_ENCODING_UTF16, encoding);
    if (v->iconv == (GIConv)-1)
        return false;
    v->encoding = encoding;
    return true;
}

/*
 * Some converters keep a letter back until they know its accents.  It also
 * takes a stateful one back to its beginning.
 */
static void flush(struct fts_value *v)
{
    char utf16[64], *out = utf16;
    gsize room = sizeof(utf16);

    (void)g_iconv(v->iconv, NULL, NULL, &out, &room);
    put(v, utf16, sizeof(utf16) - room);
}

/*
 * Convert what can be of bytes[0..n); returns how many were used.  A byte
 * that the code page does not have becomes the character of its number, as
 * Windows does it; last: nothing follows, so neither does an incomplete
 * character's rest.
 */
static size_t convert(struct fts_value *v, char *bytes, size_t n, bool last)
{
    char *in = bytes;
    gsize left = n;

    while (left > 0) {
        char utf16[1024], *out = utf16;
        gsize room = sizeof(utf16);
        gsize r = g_iconv(v->iconv, &in, &left, &out, &room);
        int why = errno;
        uint8_t odd[2] = { left > 0 ? (uint8_t)*in : 0, 0 };

        put(v, utf16, sizeof(utf16) - room);
        if (r != (gsize)-1 || why == E2BIG)
            continue;
        if (why == EINVAL && !last)
            break;
        put(v, odd, sizeof(odd));
        in++;
        left--;
    }
    if (last)
        flush(v);
    return n - left;
}

static int read_converted(struct fts_value *v, struct fts_reader *r,
                          uint32_t len, struct err *err)
{
    char piece[4096];
    size_t kept = 0;
    uint32_t left = len;

    while (left > 0) {
        uint32_t n = MIN(left, (uint32_t)(sizeof(piece) - kept));
        size_t used;

        if (fts_reader_exact(r, piece + kept, n, err) < 0)
            return -1;
        left -= n;
        kept += n;
        /* [MS-OXCFXICS] 2.2.4.1.3: a NUL at the end, if there is one. */
        if (left == 0 && piece[kept - 1] == '\0')
            kept--;
        used = convert(v, piece, kept, left == 0);
        kept -= used;
        g_assert(kept < sizeof(piece)); /* or it would never end */
        memmove(piece, piece + used, kept);
    }
    return 0;
}

static int read_runs(struct fts_value *v, struct fts_reader *r, uint32_t len,
                     struct err *err)
{
    while (len > 0) {
        const uint8_t *p;
        size_t n;

        if (fts_reader_run(r, len, &p, &n, err) < 0)
            return -1;
        put(v, p, n);
        len -= (uint32_t)n;
    }
    return 0;
}

static int read_utf16(struct fts_value *v, struct fts_reader *r, uint32_t len,
                      struct err *err)
{
    uint8_t last[2];

    if (len < sizeof(last))
        return read_runs(v, r, len, err);
    if (read_runs(v, r, len - 2, err) < 0 ||
        fts_reader_exact(r, last, sizeof(last), err) < 0)
        return -1;
    if (last[0] != 0 || last[1] != 0)
        put(v, last, sizeof(last));
    return 0;
}

/* ---- values ---------------------------------------------------------- */

static int read_boolean(struct fts_value *v, struct fts_reader *r,
                        struct err *err)
{
    uint8_t b[2];

    if (fts_reader_exact(r, b, sizeof(b), err) < 0)
        return -1;
    b[0] = (b[0] | b[1]) != 0;
    put(v, b, 1);
    return 0;
}

static int read_flags(struct fts_value *v, struct fts_reader *r,
                      struct err *err)
{
    uint8_t b[4];

    if (fts_reader_exact(r, b, sizeof(b), err) < 0)
        return -1;
    b[0] &= MESSAGE_FLAGS_MASK;
    put(v, b, 1);
    return 0;
}

static int read_one(struct fts_value *v, struct fts_reader *r,
                    const struct fts_type *type, uint32_t len, struct err *err)
{
    if (r->token.tag == MESSAGE_FLAGS_TAG)
        return read_flags(v, r, err);
    if (r->token.key.type == FTS_TYPE_BOOLEAN)
        return read_boolean(v, r, err);
    if (type->encoding == NULL)
        return read_runs(v, r, len, err);
    if (strcmp(type->encoding, FTS_ENCODING_UTF16) == 0)
        return read_utf16(v, r, len, err);
    /* To iconv an empty name is the locale's: not what is meant. */
    if (strcmp(type->encoding, FTS_ENCODING_UNKNOWN) == 0 ||
        !use_iconv(v, type->encoding)) {
        v->unknown = true;
        return read_runs(v, r, len, err);
    }
    return read_converted(v, r, len, err);
}

int fts_value_read(struct fts_value *v, struct fts_reader *r, struct err *err)
{
    const struct fts_type *type = &r->token.type;
    uint64_t n = 0;
    uint32_t len;
    int more;

    v->len = 0;
    v->hashing = v->unknown = false;
    while ((more = fts_reader_value(r, &len, err)) > 0) {
        uint64_t before = v->len;

        if (read_one(v, r, type, len, err) < 0)
            return -1;
        if (type->multi)
            put_u64(v, v->len - before);
        n++;
    }
    if (more == 0 && type->multi)
        put_u64(v, n);
    return more;
}
