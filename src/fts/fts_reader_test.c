#include "base/check.h"
#include "fts/fts_build.h"
#include "fts/fts_priv.h"
#include "fts/fts_write.h"

/* ---- fragments that real servers wrote ------------------------------- */

/* A token as decoded by hand from a dump. */
struct want {
    uint32_t tag;
    enum { MARKER, NUMBER, TEXT, LENGTH } is;
    uint64_t number; /* or the length of the value */
    const char *text;
};

static GByteArray *sample(const char *name)
{
    const char *dir = g_getenv("FTS_SAMPLES_DIR");
    const char *root = g_getenv("G_TEST_SRCDIR");
    g_autofree char *path = NULL, *text = NULL;
    gsize len;
    guchar *bytes;
    GByteArray *array;

    path = dir != NULL ? g_build_filename(dir, name, NULL)
                       : g_build_filename(root != NULL ? root : ".", "..",
                                          "shared", "fts-samples", name, NULL);
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_autofree char *why = g_strdup_printf("no sample at \"%s\"", path);

        g_test_skip(why);
        return NULL;
    }
    bytes = g_base64_decode(text, &len);
    array = g_byte_array_new();
    g_byte_array_append(array, bytes, (guint)len);
    g_free(bytes);
    return array;
}

static struct blob *blob_of(const GByteArray *bytes)
{
    g_autofree char *text = g_base64_encode(bytes->data, bytes->len);

    return blob_from_bytes(text, strlen(text));
}

/* The present value whole. */
static GByteArray *value_of(struct fts_reader *r)
{
    GByteArray *value = g_byte_array_new();
    const uint8_t *p;
    uint32_t len;
    struct err err;
    size_t n;

    g_assert_cmpint(fts_reader_value(r, &len, &err), ==, 1);
    while (fts_reader_run(r, 5, &p, &n, &err) > 0)
        g_byte_array_append(value, p, (guint)n);
    g_assert_cmpuint(value->len, ==, len);
    return value;
}

static uint64_t number_of(const GByteArray *value)
{
    uint64_t n = 0;

    g_assert_cmpuint(value->len, <=, 8);
    for (guint i = value->len; i-- > 0;)
        n = n << 8 | value->data[i];
    return n;
}

static void check_text(const GByteArray *value, bool wide, const char *want)
{
    g_autofree char *got =
        g_convert((const char *)value->data, (gssize)value->len, "UTF-8",
                  wide ? "UTF-16LE" : "WINDOWS-1252", NULL, NULL, NULL);

    g_assert_cmpstr(got, ==, want);
}

/* Every token that is wanted, then the break, in that property's value. */
static void check_tokens(const struct blob *b, const struct want *want,
                         size_t n, const char *breaks)
{
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;
    uint32_t len;

    fts_reader_init(&r, b);
    for (size_t i = 0; i < n; i++) {
        g_autoptr(GByteArray) value = NULL;

        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
        g_assert_cmphex(token->tag, ==, want[i].tag);
        g_assert_cmpint(token->kind, ==,
                        want[i].is == MARKER ? FTS_MARKER : FTS_PROPERTY);
        if (want[i].is == MARKER)
            continue;
        value = value_of(&r);
        if (want[i].is == NUMBER)
            g_assert_cmphex(number_of(value), ==, want[i].number);
        else if (want[i].is == TEXT)
            check_text(value, (want[i].tag & 0xFFFF) == 0x84B0, want[i].text);
        else
            g_assert_cmpuint(value->len, ==, want[i].number);
    }
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    g_assert_cmpint(fts_reader_value(&r, &len, &err), ==, 1);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "payload-broken");
    if (strstr(err.msg, breaks) == NULL)
        g_error("\"%s\" does not say \"%s\"", err.msg, breaks);
    fts_reader_release(&r);
}

#define DN                                                                     \
    "/O=FIRST ORGANIZATION/OU=EXCHANGE ADMINISTRATIVE GROUP "                  \
    "(FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN="

static void test_exchange_2010_message(void)
{
    static const struct want want[] = {
        { 0x400884E4, TEXT, 0, DN },
        { 0x00170003, NUMBER, 1 },
        { 0x001A84B0, TEXT, 0, "IPM.Note" },
        { 0x0023000B, NUMBER, 0 },
        { 0x0029000B, NUMBER, 0 },
        { 0x00360003, NUMBER, 0 },
        { 0x003784B0, TEXT, 0, "Interesting - from EWSMA" },
        { 0x00390040, NUMBER, 0x01CAD117175E7600 },
        { 0x003B0102, LENGTH, 0x65 },
        { 0x003D84B0, TEXT, 0, "" },
    };
    g_autoptr(GByteArray) bytes = sample("exchange-2010-fragment-2.b64");
    g_autoptr(blob) b = NULL;

    if (bytes == NULL)
        return;
    b = blob_of(bytes);
    check_tokens(b, want, G_N_ELEMENTS(want), "in property 0x003F0102");
}

