/*
 * backoff - how long to wait before a thing is tried again: exponential, with
 * full jitter, never less than the server asked for.
 */
#ifndef ENGINE_BACKOFF_H
#define ENGINE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t first_us; /* the most after the first failure */
    int64_t max_us;   /* the most after any */
};

/*
 * failures: how many there have been, at least 1.  floor_us: what the server
 * asked for; the jitter comes on top, so that lanes do not return together.
 * dice: uniform in [0, 1).
 */
int64_t backoff_us(const struct backoff *b, unsigned int failures,
                   int64_t floor_us, double dice);

#endif
