/*
 * What went on when.  Who thins holds the rows that go, and takes each away by
 * its key: of two who thin at once one finds them gone, and what is added to
 * one of them meanwhile is a row of its own.  Rows are locked in one order:
 * minutes, hours, days, each by time.
 */
#include "store/samples.h"
#include "store/sql_ops.h"

#define FIGURES                                                                \
    "items, bytes, failed, requests, busy, in_flight_us, throttled_us,"        \
    " mailboxes_us, places_us"
G_STATIC_ASSERT(SAMPLE_N == 9);

/* What samples are of. */
struct subject {
    int64_t migration_id; /* 0: of the host */
    const char *host;     /* "": of the migration */
};

static struct subject subject_of(const struct sq_conn *c, const char *host)
{
    return host != NULL ? (struct subject){ 0, host }
                        : (struct subject){ c->migration_id, "" };
}

static int64_t cut(const struct sample *s, enum sample_figure f)
{
    return (int64_t)MIN(s->sums[f], SAMPLE_MAX);
}

static int put(struct sq_conn *c, const struct subject *of,
               const struct sample *s, struct err *err)
{
    return sq_run(
        c,
        "INSERT INTO samples (migration, host, span_us, at_us, " FIGURES ")"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (migration, host, span_us, at_us) DO UPDATE"
        " SET items = samples.items + excluded.items,"
        " bytes = samples.bytes + excluded.bytes,"
        " failed = samples.failed + excluded.failed,"
        " requests = samples.requests + excluded.requests,"
        " busy = samples.busy + excluded.busy,"
        " in_flight_us = samples.in_flight_us + excluded.in_flight_us,"
        " throttled_us = samples.throttled_us + excluded.throttled_us,"
        " mailboxes_us = samples.mailboxes_us + excluded.mailboxes_us,"
        " places_us = samples.places_us + excluded.places_us",
        ARGS(INT(of->migration_id), TEXT(of->host), INT(s->span_us),
             INT(s->at_us), INT(cut(s, SAMPLE_ITEMS)),
             INT(cut(s, SAMPLE_BYTES)), INT(cut(s, SAMPLE_FAILED)),
             INT(cut(s, SAMPLE_REQUESTS)), INT(cut(s, SAMPLE_BUSY)),
             INT(cut(s, SAMPLE_IN_FLIGHT_US)), INT(cut(s, SAMPLE_THROTTLED_US)),
             INT(cut(s, SAMPLE_MAILBOXES_US)), INT(cut(s, SAMPLE_PLACES_US))),
        err);
}

static int read_rows(struct sq_conn *c, struct sq_rows *st, GArray *to,
                     struct err *err)
{
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct sample s = { .span_us = sq_int64(st, 0),
                            .at_us = sq_int64(st, 1) };

        for (int i = 0; i < SAMPLE_N; i++)
            s.sums[i] = (uint64_t)sq_int64(st, i + 2);
        g_array_append_val(to, s);
    }
    return more;
}

/* ---- thinning ----------------------------------------------------------- */

static int move_up(struct sq_conn *c, const struct subject *of,
                   const struct sample *s, size_t level, struct err *err)
{
    if (level + 1 < SAMPLE_N_LEVELS) {
        const struct sample coarse = sample_coarse(s, level + 1);

        if (put(c, of, &coarse, err) < 0)
            return -1;
    }
    return sq_run(c,
                  "DELETE FROM samples WHERE migration = ? AND host = ?"
                  " AND span_us = ? AND at_us = ?",
                  ARGS(INT(of->migration_id), TEXT(of->host), INT(s->span_us),
                       INT(s->at_us)),
                  err);
}

static int thin(struct sq_conn *c, const struct subject *of, size_t level,
                int64_t newest_us, struct err *err)
{
    g_autoptr(GArray) old = g_array_new(FALSE, FALSE, sizeof(struct sample));

    if (read_rows(c,
                  sq_query(c,
                           "SELECT span_us, at_us, " FIGURES " FROM samples"
                           " WHERE migration = ? AND host = ? AND span_us = ?"
                           " AND at_us < ? ORDER BY at_us" DB_FOR_UPDATE,
                           ARGS(INT(of->migration_id), TEXT(of->host),
                                INT(sample_levels[level].span_us),
                                INT(sample_kept_from(level, newest_us))),
                           err),
                  old, err) < 0)
        return -1;
    for (guint i = 0; i < old->len; i++)
        if (move_up(c, of, &g_array_index(old, struct sample, i), level, err) <
            0)
            return -1;
    return 0;
}

static int add(struct sq_conn *c, const char *host,
               const struct sample *samples, size_t n, struct err *err)
{
    const struct subject of = subject_of(c, host);

    for (size_t i = 0; i < n; i++)
        if (put(c, &of, &samples[i], err) < 0)
            return -1;
    for (size_t level = 0; level < SAMPLE_N_LEVELS; level++)
        if (thin(c, &of, level, samples[n - 1].at_us, err) < 0)
            return -1;
    return 0;
}

int sq_samples_add(struct store *base, const char *host,
                   const struct sample *samples, size_t n, struct err *err)
{
    struct sq_conn *c = sq_begin_write(base, err);

    return c == NULL ? -1 : sq_end(c, add(c, host, samples, n, err), err);
}

/* ---- reading ------------------------------------------------------------ */

static int read_since(struct sq_conn *c, const char *host, int64_t since_us,
                      GArray *to, struct err *err)
{
    const struct subject of = subject_of(c, host);

    return read_rows(
        c,
        sq_query(c,
                 "SELECT span_us, at_us, " FIGURES " FROM samples"
                 " WHERE migration = ? AND host = ?"
                 " AND at_us + span_us > ?"
                 " ORDER BY at_us, span_us",
                 ARGS(INT(of.migration_id), TEXT(of.host), INT(since_us)), err),
        to, err);
}

int sq_samples(struct store *base, const char *host, int64_t since_us,
               GArray **ret, struct err *err)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct sample));
    struct sq_conn *c = sq_begin_read(base, err);

    if (c == NULL ||
        sq_end(c, read_since(c, host, since_us, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
