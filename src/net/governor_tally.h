/*
 * governor_tally - for how long the requests of one who asks were held up, and
 * by what: the reckoning alone, without clock or lock.
 *
 * A back-off holds up a request that waits for its place, and one that was
 * refused and has not come again: who asked waits elsewhere for the same word.
 * Time is counted up to the moment whenever somebody asks and whenever
 * something changes, so a wait is seen while it goes on, and is counted once.
 * All times are monotonic.
 */
#ifndef NET_GOVERNOR_TALLY_H
#define NET_GOVERNOR_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* What a budget and its host had behind them by then. */
struct governor_mark {
    int64_t at_us;
    int64_t parked_us; /* by back-offs, in all */
    int64_t quiet_us;  /* by quiet hours, in all */
    bool parked;       /* just then */
};

/* Caller's storage, zeroed; the governor's lock guards it. */
struct governor_tally {
    void *budget;         /* that its requests are charged to; NULL: none yet */
    GList link;           /* among those of its host */
    unsigned int waiting; /* for a place */
    unsigned int refused; /* by the back-off under way, and not come again */
    struct governor_mark counted; /* up to when */
    int64_t throttled_us;         /* sum over requests */
    int64_t waited_us;            /* the same: for a place, and nothing else */
};

/*
 * Count up to now, as many as there have been since the last time.  Returns
 * what it added to throttled_us.
 */
int64_t governor_tally_count(struct governor_tally *t,
                             const struct governor_mark *now);

#endif
