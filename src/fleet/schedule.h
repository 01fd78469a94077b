/*
 * schedule - one way in which a queue may go, played through on a clock of
 * its own: who is claimed when, and when each is done.
 *
 * Of the mailboxes that may be claimed the one of the highest priority comes
 * first; then of the migration with the fewest running, then of the one that
 * has waited longest for a turn, then the first in the queue: as
 * store/jobs.h has it.  Of a migration's rounds the lowest that is not over
 * may be claimed.
 */
#ifndef FLEET_SCHEDULE_H
#define FLEET_SCHEDULE_H

#include "fleet/forecast.h"

struct schedule;
typedef struct schedule schedule;

/* Borrows the input. */
struct schedule *schedule_new(const struct forecast_input *input);
void schedule_free(struct schedule *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(schedule, schedule_free)

/*
 * work_s: of each mailbox, without throttling.  ret_end_s: of each, when it
 * is done, in seconds after now.
 */
void schedule_play(struct schedule *s, const double *work_s, float *ret_end_s);

#endif
