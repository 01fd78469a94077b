#include "web/bucket.h"

#include "base/check.h"

#define S INT64_C(1000000)
static const struct bucket_rate ten = { 10, 60 * S };

static void test_rate(void)
{
    g_autoptr(buckets) b = buckets_new(10);
    int64_t at = 1000 * S;

    for (int i = 0; i < 10; i++)
        g_assert_cmpint(bucket_take(b, "a", &ten, at), ==, 0);
    /* one comes back every six seconds */
    g_assert_cmpint(bucket_take(b, "a", &ten, at), ==, 6 * S);
    g_assert_cmpint(bucket_take(b, "a", &ten, at + 4 * S), ==, 2 * S);
    g_assert_cmpint(bucket_take(b, "b", &ten, at), ==, 0);
    g_assert_cmpint(bucket_take(b, "a", &ten, at + 6 * S), ==, 0);
    g_assert_cmpint(bucket_take(b, "a", &ten, at + 6 * S), ==, 6 * S);
    /* and after a minute all of them, not more */
    for (int i = 0; i < 10; i++)
        g_assert_cmpint(bucket_take(b, "a", &ten, at + 600 * S), ==, 0);
    g_assert_cmpint(bucket_take(b, "a", &ten, at + 600 * S), >, 0);
    bucket_forget(b, "a");
    g_assert_cmpint(bucket_take(b, "a", &ten, at + 600 * S), ==, 0);
    bucket_forget(b, "nobody");
}

static void test_bounded(void)
{
    g_autoptr(buckets) b = buckets_new(100);

    for (int i = 0; i < 10000; i++) {
        g_autofree char *key = g_strdup_printf("%d", i);

        g_assert_cmpint(bucket_take(b, key, &ten, S), ==, 0);
        /* who comes all the time is not forgotten for those */
        (void)bucket_take(b, "often", &ten, S);
    }
    g_assert_cmpuint(buckets_n(b), ==, 100);
    g_assert_cmpint(bucket_take(b, "often", &ten, S), >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bucket/rate", test_rate);
    g_test_add_func("/bucket/bounded", test_bounded);
    return g_test_run();
}
