#include "base/check.h"
#include "engine/backoff.h"

static void test_backoff(void)
{
    static const struct {
        const char *name;
        unsigned int failures;
        int64_t floor_us;
        double dice;
        int64_t want;
    } rows[] = {
        { "first, unlucky", 1, 0, 1.0, 100 },
        { "first, lucky", 1, 0, 0.0, 0 },
        { "second", 2, 0, 1.0, 200 },
        { "fifth", 5, 0, 0.5, 800 },
        { "capped", 12, 0, 1.0, 6000 },
        { "no overflow", 4000000000u, 0, 1.0, 6000 },
        { "the server's word", 1, 5000, 0.0, 5000 },
        { "jitter comes on top", 2, 5000, 0.5, 5100 },
        { "a silly floor", 1, -7, 0.5, 50 },
    };
    const struct backoff b = { 100, 6000 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  backoff_us(&b, rows[i].failures, rows[i].floor_us,
                             rows[i].dice) == rows[i].want);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/backoff/table", test_backoff);
    return g_test_run();
}
