#include "web/page.h"

#include <string.h>

#include "base/check.h"

static void test_round(void)
{
    static const int64_t ids[] = { 1, 42, INT64_MAX };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *cursor = web_cursor(NULL, ids[i], NULL);
        const struct web_page_query q = { "7", cursor, NULL };
        struct web_page page;
        struct err err;

        CHECK_OK(web_page_read(&q, &page, &err), &err);
        g_assert_cmpint(page.after, ==, ids[i]);
        g_assert_cmpuint(page.limit, ==, 7);
    }
}

/* What it is by comes back whole, and goes with its own order alone. */
static void test_order(void)
{
    static const char *const keys[] = { "", "a:b:c", "\xc3\xa9", "-1" };

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *cursor = web_cursor("-name", 42, keys[i]);
        struct web_page_query q = { NULL, cursor, "-name" };
        struct web_page page;
        struct err err;

        CHECK_OK(web_page_read(&q, &page, &err), &err);
        g_assert_cmpint(page.after, ==, 42);
        g_assert_cmpstr(page.key, ==, keys[i]);
        g_free(page.key);
        q.sort = "name";
        g_assert_cmpint(web_page_read(&q, &page, &err), ==, -1);
        q.sort = NULL;
        g_assert_cmpint(web_page_read(&q, &page, &err), ==, -1);
    }
}

static void test_hostile(void)
{
    static const struct {
        const char *name, *limit, *after;
    } rows[] = {
        { "no limit", "0", NULL },
        { "too much", "501", NULL },
        { "negative", "-1", NULL },
        { "a word", "all", NULL },
        { "no base64", NULL, "!" },
        { "nothing", NULL, "" },
        { "another mark", NULL, "ajE6NA" }, /* j1:4 */
        { "no number", NULL, "aTE6" },      /* i1: */
        { "zero", NULL, "aTE6MA" },         /* i1:0 */
        { "negative id", NULL, "aTE6LTE" }, /* i1:-1 */
        { "too large", NULL, "aTE6OTIyMzM3MjAzNjg1NDc3NTgwOA" },
        { "a NUL within", NULL, "aTE6NAA1" }, /* i1:4\0005 */
        { "very long", NULL,
          "aTE6MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct web_page page = { 3, 4 };
        struct err err;
        const struct web_page_query q = { rows[i].limit, rows[i].after, NULL };

        CHECK_ROW(rows[i].name, web_page_read(&q, &page, &err) == -1);
        CHECK_ROW(rows[i].name, page.limit == 3 && page.after == 4);
    }
}

static void test_json(void)
{
    json_t *more = web_page_json(json_array(), "aTE6NA");
    json_t *last = web_page_json(json_array(), NULL);

    g_assert_cmpstr(json_string_value(json_object_get(more, "next")), ==,
                    "aTE6NA");
    g_assert_true(json_is_null(json_object_get(last, "next")));
    json_decref(more);
    json_decref(last);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/page/round", test_round);
    g_test_add_func("/page/order", test_order);
    g_test_add_func("/page/hostile", test_hostile);
    g_test_add_func("/page/json", test_json);
    return g_test_run();
}
