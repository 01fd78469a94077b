#include "ews/accounts.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"

static const struct err refusal = { .scope = ERR_MAILBOX,
                                    .retry = ERR_RETRY_REAUTH,
                                    .name = "Unauthorized",
                                    .msg = "no" };

/* "a", "b", ... */
static struct accounts *make(unsigned int n)
{
    struct accounts *a = accounts_new();
    g_autoptr(secret) password = secret_new("x", 1);

    for (unsigned int i = 0; i < n; i++) {
        const char name[] = { (char)('a' + i), '\0' };

        accounts_add(a, credential_new(name, password));
    }
    return a;
}

/* Who opens it; it stays open. */
static struct credential *open_one(struct accounts *a, const char *address)
{
    struct credential *c = accounts_take(a, address);

    g_assert_nonnull(c);
    return c;
}

static void refuse(struct credential *c)
{
    credential_settle(c, false, CREDENTIAL_REFUSED, &refusal);
}

static void test_fair(void)
{
    g_autoptr(accounts) a = make(3);
    struct credential *open[9];
    unsigned int n[3] = { 0 };

    for (unsigned int i = 0; i < G_N_ELEMENTS(open); i++) {
        g_autofree char *address = g_strdup_printf("u%u@x", i);

        open[i] = open_one(a, address);
        n[credential_user(open[i])[0] - 'a']++;
    }
    for (unsigned int i = 0; i < 3; i++)
        g_assert_cmpuint(n[i], ==, 3);
    for (unsigned int i = 0; i < G_N_ELEMENTS(open); i++)
        accounts_leave(a, open[i]);
}

/* One mailbox after another: the accounts take turns. */
static void test_turns(void)
{
    g_autoptr(accounts) a = make(2);
    static const char *const want[] = { "a", "b", "a", "b" };

    for (unsigned int i = 0; i < G_N_ELEMENTS(want); i++) {
        g_autofree char *address = g_strdup_printf("u%u@x", i);
        struct credential *c = open_one(a, address);

        g_assert_cmpstr(credential_user(c), ==, want[i]);
        accounts_leave(a, c);
    }
}

static void test_sticky(void)
{
    g_autoptr(accounts) a = make(2);
    struct credential *first = open_one(a, "ann@x");
    struct credential *second = open_one(a, "bob@x");

    for (int i = 0; i < 3; i++) {
        struct credential *again = open_one(a, "bob@x");

        g_assert_true(again == second && again != first);
        accounts_leave(a, again);
    }
    accounts_leave(a, first);
    accounts_leave(a, second);
}

static void test_refused(void)
{
    g_autoptr(accounts) a = make(2);
    g_autoptr(GHashTable) refused =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct credential *ann = open_one(a, "ann@x"), *bob, *eve;

    g_assert_cmpint(accounts_state(a, "ann@x"), ==, EWS_ACCOUNT_GOOD);
    g_assert_cmpint(accounts_state(a, "nobody@x"), ==, EWS_ACCOUNT_GOOD);
    refuse(ann);
    g_assert_cmpint(accounts_state(a, "ann@x"), ==, EWS_ACCOUNT_REPLACED);
    accounts_refused(a, refused);
    g_assert_cmpuint(g_hash_table_size(refused), ==, 1);
    accounts_leave(a, ann);
    /* The same mailbox again, and others: the one that is left. */
    bob = open_one(a, "ann@x");
    eve = open_one(a, "eve@x");
    g_assert_cmpstr(credential_user(bob), ==, "b");
    g_assert_true(eve == bob);
    g_assert_cmpint(accounts_state(a, "ann@x"), ==, EWS_ACCOUNT_GOOD);
    refuse(bob);
    g_assert_cmpint(accounts_state(a, "ann@x"), ==, EWS_ACCOUNT_REFUSED);
    accounts_leave(a, bob);
    accounts_leave(a, eve);
    accounts_refused(a, refused);
    g_assert_cmpuint(g_hash_table_size(refused), ==, 2);
    g_assert_true(g_hash_table_contains(refused, "b"));
    /* Somebody must tell why: one that was refused will. */
    bob = open_one(a, "zoe@x");
    g_assert_true(credential_is_refused(bob));
    accounts_leave(a, bob);
}

static void test_none(void)
{
    g_autoptr(accounts) a = accounts_new();

    g_assert_null(accounts_take(a, "ann@x"));
    g_assert_cmpint(accounts_state(a, "ann@x"), ==, EWS_ACCOUNT_GOOD);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/accounts/fair", test_fair);
    g_test_add_func("/accounts/turns", test_turns);
    g_test_add_func("/accounts/sticky", test_sticky);
    g_test_add_func("/accounts/refused", test_refused);
    g_test_add_func("/accounts/none", test_none);
    return g_test_run();
}
