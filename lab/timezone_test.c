#include "lab/timezone.h"

#include <string.h>

#include "base/time_testing.h"
#include "lab/bytes.h"
#include "lab/hex_fixture.h"

#define HOUR (INT64_C(3600) * TIMESTAMP_SECOND)
#define DAY  (24 * HOUR)

/* ---- the table, against the system's own zones ----------------------- */

/* The territory 001 of CLDR's windowsZones.xml. */
/* clang-format off */
static const struct {
    const char *id, *place;
} places[] = {
    { "Hawaiian Standard Time", "Pacific/Honolulu" },
    { "Alaskan Standard Time", "America/Anchorage" },
    { "Pacific Standard Time", "America/Los_Angeles" },
    { "US Mountain Standard Time", "America/Phoenix" },
    { "Mountain Standard Time", "America/Denver" },
    { "Central America Standard Time", "America/Guatemala" },
    { "Central Standard Time", "America/Chicago" },
    { "Central Standard Time (Mexico)", "America/Mexico_City" },
    { "Canada Central Standard Time", "America/Regina" },
    { "SA Pacific Standard Time", "America/Bogota" },
    { "Eastern Standard Time", "America/New_York" },
    { "US Eastern Standard Time", "America/Indiana/Indianapolis" },
    { "Atlantic Standard Time", "America/Halifax" },
    { "SA Western Standard Time", "America/La_Paz" },
    { "Newfoundland Standard Time", "America/St_Johns" },
    { "E. South America Standard Time", "America/Sao_Paulo" },
    { "Argentina Standard Time", "America/Argentina/Buenos_Aires" },
    { "UTC", "Etc/UTC" },
    { "GMT Standard Time", "Europe/London" },
    { "Greenwich Standard Time", "Atlantic/Reykjavik" },
    { "W. Europe Standard Time", "Europe/Berlin" },
    { "Central Europe Standard Time", "Europe/Budapest" },
    { "Romance Standard Time", "Europe/Paris" },
    { "Central European Standard Time", "Europe/Warsaw" },
    { "W. Central Africa Standard Time", "Africa/Lagos" },
    { "GTB Standard Time", "Europe/Bucharest" },
    { "South Africa Standard Time", "Africa/Johannesburg" },
    { "FLE Standard Time", "Europe/Kiev" },
    { "Israel Standard Time", "Asia/Jerusalem" },
    { "Turkey Standard Time", "Europe/Istanbul" },
    { "Arab Standard Time", "Asia/Riyadh" },
    { "Russian Standard Time", "Europe/Moscow" },
    { "E. Africa Standard Time", "Africa/Nairobi" },
    { "Arabian Standard Time", "Asia/Dubai" },
    { "Afghanistan Standard Time", "Asia/Kabul" },
    { "West Asia Standard Time", "Asia/Tashkent" },
    { "India Standard Time", "Asia/Kolkata" },
    { "Nepal Standard Time", "Asia/Kathmandu" },
    { "SE Asia Standard Time", "Asia/Bangkok" },
    { "China Standard Time", "Asia/Shanghai" },
    { "Singapore Standard Time", "Asia/Singapore" },
    { "W. Australia Standard Time", "Australia/Perth" },
    { "Taipei Standard Time", "Asia/Taipei" },
    { "Tokyo Standard Time", "Asia/Tokyo" },
    { "Korea Standard Time", "Asia/Seoul" },
    { "Cen. Australia Standard Time", "Australia/Adelaide" },
    { "AUS Central Standard Time", "Australia/Darwin" },
    { "E. Australia Standard Time", "Australia/Brisbane" },
    { "AUS Eastern Standard Time", "Australia/Sydney" },
    { "Tasmania Standard Time", "Australia/Hobart" },
    { "New Zealand Standard Time", "Pacific/Auckland" },
};
/* clang-format on */

static int64_t bias_of(GTimeZone *zone, int64_t us)
{
    int i = g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL,
                                      us / TIMESTAMP_SECOND);

    return -g_time_zone_get_offset(zone, i) / 60;
}

/* Each hour of three days around the turn of a month, and each twelfth. */
static void check_zone(const char *id, GTimeZone *zone)
{
    g_auto(timezone_info) tz = { 0 };

    CHECK_ROW(id, timezone_find(id, &tz));
    for (int64_t us = time_of("2005-01-03T00:00:00Z");
         us < time_of("2037-06-01T00:00:00Z"); us += 3 * HOUR) {
        int64_t bias = timezone_bias(&tz, us);

        if (bias != bias_of(zone, us)) {
            g_autofree char *when = timestamp_format(us);

            g_error("%s at %s: %d", id, when, (int)bias);
        }
        g_assert_cmpint(timezone_to_local(&tz, us), ==,
                        us - bias * 60 * TIMESTAMP_SECOND);
    }
}

