#include "lab/store_calendar.h"
#include "lab/store_priv.h"

#include <stdarg.h>
#include <string.h>

#include "lab/hash.h"

/* Another process takes the digest while we write; it never holds long. */
#define BUSY_MS 10000

/* A folder's last change of content: microseconds, and never twice. */
#define TOUCHED                                                                \
    "touched = max(touched + 1,"                                               \
    " CAST((julianday('now') - 2440587.5) * 86400000000 AS INT)), "

/* Of what is below: a file of another one is not read. */
#define STORE_VERSION 2

/* clang-format off */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS meta("
    " name TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS account("
    " key INTEGER PRIMARY KEY, domain TEXT COLLATE NOCASE,"
    " user TEXT NOT NULL COLLATE NOCASE, address TEXT COLLATE NOCASE UNIQUE,"
    " display TEXT, password TEXT, impersonate INT, mailbox INT,"
    " UNIQUE(domain, user));"
    "CREATE TABLE IF NOT EXISTS mailbox("
    " key INTEGER PRIMARY KEY, address TEXT NOT NULL COLLATE NOCASE UNIQUE,"
    " display TEXT, guid TEXT, legacy_dn TEXT, quota INT,"
    " epoch INT NOT NULL DEFAULT 0, archive_of INT NOT NULL DEFAULT 0,"
    " dumpster_quota INT NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS mailbox_archive ON mailbox(archive_of)"
    " WHERE archive_of > 0;"
    "CREATE TABLE IF NOT EXISTS alias("
    " address TEXT PRIMARY KEY COLLATE NOCASE, mailbox INT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS tray("
    " key INTEGER PRIMARY KEY, kind INT NOT NULL, mailbox INT NOT NULL,"
    " recipients TEXT NOT NULL, subject TEXT, at INT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS full_access("
    " account INT, mailbox INT, PRIMARY KEY(account, mailbox)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS folder("
    " key INTEGER PRIMARY KEY, mailbox INT NOT NULL, parent INT NOT NULL,"
    " name TEXT NOT NULL, folded TEXT NOT NULL, class TEXT,"
    " distinguished TEXT, kind INT NOT NULL, dumpster INT NOT NULL,"
    " change INT NOT NULL, created_seq INT NOT NULL, changed_seq INT NOT NULL,"
    " n_items INT NOT NULL DEFAULT 0, n_unread INT NOT NULL DEFAULT 0,"
    " n_hidden INT NOT NULL DEFAULT 0, bytes INT NOT NULL DEFAULT 0,"
    " created INT, modified INT, touched INT NOT NULL DEFAULT 0, props BLOB,"
    " UNIQUE(parent, folded));"
    "CREATE INDEX IF NOT EXISTS folder_mailbox"
    " ON folder(mailbox, distinguished);"
    "CREATE TABLE IF NOT EXISTS item("
    " key INTEGER PRIMARY KEY, mailbox INT NOT NULL, folder INT NOT NULL,"
    " change INT NOT NULL, created_seq INT NOT NULL, changed_seq INT NOT NULL,"
    " read_seq INT NOT NULL DEFAULT 0, class TEXT, subject TEXT, sender TEXT,"
    " message_id TEXT, search_key BLOB, received INT, sent INT, created INT,"
    " modified INT, size INT NOT NULL, read INT NOT NULL,"
    " associated INT NOT NULL, attachments INT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS item_created ON item(folder, created_seq);"
    "CREATE INDEX IF NOT EXISTS item_changed ON item(folder, changed_seq)"
    " WHERE changed_seq > created_seq;"
    "CREATE INDEX IF NOT EXISTS item_read ON item(folder, read_seq)"
    " WHERE read_seq > 0;"
    "CREATE INDEX IF NOT EXISTS item_date"
    " ON item(folder, associated, ifnull(received, created));"
    /* apart, so that walking the items does not walk over their bytes */
    "CREATE TABLE IF NOT EXISTS payload("
    " item INTEGER PRIMARY KEY, cut INT NOT NULL DEFAULT 0, data BLOB);"
    /* where a soft-deleted item was */
    "CREATE TABLE IF NOT EXISTS lost("
    " item INTEGER PRIMARY KEY, folder INT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS lost_folder ON lost(folder);"
    /* member: a mailbox, or one of enum lab_member */
    "CREATE TABLE IF NOT EXISTS permission("
    " folder INT, member INT, name TEXT, rights INT NOT NULL,"
    " PRIMARY KEY(folder, member, name)) WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS folder_out AFTER DELETE ON folder BEGIN"
    " DELETE FROM permission WHERE folder = OLD.key; END;"
    "CREATE TABLE IF NOT EXISTS gone("
    " folder INT, seq INT, item INT, created_seq INT, associated INT,"
    " PRIMARY KEY(folder, seq)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS gone_folder("
    " mailbox INT, seq INT, key INT, created_seq INT,"
    " PRIMARY KEY(mailbox, seq)) WITHOUT ROWID;"
    "CREATE TRIGGER IF NOT EXISTS item_in AFTER INSERT ON item BEGIN"
    " UPDATE folder SET " TOUCHED "bytes = bytes + NEW.size,"
    "  n_items = n_items + NOT NEW.associated,"
    "  n_hidden = n_hidden + NEW.associated,"
    "  n_unread = n_unread + (NOT NEW.associated AND NOT NEW.read)"
    "  WHERE key = NEW.folder; END;"
    "CREATE TRIGGER IF NOT EXISTS item_out AFTER DELETE ON item BEGIN"
    " DELETE FROM payload WHERE item = OLD.key;"
    " DELETE FROM lost WHERE item = OLD.key;"
    " UPDATE folder SET " TOUCHED "bytes = bytes - OLD.size,"
    "  n_items = n_items - NOT OLD.associated,"
    "  n_hidden = n_hidden - OLD.associated,"
    "  n_unread = n_unread - (NOT OLD.associated AND NOT OLD.read)"
    "  WHERE key = OLD.folder; END;"
    "CREATE TRIGGER IF NOT EXISTS item_new"
    " AFTER UPDATE OF size, read, change ON item BEGIN"
    " UPDATE folder SET " TOUCHED "bytes = bytes - OLD.size + NEW.size,"
    "  n_unread = n_unread + (NOT NEW.associated)"
    "   * (OLD.read - NEW.read) WHERE key = NEW.folder; END;";
/* clang-format on */

int lab_refuse(struct err *err, const char *code, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = code;
    return -1;
}

int lab_broken(struct lab_store *store, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, sqlite3_errcode(store->db),
            "lab store: %s", sqlite3_errmsg(store->db));
    err->name = "ErrorInternalServerError";
    return -1;
}

