#include "base/timestamp.h"

#include <time.h>

#define DAY_SECONDS INT64_C(86400)

static int64_t read_clock(clockid_t clock)
{
    struct timespec ts;

    /* These two clocks exist on every Linux. */
    if (clock_gettime(clock, &ts) < 0)
        abort();
    return ts.tv_sec * TIMESTAMP_SECOND + ts.tv_nsec / 1000;
}

int64_t timestamp_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t timestamp_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

struct civil {
    int64_t year, month, day, hour, minute, second;
};

/*
 * Days since 1970-01-01 in the proleptic Gregorian calendar.  Years begin in
 * March, so that the leap day is a year's last (Howard Hinnant, "chrono-
 * Compatible Low-Level Date Algorithms").
 */
static int64_t days_from_civil(const struct civil *c)
{
    int64_t y = c->month <= 2 ? c->year - 1 : c->year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month = c->month > 2 ? c->month - 3 : c->month + 9;
    int64_t day_of_year = (153 * month + 2) / 5 + c->day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, struct civil *ret)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t month = (5 * doy + 2) / 153;

    ret->day = doy - (153 * month + 2) / 5 + 1;
    ret->month = month < 10 ? month + 3 : month - 9;
    ret->year = yoe + era * 400 + (ret->month <= 2 ? 1 : 0);
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool civil_is_valid(const struct civil *c)
{
    static const int64_t lengths[] = { 31, 28, 31, 30, 31, 30,
                                       31, 31, 30, 31, 30, 31 };
    int64_t length;

    if (c->year < 1 || c->month < 1 || c->month > 12)
        return false;
    length = lengths[c->month - 1];
    if (c->month == 2 && is_leap(c->year))
        length++;
    return c->day >= 1 && c->day <= length && c->hour <= 23 &&
           c->minute <= 59 && c->second <= 59;
}

/* Exactly n digits; moves *p behind them. */
static bool take_number(const char **p, int n, int64_t *ret)
{
    int64_t value = 0;

    for (int i = 0; i < n; i++) {
        if (!g_ascii_isdigit((*p)[i]))
            return false;
        value = value * 10 + ((*p)[i] - '0');
    }
    *p += n;
    *ret = value;
    return true;
}

static bool take_char(const char **p, char c)
{
    if (**p != c)
        return false;
    ++*p;
    return true;
}

static bool take_civil(const char **p, struct civil *ret)
{
    return take_number(p, 4, &ret->year) && take_char(p, '-') &&
           take_number(p, 2, &ret->month) && take_char(p, '-') &&
           take_number(p, 2, &ret->day) && take_char(p, 'T') &&
           take_number(p, 2, &ret->hour) && take_char(p, ':') &&
           take_number(p, 2, &ret->minute) && take_char(p, ':') &&
           take_number(p, 2, &ret->second) && civil_is_valid(ret);
}

/* ".f{0,9}" or nothing; finer than a microsecond is cut off. */
static bool take_fraction(const char **p, int64_t *ret_us)
{
    int64_t us = 0, unit = TIMESTAMP_SECOND / 10;
    int n = 0;

    if (take_char(p, '.'))
        for (; g_ascii_isdigit(**p); ++*p, n++, unit /= 10)
            us += (**p - '0') * unit;
    *ret_us = us;
    return n <= 9;
}

/* Seconds east of UTC; no zone means UTC. */
static bool take_zone(const char **p, int64_t *ret)
{
    int64_t hours, minutes, sign = **p == '-' ? -1 : 1;

    *ret = 0;
    if (**p == '\0' || take_char(p, 'Z'))
        return true;
    if (!take_char(p, '+') && !take_char(p, '-'))
        return false;
    if (!take_number(p, 2, &hours) || !take_char(p, ':') ||
        !take_number(p, 2, &minutes))
        return false;
    /* xs:dateTime: offsets lie within 14 hours */
    if (minutes > 59 || hours * 60 + minutes > 14 * 60)
        return false;
    *ret = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool timestamp_parse(const char *text, int64_t *ret_us)
{
    struct civil c;
    int64_t us, zone, seconds;

    if (!take_civil(&text, &c) || !take_fraction(&text, &us) ||
        !take_zone(&text, &zone) || *text != '\0')
        return false;
    seconds = days_from_civil(&c) * DAY_SECONDS + c.hour * 3600 +
              c.minute * 60 + c.second - zone;
    *ret_us = seconds * TIMESTAMP_SECOND + us;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

char *timestamp_format(int64_t us)
{
    int64_t seconds = floor_div(us, TIMESTAMP_SECOND);
    int64_t days = floor_div(seconds, DAY_SECONDS);
    int64_t rest = seconds - days * DAY_SECONDS;
    struct civil c;

    civil_from_days(days, &c);
    return g_strdup_printf("%04" G_GINT64_FORMAT "-%02" G_GINT64_FORMAT
                           "-%02" G_GINT64_FORMAT "T%02" G_GINT64_FORMAT
                           ":%02" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT "Z",
                           c.year, c.month, c.day, rest / 3600, rest / 60 % 60,
                           rest % 60);
}

char *timestamp_duration(int64_t us)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {
        { "d", DAY_SECONDS * TIMESTAMP_SECOND },
        { "h", 3600 * TIMESTAMP_SECOND },
        { "min", 60 * TIMESTAMP_SECOND },
        { "s", TIMESTAMP_SECOND },
        { "ms", 1000 },
    };
    size_t i = 0, last = G_N_ELEMENTS(units) - 1;
    int64_t whole, part;

    us = MAX(us, 0);
    while (i < last && us < units[i].us)
        i++;
    whole = us / units[i].us;
    /* Milliseconds beside seconds would be noise. */
    if (i >= last - 1)
        return g_strdup_printf("%" G_GINT64_FORMAT " %s", whole, units[i].name);
    part = us % units[i].us / units[i + 1].us;
    if (part == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT " %s", whole, units[i].name);
    return g_strdup_printf("%" G_GINT64_FORMAT " %s %" G_GINT64_FORMAT " %s",
                           whole, units[i].name, part, units[i + 1].name);
}
