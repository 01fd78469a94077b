#include "store/migrations_testing.h"

#include "base/check.h"
#include "store/migrations_priv.h"

static void set_up(struct migrations_fixture *t, gconstpointer data)
{
    (void)data;
    t->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    CHECK_OK(database_open(t->tmp->path, STORE_WRITE, &t->d, &t->err), &t->err);
    t->j = database_jobs(t->d);
    t->keys = keyring_new();
    t->m = migrations_new(t->d, t->j, t->keys);
}

static void tear_down(struct migrations_fixture *t, gconstpointer data)
{
    (void)data;
    migrations_free(t->m);
    keyring_free(t->keys);
    jobs_free(t->j);
    database_close(t->d);
    store_tmp_free(t->tmp);
}

int migrations_fixture_add_as(struct migrations_fixture *t,
                              const struct roster_actor *who, int64_t *ret_id,
                              struct err *err)
{
    g_autoptr(secret) admin = secret_new(MIGRATIONS_PLANTED "-admin", 13);
    g_autoptr(secret) own = secret_new(MIGRATIONS_PLANTED "-own", 11);
    const struct migration_row rows[] = {
        { .line = 2, .sides = { { "a@x", { 0 } }, { "a@y", { 0 } } } },
        { .line = 3,
          .flags = 16,
          .sides = { { "B_b@x", { "X\\b", own } }, { "b@y", { 0 } } } },
    };
    const struct migration_wish wish = {
        .name = "Spring",
        .host = "x:443",
        .options = "{}",
        .sides = { { "https://x", { "X\\admin", admin } },
                   { "https://y", { 0 } } },
        .rows = rows,
        .n_rows = 2,
    };

    return migrations_add(t->m, who, &wish, ret_id, err);
}

int64_t migrations_fixture_add(struct migrations_fixture *t)
{
    int64_t id = 0;

    CHECK_OK(migrations_fixture_add_as(t, &roster_alice, &id, &t->err),
             &t->err);
    return id;
}

struct migration *migrations_fixture_look(struct migrations_fixture *t,
                                          int64_t id)
{
    struct migration *m = NULL;

    g_assert_cmpint(migrations_get(t->m, id, &m, &t->err), ==, 1);
    CHECK_OK(migrations_count(t->m, m, &t->err), &t->err);
    return m;
}

GPtrArray *migrations_fixture_mailboxes(struct migrations_fixture *t,
                                        const struct migration_filter *f)
{
    const struct roster_page page = { 0, 100 };
    GPtrArray *all = NULL;

    CHECK_OK(migrations_mailboxes(t->m, f, &page, &all, &t->err), &t->err);
    return all;
}

int64_t migrations_fixture_number(struct migrations_fixture *t, const char *sql)
{
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c = db->ops->begin(db, DB_READ, &t->err);
    int64_t n = -1;

    g_assert_nonnull(c);
    g_assert_cmpint(sq_end(c, sq_number(c, sql, NO_ARGS, &n, &t->err), &t->err),
                    >=, 0);
    return n;
}

/* Whose password is it?  NULL: there is none. */
static char *password(struct migrations_fixture *t, int64_t id,
                      int64_t mailbox_id, enum migration_side side)
{
    g_autofree char *user = NULL;
    g_autoptr(secret) s = NULL;
    int found =
        migrations_login(t->m, id, mailbox_id, side, &user, &s, &t->err);

    CHECK_OK(MIN(found, 0), &t->err);
    return found == 0 ? NULL
                      : g_strdup_printf("%s:%s", user != NULL ? user : "-",
                                        secret_peek(s));
}

void migrations_fixture_has_password(struct migrations_fixture *t, int64_t id,
                                     int64_t mailbox_id,
                                     enum migration_side side, const char *want)
{
    g_autofree char *got = password(t, id, mailbox_id, side);

    g_assert_cmpstr(got, ==, want);
}

int64_t migrations_fixture_add_asking(struct migrations_fixture *t)
{
    const struct migration_row rows[] = {
        { .line = 2,
          .sides = { { "a@x", { 0 }, true }, { "a@y", { 0 }, true } } },
        { .line = 3, .sides = { { "b@x", { 0 } }, { "b@y", { 0 } } } },
    };
    const struct migration_wish wish = {
        .name = "Spring",
        .host = "x:443",
        .options = "{}",
        .sides = { { "https://x", { 0 } }, { "https://y", { 0 } } },
        .rows = rows,
        .n_rows = 2,
    };
    int64_t id = 0;

    CHECK_OK(migrations_add(t->m, &roster_alice, &wish, &id, &t->err), &t->err);
    return id;
}

int migrations_fixture_run(int *argc, char ***argv, const char *group,
                           const struct migrations_test *tests, size_t n)
{
    g_test_init(argc, argv, NULL);
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf(
            "/%s/%s/%s", group,
            store_tmp_server() != NULL ? "postgres" : "sqlite", tests[i].name);

        g_test_add(path, struct migrations_fixture, NULL, set_up, tests[i].fn,
                   tear_down);
    }
    return g_test_run();
}
