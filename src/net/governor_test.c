#include "net/governor.h"

#include <pthread.h>

#include "base/time_testing.h"

/* ---- by many threads ------------------------------------------------- */

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

static void ask_once(struct governor *g, const char *budget,
                     struct governor_tally *t,
                     const struct governor_report *report)
{
    struct governor_request r = asking("h", budget, NULL);
    struct governor_ticket ticket;
    struct err err;

    r.tally = t;
    CHECK_OK(governor_enter(g, &r, &ticket, &err), &err);
    governor_leave(&ticket, report);
}

/* Only of a budget whose account was spent twice, and of who asks for it. */
static void test_who_is_paced(void)
{
    static const struct governor_config config = { .backoff_floor_ms = 1 };
    g_autoptr(governor) g = governor_new(&config);
    struct governor_report fine = { .outcome = GOVERNOR_OK,
                                    .latency_us = 1000 };
    struct governor_report busy = { .outcome = GOVERNOR_BUSY, .wait_ms = 1 };
    struct governor_tally spent = { 0 }, other = { 0 };
    struct governor_held held;

    ask_once(g, "other", &other, &fine);
    ask_once(g, "spent", &spent, &busy);
    governor_held(g, "h", &spent, &held);
    g_assert_false(held.paced);
    do {
        for (int i = 0; i < 5; i++)
            ask_once(g, "spent", &spent, &fine);
        ask_once(g, "spent", &spent, &busy);
        governor_held(g, "h", &spent, &held);
    } while (!held.paced);
    governor_held(g, "h", &other, &held);
    g_assert_false(held.paced);
    governor_tally_end(g, &spent);
    governor_tally_end(g, &other);
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
    g_test_add_func("/governor/held/paced", test_who_is_paced);
    g_test_add_func("/governor/quiet/host", test_quiet_host_waits);
    g_test_add_func("/governor/quiet/cancel", test_cancel_ends_quiet);
    return g_test_run();
}
