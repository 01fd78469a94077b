#include "fleet/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "base/token.h"
#include "fleet/worker_priv.h"

/* How soon a signal is seen, and how often a claim is tried unasked. */
#define LOOK_US  (TIMESTAMP_SECOND / 4)
#define CLAIM_US (5 * TIMESTAMP_SECOND)
/* A worker that was not seen for so long is no longer listed. */
#define FORGET_US     TIMESTAMP_DAY
#define DRAIN_WAIT_US (TIMESTAMP_SECOND / 20)

char *worker_name(void)
{
    char host[256] = "localhost";

    (void)gethostname(host, sizeof(host) - 1); /* the rest tells it apart */
    return g_strdup_printf("%s:%d:%04x", host, (int)getpid(),
                           (unsigned int)(timestamp_now() >> 10) & 0xffff);
}

struct worker *worker_new(const struct worker_config *config)
{
    struct worker *w = g_new0(struct worker, 1);
    pthread_condattr_t monotonic;

    w->c = *config;
    if (w->c.lease_us == 0)
        w->c.lease_us = JOBS_LEASE_US;
    jobs_set_lease(w->c.jobs, w->c.lease_us);
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->slots = g_ptr_array_new();
    w->meter = meter_new();
    w->sampler = sampler_new();
    atomic_store(&w->ahead_us, timestamp_now() - timestamp_monotonic());
    return w;
}

void worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    g_assert(w->slots->len == 0);
    g_ptr_array_unref(w->slots);
    meter_free(w->meter);
    sampler_free(w->sampler);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    g_free(w);
}

void worker_tally(struct worker *w, struct jobs_tally *ret)
{
    *ret = (struct jobs_tally){
        .at_once = w->c.at_once,
        .ended = atomic_load(&w->ended),
        .leases_lost = atomic_load(&w->leases_lost),
        .late_writes = database_late_writes(w->c.database),
        .items = atomic_load(&w->items),
        .bytes = atomic_load(&w->bytes),
    };
    pthread_mutex_lock(&w->lock);
    for (guint i = 0; i < w->slots->len; i++)
        ret->running += !((struct worker_slot *)w->slots->pdata[i])->over;
    pthread_mutex_unlock(&w->lock);
}

/* ---- what time it is ---------------------------------------------------- */

/* While the database is away its last word on it holds. */
static void set_clock(struct worker *w)
{
    int64_t now_us;
    struct err err;

    if (database_clock(w->c.database, &now_us, &err) == 0)
        atomic_store(&w->ahead_us, now_us - timestamp_monotonic());
}

int64_t worker_clock(struct worker *w)
{
    return timestamp_monotonic() + atomic_load(&w->ahead_us);
}

/* ---- renewing ---------------------------------------------------------- */

/* Raise what is wanted of it; under the lock. */
static void stop_slot(struct worker_slot *s, enum cancel_level level)
{
    s->wanted = MAX(s->wanted, level);
    while (s->cancel != NULL && cancel_level(s->cancel) < s->wanted)
        cancel_request(s->cancel);
}

void worker_slot_lost(struct worker_slot *s)
{
    log_line(s->w->c.log, LOG_WARNING, NULL,
             "job %" G_GINT64_FORMAT " is another worker's by now: this one "
             "was away for longer than its lease",
             s->job->id);
    atomic_fetch_add(&s->w->leases_lost, 1);
    s->lost = true;
    stop_slot(s, CANCEL_NOW);
}

static void heed(struct worker_slot *s, const struct jobs_renewed *r)
{
    s->halt = r->halt;
    if (s->halt != JOB_HALT_NONE)
        stop_slot(s, CANCEL_DRAIN);
    if (r->version == s->version)
        return;
    s->version = r->version;
    s->again = true;
    /* what is under way ends its batches, and goes on with the new options */
    if (s->cancel != NULL && cancel_level(s->cancel) == CANCEL_NONE)
        cancel_request(s->cancel);
}

/* Under the lock, but for the time that the database takes. */
static void renew(struct worker_slot *s)
{
    struct worker *w = s->w;
    struct jobs_renewed renewed;
    struct err err;
    int result;

    if (s->ended || s->lost)
        return;
    s->job->moved_us = atomic_load(&s->moved_us);
    pthread_mutex_unlock(&w->lock);
    result = jobs_renew(w->c.jobs, s->job, worker_clock(w), &renewed, &err);
    pthread_mutex_lock(&w->lock);
    if (s->ended || s->lost)
        return;
    if (result == 0)
        heed(s, &renewed);
    else if (g_strcmp0(err.name, "lease-lost") == 0)
        worker_slot_lost(s);
    /* else the database is away: what is written meanwhile fails by itself */
}

