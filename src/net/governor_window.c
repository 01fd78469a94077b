#include "net/governor_window.h"

#include <glib.h>

#include "base/timestamp.h"

/* At first; and open of these. */
#define LIMIT_FIRST 4
#define OPEN_FIRST  2
/* Requests a place and epoch: enough to average over their sizes. */
#define EPOCH_ROUNDS 4
/* A doubling is seen sooner. */
#define SEARCH_ROUNDS 2
/* Half of either will do where requests take long. */
#define EPOCH_US (4 * TIMESTAMP_SECOND)
/*
 * What a request costs a server besides its bytes, and each of its items: the
 * time of so many bytes.  Folders differ in the size of their items more than
 * in the time that each takes.
 */
#define REQUEST_VOLUME 65536
#define ITEM_VOLUME    65536
/*
 * More is worth it where it brings so much of what it could, and fewer where
 * that costs no more than so much of what it could.
 */
#define WORTH_MORE  0.2
#define WORTH_FEWER 0.1
/* So much of it leaves no doubt that fewer would bring less. */
#define WORTH_PROVEN 0.7
/*
 * Answers of a moving average, and before it is believed: latencies scatter
 * like those of a queue, and the least of a short average would lie.
 */
#define LIKE_ANSWERS  128
#define LIKE_BELIEVED 32
/* So much slower than it has been is congestion. */
#define SLOWNESS_MOST 2.0
/* The floor rises by so much an epoch, or one quiet night counts for ever. */
#define FLOOR_GROWTH 1.001
/* Epochs between trials that changed nothing, at first and at most. */
#define HOLD_FIRST 4
#define HOLD_MOST  64
/*
 * Before what was refused is tried again: so many answers and so long, and
 * twice that with each refusal.  One in a hundred answers is the most that may
 * be refused.  A number that was counted is right until somebody changes it;
 * one that was guessed may be the trace of an outage.
 */
#define PATIENCE_ANSWERS      30u
#define PATIENCE_COUNTED      200u
#define PATIENCE_ANSWERS_MOST 960u
#define PATIENCE_US           (4 * TIMESTAMP_SECOND)
#define PATIENCE_MOST         5
/* After so many times as many and as long it counts for nothing. */
#define PATIENCE_GONE 8

static void begin_epoch(struct governor_window *w, unsigned int skip,
                        int64_t now_us)
{
    w->epoch_began_us = now_us;
    w->skip = skip;
    w->done = 0;
    w->crowded = 0;
    w->volume = 0;
    w->slowness = 0;
}

void governor_window_init(struct governor_window *w, unsigned int ceiling,
                          unsigned int start, int64_t now_us)
{
    ceiling = MAX(ceiling, 1);
    start = start != 0 ? start : LIMIT_FIRST;
    *w = (struct governor_window){
        .ceiling = ceiling,
        .limit = MIN(start, ceiling),
        .open = MIN(OPEN_FIRST, MIN(start, ceiling)),
        .phase = GOVERNOR_SEARCHING,
        .hold_next = HOLD_FIRST,
    };
    begin_epoch(w, 0, now_us);
}

unsigned int governor_window_places(const struct governor_window *w)
{
    return MIN(w->open, w->limit);
}

/* ---- like with like -------------------------------------------------- */

static struct governor_like *like_of(struct governor_window *w, uint64_t volume)
{
    size_t size = 0;

    while (size < GOVERNOR_SIZES - 1 && (volume /= 4) >= REQUEST_VOLUME)
        size++;
    return &w->likes[size];
}

/*
 * How slow this answer's like have become: 1 is as fast as ever.  By moving
 * averages on both sides, for single answers differ by more than twice.
 */
static double slowness_of(struct governor_like *p, double latency_us)
{
    p->n += p->n < LIKE_ANSWERS;
    p->latency_us += (latency_us - p->latency_us) / p->n;
    if (p->n < LIKE_BELIEVED)
        return 1;
    if (p->n == LIKE_BELIEVED || p->latency_us < p->floor_us)
        p->floor_us = p->latency_us;
    return p->latency_us / p->floor_us;
}

static void age_floors(struct governor_window *w)
{
    for (size_t i = 0; i < GOVERNOR_SIZES; i++)
        w->likes[i].floor_us *= FLOOR_GROWTH;
}

/* It has become slow whatever we do: that is how fast it is now. */
static void raise_floors(struct governor_window *w)
{
    for (size_t i = 0; i < GOVERNOR_SIZES; i++)
        w->likes[i].floor_us =
            MAX(w->likes[i].floor_us, w->likes[i].latency_us);
}

/* ---- steps ----------------------------------------------------------- */

