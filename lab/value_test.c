#include "lab/value.h"

#include <string.h>

#include "base/check.h"

static void test_constants(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum value_kind kind;
        const char *text, *want; /* NULL: refused */
    } rows[] = {
        { "number", VALUE_NUMBER, "42", "42" },
        { "below zero", VALUE_NUMBER, " -7 ", "-7" },
        { "no number", VALUE_NUMBER, "many", NULL },
        { "a fraction", VALUE_NUMBER, "1.5", NULL },
        { "too large", VALUE_NUMBER, "99999999999999999999", NULL },
        { "real", VALUE_REAL, "1.5", "1.5" },
        { "no real", VALUE_REAL, "1.5x", NULL },
        { "true", VALUE_BOOL, "true", "true" },
        { "one", VALUE_BOOL, "1", "true" },
        { "false", VALUE_BOOL, "False", "false" },
        { "neither", VALUE_BOOL, "maybe", NULL },
        { "time", VALUE_TIME, "2024-02-29T12:00:00Z",
          "2024-02-29T12:00:00Z" },
        { "with a zone", VALUE_TIME, "2024-02-29T12:00:00+02:00",
          "2024-02-29T10:00:00Z" },
        { "without a zone", VALUE_TIME, "2024-02-29T12:00:00",
          "2024-02-29T12:00:00Z" },
        { "a day", VALUE_TIME, "2024-02-29", "2024-02-29T00:00:00Z" },
        { "long ago", VALUE_TIME, "1901-01-01T00:00:00Z",
          "1901-01-01T00:00:00Z" },
        { "no such day", VALUE_TIME, "2023-02-29T12:00:00Z", NULL },
        { "a truth is no time", VALUE_TIME, "true", NULL },
        { "bytes", VALUE_BYTES, "AAEC", "AAEC" },
        { "no bytes", VALUE_BYTES, "A?", NULL },
        { "text as it is", VALUE_TEXT, " a b ", " a b " },
        { "one of several", VALUE_TEXTS, "x", "x" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(value) v = { .kind = VALUE_NONE };
        g_autofree char *text = NULL;
        int status = value_parse(rows[i].kind, rows[i].text, &v);

        CHECK_ROW(rows[i].name, (status == 0) == (rows[i].want != NULL));
        text = value_to_text(&v);
        CHECK_ROW(rows[i].name,
                  rows[i].want == NULL || strcmp(text, rows[i].want) == 0);
    }
}

/* Each row's first value is below its second. */
static void test_comparing(void)
{
    static const struct {
        const char *name;
        enum value_kind a_kind;
        const char *a;
        enum value_kind b_kind;
        const char *b;
    } rows[] = {
        { "numbers", VALUE_NUMBER, "9", VALUE_NUMBER, "10" },
        { "texts", VALUE_TEXT, "9", VALUE_TEXT, "A" },
        { "case", VALUE_TEXT, "a", VALUE_TEXT, "B" },
        { "times", VALUE_TIME, "2024-01-01", VALUE_TIME, "2024-01-02" },
        { "truths", VALUE_BOOL, "false", VALUE_BOOL, "true" },
        { "kinds of numbers", VALUE_NUMBER, "1", VALUE_REAL, "1.5" },
        { "bytes", VALUE_BYTES, "AAAA", VALUE_BYTES, "AAAB" },
    };
    const struct value none = { .kind = VALUE_NONE };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(value) a = { .kind = VALUE_NONE };
        g_auto(value) b = { .kind = VALUE_NONE };

        CHECK_ROW(rows[i].name,
                  value_parse(rows[i].a_kind, rows[i].a, &a) == 0);
        CHECK_ROW(rows[i].name,
                  value_parse(rows[i].b_kind, rows[i].b, &b) == 0);
        CHECK_ROW(rows[i].name, value_compare(&a, &b) < 0);
        CHECK_ROW(rows[i].name, value_compare(&b, &a) > 0);
        CHECK_ROW(rows[i].name, value_compare(&a, &a) == 0);
        CHECK_ROW(rows[i].name, value_compare(&none, &a) < 0);
        CHECK_ROW(rows[i].name, value_compare(&a, &none) > 0);
    }
    g_assert_cmpint(value_compare(&none, &none), ==, 0);
}

