#include "store/migrations.h"

#include <string.h>

#include "base/check.h"
#include "store/migrations_priv.h"
#include "store/migrations_testing.h"

static struct migration_access *access_of(enum migration_way way,
                                          const char *user, const char *url)
{
    struct migration_access *a = g_new0(struct migration_access, 1);

    a->way = way;
    a->user = g_strdup(user);
    a->url = g_strdup(url);
    a->secret = user != NULL ? secret_new(user, strlen(user)) : NULL;
    return a;
}

/* Accounts of these names, and a proxy without a user. */
static GPtrArray *party(const char *const *users)
{
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_access_free);

    for (; *users != NULL; users++)
        g_ptr_array_add(all, access_of(MIGRATION_ACCOUNT, *users, NULL));
    g_ptr_array_add(all, access_of(MIGRATION_PROXY, NULL, "http://p"));
    return all;
}

/* "a b | proxy http://p", each with its secret. */
static char *told(struct migrations_fixture *t, int64_t id,
                  enum migration_side side)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *text = g_string_new(NULL);

    CHECK_OK(migrations_access(t->m, id, side, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct migration_access *a = all->pdata[i];

        if (a->user != NULL)
            g_assert_cmpstr(secret_peek(a->secret), ==, a->user);
        g_string_append_printf(text, "%d:%s ", a->way,
                               a->user != NULL ? a->user : a->url);
    }
    return g_string_free(text, FALSE);
}

static void is_told(struct migrations_fixture *t, int64_t id, const char *want)
{
    g_autofree char *got = told(t, id, MIGRATION_SOURCE);

    g_assert_cmpstr(got, ==, want);
}

static int change_access(struct migrations_fixture *t, int64_t id,
                         unsigned int ways, const GPtrArray *access)
{
    static const struct migration_login nobody = { 0 };
    struct migration_change ch = { .admins = { &nobody } };

    ch.sides[MIGRATION_SOURCE].ways = ways;
    ch.sides[MIGRATION_SOURCE].access = access;
    return migrations_change(t->m, &roster_alice, id, &ch, &t->err);
}

static void test_access(struct migrations_fixture *t, gconstpointer data)
{
    const unsigned int all = (1u << MIGRATION_N_WAYS) - 1;
    g_autoptr(GPtrArray) two = party((const char *const[]){ "a", "b", NULL });
    g_autoptr(GPtrArray) one = party((const char *const[]){ "c", NULL });
    g_autoptr(GPtrArray) app = party((const char *const[]){ NULL });
    g_autofree char *destination = NULL;
    int64_t id = migrations_fixture_add(t);
    migration *m = NULL;

    (void)data;
    g_ptr_array_add(app, access_of(MIGRATION_OAUTH, "client", "https://t"));
    CHECK_OK(change_access(t, id, all, two), &t->err);
    is_told(t, id, "0:a 0:b 2:http://p ");
    CHECK_OK(change_access(t, id, all, one), &t->err);
    is_told(t, id, "0:c 2:http://p ");
    destination = told(t, id, MIGRATION_DESTINATION);
    g_assert_cmpstr(destination, ==, "");
    /* what is not named stays, and then the two do not go together */
    g_ptr_array_remove_index(app, 0);
    g_assert_cmpint(change_access(t, id, 1u << MIGRATION_OAUTH, app), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "bad-access");
    is_told(t, id, "0:c 2:http://p ");
    CHECK_OK(change_access(t, id, all, app), &t->err);
    is_told(t, id, "1:client ");
    m = migrations_fixture_look(t, id);
    g_assert_cmpuint(m->access[MIGRATION_SOURCE]->len, ==, 1);
    g_assert_null(
        ((const struct migration_access *)m->access[MIGRATION_SOURCE]->pdata[0])
            ->secret);
    migration_free(m);
    CHECK_OK(migrations_purge(t->m, &roster_alice, id, &t->err), &t->err);
    is_told(t, id, "");
    CHECK_OK(migrations_remove(t->m, &roster_alice, id, 0, &t->err), &t->err);
    g_assert_cmpint(
        migrations_fixture_number(t, "SELECT count(*) FROM plan_access"), ==,
        0);
}

/* A secret in another's place opens nothing. */
static void test_access_bound(struct migrations_fixture *t, gconstpointer data)
{
    g_autoptr(GPtrArray) two = party((const char *const[]){ "a", "b", NULL });
    g_autoptr(GPtrArray) all = NULL;
    int64_t id = migrations_fixture_add(t);
    struct db *db = sq_database_db(t->d);
    struct sq_conn *c;

    (void)data;
    CHECK_OK(change_access(t, id, 1u << MIGRATION_ACCOUNT, two), &t->err);
    c = db->ops->begin(db, DB_WRITE, &t->err);
    g_assert_cmpint(
        sq_end(c,
               sq_run(c,
                      "UPDATE secrets SET value = (SELECT value FROM secrets"
                      "  WHERE name = 'source-account-01')"
                      " WHERE name = 'source-account-00'",
                      NO_ARGS, &t->err),
               &t->err),
        ==, 0);
    g_assert_cmpint(
        migrations_access(t->m, id, MIGRATION_SOURCE, &all, &t->err), ==, -1);
}

int main(int argc, char **argv)
{
    static const struct migrations_test rows[] = {
        { "access", test_access },
        { "access-bound", test_access_bound },
    };

    return migrations_fixture_run(&argc, &argv, "migrations", rows,
                                  G_N_ELEMENTS(rows));
}
