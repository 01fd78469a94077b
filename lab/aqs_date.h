/*
 * aqs_date - days and spans of days, as people write them in a query string.
 */
#ifndef LAB_AQS_DATE_H
#define LAB_AQS_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* From the beginning of a day up to the beginning of another, UTC. */
struct aqs_days {
    int64_t from_us, to_us;
};

/*
 * "01/31/2024", "2024-01-31", "today", "Friday", "May", "last week", ...;
 * now_us: what they are about.  False when it is none of them.
 */
bool aqs_days_read(const char *text, int64_t now_us, struct aqs_days *ret);

#endif
