#include "lab/policy.h"

#include "base/check.h"

static void test_find(void)
{
    g_auto(GStrv) names = g_strsplit(policy_names(), ", ", -1);
    g_autofree char *text = policy_text();

    g_assert_cmpuint(g_strv_length(names), ==, 4);
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct policy *policy = policy_find(names[i]);

        CHECK_ROW(names[i], policy != NULL);
        CHECK_ROW(names[i], strstr(text, policy->source) != NULL);
    }
    g_assert_null(policy_find("2007"));
    g_assert_null(policy_find(""));
}

/* "The default value for Exchange 2010 is 10 ... for Exchange 2013 27." */
static void test_values(void)
{
    static const struct {
        const char *name;
        unsigned int concurrency, find_count;
        int64_t batch_us;
        bool budget;
    } rows[] = {
        { "none", 0, 0, 0, false },
        { "2010", 10, 1000, 60000000, true },
        { "2013", 27, 1000, 60000000, true },
        { "hosted-strict", 4, 250, 60000000, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct throttle_options *o = &policy_find(rows[i].name)->limits;

        CHECK_ROW(rows[i].name, o->concurrency == rows[i].concurrency);
        CHECK_ROW(rows[i].name, o->find_count == rows[i].find_count);
        CHECK_ROW(rows[i].name, o->batch_us == rows[i].batch_us);
        CHECK_ROW(rows[i].name, (o->burst_us > 0) == rows[i].budget);
        CHECK_ROW(rows[i].name, (o->recharge_us > 0) == rows[i].budget);
    }
}

/* The distance to the server is no matter of its policy. */
static void test_apply(void)
{
    struct throttle_options o = { .concurrency = 1,
                                  .delay_us = 5,
                                  .batch_cut = 1,
                                  .round_trip_us = 2,
                                  .jitter_us = 3,
                                  .bytes_per_second = 4 };

    policy_apply(policy_find("2013"), &o);
    g_assert_cmpuint(o.concurrency, ==, 27);
    g_assert_cmpint(o.delay_us, ==, 500000);
    g_assert_cmpint(o.round_trip_us, ==, 2);
    g_assert_cmpint(o.jitter_us, ==, 3);
    g_assert_cmpuint(o.bytes_per_second, ==, 4);
    g_assert_cmpuint(o.batch_cut, ==, 1);
}

static void test_default(void)
{
    struct throttle_options o;

    policy_default(version_of(EXCHANGE2010_SP1), &o);
    g_assert_cmpuint(o.concurrency, ==, 10);
    g_assert_cmpuint(o.sync_calls, ==, 0);
    g_assert_cmpint(o.burst_us, ==, 0);
    policy_default(version_of(EXCHANGE2016), &o);
    g_assert_cmpuint(o.concurrency, ==, 27);
    g_assert_cmpuint(o.sync_calls, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy/find", test_find);
    g_test_add_func("/policy/values", test_values);
    g_test_add_func("/policy/apply", test_apply);
    g_test_add_func("/policy/default", test_default);
    return g_test_run();
}
