/*
 * db_sqlite - SQLite as a driver: connections, statements, transactions.
 */
#include "store/sqlite_priv.h"

/* A checkpoint, or the recovery after a dead writer, may hold others up. */
#define BUSY_TIMEOUT_MS 10000

/*
 * synchronous=FULL: in WAL mode a commit is durable only so.  secure_delete
 * is on in Debian's build; "fast" overwrites where it costs no write.  The
 * WAL is cut back after a burst has made it large.
 */
static const char settings[] = "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA secure_delete = FAST;"
                               "PRAGMA cache_size = -16384;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA journal_size_limit = 67108864;";

static int configure(struct sqlite_conn *c, struct err *err)
{
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    if (sqlite3_exec(c->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return sq_fail(c, err);
    if (c->use == SQLITE_USE_WRITE)
        return 0;
    return sq_run(&c->base, "PRAGMA query_only = ON", NO_ARGS, err);
}

/* ---- statements ------------------------------------------------------ */

struct sqlite_rows {
    struct sq_rows base;
    struct sqlite_conn *c;
    sqlite3_stmt *st;
};

static void rows_free(void *p)
{
    struct sqlite_rows *r = p;

    sqlite3_finalize(r->st);
    g_free(r);
}

/* One connection writes at a time: there is nobody to lock out. */
static int text_length(const char *sql)
{
    static const char *const suffixes[] = { DB_FOR_UPDATE, DB_SKIP_LOCKED };
    size_t n = strlen(sql);

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++)
        if (g_str_has_suffix(sql, suffixes[i]))
            return (int)(n - strlen(suffixes[i]));
    return (int)n;
}

static struct sqlite_rows *prepare(struct sqlite_conn *c, const char *sql,
                                   struct err *err)
{
    struct sqlite_rows *r = g_hash_table_lookup(c->statements, sql);
    sqlite3_stmt *st;

    if (r != NULL)
        return r;
    if (sqlite3_prepare_v3(c->db, sql, text_length(sql),
                           SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        sq_fail(c, err);
        return NULL;
    }
    r = g_new(struct sqlite_rows, 1);
    *r = (struct sqlite_rows){ { &sqlite_db_ops }, c, st };
    /* The table never writes through its keys. */
    g_hash_table_insert(c->statements, (void *)(uintptr_t)sql, r);
    return r;
}

static int bind(sqlite3_stmt *st, int i, const struct sq_arg *arg)
{
    if (arg->type == SQ_INT && !arg->null)
        return sqlite3_bind_int64(st, i, arg->number);
    if (arg->bytes == NULL)
        return sqlite3_bind_null(st, i);
    if (arg->type == SQ_TEXT)
        return sqlite3_bind_text(st, i, arg->bytes, -1, SQLITE_STATIC);
    return sqlite3_bind_blob64(st, i, arg->bytes, arg->n, SQLITE_STATIC);
}

static struct sq_rows *query(struct sq_conn *base, const char *sql,
                             const struct sq_arg *args, struct err *err)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;
    struct sqlite_rows *r = prepare(c, sql, err);

    for (int i = 0; r != NULL && args[i].type != SQ_LAST; i++) {
        if (bind(r->st, i + 1, &args[i]) == SQLITE_OK)
            continue;
        sq_fail(c, err);
        return NULL;
    }
    return r != NULL ? &r->base : NULL;
}

static int step_rows(struct sq_rows *rows, struct err *err)
{
    struct sqlite_rows *r = (struct sqlite_rows *)rows;
    int rc = sqlite3_step(r->st);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE) {
        sqlite3_reset(r->st);
        return 0;
    }
    sq_fail(r->c, err);
    sqlite3_reset(r->st);
    return -1;
}

static void reset_rows(struct sq_rows *rows)
{
    sqlite3_reset(((struct sqlite_rows *)rows)->st);
}

static int64_t changes(struct sq_conn *c)
{
    return sqlite3_changes64(((struct sqlite_conn *)c)->db);
}

static int64_t column_int64(struct sq_rows *rows, int column)
{
    return sqlite3_column_int64(((struct sqlite_rows *)rows)->st, column);
}

