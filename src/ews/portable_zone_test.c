/*
 * Zones and patterns between EWS, MAPI and ours.  The bytes are laid out by
 * hand after [MS-OXOCAL] 2.2.1.39 and 2.2.1.41, with Windows' own rules.
 */
#include <string.h>

#include "base/check.h"
#include "ews/portable_recur.h"
#include "ews/portable_samples.h"
#include "ews/portable_zone.h"
#include "ews/script.h"
#include "xml/check.h"

static struct xml_doc *parse(const char *item)
{
    g_autofree char *text =
        g_strdup_printf("<r xmlns:t=\"" T_NS "\">%s</r>", item);

    return xml_check_read(text);
}

/* What is inside of <r>. */
static char *written(struct xml_writer *w)
{
    size_t n;
    const struct xml_part *parts = xml_writer_parts(w, &n);
    const char *text = n > 0 ? parts[0].text : "";

    g_assert_cmpuint(n, ==, 1);
    g_assert_nonnull(strstr(text, "?>"));
    return g_strndup(strstr(text, "?>") + 2,
                     parts[0].len - (size_t)(strstr(text, "?>") + 2 - text));
}

/* ---- MAPI's -------------------------------------------------------------- */

static void put16(GByteArray *a, unsigned int n)
{
    const guint8 bytes[] = { (guint8)n, (guint8)(n >> 8) };

    g_byte_array_append(a, bytes, sizeof(bytes));
}

static void put32(GByteArray *a, int n)
{
    put16(a, (unsigned int)n & 0xffff);
    put16(a, (unsigned int)n >> 16);
}

/* SYSTEMTIME: year, month, day of the week, which, hour, three zeros. */
static void put_change(GByteArray *a, unsigned int month, unsigned int nth,
                       unsigned int hour)
{
    put16(a, 0);
    put16(a, month);
    put16(a, 0);
    put16(a, nth);
    put16(a, hour);
    for (int i = 0; i < 3; i++)
        put16(a, 0);
}

static void put_biases(GByteArray *a)
{
    put32(a, -60);
    put32(a, 0);
    put32(a, -60);
}

/* Western Europe: last Sundays of October at 3 and of March at 2. */
static GBytes *west_struct(unsigned int month)
{
    GByteArray *a = g_byte_array_new();

    put_biases(a);
    put16(a, 0);
    put_change(a, month, 5, 3);
    put16(a, 0);
    put_change(a, 3, 5, 2);
    return g_byte_array_free_to_bytes(a);
}

static void put_rule(GByteArray *a, unsigned int flags, unsigned int month)
{
    static const guint8 zeros[14] = { 0 };

    put16(a, 0x0102); /* bMajor 2, bMinor 1 */
    put16(a, 0x3E);
    put16(a, flags);
    put16(a, 2020);
    g_byte_array_append(a, zeros, sizeof(zeros));
    put_biases(a);
    put_change(a, month, 5, 3);
    put_change(a, 3, 5, 2);
}

static GBytes *west_definition(const char *name, unsigned int rules)
{
    GByteArray *a = g_byte_array_new();

    put16(a, 0x0102);
    put16(a, (unsigned int)(6 + 2 * strlen(name)));
    put16(a, 2);
    put16(a, (unsigned int)strlen(name));
    for (const char *at = name; *at != '\0'; at++)
        put16(a, (unsigned char)*at);
    put16(a, rules);
    put_rule(a, 0, 9);
    put_rule(a, 2, 10);
    return g_byte_array_free_to_bytes(a);
}

static void check_west(const struct portable_zone *z)
{
    g_assert_true(z->has_rule);
    g_assert_cmpint(z->bias, ==, -60);
    g_assert_cmpint(z->standard_bias, ==, 0);
    g_assert_cmpint(z->daylight_bias, ==, -60);
    g_assert_cmpuint(z->standard.month, ==, 10);
    g_assert_cmpuint(z->standard.nth, ==, 5);
    g_assert_cmpuint(z->standard.day, ==, 0);
    g_assert_cmpuint(z->standard.minute, ==, 180);
    g_assert_cmpuint(z->daylight.month, ==, 3);
    g_assert_cmpuint(z->daylight.minute, ==, 120);
}

static void test_struct(void)
{
    g_autoptr(GBytes) good = west_struct(10);
    g_autoptr(GBytes) bad = west_struct(13);
    g_autoptr(GBytes) cut = g_bytes_new_from_bytes(good, 0, 47);
    struct zone zone;

    g_assert_true(zone_read_struct(good, &zone));
    check_west(&zone.z);
    g_assert_null(zone.z.id);
    g_assert_false(zone_read_struct(bad, &zone));
    g_assert_false(zone_read_struct(cut, &zone));
}

