#include "store/upkeep.h"

#include "base/step.h"
#include "store/postgres_priv.h"
#include "store/sqlite_priv.h"

#define COLUMNS_MAX 40
#define PAGE        5000 /* rows of a page that is read back */

/* Each after those that it refers to. */
static const char *const tables[] = {
    "migration",       "mailboxes",      "folders",       "tokens",
    "words",           "items",          "item_texts",    "dest",
    "dest_hints",      "passes",         "settings",      "trials",
    "edits",           "exchange_names", "jobs",          "job_limits",
    "job_hosts",       "workers",        "turns",         "accounts",
    "account_domains", "contacts",       "operators",     "sessions",
    "api_tokens",      "audit",          "audit_head",    "plans",
    "mailbox_plans",   "secrets",        "links",         "requests",
    "request_keys",    "plan_access",    "worker_hosts",  "outbox",
    "request_numbers", "request_mails",  "request_files", "file_pieces",
    "request_secrets", "request_links",  "paces",         "mailbox_amounts",
    "forecasts",       "samples",        "owners",        "notices",
    "stalls",          "pulse",          "request_tries",
};

/* A sum over rows: the same whatever their order. */
struct digest {
    uint64_t rows, sum[4];
};

struct table {
    const char *name;
    GPtrArray *columns;      /* of char *: names */
    char types[COLUMNS_MAX]; /* 'I', 'T', 'B' */
};

struct move {
    struct sq_conn *from, *to;
    GPtrArray *texts; /* of SQL: statements are known by its address */
};

static const char *keep(struct move *m, char *text)
{
    g_ptr_array_add(m->texts, text);
    return text;
}

/* ---- rows -------------------------------------------------------------- */

static void hash_bytes(GChecksum *sum, char type, const void *bytes, size_t n)
{
    const uint64_t length = n;

    g_checksum_update(sum, (const guchar *)&type, 1);
    g_checksum_update(sum, (const guchar *)&length, sizeof(length));
    if (n > 0)
        g_checksum_update(sum, bytes, (gssize)n);
}

static struct sq_arg argument(struct sq_rows *st, const struct table *t,
                              guint column)
{
    struct sq_arg arg = { .type = SQ_INT };

    if (t->types[column] == 'I') {
        arg.null = sq_is_null(st, (int)column);
        arg.number = sq_int64(st, (int)column);
    } else if (t->types[column] == 'T') {
        arg.type = SQ_TEXT;
        arg.bytes = st->ops->text(st, (int)column);
        arg.n = arg.bytes != NULL ? strlen(arg.bytes) : 0;
    } else {
        arg.type = SQ_BLOB;
        arg.bytes = sq_blob(st, (int)column, &arg.n);
    }
    return arg;
}

static void add_row(struct digest *d, const struct sq_arg *args)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint64_t words[4];
    gsize n = sizeof(words);

    for (; args->type != SQ_LAST; args++) {
        if (args->type == SQ_INT && !args->null)
            hash_bytes(sum, 'I', &args->number, sizeof(args->number));
        else if (args->type != SQ_INT && args->bytes != NULL)
            hash_bytes(sum, 'B', args->bytes, args->n);
        else
            hash_bytes(sum, '0', NULL, 0);
    }
    g_checksum_get_digest(sum, (guint8 *)words, &n);
    for (int i = 0; i < 4; i++)
        d->sum[i] += words[i];
    d->rows++;
}

static void row(struct sq_rows *st, const struct table *t,
                struct sq_arg *ret_args)
{
    for (guint i = 0; i < t->columns->len; i++)
        ret_args[i] = argument(st, t, i);
    ret_args[t->columns->len] = (struct sq_arg){ .type = SQ_LAST };
}

/* ---- a table ------------------------------------------------------------ */

static char *names(const struct table *t)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < t->columns->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
                               (const char *)t->columns->pdata[i]);
    return g_string_free(out, FALSE);
}

