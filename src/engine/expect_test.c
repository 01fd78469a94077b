#include "base/check.h"
#include "base/timestamp.h"
#include "engine/expect.h"

#define HOUR_US (3600 * TIMESTAMP_SECOND)

static const struct expect_measured nothing = { 0 };
static const struct expect_round_trip untold = { 0 };

static struct expectation of_work(const struct expect_measured *m,
                                  uint64_t items, uint64_t bytes)
{
    const struct expect_work work = { .items = items, .bytes = bytes };

    return expect(m, &untold, &work);
}

static void test_default_bounds(void)
{
    struct expectation e = of_work(&nothing, 1000, 3600000000);

    g_assert_cmpint(e.by, ==, EXPECT_BY_DEFAULT);
    /* 3.6 GB at 1.8 and at 0.3 GB an hour */
    g_assert_cmpint(e.least_us, ==, 2 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 12 * HOUR_US);
    /* Many small items: their number counts. */
    e = of_work(&nothing, 120000, 1000);
    g_assert_cmpint(e.least_us, ==, 2 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 12 * HOUR_US);
    e = of_work(&nothing, 0, 0);
    g_assert_cmpint(e.most_us, ==, 0);
}

/* Reckoned by hand; in milliseconds. */
static void test_round_trips(void)
{
    static const struct {
        const char *name;
        int64_t source_ms, destination_ms;
        struct expect_work work;
        int64_t least_ms, most_ms;
    } rows[] = {
        /* clang-format off */
        { "nothing left", 40, 60, { 0, 0, 9 }, 0, 0 },
        /* 8 requests in 8 lanes; 12 folder's, 1 item in 4 lanes */
        { "one item", 40, 60, { 1, 0, 2 }, 100, 1200 + 25 },
        /* 80 + 10 in 8 lanes; 120 + 500 / 4 */
        { "many small ones", 40, 60, { 500, 0, 20 }, 9000 / 8, 12000 + 12500 },
        /* 25 MB: 2 s and 20 s */
        { "few large ones", 10, 10, { 5, 25000000, 1 }, 2000, 120 + 25 + 20000 },
        /* 12 + 0.5 + 299,987.5: all of the burst, and no more */
        { "the whole burst", 1, 1, { 1, 374984375, 1 }, 29998, 300000 },
        /*
         * 800.72 s, of which 300 are paid; the rest of the GB at 0.3 an hour:
         * 12,000 s * (1 - 300 / 800.72)
         */
        { "more than the burst", 10, 10, { 120, 1000000000, 1 },
          80000, 300000 + 7504046 },
        /* 20 requests in 8 lanes; 500 s, which is slower than the slow rate */
        { "far away", 1000, 1000, { 1000, 0, 0 }, 5000, 500000 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct expect_round_trip trip = { rows[i].source_ms * 1000,
                                                rows[i].destination_ms * 1000 };
        struct expectation e = expect(&nothing, &trip, &rows[i].work);

        g_test_message("%s: %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " us",
                       rows[i].name, e.least_us, e.most_us);
        CHECK_ROW(rows[i].name, e.by == EXPECT_BY_ROUND_TRIPS);
        CHECK_ROW(rows[i].name, e.least_us / 1000 == rows[i].least_ms);
        CHECK_ROW(rows[i].name, e.most_us / 1000 == rows[i].most_ms);
    }
}

/* A side whose round trips nobody measured says nothing. */
static void test_half_measured(void)
{
    const struct expect_round_trip half = { 1000, 0 };
    const struct expect_work work = { 100, 100, 1 };

    g_assert_cmpint(expect(&nothing, &half, &work).by, ==, EXPECT_BY_DEFAULT);
}

static void test_measured(void)
{
    static const struct store_pass passes[] = {
        { .items_copied = 600,
          .bytes_copied = 6000000,
          .begun_us = 1,
          .ended_us = 1 + HOUR_US },
        { .items_copied = 400,
          .bytes_copied = 14000000,
          .begun_us = 1,
          .ended_us = 1 + HOUR_US },
        { .items_copied = 0, .begun_us = 1, .ended_us = 1 + 9 * HOUR_US },
        { .items_copied = 77, .begun_us = 5, .ended_us = 0 }, /* died */
    };
    struct expect_measured m = { 0 };
    struct expectation e;

    for (size_t i = 0; i < G_N_ELEMENTS(passes); i++)
        expect_add(&m, &passes[i]);
    g_assert_cmpuint(m.passes, ==, 2);
    /* 500 items and 10 MB an hour; ten hours by one, three by the other */
    e = of_work(&m, 5000, 30000000);
    g_assert_cmpint(e.by, ==, EXPECT_BY_COPYING);
    g_assert_cmpint(e.least_us, ==, 3 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 10 * HOUR_US);
}

/* Ten items of a trial say nothing about a hundred thousand. */
static void test_too_few(void)
{
    const struct expect_measured few = { 1, 49, 1000, HOUR_US };
    const struct expect_measured enough = { 1, 50, 1000, HOUR_US };

    g_assert_cmpint(of_work(&few, 1, 1).by, ==, EXPECT_BY_DEFAULT);
    g_assert_cmpint(of_work(&enough, 1, 1).by, ==, EXPECT_BY_COPYING);
}

static void test_absurd_sizes(void)
{
    const struct expect_measured m = { 1, 50, 1, 9 * HOUR_US };
    const struct expect_round_trip trip = { 9 * HOUR_US, 9 * HOUR_US };
    const struct expect_work work = { UINT64_MAX, UINT64_MAX, 1000000 };
    const struct expectation each[] = {
        expect(&m, &untold, &work),
        expect(&nothing, &trip, &work),
        expect(&nothing, &untold, &work),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(each); i++) {
        g_autofree char *text = expect_text(&each[i]);

        g_assert_cmpint(each[i].least_us, >, 0);
        g_assert_cmpint(each[i].most_us, >=, each[i].least_us);
        g_assert_nonnull(text);
    }
}

static void test_all_together(void)
{
    const struct expectation each[] = {
        { EXPECT_BY_COPYING, 2 * HOUR_US, 4 * HOUR_US },
        { EXPECT_BY_COPYING, 2 * HOUR_US, 4 * HOUR_US },
        { EXPECT_BY_ROUND_TRIPS, 10 * HOUR_US, 12 * HOUR_US },
    };
    struct expectation all = expect_all(each, 3, 4);

    /* no sooner than the longest, however many at once */
    g_assert_cmpint(all.least_us, ==, 10 * HOUR_US);
    g_assert_cmpint(all.most_us, ==, 12 * HOUR_US);
    g_assert_cmpint(all.by, ==, EXPECT_BY_ROUND_TRIPS);
    all = expect_all(each, 2, 1);
    g_assert_cmpint(all.least_us, ==, 4 * HOUR_US);
    g_assert_cmpint(all.most_us, ==, 8 * HOUR_US);
    g_assert_cmpint(all.by, ==, EXPECT_BY_COPYING);
}

static void test_text(void)
{
    static const struct {
        int64_t least_s, most_s;
        const char *text;
    } rows[] = {
        { 0, 0, "under a minute" },
        { 10, 59, "under a minute" },
        { 0, 61, "up to 2 minutes" },
        { 300, 340, "about 6 minutes" },
        { 300, 2400, "5 to 40 minutes" },
        { 2400, 18000, "40 minutes to 5 hours" },
        { 7200, 46800, "2 to 13 hours" },
        { 86400, 864000, "24 hours to 10 days" },
        { 864000, 864001, "about 11 days" },
        { 86400 * 4, 86400 * 9, "4 to 9 days" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct expectation e = {
            .least_us = rows[i].least_s * TIMESTAMP_SECOND,
            .most_us = rows[i].most_s * TIMESTAMP_SECOND,
        };
        g_autofree char *text = expect_text(&e);

        g_assert_cmpstr(text, ==, rows[i].text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/expect/default-bounds", test_default_bounds);
    g_test_add_func("/expect/round-trips", test_round_trips);
    g_test_add_func("/expect/half-measured", test_half_measured);
    g_test_add_func("/expect/measured", test_measured);
    g_test_add_func("/expect/too-few", test_too_few);
    g_test_add_func("/expect/absurd-sizes", test_absurd_sizes);
    g_test_add_func("/expect/all-together", test_all_together);
    g_test_add_func("/expect/text", test_text);
    return g_test_run();
}
