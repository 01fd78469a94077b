#include "base/time_testing.h"
#include "portable/portable.h"

#define SUN 0x01u
#define MON 0x02u
#define TUE 0x04u
#define WED 0x08u
#define FRI 0x20u

/* The days are from a calendar on paper, not from code. */
static void test_rows(void)
{
    static const struct {
        const char *name;
        struct portable_recurrence r;
        const char *first, *original;
        uint32_t want;
    } rows[] = {
        /* clang-format off */
        { "first day", { PORTABLE_DAILY, .interval = 1, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-01T09:00:00Z", 1 },
        { "over summer time", { PORTABLE_DAILY, .interval = 1, .start = 20240329 },
          "2024-03-29T09:00:00Z", "2024-04-02T08:00:00Z", 5 },
        { "every third day", { PORTABLE_DAILY, .interval = 3, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-07T09:00:00Z", 3 },
        { "between two", { PORTABLE_DAILY, .interval = 3, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-06T09:00:00Z", 0 },
        { "evening in the west", { PORTABLE_WEEKLY, .interval = 1, .days = MON, .start = 20240304 },
          "2024-03-05T04:00:00Z", "2024-03-19T03:00:00Z", 3 },
        { "Mondays and Fridays", { PORTABLE_WEEKLY, .interval = 1, .days = MON | FRI, .start = 20240304 },
          "2024-03-04T09:00:00Z", "2024-03-15T09:00:00Z", 4 },
        { "start is none of them", { PORTABLE_WEEKLY, .interval = 1, .days = WED, .start = 20240304 },
          "2024-03-06T09:00:00Z", "2024-03-13T09:00:00Z", 2 },
        { "every second week", { PORTABLE_WEEKLY, .interval = 2, .days = TUE, .first_day = 1, .start = 20240305 },
          "2024-03-05T09:00:00Z", "2024-04-02T09:00:00Z", 3 },
        { "the week between", { PORTABLE_WEEKLY, .interval = 2, .days = TUE, .first_day = 1, .start = 20240305 },
          "2024-03-05T09:00:00Z", "2024-03-12T09:00:00Z", 0 },
        { "week begins on Monday", { PORTABLE_WEEKLY, .interval = 2, .days = SUN | MON, .first_day = 1, .start = 20240304 },
          "2024-03-04T09:00:00Z", "2024-03-10T09:00:00Z", 2 },
        { "week begins on Sunday", { PORTABLE_WEEKLY, .interval = 2, .days = SUN | MON, .first_day = 0, .start = 20240304 },
          "2024-03-04T09:00:00Z", "2024-03-17T09:00:00Z", 2 },
        { "monthly", { PORTABLE_MONTHLY, .interval = 1, .day = 15, .start = 20240115 },
          "2024-01-15T09:00:00Z", "2024-06-15T08:00:00Z", 6 },
        { "monthly, after the day", { PORTABLE_MONTHLY, .interval = 2, .day = 15, .start = 20240120 },
          "2024-03-15T09:00:00Z", "2024-05-15T09:00:00Z", 2 },
        { "the 31st", { PORTABLE_MONTHLY, .interval = 1, .day = 31, .start = 20240131 },
          "2024-01-31T09:00:00Z", "2024-02-29T09:00:00Z", 2 },
        { "second Tuesday", { PORTABLE_MONTHLY_NTH, .interval = 1, .days = TUE, .nth = 2, .start = 20240109 },
          "2024-01-09T09:00:00Z", "2024-03-12T09:00:00Z", 3 },
        { "last Friday", { PORTABLE_MONTHLY_NTH, .interval = 1, .days = FRI, .nth = 5, .start = 20240126 },
          "2024-01-26T09:00:00Z", "2024-03-29T09:00:00Z", 3 },
        { "last weekday", { PORTABLE_MONTHLY_NTH, .interval = 1, .days = PORTABLE_WEEKDAYS, .nth = 5, .start = 20240131 },
          "2024-01-31T09:00:00Z", "2024-03-29T09:00:00Z", 3 },
        { "birthday", { PORTABLE_YEARLY, .interval = 1, .day = 3, .month = 5, .start = 20200503 },
          "2020-05-03T00:00:00Z", "2024-05-03T00:00:00Z", 5 },
        { "fourth Monday of May", { PORTABLE_YEARLY_NTH, .interval = 1, .days = MON, .nth = 4, .month = 5, .start = 20230522 },
          "2023-05-22T09:00:00Z", "2024-05-27T09:00:00Z", 2 },
        { "before the first", { PORTABLE_DAILY, .interval = 1, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-02-28T09:00:00Z", 0 },
        { "a task", { PORTABLE_REGENERATE_WEEKLY, .interval = 1, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-08T09:00:00Z", 0 },
        { "no such date", { PORTABLE_DAILY, .interval = 1, .start = 20240231 },
          "2024-03-01T09:00:00Z", "2024-03-01T09:00:00Z", 0 },
        { "no day at all", { PORTABLE_MONTHLY_NTH, .interval = 1, .nth = 5, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-01T09:00:00Z", 0 },
        { "interval of nothing", { PORTABLE_WEEKLY, .days = FRI, .start = 20240301 },
          "2024-03-01T09:00:00Z", "2024-03-08T09:00:00Z", 2 },
        { "ages apart", { PORTABLE_DAILY, .interval = 1, .start = 20240301 },
          "2024-03-01T09:00:00Z", "9000-03-01T09:00:00Z", 0 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, portable_occurrence(
                                    &rows[i].r, time_of(rows[i].first),
                                    time_of(rows[i].original)) == rows[i].want);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/occurrence/rows", test_rows);
    return g_test_run();
}
