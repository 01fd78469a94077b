#include "lab/timezone_xml.h"

#include <string.h>

#include "base/check.h"
#include "lab/calendar_xml.h"

#define TYPES "http://schemas.microsoft.com/exchange/services/2006/types"

static xmlDoc *parse(const char *text)
{
    struct problem p;
    xmlDoc *doc = soap_parse_document(text, strlen(text), &p);

    if (doc == NULL)
        g_error("%s", text);
    return doc;
}

/* What was written with prefixes, as a document of its own. */
static xmlDoc *parse_written(const struct xmlout *x)
{
    g_autofree char *text = g_strdup_printf(
        "<t:All xmlns:t=\"" TYPES "\">%s</t:All>", x->text->str);

    return parse(text);
}

/* ---- durations ------------------------------------------------------- */

static void test_durations(void)
{
    /* clang-format off */
    static const struct {
        const char *text;
        bool good;
        int32_t minutes;
        const char *again;
    } rows[] = {
        { "PT5H", true, 300, "PT5H" },
        { "-PT1H", true, -60, "-PT1H" },
        { "PT480M", true, 480, "PT8H" },
        { "-PT5H30M", true, -330, "-PT5H30M" },
        { "P0DT5H0M0.0S", true, 300, "PT5H" },
        { "P1D", true, 1440, "PT24H" },
        { "PT0S", true, 0, "PT0S" },
        { "PT90S", true, 1, "PT1M" },
        { "P0Y0M0DT0H30M0S", true, 30, "PT30M" },
        { "P1M", false, 0, NULL },
        { "PT", false, 0, NULL },
        { "P", false, 0, NULL },
        { "5H", false, 0, NULL },
        { "PT5X", false, 0, NULL },
        { "PT99999999999H", false, 0, NULL },
        { "", false, 0, NULL },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *again = NULL;
        int32_t minutes = 0;

        CHECK_ROW(rows[i].text,
                  duration_parse(rows[i].text, &minutes) == rows[i].good);
        CHECK_ROW(rows[i].text, minutes == rows[i].minutes);
        if (!rows[i].good)
            continue;
        again = duration_format(minutes);
        CHECK_ROW(rows[i].text, strcmp(again, rows[i].again) == 0);
    }
}

/* ---- TimeZoneDefinition ---------------------------------------------- */

/* The answer in the documentation of GetServerTimeZones. */
/* clang-format off */
static const char documented[] =
    "<TimeZoneDefinition xmlns=\"" TYPES "\" Id=\"Eastern Standard Time\">"
    "<Periods>"
    "<Period Bias=\"PT5H\" Name=\"Standard\" Id=\"e/2006-Standard\"/>"
    "<Period Bias=\"PT4H\" Name=\"Daylight\" Id=\"e/2006-Daylight\"/>"
    "<Period Bias=\"PT5H\" Name=\"Standard\" Id=\"e/2007-Standard\"/>"
    "<Period Bias=\"PT4H\" Name=\"Daylight\" Id=\"e/2007-Daylight\"/>"
    "</Periods><TransitionsGroups><TransitionsGroup Id=\"0\">"
    "<RecurringDayTransition><To Kind=\"Period\">e/2006-Daylight</To>"
    "<TimeOffset>PT2H</TimeOffset><Month>4</Month>"
    "<DayOfWeek>Sunday</DayOfWeek><Occurrence>1</Occurrence>"
    "</RecurringDayTransition>"
    "<RecurringDayTransition><To Kind=\"Period\">e/2006-Standard</To>"
    "<TimeOffset>PT2H</TimeOffset><Month>10</Month>"
    "<DayOfWeek>Sunday</DayOfWeek><Occurrence>-1</Occurrence>"
    "</RecurringDayTransition></TransitionsGroup>"
    "<TransitionsGroup Id=\"1\">"
    "<RecurringDayTransition><To Kind=\"Period\">e/2007-Daylight</To>"
    "<TimeOffset>PT2H</TimeOffset><Month>3</Month>"
    "<DayOfWeek>Sunday</DayOfWeek><Occurrence>2</Occurrence>"
    "</RecurringDayTransition>"
    "<RecurringDayTransition><To Kind=\"Period\">e/2007-Standard</To>"
    "<TimeOffset>PT2H</TimeOffset><Month>11</Month>"
    "<DayOfWeek>Sunday</DayOfWeek><Occurrence>1</Occurrence>"
    "</RecurringDayTransition></TransitionsGroup></TransitionsGroups>"
    "<Transitions><Transition><To Kind=\"Group\">0</To></Transition>"
    "<AbsoluteDateTransition><To Kind=\"Group\">1</To>"
    "<DateTime>2007-01-01T00:00:00</DateTime></AbsoluteDateTransition>"
    "</Transitions></TimeZoneDefinition>";
