#include "fts/fts_value.h"

#include "base/check.h"
#include "fts/fts_build.h"
#include "fts/fts_write.h"

/* The canonical form of the first property in a stream, and its length. */
struct form {
    uint8_t bytes[32 + FTS_INLINE_MAX];
    size_t len;
    bool hashed, unknown;
    uint64_t whole;
};

static struct form form_of(const GByteArray *stream, size_t buffer)
{
    g_autofree char *text = fts_build_wrap(stream, buffer);
    g_autoptr(blob) b = blob_from_bytes(text, strlen(text));
    const struct fts_token *token;
    struct fts_reader r;
    struct fts_value v;
    struct form form = { 0 };
    const uint8_t *bytes;
    struct err err;

    fts_reader_init(&r, b);
    fts_value_init(&v);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    CHECK_OK(fts_value_read(&v, &r, &err), &err);
    form.whole = v.len;
    form.unknown = v.unknown;
    form.hashed = fts_value_get(&v, &bytes, &form.len);
    memcpy(form.bytes, bytes, form.len);
    fts_value_release(&v);
    fts_reader_release(&r);
    return form;
}

static bool same(const struct form *a, const struct form *b)
{
    return a->hashed == b->hashed && a->len == b->len &&
           memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* A property [type, id 0x1234] with a value byte for byte. */
static GByteArray *property(uint16_t type, const void *value, size_t len)
{
    GByteArray *stream = g_byte_array_new();

    fts_write_u16(stream, type);
    fts_write_u16(stream, 0x1234);
    fts_write_bytes(stream, value, len);
    return stream;
}

/* A variable value: its length is written before it. */
static GByteArray *variable(uint16_t type, const void *value, size_t len)
{
    g_autoptr(GByteArray) inner = g_byte_array_new();

    fts_write_u32(inner, (uint32_t)len);
    fts_write_bytes(inner, value, len);
    return property(type, inner->data, inner->len);
}

static void test_strings(void)
{
    static const struct {
        const char *name;
        uint16_t type;
        const char *in;
        size_t in_len;
        const char *want; /* UTF-8 */
    } rows[] = {
        /* clang-format off */
        { "String", 0x001F, "a\0b\0\0\0", 6, "ab" },
        { "String without NUL", 0x001F, "a\0b\0", 4, "ab" },
        { "Unicode by page", 0x84B0, "a\0b\0\0\0", 6, "ab" },
        { "empty", 0x001F, "", 0, "" },
        { "only a NUL", 0x001F, "\0\0", 2, "" },
        { "String8", 0x001E, "ab\0", 3, "ab" },
        { "String8 without NUL", 0x001E, "ab", 2, "ab" },
        { "only a narrow NUL", 0x001E, "\0", 1, "" },
        { "western", 0x84E4, "caf\xe9\x80\0", 6, "café€" },
        { "western, no such character", 0x84E4, "a\x81z", 3, "a\xc2\x81z" },
        { "japanese", 0x83A4, "\x90\xbf\x8b\x81\x8f\x91\0", 7, "請求書" },
        { "japanese, half a character", 0x83A4, "a\x90", 2, "a\xc2\x90" },
        { "cyrillic", 0x84E3, "\xcf\xf0\xe8", 3, "При" },
        { "UTF-8", 0xFDE9, "\xc3\xa4\xf0\x9f\x98\x80\0", 7, "ä😀" },
        { "UTF-8, broken", 0xFDE9, "\xc3" "a", 2, "\xc3\x83" "a" },
        { "accents kept back", 0x84EA, "\xe1\xec", 2, "\xc3\xa1\xcc\x81" },
        { "a letter kept back", 0x84EA, "ca", 2, "ca" },
        { "stateful", 0xC42C, "\x1b$B@A\x1b(B!", 9, "請!" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream =
            variable(rows[i].type, rows[i].in, rows[i].in_len);
        struct form form = form_of(stream, 1);
        gsize n;
        g_autofree char *want =
            g_convert(rows[i].want, -1, "UTF-16LE", "UTF-8", NULL, &n, NULL);

        CHECK_ROW(rows[i].name, !form.unknown);
        CHECK_ROW(rows[i].name, form.len == n);
        CHECK_ROW(rows[i].name, n == 0 || memcmp(form.bytes, want, n) == 0);
    }
}

static void test_unknown_code_page(void)
{
    g_autoptr(GByteArray) stream = variable(0x8001, "abc", 3);
    struct form form = form_of(stream, 0);

    g_assert_true(form.unknown);
    g_assert_cmpuint(form.len, ==, 3);
}

/* One text of every length about the limits, in three encodings. */
static void test_encodings_agree_at_any_length(void)
{
    static const size_t lens[] = { 0,   1,   127, 128,  129,  255,  256,  257,
                                   511, 512, 513, 4095, 4096, 4097, 70000 };

    for (size_t i = 0; i < G_N_ELEMENTS(lens); i++) {
        g_autofree char *text = g_strnfill(lens[i], 'x');
        static const uint16_t types[] = { 0x001F, 0x84B0, 0x84E4, 0x001E,
                                          0xFDE9 };
        g_autofree char *name = g_strdup_printf("length %zu", lens[i]);
        struct form first = { 0 };

        for (size_t k = 0; k < G_N_ELEMENTS(types); k++) {
            g_autoptr(GByteArray) stream = g_byte_array_new();
            struct form form;

            if (types[k] == 0xFDE9) {
                fts_write_tag(stream, 0x1234FDE9);
                fts_write_u32(stream, (uint32_t)lens[i]);
                fts_write_bytes(stream, text, lens[i]);
            } else {
                fts_write_string(stream, 0x1234, types[k], text, k % 2 == 0);
            }
            form = form_of(stream, 1000 + 77 * k);
            CHECK_ROW(name, form.whole == 2 * lens[i]);
            CHECK_ROW(name, form.hashed == (2 * lens[i] > FTS_INLINE_MAX));
            if (k == 0)
                first = form;
            CHECK_ROW(name, same(&form, &first));
        }
    }
}

/* A character may lie across any of the reader's own pieces. */
static void test_characters_across_pieces(void)
{
    for (size_t before = 4090; before < 4100; before++) {
        g_autofree char *x = g_strnfill(before, 'x');
        g_autofree char *text = g_strdup_printf("%s😀請z", x);
        g_autoptr(GByteArray) wide = g_byte_array_new(), narrow = NULL;
        struct form a, b;

        fts_write_string(wide, 0x1234, 0x001F, text, true);
        narrow = variable(0xFDE9, text, strlen(text));
        a = form_of(wide, 0);
        b = form_of(narrow, 0);
        g_assert_true(same(&a, &b));
    }
}

/* What one value shifts to does not hold for the next. */
static void test_state_is_forgotten(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autoptr(GByteArray) want = g_byte_array_new();
    struct form a, b;

    fts_write_tag(stream, 0x1234D42C); /* ISO-2022-JP, multi-valued */
    fts_write_u32(stream, 2);
    fts_write_u32(stream, 5);
    fts_write_bytes(stream, "\x1b$B@A", 5);
    fts_write_u32(stream, 2);
    fts_write_bytes(stream, "@A", 2);
    fts_write_tag(want, 0x1234101F);
    fts_write_u32(want, 2);
    fts_write_value_string(want, 0x101F, "請", true);
    fts_write_value_string(want, 0x101F, "@A", true);
    a = form_of(stream, 0);
    b = form_of(want, 0);
    g_assert_true(same(&a, &b));
}

/* The hash of a long value is SHA-256 of its canonical bytes: by GLib. */
static void test_long_value_is_its_hash(void)
{
    static const size_t lens[] = { 257, 1024, 1025, 100000 };

    for (size_t i = 0; i < G_N_ELEMENTS(lens); i++) {
        g_autofree uint8_t *data = g_malloc(lens[i]);
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
        uint8_t want[32];
        gsize n = sizeof(want);
        struct form form;

        for (size_t k = 0; k < lens[i]; k++)
            data[k] = (uint8_t)(k * 7 + k / 251);
        g_checksum_update(sum, data, (gssize)lens[i]);
        g_checksum_get_digest(sum, want, &n);
        fts_write_binary(stream, 0x1234, data, lens[i]);
        form = form_of(stream, 333);
        g_assert_true(form.hashed);
        g_assert_cmpuint(form.len, ==, n);
        g_assert_cmpint(memcmp(form.bytes, want, n), ==, 0);
    }
}

static void test_booleans(void)
{
    static const struct {
        const char *name;
        uint8_t in[2];
        uint8_t want;
    } rows[] = {
        { "false", { 0, 0 }, 0 },
        { "true", { 1, 0 }, 1 },
        { "another true", { 0xFF, 0xFF }, 1 },
        { "true above", { 0, 1 }, 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = property(0x000B, rows[i].in, 2);
        struct form form = form_of(stream, 0);

        CHECK_ROW(rows[i].name, form.len == 1);
        CHECK_ROW(rows[i].name, form.bytes[0] == rows[i].want);
    }
}

static void test_message_flags(void)
{
    static const struct {
        const char *name;
        uint32_t a, b;
        bool want;
    } rows[] = {
        { "unmodified", 0x01, 0x03, true },
        { "has attachments", 0x01, 0x11, true },
        { "from me", 0x01, 0x21, true },
        { "receipts due", 0x01, 0x301, true },
        { "ever read", 0x01, 0x401, true },
        { "from the internet", 0x01, 0x2001, true },
        { "read", 0x00, 0x01, true },
        { "submitted", 0x01, 0x05, false },
        { "unsent", 0x01, 0x09, false },
        { "hidden", 0x01, 0x41, false },
        { "resent", 0x01, 0x81, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) a = g_byte_array_new(), b = g_byte_array_new();
        struct form x, y;

        fts_write_i4(a, 0x0E07, rows[i].a);
        fts_write_i4(b, 0x0E07, rows[i].b);
        x = form_of(a, 0);
        y = form_of(b, 0);
        CHECK_ROW(rows[i].name, same(&x, &y) == rows[i].want);
    }
}

/* Where one value ends and the next begins is part of the form. */
static void test_multi_valued(void)
{
    static const struct {
        const char *name;
        const char *a[3], *b[3];
        bool want;
    } rows[] = {
        { "the same", { "a", "b" }, { "a", "b" }, true },
        { "another cut", { "ab", "c" }, { "a", "bc" }, false },
        { "an empty one more", { "a", "" }, { "a" }, false },
        { "another order", { "a", "b" }, { "b", "a" }, false },
        { "none and an empty one", { "" }, { NULL }, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct form forms[2];

        for (int side = 0; side < 2; side++) {
            const char *const *values = side == 0 ? rows[i].a : rows[i].b;
            uint16_t type = side == 0 ? 0x101F : 0x94B0;
            g_autoptr(GByteArray) stream = g_byte_array_new();
            uint32_t n = 0;

            while (n < 3 && values[n] != NULL)
                n++;
            fts_write_u16(stream, type);
            fts_write_u16(stream, 0x1234);
            fts_write_u32(stream, n);
            for (uint32_t k = 0; k < n; k++)
                fts_write_value_string(stream, 0x001F, values[k], side == 0);
            forms[side] = form_of(stream, 0);
        }
        CHECK_ROW(rows[i].name, same(&forms[0], &forms[1]) == rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/value/strings", test_strings);
    g_test_add_func("/fts/value/unknown-code-page", test_unknown_code_page);
    g_test_add_func("/fts/value/encodings-agree",
                    test_encodings_agree_at_any_length);
    g_test_add_func("/fts/value/across-pieces", test_characters_across_pieces);
    g_test_add_func("/fts/value/state-is-forgotten", test_state_is_forgotten);
    g_test_add_func("/fts/value/long-value", test_long_value_is_its_hash);
    g_test_add_func("/fts/value/booleans", test_booleans);
    g_test_add_func("/fts/value/message-flags", test_message_flags);
    g_test_add_func("/fts/value/multi-valued", test_multi_valued);
    return g_test_run();
}
