#include "engine/idset.h"

static char *nth(int i)
{
    /* as Exchange's: long, and different in case only at the end */
    return g_strdup_printf("AAMkAGQ%0180d%c", i / 2, i % 2 ? 'A' : 'a');
}

static void test_set(void)
{
    g_autoptr(idset) s = idset_new();

    for (int i = 0; i < 2000; i += 2) {
        g_autofree char *id = nth(i);

        idset_add(s, id, (uint32_t)i);
        idset_add(s, id, (uint32_t)i);
    }
    idset_seal(s);
    g_assert_cmpuint(idset_size(s), ==, 1000);
    for (int i = 0; i < 2000; i++) {
        g_autofree char *id = nth(i);

        g_assert_true(idset_has(s, id) == (i % 2 == 0));
        g_assert_true(idset_tag(s, id) == (i % 2 == 0 ? (uint32_t)i : 0));
    }
}

static void test_marks(void)
{
    g_autoptr(idset) s = idset_new();

    idset_add(s, "one", 0);
    idset_add(s, "two", 0);
    idset_seal(s);
    g_assert_true(idset_mark(s, "one", 1));
    g_assert_true(idset_mark(s, "one", 4));
    g_assert_false(idset_mark(s, "One", 2));
    g_assert_cmpuint(idset_marks(s, "one"), ==, 5);
    g_assert_cmpuint(idset_marks(s, "two"), ==, 0);
    g_assert_cmpuint(idset_marks(s, "three"), ==, 0);
}

static void test_empty(void)
{
    g_autoptr(idset) s = idset_new();

    idset_seal(s);
    g_assert_cmpuint(idset_size(s), ==, 0);
    g_assert_false(idset_has(s, ""));
    g_assert_false(idset_mark(s, "x", 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/idset/set", test_set);
    g_test_add_func("/idset/marks", test_marks);
    g_test_add_func("/idset/empty", test_empty);
    return g_test_run();
}
