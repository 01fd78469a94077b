#include "fts/fts_collect.h"

#include <sys/resource.h>

#include "fts/check.h"
#include "fts/fts_write.h"

/* ---- streams that are not as they should be -------------------------- */

/* Records before the first transfer buffer, as fts_write_payload() has them. */
#define ENVELOPE_BYTES (8 + 8 + 8 + 24 + 8 + 6)

static void test_every_cut_is_seen(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&fts_build_specimen);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 100);

    for (guint n = 0; n < payload->len; n++) {
        g_autofree char *text = g_base64_encode(payload->data, n);
        g_autoptr(blob) b = blob_of(text);
        struct fts_digest digest = { .available = 0xEE };
        struct fts_summary summary = { .bytes = 7 };
        struct err err = { .code = 99 };
        int r = fts_digest_read(b, &digest, &summary, &err);

        /* At the end of a buffer nothing shows, if nothing is open either. */
        if (r == 0) {
            g_assert_cmpuint((n - ENVELOPE_BYTES) % (8 + 100), ==, 0);
            fts_summary_clear(&summary);
            continue;
        }
        g_assert_cmpstr(err.name, ==, "payload-broken");
        g_assert_cmpint(err.scope, ==, ERR_ITEM);
        g_assert_cmphex(digest.available, ==, 0xEE);
        g_assert_cmpuint(summary.bytes, ==, 7);
    }
}

/* In one buffer each cut is one, but for none at all. */
static void test_every_cut_of_one_buffer_is_seen(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&fts_build_specimen);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, stream->len);

    for (guint n = 0; n < payload->len; n++) {
        g_autofree char *text = g_base64_encode(payload->data, n);
        g_autoptr(blob) b = blob_of(text);
        struct fts_digest digest;
        struct err err;

        g_assert_cmpint(fts_digest_read(b, &digest, NULL, &err), ==, -1);
    }
}

static void test_open_objects_are_broken(void)
{
    static const struct {
        const char *name, *says;
        uint32_t markers[4];
    } rows[] = {
        { "recipient", "a recipient", { FTS_START_RECIP } },
        { "attachment", "an attachment", { FTS_NEW_ATTACH } },
        { "embedded",
          "an embedded message",
          { FTS_NEW_ATTACH, FTS_START_EMBED } },
        { "after embedded",
          "an attachment",
          { FTS_NEW_ATTACH, FTS_START_EMBED, FTS_END_EMBED } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autofree char *text = NULL;
        g_autoptr(blob) b = NULL;
        struct fts_digest digest;
        struct err err;

        fts_write_i4(stream, 0x0017, 1);
        for (int k = 0; k < 4 && rows[i].markers[k] != 0; k++)
            fts_write_tag(stream, rows[i].markers[k]);
        text = fts_build_wrap(stream, 0);
        b = blob_of(text);
        CHECK_ROW(rows[i].name, fts_digest_read(b, &digest, NULL, &err) == -1);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].says) != NULL);
    }
}

static void test_nothing_in_it(void)
{
    static const struct {
        const char *name, *text;
    } rows[] = {
        { "empty", "" },
        { "only a configuration", "AQAAAAgAAAAAAAAAAQAAAA==" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob) b = blob_of(rows[i].text);
        struct fts_digest digest;
        struct err err;

        CHECK_ROW(rows[i].name, fts_digest_read(b, &digest, NULL, &err) == -1);
        CHECK_ROW(rows[i].name, strstr(err.msg, "no transfer buffer") != NULL);
    }
}

#define LATE (1u << FTS_RECIPIENTS | 1u << FTS_ATTACHMENTS)

