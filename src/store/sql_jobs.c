/*
 * Jobs in a database.  Claims come one after the other, on whatever machine:
 * each holds the row of the table turns until it is over.  Otherwise two that
 * count at the same time would both find the last free place of a host.  A
 * claim takes milliseconds, a job minutes.
 */
#include "store/jobs_priv.h"
#include "store/sql_priv.h"

struct sq_jobs {
    struct jobs base;
    struct db *db;
    struct db_listener *listener; /* or NULL */
};

static struct sq_conn *begin(struct jobs *j, enum db_use use, struct err *err)
{
    struct db *db = ((struct sq_jobs *)j)->db;

    return db->ops->begin(db, use, err);
}

int sq_jobs_tell(struct sq_conn *c, struct err *err)
{
    return c->ops->notify_sql != NULL
               ? sq_run(c, c->ops->notify_sql, NO_ARGS, err)
               : 0;
}

/* Beside the commit, workers elsewhere are told. */
static int end(struct sq_conn *c, int result, struct err *err)
{
    if (result >= 0 && sq_jobs_tell(c, err) < 0)
        result = -1;
    return sq_end(c, result, err);
}

static int add(struct jobs *j, const struct job *job, int64_t *ret_id,
               struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);
    int64_t id = 0;
    int found;

    if (c == NULL)
        return -1;
    found = sq_number(c,
                      "INSERT INTO jobs (migration, mailbox, host, kind,"
                      " options, priority, not_before)"
                      " SELECT migration, id, ?1, ?2, ?3, ?4, ?5"
                      " FROM mailboxes WHERE id = ?6 AND migration = ?7"
                      " RETURNING id",
                      ARGS(TEXT(job->host), TEXT(job->kind), TEXT(job->options),
                           INT(job->priority), INT(job->not_before_us),
                           INT(job->mailbox_id), INT(job->migration_id)),
                      &id, err);
    if (found == 0)
        found = store_refuse_missing(err, "mailbox", job->mailbox_id);
    if (end(c, found, err) < 0)
        return -1;
    *ret_id = id;
    return 0;
}

#define JOB_COLUMNS                                                            \
    "id, migration, mailbox, host, kind, options, priority, not_before,"       \
    " state, pausing, version, worker, lease, expires, claims, losses,"        \
    " reason, remedy, cause, scope, side, moved_us"

static struct job *job_of(struct sq_conn *c, struct sq_rows *st,
                          struct err *err)
{
    unsigned int state = 0;
    unsigned int halt = 0, scope = 0, side = 0;
    struct job *job;

    if (sq_column_enum(c, st, 8, &state, JOB_N_STATES, err) < 0 ||
        sq_column_enum(c, st, 9, &halt, JOB_N_HALTS, err) < 0 ||
        sq_column_enum(c, st, 19, &scope, ERR_RUN + 1, err) < 0 ||
        sq_column_enum(c, st, 20, &side, ERR_N_SIDES, err) < 0)
        return NULL;
    job = g_new(struct job, 1);
    *job = (struct job){
        .id = sq_int64(st, 0),
        .migration_id = sq_int64(st, 1),
        .mailbox_id = sq_int64(st, 2),
        .host = sq_column_dup(st, 3),
        .kind = sq_column_dup(st, 4),
        .options = sq_column_dup(st, 5),
        .priority = (int)sq_int64(st, 6),
        .not_before_us = sq_int64(st, 7),
        .state = (enum job_state)state,
        .halt = (enum job_halt)halt,
        .version = sq_int64(st, 10),
        .worker = sq_column_dup(st, 11),
        .lease = sq_int64(st, 12),
        .expires_us = sq_int64(st, 13),
        .claims = (unsigned int)sq_int64(st, 14),
        .losses = (unsigned int)sq_int64(st, 15),
        .reason = sq_column_dup(st, 16),
        .remedy = sq_column_dup(st, 17),
        .cause = sq_column_dup(st, 18),
        .scope = (enum err_scope)scope,
        .side = (enum err_side)side,
        .moved_us = sq_int64(st, 21),
    };
    return job;
}

/* Of a struct jobs_which, behind what other arguments there are. */
#define WHICH " ?1 IN (0, id) AND ?2 IN (0, mailbox) AND ?3 IN (0, migration)"
#define WHICH_ARGS(w)                                                          \
    INT((w)->job_id), INT((w)->mailbox_id), INT((w)->migration_id)

