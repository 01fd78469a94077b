#include "web/metrics.h"

#include <string.h>

#include "base/check.h"

static void test_text(void)
{
    g_autoptr(metrics) m = metrics_new();
    struct metrics_family *c =
        metrics_add(m, METRICS_COUNTER, "a_total", "What a is.");
    struct metrics_family *h =
        metrics_add(m, METRICS_SECONDS, "b_seconds", "What b is.");
    g_autofree char *text = NULL;

    metrics_count(c, "x=\"2\"", 2);
    metrics_count(c, "x=\"1\"", 1);
    metrics_count(c, "x=\"2\"", 1);
    metrics_observe(h, "", 1000);
    metrics_observe(h, "", 1001);
    metrics_observe(h, "", 61000000);
    text = metrics_text(m);
    g_assert_cmpstr(text, ==,
                    "# HELP a_total What a is.\n"
                    "# TYPE a_total counter\n"
                    "a_total{x=\"1\"} 1\n"
                    "a_total{x=\"2\"} 3\n"
                    "# HELP b_seconds What b is.\n"
                    "# TYPE b_seconds histogram\n"
                    "b_seconds_bucket{le=\"0.001\"} 1\n"
                    "b_seconds_bucket{le=\"0.005\"} 2\n"
                    "b_seconds_bucket{le=\"0.02\"} 2\n"
                    "b_seconds_bucket{le=\"0.1\"} 2\n"
                    "b_seconds_bucket{le=\"0.5\"} 2\n"
                    "b_seconds_bucket{le=\"2\"} 2\n"
                    "b_seconds_bucket{le=\"10\"} 2\n"
                    "b_seconds_bucket{le=\"60\"} 2\n"
                    "b_seconds_bucket{le=\"+Inf\"} 3\n"
                    "b_seconds_sum 61.002001\n"
                    "b_seconds_count 3\n");
}

static void test_bounded(void)
{
    g_autoptr(metrics) m = metrics_new();
    struct metrics_family *c = metrics_add(m, METRICS_COUNTER, "a", "A.");
    g_autofree char *text = NULL;

    for (int i = 0; i < METRICS_SERIES_MAX + 50; i++) {
        g_autofree char *labels = g_strdup_printf("x=\"%d\"", i);

        metrics_count(c, labels, 1);
    }
    text = metrics_text(m);
    g_assert_nonnull(strstr(text, "a{overflow=\"true\"} 50\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/metrics/text", test_text);
    g_test_add_func("/metrics/bounded", test_bounded);
    return g_test_run();
}
