#include "ews/portable_recur.h"

#include <string.h>

static const char *const day_names[] = { "Sunday",    "Monday",   "Tuesday",
                                         "Wednesday", "Thursday", "Friday",
                                         "Saturday" };
static const char *const month_names[] = { "January", "February", "March",
                                           "April",   "May",      "June",
                                           "July",    "August",   "September",
                                           "October", "November", "December" };
static const char *const nth_names[] = { "First", "Second", "Third", "Fourth",
                                         "Last" };

/* [MS-OXWSCDATA] RecurrencePatternTypes, TaskRecurrencePatternTypes */
static const struct {
    const char *element;
    enum portable_pattern pattern;
} patterns[] = {
    { "t:RelativeYearlyRecurrence", PORTABLE_YEARLY_NTH },
    { "t:AbsoluteYearlyRecurrence", PORTABLE_YEARLY },
    { "t:RelativeMonthlyRecurrence", PORTABLE_MONTHLY_NTH },
    { "t:AbsoluteMonthlyRecurrence", PORTABLE_MONTHLY },
    { "t:WeeklyRecurrence", PORTABLE_WEEKLY },
    { "t:DailyRecurrence", PORTABLE_DAILY },
    { "t:DailyRegeneration", PORTABLE_REGENERATE_DAILY },
    { "t:WeeklyRegeneration", PORTABLE_REGENERATE_WEEKLY },
    { "t:MonthlyRegeneration", PORTABLE_REGENERATE_MONTHLY },
    { "t:YearlyRegeneration", PORTABLE_REGENERATE_YEARLY },
};

/* Days named as a group: only where one day may stand. */
static const struct {
    const char *name;
    unsigned int days;
} groups[] = {
    { "Day", PORTABLE_ALL_DAYS },
    { "Weekday", PORTABLE_WEEKDAYS },
    { "WeekendDay", PORTABLE_WEEKEND },
};

static bool index_of(const char *const *names, size_t n, const char *name,
                     unsigned int *ret)
{
    for (size_t i = 0; name != NULL && i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret = (unsigned int)i;
            return true;
        }
    }
    return false;
}

const char *recur_day_name(unsigned int day)
{
    return day_names[day % G_N_ELEMENTS(day_names)];
}

const char *recur_month_name(unsigned int month)
{
    return month_names[month % G_N_ELEMENTS(month_names)];
}

bool recur_day_of(const char *name, unsigned int *ret)
{
    return index_of(day_names, G_N_ELEMENTS(day_names), name, ret);
}

static bool month_of(const char *name, unsigned int *ret)
{
    return index_of(month_names, G_N_ELEMENTS(month_names), name, ret);
}

const char *recur_nth_name(unsigned int nth)
{
    return nth_names[CLAMP(nth, 1, G_N_ELEMENTS(nth_names)) - 1];
}

static bool nth_of(const char *name, unsigned int *ret)
{
    unsigned int i;

    if (!index_of(nth_names, G_N_ELEMENTS(nth_names), name, &i))
        return false;
    *ret = i + 1;
    return true;
}

/* ---- reading ----------------------------------------------------------- */

static unsigned int group_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (strcmp(groups[i].name, name) == 0)
            return groups[i].days;
    }
    return 0;
}

/* A list: "Monday Friday". */
static unsigned int read_days(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    unsigned int days = 0, day;

    for (size_t i = 0; words[i] != NULL; i++) {
        if (recur_day_of(words[i], &day))
            days |= 1u << day;
        else
            days |= group_of(words[i]);
    }
    return days;
}

/* "2024-03-01", with or without a zone behind it. */
static uint32_t read_date(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", "-", 3);
    uint64_t year, month, day;
    g_autofree char *only = NULL;

    if (g_strv_length(parts) != 3)
        return 0;
    only = g_strndup(parts[2], 2);
    if (!xml_parse_uint(parts[0], 9999, &year) ||
        !xml_parse_uint(parts[1], 12, &month) ||
        !xml_parse_uint(only, 31, &day))
        return 0;
    return (uint32_t)(year * 10000 + month * 100 + day);
}

static unsigned int read_number(const struct xml_node *node, const char *name,
                                unsigned int otherwise)
{
    uint64_t n;

    return xml_parse_uint(xml_child_text(node, name), 100000, &n)
               ? (unsigned int)n
               : otherwise;
}

static void read_pattern(const struct xml_node *node,
                         struct portable_recurrence *r)
{
    unsigned int i;

    r->interval = MAX(read_number(node, "Interval", 1), 1);
    r->days = read_days(xml_text(xml_child(node, "DaysOfWeek")));
    if (recur_day_of(xml_child_text(node, "FirstDayOfWeek"), &i))
        r->first_day = i;
    (void)nth_of(xml_child_text(node, "DayOfWeekIndex"), &r->nth);
    r->day = read_number(node, "DayOfMonth", 0);
    if (month_of(xml_child_text(node, "Month"), &i))
        r->month = i + 1;
}