static int read_jobs(struct sq_conn *c, const struct jobs_which *which,
                     GPtrArray *found, struct err *err)
{
    struct sq_rows *st = sq_query(
        c, "SELECT " JOB_COLUMNS " FROM jobs WHERE" WHICH " ORDER BY id",
        ARGS(WHICH_ARGS(which)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct job *job = job_of(c, st, err);

        if (job == NULL) {
            sq_reset(st);
            return -1;
        }
        g_ptr_array_add(found, job);
    }
    return more;
}

static int list(struct jobs *j, const struct jobs_which *which,
                GPtrArray *found, struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, read_jobs(c, which, found, err), err);
}

/* 1 and its id, and its result or NULL; 0: there is none. */
static int read_last(struct sq_conn *c, int64_t mailbox_id, const char *kind,
                     int64_t *ret_id, char **ret_result, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT id, result FROM jobs WHERE mailbox = ? AND kind = ?"
                 " ORDER BY id DESC LIMIT 1",
                 ARGS(INT(mailbox_id), TEXT(kind)), err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found <= 0)
        return found;
    *ret_id = sq_int64(st, 0);
    *ret_result = sq_column_dup(st, 1);
    sq_reset(st);
    return 1;
}

static int find_last(struct sq_conn *c, int64_t mailbox_id, const char *kind,
                     struct job **ret, struct err *err)
{
    g_autoptr(GPtrArray) one =
        g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    g_autofree char *result = NULL;
    struct jobs_which which = { 0 };
    int found = read_last(c, mailbox_id, kind, &which.job_id, &result, err);

    if (found <= 0)
        return found;
    if (read_jobs(c, &which, one, err) < 0)
        return -1;
    *ret = g_ptr_array_steal_index(one, 0);
    (*ret)->result = g_steal_pointer(&result);
    return 1;
}

static int last(struct jobs *j, int64_t mailbox_id, const char *kind,
                struct job **ret, struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);
    struct job *job = NULL;
    int found = c == NULL ? -1 : find_last(c, mailbox_id, kind, &job, err);

    if (c != NULL && sq_end(c, found < 0 ? -1 : 0, err) < 0) {
        job_free(job);
        return -1;
    }
    if (found > 0)
        *ret = job;
    return found;
}

/* ---- an operator's words ------------------------------------------------- */

#define REQUEUED                                                               \
    " state = 0, claims = 0, losses = 0, not_before = 0, reason = NULL,"       \
    " remedy = NULL, cause = NULL, scope = 0, side = 0,"                       \
    " result = NULL"

/* The diagram of jobs.h; the column pausing is an enum job_halt. */
static const char *const verbs[][2] = {
    [JOBS_PAUSE] = { "UPDATE jobs SET state = 2 WHERE state = 0 AND" WHICH,
                     "UPDATE jobs SET pausing = 1"
                     " WHERE state = 1 AND pausing = 0 AND" WHICH },
    /* what waits for a password goes on with that (owners.h) */
    [JOBS_RESUME] = { "UPDATE jobs SET state = 0 WHERE state = 2"
                      " AND mailbox NOT IN"
                      " (SELECT id FROM mailboxes WHERE state = 1) AND" WHICH,
                      "UPDATE jobs SET pausing = 0"
                      " WHERE state = 1 AND pausing <> 0 AND" WHICH },
    [JOBS_RETRY] = { "UPDATE jobs SET" REQUEUED " WHERE state = 4 AND" WHICH,
                     NULL },
    [JOBS_AGAIN] = { "UPDATE jobs SET" REQUEUED
                     " WHERE state IN (3, 4, 5) AND" WHICH,
                     NULL },
    [JOBS_CANCEL] = { "UPDATE jobs SET state = 5 WHERE state IN (0, 2) "
                      "AND" WHICH,
                      "UPDATE jobs SET pausing = 2"
                      " WHERE state = 1 AND pausing <> 2 AND" WHICH },
};

/* The literals here and below. */
G_STATIC_ASSERT(JOB_QUEUED == 0 && JOB_RUNNING == 1 && JOB_PAUSED == 2);
G_STATIC_ASSERT(JOB_DONE == 3 && JOB_FAILED == 4 && JOB_CANCELLED == 5);
G_STATIC_ASSERT(MAILBOX_WAITING_FOR_CREDENTIALS == 1);
G_STATIC_ASSERT(JOB_HALT_PAUSE == 1 && JOB_HALT_CANCEL == 2);
G_STATIC_ASSERT(JOBS_LOSSES_ALONE == 3 && JOBS_LOSSES_MAX == 5);

