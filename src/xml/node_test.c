#include "xml/node.h"

#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "xml/check.h"

static void test_walk(void)
{
    g_autoptr(xml_doc) doc = xml_check_read(
        "<r xmlns:t='u'> x <a n='1'/> <t:b n='2'>y</t:b><a n='3'><c>z</c></a>"
        "</r>");
    const struct xml_node *root = xml_root(doc), *a = xml_child(root, "a");

    g_assert_true(xml_is(root, "r"));
    g_assert_cmpuint(xml_count(root), ==, 3);
    g_assert_cmpstr(xml_attr(xml_first(root), "n"), ==, "1");
    g_assert_cmpstr(xml_name(xml_next(xml_first(root))), ==, "b");
    g_assert_cmpstr(xml_attr(xml_next_named(a, "a"), "n"), ==, "3");
    g_assert_null(xml_next_named(xml_next_named(a, "a"), "a"));
    g_assert_cmpstr(xml_child_text(root, "b"), ==, "y");
    g_assert_null(xml_child_text(root, "c"));
    g_assert_cmpstr(xml_text(a), ==, "");
    g_assert_null(xml_attr(a, "m"));
}

static void test_find_and_below(void)
{
    g_autoptr(xml_doc) doc =
        xml_check_read("<r><a><x/></a><a><b><c>1</c></b></a><c>2</c></r>");
    const struct xml_node *root = xml_root(doc);

    /* A path takes the first of each name; below looks everywhere. */
    g_assert_null(xml_find(root, "a/b/c"));
    g_assert_cmpstr(xml_text(xml_find(root, "c")), ==, "2");
    g_assert_true(xml_find(root, "") == root);
    g_assert_cmpstr(xml_text(xml_below(root, "c")), ==, "1");
    g_assert_null(xml_below(root, "r"));
    g_assert_null(xml_below(xml_find(root, "c"), "c"));
    g_assert_null(xml_below(xml_find(root, "a"), "c"));
}

static void test_null_walks_to_null(void)
{
    g_assert_null(xml_first(NULL));
    g_assert_null(xml_next(NULL));
    g_assert_null(xml_child(NULL, "a"));
    g_assert_null(xml_find(NULL, "a/b"));
    g_assert_null(xml_below(NULL, "a"));
    g_assert_null(xml_attr(NULL, "a"));
    g_assert_null(xml_child_text(NULL, "a"));
    g_assert_cmpstr(xml_text(NULL), ==, "");
    g_assert_cmpuint(xml_count(NULL), ==, 0);
    g_assert_false(xml_is(NULL, "a"));
}

/* Text is one stretch, whatever stands in it. */
static void test_text_is_whole(void)
{
    g_autoptr(xml_doc) doc = xml_check_read(
        "<r a=' &amp;&#65; '>a<!-- c -->b<![CDATA[<]]>&amp;<?p?>d</r>");

    g_assert_cmpstr(xml_text(xml_root(doc)), ==, "ab<&d");
    g_assert_cmpstr(xml_attr(xml_root(doc), "a"), ==, " &A ");
}

static void test_uint(void)
{
    static const struct {
        const char *name, *text;
        uint64_t max;
        bool ok;
        uint64_t want;
    } rows[] = {
        { "zero", "0", 9, true, 0 },
        { "space around", " 42\n", 99, true, 42 },
        { "the most", "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
        { "over the most", "18446744073709551616", UINT64_MAX, false, 0 },
        { "over max", "10", 9, false, 0 },
        { "negative", "-1", 9, false, 0 },
        { "junk after", "1x", 9, false, 0 },
        { "empty", "", 9, false, 0 },
        { "none", NULL, 9, false, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t got = 77;
        bool ok = xml_parse_uint(rows[i].text, rows[i].max, &got);

        CHECK_ROW(rows[i].name, ok == rows[i].ok);
        CHECK_ROW(rows[i].name, got == (ok ? rows[i].want : 77));
    }
}

static void test_bool(void)
{
    static const struct {
        const char *name, *text;
        bool ok, want;
    } rows[] = {
        { "true", "true", true, true },      { "one", "1", true, true },
        { "false", " false ", true, false }, { "zero", "0", true, false },
        { "True", "True", false, false },    { "empty", "", false, false },
        { "none", NULL, false, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool got = !rows[i].want;
        bool ok = xml_parse_bool(rows[i].text, &got);

        CHECK_ROW(rows[i].name, ok == rows[i].ok);
        CHECK_ROW(rows[i].name, got == (ok ? rows[i].want : !rows[i].want));
    }
}

/* EWS-QUIRKS 3: fractions of any length. */
static void test_time(void)
{
    static const struct {
        const char *name, *text;
        bool ok;
        int64_t want;
    } rows[] = {
        { "plain", "1970-01-02T00:00:00Z", true, 86400 * TIMESTAMP_SECOND },
        { "three digits", " 1970-01-01T00:00:01.500Z ", true, 1500000 },
        { "nine digits", "1970-01-01T00:00:01.500000999Z", true, 1500000 },
        { "date only", "1970-01-01", false, 0 },
        { "none", NULL, false, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t got = 77;
        bool ok = xml_parse_time(rows[i].text, &got);

        CHECK_ROW(rows[i].name, ok == rows[i].ok);
        CHECK_ROW(rows[i].name, got == (ok ? rows[i].want : 77));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/node/walk", test_walk);
    g_test_add_func("/node/find", test_find_and_below);
    g_test_add_func("/node/null", test_null_walks_to_null);
    g_test_add_func("/node/text", test_text_is_whole);
    g_test_add_func("/node/uint", test_uint);
    g_test_add_func("/node/bool", test_bool);
    g_test_add_func("/node/time", test_time);
    return g_test_run();
}
