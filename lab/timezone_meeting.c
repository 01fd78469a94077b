#include "lab/timezone_xml.h"

#include <string.h>

#include "base/timestamp.h"
#include "lab/calendar_xml.h"

static int broken(struct problem *p)
{
    return problem_set(p, "ErrorTimeZone");
}

static bool has_daylight(const struct tz_rule *r)
{
    return r->standard.month != 0 && r->daylight.month != 0;
}

/* ---- MeetingTimeZone ------------------------------------------------- */

static void write_change(struct xmlout *x, const char *element, int32_t offset,
                         const struct tz_date *d)
{
    char time[12];

    xml_begin(x, element);
    xml_attr(x, "TimeZoneName",
             strcmp(element, "t:Standard") == 0 ? "Standard" : "Daylight");
    xml_end(x);
    calendar_write_minutes(x, "t:Offset", offset);
    xml_open(x, "t:RelativeYearlyRecurrence");
    xml_text(x, "t:DaysOfWeek", calendar_weekday_names[d->weekday % 7]);
    xml_text(x, "t:DayOfWeekIndex", calendar_weeks[CLAMP(d->nth, 1, 5) - 1]);
    xml_text(x, "t:Month", calendar_months[(d->month + 11) % 12]);
    xml_close(x, "t:RelativeYearlyRecurrence");
    g_snprintf(time, sizeof(time), "%02u:%02u:00", d->hour, d->minute);
    xml_text(x, "t:Time", time);
    xml_close(x, element);
}

void timezone_write_meeting(struct xmlout *x, const char *element,
                            const struct timezone_info *tz, unsigned int year)
{
    const struct tz_rule *r = timezone_rule(tz, year);

    xml_begin(x, element);
    xml_attr(x, "TimeZoneName", tz->id);
    xml_end(x);
    calendar_write_minutes(x, "t:BaseOffset", r->bias);
    if (has_daylight(r)) {
        write_change(x, "t:Standard", r->standard_bias, &r->standard);
        write_change(x, "t:Daylight", r->daylight_bias, &r->daylight);
    }
    xml_close(x, element);
}

static bool read_time(const xmlNode *node, const char *name, struct tz_date *d)
{
    g_autofree char *text = calendar_child_text(node, name);
    g_autofree char *whole = NULL;
    int64_t us = 0;

    /* what stands behind the seconds is of no use here */
    if (strlen(text) < 8)
        return false;
    text[8] = '\0';
    whole = g_strconcat("1970-01-01T", text, "Z", NULL);
    if (!timestamp_parse(whole, &us))
        return false;
    us /= TIMESTAMP_SECOND;
    d->hour = (uint16_t)(us / 3600);
    d->minute = (uint16_t)(us / 60 % 60);
    d->second = (uint16_t)(us % 60);
    return true;
}

static bool read_change(const xmlNode *node, int32_t *bias, struct tz_date *d)
{
    const xmlNode *yearly =
        soap_child(node, NS_TYPES, "RelativeYearlyRecurrence");
    g_autofree char *month = calendar_child_text(yearly, "Month");
    g_autofree char *week = calendar_child_text(yearly, "DayOfWeekIndex");
    int m = calendar_index_of(month, calendar_months);
    int w = calendar_index_of(week, calendar_weeks);

    if (m < 0 || w < 0 || !calendar_child_minutes(node, "Offset", bias) ||
        !calendar_child_weekday(yearly, "DaysOfWeek", &d->weekday))
        return false;
    d->month = (uint16_t)(m + 1);
    d->nth = (uint16_t)(w + 1);
    return read_time(node, "Time", d);
}

static void single_rule(struct timezone_info *ret, char *id,
                        const struct tz_rule *r)
{
    ret->id = id;
    ret->rules = g_memdup2(r, sizeof(*r));
    ret->n_rules = 1;
}