/* Of several rules the one in force counts. */
static void test_definition(void)
{
    g_autoptr(GBytes) good = west_definition("W. Europe Standard Time", 2);
    g_autoptr(GBytes) many = west_definition("W. Europe Standard Time", 200);
    g_autoptr(GBytes) nameless = west_definition("", 2);
    struct zone zone;

    g_assert_true(zone_read_definition(good, &zone));
    g_assert_cmpstr(zone.z.id, ==, "W. Europe Standard Time");
    check_west(&zone.z);
    /* More rules than bytes: the name counts nevertheless. */
    g_assert_true(zone_read_definition(many, &zone));
    g_assert_false(zone.z.has_rule);
    g_assert_false(zone_read_definition(nameless, &zone));
}

/* Cut anywhere it is refused or less is known; never read past its end. */
static void test_definition_cut(void)
{
    g_autoptr(GBytes) good = west_definition("W. Europe Standard Time", 2);

    for (gsize n = 0; n < g_bytes_get_size(good); n++) {
        gsize size;
        const void *data = g_bytes_get_data(good, &size);
        g_autoptr(GBytes) cut = g_bytes_new(data, n); /* so that ASan sees */
        struct zone zone;

        if (zone_read_definition(cut, &zone))
            g_assert_cmpstr(zone.z.id, ==, "W. Europe Standard Time");
    }
}

/* ---- EWS's ----------------------------------------------------------- */

static void test_element(void)
{
    g_autoptr(xml_doc) doc = parse(SAMPLE_ZONE("StartTimeZone"));
    struct zone zone, again;
    g_autoptr(xml_writer) w = xml_writer_new();
    g_autofree char *text = NULL;
    g_autoptr(xml_doc) back = NULL;

    g_assert_true(zone_read_element(xml_first(xml_root(doc)), &zone));
    g_assert_cmpstr(zone.z.id, ==, "W. Europe Standard Time");
    check_west(&zone.z);
    zone_write(w, "t:StartTimeZone", &zone.z, true);
    text = written(w);
    back = parse(text);
    g_assert_true(zone_read_element(xml_first(xml_root(back)), &again));
    check_west(&again.z);
    g_assert_cmpstr(again.z.id, ==, zone.z.id);
}

static void test_elements(void)
{
    static const struct {
        const char *name, *element;
        bool known, rule;
    } rows[] = {
        { "by name", "<t:StartTimeZone Id=\"UTC\"/>", true, false },
        { "nothing", "<t:StartTimeZone/>", false, false },
        { "without summer",
          "<t:StartTimeZone Id=\"India Standard Time\"><t:Periods><t:Period "
          "Bias=\"-PT5H30M\" Name=\"Standard\" Id=\"s\"/></t:Periods>"
          "<t:TransitionsGroups><t:TransitionsGroup Id=\"0\"><t:Transition>"
          "<t:To Kind=\"Period\">s</t:To></t:Transition></t:TransitionsGroup>"
          "</t:TransitionsGroups><t:Transitions><t:Transition>"
          "<t:To Kind=\"Group\">0</t:To></t:Transition></t:Transitions>"
          "</t:StartTimeZone>",
          true, true },
        { "a period that is not there",
          "<t:StartTimeZone Id=\"X\"><t:TransitionsGroups>"
          "<t:TransitionsGroup Id=\"0\"><t:Transition><t:To>s</t:To>"
          "</t:Transition></t:TransitionsGroup></t:TransitionsGroups>"
          "<t:Transitions><t:Transition><t:To>0</t:To></t:Transition>"
          "</t:Transitions></t:StartTimeZone>",
          true, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xml_doc) doc = parse(rows[i].element);
        struct zone zone = { 0 };

        CHECK_ROW(rows[i].name, zone_read_element(xml_first(xml_root(doc)),
                                                  &zone) == rows[i].known);
        CHECK_ROW(rows[i].name, zone.z.has_rule == rows[i].rule);
        if (rows[i].rule)
            CHECK_ROW(rows[i].name, zone.z.bias == -330);
    }
}

static void test_old(void)
{
    g_autoptr(GBytes) bytes = west_struct(10);
    g_autoptr(xml_writer) w = xml_writer_new();
    g_autofree char *text = NULL;
    struct zone zone;

    g_assert_true(zone_read_struct(bytes, &zone));
    zone_write_old(w, &zone.z);
    text = written(w);
    g_assert_cmpstr(
        text, ==,
        "\n<t:MeetingTimeZone><t:BaseOffset>-PT1H0M</t:BaseOffset>"
        "<t:Standard><t:Offset>PT0H0M</t:Offset><t:RelativeYearlyRecurrence>"
        "<t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>Last"
        "</t:DayOfWeekIndex><t:Month>October</t:Month>"
        "</t:RelativeYearlyRecurrence><t:Time>03:00:00</t:Time></t:Standard>"
        "<t:Daylight><t:Offset>-PT1H0M</t:Offset><t:RelativeYearlyRecurrence>"
        "<t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>Last"
        "</t:DayOfWeekIndex><t:Month>March</t:Month>"
        "</t:RelativeYearlyRecurrence><t:Time>02:00:00</t:Time></t:Daylight>"
        "</t:MeetingTimeZone>");
}

