/*
 * What is the same for every implementation: the rules of claiming, what an
 * operator's words do to a state, and waking.
 */
#include "store/jobs_priv.h"

#include "base/hours.h"
#include "base/step.h"
#include "base/timestamp.h"

const char *job_state_name(enum job_state state)
{
    static const char *const names[] = {
        [JOB_QUEUED] = "queued", [JOB_RUNNING] = "running",
        [JOB_PAUSED] = "paused", [JOB_DONE] = "done",
        [JOB_FAILED] = "failed", [JOB_CANCELLED] = "cancelled",
    };

    g_assert(state < JOB_N_STATES);
    return names[state];
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    g_free(job->host);
    g_free(job->kind);
    g_free(job->options);
    g_free(job->worker);
    g_free(job->reason);
    g_free(job->remedy);
    g_free(job->cause);
    g_free(job->result);
    g_free(job);
}

static void worker_free(void *p)
{
    struct jobs_worker *w = p;

    g_free(w->name);
    g_free(w);
}

/* ---- the rules --------------------------------------------------------- */

/* Of a zone that this machine does not know: others may know better. */
static bool hold(const char *text, bool without, int64_t now_us)
{
    g_autoptr(hours) h = NULL;
    struct err ignored;

    if (text == NULL)
        return without;
    return hours_parse(text, &h, &ignored) == 0 ? hours_hold(h, now_us)
                                                : !without;
}

bool jobs_hours_may(const char *only, const char *quiet, int64_t now_us)
{
    return hold(only, true, now_us) && !hold(quiet, false, now_us);
}

bool jobs_group_may(const struct jobs_group *g, int64_t now_us)
{
    if (g->most != 0 && g->running >= g->most)
        return false;
    if (g->host_most != 0 && g->host_running >= g->host_most)
        return false;
    return jobs_hours_may(g->only, g->quiet, now_us);
}

int jobs_check_hours(const char *text, struct err *err)
{
    g_autoptr(hours) h = NULL;

    if (text == NULL || hours_parse(text, &h, err) == 0)
        return 0;
    err->name = "bad-hours";
    return -1;
}

bool jobs_is_alone(unsigned int losses)
{
    return losses >= JOBS_LOSSES_ALONE && losses < JOBS_LOSSES_MAX;
}

#define COMPARE(a, b)                                                          \
    do {                                                                       \
        if ((a) != (b))                                                        \
            return (a) < (b) ? -1 : 1;                                         \
    } while (0)

int jobs_group_order(const void *a, const void *b)
{
    const struct jobs_group *x = a, *y = b;

    COMPARE(y->priority, x->priority);
    COMPARE(x->running, y->running);
    COMPARE(x->last_turn, y->last_turn);
    COMPARE(x->migration_id, y->migration_id);
    return strcmp(x->host, y->host);
}

bool jobs_apply(enum jobs_verb verb, enum job_state *state, enum job_halt *halt)
{
    enum job_state is = *state;
    enum job_halt was = *halt;

    if (verb == JOBS_PAUSE && is == JOB_QUEUED)
        *state = JOB_PAUSED;
    else if (verb == JOBS_PAUSE && is == JOB_RUNNING)
        *halt = was == JOB_HALT_NONE ? JOB_HALT_PAUSE : was;
    else if (verb == JOBS_RESUME && is == JOB_RUNNING)
        *halt = JOB_HALT_NONE;
    else if (verb == JOBS_CANCEL && is == JOB_RUNNING)
        *halt = JOB_HALT_CANCEL;
    else if (verb == JOBS_CANCEL && (is == JOB_QUEUED || is == JOB_PAUSED))
        *state = JOB_CANCELLED;
    else if ((verb == JOBS_RESUME && is == JOB_PAUSED) ||
             (verb == JOBS_RETRY && is == JOB_FAILED) ||
             (verb == JOBS_AGAIN &&
              (is == JOB_DONE || is == JOB_FAILED || is == JOB_CANCELLED)))
        *state = JOB_QUEUED;
    return *state != is || *halt != was;
}

enum job_state jobs_state_after(enum job_state given, enum job_halt halt)
{
    if (given != JOB_QUEUED || halt == JOB_HALT_NONE)
        return given;
    return halt == JOB_HALT_PAUSE ? JOB_PAUSED : JOB_CANCELLED;
}

int jobs_refuse_lease(struct err *err, const struct job *job)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "job %" G_GINT64_FORMAT " is another worker's by now", job->id);
    err->name = "lease-lost";
    return err_remedy(err, "this worker was away for longer than its lease; "
                           "the other goes on where the ledger stands");
}

/* ---- waking ------------------------------------------------------------ */

