#include "desk/slot.h"

#include "base/check.h"
#include "base/timestamp.h"

#define ANY_TIME NULL

static const struct slot_taken taken[] = {
    { "2026-12-01", 60 },
    { "2026-12-02", 30 },
    { "2026-12-02", 30 },
    { "2026-12-04", 1 },
};

static const struct {
    const char *name, *now, *not_before;
    uint64_t mailboxes, a_day;
    const char *quiet, *want;
} rows[] = {
    /* clang-format off */
    { "at once", "2026-11-23T10:00:00Z", NULL, 5, 100, NULL, "2026-11-23" },
    { "as asked", "2026-11-23T10:00:00Z", "2026-11-30", 5, 100, NULL,
      "2026-11-30" },
    { "asked for the past", "2026-11-23T10:00:00Z", "2026-01-01", 5, 100, NULL,
      "2026-11-23" },
    { "no day at all", "2026-11-23T10:00:00Z", "soon", 5, 100, NULL,
      "2026-11-23" },
    { "just fits", "2026-12-01T00:00:00Z", NULL, 40, 100, NULL, "2026-12-01" },
    { "one too many", "2026-12-01T00:00:00Z", NULL, 41, 100, NULL,
      "2026-12-03" },
    { "larger than a day", "2026-12-01T00:00:00Z", NULL, 500, 100, NULL,
      "2026-12-03" },
    { "larger, and a mailbox is enough", "2026-12-04T00:00:00Z", NULL, 500,
      100, NULL, "2026-12-05" },
    { "without a limit", "2026-12-01T00:00:00Z", NULL, 500, 0, NULL,
      "2026-12-01" },
    { "quiet for the rest of the day", "2026-11-23T10:00:00Z", NULL, 5, 100,
      "08:00-24:00 UTC", "2026-11-24" },
    { "quiet at the weekend", "2026-11-28T10:00:00Z", NULL, 5, 100,
      "Sat, Sun 00:00-24:00 UTC", "2026-11-30" },
    { "quiet by night", "2026-11-23T23:00:00Z", NULL, 5, 100,
      "08:00-18:00 UTC", "2026-11-23" },
    { "over the year", "2026-12-31T23:59:59Z", NULL, 5, 100,
      "23:00-24:00 UTC", "2027-01-01" },
    /* clang-format on */
};

static void test_pick(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(hours) quiet = NULL;
        struct slot_wish w = {
            .not_before = rows[i].not_before,
            .mailboxes = rows[i].mailboxes,
            .a_day = rows[i].a_day,
            .taken = taken,
            .n_taken = G_N_ELEMENTS(taken),
        };
        char day[SLOT_DAY_SIZE];
        struct err err;

        g_assert_true(timestamp_parse(rows[i].now, &w.now_us));
        if (rows[i].quiet != NULL)
            CHECK_OK(hours_parse(rows[i].quiet, &quiet, &err), &err);
        w.quiet = quiet;
        CHECK_ROW(rows[i].name, slot_pick(&w, day));
        if (g_strcmp0(day, rows[i].want) != 0)
            g_error("%s: %s, not %s", rows[i].name, day, rows[i].want);
    }
}

/* A year of which each day is full. */
static void test_none(void)
{
    g_autofree struct slot_taken *full =
        g_new0(struct slot_taken, SLOT_DAYS_MAX);
    struct slot_wish w = {
        .mailboxes = 1, .a_day = 10, .taken = full, .n_taken = SLOT_DAYS_MAX
    };
    char day[SLOT_DAY_SIZE] = "as it was";

    for (int i = 0; i < SLOT_DAYS_MAX; i++) {
        g_autofree char *text =
            timestamp_format((int64_t)i * 86400 * TIMESTAMP_SECOND);

        text[SLOT_DAY_SIZE - 1] = '\0';
        full[i] = (struct slot_taken){ g_steal_pointer(&text), 10 };
    }
    g_assert_false(slot_pick(&w, day));
    g_assert_cmpstr(day, ==, "as it was");
    w.mailboxes = 0;
    g_assert_true(slot_pick(&w, day));
    g_assert_cmpstr(day, ==, "1970-01-01");
    for (int i = 0; i < SLOT_DAYS_MAX; i++)
        g_free((char *)(uintptr_t)full[i].day);
}

static void test_begins(void)
{
    static const char *const bad[] = { "", "soon", "2026-13-01", "2026-12-1",
                                       "2026-12-01T00:00:00Z" };
    int64_t us = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        CHECK_ROW(bad[i], !slot_begins(bad[i], &us));
    g_assert_true(slot_begins("1970-01-02", &us));
    g_assert_cmpint(us, ==, 86400 * TIMESTAMP_SECOND);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/slot/pick", test_pick);
    g_test_add_func("/slot/none", test_none);
    g_test_add_func("/slot/begins", test_begins);
    return g_test_run();
}
