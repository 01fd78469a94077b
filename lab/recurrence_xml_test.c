#include "lab/recurrence_xml.h"

#include <string.h>

#include "base/check.h"

#define TYPES "http://schemas.microsoft.com/exchange/services/2006/types"

static xmlDoc *parse(const char *inside)
{
    g_autofree char *text = g_strdup_printf(
        "<Recurrence xmlns=\"" TYPES "\">%s</Recurrence>", inside);
    struct problem p;
    xmlDoc *doc = soap_parse_document(text, strlen(text), &p);

    g_assert_nonnull(doc);
    return doc;
}

static int read_text(const char *inside, struct recurrence *ret,
                     struct problem *p)
{
    xmlDoc *doc = parse(inside);
    int status = recurrence_read_xml(xmlDocGetRootElement(doc), ret, p);

    xmlFreeDoc(doc);
    return status;
}

static char *written(const struct recurrence *r, enum release asked)
{
    struct xmlout x = { .text = g_string_new(NULL) };

    recurrence_write_xml(&x, r, asked);
    return g_string_free(x.text, FALSE);
}

/* clang-format off */
#define NUMBERED(start, n) \
    "<NumberedRecurrence><StartDate>" start "</StartDate>" \
    "<NumberOfOccurrences>" n "</NumberOfOccurrences></NumberedRecurrence>"
#define NO_END(start) \
    "<NoEndRecurrence><StartDate>" start "</StartDate></NoEndRecurrence>"
#define UNTIL(start, end) \
    "<EndDateRecurrence><StartDate>" start "</StartDate><EndDate>" end \
    "</EndDate></EndDateRecurrence>"

/* The shapes of [MS-OXWSCDATA] with what they are in the blob. */
static const struct {
    const char *name, *xml;
    uint16_t frequency, type;
    uint32_t period, days, day, nth, sliding, first_dow;
    const char *says;
} shapes[] = {
    { "daily", "<DailyRecurrence><Interval>3</Interval></DailyRecurrence>"
      NO_END("2014-07-02+00:00"), 0x200A, 0, 4320, 0, 0, 0, 0, 0, "every 3 days" },
    { "weekly", "<WeeklyRecurrence><Interval>2</Interval><DaysOfWeek>Monday "
      "Thursday</DaysOfWeek><FirstDayOfWeek>Monday</FirstDayOfWeek>"
      "</WeeklyRecurrence>" NUMBERED("2014-07-03+00:00", "8"), 0x200B, 1, 2, 0x12,
      0, 0, 0, 1, "every 2 weeks on Monday, Thursday" },
    { "monthly", "<AbsoluteMonthlyRecurrence><Interval>1</Interval>"
      "<DayOfMonth>31</DayOfMonth></AbsoluteMonthlyRecurrence>"
      UNTIL("2014-07-31+00:00", "2015-01-31+00:00"), 0x200C, 2, 1, 0, 31, 0, 0, 0,
      "day 31 of every month" },
    { "monthly by day", "<RelativeMonthlyRecurrence><Interval>3</Interval>"
      "<DaysOfWeek>Weekday</DaysOfWeek><DayOfWeekIndex>Last</DayOfWeekIndex>"
      "</RelativeMonthlyRecurrence>" NO_END("2014-07-31+00:00"), 0x200C, 3, 3, 0x3E,
      0, 5, 0, 0, "the Last Weekday of every 3 months" },
    { "yearly", "<AbsoluteYearlyRecurrence><DayOfMonth>2</DayOfMonth>"
      "<Month>July</Month></AbsoluteYearlyRecurrence>" NO_END("2014-07-02+00:00"),
      0x200D, 2, 12, 0, 2, 0, 0, 0, "day 2 of every year" },
    { "yearly by day", "<RelativeYearlyRecurrence><DaysOfWeek>Monday"
      "</DaysOfWeek><DayOfWeekIndex>First</DayOfWeekIndex><Month>August</Month>"
      "</RelativeYearlyRecurrence>" NO_END("2014-08-04+00:00"), 0x200D, 3, 12, 0x02,
      0, 1, 0, 0, "the First Monday of every year" },
    { "again after days", "<DailyRegeneration><Interval>4</Interval>"
      "</DailyRegeneration>" NO_END("2014-07-02+00:00"), 0x200A, 0, 5760, 0, 0, 0, 1,
      0, "every 4 days" },
    { "again after weeks", "<WeeklyRegeneration><Interval>2</Interval>"
      "</WeeklyRegeneration>" NO_END("2014-07-02+00:00"), 0x200B, 0, 20160, 0, 0, 0,
      1, 0, "every 14 days" },
    { "again after months", "<MonthlyRegeneration><Interval>5</Interval>"
      "</MonthlyRegeneration>" NO_END("2014-07-02+00:00"), 0x200C, 2, 5, 0, 2, 0, 1,
      0, "day 2 of every 5 months" },
    { "again after years", "<YearlyRegeneration><Interval>1</Interval>"
      "</YearlyRegeneration>" NO_END("2014-07-02+00:00"), 0x200D, 2, 12, 0, 2, 0, 1,
      0, "day 2 of every year" },
};
/* clang-format on */