/* Under the lock, which is given away now and then: what is held stays. */
static void renew_all(struct worker *w)
{
    g_autoptr(GPtrArray) all = g_ptr_array_copy(w->slots, NULL, NULL);
    bool room = false;

    for (guint i = 0; i < all->len; i++)
        ((struct worker_slot *)all->pdata[i])->held = true;
    for (guint i = 0; i < all->len; i++) {
        struct worker_slot *s = all->pdata[i];

        renew(s);
        s->held = false;
        room |= s->over;
    }
    if (room)
        jobs_wake(w->c.jobs);
}

/* Quiet hours begin for what is under way, too. */
static void tell_hosts(struct worker *w)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (w->c.doors->hosts == NULL || jobs_hosts(w->c.jobs, &all, &err) < 0)
        return; /* the database is away: as it was */
    w->c.doors->hosts(w->c.doors->data, all);
}

static void put_loads(struct worker *w, const GPtrArray *all)
{
    struct err err;

    if (all->len == 0 && !w->loads_told)
        return;
    for (guint i = 0; i < all->len; i++) {
        struct migration_load *l = all->pdata[i];

        if (l->parked_until_us != 0)
            l->parked_until_us += atomic_load(&w->ahead_us);
    }
    if (migrations_set_loads(w->c.migrations, w->c.name, all, &err) < 0)
        return; /* the database is away: as it was */
    w->loads_told = all->len > 0;
}

/* What was found at hosts meanwhile, and what went on: for whoever looks. */
static void tell_loads(struct worker *w)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_load_free);

    if (w->c.doors->loads != NULL) {
        w->c.doors->loads(w->c.doors->data, all);
        put_loads(w, all);
    }
    sampler_record(w->sampler, w->c.database, all, worker_clock(w));
}

static void beat(struct worker *w)
{
    struct jobs_tally tally;
    bool draining = false;
    struct err err;

    worker_tally(w, &tally);
    if (tally.late_writes > w->late_writes)
        log_line(w->c.log, LOG_WARNING, NULL,
                 "late writes refused: %" G_GUINT64_FORMAT, tally.late_writes);
    w->late_writes = tally.late_writes;
    if (jobs_beat(w->c.jobs, w->c.name, worker_clock(w), &tally, &draining,
                  &err) < 0)
        return; /* as above */
    pthread_mutex_lock(&w->lock);
    if (draining != w->draining)
        log_line(w->c.log, LOG_INFO, NULL,
                 draining ? "draining: an operator said so"
                          : "an operator lets it go on");
    w->draining = draining;
    pthread_mutex_unlock(&w->lock);
}

/* Until that time or until the worker stops; under the lock. */
static bool sleep_until(struct worker *w, int64_t until_us)
{
    const struct timespec at = {
        .tv_sec = until_us / TIMESTAMP_SECOND,
        .tv_nsec = until_us % TIMESTAMP_SECOND * 1000,
    };
    int rc = 0;

    while (!w->stopping && rc == 0)
        rc = pthread_cond_timedwait(&w->changed, &w->lock, &at);
    return !w->stopping;
}

static void *keep_leases(void *data)
{
    struct worker *w = data;

    for (;;) {
        bool on;

        set_clock(w);
        beat(w);
        tell_loads(w);
        tell_hosts(w);
        pthread_mutex_lock(&w->lock);
        renew_all(w);
        on = sleep_until(w, timestamp_monotonic() + w->c.lease_us / 3);
        pthread_mutex_unlock(&w->lock);
        if (!on)
            return NULL;
    }
}

/* ---- claiming ------------------------------------------------------------ */

static void slot_free(struct worker_slot *s)
{
    cancel_free(s->cancel);
    pthread_mutex_destroy(&s->progress_lock);
    job_free(s->job);
    g_free(s);
}

static int start(struct worker *w, struct job *job, struct err *err)
{
    struct worker_slot *s = g_new0(struct worker_slot, 1);
    bool started;

    *s = (struct worker_slot){ .w = w, .job = job, .version = job->version };
    atomic_init(&s->moved_us, job->moved_us);
    pthread_mutex_init(&s->progress_lock, NULL);
    pthread_mutex_lock(&w->lock);
    started = thread_start(&s->thread, worker_job_run, s, err) == 0;
    if (started)
        g_ptr_array_add(w->slots, s);
    pthread_mutex_unlock(&w->lock);
    if (started)
        return 0;
    slot_free(s); /* its lease runs out, and another worker takes it */
    return -1;
}

