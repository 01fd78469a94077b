#include "desk/rounds.h"

#include "base/check.h"
#include "base/timestamp.h"

/* 2027-01-15 08:00 UTC */
#define NOW       (INT64_C(1800000000) * TIMESTAMP_SECOND)
#define HOUR      (3600 * TIMESTAMP_SECOND)
#define MIDNIGHT  (NOW - 8 * HOUR)
#define LIT(text) ((char *)(uintptr_t)(text))

/* As the guide says a schedule goes, with sweeps for 72 hours every 12. */
static void test_states(void)
{
    static const struct {
        const char *name;
        enum request_state state;
        const char *cutover;
        int64_t ago_us; /* since it is in its state */
        size_t n;       /* 0: nothing is told */
        struct foresight_round want[FORESIGHT_ROUNDS_MAX];
    } rows[] = {
        /* clang-format off */
        { "quoted", REQUEST_QUOTED, "2027-01-20", 0, 0, { { 0 } } },
        { "scheduled", REQUEST_SCHEDULED, "2027-01-20", 0, 0, { { 0 } } },
        { "running, whenever they move", REQUEST_RUNNING, NULL, 0, 0,
          { { 0 } } },
        { "running, and no day", REQUEST_RUNNING, "soon", 0, 0, { { 0 } } },
        { "running, a day is named", REQUEST_RUNNING, "2027-01-20", 0, 3,
          { { false, MIDNIGHT + 5 * TIMESTAMP_DAY, 0 },
            { false, 0, 72 * HOUR }, { true, 0, 0 } } },
        { "ready, the day is to come", REQUEST_READY_FOR_CUTOVER, "2027-01-16",
          TIMESTAMP_DAY, 3,
          { { false, MIDNIGHT + TIMESTAMP_DAY, 0 },
            { false, 0, 72 * HOUR }, { true, 0, 0 } } },
        { "ready, it is today", REQUEST_READY_FOR_CUTOVER, "2027-01-15",
          TIMESTAMP_DAY, 3,
          { { false, NOW, 0 }, { false, 0, 72 * HOUR }, { true, 0, 0 } } },
        { "ready, whenever", REQUEST_READY_FOR_CUTOVER, NULL, 0, 3,
          { { false, NOW, 0 }, { false, 0, 72 * HOUR }, { true, 0, 0 } } },
        { "they have just moved", REQUEST_CUT_OVER, "2027-01-20", 0, 2,
          { { false, NOW + 72 * HOUR, 0 }, { true, NOW + 72 * HOUR, 0 } } },
        { "sweeping", REQUEST_CUT_OVER, NULL, 50 * HOUR, 2,
          { { false, NOW + 22 * HOUR, 0 }, { true, NOW + 22 * HOUR, 0 } } },
        { "the sweeps are over", REQUEST_CUT_OVER, NULL, 72 * HOUR, 1,
          { { true, NOW, 0 } } },
        { "completed", REQUEST_COMPLETED, "2027-01-10", 0, 0, { { 0 } } },
        { "cancelled", REQUEST_CANCELLED, NULL, 0, 0, { { 0 } } },
        /* clang-format on */
    };
    const struct rounds_rules rules = { 72 * HOUR, 12 * HOUR };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct request r = { .state = rows[i].state,
                                   .migration_id = 7,
                                   .cutover = LIT(rows[i].cutover),
                                   .state_us = NOW - rows[i].ago_us };
        struct foresight_plan plan = { 0 };

        CHECK_ROW(rows[i].name,
                  rounds_of(&r, &rules, NOW, &plan) == (rows[i].n > 0));
        CHECK_ROW(rows[i].name, plan.n == rows[i].n);
        CHECK_ROW(rows[i].name, plan.migration_id == (rows[i].n > 0 ? 7 : 0));
        for (size_t k = 0; k < plan.n; k++)
            CHECK_ROW(rows[i].name,
                      plan.rounds[k].verifies == rows[i].want[k].verifies &&
                          plan.rounds[k].due_us == rows[i].want[k].due_us &&
                          plan.rounds[k].delay_us == rows[i].want[k].delay_us);
    }
}

/* Sweeps that do not come out even, that are too seldom, and none. */
static void test_rules(void)
{
    const struct request moved = { .state = REQUEST_CUT_OVER,
                                   .migration_id = 7,
                                   .state_us = NOW };
    const struct request ready = { .state = REQUEST_READY_FOR_CUTOVER,
                                   .migration_id = 7 };
    const struct request none = { .state = REQUEST_CUT_OVER };
    struct foresight_plan plan;

    g_assert_true(rounds_of(
        &moved, &(struct rounds_rules){ 20 * HOUR, 6 * HOUR }, NOW, &plan));
    g_assert_cmpuint(plan.n, ==, 2);
    g_assert_cmpint(plan.rounds[0].due_us, ==, NOW + 18 * HOUR);
    g_assert_cmpint(plan.rounds[1].due_us, ==, NOW + 20 * HOUR);
    g_assert_true(rounds_of(
        &ready, &(struct rounds_rules){ 20 * HOUR, 6 * HOUR }, NOW, &plan));
    g_assert_cmpuint(plan.n, ==, 3);
    g_assert_cmpint(plan.rounds[1].delay_us, ==, 18 * HOUR);
    g_assert_cmpint(plan.rounds[2].delay_us, ==, 2 * HOUR);
    g_assert_true(rounds_of(
        &moved, &(struct rounds_rules){ 20 * HOUR, 21 * HOUR }, NOW, &plan));
    g_assert_cmpuint(plan.n, ==, 1);
    g_assert_true(
        rounds_of(&ready, &(struct rounds_rules){ 0, 0 }, NOW, &plan));
    g_assert_cmpuint(plan.n, ==, 2);
    g_assert_cmpint(plan.rounds[1].delay_us, ==, 0);
    g_assert_false(rounds_of(
        &none, &(struct rounds_rules){ 20 * HOUR, 6 * HOUR }, NOW, &plan));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rounds/states", test_states);
    g_test_add_func("/rounds/rules", test_rules);
    return g_test_run();
}
