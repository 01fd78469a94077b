#include "net/governor.h"

#include <errno.h>
#include <pthread.h>

#include "base/timestamp.h"
#include "net/governor_window.h"

#define CEILING_DEFAULT  8
#define HOST_CAP_DEFAULT 32
#define BACKOFF_FLOOR_MS 500
#define BACKOFF_MAX_MS   (5u * 60 * 1000)
/* How soon a waiter notices that it is to stop. */
#define CANCEL_POLL_US (TIMESTAMP_SECOND / 10)

struct host {
    unsigned int in_flight;
    struct governor_stats stats;
};

/* What a server charges requests to. */
struct budget {
    struct host *host;
    struct governor_window window;
    unsigned int in_flight;
    int64_t parked_until_us; /* monotonic; 0: not parked */
    uint32_t backoff_ms;     /* our own next one; grows while it is busy */
};

/* One who waits; in the order of their coming. */
struct waiter {
    struct budget *budget;
    bool admitted;
};

struct governor {
    struct governor_config config;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    GHashTable *hosts;   /* name -> struct host */
    GHashTable *budgets; /* "host\nbudget" -> struct budget */
    GQueue waiters;      /* of struct waiter, on their stacks */
};

struct governor *governor_new(const struct governor_config *config)
{
    struct governor *g = g_new0(struct governor, 1);
    pthread_condattr_t attr;

    g->config = (struct governor_config){
        .ceiling = config->ceiling ? config->ceiling : CEILING_DEFAULT,
        .host_cap = config->host_cap ? config->host_cap : HOST_CAP_DEFAULT,
        .backoff_floor_ms = config->backoff_floor_ms ? config->backoff_floor_ms
                                                     : BACKOFF_FLOOR_MS,
        .backoff_max_ms =
            config->backoff_max_ms ? config->backoff_max_ms : BACKOFF_MAX_MS,
    };
    g->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g->budgets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_queue_init(&g->waiters);
    pthread_mutex_init(&g->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&g->changed, &attr);
    pthread_condattr_destroy(&attr);
    return g;
}

void governor_free(struct governor *g)
{
    if (g == NULL)
        return;
    g_assert(g_queue_is_empty(&g->waiters));
    g_hash_table_unref(g->budgets);
    g_hash_table_unref(g->hosts);
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
    g_free(g);
}

static struct host *host_of(struct governor *g, const char *name)
{
    struct host *h = g_hash_table_lookup(g->hosts, name);

    if (h == NULL) {
        h = g_new0(struct host, 1);
        g_hash_table_insert(g->hosts, g_strdup(name), h);
    }
    return h;
}

static struct budget *budget_of(struct governor *g, const char *host,
                                const char *name, int64_t now_us)
{
    g_autofree char *key = g_strconcat(host, "\n", name, NULL);
    struct budget *b = g_hash_table_lookup(g->budgets, key);

    if (b == NULL) {
        b = g_new0(struct budget, 1);
        b->host = host_of(g, host);
        b->backoff_ms = g->config.backoff_floor_ms;
        governor_window_init(&b->window, g->config.ceiling, now_us);
        g_hash_table_insert(g->budgets, g_steal_pointer(&key), b);
    }
    return b;
}

static bool is_parked(const struct budget *b, int64_t now_us)
{
    return now_us < b->parked_until_us;
}

static bool has_place(const struct governor *g, const struct budget *b,
                      int64_t now_us)
{
    return !is_parked(b, now_us) && b->in_flight < b->window.limit &&
           b->host->in_flight < g->config.host_cap;
}

/*
 * Give free places to those who wait, in the order of their coming; one whose
 * budget is full does not hold up the others.  Returns whether any was given.
 */
static bool admit(struct governor *g, int64_t now_us)
{
    bool any = false;

    for (GList *l = g->waiters.head; l != NULL; l = l->next) {
        struct waiter *w = l->data;

        if (w->admitted || !has_place(g, w->budget, now_us))
            continue;
        w->admitted = any = true;
        w->budget->in_flight++;
        w->budget->host->in_flight++;
        w->budget->host->stats.in_flight_max = MAX(
            w->budget->host->stats.in_flight_max, w->budget->host->in_flight);
    }
    return any;
}

static void wait_until(struct governor *g, int64_t us)
{
    struct timespec at = {
        .tv_sec = us / TIMESTAMP_SECOND,
        .tv_nsec = us % TIMESTAMP_SECOND * 1000,
    };

    pthread_cond_timedwait(&g->changed, &g->lock, &at);
}

/* How long this one waits at most before it looks again. */
static int64_t next_look(const struct budget *b, int64_t now_us)
{
    int64_t poll_us = now_us + CANCEL_POLL_US;

    return is_parked(b, now_us) ? MIN(b->parked_until_us, poll_us) : poll_us;
}

