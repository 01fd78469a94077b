/* Whole servers are in governor_model_test.c. */
#include "net/governor_window.h"

#include "base/check.h"

static void answer(struct governor_window *w, uint64_t bytes,
                   int64_t latency_us, int64_t now_us)
{
    const struct governor_answer a = { .bytes = bytes,
                                       .latency_us = latency_us,
                                       .crowded = true };

    governor_window_ok(w, &a, now_us);
}

/* Answers of a server that gives each place the same. */
static void serve(struct governor_window *w, int n, int64_t *now_us)
{
    for (int i = 0; i < n; i++)
        answer(w, 100000, 100000, *now_us += 100000 / w->limit);
}

static void refuse(struct governor_window *w, unsigned int beside,
                   unsigned int in_flight, bool news, int64_t now_us)
{
    const struct governor_refusal r = { .beside = beside,
                                        .in_flight = in_flight,
                                        .news = news };

    governor_window_refused(w, &r, now_us);
}

static void test_window_begins(void)
{
    static const struct {
        const char *name;
        unsigned int ceiling, start, limit, places;
    } rows[] = {
        { "four, opened one by one", 64, 0, 4, 2 },
        { "as asked for", 64, 8, 8, 2 },
        { "one", 64, 1, 1, 1 },
        { "never over the ceiling", 4, 32, 4, 2 },
        { "a ceiling of one", 1, 0, 1, 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_window w;

        governor_window_init(&w, rows[i].ceiling, rows[i].start, 1);
        CHECK_ROW(rows[i].name, w.limit == rows[i].limit);
        CHECK_ROW(rows[i].name, governor_window_places(&w) == rows[i].places);
        answer(&w, 1000, 1000, 2);
        CHECK_ROW(rows[i].name, governor_window_places(&w) ==
                                    MIN(rows[i].places + 1, w.limit));
    }
}

static void test_window_grows_to_the_ceiling(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, 0, now_us);
    serve(&w, 200, &now_us);
    g_assert_cmpuint(w.limit, ==, 8);
}

/* A server that works at one at a time today may work at more tomorrow. */
static void test_window_leaves_one_again(void)
{
    static const unsigned int starts[] = { 1, 4 };

    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++) {
        struct governor_window w;
        int64_t now_us = 1;

        governor_window_init(&w, 8, starts[i], now_us);
        for (int n = 0; n < 400 || w.limit > 1; n++) {
            answer(&w, 100000, 100000 * w.limit, now_us += 100000);
            g_assert_cmpint(n, <, 4000);
        }
        serve(&w, 4000, &now_us);
        g_assert_cmpuint(w.limit, >=, 6); /* 6: it tries fewer just now */
    }
}

/* Large requests take longer than small ones: that is not congestion. */
static void test_window_compares_like_with_like(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, 0, now_us);
    for (int i = 0; i < 4000; i++) {
        bool large = i / 500 % 2 == 1; /* a phase of each */

        now_us += (large ? 200000 : 2000) / w.limit;
        answer(&w, large ? 5000000 : 50000, large ? 1000000 : 10000, now_us);
    }
    g_assert_cmpuint(w.limit, >=, 6); /* 6: it tries fewer just now */
}

/* Of eight in flight that many are refused, one after the other. */
static void test_window_takes_as_many_as_were_taken(void)
{
    for (unsigned int refused = 1; refused <= 8; refused++) {
        struct governor_window w;
        int64_t now_us = 1;

        governor_window_init(&w, 8, 8, now_us);
        serve(&w, 100, &now_us);
        g_assert_cmpuint(w.limit, ==, 8);
        for (unsigned int i = 0; i < refused; i++)
            refuse(&w, 8 - refused + i, 7 - i, i == 0, now_us);
        g_assert_cmpuint(w.limit, ==, MAX(8 - refused, 1));
        /* Those that were taken are answered well, and open no place more. */
        serve(&w, (int)(8 - refused), &now_us);
        g_assert_cmpuint(w.limit, ==, MAX(8 - refused, 1));
    }
}

/* Refused again at once, with all of the others answered well. */
static void test_window_shrinks_under_an_overload(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 16, 16, now_us);
    serve(&w, 100, &now_us);
    for (unsigned int before = w.limit; before > 1; before = w.limit) {
        refuse(&w, w.limit, w.limit, true, now_us += 1000000);
        if (before < 16)
            g_assert_cmpuint(w.limit, <, before);
        serve(&w, 1, &now_us);
        g_assert_cmpint(now_us, <, 60000000);
    }
}

/* What was refused is asked again after a while, and later each time. */
static void test_window_asks_again_later(void)
{
    int64_t before_us = 0;
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 16, 4, now_us);
    for (int i = 0; i < 4; i++) {
        int64_t refused_us = now_us;

        refuse(&w, 4, 4, true, now_us);
        g_assert_cmpuint(w.limit, ==, 4);
        while (w.limit <= 4)
            serve(&w, 1, &now_us);
        g_assert_cmpuint(w.limit, ==, 5);
        if (before_us > 0)
            g_assert_cmpint(now_us - refused_us, >, before_us / 2 * 3);
        before_us = now_us - refused_us;
    }
}

static void test_window_stays_while_nobody_waits(void)
{
    const struct governor_answer alone = { .bytes = 1000 };
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, 0, now_us);
    for (int i = 0; i < 1000; i++)
        governor_window_ok(&w, &alone, now_us += 1000 / w.limit);
    g_assert_cmpuint(w.limit, ==, 4);
}

/* A pause for the sake of the account says nothing about the number. */
static void test_window_keeps_its_size_over_a_pause(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, 8, now_us);
    serve(&w, 100, &now_us);
    governor_window_paused(&w, 1, now_us);
    g_assert_cmpuint(w.limit, ==, 8);
    g_assert_cmpuint(governor_window_places(&w), ==, 1);
    serve(&w, 7, &now_us);
    g_assert_cmpuint(governor_window_places(&w), ==, 8);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/window/begins", test_window_begins);
    g_test_add_func("/governor/window/ceiling",
                    test_window_grows_to_the_ceiling);
    g_test_add_func("/governor/window/leaves-one",
                    test_window_leaves_one_again);
    g_test_add_func("/governor/window/refused",
                    test_window_takes_as_many_as_were_taken);
    g_test_add_func("/governor/window/overload",
                    test_window_shrinks_under_an_overload);
    g_test_add_func("/governor/window/later", test_window_asks_again_later);
    g_test_add_func("/governor/window/paused",
                    test_window_keeps_its_size_over_a_pause);
    g_test_add_func("/governor/window/like-with-like",
                    test_window_compares_like_with_like);
    g_test_add_func("/governor/window/idle",
                    test_window_stays_while_nobody_waits);
    return g_test_run();
}
