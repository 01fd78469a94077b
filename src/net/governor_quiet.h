/*
 * governor_quiet - hours in which a host is left alone: the decision alone,
 * without clock or lock.
 *
 * Hours are what a clock on the wall shows, waits are the monotonic clock's.
 * The one is looked at again and again, so that a wall clock that is set does
 * not keep anybody asleep, nor awake, for more than moments.
 */
#ifndef NET_GOVERNOR_QUIET_H
#define NET_GOVERNOR_QUIET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hours.h"

struct governor_quiet {
    const struct hours *hours; /* NULL: none */
    bool holds;
    int64_t looked_us, again_us; /* monotonic; 0: never looked */
    int64_t ends_us;             /* wall clock; of holds */
    int64_t sum_us;              /* of quiet time, up to looked_us */
};

void governor_quiet_set(struct governor_quiet *q, const struct hours *quiet);

/* Is it time to look at the wall clock? */
bool governor_quiet_is_due(const struct governor_quiet *q, int64_t now_us);
void governor_quiet_look(struct governor_quiet *q, int64_t now_us,
                         int64_t wall_us);

/* When the next request may begin, or it is worth asking; now_us: at once. */
int64_t governor_quiet_opens_us(const struct governor_quiet *q, int64_t now_us);

/* For how long it has been quiet in all, up to now. */
int64_t governor_quiet_sum_us(const struct governor_quiet *q, int64_t now_us);

#endif
