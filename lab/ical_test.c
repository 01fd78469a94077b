#include "lab/ical.h"

#include <string.h>

#include "base/check.h"
#include "lab/calendar.h"
#include "lab/mime.h"
#include "lab/occurrence.h"
#include "lab/sketch_fixture.h"

#define HEAD                                                                   \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"                                       \
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"                                \
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\n"      \
    "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n"          \
    "END:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\n"            \
    "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"                               \
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n"               \
    "END:VTIMEZONE\r\n"
#define EVENT(lines)                                                           \
    HEAD "BEGIN:VEVENT\r\n" lines "END:VEVENT\r\nEND:VCALENDAR\r\n"
#define BERLIN ";TZID=Europe/Berlin:"

/* 2024-07-01T08:00:00Z, which is 10:00 in Berlin: a Monday. */
#define MONDAY INT64_C(1719820800000000)

static struct mapi_item *parsed(const char *text)
{
    struct mapi_item *item = NULL;
    enum ical_method method;

    if (ical_parse(text, strlen(text), &item, &method) < 0)
        g_error("no event in:\n%s", text);
    return item;
}

static char *text_of(const struct mapi_props *props, uint16_t id)
{
    return mapi_dup_text(mapi_find(props, id));
}

/* ---- in -------------------------------------------------------------- */

static void test_times(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *event;
        int64_t start, end;
        bool all_day;
    } rows[] = {
        { "UTC", EVENT("DTSTART:20240701T080000Z\r\nDTEND:20240701T090000Z\r\n"),
          MONDAY, MONDAY + 3600 * TIMESTAMP_SECOND, false },
        { "its own zone", EVENT("DTSTART" BERLIN "20240701T100000\r\n"
          "DTEND" BERLIN "20240701T110000\r\n"),
          MONDAY, MONDAY + 3600 * TIMESTAMP_SECOND, false },
        { "standard time", EVENT("DTSTART" BERLIN "20240101T090000\r\n"),
          INT64_C(1704096000000000), INT64_C(1704096000000000), false },
        { "Windows's name for it",
          EVENT("DTSTART;TZID=W. Europe Standard Time:20240701T100000\r\n"),
          MONDAY, MONDAY, false },
        { "duration", EVENT("DTSTART:20240701T080000Z\r\nDURATION:PT1H30M\r\n"),
          MONDAY, MONDAY + 5400 * TIMESTAMP_SECOND, false },
        { "a day", EVENT("DTSTART;VALUE=DATE:20240701\r\n"),
          MONDAY - 28800 * TIMESTAMP_SECOND,
          MONDAY + 57600 * TIMESTAMP_SECOND, true },
        { "a day, as Exchange says it",
          EVENT("DTSTART:20240701T000000Z\r\nDTEND:20240702T000000Z\r\n"
                "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\r\n"),
          MONDAY - 28800 * TIMESTAMP_SECOND,
          MONDAY + 57600 * TIMESTAMP_SECOND, true },
        { "ends before it starts",
          EVENT("DTSTART:20240701T080000Z\r\nDTEND:20240701T070000Z\r\n"),
          MONDAY, MONDAY, false },
        { "unknown zone", EVENT("DTSTART;TZID=Nowhere:20240701T080000\r\n"),
          MONDAY, MONDAY, false },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = parsed(rows[i].event);
        const struct mapi_props *props = &item->message.props;

        if (calendar_start(props) != rows[i].start)
            g_test_message("%s: %" G_GINT64_FORMAT, rows[i].name,
                           calendar_start(props));
        CHECK_ROW(rows[i].name, calendar_start(props) == rows[i].start);
        CHECK_ROW(rows[i].name, calendar_end(props) == rows[i].end);
        CHECK_ROW(rows[i].name, mapi_get_bool(calendar_find(props, LID_ALL_DAY),
                                              false) == rows[i].all_day);
    }
}

static void test_no_event(void)
{
    static const char *const texts[] = {
        "",
        "hello",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:soon\r\nEND:VEVENT\r\n",
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20241301T000000\r\n"
         "END:VEVENT\r\nEND:VCALENDAR"),
        "BEGIN:VEVENT\r\nDTSTART:20240701T080000Z\r\nEND:VEVENT\r\n",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct mapi_item *item = NULL;
        enum ical_method method;

        CHECK_ROW(texts[i],
                  ical_parse(texts[i], strlen(texts[i]), &item, &method) < 0);
    }
}

