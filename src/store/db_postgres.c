/*
 * db_postgres - PostgreSQL as a driver: statements, transactions.
 *
 * Arguments and columns travel in the binary form: nothing is quoted, no
 * number is printed and read again.
 *
 * What only writes is sent ahead in libpq's pipeline mode, and heard of before
 * the next statement that asks: a batch of items costs a few trips to the
 * server instead of some for each item, however far away it is.
 */
#include <endian.h>

#include "store/postgres_priv.h"

/* https://www.postgresql.org/docs/15/catalog-pg-type.html */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25
};

/* More arguments than any statement of ours has. */
#define ARGS_MAX 64

/* Their answers, some 100 bytes each, fit into the socket's buffer. */
#define LATER_MAX 256

struct pg_rows {
    struct sq_rows base;
    struct pg_conn *c; /* borrowed */
    char name[16];     /* it is prepared under */
    PGresult *result;  /* NULL: none */
    GPtrArray *texts;  /* of the result, unescaped; or NULL */
    int row;           /* stepped to; -1 before the first */
};

static void reset(struct sq_rows *rows)
{
    struct pg_rows *r = (struct pg_rows *)rows;

    PQclear(r->result);
    r->result = NULL;
    g_clear_pointer(&r->texts, g_ptr_array_unref);
    r->row = -1;
}

void pg_rows_free(void *p)
{
    struct pg_rows *r = p;

    reset(&r->base);
    g_free(r);
}

/* ---- statements ---------------------------------------------------------- */

/* "?" becomes "$1", "$2", ...; "?3" becomes "$3". */
static char *numbered(const char *sql)
{
    GString *out = g_string_new(NULL);
    bool quoted = false;
    int n = 0;

    for (const char *p = sql; *p != '\0'; p++) {
        quoted = quoted != (*p == '\'');
        if (*p != '?' || quoted)
            g_string_append_c(out, *p);
        else if (g_ascii_isdigit(p[1]))
            g_string_append_c(out, '$');
        else
            g_string_append_printf(out, "$%d", ++n);
    }
    return g_string_free(out, FALSE);
}

static Oid type_of(const struct sq_arg *arg)
{
    if (arg->type == SQ_INT)
        return OID_INT8;
    return arg->type == SQ_TEXT ? OID_TEXT : OID_BYTEA;
}

/* A failed statement, or an unexpected answer.  NULL: fine. */
static int check(struct pg_conn *c, const PGresult *result, struct err *err)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    return pg_fail(c, result, err);
}

/* One answer of many; only the first failure says why. */
static int check_later(struct pg_conn *c, const PGresult *result, int rc,
                       struct err *err)
{
    ExecStatusType status = PQresultStatus(result);

    if (rc < 0 || status == PGRES_PIPELINE_SYNC)
        return rc;
    return check(c, result, err);
}

