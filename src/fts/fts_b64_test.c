#include "base/check.h"
#include "fts/fts_priv.h"

/* Everything that decodes before the end or the error; -1 for the latter. */
static int decode(const struct blob *b, GByteArray *to, struct err *err)
{
    struct fts_b64 s;
    int more;

    fts_b64_init(&s, b);
    while ((more = fts_b64_fill(&s, err)) > 0) {
        g_assert_cmpuint(s.have, >, 0);
        g_assert_cmpuint(s.bytes_at, ==, to->len);
        g_byte_array_append(to, s.out, (guint)s.have);
    }
    fts_b64_release(&s);
    return more;
}

static void test_texts(void)
{
    static const struct {
        const char *name, *text, *want; /* want NULL: an error */
        const char *error, *says;
    } rows[] = {
        /* clang-format off */
        { "nothing", "", "" },
        { "no padding", "Zm9vYmFy", "foobar" },
        { "one pad", "Zm9vYmE=", "fooba" },
        { "two pads", "Zm9vYg==", "foob" },
        { "lines", "Zm9v\nYmFy\n", "foobar" },
        { "lines of Windows", "Zm9v\r\nYmFy\r\n", "foobar" },
        { "space anywhere", " Z m\t9vY\n\nmE =\n", "fooba" },
        { "only space", " \r\n\t ", "" },
        { "both odd digits", "+/+/", "\xfb\xff\xbf" },
        { "space after the end", "Zm9vYg==\r\n", "foob" },
        { "bad character", "Zm9vY!Fy", NULL, "payload-not-base64",
          "character 5" },
        { "bad first", "-m9vYmFy", NULL, "payload-not-base64", "character 0" },
        { "OpenSSL would drop it", "Zm9vYmFy----", NULL, "payload-not-base64",
          "character 8" },
        { "not ASCII", "Zm9v\xc3\xa4", NULL, "payload-not-base64",
          "character 4" },
        { "pads within", "Zg==Zm9v", NULL, "payload-not-base64",
          "character 4" },
        { "pads too soon", "Z===", NULL, "payload-not-base64", "character 1" },
        { "pads alone", "====", NULL, "payload-not-base64", "character 0" },
        { "a third pad", "Zg===", NULL, "payload-not-base64", "character 4" },
        { "digit after a pad", "Zg=v", NULL, "payload-not-base64",
          "character 3" },
        { "breaks off by one", "Zm9vYmF", NULL, "payload-broken",
          "after character 7" },
        { "breaks off before a pad", "Zm9vYg=", NULL, "payload-broken",
          "after character 7" },
        { "cut short by the server", "Zm9vYmFy=== Truncated Data ===", NULL,
          "payload-truncated", "Truncated Data" },
        { "cut short after a pad", "Zm9vYg===== Truncated Data ===", NULL,
          "payload-truncated", "Truncated Data" },
        { "cut short in the middle", "Zm9vYg=== Truncated Data ===", NULL,
          "payload-truncated", "character 8" },
        { "nothing but that", "=== Truncated Data ===", NULL,
          "payload-truncated", "character 0" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob) b = blob_from_bytes(rows[i].text, strlen(rows[i].text));
        g_autoptr(GByteArray) got = g_byte_array_new();
        struct err err;
        int r = decode(b, got, &err);

        CHECK_ROW(rows[i].name, r == (rows[i].want != NULL ? 0 : -1));
        if (r == 0) {
            CHECK_ROW(rows[i].name, got->len == strlen(rows[i].want));
            CHECK_ROW(rows[i].name,
                      got->len == 0 ||
                          memcmp(got->data, rows[i].want, got->len) == 0);
            continue;
        }
        CHECK_ROW(rows[i].name, err.scope == ERR_ITEM);
        CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].error) == 0);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].says) != NULL);
    }
}

static void test_retry(void)
{
    static const struct {
        const char *name, *text;
        enum err_retry want;
    } rows[] = {
        { "a server in need", "=== Truncated Data ===", ERR_RETRY_WAIT },
        { "an answer cut off", "Zm9vY", ERR_RETRY_NOW },
        { "garbage", "<html>", ERR_RETRY_NEVER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob) b = blob_from_bytes(rows[i].text, strlen(rows[i].text));
        g_autoptr(GByteArray) got = g_byte_array_new();
        struct err err;

        CHECK_ROW(rows[i].name, decode(b, got, &err) == -1);
        CHECK_ROW(rows[i].name, err.retry == rows[i].want);
    }
}

