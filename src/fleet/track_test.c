#include <math.h>

#include "base/check.h"
#include "fleet/track.h"

static struct store_forecast rows[] = {
    /* mailbox, tenth, at, p50, p90, ended */
    { 0, 0, 0, 100, 150, 110, NULL },  /* held, off by 10 of 110 */
    { 0, 0, 0, 100, 150, 150, NULL },  /* just held, off by a third */
    { 0, 0, 0, 100, 150, 200, NULL },  /* not held, off by a half */
    { 0, 5, 50, 100, 120, 100, NULL }, /* held, exact */
    { 0, 0, 0, 100, 150, 0, NULL },    /* has not ended */
    { 7, 0, 0, 1, 1, 1000, NULL },     /* of a mailbox */
    { 0, FORECAST_LATEST, 0, 1, 1, 1000, NULL },
    { 0, 0, 100, 1, 1, 90, NULL }, /* a clock was set */
};

static void test_lines(void)
{
    g_autoptr(track) t = track_new();
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    struct track_line line;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_ptr_array_add(all, &rows[i]);
    track_add(t, all);
    line = track_line(t, 0);
    g_assert_cmpuint(line.n, ==, 3);
    g_assert_cmpuint(line.held, ==, 2);
    g_assert_cmpfloat(fabs(line.error - 1.0 / 3), <, 1e-9);
    line = track_line(t, 5);
    g_assert_cmpuint(line.n, ==, 1);
    g_assert_cmpfloat(line.error, ==, 0);
    line = track_line(t, FORECAST_TENTHS);
    g_assert_cmpuint(line.n, ==, 4);
    g_assert_cmpuint(line.held, ==, 3);
    /* between a tenth of 1.1 and a third */
    g_assert_cmpfloat(fabs(line.error - (10.0 / 110 + 1.0 / 3) / 2), <, 1e-9);
    line = track_line(t, 3);
    g_assert_cmpuint(line.n, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/track/lines", test_lines);
    return g_test_run();
}
