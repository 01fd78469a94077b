/*
 * Several migrations in one database: each sees only what is its own.  On
 * SQLite, and run by tests/lib/postgres.py on PostgreSQL.
 */
#include "store/database.h"

#include "base/check.h"
#include "base/timestamp.h"
#include "store/sql_priv.h"
#include "store/store_tmp.h"

struct two {
    struct store_tmp *tmp;
    struct database *d;
    int64_t id[2];
    struct store *s[2];
    struct err err;
};

static void begin(struct two *t)
{
    t->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &t->d, &t->err), &t->err);
    for (int i = 0; i < 2; i++) {
        CHECK_OK(database_migration_add(t->d, 70 + i, &t->id[i], &t->err),
                 &t->err);
        t->s[i] = database_store(t->d, t->id[i]);
    }
}

static void end(struct two *t)
{
    store_free(t->s[0]);
    store_free(t->s[1]);
    database_close(t->d);
    store_tmp_free(t->tmp);
}

static void test_urls(void)
{
    static char a[] = "https://a", b[] = "https://b", c[] = "https://c";
    const struct store_migration m = { a, b, 5 }, n = { b, c, 6 };
    g_autoptr(GPtrArray) all = NULL;
    const struct database_migration *last;
    struct store_migration got = { 0 };
    struct two t = { 0 };

    begin(&t);
    g_assert_cmpint(store_migration_get(t.s[0], &got, &t.err), ==, 0);
    CHECK_OK(store_migration_set(t.s[0], &m, &t.err), &t.err);
    g_assert_cmpint(store_migration_get(t.s[1], &got, &t.err), ==, 0);
    CHECK_OK(store_migration_set(t.s[1], &n, &t.err), &t.err);
    g_assert_cmpint(store_migration_get(t.s[1], &got, &t.err), ==, 1);
    g_assert_cmpstr(got.destination_url, ==, "https://c");
    store_migration_clear(&got);
    CHECK_OK(database_migrations(t.d, &all, &t.err), &t.err);
    last = all->pdata[all->len - 1];
    g_assert_cmpint(last->id, ==, t.id[1]);
    g_assert_cmpint(last->account_id, ==, 71);
    g_assert_cmpstr(last->about.source_url, ==, "https://b");
    g_assert_cmpint(last->about.created_us, ==, 6);
    end(&t);
}

static void add(struct two *t, int which, const char *address, int64_t *ret)
{
    CHECK_OK(store_mailbox_add(t->s[which], address, "to@x", 1, ret, &t->err),
             &t->err);
}

/* The same pair of addresses in both is two mailboxes. */
static void test_mailboxes(void)
{
    g_autoptr(GPtrArray) all = NULL;
    struct store_mailbox *m = NULL;
    struct store_lease lease = { 0 };
    int64_t id[2] = { 0 }, again = 0;
    struct two t = { 0 };

    begin(&t);
    add(&t, 0, "a@x", &id[0]);
    add(&t, 1, "a@x", &id[1]);
    add(&t, 1, "A@X", &again);
    g_assert_cmpint(id[0], !=, id[1]);
    g_assert_cmpint(again, ==, id[1]);
    CHECK_OK(store_mailboxes(t.s[0], &all, &t.err), &t.err);
    g_assert_cmpuint(all->len, ==, 1);

    g_assert_cmpint(store_mailbox_get(t.s[0], id[1], &m, &t.err), ==, -1);
    g_assert_cmpstr(t.err.name, ==, "not-found");
    g_assert_cmpint(store_mailbox_lease(t.s[0], id[1], &lease, &t.err), ==, -1);
    g_assert_cmpstr(t.err.name, ==, "not-found");
    CHECK_OK(store_mailbox_lease(t.s[1], id[1], &lease, &t.err), &t.err);
    g_assert_cmpint(store_mailbox_set_state(t.s[0], &lease, MAILBOX_FAILED,
                                            NULL, NULL, &t.err),
                    ==, -1);
    g_assert_cmpstr(t.err.name, ==, "not-found");
    end(&t);
}

static void lease_both(struct two *t, struct store_lease *ret)
{
    for (int i = 0; i < 2; i++) {
        int64_t id = 0;

        add(t, i, "a@x", &id);
        CHECK_OK(store_mailbox_lease(t->s[i], id, &ret[i], &t->err), &t->err);
    }
}

static void test_names(void)
{
    static char dn[] = "/o=Old/cn=ann", address[] = "ann@x";
    const struct store_exchange_name with = { dn, address },
                                     bare = { dn, NULL };
    g_autoptr(GPtrArray) one = NULL, other = NULL;
    struct store_lease lease[2];
    struct two t = { 0 };

    begin(&t);
    lease_both(&t, lease);
    CHECK_OK(store_exchange_names_add(t.s[0], &lease[0], &bare, 1, &t.err),
             &t.err);
    CHECK_OK(store_exchange_names_add(t.s[1], &lease[1], &with, 1, &t.err),
             &t.err);
    CHECK_OK(store_exchange_names(t.s[0], &one, &t.err), &t.err);
    CHECK_OK(store_exchange_names(t.s[1], &other, &t.err), &t.err);
    g_assert_cmpuint(one->len, ==, 1);
    g_assert_cmpuint(other->len, ==, 1);
    g_assert_null(((const struct store_exchange_name *)one->pdata[0])->address);
    g_ptr_array_unref(g_steal_pointer(&one));
    CHECK_OK(store_exchange_name_asked(t.s[1], &lease[1], dn, 9, &t.err),
             &t.err);
    CHECK_OK(store_exchange_names(t.s[0], &one, &t.err), &t.err);
    g_assert_cmpint(
        ((const struct store_exchange_name *)one->pdata[0])->asked_us, ==, 0);
    end(&t);
}

