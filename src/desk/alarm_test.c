#include "desk/alarm.h"

#include "base/check.h"
#include "base/timestamp.h"

#define MINUTE (60 * TIMESTAMP_SECOND)

static void test_late(void)
{
    static const struct {
        const char *name;
        int64_t said, p90, now, stall;
        bool late;
    } rows[] = {
        { "not yet over", 0, 100 * MINUTE, 99 * MINUTE, 30 * MINUTE, false },
        { "a little over", 0, 100 * MINUTE, 120 * MINUTE, 5 * MINUTE, false },
        { "half as long again", 0, 100 * MINUTE, 151 * MINUTE, 5 * MINUTE,
          true },
        { "short, by less than what may stand still", 0, 2 * MINUTE,
          31 * MINUTE, 30 * MINUTE, false },
        { "short, by more", 0, 2 * MINUTE, 33 * MINUTE, 30 * MINUTE, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  alarm_is_late(rows[i].said, rows[i].p90, rows[i].now,
                                rows[i].stall) == rows[i].late);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/desk/alarm/late", test_late);
    return g_test_run();
}