/* What a running job that is given back becomes. */
#define GIVEN_BACK "CASE pausing WHEN 0 THEN 0 WHEN 1 THEN 2 ELSE 5 END"

static int apply(struct sq_conn *c, enum jobs_verb verb,
                 const struct jobs_which *which, size_t *ret_n, struct err *err)
{
    for (size_t i = 0; i < 2 && verbs[verb][i] != NULL; i++) {
        if (sq_run(c, verbs[verb][i], ARGS(WHICH_ARGS(which)), err) < 0)
            return -1;
        *ret_n += (size_t)sq_changes(c);
    }
    return 0;
}

/*
 * Against claims and renewals in between: what is running is so until the end.
 */
static int take_turn(struct sq_conn *c, int64_t *ret, struct err *err)
{
    int found = sq_number(c, "SELECT n FROM turns WHERE one = 1" DB_FOR_UPDATE,
                          NO_ARGS, ret, err);

    if (found == 0)
        return sq_damaged(c, "the table turns is empty", err);
    return found < 0 ? -1 : 0;
}

int sq_jobs_apply(struct sq_conn *c, enum jobs_verb verb,
                  const struct jobs_which *which, size_t *ret_n,
                  struct err *err)
{
    int64_t turn;

    if (take_turn(c, &turn, err) < 0)
        return -1;
    return apply(c, verb, which, ret_n, err);
}

static int do_verb(struct jobs *j, enum jobs_verb verb,
                   const struct jobs_which *which, size_t *ret_n,
                   struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);

    return c == NULL ? -1
                     : end(c, sq_jobs_apply(c, verb, which, ret_n, err), err);
}

int sq_jobs_set_priority(struct sq_conn *c, const struct jobs_which *which,
                         int priority, struct err *err)
{
    return sq_run(c, "UPDATE jobs SET priority = ?4 WHERE" WHICH,
                  ARGS(WHICH_ARGS(which), INT(priority)), err);
}

int sq_jobs_limit_migration(struct sq_conn *c, int64_t migration_id,
                            unsigned int most, const char *only,
                            struct err *err)
{
    return sq_run(
        c,
        "INSERT INTO job_limits (migration, most, hours) VALUES (?, ?, ?)"
        " ON CONFLICT (migration) DO UPDATE SET most = excluded.most,"
        " hours = excluded.hours",
        ARGS(INT(migration_id), INT(most), TEXT(only)), err);
}

static int limit_migration(struct jobs *j, int64_t migration_id,
                           unsigned int most, const char *only, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);

    if (c == NULL)
        return -1;
    return end(c, sq_jobs_limit_migration(c, migration_id, most, only, err),
               err);
}

int sq_jobs_limit_host(struct sq_conn *c, const char *host, unsigned int most,
                       const char *quiet, struct err *err)
{
    return sq_run(c,
                  "INSERT INTO job_hosts (host, most, quiet) VALUES (?, ?, ?)"
                  " ON CONFLICT (host) DO UPDATE SET most = excluded.most,"
                  " quiet = excluded.quiet",
                  ARGS(TEXT(host), INT(most), TEXT(quiet)), err);
}

static int limit_host(struct jobs *j, const char *host, unsigned int most,
                      const char *quiet, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);

    if (c == NULL)
        return -1;
    return end(c, sq_jobs_limit_host(c, host, most, quiet, err), err);
}

static int read_hosts(struct sq_conn *c, GPtrArray *found, struct err *err)
{
    struct sq_rows *st =
        sq_query(c, "SELECT host, most, quiet FROM job_hosts ORDER BY host",
                 NO_ARGS, err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct jobs_host *h = g_new(struct jobs_host, 1);

        *h = (struct jobs_host){ sq_column_dup(st, 0),
                                 (unsigned int)sq_int64(st, 1),
                                 sq_column_dup(st, 2) };
        g_ptr_array_add(found, h);
    }
    return more;
}

static int hosts(struct jobs *j, GPtrArray *found, struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, read_hosts(c, found, err), err);
}

/* ---- claiming ------------------------------------------------------------ */

