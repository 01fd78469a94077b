#include "net/governor_pace.h"

#include <math.h>

#include "base/check.h"

#define SECOND INT64_C(1000000)

/* One after the other, as soon as it may be, until that time; how many. */
static int spend(struct governor_pace *p, int64_t cost_us, int64_t until_us,
                 int64_t *now_us)
{
    struct governor_pace_end end = { .took_us = cost_us };
    int n = 0;

    while (*now_us < until_us) {
        int64_t opens_us = governor_pace_opens_us(p, *now_us);

        if (opens_us > *now_us) {
            *now_us = opens_us;
            governor_pace_enter(p, true, *now_us);
        } else {
            governor_pace_enter(p, false, *now_us);
        }
        end.entered_us = *now_us;
        *now_us += cost_us;
        governor_pace_leave(p, &end, *now_us);
        n++;
    }
    return n;
}

/* Half a second of its time in each second, and refused as soon as it is more.
 */
static void test_pace_is_what_was_given(void)
{
    struct governor_pace p;
    int64_t now_us = SECOND;

    governor_pace_init(&p);
    (void)spend(&p, SECOND / 10, 5 * SECOND, &now_us);
    g_assert_cmpint(governor_pace_opens_us(&p, now_us), ==, now_us);
    governor_pace_refused(&p, 0, now_us + SECOND, now_us);
    /* One refusal says only that it was too much. */
    g_assert_cmpint(governor_pace_opens_us(&p, now_us), ==, now_us);
    now_us += SECOND;
    (void)spend(&p, SECOND / 10, now_us + SECOND, &now_us);
    governor_pace_refused(&p, 0, now_us + SECOND, now_us);
    g_assert_true(fabs(p.rate - 0.49) < 0.01);
    now_us += SECOND;
    /* For ten seconds, before it tries a little more. */
    g_assert_cmpint(spend(&p, SECOND / 10, now_us + 10 * SECOND, &now_us), >=,
                    47);
    g_assert_true(fabs(p.rate - 0.49) < 0.01);
}

/* Twice as long to wait is twice as deep in debt: that was not given. */
static void test_pace_reckons_with_the_depth(void)
{
    struct governor_pace p;
    int64_t now_us = SECOND;

    governor_pace_init(&p);
    (void)spend(&p, SECOND / 10, 2 * SECOND, &now_us);
    governor_pace_refused(&p, SECOND, now_us + SECOND, now_us);
    (void)spend(&p, SECOND / 10, now_us + SECOND, &now_us);
    governor_pace_refused(&p, 2 * SECOND, now_us + 2 * SECOND, now_us);
    g_assert_true(fabs(p.rate - 0.49) < 0.01);
}

static void test_pace_grows_while_it_binds(void)
{
    static const struct {
        const char *name;
        int64_t pause_us; /* of who has less to do than the pace permits */
        bool grows;
    } rows[] = {
        { "as much as it permits", 0, true },
        { "much less", SECOND, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_pace p;
        int64_t now_us = SECOND;

        governor_pace_init(&p);
        (void)spend(&p, SECOND / 10, 2 * SECOND, &now_us);
        governor_pace_refused(&p, 0, now_us, now_us);
        (void)spend(&p, SECOND / 10, now_us + SECOND, &now_us);
        governor_pace_refused(&p, 0, now_us + SECOND, now_us + SECOND);
        for (int n = 0; n < 400; n++) {
            (void)spend(&p, SECOND / 10, now_us + 1, &now_us);
            now_us += rows[i].pause_us;
        }
        CHECK_ROW(rows[i].name, (p.rate > 0.6) == rows[i].grows);
    }
}

/* A pace of 0.5, learnt from refusals that were so far from one another. */
static void learnt(struct governor_pace *p, int64_t cost_us, int64_t in_us,
                   int64_t *now_us)
{
    governor_pace_init(p);
    *now_us = SECOND;
    (void)spend(p, cost_us, 2 * SECOND, now_us);
    governor_pace_refused(p, 0, *now_us, *now_us);
    (void)spend(p, cost_us, *now_us + in_us / 2, now_us);
    *now_us += in_us / 2;
    governor_pace_refused(p, 0, *now_us, *now_us);
}

/* A step is refused in the end: it waits for answers, as well as for time. */
static void test_pace_steps_by_answers(void)
{
    static const struct {
        const char *name;
        int64_t cost_us, in_us;
        int least, most; /* answers before the first step */
    } rows[] = {
        { "ten seconds, measured in ten", SECOND / 20, 10 * SECOND, 95, 110 },
        { "few answers, measured in ten", SECOND, 10 * SECOND, 20, 24 },
        { "few answers, measured in forty", SECOND, 40 * SECOND, 40, 44 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_pace p;
        int64_t now_us;
        double rate;
        int n = 0;

        learnt(&p, rows[i].cost_us, rows[i].in_us, &now_us);
        rate = p.rate;
        while (p.rate <= rate && n < 1000)
            n += spend(&p, rows[i].cost_us, now_us + 1, &now_us);
        g_test_message("%s: %d answers", rows[i].name, n);
        CHECK_ROW(rows[i].name, n >= rows[i].least && n <= rows[i].most);
    }
}

/* Known is not enough: who asks for less is held back by something else. */
static void test_pace_binds(void)
{
    struct governor_pace p;
    int64_t now_us = SECOND;

    governor_pace_init(&p);
    (void)spend(&p, SECOND / 10, 5 * SECOND, &now_us);
    g_assert_false(governor_pace_binds(&p));
    governor_pace_refused(&p, 0, now_us, now_us);
    g_assert_false(governor_pace_binds(&p));
    learnt(&p, SECOND / 10, 10 * SECOND, &now_us);
    g_assert_true(governor_pace_binds(&p));
    for (int n = 0; n < 200; n++) {
        (void)spend(&p, SECOND / 10, now_us + 1, &now_us);
        g_assert_true(governor_pace_binds(&p));
    }
    for (int n = 0; n < 200; n++) {
        now_us += SECOND;
        (void)spend(&p, SECOND / 10, now_us + 1, &now_us);
    }
    g_assert_false(governor_pace_binds(&p));
    (void)spend(&p, SECOND / 10, now_us + 5 * SECOND, &now_us);
    g_assert_true(governor_pace_binds(&p));
}

/* What is in flight when the budget is spent is charged to it still. */
static void test_pace_waits_for_what_is_in_flight(void)
{
    struct governor_pace p;
    int64_t now_us = SECOND;

    governor_pace_init(&p);
    (void)spend(&p, SECOND / 10, 2 * SECOND, &now_us);
    governor_pace_refused(&p, 0, now_us, now_us);
    (void)spend(&p, SECOND / 10, now_us + SECOND, &now_us);
    for (int i = 0; i < 4; i++)
        governor_pace_enter(&p, false, now_us + SECOND);
    governor_pace_refused(&p, 0, now_us + SECOND, now_us + SECOND);
    g_assert_cmpint(governor_pace_opens_us(&p, now_us), >,
                    now_us + SECOND + SECOND / 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/pace/given", test_pace_is_what_was_given);
    g_test_add_func("/governor/pace/depth", test_pace_reckons_with_the_depth);
    g_test_add_func("/governor/pace/grows", test_pace_grows_while_it_binds);
    g_test_add_func("/governor/pace/answers", test_pace_steps_by_answers);
    g_test_add_func("/governor/pace/binds", test_pace_binds);
    g_test_add_func("/governor/pace/in-flight",
                    test_pace_waits_for_what_is_in_flight);
    return g_test_run();
}
