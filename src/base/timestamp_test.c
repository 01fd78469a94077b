#include "base/timestamp.h"

#include "base/check.h"

#define SECOND TIMESTAMP_SECOND

static void test_parse(void)
{
    static const struct {
        const char *name, *text;
        int64_t want;
    } rows[] = {
        /* clang-format off */
        { "epoch", "1970-01-01T00:00:00Z", 0 },
        { "no zone means UTC", "1970-01-01T00:00:01", SECOND },
        { "east of UTC is earlier", "1970-01-01T05:30:00+05:30", 0 },
        { "west of UTC is later", "1969-12-31T16:00:00-08:00", 0 },
        { "milliseconds", "1970-01-01T00:00:00.250Z", 250000 },
        { "one digit of fraction", "1970-01-01T00:00:00.5Z", 500000 },
        { "six digits", "1970-01-01T00:00:00.123456Z", 123456 },
        { "nine digits, cut", "1970-01-01T00:00:00.123456789Z", 123456 },
        { "a point and no digit", "1970-01-01T00:00:02.Z", 2 * SECOND },
        { "before the epoch", "1969-12-31T23:59:59.750Z", -250000 },
        { "leap day", "2000-02-29T00:00:00Z", 951782400 * SECOND },
        { ".NET's least date", "0001-01-01T00:00:00Z",
          -62135596800 * SECOND },
        { "the last second", "9999-12-31T23:59:59Z", 253402300799 * SECOND },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t got = TIMESTAMP_NONE;

        CHECK_ROW(rows[i].name, timestamp_parse(rows[i].text, &got));
        CHECK_ROW(rows[i].name, got == rows[i].want);
    }
}

static void test_parse_refuses(void)
{
    static const char *const rows[] = {
        "",
        "2026-01-02",
        "2026-01-02 03:04:05Z",
        "2026-01-02T03:04:05.Zx",
        "2026-01-02T03:04:05.1234567890Z",
        "2026-1-2T03:04:05Z",
        "2026-13-02T03:04:05Z",
        "2026-00-02T03:04:05Z",
        "2026-01-00T03:04:05Z",
        "2026-04-31T03:04:05Z",
        "2026-02-29T03:04:05Z",
        "1900-02-29T03:04:05Z",
        "0000-01-01T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05+1:00",
        "2026-01-02T03:04:05+14:01",
        "2026-01-02T03:04:05+01:60",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05z",
        "-026-01-02T03:04:05Z",
        "+2026-01-02T03:04:05Z",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int64_t untouched = 42;

        CHECK_ROW(rows[i], !timestamp_parse(rows[i], &untouched));
        CHECK_ROW(rows[i], untouched == 42);
    }
}

/* GLib's calendar is the oracle, over all years that xs:dateTime writes. */
static void test_calendar(void)
{
    for (int i = 0; i < 20000; i++) {
        int64_t seconds =
            (((int64_t)g_test_rand_int() & 0x7fffffff) << 9) % 315537897600 -
            62135596800;
        g_autoptr(GDateTime) t = g_date_time_new_from_unix_utc(seconds);
        g_autofree char *want = g_date_time_format(t, "%Y-%m-%dT%H:%M:%SZ");
        g_autofree char *got = timestamp_format(seconds * SECOND);
        int64_t back = 0;

        /* GLib does not pad the year. */
        while (strlen(want) < strlen("2026-01-02T03:04:05Z")) {
            char *padded = g_strconcat("0", want, NULL);

            g_free(want);
            want = padded;
        }
        g_assert_cmpstr(got, ==, want);
        CHECK_ROW(want, timestamp_parse(want, &back));
        g_assert_cmpint(back, ==, seconds * SECOND);
    }
}

static void test_format_drops_fractions_downwards(void)
{
    g_autofree char *before = timestamp_format(-1);
    g_autofree char *after = timestamp_format(999999);

    g_assert_cmpstr(before, ==, "1969-12-31T23:59:59Z");
    g_assert_cmpstr(after, ==, "1970-01-01T00:00:00Z");
}

static void test_duration(void)
{
    static const struct {
        int64_t us;
        const char *want;
    } rows[] = {
        /* clang-format off */
        { 0, "0 ms" },
        { -5, "0 ms" },
        { 850 * 1000, "850 ms" },
        { SECOND, "1 s" },
        { 5 * SECOND + 900000, "5 s" },
        { 60 * SECOND, "1 min" },
        { 245 * SECOND, "4 min 5 s" },
        { 3600 * SECOND, "1 h" },
        { 3600 * SECOND + 59 * SECOND, "1 h" },
        { 3725 * SECOND, "1 h 2 min" },
        { (2 * 86400 + 3 * 3600 + 59) * SECOND, "2 d 3 h" },
        { 400 * 86400 * SECOND, "400 d" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = timestamp_duration(rows[i].us);

        g_assert_cmpstr(got, ==, rows[i].want);
    }
}

static void test_clocks(void)
{
    int64_t mono = timestamp_monotonic();
    g_autofree char *now = timestamp_format(timestamp_now());
    int64_t parsed;

    g_assert_cmpint(timestamp_monotonic(), >=, mono);
    g_assert_true(timestamp_parse(now, &parsed));
    /* Microseconds, not seconds or nanoseconds: it is after 2020. */
    g_assert_cmpstr(now, >, "2020-01-01T00:00:00Z");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timestamp/parse", test_parse);
    g_test_add_func("/timestamp/parse-refuses", test_parse_refuses);
    g_test_add_func("/timestamp/calendar", test_calendar);
    g_test_add_func("/timestamp/format-floors",
                    test_format_drops_fractions_downwards);
    g_test_add_func("/timestamp/duration", test_duration);
    g_test_add_func("/timestamp/clocks", test_clocks);
    return g_test_run();
}