/* Whether a place was given; the times are added to *ticket. */
static bool wait_for_place(struct governor *g, struct waiter *w,
                           struct cancel *cancel, enum cancel_level until,
                           struct governor_ticket *ticket)
{
    int64_t now_us = timestamp_monotonic(), before_us;
    bool parked;

    while (!w->admitted) {
        if (admit(g, now_us))
            pthread_cond_broadcast(&g->changed);
        if (w->admitted)
            break;
        if (cancel_level(cancel) >= until)
            return false;
        parked = is_parked(w->budget, now_us);
        if (!parked)
            governor_window_wanted(&w->budget->window);
        before_us = now_us;
        wait_until(g, next_look(w->budget, now_us));
        now_us = timestamp_monotonic();
        *(parked ? &ticket->throttled_us : &ticket->waited_us) +=
            now_us - before_us;
    }
    return true;
}

int governor_enter(struct governor *g, const char *host, const char *budget,
                   struct cancel *cancel, enum cancel_level until,
                   struct governor_ticket *ret, struct err *err)
{
    struct governor_ticket ticket = { .governor = g };
    struct waiter w = { 0 };
    bool given;

    pthread_mutex_lock(&g->lock);
    w.budget = budget_of(g, host, budget, timestamp_monotonic());
    g_queue_push_tail(&g->waiters, &w);
    given = wait_for_place(g, &w, cancel, until, &ticket);
    g_queue_remove(&g->waiters, &w);
    w.budget->host->stats.throttled_us += ticket.throttled_us;
    ticket.budget = w.budget;
    ticket.entered_us = timestamp_monotonic();
    pthread_mutex_unlock(&g->lock);
    if (!given) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, ECANCELED,
                "stopped while waiting for a turn");
        err->name = "cancelled";
        return -1;
    }
    *ret = ticket;
    return 0;
}

/*
 * The server's own word counts, with a floor, since it may be 0; where it
 * gives none, ours grows with each busy answer.  Full jitter above the floor,
 * so that many workers do not come back at once.
 */
static void park(struct governor *g, struct budget *b, uint32_t wait_ms,
                 int64_t now_us)
{
    uint32_t floor_ms = g->config.backoff_floor_ms;
    uint32_t own_ms =
        floor_ms + (uint32_t)g_random_int_range(0, (gint32)b->backoff_ms + 1);
    uint32_t ms = wait_ms > 0 ? MAX(wait_ms, floor_ms) : own_ms;
    int64_t until_us = now_us + (int64_t)ms * 1000;

    b->parked_until_us = MAX(b->parked_until_us, until_us);
    b->backoff_ms = MIN(b->backoff_ms * 2, g->config.backoff_max_ms);
    b->host->stats.parked_until_us =
        MAX(b->host->stats.parked_until_us, b->parked_until_us);
}

static void learn(struct governor *g, struct budget *b,
                  const struct governor_report *report, int64_t now_us)
{
    switch (report->outcome) {
    case GOVERNOR_OK:
        b->backoff_ms = g->config.backoff_floor_ms;
        governor_window_ok(&b->window, report->bytes, now_us);
        break;
    case GOVERNOR_BUSY:
        b->host->stats.busy++;
        /* Many in flight are refused together: that is one refusal. */
        if (!is_parked(b, now_us))
            governor_window_busy(&b->window, now_us);
        park(g, b, report->wait_ms, now_us);
        break;
    case GOVERNOR_LOST:
        break;
    }
}

void governor_leave(struct governor_ticket *ticket,
                    const struct governor_report *report)
{
    struct governor *g = ticket->governor;
    struct budget *b = ticket->budget;
    int64_t now_us = timestamp_monotonic();

    pthread_mutex_lock(&g->lock);
    g_assert(b->in_flight > 0 && b->host->in_flight > 0);
    b->in_flight--;
    b->host->in_flight--;
    b->host->stats.requests++;
    b->host->stats.working_us += now_us - ticket->entered_us;
    learn(g, b, report, now_us);
    if (admit(g, now_us))
        pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    ticket->governor = NULL;
}

void governor_stats(struct governor *g, const char *host,
                    struct governor_stats *ret)
{
    const struct host *h;

    pthread_mutex_lock(&g->lock);
    h = g_hash_table_lookup(g->hosts, host);
    *ret = h != NULL ? h->stats : (struct governor_stats){ 0 };
    if (h != NULL)
        ret->in_flight = h->in_flight;
    if (ret->parked_until_us <= timestamp_monotonic())
        ret->parked_until_us = 0;
    pthread_mutex_unlock(&g->lock);
}
