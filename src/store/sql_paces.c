/* How fast mailboxes went, how large they are, and what was forecast. */
#include "store/paces.h"
#include "store/sql_ops.h"

/* ---- paces ------------------------------------------------------------ */

/* Of the mailboxes at once a process knows its own; here are those of all. */
static int add_pace(struct sq_conn *c, const struct pace_hosts *between,
                    const struct pace *p, struct err *err)
{
    return sq_run(c,
                  "INSERT INTO paces (source, destination, mailbox, begun_us,"
                  " took_us, throttled_us, items, bytes, requests, beside,"
                  " rest) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                  " CASE WHEN count(*) > ?10 THEN count(*) ELSE ?10 END, ?11"
                  " FROM jobs WHERE state = 1 AND host = ?1",
                  ARGS(TEXT(between->source), TEXT(between->destination),
                       INT(p->mailbox), INT(p->begun_us), INT(p->took_us),
                       INT(p->throttled_us), INT((int64_t)store_size(p->items)),
                       INT((int64_t)store_size(p->bytes)),
                       INT((int64_t)store_size(p->requests)), INT(p->beside),
                       INT(p->rest)),
                  err);
}

static int add_paces(struct sq_conn *c, const struct pace_hosts *between,
                     const struct pace *paces, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (add_pace(c, between, &paces[i], err) < 0)
            return -1;
    return sq_run(
        c,
        "DELETE FROM paces WHERE source = ?1 AND destination = ?2"
        " AND id <= (SELECT id FROM paces"
        "  WHERE source = ?1 AND destination = ?2"
        "  ORDER BY id DESC LIMIT 1 OFFSET ?3)",
        ARGS(TEXT(between->source), TEXT(between->destination), INT(PACES_MAX)),
        err);
}

int sq_paces_add(struct store *base, const struct pace_hosts *between,
                 const struct pace *paces, size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL ? -1
                     : sq_end(c, add_paces(c, between, paces, n, err), err);
}

static int read_paces(struct sq_conn *c, const struct pace_hosts *between,
                      GArray *to, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT mailbox, begun_us, took_us, throttled_us, items,"
                 " bytes, requests, beside, rest FROM paces"
                 " WHERE source = ? AND destination = ? ORDER BY id",
                 ARGS(TEXT(between->source), TEXT(between->destination)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        const struct pace p = {
            .mailbox = sq_int64(st, 0),
            .begun_us = sq_int64(st, 1),
            .took_us = sq_int64(st, 2),
            .throttled_us = sq_int64(st, 3),
            .items = (uint64_t)sq_int64(st, 4),
            .bytes = (uint64_t)sq_int64(st, 5),
            .requests = (uint64_t)sq_int64(st, 6),
            .beside = (unsigned int)sq_int64(st, 7),
            .rest = sq_int64(st, 8) != 0,
        };

        g_array_append_val(to, p);
    }
    return more;
}