/* The first 48 bytes are an envelope's; behind the gap the stream goes on. */
static void test_exchange_2010_attachment(void)
{
    static const struct want want[] = {
        { 0x00320040, NUMBER, 0x01CAD3512AF52100 },
        { FTS_END_TO_RECIP, MARKER },
        { 0x40160003, NUMBER, 0x0E13000D },
        { FTS_NEW_ATTACH, MARKER },
        { 0x0E210003, NUMBER, 0 },
        { 0x371284B0, TEXT, 0, "2ab16166-ae5d-42ef-a559-c89087d23d84" },
        { 0x370B0003, NUMBER, 0xFFFFFFFF },
        { 0x0E200003, NUMBER, 0x464 },
        { 0x0FF70003, NUMBER, 0 },
        { 0x30070040, NUMBER, 0x01CAD3512D7B314F },
        { 0x30080040, NUMBER, 0x01CAD3512D7B314F },
        { 0x37050003, NUMBER, 5 },
        { 0x370E84B0, TEXT, 0, "message/rfc822" },
        { 0x300184B0, TEXT, 0, "Most fascinating" },
        { 0x0FF90102, NUMBER, 0 },
        { FTS_START_EMBED, MARKER },
        { 0x674A0014, NUMBER, 0xA65D640000002B74 },
        { 0x00170003, NUMBER, 1 },
        { 0x001A84B0, TEXT, 0, "IPM.Note" },
        { 0x00360003, NUMBER, 0 },
        { 0x003784B0, TEXT, 0, "Most fascinating" },
        { 0x00390040, NUMBER, 0x01CAD1BC36FBAA00 },
        { 0x003B0102, LENGTH, 0x65 },
        { 0x003D84B0, TEXT, 0, "" },
        { 0x00410102, LENGTH, 0x7E },
    };
    g_autoptr(GByteArray) bytes = sample("exchange-2010-fragment-1.b64");
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autoptr(blob) b = NULL;

    if (bytes == NULL)
        return;
    fts_write_u32(stream, 2);
    fts_write_u32(stream, 31 << 10); /* more than there is */
    fts_write_bytes(stream, bytes->data + 48, bytes->len - 48);
    b = blob_of(stream);
    check_tokens(b, want, G_N_ELEMENTS(want), "in property 0x004284B0");
}

static void test_exchange_online(void)
{
    static const struct want want[] = { { 0x00170003, NUMBER, 1 } };
    g_autoptr(GByteArray) bytes = sample("exchange-online-fragment.b64");
    g_autoptr(blob) b = NULL;

    if (bytes == NULL)
        return;
    b = blob_of(bytes);
    check_tokens(b, want, G_N_ELEMENTS(want), "in property 0x001A84B0");
}

/* As they are, with their line ends: they break off, and nothing is made up. */
static void test_fragments_have_no_digest(void)
{
    static const char *const names[] = {
        "exchange-2010-fragment-1.b64",
        "exchange-2010-fragment-2.b64",
        "exchange-online-fragment.b64",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(GByteArray) bytes = sample(names[i]);
        g_autoptr(blob) b = NULL;
        struct fts_digest digest;
        struct err err;

        if (bytes == NULL)
            return;
        b = blob_of(bytes);
        CHECK_ROW(names[i], fts_digest_read(b, &digest, NULL, &err) == -1);
        CHECK_ROW(names[i], strcmp(err.name, "payload-broken") == 0);
    }
}

static void test_partner_version(void)
{
    static const struct {
        const char *name;
        uint8_t version[6];
    } rows[] = {
        { "exchange-2010-fragment-2.b64", { 0x01, 0x0E, 0x8B, 0x80, 0, 0 } },
        { "exchange-online-fragment.b64",
          { 0x14, 0x0F, 0xD6, 0x91, 0x86, 0x17 } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) bytes = sample(rows[i].name);
        g_autoptr(blob) b = NULL;
        const struct fts_token *token;
        struct fts_reader r;
        struct err err;

        if (bytes == NULL)
            return;
        b = blob_of(bytes);
        fts_reader_init(&r, b);
        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
        CHECK_ROW(rows[i].name,
                  memcmp(r.envelope.version, rows[i].version, 6) == 0);
        fts_reader_release(&r);
    }
}

/* ---- shapes of our own ----------------------------------------------- */

static struct blob *wrap(const GByteArray *stream, size_t buffer)
{
    g_autofree char *text = fts_build_wrap(stream, buffer);

    return blob_from_bytes(text, strlen(text));
}

