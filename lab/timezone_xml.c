#include "lab/timezone_xml.h"

#include <string.h>

#include "base/timestamp.h"
#include "lab/calendar_xml.h"
#include "lab/recurrence.h"

/* No definition of a client has more years; Windows has some sixty. */
#define RULES_MAX 1024

static int broken(struct problem *p)
{
    return problem_set(p, "ErrorTimeZone");
}

static bool has_daylight(const struct tz_rule *r)
{
    return r->standard.month != 0 && r->daylight.month != 0;
}

void timezone_write_time(struct xmlout *x, const char *name,
                         const struct timezone_info *tz, int64_t us)
{
    int32_t bias = timezone_bias(tz, us);
    g_autofree char *local = timestamp_format(timezone_to_local(tz, us));
    GString *text = g_string_new(local);

    /* a place at UTC itself keeps the "Z" */
    if (bias != 0) {
        g_string_truncate(text, text->len - 1);
        g_string_append_printf(text, "%c%02d:%02d", bias > 0 ? '-' : '+',
                               ABS(bias) / 60, ABS(bias) % 60);
    }
    xml_text(x, name, text->str);
    g_string_free(text, TRUE);
}

/* ---- TimeZoneDefinition, written ------------------------------------- */

/* Exchange names its rules after the registry that they come from. */
static char *period_id(const struct timezone_info *tz, const struct tz_rule *r,
                       const char *kind)
{
    return g_strdup_printf("trule:Microsoft/Registry/%s/%u-%s", tz->id, r->year,
                           kind);
}

static void write_period(struct xmlout *x, const struct timezone_info *tz,
                         const struct tz_rule *r, bool summer)
{
    const char *kind = summer ? "Daylight" : "Standard";
    g_autofree char *id = period_id(tz, r, kind);
    g_autofree char *bias = duration_format(
        r->bias + (summer ? r->daylight_bias : r->standard_bias));

    xml_begin(x, "t:Period");
    xml_attr(x, "Bias", bias);
    xml_attr(x, "Name", kind);
    xml_attr(x, "Id", id);
    xml_end_empty(x);
}

static void write_to(struct xmlout *x, const char *kind, const char *target)
{
    xml_begin(x, "t:To");
    xml_attr(x, "Kind", kind);
    xml_end(x);
    xml_chars(x, target);
    xml_close(x, "t:To");
}

static void write_day(struct xmlout *x, const char *period,
                      const struct tz_date *d)
{
    xml_open(x, "t:RecurringDayTransition");
    write_to(x, "Period", period);
    calendar_write_minutes(x, "t:TimeOffset", d->hour * 60 + d->minute);
    calendar_write_int(x, "t:Month", d->month);
    xml_text(x, "t:DayOfWeek", calendar_weekday_names[d->weekday % 7]);
    calendar_write_int(x, "t:Occurrence", d->nth >= 5 ? -1 : d->nth);
    xml_close(x, "t:RecurringDayTransition");
}

static void write_date(struct xmlout *x, const char *period,
                       const struct tz_date *d)
{
    if (d->year == 0) {
        write_day(x, period, d);
        return;
    }
    xml_open(x, "t:RecurringDateTransition");
    write_to(x, "Period", period);
    calendar_write_minutes(x, "t:TimeOffset", d->hour * 60 + d->minute);
    calendar_write_int(x, "t:Month", d->month);
    calendar_write_int(x, "t:Day", d->nth);
    xml_close(x, "t:RecurringDateTransition");
}

static void write_group(struct xmlout *x, const struct timezone_info *tz,
                        size_t i)
{
    const struct tz_rule *r = &tz->rules[i];
    g_autofree char *standard = period_id(tz, r, "Standard");
    g_autofree char *summer = period_id(tz, r, "Daylight");
    g_autofree char *id = g_strdup_printf("%zu", i);
    bool daylight_first = r->daylight.month < r->standard.month;

    xml_begin(x, "t:TransitionsGroup");
    xml_attr(x, "Id", id);
    xml_end(x);
    if (!has_daylight(r)) {
        xml_open(x, "t:Transition");
        write_to(x, "Period", standard);
        xml_close(x, "t:Transition");
    } else {
        write_date(x, daylight_first ? summer : standard,
                   daylight_first ? &r->daylight : &r->standard);
        write_date(x, daylight_first ? standard : summer,
                   daylight_first ? &r->standard : &r->daylight);
    }
    xml_close(x, "t:TransitionsGroup");
}