static void group_clear(void *p)
{
    struct jobs_group *g = p;

    g_free(g->host);
    g_free(g->only);
    g_free(g->quiet);
}

static int read_groups(struct sq_conn *c, int64_t now_us, GArray *groups,
                       struct err *err)
{
    struct sq_rows *st = sq_query(
        c,
        "SELECT q.migration, q.host, q.priority,"
        " coalesce(m.n, 0), coalesce(l.most, 0), l.hours,"
        " coalesce(l.last_turn, 0), coalesce(r.n, 0), coalesce(h.most, 0),"
        " h.quiet FROM (SELECT DISTINCT migration, host,"
        "  priority FROM jobs WHERE state = 0 AND not_before <= ?) q"
        " LEFT JOIN (SELECT migration, count(*) AS n FROM jobs"
        "  WHERE state = 1 GROUP BY migration) m ON m.migration = q.migration"
        " LEFT JOIN (SELECT host, count(*) AS n FROM jobs"
        "  WHERE state = 1 GROUP BY host) r ON r.host = q.host"
        " LEFT JOIN job_limits l ON l.migration = q.migration"
        " LEFT JOIN job_hosts h ON h.host = q.host",
        ARGS(INT(now_us)), err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct jobs_group g = {
            .migration_id = sq_int64(st, 0),
            .host = sq_column_dup(st, 1),
            .priority = (int)sq_int64(st, 2),
            .running = (unsigned int)sq_int64(st, 3),
            .most = (unsigned int)sq_int64(st, 4),
            .only = sq_column_dup(st, 5),
            .last_turn = sq_int64(st, 6),
            .host_running = (unsigned int)sq_int64(st, 7),
            .host_most = (unsigned int)sq_int64(st, 8),
            .quiet = sq_column_dup(st, 9),
        };

        g_array_append_val(groups, g);
    }
    return more;
}

/* A lease that was not renewed: whoever had it is taken for dead. */
static int expire(struct sq_conn *c, int64_t now_us, struct err *err)
{
    return sq_run(c,
                  "UPDATE jobs SET state = " GIVEN_BACK
                  ", pausing = 0, losses = losses + 1"
                  " WHERE state = 1 AND expires <= ?",
                  ARGS(INT(now_us)), err);
}

/* What a worker has under way. */
struct hands {
    int64_t running;
    unsigned int losses; /* the most of one of them */
};

static int look_at_hands(struct sq_conn *c, const char *worker,
                         struct hands *ret, struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "SELECT count(*), coalesce(max(losses), 0) FROM jobs"
                 " WHERE state = 1 AND worker = ?",
                 ARGS(TEXT(worker)), err);

    if (st == NULL || sq_step(c, st, err) < 0)
        return -1;
    *ret = (struct hands){ sq_int64(st, 0), (unsigned int)sq_int64(st, 1) };
    sq_reset(st);
    return 0;
}

/* The oldest of a group whose mailbox is free: 1, 0: none, -1. */
static int first_of(struct sq_conn *c, const struct jobs_group *g,
                    const struct hands *hands, int64_t now_us, int64_t *ret_id,
                    struct err *err)
{
    return sq_number(
        c,
        "SELECT id FROM jobs WHERE state = 0 AND migration = ? AND host = ?"
        " AND priority = ? AND not_before <= ? AND mailbox NOT IN"
        " (SELECT mailbox FROM jobs WHERE state = 1)"
        " AND (? = 0 OR losses < 3 OR losses >= 5)"
        " ORDER BY id LIMIT 1" DB_SKIP_LOCKED,
        ARGS(INT(g->migration_id), TEXT(g->host), INT(g->priority), INT(now_us),
             INT(hands->running)),
        ret_id, err);
}

static int choose(struct sq_conn *c, int64_t now_us, const struct hands *hands,
                  int64_t *ret_id, struct err *err)
{
    g_autoptr(GArray) groups =
        g_array_new(FALSE, FALSE, sizeof(struct jobs_group));
    int found = 0;

    g_array_set_clear_func(groups, group_clear);
    if (read_groups(c, now_us, groups, err) < 0)
        return -1;
    g_array_sort(groups, jobs_group_order);
    for (guint i = 0; i < groups->len && found == 0; i++) {
        const struct jobs_group *g =
            &g_array_index(groups, struct jobs_group, i);

        if (jobs_group_may(g, now_us))
            found = first_of(c, g, hands, now_us, ret_id, err);
    }
    return found;
}

