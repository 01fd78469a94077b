#include "store/roster_accounts.h"

#include <pthread.h>
#include <string.h>

#include "base/check.h"
#include "store/roster_testing.h"

static const struct account_change acme = { .partner = "P-1001",
                                            .name = "Acme" };

static int64_t add(struct roster_fixture *f, const char *partner)
{
    const struct account_change wish = { .partner = partner, .name = "Some" };
    int64_t id = 0;
    struct err err;

    CHECK_OK(roster_account_add(f->roster, &roster_alice, &wish, &id, &err),
             &err);
    g_assert_cmpint(id, >, 0);
    return id;
}

static struct roster_account *get(struct roster_fixture *f, int64_t id)
{
    struct roster_account *a = NULL;
    struct err err;

    g_assert_cmpint(roster_account_get(f->roster, id, &a, &err), ==, 1);
    return a;
}

static void refused(int result, const struct err *err, const char *name)
{
    g_assert_cmpint(result, ==, -1);
    g_assert_cmpstr(err->name, ==, name);
}

static void test_accounts(struct roster_fixture *f, gconstpointer data)
{
    const struct domain_wish domains[] = { { "Acme.Example", true },
                                           { "other.example", false } };
    const struct account_change wish = { "P-1001", "Acme", "by hand\nor not",
                                         domains, 2 };
    const struct account_change again = { .partner = "p-1001", .name = "x" };
    g_autoptr(roster_account) a = NULL, none = NULL;
    g_autofree char *told = NULL;
    int64_t id = 0, other = 77;
    struct err err;

    (void)data;
    CHECK_OK(roster_account_add(f->roster, &roster_alice, &wish, &id, &err),
             &err);
    refused(roster_account_add(f->roster, &roster_alice, &again, &other, &err),
            &err, "taken");
    g_assert_cmpint(other, ==, 77);
    roster_fixture_open(f);
    a = get(f, id);
    g_assert_cmpstr(a->partner, ==, "P-1001");
    g_assert_cmpstr(a->name, ==, "Acme");
    g_assert_cmpstr(a->notes, ==, "by hand\nor not");
    g_assert_cmpint(a->version, ==, 1);
    g_assert_cmpuint(a->domains->len, ==, 2);
    g_assert_cmpstr(((struct account_domain *)a->domains->pdata[0])->name, ==,
                    "acme.example");
    g_assert_cmpint(
        ((struct account_domain *)a->domains->pdata[0])->verified_us, >, 0);
    g_assert_cmpint(
        ((struct account_domain *)a->domains->pdata[1])->verified_us, ==, 0);
    g_assert_cmpint(roster_account_get(f->roster, id + 5, &none, &err), ==, 0);
    told = roster_fixture_trail(f);
    g_assert_cmpstr(told, ==,
                    "account.add account 1 Partner ID P-1001, name Acme, "
                    "notes, domains Acme.Example (verified) other.example\n");
}

static void test_account_changes(struct roster_fixture *f, gconstpointer data)
{
    const struct domain_wish one = { "a.example", true };
    const struct domain_wish both[] = { { "a.example", true },
                                        { "b.example", false } };
    const struct account_change first = { .domains = &one, .n_domains = 1 };
    const struct account_change second = {
        .name = "New", .notes = "", .domains = both, .n_domains = 2
    };
    const struct account_change theirs = { .partner = "P-2" };
    int64_t id = add(f, "P-1"), since_us;
    g_autoptr(roster_account) a = NULL, b = NULL;
    struct err err;

    (void)data;
    add(f, "P-2");
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, id, 1, &first, &err),
        &err);
    a = get(f, id);
    g_assert_cmpint(a->version, ==, 2);
    g_assert_cmpstr(a->name, ==, "Some");
    since_us = ((struct account_domain *)a->domains->pdata[0])->verified_us;
    /* somebody saw the version before */
    refused(
        roster_account_change(f->roster, &roster_alice, id, 1, &second, &err),
        &err, "changed");
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, id, 0, &second, &err),
        &err);
    b = get(f, id);
    g_assert_cmpstr(b->name, ==, "New");
    g_assert_null(b->notes);
    g_assert_cmpuint(b->domains->len, ==, 2);
    g_assert_cmpint(
        ((struct account_domain *)b->domains->pdata[0])->verified_us, ==,
        since_us);
    refused(
        roster_account_change(f->roster, &roster_alice, id, 0, &theirs, &err),
        &err, "taken");
    refused(
        roster_account_change(f->roster, &roster_alice, 99, 0, &first, &err),
        &err, "not-found");
}

