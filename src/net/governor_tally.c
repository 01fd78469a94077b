#include "net/governor_tally.h"

int64_t governor_tally_count(struct governor_tally *t,
                             const struct governor_mark *now)
{
    const struct governor_mark from = t->counted;
    int64_t left_us = now->at_us - from.at_us, parked_us, throttled_us;

    if (left_us < 0) /* somebody who came later was faster */
        return 0;
    /* Quiet hours come first.  Fewer than before: the wall clock was set. */
    left_us -= CLAMP(now->quiet_us - from.quiet_us, 0, left_us);
    parked_us = MIN(now->parked_us - from.parked_us, left_us);
    throttled_us = (int64_t)(t->waiting + t->refused) * parked_us;
    t->throttled_us += throttled_us;
    t->waited_us += (int64_t)t->waiting * (left_us - parked_us);
    t->counted = *now;
    /* Who does not come though it may has given up, or has something else. */
    if (!now->parked)
        t->refused = 0;
    return throttled_us;
}
