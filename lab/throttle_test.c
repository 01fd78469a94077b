#include "lab/throttle.h"

#include "base/check.h"

/* A clock that only sleeping and the test move on. */
struct fake {
    int64_t now, slept;
};

static int64_t fake_now(void *data)
{
    return ((struct fake *)data)->now;
}

static void fake_sleep(void *data, int64_t us)
{
    struct fake *f = data;

    f->now += us;
    f->slept += us;
}

static struct throttle *make(const struct throttle_options *o, struct fake *f)
{
    const struct throttle_clock clock = { fake_now, fake_sleep, f };

    return throttle_new(o, &clock);
}

static void test_no_limits(void)
{
    const struct throttle_options o = { 0 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);

    for (int i = 0; i < 100; i++) {
        struct throttle_ticket ticket;
        struct problem p;

        g_assert_cmpint(throttle_enter(t, "a", true, &ticket, &p), ==, 0);
        g_free(ticket.budget);
    }
    throttle_round_trip(t);
    throttle_upstream(t, 1 << 30);
    g_assert_cmpint(f.slept, ==, 0);
}

static void test_concurrency(void)
{
    const struct throttle_options o = { .concurrency = 2 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    struct throttle_ticket one, two, three;
    struct problem p;

    g_assert_cmpint(throttle_enter(t, "a", false, &one, &p), ==, 0);
    g_assert_cmpint(throttle_enter(t, "a", false, &two, &p), ==, 0);
    g_assert_cmpint(throttle_enter(t, "a", false, &three, &p), <, 0);
    g_assert_cmpstr(p.code, ==, "ErrorExceededConnectionCount");
    g_assert_true(p.fault);
    /* another budget is another count */
    g_assert_cmpint(throttle_enter(t, "b", false, &three, &p), ==, 0);
    throttle_leave(t, &two);
    g_assert_cmpint(throttle_enter(t, "a", false, &two, &p), ==, 0);
    throttle_leave(t, &one);
    throttle_leave(t, &two);
    throttle_leave(t, &three);
}

static void test_sync_calls(void)
{
    const struct throttle_options o = { .concurrency = 9, .sync_calls = 1 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    struct throttle_ticket one, two;
    struct problem p;

    g_assert_cmpint(throttle_enter(t, "a", true, &one, &p), ==, 0);
    g_assert_cmpint(throttle_enter(t, "a", true, &two, &p), <, 0);
    g_assert_cmpstr(p.code, ==, "ErrorServerBusy");
    g_assert_cmpstr(p.value, ==, "0");
    g_assert_cmpint(throttle_enter(t, "a", false, &two, &p), ==, 0);
    throttle_leave(t, &one);
    throttle_leave(t, &two);
}

static int spend(struct throttle *t, struct fake *f, int64_t us,
                 struct problem *p)
{
    struct throttle_ticket ticket;

    if (throttle_enter(t, "a", false, &ticket, p) < 0)
        return -1;
    f->now += us;
    throttle_leave(t, &ticket);
    return 0;
}

/* A burst of 1 s; half a second grows back each second. */
static void test_account(void)
{
    const struct throttle_options o = {
        .burst_us = 1000000,
        .recharge_us = 500000,
        .cutoff_us = 2000000,
        .delay_us = 100000,
    };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    struct problem p;

    /* the burst is spent without delay; growing while it is spent: 0.5 */
    g_assert_cmpint(spend(t, &f, 1000000, &p), ==, 0);
    g_assert_cmpint(spend(t, &f, 1000000, &p), ==, 0);
    g_assert_cmpint(f.slept, ==, 0);
    /* balance 0 + 0.5 - 1 + 0.5 = 0: the next two go into debt */
    g_assert_cmpint(spend(t, &f, 2000000, &p), ==, 0);
    g_assert_cmpint(spend(t, &f, 2500000, &p), ==, 0);
    g_assert_cmpint(f.slept, ==, 100000);
    /* -1 - 2.5 + 0.05 + 1.25 = -2.2: past the cut-off by 0.2 */
    g_assert_cmpint(spend(t, &f, 1, &p), <, 0);
    g_assert_cmpstr(p.code, ==, "ErrorServerBusy");
    g_assert_cmpstr(p.value_name, ==, "BackOffMilliseconds");
    g_assert_cmpstr(p.value, ==, "400");
    /* whoever waits that long is served, slowly */
    f.now += 400000;
    g_assert_cmpint(spend(t, &f, 0, &p), ==, 0);
    g_assert_cmpint(f.slept, ==, 200000);
    /* and in peace it grows to the burst again, not past it */
    f.now += 3600 * INT64_C(1000000);
    g_assert_cmpint(spend(t, &f, 1000000, &p), ==, 0);
    g_assert_cmpint(f.slept, ==, 200000);
}

static void test_link(void)
{
    const struct throttle_options o = { .round_trip_us = 40000,
                                        .bytes_per_second = 1000 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);

    throttle_round_trip(t);
    g_assert_cmpint(f.slept, ==, 40000);
    throttle_downstream(t, 500);
    g_assert_cmpint(f.slept, ==, 540000);
    /* the other way is another link, free from now */
    throttle_upstream(t, 2000);
    g_assert_cmpint(f.slept, ==, 2540000);
}

static void test_changed_while_running(void)
{
    struct throttle_options o = { .concurrency = 1 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    struct throttle_ticket one, two;
    struct problem p;

    g_assert_cmpint(throttle_enter(t, "a", false, &one, &p), ==, 0);
    o.concurrency = 2;
    throttle_set(t, &o);
    g_assert_cmpint(throttle_enter(t, "a", false, &two, &p), ==, 0);
    throttle_leave(t, &one);
    throttle_leave(t, &two);
    throttle_get(t, &o);
    g_assert_cmpuint(o.concurrency, ==, 2);
}

/* Items of a batch are charged, and in debt delayed, one by one. */
static void test_items(void)
{
    const struct throttle_options o = { .burst_us = 100,
                                        .cutoff_us = 1000000,
                                        .delay_us = 7 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    struct throttle_ticket ticket;
    struct problem p;

    g_assert_cmpint(throttle_enter(t, "a", false, &ticket, &p), ==, 0);
    f.now += 60;
    throttle_item(t, &ticket);
    g_assert_cmpint(f.slept, ==, 0);
    f.now += 60; /* 20 in debt */
    throttle_item(t, &ticket);
    g_assert_cmpint(f.slept, ==, 7);
    throttle_item(t, &ticket);
    g_assert_cmpint(f.slept, ==, 14);
    throttle_leave(t, &ticket);
    /* the waiting itself was not charged: 20 in debt, and no more */
    g_assert_cmpint(throttle_enter(t, "a", false, &ticket, &p), ==, 0);
    throttle_leave(t, &ticket);
    g_assert_cmpint(f.slept, ==, 21);
}

static void test_batch(void)
{
    struct throttle_options o = { .batch_us = 1000 };
    struct fake f = { .now = 50 };
    g_autoptr(throttle) t = make(&o, &f);
    struct throttle_ticket ticket;
    struct problem p;

    g_assert_cmpint(throttle_enter(t, "a", false, &ticket, &p), ==, 0);
    f.now += 1000;
    throttle_item(t, &ticket);
    g_assert_false(throttle_batch_over(t, &ticket));
    f.now += 1;
    g_assert_true(throttle_batch_over(t, &ticket));
    o.batch_us = 0;
    throttle_set(t, &o);
    g_assert_false(throttle_batch_over(t, &ticket));
    throttle_leave(t, &ticket);
}

static void test_jitter(void)
{
    const struct throttle_options o = { .round_trip_us = 100, .jitter_us = 50 };
    struct fake f = { 0 };
    g_autoptr(throttle) t = make(&o, &f);
    int64_t least = INT64_MAX, most = 0;

    for (int i = 0; i < 200; i++) {
        f.slept = 0;
        throttle_round_trip(t);
        least = MIN(least, f.slept);
        most = MAX(most, f.slept);
    }
    g_assert_cmpint(least, >=, 100);
    g_assert_cmpint(most, <, 150);
    g_assert_cmpint(most - least, >, 30);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/throttle/no-limits", test_no_limits);
    g_test_add_func("/throttle/concurrency", test_concurrency);
    g_test_add_func("/throttle/sync-calls", test_sync_calls);
    g_test_add_func("/throttle/account", test_account);
    g_test_add_func("/throttle/link", test_link);
    g_test_add_func("/throttle/changed-while-running",
                    test_changed_while_running);
    g_test_add_func("/throttle/items", test_items);
    g_test_add_func("/throttle/batch", test_batch);
    g_test_add_func("/throttle/jitter", test_jitter);
    return g_test_run();
}