/* Two accounts may hope for a domain; one has it. */
static void test_a_domain_is_one_accounts(struct roster_fixture *f,
                                          gconstpointer data)
{
    const struct domain_wish hoped = { "a.example", false },
                             had = { "A.example", true };
    const struct account_change hopes = { .domains = &hoped, .n_domains = 1 },
                                has = { .domains = &had, .n_domains = 1 };
    int64_t one = add(f, "P-1"), two = add(f, "P-2");
    struct account_filter filter = { .domain = "a.EXAMPLE" };
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    (void)data;
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, one, 0, &has, &err),
        &err);
    refused(roster_account_change(f->roster, &roster_alice, two, 0, &has, &err),
            &err, "taken");
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, two, 0, &hopes, &err),
        &err);
    CHECK_OK(roster_accounts(f->roster, &filter, &roster_all, &found, &err),
             &err);
    g_assert_cmpuint(found->len, ==, 2);
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, one, 0, &hopes, &err),
        &err);
    CHECK_OK(
        roster_account_change(f->roster, &roster_alice, two, 0, &has, &err),
        &err);
}

static void test_what_is_no_account(struct roster_fixture *f,
                                    gconstpointer data)
{
    static const struct {
        const char *name, *partner, *title, *notes, *domain, *why;
    } rows[] = {
        { "no Partner ID", "", "x", NULL, NULL, "missing" },
        { "no name", "P", NULL, NULL, NULL, "missing" },
        { "a line end", "P\nQ", "x", NULL, NULL, "invalid" },
        { "no UTF-8", "P", "x\xff", NULL, NULL, "invalid" },
        { "an escape in notes", "P", "x", "a\033[2Jb", NULL, "invalid" },
        { "no dot", "P", "x", NULL, "localhost", "invalid" },
        { "an empty label", "P", "x", NULL, "a..example", "invalid" },
        { "a hyphen first", "P", "x", NULL, "-a.example", "invalid" },
        { "a hyphen last", "P", "x", NULL, "a-.example", "invalid" },
        { "a hyphen at the end", "P", "x", NULL, "a.example-", "invalid" },
        { "a dot last", "P", "x", NULL, "a.example.", "invalid" },
        { "not ASCII", "P", "x", NULL, "b\xc3\xbc.example", "invalid" },
        { "an address", "P", "x", NULL, "a@b.example", "invalid" },
        { "no domain", "P", "x", NULL, "", "missing" },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct domain_wish d = { rows[i].domain, true };
        const struct account_change wish = { rows[i].partner, rows[i].title,
                                             rows[i].notes,
                                             rows[i].domain != NULL ? &d : NULL,
                                             rows[i].domain != NULL };
        int64_t id;
        struct err err;

        CHECK_ROW(rows[i].name, roster_account_add(f->roster, &roster_alice,
                                                   &wish, &id, &err) == -1);
        CHECK_ROW(rows[i].name, g_strcmp0(err.name, rows[i].why) == 0);
    }
}

/* ---- contacts ------------------------------------------------------------ */

static int64_t contact(struct roster_fixture *f, int64_t account,
                       const char *address, unsigned roles)
{
    const struct contact_change wish = { address, "Pat", roles, -1 };
    int64_t id = 0;
    struct err err;

    CHECK_OK(
        roster_contact_add(f->roster, &roster_alice, account, &wish, &id, &err),
        &err);
    return id;
}

static guint count(struct roster_fixture *f, int64_t account,
                   const char *address)
{
    const struct contact_filter filter = { account, address };
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    CHECK_OK(roster_contacts(f->roster, &filter, &roster_all, &found, &err),
             &err);
    return found->len;
}

