#include <string.h>

#include "store/migrations_priv.h"

void migration_mailbox_free(struct migration_mailbox *m)
{
    if (m == NULL)
        return;
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        g_free(m->addresses[i]);
        g_free(m->users[i]);
    }
    g_free(m->reason);
    g_free(m->remedy);
    g_free(m->forecast.basis);
    g_free(m->job_kind);
    g_free(m->job_reason);
    g_free(m->job_remedy);
    g_free(m->options);
    g_free(m);
}

static void free_mailbox(void *p)
{
    migration_mailbox_free(p);
}

/* What passes that have ended say; what is under way is in the folders. */
#define SUM_OF(table, column)                                                  \
    "(SELECT CAST(coalesce(sum(" column "), 0) AS BIGINT) FROM " table         \
    " WHERE mailbox = m.id)"

#define LAST_JOB                                                               \
    " LEFT JOIN jobs j"                                                        \
    " ON j.id = (SELECT max(id) FROM jobs WHERE mailbox = m.id)"

/* clang-format off */
/* ?4 to ?8: struct migration_filter; CAST: what PostgreSQL shifts by. */
static const char mailboxes_sql[] =
    "SELECT m.id, m.migration, m.line, p.flags, m.source, m.destination,"
    " p.source_user, p.destination_user, m.state, m.reason, m.remedy,"
    " " SUM_OF("folders", "n_items") ", " SUM_OF("folders", "n_listed") ","
    " " SUM_OF("passes", "items_copied") ", "
    SUM_OF("passes", "bytes_copied") ", " SUM_OF("passes", "items_failed") ","
    " coalesce(j.id, 0), coalesce(j.state, 0), j.kind, j.reason, j.remedy,"
    " coalesce(j.priority, 0), coalesce(f.at_us, 0), coalesce(f.p50_us, 0),"
    " coalesce(f.p90_us, 0), f.basis, p.version,"
    " CASE WHEN j.state = 0 THEN j.not_before ELSE 0 END, p.options,"
    " coalesce(k.begun_us, 0), coalesce(k.took_us, 0),"
    " coalesce(k.throttled_us, 0), coalesce(k.items, 0), coalesce(k.bytes, 0)"
    /* the piece first: sums are for its rows alone */
    " FROM (SELECT m.id AS chosen FROM mailboxes m" LAST_JOB
    "  WHERE {after} AND ?4 IN (0, m.migration) AND ?5 IN (0, m.id)"
    "  AND (?6 = 0 OR ((?6 >> CAST(m.state AS INTEGER)) & 1) = 1)"
    "  AND (?7 = 0 OR ((?7 >> CAST(j.state AS INTEGER)) & 1) = 1)"
    "  AND (lower(m.source) LIKE ?8 ESCAPE '!'"
    "   OR lower(m.destination) LIKE ?8 ESCAPE '!')"
    "  ORDER BY {order} LIMIT ?3) c JOIN mailboxes m ON m.id = c.chosen"
    " JOIN mailbox_plans p ON p.mailbox = m.id" LAST_JOB
    " LEFT JOIN forecasts f ON f.migration = m.migration"
    "  AND f.mailbox = m.id AND f.tenth = 10 AND f.ended_us = 0"
    /* of what runs alone, and not far back: there is no index by mailbox */
    " LEFT JOIN paces k ON j.state = 1 AND k.id ="
    "  (SELECT max(id) FROM paces WHERE mailbox = m.id AND rest = 0"
    "   AND id > (SELECT max(id) FROM paces) - 5000)"
    " ORDER BY {order}";
/* clang-format on */

const struct roster_order migration_mailbox_orders[] = {
    { "line", "m.line", false },
    { "source", "lower(m.source)", true },
    { "destination", "lower(m.destination)", true },
    { "state", "m.state", false },
    { "job", "coalesce(j.state, -1)", false },
    { "items", SUM_OF("folders", "n_items"), false },
    { "copied", SUM_OF("passes", "items_copied"), false },
    { "bytes", SUM_OF("passes", "bytes_copied"), false },
    { "failed", SUM_OF("passes", "items_failed"), false },
    { NULL },
};

static struct store_forecast forecast_of(struct sq_rows *rows)
{
    return (struct store_forecast){
        .mailbox_id = sq_int64(rows, 0),
        .tenth = FORECAST_LATEST,
        .at_us = sq_int64(rows, 22),
        .p50_us = sq_int64(rows, 23),
        .p90_us = sq_int64(rows, 24),
        .basis = sq_column_dup(rows, 25),
    };
}

static struct pace pace_of(struct sq_rows *rows)
{
    return (struct pace){
        .mailbox = sq_int64(rows, 0),
        .begun_us = sq_int64(rows, 29),
        .took_us = sq_int64(rows, 30),
        .throttled_us = sq_int64(rows, 31),
        .items = (uint64_t)sq_int64(rows, 32),
        .bytes = (uint64_t)sq_int64(rows, 33),
    };
}

