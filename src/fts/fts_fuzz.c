#include "fts/fts.h"

#include "fts/fts_build.h"

/*
 * The first byte says what the rest is: a payload's text, its bytes, or the
 * property stream in it.  Whatever it is, how it was cut and where it lies
 * must not matter, and a call either fails or succeeds, never both.
 */

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition))                                                      \
            g_error("%s", #condition);                                         \
    } while (0)

struct outcome {
    int r;
    struct fts_digest digest;
    struct fts_summary summary;
    struct err err;
};

static bool is_filled(const void *p, size_t n, int c)
{
    const unsigned char *bytes = p;

    for (size_t i = 0; i < n; i++)
        if (bytes[i] != c)
            return false;
    return true;
}

/* One reading; on failure nothing but the error may have been touched. */
static void read_once(const struct blob *b, struct outcome *o)
{
    memset(o, 0xA5, sizeof(*o));
    o->r = fts_digest_read(b, &o->digest, &o->summary, &o->err);
    if (o->r == 0) {
        MUST(is_filled(&o->err, sizeof(o->err), 0xA5));
        MUST((o->digest.available & ~0x3F) == 0);
        MUST(o->summary.subject == NULL ||
             g_utf8_validate(o->summary.subject, -1, NULL));
        MUST(o->summary.sender == NULL ||
             g_utf8_validate(o->summary.sender, -1, NULL));
        return;
    }
    MUST(o->r == -1);
    MUST(is_filled(&o->digest, sizeof(o->digest), 0xA5));
    MUST(is_filled(&o->summary, sizeof(o->summary), 0xA5));
    MUST(o->err.scope == ERR_ITEM && o->err.name != NULL);
    MUST(o->err.msg[0] != '\0' && g_utf8_validate(o->err.msg, -1, NULL));
}

static void forget(struct outcome *o)
{
    if (o->r == 0)
        fts_summary_clear(&o->summary);
}

/* Same text, or same bytes, or same stream: same digest. */
static void must_agree(const struct outcome *a, const struct outcome *b)
{
    MUST(a->r == b->r);
    if (a->r == 0) {
        MUST(memcmp(&a->digest, &b->digest, sizeof(a->digest)) == 0);
        MUST(g_strcmp0(a->summary.subject, b->summary.subject) == 0);
        MUST(a->summary.received_us == b->summary.received_us);
        MUST(a->summary.partial == b->summary.partial);
    }
}

static void check_again(const struct blob *b, const struct outcome *want)
{
    struct outcome o;

    read_once(b, &o);
    must_agree(&o, want);
    forget(&o);
}

/* The same text in the spool file, come in by pieces of 7. */
static void check_spooled(const char *text, size_t len,
                          const struct outcome *want)
{
    g_autoptr(blob_pool) pool = blob_pool_new(0, NULL);
    g_autoptr(blob) b = blob_new(pool);
    struct err err;

    for (size_t at = 0; at < len; at += 7)
        MUST(blob_append(b, text + at, MIN(7, len - at), &err) == 0);
    blob_seal(b);
    check_again(b, want);
}

/* The same text with line ends in it, which change no meaning. */
static void check_lines(const char *text, size_t len,
                        const struct outcome *want)
{
    g_autoptr(GString) lines = g_string_new("\r\n");
    g_autoptr(blob) b = NULL;

    /* Within these words a line end would change what is said. */
    if (memmem(text, len, "Truncated", strlen("Truncated")) != NULL)
        return;
    for (size_t at = 0; at < len; at += 13) {
        g_string_append_len(lines, text + at, (gssize)MIN(13, len - at));
        g_string_append(lines, at % 2 == 0 ? "\r\n" : " ");
    }
    b = blob_from_bytes(lines->str, lines->len);
    check_again(b, want);
}

/* A payload has no difference from itself but what nobody knows. */
static void check_diff(const struct blob *b, const struct outcome *want)
{
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    MUST(fts_diff(b, b, &lines, &err) == want->r);
    for (guint i = 0; lines != NULL && i < lines->len; i++)
        MUST(g_str_has_suffix(g_ptr_array_index(lines, i),
                              "of a shape that is not known"));
}

static void check_packing(const struct outcome *o)
{
    uint8_t packed[FTS_DIGEST_PACKED];
    struct fts_digest back;

    if (o->r != 0)
        return;
    fts_digest_pack(&o->digest, packed);
    MUST(fts_digest_unpack(packed, sizeof(packed), &back));
    MUST(memcmp(&back, &o->digest, sizeof(back)) == 0);
}

static void check_text(const char *text, size_t len, struct outcome *ret)
{
    g_autoptr(blob) b = blob_from_bytes(text, len);

    read_once(b, ret);
    check_spooled(text, len, ret);
    check_lines(text, len, ret);
    check_diff(b, ret);
    check_packing(ret);
}

static void check_payload(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_base64_encode(data, size);
    struct outcome o;

    check_text(text, strlen(text), &o);
    forget(&o);
}

static void check_stream(const uint8_t *data, size_t size)
{
    static const size_t cuts[] = { 1, 5, 64 };
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *text = NULL;
    struct outcome whole;

    g_byte_array_append(stream, data, (guint)size);
    text = fts_build_wrap(stream, size + 1);
    check_text(text, strlen(text), &whole);
    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_autofree char *cut = fts_build_wrap(stream, cuts[i]);
        g_autoptr(blob) b = blob_from_bytes(cut, strlen(cut));

        check_again(b, &whole);
    }
    forget(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome o;

    if (size == 0)
        return 0;
    switch (data[0] % 3) {
    case 0:
        check_text((const char *)data + 1, size - 1, &o);
        forget(&o);
        break;
    case 1:
        check_payload(data + 1, size - 1);
        break;
    default:
        check_stream(data + 1, size - 1);
    }
    return 0;
}
