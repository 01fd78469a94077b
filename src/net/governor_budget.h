/*
 * governor_budget - all that is known of one budget: how many of its requests
 * may be in flight, at what pace, and not before when.  The decisions alone,
 * without clock, lock or dice.
 */
#ifndef NET_GOVERNOR_BUDGET_H
#define NET_GOVERNOR_BUDGET_H

#include "net/governor.h"
#include "net/governor_backoff.h"
#include "net/governor_pace.h"
#include "net/governor_window.h"

struct governor_budget {
    struct governor_window window;
    struct governor_backoff backoff;
    struct governor_pace pace;
    unsigned int in_flight;
    unsigned int served; /* since it was told to pause */
    int64_t refused_us;  /* for their number, the first of the last volley */
    unsigned int since;  /* let in, since then */
};

/* config: with its defaults filled in. */
void governor_budget_init(struct governor_budget *b,
                          const struct governor_config *config, int64_t now_us);

/*
 * When a request may be let in: now_us or before: at once; INT64_MAX: when
 * another one has left.
 */
int64_t governor_budget_opens_us(const struct governor_budget *b,
                                 int64_t now_us);

/*
 * Returns how many were in flight.  paced: it could not before, though there
 * was a place.
 */
unsigned int governor_budget_enter(struct governor_budget *b, bool paced,
                                   int64_t now_us);

/* How a request ended that was let in at entered_us, beside so many. */
struct governor_end {
    const struct governor_report *report;
    int64_t entered_us;
    unsigned int beside;
    bool crowded;  /* somebody waits for a place */
    double chance; /* from 0 to 1 */
};
void governor_budget_leave(struct governor_budget *b,
                           const struct governor_end *end, int64_t now_us);

#endif
