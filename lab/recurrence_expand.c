#include "lab/recurrence.h"

#include "base/timestamp.h"

/*
 * No series is followed further: two thousand years of days would be, and
 * what a hostile blob asks for must end.
 */
#define INSTANCES_MAX 100000u
/* Patterns that never fall on a date (31 February) are given up. */
#define EMPTY_MAX 10000u

/* ---- dates ----------------------------------------------------------- */

static bool leap(unsigned int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned int recur_month_length(unsigned int year, unsigned int month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30,
                                          31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
}

/* Days from 1601-01-01 to the first of January. */
static uint32_t days_to_year(unsigned int year)
{
    unsigned int n = year - 1601;

    return n * 365 + n / 4 - n / 100 + n / 400;
}

uint32_t recur_date(unsigned int year, unsigned int month, unsigned int day)
{
    uint32_t days = days_to_year(year);

    for (unsigned int m = 1; m < month; m++)
        days += recur_month_length(year, m);
    return (days + day - 1) * RECUR_DAY;
}

void recur_date_parts(uint32_t minutes, unsigned int *ret_year,
                      unsigned int *ret_month, unsigned int *ret_day)
{
    uint32_t days = minutes / RECUR_DAY;
    unsigned int year = 1601 + days / 366, month = 1;

    while (days_to_year(year + 1) <= days)
        year++;
    days -= days_to_year(year);
    while (days >= recur_month_length(year, month))
        days -= recur_month_length(year, month++);
    *ret_year = year;
    *ret_month = month;
    *ret_day = days + 1;
}

/* 1601-01-01 was a Monday. */
unsigned int recur_weekday(uint32_t minutes)
{
    return (minutes / RECUR_DAY + 1) % 7;
}

uint32_t recur_minutes(int64_t us)
{
    int64_t minutes = us / RECUR_MINUTE_US - (us % RECUR_MINUTE_US < 0 ? 1 : 0);

    return (uint32_t)CLAMP(minutes + RECUR_1970, 0, (int64_t)RECUR_END_NEVER);
}

int64_t recur_us(uint32_t minutes)
{
    return ((int64_t)minutes - RECUR_1970) * RECUR_MINUTE_US;
}

static uint32_t date_of(uint32_t minutes)
{
    return minutes - minutes % RECUR_DAY;
}

/* ---- the pattern ----------------------------------------------------- */

/* Months since January 1601. */
static uint32_t month_number(uint32_t date)
{
    unsigned int year, month, day;

    recur_date_parts(date, &year, &month, &day);
    return (year - 1601) * 12 + month - 1;
}

/* The n-th of the days in a month; 0: the month has none. */
static uint32_t nth_day(const struct recurrence *r, unsigned int year,
                        unsigned int month)
{
    unsigned int length = recur_month_length(year, month), seen = 0;
    uint32_t first = recur_date(year, month, 1), found = 0;

    for (unsigned int day = 0; day < length; day++) {
        uint32_t date = first + day * RECUR_DAY;

        if ((r->days & 1u << recur_weekday(date)) == 0)
            continue;
        found = date;
        if (++seen == r->nth && r->nth != RECUR_NTH_LAST)
            return found;
    }
    return r->nth == RECUR_NTH_LAST ? found : 0;
}

/* The date in the step-th month of the pattern; 0: none. */
static uint32_t month_date(const struct recurrence *r, uint32_t step)
{
    uint32_t phase = month_number(r->first) % r->period;
    uint32_t from = month_number(r->start_date);
    uint32_t month = from + (phase + r->period - from % r->period) % r->period +
                     step * r->period;
    unsigned int year = 1601 + month / 12, m = month % 12 + 1;

    if (r->type == RECUR_MONTH_NTH)
        return nth_day(r, year, m);
    if (r->type == RECUR_MONTH_END)
        return recur_date(year, m, recur_month_length(year, m));
    return recur_date(year, m, MIN(r->day, recur_month_length(year, m)));
}

/* Sunday or whatever the user's week begins with, before or on the date. */
static uint32_t week_start(const struct recurrence *r, uint32_t date)
{
    unsigned int back = (recur_weekday(date) + 7 - r->first_dow) % 7;

    return date - MIN(date, back * RECUR_DAY);
}

static bool next_in_weeks(struct recur_walk *w, uint32_t *ret)
{
    const struct recurrence *r = w->r;
    uint32_t week = week_start(r, date_of(r->start_date));

    for (uint64_t at = (uint64_t)w->step * r->period * 7 * RECUR_DAY + week;
         at < RECUR_END_NEVER; at += (uint64_t)r->period * 7 * RECUR_DAY) {
        while (w->bit < 7) {
            uint32_t date = (uint32_t)at + w->bit++ * RECUR_DAY;

            if ((r->days & 1u << recur_weekday(date)) == 0 ||
                date < date_of(r->start_date))
                continue;
            *ret = date;
            return true;
        }
        w->bit = 0;
        w->step++;
    }
    return false;
}

static bool next_in_months(struct recur_walk *w, uint32_t *ret)
{
    const struct recurrence *r = w->r;

    for (uint32_t tries = 0; tries < EMPTY_MAX; tries++) {
        uint32_t date;

        /* months to the year 4500 */
        if ((uint64_t)w->step * r->period > 12 * 2900)
            return false;
        date = month_date(r, w->step++);
        if (date == 0 || date < date_of(r->start_date))
            continue;
        *ret = date;
        return true;
    }
    return false;
}

static bool next_in_days(struct recur_walk *w, uint32_t *ret)
{
    const struct recurrence *r = w->r;
    uint64_t at = date_of(r->start_date) + (uint64_t)w->step * r->period;

    if (at > RECUR_END_NEVER)
        return false;
    w->step++;
    *ret = date_of((uint32_t)at);
    return true;
}

/* The lunar and Hijri calendars are not reckoned: their dates are stored. */
static bool gregorian(const struct recurrence *r)
{
    switch (r->calendar) {
    case 6:
    case 8:
    case 14:
    case 15:
    case 17:
    case 18:
    case 19:
    case 20:
    case 23:
        return false;
    default:
        return r->type < RECUR_HJ_MONTH;
    }
}

static bool next_date(struct recur_walk *w, uint32_t *ret)
{
    switch (w->r->type) {
    case RECUR_DAY_TYPE:
        return next_in_days(w, ret);
    case RECUR_WEEK:
        return next_in_weeks(w, ret);
    default:
        return gregorian(w->r) && next_in_months(w, ret);
    }
}

void recur_walk_init(struct recur_walk *w, const struct recurrence *r)
{
    *w = (struct recur_walk){ .r = r };
}

bool recur_walk_next(struct recur_walk *w, uint32_t *ret_date)
{
    const struct recurrence *r = w->r;
    uint32_t date = 0;

    if (w->over)
        return false;
    w->over = true;
    if (w->index >= INSTANCES_MAX || !next_date(w, &date))
        return false;
    if (r->end_type == RECUR_BY_COUNT && w->index >= r->count)
        return false;
    if (r->end_type == RECUR_BY_DATE && date > r->end_date)
        return false;
    w->over = false;
    w->index++;
    *ret_date = date;
    return true;
}

/* ---- occurrences ----------------------------------------------------- */

/* False when it is deleted. */
static bool occurrence_of(const struct recur_walk *w, uint32_t date,
                          struct occurrence *ret)
{
    const struct recurrence *r = w->r;
    const struct recur_exception *e = recurrence_exception(r, date);

    *ret = (struct occurrence){
        .index = w->index,
        .original = date + r->start_offset,
        .start = e != NULL ? e->start : date + r->start_offset,
        .end = e != NULL ? e->end : date + r->end_offset,
        .exception = e,
    };
    return e != NULL || !recurrence_is_deleted(r, date);
}

/* The latest date by the pattern that an exception stands for. */
static uint32_t latest_exception(const struct recurrence *r)
{
    uint32_t latest = 0;

    for (guint i = 0; i < r->exceptions->len; i++)
        latest = MAX(
            latest,
            g_array_index(r->exceptions, struct recur_exception, i).original);
    return latest;
}

static int by_start(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

/* What takes no time lies where it starts. */
static bool overlaps(const struct occurrence *o, uint32_t from, uint32_t to)
{
    return o->start < to &&
           (o->end > from || (o->end == o->start && o->start >= from));
}

GArray *recurrence_expand(const struct recurrence *r, uint32_t from,
                          uint32_t to, size_t max)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct occurrence));
    uint32_t last = MAX(to, latest_exception(r)), date = 0;
    struct occurrence o;
    struct recur_walk w;

    recur_walk_init(&w, r);
    while (found->len < max && recur_walk_next(&w, &date) && date <= last)
        if (occurrence_of(&w, date, &o) && overlaps(&o, from, to))
            g_array_append_val(found, o);
    g_array_sort(found, by_start);
    return found;
}