static const char *column_text(struct sq_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(((struct sqlite_rows *)rows)->st,
                                             column);
}

static const void *column_blob(struct sq_rows *rows, int column, size_t *ret_n)
{
    sqlite3_stmt *st = ((struct sqlite_rows *)rows)->st;
    const void *bytes = sqlite3_column_blob(st, column);

    *ret_n = (size_t)sqlite3_column_bytes(st, column);
    return bytes;
}

static bool column_is_null(struct sq_rows *rows, int column)
{
    return sqlite3_column_type(((struct sqlite_rows *)rows)->st, column) ==
           SQLITE_NULL;
}

static int damaged(struct sq_conn *c, const char *text, struct err *err)
{
    return sq_fail_code(((struct sqlite_conn *)c)->file, SQLITE_CORRUPT, 0,
                        text, err);
}

/* ---- connections ------------------------------------------------------ */

int sqlite_conn_open(struct sq_file *file, enum sqlite_use use,
                     struct sqlite_conn **ret, struct err *err)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
        (use == SQLITE_USE_LOOK ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    g_autoptr(sqlite_conn) c = g_new0(struct sqlite_conn, 1);

    sq_conn_init(&c->base, &sqlite_db_ops);
    c->file = file;
    c->use = use;
    pthread_mutex_init(&c->lock, NULL);
    c->statements = g_hash_table_new_full(NULL, NULL, NULL, rows_free);
    if (sqlite3_open_v2(file->path, &c->db, flags, NULL) != SQLITE_OK)
        return sq_fail(c, err);
    if (configure(c, err) < 0)
        return -1;
    *ret = g_steal_pointer(&c);
    return 0;
}

void sqlite_conn_close(struct sqlite_conn *c)
{
    if (c == NULL)
        return;
    g_hash_table_unref(c->statements);
    sqlite3_close(c->db);
    sq_conn_release(&c->base);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

/* ---- transactions ---------------------------------------------------- */

static int begin(struct sqlite_conn *c, struct err *err)
{
    if (atomic_load(&c->file->damaged))
        return sq_refuse_damaged(c->file, err);
    return sq_run(&c->base,
                  c->use == SQLITE_USE_WRITE ? "BEGIN IMMEDIATE" : "BEGIN",
                  NO_ARGS, err);
}

int sqlite_begin(struct sqlite_conn *c, struct err *err)
{
    pthread_mutex_lock(&c->lock);
    if (begin(c, err) == 0)
        return 0;
    pthread_mutex_unlock(&c->lock);
    return -1;
}

static struct sq_conn *begin_on(struct db *db, enum db_use use, struct err *err)
{
    struct sqlite_db *d = (struct sqlite_db *)db;
    struct sqlite_conn *c = use == DB_WRITE ? d->write : d->read;

    if (c != NULL)
        return sqlite_begin(c, err) == 0 ? &c->base : NULL;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "state file \"%s\" is open for reading only", d->file.path);
    err->name = "store-read-only";
    return NULL;
}

static void roll_back(struct sqlite_conn *c, struct err *err)
{
    /* Some failures have rolled back by themselves. */
    if (sqlite3_get_autocommit(c->db) == 0)
        (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    sq_words_forget(c->base.words);
    if (g_strcmp0(err->name, "store-damaged") == 0)
        sq_explain_damage(c, err);
}

static int end(struct sq_conn *base, int result, struct err *err)
{
    struct sqlite_conn *c = (struct sqlite_conn *)base;

    if (result >= 0 && sq_run(base, "COMMIT", NO_ARGS, err) < 0)
        result = -1;
    if (result < 0)
        roll_back(c, err);
    pthread_mutex_unlock(&c->lock);
    return result;
}

/* clang-format off */
const struct db_ops sqlite_db_ops = {
    .name = "sqlite",
    .begin = begin_on,
    .end = end,
    .query = query,
    .step = step_rows,
    .reset = reset_rows,
    .changes = changes,
    .int64 = column_int64,
    .text = column_text,
    .blob = column_blob,
    .is_null = column_is_null,
    .damaged = damaged,
    .close = sqlite_db_close,
};
/* clang-format on */
