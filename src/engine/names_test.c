#include "engine/names.h"

#include <string.h>

#include "base/check.h"

static void test_candidate(void)
{
    static const struct {
        const char *name;
        unsigned int attempt;
        const char *want;
    } rows[] = {
        { "Projects/2020", 0, "Projects/2020" },
        { "Projects/2020", 1, "Projects-2020" },
        { "Projects/2020", 2, "Projects-2020 (2)" },
        { "a\\b", 1, "a-b" },
        { "tab\there", 1, "tab here" },
        { "  spaced ", 1, "spaced" },
        { "\x01\x02", 1, "Folder" },
        { "", 1, "Folder" },
        { "Ünïcödé ✓", 1, "Ünïcödé ✓" },
        { "broken \xff", 1, "broken \xef\xbf\xbd" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = name_candidate(rows[i].name, rows[i].attempt);

        CHECK_ROW(rows[i].name, g_strcmp0(got, rows[i].want) == 0);
    }
}

/* Every name leads to many more, all different, and then to none. */
static void test_candidates_end(void)
{
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *longest = g_strnfill(5000, 'x');
    unsigned int n = 0;
    char *name;

    while ((name = name_candidate(longest, n)) != NULL) {
        if (n++ > 0)
            g_assert_cmpuint(strlen(name), <=, 255);
        g_assert_true(g_hash_table_add(seen, name));
    }
    g_assert_cmpuint(n, >, 10);
    g_assert_cmpuint(n, <, 32);
}

static void test_equal(void)
{
    static const struct {
        const char *a, *b;
        bool want;
    } rows[] = {
        { "Inbox", "inbox", true },
        { "Entwürfe", "ENTWÜRFE", true },
        { "Stra\xc3\x9f"
          "e",
          "STRASSE", true },
        /* composed and decomposed */
        { "caf\xc3\xa9", "cafe\xcc\x81", true },
        { "Inbox", "Inbox ", false },
        { "", "x", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].a, name_equal(rows[i].a, rows[i].b) == rows[i].want);
}

static void test_path(void)
{
    static const struct {
        const char *parent, *name, *want;
    } rows[] = {
        { NULL, "Inbox", "Inbox" },
        { "", "Inbox", "Inbox" },
        { "Inbox", "a/b", "Inbox/a%2Fb" },
        { "Inbox/a%2Fb", "100%", "Inbox/a%2Fb/100%25" },
        { "Inbox", "%2F", "Inbox/%252F" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = name_path(rows[i].parent, rows[i].name);

        CHECK_ROW(rows[i].want, strcmp(got, rows[i].want) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/candidate", test_candidate);
    g_test_add_func("/names/candidates-end", test_candidates_end);
    g_test_add_func("/names/equal", test_equal);
    g_test_add_func("/names/path", test_path);
    return g_test_run();
}