static void check_shape(size_t i, const struct recurrence *r)
{
    const char *name = shapes[i].name;
    g_autofree char *says = recurrence_describe(r);

    CHECK_ROW(name, r->frequency == shapes[i].frequency);
    CHECK_ROW(name, r->type == shapes[i].type);
    CHECK_ROW(name, r->period == shapes[i].period);
    CHECK_ROW(name, r->days == shapes[i].days);
    CHECK_ROW(name, r->day == shapes[i].day);
    CHECK_ROW(name, r->nth == shapes[i].nth);
    CHECK_ROW(name, r->sliding == shapes[i].sliding);
    CHECK_ROW(name, r->first_dow == shapes[i].first_dow);
    CHECK_ROW(name, strcmp(says, shapes[i].says) == 0);
}

/* "<t:A>" as "<A>", to compare with what was read. */
static char *without_prefix(const char *xml)
{
    g_auto(GStrv) open = g_strsplit(xml, "<t:", -1);
    g_autofree char *half = g_strjoinv("<", open);
    g_auto(GStrv) close = g_strsplit(half, "</t:", -1);

    return g_strjoinv("</", close);
}

static void test_shapes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_auto(recurrence) r = { 0 };
        g_autofree char *xml = NULL, *plain = NULL, *wanted = NULL;
        struct problem p;

        CHECK_ROW(shapes[i].name, read_text(shapes[i].xml, &r, &p) == 0);
        check_shape(i, &r);
        recurrence_anchor(&r);
        xml = written(&r, EXCHANGE2013);
        plain = without_prefix(xml);
        wanted = g_strdup_printf("<Recurrence>%s</Recurrence>", shapes[i].xml);
        if (strcmp(plain, wanted) != 0)
            g_error("row \"%s\": %s", shapes[i].name, plain);
    }
}

/* The same through the blob. */
static void test_through_blob(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        g_auto(recurrence) r = { 0 };
        g_auto(recurrence) again = { 0 };
        g_autofree char *before = NULL, *after = NULL;
        GByteArray *blob;
        struct problem p;

        CHECK_ROW(shapes[i].name, read_text(shapes[i].xml, &r, &p) == 0);
        recurrence_anchor(&r);
        blob = recurrence_write(&r);
        CHECK_ROW(shapes[i].name,
                  recurrence_read(blob->data, blob->len, &again) == 0);
        before = written(&r, EXCHANGE2013);
        after = written(&again, EXCHANGE2013);
        g_assert_cmpstr(before, ==, after);
        g_byte_array_unref(blob);
    }
}

