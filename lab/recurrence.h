/*
 * recurrence - how an appointment or a task repeats: the blob that Outlook
 * keeps ([MS-OXOCAL] 2.2.1.44), a struct, and the occurrences.
 *
 * Times are minutes since 1601 in the series' own time zone; a date is its
 * midnight.  No function here knows time zones (timezone.h does).
 */
#ifndef LAB_RECURRENCE_H
#define LAB_RECURRENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define RECUR_MINUTE_US INT64_C(60000000)
#define RECUR_DAY       1440u
/* 1970-01-01 in minutes since 1601: 369 years, 89 of them leap years. */
#define RECUR_1970 INT64_C(194074560)

/* RecurFrequency: what the user chose. */
enum recur_frequency {
    RECUR_DAILY = 0x200A,
    RECUR_WEEKLY = 0x200B,
    RECUR_MONTHLY = 0x200C,
    RECUR_YEARLY = 0x200D,
};

/* PatternType: how it is reckoned. */
enum recur_type {
    RECUR_DAY_TYPE = 0,
    RECUR_WEEK = 1,
    RECUR_MONTH = 2,
    RECUR_MONTH_NTH = 3,
    RECUR_MONTH_END = 4,
    RECUR_HJ_MONTH = 10,
    RECUR_HJ_MONTH_NTH = 11,
    RECUR_HJ_MONTH_END = 12,
};

enum recur_end {
    RECUR_BY_DATE = 0x2021,
    RECUR_BY_COUNT = 0x2022,
    RECUR_NEVER = 0x2023,
};

/* EndDate of a series that never ends: 4500-08-31 23:59. */
#define RECUR_END_NEVER 0x5AE980DFu
#define RECUR_NTH_LAST  5

/* OverrideFlags: what an exception has of its own. */
enum recur_override {
    RECUR_SUBJECT = 0x0001,
    RECUR_MEETING_TYPE = 0x0002,
    RECUR_REMINDER_DELTA = 0x0004,
    RECUR_REMINDER = 0x0008,
    RECUR_LOCATION = 0x0010,
    RECUR_BUSY = 0x0020,
    RECUR_ATTACHMENT = 0x0040,
    RECUR_ALL_DAY = 0x0080,
    RECUR_COLOR = 0x0100,
    RECUR_BODY = 0x0200,
};

struct recur_exception {
    uint32_t start, end; /* in full minutes, not dates */
    uint32_t original;   /* when it would have started */
    uint16_t overrides;  /* enum recur_override; the rest counts by it */
    char *subject;       /* UTF-8 */
    char *location;
    uint32_t meeting_type;   /* PidLidAppointmentStateFlags */
    uint32_t reminder_delta; /* minutes before */
    uint32_t reminder;       /* whether there is one */
    uint32_t busy;           /* PidLidBusyStatus */
    uint32_t attachment;
    uint32_t all_day;
    uint32_t color;
    uint32_t change_highlight;
    /* What others keep behind it; NULL: nothing. */
    GByteArray *highlight_more, *reserved1, *reserved2;
};

struct recurrence {
    uint16_t frequency; /* enum recur_frequency */
    uint16_t type;      /* enum recur_type */
    uint16_t calendar;
    uint32_t first;  /* FirstDateTime: the phase of the period */
    uint32_t period; /* minutes (days), weeks or months */
    uint32_t sliding;
    uint32_t days; /* bit 0: Sunday; of RECUR_WEEK and RECUR_MONTH_NTH */
    uint32_t day;  /* of the month */
    uint32_t nth;  /* 1 to 4, RECUR_NTH_LAST */
    uint32_t end_type;
    uint32_t count;
    uint32_t first_dow;            /* 0: Sunday */
    GArray *deleted;               /* of uint32_t: dates, changed ones too */
    GArray *modified;              /* of uint32_t: the days they moved to */
    uint32_t start_date, end_date; /* of the first and the last */
    bool appointment; /* what follows is there; a task's blob ends before */
    uint32_t writer;  /* 0x3008 or 0x3009 */
    uint32_t start_offset, end_offset; /* minutes into the day */
    GArray *exceptions; /* of struct recur_exception, by original start */
    GByteArray *reserved1, *reserved2;
};
typedef struct recurrence recurrence;

