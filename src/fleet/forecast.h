/*
 * forecast - when mailboxes, migrations and the whole queue will be done.
 *
 * The schedule is played through as the workers would carry it out
 * (store/jobs.h: priority, turns, limits of migrations and hosts, windows and
 * quiet hours), again and again: each time with another level of what is not
 * known of the hosts as a whole, another luck for each mailbox, and at times a
 * throttle that becomes tighter on the way, as the cost model (fleet/cost.h)
 * says.  By P50 it was done half of the times,
 * by P90 nine times in ten.
 *
 * A migration may have rounds of passes that are not queued yet: each begins
 * when all of the round before it are over.
 *
 * The same input gives the same answer.  Pure; no clock.
 */
#ifndef FLEET_FORECAST_H
#define FLEET_FORECAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hours.h"
#include "fleet/cost.h"

/* A source host, and what an operator says of it. */
struct forecast_host {
    unsigned int most;         /* mailboxes at once; 0: any number */
    const struct hours *quiet; /* or NULL */
};
struct forecast_pair {
    size_t host;
    const struct cost_fit *fit;
};
struct forecast_migration {
    unsigned int most;        /* mailboxes at once; 0: any number */
    const struct hours *only; /* its window; or NULL */
};

/* A pass over a mailbox that waits or runs; in the order of the queue. */
struct forecast_mailbox {
    size_t migration, pair;
    uint64_t items, bytes; /* left to copy */
    /*
     * Copied by this pass already: its rest is for the whole of it, and what
     * it has taken is counted as far as the mailbox has come.
     */
    uint64_t done_items, done_bytes;
    int priority;
    bool running;
    int64_t not_before_us; /* of those that wait; 0: now */
    /*
     * 0: queued or running now; else of that round of its migration, which
     * begins so long after the one before it is over (all of a round alike).
     */
    unsigned int round;
    int64_t delay_us;
    bool verifies; /* compares items and bytes with what was copied */
    /*
     * Measured of this mailbox (cost_of_mailbox()); own_sd 0: nothing, and
     * the hosts' mailbox_sd holds.
     */
    double own_log, own_sd;
};

struct forecast_input {
    int64_t now_us; /* wall clock */
    const struct forecast_host *hosts;
    const struct forecast_pair *pairs;
    const struct forecast_migration *migrations;
    const struct forecast_mailbox *mailboxes;
    size_t n_hosts, n_pairs, n_migrations, n_mailboxes;
    unsigned int at_once; /* places of all workers; 0: 1 */
    unsigned int draws;   /* 0: as many as the number of mailboxes allows */
    uint32_t seed;        /* 0: always the same one */
};

/* Wall clock; both now where nothing is left. */
struct forecast_span {
    int64_t p50_us, p90_us;
};
struct forecast {
    struct forecast_span all;
    struct forecast_span *migrations, *mailboxes; /* as in the input */
};
typedef struct forecast forecast;
void forecast_clear(struct forecast *f);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(forecast, forecast_clear)

void forecast_make(const struct forecast_input *input, struct forecast *ret);

/*
 * "about 20 minutes, 35 at most nine times in ten"; never finer than it is
 * known.  The caller frees.
 */
char *forecast_text(const struct forecast_span *span,
                    int64_t now_us) G_GNUC_MALLOC;

#endif
