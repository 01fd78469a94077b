#include "base/hours.h"

#include <string.h>

#include "base/time_testing.h"

/*
 * In Berlin clocks go forward on 2026-03-29 at 01:00 UTC (02:00 is 03:00) and
 * back on 2026-10-25 at 01:00 UTC (03:00 is 02:00).  2026-11-23 is a Monday.
 */
#define OFFICE "Mon-Fri 08:00-18:00 Europe/Berlin"
#define NIGHT  "22:00-06:00 Europe/Berlin"
#define SMALL  "02:15-02:45 Europe/Berlin"

static void test_hold(void)
{
    static const struct {
        const char *name, *text, *at;
        bool holds;
        const char *until;
    } rows[] = {
        { "before work", OFFICE, "2026-11-23T06:59:59Z", false,
          "2026-11-23T07:00:00Z" },
        { "its first second", OFFICE, "2026-11-23T07:00:00Z", true,
          "2026-11-23T17:00:00Z" },
        { "its last second", OFFICE, "2026-11-23T16:59:59Z", true,
          "2026-11-23T17:00:00Z" },
        { "after it", OFFICE, "2026-11-23T17:00:00Z", false,
          "2026-11-24T07:00:00Z" },
        { "over a weekend", OFFICE, "2026-11-27T17:00:00Z", false,
          "2026-11-30T07:00:00Z" },
        { "over one with clocks forward", OFFICE, "2026-03-27T17:00:00Z", false,
          "2026-03-30T06:00:00Z" },
        { "over one with clocks back", OFFICE, "2026-10-23T16:00:00Z", false,
          "2026-10-26T07:00:00Z" },
        { "a night", NIGHT, "2026-11-23T23:30:00Z", true,
          "2026-11-24T05:00:00Z" },
        { "the evening of it", NIGHT, "2026-11-23T21:00:00Z", true,
          "2026-11-24T05:00:00Z" },
        { "a day", NIGHT, "2026-11-24T05:00:00Z", false,
          "2026-11-24T21:00:00Z" },
        { "a night with clocks forward", NIGHT, "2026-03-28T21:00:00Z", true,
          "2026-03-29T04:00:00Z" },
        { "a night with clocks back", NIGHT, "2026-10-24T20:00:00Z", true,
          "2026-10-25T05:00:00Z" },
        { "a range that is left out", SMALL, "2026-03-29T00:59:59Z", false,
          "2026-03-30T00:15:00Z" },
        { "a range that comes twice", SMALL, "2026-10-25T00:20:00Z", true,
          "2026-10-25T00:45:00Z" },
        { "between the two", SMALL, "2026-10-25T00:45:00Z", false,
          "2026-10-25T01:15:00Z" },
        { "the second one", SMALL, "2026-10-25T01:15:00Z", true,
          "2026-10-25T01:45:00Z" },
        { "begun in the hour left out", "02:30-04:00 Europe/Berlin",
          "2026-03-29T00:00:00Z", false, "2026-03-29T01:00:00Z" },
        { "past midnight, of Friday", "Fri 22:00-06:00 UTC",
          "2026-11-28T05:59:59Z", true, "2026-11-28T06:00:00Z" },
        { "past midnight, not of Thursday", "Fri 22:00-06:00 UTC",
          "2026-11-27T05:00:00Z", false, "2026-11-27T22:00:00Z" },
        { "past Sunday's midnight", "Sun 22:00-06:00 UTC",
          "2026-11-23T05:00:00Z", true, "2026-11-23T06:00:00Z" },
        { "days over the end of a week", "Sat-Mon 10:00-11:00 UTC",
          "2026-11-23T11:00:00Z", false, "2026-11-28T10:00:00Z" },
        { "several ranges", "Mon 08:00-12:00, 13:00-18:00 UTC",
          "2026-11-23T12:30:00Z", false, "2026-11-23T13:00:00Z" },
        { "that meet", "Mon 08:00-12:00, Mon,Tue 12:00-18:00 UTC",
          "2026-11-23T09:00:00Z", true, "2026-11-23T18:00:00Z" },
        { "of several days", "Mon, wed 08:00-12:00 UTC", "2026-11-23T12:00:00Z",
          false, "2026-11-25T08:00:00Z" },
        { "to the end of a day", "Mon-Fri 18:00-24:00 UTC",
          "2026-11-27T20:00:00Z", true, "2026-11-28T00:00:00Z" },
        { "all day, over days", "Sat,Sun 00:00-24:00 UTC",
          "2026-11-28T00:00:00Z", true, "2026-11-30T00:00:00Z" },
        { "seconds", "08:00:30-08:00:45 UTC", "2026-11-23T08:00:29Z", false,
          "2026-11-23T08:00:30Z" },
        { "a zone half an hour off", "08:00-09:00 Asia/Kolkata",
          "2026-11-23T02:30:00Z", true, "2026-11-23T03:30:00Z" },
        { "a zone far in the west", "Mon 00:00-01:00 Pacific/Pago_Pago",
          "2026-11-23T10:59:59Z", false, "2026-11-23T11:00:00Z" },
        { "a zone far in the east", "Mon 00:00-01:00 Pacific/Kiritimati",
          "2026-11-22T10:00:00Z", true, "2026-11-22T11:00:00Z" },
        { "all but a minute", "00:01-24:00 UTC", "2026-11-23T00:01:00Z", true,
          "2026-11-24T00:00:00Z" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(hours) h = hours_of(rows[i].text);
        g_autofree char *until =
            timestamp_format(hours_change(h, time_of(rows[i].at)));

        CHECK_ROW(rows[i].name,
                  hours_hold(h, time_of(rows[i].at)) == rows[i].holds);
        if (strcmp(until, rows[i].until) != 0)
            g_error("row \"%s\": until %s", rows[i].name, until);
    }
}

/* Minute by minute over both turns of the clocks. */
static void test_change_agrees_with_hold(void)
{
    static const char *const texts[] = { OFFICE, NIGHT, SMALL,
                                         "01:30-03:30 America/New_York",
                                         "Sun 01:00-02:30 Europe/London" };
    static const char *const from[] = { "2026-03-28T00:00:00Z",
                                        "2026-10-24T00:00:00Z",
                                        "2026-10-31T12:00:00Z",
                                        "2026-03-07T12:00:00Z" };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(hours) h = hours_of(texts[i]);

        for (size_t k = 0; k < G_N_ELEMENTS(from); k++) {
            int64_t us = time_of(from[k]), held_us = 0, first_us = us;
            int64_t change_us = hours_change(h, us);
            bool held = hours_hold(h, us);

            for (int minute = 0; minute < 4 * 1440; minute++) {
                if (us >= change_us) {
                    CHECK_ROW(texts[i], us == change_us);
                    held = !held;
                    change_us = hours_change(h, us);
                }
                CHECK_ROW(texts[i], hours_hold(h, us) == held);
                held_us += held ? 60 * TIMESTAMP_SECOND : 0;
                us += 60 * TIMESTAMP_SECOND;
            }
            CHECK_ROW(texts[i], hours_between(h, first_us, us) == held_us);
        }
    }
}

