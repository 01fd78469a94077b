#include "net/governor_window.h"

#include <glib.h>

#include "base/timestamp.h"

/* Two at first: one that reads while the other one's answer travels. */
#define LIMIT_FIRST 2
/* Requests a place and epoch: enough to average over their sizes. */
#define EPOCH_ROUNDS 4
/* What a request costs a server besides its bytes: about a small item. */
#define REQUEST_VOLUME 4096
/* Less than so much more is noise, and not worth another connection. */
#define GROWTH_LEAST 1.05
/*
 * Answers of a moving average, and before it is believed: latencies scatter
 * like those of a queue, and the least of a short average would lie.
 */
#define PACE_ANSWERS  128
#define PACE_BELIEVED 32
/* So much slower than it has been is congestion. */
#define SLOWNESS_MOST 2.0
/* The floor rises by so much an epoch, or one quiet night counts for ever. */
#define FLOOR_GROWTH 1.001
/* Epochs until it is tried again whether more brings more. */
#define HOLD_EPOCHS 16

static void begin_epoch(struct governor_window *w, int64_t now_us)
{
    w->epoch_began_us = now_us;
    w->done = 0;
    w->volume = 0;
    w->wanted = false;
    w->slowness = 0;
}

void governor_window_init(struct governor_window *w, unsigned int ceiling,
                          int64_t now_us)
{
    *w = (struct governor_window){
        .ceiling = MAX(ceiling, 1),
        .limit = MIN(LIMIT_FIRST, MAX(ceiling, 1)),
    };
    begin_epoch(w, now_us);
}

void governor_window_wanted(struct governor_window *w)
{
    w->wanted = true;
}

static struct governor_pace *pace_of(struct governor_window *w, uint64_t volume)
{
    size_t size = 0;

    while (size < GOVERNOR_SIZES - 1 && (volume /= 4) >= REQUEST_VOLUME)
        size++;
    return &w->paces[size];
}

/*
 * How slow this answer's like have become: 1 is as fast as ever.  By moving
 * averages on both sides, for single answers differ by more than twice.
 */
static double slowness_of(struct governor_pace *p, double latency_us)
{
    p->n += p->n < PACE_ANSWERS;
    p->latency_us += (latency_us - p->latency_us) / p->n;
    if (p->n < PACE_BELIEVED)
        return 1;
    if (p->n == PACE_BELIEVED || p->latency_us < p->floor_us)
        p->floor_us = p->latency_us;
    return p->latency_us / p->floor_us;
}

static void age_floors(struct governor_window *w)
{
    for (size_t i = 0; i < GOVERNOR_SIZES; i++)
        w->paces[i].floor_us *= FLOOR_GROWTH;
}

static double rate_of(const struct governor_window *w, int64_t now_us)
{
    int64_t elapsed_us = MAX(now_us - w->epoch_began_us, 1);

    return (double)w->volume * (double)TIMESTAMP_SECOND / (double)elapsed_us;
}

static void climb(struct governor_window *w, double rate)
{
    if (w->limit >= w->ceiling)
        return;
    w->rate_below = rate;
    w->limit++;
}

/* The last step up was too much: back, and stay there for a while. */
static void settle(struct governor_window *w)
{
    w->limit = MAX(w->limit - 1, 1);
    w->rate_below = 0;
    w->hold = HOLD_EPOCHS;
}

static void decide(struct governor_window *w, double rate)
{
    /* An epoch in which nobody waited says nothing about more places. */
    if (!w->wanted)
        return;
    if (w->hold > 0) {
        w->hold--;
        return;
    }
    if (w->slowness > SLOWNESS_MOST * w->done)
        settle(w);
    else if (w->rate_below > 0 && rate < w->rate_below * GROWTH_LEAST)
        settle(w);
    else
        climb(w, rate);
}

void governor_window_ok(struct governor_window *w, uint64_t bytes,
                        int64_t latency_us, int64_t now_us)
{
    uint64_t volume = bytes + REQUEST_VOLUME;

    w->done++;
    w->volume += volume;
    w->slowness += latency_us > 0
                       ? slowness_of(pace_of(w, volume), (double)latency_us)
                       : 1;
    if (w->done < w->limit * EPOCH_ROUNDS)
        return;
    decide(w, rate_of(w, now_us));
    age_floors(w);
    begin_epoch(w, now_us);
}

void governor_window_busy(struct governor_window *w, int64_t now_us)
{
    w->limit = MAX(w->limit / 2, 1);
    w->rate_below = 0;
    w->hold = HOLD_EPOCHS;
    begin_epoch(w, now_us);
}
