#include "net/governor_budget.h"

#include <limits.h>

void governor_budget_init(struct governor_budget *b,
                          const struct governor_config *config, int64_t now_us)
{
    *b = (struct governor_budget){ .in_flight = 0 };
    governor_window_init(&b->window, config->ceiling, config->start, now_us);
    governor_backoff_init(&b->backoff, config->backoff_floor_ms,
                          config->backoff_max_ms);
    governor_pace_init(&b->pace);
}

int64_t governor_budget_opens_us(const struct governor_budget *b,
                                 int64_t now_us)
{
    if (governor_backoff_is_parked(&b->backoff, now_us))
        return b->backoff.until_us;
    if (b->in_flight >= governor_window_places(&b->window))
        return INT64_MAX;
    return governor_pace_opens_us(&b->pace, now_us);
}

unsigned int governor_budget_enter(struct governor_budget *b, bool paced,
                                   int64_t now_us)
{
    governor_pace_enter(&b->pace, paced, now_us);
    b->since++;
    return b->in_flight++;
}

static void leave_pace(struct governor_budget *b,
                       const struct governor_end *end, int64_t took_us,
                       int64_t now_us)
{
    const struct governor_pace_end pace_end = { end->entered_us, took_us };

    governor_pace_leave(&b->pace, &pace_end, now_us);
}

static void served(struct governor_budget *b, const struct governor_end *end,
                   int64_t now_us)
{
    const struct governor_answer answer = {
        .bytes = end->report->bytes,
        .items = end->report->items,
        .latency_us = end->report->latency_us,
        .crowded = end->crowded,
        .old = end->entered_us < b->backoff.until_us,
    };
    int64_t took_us = end->report->latency_us > 0 ? end->report->latency_us
                                                  : now_us - end->entered_us;

    b->served++;
    governor_backoff_ok(&b->backoff, end->entered_us);
    leave_pace(b, end, took_us, now_us);
    governor_window_ok(&b->window, &answer, now_us);
}

/* Once a pace is known, that is what bounds what is sent after a pause. */
static void pause_all(struct governor_budget *b, uint32_t wait_ms, bool news,
                      int64_t now_us)
{
    if (news)
        governor_pace_refused(&b->pace, (int64_t)wait_ms * 1000,
                              b->backoff.until_us, now_us);
    governor_window_paused(&b->window, b->pace.rate > 0 ? UINT_MAX : 1, now_us);
}

/* Who was let in before the first of a volley was refused belongs to it. */
static void too_many(struct governor_budget *b, const struct governor_end *end,
                     int64_t now_us)
{
    struct governor_refusal refusal = {
        .beside = end->beside,
        .in_flight = b->in_flight,
        .news = end->entered_us >= b->refused_us,
        .counted = end->report->too_many,
    };

    if (refusal.news) {
        b->refused_us = now_us;
        b->since = 0;
    }
    refusal.since = b->since;
    governor_window_refused(&b->window, &refusal, now_us);
}

/*
 * A server that says for how long has an account of its time that is spent;
 * one that does not has too many at a time.  Who is told to wait again, and
 * was served nothing between, has too many all the same.
 */
static void refused(struct governor_budget *b, const struct governor_end *end,
                    int64_t now_us)
{
    uint32_t wait_ms = end->report->wait_ms;
    bool news;

    leave_pace(b, end, 0, now_us);
    /* There is a place as soon as one of the others has ended. */
    if (end->report->too_many && wait_ms == 0 && b->in_flight > 0) {
        too_many(b, end, now_us);
        return;
    }
    news = governor_backoff_busy(&b->backoff, wait_ms, end->chance, now_us);
    if (wait_ms > 0)
        pause_all(b, wait_ms, news, now_us);
    if (wait_ms == 0 || (news && b->served == 0))
        too_many(b, end, now_us);
    if (news)
        b->served = 0;
}

void governor_budget_leave(struct governor_budget *b,
                           const struct governor_end *end, int64_t now_us)
{
    b->in_flight--;
    switch (end->report->outcome) {
    case GOVERNOR_OK:
        served(b, end, now_us);
        break;
    case GOVERNOR_BUSY:
        refused(b, end, now_us);
        break;
    case GOVERNOR_LOST:
        leave_pace(b, end, 0, now_us);
        break;
    }
}
