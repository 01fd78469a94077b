/*
 * rounds - the passes that a request's schedule has for its migration when
 * those that are queued are over (clerk.h): at cutover what is new is copied,
 * then again and again until the sweeps are over, then everything is verified.
 *
 * Of the sweeps the first and the last are told: those between them are over
 * long before the next one is due.  Pure.
 */
#ifndef DESK_ROUNDS_H
#define DESK_ROUNDS_H

#include "fleet/foresight.h"
#include "store/requests.h"

struct rounds_rules {
    int64_t sweep_us; /* after cutover */
    int64_t every_us; /* between two sweeps */
};

/*
 * As of users who move on the day that was named, or now where that has come;
 * once they have, as of when they did.  false: nobody knows when they move, or
 * nothing is to come.
 */
bool rounds_of(const struct request *r, const struct rounds_rules *rules,
               int64_t now_us, struct foresight_plan *ret);

#endif