/* ---- patterns ------------------------------------------------------------ */

#define RANGE                                                                  \
    "<t:EndDateRecurrence><t:StartDate>2024-03-04</t:StartDate><t:EndDate>"    \
    "2025-03-04</t:EndDate></t:EndDateRecurrence>"
#define PATTERN(name, content)                                                 \
    "<t:Recurrence><t:" name ">" content "</t:" name ">" RANGE "</"            \
    "t:Recurrence>"
#define EVERY(n) "<t:Interval>" n "</t:Interval>"

/* Read and written again, each is the text that it was. */
static void test_patterns(void)
{
    static const struct {
        const char *text;
        struct portable_recurrence want;
    } rows[] = {
        { PATTERN("DailyRecurrence", EVERY("3")),
          { PORTABLE_DAILY, .interval = 3 } },
        { PATTERN("WeeklyRecurrence",
                  EVERY("2") "<t:DaysOfWeek>Monday Friday</t:DaysOfWeek>"
                             "<t:FirstDayOfWeek>Monday</t:FirstDayOfWeek>"),
          { PORTABLE_WEEKLY, .interval = 2, .days = 0x22, .first_day = 1 } },
        { PATTERN("AbsoluteMonthlyRecurrence",
                  EVERY("1") "<t:DayOfMonth>31</t:DayOfMonth>"),
          { PORTABLE_MONTHLY, .interval = 1, .day = 31 } },
        { PATTERN("RelativeMonthlyRecurrence",
                  EVERY("1") "<t:DaysOfWeek>Weekday</t:DaysOfWeek>"
                             "<t:DayOfWeekIndex>Last</t:DayOfWeekIndex>"),
          { PORTABLE_MONTHLY_NTH, .interval = 1, .days = PORTABLE_WEEKDAYS,
            .nth = 5 } },
        { PATTERN("AbsoluteYearlyRecurrence",
                  "<t:DayOfMonth>3</t:DayOfMonth><t:Month>May</t:Month>"),
          { PORTABLE_YEARLY, .interval = 1, .day = 3, .month = 5 } },
        { PATTERN("RelativeYearlyRecurrence",
                  "<t:DaysOfWeek>Sunday</t:DaysOfWeek><t:DayOfWeekIndex>Second"
                  "</t:DayOfWeekIndex><t:Month>December</t:Month>"),
          { PORTABLE_YEARLY_NTH, .interval = 1, .days = 1, .nth = 2,
            .month = 12 } },
        { PATTERN("MonthlyRegeneration", EVERY("6")),
          { PORTABLE_REGENERATE_MONTHLY, .interval = 6 } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xml_doc) doc = parse(rows[i].text);
        g_autoptr(xml_writer) w = xml_writer_new();
        g_autofree char *text = NULL;
        struct portable_recurrence got, want = rows[i].want;

        want.start = 20240304;
        want.end = 20250304;
        CHECK_ROW(rows[i].text, recur_read(xml_first(xml_root(doc)), &got));
        CHECK_ROW(rows[i].text, memcmp(&got, &want, sizeof(got)) == 0);
        recur_write(w, &got, EWS_2016);
        text = written(w);
        CHECK_ROW(rows[i].text, strcmp(g_strstrip(text), rows[i].text) == 0);
    }
}

static void test_no_patterns(void)
{
    static const char *const rows[] = {
        "<t:Recurrence/>",
        "<t:Recurrence><t:DailyRecurrence/></t:Recurrence>",
        ("<t:Recurrence><t:HourlyRecurrence/>" RANGE "</t:Recurrence>"),
        ("<t:Recurrence><t:DailyRecurrence/><t:NoEndRecurrence><t:StartDate>"
         "soon</t:StartDate></t:NoEndRecurrence></t:Recurrence>"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xml_doc) doc = parse(rows[i]);
        struct portable_recurrence r;

        CHECK_ROW(rows[i], !recur_read(xml_first(xml_root(doc)), &r));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zone/struct", test_struct);
    g_test_add_func("/zone/definition", test_definition);
    g_test_add_func("/zone/definition-cut", test_definition_cut);
    g_test_add_func("/zone/element", test_element);
    g_test_add_func("/zone/elements", test_elements);
    g_test_add_func("/zone/old", test_old);
    g_test_add_func("/recur/patterns", test_patterns);
    g_test_add_func("/recur/none", test_no_patterns);
    return g_test_run();
}