static const uint8_t set[16] = { 0x08, 0x20, 0x06, 0, 0, 0, 0, 0,
                                 0xC0, 0,    0,    0, 0, 0, 0, 0x46 };

static void test_named_properties(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;

    fts_write_named_id(stream, 0x0003, set, 0x8502);
    fts_write_u32(stream, 77);
    fts_write_named_name(stream, 0x001F, set, "Schlüssel");
    fts_write_value_string(stream, 0x001F, "Wert", true);
    /* One byte a buffer: everything may be cut anywhere. */
    for (size_t buffer = 1; buffer < 9; buffer++) {
        g_autoptr(blob) b = wrap(stream, buffer);
        g_autoptr(GByteArray) number = NULL, text = NULL;

        fts_reader_init(&r, b);
        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
        g_assert_true(token->key.named);
        g_assert_cmpint(token->key.kind, ==, FTS_KIND_ID);
        g_assert_cmphex(token->key.lid, ==, 0x8502);
        g_assert_cmpint(memcmp(token->key.set, set, 16), ==, 0);
        g_assert_cmphex(token->key.id, ==, 0);
        number = value_of(&r);
        g_assert_cmpuint(number_of(number), ==, 77);
        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
        g_assert_cmpint(token->key.kind, ==, FTS_KIND_NAME);
        g_assert_cmpstr(token->key.name, ==, "Schlüssel");
        text = value_of(&r);
        g_assert_cmpuint(text->len, ==, 10);
        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 0);
        fts_reader_release(&r);
    }
}

static void test_multi_valued(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autoptr(blob) b = NULL;
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;
    uint32_t len, lens[] = { 0, 6, 2 };

    fts_write_tag(stream, 0x3A4D1003);
    fts_write_u32(stream, 2);
    fts_write_u32(stream, 5);
    fts_write_u32(stream, 6);
    fts_write_tag(stream, 0x3A58101F);
    fts_write_u32(stream, 3);
    fts_write_value_string(stream, 0x001F, "", false);
    fts_write_value_string(stream, 0x001F, "ab", true);
    fts_write_value_string(stream, 0x001F, "c", false);
    b = wrap(stream, 3);
    fts_reader_init(&r, b);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    for (uint64_t want = 5; want <= 6; want++) {
        g_autoptr(GByteArray) value = value_of(&r);

        g_assert_cmpuint(number_of(value), ==, want);
    }
    g_assert_cmpint(fts_reader_value(&r, &len, &err), ==, 0);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    for (size_t i = 0; i < 3; i++) {
        g_assert_cmpint(fts_reader_value(&r, &len, &err), ==, 1);
        g_assert_cmpuint(len, ==, lens[i]);
    }
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 0);
    fts_reader_release(&r);
}

/* Type 0x0003 does not make a marker; the tag does. */
static void test_numbers_are_no_markers(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autoptr(blob) b = NULL;
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;

    fts_write_i4(stream, 0x0E07, FTS_NEW_ATTACH);
    fts_write_i4(stream, 0x4016, FTS_START_RECIP);
    fts_write_i4(stream, 0x400F, FTS_END_EMBED);
    fts_write_tag(stream, FTS_NEW_ATTACH);
    b = wrap(stream, 0);
    fts_reader_init(&r, b);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
        g_assert_cmpint(token->kind, ==, FTS_PROPERTY);
    }
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    g_assert_cmpint(token->kind, ==, FTS_MARKER);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 0);
    fts_reader_release(&r);
}

static void test_strange_shapes(void)
{
    static const struct {
        const char *name;
        uint32_t tag;
        uint8_t after[40];
    } rows[] = {
        { "a type of no known size", 0x00370DAD, { 0 } },
        { "a restriction", 0x67AF00FD, { 0 } },
        { "a named one of no known kind",
          0x80010003,
          { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 2, 9 } },
        { "a multi-valued Boolean", 0x0037100B, { 0 } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) stream = g_byte_array_new();
        g_autoptr(blob) b = NULL;
        const struct fts_token *token;
        struct fts_reader r;
        struct err err;

        fts_write_tag(stream, rows[i].tag);
        fts_write_bytes(stream, rows[i].after, sizeof(rows[i].after));
        b = wrap(stream, 0);
        fts_reader_init(&r, b);
        CHECK_ROW(rows[i].name, fts_reader_next(&r, &token, &err) == 1);
        CHECK_ROW(rows[i].name, token->kind == FTS_STRANGE);
        CHECK_ROW(rows[i].name, fts_reader_next(&r, &token, &err) == 0);
        fts_reader_release(&r);
    }
}

static void test_endless_name_is_strange(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *name = g_strnfill(FTS_NAME_MAX, 'n');
    g_autoptr(blob) b = NULL;
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;

    fts_write_named_name(stream, 0x0003, set, name);
    fts_write_u32(stream, 1);
    b = wrap(stream, 0);
    fts_reader_init(&r, b);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    g_assert_cmpint(token->kind, ==, FTS_STRANGE);
    fts_reader_release(&r);
}