static void test_table(void)
{
    g_assert_cmpuint(timezone_count(), ==, G_N_ELEMENTS(places));
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(places[i].place);

        if (zone == NULL) {
            g_test_skip("no time zone database here");
            return;
        }
        CHECK_ROW(places[i].id, timezone_display(places[i].id) != NULL);
        check_zone(places[i].id, zone);
    }
}

static void test_unknown(void)
{
    struct timezone_info tz;

    g_assert_false(timezone_find("Mars Standard Time", &tz));
    g_assert_null(timezone_display("Mars Standard Time"));
}

/* ---- local time ------------------------------------------------------ */

static void test_local(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *id, *local, *utc;
    } rows[] = {
        { "winter", "W. Europe Standard Time", "2024-01-15T09:00:00Z",
          "2024-01-15T08:00:00Z" },
        { "summer", "W. Europe Standard Time", "2024-07-15T09:00:00Z",
          "2024-07-15T07:00:00Z" },
        { "the hour before", "W. Europe Standard Time", "2024-03-31T01:59:00Z",
          "2024-03-31T00:59:00Z" },
        { "a time that never comes", "W. Europe Standard Time",
          "2024-03-31T02:30:00Z", "2024-03-31T01:30:00Z" },
        { "the hour after", "W. Europe Standard Time", "2024-03-31T03:00:00Z",
          "2024-03-31T01:00:00Z" },
        { "a time that comes twice", "W. Europe Standard Time",
          "2024-10-27T02:30:00Z", "2024-10-27T01:30:00Z" },
        { "southern summer", "AUS Eastern Standard Time",
          "2024-12-31T23:30:00Z", "2024-12-31T12:30:00Z" },
        { "southern summer, new year", "AUS Eastern Standard Time",
          "2025-01-01T00:30:00Z", "2024-12-31T13:30:00Z" },
        { "southern winter", "AUS Eastern Standard Time",
          "2024-07-01T00:30:00Z", "2024-06-30T14:30:00Z" },
        { "the old rule", "Pacific Standard Time", "2006-03-20T12:00:00Z",
          "2006-03-20T20:00:00Z" },
        { "the new rule", "Pacific Standard Time", "2007-03-20T12:00:00Z",
          "2007-03-20T19:00:00Z" },
        { "half an hour", "India Standard Time", "2024-07-01T00:00:00Z",
          "2024-06-30T18:30:00Z" },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(timezone_info) tz = { 0 };

        CHECK_ROW(rows[i].name, timezone_find(rows[i].id, &tz));
        CHECK_ROW(rows[i].name,
                  timezone_from_local(&tz, time_of(rows[i].local)) ==
                      time_of(rows[i].utc));
    }
}

/* There and back, but for what comes twice. */
static void test_inverse(void)
{
    for (size_t i = 0; i < timezone_count(); i++) {
        g_auto(timezone_info) tz = { 0 };

        g_assert_true(timezone_find(timezone_id_at(i), &tz));
        for (int64_t us = time_of("2006-01-01T00:00:00Z");
             us < time_of("2026-01-01T00:00:00Z"); us += 7 * HOUR) {
            int64_t back = timezone_from_local(&tz, timezone_to_local(&tz, us));

            g_assert_true(back == us || back == us + HOUR);
        }
    }
}

/* ---- blobs ----------------------------------------------------------- */

/* [MS-OXOCAL] 4.1.4, byte for byte. */
static const char published[] =
    "0201300002001500500061006300690066006900630020005300740061006E0064006100"
    "720064002000540069006D006500020002013E000000D607000000000000000000000000"
    "0000E001000000000000C4FFFFFF00000A00000005000200000000000000000004000000"
    "0100020000000000000002013E000200D7070000000000000000000000000000E0010000"
    "00000000C4FFFFFF00000B00000001000200000000000000000003000000020002000000"
    "00000000";

static void test_published(void)
{
    GByteArray *blob = hex_bytes(published);
    g_auto(timezone_info) tz = { 0 };
    GByteArray *again;

    g_assert_cmpuint(blob->len, ==, 0xB8);
    g_assert_cmpint(timezone_read(blob->data, blob->len, &tz), ==, 0);
    g_assert_cmpstr(tz.id, ==, "Pacific Standard Time");
    g_assert_cmpuint(tz.n_rules, ==, 2);
    g_assert_cmpuint(tz.rules[0].year, ==, 2006);
    g_assert_cmpint(tz.rules[1].bias, ==, 480);
    g_assert_cmpint(tz.rules[1].daylight_bias, ==, -60);
    g_assert_cmpuint(tz.rules[1].daylight.month, ==, 3);
    again = timezone_write(&tz, 2007, 0);
    g_assert_true(same_bytes(blob, again));
    g_byte_array_unref(again);
    again = timezone_write(&tz, 2010, TZ_EFFECTIVE);
    g_assert_true(same_bytes(blob, again));
    g_byte_array_unref(again);
    g_byte_array_unref(blob);
}

