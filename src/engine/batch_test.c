#include "engine/batch.h"

#include <glib.h>

#include "base/check.h"

#define MB UINT64_C(1000000)

static void test_take(void)
{
    static const struct {
        const char *name;
        struct batch_item items[12];
        size_t n, want;
    } rows[] = {
        /* clang-format off */
        { "one", { { 1, 0 } }, 1, 1 },
        { "as many as there are", { { 1, 0 }, { 1, 0 }, { 1, 0 } }, 3, 3 },
        { "no more than ten", { { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 },
            { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 },
            { 1, 0 }, { 1, 0 } }, 12, 10 },
        { "no more than 8 MB", { { 4 * MB, 0 }, { 4 * MB, 0 }, { 1, 0 } }, 3, 2 },
        { "the next does not fit", { { 5 * MB, 0 }, { 4 * MB, 0 } }, 2, 1 },
        { "a large one goes alone", { { 100 * MB, 0 }, { 0, 0 } }, 2, 1 },
        { "a large one waits", { { 1, 0 }, { 100 * MB, 0 } }, 2, 1 },
        { "tried once: two", { { 1, 1 }, { 1, 0 }, { 1, 0 } }, 3, 2 },
        { "tried twice: alone", { { 1, 2 }, { 1, 0 } }, 2, 1 },
        { "tried often: alone", { { 1, 4000000000u }, { 1, 0 } }, 2, 1 },
        { "not into larger company", { { 1, 0 }, { 1, 0 }, { 1, 1 } }, 3, 2 },
        { "into company of its size", { { 1, 0 }, { 1, 1 }, { 1, 0 } }, 3, 2 },
        /* clang-format on */
    };
    struct batch b;

    batch_init(&b, 0, 0, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  batch_take(&b, rows[i].items, rows[i].n) == rows[i].want);
}

static void test_grows_and_shrinks(void)
{
    struct batch b;

    batch_init(&b, 0, 0, 0);
    for (int i = 0; i < 50; i++)
        batch_learn(&b, &(struct batch_trip){ .n = b.items,
                                              .bytes = b.bytes,
                                              .took_us = 100000 });
    g_assert_cmpuint(b.items, ==, BATCH_ITEMS_MAX);
    g_assert_cmpuint(b.bytes, ==, BATCH_BYTES_MAX);
    /* a minute is the end: far from it, less is asked for */
    batch_learn(&b, &(struct batch_trip){ .n = b.items, .took_us = 30000000 });
    g_assert_cmpuint(b.items, ==, BATCH_ITEMS_MAX / 2);
    for (int i = 0; i < 50; i++)
        batch_learn(&b, &(struct batch_trip){ .n = b.items, .lost = true });
    g_assert_cmpuint(b.items, ==, 1);
    g_assert_cmpuint(b.bytes, >=, MB);
    /* and it comes back */
    for (int i = 0; i < 50; i++)
        batch_learn(&b, &(struct batch_trip){ .n = b.items, .took_us = 1 });
    g_assert_cmpuint(b.items, ==, BATCH_ITEMS_MAX);
}

static void test_holds_still(void)
{
    struct batch b;

    batch_init(&b, 0, 0, 0);
    /* ten seconds are neither quick nor slow */
    batch_learn(&b, &(struct batch_trip){ .n = 10, .took_us = 10000000 });
    g_assert_cmpuint(b.items, ==, 10);
    /* what was not full says nothing about more */
    batch_learn(&b, &(struct batch_trip){ .n = 3, .bytes = 1, .took_us = 1 });
    g_assert_cmpuint(b.items, ==, 10);
    g_assert_cmpuint(b.bytes, ==, 8 * MB);
}

static void test_request_limit(void)
{
    struct batch b;

    batch_init(&b, 0, 0, 4 * MB);
    /* no batch becomes a request that is refused */
    for (int i = 0; i < 50; i++)
        batch_learn(&b, &(struct batch_trip){
                            .n = b.items, .bytes = b.bytes, .took_us = 1 });
    g_assert_cmpuint(batch_request_bytes(b.bytes), <, 4 * MB);
    g_assert_true(batch_fits(&b, 2900000));
    g_assert_false(batch_fits(&b, 3 * MB));
    batch_init(&b, 0, 0, 0);
    g_assert_true(batch_fits(&b, UINT64_C(1) << 40));
}

static void test_silly_options(void)
{
    struct batch b;
    const struct batch_item item = { 5, 0 };

    batch_init(&b, 1000000, UINT64_MAX, 1);
    g_assert_cmpuint(b.items, <=, BATCH_ITEMS_MAX);
    g_assert_cmpuint(b.bytes, >=, 1);
    g_assert_cmpuint(batch_take(&b, &item, 1), ==, 1);
}