/* What became of all that was sent ahead. */
static int settle(struct pg_conn *c, struct err *err)
{
    bool over = c->n_later == 0;
    int rc = 0;

    c->n_later = 0;
    if (!over && PQpipelineSync(c->pg) == 0)
        rc = pg_fail(c, NULL, err);
    while (!over && !pg_is_lost(c)) {
        /* NULL: between the answers to two of them */
        PGresult *result = PQgetResult(c->pg);

        if (result != NULL)
            rc = check_later(c, result, rc, err);
        over = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    if (PQexitPipelineMode(c->pg) == 0)
        c->lost = true;
    return rc;
}

static struct pg_rows *prepare(struct pg_conn *c, const char *sql,
                               const struct sq_arg *args, struct err *err)
{
    struct pg_rows *r = g_hash_table_lookup(c->statements, sql);
    g_autofree char *text = NULL;
    Oid types[ARGS_MAX];
    PGresult *result;
    int n = 0, rc;

    if (r != NULL)
        return r;
    if (settle(c, err) < 0)
        return NULL;
    for (; args[n].type != SQ_LAST; n++) {
        g_assert(n < ARGS_MAX);
        types[n] = type_of(&args[n]);
    }
    r = g_new(struct pg_rows, 1);
    *r = (struct pg_rows){ { &postgres_db_ops }, c, "", NULL, NULL, -1 };
    g_snprintf(r->name, sizeof(r->name), "s%u", ++c->n_prepared);
    text = numbered(sql);
    result = PQprepare(c->pg, r->name, text, n, types);
    rc = check(c, result, err);
    PQclear(result);
    if (rc < 0) {
        g_free(r);
        return NULL;
    }
    /* The table never writes through its keys. */
    g_hash_table_insert(c->statements, (void *)(uintptr_t)sql, r);
    return r;
}

/* Arguments in the form that libpq takes. */
struct bound {
    const char *values[ARGS_MAX];
    int lengths[ARGS_MAX], formats[ARGS_MAX];
    uint64_t numbers[ARGS_MAX];
    GPtrArray *texts; /* NULL, or what was escaped: owned */
    int n;
};

static const char *stored_text(struct bound *b, const char *text)
{
    char *escaped = pg_text_escape(text);

    if (escaped == NULL)
        return text;
    if (b->texts == NULL)
        b->texts = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(b->texts, escaped);
    return escaped;
}

static void bind(struct bound *b, const struct sq_arg *arg)
{
    int i = b->n++;

    b->formats[i] = 1;
    if (arg->type == SQ_INT) {
        b->numbers[i] = htobe64((uint64_t)arg->number);
        b->values[i] = arg->null ? NULL : (const char *)&b->numbers[i];
        b->lengths[i] = sizeof(b->numbers[i]);
    } else if (arg->type == SQ_TEXT && arg->bytes != NULL) {
        b->values[i] = stored_text(b, arg->bytes);
        b->lengths[i] = (int)strlen(b->values[i]);
    } else {
        b->values[i] = arg->bytes;
        b->lengths[i] = (int)arg->n;
    }
}

static void bind_all(struct bound *b, const struct sq_arg *args)
{
    b->n = 0;
    b->texts = NULL;
    for (int i = 0; args[i].type != SQ_LAST; i++)
        bind(b, &args[i]);
}

static void unbind(struct bound *b)
{
    if (b->texts != NULL)
        g_ptr_array_unref(b->texts);
}

static PGresult *execute(struct pg_conn *c, const struct pg_rows *r,
                         const struct sq_arg *args)
{
    struct bound b;
    PGresult *result;

    bind_all(&b, args);
    result =
        PQexecPrepared(c->pg, r->name, b.n, b.values, b.lengths, b.formats, 1);
    unbind(&b);
    return result;
}

static int send_ahead(struct pg_conn *c, const struct pg_rows *r,
                      const struct sq_arg *args, struct err *err)
{
    struct bound b;
    int sent;

    if (c->n_later == 0 && PQenterPipelineMode(c->pg) == 0)
        return pg_fail(c, NULL, err);
    bind_all(&b, args);
    sent = PQsendQueryPrepared(c->pg, r->name, b.n, b.values, b.lengths,
                               b.formats, 1);
    unbind(&b);
    c->n_later++;
    return sent != 0 ? 0 : pg_fail(c, NULL, err);
}

static int later(struct sq_conn *base, const char *sql,
                 const struct sq_arg *args, struct err *err)
{
    struct pg_conn *c = (struct pg_conn *)base;
    struct pg_rows *r = prepare(c, sql, args, err);

    if (r == NULL || send_ahead(c, r, args, err) < 0)
        return -1;
    return c->n_later < LATER_MAX ? 0 : settle(c, err);
}

static struct sq_rows *query(struct sq_conn *base, const char *sql,
                             const struct sq_arg *args, struct err *err)
{
    struct pg_conn *c = (struct pg_conn *)base;
    struct pg_rows *r = prepare(c, sql, args, err);
    guint64 changed;

    if (r == NULL || settle(c, err) < 0)
        return NULL;
    reset(&r->base);
    r->result = execute(c, r, args);
    if (check(c, r->result, err) < 0) {
        reset(&r->base);
        return NULL;
    }
    if (g_ascii_string_to_unsigned(PQcmdTuples(r->result), 10, 0, INT64_MAX,
                                   &changed, NULL))
        c->n_changed = (int64_t)changed;
    return &r->base;
}

static int step_rows(struct sq_rows *rows, struct err *err)
{
    struct pg_rows *r = (struct pg_rows *)rows;

    (void)err; /* all rows are here */
    if (r->result != NULL && ++r->row < PQntuples(r->result))
        return 1;
    reset(rows);
    return 0;
}

static int64_t changes(struct sq_conn *c)
{
    return ((struct pg_conn *)c)->n_changed;
}

/* ---- columns ------------------------------------------------------------- */

static bool column_is_null(struct sq_rows *rows, int column)
{
    struct pg_rows *r = (struct pg_rows *)rows;

    return PQgetisnull(r->result, r->row, column) != 0;
}

static const void *column_blob(struct sq_rows *rows, int column, size_t *ret_n)
{
    struct pg_rows *r = (struct pg_rows *)rows;

    *ret_n = (size_t)PQgetlength(r->result, r->row, column);
    if (column_is_null(rows, column))
        return NULL;
    return PQgetvalue(r->result, r->row, column);
}

/* libpq ends each value with a NUL of its own. */
static const char *column_text(struct sq_rows *rows, int column)
{
    struct pg_rows *r = (struct pg_rows *)rows;
    size_t n;
    const char *text = column_blob(rows, column, &n);
    char *came = text != NULL ? pg_text_unescape(text) : NULL;

    if (came == NULL)
        return text;
    if (r->texts == NULL)
        r->texts = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(r->texts, came);
    return came;
}

static int64_t column_int64(struct sq_rows *rows, int column)
{
    struct pg_rows *r = (struct pg_rows *)rows;
    Oid type = PQftype(r->result, column);
    size_t n = 0;
    const char *bytes = column_blob(rows, column, &n);
    uint64_t eight;
    uint32_t four;

    if (bytes == NULL)
        return 0;
    if (type == OID_INT8 && n == sizeof(eight)) {
        memcpy(&eight, bytes, sizeof(eight));
        return (int64_t)be64toh(eight);
    }
    if (type == OID_INT4 && n == sizeof(four)) {
        memcpy(&four, bytes, sizeof(four));
        return (int32_t)be32toh(four);
    }
    if (type == OID_BOOL && n == 1)
        return bytes[0] != 0;
    g_error("column %d is no whole number (type %u)", column, type);
}

static int damaged(struct sq_conn *base, const char *text, struct err *err)
{
    return pg_fail_state(((struct pg_conn *)base)->db, "XX001", text, err);
}

/* ---- transactions -------------------------------------------------------- */

static int exec(struct pg_conn *c, const char *sql, const char *want,
                struct err *err)
{
    PGresult *result = PQexec(c->pg, sql);
    int rc = check(c, result, err);

    /* COMMIT of what has failed is a ROLLBACK, and says so. */
    if (rc == 0 && strcmp(PQcmdStatus(result), want) != 0)
        rc = pg_fail_state(c->db, "25P02", "the transaction had failed", err);
    PQclear(result);
    return rc;
}

/*
 * A connection may have died while it was idle: then nothing has been begun
 * on it, and another is taken.
 */
static struct sq_conn *begin(struct db *db, enum db_use use, struct err *err)
{
    /* who has made a database read-only, before its disk is full, means it */
    const char *sql = use == DB_WRITE
                          ? "BEGIN ISOLATION LEVEL READ COMMITTED"
                          : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    for (;;) {
        struct pg_conn *c = pg_take((struct pg_db *)db, err);
        bool fresh, lost;

        if (c == NULL)
            return NULL;
        fresh = c->n_prepared == 0;
        if (exec(c, sql, "BEGIN", err) == 0)
            return &c->base;
        lost = pg_is_lost(c);
        pg_give_back(c);
        if (fresh || !lost)
            return NULL;
    }
}

static void roll_back(struct pg_conn *c)
{
    PGTransactionStatusType status = PQtransactionStatus(c->pg);

    if (!pg_is_lost(c) &&
        (status == PQTRANS_INTRANS || status == PQTRANS_INERROR))
        PQclear(PQexec(c->pg, "ROLLBACK"));
    sq_words_forget(c->base.words);
}

static int commit(struct pg_conn *c, struct err *err)
{
    if (exec(c, "COMMIT", "COMMIT", err) == 0)
        return 0;
    return pg_is_lost(c) ? pg_fail_unknown(c->db, err) : -1;
}

static int end(struct sq_conn *base, int result, struct err *err)
{
    struct pg_conn *c = (struct pg_conn *)base;
    struct err ignored;

    /* of what is given up nobody hears why */
    if (settle(c, result < 0 ? &ignored : err) < 0)
        result = -1;
    if (result >= 0 && commit(c, err) < 0)
        result = -1;
    if (result < 0)
        roll_back(c);
    pg_give_back(c);
    return result;
}

/* clang-format off */
/*
 * A function's rows past work_mem lie in a temporary file of the database's
 * own tablespace: some 300 KiB, for a moment.  An UPDATE finds room in the page
 * of its row, however full the disk is.
 * https://www.postgresql.org/docs/15/runtime-config-client.html
 */
static const char *const room_sql[] = {
    "SELECT set_config('work_mem', '64kB', true),"
    " set_config('temp_tablespaces', '', true)",
    "SELECT count(*) FROM generate_series(1, 20000)",
    NULL,
};

const struct db_ops postgres_db_ops = {
    .name = "postgres",
    .dear_rows = true,
    .begin = begin,
    .end = end,
    .query = query,
    .later = later,
    .step = step_rows,
    .reset = reset,
    .changes = changes,
    .int64 = column_int64,
    .text = column_text,
    .blob = column_blob,
    .is_null = column_is_null,
    .damaged = damaged,
    .clock_sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)"
                 "::bigint",
    .room_sql = room_sql,
    .notify_sql = "NOTIFY mailferry_jobs",
    .tell_sql = "SELECT pg_notify('mailferry_news', ?)",
    .listen = pg_listen,
    .unlisten = pg_unlisten,
    .close = pg_db_close,
};
/* clang-format on */
