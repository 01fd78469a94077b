/*
 * The tables in PostgreSQL: the table schema_steps says which of the steps of
 * sql_schema.c the database has seen.
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "store/postgres_priv.h"

static int refuse(struct err *err, const char *name, const char *remedy)
{
    err->name = name;
    return err_remedy(err, remedy);
}

static int refuse_foreign(struct pg_db *d, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "database \"%s\" holds another program's tables", d->url.name);
    return refuse(err, "store-foreign",
                  "make a database for mailferry alone: createdb NAME");
}

static int refuse_newer(struct pg_db *d, int64_t version, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "database \"%s\" is of version %" G_GINT64_FORMAT
            ", this program knows versions up to %zu",
            d->url.name, version, sq_schema_n_steps());
    return refuse(err, "store-newer",
                  "use the version of mailferry that wrote it, or a newer one");
}

static int refuse_older(struct pg_db *d, int64_t version, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "database \"%s\" is of the older version %" G_GINT64_FORMAT,
            d->url.name, version);
    return refuse(err, "store-older",
                  "start serve or worker of this version: it brings the "
                  "database up to date");
}

/* 0: it is empty. */
static int read_version(struct pg_conn *c, int64_t *ret, struct err *err)
{
    int64_t ours = 0, any = 0;

    *ret = 0;
    if (sq_number(&c->base, "SELECT count(to_regclass('schema_steps'))",
                  NO_ARGS, &ours, err) < 0)
        return -1;
    if (ours > 0)
        return sq_number(&c->base,
                         "SELECT coalesce(max(number), 0) FROM schema_steps",
                         NO_ARGS, ret, err) < 0
                   ? -1
                   : 0;
    if (sq_number(&c->base,
                  "SELECT count(*) FROM pg_tables"
                  " WHERE schemaname = current_schema()",
                  NO_ARGS, &any, err) < 0)
        return -1;
    return any > 0 ? refuse_foreign(c->db, err) : 0;
}

static int apply(struct pg_conn *c, size_t number, struct err *err)
{
    g_autofree char *text = sq_schema_step_postgres(number);
    PGresult *result = PQexec(c->pg, text);
    int rc = 0;

    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        rc = pg_fail(c, result, err);
    PQclear(result);
    if (rc < 0)
        return -1;
    return sq_run(&c->base, "INSERT INTO schema_steps VALUES (?, ?)",
                  ARGS(INT((int64_t)number), INT(timestamp_now())), err);
}

/* 1: it was brought up to date; 0: it was. */
static int upgrade(struct pg_conn *c, enum store_mode mode, struct err *err)
{
    int64_t version = 0;

    /* One process at a time; the number is "mFer" again. */
    if (mode != STORE_READ &&
        sq_run(&c->base, "SELECT pg_advisory_xact_lock(1833330034)", NO_ARGS,
               err) < 0)
        return -1;
    if (read_version(c, &version, err) < 0)
        return -1;
    if (version > (int64_t)sq_schema_n_steps())
        return refuse_newer(c->db, version, err);
    if (mode == STORE_READ && version < (int64_t)sq_schema_n_steps())
        return refuse_older(c->db, version, err);
    for (size_t n = (size_t)version + 1; n <= sq_schema_n_steps(); n++)
        if (apply(c, n, err) < 0)
            return -1;
    return version < (int64_t)sq_schema_n_steps() ? 1 : 0;
}

int pg_schema(struct pg_db *d, enum store_mode mode, struct err *err)
{
    int applied;
    struct sq_conn *c = postgres_db_ops.begin(
        &d->base, mode != STORE_READ ? DB_WRITE : DB_READ, err);

    if (c == NULL)
        return -1;
    applied = sq_end(c, upgrade((struct pg_conn *)c, mode, err), err);
    if (applied > 0)
        step("schema");
    return MIN(applied, 0);
}
