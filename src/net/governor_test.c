#include "net/governor.h"

#include <math.h>
#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "net/governor_backoff.h"
#include "net/governor_budget.h"
#include "net/governor_pace.h"
#include "net/governor_quiet.h"
#include "net/governor_window.h"

/* ---- the window alone (governor_model_test.c has whole servers) ------- */

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

/* ---- the pace alone -------------------------------------------------- */

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

/*
 * Half a second of its time in each second, and refused as soon as it is more.
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

/* ---- the back-off alone ---------------------------------------------- */

static void test_backoff_waits(void)
{
    static const struct {
        const char *name;
        uint32_t wait_ms;
        double chance;
        int64_t want_ms;
    } rows[] = {
        { "the server's word", 3000, 0, 3000 },
        { "the server's word, a little later", 3000, 1, 3100 },
        { "a word below the floor", 1, 0, 100 },
        { "longer than our own most", 900000, 0, 900000 },
        { "no word", 0, 0, 100 },
        { "no word, full jitter", 0, 1, 200 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_backoff b;
        const int64_t now = 5000000;
        int64_t end = now + rows[i].want_ms * 1000;

        governor_backoff_init(&b, 100, 10000);
        g_assert_false(governor_backoff_is_parked(&b, now));
        g_assert_true(
            governor_backoff_busy(&b, rows[i].wait_ms, rows[i].chance, now));
        CHECK_ROW(rows[i].name, governor_backoff_is_parked(&b, end - 1));
        CHECK_ROW(rows[i].name, !governor_backoff_is_parked(&b, end));
    }
}

/* Refused again and again, each time when the last park is just over. */
static void test_backoff_grows_and_forgets(void)
{
    static const int64_t want_ms[] = { 200,  300,  500,   900,   1700,
                                       3300, 6500, 10100, 10100, 10100 };
    struct governor_backoff b;
    int64_t now = 1;

    governor_backoff_init(&b, 100, 10000);
    for (size_t i = 0; i < G_N_ELEMENTS(want_ms); i++) {
        governor_backoff_busy(&b, 0, 1, now);
        g_assert_cmpint(b.until_us - now, ==, want_ms[i] * 1000);
        now = b.until_us;
    }
    /* What was let in before the refusal does not end the growth. */
    governor_backoff_ok(&b, now - 1);
    governor_backoff_busy(&b, 0, 1, now);
    g_assert_cmpint(b.until_us - now, ==, 10100 * 1000);
    now = b.until_us;
    governor_backoff_ok(&b, now);
    governor_backoff_busy(&b, 0, 1, now);
    g_assert_cmpint(b.until_us - now, ==, 200 * 1000);
}

/* Eight in flight are refused at once: that is one refusal, not eight. */
static void test_backoff_counts_a_volley_once(void)
{
    struct governor_backoff b;

    governor_backoff_init(&b, 100, 10000);
    g_assert_true(governor_backoff_busy(&b, 0, 1, 1000));
    for (int i = 0; i < 7; i++)
        g_assert_false(governor_backoff_busy(&b, 0, 1, 1000));
    g_assert_cmpint(b.until_us, <=, 1000 + 300 * 1000);
    /* But the longest word counts, and a shorter one takes nothing back. */
    g_assert_false(governor_backoff_busy(&b, 5000, 0, 2000));
    g_assert_false(governor_backoff_busy(&b, 10, 0, 3000));
    g_assert_cmpint(b.until_us, ==, 2000 + 5000 * 1000);
}

static void test_backoff_sums_up(void)
{
    struct governor_backoff b;

    governor_backoff_init(&b, 100, 10000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 77), ==, 0);
    governor_backoff_busy(&b, 200, 0, 1000000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 1000000), ==, 0);
    g_assert_cmpint(governor_backoff_parked_us(&b, 1050000), ==, 50000);
    governor_backoff_busy(&b, 300, 0, 1100000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 9000000), ==, 400000);
    governor_backoff_busy(&b, 100, 0, 10000000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 10050000), ==, 450000);
    g_assert_cmpint(governor_backoff_parked_us(&b, 11000000), ==, 500000);
}

