#include "lab/aqs_date.h"

#include <string.h>

#include <glib.h>

#include "base/timestamp.h"

#define DAY_US INT64_C(86400000000)

static int64_t start_of(int year, int month, int day)
{
    g_autoptr(GDateTime) at = g_date_time_new_utc(year, month, day, 0, 0, 0);

    return at != NULL ? g_date_time_to_unix(at) * G_USEC_PER_SEC
                      : TIMESTAMP_NONE;
}

static int number_at(const char *text, size_t n, const char **ret_end)
{
    int v = 0;
    size_t i = 0;

    for (; i < n && g_ascii_isdigit(text[i]); i++)
        v = v * 10 + g_ascii_digit_value(text[i]);
    *ret_end = text + i;
    return i > 0 ? v : -1;
}

/* "01/15/2001" or "2001-01-15" */
static bool read_date(const char *text, struct aqs_days *ret)
{
    char sign = strchr(text, '/') != NULL ? '/' : '-';
    const char *at = text;
    int part[3];

    for (int i = 0; i < 3; i++) {
        part[i] = number_at(at, 4, &at);
        if (part[i] < 0 || *at != (i < 2 ? sign : '\0'))
            return false;
        at++;
    }
    ret->from_us = sign == '/' ? start_of(part[2], part[0], part[1])
                               : start_of(part[0], part[1], part[2]);
    ret->to_us = ret->from_us + DAY_US;
    return ret->from_us != TIMESTAMP_NONE;
}

static int64_t today(int64_t now_us)
{
    return now_us - (now_us % DAY_US + DAY_US) % DAY_US;
}

/* Monday is the first day of a week, 1970 began on a Thursday. */
static int64_t monday(int64_t now_us)
{
    int64_t days = today(now_us) / DAY_US + 3;

    return today(now_us) - (days % 7) * DAY_US;
}

static int64_t months_from(int64_t now_us, int add)
{
    g_autoptr(GDateTime) now =
        g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
    int month =
        g_date_time_get_year(now) * 12 + g_date_time_get_month(now) - 1 + add;

    return start_of(month / 12, month % 12 + 1, 1);
}

static bool read_day_name(int64_t now_us, const char *text,
                          struct aqs_days *ret)
{
    static const char *const names[] = { "monday",   "tuesday", "wednesday",
                                         "thursday", "friday",  "saturday",
                                         "sunday" };
    static const char *const months[] = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december",
    };
    g_autoptr(GDateTime) now =
        g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], text) == 0) {
            ret->from_us = monday(now_us) + (int64_t)i * DAY_US;
            ret->to_us = ret->from_us + DAY_US;
            return true;
        }
    for (size_t i = 0; i < G_N_ELEMENTS(months); i++)
        if (strcmp(months[i], text) == 0) {
            int add = (int)i + 1 - g_date_time_get_month(now);

            ret->from_us = months_from(now_us, add);
            ret->to_us = months_from(now_us, add + 1);
            return true;
        }
    return false;
}

static bool read_relative(int64_t now_us, const char *text,
                          struct aqs_days *ret)
{
    static const struct {
        const char *text;
        int days;
    } rows[] = { { "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].text, text) == 0) {
            ret->from_us = today(now_us) + rows[i].days * DAY_US;
            ret->to_us = ret->from_us + DAY_US;
            return true;
        }
    return read_day_name(now_us, text, ret);
}

/* "last week", "this month", "next year" */
static bool read_period(int64_t now_us, const char *text, struct aqs_days *ret)
{
    static const struct {
        const char *text;
        int add;
    } whens[] = {
        { "last ", -1 }, { "past ", -1 },  { "this ", 0 },
        { "next ", 1 },  { "coming ", 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        const char *what = text + strlen(whens[i].text);
        int add = whens[i].add;

        if (!g_str_has_prefix(text, whens[i].text))
            continue;
        if (strcmp(what, "week") == 0) {
            ret->from_us = monday(now_us) + add * 7 * DAY_US;
            ret->to_us = ret->from_us + 7 * DAY_US;
        } else if (strcmp(what, "month") == 0) {
            ret->from_us = months_from(now_us, add);
            ret->to_us = months_from(now_us, add + 1);
        } else if (strcmp(what, "year") == 0) {
            g_autoptr(GDateTime) now =
                g_date_time_new_from_unix_utc(now_us / G_USEC_PER_SEC);
            int year = g_date_time_get_year(now) + add;

            ret->from_us = start_of(year, 1, 1);
            ret->to_us = start_of(year + 1, 1, 1);
        } else {
            return false;
        }
        return true;
    }
    return false;
}

bool aqs_days_read(const char *text, int64_t now_us, struct aqs_days *ret)
{
    g_autofree char *low = g_ascii_strdown(text, -1);

    return read_date(low, ret) || read_relative(now_us, low, ret) ||
           read_period(now_us, low, ret);
}