/* Servers of one version in two migrations are not the same servers. */
static void test_trials(void)
{
    static char old[] = "14.3", new[] = "15.1", note[] = "IPM.Note";
    const struct store_trial whole = { .source = old,
                                       .destination = new,
                                       .item_class = note,
                                       .outcome = TRIAL_WHOLE };
    const struct store_trial failed = { .source = old,
                                        .destination = new,
                                        .item_class = note,
                                        .outcome = TRIAL_FAILED };
    const struct store_edits replace = { .source = old,
                                         .destination = new,
                                         .way = EDITS_REPLACE };
    const struct store_edits in_place = { .source = old,
                                          .destination = new,
                                          .way = EDITS_IN_PLACE };
    struct store_lease lease[2];
    struct two t = { 0 };

    begin(&t);
    lease_both(&t, lease);
    CHECK_OK(
        store_trial_record(t.s[0], &lease[0], &replace, &failed, 1, &t.err),
        &t.err);
    CHECK_OK(
        store_trial_record(t.s[1], &lease[1], &in_place, &whole, 1, &t.err),
        &t.err);
    for (int i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) trials = NULL, edits = NULL;

        CHECK_OK(store_trials(t.s[i], &trials, &t.err), &t.err);
        CHECK_OK(store_edits(t.s[i], &edits, &t.err), &t.err);
        g_assert_cmpuint(trials->len, ==, 1);
        g_assert_cmpuint(edits->len, ==, 1);
        g_assert_cmpint(((const struct store_trial *)trials->pdata[0])->outcome,
                        ==, i == 0 ? TRIAL_FAILED : TRIAL_WHOLE);
        g_assert_cmpint(((const struct store_edits *)edits->pdata[0])->way, ==,
                        i == 0 ? EDITS_REPLACE : EDITS_IN_PLACE);
    }
    end(&t);
}

/* Near enough to this machine's: the server of the test is on it. */
static void test_clock(void)
{
    int64_t before, now, after;
    struct two t = { 0 };

    begin(&t);
    before = timestamp_now();
    CHECK_OK(database_clock(t.d, &now, &t.err), &t.err);
    after = timestamp_now();
    g_assert_cmpint(now, >=, before - TIMESTAMP_SECOND);
    g_assert_cmpint(now, <=, after + TIMESTAMP_SECOND);
    end(&t);
}

/* The disk of this one connection is full from here on. */
static int write_large(struct two *t)
{
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c = db->ops->begin(db, DB_WRITE, &t->err);
    int64_t pages;

    g_assert_nonnull(c);
    g_assert_cmpint(
        sq_number(c, "PRAGMA max_page_count = 1", NO_ARGS, &pages, &t->err), ==,
        1);
    return sq_end(c,
                  sq_run(c,
                         "INSERT INTO stalls VALUES"
                         " (0, 0, 0, 0, 0, hex(zeroblob(100000)), NULL)",
                         NO_ARGS, &t->err),
                  &t->err);
}

/* What one write has found holds until a small one goes well, and again. */
static void test_fault(void)
{
    struct two t = { 0 };
    int64_t since_us = 0, still_us = 0, before_us = timestamp_now();

    if (store_tmp_server() != NULL) {
        g_test_skip("a full disk of SQLite's");
        return;
    }
    begin(&t);
    CHECK_OK(database_pulse(t.d, &t.err), &t.err);
    g_assert_false(database_fault(t.d, &since_us, &t.err));
    g_assert_cmpint(write_large(&t), ==, -1);
    g_assert_true(database_fault(t.d, &since_us, &t.err));
    g_assert_cmpstr(t.err.name, ==, "disk-full");
    g_assert_cmpint(since_us, >=, before_us);
    /* there is room for a few bytes */
    CHECK_OK(database_pulse(t.d, &t.err), &t.err);
    g_assert_cmpint(write_large(&t), ==, -1);
    CHECK_OK(database_pulse(t.d, &t.err), &t.err);
    g_assert_true(database_fault(t.d, &still_us, &t.err));
    g_assert_cmpint(still_us, ==, since_us);
    CHECK_OK(database_pulse(t.d, &t.err), &t.err);
    g_assert_false(database_fault(t.d, &since_us, &t.err));
    end(&t);
}

/* What is refused for what was to be written says nothing of the database. */
static void test_no_fault(void)
{
    const struct store_lease none = { 1, 7 };
    struct two t = { 0 };
    int64_t since_us;

    begin(&t);
    g_assert_cmpint(store_mailbox_set_state(t.s[0], &none, MAILBOX_FAILED, NULL,
                                            NULL, &t.err),
                    ==, -1);
    g_assert_false(database_fault(t.d, &since_us, &t.err));
    end(&t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/database/urls", test_urls);
    g_test_add_func("/store/database/mailboxes", test_mailboxes);
    g_test_add_func("/store/database/names", test_names);
    g_test_add_func("/store/database/trials", test_trials);
    g_test_add_func("/store/database/clock", test_clock);
    g_test_add_func("/store/database/fault", test_fault);
    g_test_add_func("/store/database/no-fault", test_no_fault);
    return g_test_run();
}
