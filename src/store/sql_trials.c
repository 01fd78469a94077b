/* What trials have found out between two servers. */
#include "store/sql_ops.h"

static int put_line(struct sq_conn *c, const struct store_trial *line,
                    struct err *err)
{
    g_autofree char *what = store_text_dup(line->what);
    g_autofree char *unknown = store_text_dup(line->unknown);

    return sq_run(c,
                  "INSERT INTO trials (migration, source, destination, class,"
                  " format, outcome, pass, what, unknown)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT (migration, source, destination, class)"
                  " DO UPDATE SET"
                  " format = excluded.format, outcome = excluded.outcome,"
                  " pass = excluded.pass, what = excluded.what,"
                  " unknown = excluded.unknown",
                  ARGS(INT(c->migration_id), TEXT(line->source),
                       TEXT(line->destination), TEXT(line->item_class),
                       INT(line->format), INT(line->outcome),
                       INT(line->pass_id), TEXT(what), TEXT(unknown)),
                  err);
}

/* The literals: EDITS_UNTRIED and EDITS_REPLACE. */
G_STATIC_ASSERT(EDITS_UNTRIED == 0 && EDITS_REPLACE == 2);

static int put_edits(struct sq_conn *c, const struct store_edits *edits,
                     struct err *err)
{
    g_autofree char *why = store_text_dup(edits->why);

    return sq_run(c,
                  "INSERT INTO edits (migration, source, destination, way,"
                  " why) VALUES (?, ?, ?, ?, ?)"
                  " ON CONFLICT (migration, source, destination)"
                  " DO UPDATE SET"
                  " way = excluded.way, why = excluded.why"
                  " WHERE edits.way = 0"
                  " OR (edits.way <> 2 AND excluded.way <> 0)",
                  ARGS(INT(c->migration_id), TEXT(edits->source),
                       TEXT(edits->destination), INT(edits->way), TEXT(why)),
                  err);
}

static int put_all(struct sq_conn *c, const struct store_edits *edits,
                   const struct store_trial *lines, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (put_line(c, &lines[i], err) < 0)
            return -1;
    return edits != NULL ? put_edits(c, edits, err) : 0;
}

int sq_trial_record(struct store *base, const struct store_lease *lease,
                    const struct store_edits *edits,
                    const struct store_trial *lines, size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(c, put_all(c, edits, lines, n, err), err);
}

static int read_trial(struct sq_conn *c, struct sq_rows *st, GPtrArray *to,
                      struct err *err)
{
    struct store_trial *line;
    unsigned int outcome;

    if (sq_column_enum(c, st, 4, &outcome, TRIAL_N, err) < 0)
        return -1;
    line = g_new(struct store_trial, 1);
    *line = (struct store_trial){
        .source = sq_column_dup(st, 0),
        .destination = sq_column_dup(st, 1),
        .item_class = sq_column_dup(st, 2),
        .format = (unsigned int)sq_int64(st, 3),
        .outcome = (enum trial_outcome)outcome,
        .pass_id = sq_int64(st, 5),
        .what = sq_column_dup(st, 6),
        .unknown = sq_column_dup(st, 7),
    };
    g_ptr_array_add(to, line);
    return 0;
}

static int read_edits(struct sq_conn *c, struct sq_rows *st, GPtrArray *to,
                      struct err *err)
{
    struct store_edits *edits;
    unsigned int way;

    if (sq_column_enum(c, st, 2, &way, EDITS_N, err) < 0)
        return -1;
    edits = g_new(struct store_edits, 1);
    *edits = (struct store_edits){
        .source = sq_column_dup(st, 0),
        .destination = sq_column_dup(st, 1),
        .way = (enum edits_way)way,
        .why = sq_column_dup(st, 3),
    };
    g_ptr_array_add(to, edits);
    return 0;
}

typedef int read_row(struct sq_conn *c, struct sq_rows *st, GPtrArray *to,
                     struct err *err);

static int read_rows(struct sq_conn *c, const char *sql, read_row *row,
                     GPtrArray *to, struct err *err)
{
    struct sq_rows *st = sq_query(c, sql, ARGS(INT(c->migration_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        if (row(c, st, to, err) == 0)
            continue;
        sq_reset(st);
        return -1;
    }
    return more;
}

int sq_trials(struct store *base, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_trial_free);

    if (c == NULL ||
        sq_end(c,
               read_rows(c,
                         "SELECT source, destination, class, format, outcome,"
                         " pass, what, unknown FROM trials WHERE migration = ?"
                         " ORDER BY source, destination, class",
                         read_trial, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int sq_edits(struct store *base, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = sq_begin_read(base, err);
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_edits_free);

    if (c == NULL ||
        sq_end(c,
               read_rows(c,
                         "SELECT source, destination, way, why FROM edits"
                         " WHERE migration = ? ORDER BY source, destination",
                         read_edits, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
