/*
 * track - the record of forecasts: how often what was promised held.
 *
 * Of each migration that has ended, what was said when so many tenths of it
 * were done.  Held: it ended by the P90.  Error: how far the P50 was from the
 * end, of the time from then to the end.
 */
#ifndef FLEET_TRACK_H
#define FLEET_TRACK_H

#include <stddef.h>

#include <glib.h>

#include "store/paces.h"

struct track;
typedef struct track track;
struct track *track_new(void);
void track_free(struct track *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(track, track_free)

/* Of struct store_forecast *: those that have ended, of migrations. */
void track_add(struct track *t, const GPtrArray *forecasts);

/* At so many tenths; FORECAST_TENTHS: all of them. */
struct track_line {
    size_t n, held;
    double error; /* median, as a share; 0 when n is */
};
struct track_line track_line(const struct track *t, unsigned int tenth);

#endif