/* No exceptions, Gregorian, current versions. */
void recurrence_init(struct recurrence *r);
void recurrence_clear(struct recurrence *r);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(recurrence, recurrence_clear)

/*
 * Read a blob.  -1 with *ret untouched when it is none: too short, counts
 * that do not fit, a pattern that cannot be reckoned (a period of 0).  What
 * stands behind its end is left alone.
 */
int recurrence_read(const void *data, size_t size,
                    struct recurrence *ret) G_GNUC_WARN_UNUSED_RESULT;
/* The caller unrefs. */
GByteArray *recurrence_write(const struct recurrence *r);

/* An exception that replaces the occurrence of that date; NULL: none. */
struct recur_exception *recurrence_exception(const struct recurrence *r,
                                             uint32_t date);
/* Whether the pattern's instance on that date is deleted or changed. */
bool recurrence_is_deleted(const struct recurrence *r, uint32_t date);
/* Take an occurrence out, and any exception that replaced it. */
void recurrence_delete(struct recurrence *r, uint32_t date);
/*
 * The exception for the occurrence of that date, made when there is none
 * (with the times of the pattern); good until the next is made.
 */
struct recur_exception *recurrence_change(struct recurrence *r, uint32_t date);
/* After exceptions were moved: the dates in the blob follow. */
void recurrence_settle(struct recurrence *r);

/* Orders for g_array_sort(): of dates, of exceptions by original start. */
int recurrence_by_number(const void *a, const void *b);
int recurrence_by_original(const void *a, const void *b);

/* ---- occurrences (recurrence_expand.c) ------------------------------- */

struct occurrence {
    uint32_t index;    /* from 1, deleted ones counted */
    uint32_t original; /* start by the pattern */
    uint32_t start, end;
    const struct recur_exception *exception; /* NULL: as the pattern says */
};

/* The dates of the pattern, in order, deleted ones too. */
struct recur_walk {
    const struct recurrence *r;
    uint32_t index; /* of the date last returned */
    uint32_t step;  /* day, week or month under way, from 0 */
    uint32_t bit;   /* the day in that week */
    bool over;
};
void recur_walk_init(struct recur_walk *w, const struct recurrence *r);
/* False at the end. */
bool recur_walk_next(struct recur_walk *w, uint32_t *ret_date);

/*
 * What of the series lies in [from, to) or reaches into it, by start; an
 * array of struct occurrence.  At most max.
 */
GArray *recurrence_expand(const struct recurrence *r, uint32_t from,
                          uint32_t to, size_t max);
/* The first or last that is not deleted; false when there is none. */
bool recurrence_first(const struct recurrence *r, struct occurrence *ret);
bool recurrence_last(const struct recurrence *r, struct occurrence *ret);
/* By index or by date; *ret_deleted when it is taken out.  False: none. */
bool recurrence_by_index(const struct recurrence *r, uint32_t index,
                         struct occurrence *ret, bool *ret_deleted);
bool recurrence_by_date(const struct recurrence *r, uint32_t date,
                        struct occurrence *ret, bool *ret_deleted);

/* FirstDateTime from the start date and the period, [MS-OXOCAL] 2.2.1.44.1. */
void recurrence_phase(struct recurrence *r);

/*
 * Set what follows from the pattern and the start: first, end_date, and of a
 * start that is no occurrence the date of the first one.
 */
void recurrence_anchor(struct recurrence *r);

/* ---- dates ----------------------------------------------------------- */

/* A date's parts and back; month from 1.  Of minutes, the day's. */
void recur_date_parts(uint32_t minutes, unsigned int *ret_year,
                      unsigned int *ret_month, unsigned int *ret_day);
uint32_t recur_date(unsigned int year, unsigned int month, unsigned int day);
/* 0: Sunday. */
unsigned int recur_weekday(uint32_t minutes);
unsigned int recur_month_length(unsigned int year, unsigned int month);
/* To and from microseconds since 1970, same clock; clamped to what fits. */
uint32_t recur_minutes(int64_t us);
int64_t recur_us(uint32_t minutes);

#endif
