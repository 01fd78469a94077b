/*
 * RRULE and the pattern of a series, [MS-OXCICAL] 2.1.3.2.2.
 */
#include <string.h>

#include "lab/ical_priv.h"

static const char *const weekdays[7] = { "SU", "MO", "TU", "WE",
                                         "TH", "FR", "SA" };

/* A series by count: no one plans more, and each is walked over. */
enum { COUNT_MAX = 9999, INTERVAL_MAX = 999 };

/* ---- out ------------------------------------------------------------- */

static void append_days(GString *s, uint32_t days)
{
    bool first = true;

    g_string_append(s, ";BYDAY=");
    for (unsigned int i = 0; i < 7; i++)
        if ((days & 1u << i) != 0) {
            g_string_append_printf(s, "%s%s", first ? "" : ",", weekdays[i]);
            first = false;
        }
}

static unsigned int month_of(const struct recurrence *r)
{
    unsigned int year, month, day;

    recur_date_parts(r->start_date, &year, &month, &day);
    return month;
}

static void append_month(GString *s, const struct recurrence *r)
{
    if (r->type == RECUR_MONTH_NTH) {
        append_days(s, r->days);
        g_string_append_printf(s, ";BYSETPOS=%d",
                               r->nth == RECUR_NTH_LAST ? -1 : (int)r->nth);
    } else {
        g_string_append_printf(s, ";BYMONTHDAY=%d",
                               r->type == RECUR_MONTH_END ? -1 : (int)r->day);
    }
}

static void append_pattern(GString *s, const struct recurrence *r)
{
    bool yearly = r->frequency == RECUR_YEARLY && r->period % 12 == 0;

    if (r->type == RECUR_DAY_TYPE) {
        g_string_append_printf(s, "FREQ=DAILY;INTERVAL=%u",
                               r->period / RECUR_DAY);
    } else if (r->type == RECUR_WEEK) {
        g_string_append_printf(s, "FREQ=WEEKLY;INTERVAL=%u", r->period);
        append_days(s, r->days);
        g_string_append_printf(s, ";WKST=%s", weekdays[r->first_dow % 7]);
    } else {
        g_string_append_printf(s, "FREQ=%s;INTERVAL=%u",
                               yearly ? "YEARLY" : "MONTHLY",
                               yearly ? r->period / 12 : r->period);
        append_month(s, r);
        if (yearly)
            g_string_append_printf(s, ";BYMONTH=%u", month_of(r));
    }
}

static void append_utc(GString *s, int64_t us)
{
    GDateTime *d = g_date_time_new_from_unix_utc(us / TIMESTAMP_SECOND);
    g_autofree char *text =
        d != NULL ? g_date_time_format(d, "%Y%m%dT%H%M%SZ") : NULL;

    if (text != NULL)
        g_string_append_printf(s, ";UNTIL=%s", text);
    g_clear_pointer(&d, g_date_time_unref);
}

char *ical_rule_write(const struct series *s)
{
    const struct recurrence *r = &s->recur;
    GString *text = g_string_new(NULL);

    append_pattern(text, r);
    if (r->end_type == RECUR_BY_COUNT)
        g_string_append_printf(text, ";COUNT=%u", r->count);
    else if (r->end_type == RECUR_BY_DATE)
        append_utc(text, series_utc(s, r->end_date + r->start_offset));
    return g_string_free(text, FALSE);
}

/* ---- in -------------------------------------------------------------- */

static int64_t number_of(const char *rule, const char *name, int64_t fallback)
{
    g_autofree char *text = ical_part(rule, name);
    gint64 v = 0;

    if (text == NULL)
        return fallback;
    return g_ascii_string_to_signed(text, 10, -366, 1000000, &v, NULL)
               ? v
               : fallback;
}

/* "MO,TU" or "-1SU"; *ret_nth: the number before the first, 0: none. */
static uint32_t days_of(const char *rule, int64_t *ret_nth)
{
    g_autofree char *text = ical_part(rule, "BYDAY");
    g_auto(GStrv) parts = NULL;
    uint32_t days = 0;

    *ret_nth = 0;
    if (text == NULL)
        return 0;
    parts = g_strsplit(text, ",", 8);
    for (size_t i = 0; parts[i] != NULL; i++) {
        char *end = parts[i];
        gint64 nth = g_ascii_strtoll(parts[i], &end, 10);

        for (unsigned int d = 0; d < 7; d++)
            if (g_ascii_strncasecmp(end, weekdays[d], 2) == 0)
                days |= 1u << d;
        if (*ret_nth == 0)
            *ret_nth = nth;
    }
    return days;
}

static int read_month(const char *rule, struct recurrence *r, int64_t months)
{
    int64_t nth = 0;
    int64_t by_day = number_of(rule, "BYMONTHDAY", 0);
    unsigned int year, month, day;

    recur_date_parts(r->start_date, &year, &month, &day);
    r->period = (uint32_t)months;
    r->days = days_of(rule, &nth);
    if (r->days != 0 && by_day == 0) {
        nth = number_of(rule, "BYSETPOS", nth);
        if (nth == 0 || nth < -1 || nth > RECUR_NTH_LAST)
            return -1;
        r->type = RECUR_MONTH_NTH;
        r->nth = nth < 0 ? RECUR_NTH_LAST : (uint32_t)nth;
        return 0;
    }
    /* Outlook says "the last day" as the 31st, which is cut to the month */
    r->type = RECUR_MONTH;
    r->day = by_day == -1 ? 31 : by_day > 0 ? (uint32_t)MIN(by_day, 31) : day;
    r->days = 0;
    return by_day < -1 ? -1 : 0;
}

