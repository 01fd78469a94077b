#include "net/governor_budget.h"

enum { EIGHT = 8 };

/* Eight are let in, a millisecond one after the other; when the last was. */
static int64_t let_eight_in(struct governor_budget *b)
{
    static const struct governor_config config = {
        .ceiling = 64,
        .start = EIGHT,
        .backoff_floor_ms = 500,
        .backoff_max_ms = 10000,
    };
    int64_t now_us = 1000;

    governor_budget_init(b, &config, now_us);
    b->window.open = EIGHT;
    for (unsigned int i = 0; i < EIGHT; i++) {
        g_assert_cmpint(governor_budget_opens_us(b, now_us), <=, now_us);
        g_assert_cmpuint(governor_budget_enter(b, false, now_us), ==, i);
        now_us += 1000;
    }
    g_assert_cmpint(governor_budget_opens_us(b, now_us), ==, INT64_MAX);
    return now_us;
}

/* Of the eight that one ends, as its number among them says. */
static void ends(struct governor_budget *b, unsigned int i,
                 const struct governor_report *report, int64_t now_us)
{
    const struct governor_end end = {
        .report = report,
        .entered_us = 1000 + 1000 * i,
        .beside = i,
        .crowded = true,
    };

    governor_budget_leave(b, &end, now_us);
}

/* With all the others at work still, or some of them answered meanwhile. */
static void test_budget_goes_on_with_as_many_as_were_taken(void)
{
    static const struct governor_report fine = { .items = 1 };
    static const struct governor_report refused = { .outcome = GOVERNOR_BUSY,
                                                    .too_many = true };

    for (unsigned int answered = 0; answered <= 4; answered++) {
        struct governor_budget b;
        int64_t now_us = let_eight_in(&b);

        ends(&b, 4, &refused, now_us);
        for (unsigned int i = 0; i < answered; i++) {
            ends(&b, i, &fine, now_us);
            /* Whoever takes the place says nothing about those before it. */
            if (governor_budget_opens_us(&b, now_us) <= now_us)
                (void)governor_budget_enter(&b, false, now_us);
        }
        for (unsigned int i = 5; i < EIGHT; i++)
            ends(&b, i, &refused, now_us);
        g_assert_cmpuint(b.window.limit, ==, 4);
        g_assert_cmpuint(b.window.patience, ==, 0);
        g_assert_false(governor_backoff_is_parked(&b.backoff, now_us));
    }
}

/* Nobody is left whose end would make a place. */
static void test_budget_is_parked_when_all_are_too_many(void)
{
    static const struct governor_report refused = { .outcome = GOVERNOR_BUSY,
                                                    .too_many = true };
    struct governor_budget b;
    int64_t now_us = let_eight_in(&b);

    for (unsigned int i = 0; i < EIGHT; i++)
        ends(&b, i, &refused, now_us);
    g_assert_cmpuint(b.window.limit, ==, 1);
    g_assert_cmpint(governor_budget_opens_us(&b, now_us), >=,
                    now_us + 500 * 1000);
}

/* Busy for whatever reason is no matter of places. */
static void test_budget_is_parked_without_a_word(void)
{
    static const struct governor_report busy = { .outcome = GOVERNOR_BUSY };
    struct governor_budget b;
    int64_t now_us = let_eight_in(&b);

    ends(&b, 7, &busy, now_us);
    g_assert_true(governor_backoff_is_parked(&b.backoff, now_us));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/budget/counted",
                    test_budget_goes_on_with_as_many_as_were_taken);
    g_test_add_func("/governor/budget/all-refused",
                    test_budget_is_parked_when_all_are_too_many);
    g_test_add_func("/governor/budget/no-word",
                    test_budget_is_parked_without_a_word);
    return g_test_run();
}