static void test_between(void)
{
    g_autoptr(hours) h = hours_of(NIGHT);

    /* A night is eight hours, but for two of them in a year. */
    g_assert_cmpint(hours_between(h, time_of("2026-11-23T12:00:00Z"),
                                  time_of("2026-11-24T12:00:00Z")),
                    ==, 8 * 3600 * TIMESTAMP_SECOND);
    g_assert_cmpint(hours_between(h, time_of("2026-03-28T12:00:00Z"),
                                  time_of("2026-03-29T12:00:00Z")),
                    ==, 7 * 3600 * TIMESTAMP_SECOND);
    g_assert_cmpint(hours_between(h, time_of("2026-10-24T12:00:00Z"),
                                  time_of("2026-10-25T12:00:00Z")),
                    ==, 9 * 3600 * TIMESTAMP_SECOND);
    g_assert_cmpint(hours_between(h, time_of("2026-11-23T23:00:00Z"),
                                  time_of("2026-11-23T23:00:01Z")),
                    ==, TIMESTAMP_SECOND);
    g_assert_cmpint(hours_between(h, time_of("2026-11-23T23:00:00Z"),
                                  time_of("2026-11-23T22:00:00Z")),
                    ==, 0);
}

static void test_the_machines_own_zone(void)
{
    g_autoptr(hours) h = NULL;

    g_setenv("TZ", "Asia/Tokyo", TRUE);
    h = hours_of("08:00-18:00");
    g_assert_true(hours_hold(h, time_of("2026-11-22T23:00:00Z")));
    g_assert_false(hours_hold(h, time_of("2026-11-23T09:00:00Z")));
    g_unsetenv("TZ");
}

