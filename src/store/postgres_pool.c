#include "store/postgres_priv.h"

/* PostgreSQL's oldest version that is tested with. */
#define OLDEST_VERSION 150000

/*
 * A worker that was stopped in the middle of a transaction holds a mailbox's
 * row: the server ends it before its lease is over.  What is recorded shall
 * be durable, whatever the server's default.
 */
static const char session[] =
    "SET idle_in_transaction_session_timeout = '30s';"
    "SET lock_timeout = '20s';"
    "SET timezone = 'UTC';"
    "SET standard_conforming_strings = on;"
    "SELECT set_config('synchronous_commit', 'local', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";

bool pg_is_lost(const struct pg_conn *c)
{
    return c->lost || PQstatus(c->pg) != CONNECTION_OK;
}

static void ignore_notice(void *data, const char *text)
{
    (void)data;
    (void)text;
}

/*
 * The text is libpq's own about reaching the server: it names hosts, never a
 * password.
 */
static int fail_connect(struct pg_conn *c, struct err *err)
{
    g_autofree char *text = g_strdup(PQerrorMessage(c->pg));

    /* No SQLSTATE is told of a connection that was refused. */
    if (PQconnectionNeedsPassword(c->pg) ||
        strstr(text, "authentication failed") != NULL ||
        strstr(text, "no pg_hba.conf entry") != NULL)
        return pg_fail_state(c->db, "28000", g_strchomp(text), err);
    if (strstr(text, "database \"") != NULL &&
        strstr(text, "does not exist") != NULL)
        return pg_fail_state(c->db, "3D000", g_strchomp(text), err);
    return pg_fail_lost(c->db, g_strchomp(text), err);
}

static int check_version(struct pg_conn *c, struct err *err)
{
    int version = PQserverVersion(c->pg);

    if (version >= OLDEST_VERSION)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, version,
            "database \"%s\" is PostgreSQL %d, which is too old",
            c->db->url.name, version / 10000);
    err->name = "store-old-server";
    return err_remedy(err, "PostgreSQL 15 or newer is needed");
}

static int set_up(struct pg_conn *c, struct err *err)
{
    PGresult *result;
    int rc = 0;

    if (PQstatus(c->pg) != CONNECTION_OK)
        return fail_connect(c, err);
    PQsetNoticeProcessor(c->pg, ignore_notice, NULL);
    if (check_version(c, err) < 0)
        return -1;
    result = PQexec(c->pg, session);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        rc = pg_fail(c, result, err);
    PQclear(result);
    return rc;
}

static struct pg_conn *connect_new(struct pg_db *d, struct err *err)
{
    struct pg_conn *c = g_new0(struct pg_conn, 1);

    sq_conn_init(&c->base, &postgres_db_ops);
    c->db = d;
    c->statements = g_hash_table_new_full(NULL, NULL, NULL, pg_rows_free);
    c->pg = PQconnectdbParams((const char *const *)d->url.keywords->pdata,
                              (const char *const *)d->url.values->pdata, 0);
    if (c->pg == NULL)
        g_error("out of memory");
    if (set_up(c, err) == 0)
        return c;
    pg_conn_close(c);
    return NULL;
}

void pg_conn_close(struct pg_conn *c)
{
    g_hash_table_unref(c->statements);
    PQfinish(c->pg);
    sq_conn_release(&c->base);
    g_free(c);
}

static void one_less(struct pg_db *d)
{
    pthread_mutex_lock(&d->lock);
    d->n_open--;
    pthread_cond_signal(&d->given_back);
    pthread_mutex_unlock(&d->lock);
}

struct pg_conn *pg_take(struct pg_db *d, struct err *err)
{
    struct pg_conn *c = NULL;

    pthread_mutex_lock(&d->lock);
    while (d->idle->len == 0 && d->n_open >= PG_CONNECTIONS_MAX)
        pthread_cond_wait(&d->given_back, &d->lock);
    if (d->idle->len > 0)
        c = g_ptr_array_steal_index_fast(d->idle, d->idle->len - 1);
    else
        d->n_open++;
    pthread_mutex_unlock(&d->lock);
    if (c != NULL)
        return c;
    c = connect_new(d, err);
    if (c == NULL)
        one_less(d);
    return c;
}

void pg_give_back(struct pg_conn *c)
{
    struct pg_db *d = c->db;

    if (pg_is_lost(c)) {
        pg_conn_close(c);
        one_less(d);
        return;
    }
    pthread_mutex_lock(&d->lock);
    g_ptr_array_add(d->idle, c);
    pthread_cond_signal(&d->given_back);
    pthread_mutex_unlock(&d->lock);
}

/* ---- the database ------------------------------------------------------ */

void pg_db_close(struct db *db)
{
    struct pg_db *d = (struct pg_db *)db;

    g_assert(d->idle->len == d->n_open);
    for (guint i = 0; i < d->idle->len; i++)
        pg_conn_close(d->idle->pdata[i]);
    g_ptr_array_unref(d->idle);
    pg_url_release(&d->url);
    pthread_cond_destroy(&d->given_back);
    pthread_mutex_destroy(&d->lock);
    db_fault_release(&d->base.fault);
    g_free(d);
}

int pg_db_open(const char *url, enum store_mode mode, struct db **ret,
               struct err *err)
{
    struct pg_url parsed;
    struct pg_db *d;

    if (pg_url_parse(url, &parsed, err) < 0)
        return -1;
    d = g_new0(struct pg_db, 1);
    d->base.ops = &postgres_db_ops;
    db_fault_init(&d->base.fault);
    d->url = parsed;
    d->idle = g_ptr_array_new();
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->given_back, NULL);
    if (pg_schema(d, mode, err) < 0) {
        pg_db_close(&d->base);
        return -1;
    }
    *ret = &d->base;
    return 0;
}
