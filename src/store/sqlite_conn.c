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

static int configure(struct sq_conn *c, struct err *err)
{
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
    if (sqlite3_exec(c->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return sq_fail(c, err);
    if (c->use == SQ_WRITE)
        return 0;
    return sq_run(c, "PRAGMA query_only = ON", NO_ARGS, err);
}

static void finalize(void *st)
{
    sqlite3_finalize(st);
}

int sq_conn_open(struct sq_file *file, enum sq_use use, struct sq_conn **ret,
                 struct err *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (use == SQ_LOOK ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    g_autoptr(sq_conn) c = g_new0(struct sq_conn, 1);

    c->file = file;
    c->use = use;
    c->words = sq_words_new();
    pthread_mutex_init(&c->lock, NULL);
    c->statements = g_hash_table_new_full(NULL, NULL, NULL, finalize);
    if (sqlite3_open_v2(file->path, &c->db, flags, NULL) != SQLITE_OK)
        return sq_fail(c, err);
    if (configure(c, err) < 0)
        return -1;
    *ret = g_steal_pointer(&c);
    return 0;
}

void sq_conn_close(struct sq_conn *c)
{
    if (c == NULL)
        return;
    g_hash_table_unref(c->statements);
    sqlite3_close(c->db);
    sq_words_free(c->words);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

/* ---- statements ------------------------------------------------------ */

static sqlite3_stmt *prepare(struct sq_conn *c, const char *sql,
                             struct err *err)
{
    sqlite3_stmt *st = g_hash_table_lookup(c->statements, sql);

    if (st != NULL)
        return st;
    if (sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
                           NULL) != SQLITE_OK) {
        sq_fail(c, err);
        return NULL;
    }
    /* The table never writes through its keys. */
    g_hash_table_insert(c->statements, (void *)(uintptr_t)sql, st);
    return st;
}

static int bind(sqlite3_stmt *st, int i, const struct sq_arg *arg)
{
    if (arg->type == SQ_INT)
        return sqlite3_bind_int64(st, i, arg->number);
    if (arg->bytes == NULL)
        return sqlite3_bind_null(st, i);
    if (arg->type == SQ_TEXT)
        return sqlite3_bind_text(st, i, arg->bytes, -1, SQLITE_STATIC);
    return sqlite3_bind_blob64(st, i, arg->bytes, arg->n, SQLITE_STATIC);
}

sqlite3_stmt *sq_query(struct sq_conn *c, const char *sql,
                       const struct sq_arg *args, struct err *err)
{
    sqlite3_stmt *st = prepare(c, sql, err);

    for (int i = 0; st != NULL && args[i].type != SQ_LAST; i++) {
        if (bind(st, i + 1, &args[i]) == SQLITE_OK)
            continue;
        sq_fail(c, err);
        return NULL;
    }
    return st;
}

int sq_step(struct sq_conn *c, sqlite3_stmt *st, struct err *err)
{
    int rc = sqlite3_step(st);

    if (rc == SQLITE_ROW)
        return 1;
    if (rc == SQLITE_DONE) {
        sqlite3_reset(st);
        return 0;
    }
    sq_fail(c, err);
    sqlite3_reset(st);
    return -1;
}

int sq_run(struct sq_conn *c, const char *sql, const struct sq_arg *args,
           struct err *err)
{
    sqlite3_stmt *st = sq_query(c, sql, args, err);
    int more = st == NULL ? -1 : 1;

    while (more > 0)
        more = sq_step(c, st, err);
    return more;
}

int sq_number(struct sq_conn *c, const char *sql, const struct sq_arg *args,
              int64_t *ret, struct err *err)
{
    sqlite3_stmt *st = sq_query(c, sql, args, err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found > 0) {
        *ret = sqlite3_column_int64(st, 0);
        sqlite3_reset(st);
    }
    return found;
}

int sq_text(struct sq_conn *c, const char *sql, const struct sq_arg *args,
            char **ret, struct err *err)
{
    sqlite3_stmt *st = sq_query(c, sql, args, err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found > 0) {
        *ret = sq_column_dup(st, 0);
        sqlite3_reset(st);
    }
    return found;
}

char *sq_column_dup(sqlite3_stmt *st, int column)
{
    return g_strdup((const char *)sqlite3_column_text(st, column));
}

int sq_column_enum(struct sq_conn *c, sqlite3_stmt *st, int column,
                   unsigned int *ret, unsigned int n, struct err *err)
{
    int64_t value = sqlite3_column_int64(st, column);

    if (value < 0 || value >= (int64_t)n)
        return sq_fail_code(c->file, SQLITE_CORRUPT, 0,
                            "a row holds a number that means nothing", err);
    *ret = (unsigned int)value;
    return 0;
}

int sq_column_ledger(struct sq_conn *c, sqlite3_stmt *st, int column,
                     struct ledger_item *ret, struct err *err)
{
    unsigned int state = 0;

    if (sq_column_enum(c, st, column, &state, ITEM_N_STATES, err) < 0)
        return -1;
    ret->state = (enum item_state)state;
    ret->pending = (unsigned int)sqlite3_column_int(st, column + 1);
    ret->tries = (unsigned int)sqlite3_column_int(st, column + 2);
    return 0;
}

/* ---- transactions ---------------------------------------------------- */

static int begin(struct sq_conn *c, struct err *err)
{
    if (atomic_load(&c->file->damaged))
        return sq_refuse_damaged(c->file, err);
    return sq_run(c, c->use == SQ_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", NO_ARGS,
                  err);
}

int sq_begin(struct sq_conn *c, struct err *err)
{
    pthread_mutex_lock(&c->lock);
    if (begin(c, err) == 0)
        return 0;
    pthread_mutex_unlock(&c->lock);
    return -1;
}

struct sq_conn *sq_begin_write(struct store *base, struct err *err)
{
    struct sq_store *s = (struct sq_store *)base;

    if (s->write != NULL)
        return sq_begin(s->write, err) == 0 ? s->write : NULL;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "state file \"%s\" is open for reading only", s->file.path);
    err->name = "store-read-only";
    return NULL;
}

struct sq_conn *sq_begin_read(struct store *base, struct err *err)
{
    struct sq_conn *c = ((struct sq_store *)base)->read;

    return sq_begin(c, err) == 0 ? c : NULL;
}

static void roll_back(struct sq_conn *c, struct err *err)
{
    /* Some failures have rolled back by themselves. */
    if (sqlite3_get_autocommit(c->db) == 0)
        (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    sq_words_forget(c->words);
    if (g_strcmp0(err->name, "store-damaged") == 0)
        sq_explain_damage(c, err);
}

int sq_end(struct sq_conn *c, int result, struct err *err)
{
    if (result >= 0 && sq_run(c, "COMMIT", NO_ARGS, err) < 0)
        result = -1;
    if (result < 0)
        roll_back(c, err);
    pthread_mutex_unlock(&c->lock);
    return result;
}

static int check_lease(struct sq_conn *c, const struct store_lease *lease,
                       struct err *err)
{
    int64_t current;
    int found = sq_number(c, "SELECT lease FROM mailboxes WHERE id = ?",
                          ARGS(INT(lease->mailbox_id)), &current, err);

    if (found < 0)
        return -1;
    if (found == 0)
        return store_refuse_missing(err, "mailbox", lease->mailbox_id);
    if (current != lease->number)
        return store_refuse_lease(err, lease, current);
    return 0;
}

struct sq_conn *sq_begin_leased(struct store *base,
                                const struct store_lease *lease,
                                struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    if (c == NULL || check_lease(c, lease, err) == 0)
        return c;
    return sq_end(c, -1, err) < 0 ? NULL : c; /* -1: as it was given */
}
