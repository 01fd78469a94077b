#include "fts/fts_summary.h"

#include "base/check.h"
#include "base/timestamp.h"
#include "fts/fts_build.h"
#include "fts/fts_write.h"

/* ---- the summary ----------------------------------------------------- */

static struct fts_summary summary_of(const GByteArray *stream)
{
    g_autofree char *text = fts_build_wrap(stream, 0);
    g_autoptr(blob) b = blob_from_bytes(text, strlen(text));
    struct fts_digest digest;
    struct fts_summary summary;
    struct err err;

    CHECK_OK(fts_digest_read(b, &digest, &summary, &err), &err);
    return summary;
}

static void test_summary(void)
{
    g_autoptr(GByteArray) stream = fts_build_stream(&fts_build_specimen);
    g_autoptr(GByteArray) payload =
        fts_write_payload(stream->data, stream->len, 0);
    g_auto(fts_summary) got = summary_of(stream);

    g_assert_cmpstr(got.item_class, ==, "IPM.Note");
    g_assert_cmpstr(got.subject, ==, "Grüße");
    g_assert_cmpstr(got.sender, ==, "ann@example.com");
    g_assert_cmpint(got.received_us, ==, INT64_C(1700000000000000));
    g_assert_cmpuint(got.bytes, ==, payload->len);
    g_assert_false(got.partial);
}

static void test_summary_of_nothing(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_auto(fts_summary) got = { 0 };

    fts_write_string(stream, 0x0037, 0x001F, "", true);
    got = summary_of(stream);
    g_assert_null(got.item_class);
    g_assert_null(got.subject);
    g_assert_null(got.sender);
    g_assert_true(got.received_us == TIMESTAMP_NONE);
}

/* What belongs to an embedded message is not the item's. */
static void test_summary_is_of_the_top(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_auto(fts_summary) got = { 0 };

    fts_write_string(stream, 0x001A, 0x84E4, "IPM.Post", true);
    fts_write_tag(stream, FTS_NEW_ATTACH);
    fts_write_tag(stream, FTS_START_EMBED);
    fts_write_string(stream, 0x001A, 0x001F, "IPM.Note", true);
    fts_write_string(stream, 0x0037, 0x001F, "inner", true);
    fts_write_tag(stream, FTS_END_EMBED);
    fts_write_tag(stream, FTS_END_ATTACH);
    got = summary_of(stream);
    g_assert_cmpstr(got.item_class, ==, "IPM.Post");
    g_assert_null(got.subject);
}

static void test_summary_sender(void)
{
    static const struct {
        const char *name;
        struct {
            uint16_t id;
            const char *text;
        } in[4];
        const char *want;
    } rows[] = {
        { "the best is first",
          { { 0x5D01, "a@b" }, { 0x0C1A, "Name" } },
          "a@b" },
        { "the best is last",
          { { 0x0042, "For" }, { 0x0C1A, "Name" }, { 0x5D02, "f@b" } },
          "f@b" },
        { "a name is better than a DN",
          { { 0x0C1F, "/O=ORG/CN=X" }, { 0x0C1A, "Name" } },
          "Name" },
        { "empty is nothing", { { 0x5D01, "" }, { 0x0042, "For" } }, "For" },
        { "nobody", { { 0x0C1F, "/O=ORG/CN=X" } }, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_auto(fts_summary) got = { 0 };

        for (int k = 0; k < 4 && rows[i].in[k].text != NULL; k++)
            fts_write_string(stream, rows[i].in[k].id, 0x001F,
                             rows[i].in[k].text, true);
        got = summary_of(stream);
        CHECK_ROW(rows[i].name, g_strcmp0(got.sender, rows[i].want) == 0);
    }
}

static void test_summary_texts(void)
{
    g_autofree char *much = g_strnfill(9000, 'x');
    g_autofree char *cut = g_strnfill(FTS_HEAD_MAX / 2, 'x');
    g_autofree char *pairs =
        g_strdup_printf("%s😀", cut + 1); /* cut in its middle */
    const struct {
        const char *name, *in, *want;
    } rows[] = {
        { "prefix length before it", "\001\005RE: Hello", "RE: Hello" },
        { "long: its beginning", much, cut },
        { "half a character", pairs, cut + 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_auto(fts_summary) got = { 0 };

        fts_write_string(stream, 0x0037, 0x001F, rows[i].in, true);
        got = summary_of(stream);
        CHECK_ROW(rows[i].name, g_strcmp0(got.subject, rows[i].want) == 0);
    }
}

static void test_partial(void)
{
    g_autoptr(GByteArray) warned = fts_build_stream(&fts_build_specimen);
    g_autoptr(GByteArray) failed = fts_build_stream(&fts_build_specimen);
    g_auto(fts_summary) a = { 0 }, b = { 0 };

    fts_write_i4(warned, 0x400F, 0x80040107);
    a = summary_of(warned);
    g_assert_true(a.partial);
    fts_write_tag(failed, FTS_FX_ERROR_INFO);
    fts_write_i4(failed, 0x6123, 1);
    b = summary_of(failed);
    g_assert_true(b.partial);
    g_assert_cmpstr(b.subject, ==, "Grüße");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/fts/summary/fts_build_specimen", test_summary },
        { "/fts/summary/nothing", test_summary_of_nothing },
        { "/fts/summary/top", test_summary_is_of_the_top },
        { "/fts/summary/sender", test_summary_sender },
        { "/fts/summary/texts", test_summary_texts },
        { "/fts/summary/partial", test_partial },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