static int read_mailbox(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                        struct err *err)
{
    unsigned int state = 0, job_state = 0;
    struct migration_mailbox *m;

    if (sq_column_enum(c, rows, 8, &state, MAILBOX_N_STATES, err) < 0 ||
        sq_column_enum(c, rows, 17, &job_state, JOB_N_STATES, err) < 0)
        return -1;
    m = g_new(struct migration_mailbox, 1);
    *m = (struct migration_mailbox){
        .id = sq_int64(rows, 0),
        .migration_id = sq_int64(rows, 1),
        .line = (uint32_t)sq_int64(rows, 2),
        .flags = (uint32_t)sq_int64(rows, 3),
        .addresses = { sq_column_dup(rows, 4), sq_column_dup(rows, 5) },
        .users = { sq_column_dup(rows, 6), sq_column_dup(rows, 7) },
        .state = (enum mailbox_state)state,
        .reason = sq_column_dup(rows, 9),
        .remedy = sq_column_dup(rows, 10),
        .items = (uint64_t)sq_int64(rows, 11),
        .waiting = (uint64_t)sq_int64(rows, 12),
        .copied = (uint64_t)sq_int64(rows, 13),
        .bytes = (uint64_t)sq_int64(rows, 14),
        .failed = (uint64_t)sq_int64(rows, 15),
        .job_id = sq_int64(rows, 16),
        .job_state = (enum job_state)job_state,
        .job_kind = sq_column_dup(rows, 18),
        .job_reason = sq_column_dup(rows, 19),
        .job_remedy = sq_column_dup(rows, 20),
        .priority = (int)sq_int64(rows, 21),
        .version = sq_int64(rows, 26),
        .not_before_us = sq_int64(rows, 27),
        .options = sq_column_dup(rows, 28),
        .forecast = forecast_of(rows),
        .pace = pace_of(rows),
    };
    g_ptr_array_add(to, m);
    return 0;
}

static int read_mailboxes(struct sq_conn *c, const struct migration_filter *f,
                          const struct roster_page *page, GPtrArray *to,
                          struct err *err)
{
    const struct roster_page_end end = { "mailboxes m" LAST_JOB, "m.id", to };
    g_autofree char *pattern = roster_pattern(f->text);

    if (roster_read(c, roster_page_sql(page, "m.id", mailboxes_sql),
                    ARGS(ROSTER_PAGE_ARGS(page), INT(f->migration_id),
                         INT(f->mailbox_id), INT(f->states), INT(f->job_states),
                         TEXT(pattern)),
                    read_mailbox, to, err) < 0)
        return -1;
    return roster_page_key(c, page, &end, err);
}

int migrations_mailboxes(struct migrations *p, const struct migration_filter *f,
                         const struct roster_page *page, GPtrArray **ret,
                         struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_mailbox);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL || sq_end(c, read_mailboxes(c, f, page, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int migrations_mailbox(struct migrations *p, int64_t mailbox_id,
                       struct migration_mailbox **ret, struct err *err)
{
    const struct migration_filter filter = { .mailbox_id = mailbox_id };
    const struct roster_page page = { mailbox_id - 1, 1 };
    g_autoptr(GPtrArray) all = NULL;

    if (migrations_mailboxes(p, &filter, &page, &all, err) < 0)
        return -1;
    if (all->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(all, 0);
    return 1;
}

/* ---- why items failed ---------------------------------------------------- */

#define CAUSES_MAX 200

static void free_cause(void *p)
{
    struct migration_cause *cause = p;

    g_free(cause->reason);
    g_free(cause->remedy);
    g_free(cause->name);
    g_free(cause->example);
    g_free(cause);
}

static int read_cause(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                      struct err *err)
{
    struct migration_cause *cause = g_new(struct migration_cause, 1);

    (void)c;
    (void)err;
    *cause = (struct migration_cause){
        .reason = sq_column_dup(rows, 0),
        .remedy = sq_column_dup(rows, 1),
        .name = sq_column_dup(rows, 2),
        .items = (uint64_t)sq_int64(rows, 3),
        .example = sq_column_dup(rows, 4),
        .mailbox_id = sq_int64(rows, 5),
    };
    g_ptr_array_add(to, cause);
    return 0;
}

G_STATIC_ASSERT(ITEM_FAILED == 3);

int migrations_causes(struct migrations *p, const struct jobs_which *which,
                      GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_cause);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c,
                           "SELECT t.reason, t.remedy, t.error_name, count(*),"
                           " min(t.subject), min(m.id) FROM item_texts t"
                           " JOIN items i ON i.id = t.id"
                           " JOIN folders f ON f.id = i.id >> 24"
                           " JOIN mailboxes m ON m.id = f.mailbox"
                           " WHERE i.state = 3 AND t.reason IS NOT NULL"
                           " AND ?1 IN (0, m.id) AND ?2 IN (0, m.migration)"
                           " GROUP BY t.reason, t.remedy, t.error_name"
                           " ORDER BY count(*) DESC, t.reason LIMIT ?3",
                           ARGS(INT(which->mailbox_id),
                                INT(which->migration_id), INT(CAUSES_MAX)),
                           read_cause, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