static void test_words(void)
{
    g_autoptr(mapi_item) item =
        parsed(EVENT("DTSTART:20240701T080000Z\r\nSUMMARY:a\\, b\\; c\\\\\r\n"
                     "LOCATION:Room\r\n  1\r\nDESCRIPTION:one\\ntwo\r\n"
                     "CLASS:PRIVATE\r\nPRIORITY:1\r\nTRANSP:TRANSPARENT\r\n"
                     "CATEGORIES:Red,Blue\r\nUID:abc@x\r\n"
                     "BEGIN:VALARM\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"));
    const struct mapi_props *props = &item->message.props;
    g_autofree char *subject = text_of(props, 0x0037);
    g_autofree char *place = mapi_dup_text(calendar_find(props, LID_LOCATION));
    g_autofree char *text = text_of(props, 0x1000);
    g_autofree char *category = mapi_dup_text_at(
        mapi_find_text(props, PS_PUBLIC_STRINGS, "Keywords"), 1);
    g_autofree char *uid =
        calendar_uid(mapi_find_id(props, PSETID_MEETING, LID_GLOBAL_ID));
    g_autofree char *item_class = text_of(props, 0x001A);

    g_assert_cmpstr(subject, ==, "a, b; c\\");
    g_assert_cmpstr(place, ==, "Room 1");
    g_assert_cmpstr(text, ==, "one\r\ntwo");
    g_assert_cmpstr(category, ==, "Blue");
    g_assert_cmpstr(uid, ==, "abc@x");
    g_assert_cmpstr(item_class, ==, "IPM.Appointment");
    g_assert_cmpint(mapi_get_i32(mapi_find(props, 0x0036), 0), ==, 2);
    g_assert_cmpint(mapi_get_i32(mapi_find(props, 0x0017), 0), ==, 2);
    g_assert_cmpint(mapi_get_i32(calendar_find(props, LID_BUSY_STATUS), 9), ==,
                    0);
    g_assert_cmpint(mapi_get_i32(mapi_find_id(props, PSETID_COMMON, 0x8501), 0),
                    ==, 30);
}

static void test_people(void)
{
    g_autoptr(mapi_item) item = parsed(EVENT(
        "DTSTART:20240701T080000Z\r\n"
        "ORGANIZER;CN=\"Boss: the\":mailto:boss@x.example\r\n"
        "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ann:MAILTO:a@x\r\n"
        "ATTENDEE;ROLE=OPT-PARTICIPANT:MAILTO:b@x\r\n"
        "ATTENDEE;CUTYPE=RESOURCE;CN=Room:MAILTO:r@x\r\n"));
    const struct mapi_message *m = &item->message;
    g_autofree char *boss = text_of(&m->props, 0x0042);
    g_autofree char *ann = text_of(&m->recipients[0], 0x3001);

    g_assert_cmpstr(boss, ==, "Boss: the");
    g_assert_cmpuint(m->n_recipients, ==, 3);
    g_assert_cmpstr(ann, ==, "Ann");
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(mapi_get_i32(mapi_find(&m->recipients[i], 0x0C15), 0),
                        ==, i + 1);
    g_assert_cmpint(mapi_get_i32(mapi_find(&m->recipients[0], 0x5FFF), 0), ==,
                    RESPONSE_ACCEPTED);
    g_assert_cmpint(mapi_get_i32(calendar_find(&m->props, LID_STATE_FLAGS), 0),
                    ==, STATE_MEETING);
}

static void test_methods(void)
{
    /* clang-format off */
    static const struct {
        const char *method, *attendee, *item_class;
    } rows[] = {
        { "PUBLISH", "", "IPM.Appointment" },
        { "REQUEST", "", "IPM.Schedule.Meeting.Request" },
        { "CANCEL", "", "IPM.Schedule.Meeting.Canceled" },
        { "REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:a@x\r\n",
          "IPM.Schedule.Meeting.Resp.Pos" },
        { "REPLY", "ATTENDEE;PARTSTAT=DECLINED:MAILTO:a@x\r\n",
          "IPM.Schedule.Meeting.Resp.Neg" },
        { "REPLY", "ATTENDEE;PARTSTAT=TENTATIVE:MAILTO:a@x\r\n",
          "IPM.Schedule.Meeting.Resp.Tent" },
        { "NONSENSE", "", "IPM.Appointment" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "BEGIN:VCALENDAR\nMETHOD:%s\nBEGIN:VEVENT\n"
            "DTSTART:20240701T080000Z\n%sEND:VEVENT\nEND:VCALENDAR\n",
            rows[i].method, rows[i].attendee);
        g_autoptr(mapi_item) item = parsed(text);
        g_autofree char *item_class = text_of(&item->message.props, 0x001A);

        CHECK_ROW(rows[i].item_class,
                  strcmp(item_class, rows[i].item_class) == 0);
    }
}

/* ---- series ---------------------------------------------------------- */

