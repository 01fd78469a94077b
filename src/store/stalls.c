#include "store/stalls.h"

#include "base/spool.h"
#include "base/step.h"
#include "store/migrations_priv.h"
#include "store/requests.h"

const char *stall_kind_name(enum stall_kind kind)
{
    static const char *const names[STALL_N_KINDS] = {
        [STALL_STILL] = "still",
        [STALL_LATE] = "late",
        [STALL_NOBODY] = "nobody",
        [STALL_DISK] = "disk",
    };

    return names[kind];
}

void stall_free(struct stall *s)
{
    if (s == NULL)
        return;
    g_free(s->name);
    g_free(s->reason);
    g_free(s->remedy);
    g_free(s);
}

static void free_stall(void *p)
{
    stall_free(p);
}

static void free_seen(void *p)
{
    struct stall_seen *s = p;

    g_free(s->address);
    g_free(s);
}

/* ---- what does not get on ------------------------------------------------ */

static int read_seen(struct sq_conn *c, const char *sql,
                     const struct sq_arg *args, GPtrArray *to, struct err *err)
{
    struct sq_rows *rows = sq_query(c, sql, args, err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        struct stall_seen *s = g_new(struct stall_seen, 1);

        *s = (struct stall_seen){ .migration_id = sq_int64(rows, 0),
                                  .mailbox_id = sq_int64(rows, 1),
                                  .address = sq_column_dup(rows, 2),
                                  .since_us = sq_int64(rows, 3),
                                  .p90_us = sq_int64(rows, 4),
                                  .held = sq_int64(rows, 5) != 0 };
        g_ptr_array_add(to, s);
    }
    return more;
}

#define IS_QUIET                                                               \
    " EXISTS (SELECT 1 FROM worker_hosts h WHERE h.host = jobs.host"           \
    "  AND h.quiet_until_us > ?)"
#define IS_STILL " jobs.state = 1 AND jobs.moved_us <= ?"

/* 1: the time of some that do not get on passes over quiet hours; 0; -1. */
static int look_for_still(struct sq_conn *c, int64_t now_us, int64_t before_us,
                          GPtrArray *to, struct err *err)
{
    int64_t one;

    if (read_seen(c,
                  "SELECT jobs.migration, jobs.mailbox, m.source,"
                  " jobs.moved_us, 0,"
                  " CASE WHEN jobs.expires > ? THEN 1 ELSE 0 END"
                  " FROM jobs JOIN mailboxes m ON m.id = jobs.mailbox"
                  " WHERE" IS_STILL " AND jobs.moved_us > 0 AND NOT" IS_QUIET
                  " ORDER BY jobs.migration, jobs.mailbox",
                  ARGS(INT(now_us), INT(before_us), INT(now_us)), to, err) < 0)
        return -1;
    return sq_number(
        c, "SELECT 1 FROM jobs WHERE" IS_STILL " AND" IS_QUIET " LIMIT 1",
        ARGS(INT(before_us), INT(now_us)), &one, err);
}

/* Time in which a source wants to be left alone does not count. */
static int pass_over_quiet(struct migrations *p, int64_t now_us,
                           int64_t before_us, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);

    if (c == NULL)
        return -1;
    return sq_end(
        c,
        sq_run(c, "UPDATE jobs SET moved_us = ? WHERE" IS_STILL " AND" IS_QUIET,
               ARGS(INT(now_us), INT(before_us), INT(now_us)), err),
        err);
}

int stalls_still(struct migrations *p, int64_t now_us, int64_t before_us,
                 GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_seen);
    int quiet =
        c == NULL
            ? -1
            : sq_end(c, look_for_still(c, now_us, before_us, all, err), err);

    /* most looks change nothing, and take no turn of those who write */
    if (quiet < 0 ||
        (quiet > 0 && pass_over_quiet(p, now_us, before_us, err) < 0))
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