int sq_paces(struct store *base, const struct pace_hosts *between, GArray **ret,
             struct err *err)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct pace));
    struct sq_conn *c = sq_begin_read(base, err);

    if (c == NULL || sq_end(c, read_paces(c, between, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* ---- amounts ------------------------------------------------------------- */

int sq_amount_set(struct store *base, const struct store_lease *lease,
                  uint64_t items, uint64_t bytes, struct err *err)
{
    struct sq_conn *c = sq_begin_leased(base, lease, err);

    if (c == NULL)
        return -1;
    return sq_end(
        c,
        sq_run(c,
               "INSERT INTO mailbox_amounts (mailbox, items, bytes)"
               " VALUES (?, ?, ?) ON CONFLICT (mailbox) DO UPDATE"
               " SET items = excluded.items, bytes = excluded.bytes",
               ARGS(INT(lease->mailbox_id), INT((int64_t)store_size(items)),
                    INT((int64_t)store_size(bytes))),
               err),
        err);
}

static int read_amounts(struct sq_conn *c, GArray *to, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT a.mailbox, a.items, a.bytes FROM mailbox_amounts a"
                 " JOIN mailboxes m ON m.id = a.mailbox"
                 " WHERE m.migration = ? ORDER BY a.mailbox",
                 ARGS(INT(c->migration_id)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        const struct store_amount a = { sq_int64(st, 0),
                                        (uint64_t)sq_int64(st, 1),
                                        (uint64_t)sq_int64(st, 2) };

        g_array_append_val(to, a);
    }
    return more;
}

int sq_amounts(struct store *base, GArray **ret, struct err *err)
{
    g_autoptr(GArray) all =
        g_array_new(FALSE, FALSE, sizeof(struct store_amount));
    struct sq_conn *c = sq_begin_read(base, err);

    if (c == NULL || sq_end(c, read_amounts(c, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* ---- forecasts ---------------------------------------------------------- */

/* The literal: FORECAST_LATEST. */
G_STATIC_ASSERT(FORECAST_LATEST == 10);

static int give(struct sq_conn *c, const struct store_forecast *f,
                struct err *err)
{
    g_autofree char *basis = store_text_dup(f->basis);

    return sq_run(c,
                  "INSERT INTO forecasts (migration, mailbox, tenth, at_us,"
                  " p50_us, p90_us, basis) VALUES (?, ?, ?, ?, ?, ?, ?)"
                  " ON CONFLICT (migration, mailbox, tenth, ended_us)"
                  " DO UPDATE SET at_us = excluded.at_us,"
                  " p50_us = excluded.p50_us, p90_us = excluded.p90_us,"
                  " basis = excluded.basis WHERE forecasts.tenth = 10",
                  ARGS(INT(c->migration_id), INT(f->mailbox_id), INT(f->tenth),
                       INT(f->at_us), INT(f->p50_us), INT(f->p90_us),
                       TEXT(basis)),
                  err);
}

static int give_all(struct sq_conn *c, const struct store_forecast *given,
                    size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (give(c, &given[i], err) < 0)
            return -1;
    return 0;
}

int sq_forecasts_give(struct store *base, const struct store_forecast *given,
                      size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL ? -1 : sq_end(c, give_all(c, given, n, err), err);
}

/* What is said of the present is over with it. */
static int end(struct sq_conn *c, int64_t mailbox_id, int64_t ended_us,
               struct err *err)
{
    if (sq_run(c,
               "DELETE FROM forecasts WHERE migration = ?1 AND ended_us = 0"
               " AND ?2 IN (0, mailbox)"
               " AND (tenth = 10 OR mailbox <> ?2 OR ?3 = 0)",
               ARGS(INT(c->migration_id), INT(mailbox_id), INT(ended_us)),
               err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE forecasts SET ended_us = ?3 WHERE migration = ?1"
                  " AND mailbox = ?2 AND ended_us = 0",
                  ARGS(INT(c->migration_id), INT(mailbox_id), INT(ended_us)),
                  err);
}

int sq_forecasts_end(struct store *base, int64_t mailbox_id, int64_t ended_us,
                     struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL ? -1 : sq_end(c, end(c, mailbox_id, ended_us, err), err);
}

static int read_forecasts(struct sq_conn *c, bool open, GPtrArray *to,
                          struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT mailbox, tenth, at_us, p50_us, p90_us, ended_us,"
                 " basis FROM forecasts WHERE migration = ?"
                 " AND (ended_us = 0 OR ? = 0)"
                 " ORDER BY mailbox, tenth, id",
                 ARGS(INT(c->migration_id), INT(open)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct store_forecast *f = g_new(struct store_forecast, 1);

        *f = (struct store_forecast){
            .mailbox_id = sq_int64(st, 0),
            .tenth = (unsigned int)sq_int64(st, 1),
            .at_us = sq_int64(st, 2),
            .p50_us = sq_int64(st, 3),
            .p90_us = sq_int64(st, 4),
            .ended_us = sq_int64(st, 5),
            .basis = sq_column_dup(st, 6),
        };
        g_ptr_array_add(to, f);
    }
    return more;
}

int sq_forecasts(struct store *base, bool open, GPtrArray **ret,
                 struct err *err)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_forecast_free);
    struct sq_conn *c = sq_begin_read(base, err);

    if (c == NULL || sq_end(c, read_forecasts(c, open, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