static int read_columns(struct move *m, struct table *t, struct err *err)
{
    struct sq_rows *st = sq_query(
        m->from, "SELECT name, type FROM pragma_table_info(?) ORDER BY cid",
        ARGS(TEXT(t->name)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(m->from, st, err)) > 0) {
        g_assert(t->columns->len < COLUMNS_MAX);
        t->types[t->columns->len] = st->ops->text(st, 1)[0];
        g_ptr_array_add(t->columns, sq_column_dup(st, 0));
    }
    return more;
}

static const char *insert_text(struct move *m, const struct table *t)
{
    g_autofree char *columns = names(t);
    GString *sql = g_string_new(NULL);

    g_string_printf(sql, "INSERT INTO %s (%s) VALUES (", t->name, columns);
    for (guint i = 0; i < t->columns->len; i++)
        g_string_append(sql, i > 0 ? ", ?" : "?");
    g_string_append_c(sql, ')');
    return keep(m, g_string_free(sql, FALSE));
}

static int copy_rows(struct move *m, const struct table *t, struct digest *ret,
                     struct err *err)
{
    g_autofree char *columns = names(t);
    const char *select =
        keep(m, g_strdup_printf("SELECT %s FROM %s", columns, t->name));
    const char *insert = insert_text(m, t);
    struct sq_rows *st = sq_query(m->from, select, NO_ARGS, err);
    struct sq_arg args[COLUMNS_MAX + 1];
    int more = st == NULL ? -1 : 1;

    while (more > 0 && (more = sq_step(m->from, st, err)) > 0) {
        row(st, t, args);
        add_row(ret, args);
        if (sq_run_later(m->to, insert, args, err) < 0) {
            sq_reset(st);
            return -1;
        }
    }
    return more;
}

static int read_page(struct move *m, const struct table *t, const char *fetch,
                     struct digest *d, struct err *err)
{
    struct sq_rows *st = sq_query(m->to, fetch, NO_ARGS, err);
    struct sq_arg args[COLUMNS_MAX + 1];
    int more = st == NULL ? -1 : 1, any = 0;

    while (more > 0 && (more = sq_step(m->to, st, err)) > 0) {
        row(st, t, args);
        add_row(d, args);
        any = 1;
    }
    return more < 0 ? -1 : any;
}

static int read_back(struct move *m, const struct table *t, struct digest *ret,
                     struct err *err)
{
    g_autofree char *columns = names(t);
    const char *declare =
        keep(m, g_strdup_printf("DECLARE move_%s NO SCROLL CURSOR FOR SELECT %s"
                                " FROM %s",
                                t->name, columns, t->name));
    const char *fetch =
        keep(m, g_strdup_printf("FETCH %d FROM move_%s", PAGE, t->name));
    int more;

    if (sq_run(m->to, declare, NO_ARGS, err) < 0)
        return -1;
    while ((more = read_page(m, t, fetch, ret, err)) > 0)
        ;
    return more;
}

/* The next id of its own comes after those that came with the rows. */
static int set_sequence(struct move *m, const struct table *t, struct err *err)
{
    if (strcmp(t->columns->pdata[0], "id") != 0)
        return 0;
    return sq_run(
        m->to,
        keep(m,
             g_strdup_printf("SELECT setval(pg_get_serial_sequence('%s', 'id'),"
                             " coalesce(max(id), 1), count(*) > 0) FROM %s",
                             t->name, t->name)),
        NO_ARGS, err);
}

static int refuse_different(const struct table *t, const struct digest *is,
                            const struct digest *want, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "table %s has %" G_GUINT64_FORMAT
            " rows where it went to and %" G_GUINT64_FORMAT
            " where it came from, or other content: nothing was moved",
            t->name, is->rows, want->rows);
    err->name = "store-different";
    return -1;
}

static int move_table(struct move *m, const char *name, uint64_t *ret_rows,
                      struct err *err)
{
    g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func(g_free);
    struct table t = { .name = name, .columns = columns };
    struct digest sent = { 0 }, got = { 0 };

    if (read_columns(m, &t, err) < 0 || copy_rows(m, &t, &sent, err) < 0 ||
        read_back(m, &t, &got, err) < 0)
        return -1;
    if (memcmp(&sent, &got, sizeof(sent)) != 0)
        return refuse_different(&t, &got, &sent, err);
    *ret_rows = sent.rows;
    return set_sequence(m, &t, err);
}

