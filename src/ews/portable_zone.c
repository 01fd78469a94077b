#include "ews/portable_zone.h"

#include <string.h>

#include "ews/portable_recur.h"

/* ---- MAPI's -------------------------------------------------------------- */

static int32_t le32(const uint8_t *at)
{
    return (int32_t)((uint32_t)at[0] | (uint32_t)at[1] << 8 |
                     (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24);
}

static unsigned int le16(const uint8_t *at)
{
    return (unsigned int)at[0] | (unsigned int)at[1] << 8;
}

/* A day has 1440 minutes: no bias is more. */
static bool is_bias(int minutes)
{
    return minutes >= -1440 && minutes <= 1440;
}

/* Windows' SYSTEMTIME, of which wDay is the week when wYear is 0. */
static bool read_change(const uint8_t *at, struct portable_change *ret)
{
    struct portable_change c = {
        .month = le16(at + 2),
        .day = le16(at + 4),
        .nth = le16(at + 6),
        .minute = le16(at + 8) * 60 + le16(at + 10),
    };

    if (c.month == 0) {
        *ret = (struct portable_change){ 0 };
        return true;
    }
    if (c.month > 12 || c.day > 6 || c.nth < 1 || c.nth > 5 || c.minute >= 1440)
        return false;
    *ret = c;
    return true;
}

static bool read_rule(const uint8_t *biases, const uint8_t *winter,
                      const uint8_t *summer, struct portable_zone *z)
{
    z->bias = le32(biases);
    z->standard_bias = le32(biases + 4);
    z->daylight_bias = le32(biases + 8);
    z->has_rule = is_bias(z->bias) && is_bias(z->standard_bias) &&
                  is_bias(z->daylight_bias) &&
                  read_change(winter, &z->standard) &&
                  read_change(summer, &z->daylight);
    return z->has_rule;
}

/* lBias, lStandardBias, lDaylightBias, wYear, stStandard, wYear, stDaylight */
#define STRUCT_SIZE 48u

bool zone_read_struct(GBytes *bytes, struct zone *ret)
{
    gsize n;
    const uint8_t *at = g_bytes_get_data(bytes, &n);
    struct zone zone = { 0 };

    if (n != STRUCT_SIZE || !read_rule(at, at + 14, at + 32, &zone.z))
        return false;
    *ret = zone;
    return true;
}

/* bMajor, bMinor, reserved, flags, wYear, 14 bytes, then the rule. */
#define RULE_SIZE      66u
#define RULE_EFFECTIVE 2u /* TZRULE_FLAG_EFFECTIVE_TZREG */

static bool read_name(const uint8_t *at, size_t units, char *ret)
{
    g_autofree gunichar2 *utf16 = g_new0(gunichar2, units + 1);
    g_autofree char *name = NULL;

    for (size_t i = 0; i < units; i++)
        utf16[i] = (gunichar2)le16(at + 2 * i);
    name = g_utf16_to_utf8(utf16, (glong)units, NULL, NULL, NULL);
    if (name == NULL || name[0] == '\0')
        return false;
    g_strlcpy(ret, name, ZONE_ID_MAX + 1);
    return true;
}

/* The rule in force: of several, the one that says so, else the last. */
static void read_rules(const uint8_t *at, size_t n, struct portable_zone *z)
{
    for (size_t i = 0; i < n; i++, at += RULE_SIZE) {
        struct portable_zone rule = { 0 };

        if (!read_rule(at + 22, at + 34, at + 50, &rule))
            continue;
        rule.id = z->id;
        *z = rule;
        if ((le16(at + 4) & RULE_EFFECTIVE) != 0)
            return;
    }
}

bool zone_read_definition(GBytes *bytes, struct zone *ret)
{
    gsize n;
    const uint8_t *at = g_bytes_get_data(bytes, &n);
    struct zone zone = { 0 };
    size_t units, rules;

    /* bMajor 2, bMinor 1, cbHeader, reserved, cchKeyName, name, cRules */
    if (n < 10 || at[0] != 2 || at[1] != 1)
        return false;
    units = le16(at + 6);
    if (units > ZONE_ID_MAX || n < 10 + 2 * units ||
        !read_name(at + 8, units, zone.id))
        return false;
    rules = le16(at + 8 + 2 * units);
    zone.z.id = zone.id;
    if (rules <= (n - 10 - 2 * units) / RULE_SIZE)
        read_rules(at + 10 + 2 * units, rules, &zone.z);
    *ret = zone;
    ret->z.id = ret->id;
    return true;
}

/* ---- reading EWS's ------------------------------------------------------- */

/* "-PT1H", "PT2H30M": minutes. */
static bool read_duration(const char *text, int *ret)
{
    bool negative = text != NULL && text[0] == '-';
    g_autoptr(GRegex) re = g_regex_new(
        "^-?P(?:0D)?T(?:(\\d{1,2})H)?(?:(\\d{1,4})M)?(?:\\d+(?:\\.\\d+)?S)?$",
        0, 0, NULL);
    g_autoptr(GMatchInfo) m = NULL;
    g_autofree char *hours = NULL;
    g_autofree char *minutes = NULL;
    int n;

    if (text == NULL || !g_regex_match(re, text, 0, &m))
        return false;
    hours = g_match_info_fetch(m, 1);
    minutes = g_match_info_fetch(m, 2);
    n = (int)g_ascii_strtoll(hours != NULL ? hours : "", NULL, 10) * 60 +
        (int)g_ascii_strtoll(minutes != NULL ? minutes : "", NULL, 10);
    *ret = negative ? -n : n;
    return true;
}

static const struct xml_node *with_attr(const struct xml_node *first,
                                        const char *attr, const char *value)
{
    for (; first != NULL; first = xml_next(first)) {
        if (g_strcmp0(xml_attr(first, attr), value) == 0)
            return first;
    }
    return NULL;
}

static bool read_transition(const struct xml_node *node,
                            struct portable_change *ret)
{
    struct portable_change c = { 0 };
    const char *nth = xml_child_text(node, "Occurrence");
    uint64_t month;
    int minute;

    if (!read_duration(xml_child_text(node, "TimeOffset"), &minute) ||
        minute < 0 || minute >= 1440 ||
        !xml_parse_uint(xml_child_text(node, "Month"), 12, &month) ||
        !recur_day_of(xml_child_text(node, "DayOfWeek"), &c.day) || nth == NULL)
        return false;
    c.month = (unsigned int)month;
    c.minute = (unsigned int)minute;
    c.nth = nth[0] == '-' ? 5 : (unsigned int)g_ascii_strtoull(nth, NULL, 10);
    if (c.month == 0 || c.nth < 1 || c.nth > 5)
        return false;
    *ret = c;
    return true;
}

/*
 * The group that the last transition leads to is the one in force.  Its
 * periods are named, and only the name tells standard from daylight time.
 */
static const struct xml_node *group_in_force(const struct xml_node *node)
{
    const struct xml_node *t = xml_first(xml_child(node, "Transitions"));
    const char *id = NULL;

    for (; t != NULL; t = xml_next(t))
        id = xml_child_text(t, "To");
    return with_attr(xml_first(xml_child(node, "TransitionsGroups")), "Id", id);
}

static bool read_group(const struct xml_node *node,
                       const struct xml_node *group, struct portable_zone *z)
{
    const struct xml_node *periods = xml_first(xml_child(node, "Periods"));
    const struct xml_node *t = xml_first(group);
    int in_winter = 0, in_summer = 0;

    for (; t != NULL; t = xml_next(t)) {
        const struct xml_node *period =
            with_attr(periods, "Id", xml_child_text(t, "To"));
        const char *name = xml_attr(period, "Name");
        bool summer = g_strcmp0(name, "Daylight") == 0;

        if (!read_duration(xml_attr(period, "Bias"),
                           summer ? &in_summer : &in_winter))
            return false;
        if (xml_is(t, "RecurringDayTransition") &&
            !read_transition(t, summer ? &z->daylight : &z->standard))
            return false;
    }
    z->bias = in_winter;
    z->daylight_bias = z->daylight.month != 0 ? in_summer - in_winter : 0;
    return true;
}

bool zone_read_element(const struct xml_node *node, struct zone *ret)
{
    const char *id = xml_attr(node, "Id");
    const struct xml_node *group = group_in_force(node);
    struct zone zone = { 0 };

    if (group != NULL)
        zone.z.has_rule = read_group(node, group, &zone.z);
    if (!zone.z.has_rule)
        zone.z = (struct portable_zone){ 0 };
    if (id != NULL && strlen(id) <= ZONE_ID_MAX)
        g_strlcpy(zone.id, id, sizeof(zone.id));
    if (zone.id[0] == '\0' && !zone.z.has_rule)
        return false;
    *ret = zone;
    ret->z.id = ret->id[0] != '\0' ? ret->id : NULL;
    return true;
}

/* ---- writing ------------------------------------------------------------- */

static char *as_duration(int minutes)
{
    int n = ABS(minutes);

    return g_strdup_printf("%sPT%dH%dM", minutes < 0 ? "-" : "", n / 60,
                           n % 60);
}

static bool has_summer(const struct portable_zone *z)
{
    return z->standard.month != 0 && z->daylight.month != 0;
}

/* [MS-OXWSMTGS] TimeChangeType: an offset to BaseOffset. */
static void write_old_change(struct xml_writer *w, const char *element,
                             int bias, const struct portable_change *c)
{
    g_autofree char *offset = as_duration(bias);
    g_autofree char *time =
        g_strdup_printf("%02u:%02u:00", c->minute / 60, c->minute % 60);

    xml_open(w, element);
    xml_element(w, "t:Offset", offset);
    xml_open(w, "t:RelativeYearlyRecurrence");
    xml_element(w, "t:DaysOfWeek", recur_day_name(c->day));
    xml_element(w, "t:DayOfWeekIndex", recur_nth_name(c->nth));
    xml_element(w, "t:Month", recur_month_name(c->month - 1));
    xml_close(w);
    xml_element(w, "t:Time", time);
    xml_close(w);
}

void zone_write_old(struct xml_writer *w, const struct portable_zone *z)
{
    g_autofree char *base = as_duration(z->bias);

    if (!z->has_rule)
        return;
    xml_open(w, "t:MeetingTimeZone");
    xml_attribute(w, "TimeZoneName", z->id);
    xml_element(w, "t:BaseOffset", base);
    if (has_summer(z)) {
        write_old_change(w, "t:Standard", z->standard_bias, &z->standard);
        write_old_change(w, "t:Daylight", z->daylight_bias, &z->daylight);
    }
    xml_close(w);
}

static void write_period(struct xml_writer *w, const char *name, int bias)
{
    g_autofree char *text = as_duration(bias);

    xml_open(w, "t:Period");
    xml_attribute(w, "Bias", text);
    xml_attribute(w, "Name", name);
    xml_attribute(w, "Id", name);
    xml_close(w);
}

static void write_to(struct xml_writer *w, const char *kind, const char *id)
{
    xml_open(w, "t:To");
    xml_attribute(w, "Kind", kind);
    xml_chars(w, id);
    xml_close(w);
}

static void write_transition(struct xml_writer *w, const char *to,
                             const struct portable_change *c)
{
    g_autofree char *offset = as_duration((int)c->minute);
    g_autofree char *month = g_strdup_printf("%u", c->month);
    g_autofree char *nth =
        c->nth == 5 ? g_strdup("-1") : g_strdup_printf("%u", c->nth);

    xml_open(w, "t:RecurringDayTransition");
    write_to(w, "Period", to);
    xml_element(w, "t:TimeOffset", offset);
    xml_element(w, "t:Month", month);
    xml_element(w, "t:DayOfWeek", recur_day_name(c->day));
    xml_element(w, "t:Occurrence", nth);
    xml_close(w);
}

static void write_group(struct xml_writer *w, const struct portable_zone *z)
{
    xml_open(w, "t:TransitionsGroups");
    xml_open(w, "t:TransitionsGroup");
    xml_attribute(w, "Id", "0");
    if (has_summer(z)) {
        write_transition(w, "Daylight", &z->daylight);
        write_transition(w, "Standard", &z->standard);
    } else {
        xml_open(w, "t:Transition");
        write_to(w, "Period", "Standard");
        xml_close(w);
    }
    xml_close(w);
    xml_close(w);
}

static void write_definition(struct xml_writer *w,
                             const struct portable_zone *z)
{
    xml_open(w, "t:Periods");
    write_period(w, "Standard", z->bias + z->standard_bias);
    if (has_summer(z))
        write_period(w, "Daylight", z->bias + z->daylight_bias);
    xml_close(w);
    write_group(w, z);
    xml_open(w, "t:Transitions");
    xml_open(w, "t:Transition");
    write_to(w, "Group", "0");
    xml_close(w);
    xml_close(w);
}

void zone_write(struct xml_writer *w, const char *element,
                const struct portable_zone *z, bool by_rule)
{
    const char *id = z->id != NULL ? z->id : "Custom";

    xml_open(w, element);
    xml_attribute(w, "Id", id);
    if (by_rule && z->has_rule) {
        xml_attribute(w, "Name", id);
        write_definition(w, z);
    }
    xml_close(w);
}