static void test_properties(void)
{
    static const char *const words[] = { "red", "Blue", NULL };
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    static const struct {
        uint16_t id;
        enum value_kind kind;
        const char *want;
    } rows[] = {
        { 0x6801, VALUE_TEXT, "text" },
        { 0x6802, VALUE_NUMBER, "-3" },
        { 0x6803, VALUE_BOOL, "true" },
        { 0x6804, VALUE_TEXTS, "red" },
        { 0x6805, VALUE_REAL, "0.5" },
        { 0x6806, VALUE_TIME, "1970-01-01T00:00:01Z" },
        { 0x6807, VALUE_BYTES, "eHl6" },
        { 0x6808, VALUE_NUMBER, "5000000000" },
        { 0x6809, VALUE_NUMBER, "-2" },
    };
    const int16_t small = GINT16_TO_LE(-2);

    mapi_set_text(item, props, PROP_TAG(0x6801, PT_UNICODE), "text");
    mapi_set_i32(item, props, PROP_TAG(0x6802, PT_LONG), -3);
    mapi_set_bool(item, props, PROP_TAG(0x6803, PT_BOOLEAN), true);
    mapi_set_texts(item, props, PROP_TAG(0x6804, PT_UNICODE | MV_FLAG), words);
    mapi_set_double(item, props, PROP_TAG(0x6805, PT_DOUBLE), 0.5);
    mapi_set_time(item, props, PROP_TAG(0x6806, PT_SYSTIME), 1000000);
    mapi_set(item, props, PROP_TAG(0x6807, PT_BINARY), "xyz", 3);
    mapi_set_i64(item, props, PROP_TAG(0x6808, PT_I8), INT64_C(5000000000));
    mapi_set(item, props, PROP_TAG(0x6809, PT_I2), &small, sizeof(small));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(value) v = { .kind = VALUE_NONE };
        g_autofree char *text = NULL;

        value_from_prop(mapi_find(props, rows[i].id), &v);
        text = value_to_text(&v);
        CHECK_ROW(rows[i].want, v.kind == rows[i].kind);
        CHECK_ROW(rows[i].want, strcmp(text, rows[i].want) == 0);
    }
}

static void test_containing(void)
{
    static const char *const words[] = { "red", "Blue", NULL };
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(value) texts = { .kind = VALUE_NONE };
    g_auto(value) bytes = { .kind = VALUE_NONE };
    g_auto(value) blue = { .kind = VALUE_NONE };
    g_auto(value) some = { .kind = VALUE_NONE };

    mapi_set_texts(item, props, PROP_TAG(0x6804, PT_UNICODE | MV_FLAG), words);
    mapi_set(item, props, PROP_TAG(0x6807, PT_BINARY), "xyz", 3);
    value_from_prop(mapi_find(props, 0x6804), &texts);
    value_from_prop(mapi_find(props, 0x6807), &bytes);
    value_set_text(&blue, "blue");
    g_assert_cmpint(value_parse(VALUE_BYTES, "eXo=", &some), ==, 0);
    g_assert_true(value_contains(&texts, &blue, MATCH_FULL, MATCH_IGNORE_CASE));
    g_assert_false(value_contains(&texts, &blue, MATCH_FULL, 0));
    g_assert_true(value_contains(&bytes, &some, MATCH_SUBSTRING, 0));
    g_assert_false(value_contains(&bytes, &some, MATCH_PREFIX, 0));
    g_assert_false(value_contains(&bytes, &some, MATCH_FULL, 0));
    g_assert_false(value_contains(&bytes, &blue, MATCH_SUBSTRING, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/constants", test_constants);
    g_test_add_func("/value/comparing", test_comparing);
    g_test_add_func("/value/properties", test_properties);
    g_test_add_func("/value/containing", test_containing);
    return g_test_run();
}
