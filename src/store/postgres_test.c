/*
 * What the PostgreSQL store does beyond store.h: two machines at once,
 * connections that end, a server that ends.  Run by tests/lib/postgres.py.
 */
#include "store/database.h"

#include <string.h>

#include "base/check.h"
#include "store/postgres_priv.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

/* A store with a leased mailbox, and a connection of somebody else's. */
struct place {
    struct store_tmp *tmp;
    struct store *s;
    struct store_fill f;
    PGconn *other;
};

static void begin(struct place *p)
{
    p->tmp = store_tmp_new_postgres();
    p->s = store_tmp_open(p->tmp, STORE_WRITE);
    p->f = store_fill_begin(p->s, "a@b");
    p->other = PQconnectdb(p->tmp->path);
    g_assert_cmpint(PQstatus(p->other), ==, CONNECTION_OK);
}

static void end(struct place *p)
{
    PQfinish(p->other);
    store_free(p->s);
    store_tmp_free(p->tmp);
}

static void other(struct place *p, const char *sql)
{
    PGresult *result = PQexec(p->other, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        g_error("%s: %s", sql, PQerrorMessage(p->other));
    PQclear(result);
}

static int number(struct place *p, const char *sql)
{
    PGresult *result = PQexec(p->other, sql);
    guint64 n = 0;

    g_assert_cmpint(PQresultStatus(result), ==, PGRES_TUPLES_OK);
    g_assert_true(g_ascii_string_to_unsigned(PQgetvalue(result, 0, 0), 10, 0,
                                             G_MAXINT, &n, NULL));
    PQclear(result);
    return (int)n;
}

/* Every connection of the store, whatever it does. */
static void kill_all(struct place *p)
{
    const char *left = "SELECT count(*) FROM pg_stat_activity"
                       " WHERE application_name = 'mailferry'";

    other(p, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
             " WHERE application_name = 'mailferry'");
    while (number(p, left) > 0)
        g_usleep(1000);
}

static int set_state(struct place *p, enum mailbox_state state, struct err *err)
{
    return store_mailbox_set_state(p->s, &p->f.lease, state, NULL, NULL, err);
}

static enum mailbox_state state_of(struct place *p)
{
    struct store_mailbox *m = NULL;
    enum mailbox_state state;
    struct err err;

    CHECK_OK(store_mailbox_get(p->s, p->f.lease.mailbox_id, &m, &err), &err);
    state = m->state;
    store_mailbox_free(m);
    return state;
}

/* ---- leases -------------------------------------------------------------- */

struct writer {
    struct place *p;
    int result;
    struct err err;
};

static void *write_state(void *data)
{
    struct writer *w = data;

    w->result = set_state(w->p, MAILBOX_COPYING, &w->err);
    return NULL;
}

/* Somebody takes the mailbox while a write has begun. */
static void test_taken_meanwhile(void)
{
    struct place p;
    struct writer w = { .p = &p };
    pthread_t thread;

    begin(&p);
    other(&p, "BEGIN");
    other(&p, "UPDATE mailboxes SET lease = lease + 1");
    g_assert_cmpint(pthread_create(&thread, NULL, write_state, &w), ==, 0);
    /* It has seen the old number, or would have, and waits for the row. */
    while (number(&p, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
        g_usleep(1000);
    other(&p, "COMMIT");
    pthread_join(thread, NULL);
    g_assert_cmpint(w.result, ==, -1);
    g_assert_cmpstr(w.err.name, ==, "lease-lost");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    end(&p);
}

struct taker {
    const struct store_tmp *tmp;
    struct store_lease lease;
};

static void *take_lease(void *data)
{
    struct taker *t = data;
    struct store *s = store_tmp_open(t->tmp, STORE_WRITE);
    struct err err;

    CHECK_OK(store_mailbox_lease(s, 1, &t->lease, &err), &err);
    store_free(s);
    return NULL;
}

/* A write that has begun is over before somebody else has the mailbox. */
static void test_taken_after(void)
{
    struct place p;
    struct taker t = { 0 };
    struct sq_conn *c;
    pthread_t thread;
    struct err err;

    begin(&p);
    t.tmp = p.tmp;
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    g_assert_cmpint(pthread_create(&thread, NULL, take_lease, &t), ==, 0);
    while (number(&p, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
        g_usleep(1000);
    g_assert_cmpint(t.lease.number, ==, 0);
    CHECK_OK(sq_end(c,
                    sq_run(c, "UPDATE mailboxes SET state = ?",
                           ARGS(INT(MAILBOX_COPYING)), &err),
                    &err),
             &err);
    pthread_join(thread, NULL);
    g_assert_cmpint(t.lease.number, ==, p.f.lease.number + 1);
    g_assert_cmpint(state_of(&p), ==, MAILBOX_COPYING);
    g_assert_cmpint(set_state(&p, MAILBOX_FAILED, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "lease-lost");
    end(&p);
}

/* ---- connections that end ------------------------------------------------ */

static void check_lost(const struct err *err, const char *name)
{
    g_assert_cmpstr(err->name, ==, name);
    g_assert_cmpint(err->scope, ==, ERR_RUN);
    g_assert_cmpint(err->retry, ==, ERR_RETRY_WAIT);
}

static void test_lost_while_idle(void)
{
    struct place p;
    struct err err;

    begin(&p);
    kill_all(&p);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    g_assert_cmpint(state_of(&p), ==, MAILBOX_COPYING);
    end(&p);
}

static void test_lost_in_transaction(void)
{
    struct place p;
    struct sq_conn *c;
    struct err err;
    int result;

    begin(&p);
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    CHECK_OK(sq_run(c, "UPDATE mailboxes SET state = ?",
                    ARGS(INT(MAILBOX_FAILED)), &err),
             &err);
    kill_all(&p);
    result = sq_run(c, "UPDATE mailboxes SET state = ?",
                    ARGS(INT(MAILBOX_COPYING)), &err);
    g_assert_cmpint(sq_end(c, result, &err), ==, -1);
    check_lost(&err, "store-lost");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

/* The server ends the connection in the midst of the COMMIT. */
static void test_lost_in_commit(void)
{
    struct place p;
    struct err err;

    begin(&p);
    other(&p, "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
              " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid());"
              " RETURN NULL; END'");
    other(&p, "CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON mailboxes"
              " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
              " EXECUTE FUNCTION die()");
    g_assert_cmpint(set_state(&p, MAILBOX_COPYING, &err), ==, -1);
    check_lost(&err, "store-unknown");
    other(&p, "DROP TRIGGER die ON mailboxes");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

static void restart_server(void)
{
    g_autofree char *script = g_build_filename(
        g_getenv("G_TEST_SRCDIR"), "tests", "lib", "postgres.py", NULL);
    const char *argv[] = { "python3", script, "--restart", "immediate", NULL };
    GError *error = NULL;
    int status = -1;

    g_spawn_sync(NULL, (char **)(uintptr_t)argv, NULL, G_SPAWN_SEARCH_PATH,
                 NULL, NULL, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
}

/* It falls over, and what was recorded is there when it is back. */
static void test_server_restarted(void)
{
    struct place p;
    struct sq_conn *c;
    struct err err;

    begin(&p);
    CHECK_OK(set_state(&p, MAILBOX_CHECKING, &err), &err);
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    CHECK_OK(sq_run(c, "UPDATE mailboxes SET state = ?",
                    ARGS(INT(MAILBOX_FAILED)), &err),
             &err);
    restart_server();
    g_assert_cmpint(sq_end(c, 0, &err), ==, -1);
    check_lost(&err, "store-unknown");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_CHECKING);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

/* ---- a server that does not write ---------------------------------------- */

/* Sessions that begin from now on, of everybody but this test. */
static void set_read_only(struct place *p, const char *how)
{
    g_autofree char *sql = g_strdup_printf(
        "ALTER DATABASE %s %s default_transaction_read_only%s", PQdb(p->other),
        how, g_str_equal(how, "SET") ? " = on" : "");

    other(p, sql);
    kill_all(p);
}

/* Whoever has set that is not overruled. */
static void test_read_only(void)
{
    struct place p;
    struct err err;

    begin(&p);
    set_read_only(&p, "SET");
    g_assert_cmpint(set_state(&p, MAILBOX_COPYING, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-io");
    g_assert_nonnull(strstr(err.remedy, "default_transaction_read_only"));
    set_read_only(&p, "RESET");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

/* ---- statements that are sent ahead -------------------------------------- */

/* More than are read, and sent, at a time. */
#define MANY 600

static void test_ahead(void)
{
    struct place p;
    g_autoptr(GPtrArray) items = NULL;
    struct store_counts counts;
    struct err err;

    begin(&p);
    CHECK_OK(store_fill_list(p.s, &p.f, 0, MANY, &err), &err);
    CHECK_OK(store_fill_intend(p.s, &p.f, MANY, &items, &err), &err);
    g_assert_cmpuint(items->len, ==, MANY);
    CHECK_OK(store_fill_record(p.s, &p.f, items, &err), &err);
    CHECK_OK(store_counts(p.s, p.f.lease.mailbox_id, &counts, &err), &err);
    g_assert_cmpuint(counts.by[KIND_MAIL][ITEM_COPIED].items, ==, MANY);
    end(&p);
}

static int later(struct sq_conn *c, enum mailbox_state state, struct err *err)
{
    return sq_run_later(c, "UPDATE mailboxes SET state = ?", ARGS(INT(state)),
                        err);
}

/* Who asks sees what was sent; who gives up leaves nothing. */
static void test_ahead_is_seen(void)
{
    struct place p;
    struct sq_conn *c;
    int64_t state = 0;
    struct err err;

    begin(&p);
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    CHECK_OK(later(c, MAILBOX_FAILED, &err), &err);
    CHECK_OK(later(c, MAILBOX_COPYING, &err), &err);
    g_assert_cmpint(
        sq_number(c, "SELECT state FROM mailboxes", NO_ARGS, &state, &err), ==,
        1);
    g_assert_cmpint(state, ==, MAILBOX_COPYING);
    CHECK_OK(later(c, MAILBOX_FAILED, &err), &err);
    g_assert_cmpint(sq_end(c, -1, &err), ==, -1);
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    end(&p);
}

/* The first that fails says why, and nothing of the transaction stays. */
static void test_ahead_fails(void)
{
    struct place p;
    struct sq_conn *c;
    struct err err;

    begin(&p);
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    CHECK_OK(later(c, MAILBOX_COPYING, &err), &err);
    CHECK_OK(sq_run_later(c, "INSERT INTO migration (id) VALUES (?)",
                          ARGS(INT(1)), &err),
             &err);
    CHECK_OK(later(c, MAILBOX_FAILED, &err), &err);
    g_assert_cmpint(sq_end(c, 0, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "migration_pkey"));
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

/* What had not been committed was not done. */
static void test_ahead_is_lost(void)
{
    struct place p;
    struct sq_conn *c;
    struct err err;

    begin(&p);
    c = sq_begin_leased(p.s, &p.f.lease, &err);
    g_assert_nonnull(c);
    CHECK_OK(later(c, MAILBOX_FAILED, &err), &err);
    CHECK_OK(later(c, MAILBOX_COPYING, &err), &err);
    kill_all(&p);
    g_assert_cmpint(sq_end(c, 0, &err), ==, -1);
    check_lost(&err, "store-lost");
    g_assert_cmpint(state_of(&p), ==, MAILBOX_NEW);
    CHECK_OK(set_state(&p, MAILBOX_COPYING, &err), &err);
    end(&p);
}

/* ---- opening ------------------------------------------------------------- */

static void refused(const char *url, enum store_mode mode, const char *name)
{
    struct database *d = NULL;
    struct err err;

    CHECK_ROW(url, database_open(url, mode, &d, &err) == -1);
    g_assert_cmpstr(err.name, ==, name);
    g_assert_null(strstr(err.msg, "hunter2"));
    g_assert_nonnull(err.remedy);
    g_assert_null(d);
}

static void test_refused(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new_postgres();
    const char *server = store_tmp_server();
    g_autofree char *top =
        g_strndup(server, strlen(server) - strlen("/postgres"));
    g_autofree char *nobody =
        g_strconcat(top, "/nothere?password=hunter2", NULL);

    refused("postgresql://u:hunter2@h:port%%/x", STORE_WRITE, "store-url");
    refused("postgresql://u:hunter2@%2Fno%2Fwhere/x", STORE_WRITE,
            "store-lost");
    refused(nobody, STORE_WRITE, "store-missing");
    refused(tmp->path, STORE_READ, "store-older");
    store_tmp_sql(tmp, "CREATE TABLE theirs (x int)");
    refused(tmp->path, STORE_WRITE, "store-foreign");
    store_tmp_sql(tmp, "DROP TABLE theirs");
    store_free(store_tmp_open(tmp, STORE_WRITE));
    store_tmp_sql(tmp, "INSERT INTO schema_steps VALUES (99, 0)");
    refused(tmp->path, STORE_WRITE, "store-newer");
}

static void *open_it(void *data)
{
    struct database *d = NULL;
    struct err err;

    CHECK_OK(database_open(data, STORE_WRITE, &d, &err), &err);
    database_close(d);
    return NULL;
}

/* The tables are made once, however many start at once. */
static void test_opened_at_once(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new_postgres();
    pthread_t threads[4];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, open_it, tmp->path),
                        ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
}

/* ---- what is said of the URL --------------------------------------------- */

static const char *keyword(const struct pg_url *url, const char *name)
{
    const char *value = NULL;

    for (guint i = 0; url->keywords->pdata[i] != NULL; i++)
        if (g_str_equal(url->keywords->pdata[i], name))
            value = url->values->pdata[i];
    return value;
}

static void test_tls(void)
{
    static const struct {
        const char *url, *mode;
    } rows[] = {
        { "postgresql://u:hunter2@db.example/x", "verify-full" },
        { "postgresql://db.example,localhost/x", "verify-full" },
        { "postgresql://db.example/x?sslmode=require", "require" },
        { "postgresql://localhost/x", NULL },
        { "postgresql://%2Frun%2Fpostgresql/x", NULL },
        { "postgresql:///x", NULL },
        { "postgresql://localhost/x?hostaddr=192.0.2.1", "verify-full" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct pg_url url;
        struct err err;

        CHECK_OK(pg_url_parse(rows[i].url, &url, &err), &err);
        CHECK_ROW(rows[i].url,
                  g_strcmp0(keyword(&url, "sslmode"), rows[i].mode) == 0);
        CHECK_ROW(rows[i].url, strstr(url.name, "hunter2") == NULL);
        pg_url_release(&url);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/postgres/tls", test_tls);
    if (store_tmp_server() == NULL)
        return g_test_run();
    g_test_add_func("/postgres/lease/meanwhile", test_taken_meanwhile);
    g_test_add_func("/postgres/lease/after", test_taken_after);
    g_test_add_func("/postgres/lost/idle", test_lost_while_idle);
    g_test_add_func("/postgres/lost/transaction", test_lost_in_transaction);
    g_test_add_func("/postgres/lost/commit", test_lost_in_commit);
    g_test_add_func("/postgres/ahead/many", test_ahead);
    g_test_add_func("/postgres/ahead/seen", test_ahead_is_seen);
    g_test_add_func("/postgres/ahead/fails", test_ahead_fails);
    g_test_add_func("/postgres/ahead/lost", test_ahead_is_lost);
    g_test_add_func("/postgres/lost/server", test_server_restarted);
    g_test_add_func("/postgres/read-only", test_read_only);
    g_test_add_func("/postgres/open/refused", test_refused);
    g_test_add_func("/postgres/open/at-once", test_opened_at_once);
    return g_test_run();
}
