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
/* Epochs until it is tried again whether more brings more. */
#define HOLD_EPOCHS 16

static void begin_epoch(struct governor_window *w, int64_t now_us)
{
    w->epoch_began_us = now_us;
    w->done = 0;
    w->volume = 0;
    w->wanted = false;
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

/* The last step up brought nothing: back, and stay there for a while. */
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
    if (w->rate_below > 0 && rate < w->rate_below * GROWTH_LEAST)
        settle(w);
    else
        climb(w, rate);
}

void governor_window_ok(struct governor_window *w, uint64_t bytes,
                        int64_t now_us)
{
    w->done++;
    w->volume += bytes + REQUEST_VOLUME;
    if (w->done < w->limit * EPOCH_ROUNDS)
        return;
    decide(w, rate_of(w, now_us));
    begin_epoch(w, now_us);
}

void governor_window_busy(struct governor_window *w, int64_t now_us)
{
    w->limit = MAX(w->limit / 2, 1);
    w->rate_below = 0;
    w->hold = HOLD_EPOCHS;
    begin_epoch(w, now_us);
}
