#include "lab/mapi.h"

#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"

static void test_text_forms(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint16_t type;
        const char *bytes;
        uint32_t size;
        const char *want; /* UTF-8, or NULL */
    } rows[] = {
        { "unicode", PT_UNICODE, "a\0\xFC\0\0\0", 6, "a\xC3\xBC" },
        { "code page unicode", PT_CP_UNICODE, "a\0\xFC\0\0\0", 6, "a\xC3\xBC" },
        { "big endian", 0x84B1, "\0a\0\xFC\0\0", 6, "a\xC3\xBC" },
        { "no terminator", PT_UNICODE, "a\0b\0", 4, "ab" },
        { "stops at terminator", PT_UNICODE, "a\0\0\0b\0", 6, "a" },
        { "pair", PT_UNICODE, "\x3D\xD8\x00\xDE\0\0", 6, "\xF0\x9F\x98\x80" },
        { "lone half", PT_UNICODE, "\x3D\xD8" "a\0", 4, "\xEF\xBF\xBD" "a" },
        { "1252", PT_CP_1252, "caf\xE9 \x80\0", 7, "caf\xC3\xA9 \xE2\x82\xAC" },
        { "1252 hole", PT_CP_1252, "\x81\0", 2, "\xC2\x81" },
        { "string8", PT_STRING8, "\x93q\x94\0", 4,
          "\xE2\x80\x9Cq\xE2\x80\x9D" },
        { "utf-8", 0xFDE9, "\xC3\xBC\0", 3, "\xC3\xBC" },
        { "cyrillic 1251", 0x84E3, "\xCF\0", 2, "\xD0\x9F" },
        { "unknown page", 0x8003, "a\0", 2, "\xEF\xBF\xBD" },
        { "empty", PT_UNICODE, "", 0, "" },
        { "binary", PT_BINARY, "a\0", 2, NULL },
        { "many", MV_FLAG | PT_UNICODE, "a\0", 2, NULL },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mapi_prop p = {
            .tag = PROP_TAG(0x0037, rows[i].type),
            .data = (const uint8_t *)rows[i].bytes,
            .size = rows[i].size,
            .count = 1,
        };
        g_autofree char *text = mapi_dup_text(&p);

        CHECK_ROW(rows[i].name, g_strcmp0(text, rows[i].want) == 0);
    }
    g_assert_null(mapi_dup_text(NULL));
}

static void test_many_texts(void)
{
    static const char *const words[] = { "one", "", "dr\xC3\xA9i", NULL };
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    struct mapi_prop *p;

    mapi_set_texts(item, props, PROP_TAG(0x6811, MV_FLAG | PT_UNICODE), words);
    p = mapi_find(props, 0x6811);
    g_assert_cmpuint(p->count, ==, 3);
    for (uint32_t i = 0; i < 3; i++) {
        g_autofree char *text = mapi_dup_text_at(p, i);

        g_assert_cmpstr(text, ==, words[i]);
    }
    g_assert_null(mapi_dup_text_at(p, 3));
    p->size = 5; /* a value that ends early */
    g_assert_null(mapi_dup_text_at(p, 0));
}

static void test_times(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        int64_t filetime, us;
    } rows[] = {
        { "1970", INT64_C(116444736000000000), 0 },
        { "a microsecond later", INT64_C(116444736000000010), 1 },
        { "before 1970", INT64_C(116444735999999990), -1 },
        { "rounded down", INT64_C(116444735999999999), -1 },
        { "2021", INT64_C(132593079670000000), INT64_C(1614834367000000) },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  mapi_filetime_to_us(rows[i].filetime) == rows[i].us);
    g_assert_cmpint(mapi_filetime(1), ==, INT64_C(116444736000000010));
}

static void test_no_time(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    g_assert_cmpint(mapi_get_time(NULL), ==, TIMESTAMP_NONE);
    mapi_set_i64(item, props, PR_REPORT_TIME, 0);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x0032)), ==,
                    TIMESTAMP_NONE);
    mapi_set_i64(item, props, PR_REPORT_TIME, INT64_MAX);
    g_assert_cmpint(mapi_get_time(mapi_find(props, 0x0032)), ==,
                    TIMESTAMP_NONE);
}