bool recurrence_first(const struct recurrence *r, struct occurrence *ret)
{
    struct recur_walk w;
    uint32_t date = 0;

    recur_walk_init(&w, r);
    while (recur_walk_next(&w, &date))
        if (occurrence_of(&w, date, ret))
            return true;
    return false;
}

bool recurrence_last(const struct recurrence *r, struct occurrence *ret)
{
    struct occurrence o;
    struct recur_walk w;
    bool found = false;
    uint32_t date = 0;

    if (r->end_type == RECUR_NEVER)
        return false;
    recur_walk_init(&w, r);
    while (recur_walk_next(&w, &date))
        if (occurrence_of(&w, date, &o)) {
            *ret = o;
            found = true;
        }
    return found;
}

bool recurrence_by_index(const struct recurrence *r, uint32_t index,
                         struct occurrence *ret, bool *ret_deleted)
{
    struct recur_walk w;
    uint32_t date = 0;

    recur_walk_init(&w, r);
    while (recur_walk_next(&w, &date)) {
        if (w.index != index)
            continue;
        *ret_deleted = !occurrence_of(&w, date, ret);
        return true;
    }
    return false;
}

bool recurrence_by_date(const struct recurrence *r, uint32_t date,
                        struct occurrence *ret, bool *ret_deleted)
{
    struct recur_walk w;
    uint32_t at = 0;