/* clang-format on */

static bool same_rule(const struct tz_rule *a, const struct tz_rule *b)
{
    struct tz_rule x = *a, y = *b;

    x.flags = y.flags = 0;
    return memcmp(&x, &y, sizeof(x)) == 0;
}

static void check_same(const char *name, const struct timezone_info *a,
                       const struct timezone_info *b)
{
    CHECK_ROW(name, a->n_rules == b->n_rules);
    for (size_t i = 0; i < a->n_rules; i++)
        CHECK_ROW(name, same_rule(&a->rules[i], &b->rules[i]));
}

static void test_documented(void)
{
    g_auto(timezone_info) tz = { 0 };
    g_auto(timezone_info) ours = { 0 };
    xmlDoc *doc = parse(documented);
    struct problem p;

    g_assert_cmpint(
        timezone_read_definition(xmlDocGetRootElement(doc), &tz, &p), ==, 0);
    xmlFreeDoc(doc);
    g_assert_true(timezone_find("Eastern Standard Time", &ours));
    g_assert_cmpstr(tz.id, ==, ours.id);
    check_same("documented", &tz, &ours);
}

/* Every zone of the table through its full definition. */
static void test_definitions(void)
{
    for (size_t i = 0; i < timezone_count(); i++) {
        struct xmlout x = { .text = g_string_new(NULL) };
        g_auto(timezone_info) tz = { 0 };
        g_auto(timezone_info) again = { 0 };
        struct problem p;
        xmlDoc *doc;

        g_assert_true(timezone_find(timezone_id_at(i), &tz));
        timezone_write_definition(&x, "t:TimeZoneDefinition", &tz, true);
        doc = parse_written(&x);
        CHECK_ROW(tz.id,
                  timezone_read_definition(
                      soap_first(xmlDocGetRootElement(doc)), &again, &p) == 0);
        g_assert_cmpstr(again.id, ==, tz.id);
        check_same(tz.id, &tz, &again);
        xmlFreeDoc(doc);
        g_string_free(x.text, TRUE);
    }
}

static void test_by_id(void)
{
    struct xmlout x = { .text = g_string_new(NULL) };
    g_auto(timezone_info) tz = { 0 };
    g_auto(timezone_info) again = { 0 };
    struct problem p;
    xmlDoc *doc;

    g_assert_true(timezone_find("W. Europe Standard Time", &tz));
    timezone_write_definition(&x, "t:StartTimeZone", &tz, false);
    g_assert_cmpstr(
        x.text->str, ==,
        "<t:StartTimeZone Id=\"W. Europe Standard Time\" Name=\"(UTC+01:00) "
        "Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna\"/>");
    doc = parse_written(&x);
    g_assert_cmpint(timezone_read_definition(
                        soap_first(xmlDocGetRootElement(doc)), &again, &p),
                    ==, 0);
    check_same("by id", &tz, &again);
    xmlFreeDoc(doc);
    g_string_free(x.text, TRUE);
}

/* A text of the documented definition replaced by another. */
static char *altered(const char *text, const char *with)
{
    g_auto(GStrv) parts = g_strsplit(documented, text, 2);

    g_assert_cmpuint(g_strv_length(parts), ==, 2);
    return g_strjoinv(with, parts);
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text, *with;
    } rows[] = {
        { "no such period", ">e/2006-Daylight<", ">e/2005-Daylight<" },
        { "no such group", "Kind=\"Group\">1<", "Kind=\"Group\">7<" },
        { "no transitions", "<Transition><To Kind=\"Group\">0</To></Transition>"
          "<AbsoluteDateTransition><To Kind=\"Group\">1</To>"
          "<DateTime>2007-01-01T00:00:00</DateTime></AbsoluteDateTransition>",
          "" },
        { "a month of its own", "<Month>4</Month>", "<Month>14</Month>" },
        { "no such day", "<DayOfWeek>Sunday<", "<DayOfWeek>Sunnyday<" },
        { "a sixth Sunday", "<Occurrence>1<", "<Occurrence>6<" },
        { "a zeroth Sunday", "<Occurrence>1<", "<Occurrence>0<" },
        { "a bias that is none", "Bias=\"PT5H\"", "Bias=\"five\"" },
        { "a bias of days", "Bias=\"PT5H\"", "Bias=\"P9D\"" },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = altered(rows[i].text, rows[i].with);
        xmlDoc *doc = parse(text);
        struct timezone_info tz;
        struct problem p;

        CHECK_ROW(rows[i].name, timezone_read_definition(
                                    xmlDocGetRootElement(doc), &tz, &p) < 0);
        CHECK_ROW(rows[i].name, problem_is(&p, "ErrorTimeZone"));
        xmlFreeDoc(doc);
    }
}