/* ---- a budget, with all of them --------------------------------------- */

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

/* ---- the governor itself, by many threads --------------------------- */

/* A request of a mailbox that is alone. */
static struct governor_request asking(const char *host, const char *budget,
                                      struct cancel *c)
{
    return (struct governor_request){
        .host = host,
        .budget = budget,
        .mailbox = "",
        .cancel = c,
        .until = c != NULL ? CANCEL_DRAIN : CANCEL_NOW,
    };
}

static int come(struct governor *g, const char *host, const char *budget,
                struct governor_ticket *ret, struct err *err)
{
    const struct governor_request r = asking(host, budget, NULL);

    return governor_enter(g, &r, ret, err);
}

static int come_until(struct governor *g, struct cancel *c,
                      struct governor_ticket *ret, struct err *err)
{
    const struct governor_request r = asking("h", "b", c);

    return governor_enter(g, &r, ret, err);
}

struct crowd {
    struct governor *governor;
    const char *host;
    const char *budget;
    pthread_mutex_t lock;
    unsigned int inside, most, served;
    unsigned int busy_every; /* answer busy to each n-th; 0: never */
};

enum { THREADS = 12, ROUNDS = 40 };

static void enter(struct crowd *c, struct governor_ticket *ticket)
{
    struct err err;

    CHECK_OK(come(c->governor, c->host, c->budget, ticket, &err), &err);
    pthread_mutex_lock(&c->lock);
    c->inside++;
    c->most = MAX(c->most, c->inside);
    pthread_mutex_unlock(&c->lock);
}

static void leave(struct crowd *c, struct governor_ticket *ticket)
{
    struct governor_report report = { .bytes = 1000, .latency_us = 100 };

    pthread_mutex_lock(&c->lock);
    c->inside--;
    c->served++;
    if (c->busy_every != 0 && c->served % c->busy_every == 0)
        report =
            (struct governor_report){ .outcome = GOVERNOR_BUSY, .wait_ms = 30 };
    pthread_mutex_unlock(&c->lock);
    governor_leave(ticket, &report);
}

static void *visit(void *data)
{
    struct crowd *c = data;

    for (int i = 0; i < ROUNDS; i++) {
        struct governor_ticket ticket;

        enter(c, &ticket);
        g_thread_yield();
        leave(c, &ticket);
    }
    return NULL;
}

static void let_in(struct crowd *c)
{
    pthread_t threads[THREADS];

    pthread_mutex_init(&c->lock, NULL);
    for (int i = 0; i < THREADS; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, visit, c), ==, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&c->lock);
    g_assert_cmpuint(c->inside, ==, 0);
    g_assert_cmpuint(c->served, ==, THREADS * ROUNDS);
}

static void test_never_over_the_ceiling(void)
{
    static const struct governor_config config = { .ceiling = 3 };
    g_autoptr(governor) g = governor_new(&config);
    struct crowd c = { .governor = g, .host = "h", .budget = "b" };
    struct governor_stats stats;

    let_in(&c);
    g_assert_cmpuint(c.most, <=, 3);
    governor_stats(g, "h", &stats);
    g_assert_cmpuint(stats.requests, ==, THREADS * ROUNDS);
    g_assert_cmpuint(stats.in_flight, ==, 0);
    g_assert_cmpuint(stats.in_flight_max, <=, 3);
    governor_stats(g, "another", &stats);
    g_assert_cmpuint(stats.requests, ==, 0);
}

static void *let_in_thread(void *data)
{
    let_in(data);
    return NULL;
}

