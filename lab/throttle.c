#include "lab/throttle.h"

#include <pthread.h>

/* Exchange never asks for less than this when it refuses by budget. */
#define BACK_OFF_MIN_US INT64_C(10000)

struct budget {
    unsigned int flying, flying_sync;
    int64_t balance_us;
    int64_t filled_at; /* when the balance was last brought up to date */
};

struct throttle {
    pthread_mutex_t lock;
    struct throttle_options options;
    struct throttle_clock clock;
    GHashTable *budgets;        /* name: struct budget */
    int64_t free_up, free_down; /* when the link is free again */
    GRand *rand;                /* for the jitter */
};

struct throttle *throttle_new(const struct throttle_options *options,
                              const struct throttle_clock *clock)
{
    struct throttle *t = g_new0(struct throttle, 1);

    pthread_mutex_init(&t->lock, NULL);
    t->options = *options;
    t->clock = *clock;
    t->rand = g_rand_new_with_seed(1);
    t->budgets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return t;
}

void throttle_free(struct throttle *t)
{
    if (t == NULL)
        return;
    g_hash_table_unref(t->budgets);
    g_rand_free(t->rand);
    pthread_mutex_destroy(&t->lock);
    g_free(t);
}

void throttle_set(struct throttle *t, const struct throttle_options *options)
{
    pthread_mutex_lock(&t->lock);
    t->options = *options;
    pthread_mutex_unlock(&t->lock);
}

void throttle_get(struct throttle *t, struct throttle_options *ret)
{
    pthread_mutex_lock(&t->lock);
    *ret = t->options;
    pthread_mutex_unlock(&t->lock);
}

/* ---- budgets ------------------------------------------------------- */

static struct budget *budget_of(struct throttle *t, const char *name,
                                int64_t now)
{
    struct budget *b = g_hash_table_lookup(t->budgets, name);

    if (b != NULL)
        return b;
    b = g_new0(struct budget, 1);
    b->balance_us = t->options.burst_us;
    b->filled_at = now;
    g_hash_table_insert(t->budgets, g_strdup(name), b);
    return b;
}

static void refill(const struct throttle *t, struct budget *b, int64_t now)
{
    double grown =
        (double)(now - b->filled_at) / 1e6 * (double)t->options.recharge_us;

    b->filled_at = now;
    b->balance_us = MIN(b->balance_us + (int64_t)grown, t->options.burst_us);
}

static int refuse_busy(const struct throttle *t, const struct budget *b,
                       struct problem *p)
{
    int64_t debt = -b->balance_us - t->options.cutoff_us;
    int64_t wait =
        t->options.recharge_us > 0
            ? (int64_t)((double)debt * 1e6 / (double)t->options.recharge_us)
            : debt;
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT,
               (MAX(wait, BACK_OFF_MIN_US) + 999) / 1000);
    problem_fault(p, "ErrorServerBusy");
    return problem_value(p, "BackOffMilliseconds", text);
}

/* With the lock held.  *ret_delay_us: to be slept without it. */
static int admit(struct throttle *t, struct budget *b, bool sync,
                 int64_t *ret_delay_us, struct problem *p)
{
    const struct throttle_options *o = &t->options;

    if (o->concurrency > 0 && b->flying >= o->concurrency)
        return problem_fault(p, "ErrorExceededConnectionCount");
    if (sync && o->sync_calls > 0 && b->flying_sync >= o->sync_calls) {
        problem_fault(p, "ErrorServerBusy");
        return problem_value(p, "BackOffMilliseconds", "0");
    }
    if (o->burst_us > 0) {
        refill(t, b, t->clock.now(t->clock.data));
        if (b->balance_us < -o->cutoff_us)
            return refuse_busy(t, b, p);
        if (b->balance_us < 0)
            *ret_delay_us = o->delay_us;
    }
    b->flying++;
    b->flying_sync += sync ? 1 : 0;
    return 0;
}

int throttle_enter(struct throttle *t, const char *budget, bool sync,
                   struct throttle_ticket *ret, struct problem *p)
{
    int64_t now = t->clock.now(t->clock.data), delay_us = 0;
    int status;