static void test_unknown_id(void)
{
    xmlDoc *doc = parse("<A xmlns=\"" TYPES "\" Id=\"Mars Standard Time\"/>");
    struct timezone_info tz;
    struct problem p;

    g_assert_cmpint(
        timezone_read_definition(xmlDocGetRootElement(doc), &tz, &p), <, 0);
    g_assert_true(problem_is(&p, "ErrorTimeZone"));
    xmlFreeDoc(doc);
}

/* ---- the single rules ------------------------------------------------ */

typedef void write_fn(struct xmlout *x, const char *element,
                      const struct timezone_info *tz, unsigned int year);
typedef int read_fn(const xmlNode *node, struct timezone_info *ret,
                    struct problem *p);

static void check_single(const char *id, write_fn *write, read_fn *read)
{
    struct xmlout x = { .text = g_string_new(NULL) };
    g_auto(timezone_info) tz = { 0 };
    g_auto(timezone_info) again = { 0 };
    struct tz_rule rule;
    struct problem p;
    xmlDoc *doc;

    g_assert_true(timezone_find(id, &tz));
    write(&x, "t:TimeZone", &tz, 2024);
    doc = parse_written(&x);
    CHECK_ROW(id, read(soap_first(xmlDocGetRootElement(doc)), &again, &p) == 0);
    CHECK_ROW(id, again.n_rules == 1);
    rule = *timezone_rule(&tz, 2024);
    rule.year = 1601;
    if (rule.daylight.month == 0)
        again.rules[0].daylight = again.rules[0].standard = rule.daylight;
    CHECK_ROW(id, same_rule(&again.rules[0], &rule));
    xmlFreeDoc(doc);
    g_string_free(x.text, TRUE);
}

static void test_single(void)
{
    for (size_t i = 0; i < timezone_count(); i++) {
        check_single(timezone_id_at(i), timezone_write_meeting,
                     timezone_read_meeting);
        check_single(timezone_id_at(i), timezone_write_availability,
                     timezone_read_availability);
    }
}

/* As the documentation of MeetingTimeZone and GetUserAvailability show. */
static void test_single_documented(void)
{
    static const char availability[] =
        "<TimeZone xmlns=\"" TYPES "\"><Bias>480</Bias><StandardTime>"
        "<Bias>0</Bias><Time>02:00:00</Time><DayOrder>1</DayOrder>"
        "<Month>11</Month><DayOfWeek>Sunday</DayOfWeek></StandardTime>"
        "<DaylightTime><Bias>-60</Bias><Time>02:00:00</Time>"
        "<DayOrder>2</DayOrder><Month>3</Month><DayOfWeek>Sunday</DayOfWeek>"
        "</DaylightTime></TimeZone>";
    xmlDoc *doc = parse(availability);
    g_auto(timezone_info) tz = { 0 };
    struct problem p;

    g_assert_cmpint(
        timezone_read_availability(xmlDocGetRootElement(doc), &tz, &p), ==, 0);
    g_assert_cmpstr(tz.id, ==, "Pacific Standard Time");
    xmlFreeDoc(doc);
    doc = parse("<T xmlns=\"" TYPES "\"><Bias>480</Bias></T>");
    g_assert_cmpint(
        timezone_read_availability(xmlDocGetRootElement(doc), &tz, &p), <, 0);
    g_assert_true(problem_is(&p, "ErrorInvalidTimeZone"));
    xmlFreeDoc(doc);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timezone-xml/durations", test_durations);
    g_test_add_func("/timezone-xml/documented", test_documented);
    g_test_add_func("/timezone-xml/definitions", test_definitions);
    g_test_add_func("/timezone-xml/by-id", test_by_id);
    g_test_add_func("/timezone-xml/refused", test_refused);
    g_test_add_func("/timezone-xml/unknown-id", test_unknown_id);
    g_test_add_func("/timezone-xml/single", test_single);
    g_test_add_func("/timezone-xml/single-documented", test_single_documented);
    return g_test_run();
}
