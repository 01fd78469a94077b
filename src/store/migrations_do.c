/*
 * What an operator does to jobs, each with its line of the trail.
 */
#include "base/step.h"
#include "store/migrations_priv.h"

/* "job 3", "mailbox 7", "migration 12", "all jobs"; the caller frees. */
static char *subject_of(const struct jobs_which *w)
{
    if (w->job_id != 0)
        return g_strdup_printf("job %" G_GINT64_FORMAT, w->job_id);
    if (w->mailbox_id != 0)
        return migration_mailbox_subject(w->mailbox_id);
    if (w->migration_id != 0)
        return migration_subject(w->migration_id);
    return g_strdup("all jobs");
}

/* A change by SQL, the line of the trail, and whoever waits is woken. */
static int finish(struct migrations *p, struct sq_conn *c, int result,
                  const struct audit_line *line, struct err *err)
{
    if (result == 0)
        result = roster_audit_line(c, line, err);
    if (result == 0)
        result = sq_jobs_tell(c, err);
    if (sq_end(c, result, err) < 0)
        return -1;
    step("job");
    jobs_wake(p->jobs);
    return 0;
}

/*
 * 1: by its key the request was carried out before, and the transaction is
 * over; -1.
 */
static int ended_before(struct sq_conn *c, const struct roster_actor *who,
                        size_t *ret_n, struct err *err)
{
    int64_t made = 0;
    int done = roster_once_done(c, who->once, &made, err);

    if (done == 0)
        return 0;
    if (sq_end(c, done, err) < 0)
        return -1;
    if (ret_n != NULL)
        *ret_n = (size_t)made;
    return 1;
}

/* ---- starting ------------------------------------------------------------ */

G_STATIC_ASSERT(MAILBOX_WAITING_FOR_CREDENTIALS == 1);
G_STATIC_ASSERT(JOB_QUEUED == 0 && JOB_PAUSED == 2);

/* mailbox_id 0: for each of the migration. */
static int queue(struct sq_conn *c, const struct migration_start *s,
                 int64_t mailbox_id, size_t *ret_n, struct err *err)
{
    if (sq_run(c,
               "INSERT INTO jobs (migration, mailbox, host, kind, options,"
               " priority, not_before, state)"
               " SELECT m.migration, m.id, p.host, ?1, ?2, ?3, ?4,"
               " CASE m.state WHEN 1 THEN 2 ELSE 0 END"
               " FROM mailboxes m JOIN plans p ON p.migration = m.migration"
               " WHERE m.migration = ?5 AND ?6 IN (0, m.id)"
               " AND NOT (m.state = 1 AND ?1 = 'check')"
               " AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.mailbox = m.id"
               "  AND j.kind = ?1 AND j.state IN (0, 1, 2))"
               " ORDER BY m.id",
               ARGS(TEXT(s->kind), TEXT(s->options), INT(s->priority),
                    INT(s->not_before_us), INT(s->migration_id),
                    INT(mailbox_id)),
               err) < 0)
        return -1;
    *ret_n += (size_t)sq_changes(c);
    return 0;
}

static int queue_all(struct sq_conn *c, const struct migration_start *s,
                     size_t *ret_n, struct err *err)
{
    if (migrations_must_have(c, s->migration_id, err) < 0)
        return -1;
    if (s->n_mailboxes == 0)
        return queue(c, s, s->mailbox_id, ret_n, err);
    for (size_t i = 0; i < s->n_mailboxes; i++)
        if (queue(c, s, s->mailboxes[i], ret_n, err) < 0)
            return -1;
    return 0;
}

int migrations_start(struct migrations *p, const struct roster_actor *who,
                     const struct migration_start *start, size_t *ret_n,
                     struct err *err)
{
    const struct jobs_which which = { .migration_id = start->migration_id,
                                      .mailbox_id = start->mailbox_id };
    g_autofree char *subject = subject_of(&which), *detail = NULL;
    struct sq_conn *c;
    size_t n = 0;
    int result;