static void test_set_replaces(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_autofree char *text = NULL;

    for (int i = 0; i < 100; i++)
        mapi_set_i32(item, props, PROP_TAG(0x6800 + i, PT_LONG), i);
    mapi_set_text(item, props, PROP_TAG(0x6805, PT_UNICODE), "five");
    g_assert_cmpuint(props->n, ==, 100);
    text = mapi_dup_text(mapi_find(props, 0x6805));
    g_assert_cmpstr(text, ==, "five");
    mapi_remove(props, 0x6805);
    mapi_remove(props, 0x6805);
    g_assert_cmpuint(props->n, ==, 99);
    g_assert_null(mapi_find(props, 0x6805));
    g_assert_cmpint(mapi_get_i32(mapi_find(props, 0x6863), -1), ==, 99);
}

static void test_names(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    uint32_t a = mapi_named_id(item, PSETID_COMMON, 0x8501, PT_LONG);
    uint32_t b = mapi_named_text(item, PS_PUBLIC_STRINGS, "Keywords", PT_LONG);

    g_assert_cmpuint(a, !=, b);
    g_assert_cmpuint(a, ==,
                     mapi_named_id(item, PSETID_COMMON, 0x8501, PT_LONG));
    g_assert_cmpuint(a, !=, mapi_named_id(item, PSETID_TASK, 0x8501, PT_LONG));
    g_assert_cmpuint(
        b, ==, mapi_named_text(item, PS_PUBLIC_STRINGS, "Keywords", PT_LONG));
    mapi_set_i32(item, props, a, 1);
    mapi_set_i32(item, props, b, 2);
    g_assert_cmpint(mapi_get_i32(mapi_find_id(props, PSETID_COMMON, 0x8501), 0),
                    ==, 1);
    g_assert_cmpint(
        mapi_get_i32(mapi_find_text(props, PS_PUBLIC_STRINGS, "Keywords"), 0),
        ==, 2);
    g_assert_null(mapi_find_text(props, PS_PUBLIC_STRINGS, "keywords"));
    g_assert_null(mapi_name_of(item, 0x9000));
}

static void test_too_many_names(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();

    for (uint32_t i = 0; i < MAPI_NAMES_MAX; i++)
        g_assert_cmpuint(mapi_named_id(item, PSETID_TASK, i, PT_LONG), !=, 0);
    g_assert_cmpuint(mapi_named_id(item, PSETID_TASK, MAPI_NAMES_MAX, PT_LONG),
                     ==, 0);
    g_assert_cmpuint(mapi_named_id(item, PSETID_TASK, 0, PT_LONG), !=, 0);
}

static void test_types(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint16_t type;
        int size;
        bool text, utf16, multi;
    } rows[] = {
        { "short", 0x0002, 2, false, false, false },
        { "long", 0x0003, 4, false, false, false },
        { "boolean has two bytes", 0x000B, 2, false, false, false },
        { "double", 0x0005, 8, false, false, false },
        { "time", 0x0040, 8, false, false, false },
        { "guid", 0x0048, 16, false, false, false },
        { "binary", 0x0102, 0, false, false, false },
        { "object", 0x000D, 0, false, false, false },
        { "server id", 0x00FB, 0, false, false, false },
        { "string", 0x001F, 0, true, true, false },
        { "string of eight bits", 0x001E, 0, true, false, false },
        { "code page Unicode", 0x84B0, 0, true, true, false },
        { "code page 1252", 0x84E4, 0, true, false, false },
        { "KOI8-R has the bit of many", 0xD182, 0, true, false, false },
        { "many longs", 0x1003, 4, false, false, true },
        { "many strings", 0x101F, 0, true, true, true },
        { "many of code page Unicode", 0x94B0, 0, true, true, true },
        { "many binaries", 0x1102, 0, false, false, true },
        { "unspecified", 0x0000, -1, false, false, false },
        { "null", 0x0001, -1, false, false, false },
        { "restriction", 0x00FD, -1, false, false, false },
        { "many of nothing", 0x1000, -1, false, false, true },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        CHECK_ROW(rows[i].name, mapi_type_size(rows[i].type) == rows[i].size);
        CHECK_ROW(rows[i].name,
                  mapi_type_is_text(rows[i].type) == rows[i].text);
        CHECK_ROW(rows[i].name,
                  mapi_type_is_utf16(rows[i].type) == rows[i].utf16);
        CHECK_ROW(rows[i].name,
                  mapi_type_is_multi(rows[i].type) == rows[i].multi);
    }
}

