#include <string.h>

#include "lab/ical_priv.h"

/* ---- out ------------------------------------------------------------- */

bool ical_zone_is_utc(const struct timezone_info *zone)
{
    return strcmp(zone->id, "UTC") == 0 ||
           (zone->id[0] == '\0' && zone->n_rules == 1 &&
            zone->rules[0].bias == 0 && zone->rules[0].daylight.month == 0);
}

const char *ical_zone_id(const struct timezone_info *zone)
{
    return zone->id[0] != '\0' ? zone->id : "Customized Time Zone";
}

/* Biases point the other way: minutes to add to get UTC. */
static void write_offset(GString *to, const char *name, int32_t bias)
{
    int32_t minutes = ABS(bias);

    ical_linef(to, "%s:%c%02d%02d", name, bias > 0 ? '-' : '+', minutes / 60,
               minutes % 60);
}

static void write_half(GString *to, const char *name, const struct tz_date *at,
                       const int32_t biases[2])
{
    static const char *const days[7] = { "SU", "MO", "TU", "WE",
                                         "TH", "FR", "SA" };

    ical_linef(to, "BEGIN:%s", name);
    ical_linef(to, "DTSTART:16010101T%02u%02u%02u", at->hour, at->minute,
               at->second);
    write_offset(to, "TZOFFSETFROM", biases[0]);
    write_offset(to, "TZOFFSETTO", biases[1]);
    if (at->month != 0)
        ical_linef(to, "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=%d%s;BYMONTH=%u",
                   at->nth >= 5 ? -1 : at->nth, days[at->weekday % 7],
                   at->month);
    ical_linef(to, "END:%s", name);
}

void ical_zone_write(GString *to, const struct timezone_info *zone,
                     unsigned int year)
{
    const struct tz_rule *r = timezone_rule(zone, year);
    int32_t standard = r->bias + r->standard_bias;
    int32_t summer =
        r->daylight.month != 0 ? r->bias + r->daylight_bias : standard;

    ical_line(to, "BEGIN:VTIMEZONE");
    ical_linef(to, "TZID:%s", ical_zone_id(zone));
    write_half(to, "STANDARD", &r->standard,
               (const int32_t[]){ summer, standard });
    write_half(to, "DAYLIGHT",
               r->daylight.month != 0 ? &r->daylight : &r->standard,
               (const int32_t[]){ standard, summer });
    ical_line(to, "END:VTIMEZONE");
}

/* ---- in -------------------------------------------------------------- */

/* "+0130" as a bias. */
static int32_t offset_of(const struct ical_component *half, const char *name)
{
    const struct ical_prop *p = ical_find(half, name);
    gint64 v;

    if (p == NULL || strlen(p->value) < 5 ||
        (p->value[0] != '+' && p->value[0] != '-'))
        return 0;
    v = g_ascii_strtoll(p->value + 1, NULL, 10);
    if (strlen(p->value) > 5)
        v /= 100; /* with seconds */
    v = v / 100 * 60 + v % 100;
    v = CLAMP(v, 0, 900);
    return (int32_t)(p->value[0] == '+' ? -v : v);
}

/* "DTSTART:16010101T030000" and the rule give the day. */
static void read_date(const struct ical_component *half, struct tz_date *ret)
{
    const struct ical_prop *start = ical_find(half, "DTSTART");
    const struct ical_prop *rule = ical_find(half, "RRULE");
    g_autofree char *day =
        rule != NULL ? ical_part(rule->value, "BYDAY") : NULL;
    g_autofree char *month =
        rule != NULL ? ical_part(rule->value, "BYMONTH") : NULL;
    static const char *const days[7] = { "SU", "MO", "TU", "WE",
                                         "TH", "FR", "SA" };
    char *end = NULL;
    gint64 nth;

    if (day == NULL || month == NULL)
        return;
    nth = g_ascii_strtoll(day, &end, 10);
    ret->month = (uint16_t)CLAMP(g_ascii_strtoll(month, NULL, 10), 1, 12);
    ret->nth = (uint16_t)(nth < 1 || nth > 5 ? 5 : nth);
    for (uint16_t i = 0; i < 7; i++)
        if (g_ascii_strcasecmp(end, days[i]) == 0)
            ret->weekday = i;
    if (start != NULL && strlen(start->value) >= 15) {
        gint64 time = g_ascii_strtoll(start->value + 9, NULL, 10);

        ret->hour = (uint16_t)(time / 10000 % 24);
        ret->minute = (uint16_t)(time / 100 % 100 % 60);
    }
}

/* What stands last counts: calendars list their history first. */
static const struct ical_component *last_half(const struct ical_component *zone,
                                              const char *name)
{
    const struct ical_component *found = NULL;

    for (guint i = 0; i < zone->children->len; i++) {
        const struct ical_component *c = zone->children->pdata[i];

        if (strcmp(c->name, name) == 0)
            found = c;
    }
    return found;
}

static void read_rule(const struct ical_component *zone, struct tz_rule *ret)
{
    const struct ical_component *standard = last_half(zone, "STANDARD");
    const struct ical_component *summer = last_half(zone, "DAYLIGHT");

    *ret = (struct tz_rule){ .flags = TZ_EFFECTIVE, .year = 1601 };
    if (standard == NULL)
        standard = summer;
    if (standard == NULL)
        return;
    ret->bias = offset_of(standard, "TZOFFSETTO");
    if (summer == NULL || summer == standard)
        return;
    ret->daylight_bias = offset_of(summer, "TZOFFSETTO") - ret->bias;
    read_date(standard, &ret->standard);
    read_date(summer, &ret->daylight);
    if (ret->daylight_bias == 0 || ret->standard.month == 0 ||
        ret->daylight.month == 0) {
        ret->daylight_bias = 0;
        ret->standard = ret->daylight = (struct tz_date){ 0 };
    }
}

static const struct ical_component *
find_zone(const struct ical_component *calendar, const char *tzid)
{
    for (guint i = 0; i < calendar->children->len; i++) {
        const struct ical_component *c = calendar->children->pdata[i];
        const struct ical_prop *id = ical_find(c, "TZID");

        if (strcmp(c->name, "VTIMEZONE") == 0 && id != NULL &&
            strcmp(id->value, tzid) == 0)
            return c;
    }
    return NULL;
}

void ical_zone_read(const struct ical_component *calendar, const char *tzid,
                    struct timezone_info *ret)
{
    const struct ical_component *zone;
    struct tz_rule rule;
    const char *id;

    if (tzid == NULL || (timezone_find(tzid, ret))) {
        if (tzid == NULL)
            timezone_utc(ret);
        return;
    }
    zone = find_zone(calendar, tzid);
    if (zone == NULL) {
        timezone_utc(ret);
        return;
    }
    read_rule(zone, &rule);
    id = timezone_id_of_rule(&rule, 2024);
    if (id != NULL && timezone_find(id, ret))
        return;
    *ret = (struct timezone_info){ .id = g_strdup(tzid),
                                   .rules = g_memdup2(&rule, sizeof(rule)),
                                   .n_rules = 1 };
}