    if (store_check(err, "kind of pass", start->kind, STORE_NAME_MAX) < 0 ||
        store_check_opt(err, "options", start->options, MIGRATION_OPTIONS_MAX) <
            0)
        return -1;
    c = p->db->ops->begin(p->db, DB_WRITE, err);
    if (c == NULL)
        return -1;
    result = ended_before(c, who, ret_n, err);
    if (result != 0)
        return MIN(result, 0);
    result = queue_all(c, start, &n, err);
    detail = g_strdup_printf("%s: %zu", start->kind, n);
    if (finish(p, c, result,
               &(struct audit_line){ who, "pass.start", subject, detail,
                                     (int64_t)n },
               err) < 0)
        return -1;
    if (ret_n != NULL)
        *ret_n = n;
    return 0;
}

/* ---- verbs --------------------------------------------------------------- */

static const char *const verb_actions[JOBS_N_VERBS] = {
    [JOBS_PAUSE] = "job.pause",   [JOBS_RESUME] = "job.resume",
    [JOBS_RETRY] = "job.retry",   [JOBS_AGAIN] = "job.again",
    [JOBS_CANCEL] = "job.cancel",
};

/* Of each of them what `which` says. */
static int apply_to(struct sq_conn *c, enum jobs_verb verb,
                    const struct jobs_which *which,
                    const struct migration_some *some, size_t *ret_n,
                    struct err *err)
{
    *ret_n = 0;
    for (size_t i = 0; i < some->n; i++) {
        const struct jobs_which one = { .mailbox_id = some->mailboxes[i],
                                        .migration_id = which->migration_id };
        size_t n = 0;

        if (sq_jobs_apply(c, verb, &one, &n, err) < 0)
            return -1;
        *ret_n += n;
    }
    return 0;
}

/* some NULL: all that `which` says. */
static int do_verb(struct migrations *p, const struct roster_actor *who,
                   enum jobs_verb verb, const struct jobs_which *which,
                   const struct migration_some *some, size_t *ret_n,
                   struct err *err)
{
    g_autofree char *subject = subject_of(which), *detail = NULL;
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);
    size_t n = 0;
    int result;

    if (c == NULL)
        return -1;
    result = ended_before(c, who, ret_n, err);
    if (result != 0)
        return MIN(result, 0);
    result = some != NULL ? apply_to(c, verb, which, some, &n, err)
                          : sq_jobs_apply(c, verb, which, &n, err);
    detail = g_strdup_printf("%zu", n);
    if (finish(p, c, result,
               &(struct audit_line){ who, verb_actions[verb], subject, detail,
                                     (int64_t)n },
               err) < 0)
        return -1;
    if (ret_n != NULL)
        *ret_n = n;
    return 0;
}

int migrations_do(struct migrations *p, const struct roster_actor *who,
                  enum jobs_verb verb, const struct jobs_which *which,
                  size_t *ret_n, struct err *err)
{
    return do_verb(p, who, verb, which, NULL, ret_n, err);
}

int migrations_do_some(struct migrations *p, const struct roster_actor *who,
                       enum jobs_verb verb, const struct migration_some *some,
                       size_t *ret_n, struct err *err)
{
    const struct jobs_which which = { .migration_id = some->migration_id };

    return do_verb(p, who, verb, &which, some, ret_n, err);
}

int migrations_set_priority(struct migrations *p,
                            const struct roster_actor *who,
                            const struct jobs_which *which, int priority,
                            struct err *err)
{
    g_autofree char *subject = subject_of(which),
                    *detail = g_strdup_printf("%d", priority);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_WRITE, err);

    if (c == NULL)
        return -1;
    return finish(p, c, sq_jobs_set_priority(c, which, priority, err),
                  &(struct audit_line){ who, "job.priority", subject, detail },
                  err);
}

/* ---- limits -------------------------------------------------------------- */

char *migration_limit_text(unsigned int most, const char *word,
                           const char *hours)
{
    return g_strdup_printf("%u at once, %s %s", most, word,
                           hours != NULL ? hours : "never");
}