/* Two budgets of one host, whose cap is less than both may have. */
static void test_host_cap(void)
{
    static const struct governor_config config = { .ceiling = 8,
                                                   .host_cap = 2 };
    g_autoptr(governor) g = governor_new(&config);
    struct crowd one = { .governor = g, .host = "h", .budget = "1" };
    struct crowd two = { .governor = g, .host = "h", .budget = "2" };
    struct governor_stats stats;
    pthread_t thread;

    g_assert_cmpint(pthread_create(&thread, NULL, let_in_thread, &two), ==, 0);
    let_in(&one);
    pthread_join(thread, NULL);
    governor_stats(g, "h", &stats);
    g_assert_cmpuint(stats.in_flight_max, <=, 2);
    g_assert_cmpuint(stats.requests, ==, 2 * THREADS * ROUNDS);
}

static void test_parked_until_the_back_off_is_over(void)
{
    static const struct governor_config config = { .backoff_floor_ms = 20 };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_ticket first, second;
    struct governor_report busy = { .outcome = GOVERNOR_BUSY, .wait_ms = 60 };
    struct governor_report fine = { .outcome = GOVERNOR_OK };
    struct governor_stats stats;
    int64_t told_us;
    struct err err;

    CHECK_OK(come(g, "h", "b", &first, &err), &err);
    told_us = timestamp_monotonic();
    governor_leave(&first, &busy);
    CHECK_OK(come(g, "h", "b", &second, &err), &err);
    /* The promise is a least, so a slow machine cannot break the test. */
    g_assert_cmpint(timestamp_monotonic() - told_us, >=, 60 * 1000);
    g_assert_cmpint(second.waited_us, <=, timestamp_monotonic() - told_us);
    governor_leave(&second, &fine);
    governor_stats(g, "h", &stats);
    g_assert_cmpuint(stats.busy, ==, 1);
    g_assert_cmpint(stats.throttled_us, <=, second.waited_us);
}

/* A BackOffMilliseconds of 0 is a word that one cannot live by. */
static void test_back_off_has_a_floor(void)
{
    static const struct governor_config config = { .backoff_floor_ms = 40 };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_report busy = { .outcome = GOVERNOR_BUSY, .wait_ms = 0 };
    struct governor_report fine = { .outcome = GOVERNOR_OK };
    struct governor_ticket ticket;
    int64_t told_us;
    struct err err;

    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    told_us = timestamp_monotonic();
    governor_leave(&ticket, &busy);
    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    g_assert_cmpint(timestamp_monotonic() - told_us, >=, 40 * 1000);
    governor_leave(&ticket, &fine);
}

/* Another mailbox's back-off is not ours. */
static void test_budgets_are_apart(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_report busy = { .outcome = GOVERNOR_BUSY,
                                    .wait_ms = 600000 };
    struct governor_report fine = { .outcome = GOVERNOR_OK };
    struct governor_ticket ticket;
    struct governor_stats stats;
    struct err err;

    CHECK_OK(come(g, "h", "a", &ticket, &err), &err);
    governor_leave(&ticket, &busy);
    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    governor_stats(g, "h", &stats);
    g_assert_cmpint(stats.throttled_us, ==, 0);
    governor_leave(&ticket, &fine);
}

/* A host of its own start; who is not in use does not count. */
static void test_places(void)
{
    static const struct governor_config config = { .host_cap = 6 };
    static const char *const budgets[] = { "a", "b", "c" };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_report fine = { .outcome = GOVERNOR_OK };
    struct governor_ticket tickets[2][3];
    struct err err;

    governor_set_start(g, "slow", 1);
    g_assert_cmpuint(governor_places(g, "slow"), ==, 0);
    for (unsigned int i = 0; i < 3; i++) {
        CHECK_OK(come(g, "slow", budgets[i], &tickets[0][i], &err), &err);
        CHECK_OK(come(g, "usual", budgets[i], &tickets[1][i], &err), &err);
        g_assert_cmpuint(governor_places(g, "slow"), ==, i + 1);
    }
    g_assert_cmpuint(governor_places(g, "usual"), ==, 6); /* the cap */
    for (unsigned int i = 0; i < 3; i++)
        for (unsigned int k = 0; k < 2; k++)
            governor_leave(&tickets[k][i], &fine);
    g_assert_cmpuint(governor_places(g, "usual"), ==, 0);
}

