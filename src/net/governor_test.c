#include "net/governor.h"

#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "net/governor_window.h"

/* An epoch of a window at a rate of volume a second, somebody waiting. */
static void epoch(struct governor_window *w, int64_t *now_us, double rate)
{
    unsigned int n = w->limit * 4;
    const uint64_t bytes = 100000;

    governor_window_wanted(w);
    for (unsigned int i = 0; i < n; i++) {
        *now_us +=
            (int64_t)((double)(bytes + 4096) / rate * (double)TIMESTAMP_SECOND);
        governor_window_ok(w, bytes, *now_us);
    }
}

/* A server whose throughput grows with each place up to `knee`. */
static unsigned int found_knee(unsigned int ceiling, unsigned int knee)
{
    struct governor_window w;
    int64_t now_us = 1;
    unsigned int sum = 0;

    governor_window_init(&w, ceiling, now_us);
    for (int i = 0; i < 200; i++) {
        epoch(&w, &now_us, 1e6 * MIN(w.limit, knee));
        g_assert_cmpuint(w.limit, >=, 1);
        g_assert_cmpuint(w.limit, <=, ceiling);
        if (i >= 100)
            sum += w.limit;
    }
    return (sum + 50) / 100;
}

static void test_window_finds_the_knee(void)
{
    static const struct {
        const char *name;
        unsigned int ceiling, knee, want;
    } rows[] = {
        { "grows to the ceiling", 8, 99, 8 },
        { "stops where it stops growing", 8, 4, 4 },
        { "never over a ceiling of one", 1, 99, 1 },
        { "stays where it began when more brings nothing", 8, 1, 2 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  found_knee(rows[i].ceiling, rows[i].knee) == rows[i].want);
}

static void test_window_halves_when_busy(void)
{
    struct governor_window w;
    int64_t now_us = 1;

    governor_window_init(&w, 8, now_us);
    for (int i = 0; i < 50; i++)
        epoch(&w, &now_us, 1e6 * w.limit);
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
        governor_window_ok(&w, 1000, now_us += 1000);
    g_assert_cmpuint(w.limit, ==, 2);
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
    g_assert_cmpint(second.throttled_us, >=, 50 * 1000);
    g_assert_cmpint(second.waited_us, ==, 0);
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

static void *request_cancel(void *data)
{
    g_usleep(20 * 1000);
    cancel_request(data);
    return NULL;
}

static void test_cancel_wakes(void)
{
    static const struct governor_config config = { 0 };
    g_autoptr(governor) g = governor_new(&config);
    g_autoptr(cancel) c = cancel_new();
    struct governor_report busy = { .outcome = GOVERNOR_BUSY,
                                    .wait_ms = 600000 };
    struct governor_ticket ticket;
    pthread_t thread;
    struct err err;

    CHECK_OK(governor_enter(g, "h", "b", c, CANCEL_DRAIN, &ticket, &err), &err);
    governor_leave(&ticket, &busy);
    g_assert_cmpint(pthread_create(&thread, NULL, request_cancel, c), ==, 0);
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
    g_test_add_func("/governor/window/idle",
                    test_window_stays_while_nobody_waits);
    g_test_add_func("/governor/ceiling", test_never_over_the_ceiling);
    g_test_add_func("/governor/host-cap", test_host_cap);
    g_test_add_func("/governor/parked", test_parked_until_the_back_off_is_over);
    g_test_add_func("/governor/floor", test_back_off_has_a_floor);
    g_test_add_func("/governor/budgets-apart", test_budgets_are_apart);
    g_test_add_func("/governor/busy-server",
                    test_everybody_gets_through_a_busy_server);
    g_test_add_func("/governor/cancel", test_cancel_wakes);
    return g_test_run();
}
