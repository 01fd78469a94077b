/*
 * Opening a state file.  First it is looked at without a chance to change it:
 * closing a connection that may write can bring another program's WAL into its
 * database, and "refused" shall mean "left as it was".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/step.h"
#include "store/sqlite_priv.h"

/* ---- the file ------------------------------------------------------- */

static int refuse(struct err *err, const char *name, const char *remedy)
{
    err->name = name;
    return err_remedy(err, remedy);
}

/* One name for one file, whatever links lead to it: the lock hangs on it. */
static char *canonical_path(const char *path)
{
    char *real = realpath(path, NULL);
    g_autofree char *folder = NULL, *base = NULL;
    char *made;

    if (real == NULL) {
        folder = g_path_get_dirname(path);
        base = g_path_get_basename(path);
        real = realpath(folder, NULL);
        if (real == NULL)
            return g_strdup(path);
        made = g_build_filename(real, base, NULL);
    } else {
        made = g_strdup(real);
    }
    free(real); /* realpath() allocates with malloc() */
    return made;
}

static int sync_folder(const char *path, struct err *err)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0) {
        err_errno(err, ERR_RUN, errno, "folder \"%s\"", folder);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    close(fd);
    return 0;
}

/* ---- a new file --------------------------------------------------------- */

/*
 * A death while SQLite switches a file to its WAL leaves a rollback journal,
 * which a connection that changes nothing cannot read past.  So a new file is
 * made beside its place, and moved there when all of it is in the one file.
 */
static void remove_all_of(const char *path)
{
    static const char *const ends[] = { "", "-journal", "-wal", "-shm" };

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);

        (void)unlink(name); /* what cannot go is in the way of its making */
    }
}

static int fill(struct sq_file *file, struct err *err)
{
    g_autoptr(sqlite_conn) c = NULL;

    if (sqlite_conn_open(file, SQLITE_USE_WRITE, &c, err) < 0 ||
        sqlite_schema_upgrade(c, err) < 0)
        return -1;
    /* closing does it too, but does not say when it could not */
    if (sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL,
                                  NULL) != SQLITE_OK)
        return sq_fail(c, err);
    return 0;
}

/* SQLite gives its companion files the mode of the database. */
static int make_at(const char *path, mode_t mode, struct err *err)
{
    struct sq_file file = { .path = g_strdup(path) };
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int r = -1;

    if (fd < 0 || fchmod(fd, mode) < 0)
        err_errno(err, ERR_RUN, errno, "state file \"%s\"", path);
    else
        r = 0;
    if (fd >= 0)
        close(fd);
    if (r == 0)
        r = fill(&file, err);
    g_free(file.path);
    return r;
}

/* One that holds nothing is as good as none, but keeps its mode. */
static int create_file(const char *path, struct err *err)
{
    g_autofree char *new = g_strconcat(path, "-new", NULL);
    struct stat st = { .st_mode = 0600 };

    if (lstat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size > 0))
        return 0;
    remove_all_of(new);
    if (make_at(new, st.st_mode & 0777, err) < 0) {
        remove_all_of(new);
        return -1;
    }
    if (rename(new, path) < 0)
        return err_errno(err, ERR_RUN, errno, "state file \"%s\"", path);
    if (sync_folder(path, err) < 0)
        return -1;
    step("create");
    return 0;
}

static int check_file(const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) < 0) {
        err_errno(err, ERR_RUN, errno, "state file \"%s\"", path);
        if (errno != ENOENT)
            return -1;
        return refuse(err, "store-missing",
                      "name the file that an earlier migrate wrote");
    }
    if (S_ISREG(st.st_mode))
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is no file", path);
    return refuse(err, "store-foreign", "name another file");
}

/* ---- opening -------------------------------------------------------- */

static int refuse_foreign(const char *path, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "\"%s\" is not a state file of mailferry", path);
    return refuse(err, "store-foreign",
                  "name another file; if this was one, it is damaged: restore "
                  "a backup, or begin anew with another one (--state) and "
                  "--adopt, which finds at the destination what was copied");
}

/* Look at the file through a connection that cannot change it. */
static int probe(struct sqlite_db *d, enum store_mode mode, struct err *err)
{
    g_autoptr(sqlite_conn) c = NULL;
    bool empty = false;

    if (sqlite_conn_open(&d->file, SQLITE_USE_LOOK, &c, err) < 0 ||
        sqlite_schema_check(c, &empty, err) < 0) {
        if (err->code == SQLITE_NOTADB)
            return refuse_foreign(d->file.path, err);
        return -1;
    }
    if (empty && mode == STORE_READ)
        return refuse_foreign(d->file.path, err);
    return 0;
}

static bool has_wal(const char *path)
{
    g_autofree char *name = g_strconcat(path, "-wal", NULL);
    struct stat st;

    return stat(name, &st) == 0 && st.st_size > 0;
}

