#include "base/timestamp.h"
#include "net/governor_priv.h"

void governor_look_at_the_clock(struct host *h, int64_t now_us)
{
    if (governor_quiet_is_due(&h->quiet, now_us))
        governor_quiet_look(&h->quiet, now_us, timestamp_now());
}

/* ---- what holds requests up ------------------------------------------ */

static struct governor_mark mark_of(const struct budget *b, int64_t now_us)
{
    const struct governor_backoff *backoff = &b->bounds.backoff;

    governor_look_at_the_clock(b->host, now_us);
    return (struct governor_mark){
        .at_us = now_us,
        .parked_us = governor_backoff_parked_us(backoff, now_us),
        .quiet_us = governor_quiet_sum_us(&b->host->quiet, now_us),
        .parked = governor_backoff_is_parked(backoff, now_us),
    };
}

/* Up to now: before anything changes that it is counted by. */
static void count(struct governor_tally *t, int64_t now_us)
{
    const struct budget *b = t->budget;
    const struct governor_mark now = mark_of(b, now_us);

    b->host->stats.throttled_us += governor_tally_count(t, &now);
}

static void leave_budget(struct governor_tally *t, int64_t now_us)
{
    const struct budget *b = t->budget;

    if (b == NULL)
        return;
    g_assert(t->waiting == 0);
    count(t, now_us);
    t->refused = 0;
    t->budget = NULL;
    g_queue_unlink(&b->host->tallies, &t->link);
}

static void join_budget(struct governor_tally *t, struct budget *b,
                        int64_t now_us)
{
    t->budget = b;
    t->counted = mark_of(b, now_us);
    t->link.data = t;
    g_queue_push_tail_link(&b->host->tallies, &t->link);
}

void governor_wait_begins(struct governor_tally *t, struct budget *b,
                          int64_t now_us)
{
    if (t->budget != b) {
        leave_budget(t, now_us);
        join_budget(t, b, now_us);
    }
    count(t, now_us);
    if (t->refused > 0)
        t->refused--;
    t->waiting++;
}

void governor_wait_ends(struct governor_tally *t, int64_t now_us)
{
    count(t, now_us);
    t->waiting--;
}

void governor_wait_count(struct governor_tally *t, const struct budget *b,
                         int64_t now_us)
{
    if (t->budget == b)
        count(t, now_us);
}

/* Nobody would ever say that one without a name does not come any more. */
void governor_wait_refused(struct governor_tally *t, const struct budget *b,
                           int64_t now_us)
{
    if (t->budget == b && t != &b->others &&
        governor_backoff_is_parked(&b->bounds.backoff, now_us))
        t->refused++;
}

/* ---- for whoever asks -------------------------------------------------- */

static void read_host(struct host *h, int64_t now_us,
                      struct governor_stats *ret)
{
    governor_look_at_the_clock(h, now_us);
    for (const GList *l = h->tallies.head; l != NULL; l = l->next)
        count(l->data, now_us);
    *ret = h->stats;
    ret->in_flight = h->in_flight;
    ret->quiet_us = governor_quiet_sum_us(&h->quiet, now_us);
    ret->quiet_until_us = h->quiet.holds ? h->quiet.ends_us : 0;
    if (ret->parked_until_us <= now_us)
        ret->parked_until_us = 0;
}

void governor_stats(struct governor *g, const char *host,
                    struct governor_stats *ret)
{
    struct host *h;

    *ret = (struct governor_stats){ 0 };
    pthread_mutex_lock(&g->lock);
    h = g_hash_table_lookup(g->hosts, host);
    if (h != NULL)
        read_host(h, timestamp_monotonic(), ret);
    pthread_mutex_unlock(&g->lock);
}

unsigned int governor_places(struct governor *g, const char *host)
{
    const struct host *h;
    unsigned int places = 0;
    GHashTableIter all;
    gpointer value;

    pthread_mutex_lock(&g->lock);
    h = g_hash_table_lookup(g->hosts, host);
    g_hash_table_iter_init(&all, g->budgets);
    while (g_hash_table_iter_next(&all, NULL, &value)) {
        const struct budget *b = value;

        if (b->host == h && b->bounds.in_flight + b->waiting > 0)
            places += governor_window_places(&b->bounds.window);
    }
    pthread_mutex_unlock(&g->lock);
    return MIN(places, g->config.host_cap);
}

void governor_held(struct governor *g, const char *host,
                   struct governor_tally *t, struct governor_held *ret)
{
    int64_t now_us;
    struct host *h;

    *ret = (struct governor_held){ 0 };
    pthread_mutex_lock(&g->lock);
    now_us = timestamp_monotonic();
    h = g_hash_table_lookup(g->hosts, host);
    if (h != NULL) {
        governor_look_at_the_clock(h, now_us);
        ret->quiet_us = governor_quiet_sum_us(&h->quiet, now_us);
    }
    if (t->budget != NULL) {
        const struct budget *b = t->budget;

        count(t, now_us);
        ret->paced = governor_pace_binds(&b->bounds.pace);
    }
    ret->throttled_us = t->throttled_us;
    ret->waited_us = t->waited_us;
    pthread_mutex_unlock(&g->lock);
}

void governor_tally_end(struct governor *g, struct governor_tally *t)
{
    pthread_mutex_lock(&g->lock);
    leave_budget(t, timestamp_monotonic());
    pthread_mutex_unlock(&g->lock);
}
