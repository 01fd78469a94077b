#include "lab/subscription.h"

#include "base/check.h"

#define LONG (INT64_C(3600) * G_USEC_PER_SEC)

static struct subscription *make(const char *owner, int64_t timeout_us)
{
    struct subscription *one = g_new0(struct subscription, 1);
    int64_t folder = 7;

    one->owner = g_strdup(owner);
    one->timeout_us = timeout_us;
    one->events = 1u << EVENT_CREATED;
    one->folders = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_append_val(one->folders, folder);
    return one;
}

static void test_life(void)
{
    g_autoptr(subscriptions) s = subscriptions_new();
    g_autofree char *id = subscriptions_add(s, make("anna", LONG), 9);
    struct subscription *one = subscriptions_use(s, id);

    g_assert_nonnull(one);
    g_assert_cmpstr(one->id, ==, id);
    g_assert_cmpstr(one->owner, ==, "anna");
    g_assert_cmpint(g_array_index(one->folders, int64_t, 0), ==, 7);
    g_assert_null(subscriptions_use(s, "x"));
    g_assert_true(subscriptions_remove(s, id));
    g_assert_false(subscriptions_remove(s, id));
    g_assert_null(subscriptions_use(s, id));
    /* what was given out is the caller's own */
    g_assert_cmpstr(one->owner, ==, "anna");
    subscription_free(one);
}

static void test_end(void)
{
    g_autoptr(subscriptions) s = subscriptions_new();
    g_autofree char *id = subscriptions_add(s, make("anna", 0), 9);

    g_assert_null(subscriptions_use(s, id));
    g_assert_false(subscriptions_remove(s, id));
}

/* So many for each, and those that have ended do not count. */
static void test_most(void)
{
    g_autoptr(subscriptions) s = subscriptions_new();
    g_autofree char *first = subscriptions_add(s, make("anna", LONG), 2);
    g_autofree char *ended = subscriptions_add(s, make("anna", 0), 2);
    g_autofree char *second = subscriptions_add(s, make("anna", LONG), 2);
    g_autofree char *third = subscriptions_add(s, make("anna", LONG), 2);
    g_autofree char *other = subscriptions_add(s, make("bob", LONG), 2);

    g_assert_nonnull(first);
    g_assert_nonnull(ended);
    g_assert_nonnull(second);
    g_assert_null(third);
    g_assert_nonnull(other);
    g_assert_cmpstr(first, !=, second);
}

static void test_watermarks(void)
{
    static const int64_t rows[] = {
        0, 1, 255, 256, INT64_C(1) << 40, INT64_MAX
    };
    g_autoptr(subscriptions) s = subscriptions_new();
    g_autoptr(subscriptions) other = subscriptions_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = subscriptions_watermark(s, rows[i]);
        int64_t back = -1;

        g_assert_cmpint(subscriptions_read_watermark(s, text, &back), ==, 0);
        g_assert_cmpint(back, ==, rows[i]);
        /* a server that was started anew knows nothing of it */
        g_assert_cmpint(subscriptions_read_watermark(other, text, &back), ==,
                        -1);
    }
}

static void test_no_watermarks(void)
{
    static const char *const rows[] = { "", "AAAA", "nonsense",
                                        "AAAAAMAGAAAAAAAAAQ==" };
    g_autoptr(subscriptions) s = subscriptions_new();
    g_autofree char *endless = g_strnfill(4000, 'A');
    int64_t back = 5;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i], subscriptions_read_watermark(s, rows[i], &back) < 0);
    g_assert_cmpint(subscriptions_read_watermark(s, endless, &back), ==, -1);
    g_assert_cmpint(back, ==, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/subscription/life", test_life);
    g_test_add_func("/subscription/end", test_end);
    g_test_add_func("/subscription/most", test_most);
    g_test_add_func("/subscription/watermarks", test_watermarks);
    g_test_add_func("/subscription/no-watermarks", test_no_watermarks);
    return g_test_run();
}
