#include "fleet/meter.h"

#include <pthread.h>

#include "base/timestamp.h"

struct meter {
    pthread_mutex_t lock;
    GHashTable *at_work; /* hosts, to how many mailboxes */
};

/* What had been by some moment. */
struct mark {
    int64_t at_us; /* monotonic */
    uint64_t requests;
    int64_t working_us, throttled_us, quiet_us;
};

struct metered {
    struct meter *meter;
    struct store *store;
    char *source, *destination; /* hosts */
    char *hosts;                /* both: key into at_work */
    int64_t mailbox_id;
    pthread_mutex_t lock; /* guards all below */
    struct endpoint *at[2];
    int64_t begun_us; /* monotonic */
    struct mark opened;
    bool copying;                         /* the folders are known */
    struct mark cut;                      /* since when the stretch is */
    struct mark last;                     /* when something was last copied */
    int64_t next_us;                      /* how long the stretch is to be */
    uint64_t items, bytes;                /* of the stretch */
    uint64_t all_items, all_bytes;        /* of the pass */
    int64_t copying_us, copying_quiet_us; /* in all stretches */
};

struct meter *meter_new(void)
{
    struct meter *m = g_new0(struct meter, 1);

    pthread_mutex_init(&m->lock, NULL);
    m->at_work = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return m;
}

void meter_free(struct meter *m)
{
    if (m == NULL)
        return;
    g_hash_table_unref(m->at_work);
    pthread_mutex_destroy(&m->lock);
    g_free(m);
}

/* How many there are at work between these hosts, after by more of them. */
static unsigned int at_work(struct meter *m, const char *hosts, int by)
{
    int n;

    pthread_mutex_lock(&m->lock);
    n = GPOINTER_TO_INT(g_hash_table_lookup(m->at_work, hosts)) + by;
    if (n > 0)
        g_hash_table_insert(m->at_work, g_strdup(hosts), GINT_TO_POINTER(n));
    else
        g_hash_table_remove(m->at_work, hosts);
    pthread_mutex_unlock(&m->lock);
    return (unsigned int)MAX(n, 0);
}

struct metered *metered_new(struct meter *m, struct store *s,
                            const struct pace_hosts *between,
                            int64_t mailbox_id)
{
    struct metered *p = g_new0(struct metered, 1);

    p->meter = m;
    p->store = s;
    p->source = g_strdup(between->source);
    p->destination = g_strdup(between->destination);
    p->hosts = g_strdup_printf("%s %s", between->source, between->destination);
    p->mailbox_id = mailbox_id;
    p->next_us = METER_FIRST_US;
    p->begun_us = timestamp_monotonic();
    pthread_mutex_init(&p->lock, NULL);
    (void)at_work(m, p->hosts, 1);
    return p;
}

/* ---- stretches ---------------------------------------------------------- */

static struct mark mark_now(const struct metered *p)
{
    struct mark mark = { .at_us = timestamp_monotonic() };

    for (int i = 0; i < 2 && p->at[i] != NULL; i++) {
        struct endpoint_stats stats = { 0 };

        endpoint_stats(p->at[i], &stats);
        mark.requests += stats.requests;
        mark.working_us += stats.working_us;
        mark.throttled_us += stats.throttled_us;
        mark.quiet_us = MAX(mark.quiet_us, stats.quiet_us);
    }
    return mark;
}

void metered_open(struct metered *p, struct endpoint *source,
                  struct endpoint *destination)
{
    pthread_mutex_lock(&p->lock);
    p->at[0] = source;
    p->at[1] = destination;
    p->opened = mark_now(p);
    pthread_mutex_unlock(&p->lock);
}

/* Sums over requests side by side: of the time that passed, their share. */
static int64_t throttled_of(int64_t took_us, const struct mark *from,
                            const struct mark *to)
{
    double throttled = (double)(to->throttled_us - from->throttled_us);
    double working = (double)(to->working_us - from->working_us);

    return throttled > 0 ? (int64_t)((double)took_us * throttled /
                                     (throttled + MAX(working, 0)))
                         : 0;
}

static void record(struct metered *p, const struct pace *pace)
{
    const struct pace_hosts between = { p->source, p->destination };
    struct err ignored;

    /* a forecast will be less sure: nothing else is lost */
    if (store_paces_add(p->store, &between, pace, 1, &ignored) < 0)
        return;
}

/* With the lock held; what has been copied up to p->last. */
static struct pace cut(struct metered *p)
{
    struct pace pace = {
        .mailbox = p->mailbox_id,
        .items = p->items,
        .bytes = p->bytes,
        .requests = p->last.requests - p->cut.requests,
        .beside = at_work(p->meter, p->hosts, 0),
    };
    int64_t took = p->last.at_us - p->cut.at_us;

    pace.took_us = MAX(took - (p->last.quiet_us - p->cut.quiet_us), 1);
    pace.begun_us = timestamp_now() - (timestamp_monotonic() - p->cut.at_us);
    pace.throttled_us = throttled_of(pace.took_us, &p->cut, &p->last);
    p->copying_us += took;
    p->copying_quiet_us += p->last.quiet_us - p->cut.quiet_us;
    p->cut = p->last;
    p->items = p->bytes = 0;
    p->next_us = MIN(2 * p->next_us, METER_MOST_US);
    return pace;
}

static void copied(struct metered *p, const struct engine_event *event)
{
    struct pace pace = { 0 };

    pthread_mutex_lock(&p->lock);
    if (p->copying) {
        p->items += event->n;
        p->bytes += event->bytes;
        p->all_items += event->n;
        p->all_bytes += event->bytes;
        p->last = mark_now(p);
        if (p->last.at_us - p->cut.at_us >= p->next_us)
            pace = cut(p);
    }
    pthread_mutex_unlock(&p->lock);
    if (pace.items > 0)
        record(p, &pace);
}

void metered_event(struct metered *p, const struct engine_event *event)
{
    if (event->kind == ENGINE_COPIED) {
        copied(p, event);
        return;
    }
    if (event->kind != ENGINE_FOLDERS)
        return;
    pthread_mutex_lock(&p->lock);
    p->copying = true;
    p->cut = p->last = mark_now(p);
    pthread_mutex_unlock(&p->lock);
}

/* All that is in no stretch. */
static struct pace rest_of(struct metered *p)
{
    const struct mark now = mark_now(p);
    int64_t quiet = now.quiet_us - p->opened.quiet_us - p->copying_quiet_us;
    int64_t took = now.at_us - p->begun_us - p->copying_us - quiet;

    took = MAX(took, 1);
    return (struct pace){
        .mailbox = p->mailbox_id,
        .begun_us = timestamp_now() - (now.at_us - p->begun_us),
        .took_us = took,
        .throttled_us = throttled_of(took, &p->opened, &now),
        .items = p->all_items,
        .bytes = p->all_bytes,
        .requests = now.requests - p->opened.requests,
        .beside = at_work(p->meter, p->hosts, 0),
        .rest = true,
    };
}

void metered_end(struct metered *p, bool whole)
{
    if (p->items > 0) {
        const struct pace pace = cut(p);

        record(p, &pace);
    }
    if (whole && p->copying) {
        const struct pace pace = rest_of(p);

        record(p, &pace);
    }
    (void)at_work(p->meter, p->hosts, -1);
    pthread_mutex_destroy(&p->lock);
    g_free(p->source);
    g_free(p->destination);
    g_free(p->hosts);
    g_free(p);
}
