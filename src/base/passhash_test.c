#include "base/passhash.h"

#include <string.h>

#include "base/check.h"

/* As little as libsodium takes: tests need not be safe. */
static const struct passhash_cost cheap = { 1, 8192 };

/* Made by the reference implementation (python3-argon2), not by libsodium. */
static const char foreign[] =
    "$argon2id$v=19$m=8192,t=2,p=1$MDEyMzQ1Njc4OWFiY2Rl"
    "Zg$/Mh1HRMVZ7oQOhbFR1ptcuzOWn9fWG5NuksNT9wRGfM";

static void test_foreign(void)
{
    g_assert_true(passhash_check(foreign, "correct horse battery", &cheap));
    g_assert_false(passhash_check(foreign, "correct horse batterY", &cheap));
    g_assert_false(passhash_check(foreign, "", &cheap));
}

static void test_round(void)
{
    char a[PASSHASH_SIZE], b[PASSHASH_SIZE];
    struct err err;

    CHECK_OK(passhash_make("correct horse", &cheap, a, &err), &err);
    CHECK_OK(passhash_make("correct horse", &cheap, b, &err), &err);
    g_assert_cmpstr(a, !=, b);
    g_assert_true(g_str_has_prefix(a, "$argon2id$v=19$m=8,t=1,p=1$"));
    g_assert_true(passhash_check(a, "correct horse", &cheap));
    g_assert_false(passhash_check(a, "correct horsf", &cheap));
}

static void test_limits(void)
{
    g_autofree char *longest = g_strnfill(PASSHASH_LONGEST, 'x');
    g_autofree char *longer = g_strnfill(PASSHASH_LONGEST + 1, 'x');
    char hash[PASSHASH_SIZE];
    struct err err;

    g_assert_cmpint(passhash_make("eleven byte", &cheap, hash, &err), ==, -1);
    g_assert_null(strstr(err.msg, "eleven"));
    g_assert_cmpint(passhash_make(longer, &cheap, hash, &err), ==, -1);
    CHECK_OK(passhash_make(longest, &cheap, hash, &err), &err);
    g_assert_true(passhash_check(hash, longest, &cheap));
    g_assert_false(passhash_check(hash, longer, &cheap));
    g_assert_false(passhash_check(NULL, longest, &cheap));
    g_assert_false(passhash_check("", longest, &cheap));
    g_assert_false(passhash_check(longer, longest, &cheap));
}

static void test_old(void)
{
    static const struct passhash_cost more = { 2, 8192 };
    char hash[PASSHASH_SIZE];
    struct err err;

    CHECK_OK(passhash_make("correct horse", &cheap, hash, &err), &err);
    g_assert_false(passhash_is_old(hash, &cheap));
    g_assert_true(passhash_is_old(hash, &more));
    g_assert_true(passhash_is_old(foreign, &cheap));
    /* the cost of a hash is its own: it is checked all the same */
    g_assert_true(passhash_check(hash, "correct horse", &more));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passhash/foreign", test_foreign);
    g_test_add_func("/passhash/round", test_round);
    g_test_add_func("/passhash/limits", test_limits);
    g_test_add_func("/passhash/old", test_old);
    return g_test_run();
}
