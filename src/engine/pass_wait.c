#include "base/timestamp.h"
#include "engine/backoff.h"
#include "engine/pass.h"

/* The longest back-off of our own; a server's own word may be longer. */
#define WAIT_MAX_US (60 * TIMESTAMP_SECOND)
/* Failures of one call that concern no more than a folder or an item. */
#define CALL_TRIES 8
/* How late a cancel may be noticed by a thread that waits. */
#define GLANCE_US INT64_C(100000)
/* A shorter wait is no state that a person would want to see. */
#define THROTTLED_US TIMESTAMP_SECOND
/* Who reads the log is told of what holds the mailbox up so often at most. */
#define TELL_EVERY_US (900 * TIMESTAMP_SECOND)

/* ---- stopping ---------------------------------------------------- */

void pass_stop(struct pass *p, const struct err *why)
{
    pthread_mutex_lock(&p->lock);
    if (!p->stopped)
        p->cause = *why;
    p->stopped = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

bool pass_is_cancelled(const struct pass *p)
{
    return cancel_level(p->job->cancel) >= CANCEL_DRAIN;
}

static bool is_stopped(struct pass *p)
{
    bool stopped;

    pthread_mutex_lock(&p->lock);
    stopped = p->stopped;
    pthread_mutex_unlock(&p->lock);
    return stopped;
}

bool pass_is_over(struct pass *p)
{
    return pass_is_cancelled(p) || is_stopped(p);
}

bool pass_is_halted(struct pass *p)
{
    return cancel_level(p->job->cancel) >= CANCEL_NOW || is_stopped(p);
}

int pass_interrupted(struct pass *p, struct err *err)
{
    bool stopped;

    pthread_mutex_lock(&p->lock);
    stopped = p->stopped;
    if (stopped)
        *err = p->cause;
    pthread_mutex_unlock(&p->lock);
    if (stopped) {
        err->scope = MAX(err->scope, ERR_MAILBOX);
        return -1;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NOW, 0, "interrupted");
    err->name = "interrupted";
    return -1;
}

void pass_unlisted(struct pass *p, const struct err *why)
{
    pthread_mutex_lock(&p->lock);
    if (!p->unlisted)
        p->unlisted_why = *why;
    p->unlisted = true;
    pthread_mutex_unlock(&p->lock);
}

void pass_failed(struct pass *p, const struct err *why)
{
    /* Whatever breaks while everything is being torn down is no cause. */
    if (!pass_is_cancelled(p))
        pass_stop(p, why);
}

/* ---- waiting ----------------------------------------------------- */

void pass_wait(struct pass *p, int64_t until_us)
{
    struct timespec ts = {
        .tv_sec = (time_t)(until_us / TIMESTAMP_SECOND),
        .tv_nsec = (long)(until_us % TIMESTAMP_SECOND) * 1000,
    };

    pthread_cond_timedwait(&p->changed, &p->lock, &ts);
}

void pass_watch(struct pass *p, int64_t until_us)
{
    pass_wait(p, MIN(until_us, timestamp_monotonic() + GLANCE_US));
}

bool pass_sleep(struct pass *p, int64_t us)
{
    int64_t until = timestamp_monotonic() + us;
    bool over = false;

    pthread_mutex_lock(&p->lock);
    while (timestamp_monotonic() < until && !over) {
        over = p->stopped || pass_is_cancelled(p);
        if (!over)
            pass_watch(p, until);
    }
    pthread_mutex_unlock(&p->lock);
    return !over;
}

/* ---- patience ---------------------------------------------------- */

int64_t pass_backoff(struct pass *p, unsigned int failures,
                     const struct err *why)
{
    const struct backoff b = { p->options.retry_wait_us, WAIT_MAX_US };
    int64_t floor_us =
        why->retry == ERR_RETRY_WAIT ? (int64_t)why->wait_ms * 1000 : 0;
    double dice;

    pthread_mutex_lock(&p->lock);
    dice = g_rand_double(p->dice);
    pthread_mutex_unlock(&p->lock);
    return backoff_us(&b, failures, floor_us, dice);
}

/* Time in which nothing may be asked of a side is no trial of patience. */
static int64_t quiet_us(struct pass *p)
{
    struct hands h = pass_own_hands(p);
    struct endpoint_stats source, destination;

    endpoint_stats(h.at[SOURCE], &source);
    endpoint_stats(h.at[DESTINATION], &destination);
    return MAX(source.quiet_us, destination.quiet_us);
}

bool pass_has_lost_patience(struct pass *p)
{
    int64_t quiet = quiet_us(p), since;

    pthread_mutex_lock(&p->lock);
    since = timestamp_monotonic() - p->progress_us;
    since -= MAX(quiet - p->quiet_us, 0);
    pthread_mutex_unlock(&p->lock);
    return since > p->options.patience_us;
}

/* The state is for people: the pass goes on without it. */
static void show_state(struct pass *p, enum mailbox_state state)
{
    struct err why;

    if (p->job->options.dry_run || p->record.id == 0 ||
        p->working == MAILBOX_N_STATES)
        return;
    if (pass_set_state(p, state, NULL, NULL, &why) < 0)
        pass_failed(p, &why);
}

/* True, and since when (wall clock), when a wait is long enough to be told. */
static bool is_worth_telling(struct pass *p, int64_t wait_us,
                             int64_t *ret_since)
{
    int64_t now = timestamp_monotonic();
    bool tell;

    pthread_mutex_lock(&p->lock);
    if (p->waiting_us == 0)
        p->waiting_us = now;
    tell = now + wait_us - p->waiting_us >= THROTTLED_US &&
           (p->told_us == 0 || now - p->told_us >= TELL_EVERY_US);
    if (tell) {
        p->told = true;
        p->told_us = now;
    }
    *ret_since = p->begun_us + p->waiting_us - p->began_us;
    pthread_mutex_unlock(&p->lock);
    return tell;
}

static void tell_wait(struct pass *p, enum side side, const struct err *why,
                      int64_t wait_us)
{
    g_autofree char *since = NULL, *text = NULL;
    int64_t since_us;

    if (!is_worth_telling(p, wait_us, &since_us))
        return;
    since = timestamp_format(since_us);
    text = g_strdup_printf("waiting for the %s since %s: %s", side_name(side),
                           since, why->msg);
    pass_event(p, &(struct engine_event){ .kind = ENGINE_NOTE, .text = text });
}

static void tell_progress(struct pass *p, int64_t waited_us)
{
    g_autofree char *lasted = timestamp_duration(waited_us);
    g_autofree char *text =
        g_strdup_printf("goes on after a wait of %s", lasted);

    pass_event(p, &(struct engine_event){ .kind = ENGINE_NOTE, .text = text });
}

static void park_until(struct pass *p, enum side side, const struct err *why,
                       int64_t wait_us)
{
    g_autofree char *text =
        g_strdup_printf("%s: %s", side_name(side), why->msg);
    int64_t until = timestamp_monotonic() + wait_us;
    bool newly;

    pthread_mutex_lock(&p->lock);
    p->parked_until_us = MAX(p->parked_until_us, until);
    newly = !p->throttled && wait_us >= THROTTLED_US;
    p->throttled = p->throttled || newly;
    pthread_mutex_unlock(&p->lock);
    pass_event(p,
               &(struct engine_event){ .kind = ENGINE_PARKED, .text = text });
    tell_wait(p, side, why, wait_us);
    if (newly)
        show_state(p, MAILBOX_THROTTLED);
}

int64_t pass_park(struct pass *p, enum side side, const struct err *why)
{
    unsigned int parks;
    int64_t wait_us;

    pthread_mutex_lock(&p->lock);
    /* What all lanes run into at once is one failure, not eight. */
    if (timestamp_monotonic() >= p->parked_until_us)
        p->parks++;
    parks = p->parks;
    pthread_mutex_unlock(&p->lock);
    wait_us = pass_backoff(p, MAX(parks, 1), why);
    park_until(p, side, why, wait_us);
    if (pass_has_lost_patience(p))
        pass_failed(p, why);
    return wait_us;
}

bool pass_endure(struct pass *p, enum side side, unsigned int *failures,
                 const struct err *why)
{
    enum policy policy = policy_of(why);
    int64_t wait_us;

    if ((policy != POLICY_PAUSE && policy != POLICY_LATER) || pass_is_over(p))
        return false;
    ++*failures;
    if (policy == POLICY_LATER && *failures >= CALL_TRIES)
        return false;
    if (pass_has_lost_patience(p))
        return false;
    wait_us = pass_backoff(p, *failures, why);
    if (policy == POLICY_PAUSE)
        park_until(p, side, why, wait_us);
    return pass_sleep(p, wait_us);
}

void pass_progress(struct pass *p)
{
    int64_t quiet = quiet_us(p), waited_us = 0;
    bool back;

    pthread_mutex_lock(&p->lock);
    p->progress_us = timestamp_monotonic();
    p->quiet_us = quiet;
    if (p->told)
        waited_us = p->progress_us - p->waiting_us;
    p->waiting_us = 0;
    p->told = false;
    p->parks = 0;
    back = p->throttled;
    p->throttled = false;
    pthread_mutex_unlock(&p->lock);
    if (waited_us > 0)
        tell_progress(p, waited_us);
    if (back)
        show_state(p, p->working);
}