/* The mailbox's lease and the job's are one number. */
static int give(struct sq_conn *c, int64_t job_id, const char *worker,
                int64_t now_us, int64_t expires_us, struct err *err)
{
    int64_t lease = 0;

    if (sq_number(c,
                  "UPDATE mailboxes SET lease = lease + 1 WHERE id ="
                  " (SELECT mailbox FROM jobs WHERE id = ?) RETURNING lease",
                  ARGS(INT(job_id)), &lease, err) < 0)
        return -1;
    return sq_run(c,
                  "UPDATE jobs SET state = 1, lease = ?, expires = ?,"
                  " moved_us = ?, worker = ?, claims = claims + 1"
                  " WHERE id = ?",
                  ARGS(INT(lease), INT(expires_us), INT(now_us), TEXT(worker),
                       INT(job_id)),
                  err);
}

static int count_turn(struct sq_conn *c, int64_t job_id, int64_t turn,
                      struct err *err)
{
    if (sq_run(c, "UPDATE turns SET n = ? WHERE one = 1", ARGS(INT(turn)),
               err) < 0)
        return -1;
    return sq_run(c,
                  "INSERT INTO job_limits (migration, last_turn)"
                  " SELECT migration, ? FROM jobs WHERE id = ?"
                  " ON CONFLICT (migration) DO UPDATE SET"
                  " last_turn = excluded.last_turn",
                  ARGS(INT(turn), INT(job_id)), err);
}

static int is_draining(struct sq_conn *c, const char *worker, struct err *err)
{
    int64_t one;

    return sq_number(c,
                     "SELECT 1 FROM workers WHERE name = ? AND draining <> 0",
                     ARGS(TEXT(worker)), &one, err);
}

static int claim_one(struct jobs *j, struct sq_conn *c, const char *worker,
                     int64_t now_us, GPtrArray *claimed, struct err *err)
{
    struct jobs_which which = { 0 };
    struct hands hands;
    int64_t turn = 0;
    int found;

    if (take_turn(c, &turn, err) < 0 || expire(c, now_us, err) < 0 ||
        look_at_hands(c, worker, &hands, err) < 0)
        return -1;
    found = is_draining(c, worker, err);
    if (found != 0 || jobs_is_alone(hands.losses))
        return found < 0 ? -1 : 0;
    found = choose(c, now_us, &hands, &which.job_id, err);
    if (found <= 0)
        return found;
    if (give(c, which.job_id, worker, now_us, now_us + j->lease_us, err) < 0 ||
        count_turn(c, which.job_id, turn + 1, err) < 0)
        return -1;
    return read_jobs(c, &which, claimed, err);
}

static int claim(struct jobs *j, const char *worker, int64_t now_us,
                 struct job **ret, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);
    g_autoptr(GPtrArray) claimed =
        g_ptr_array_new_with_free_func((GDestroyNotify)job_free);

    if (c == NULL ||
        sq_end(c, claim_one(j, c, worker, now_us, claimed, err), err) < 0)
        return -1;
    if (claimed->len == 0)
        return 0;
    *ret = g_ptr_array_steal_index(claimed, 0);
    return 1;
}

/* ---- what a worker has claimed ------------------------------------------- */

static int renew_one(struct sq_conn *c, const struct job *job,
                     int64_t expires_us, struct jobs_renewed *ret,
                     struct err *err)
{
    struct sq_rows *st =
        sq_query(c,
                 "UPDATE jobs SET expires = ?1, moved_us = CASE"
                 " WHEN moved_us < ?2 THEN ?2 ELSE moved_us END"
                 " WHERE id = ?3 AND lease = ?4"
                 " AND state = 1 RETURNING pausing, version",
                 ARGS(INT(expires_us), INT(job->moved_us), INT(job->id),
                      INT(job->lease)),
                 err);
    int found = st == NULL ? -1 : sq_step(c, st, err);

    if (found == 0)
        return jobs_refuse_lease(err, job);
    if (found < 0)
        return -1;
    *ret = (struct jobs_renewed){ (enum job_halt)sq_int64(st, 0),
                                  sq_int64(st, 1) };
    sq_reset(st);
    return 0;
}

