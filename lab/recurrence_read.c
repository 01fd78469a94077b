#include "lab/recurrence_xml.h"

#include <string.h>

#include "lab/calendar_xml.h"

/* What Exchange takes: DailyRecurrence ... of [MS-OXWSCDATA]. */
#define DAYS_MAX   999
#define WEEKS_MAX  99
#define MONTHS_MAX 99
#define COUNT_MAX  999

static int invalid(struct problem *p)
{
    return problem_set(p, "ErrorCalendarInvalidRecurrence");
}

static bool read_interval(const xmlNode *node, int32_t max, uint32_t *ret)
{
    int32_t n = 0;

    if (!calendar_child_number(node, "Interval", 1, max, &n))
        return false;
    *ret = (uint32_t)n;
    return true;
}

static bool add_days(const char *name, uint32_t *days)
{
    int i = calendar_index_of(name, calendar_weekday_names);

    if (i >= 0)
        *days |= 1u << i;
    for (size_t g = 0; g < RECUR_DAY_GROUPS; g++)
        if (strcmp(recur_day_groups[g].name, name) == 0) {
            *days |= recur_day_groups[g].days;
            return true;
        }
    return i >= 0;
}

static bool read_days(const xmlNode *node, uint32_t *ret)
{
    g_autofree char *text = calendar_child_text(node, "DaysOfWeek");
    g_auto(GStrv) names = g_strsplit_set(text, " \t\r\n", -1);
    uint32_t days = 0;

    for (size_t i = 0; names[i] != NULL; i++)
        if (names[i][0] != '\0' && !add_days(names[i], &days))
            return false;
    *ret = days;
    return days != 0;
}

static bool read_nth(const xmlNode *node, struct recurrence *r)
{
    g_autofree char *week = calendar_child_text(node, "DayOfWeekIndex");
    int nth = calendar_index_of(week, calendar_weeks);

    r->type = RECUR_MONTH_NTH;
    r->nth = (uint32_t)(nth + 1);
    return nth >= 0 && read_days(node, &r->days);
}

static bool read_day(const xmlNode *node, struct recurrence *r)
{
    int32_t day = 0;

    r->type = RECUR_MONTH;
    if (!calendar_child_number(node, "DayOfMonth", 1, 31, &day))
        return false;
    r->day = (uint32_t)day;
    return true;
}

/* The month of a year stands in the phase alone. */
static bool read_month(const xmlNode *node, struct recurrence *r)
{
    g_autofree char *name = calendar_child_text(node, "Month");
    int month = calendar_index_of(name, calendar_months);

    r->frequency = RECUR_YEARLY;
    r->period = 12;
    if (month < 0)
        return false;
    r->first = recur_date(1601, (unsigned int)month + 1, 1);
    return true;
}

static bool read_daily(const xmlNode *node, struct recurrence *r)
{
    uint32_t days = 0;

    r->frequency = RECUR_DAILY;
    r->type = RECUR_DAY_TYPE;
    if (!read_interval(node, DAYS_MAX, &days))
        return false;
    r->period = days * RECUR_DAY;
    return true;
}

static bool read_weekly(const xmlNode *node, struct recurrence *r)
{
    uint16_t first = 0;

    r->frequency = RECUR_WEEKLY;
    r->type = RECUR_WEEK;
    if (soap_child(node, NS_TYPES, "FirstDayOfWeek") != NULL &&
        !calendar_child_weekday(node, "FirstDayOfWeek", &first))
        return false;
    r->first_dow = first;
    return read_interval(node, WEEKS_MAX, &r->period) &&
           read_days(node, &r->days);
}

static bool read_monthly(const xmlNode *node, struct recurrence *r)
{
    r->frequency = RECUR_MONTHLY;
    return read_interval(node, MONTHS_MAX, &r->period) && read_day(node, r);
}

static bool read_monthly_nth(const xmlNode *node, struct recurrence *r)
{
    r->frequency = RECUR_MONTHLY;
    return read_interval(node, MONTHS_MAX, &r->period) && read_nth(node, r);
}

static bool read_yearly(const xmlNode *node, struct recurrence *r)
{
    return read_month(node, r) && read_day(node, r);
}

static bool read_yearly_nth(const xmlNode *node, struct recurrence *r)
{
    return read_month(node, r) && read_nth(node, r);
}

static bool regenerating_days(const xmlNode *node, struct recurrence *r)
{
    r->sliding = 1;
    return read_daily(node, r);
}

/* Outlook reckons it in days. */
static bool regenerating_weeks(const xmlNode *node, struct recurrence *r)
{
    uint32_t weeks = 0;

    r->sliding = 1;
    r->frequency = RECUR_WEEKLY;
    r->type = RECUR_DAY_TYPE;
    if (!read_interval(node, WEEKS_MAX, &weeks))
        return false;
    r->period = weeks * 7 * RECUR_DAY;
    return true;
}

