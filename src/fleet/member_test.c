#include "fleet/member.h"

#include <stdlib.h>

#include <glib.h>

static void test_read(void)
{
    json_t *o = json_pack("{s:s, s:i, s:i, s:n}", "text", "a", "n", 7, "less",
                          -1, "nothing");

    g_assert_cmpstr(member_text(o, "text"), ==, "a");
    g_assert_null(member_text(o, "n"));
    g_assert_null(member_text(o, "nothing"));
    g_assert_null(member_text(o, "missing"));
    g_assert_null(member_text(NULL, "text"));
    g_assert_cmpuint(member_number(o, "n"), ==, 7);
    g_assert_cmpuint(member_number(o, "less"), ==, 0);
    g_assert_cmpuint(member_number(o, "text"), ==, 0);
    g_assert_cmpuint(member_number(o, "missing"), ==, 0);
    json_decref(o);
}

static void test_set(void)
{
    json_t *o = json_object();
    char *text;

    member_set_text(o, "a", "b");
    member_set_text(o, "none", NULL);
    member_set_text(o, "broken", "\xff");
    member_set_number(o, "n", 7);
    member_set_time(o, "at", INT64_C(1767323045000000));
    member_set_time(o, "never", 0);
    text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
    g_assert_cmpstr(text, ==,
                    "{\"a\":\"b\",\"at\":\"2026-01-02T03:04:05Z\",\"n\":7,"
                    "\"never\":null,\"none\":null}");
    free(text);
    json_decref(o);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/member/read", test_read);
    g_test_add_func("/member/set", test_set);
    return g_test_run();
}
