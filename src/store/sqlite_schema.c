/*
 * A state file and the steps of sql_schema.c: user_version in its header says
 * how many of them it has seen.
 */
#include "base/step.h"
#include "base/timestamp.h"
#include "store/sqlite_priv.h"

/* The literal below. */
G_STATIC_ASSERT(SQ_APPLICATION_ID == 1833330034);

static int refuse(struct err *err, const char *name, const char *remedy)
{
    err->name = name;
    return err_remedy(err, remedy);
}

static int refuse_foreign(struct sqlite_conn *c, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "\"%s\" is a database of another program, not a state file",
            c->file->path);
    return refuse(err, "store-foreign", "name another file");
}

static int refuse_newer(struct sqlite_conn *c, int64_t version, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "state file \"%s\" is of version %" G_GINT64_FORMAT
            ", this program knows versions up to %zu",
            c->file->path, version, sq_schema_n_steps());
    return refuse(err, "store-newer",
                  "use the version of mailferry that wrote it, or a newer one");
}

int sqlite_schema_check(struct sqlite_conn *c, bool *ret_empty, struct err *err)
{
    int64_t application = 0, version = 0, tables = 0;

    if (sq_number(&c->base, "PRAGMA application_id", NO_ARGS, &application,
                  err) < 0 ||
        sq_number(&c->base, "PRAGMA user_version", NO_ARGS, &version, err) <
            0 ||
        sq_number(&c->base, "SELECT count(*) FROM sqlite_schema", NO_ARGS,
                  &tables, err) < 0)
        return -1;
    *ret_empty = application == 0 && version == 0 && tables == 0;
    if (application != SQ_APPLICATION_ID && !*ret_empty)
        return refuse_foreign(c, err);
    if (version < 0 || version > (int64_t)sq_schema_n_steps())
        return refuse_newer(c, version, err);
    return 0;
}

static int apply(struct sqlite_conn *c, size_t number, struct err *err)
{
    char version[48];

    /* A PRAGMA takes no parameters. */
    g_snprintf(version, sizeof(version), "PRAGMA user_version = %zu", number);
    if (sqlite3_exec(c->db, sq_schema_step(number), NULL, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(c->db, version, NULL, NULL, NULL) != SQLITE_OK)
        return sq_fail(c, err);
    return sq_run(&c->base, "INSERT INTO schema_steps VALUES (?, ?)",
                  ARGS(INT((int64_t)number), INT(timestamp_now())), err);
}

/* How many. */
static int apply_missing(struct sqlite_conn *c, struct err *err)
{
    int64_t version = 0;

    if (sq_number(&c->base, "PRAGMA user_version", NO_ARGS, &version, err) < 0)
        return -1;
    if (version == 0 && sq_run(&c->base, "PRAGMA application_id = 1833330034",
                               NO_ARGS, err) < 0)
        return -1;
    for (size_t n = (size_t)version + 1; n <= sq_schema_n_steps(); n++)
        if (apply(c, n, err) < 0)
            return -1;
    return (int)((int64_t)sq_schema_n_steps() - version);
}

/* https://www.sqlite.org/wal.html: readers go on beside the one writer. */
static int use_wal(struct sqlite_conn *c, struct err *err)
{
    g_autofree char *mode = NULL;

    if (sq_text(&c->base, "PRAGMA journal_mode = WAL", NO_ARGS, &mode, err) < 0)
        return -1;
    if (g_strcmp0(mode, "wal") == 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "state file \"%s\": its file system has no shared memory",
            c->file->path);
    return refuse(err, STORE_IO, "put it on a local disk");
}

/*
 * A step may make a table anew that others refer to: meanwhile they refer to
 * nothing (https://www.sqlite.org/lang_altertable.html, 7).
 */
static int check_references(struct sqlite_conn *c, struct err *err)
{
    int64_t row;
    int found =
        sq_number(&c->base, "PRAGMA foreign_key_check", NO_ARGS, &row, err);

    if (found > 0)
        return sq_damaged(&c->base, "a row refers to one that is not there",
                          err);
    return found;
}

static int upgrade(struct sqlite_conn *c, struct err *err)
{
    if (apply_missing(c, err) < 0)
        return -1;
    return check_references(c, err);
}

int sqlite_schema_upgrade(struct sqlite_conn *c, struct err *err)
{
    int64_t version = 0;

    if (use_wal(c, err) < 0 ||
        sq_number(&c->base, "PRAGMA user_version", NO_ARGS, &version, err) < 0)
        return -1;
    if (version == (int64_t)sq_schema_n_steps())
        return 0;
    if (sq_run(&c->base, "PRAGMA foreign_keys = OFF", NO_ARGS, err) < 0 ||
        sqlite_begin(c, err) < 0 || sq_end(&c->base, upgrade(c, err), err) < 0)
        return -1;
    step("schema");
    return sq_run(&c->base, "PRAGMA foreign_keys = ON", NO_ARGS, err);
}

int sqlite_schema_current(struct sqlite_conn *c, struct err *err)
{
    int64_t version = 0;

    if (sq_number(&c->base, "PRAGMA user_version", NO_ARGS, &version, err) < 0)
        return -1;
    if (version == (int64_t)sq_schema_n_steps())
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "state file \"%s\" is of the older version %" G_GINT64_FORMAT,
            c->file->path, version);
    return refuse(err, "store-older",
                  "run a command that writes, such as migrate: it brings the "
                  "file up to date");
}