static int renew(struct jobs *j, const struct job *job, int64_t now_us,
                 struct jobs_renewed *ret, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);
    struct jobs_renewed renewed = { 0 };

    if (c == NULL ||
        sq_end(c, renew_one(c, job, now_us + j->lease_us, &renewed, err), err) <
            0)
        return -1;
    *ret = renewed;
    return 0;
}

static int end_one(struct sq_conn *c, const struct job *job,
                   const struct jobs_end *e, struct err *err)
{
    g_autofree char *reason = store_text_dup(e->reason);
    g_autofree char *remedy = store_text_dup(e->remedy);

    if (sq_run(c,
               "UPDATE jobs SET state = CASE WHEN ?1 = 0 THEN " GIVEN_BACK
               " ELSE ?1 END, pausing = 0, losses = 0, reason = ?2,"
               " remedy = ?3, not_before = ?4, cause = ?7, scope = ?8,"
               " side = ?9, result = ?10 WHERE id = ?5 AND lease = ?6 AND "
               "state = 1",
               ARGS(INT(e->state), TEXT(reason), TEXT(remedy),
                    INT(e->not_before_us), INT(job->id), INT(job->lease),
                    TEXT(e->cause), INT(e->scope), INT(e->side),
                    TEXT(e->result)),
               err) < 0)
        return -1;
    return sq_changes(c) > 0 ? 0 : jobs_refuse_lease(err, job);
}

static int end_job(struct jobs *j, const struct job *job,
                   const struct jobs_end *e, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);
    int result;

    if (c == NULL)
        return -1;
    result = end_one(c, job, e, err);
    if (result == 0 && e->news != NULL && c->ops->tell_sql != NULL)
        result = sq_run(c, c->ops->tell_sql, ARGS(TEXT(e->news)), err);
    return end(c, result, err);
}

/* ---- workers ------------------------------------------------------------- */

static int beat(struct jobs *j, const char *worker, int64_t now_us,
                const struct jobs_tally *t, bool *ret_draining, struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);
    int64_t draining = 0;

    if (c == NULL ||
        sq_end(
            c,
            sq_number(c,
                      "INSERT INTO workers (name, begun_us, seen_us,"
                      " at_once, running, ended, leases_lost, late_writes,"
                      " items, bytes)"
                      " VALUES (?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
                      " ON CONFLICT (name) DO UPDATE SET"
                      " seen_us = excluded.seen_us,"
                      " at_once = excluded.at_once,"
                      " running = excluded.running,"
                      " ended = excluded.ended,"
                      " leases_lost = excluded.leases_lost,"
                      " late_writes = excluded.late_writes,"
                      " items = excluded.items, bytes = excluded.bytes"
                      " RETURNING draining",
                      ARGS(TEXT(worker), INT(now_us), INT((int64_t)t->at_once),
                           INT((int64_t)t->running), INT((int64_t)t->ended),
                           INT((int64_t)t->leases_lost),
                           INT((int64_t)t->late_writes), INT((int64_t)t->items),
                           INT((int64_t)t->bytes)),
                      &draining, err),
            err) < 0)
        return -1;
    *ret_draining = draining != 0;
    return 0;
}

static int leave(struct jobs *j, const char *worker, int64_t seen_before_us,
                 struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);

    if (c == NULL)
        return -1;
    return sq_end(c,
                  sq_run(c, "DELETE FROM workers WHERE name = ? OR seen_us < ?",
                         ARGS(TEXT(worker), INT(seen_before_us)), err),
                  err);
}

static int count_states(struct sq_conn *c, const struct jobs_which *which,
                        struct jobs_numbers *ret, struct err *err)
{
    struct sq_rows *st = sq_query(
        c, "SELECT state, count(*) FROM jobs WHERE" WHICH " GROUP BY state",
        ARGS(WHICH_ARGS(which)), err);
    unsigned int state = 0;
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        if (sq_column_enum(c, st, 0, &state, JOB_N_STATES, err) < 0) {
            sq_reset(st);
            return -1;
        }
        ret->by_state[state] = (uint64_t)sq_int64(st, 1);
    }
    return more;
}

static int count(struct jobs *j, const struct jobs_which *which,
                 struct jobs_numbers *ret, struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, count_states(c, which, ret, err), err);
}

