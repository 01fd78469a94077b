/*
 * occurrence - which one of a series stands on a day.
 *
 * Done in days where the series is at home: a start that differs from the
 * first one by whole days and an hour of daylight saving is on the day that
 * is nearest.  The patterns are those of [MS-OXOCAL] 2.2.1.44.1.
 */
#include "portable/portable.h"

#define DAY_US INT64_C(86400000000)

/* A year and a bit: where a yearly pattern's first day is at the latest. */
#define FIRST_MAX 800u

/* A series over a thousand years is none. */
#define DAYS_MAX 400000

/* Months or years; DAYS_MAX ends earlier. */
#define STEPS_MAX 14000u

static bool as_date(uint32_t yyyymmdd, GDate *ret)
{
    guint year = yyyymmdd / 10000, month = yyyymmdd / 100 % 100,
          day = yyyymmdd % 100;

    if (year > 9000 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    g_date_set_dmy(ret, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return true;
}

/* 0 Sunday ... 6. */
static unsigned int weekday(const GDate *d)
{
    return (unsigned int)g_date_get_weekday(d) % 7;
}

static bool on_days(const GDate *d, unsigned int days)
{
    return (days & 1u << weekday(d)) != 0;
}

/* The nth day of those in the month; 5 is the last. */
static bool nth_of_month(const struct portable_recurrence *r, guint year,
                         guint month, GDate *ret)
{
    guint n = g_date_get_days_in_month((GDateMonth)month, (GDateYear)year);
    unsigned int seen = 0;
    bool found = false;

    for (guint day = 1; day <= n; day++) {
        GDate d;

        g_date_set_dmy(&d, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
        if (!on_days(&d, r->days))
            continue;
        *ret = d;
        found = true;
        if (++seen == r->nth && r->nth < 5)
            return true;
    }
    return found && r->nth == 5;
}

/* A month that is too short has its last day. */
static bool day_of_month(const struct portable_recurrence *r, guint year,
                         guint month, GDate *ret)
{
    guint n = g_date_get_days_in_month((GDateMonth)month, (GDateYear)year);

    if (r->day == 0)
        return false;
    g_date_set_dmy(ret, (GDateDay)MIN(r->day, n), (GDateMonth)month,
                   (GDateYear)year);
    return true;
}

static bool is_nth(enum portable_pattern p)
{
    return p == PORTABLE_MONTHLY_NTH || p == PORTABLE_YEARLY_NTH;
}

static bool is_yearly(enum portable_pattern p)
{
    return p == PORTABLE_YEARLY || p == PORTABLE_YEARLY_NTH;
}

/* The i-th candidate by months or years, from the start's. */
static bool by_month(const struct portable_recurrence *r, const GDate *start,
                     unsigned int i, GDate *ret)
{
    guint year = g_date_get_year(start);
    guint month = (guint)g_date_get_month(start) - 1;

    if (is_yearly(r->pattern)) {
        year += i * MAX(r->interval, 1);
        month = r->month >= 1 && r->month <= 12 ? r->month - 1 : month;
    } else {
        month += i * MAX(r->interval, 1);
    }
    year += month / 12;
    month = month % 12 + 1;
    if (year > 9000)
        return false;
    return is_nth(r->pattern) ? nth_of_month(r, year, month, ret)
                              : day_of_month(r, year, month, ret);
}

static uint32_t count_months(const struct portable_recurrence *r,
                             const GDate *start, guint32 wanted)
{
    uint32_t n = 0;

    for (unsigned int i = 0; i < STEPS_MAX; i++) {
        GDate d;

        if (!by_month(r, start, i, &d) || g_date_compare(&d, start) < 0)
            continue;
        n++;
        if (g_date_get_julian(&d) >= wanted)
            return g_date_get_julian(&d) == wanted ? n : 0;
    }
    return 0;
}

static uint32_t count_days(const struct portable_recurrence *r,
                           const GDate *start, guint32 wanted)
{
    guint32 days = wanted - g_date_get_julian(start);
    guint32 every = MAX(r->interval, 1);

    return days % every == 0 ? days / every + 1 : 0;
}

/* Weeks are counted from the one, begun on its first day, that start is in. */
static uint32_t count_weeks(const struct portable_recurrence *r,
                            const GDate *start, guint32 wanted)
{
    guint32 first = g_date_get_julian(start);
    guint32 begin = first - (weekday(start) + 7 - r->first_day % 7) % 7;
    uint32_t n = 0;

    for (guint32 day = first; day <= wanted; day++) {
        GDate d;

        g_date_set_julian(&d, day);
        if ((day - begin) / 7 % MAX(r->interval, 1) != 0 ||
            !on_days(&d, r->days))
            continue;
        n++;
        if (day == wanted)
            return n;
    }
    return 0;
}

static uint32_t count(const struct portable_recurrence *r, const GDate *start,
                      guint32 wanted)
{
    switch (r->pattern) {
    case PORTABLE_DAILY:
        return count_days(r, start, wanted);
    case PORTABLE_WEEKLY:
        return count_weeks(r, start, wanted);
    case PORTABLE_MONTHLY:
    case PORTABLE_MONTHLY_NTH:
    case PORTABLE_YEARLY:
    case PORTABLE_YEARLY_NTH:
        return count_months(r, start, wanted);
    case PORTABLE_REGENERATE_DAILY:
    case PORTABLE_REGENERATE_WEEKLY:
    case PORTABLE_REGENERATE_MONTHLY:
    case PORTABLE_REGENERATE_YEARLY:
    case PORTABLE_N_PATTERNS:
        break;
    }
    return 0;
}

/* The pattern's first day on or after its start date; 0: none for years. */
static guint32 first_day(const struct portable_recurrence *r, const GDate *home)
{
    guint32 start = g_date_get_julian(home);

    for (guint32 day = start; day < start + FIRST_MAX; day++) {
        if (count(r, home, day) == 1)
            return day;
    }
    return 0;
}

/* What names no day at all would be looked for in vain. */
static bool is_whole(const struct portable_recurrence *r)
{
    if (r->pattern == PORTABLE_WEEKLY)
        return (r->days & PORTABLE_ALL_DAYS) != 0;
    if (is_nth(r->pattern))
        return (r->days & PORTABLE_ALL_DAYS) != 0 && r->nth >= 1 && r->nth <= 5;
    return r->pattern == PORTABLE_DAILY || r->day >= 1;
}

static int64_t days_between(int64_t from_us, int64_t to_us)
{
    int64_t us = to_us - from_us;

    return us >= 0 ? (us + DAY_US / 2) / DAY_US : -((DAY_US / 2 - us) / DAY_US);
}

uint32_t portable_occurrence(const struct portable_recurrence *r,
                             int64_t first_us, int64_t original_us)
{
    int64_t days = days_between(first_us, original_us);
    GDate home;
    guint32 first;

    if (!is_whole(r) || !as_date(r->start, &home) || days < 0 ||
        days > DAYS_MAX)
        return 0;
    first = first_day(r, &home);
    return first != 0 ? count(r, &home, first + (guint32)days) : 0;
}