/* Starts of the first occurrences as "MM-DD", local. */
static char *dates_of(const struct mapi_item *item, size_t n)
{
    GString *s = g_string_new(NULL);
    g_auto(series) all = { 0 };
    struct recur_walk w;
    uint32_t date;

    if (!series_read(&item->message.props, &all))
        return g_string_free(s, FALSE);
    recur_walk_init(&w, &all.recur);
    while (n-- > 0 && recur_walk_next(&w, &date)) {
        unsigned int year, month, day;

        recur_date_parts(date, &year, &month, &day);
        g_string_append_printf(s, "%s%02u-%02u", s->len > 0 ? " " : "", month,
                               day);
    }
    return g_string_free(s, FALSE);
}

static void test_rules(void)
{
    /* clang-format off */
    static const struct {
        const char *rule, *dates, *again;
    } rows[] = {
        { "FREQ=DAILY;COUNT=3", "07-01 07-02 07-03",
          "FREQ=DAILY;INTERVAL=1;COUNT=3" },
        { "FREQ=DAILY;INTERVAL=2;UNTIL=20240705T120000Z", "07-01 07-03 07-05",
          "FREQ=DAILY;INTERVAL=2;UNTIL=20240705T080000Z" },
        { "FREQ=WEEKLY;COUNT=2", "07-01 07-08",
          "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=MO;COUNT=2" },
        { "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;COUNT=4",
          "07-01 07-03 07-15 07-17",
          "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU;COUNT=4" },
        { "FREQ=MONTHLY;BYMONTHDAY=15;COUNT=2", "07-15 08-15",
          "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=15;COUNT=2" },
        { "FREQ=MONTHLY;BYDAY=2TU;COUNT=2", "07-09 08-13",
          "FREQ=MONTHLY;INTERVAL=1;BYDAY=TU;BYSETPOS=2;COUNT=2" },
        { "FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1;COUNT=2", "07-26 08-30",
          "FREQ=MONTHLY;INTERVAL=1;BYDAY=FR;BYSETPOS=-1;COUNT=2" },
        { "FREQ=YEARLY;COUNT=2", "07-01 07-01",
          "FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=1;BYMONTH=7;COUNT=2" },
        { "FREQ=HOURLY", "", NULL },
        { "FREQ=MONTHLY;BYDAY=-2FR;COUNT=2", "", NULL },
        { "FREQ=DAILY;UNTIL=20200101T000000Z", "", NULL },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            HEAD "BEGIN:VEVENT\r\nDTSTART" BERLIN "20240701T100000\r\n"
                 "DTEND" BERLIN "20240701T110000\r\nRRULE:%s\r\n"
                 "END:VEVENT\r\nEND:VCALENDAR\r\n",
            rows[i].rule);
        g_autoptr(mapi_item) item = parsed(text);
        g_autofree char *dates = dates_of(item, 5);
        g_autofree char *again = ical_render(&item->message);
        g_autofree char *line =
            rows[i].again != NULL
                ? g_strdup_printf("\r\nRRULE:%s\r\n", rows[i].again)
                : g_strdup("END:VCALENDAR");

        if (strcmp(dates, rows[i].dates) != 0 || strstr(again, line) == NULL)
            g_test_message("%s: %s\n%s", rows[i].rule, dates, again);
        CHECK_ROW(rows[i].rule, strcmp(dates, rows[i].dates) == 0);
        CHECK_ROW(rows[i].rule, strstr(again, line) != NULL);
    }
}

static void test_exceptions(void)
{
    g_autoptr(mapi_item) item = parsed(
        EVENT("DTSTART" BERLIN "20240701T100000\r\n"
              "DTEND" BERLIN "20240701T110000\r\nSUMMARY:all\r\n"
              "RRULE:FREQ=DAILY;COUNT=5\r\nEXDATE" BERLIN "20240702T100000\r\n"
              "END:VEVENT\r\nBEGIN:VEVENT\r\n"
              "RECURRENCE-ID" BERLIN "20240703T100000\r\n"
              "DTSTART" BERLIN "20240703T140000\r\n"
              "DTEND" BERLIN "20240703T150000\r\nSUMMARY:other\r\n"));
    g_autofree char *again = ical_render(&item->message);
    g_auto(series) s = { 0 };
    const struct recur_exception *x;

    g_assert_true(series_read(&item->message.props, &s));
    g_assert_cmpuint(s.recur.exceptions->len, ==, 1);
    x = &g_array_index(s.recur.exceptions, struct recur_exception, 0);
    g_assert_cmpuint(x->start % RECUR_DAY, ==, 14 * 60);
    g_assert_cmpstr(x->subject, ==, "other");
    g_assert_true(recurrence_is_deleted(&s.recur, recur_date(2024, 7, 2)));
    g_assert_nonnull(strstr(again, "\r\nEXDATE;TZID=W. Europe Standard Time:"
                                   "20240702T100000\r\n"));
    g_assert_nonnull(strstr(again, "\r\nRECURRENCE-ID;TZID=W. Europe Standard "
                                   "Time:20240703T100000\r\n"));
    g_assert_nonnull(strstr(again, "\r\nSUMMARY:other\r\n"));
}

