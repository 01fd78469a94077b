#include "base/nearest.h"

#include <string.h>

#include "base/check.h"

static void test_nearest(void)
{
    static const char *const words[] = { "source", "destination", "dry-run",
                                         "json",   "lanes",       NULL };
    static const struct {
        const char *name, *typed, *want; /* NULL: nothing is near */
    } rows[] = {
        { "the word itself", "json", "json" },
        { "neighbours swapped", "soruce", "source" },
        { "letter lost", "lnes", "lanes" },
        { "letter doubled", "jjson", "json" },
        { "letter replaced", "dry_run", "dry-run" },
        { "other case", "JSON", "json" },
        { "beginning", "dest", "destination" },
        { "three slips in a long word", "distenasion", "destination" },
        { "two slips in a short word", "jsxx", NULL },
        { "something else", "password", NULL },
        { "nothing typed", "", NULL },
        { "as long as may be", "sourcesourcesourcesourcesourcesourcesour",
          NULL },
        { "longer than any word", "sourcesourcesourcesourcesourcesourcesourc",
          NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, g_strcmp0(nearest_word(rows[i].typed, words),
                                          rows[i].want) == 0);
}

static void test_nearest_prefers_the_closer(void)
{
    static const char *const words[] = { "lines", "lanes", NULL };
    static const char *const none[] = { NULL };

    g_assert_cmpstr(nearest_word("lanez", words), ==, "lanes");
    g_assert_null(nearest_word("lanes", none));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nearest/word", test_nearest);
    g_test_add_func("/nearest/closer", test_nearest_prefers_the_closer);
    return g_test_run();
}