void jobs_init(struct jobs *j, const struct jobs_ops *ops)
{
    pthread_condattr_t monotonic;

    j->ops = ops;
    j->lease_us = JOBS_LEASE_US;
    j->news = 1;
    pthread_mutex_init(&j->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&j->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void jobs_release(struct jobs *j)
{
    pthread_cond_destroy(&j->changed);
    pthread_mutex_destroy(&j->lock);
}

void jobs_set_lease(struct jobs *j, int64_t lease_us)
{
    j->lease_us = lease_us;
}

void jobs_wake(struct jobs *j)
{
    pthread_mutex_lock(&j->lock);
    j->news++;
    pthread_cond_broadcast(&j->changed);
    pthread_mutex_unlock(&j->lock);
}

uint64_t jobs_news(struct jobs *j)
{
    uint64_t news;

    pthread_mutex_lock(&j->lock);
    news = j->news;
    pthread_mutex_unlock(&j->lock);
    return news;
}

bool jobs_wait(struct jobs *j, uint64_t seen, int64_t timeout_us)
{
    int64_t until = timestamp_monotonic() + timeout_us;
    const struct timespec at = {
        .tv_sec = until / TIMESTAMP_SECOND,
        .tv_nsec = until % TIMESTAMP_SECOND * 1000,
    };
    int rc = 0;
    bool news;

    pthread_mutex_lock(&j->lock);
    while (j->news == seen && rc == 0)
        rc = pthread_cond_timedwait(&j->changed, &j->lock, &at);
    news = j->news != seen;
    pthread_mutex_unlock(&j->lock);
    return news;
}

/* ---- operations --------------------------------------------------------- */

void jobs_free(struct jobs *j)
{
    if (j != NULL)
        j->ops->free(j);
}

/* What was done is durable; somebody may have something to do now. */
static int done(struct jobs *j, int result)
{
    if (result < 0)
        return -1;
    step("job");
    jobs_wake(j);
    return 0;
}

int jobs_add(struct jobs *j, const struct job *job, int64_t *ret_id,
             struct err *err)
{
    if (store_check(err, "host", job->host, STORE_EXCHANGE_NAME_MAX) < 0 ||
        store_check(err, "kind of pass", job->kind, STORE_NAME_MAX) < 0)
        return -1;
    return done(j, j->ops->add(j, job, ret_id, err));
}

int jobs_list(struct jobs *j, const struct jobs_which *which, GPtrArray **ret,
              struct err *err)
{
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func((GDestroyNotify)job_free);

    if (j->ops->list(j, which, found, err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

int jobs_last(struct jobs *j, int64_t mailbox_id, const char *kind,
              struct job **ret, struct err *err)
{
    return j->ops->last(j, mailbox_id, kind, ret, err);
}

int jobs_do(struct jobs *j, enum jobs_verb verb, const struct jobs_which *which,
            size_t *ret_n, struct err *err)
{
    size_t n = 0;

    if (done(j, j->ops->verb(j, verb, which, &n, err)) < 0)
        return -1;
    if (ret_n != NULL)
        *ret_n = n;
    return 0;
}

int jobs_limit_migration(struct jobs *j, int64_t migration_id,
                         unsigned int most, const char *only, struct err *err)
{
    if (jobs_check_hours(only, err) < 0)
        return -1;
    return done(j, j->ops->limit_migration(j, migration_id, most, only, err));
}

int jobs_limit_host(struct jobs *j, const char *host, unsigned int most,
                    const char *quiet, struct err *err)
{
    if (store_check(err, "host", host, STORE_EXCHANGE_NAME_MAX) < 0 ||
        jobs_check_hours(quiet, err) < 0)
        return -1;
    return done(j, j->ops->limit_host(j, host, most, quiet, err));
}

static void host_free(void *p)
{
    struct jobs_host *h = p;

    g_free(h->name);
    g_free(h->quiet);
    g_free(h);
}

int jobs_hosts(struct jobs *j, GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(host_free);

    if (j->ops->hosts(j, found, err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

int jobs_claim(struct jobs *j, const char *worker, int64_t now_us,
               struct job **ret, struct err *err)
{
    int found;

    if (store_check(err, "worker's name", worker, STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    found = j->ops->claim(j, worker, now_us, ret, err);
    if (found > 0)
        step("claim");
    return found;
}

int jobs_renew(struct jobs *j, const struct job *job, int64_t now_us,
               struct jobs_renewed *ret, struct err *err)
{
    return j->ops->renew(j, job, now_us, ret, err);
}

int jobs_end(struct jobs *j, const struct job *job, const struct jobs_end *end,
             struct err *err)
{
    g_assert(end->state == JOB_QUEUED || end->state == JOB_DONE ||
             end->state == JOB_FAILED);
    return done(j, j->ops->end(j, job, end, err));
}

int jobs_beat(struct jobs *j, const char *worker, int64_t now_us,
              const struct jobs_tally *tally, bool *ret_draining,
              struct err *err)
{
    if (store_check(err, "worker's name", worker, STORE_EXCHANGE_NAME_MAX) < 0)
        return -1;
    return j->ops->beat(j, worker, now_us, tally, ret_draining, err);
}

int jobs_leave(struct jobs *j, const char *worker, int64_t seen_before_us,
               struct err *err)
{
    return j->ops->leave(j, worker, seen_before_us, err);
}

int jobs_count(struct jobs *j, const struct jobs_which *which,
               struct jobs_numbers *ret, struct err *err)
{
    struct jobs_numbers n = { 0 };

    if (j->ops->count(j, which, &n, err) < 0)
        return -1;
    *ret = n;
    return 0;
}

int jobs_drain(struct jobs *j, const char *worker, bool draining,
               struct err *err)
{
    return done(j, j->ops->drain(j, worker, draining, err));
}

int jobs_workers(struct jobs *j, GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(worker_free);

    if (j->ops->workers(j, found, err) < 0)
        return -1;
    *ret = g_steal_pointer(&found);
    return 0;
}

bool jobs_worker_takes(const struct jobs_worker *w, int64_t now_us)
{
    return now_us - w->seen_us < JOBS_GONE_US && !w->draining &&
           w->tally.at_once > 0;
}

int jobs_unattended(struct jobs *j, int64_t now_us, uint64_t *ret,
                    struct err *err)
{
    g_autoptr(GPtrArray) workers = NULL;
    uint64_t n = 0;

    if (jobs_workers(j, &workers, err) < 0)
        return -1;
    for (guint i = 0; i < workers->len; i++) {
        if (jobs_worker_takes(workers->pdata[i], now_us)) {
            *ret = 0;
            return 0;
        }
    }
    if (j->ops->waiting(j, now_us, &n, err) < 0)
        return -1;
    *ret = n;
    return 0;
}
