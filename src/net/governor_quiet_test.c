#include "net/governor_quiet.h"

#include "base/time_testing.h"

#define S TIMESTAMP_SECOND

/* The monotonic clock stands at 1000 s when the other one shows 07:59:50. */
static void test_quiet_by_the_clock(void)
{
    g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
    int64_t wall_us = time_of("2026-11-23T07:59:50Z"), now_us = 1000 * S;
    struct governor_quiet q = { 0 };
    int64_t opens_us;

    g_assert_false(governor_quiet_is_due(&q, now_us));
    governor_quiet_set(&q, h);
    g_assert_true(governor_quiet_is_due(&q, now_us));
    governor_quiet_look(&q, now_us, wall_us);
    g_assert_false(governor_quiet_is_due(&q, now_us + 10 * S - 1));
    g_assert_cmpint(governor_quiet_opens_us(&q, now_us + S), ==, now_us + S);
    /* It begins on time; who waits looks again, and sleeps on. */
    g_assert_true(governor_quiet_is_due(&q, now_us + 10 * S));
    governor_quiet_look(&q, now_us + 10 * S, wall_us + 10 * S);
    opens_us = governor_quiet_opens_us(&q, now_us + 10 * S);
    g_assert_cmpint(opens_us, >, now_us + 10 * S);
    g_assert_cmpint(opens_us, <, now_us + 60 * S);
    g_assert_cmpint(q.ends_us, ==, time_of("2026-11-23T18:00:00Z"));
    g_assert_cmpint(governor_quiet_sum_us(&q, now_us + 15 * S), ==, 5 * S);
    /* Not looked at for a day: what lay in it is known all the same. */
    governor_quiet_look(&q, now_us + 86410 * S, wall_us + 86410 * S);
    g_assert_cmpint(governor_quiet_sum_us(&q, now_us + 86410 * S), ==,
                    36000 * S);
}

static void test_quiet_ends_on_time(void)
{
    g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
    struct governor_quiet q = { 0 };

    governor_quiet_set(&q, h);
    governor_quiet_look(&q, 1000 * S, time_of("2026-11-23T17:59:57Z"));
    g_assert_cmpint(governor_quiet_opens_us(&q, 1001 * S), ==, 1003 * S);
    g_assert_true(governor_quiet_is_due(&q, 1003 * S));
    governor_quiet_look(&q, 1003 * S, time_of("2026-11-23T18:00:00Z"));
    g_assert_cmpint(governor_quiet_opens_us(&q, 1003 * S), ==, 1003 * S);
    g_assert_cmpint(governor_quiet_sum_us(&q, 1100 * S), ==, 3 * S);
}

/* Somebody sets the clock, by an hour or a year, either way. */
static void test_quiet_when_the_clock_jumps(void)
{
    static const struct {
        const char *name, *from, *to;
        bool quiet;
    } rows[] = {
        { "out of them", "2026-11-23T17:30:00Z", "2026-11-23T18:30:00Z",
          false },
        { "back out of them", "2026-11-23T08:30:00Z", "2026-11-23T07:30:00Z",
          false },
        { "into them", "2026-11-23T07:30:00Z", "2026-11-23T08:30:00Z", true },
        { "a year on", "2026-11-23T09:00:00Z", "2027-11-23T19:00:00Z", false },
        { "a year back", "2026-11-23T19:00:00Z", "2025-11-23T09:00:00Z", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
        struct governor_quiet q = { 0 };
        int64_t now_us = 1000 * S;

        governor_quiet_set(&q, h);
        governor_quiet_look(&q, now_us, time_of(rows[i].from));
        CHECK_ROW(rows[i].name, q.again_us <= now_us + 60 * S);
        now_us = q.again_us;
        governor_quiet_look(&q, now_us, time_of(rows[i].to));
        CHECK_ROW(rows[i].name, (governor_quiet_opens_us(&q, now_us) >
                                 now_us) == rows[i].quiet);
        CHECK_ROW(rows[i].name, q.again_us > now_us);
        CHECK_ROW(rows[i].name, governor_quiet_sum_us(&q, now_us) >= 0);
        CHECK_ROW(rows[i].name, governor_quiet_sum_us(&q, now_us) <= 60 * S);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/quiet/clock", test_quiet_by_the_clock);
    g_test_add_func("/governor/quiet/end", test_quiet_ends_on_time);
    g_test_add_func("/governor/quiet/jumps", test_quiet_when_the_clock_jumps);
    return g_test_run();
}