int stalls_late(struct migrations *p, int64_t now_us, GPtrArray **ret,
                struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_seen);

    if (c == NULL ||
        sq_end(c,
               read_seen(c,
                         "SELECT f.migration, 0, NULL, f.at_us, f.p90_us,"
                         " (SELECT count(*) FROM jobs j WHERE j.migration ="
                         "  f.migration AND j.state = 1 AND j.expires > ?1)"
                         " FROM forecasts f WHERE f.mailbox = 0"
                         " AND f.ended_us = 0 AND f.p90_us < ?1"
                         " AND f.tenth = (SELECT min(g.tenth)"
                         "  FROM forecasts g WHERE g.migration = f.migration"
                         "  AND g.mailbox = 0 AND g.ended_us = 0)"
                         " AND EXISTS (SELECT 1 FROM jobs j"
                         "  WHERE j.migration = f.migration AND j.state = 1)"
                         " ORDER BY f.migration",
                         ARGS(INT(now_us)), all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

static void free_waiting(void *p)
{
    struct stall_waiting *w = p;

    g_free(w->reason);
    g_free(w->remedy);
    g_free(w);
}

static int read_waiting(struct sq_conn *c, GPtrArray *to, struct err *err)
{
    struct sq_rows *rows = sq_query(
        c,
        "SELECT migration, count(DISTINCT mailbox), min(reason),"
        " min(remedy) FROM jobs WHERE state IN (0, 1)"
        " AND cause IN (?, ?, ?)"
        " GROUP BY migration ORDER BY migration",
        ARGS(TEXT(SPOOL_FAULT), TEXT(STORE_DISK_FULL), TEXT(STORE_IO)), err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        struct stall_waiting *w = g_new(struct stall_waiting, 1);

        *w = (struct stall_waiting){ .migration_id = sq_int64(rows, 0),
                                     .mailboxes = (uint64_t)sq_int64(rows, 1),
                                     .reason = sq_column_dup(rows, 2),
                                     .remedy = sq_column_dup(rows, 3) };
        g_ptr_array_add(to, w);
    }
    return more;
}

int stalls_disk(struct migrations *p, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_waiting);

    if (c == NULL || sq_end(c, read_waiting(c, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* ---- what was told of ---------------------------------------------------- */

static int read_stalls(struct sq_conn *c, GPtrArray *to, struct err *err)
{
    struct sq_rows *rows =
        sq_query(c,
                 "SELECT s.migration, p.name, s.kind, s.since_us, s.told_us,"
                 " s.mailboxes, s.reason, s.remedy FROM stalls s"
                 " LEFT JOIN plans p ON p.migration = s.migration"
                 " ORDER BY s.told_us, s.migration",
                 NO_ARGS, err);
    int more;

    if (rows == NULL)
        return -1;
    while ((more = sq_step(c, rows, err)) > 0) {
        unsigned int kind = 0;
        struct stall *s;

        if (sq_column_enum(c, rows, 2, &kind, STALL_N_KINDS, err) < 0) {
            sq_reset(rows);
            return -1;
        }
        s = g_new(struct stall, 1);
        *s = (struct stall){ .migration_id = sq_int64(rows, 0),
                             .name = sq_column_dup(rows, 1),
                             .kind = (enum stall_kind)kind,
                             .since_us = sq_int64(rows, 3),
                             .told_us = sq_int64(rows, 4),
                             .mailboxes = (uint64_t)sq_int64(rows, 5),
                             .reason = sq_column_dup(rows, 6),
                             .remedy = sq_column_dup(rows, 7) };
        g_ptr_array_add(to, s);
    }
    return more;
}

int stalls_list(struct migrations *p, GPtrArray **ret, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_stall);

    if (c == NULL || sq_end(c, read_stalls(c, all, err), err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* Of the migration, or of the service. */
static int write_stall(struct sq_conn *c, const struct roster_actor *who,
                       int64_t migration_id, const char *action,
                       const char *detail, struct err *err)
{
    g_autofree char *subject =
        migration_id != 0
            ? g_strdup_printf("migration %" G_GINT64_FORMAT, migration_id)
            : g_strdup("service");
    g_autofree char *whole = g_strconcat(
        migration_id != 0 ? "migration." : "service.", action, NULL);

    return roster_audit_line(
        c, &(struct audit_line){ who, whole, subject, detail }, err);
}

static int write_trouble(struct sq_conn *c, const struct roster_actor *who,
                         int64_t request_id, const char *reason,
                         struct err *err)
{
    g_autofree char *subject = request_subject(request_id);

    return roster_audit_line(
        c, &(struct audit_line){ who, "request.trouble", subject, reason },
        err);
}

static int tell(struct sq_conn *c, const struct roster_actor *who,
                const struct stall *s, const struct stall_mails *mails,
                struct err *err)
{
    if (write_stall(c, who, s->migration_id, "stall", s->reason, err) < 0)
        return -1;
    if (mails->operators != NULL &&
        roster_outbox_put(c, mails->operators, mails->request_id, s->told_us,
                          err) < 0)
        return -1;
    if (mails->partner == NULL)
        return 0;
    if (roster_outbox_put(c, mails->partner, mails->request_id, s->told_us,
                          err) < 0)
        return -1;
    return write_trouble(c, who, mails->request_id, s->reason, err);
}

static int open_one(struct sq_conn *c, const struct roster_actor *who,
                    const struct stall *s, const struct stall_mails *mails,
                    struct err *err)
{
    if (sq_run(c,
               "INSERT INTO stalls (migration, kind, since_us, told_us,"
               " mailboxes, reason, remedy) VALUES (?, ?, ?, ?, ?, ?, ?)"
               " ON CONFLICT (migration) DO NOTHING",
               ARGS(INT(s->migration_id), INT(s->kind), INT(s->since_us),
                    INT(s->told_us), INT((int64_t)s->mailboxes),
                    TEXT(s->reason), TEXT(s->remedy)),
               err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    return tell(c, who, s, mails, err) < 0 ? -1 : 1;
}

int stalls_open(struct migrations *p, const struct roster_actor *who,
                const struct stall *s, const struct stall_mails *mails,
                struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    int done = c == NULL ? -1 : sq_end(c, open_one(c, who, s, mails, err), err);

    if (done > 0)
        step("stall");
    return done;
}

static int close_one(struct sq_conn *c, const struct roster_actor *who,
                     int64_t migration_id, struct err *err)
{
    if (sq_run(c, "DELETE FROM stalls WHERE migration = ?",
               ARGS(INT(migration_id)), err) < 0)
        return -1;
    if (sq_changes(c) == 0)
        return 0;
    return write_stall(c, who, migration_id, "stall-over", NULL, err) < 0 ? -1
                                                                          : 1;
}

int stalls_close(struct migrations *p, const struct roster_actor *who,
                 int64_t migration_id, struct err *err)
{
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);

    return c == NULL ? -1
                     : sq_end(c, close_one(c, who, migration_id, err), err);
}