static void test_text_1252(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *utf8, *want;
    } rows[] = {
        { "ASCII", "abc", "abc" },
        { "Latin", "é", "\xE9" },
        { "euro and quotes", "€“”", "\x80\x93\x94" },
        { "outside", "資", "?" },
        { "a pair", "🚀", "?" },
        { "empty", "", "" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        struct mapi_props *props = &item->message.props;
        const struct mapi_prop *p;

        mapi_set_text_1252(item, props, PROP_TAG(0x6800, PT_CP_1252),
                           rows[i].utf8);
        p = mapi_find(props, 0x6800);
        CHECK_ROW(rows[i].name, p->size == strlen(rows[i].want) + 1);
        CHECK_ROW(rows[i].name, memcmp(p->data, rows[i].want, p->size) == 0);
    }
}

static void test_dup_utf16(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_autofree uint8_t *empty = NULL, *text = NULL;
    size_t n = 99;

    mapi_set_text(item, props, PR_SUBJECT, "");
    empty = mapi_dup_utf16(mapi_find(props, 0x0037), &n);
    g_assert_nonnull(empty);
    g_assert_cmpuint(n, ==, 0);
    mapi_set_text_1252(item, props, PROP_TAG(0x0037, PT_CP_1252), "a€");
    text = mapi_dup_utf16(mapi_find(props, 0x0037), &n);
    g_assert_cmpuint(n, ==, 4);
    g_assert_true(memcmp(text, "a\0\xAC\x20", 4) == 0);
    mapi_set_i32(item, props, PROP_TAG(0x0037, PT_LONG), 1);
    g_assert_null(mapi_dup_utf16(mapi_find(props, 0x0037), &n));
    g_assert_null(mapi_dup_utf16(NULL, &n));
}

/* Small and large things, in any order, stay where they are. */
static void test_memory(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    static const size_t sizes[] = { 1, 5000, 3, 300000, 16, 0, 70000, 9 };
    uint8_t *at[64];

    for (size_t i = 0; i < G_N_ELEMENTS(at); i++) {
        size_t n = sizes[i % G_N_ELEMENTS(sizes)];

        at[i] = mapi_alloc(item, n);
        g_assert_cmpuint((guintptr)at[i] % 16, ==, 0);
        for (size_t j = 0; j < n; j++)
            g_assert_cmpint(at[i][j], ==, 0);
        memset(at[i], (int)i + 1, n);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(at); i++)
        for (size_t j = 0; j < sizes[i % G_N_ELEMENTS(sizes)]; j++)
            g_assert_cmpint(at[i][j], ==, (int)i + 1);
}

static void test_wrong_types_fall_back(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;

    mapi_set_text(item, props, PR_SUBJECT, "x");
    g_assert_cmpint(mapi_get_i32(mapi_find(props, 0x0037), 7), ==, 7);
    g_assert_cmpint(mapi_get_i64(mapi_find(props, 0x0037), 7), ==, 7);
    g_assert_true(mapi_get_bool(mapi_find(props, 0x0037), true));
    g_assert_cmpfloat(mapi_get_double(mapi_find(props, 0x0037), 0.5), ==, 0.5);
    mapi_set_double(item, props, PROP_TAG(0x6800, PT_DOUBLE), 2.5);
    g_assert_cmpfloat(mapi_get_double(mapi_find(props, 0x6800), 0), ==, 2.5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mapi/text-forms", test_text_forms);
    g_test_add_func("/mapi/many-texts", test_many_texts);
    g_test_add_func("/mapi/times", test_times);
    g_test_add_func("/mapi/no-time", test_no_time);
    g_test_add_func("/mapi/set-replaces", test_set_replaces);
    g_test_add_func("/mapi/names", test_names);
    g_test_add_func("/mapi/too-many-names", test_too_many_names);
    g_test_add_func("/mapi/types", test_types);
    g_test_add_func("/mapi/text-1252", test_text_1252);
    g_test_add_func("/mapi/dup-utf16", test_dup_utf16);
    g_test_add_func("/mapi/memory", test_memory);
    g_test_add_func("/mapi/wrong-types", test_wrong_types_fall_back);
    return g_test_run();
}