static void test_grows_by_time(void)
{
    static const struct {
        const char *name;
        size_t n; /* of ten */
        int64_t took_us;
        size_t want;
    } rows[] = {
        { "an instant", 10, 0, 40 },
        { "an eighth of what is fast", 10, 500000, 40 },
        { "half of it", 10, 2000000, 20 },
        { "nearly all of it", 10, 3900000, 15 },
        { "more", 10, 5000000, 10 },
        { "a folder with few items", 9, 500000, 10 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct batch b;

        batch_init(&b, 0, 0, 0);
        batch_learn(&b, &(struct batch_trip){ .n = rows[i].n,
                                              .took_us = rows[i].took_us });
        CHECK_ROW(rows[i].name, b.items == rows[i].want);
    }
}

/* Of a server that takes so long for each item, and the way there and back. */
static void trip(struct batch *b, int64_t item_us, int64_t way_us, bool paced)
{
    const struct batch_trip trip = {
        .n = b->items,
        .took_us = (int64_t)b->items * item_us + way_us,
        .paced = paced,
    };

    batch_learn(b, &trip);
}

/* About a second where the pace is to be found out; else about four. */
static void test_paced(void)
{
    static const struct {
        const char *name;
        int64_t item_us, way_us;
        size_t least, most;
    } rows[] = {
        { "items of 50 ms", 50000, 0, 13, 26 },
        { "the same, 40 ms away", 50000, 40000, 13, 26 },
        { "of 20 ms", 20000, 40000, 33, 66 },
        { "of a millisecond", 1000, 40000, 100, 100 },
        { "of a second: no fewer than at first", 1000000, 0, 10, 10 },
        { "far away: the way is not taken more often", 1000, 5000000, 10, 20 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct batch b;

        batch_init(&b, 0, 0, 0);
        for (int n = 0; n < 20; n++)
            trip(&b, rows[i].item_us, 0, false);
        for (int n = 0; n < 20; n++)
            trip(&b, rows[i].item_us, rows[i].way_us, true);
        CHECK_ROW(rows[i].name,
                  b.items >= rows[i].least && b.items <= rows[i].most);
    }
}

static void test_paced_at_once(void)
{
    struct batch b;

    batch_init(&b, 80, 0, 0);
    trip(&b, 50000, 0, true);
    g_assert_cmpuint(b.items, ==, 20);
    /* A little more than a second is no reason. */
    batch_learn(
        &b, &(struct batch_trip){ .n = 20, .took_us = 1200000, .paced = true });
    g_assert_cmpuint(b.items, ==, 20);
    /* A large item that went alone says nothing about others, */
    batch_learn(
        &b, &(struct batch_trip){ .n = 1, .took_us = 5000000, .paced = true });
    g_assert_cmpuint(b.items, ==, 20);
    /* and one that was sent before they became fewer says as much. */
    batch_learn(
        &b, &(struct batch_trip){ .n = 80, .took_us = 5000000, .paced = true });
    g_assert_cmpuint(b.items, ==, 16);
    /* And it comes back. */
    for (int n = 0; n < 20; n++)
        trip(&b, 50000, 0, false);
    g_assert_cmpuint(b.items, >=, 53);
}

/* Who is told to begin with fewer, or had to shrink, is not made to grow. */
static void test_paced_from_few(void)
{
    struct batch b;

    batch_init(&b, 4, 0, 0);
    trip(&b, 1000000, 0, true);
    g_assert_cmpuint(b.items, ==, 4);
    for (int n = 0; n < 20; n++)
        batch_learn(&b, &(struct batch_trip){
                            .n = b.items, .took_us = 30000000, .paced = true });
    g_assert_cmpuint(b.items, ==, 1);
    trip(&b, 5000000, 0, true);
    g_assert_cmpuint(b.items, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/batch/take", test_take);
    g_test_add_func("/batch/grows-and-shrinks", test_grows_and_shrinks);
    g_test_add_func("/batch/grows-by-time", test_grows_by_time);
    g_test_add_func("/batch/paced", test_paced);
    g_test_add_func("/batch/paced-at-once", test_paced_at_once);
    g_test_add_func("/batch/paced-from-few", test_paced_from_few);
    g_test_add_func("/batch/holds-still", test_holds_still);
    g_test_add_func("/batch/request-limit", test_request_limit);
    g_test_add_func("/batch/silly-options", test_silly_options);
    return g_test_run();
}