static void test_truncated(void)
{
    GByteArray *blob = hex_bytes(published);
    struct timezone_info tz;

    for (guint n = 0; n < blob->len; n++)
        g_assert_cmpint(timezone_read(blob->data, n, &tz), <, 0);
    g_byte_array_unref(blob);
}

static void test_refused(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        size_t at;
        uint8_t byte;
    } rows[] = {
        { "another major version", 0, 3 },
        { "a header of one byte", 2, 1 },
        { "a header past the end", 3, 0xFF },
        { "a name past the header", 6, 0x40 },
        { "no rules", 50, 0 },
        { "more rules than bytes", 50, 3 },
        { "a rule too small", 54, 0x10 },
        { "a bias of weeks", 77, 0x7F },
        { "a thirteenth month", 88, 13 },
        { "an eighth day of the week", 90, 7 },
        { "a sixth of that weekday", 92, 6 },
    };
    /* clang-format on */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GByteArray *blob = hex_bytes(published);
        struct timezone_info tz;

        blob->data[rows[i].at] = rows[i].byte;
        CHECK_ROW(rows[i].name, timezone_read(blob->data, blob->len, &tz) < 0);
        g_byte_array_unref(blob);
    }
}

static void check_same(const struct timezone_info *a,
                       const struct timezone_info *b)
{
    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_cmpuint(a->n_rules, ==, b->n_rules);
    for (size_t i = 0; i < a->n_rules; i++) {
        struct tz_rule x = a->rules[i], y = b->rules[i];

        x.flags = y.flags = 0;
        g_assert_true(memcmp(&x, &y, sizeof(x)) == 0);
    }
}

static void test_round_trip(void)
{
    for (size_t i = 0; i < timezone_count(); i++) {
        g_auto(timezone_info) tz = { 0 };
        g_auto(timezone_info) again = { 0 };
        GByteArray *blob, *small;
        struct tz_rule rule;
        unsigned int marked = 0;

        g_assert_true(timezone_find(timezone_id_at(i), &tz));
        blob = timezone_write(&tz, 2020, TZ_EFFECTIVE | TZ_RECURRING);
        g_assert_cmpint(timezone_read(blob->data, blob->len, &again), ==, 0);
        check_same(&tz, &again);
        /* exactly one rule is the effective one */
        for (size_t j = 0; j < again.n_rules; j++)
            marked += again.rules[j].flags == 3;
        g_assert_cmpuint(marked, ==, 1);
        g_assert_cmpuint(timezone_rule(&again, 2020)->flags, ==, 3);
        small = timezone_struct_write(timezone_rule(&tz, 2020));
        g_assert_cmpuint(small->len, ==, 48);
        g_assert_cmpint(timezone_struct_read(small->data, small->len, &rule),
                        ==, 0);
        g_assert_cmpint(rule.bias, ==, timezone_rule(&tz, 2020)->bias);
        g_assert_true(memcmp(&rule.daylight,
                             &timezone_rule(&tz, 2020)->daylight,
                             sizeof(rule.daylight)) == 0);
        g_assert_cmpint(timezone_struct_read(small->data, 47, &rule), <, 0);
        g_byte_array_unref(blob);
        g_byte_array_unref(small);
    }
}

/* PidLidTimeZoneStruct alone: which zone is meant. */
static void test_by_rule(void)
{
    /* clang-format off */
    static const struct {
        const char *id, *found;
    } rows[] = {
        { "Romance Standard Time", "W. Europe Standard Time" },
        { "Pacific Standard Time", "Pacific Standard Time" },
        { "Greenwich Standard Time", "UTC" },
        { "AUS Eastern Standard Time", "AUS Eastern Standard Time" },
        { "Nepal Standard Time", "Nepal Standard Time" },
    };
    /* clang-format on */
    struct tz_rule odd = { .bias = 13 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(timezone_info) tz = { 0 };

        g_assert_true(timezone_find(rows[i].id, &tz));
        g_assert_cmpstr(timezone_id_of_rule(timezone_rule(&tz, 2024), 2024), ==,
                        rows[i].found);
    }
    g_assert_null(timezone_id_of_rule(&odd, 2024));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timezone/table", test_table);
    g_test_add_func("/timezone/unknown", test_unknown);
    g_test_add_func("/timezone/local", test_local);
    g_test_add_func("/timezone/inverse", test_inverse);
    g_test_add_func("/timezone/published", test_published);
    g_test_add_func("/timezone/truncated", test_truncated);
    g_test_add_func("/timezone/refused", test_refused);
    g_test_add_func("/timezone/round-trip", test_round_trip);
    g_test_add_func("/timezone/by-rule", test_by_rule);
    return g_test_run();
}
