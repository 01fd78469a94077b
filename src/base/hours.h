/*
 * hours - times of the week, as people write them: "22:00-06:00",
 * "Mon-Fri 08:00-12:00, 13:00-18:00, Sat 09:00-12:00 Europe/Berlin".
 *
 * Ranges hold from their first time up to their last, on the days named in
 * front of them (every day where none is); one that ends before it begins goes
 * on past midnight, and belongs to the day on which it begins.  24:00 is the
 * end of a day.  A zone of the system's database or "UTC" may stand at the end;
 * without one it is the machine's.
 *
 * They are what a clock on the wall shows: on the day on which clocks go
 * forward, a range is as much shorter as the hour that is left out lies in it,
 * and on the day on which they go back, longer.
 *
 * Immutable; any thread.  Times are wall clock, microseconds UTC.
 */
#ifndef BASE_HOURS_H
#define BASE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

struct hours;
typedef struct hours hours;

/*
 * -1 with "<text> is not ..." and what it should look like: also when it holds
 * at all times of the week, which would leave none for what waits.
 */
int hours_parse(const char *text, struct hours **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void hours_free(struct hours *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hours, hours_free)

/* As it was written.  Borrowed. */
const char *hours_text(const struct hours *h);

bool hours_hold(const struct hours *h, int64_t at_us);

/*
 * When that changes, after at_us: the end of a range where they hold, the
 * beginning of the next one else.
 */
int64_t hours_change(const struct hours *h, int64_t at_us);

/* For how long they hold in the time from one to the other. */
int64_t hours_between(const struct hours *h, int64_t from_us, int64_t to_us);

/* "Mon 18:00:00 CET": in the zone, for people.  The caller frees. */
char *hours_clock(const struct hours *h, int64_t at_us) G_GNUC_MALLOC;

#endif
