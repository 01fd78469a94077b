#include "net/governor.h"

#include <math.h>
#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "net/governor_backoff.h"
#include "net/governor_window.h"

/* ---- the window alone ------------------------------------------------ */

/*
 * An epoch of a window at a rate of volume a second, somebody waiting, with
 * answers that take latency_us, give or take.
 */
static void epoch(struct governor_window *w, int64_t *now_us, double rate,
                  double latency_us)
{
    unsigned int n = w->limit * 4;
    const uint64_t bytes = 100000;

    governor_window_wanted(w);
    for (unsigned int i = 0; i < n; i++) {
        *now_us +=
            (int64_t)((double)(bytes + 4096) / rate * (double)TIMESTAMP_SECOND);
        /* Most answers are quick and some are slow: so it is in life. */
        governor_window_ok(
            w, bytes,
            (int64_t)(-log(g_random_double_range(1e-9, 1)) * latency_us),
            *now_us);
    }
}

/* How a server behaves with n requests in flight. */
struct server {
    unsigned int knee; /* more at once bring nothing ... */
    double creep;      /* ... or so much each, for show */
    bool slows;        /* and it takes longer over each */
};

/* The limit that a window settles on, on average over the last epochs. */
static unsigned int settled(unsigned int ceiling, const struct server *s)
{
    struct governor_window w;
    int64_t now_us = 1;
    unsigned int sum = 0;

    g_random_set_seed(1); /* the same scatter each time */
    governor_window_init(&w, ceiling, now_us);
    for (unsigned int i = 0; i < 300; i++) {
        unsigned int over = w.limit > s->knee ? w.limit - s->knee : 0;
        double rate = 1e6 * MIN(w.limit, s->knee) * (1 + s->creep * over);
        double latency_us = 1e5;

        if (s->slows && over > 0)
            latency_us *= (double)w.limit / s->knee;
        epoch(&w, &now_us, rate, latency_us);
        g_assert_cmpuint(w.limit, >=, 1);
        g_assert_cmpuint(w.limit, <=, ceiling);
        if (i >= 100)
            sum += w.limit;
    }
    return (sum + 100) / 200;
}

static void test_window_finds_the_knee(void)
{
    static const struct {
        const char *name;
        unsigned int ceiling;
        struct server server;
        unsigned int least, most;
    } rows[] = {
        { "grows to the ceiling", 8, { .knee = 99 }, 8, 8 },
        { "stops where it stops growing", 8, { .knee = 4 }, 4, 4 },
        { "never over a ceiling of one", 1, { .knee = 99 }, 1, 1 },
        { "stays where it began when more brings nothing",
          8,
          { .knee = 1 },
          2,
          2 },
        /* Throughput alone would say: climb. */
        { "stops where answers take twice as long",
          32,
          { .knee = 4, .creep = 0.2, .slows = true },
          5,
          16 },
        { "goes further where they do not",
          32,
          { .knee = 4, .creep = 0.2 },
          18,
          22 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        unsigned int got = settled(rows[i].ceiling, &rows[i].server);

        if (got < rows[i].least || got > rows[i].most)
            g_error("row \"%s\": %u", rows[i].name, got);
    }
}

/* Large requests take longer than small ones: that is not congestion. */
static void test_window_compares_like_with_like(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, now_us);
    for (int i = 0; i < 4000; i++) {
        bool large = i / 500 % 2 == 1; /* a phase of each */

        now_us += (large ? 200000 : 2000) / w.limit;
        governor_window_wanted(&w);
        governor_window_ok(&w, large ? 5000000 : 50000, large ? 1000000 : 10000,
                           now_us);
    }
    g_assert_cmpuint(w.limit, ==, 8);
}

static void test_window_halves_when_busy(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, now_us);
    for (int i = 0; i < 50; i++)
        epoch(&w, &now_us, 1e6 * w.limit, 1e5);
    g_assert_cmpuint(w.limit, ==, 8);
    governor_window_busy(&w, now_us);
    g_assert_cmpuint(w.limit, ==, 4);
    for (int i = 0; i < 10; i++)
        governor_window_busy(&w, now_us);
    g_assert_cmpuint(w.limit, ==, 1);
}

static void test_window_stays_while_nobody_waits(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, now_us);
    for (int i = 0; i < 1000; i++)
        governor_window_ok(&w, 1000, 0, now_us += 1000 / w.limit);
    g_assert_cmpuint(w.limit, ==, 2);
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