/* Text in pieces of awkward sizes, in memory and in the spool file. */
static void test_awkward_pieces(void)
{
    static const struct {
        const char *name;
        size_t piece, memory, line; /* line: 0 is one long line */
    } rows[] = {
        { "one piece", 1 << 20, 1 << 24, 0 },
        { "odd pieces", 4099, 1 << 24, 0 },
        { "tiny pieces", 7, 1 << 24, 0 },
        { "spooled", 4099, 0, 0 },
        { "half spooled", 10001, 70001, 0 },
        { "lines", 4099, 1 << 24, 76 },
        { "odd lines, spooled", 4099, 0, 61 },
    };
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    g_autofree guchar *bytes = g_malloc(300001);
    g_autofree char *plain = NULL;

    for (size_t i = 0; i < 300001; i++)
        bytes[i] = (guchar)g_rand_int(rand);
    plain = g_base64_encode(bytes, 300001);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(blob_pool) pool = blob_pool_new(rows[i].memory, NULL);
        g_autoptr(blob) b = blob_new(pool);
        g_autoptr(GByteArray) got = g_byte_array_new();
        g_autoptr(GString) text = g_string_new(plain);
        struct err err;

        for (size_t at = rows[i].line; rows[i].line != 0 && at < text->len;
             at += rows[i].line + 1)
            g_string_insert_c(text, (gssize)at, '\n');
        for (size_t at = 0; at < text->len; at += rows[i].piece)
            CHECK_OK(blob_append(b, text->str + at,
                                 MIN(rows[i].piece, text->len - at), &err),
                     &err);
        blob_seal(b);
        CHECK_OK(decode(b, got, &err), &err);
        CHECK_ROW(rows[i].name, got->len == 300001);
        CHECK_ROW(rows[i].name, memcmp(got->data, bytes, 300001) == 0);
    }
}

static bool is_digit(int c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '/';
}

/* What does not fit in whole blocks is left, and so is all from an odd one. */
static void test_fast_stops_in_time(void)
{
    enum { LEN = 128 };
    g_autofree char *digits = g_strnfill(LEN, 'Q');
    uint8_t out[LEN / 4 * 3];
    size_t all = fts_b64_fast(digits, LEN, out);

    for (int c = 0; c < 256; c++) {
        for (size_t at = 0; at < LEN; at++) {
            g_autofree char *text = g_strndup(digits, LEN);
            size_t n;

            text[at] = (char)c;
            n = fts_b64_fast(text, LEN, out);
            if (is_digit(c) || at >= all)
                g_assert_cmpuint(n, ==, all);
            else
                g_assert_cmpuint(n, <=, at);
        }
    }
}

/* GLib's decoder is the oracle; behind the end of out nothing is written. */
static void test_fast_decodes(void)
{
    static const uint8_t guard[16] = "and not a byte";
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (size_t n = 0; n < 400; n++) {
        g_autofree guchar *bytes = g_malloc(n + 1);
        g_autofree char *text = NULL;
        g_autofree uint8_t *out = NULL;
        size_t len, room, done;

        for (size_t i = 0; i < n; i++)
            bytes[i] = (guchar)g_rand_int(rand);
        text = g_base64_encode(bytes, n);
        len = strcspn(text, "=") & ~(size_t)3;
        room = len / 4 * 3;
        out = g_malloc(room + sizeof(guard));
        memcpy(out + room, guard, sizeof(guard));
        done = fts_b64_fast(text, len, out);
        g_assert_cmpuint(done % 4, ==, 0);
        g_assert_cmpuint(done, <=, len);
        g_assert_true(memcmp(out, bytes, done / 4 * 3) == 0);
        g_assert_true(memcmp(out + room, guard, sizeof(guard)) == 0);
    }
}

/* The offset counts characters of the text, whatever was decoded before. */
static void test_offset_far_in(void)
{
    g_autofree char *text = g_strnfill(200000, 'A');
    g_autoptr(blob) b = NULL;
    g_autoptr(GByteArray) got = g_byte_array_new();
    struct err err;

    text[150003] = '*';
    b = blob_from_bytes(text, 200000);
    g_assert_cmpint(decode(b, got, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "character 150003"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/b64/texts", test_texts);
    g_test_add_func("/fts/b64/retry", test_retry);
    g_test_add_func("/fts/b64/awkward-pieces", test_awkward_pieces);
    g_test_add_func("/fts/b64/offset-far-in", test_offset_far_in);
    g_test_add_func("/fts/b64/fast-stops-in-time", test_fast_stops_in_time);
    g_test_add_func("/fts/b64/fast-decodes", test_fast_decodes);
    return g_test_run();
}