static void test_everybody_gets_through_a_busy_server(void)
{
    static const struct governor_config config = { .backoff_floor_ms = 20 };
    g_autoptr(governor) g = governor_new(&config);
    struct crowd c = {
        .governor = g,
        .host = "h",
        .budget = "b",
        .busy_every = 60,
    };

    let_in(&c);
}

/* ---- one after the other --------------------------------------------- */

struct queue {
    struct governor *governor;
    struct governor_report report; /* what each leaves behind */
    pthread_mutex_t lock;
    int order[5]; /* numbers, as they were let in */
    size_t n;
};

struct person {
    struct queue *queue;
    int number;
    const char *budget, *mailbox;
};

static void *stand_in_line(void *data)
{
    const struct person *p = data;
    struct queue *q = p->queue;
    const struct governor_request request = {
        .host = "h",
        .budget = p->budget,
        .mailbox = p->mailbox,
        .until = CANCEL_NOW,
    };
    struct governor_ticket ticket;
    struct err err;

    CHECK_OK(governor_enter(q->governor, &request, &ticket, &err), &err);
    pthread_mutex_lock(&q->lock);
    q->order[q->n++] = p->number;
    pthread_mutex_unlock(&q->lock);
    governor_leave(&ticket, &q->report);
    return NULL;
}

static void wait_for_line(struct governor *g, unsigned int n)
{
    struct governor_stats stats;

    do {
        g_thread_yield();
        governor_stats(g, "h", &stats);
    } while (stats.waiting != n);
}

enum { FIVE = 5 };

/* Who stands in line, and in which order they are let in. */
struct line {
    const char *budgets[FIVE], *mailboxes[FIVE];
    int order[FIVE];
};

/* Five stand behind one who is inside; then that one leaves. */
static void check_line(const struct line *line, unsigned int host_cap,
                       struct governor_report report)
{
    const struct governor_config config = {
        .ceiling = 1,
        .host_cap = host_cap,
        .backoff_floor_ms = 5,
    };
    g_autoptr(governor) g = governor_new(&config);
    struct queue q = { .governor = g, .report = report };
    struct person people[FIVE];
    pthread_t threads[FIVE];
    struct governor_ticket inside;
    struct err err;

