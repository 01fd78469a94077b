/*
 * Opening a state file.  First it is looked at without a chance to change it:
 * closing a connection that may write can bring another program's WAL into its
 * database, and "refused" shall mean "left as it was".
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_ops.h"

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

/* SQLite gives its companion files the mode of the database. */
static int create_file(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno == EEXIST)
        return 0;
    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "state file \"%s\"", path);
    close(fd);
    return sync_folder(path, err);
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
                  "a backup");
}

/* Look at the file through a connection that cannot change it. */
static int probe(struct sq_store *s, enum store_mode mode, struct err *err)
{
    g_autoptr(sq_conn) c = NULL;
    bool empty = false;

    if (sq_conn_open(&s->file, SQ_LOOK, &c, err) < 0 ||
        sq_schema_check(c, &empty, err) < 0) {
        if (err->code == SQLITE_NOTADB)
            return refuse_foreign(s->file.path, err);
        return -1;
    }
    if (empty && mode == STORE_READ)
        return refuse_foreign(s->file.path, err);
    return 0;
}

static int open_writer(struct sq_store *s, struct err *err)
{
    if (sq_lock(s->file.path, &s->lock_fd, err) < 0 ||
        create_file(s->file.path, err) < 0 ||
        check_file(s->file.path, err) < 0 || probe(s, STORE_WRITE, err) < 0 ||
        sq_conn_open(&s->file, SQ_WRITE, &s->write, err) < 0)
        return -1;
    return sq_schema_upgrade(s->write, err);
}

static int open_reader(struct sq_store *s, struct err *err)
{
    if (check_file(s->file.path, err) < 0)
        return -1;
    return probe(s, STORE_READ, err);
}

static int open_both(struct sq_store *s, enum store_mode mode, struct err *err)
{
    if ((mode == STORE_WRITE ? open_writer : open_reader)(s, err) < 0 ||
        sq_conn_open(&s->file, SQ_READ, &s->read, err) < 0)
        return -1;
    return sq_schema_current(s->read, err);
}

static void free_sqlite(struct store *base)
{
    struct sq_store *s = (struct sq_store *)base;

    /* The writer last: the last one to close folds the WAL in. */
    sq_conn_close(s->read);
    sq_conn_close(s->write);
    sq_unlock(s->lock_fd);
    g_free(s->file.path);
    g_free(s);
}

/* clang-format off */
static const struct store_ops sqlite_ops = {
    .name = "sqlite",
    .migration_get = sq_migration_get,
    .migration_set = sq_migration_set,
    .mailbox_add = sq_mailbox_add,
    .mailboxes = sq_mailboxes,
    .mailbox_get = sq_mailbox_get,
    .mailbox_lease = sq_mailbox_lease,
    .mailbox_set_state = sq_mailbox_set_state,
    .mailbox_set_facts = sq_mailbox_set_facts,
    .folders_set = sq_folders_set,
    .folders = sq_folders,
    .folder_map = sq_folder_map,
    .folder_placed = sq_folder_placed,
    .items_list = sq_items_list,
    .items_next = sq_items_next,
    .items_waiting = sq_items_waiting,
    .items_intend = sq_items_intend,
    .items_record = sq_items_record,
    .items_adopt = sq_items_adopt,
    .items_follow = sq_items_follow,
    .items_retry_failed = sq_items_retry_failed,
    .items = sq_items,
    .items_verify = sq_items_verify,
    .items_verify_reset = sq_items_verify_reset,
    .dest_record = sq_dest_record,
    .dest_lookup = sq_dest_lookup,
    .dest_find = sq_dest_find,
    .dest_swept = sq_dest_swept,
    .exchange_names_add = sq_exchange_names_add,
    .exchange_names = sq_exchange_names,
    .settings_record = sq_settings_record,
    .settings_done = sq_settings_done,
    .settings = sq_settings,
    .pass_begin = sq_pass_begin,
    .pass_end = sq_pass_end,
    .passes = sq_passes,
    .counts = sq_counts,
    .folder_counts = sq_folder_counts,
    .free = free_sqlite,
};
/* clang-format on */

int store_open_sqlite(const char *path, enum store_mode mode,
                      struct store **ret, struct err *err)
{
    struct sq_store *s = g_new0(struct sq_store, 1);

    s->base.ops = &sqlite_ops;
    s->lock_fd = -1;
    s->file.path = canonical_path(path);
    if (open_both(s, mode, err) < 0) {
        free_sqlite(&s->base);
        return -1;
    }
    *ret = &s->base;
    return 0;
}