static void test_contacts(struct roster_fixture *f, gconstpointer data)
{
    int64_t one = add(f, "P-1"), two = add(f, "P-2");
    int64_t id = contact(f, one, "Pat@A.example",
                         1 << CONTACT_PRIMARY | 1 << CONTACT_TECHNICAL);
    const struct contact_change again = { "pat@a.example", NULL, 1, -1 },
                                gone = { .disabled = 1 },
                                renamed = { "sam@a.example", "", 0, -1 },
                                bad = { "pat", NULL, 1, -1 },
                                idle = { "x@a.example", NULL, 0, -1 };
    g_autoptr(roster_contact) a = NULL, b = NULL;
    g_autofree char *told = NULL;
    int64_t other;
    struct err err;

    (void)data;
    contact(f, two, "pat@a.example", 1 << CONTACT_BILLING);
    refused(
        roster_contact_add(f->roster, &roster_alice, one, &again, &other, &err),
        &err, "taken");
    refused(
        roster_contact_add(f->roster, &roster_alice, 99, &again, &other, &err),
        &err, "not-found");
    refused(
        roster_contact_add(f->roster, &roster_alice, one, &bad, &other, &err),
        &err, "invalid");
    refused(
        roster_contact_add(f->roster, &roster_alice, one, &idle, &other, &err),
        &err, "missing");
    g_assert_cmpuint(count(f, 0, "PAT@a.example"), ==, 2);
    g_assert_cmpuint(count(f, two, NULL), ==, 1);
    g_assert_cmpint(roster_contact_get(f->roster, id, &a, &err), ==, 1);
    g_assert_cmpstr(a->address, ==, "Pat@A.example");
    g_assert_cmpstr(a->name, ==, "Pat");
    g_assert_cmpuint(a->roles, ==, 5);
    CHECK_OK(
        roster_contact_change(f->roster, &roster_alice, id, 1, &gone, &err),
        &err);
    refused(
        roster_contact_change(f->roster, &roster_alice, id, 1, &renamed, &err),
        &err, "changed");
    CHECK_OK(
        roster_contact_change(f->roster, &roster_alice, id, 2, &renamed, &err),
        &err);
    g_assert_cmpint(roster_contact_get(f->roster, id, &b, &err), ==, 1);
    g_assert_cmpstr(b->address, ==, "sam@a.example");
    g_assert_null(b->name);
    g_assert_cmpuint(b->roles, ==, 5);
    g_assert_cmpint(b->disabled_us, >, 0);
    CHECK_OK(roster_contact_remove(f->roster, &roster_alice, id, 0, &err),
             &err);
    g_assert_cmpuint(count(f, one, NULL), ==, 0);
    told = roster_fixture_trail(f);
    g_assert_nonnull(strstr(told,
                            "contact.add contact Pat@A.example of account 1 "
                            "address Pat@A.example, name Pat, primary, "
                            "technical\n"));
    g_assert_nonnull(strstr(told, "contact.remove contact sam@a.example of "
                                  "account 1 -\n"));
}

static void test_removing(struct roster_fixture *f, gconstpointer data)
{
    int64_t one = add(f, "P-1"), two = add(f, "P-2"), migration;
    g_autoptr(roster_account) none = NULL;
    struct err err;

    (void)data;
    contact(f, one, "pat@a.example", 1);
    contact(f, two, "pat@a.example", 1);
    CHECK_OK(database_migration_add(f->database, two, &migration, &err), &err);
    refused(roster_account_remove(f->roster, &roster_alice, one, 2, &err), &err,
            "changed");
    CHECK_OK(roster_account_remove(f->roster, &roster_alice, one, 1, &err),
             &err);
    g_assert_cmpint(roster_account_get(f->roster, one, &none, &err), ==, 0);
    refused(roster_account_remove(f->roster, &roster_alice, one, 0, &err), &err,
            "not-found");
    refused(roster_account_remove(f->roster, &roster_alice, two, 0, &err), &err,
            "in-use");
    g_assert_cmpuint(count(f, 0, NULL), ==, 1);
    g_assert_cmpint(
        roster_account_add(f->roster, &roster_alice, &acme, &migration, &err),
        ==, 0);
}

/* ---- two at once --------------------------------------------------------- */

#define TIMES 30