    pthread_mutex_init(&q.lock, NULL);
    CHECK_OK(come(g, "h", "b", &inside, &err), &err);
    for (unsigned int i = 0; i < FIVE; i++) {
        people[i] =
            (struct person){ &q, (int)i, line->budgets[i], line->mailboxes[i] };
        g_assert_cmpint(
            pthread_create(&threads[i], NULL, stand_in_line, &people[i]), ==,
            0);
        wait_for_line(g, i + 1);
    }
    governor_leave(&inside, &report);
    for (size_t i = 0; i < FIVE; i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpuint(q.n, ==, FIVE);
    for (size_t i = 0; i < FIVE; i++)
        g_assert_cmpint(q.order[i], ==, line->order[i]);
    wait_for_line(g, 0);
    pthread_mutex_destroy(&q.lock);
}

static const struct line one_mailbox = {
    .budgets = { "b", "b", "b", "b", "b" },
    .mailboxes = { "x", "x", "x", "x", "x" },
    .order = { 0, 1, 2, 3, 4 },
};

static void test_first_come_first_served(void)
{
    check_line(&one_mailbox, 0,
               (struct governor_report){ .outcome = GOVERNOR_OK });
    check_line(&one_mailbox, 0,
               (struct governor_report){ .outcome = GOVERNOR_LOST });
}

/* Those who wait already must hear of a back-off that begins, and its end. */
static void test_a_back_off_begins_while_they_wait(void)
{
    check_line(
        &one_mailbox, 0,
        (struct governor_report){ .outcome = GOVERNOR_BUSY, .wait_ms = 5 });
}

/* Before a budget that they share, and before a host's last place. */
static void test_mailboxes_take_turns(void)
{
    static const struct line one_budget = {
        .budgets = { "b", "b", "b", "b", "b" },
        .mailboxes = { "x", "x", "x", "y", "z" },
        .order = { 0, 3, 4, 1, 2 },
    };
    static const struct line budgets_of_their_own = {
        .budgets = { "x", "x", "x", "y", "z" },
        .mailboxes = { "x", "x", "x", "y", "z" },
        .order = { 0, 3, 4, 1, 2 },
    };
    const struct governor_report fine = { .outcome = GOVERNOR_OK };

    check_line(&one_budget, 0, fine);
    check_line(&budgets_of_their_own, 1, fine);
}

struct caller {
    struct governor *governor;
    struct cancel *cancel;
};

/* As soon as somebody waits. */
static void *request_cancel(void *data)
{
    const struct caller *c = data;

    wait_for_line(c->governor, 1);
    cancel_request(c->cancel);
    return NULL;
}

static void test_cancel_wakes(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(governor) g = governor_new(&config);
    g_autoptr(cancel) c = cancel_new();
    struct governor_report busy = { .outcome = GOVERNOR_BUSY,
                                    .wait_ms = 600000 };
    struct caller caller = { g, c };
    struct governor_ticket ticket;
    pthread_t thread;
    struct err err;

    CHECK_OK(come_until(g, c, &ticket, &err), &err);
    governor_leave(&ticket, &busy);
    g_assert_cmpint(pthread_create(&thread, NULL, request_cancel, &caller), ==,
                    0);
    g_assert_cmpint(come_until(g, c, &ticket, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    pthread_join(thread, NULL);
}

/* ---- what is held up ------------------------------------------------- */

static const struct governor_report long_back_off = { .outcome = GOVERNOR_BUSY,
                                                      .wait_ms = 600000 };

static int64_t throttled_us(struct governor *g, struct governor_tally *t)
{
    struct governor_held held;

    governor_held(g, "h", t, &held);
    return held.throttled_us;
}

/* As it goes on; how much it is then. */
static int64_t wait_for_more(struct governor *g, struct governor_tally *t,
                             int64_t than_us)
{
    int64_t us;

    do {
        g_thread_yield();
        us = throttled_us(g, t);
    } while (us <= than_us);
    return us;
}

/* Asked twice, and of the host: nothing goes on any more. */
static void assert_over(struct governor *g, struct governor_tally *t)
{
    struct governor_stats stats;
    int64_t us = throttled_us(g, t);

    governor_stats(g, "h", &stats);
    g_assert_cmpint(stats.throttled_us, ==, us);
    g_assert_cmpint(throttled_us(g, t), ==, us);
}

struct in_vain {
    struct governor *governor;
    struct governor_tally *tally;
    struct cancel *cancel;
};

static void *ask_in_vain(void *data)
{
    const struct in_vain *v = data;
    struct governor_request r = asking("h", "b", v->cancel);
    struct governor_ticket ticket;
    struct err err;

    r.tally = v->tally;
    g_assert_cmpint(governor_enter(v->governor, &r, &ticket, &err), ==, -1);
    return NULL;
}

static void test_waits_are_seen_while_they_go_on(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(governor) g = governor_new(&config);
    g_autoptr(cancel) c = cancel_new();
    struct governor_tally tally = { 0 };
    struct in_vain v = { g, &tally, c };
    struct governor_ticket ticket;
    pthread_t threads[2];
    int64_t parked_us, asked_us, us;
    struct err err;

    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    parked_us = timestamp_monotonic();
    governor_leave(&ticket, &long_back_off);
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, ask_in_vain, &v), ==,
                        0);
    us = wait_for_more(g, &tally, wait_for_more(g, &tally, 0));
    asked_us = timestamp_monotonic();
    g_assert_cmpint(us, <=, 2 * (asked_us - parked_us));
    /* What nobody looks at is counted as well. */
    g_usleep(2000);
    us += timestamp_monotonic() - asked_us;
    cancel_request(c);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpint(throttled_us(g, &tally), >=, us);
    assert_over(g, &tally);
    governor_tally_end(g, &tally);
}

/* Who asked does not come again before the time, and waits all the same. */
static void test_who_was_refused_is_held_up(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_tally tally = { 0 }, another = { 0 };
    struct governor_request r = asking("h", "b", NULL);
    struct governor_ticket ticket;
    struct governor_stats stats;
    struct err err;

    r.tally = &tally;
    CHECK_OK(governor_enter(g, &r, &ticket, &err), &err);
    governor_leave(&ticket, &long_back_off);
    (void)wait_for_more(g, &tally, wait_for_more(g, &tally, 0));
    governor_stats(g, "h", &stats);
    g_assert_cmpuint(stats.waiting, ==, 0);
    g_assert_cmpint(throttled_us(g, &another), ==, 0);
    /* It is not wanted any more. */
    governor_tally_end(g, &tally);
    assert_over(g, &tally);
}

/* ---- quiet hours ------------------------------------------------------ */

#define S TIMESTAMP_SECOND

static int64_t at(const char *text)
{
    int64_t us = TIMESTAMP_NONE;

    if (!timestamp_parse(text, &us))
        g_error("no time: %s", text);
    return us;
}

static struct hours *hours_of(const char *text)
{
    struct hours *h = NULL;
    struct err err;