static void test_unknown_shapes_lose_parts(void)
{
    static const struct {
        const char *name;
        uint32_t tags[4]; /* after the message's own properties */
        unsigned int want;
    } rows[] = {
        { "no shape at all", { 0x12340DAD }, 0 },
        { "a folder's marker", { 0x40090003 }, 0 },
        { "end of nothing", { FTS_END_EMBED }, 0 },
        { "embedded in the message", { FTS_START_EMBED }, 0 },
        { "in a recipient", { FTS_START_RECIP, 0x12340DAD }, ALL & ~LATE },
        { "attachment in a recipient",
          { FTS_START_RECIP, FTS_NEW_ATTACH },
          ALL & ~LATE },
        { "in an attachment",
          { FTS_NEW_ATTACH, 0x12340DAD },
          ALL & ~(1u << FTS_ATTACHMENTS) },
        { "in an embedded message",
          { FTS_NEW_ATTACH, FTS_START_EMBED, 0x12340DAD },
          ALL & ~(1u << FTS_ATTACHMENTS) },
        { "two embedded messages",
          { FTS_NEW_ATTACH, FTS_START_EMBED, FTS_END_EMBED, FTS_START_EMBED },
          ALL & ~(1u << FTS_ATTACHMENTS) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct fts_digest got;

        fts_write_string(stream, 0x0037, 0x001F, "s", true);
        for (int k = 0; k < 4 && rows[i].tags[k] != 0; k++)
            fts_write_tag(stream, rows[i].tags[k]);
        got = digest_of_stream(stream);
        CHECK_ROW(rows[i].name, got.available == rows[i].want);
        CHECK_ROW(rows[i].name,
                  fts_digest_compare(&got, &got, NULL) == FTS_UNKNOWN);
    }
}

static void test_unknown_code_page_loses_its_part(void)
{
    static const struct {
        const char *name;
        uint32_t open, close;
        uint16_t id;
        unsigned int lost;
    } rows[] = {
        { "subject", 0, 0, 0x0037, 1u << FTS_ENVELOPE },
        { "nobody knows", 0, 0, 0x6123, 1u << FTS_OTHER },
        { "of a recipient", FTS_START_RECIP, FTS_END_TO_RECIP, 0x3001,
          1u << FTS_RECIPIENTS },
        { "of an attachment", FTS_NEW_ATTACH, FTS_END_ATTACH, 0x3707,
          1u << FTS_ATTACHMENTS },
        { "left out", 0, 0, 0x3FF8, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        struct fts_digest got;

        if (rows[i].open != 0)
            fts_write_tag(stream, rows[i].open);
        fts_write_u16(stream, 0x8001);
        fts_write_u16(stream, rows[i].id);
        fts_write_u32(stream, 3);
        fts_write_bytes(stream, "abc", 3);
        if (rows[i].close != 0)
            fts_write_tag(stream, rows[i].close);
        got = digest_of_stream(stream);
        CHECK_ROW(rows[i].name, got.available == (ALL & ~rows[i].lost));
    }
}

static void test_unknown_code_page_deep_inside(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_tag(stream, 0x00378001);
    fts_write_u32(stream, 1);
    fts_write_bytes(stream, "a", 1);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
}

static void test_unknown_record_loses_all(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&fts_build_specimen);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 0);
    g_autofree char *text = NULL;
    struct fts_digest got;

    fts_write_u32(payload, 5);
    fts_write_u32(payload, 4);
    fts_write_u32(payload, 0);
    text = g_base64_encode(payload->data, payload->len);
    got = digest_of(text);
    g_assert_cmphex(got.available, ==, 0);
}

/* What it tells of the export is no property of the item. */
static void test_error_info_is_not_digested(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest before, after;

    fts_write_string(stream, 0x0037, 0x001F, "s", true);
    before = digest_of_stream(stream);
    fts_write_tag(stream, FTS_FX_ERROR_INFO);
    fts_write_string(stream, 0x6123, 0x001F, "why", true);
    after = digest_of_stream(stream);
    g_assert_cmphex(compare(&before, &after), ==, 0);
}

/* ---- limits ---------------------------------------------------------- */

static struct fts_digest nested(unsigned int depth, uint32_t innermost)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();

    fts_write_string(stream, 0x0037, 0x001F, "outer", true);
    for (unsigned int i = 0; i < depth; i++) {
        fts_write_tag(stream, FTS_NEW_ATTACH);
        fts_write_tag(stream, FTS_START_EMBED);
    }
    fts_write_i4(stream, 0x0017, innermost);
    for (unsigned int i = 0; i < depth; i++) {
        fts_write_tag(stream, FTS_END_EMBED);
        fts_write_tag(stream, FTS_END_ATTACH);
    }
    return digest_of_stream(stream);
}

static void test_depth(void)
{
    struct fts_digest a = nested(FTS_DEPTH_MAX, 1);
    struct fts_digest b = nested(FTS_DEPTH_MAX, 2);
    struct fts_digest deeper = nested(FTS_DEPTH_MAX + 1, 1);
    struct fts_digest abyss = nested(100000, 1);

    g_assert_cmphex(a.available, ==, ALL);
    g_assert_cmphex(compare(&a, &b), ==, 1u << FTS_ATTACHMENTS);
    g_assert_cmphex(deeper.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
    g_assert_cmphex(abyss.available, ==, ALL & ~(1u << FTS_ATTACHMENTS));
}

static void test_too_many_properties(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < FTS_ENTRIES_MAX; i++)
        fts_write_i4(stream, (uint16_t)(0x6100 + i % 256), i);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
    fts_write_i4(stream, 0x6100, 0);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, 0);
}

