#include "net/governor_backoff.h"

#include <glib.h>

void governor_backoff_init(struct governor_backoff *b, uint32_t floor_ms,
                           uint32_t max_ms)
{
    *b = (struct governor_backoff){
        .floor_ms = floor_ms,
        .max_ms = MAX(max_ms, floor_ms),
        .span_ms = floor_ms,
    };
}

bool governor_backoff_is_parked(const struct governor_backoff *b,
                                int64_t now_us)
{
    return now_us < b->until_us;
}

static int64_t own_wait_us(const struct governor_backoff *b, double chance)
{
    return (int64_t)(((double)b->floor_ms + chance * b->span_ms) * 1000);
}

/*
 * The server's word to the letter would bring all who heard it back at one
 * moment; a little later is always allowed.
 */
static int64_t their_wait_us(const struct governor_backoff *b, uint32_t wait_ms,
                             double chance)
{
    uint32_t ms = MAX(wait_ms, b->floor_ms);

    return (int64_t)((ms + chance * b->floor_ms) * 1000);
}

bool governor_backoff_busy(struct governor_backoff *b, uint32_t wait_ms,
                           double chance, int64_t now_us)
{
    bool news = !governor_backoff_is_parked(b, now_us);
    int64_t wait_us = wait_ms > 0 ? their_wait_us(b, wait_ms, chance)
                                  : own_wait_us(b, chance);

    if (news) {
        b->before_us += b->until_us - b->from_us;
        b->from_us = now_us;
        b->until_us = now_us;
        b->span_ms = MIN(b->span_ms, b->max_ms / 2) * 2;
    }
    b->until_us = MAX(b->until_us, now_us + wait_us);
    return news;
}

void governor_backoff_ok(struct governor_backoff *b, int64_t entered_us)
{
    /* One that was let in before the refusal says nothing about now. */
    if (entered_us >= b->until_us)
        b->span_ms = b->floor_ms;
}

int64_t governor_backoff_parked_us(const struct governor_backoff *b,
                                   int64_t now_us)
{
    return b->before_us + MIN(now_us, b->until_us) - b->from_us;
}