bool recur_read(const struct xml_node *node, struct portable_recurrence *ret)
{
    const struct xml_node *pattern = xml_first(node);
    const struct xml_node *range = pattern != NULL ? xml_next(pattern) : NULL;
    struct portable_recurrence r = { 0 };

    for (size_t i = 0; range != NULL && i < G_N_ELEMENTS(patterns); i++) {
        if (!xml_is(pattern, patterns[i].element + strlen("t:")))
            continue;
        r.pattern = patterns[i].pattern;
        read_pattern(pattern, &r);
        r.start = read_date(xml_child_text(range, "StartDate"));
        r.end = read_date(xml_child_text(range, "EndDate"));
        r.count = read_number(range, "NumberOfOccurrences", 0);
        if (r.start == 0)
            return false;
        *ret = r;
        return true;
    }
    return false;
}

/* ---- writing ------------------------------------------------------------- */

static void write_number(struct xml_writer *w, const char *element,
                         unsigned int n)
{
    g_autofree char *text = g_strdup_printf("%u", n);

    xml_element(w, element, text);
}

static void write_date(struct xml_writer *w, const char *element, uint32_t date)
{
    g_autofree char *text = g_strdup_printf("%04u-%02u-%02u", date / 10000,
                                            date / 100 % 100, date % 100);

    xml_element(w, element, text);
}

/* Where one word must do. */
static void write_one_day(struct xml_writer *w, unsigned int days)
{
    const char *name = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (groups[i].days == days)
            name = groups[i].name;
    }
    for (unsigned int i = 0; name == NULL && i < 7; i++) {
        if ((days & 1u << i) != 0)
            name = day_names[i];
    }
    xml_element(w, "t:DaysOfWeek", name != NULL ? name : "Monday");
}

static void write_days(struct xml_writer *w, unsigned int days)
{
    g_autoptr(GString) s = g_string_new(NULL);

    for (unsigned int i = 0; i < 7; i++) {
        if ((days & 1u << i) != 0)
            g_string_append_printf(s, "%s%s", s->len > 0 ? " " : "",
                                   day_names[i]);
    }
    xml_element(w, "t:DaysOfWeek", s->str);
}

static void write_nth(struct xml_writer *w, const struct portable_recurrence *r)
{
    write_one_day(w, r->days);
    xml_element(w, "t:DayOfWeekIndex", recur_nth_name(r->nth));
}

static bool is_yearly(enum portable_pattern p)
{
    return p == PORTABLE_YEARLY || p == PORTABLE_YEARLY_NTH;
}

static void write_pattern(struct xml_writer *w,
                          const struct portable_recurrence *r)
{
    if (!is_yearly(r->pattern))
        write_number(w, "t:Interval", MAX(r->interval, 1));
    if (r->pattern == PORTABLE_WEEKLY)
        write_days(w, r->days);
    if (r->pattern == PORTABLE_WEEKLY && r->first_day != 0)
        xml_element(w, "t:FirstDayOfWeek", recur_day_name(r->first_day));
    if (r->pattern == PORTABLE_MONTHLY_NTH || r->pattern == PORTABLE_YEARLY_NTH)
        write_nth(w, r);
    if (r->pattern == PORTABLE_MONTHLY || r->pattern == PORTABLE_YEARLY)
        write_number(w, "t:DayOfMonth", r->day);
    if (is_yearly(r->pattern))
        xml_element(w, "t:Month", recur_month_name(MAX(r->month, 1) - 1));
}

static void write_range(struct xml_writer *w,
                        const struct portable_recurrence *r)
{
    xml_open(w, r->count > 0 ? "t:NumberedRecurrence"
                : r->end > 0 ? "t:EndDateRecurrence"
                             : "t:NoEndRecurrence");
    write_date(w, "t:StartDate", r->start);
    if (r->count > 0)
        write_number(w, "t:NumberOfOccurrences", r->count);
    else if (r->end > 0)
        write_date(w, "t:EndDate", r->end);
    xml_close(w);
}

struct portable_recurrence recur_at(const struct portable_recurrence *r,
                                    enum ews_level level)
{
    struct portable_recurrence there = *r;

    if (level < EWS_2010_SP1)
        there.first_day = 0;
    return there;
}

void recur_write(struct xml_writer *w, const struct portable_recurrence *r,
                 enum ews_level level)
{
    const struct portable_recurrence there = recur_at(r, level);

    xml_open(w, "t:Recurrence");
    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        if (patterns[i].pattern != r->pattern)
            continue;
        xml_open(w, patterns[i].element);
        write_pattern(w, &there);
        xml_close(w);
    }
    write_range(w, r);
    xml_close(w);
}