static int drain_one(struct sq_conn *c, const char *worker, bool draining,
                     struct err *err)
{
    if (sq_run(c, "UPDATE workers SET draining = ? WHERE name = ?",
               ARGS(INT(draining), TEXT(worker)), err) < 0)
        return -1;
    if (sq_changes(c) > 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "there is no worker \"%s\"",
            worker);
    err->name = "not-found";
    return -1;
}

static int drain(struct jobs *j, const char *worker, bool draining,
                 struct err *err)
{
    struct sq_conn *c = begin(j, DB_WRITE, err);

    return c == NULL ? -1 : end(c, drain_one(c, worker, draining, err), err);
}

static int read_workers(struct sq_conn *c, GPtrArray *found, struct err *err)
{
    struct sq_rows *st = sq_query(c,
                                  "SELECT name, begun_us, seen_us, draining,"
                                  " at_once, running, ended, leases_lost,"
                                  " late_writes, items, bytes FROM workers"
                                  " ORDER BY name",
                                  NO_ARGS, err);
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0) {
        struct jobs_worker *w = g_new(struct jobs_worker, 1);

        *w = (struct jobs_worker){
            sq_column_dup(st, 0),
            sq_int64(st, 1),
            sq_int64(st, 2),
            sq_int64(st, 3) != 0,
            { .at_once = (uint64_t)sq_int64(st, 4),
              .running = (uint64_t)sq_int64(st, 5),
              .ended = (uint64_t)sq_int64(st, 6),
              .leases_lost = (uint64_t)sq_int64(st, 7),
              .late_writes = (uint64_t)sq_int64(st, 8),
              .items = (uint64_t)sq_int64(st, 9),
              .bytes = (uint64_t)sq_int64(st, 10) },
        };
        g_ptr_array_add(found, w);
    }
    return more;
}

static int workers(struct jobs *j, GPtrArray *found, struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, read_workers(c, found, err), err);
}

/* ---- what waits ---------------------------------------------------------- */

static int count_waiting(struct sq_conn *c, int64_t now_us, uint64_t *ret,
                         struct err *err)
{
    struct sq_rows *st = sq_query(
        c,
        "SELECT count(DISTINCT j.mailbox), l.hours, h.quiet FROM jobs j"
        " LEFT JOIN job_limits l ON l.migration = j.migration"
        " LEFT JOIN job_hosts h ON h.host = j.host"
        " WHERE (j.state = 0 AND j.not_before <= ?1)"
        " OR (j.state = 1 AND j.pausing = 0 AND j.expires <= ?1)"
        " GROUP BY j.migration, l.hours, h.quiet",
        ARGS(INT(now_us)), err);
    uint64_t n = 0;
    int more;

    if (st == NULL)
        return -1;
    while ((more = sq_step(c, st, err)) > 0)
        if (jobs_hours_may(st->ops->text(st, 1), st->ops->text(st, 2), now_us))
            n += (uint64_t)sq_int64(st, 0);
    if (more == 0)
        *ret = n;
    return more;
}

static int waiting(struct jobs *j, int64_t now_us, uint64_t *ret,
                   struct err *err)
{
    struct sq_conn *c = begin(j, DB_READ, err);

    return c == NULL ? -1 : sq_end(c, count_waiting(c, now_us, ret, err), err);
}

/* ---- opening ------------------------------------------------------------- */

static void free_jobs(struct jobs *j)
{
    struct sq_jobs *s = (struct sq_jobs *)j;

    if (s->listener != NULL)
        s->db->ops->unlisten(s->listener);
    jobs_release(j);
    g_free(s);
}

static void heard(void *data, const char *text)
{
    (void)text; /* a reason to look, as is a new connection */
    jobs_wake(data);
}

struct jobs *sq_jobs_new(struct db *db)
{
    static const struct jobs_ops ops = {
        .add = add,
        .list = list,
        .last = last,
        .verb = do_verb,
        .limit_migration = limit_migration,
        .limit_host = limit_host,
        .hosts = hosts,
        .claim = claim,
        .renew = renew,
        .end = end_job,
        .beat = beat,
        .leave = leave,
        .count = count,
        .drain = drain,
        .workers = workers,
        .waiting = waiting,
        .free = free_jobs,
    };
    struct sq_jobs *s = g_new0(struct sq_jobs, 1);

    jobs_init(&s->base, &ops);
    s->db = db;
    if (db->ops->listen != NULL)
        s->listener = db->ops->listen(
            db, &(struct db_hearing){ "mailferry_jobs", heard, s });
    return &s->base;
}