static void test_clock(void)
{
    g_autoptr(hours) h = hours_of(OFFICE);
    g_autofree char *winter = hours_clock(h, time_of("2026-11-23T17:00:00Z"));
    g_autofree char *summer = hours_clock(h, time_of("2026-07-05T17:00:00Z"));

    g_assert_cmpstr(winter, ==, "Mon 18:00:00 CET");
    g_assert_cmpstr(summer, ==, "Sun 19:00:00 CEST");
    g_assert_cmpstr(hours_text(h), ==, OFFICE);
}

static void test_refuses(void)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        { "", "is missing" },
        { "Mon-Fri", "is missing" },
        { "08:00-18:00 Mon", "is missing" },
        { "8-18", "a range is two times" },
        { "08:00", "a range is two times" },
        { "08:00-18:00x", "a range is two times" },
        { "08:60-18:00", "a range is two times" },
        { "25:00-18:00", "a range is two times" },
        { "08:00-24:01", "a range is two times" },
        { "24:00-08:00", "a range is two times" },
        { "08:00 - 18:00", "a range is two times" },
        { "08:00-08:00", "ends when it begins" },
        { "Montag 08:00-18:00", "no such day or time zone" },
        { "Mon-Foo 08:00-18:00", "no such day or time zone" },
        { "08:00-18:00 Europe/Nowhere", "no such day or time zone" },
        { "08:00-18:00 ../../etc/passwd", "no such day or time zone" },
        { "08:00-18:00 Europe/../UTC", "no such day or time zone" },
        { "08:00-18:00 /etc/localtime", "no such day or time zone" },
        { "08:00-18:00 UTC 19:00-20:00", "follows the time zone" },
        { "00:00-24:00", "no time of the week" },
        { "Mon-Sat 00:00-24:00, Sun 00:00-12:00, 11:00-24:00",
          "no time of the week" },
        { "18:00-08:00, 08:00-18:00", "no time of the week" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct hours *h = NULL;
        struct err err;

        CHECK_ROW(rows[i].text, hours_parse(rows[i].text, &h, &err) < 0);
        CHECK_ROW(rows[i].text, h == NULL);
        if (strstr(err.msg, rows[i].why) == NULL)
            g_error("row \"%s\": %s", rows[i].text, err.msg);
        CHECK_ROW(rows[i].text, strstr(err.msg, "Mon-Fri 22:00-06:00") != NULL);
    }
}

static void test_refuses_what_is_long(void)
{
    g_autofree char *blank = g_strnfill(100000, ' ');
    g_autoptr(GString) many = g_string_new("");
    struct hours *h = NULL;
    struct err err;

    g_assert_cmpint(hours_parse(blank, &h, &err), <, 0);
    for (int i = 0; i < 65; i++)
        g_string_append(many, "0:0 ");
    g_assert_cmpint(hours_parse(many->str, &h, &err), <, 0);
    g_assert_null(h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hours/hold", test_hold);
    g_test_add_func("/hours/change", test_change_agrees_with_hold);
    g_test_add_func("/hours/between", test_between);
    g_test_add_func("/hours/own-zone", test_the_machines_own_zone);
    g_test_add_func("/hours/clock", test_clock);
    g_test_add_func("/hours/refuses", test_refuses);
    g_test_add_func("/hours/long", test_refuses_what_is_long);
    return g_test_run();
}