    recur_walk_init(&w, r);
    while (recur_walk_next(&w, &at) && at <= date) {
        if (at != date)
            continue;
        *ret_deleted = !occurrence_of(&w, at, ret);
        return true;
    }
    return false;
}

/* ---- what follows from the rest -------------------------------------- */

void recurrence_phase(struct recurrence *r)
{
    uint32_t start = date_of(r->start_date), month;

    if (r->type == RECUR_DAY_TYPE) {
        r->first = start % r->period;
    } else if (r->type == RECUR_WEEK) {
        r->first = (uint32_t)(week_start(r, start) %
                              ((uint64_t)r->period * 7 * RECUR_DAY));
    } else {
        month = month_number(start) % r->period;
        r->first = recur_date(1601 + month / 12, month % 12 + 1, 1);
    }
}

void recurrence_anchor(struct recurrence *r)
{
    struct recur_walk w;
    uint32_t date = 0, n = 0;

    recur_walk_init(&w, r);
    if (recur_walk_next(&w, &date))
        r->start_date = date;
    recurrence_phase(r);
    if (r->end_type == RECUR_NEVER) {
        r->end_date = RECUR_END_NEVER;
        return;
    }
    recur_walk_init(&w, r);
    while (recur_walk_next(&w, &date))
        n++;
    /* a count follows from a date and a date from a count, 2.2.1.44.1 */
    if (r->end_type == RECUR_BY_COUNT && n > 0)
        r->end_date = date;
    if (r->end_type == RECUR_BY_DATE)
        r->count = n;
}
