#include "engine/sample.h"

#include <stdbool.h>

#include <glib.h>

/*
 * The chance that n drawn from n_items hold none of the bad ones, by the
 * hypergeometric distribution itself.
 */
static double chance_to_miss(size_t n_items, size_t bad, size_t n)
{
    double p = 1.0;

    for (size_t i = 0; i < n; i++) {
        if (n_items - bad <= i)
            return 0.0;
        p *= (double)(n_items - bad - i) / (double)(n_items - i);
    }
    return p;
}

static void test_confidence(void)
{
    for (size_t n_items = 1; n_items <= 5000; n_items++) {
        size_t bad = (n_items + 19) / 20, n = sample_size(n_items);

        g_assert_cmpuint(n, >=, 1);
        g_assert_cmpuint(n, <=, n_items);
        /* 95 % confidence; the formula is an approximation */
        if (chance_to_miss(n_items, bad, n) > 0.0515)
            g_error("%zu of %zu are too few", n, n_items);
        /* and not wastefully many */
        if (n > 1 && n < n_items && n_items > 40 &&
            chance_to_miss(n_items, bad, n - 1) < 0.035)
            g_error("%zu of %zu are too many", n, n_items);
    }
    g_assert_cmpuint(sample_size(0), ==, 0);
    g_assert_cmpuint(sample_size(19), ==, 19);
    g_assert_cmpuint(sample_size(100), ==, 45);
    g_assert_cmpuint(sample_size(10000000), ==, 59);
}

/* Any stretch of ids gets its fair share of small ranks. */
static void test_rank(void)
{
    size_t below = 0, same = 0;

    for (int64_t id = 1; id <= 100000; id++) {
        below += sample_rank(id, 7) < UINT64_MAX / 10;
        same += sample_rank(id, 7) == sample_rank(id, 8);
    }
    g_assert_cmpuint(below, >, 9500);
    g_assert_cmpuint(below, <, 10500);
    g_assert_cmpuint(same, ==, 0);
    g_assert_true(sample_rank(5, 1) == sample_rank(5, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sample/confidence", test_confidence);
    g_test_add_func("/sample/rank", test_rank);
    return g_test_run();
}