static void test_types(void)
{
    static const struct {
        const char *name;
        uint16_t type;
        bool found, multi;
        uint32_t size;
        uint16_t canonical;
        const char *encoding;
    } rows[] = {
        /* clang-format off */
        { "Boolean", 0x000B, true, false, 2, 0x000B, NULL },
        { "Guid", 0x0048, true, false, 16, 0x0048, NULL },
        { "Object", 0x000D, true, false, 0, 0x000D, NULL },
        { "String", 0x001F, true, false, 0, 0x001F, "UTF-16LE" },
        { "String8", 0x001E, true, false, 0, 0x001F, "CP1252" },
        { "Unicode by page", 0x84B0, true, false, 0, 0x001F, "UTF-16LE" },
        { "western by page", 0x84E4, true, false, 0, 0x001F, "CP1252" },
        { "japanese by page", 0x83A4, true, false, 0, 0x001F, "CP932" },
        { "UTF-8 by page", 0xFDE9, true, false, 0, 0x001F, "UTF-8" },
        { "koi8-r, with the multi bit", 0xD182, true, false, 0, 0x001F,
          "KOI8-R" },
        { "many Strings", 0x101F, true, true, 0, 0x101F, "UTF-16LE" },
        { "many by page", 0x94B0, true, true, 0, 0x101F, "UTF-16LE" },
        { "unknown page", 0x8001, true, false, 0, 0x001F, "" },
        { "many Times", 0x1040, true, true, 8, 0x1040, NULL },
        { "many Objects", 0x100D, false, false, 0, 0, NULL },
        { "Unspecified", 0x0000, false, false, 0, 0, NULL },
        { "Null", 0x0001, false, false, 0, 0, NULL },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_type type = { 0 };
        bool found = fts_type_find(rows[i].type, &type);

        CHECK_ROW(rows[i].name, found == rows[i].found);
        if (!found)
            continue;
        CHECK_ROW(rows[i].name, type.multi == rows[i].multi);
        CHECK_ROW(rows[i].name, type.size == rows[i].size);
        CHECK_ROW(rows[i].name, type.canonical == rows[i].canonical);
        CHECK_ROW(rows[i].name,
                  g_strcmp0(type.encoding, rows[i].encoding) == 0);
    }
}

/* ---- the envelope ---------------------------------------------------- */

static void test_empty_buffers_are_passed_over(void)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(blob) b = NULL;
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;

    for (int i = 0; i < 2; i++) {
        fts_write_u32(payload, 2);
        fts_write_u32(payload, 0);
    }
    fts_write_u32(payload, 2);
    fts_write_u32(payload, 8);
    fts_write_i4(payload, 0x0017, 1);
    fts_write_u32(payload, 2);
    fts_write_u32(payload, 0);
    b = blob_of(payload);
    fts_reader_init(&r, b);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    g_assert_cmphex(token->tag, ==, 0x00170003);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 0);
    g_assert_false(r.envelope.strange);
    fts_reader_release(&r);
}

static void test_unknown_record_is_passed_over(void)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_autoptr(blob) b = NULL;
    const struct fts_token *token;
    struct fts_reader r;
    struct err err;

    fts_write_u32(payload, 9);
    fts_write_u32(payload, 3);
    fts_write_bytes(payload, "abc", 3);
    fts_write_u32(payload, 2);
    fts_write_u32(payload, 8);
    fts_write_i4(payload, 0x0017, 1);
    b = blob_of(payload);
    fts_reader_init(&r, b);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 1);
    g_assert_true(r.envelope.strange);
    g_assert_cmpint(fts_reader_next(&r, &token, &err), ==, 0);
    fts_reader_release(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        { "/fts/samples/exchange-2010-message", test_exchange_2010_message },
        { "/fts/samples/exchange-2010-attachment",
          test_exchange_2010_attachment },
        { "/fts/samples/exchange-online", test_exchange_online },
        { "/fts/samples/no-digest", test_fragments_have_no_digest },
        { "/fts/samples/partner-version", test_partner_version },
        { "/fts/reader/named", test_named_properties },
        { "/fts/reader/multi-valued", test_multi_valued },
        { "/fts/reader/numbers-are-no-markers", test_numbers_are_no_markers },
        { "/fts/reader/strange-shapes", test_strange_shapes },
        { "/fts/reader/endless-name", test_endless_name_is_strange },
        { "/fts/reader/types", test_types },
        { "/fts/envelope/empty-buffers", test_empty_buffers_are_passed_over },
        { "/fts/envelope/unknown-record", test_unknown_record_is_passed_over },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