/* ---- statements ------------------------------------------------------ */

static sqlite3_stmt *prepared(struct lab_store *store, const char *sql,
                              struct err *err)
{
    sqlite3_stmt *q = g_hash_table_lookup(store->statements, sql);

    if (q != NULL)
        return q;
    if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q,
                           NULL) != SQLITE_OK) {
        lab_broken(store, err);
        return NULL;
    }
    g_hash_table_insert(store->statements, g_strdup(sql), q);
    return q;
}

static void bind(sqlite3_stmt *q, const char *types, va_list *ap)
{
    for (int i = 0; types[i] != '\0'; i++) {
        const char *text;
        const void *bytes;

        switch (types[i]) {
        case 'i':
            sqlite3_bind_int64(q, i + 1, va_arg(*ap, int64_t));
            break;
        case 's':
            text = va_arg(*ap, const char *);
            sqlite3_bind_text(q, i + 1, text, -1, SQLITE_STATIC);
            break;
        default:
            bytes = va_arg(*ap, const void *);
            sqlite3_bind_blob64(q, i + 1, bytes, va_arg(*ap, size_t),
                                SQLITE_STATIC);
            break;
        }
    }
}

sqlite3_stmt *lab_query(struct lab_store *store, struct err *err,
                        const char *sql, const char *types, ...)
{
    sqlite3_stmt *q = prepared(store, sql, err);
    va_list ap;

    if (q == NULL)
        return NULL;
    va_start(ap, types);
    bind(q, types, &ap);
    va_end(ap);
    return q;
}

void lab_done(sqlite3_stmt *q)
{
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
}