/* ---- the governor itself, by many threads --------------------------- */

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

    CHECK_OK(governor_enter(c->governor, c->host, c->budget, NULL, CANCEL_NOW,
                            ticket, &err),
             &err);
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

    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &first, &err), &err);
    told_us = timestamp_monotonic();
    governor_leave(&first, &busy);
    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &second, &err),
             &err);
    /* The promise is a least, so a slow machine cannot break the test. */
    g_assert_cmpint(timestamp_monotonic() - told_us, >=, 60 * 1000);
    g_assert_cmpint(second.throttled_us, >=, 0);
    g_assert_cmpint(second.waited_us, >=, 0);
    g_assert_cmpint(second.throttled_us + second.waited_us, <=,
                    timestamp_monotonic() - told_us);
    governor_leave(&second, &fine);
    governor_stats(g, "h", &stats);
    g_assert_cmpuint(stats.busy, ==, 1);
    g_assert_cmpint(stats.throttled_us, ==, second.throttled_us);
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

    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &ticket, &err),
             &err);
    told_us = timestamp_monotonic();
    governor_leave(&ticket, &busy);
    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &ticket, &err),
             &err);
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
    struct err err;

    CHECK_OK(governor_enter(g, "h", "a", NULL, CANCEL_NOW, &ticket, &err),
             &err);
    governor_leave(&ticket, &busy);
    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &ticket, &err),
             &err);
    g_assert_cmpint(ticket.throttled_us, ==, 0);
    governor_leave(&ticket, &fine);
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
};

static void *stand_in_line(void *data)
{
    const struct person *p = data;
    struct queue *q = p->queue;
    struct governor_ticket ticket;
    struct err err;

    CHECK_OK(
        governor_enter(q->governor, "h", "b", NULL, CANCEL_NOW, &ticket, &err),
        &err);
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

/* Five stand behind one who is inside; then that one leaves. */
static void check_line(struct governor_report report)
{
    static const struct governor_config config = { .ceiling = 1,
                                                   .backoff_floor_ms = 5 };
    g_autoptr(governor) g = governor_new(&config);
    struct queue q = { .governor = g, .report = report };
    struct person people[G_N_ELEMENTS(q.order)];
    pthread_t threads[G_N_ELEMENTS(people)];
    struct governor_ticket inside;
    struct err err;

    pthread_mutex_init(&q.lock, NULL);
    CHECK_OK(governor_enter(g, "h", "b", NULL, CANCEL_NOW, &inside, &err),
             &err);
    for (unsigned int i = 0; i < G_N_ELEMENTS(people); i++) {
        people[i] = (struct person){ &q, (int)i };
        g_assert_cmpint(
            pthread_create(&threads[i], NULL, stand_in_line, &people[i]), ==,
            0);
        wait_for_line(g, i + 1);
    }
    governor_leave(&inside, &report);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    g_assert_cmpuint(q.n, ==, G_N_ELEMENTS(q.order));
    for (size_t i = 0; i < q.n; i++)
        g_assert_cmpint(q.order[i], ==, (int)i);
    wait_for_line(g, 0);
    pthread_mutex_destroy(&q.lock);
}

static void test_first_come_first_served(void)
{
    check_line((struct governor_report){ .outcome = GOVERNOR_OK });
    check_line((struct governor_report){ .outcome = GOVERNOR_LOST });
}

/* Those who wait already must hear of a back-off that begins, and its end. */
static void test_a_back_off_begins_while_they_wait(void)
{
    check_line(
        (struct governor_report){ .outcome = GOVERNOR_BUSY, .wait_ms = 5 });
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

    CHECK_OK(governor_enter(g, "h", "b", c, CANCEL_DRAIN, &ticket, &err), &err);
    governor_leave(&ticket, &busy);
    g_assert_cmpint(pthread_create(&thread, NULL, request_cancel, &caller), ==,
                    0);
    g_assert_cmpint(governor_enter(g, "h", "b", c, CANCEL_DRAIN, &ticket, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "cancelled");
    pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/window/knee", test_window_finds_the_knee);
    g_test_add_func("/governor/window/busy", test_window_halves_when_busy);
    g_test_add_func("/governor/window/like-with-like",
                    test_window_compares_like_with_like);
    g_test_add_func("/governor/backoff/waits", test_backoff_waits);
    g_test_add_func("/governor/backoff/grows", test_backoff_grows_and_forgets);
    g_test_add_func("/governor/backoff/volley",
                    test_backoff_counts_a_volley_once);
    g_test_add_func("/governor/backoff/sum", test_backoff_sums_up);
    g_test_add_func("/governor/window/idle",
                    test_window_stays_while_nobody_waits);
    g_test_add_func("/governor/ceiling", test_never_over_the_ceiling);
    g_test_add_func("/governor/host-cap", test_host_cap);
    g_test_add_func("/governor/parked", test_parked_until_the_back_off_is_over);
    g_test_add_func("/governor/floor", test_back_off_has_a_floor);
    g_test_add_func("/governor/budgets-apart", test_budgets_are_apart);
    g_test_add_func("/governor/busy-server",
                    test_everybody_gets_through_a_busy_server);
    g_test_add_func("/governor/first-come", test_first_come_first_served);
    g_test_add_func("/governor/back-off-begins",
                    test_a_back_off_begins_while_they_wait);
    g_test_add_func("/governor/cancel", test_cancel_wakes);
    return g_test_run();
}
