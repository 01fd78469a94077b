/*
 * timezone - time zones as Windows knows them: an id, and for spans of years
 * a bias with the days on which daylight time begins and ends.
 *
 * Two blobs carry them: PidLidAppointmentTimeZoneDefinition... with all rules
 * ([MS-OXOCAL] 2.2.1.41) and PidLidTimeZoneStruct with one (2.2.1.39).  A
 * table has the common ones.  Biases are minutes to add to local time to get
 * UTC.
 */
#ifndef LAB_TIMEZONE_H
#define LAB_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/*
 * SYSTEMTIME as a date that comes back each year: the nth (5: last) of that
 * weekday in the month.  With a year it comes once, and nth is the day.
 */
struct tz_date {
    uint16_t year, month; /* month 0: there is no daylight time */
    uint16_t weekday;     /* 0: Sunday */
    uint16_t nth;
    uint16_t hour, minute, second, ms;
};

struct tz_rule {
    uint16_t flags; /* of the blob: TZ_EFFECTIVE ... */
    uint16_t year;  /* from that January on; the first: since ever */
    int32_t bias, standard_bias, daylight_bias;
    struct tz_date standard, daylight; /* when each begins, in local time */
};

enum tz_flag {
    TZ_RECURRING = 1, /* the rule that PidLidTimeZoneStruct has too */
    TZ_EFFECTIVE = 2,
};

struct timezone_info {
    char *id;              /* "Pacific Standard Time"; "" when unknown */
    struct tz_rule *rules; /* by year, at least one */
    size_t n_rules;
};
typedef struct timezone_info timezone_info;
void timezone_clear(struct timezone_info *tz);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(timezone_info, timezone_clear)

void timezone_copy(struct timezone_info *to, const struct timezone_info *from);

/* ---- the table (timezone_table.c) ------------------------------------ */

size_t timezone_count(void);
const char *timezone_id_at(size_t i);
/* "(UTC+01:00) Amsterdam, ..."; NULL when the id is not in the table. */
const char *timezone_display(const char *id);
/* False, with *ret untouched, when there is none. */
bool timezone_find(const char *id, struct timezone_info *ret);
/* One of the table whose rule is that one, for those who give none; or NULL */
const char *timezone_id_of_rule(const struct tz_rule *rule, uint16_t year);
void timezone_utc(struct timezone_info *ret);
/* Orders rules by their year, for qsort() and the like. */
int timezone_by_year(const void *a, const void *b);

/* ---- blobs ----------------------------------------------------------- */

/* -1 when it is none, with *ret untouched. */
int timezone_read(const void *data, size_t size,
                  struct timezone_info *ret) G_GNUC_WARN_UNUSED_RESULT;
/*
 * With the rule of that year marked as the effective one by `flags`; 0 keeps
 * the flags of the rules.  The caller unrefs.
 */
GByteArray *timezone_write(const struct timezone_info *tz, uint16_t year,
                           uint16_t flags);
int timezone_struct_read(const void *data, size_t size,
                         struct tz_rule *ret) G_GNUC_WARN_UNUSED_RESULT;
GByteArray *timezone_struct_write(const struct tz_rule *rule);

/* ---- reckoning ------------------------------------------------------- */

const struct tz_rule *timezone_rule(const struct timezone_info *tz,
                                    unsigned int year);
/* What is in force at that instant, in minutes. */
int32_t timezone_bias(const struct timezone_info *tz, int64_t utc_us);
/*
 * To local time and back, both in microseconds on their own clock.  A local
 * time that comes twice is the standard one, one that never comes is moved
 * on by what the clocks were: so does .NET.
 */
int64_t timezone_to_local(const struct timezone_info *tz, int64_t utc_us);
int64_t timezone_from_local(const struct timezone_info *tz, int64_t local_us);

#endif
