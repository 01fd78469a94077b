#include "store/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "store/jobs.h"
#include "store/postgres_priv.h"
#include "store/sqlite_priv.h"

/* ---- checking ------------------------------------------------------------ */

/*
 * What must never be so, whatever the database; each counts the rows.  See the
 * invariants of store.h.
 */
static const struct {
    const char *what, *sql;
} rules[] = {
    { "copied items without an id at the destination",
      "SELECT count(*) FROM items WHERE state = 2 AND destination IS NULL" },
    { "items of a folder that is not there",
      "SELECT count(*) FROM items WHERE NOT EXISTS"
      " (SELECT 1 FROM folders WHERE folders.id = items.id >> 24)" },
    { "folders whose number of waiting items is not how many wait",
      "SELECT count(*) FROM folders f WHERE f.n_listed <>"
      " (SELECT count(*) FROM items i WHERE i.id >> 24 = f.id"
      "  AND i.state = 0)" },
    { "running jobs without a worker",
      "SELECT count(*) FROM jobs WHERE state = 1 AND worker IS NULL" },
};

G_STATIC_ASSERT(ITEM_LISTED == 0 && ITEM_COPIED == 2 && JOB_RUNNING == 1);

static int check_rules(struct sq_conn *c, GPtrArray *findings, struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        int64_t n = 0;

        if (sq_number(c, rules[i].sql, NO_ARGS, &n, err) < 0)
            return -1;
        if (n > 0)
            g_ptr_array_add(findings, g_strdup_printf("%" G_GINT64_FORMAT " %s",
                                                      n, rules[i].what));
    }
    return 0;
}

/* SQLite's own; PostgreSQL looks after its files itself. */
static int check_file(struct sq_conn *c, GPtrArray *findings, struct err *err)
{
    struct sq_rows *st =
        sq_query(c, "PRAGMA integrity_check(20)", NO_ARGS, err);
    int more, references;
    int64_t row;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0)
        if (g_strcmp0(st->ops->text(st, 0), "ok") != 0)
            g_ptr_array_add(findings, sq_column_dup(st, 0));
    if (more < 0)
        return -1;
    references = sq_number(c, "PRAGMA foreign_key_check", NO_ARGS, &row, err);
    if (references > 0)
        g_ptr_array_add(findings,
                        g_strdup("a row refers to one that is not there"));
    return references < 0 ? -1 : 0;
}

static int check_all(struct sq_conn *c, bool file, GPtrArray *findings,
                     struct err *err)
{
    if (file && check_file(c, findings, err) < 0)
        return -1;
    return check_rules(c, findings, err);
}

int upkeep_check(const char *where, GPtrArray **ret_findings, struct err *err)
{
    g_autoptr(GPtrArray) findings = g_ptr_array_new_with_free_func(g_free);
    bool file = !database_is_url(where);
    struct db *db = NULL;
    struct sq_conn *c;
    int result = -1;

    if ((file ? sqlite_db_open : pg_db_open)(where, STORE_READ, &db, err) < 0)
        return -1;
    c = db->ops->begin(db, DB_READ, err);
    if (c != NULL)
        result = sq_end(c, check_all(c, file, findings, err), err);
    db->ops->close(db);
    if (result < 0)
        return -1;
    *ret_findings = g_steal_pointer(&findings);
    return 0;
}

/* ---- backups ------------------------------------------------------------- */

static int sync_path(const char *path, int flags, struct err *err)
{
    int fd = open(path, flags | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0) {
        err_errno(err, ERR_RUN, errno, "\"%s\"", path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    close(fd);
    return 0;
}

/* SQLite writes into an empty file that is there: with our mode, and ours. */
static int create(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
        return 0;
    }
    err_errno(err, ERR_RUN, errno, "backup \"%s\"", path);
    if (errno == EEXIST)
        err_remedy(err, "name a file that is not there yet");
    return -1;
}

/* https://www.sqlite.org/lang_vacuum.html: one state of it, beside a writer. */
static int copy_to(struct sqlite_db *d, const char *to, struct err *err)
{
    g_autofree char *folder = g_path_get_dirname(to);
    struct sqlite_conn *look = NULL;
    int result;

    if (sqlite_conn_open(&d->file, SQLITE_USE_LOOK, &look, err) < 0)
        return -1;
    result = sq_run(&look->base, "PRAGMA query_only = OFF", NO_ARGS, err);
    if (result == 0)
        result = sq_run(&look->base, "VACUUM INTO ?", ARGS(TEXT(to)), err);
    sqlite_conn_close(look);
    if (result < 0 || sync_path(to, O_RDWR, err) < 0)
        return -1;
    return sync_path(folder, O_RDONLY | O_DIRECTORY, err);
}

int upkeep_backup(const char *from, const char *to, struct err *err)
{
    struct db *db = NULL;
    int result;

    if (database_is_url(from)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "a PostgreSQL database is backed up by its own tools");
        return err_remedy(err, "pg_dump --format=custom --file=FILE URL");
    }
    if (sqlite_db_open(from, STORE_READ, &db, err) < 0)
        return -1;
    result = create(to, err);
    if (result == 0) {
        result = copy_to((struct sqlite_db *)db, to, err);
        if (result < 0)
            g_unlink(to);
    }
    db->ops->close(db);
    return result;
}