static int refuse_pair(const char *path, const char *finding, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, SQLITE_CORRUPT,
            "state file \"%s\" is damaged, or the one beside it that ends in "
            "-wal is not its own: %.200s",
            path, finding);
    return refuse(err, "store-damaged",
                  "put back the two as they were; if the state file is a "
                  "backup's, move the -wal away and run the same command with "
                  "--adopt, which finds at the destination what was copied "
                  "since");
}

/*
 * A WAL beside a file that nobody writes was left by a death, or it is another
 * file's: SQLite takes any, and mixes the pages of both
 * (https://www.sqlite.org/howtocorrupt.html, 1.4).  Where it has not been
 * folded in, nothing is lost yet.
 *
 * The whole check, which looks each row up in each index: a quick one passes
 * over a pair that differs in a few rows alone.  Three million items take it
 * five seconds of processor, and the quick one 1.4.
 */
static int check_pair(struct sqlite_db *d, struct err *err)
{
    g_autoptr(sqlite_conn) c = NULL;
    g_autofree char *finding = NULL;

    if (!has_wal(d->file.path))
        return 0;
    if (sqlite_conn_open(&d->file, SQLITE_USE_LOOK, &c, err) < 0)
        return -1;
    finding = sq_integrity(c, true);
    return finding != NULL ? refuse_pair(d->file.path, finding, err) : 0;
}

static int open_writer(struct sqlite_db *d, struct err *err)
{
    if (sq_lock(d->file.path, &d->lock_fd, err) < 0 ||
        create_file(d->file.path, err) < 0 ||
        check_file(d->file.path, err) < 0 || probe(d, STORE_WRITE, err) < 0 ||
        check_pair(d, err) < 0 ||
        sqlite_conn_open(&d->file, SQLITE_USE_WRITE, &d->write, err) < 0)
        return -1;
    return sqlite_schema_upgrade(d->write, err);
}

static int open_reader(struct sqlite_db *d, struct err *err)
{
    if (check_file(d->file.path, err) < 0)
        return -1;
    return probe(d, STORE_READ, err);
}

static int try_beside(struct sqlite_db *d, struct err *err)
{
    if (check_file(d->file.path, err) < 0 || probe(d, STORE_BESIDE, err) < 0 ||
        sqlite_conn_open(&d->file, SQLITE_USE_WRITE, &d->write, err) < 0)
        return -1;
    return sqlite_schema_current(d->write, err);
}

/* To make the file, or bring it up to date, is the one writer's. */
static int open_beside(struct sqlite_db *d, struct err *err)
{
    if (try_beside(d, err) == 0)
        return 0;
    if (g_strcmp0(err->name, "store-missing") != 0 &&
        g_strcmp0(err->name, "store-older") != 0)
        return -1;
    g_clear_pointer(&d->write, sqlite_conn_close);
    return open_writer(d, err);
}

static int open_both(struct sqlite_db *d, enum store_mode mode, struct err *err)
{
    static int (*const opens[])(struct sqlite_db * d, struct err * err) = {
        [STORE_WRITE] = open_writer,
        [STORE_READ] = open_reader,
        [STORE_BESIDE] = open_beside,
    };
    bool left;

    if (opens[mode](d, err) < 0)
        return -1;
    left = mode == STORE_READ && has_wal(d->file.path);
    if (sqlite_conn_open(&d->file, SQLITE_USE_READ, &d->read, err) < 0)
        return -1;
    /* Which writer is to look at it and fold it in, if it is this file's. */
    if (left)
        sqlite3_db_config(d->read->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                          NULL);
    return sqlite_schema_current(d->read, err);
}

void sqlite_db_close(struct db *db)
{
    struct sqlite_db *d = (struct sqlite_db *)db;

    /* The writer last: the last one to close folds the WAL in. */
    sqlite_conn_close(d->read);
    sqlite_conn_close(d->write);
    sq_unlock(d->lock_fd);
    g_free(d->file.path);
    db_fault_release(&d->base.fault);
    g_free(d);
}

int sqlite_db_open(const char *path, enum store_mode mode, struct db **ret,
                   struct err *err)
{
    struct sqlite_db *d = g_new0(struct sqlite_db, 1);

    d->base.ops = &sqlite_db_ops;
    db_fault_init(&d->base.fault);
    d->file.fault = &d->base.fault;
    d->lock_fd = -1;
    d->file.path = canonical_path(path);
    if (open_both(d, mode, err) < 0) {
        sqlite_db_close(&d->base);
        return -1;
    }
    *ret = &d->base;
    return 0;
}

int store_open_sqlite(const char *path, enum store_mode mode,
                      struct store **ret, struct err *err)
{
    struct db *db = NULL;

    if (sqlite_db_open(path, mode, &db, err) < 0)
        return -1;
    *ret = sq_store_new(db, true, 1);
    return 0;
}