static void *fill(void *data)
{
    struct roster *p = data;
    struct err err;

    for (int i = 0; i < TIMES; i++)
        CHECK_OK(roster_audit_add(p, &roster_alice, "test", "x", NULL, &err),
                 &err);
    return NULL;
}

struct claimant {
    struct roster *roster;
    int64_t account;
    pthread_barrier_t *start;
    int won[TIMES];
};

/* Each name once, at the same moment as the other. */
static void *verify(void *data)
{
    struct claimant *c = data;

    for (int i = 0; i < TIMES; i++) {
        g_autofree char *name = g_strdup_printf("d%d.example", i);
        const struct domain_wish has = { name, true };
        const struct account_change change = { .domains = &has,
                                               .n_domains = 1 };
        struct err err;

        pthread_barrier_wait(c->start);
        c->won[i] = roster_account_change(c->roster, &roster_alice, c->account,
                                          0, &change, &err) == 0;
        if (!c->won[i])
            g_assert_cmpstr(err.name, ==, "taken");
        /* the other may have lost because this one still has it */
        pthread_barrier_wait(c->start);
    }
    return NULL;
}

static void test_one_domain_twice_at_once(struct roster_fixture *f,
                                          gconstpointer data)
{
    pthread_barrier_t start;
    struct claimant one = { f->roster, add(f, "P-1"), &start, { 0 } },
                    two = { f->roster, add(f, "P-2"), &start, { 0 } };
    pthread_t thread;

    (void)data;
    pthread_barrier_init(&start, NULL, 2);
    g_assert_cmpint(pthread_create(&thread, NULL, verify, &two), ==, 0);
    verify(&one);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&start);
    for (int i = 0; i < TIMES; i++)
        g_assert_cmpint(one.won[i] + two.won[i], ==, 1);
}

/* A command's, beside the service that has the database open. */
static void test_beside(struct roster_fixture *f, gconstpointer data)
{
    struct database *d = NULL, *none = NULL;
    struct roster *beside;
    g_autoptr(roster_account) a = NULL;
    struct audit_verdict v;
    int64_t id = add(f, "P-1");
    pthread_t thread;
    struct err err;

    (void)data;
    if (store_tmp_server() == NULL)
        refused(database_open(f->tmp->path, STORE_WRITE, &none, &err), &err,
                "store-locked");
    CHECK_OK(database_open(f->tmp->path, STORE_BESIDE, &d, &err), &err);
    beside = roster_new(d);
    g_assert_cmpint(roster_account_get(beside, id, &a, &err), ==, 1);
    g_assert_cmpint(pthread_create(&thread, NULL, fill, f->roster), ==, 0);
    fill(beside);
    pthread_join(thread, NULL);
    CHECK_OK(roster_audit_verify(f->roster, &v, &err), &err);
    g_assert_cmpint(v.n, ==, 1 + 2 * TIMES);
    g_assert_cmpint(v.bad_id, ==, 0);
    roster_free(beside);
    database_close(d);
    add(f, "P-2");
}

/* Where there is nothing yet, it is the one writer. */
static void test_beside_nobody(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct database *d = NULL, *none = NULL;
    struct err err;

    CHECK_OK(database_open(tmp->path, STORE_BESIDE, &d, &err), &err);
    refused(database_open(tmp->path, STORE_WRITE, &none, &err), &err,
            "store-locked");
    database_close(d);
    CHECK_OK(database_open(tmp->path, STORE_BESIDE, &d, &err), &err);
    CHECK_OK(database_open(tmp->path, STORE_WRITE, &none, &err), &err);
    database_close(none);
    database_close(d);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, test)                                                        \
    g_test_add("/roster/accounts/" name, struct roster_fixture, NULL,          \
               roster_fixture_set_up, test, roster_fixture_tear_down)
    ADD("accounts", test_accounts);
    ADD("changes", test_account_changes);
    ADD("domains", test_a_domain_is_one_accounts);
    ADD("hostile", test_what_is_no_account);
    ADD("contacts", test_contacts);
    ADD("removing", test_removing);
    ADD("at-once", test_one_domain_twice_at_once);
    ADD("beside", test_beside);
#undef ADD
    if (store_tmp_server() == NULL)
        g_test_add_func("/roster/accounts/beside-nobody", test_beside_nobody);
    return g_test_run();
}