static void write_transition(struct xmlout *x, const struct timezone_info *tz,
                             size_t i)
{
    g_autofree char *id = g_strdup_printf("%zu", i);
    const char *element = i == 0 ? "t:Transition" : "t:AbsoluteDateTransition";
    char from[24];

    xml_open(x, element);
    write_to(x, "Group", id);
    if (i > 0) {
        g_snprintf(from, sizeof(from), "%04u-01-01T00:00:00",
                   tz->rules[i].year);
        xml_text(x, "t:DateTime", from);
    }
    xml_close(x, element);
}

static void write_full(struct xmlout *x, const struct timezone_info *tz)
{
    xml_open(x, "t:Periods");
    for (size_t i = 0; i < tz->n_rules; i++) {
        write_period(x, tz, &tz->rules[i], false);
        if (has_daylight(&tz->rules[i]))
            write_period(x, tz, &tz->rules[i], true);
    }
    xml_close(x, "t:Periods");
    xml_open(x, "t:TransitionsGroups");
    for (size_t i = 0; i < tz->n_rules; i++)
        write_group(x, tz, i);
    xml_close(x, "t:TransitionsGroups");
    xml_open(x, "t:Transitions");
    for (size_t i = 0; i < tz->n_rules; i++)
        write_transition(x, tz, i);
    xml_close(x, "t:Transitions");
}

void timezone_write_definition(struct xmlout *x, const char *element,
                               const struct timezone_info *tz, bool full)
{
    const char *name = timezone_display(tz->id);

    xml_begin(x, element);
    xml_attr(x, "Id", tz->id);
    xml_attr(x, "Name", name != NULL ? name : tz->id);
    if (!full) {
        xml_end_empty(x);
        return;
    }
    xml_end(x);
    write_full(x, tz);
    xml_close(x, element);
}

/* ---- TimeZoneDefinition, read ---------------------------------------- */

struct period {
    int32_t bias;
    bool daylight;
};

/* By id, of struct period *. */
static GHashTable *read_periods(const xmlNode *node)
{
    GHashTable *periods =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const xmlNode *n = soap_first(soap_child(node, NS_TYPES, "Periods"));

    for (; n != NULL; n = soap_next(n)) {
        g_autofree char *bias = soap_attr_dup(n, "Bias");
        g_autofree char *name = soap_attr_dup(n, "Name");
        char *id = soap_attr_dup(n, "Id");
        struct period *period = g_new0(struct period, 1);

        if (bias == NULL || id == NULL ||
            !duration_parse(bias, &period->bias)) {
            g_free(id);
            g_free(period);
            continue;
        }
        period->daylight = g_strcmp0(name, "Daylight") == 0;
        g_hash_table_replace(periods, id, period);
    }
    return periods;
}

static const struct period *period_of(GHashTable *periods, const xmlNode *node)
{
    g_autofree char *to = calendar_child_text(node, "To");

    return g_hash_table_lookup(periods, to);
}

/* A day of the month as the weekday that it is in the rule's first year. */
static bool read_fixed_day(const xmlNode *node, unsigned int year,
                           struct tz_date *d)
{
    int32_t day = 0;

    if (!calendar_child_number(node, "Day", 1, 31, &day))
        return false;
    d->nth = (uint16_t)((day - 1) / 7 + 1);
    d->weekday = (uint16_t)recur_weekday(
        recur_date(MAX(year, 1601u), d->month, (unsigned int)day));
    return true;
}