    CHECK_OK(hours_parse(text, &h, &err), &err);
    return h;
}

/* The monotonic clock stands at 1000 s when the other one shows 07:59:50. */
static void test_quiet_by_the_clock(void)
{
    g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
    int64_t wall_us = at("2026-11-23T07:59:50Z"), now_us = 1000 * S;
    struct governor_quiet q = { 0 };
    int64_t opens_us;

    g_assert_false(governor_quiet_is_due(&q, now_us));
    governor_quiet_set(&q, h);
    g_assert_true(governor_quiet_is_due(&q, now_us));
    governor_quiet_look(&q, now_us, wall_us);
    g_assert_false(governor_quiet_is_due(&q, now_us + 10 * S - 1));
    g_assert_cmpint(governor_quiet_opens_us(&q, now_us + S), ==, now_us + S);
    /* It begins on time; who waits looks again, and sleeps on. */
    g_assert_true(governor_quiet_is_due(&q, now_us + 10 * S));
    governor_quiet_look(&q, now_us + 10 * S, wall_us + 10 * S);
    opens_us = governor_quiet_opens_us(&q, now_us + 10 * S);
    g_assert_cmpint(opens_us, >, now_us + 10 * S);
    g_assert_cmpint(opens_us, <, now_us + 60 * S);
    g_assert_cmpint(q.ends_us, ==, at("2026-11-23T18:00:00Z"));
    g_assert_cmpint(governor_quiet_sum_us(&q, now_us + 15 * S), ==, 5 * S);
    /* Not looked at for a day: what lay in it is known all the same. */
    governor_quiet_look(&q, now_us + 86410 * S, wall_us + 86410 * S);
    g_assert_cmpint(governor_quiet_sum_us(&q, now_us + 86410 * S), ==,
                    36000 * S);
}

static void test_quiet_ends_on_time(void)
{
    g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
    struct governor_quiet q = { 0 };

    governor_quiet_set(&q, h);
    governor_quiet_look(&q, 1000 * S, at("2026-11-23T17:59:57Z"));
    g_assert_cmpint(governor_quiet_opens_us(&q, 1001 * S), ==, 1003 * S);
    g_assert_true(governor_quiet_is_due(&q, 1003 * S));
    governor_quiet_look(&q, 1003 * S, at("2026-11-23T18:00:00Z"));
    g_assert_cmpint(governor_quiet_opens_us(&q, 1003 * S), ==, 1003 * S);
    g_assert_cmpint(governor_quiet_sum_us(&q, 1100 * S), ==, 3 * S);
}

/* Somebody sets the clock, by an hour or a year, either way. */
static void test_quiet_when_the_clock_jumps(void)
{
    static const struct {
        const char *name, *from, *to;
        bool quiet;
    } rows[] = {
        { "out of them", "2026-11-23T17:30:00Z", "2026-11-23T18:30:00Z",
          false },
        { "back out of them", "2026-11-23T08:30:00Z", "2026-11-23T07:30:00Z",
          false },
        { "into them", "2026-11-23T07:30:00Z", "2026-11-23T08:30:00Z", true },
        { "a year on", "2026-11-23T09:00:00Z", "2027-11-23T19:00:00Z", false },
        { "a year back", "2026-11-23T19:00:00Z", "2025-11-23T09:00:00Z", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(hours) h = hours_of("08:00-18:00 UTC");
        struct governor_quiet q = { 0 };
        int64_t now_us = 1000 * S;

        governor_quiet_set(&q, h);
        governor_quiet_look(&q, now_us, at(rows[i].from));
        CHECK_ROW(rows[i].name, q.again_us <= now_us + 60 * S);
        now_us = q.again_us;
        governor_quiet_look(&q, now_us, at(rows[i].to));
        CHECK_ROW(rows[i].name, (governor_quiet_opens_us(&q, now_us) >
                                 now_us) == rows[i].quiet);
        CHECK_ROW(rows[i].name, q.again_us > now_us);
        CHECK_ROW(rows[i].name, governor_quiet_sum_us(&q, now_us) >= 0);
        CHECK_ROW(rows[i].name, governor_quiet_sum_us(&q, now_us) <= 60 * S);
    }
}

/* Quiet since an hour ago, and until some seconds from now. */
static struct hours *hours_around_now(int seconds)
{
    int64_t now_s = timestamp_now() / S;
    g_autofree char *from = timestamp_format((now_s - 3600) * S);
    g_autofree char *to = timestamp_format((now_s + seconds) * S);
    g_autofree char *text = g_strdup_printf(
        "%.8s-%.8s UTC", strchr(from, 'T') + 1, strchr(to, 'T') + 1);

    return hours_of(text);
}

static void test_quiet_host_waits(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(hours) h = hours_around_now(2);
    g_autoptr(governor) g = governor_new(&config);
    struct governor_report fine = { .outcome = GOVERNOR_OK };
    int64_t end_us = hours_change(h, timestamp_now());
    struct governor_ticket ticket, other;
    struct governor_stats stats;
    struct err err;

    /* What is in flight when they begin is none of their business. */
    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    governor_set_quiet(g, "h", h);
    governor_leave(&ticket, &fine);
    CHECK_OK(come(g, "other", "b", &other, &err), &err);
    governor_leave(&other, &fine);
    governor_stats(g, "other", &stats);
    g_assert_cmpint(stats.quiet_us, ==, 0);
    CHECK_OK(come(g, "h", "b", &ticket, &err), &err);
    g_assert_cmpint(timestamp_now(), >=, end_us);
    governor_stats(g, "h", &stats);
    g_assert_cmpint(stats.quiet_until_us, ==, 0);
    g_assert_cmpint(stats.throttled_us, ==, 0);
    governor_leave(&ticket, &fine);
}

static void test_cancel_ends_quiet(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(hours) h = hours_around_now(3000);
    g_autoptr(governor) g = governor_new(&config);
    g_autoptr(cancel) c = cancel_new();
    struct caller caller = { g, c };
    struct governor_ticket ticket;
    struct governor_stats stats;
    pthread_t thread;
    struct err err;

    governor_set_quiet(g, "h", h);
    governor_stats(g, "h", &stats);
    g_assert_cmpint(stats.quiet_until_us, ==, hours_change(h, timestamp_now()));
    g_assert_cmpint(pthread_create(&thread, NULL, request_cancel, &caller), ==,
                    0);
    g_assert_cmpint(come_until(g, c, &ticket, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/window/begins", test_window_begins);
    g_test_add_func("/governor/window/ceiling",
                    test_window_grows_to_the_ceiling);
    g_test_add_func("/governor/window/refused",
                    test_window_takes_as_many_as_were_taken);
    g_test_add_func("/governor/window/overload",
                    test_window_shrinks_under_an_overload);
    g_test_add_func("/governor/window/later", test_window_asks_again_later);
    g_test_add_func("/governor/window/paused",
                    test_window_keeps_its_size_over_a_pause);
    g_test_add_func("/governor/pace/given", test_pace_is_what_was_given);
    g_test_add_func("/governor/pace/depth", test_pace_reckons_with_the_depth);
    g_test_add_func("/governor/pace/grows", test_pace_grows_while_it_binds);
    g_test_add_func("/governor/pace/in-flight",
                    test_pace_waits_for_what_is_in_flight);
    g_test_add_func("/governor/window/like-with-like",
                    test_window_compares_like_with_like);
    g_test_add_func("/governor/backoff/waits", test_backoff_waits);
    g_test_add_func("/governor/backoff/grows", test_backoff_grows_and_forgets);
    g_test_add_func("/governor/backoff/volley",
                    test_backoff_counts_a_volley_once);
    g_test_add_func("/governor/backoff/sum", test_backoff_sums_up);
    g_test_add_func("/governor/budget/counted",
                    test_budget_goes_on_with_as_many_as_were_taken);
    g_test_add_func("/governor/budget/all-refused",
                    test_budget_is_parked_when_all_are_too_many);
    g_test_add_func("/governor/budget/no-word",
                    test_budget_is_parked_without_a_word);
    g_test_add_func("/governor/window/idle",
                    test_window_stays_while_nobody_waits);
    g_test_add_func("/governor/ceiling", test_never_over_the_ceiling);
    g_test_add_func("/governor/host-cap", test_host_cap);
    g_test_add_func("/governor/parked", test_parked_until_the_back_off_is_over);
    g_test_add_func("/governor/floor", test_back_off_has_a_floor);
    g_test_add_func("/governor/budgets-apart", test_budgets_are_apart);
    g_test_add_func("/governor/places", test_places);
    g_test_add_func("/governor/busy-server",
                    test_everybody_gets_through_a_busy_server);
    g_test_add_func("/governor/first-come", test_first_come_first_served);
    g_test_add_func("/governor/turns", test_mailboxes_take_turns);
    g_test_add_func("/governor/back-off-begins",
                    test_a_back_off_begins_while_they_wait);
    g_test_add_func("/governor/cancel", test_cancel_wakes);
    g_test_add_func("/governor/held/goes-on",
                    test_waits_are_seen_while_they_go_on);
    g_test_add_func("/governor/held/refused", test_who_was_refused_is_held_up);
    g_test_add_func("/governor/quiet/clock", test_quiet_by_the_clock);
    g_test_add_func("/governor/quiet/end", test_quiet_ends_on_time);
    g_test_add_func("/governor/quiet/jumps", test_quiet_when_the_clock_jumps);
    g_test_add_func("/governor/quiet/host", test_quiet_host_waits);
    g_test_add_func("/governor/quiet/cancel", test_cancel_ends_quiet);
    return g_test_run();
}
