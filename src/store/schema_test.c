/*
 * Databases of each version before this one, with rows in them, come to today's
 * as if they had been of today's from the start: state files and PostgreSQL.
 *
 * The steps are never edited once released, so what they make one by one is
 * what a program of that time has left behind.
 */
#include "base/check.h"
#include "store/migrations.h"
#include "store/postgres_priv.h"
#include "store/requests.h"
#include "store/samples.h"
#include "store/sqlite_priv.h"
#include "store/stalls.h"
#include "store/store_tmp.h"

struct kind {
    bool postgres;
};

/* ---- of its time --------------------------------------------------------- */

static void run_sql(const struct store_tmp *tmp, const char *text)
{
    char *why = NULL;
    sqlite3 *db;

    if (tmp->folder == NULL) {
        store_tmp_sql(tmp, text);
        return;
    }
    g_assert_cmpint(sqlite3_open(tmp->path, &db), ==, SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        g_error("%s: %s", text, why);
    sqlite3_close(db);
}

static void take_step(const struct store_tmp *tmp, size_t number)
{
    g_autofree char *text = tmp->folder == NULL
                                ? sq_schema_step_postgres(number)
                                : g_strdup(sq_schema_step(number));
    g_autofree char *done =
        g_strdup_printf("INSERT INTO schema_steps VALUES (%zu, 0)", number);
    g_autofree char *header =
        g_strdup_printf("PRAGMA user_version = %zu", number);

    run_sql(tmp, text);
    run_sql(tmp, done);
    if (tmp->folder != NULL)
        run_sql(tmp, header);
}

/* Of that version, without rows. */
static struct store_tmp *older(const struct kind *kind, size_t version)
{
    struct store_tmp *tmp =
        kind->postgres ? store_tmp_new_postgres() : store_tmp_new();

    if (!kind->postgres)
        run_sql(tmp, "PRAGMA application_id = 1833330034");
    for (size_t n = 1; n <= version; n++)
        take_step(tmp, n);
    return tmp;
}

/* Rows as each version had them. */
static void fill(const struct store_tmp *tmp, size_t version)
{
    if (version < 4)
        return;
    if (version > 4 || tmp->folder == NULL)
        run_sql(tmp, "INSERT INTO migration (id) VALUES (1)"
                     " ON CONFLICT (id) DO NOTHING");
    run_sql(tmp, "INSERT INTO mailboxes (id, migration, line, source,"
                 " destination) VALUES (7, 1, 2, 'a@b', 'c@d')");
    run_sql(tmp, "INSERT INTO jobs (migration, mailbox, state, host, kind)"
                 " VALUES (1, 7, 3, 'h', 'check')");
    if (version >= 5)
        run_sql(tmp,
                "INSERT INTO plans (migration, name, host, source, destination,"
                " options, created_us) VALUES (1, 'n', 'h', 's', 'd', '{}', 0);"
                "INSERT INTO mailbox_plans (mailbox, flags) VALUES (7, 5);"
                "INSERT INTO accounts (id, partner, name, created_us)"
                " VALUES (3, 'P-1', 'n', 0);"
                "INSERT INTO requests (id, state, account, opened_by, admin,"
                " created_us, changed_us) VALUES (1001, 1, 3, 'a@b', 'u', 0,"
                " 0)");
    if (version >= 6)
        run_sql(tmp, "INSERT INTO samples VALUES"
                     " (1, '', 60000000, 0, 11, 12, 0, 0, 0, 0, 0, 0, 0)");
    if (version >= 10)
        run_sql(tmp, "INSERT INTO stalls VALUES (1, 1, 21, 22, 23, 'r', 'm')");
}

/* ---- as it is now -------------------------------------------------------- */

static void check_plan(struct database *d, struct jobs *j)
{
    g_autoptr(migrations) p = migrations_new(d, j, NULL);
    g_autoptr(migration_mailbox) m = NULL;
    struct err err;

    g_assert_cmpint(migrations_mailbox(p, 7, &m, &err), ==, 1);
    g_assert_cmpuint(m->flags, ==, 5);
    g_assert_cmpint(m->version, ==, 1);
    g_assert_cmpstr(m->addresses[MIGRATION_DESTINATION], ==, "c@d");
}

static void check_request(struct database *d)
{
    g_autoptr(requests) p = requests_new(d, NULL);
    g_autoptr(request) r = NULL;
    struct err err;

    g_assert_cmpint(requests_get(p, 1001, &r, &err), ==, 1);
    g_assert_cmpstr(r->admin, ==, "u");
    g_assert_cmpint(r->tried.outcome, ==, REQUEST_TRY_NONE);
}

static void check_job(struct jobs *j)
{
    struct job *job = NULL;
    struct err err;

    g_assert_cmpint(jobs_last(j, 7, "check", &job, &err), ==, 1);
    g_assert_cmpint(job->state, ==, JOB_DONE);
    g_assert_null(job->result);
    job_free(job);
}

static void check_samples(struct database *d)
{
    g_autoptr(store) s = database_store(d, 1);
    g_autoptr(GArray) all = NULL;
    struct err err;

    CHECK_OK(store_samples(s, NULL, 0, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 1);
    g_assert_cmpuint(g_array_index(all, struct sample, 0).sums[SAMPLE_ITEMS],
                     ==, 11);
}

static void check_stalls(struct database *d, struct jobs *j)
{
    g_autoptr(migrations) p = migrations_new(d, j, NULL);
    g_autoptr(GPtrArray) all = NULL;
    const struct stall *s;
    struct err err;

    CHECK_OK(stalls_list(p, &all, &err), &err);
    g_assert_cmpuint(all->len, ==, 1);
    s = all->pdata[0];
    g_assert_cmpstr(s->name, ==, "n");
    g_assert_cmpstr(stall_kind_name(s->kind), ==, "late");
    g_assert_cmpint(s->since_us, ==, 21);
    g_assert_cmpint(s->told_us, ==, 22);
    g_assert_cmpuint(s->mailboxes, ==, 23);
    g_assert_cmpstr(s->reason, ==, "r");
    g_assert_cmpstr(s->remedy, ==, "m");
}

static void check_rows(const struct store_tmp *tmp, size_t version)
{
    struct database *d = NULL;
    struct err err;

    CHECK_OK(database_open(tmp->path, STORE_WRITE, &d, &err), &err);
    if (version >= 4) {
        g_autoptr(jobs) j = database_jobs(d);

        check_job(j);
        if (version >= 5) {
            check_plan(d, j);
            check_request(d);
        }
        if (version >= 10)
            check_stalls(d, j);
    }
    if (version >= 6)
        check_samples(d);
    database_close(d);
}

/* Each table and column, each index, as the database tells of them. */
static const char sqlite_shape[] =
    "SELECT type || ' ' || name || ' ' || coalesce(sql, '')"
    " FROM sqlite_schema ORDER BY type, name";
static const char postgres_shape[] =
    "SELECT * FROM (SELECT table_name || '.' || column_name || ' ' || data_type"
    " || ' ' || is_nullable || ' ' || coalesce(column_default, '') AS line"
    " FROM information_schema.columns WHERE table_schema = current_schema()"
    " UNION ALL SELECT tablename || ' ' ||"
    " replace(indexdef, current_schema() || '.', '')"
    " FROM pg_indexes WHERE schemaname = current_schema()) t ORDER BY line";

static void add_postgres(const struct store_tmp *tmp, GString *to)
{
    PGconn *pg = PQconnectdb(tmp->path);
    PGresult *rows = PQexec(pg, postgres_shape);

    g_assert_cmpint(PQresultStatus(rows), ==, PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(rows); i++)
        g_string_append_printf(to, "%s\n", PQgetvalue(rows, i, 0));
    PQclear(rows);
    PQfinish(pg);
}

static void add_sqlite(const struct store_tmp *tmp, GString *to)
{
    sqlite3_stmt *rows;
    sqlite3 *db;

    g_assert_cmpint(sqlite3_open(tmp->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_prepare_v2(db, sqlite_shape, -1, &rows, NULL), ==,
                    SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW)
        g_string_append_printf(to, "%s\n", sqlite3_column_text(rows, 0));
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

static char *shape_of(const struct store_tmp *tmp)
{
    GString *text = g_string_new(NULL);

    (tmp->folder == NULL ? add_postgres : add_sqlite)(tmp, text);
    g_assert_cmpuint(text->len, >, 1000);
    return g_string_free(text, FALSE);
}

static void test_each_version(const void *data)
{
    const struct kind *kind = data;
    g_autoptr(store_tmp) fresh = older(kind, 0);
    g_autofree char *wanted = NULL;

    check_rows(fresh, 0);
    wanted = shape_of(fresh);
    for (size_t n = 1; n < sq_schema_n_steps(); n++) {
        g_autoptr(store_tmp) tmp = older(kind, n);
        g_autofree char *is = NULL;

        fill(tmp, n);
        check_rows(tmp, n);
        is = shape_of(tmp);
        g_assert_cmpstr(is, ==, wanted);
        /* and again: there is nothing left to do */
        check_rows(tmp, n);
    }
}

int main(int argc, char **argv)
{
    static const struct kind sqlite = { false }, postgres = { true };

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/store/schema/sqlite/each-version", &sqlite,
                         test_each_version);
    if (store_tmp_server() != NULL)
        g_test_add_data_func("/store/schema/postgres/each-version", &postgres,
                             test_each_version);
    return g_test_run();
}