static bool read_date(const xmlNode *node, unsigned int year, struct tz_date *d)
{
    int32_t month = 0, minutes = 0, nth = 0;

    if (!calendar_child_number(node, "Month", 1, 12, &month) ||
        !calendar_child_minutes(node, "TimeOffset", &minutes) || minutes < 0 ||
        minutes > 24 * 60)
        return false;
    d->month = (uint16_t)month;
    d->hour = (uint16_t)(minutes / 60);
    d->minute = (uint16_t)(minutes % 60);
    if (soap_is(node, NS_TYPES, "RecurringDateTransition"))
        return read_fixed_day(node, year, d);
    if (!calendar_child_weekday(node, "DayOfWeek", &d->weekday) ||
        !calendar_child_number(node, "Occurrence", -1, 5, &nth) || nth == 0)
        return false;
    d->nth = (uint16_t)(nth < 0 ? 5 : nth);
    return true;
}

/* The transitions of one group into a rule; the bias is standard time's. */
static bool read_group(const xmlNode *group, GHashTable *periods,
                       struct tz_rule *r)
{
    const struct period *standard = NULL, *summer = NULL;

    for (const xmlNode *n = soap_first(group); n != NULL; n = soap_next(n)) {
        const struct period *to = period_of(periods, n);

        if (to == NULL)
            return false;
        if (to->daylight)
            summer = to;
        else
            standard = to;
        if (!soap_is(n, NS_TYPES, "Transition") &&
            !read_date(n, r->year, to->daylight ? &r->daylight : &r->standard))
            return false;
    }
    if (standard == NULL)
        return false;
    r->bias = standard->bias;
    r->daylight_bias = summer != NULL ? summer->bias - standard->bias : 0;
    return (r->daylight.month != 0) == (r->standard.month != 0) &&
           ABS(r->bias) <= 24 * 60 && ABS(r->daylight_bias) <= 24 * 60;
}

static const xmlNode *find_group(const xmlNode *node, const char *id)
{
    const xmlNode *n =
        soap_first(soap_child(node, NS_TYPES, "TransitionsGroups"));

    for (; n != NULL; n = soap_next(n)) {
        g_autofree char *own = soap_attr_dup(n, "Id");

        if (g_strcmp0(own, id) == 0)
            return n;
    }
    return NULL;
}

/* "2007-01-01T00:00:00" */
static uint16_t transition_year(const xmlNode *node)
{
    g_autofree char *text = calendar_child_text(node, "DateTime");
    int64_t us = 0;
    unsigned int year, month, day;

    if (!timestamp_parse(text, &us))
        return 1601;
    recur_date_parts(recur_minutes(us), &year, &month, &day);
    return (uint16_t)year;
}

static bool read_transition(const xmlNode *definition, const xmlNode *node,
                            GHashTable *periods, struct tz_rule *r)
{
    g_autofree char *to = calendar_child_text(node, "To");
    const struct period *period = g_hash_table_lookup(periods, to);
    const xmlNode *group = find_group(definition, to);

    r->year = transition_year(node);
    if (group != NULL)
        return read_group(group, periods, r);
    /* the transition may lead to a period at once */
    if (period == NULL)
        return false;
    r->bias = period->bias;
    return ABS(r->bias) <= 24 * 60;
}

static bool read_full(const xmlNode *node, GArray *rules)
{
    g_autoptr(GHashTable) periods = read_periods(node);
    const xmlNode *n = soap_first(soap_child(node, NS_TYPES, "Transitions"));

    for (; n != NULL; n = soap_next(n)) {
        struct tz_rule r = { 0 };

        if (rules->len >= RULES_MAX || !read_transition(node, n, periods, &r))
            return false;
        g_array_append_val(rules, r);
    }
    return rules->len > 0;
}

int timezone_read_definition(const xmlNode *node, struct timezone_info *ret,
                             struct problem *p)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    GArray *rules;

    if (soap_child(node, NS_TYPES, "Periods") == NULL)
        return id != NULL && timezone_find(id, ret) ? 0 : broken(p);
    rules = g_array_new(FALSE, FALSE, sizeof(struct tz_rule));
    if (!read_full(node, rules)) {
        g_array_unref(rules);
        return broken(p);
    }
    g_array_sort(rules, timezone_by_year);
    ret->id = id != NULL ? g_steal_pointer(&id) : g_strdup("");
    ret->n_rules = rules->len;
    ret->rules = (struct tz_rule *)(void *)g_array_free(rules, FALSE);
    return 0;
}