/* The limit is on what is open: a long list of recipients is no such thing. */
static void test_many_small_objects(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < 2 * FTS_ENTRIES_MAX / 10; i++) {
        fts_write_tag(stream, FTS_START_RECIP);
        for (uint32_t k = 0; k < 10; k++)
            fts_write_i4(stream, (uint16_t)(0x6100 + k), i);
        fts_write_tag(stream, FTS_END_TO_RECIP);
    }
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
}

static void test_too_many_recipients(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    struct fts_digest got;

    for (uint32_t i = 0; i < FTS_OBJECTS_MAX; i++) {
        fts_write_tag(stream, FTS_START_RECIP);
        fts_write_tag(stream, FTS_END_TO_RECIP);
    }
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, ALL);
    fts_write_tag(stream, FTS_START_RECIP);
    fts_write_tag(stream, FTS_END_TO_RECIP);
    got = digest_of_stream(stream);
    g_assert_cmphex(got.available, ==, 0);
}

/* A value as long as the payload, which lies in a file, costs no memory. */
static void append_base64(struct blob *b, const void *bytes, size_t n)
{
    g_autofree char *text = g_base64_encode(bytes, n);
    struct err err;

    CHECK_OK(blob_append(b, text, strlen(text), &err), &err);
}

#define PIECE  ((size_t)3 << 20)
#define PIECES 16

static struct blob *long_attachment(struct blob_pool *pool)
{
    g_autofree uint8_t *zeros = g_malloc0(PIECE);
    g_autoptr(GByteArray) head = g_byte_array_new();
    g_autoptr(GByteArray) tail = g_byte_array_new();
    struct blob *b = blob_new(pool);
    uint32_t len = (uint32_t)(1 + PIECES * PIECE);

    fts_write_u32(head, 2);
    fts_write_u32(head, 12 + len + 4);
    fts_write_tag(head, FTS_NEW_ATTACH);
    fts_write_tag(head, 0x37010102);
    fts_write_u32(head, len);
    fts_write_bytes(head, zeros, 1); /* 21 bytes: no padding after them */
    append_base64(b, head->data, head->len);
    for (int i = 0; i < PIECES; i++)
        append_base64(b, zeros, PIECE);
    fts_write_tag(tail, FTS_END_ATTACH);
    append_base64(b, tail->data, tail->len);
    blob_seal(b);
    return b;
}

static void test_memory_is_bounded(void)
{
    g_autoptr(blob_pool) pool = blob_pool_new(0, NULL);
    g_autoptr(blob) b = long_attachment(pool);
    struct fts_digest digest;
    struct rusage before, after;
    struct err err;

    getrusage(RUSAGE_SELF, &before);
    CHECK_OK(fts_digest_read(b, &digest, NULL, &err), &err);
    getrusage(RUSAGE_SELF, &after);
    g_assert_cmphex(digest.available, ==, ALL);
    g_assert_cmpint(after.ru_maxrss - before.ru_maxrss, <, 8 << 10);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/fts/collect/every-cut", test_every_cut_is_seen },
        { "/fts/collect/every-cut-of-one-buffer",
          test_every_cut_of_one_buffer_is_seen },
        { "/fts/collect/open-objects", test_open_objects_are_broken },
        { "/fts/collect/nothing-in-it", test_nothing_in_it },
        { "/fts/collect/unknown-shapes", test_unknown_shapes_lose_parts },
        { "/fts/collect/unknown-code-page",
          test_unknown_code_page_loses_its_part },
        { "/fts/collect/unknown-code-page-inside",
          test_unknown_code_page_deep_inside },
        { "/fts/collect/unknown-record", test_unknown_record_loses_all },
        { "/fts/collect/error-info", test_error_info_is_not_digested },
        { "/fts/collect/depth", test_depth },
        { "/fts/collect/too-many-properties", test_too_many_properties },
        { "/fts/collect/many-small-objects", test_many_small_objects },
        { "/fts/collect/too-many-recipients", test_too_many_recipients },
        { "/fts/collect/memory-is-bounded", test_memory_is_bounded },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