int lab_step(struct lab_store *store, sqlite3_stmt *q, struct err *err)
{
    int rc = sqlite3_step(q);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE)
        return 0;
    return lab_broken(store, err);
}

int lab_exec(struct lab_store *store, struct err *err, const char *sql,
             const char *types, ...)
{
    sqlite3_stmt *q = prepared(store, sql, err);
    va_list ap;
    int rc;

    if (q == NULL)
        return -1;
    va_start(ap, types);
    bind(q, types, &ap);
    va_end(ap);
    rc = lab_step(store, q, err);
    lab_done(q);
    return rc < 0 ? -1 : 0;
}

int lab_number(struct lab_store *store, struct err *err, int64_t *ret,
               const char *sql, const char *types, ...)
{
    sqlite3_stmt *q = prepared(store, sql, err);
    va_list ap;
    int rc;

    if (q == NULL)
        return -1;
    va_start(ap, types);
    bind(q, types, &ap);
    va_end(ap);
    rc = lab_step(store, q, err);
    if (rc > 0 && sqlite3_column_type(q, 0) != SQLITE_NULL)
        *ret = sqlite3_column_int64(q, 0);
    lab_done(q);
    return rc;
}

int lab_word(struct lab_store *store, struct err *err, char **ret,
             const char *sql, const char *types, ...)
{
    sqlite3_stmt *q = prepared(store, sql, err);
    va_list ap;
    int rc;

    if (q == NULL)
        return -1;
    va_start(ap, types);
    bind(q, types, &ap);
    va_end(ap);
    rc = lab_step(store, q, err);
    if (rc > 0)
        *ret = lab_column_dup(q, 0);
    lab_done(q);
    return rc;
}

char *lab_column_dup(sqlite3_stmt *q, int column)
{
    return g_strdup((const char *)sqlite3_column_text(q, column));
}

/* ---- transactions ---------------------------------------------------- */

void lab_lock(struct lab_store *store)
{
    pthread_mutex_lock(&store->lock);
}

void lab_unlock(struct lab_store *store)
{
    pthread_mutex_unlock(&store->lock);
}

int64_t lab_next(struct lab_store *store)
{
    return ++store->counter;
}

int lab_enter(struct lab_store *store, struct err *err)
{
    lab_lock(store);
    if (store->depth == 0) {
        store->failed = false;
        if (lab_exec(store, err, "BEGIN IMMEDIATE", "") < 0) {
            lab_unlock(store);
            return -1;
        }
    }
    store->depth++;
    return 0;
}

static int commit(struct lab_store *store, struct err *err)
{
    if (lab_exec(store, err,
                 "INSERT OR REPLACE INTO meta VALUES('counter', ?1)", "i",
                 store->counter) < 0)
        return -1;
    return lab_exec(store, err, "COMMIT", "");
}

int lab_leave(struct lab_store *store, int status, struct err *err)
{
    struct err ignored;

    if (status < 0)
        store->failed = true;
    if (--store->depth == 0) {
        if (!store->failed && commit(store, err) < 0) {
            status = -1;
            store->failed = true;
        }
        /* What made it fail is the caller's to know, not this. */
        if (store->failed && lab_exec(store, &ignored, "ROLLBACK", "") < 0)
            status = -1;
    }
    lab_unlock(store);
    return status;
}

/* ---- opening --------------------------------------------------------- */

static int keep(struct lab_store *store, const char *name, const char *value,
                struct err *err)
{
    return lab_exec(store, err, "INSERT OR IGNORE INTO meta VALUES(?1, ?2)",
                    "ss", name, value);
}

static int recall(struct lab_store *store, const char *name, char **ret,
                  struct err *err)
{
    return lab_word(store, err, ret, "SELECT value FROM meta WHERE name = ?1",
                    "s", name);
}