int timezone_read_meeting(const xmlNode *node, struct timezone_info *ret,
                          struct problem *p)
{
    g_autofree char *id = soap_attr_dup(node, "TimeZoneName");
    const xmlNode *standard = soap_child(node, NS_TYPES, "Standard");
    const xmlNode *summer = soap_child(node, NS_TYPES, "Daylight");
    struct tz_rule r = { .year = 1601 };

    if (soap_child(node, NS_TYPES, "BaseOffset") == NULL)
        return id != NULL && timezone_find(id, ret) ? 0 : broken(p);
    if (!calendar_child_minutes(node, "BaseOffset", &r.bias) ||
        ABS(r.bias) > 24 * 60)
        return broken(p);
    if (standard != NULL &&
        (!read_change(standard, &r.standard_bias, &r.standard) ||
         !read_change(summer, &r.daylight_bias, &r.daylight) ||
         ABS(r.standard_bias) > 24 * 60 || ABS(r.daylight_bias) > 24 * 60))
        return broken(p);
    single_rule(ret, id != NULL ? g_steal_pointer(&id) : g_strdup(""), &r);
    return 0;
}

/* ---- SerializableTimeZone -------------------------------------------- */

static void write_part(struct xmlout *x, const char *element, int32_t bias,
                       const struct tz_date *d)
{
    char time[12];

    xml_open(x, element);
    calendar_write_int(x, "t:Bias", bias);
    g_snprintf(time, sizeof(time), "%02u:%02u:%02u", d->hour, d->minute,
               d->second);
    xml_text(x, "t:Time", time);
    calendar_write_int(x, "t:DayOrder", d->nth);
    calendar_write_int(x, "t:Month", d->month);
    xml_text(x, "t:DayOfWeek", calendar_weekday_names[d->weekday % 7]);
    xml_close(x, element);
}

void timezone_write_availability(struct xmlout *x, const char *element,
                                 const struct timezone_info *tz,
                                 unsigned int year)
{
    const struct tz_rule *r = timezone_rule(tz, year);

    xml_open(x, element);
    calendar_write_int(x, "t:Bias", r->bias);
    write_part(x, "t:StandardTime", r->standard_bias, &r->standard);
    write_part(x, "t:DaylightTime", r->daylight_bias, &r->daylight);
    xml_close(x, element);
}

static bool read_part(const xmlNode *node, int32_t *bias, struct tz_date *d)
{
    int32_t nth = 0, month = 0;

    if (!calendar_child_number(node, "Bias", -24 * 60, 24 * 60, bias) ||
        !calendar_child_number(node, "DayOrder", -1, 5, &nth) ||
        !calendar_child_number(node, "Month", 0, 12, &month) ||
        !calendar_child_weekday(node, "DayOfWeek", &d->weekday) ||
        !read_time(node, "Time", d))
        return false;
    d->nth = (uint16_t)(nth < 0 ? 5 : nth);
    d->month = nth != 0 ? (uint16_t)month : 0;
    return true;
}

int timezone_read_availability(const xmlNode *node, struct timezone_info *ret,
                               struct problem *p)
{
    const xmlNode *standard = soap_child(node, NS_TYPES, "StandardTime");
    const xmlNode *summer = soap_child(node, NS_TYPES, "DaylightTime");
    struct tz_rule r = { .year = 1601 };
    const char *id;

    if (!calendar_child_number(node, "Bias", -24 * 60, 24 * 60, &r.bias) ||
        !read_part(standard, &r.standard_bias, &r.standard) ||
        !read_part(summer, &r.daylight_bias, &r.daylight))
        return problem_set(p, "ErrorInvalidTimeZone");
    /* biases that say nothing: there is no daylight time */
    if (r.standard_bias == r.daylight_bias || r.standard.month == 0)
        r.standard.month = r.daylight.month = 0;
    id = timezone_id_of_rule(&r, 2024);
    single_rule(ret, g_strdup(id != NULL ? id : ""), &r);
    return 0;
}
