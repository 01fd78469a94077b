#include "net/governor_backoff.h"

#include "base/check.h"

static void test_backoff_waits(void)
{
    static const struct {
        const char *name;
        uint32_t wait_ms;
        double chance;
        int64_t want_ms;
    } rows[] = {
        { "the server's word", 3000, 0, 3000 },
        { "the server's word, a little later", 3000, 1, 3100 },
        { "a word below the floor", 1, 0, 100 },
        { "longer than our own most", 900000, 0, 900000 },
        { "no word", 0, 0, 100 },
        { "no word, full jitter", 0, 1, 200 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_backoff b;
        const int64_t now = 5000000;
        int64_t end = now + rows[i].want_ms * 1000;

        governor_backoff_init(&b, 100, 10000);
        g_assert_false(governor_backoff_is_parked(&b, now));
        g_assert_true(
            governor_backoff_busy(&b, rows[i].wait_ms, rows[i].chance, now));
        CHECK_ROW(rows[i].name, governor_backoff_is_parked(&b, end - 1));
        CHECK_ROW(rows[i].name, !governor_backoff_is_parked(&b, end));
    }
}

/* Refused again and again, each time when the last park is just over. */
static void test_backoff_grows_and_forgets(void)
{
    static const int64_t want_ms[] = { 200,  300,  500,   900,   1700,
                                       3300, 6500, 10100, 10100, 10100 };
    struct governor_backoff b;
    int64_t now = 1;

    governor_backoff_init(&b, 100, 10000);
    for (size_t i = 0; i < G_N_ELEMENTS(want_ms); i++) {
        governor_backoff_busy(&b, 0, 1, now);
        g_assert_cmpint(b.until_us - now, ==, want_ms[i] * 1000);
        now = b.until_us;
    }
    /* What was let in before the refusal does not end the growth. */
    governor_backoff_ok(&b, now - 1);
    governor_backoff_busy(&b, 0, 1, now);
    g_assert_cmpint(b.until_us - now, ==, 10100 * 1000);
    now = b.until_us;
    governor_backoff_ok(&b, now);
    governor_backoff_busy(&b, 0, 1, now);
    g_assert_cmpint(b.until_us - now, ==, 200 * 1000);
}

/* Eight in flight are refused at once: that is one refusal, not eight. */
static void test_backoff_counts_a_volley_once(void)
{
    struct governor_backoff b;

    governor_backoff_init(&b, 100, 10000);
    g_assert_true(governor_backoff_busy(&b, 0, 1, 1000));
    for (int i = 0; i < 7; i++)
        g_assert_false(governor_backoff_busy(&b, 0, 1, 1000));
    g_assert_cmpint(b.until_us, <=, 1000 + 300 * 1000);
    /* But the longest word counts, and a shorter one takes nothing back. */
    g_assert_false(governor_backoff_busy(&b, 5000, 0, 2000));
    g_assert_false(governor_backoff_busy(&b, 10, 0, 3000));
    g_assert_cmpint(b.until_us, ==, 2000 + 5000 * 1000);
}

static void test_backoff_sums_up(void)
{
    struct governor_backoff b;

    governor_backoff_init(&b, 100, 10000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 77), ==, 0);
    governor_backoff_busy(&b, 200, 0, 1000000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 1000000), ==, 0);
    g_assert_cmpint(governor_backoff_parked_us(&b, 1050000), ==, 50000);
    governor_backoff_busy(&b, 300, 0, 1100000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 9000000), ==, 400000);
    governor_backoff_busy(&b, 100, 0, 10000000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 10050000), ==, 450000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 11000000), ==, 500000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/backoff/waits", test_backoff_waits);
    g_test_add_func("/governor/backoff/grows", test_backoff_grows_and_forgets);
    g_test_add_func("/governor/backoff/volley",
                    test_backoff_counts_a_volley_once);
    g_test_add_func("/governor/backoff/sum", test_backoff_sums_up);
    return g_test_run();
}
