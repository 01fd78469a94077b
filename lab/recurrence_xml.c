#include "lab/recurrence_xml.h"

#include <string.h>

#include "lab/calendar_xml.h"

#define ALL_DAYS 0x7Fu

const struct recur_day_group recur_day_groups[RECUR_DAY_GROUPS] = {
    { "Day", ALL_DAYS },
    { "Weekday", 0x3E },
    { "WeekendDay", 0x41 },
};

/* ---- writing --------------------------------------------------------- */

/* A date of the series' zone, with the offset that holds there then. */
static void write_date(struct xmlout *x, const char *name, uint32_t date,
                       const struct timezone_info *zone)
{
    int32_t bias = 0;
    unsigned int year, month, day;
    char text[48];

    if (zone != NULL)
        bias = timezone_bias(zone, timezone_from_local(zone, recur_us(date)));
    recur_date_parts(date, &year, &month, &day);
    g_snprintf(text, sizeof(text), "%04u-%02u-%02u%c%02d:%02d", year, month,
               day, bias > 0 ? '-' : '+', ABS(bias) / 60, ABS(bias) % 60);
    xml_text(x, name, text);
}

static void write_interval(struct xmlout *x, uint32_t n)
{
    calendar_write_int(x, "t:Interval", (int32_t)CLAMP(n, 1, INT32_MAX));
}

static const char *day_name(uint32_t days)
{
    for (size_t i = 0; i < RECUR_DAY_GROUPS; i++)
        if (recur_day_groups[i].days == (days & ALL_DAYS))
            return recur_day_groups[i].name;
    for (unsigned int i = 0; i < 7; i++)
        if ((days & 1u << i) != 0)
            return calendar_weekday_names[i];
    return "Day";
}

static void write_days(struct xmlout *x, uint32_t days)
{
    GString *list = g_string_new(NULL);

    for (unsigned int i = 0; i < 7; i++)
        if ((days & 1u << i) != 0)
            g_string_append_printf(list, "%s%s", list->len > 0 ? " " : "",
                                   calendar_weekday_names[i]);
    xml_text(x, "t:DaysOfWeek", list->str);
    g_string_free(list, TRUE);
}

static void write_weekly(struct xmlout *x, const struct recurrence *r,
                         enum release asked)
{
    xml_open(x, "t:WeeklyRecurrence");
    write_interval(x, r->period);
    write_days(x, r->days);
    /* came with 2010 SP1 */
    if (asked >= EXCHANGE2010_SP1)
        xml_text(x, "t:FirstDayOfWeek",
                 calendar_weekday_names[r->first_dow % 7]);
    xml_close(x, "t:WeeklyRecurrence");
}

static void write_month_name(struct xmlout *x, const struct recurrence *r)
{
    unsigned int year, month, day;

    recur_date_parts(r->start_date, &year, &month, &day);
    xml_text(x, "t:Month", calendar_months[month - 1]);
}

static void write_nth(struct xmlout *x, const struct recurrence *r)
{
    xml_text(x, "t:DaysOfWeek", day_name(r->days));
    xml_text(x, "t:DayOfWeekIndex", calendar_weeks[CLAMP(r->nth, 1, 5) - 1]);
}

static void write_month_day(struct xmlout *x, const struct recurrence *r)
{
    calendar_write_int(
        x, "t:DayOfMonth",
        r->type == RECUR_MONTH_END ? 31 : (int32_t)CLAMP(r->day, 1, 31));
}

static bool nth_of_month(const struct recurrence *r)
{
    return r->type == RECUR_MONTH_NTH || r->type == RECUR_HJ_MONTH_NTH;
}

/* Of every other year EWS knows nothing: it is every 24th month. */
static void write_months(struct xmlout *x, const struct recurrence *r)
{
    bool yearly = r->period == 12, nth = nth_of_month(r);
    const char *element = yearly ? nth ? "t:RelativeYearlyRecurrence"
                                       : "t:AbsoluteYearlyRecurrence"
                          : nth  ? "t:RelativeMonthlyRecurrence"
                                 : "t:AbsoluteMonthlyRecurrence";

    xml_open(x, element);
    if (!yearly)
        write_interval(x, r->period);
    if (nth)
        write_nth(x, r);
    else
        write_month_day(x, r);
    if (yearly)
        write_month_name(x, r);
    xml_close(x, element);
}

