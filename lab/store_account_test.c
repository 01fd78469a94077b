#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/store_fixture.h"

/* The user is what stands before the '@'.  Returns its key, -1 if refused. */
static int64_t add_account(struct lab_store *store, const char *domain,
                           const char *address, int64_t mailbox)
{
    g_auto(lab_account) a = { .domain = g_strdup(domain),
                              .user = g_strndup(address, strcspn(address, "@")),
                              .address = g_strdup(address),
                              .password = g_strdup("secret"),
                              .mailbox = mailbox };
    int64_t key = 0;
    struct err err;

    if (lab_store_add_account(store, &a, &key, &err) == 0)
        return key;
    g_assert_cmpstr(err.name, ==, "ErrorInvalidOperation");
    return -1;
}

static void test_logins(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *domain, *user, *want; /* its address, or NULL */
    } rows[] = {
        { "domain\\user", NULL, "FIRST\\ann", "ann@corp.example" },
        { "whatever case", NULL, "first\\ANN", "ann@corp.example" },
        { "principal name", NULL, "Ann@Corp.example", "ann@corp.example" },
        { "user alone", NULL, "ann", "ann@corp.example" },
        { "NTLM's two parts", "FIRST", "ann", "ann@corp.example" },
        { "NTLM without domain", "", "ann", "ann@corp.example" },
        { "NTLM with a principal name", "", "ann@corp.example", "ann@corp.example" },
        { "another domain", "SECOND", "ann", NULL },
        { "user of two domains", NULL, "ben", NULL },
        { "the one of them", NULL, "SECOND\\ben", "ben@two.example" },
        { "nobody", NULL, "cleo", NULL },
        { "empty", NULL, "", NULL },
        { "a wildcard is none", NULL, "an%", NULL },
    };
    /* clang-format on */
    g_autoptr(lab_store) store = open_store(NULL, 1);
    struct err err;

    add_account(store, "FIRST", "ann@corp.example", 0);
    add_account(store, "FIRST", "ben@corp.example", 0);
    add_account(store, "SECOND", "ben@two.example", 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(lab_account) a = { 0 };
        int found = lab_store_find_account(store, rows[i].domain, rows[i].user,
                                           &a, &err);

        CHECK_ROW(rows[i].name, found == (rows[i].want != NULL));
        CHECK_ROW(rows[i].name, g_strcmp0(a.address, rows[i].want) == 0);
    }
    g_assert_cmpint(add_account(store, "FIRST", "ann@other.example", 0), ==,
                    -1);
    g_assert_cmpint(add_account(store, "THIRD", "ANN@corp.example", 0), ==, -1);
}

static void test_rights(void)
{
    g_autoptr(lab_store) store = open_store(NULL, 1);
    int64_t ann = add_mailbox(store, "ann@corp.example", 0);
    int64_t ben = add_mailbox(store, "ben@corp.example", 0);
    int64_t key = 0;
    g_auto(lab_account) found = { 0 };
    struct err err;

    key = add_account(store, "D", "ann@corp.example", ann);
    g_assert_cmpint(lab_store_may_open(store, key, ann, &err), ==, 1);
    g_assert_cmpint(lab_store_may_open(store, key, ben, &err), ==, 0);
    CHECK_OK(lab_store_grant(store, key, ben, &err), &err);
    CHECK_OK(lab_store_grant(store, key, ben, &err), &err);
    g_assert_cmpint(lab_store_may_open(store, key, ben, &err), ==, 1);
    CHECK_OK(lab_store_set_account(store, key, "new", true, &err), &err);
    g_assert_cmpint(lab_store_find_account(store, "D", "ann", &found, &err), ==,
                    1);
    g_assert_cmpstr(found.password, ==, "new");
    g_assert_true(found.may_impersonate);
    g_assert_cmpint(found.mailbox, ==, ann);
}

static void test_addresses(void)
{
    g_autoptr(lab_store) store = open_store(NULL, 1);
    int64_t ann = add_mailbox(store, "ann@corp.example", 0);
    g_auto(lab_mailbox) m = { 0 }, missing = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    add_mailbox(store, "aaron@corp.example", 0);
    CHECK_OK(lab_store_add_alias(store, ann, "a.b@corp.example", &err), &err);
    g_assert_cmpint(lab_store_find_mailbox(store, "A.B@corp.example", &m, &err),
                    ==, 1);
    g_assert_cmpstr(m.address, ==, "ann@corp.example");
    g_assert_cmpstr(m.legacy_dn, ==,
                    "/o=First Organization/ou=Exchange Administrative Group "
                    "(FYDIBOHF23SPDLT)/cn=Recipients/cn=ann");
    g_assert_cmpint(
        lab_store_find_mailbox(store, "x@corp.example", &missing, &err), ==, 0);
    g_assert_cmpint(
        lab_store_add_mailbox(store, "a.b@CORP.example", NULL, 0, NULL, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidOperation");
    g_assert_cmpint(lab_store_get_mailbox(store, 999, &missing, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorNonExistentMailbox");
    CHECK_OK(lab_store_mailboxes(store, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 2);
    g_assert_cmpstr(((struct lab_mailbox *)all->pdata[0])->address, ==,
                    "aaron@corp.example");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-account/logins", test_logins);
    g_test_add_func("/store-account/rights", test_rights);
    g_test_add_func("/store-account/addresses", test_addresses);
    return g_test_run();
}