static void go_to(struct governor_window *w, unsigned int limit)
{
    w->limit = CLAMP(limit, 1, w->ceiling);
    w->open = MIN(w->open, w->limit);
}

static void stay(struct governor_window *w, unsigned int epochs)
{
    w->phase = GOVERNOR_STEADY;
    w->hold = epochs;
}

static unsigned int answers_to_wait(const struct governor_window *w)
{
    unsigned int first = w->counted ? PATIENCE_COUNTED : PATIENCE_ANSWERS;

    return MIN(first << w->patience, PATIENCE_ANSWERS_MOST);
}

/* What would be refused may be tried again. */
static bool may_ask_again(const struct governor_window *w, int64_t now_us)
{
    return w->answers >= answers_to_wait(w) &&
           now_us - w->refused_us >= PATIENCE_US << w->patience;
}

/* The most that may be tried now. */
static unsigned int most(const struct governor_window *w, int64_t now_us)
{
    unsigned int least_refused = w->refused_at;

    if (least_refused == 0)
        return w->ceiling;
    if (!may_ask_again(w, now_us))
        least_refused--;
    return CLAMP(least_refused, 1, w->ceiling);
}

/* Throughput that makes this limit worth its step, as a share of before. */
static double worth(const struct governor_window *w, double share)
{
    return 1 + share * ((double)w->limit / w->from - 1);
}

static void search_on(struct governor_window *w, double rate, int64_t now_us)
{
    unsigned int next = MIN(w->limit * 2, most(w, now_us));

    if (w->rate_from > 0 && rate >= w->rate_from * worth(w, WORTH_PROVEN))
        w->proven = w->limit;
    w->from = w->limit;
    w->rate_from = rate;
    if (next <= w->limit)
        stay(w, HOLD_FIRST);
    else
        go_to(w, next);
}

static void try_more(struct governor_window *w, double rate, int64_t now_us)
{
    unsigned int next = MIN(w->limit + MAX(w->limit / 4, 1), most(w, now_us));

    if (next <= w->limit)
        return;
    w->phase = GOVERNOR_TRYING_MORE;
    w->from = w->limit;
    w->rate_from = rate;
    go_to(w, next);
}

static void try_fewer(struct governor_window *w, double rate)
{
    if (w->limit == 1)
        return;
    w->phase = GOVERNOR_TRYING_FEWER;
    w->from = w->limit;
    w->rate_from = rate;
    go_to(w, w->limit - MAX(w->limit / 4, 1));
}

static void is_worth_it(struct governor_window *w, double rate, int64_t now_us)
{
    bool more = w->phase == GOVERNOR_TRYING_MORE;
    bool unrefused = more && w->refused_at != 0 && w->limit >= w->refused_at;

    w->hold_next = HOLD_FIRST;
    if (more && rate >= w->rate_from * worth(w, WORTH_PROVEN))
        w->proven = w->limit;
    if (!unrefused) {
        stay(w, 0);
        return;
    }
    w->refused_at = 0;
    w->rate_from = 0;
    w->phase = GOVERNOR_SEARCHING;
    begin_epoch(w, 0, now_us);
}

static void is_not(struct governor_window *w)
{
    if (w->phase == GOVERNOR_TRYING_FEWER) {
        raise_floors(w);
        w->proven = w->from;
    }
    go_to(w, w->from);
    stay(w, w->hold_next);
    w->hold_next = MIN(w->hold_next * 2, HOLD_MOST);
}

static void decide_steady(struct governor_window *w, double rate,
                          int64_t now_us)
{
    if (w->slowness > SLOWNESS_MOST * w->done)
        try_fewer(w, rate);
    else if (w->hold > 0)
        w->hold--;
    else if (w->limit > MAX(w->proven, 1)) /* nobody works with none */
        try_fewer(w, rate);
    else
        try_more(w, rate, now_us);
}

static void decide(struct governor_window *w, double rate, int64_t now_us)
{
    double share = w->phase == GOVERNOR_TRYING_FEWER ? WORTH_FEWER : WORTH_MORE;
    bool pays = w->rate_from <= 0 || rate >= w->rate_from * worth(w, share);
    bool compares = w->phase != GOVERNOR_STEADY && w->rate_from > 0;

    /* An epoch in which nobody waited says nothing about more places. */
    if (w->crowded * 2 < w->done && !compares)
        return;
    switch (w->phase) {
    case GOVERNOR_SEARCHING:
        if (pays)
            search_on(w, rate, now_us);
        else
            is_not(w);
        break;
    case GOVERNOR_STEADY:
        decide_steady(w, rate, now_us);
        break;
    case GOVERNOR_TRYING_MORE:
    case GOVERNOR_TRYING_FEWER:
        if (pays)
            is_worth_it(w, rate, now_us);
        else
            is_not(w);
        break;
    }
}

