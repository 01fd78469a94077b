#include "base/check.h"
#include "base/timestamp.h"
#include "engine/expect.h"

#define HOUR_US (3600 * TIMESTAMP_SECOND)

static void test_default_bounds(void)
{
    static const struct expect_measured none = { 0 };
    struct expectation e = expect(&none, 1000, 3600000000);

    g_assert_false(e.measured);
    /* 3.6 GB at 1.8 and at 0.3 GB an hour */
    g_assert_cmpint(e.least_us, ==, 2 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 12 * HOUR_US);
    /* Many small items: their number counts. */
    e = expect(&none, 120000, 1000);
    g_assert_cmpint(e.least_us, ==, 2 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 12 * HOUR_US);
    e = expect(&none, 0, 0);
    g_assert_cmpint(e.most_us, ==, 0);
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
    e = expect(&m, 5000, 30000000);
    g_assert_true(e.measured);
    g_assert_cmpint(e.least_us, ==, 3 * HOUR_US);
    g_assert_cmpint(e.most_us, ==, 10 * HOUR_US);
}

/* Ten items of a trial say nothing about a hundred thousand. */
static void test_too_few(void)
{
    const struct expect_measured few = { 1, 49, 1000, HOUR_US };
    const struct expect_measured enough = { 1, 50, 1000, HOUR_US };

    g_assert_false(expect(&few, 1, 1).measured);
    g_assert_true(expect(&enough, 1, 1).measured);
}

static void test_absurd_sizes(void)
{
    const struct expect_measured m = { 1, 50, 1, 9 * HOUR_US };
    struct expectation e = expect(&m, UINT64_MAX, UINT64_MAX);
    g_autofree char *text = expect_text(&e);

    g_assert_cmpint(e.least_us, >, 0);
    g_assert_cmpint(e.most_us, >=, e.least_us);
    g_assert_nonnull(text);
}

static void test_all_together(void)
{
    const struct expectation each[] = {
        { true, 2 * HOUR_US, 4 * HOUR_US },
        { true, 2 * HOUR_US, 4 * HOUR_US },
        { false, 10 * HOUR_US, 12 * HOUR_US },
    };
    struct expectation all = expect_all(each, 3, 4);

    /* no sooner than the longest, however many at once */
    g_assert_cmpint(all.least_us, ==, 10 * HOUR_US);
    g_assert_cmpint(all.most_us, ==, 12 * HOUR_US);
    g_assert_false(all.measured);
    all = expect_all(each, 2, 1);
    g_assert_cmpint(all.least_us, ==, 4 * HOUR_US);
    g_assert_cmpint(all.most_us, ==, 8 * HOUR_US);
    g_assert_true(all.measured);
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
    g_test_add_func("/expect/measured", test_measured);
    g_test_add_func("/expect/too-few", test_too_few);
    g_test_add_func("/expect/absurd-sizes", test_absurd_sizes);
    g_test_add_func("/expect/all-together", test_all_together);
    g_test_add_func("/expect/text", test_text);
    return g_test_run();
}