/* Threads that have ended; how many still run. */
static guint reap(struct worker *w)
{
    guint left;

    pthread_mutex_lock(&w->lock);
    for (guint i = w->slots->len; i > 0; i--) {
        struct worker_slot *s = w->slots->pdata[i - 1];

        if (!s->over || s->held)
            continue;
        thread_join(&s->thread);
        g_ptr_array_remove_index_fast(w->slots, i - 1);
        slot_free(s);
    }
    left = w->slots->len;
    pthread_mutex_unlock(&w->lock);
    return left;
}

/* While there is room and something to do. */
static int claim_all(struct worker *w, struct err *err)
{
    int found = 1;

    while (found > 0 && reap(w) < w->c.at_once &&
           cancel_level(w->c.cancel) == CANCEL_NONE) {
        struct job *job = NULL;

        found = jobs_claim(w->c.jobs, w->c.name, worker_clock(w), &job, err);
        if (found > 0 && start(w, job, err) < 0)
            found = -1;
    }
    return found < 0 ? -1 : 0;
}

/* As of the last beat. */
static bool is_draining(struct worker *w)
{
    bool draining;

    pthread_mutex_lock(&w->lock);
    draining = w->draining;
    pthread_mutex_unlock(&w->lock);
    return draining;
}

/* As the database has it now: it may have been let go on since. */
static bool is_to_drain(struct worker *w)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (jobs_workers(w->c.jobs, &all, &err) < 0)
        return false; /* the database is away: it is asked again */
    for (guint i = 0; i < all->len; i++) {
        const struct jobs_worker *one = all->pdata[i];

        if (g_str_equal(one->name, w->c.name))
            return one->draining;
    }
    return false;
}

/* Drained, and nothing is left.  Claims of one that stays find nothing. */
static bool has_ended(struct worker *w)
{
    return !w->c.stays && is_draining(w) && reap(w) == 0 && is_to_drain(w);
}

/* Until something happens, or it is time to look by itself. */
static void wait_for_news(struct worker *w, uint64_t seen)
{
    int64_t until = timestamp_monotonic() + MIN(CLAIM_US, w->c.lease_us);

    while (cancel_level(w->c.cancel) == CANCEL_NONE &&
           timestamp_monotonic() < until)
        if (jobs_wait(w->c.jobs, seen, LOOK_US))
            return;
}

static void claim_until_stopped(struct worker *w)
{
    bool told = false;

    while (cancel_level(w->c.cancel) == CANCEL_NONE) {
        uint64_t seen = jobs_news(w->c.jobs);
        struct err err;

        if (has_ended(w))
            return;
        if (claim_all(w, &err) == 0) {
            if (told)
                log_line(w->c.log, LOG_INFO, NULL, "the database is back");
            told = false;
        } else if (!told) {
            log_err(w->c.log, LOG_WARNING, "claiming", &err);
            told = true;
        }
        wait_for_news(w, seen);
    }
}

/* ---- ending -------------------------------------------------------------- */

/* A second signal reaches what is still under way, too. */
static void drain(struct worker *w)
{
    while (reap(w) > 0) {
        pthread_mutex_lock(&w->lock);
        for (guint i = 0; i < w->slots->len; i++)
            stop_slot(w->slots->pdata[i],
                      MAX(cancel_level(w->c.cancel), CANCEL_DRAIN));
        pthread_mutex_unlock(&w->lock);
        g_usleep(DRAIN_WAIT_US);
    }
}

static void leave(struct worker *w)
{
    struct err err;

    if (jobs_leave(w->c.jobs, w->c.name, worker_clock(w) - FORGET_US, &err) < 0)
        log_err(w->c.log, LOG_WARNING, "leaving", &err);
}

int worker_run(struct worker *w, struct err *err)
{
    struct thread keeper = { 0 };

    set_clock(w);
    tell_hosts(w);
    if (thread_start(&keeper, keep_leases, w, err) < 0)
        return -1;
    claim_until_stopped(w);
    drain(w);
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    thread_join(&keeper);
    tell_loads(w); /* what the last ones did since */
    leave(w);
    return 0;
}