/* ---- the database -------------------------------------------------------- */

static int refuse_full(struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "the database that it is to go to is in use already");
    err->name = "store-not-empty";
    return err_remedy(err, "make an empty one: createdb NAME");
}

/* Nobody else fills it meanwhile. */
static int check_empty(struct move *m, struct err *err)
{
    int64_t n = 0;

    if (sq_run(m->to,
               "LOCK TABLE migration, operators, audit IN EXCLUSIVE MODE",
               NO_ARGS, err) < 0 ||
        sq_number(m->to,
                  "SELECT (SELECT count(*) FROM migration) +"
                  " (SELECT count(*) FROM operators) +"
                  " (SELECT count(*) FROM audit)",
                  NO_ARGS, &n, err) < 0)
        return -1;
    return n > 0 ? refuse_full(err) : 0;
}

/* A table that a later step makes belongs into the list above. */
static int check_known(struct move *m, struct err *err)
{
    struct sq_rows *st = sq_query(m->from,
                                  "SELECT name FROM sqlite_schema"
                                  " WHERE type = 'table'"
                                  " AND name NOT LIKE 'sqlite_%'"
                                  " AND name <> 'schema_steps'",
                                  NO_ARGS, err);
    int more, unknown = 0;

    if (st == NULL)
        return -1;
    while ((more = sq_step(m->from, st, err)) > 0) {
        const char *name = st->ops->text(st, 0);
        bool known = false;

        for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
            known = known || strcmp(tables[i], name) == 0;
        if (!known)
            unknown = err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                              "table %s would be left behind", name);
    }
    return more < 0 ? -1 : unknown;
}

static int move_all(struct move *m, GArray *found, struct err *err)
{
    if (check_known(m, err) < 0 || check_empty(m, err) < 0 ||
        sq_run(m->to, "DELETE FROM turns", NO_ARGS, err) < 0 ||
        sq_run(m->to, "DELETE FROM audit_head", NO_ARGS, err) < 0 ||
        sq_run(m->to, "DELETE FROM request_numbers", NO_ARGS, err) < 0)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        struct upkeep_table t = { .name = tables[i] };

        if (move_table(m, tables[i], &t.rows, err) < 0)
            return -1;
        g_array_append_val(found, t);
    }
    return 0;
}

static int move_between(struct db *from, struct db *to, GPtrArray *texts,
                        GArray *found, struct err *err)
{
    struct move m = { .texts = texts };
    int result = -1;

    m.from = from->ops->begin(from, DB_READ, err);
    if (m.from == NULL)
        return -1;
    m.to = to->ops->begin(to, DB_WRITE, err);
    if (m.to != NULL)
        result = sq_end(m.to, move_all(&m, found, err), err);
    /* Nothing was written there. */
    return sq_end(m.from, result, err);
}

int upkeep_move(const char *from, const char *to, GArray **ret, struct err *err)
{
    g_autoptr(GArray) found =
        g_array_new(FALSE, FALSE, sizeof(struct upkeep_table));
    GPtrArray *texts;
    struct db *source = NULL, *target = NULL;
    int result;

    if (database_is_url(from) || !database_is_url(to)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "only a state file can be moved, and only to PostgreSQL");
        return err_remedy(err, "mailferry store move FILE "
                               "postgresql://user@host/database");
    }
    if (sqlite_db_open(from, STORE_WRITE, &source, err) < 0)
        return -1;
    if (pg_db_open(to, STORE_WRITE, &target, err) < 0) {
        source->ops->close(source);
        return -1;
    }
    texts = g_ptr_array_new_with_free_func(g_free);
    result = move_between(source, target, texts, found, err);
    target->ops->close(target);
    source->ops->close(source);
    g_ptr_array_unref(texts); /* after the statements made of them */
    if (result < 0)
        return -1;
    step("move");
    *ret = g_steal_pointer(&found);
    return 0;
}
