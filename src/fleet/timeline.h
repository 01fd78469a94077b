/*
 * timeline - how much work gets done by when at a pair of hosts: none in the
 * source's quiet hours, and by the hour of the day what throttling leaves.
 *
 * Times are seconds after the beginning, work is in seconds without throttling.
 * Beyond its horizon it goes on at the mean rate.  Immutable; any thread.
 */
#ifndef FLEET_TIMELINE_H
#define FLEET_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/hours.h"

#define TIMELINE_DAYS 35

struct timeline;
typedef struct timeline timeline;

/* begun_us: wall clock; share: see struct cost_fit; quiet: or NULL. */
struct timeline *timeline_new(int64_t begun_us, const double share[24],
                              const struct hours *quiet);
void timeline_free(struct timeline *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(timeline, timeline_free)

/*
 * When work_s that is begun at from_s is done.  *at: 0 at first; it spares
 * looking where from_s never falls.
 */
double timeline_end(const struct timeline *t, double from_s, double work_s,
                    size_t *at);
/* What gets done from the beginning to at_s; *at as above. */
double timeline_work(const struct timeline *t, double at_s, size_t *at);

#endif