static bool regenerating_months(const xmlNode *node, struct recurrence *r)
{
    r->sliding = 1;
    r->frequency = RECUR_MONTHLY;
    r->type = RECUR_MONTH;
    return read_interval(node, MONTHS_MAX, &r->period);
}

static bool regenerating_years(const xmlNode *node, struct recurrence *r)
{
    uint32_t years = 0;

    r->sliding = 1;
    r->frequency = RECUR_YEARLY;
    r->type = RECUR_MONTH;
    if (!read_interval(node, MONTHS_MAX, &years))
        return false;
    r->period = years * 12;
    return true;
}

static const struct {
    const char *element;
    bool (*read)(const xmlNode *node, struct recurrence *r);
} patterns[] = {
    { "RelativeYearlyRecurrence", read_yearly_nth },
    { "AbsoluteYearlyRecurrence", read_yearly },
    { "RelativeMonthlyRecurrence", read_monthly_nth },
    { "AbsoluteMonthlyRecurrence", read_monthly },
    { "WeeklyRecurrence", read_weekly },
    { "DailyRecurrence", read_daily },
    { "DailyRegeneration", regenerating_days },
    { "WeeklyRegeneration", regenerating_weeks },
    { "MonthlyRegeneration", regenerating_months },
    { "YearlyRegeneration", regenerating_years },
};

static bool read_pattern(const xmlNode *node, struct recurrence *r)
{
    for (size_t i = 0; node != NULL && i < G_N_ELEMENTS(patterns); i++)
        if (soap_is(node, NS_TYPES, patterns[i].element))
            return patterns[i].read(node, r);
    return false;
}

bool recur_date_parse(const char *text, uint32_t *ret_date)
{
    guint64 year = 0, month = 0, day = 0;
    g_autofree char *date = g_strndup(text, 10);

    if (strlen(date) != 10 || date[4] != '-' || date[7] != '-')
        return false;
    date[4] = date[7] = '\0';
    if (!g_ascii_string_to_unsigned(date, 10, 1601, 4500, &year, NULL) ||
        !g_ascii_string_to_unsigned(date + 5, 10, 1, 12, &month, NULL) ||
        !g_ascii_string_to_unsigned(date + 8, 10, 1, 31, &day, NULL) ||
        day > recur_month_length((unsigned int)year, (unsigned int)month))
        return false;
    *ret_date =
        recur_date((unsigned int)year, (unsigned int)month, (unsigned int)day);
    return true;
}

static bool child_date(const xmlNode *node, const char *name, uint32_t *ret)
{
    g_autofree char *text = calendar_child_text(node, name);

    return recur_date_parse(text, ret);
}

static int read_range(const xmlNode *node, struct recurrence *r,
                      struct problem *p)
{
    int32_t count = 0;

    if (node == NULL || !child_date(node, "StartDate", &r->start_date))
        return invalid(p);
    r->end_type = RECUR_NEVER;
    if (soap_is(node, NS_TYPES, "NumberedRecurrence")) {
        r->end_type = RECUR_BY_COUNT;
        if (!calendar_child_number(node, "NumberOfOccurrences", 1, COUNT_MAX,
                                   &count))
            return invalid(p);
        r->count = (uint32_t)count;
    } else if (soap_is(node, NS_TYPES, "EndDateRecurrence")) {
        r->end_type = RECUR_BY_DATE;
        if (!child_date(node, "EndDate", &r->end_date))
            return invalid(p);
        if (r->end_date < r->start_date)
            return problem_set(p, "ErrorCalendarEndDateIsEarlierThanStartDate");
    }
    return 0;
}

/* The phase of months follows from the start but where a month is named. */
static void set_months(struct recurrence *r)
{
    unsigned int year, month, day;

    recur_date_parts(r->start_date, &year, &month, &day);
    if (r->sliding != 0 && r->type == RECUR_MONTH)
        r->day = day;
    if (r->type < RECUR_MONTH ||
        (r->period == 12 && r->sliding == 0 && r->frequency == RECUR_YEARLY))
        return;
    month = ((year - 1601) * 12 + month - 1) % r->period;
    r->first = recur_date(1601 + month / 12, month % 12 + 1, 1);
}

int recurrence_read_xml(const xmlNode *node, struct recurrence *ret,
                        struct problem *p)
{
    const xmlNode *pattern = soap_first(node);
    g_auto(recurrence) r;

    recurrence_init(&r);
    if (!read_pattern(pattern, &r))
        return invalid(p);
    if (read_range(soap_next(pattern), &r, p) < 0)
        return -1;
    set_months(&r);
    *ret = r;
    r = (struct recurrence){ 0 };
    return 0;
}