/* ---- what happened --------------------------------------------------- */

static double rate_of(const struct governor_window *w, int64_t now_us)
{
    int64_t elapsed_us = MAX(now_us - w->epoch_began_us, 1);

    return (double)w->volume * (double)TIMESTAMP_SECOND / (double)elapsed_us;
}

static void end_epoch(struct governor_window *w, int64_t now_us)
{
    unsigned int before = w->limit;

    decide(w, rate_of(w, now_us), now_us);
    age_floors(w);
    begin_epoch(w, w->limit != before ? before : 0, now_us);
}

static bool is_epoch(const struct governor_window *w, int64_t now_us)
{
    unsigned int rounds =
        w->phase == GOVERNOR_SEARCHING ? SEARCH_ROUNDS : EPOCH_ROUNDS;

    if (now_us - w->epoch_began_us >= EPOCH_US)
        rounds /= 2;
    return w->done >= w->limit * rounds;
}

void governor_window_ok(struct governor_window *w,
                        const struct governor_answer *answer, int64_t now_us)
{
    uint64_t volume =
        answer->bytes + REQUEST_VOLUME + ITEM_VOLUME * answer->items;
    double slowness =
        answer->latency_us > 0
            ? slowness_of(like_of(w, volume), (double)answer->latency_us)
            : 1;

    w->answers++;
    w->survived++;
    if (!answer->old)
        w->open = MIN(w->open + 1, w->limit);
    if (w->skip > 0) {
        if (--w->skip == 0)
            begin_epoch(w, 0, now_us);
        return;
    }
    w->done++;
    w->crowded += answer->crowded ? 1 : 0;
    w->volume += volume;
    w->slowness += slowness;
    if (is_epoch(w, now_us))
        end_epoch(w, now_us);
}

static bool is_trial(const struct governor_window *w)
{
    return w->from != 0 && w->from < w->limit &&
           (w->phase == GOVERNOR_SEARCHING || w->phase == GOVERNOR_TRYING_MORE);
}

/* What went well before is right; else, refused at once, it is fewer. */
static void guess(struct governor_window *w, bool first)
{
    if (is_trial(w))
        go_to(w, w->from);
    else if (!first && w->answers < 2 * w->limit)
        go_to(w, w->limit - MAX(w->limit / 4, 1));
}

static void begin_volley(struct governor_window *w, bool counted,
                         int64_t now_us)
{
    int64_t since_us = now_us - w->refused_us;
    bool first = w->refused_us == 0;

    if (since_us > PATIENCE_GONE * (PATIENCE_US << w->patience) &&
        w->answers > PATIENCE_GONE * answers_to_wait(w))
        w->patience = 0;
    else if (!first)
        w->patience = MIN(w->patience + 1, PATIENCE_MOST);
    w->refused_at = w->limit;
    w->counted = counted;
    if (!counted)
        guess(w, first);
    w->survived = 0;
    w->answers = 0;
    w->refused_us = now_us;
}

/*
 * As many as were in flight together and not refused; or as were when the
 * first of those was let in that were, for it may have overtaken others.
 */
static unsigned int taken(const struct governor_window *w,
                          const struct governor_refusal *refusal)
{
    unsigned int together = refusal->in_flight + w->survived;

    /* Lost ones are in neither. */
    together -= MIN(refusal->since, together);
    return MAX(together, w->least_beside);
}

void governor_window_refused(struct governor_window *w,
                             const struct governor_refusal *refusal,
                             int64_t now_us)
{
    unsigned int n;

    if (refusal->news) {
        begin_volley(w, refusal->counted, now_us);
        w->least_beside = refusal->beside;
    }
    w->least_beside = MIN(w->least_beside, refusal->beside);
    n = taken(w, refusal);
    go_to(w, MIN(w->limit, n));
    w->refused_at = MAX(MIN(w->refused_at, n + 1), w->limit + 1);
    w->proven = MAX(w->proven, w->limit);
    stay(w, 0);
    w->open = CLAMP(refusal->in_flight, 1, w->limit);
    w->rate_from = 0;
    begin_epoch(w, 0, now_us);
}

/* What a trial, or the search, wanted to know stays unknown. */
void governor_window_paused(struct governor_window *w, unsigned int open,
                            int64_t now_us)
{
    if (w->phase == GOVERNOR_TRYING_MORE || w->phase == GOVERNOR_TRYING_FEWER)
        go_to(w, w->from);
    if (w->phase != GOVERNOR_SEARCHING)
        stay(w, w->hold_next);
    w->open = CLAMP(open, 1, w->limit);
    w->rate_from = 0;
    begin_epoch(w, 0, now_us);
}