    pthread_mutex_lock(&t->lock);
    status = admit(t, budget_of(t, budget, now), sync, &delay_us, p);
    pthread_mutex_unlock(&t->lock);
    if (status < 0)
        return -1;
    if (delay_us > 0)
        t->clock.sleep(t->clock.data, delay_us);
    ret->budget = g_strdup(budget);
    ret->sync = sync;
    ret->since_us = t->clock.now(t->clock.data);
    ret->started_us = ret->since_us;
    ret->charged_us = 0;
    ret->delayed_us = delay_us;
    return 0;
}

struct throttle_times throttle_times(struct throttle_ticket *ticket)
{
    struct throttle_times times = { ticket->charged_us, ticket->delayed_us };

    ticket->charged_us = 0;
    ticket->delayed_us = 0;
    return times;
}

/* With the lock held: the time since it was last charged. */
static struct budget *charge(struct throttle *t, struct throttle_ticket *ticket)
{
    int64_t now = t->clock.now(t->clock.data);
    struct budget *b = budget_of(t, ticket->budget, now);

    if (t->options.burst_us > 0)
        b->balance_us -= now - ticket->since_us;
    ticket->charged_us += now - ticket->since_us;
    ticket->since_us = now;
    return b;
}

void throttle_item(struct throttle *t, struct throttle_ticket *ticket)
{
    int64_t delay_us = 0;
    struct budget *b;

    pthread_mutex_lock(&t->lock);
    b = charge(t, ticket);
    if (t->options.burst_us > 0) {
        refill(t, b, ticket->since_us);
        delay_us = b->balance_us < 0 ? t->options.delay_us : 0;
    }
    pthread_mutex_unlock(&t->lock);
    if (delay_us <= 0)
        return;
    t->clock.sleep(t->clock.data, delay_us);
    ticket->delayed_us += delay_us;
    /* waiting is no use of the server */
    ticket->since_us = t->clock.now(t->clock.data);
}

bool throttle_batch_over(struct throttle *t,
                         const struct throttle_ticket *ticket)
{
    struct throttle_options o;

    throttle_get(t, &o);
    return o.batch_us > 0 &&
           t->clock.now(t->clock.data) - ticket->started_us > o.batch_us;
}

void throttle_leave(struct throttle *t, struct throttle_ticket *ticket)
{
    struct budget *b;

    pthread_mutex_lock(&t->lock);
    b = charge(t, ticket);
    b->flying--;
    b->flying_sync -= ticket->sync ? 1 : 0;
    pthread_mutex_unlock(&t->lock);
    g_clear_pointer(&ticket->budget, g_free);
}

/* ---- the link ------------------------------------------------------ */

/* Transfers queue for the link: each begins when the one before has ended. */
static void transfer(struct throttle *t, int64_t *free_at, size_t bytes)
{
    int64_t now = t->clock.now(t->clock.data), until = now;

    pthread_mutex_lock(&t->lock);
    if (t->options.bytes_per_second > 0) {
        until =
            MAX(now, *free_at) + (int64_t)((double)bytes * 1e6 /
                                           (double)t->options.bytes_per_second);
        *free_at = until;
    }
    pthread_mutex_unlock(&t->lock);
    if (until > now)
        t->clock.sleep(t->clock.data, until - now);
}

void throttle_upstream(struct throttle *t, size_t bytes)
{
    transfer(t, &t->free_up, bytes);
}

void throttle_downstream(struct throttle *t, size_t bytes)
{
    transfer(t, &t->free_down, bytes);
}

void throttle_round_trip(struct throttle *t)
{
    int64_t us;

    pthread_mutex_lock(&t->lock);
    us = t->options.round_trip_us;
    if (t->options.jitter_us > 0)
        us += (int64_t)g_rand_double_range(t->rand, 0,
                                           (double)t->options.jitter_us);
    pthread_mutex_unlock(&t->lock);
    if (us > 0)
        t->clock.sleep(t->clock.data, us);
}