/* ---- out ------------------------------------------------------------- */

static void test_render(void)
{
    static const char *const lines[] = {
        "BEGIN:VCALENDAR",
        "METHOD:PUBLISH",
        "TZID:W. Europe Standard Time",
        "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3",
        "ORGANIZER;CN=Boss:MAILTO:boss@x",
        ("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;RSVP=TRUE;CN=Ann:"
         "MAILT"),
        "DTSTART;TZID=W. Europe Standard Time:20240701T100000",
        "SUMMARY:a\\, b",
        "UID:u@x",
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "X-MICROSOFT-CDO-INSTTYPE:0",
        "END:VCALENDAR",
    };
    g_autoptr(mapi_item) item =
        parsed(EVENT("DTSTART" BERLIN "20240701T100000\r\nSUMMARY:a\\, b\r\n"
                     "ORGANIZER;CN=Boss:mailto:boss@x\r\nUID:u@x\r\n"
                     "X-MICROSOFT-CDO-BUSYSTATUS:OOF\r\n"
                     "ATTENDEE;PARTSTAT=DECLINED;CN=Ann:mailto:a@x\r\n"));
    g_autofree char *text = ical_render(&item->message);
    g_auto(GStrv) all = g_strsplit(text, "\r\n", -1);

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        CHECK_ROW(lines[i], strstr(text, lines[i]) != NULL);
    for (size_t i = 0; all[i] != NULL; i++)
        g_assert_cmpuint(strlen(all[i]), <=, 75);
}

/* All kinds that the generator makes, out and back and out. */
static void test_generated(void)
{
    static const struct {
        const char *name;
        lab_kind_fn make;
    } rows[] = {
        { "appointment", lab_kind_appointment },
        { "series", lab_kind_series },
        { "meeting", lab_kind_meeting },
    };
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (uint64_t seed = 0; seed < 12; seed++) {
            g_autoptr(mapi_item) item = sketched(&scene, rows[i].make, seed);
            g_autofree char *once = ical_render(&item->message);
            g_autoptr(mapi_item) again = parsed(once);
            g_autofree char *dates = dates_of(item, 12);
            g_autofree char *dates_again = dates_of(again, 12);
            const struct mapi_props *was = &item->message.props;
            const struct mapi_props *is = &again->message.props;

            CHECK_ROW(rows[i].name, calendar_start(was) == calendar_start(is));
            CHECK_ROW(rows[i].name, calendar_end(was) == calendar_end(is));
            CHECK_ROW(rows[i].name, strcmp(dates, dates_again) == 0);
        }
    scene_clear(&scene);
}

/* ---- in mail --------------------------------------------------------- */

static void test_in_mail(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 8; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_request, seed);
        g_autoptr(GBytes) mime = mime_render(&item->message);
        g_autoptr(mapi_item) again = NULL;
        g_autofree char *item_class = NULL;
        struct err err;
        gsize n = 0;
        const void *data = g_bytes_get_data(mime, &n);

        CHECK_OK(mime_parse(data, n, &again, &err), &err);
        item_class = text_of(&again->message.props, 0x001A);
        g_assert_cmpstr(item_class, ==, "IPM.Schedule.Meeting.Request");
        g_assert_cmpint(calendar_start(&again->message.props), ==,
                        calendar_start(&item->message.props));
        g_assert_cmpuint(again->message.n_attachments, ==, 0);
        g_assert_cmpuint(again->message.n_recipients, ==,
                         item->message.n_recipients);
    }
    scene_clear(&scene);
}

/* Components without end, lines without number: bounded. */
static void test_limits(void)
{
    g_autoptr(GString) s = g_string_new("BEGIN:VCALENDAR\n");
    struct mapi_item *item = NULL;
    enum ical_method method;

    for (int i = 0; i < 200000; i++)
        g_string_append(s, "BEGIN:X\n");
    g_string_append(s, "BEGIN:VEVENT\nDTSTART:20240701T080000Z\nEND:VEVENT\n");
    g_assert_cmpint(ical_parse(s->str, s->len, &item, &method), <, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ical/times", test_times);
    g_test_add_func("/ical/no-event", test_no_event);
    g_test_add_func("/ical/words", test_words);
    g_test_add_func("/ical/people", test_people);
    g_test_add_func("/ical/methods", test_methods);
    g_test_add_func("/ical/rules", test_rules);
    g_test_add_func("/ical/exceptions", test_exceptions);
    g_test_add_func("/ical/render", test_render);
    g_test_add_func("/ical/generated", test_generated);
    g_test_add_func("/ical/in-mail", test_in_mail);
    g_test_add_func("/ical/limits", test_limits);
    return g_test_run();
}
