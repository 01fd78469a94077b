/*
 * timestamp - time inside is int64_t microseconds since 1970 UTC; text only
 * at the edge.
 */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#define TIMESTAMP_NONE   INT64_MIN
#define TIMESTAMP_SECOND INT64_C(1000000)
#define TIMESTAMP_DAY    (86400 * TIMESTAMP_SECOND)

/* Wall clock: for records.  May jump. */
int64_t timestamp_now(void);

/* Monotonic clock: for waits and rates.  Never goes back; no epoch. */
int64_t timestamp_monotonic(void);

/*
 * xs:dateTime as Exchange writes it: "2026-01-02T03:04:05[.f{0,9}](Z|+hh:mm|
 * -hh:mm|)"; no zone means UTC.  Returns false (and touches nothing) when it
 * is not one.
 */
bool timestamp_parse(const char *text, int64_t *ret_us);

/* "2026-01-02T03:04:05Z", for XML and JSON.  The caller frees. */
char *timestamp_format(int64_t us) G_GNUC_MALLOC;

/* "2 d 3 h", "4 min 5 s", "850 ms": for people.  The caller frees. */
char *timestamp_duration(int64_t us) G_GNUC_MALLOC;

#endif