static int read_frequency(const char *rule, struct recurrence *r)
{
    g_autofree char *freq = ical_part(rule, "FREQ");
    int64_t interval = number_of(rule, "INTERVAL", 1), nth = 0;

    interval = CLAMP(interval, 1, INTERVAL_MAX);
    if (freq == NULL)
        return -1;
    if (g_ascii_strcasecmp(freq, "DAILY") == 0) {
        r->frequency = RECUR_DAILY;
        r->type = RECUR_DAY_TYPE;
        r->period = (uint32_t)interval * RECUR_DAY;
        return 0;
    }
    if (g_ascii_strcasecmp(freq, "WEEKLY") == 0) {
        r->frequency = RECUR_WEEKLY;
        r->type = RECUR_WEEK;
        r->period = (uint32_t)interval;
        r->days = days_of(rule, &nth);
        if (r->days == 0)
            r->days = 1u << recur_weekday(r->start_date);
        return 0;
    }
    if (g_ascii_strcasecmp(freq, "MONTHLY") == 0) {
        r->frequency = RECUR_MONTHLY;
        return read_month(rule, r, interval);
    }
    if (g_ascii_strcasecmp(freq, "YEARLY") != 0)
        return -1;
    r->frequency = RECUR_YEARLY;
    return read_month(rule, r, MIN(interval, INTERVAL_MAX / 12) * 12);
}

/* "20240301T100000Z" or a date, as minutes of the series' own time. */
static int read_until(const char *until, const struct timezone_info *zone,
                      uint32_t *ret)
{
    GTimeZone *utc = g_time_zone_new_utc();
    GDateTime *d = g_date_time_new_from_iso8601(until, utc);
    g_autofree char *whole = NULL;
    int64_t us;

    if (d == NULL) {
        whole = g_strconcat(until, "T000000Z", NULL);
        d = g_date_time_new_from_iso8601(whole, utc);
    }
    g_time_zone_unref(utc);
    if (d == NULL)
        return -1;
    us = g_date_time_to_unix(d) * TIMESTAMP_SECOND;
    g_date_time_unref(d);
    if (g_str_has_suffix(until, "Z"))
        us = timezone_to_local(zone, us);
    *ret = recur_minutes(us);
    return 0;
}

static int read_end(const char *rule, const struct timezone_info *zone,
                    struct recurrence *r)
{
    g_autofree char *until = ical_part(rule, "UNTIL");
    int64_t count = number_of(rule, "COUNT", 0);
    uint32_t end = 0;

    if (count > 0) {
        r->end_type = RECUR_BY_COUNT;
        r->count = (uint32_t)MIN(count, COUNT_MAX);
        return 0;
    }
    if (until == NULL)
        return 0;
    if (read_until(until, zone, &end) < 0)
        return -1;
    r->end_type = RECUR_BY_DATE;
    r->end_date = end / RECUR_DAY * RECUR_DAY;
    return 0;
}

static uint32_t week_start(const char *rule)
{
    g_autofree char *text = ical_part(rule, "WKST");

    for (unsigned int d = 0; text != NULL && d < 7; d++)
        if (g_ascii_strcasecmp(text, weekdays[d]) == 0)
            return d;
    return 1; /* RFC 5545 3.3.10: Monday */
}

/* FirstDateTime: in which of the period's days, weeks or months it begins. */
static void set_phase(const char *rule, struct recurrence *r)
{
    unsigned int year, month, day, weekday = recur_weekday(r->start_date);
    uint32_t week, from_1601;

    if (r->type == RECUR_DAY_TYPE) {
        r->first = r->start_date % r->period;
    } else if (r->type == RECUR_WEEK) {
        week = (weekday + 7 - r->first_dow) % 7 * RECUR_DAY;
        r->first = (r->start_date - week) % (r->period * 7 * RECUR_DAY);
    } else {
        recur_date_parts(r->start_date, &year, &month, &day);
        month = (unsigned int)CLAMP(number_of(rule, "BYMONTH", month), 1, 12);
        from_1601 = ((year - 1601) * 12 + month - 1) % r->period;
        r->first = recur_date(1601 + from_1601 / 12, from_1601 % 12 + 1, 1);
    }
}

int ical_rule_read(const char *rule, const struct timezone_info *zone,
                   struct recurrence *r)
{
    r->first_dow = week_start(rule);
    if (read_frequency(rule, r) < 0 || read_end(rule, zone, r) < 0)
        return -1;
    if (r->end_type == RECUR_BY_DATE && r->end_date < r->start_date)
        return -1;
    set_phase(rule, r);
    recurrence_anchor(r);
    return 0;
}
