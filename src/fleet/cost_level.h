/*
 * cost_level - what the rows tell of the hosts as a whole, once the weights
 * are known: how many mailboxes go side by side before they hold one another
 * up, and how far the level moves from one time to another.
 *
 * Pure.
 */
#ifndef FLEET_COST_LEVEL_H
#define FLEET_COST_LEVEL_H

#include "store/paces.h"

/* Rows as they were, and as the weights have them; borrowed. */
struct cost_measured {
    const struct pace *paces; /* in the order of their coming */
    size_t n;
    const double *counted_s;   /* as if each mailbox had been alone */
    const double *predicted_s; /* likewise */
};

/*
 * How many times as long each of n takes at once, where there is room for so
 * many; room 0: for any number.  The knee is no edge: servers queue before
 * they are full.
 */
double cost_level_crowded(double room, double n);

/*
 * The room that these rows tell; 0: nothing says that there is an end to it.
 * room: the one by which counted_s was reckoned.
 */
double cost_level_room(const struct cost_measured *m, double room);

/*
 * The variance of the level, as a logarithm, from one stretch of rows to the
 * next; beside what the mailboxes in them (mailbox_sd) make of it.
 */
double cost_level_drift(const struct cost_measured *m, double mailbox_sd);

#endif