/* A new file takes the options; an old one knows better. */
static int settle(struct lab_store *store,
                  const struct lab_store_options *options, struct err *err)
{
    g_autofree char *seed =
        g_strdup_printf("%" G_GUINT64_FORMAT, options->seed);
    g_autofree char *kept = NULL;
    /* Counters of a store that has lived: no id looks like a first one. */
    int64_t counter =
        0x10000 + (int64_t)(lab_hash_u64(options->seed, 1) % 0x1000000);

    if (keep(store, "organisation",
             options->organisation != NULL ? options->organisation
                                           : "First Organization",
             err) < 0 ||
        keep(store, "language",
             options->language != NULL ? options->language : "en", err) < 0 ||
        keep(store, "seed", seed, err) < 0)
        return -1;
    if (recall(store, "organisation", &store->organisation, err) < 0 ||
        recall(store, "language", &store->language, err) < 0 ||
        recall(store, "seed", &kept, err) < 0 ||
        lab_number(store, err, &counter,
                   "SELECT value FROM meta WHERE name = 'counter'", "") < 0)
        return -1;
    store->counter = counter;
    store->seed = g_ascii_strtoull(kept, NULL, 10);
    lab_hash_fill(lab_hash_bytes(store->seed, store->organisation,
                                 strlen(store->organisation)),
                  store->replica, sizeof(store->replica));
    lab_profile_init(&store->profile, store->seed);
    return 0;
}

static int run(struct lab_store *store, const char *sql, struct err *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return lab_broken(store, err);
    return 0;
}

/* An empty file has the version 0, and no tables. */
static int check_version(struct lab_store *store, struct err *err)
{
    int64_t version = 0, tables = 0;

    if (lab_number(store, err, &version, "PRAGMA user_version", "") < 0 ||
        lab_number(store, err, &tables, "SELECT count(*) FROM sqlite_master",
                   "") < 0)
        return -1;
    if (tables > 0 && version != STORE_VERSION) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "made by another version of the lab (%" G_GINT64_FORMAT
                ", not %d): fill it anew",
                version, STORE_VERSION);
        err->name = "ErrorInternalServerError";
        return -1;
    }
    return run(store, "PRAGMA user_version = " G_STRINGIFY(STORE_VERSION), err);
}

static int prepare_database(struct lab_store *store,
                            const struct lab_store_options *options,
                            struct err *err)
{
    int status;

    sqlite3_busy_timeout(store->db, BUSY_MS);
    /* A lab that loses power is started anew: no waiting for the disk. */
    if (run(store,
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;"
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;"
            "PRAGMA recursive_triggers = ON",
            err) < 0)
        return -1;
    if (check_version(store, err) < 0 || lab_enter(store, err) < 0)
        return -1;
    status = run(store, schema, err);
    if (status == 0)
        status = run(store, lab_directory_schema, err);
    if (status == 0)
        status = settle(store, options, err);
    return lab_leave(store, status, err);
}

int lab_store_open(const struct lab_store_options *options,
                   struct lab_store **ret, struct err *err)
{
    g_autoptr(lab_store) store = g_new0(struct lab_store, 1);
    const char *path = options->path != NULL ? options->path : ":memory:";
    pthread_mutexattr_t recursive;

    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    store->statements =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (sqlite3_open_v2(path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK ||
        lab_find_functions(store->db) < 0) {
        lab_broken(store, err);
        return err_in(err, "file \"%s\"", path);
    }
    if (prepare_database(store, options, err) < 0)
        return err_in(err, "file \"%s\"", path);
    *ret = g_steal_pointer(&store);
    return 0;
}

void lab_store_close(struct lab_store *store)
{
    GHashTableIter iter;
    gpointer q;

    if (store == NULL)
        return;
    g_hash_table_iter_init(&iter, store->statements);
    while (g_hash_table_iter_next(&iter, NULL, &q))
        sqlite3_finalize(q);
    g_hash_table_unref(store->statements);
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->lock);
    lab_calendar_free(store->calendar);
    g_free(store->organisation);
    g_free(store->language);
    g_free(store);
}

const char *lab_store_organisation(const struct lab_store *store)
{
    return store->organisation;
}

void lab_store_set_limits(struct lab_store *store, int64_t clock_skew_us,
                          uint64_t item_bytes_max)
{
    store->clock_skew_us = clock_skew_us;
    store->item_bytes_max = item_bytes_max;
}

int64_t lab_now(const struct lab_store *store)
{
    return g_get_real_time() + store->clock_skew_us;
}

const struct lab_profile *lab_store_profile(const struct lab_store *store)
{
    return &store->profile;
}