/* The answer in "Create a recurring series by using EWS": in winter there. */
static void test_zone_of_dates(void)
{
    static const struct {
        const char *id, *start;
    } rows[] = {
        { "Pacific Standard Time", "<t:StartDate>2014-03-08-08:00<" },
        { "India Standard Time", "<t:StartDate>2014-03-08+05:30<" },
        { "AUS Eastern Standard Time", "<t:StartDate>2014-03-08+11:00<" },
        { "UTC", "<t:StartDate>2014-03-08+00:00<" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct xmlout x = { .text = g_string_new(NULL) };
        g_auto(timezone_info) tz = { 0 };
        g_auto(recurrence) r = { 0 };
        struct problem p;

        CHECK_ROW(rows[i].id,
                  read_text("<DailyRecurrence><Interval>1</Interval>"
                            "</DailyRecurrence>" NO_END("2014-03-08-08:00"),
                            &r, &p) == 0);
        CHECK_ROW(rows[i].id, timezone_find(rows[i].id, &tz));
        recurrence_write_xml_in(&x, &r, EXCHANGE2010, &tz);
        CHECK_ROW(rows[i].id, strstr(x.text->str, rows[i].start) != NULL);
        g_string_free(x.text, TRUE);
    }
}

static void test_first_day_by_release(void)
{
    g_auto(recurrence) r = { 0 };
    g_autofree char *old = NULL, *later = NULL;
    struct problem p;

    g_assert_cmpint(read_text(shapes[1].xml, &r, &p), ==, 0);
    old = written(&r, EXCHANGE2010);
    later = written(&r, EXCHANGE2010_SP1);
    g_assert_null(strstr(old, "FirstDayOfWeek"));
    g_assert_nonnull(strstr(later, "<t:FirstDayOfWeek>Monday<"));
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *xml, *code;
    } rows[] = {
        { "nothing", "", "ErrorCalendarInvalidRecurrence" },
        { "no range", "<DailyRecurrence><Interval>3</Interval>"
          "</DailyRecurrence>", "ErrorCalendarInvalidRecurrence" },
        { "an interval of nothing", "<DailyRecurrence><Interval>0</Interval>"
          "</DailyRecurrence>" NO_END("2014-07-02"),
          "ErrorCalendarInvalidRecurrence" },
        { "an interval of ages", "<WeeklyRecurrence><Interval>100</Interval>"
          "<DaysOfWeek>Monday</DaysOfWeek></WeeklyRecurrence>"
          NO_END("2014-07-02"), "ErrorCalendarInvalidRecurrence" },
        { "no such day", "<WeeklyRecurrence><Interval>1</Interval>"
          "<DaysOfWeek>Someday</DaysOfWeek></WeeklyRecurrence>"
          NO_END("2014-07-02"), "ErrorCalendarInvalidRecurrence" },
        { "no such month", "<AbsoluteYearlyRecurrence><DayOfMonth>2"
          "</DayOfMonth><Month>Brumaire</Month></AbsoluteYearlyRecurrence>"
          NO_END("2014-07-02"), "ErrorCalendarInvalidRecurrence" },
        { "a date that is none", "<DailyRecurrence><Interval>1</Interval>"
          "</DailyRecurrence>" NO_END("2014-02-30"),
          "ErrorCalendarInvalidRecurrence" },
        { "no occurrences", "<DailyRecurrence><Interval>1</Interval>"
          "</DailyRecurrence>" NUMBERED("2014-02-03", "0"),
          "ErrorCalendarInvalidRecurrence" },
        { "an end before the start", "<DailyRecurrence><Interval>1</Interval>"
          "</DailyRecurrence>" UNTIL("2014-02-03", "2014-02-02"),
          "ErrorCalendarEndDateIsEarlierThanStartDate" },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct recurrence r;
        struct problem p;

        CHECK_ROW(rows[i].name, read_text(rows[i].xml, &r, &p) < 0);
        CHECK_ROW(rows[i].name, problem_is(&p, rows[i].code));
    }
}

/* Dates come with zones of all kinds behind them. */
static void test_dates(void)
{
    uint32_t date = 0;

    g_assert_true(recur_date_parse("2014-03-08-08:00", &date));
    g_assert_cmpuint(date, ==, recur_date(2014, 3, 8));
    g_assert_true(recur_date_parse("2014-05-06", &date));
    g_assert_false(recur_date_parse("2014-5-06", &date));
    g_assert_false(recur_date_parse("06.05.2014", &date));
    g_assert_false(recur_date_parse("", &date));
    g_assert_false(recur_date_parse("1492-10-12", &date));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recurrence-xml/shapes", test_shapes);
    g_test_add_func("/recurrence-xml/through-blob", test_through_blob);
    g_test_add_func("/recurrence-xml/first-day", test_first_day_by_release);
    g_test_add_func("/recurrence-xml/zone-of-dates", test_zone_of_dates);
    g_test_add_func("/recurrence-xml/refused", test_refused);
    g_test_add_func("/recurrence-xml/dates", test_dates);
    return g_test_run();
}