/* What is due some time after the last was done. */
static void write_regeneration(struct xmlout *x, const struct recurrence *r)
{
    const char *element = "t:DailyRegeneration";
    uint32_t n = r->period / RECUR_DAY;

    if (r->frequency == RECUR_WEEKLY) {
        element = "t:WeeklyRegeneration";
        n = r->type == RECUR_WEEK ? r->period : n / 7;
    } else if (r->frequency == RECUR_MONTHLY) {
        element = "t:MonthlyRegeneration";
        n = r->period;
    } else if (r->frequency == RECUR_YEARLY) {
        element = "t:YearlyRegeneration";
        n = r->period / 12;
    }
    xml_open(x, element);
    write_interval(x, n);
    xml_close(x, element);
}

static void write_pattern(struct xmlout *x, const struct recurrence *r,
                          enum release asked)
{
    if (r->sliding != 0) {
        write_regeneration(x, r);
    } else if (r->type == RECUR_DAY_TYPE) {
        xml_open(x, "t:DailyRecurrence");
        write_interval(x, r->period / RECUR_DAY);
        xml_close(x, "t:DailyRecurrence");
    } else if (r->type == RECUR_WEEK) {
        write_weekly(x, r, asked);
    } else {
        write_months(x, r);
    }
}

static void write_range(struct xmlout *x, const struct recurrence *r,
                        const struct timezone_info *zone)
{
    const char *element = "t:NoEndRecurrence";

    if (r->end_type == RECUR_BY_DATE)
        element = "t:EndDateRecurrence";
    else if (r->end_type == RECUR_BY_COUNT)
        element = "t:NumberedRecurrence";
    xml_open(x, element);
    write_date(x, "t:StartDate", r->start_date, zone);
    if (r->end_type == RECUR_BY_DATE)
        write_date(x, "t:EndDate", r->end_date, zone);
    if (r->end_type == RECUR_BY_COUNT)
        calendar_write_int(x, "t:NumberOfOccurrences",
                           (int32_t)MIN(r->count, INT32_MAX));
    xml_close(x, element);
}

void recurrence_write_xml_in(struct xmlout *x, const struct recurrence *r,
                             enum release asked,
                             const struct timezone_info *zone)
{
    xml_open(x, "t:Recurrence");
    write_pattern(x, r, asked);
    write_range(x, r, zone);
    xml_close(x, "t:Recurrence");
}

void recurrence_write_xml(struct xmlout *x, const struct recurrence *r,
                          enum release asked)
{
    recurrence_write_xml_in(x, r, asked, NULL);
}

/* ---- for people ------------------------------------------------------ */

static char *every(uint32_t n, const char *one, const char *many)
{
    return n <= 1 ? g_strdup_printf("every %s", one)
                  : g_strdup_printf("every %u %s", n, many);
}

static char *describe_week(const struct recurrence *r)
{
    g_autofree char *weeks = every(r->period, "week", "weeks");
    GString *text = g_string_new(weeks);

    for (unsigned int i = 0; i < 7; i++)
        if ((r->days & 1u << i) != 0)
            g_string_append_printf(
                text, "%s%s", strstr(text->str, " on ") != NULL ? ", " : " on ",
                calendar_weekday_names[i]);
    return g_string_free(text, FALSE);
}

char *recurrence_describe(const struct recurrence *r)
{
    g_autofree char *months = NULL;

    if (r->type == RECUR_DAY_TYPE)
        return every(r->period / RECUR_DAY, "day", "days");
    if (r->type == RECUR_WEEK)
        return describe_week(r);
    months = r->period % 12 == 0 ? every(r->period / 12, "year", "years")
                                 : every(r->period, "month", "months");
    if (nth_of_month(r))
        return g_strdup_printf("the %s %s of %s",
                               calendar_weeks[CLAMP(r->nth, 1, 5) - 1],
                               day_name(r->days), months);
    return g_strdup_printf("day %u of %s", r->day, months);
}
