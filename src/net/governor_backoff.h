/*
 * governor_backoff - how long a budget is left alone after a busy answer: the
 * decision alone, without clock, lock or dice.
 *
 * Until the server's own word is over; where it gives none, or one that is
 * too short, our own back-off counts, which doubles with each refusal and has
 * full jitter.  All times are monotonic.
 */
#ifndef NET_GOVERNOR_BACKOFF_H
#define NET_GOVERNOR_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct governor_backoff {
    uint32_t floor_ms, max_ms;
    uint32_t span_ms;          /* our own next wait: floor + up to this */
    int64_t from_us, until_us; /* the park under way, or the last one */
    int64_t before_us;         /* how long the ones before it took */
};

void governor_backoff_init(struct governor_backoff *b, uint32_t floor_ms,
                           uint32_t max_ms);

/*
 * The server is busy and says to wait wait_ms (0: nothing).  chance is from 0
 * to 1.  Returns whether this is news: many requests in flight are refused
 * together, and that is one refusal.
 */
bool governor_backoff_busy(struct governor_backoff *b, uint32_t wait_ms,
                           double chance, int64_t now_us);

/* A request that was let in at entered_us has ended well. */
void governor_backoff_ok(struct governor_backoff *b, int64_t entered_us);

bool governor_backoff_is_parked(const struct governor_backoff *b,
                                int64_t now_us);

/* How long it has been parked in all, up to now. */
int64_t governor_backoff_parked_us(const struct governor_backoff *b,
                                   int64_t now_us);

#endif
