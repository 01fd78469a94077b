#include "net/governor_tally.h"

#include "base/check.h"
#include "base/timestamp.h"

#define S TIMESTAMP_SECOND

/* A budget that is parked, and a host that is quiet, in some of its seconds. */
enum { SECONDS = 2000 };
struct day {
    bool parked[SECONDS], quiet[SECONDS];
};

static void fill(bool *seconds, int from, int to)
{
    for (int i = from; i < to; i++)
        seconds[i] = true;
}

static int64_t sum_us(const bool *seconds, int upto)
{
    int64_t us = 0;

    for (int i = 0; i < upto; i++)
        us += seconds[i] ? S : 0;
    return us;
}

static struct governor_mark mark_at(const struct day *d, int second)
{
    return (struct governor_mark){
        .at_us = second * S,
        .parked_us = sum_us(d->parked, second),
        .quiet_us = sum_us(d->quiet, second),
        .parked = d->parked[second],
    };
}

/* Count up to that second; what was added for the host's sum is the tally's. */
static void count_to(struct governor_tally *t, const struct day *d, int second)
{
    const struct governor_mark now = mark_at(d, second);
    int64_t before_us = t->throttled_us;
    int64_t added_us = governor_tally_count(t, &now);

    g_assert_cmpint(added_us, >=, 0);
    g_assert_cmpint(t->throttled_us - before_us, ==, added_us);
}

static void assert_held(const struct governor_tally *t, int throttled_s,
                        int waited_s)
{
    g_assert_cmpint(t->throttled_us / S, ==, throttled_s);
    g_assert_cmpint(t->waited_us / S, ==, waited_s);
}

/* Ten minutes of back-off, which two wait for. */
static void test_seen_while_it_goes_on(void)
{
    struct governor_tally t = { .waiting = 2 };
    struct day d = { 0 };

    fill(d.parked, 0, 600);
    count_to(&t, &d, 60);
    assert_held(&t, 120, 0);
    count_to(&t, &d, 60); /* asked twice at one moment */
    assert_held(&t, 120, 0);
    count_to(&t, &d, 100);
    t.waiting--; /* one gives up */
    count_to(&t, &d, 599);
    assert_held(&t, 200 + 499, 0);
    count_to(&t, &d, 610);
    t.waiting--; /* the other one gets its place */
    assert_held(&t, 200 + 500, 10);
    count_to(&t, &d, 1000);
    assert_held(&t, 200 + 500, 10);
}

/* Who waits elsewhere for the end of the back-off that refused it. */
static void test_refused_and_not_come_again(void)
{
    struct governor_tally t = { .refused = 2 };
    struct day d = { 0 };

    fill(d.parked, 0, 100);
    fill(d.parked, 200, 300);
    count_to(&t, &d, 50);
    assert_held(&t, 100, 0);
    t.refused--; /* one comes again */
    t.waiting++;
    count_to(&t, &d, 110);
    assert_held(&t, 200, 10);
    t.waiting--;
    /* The other one has found something else: the next is none of its. */
    count_to(&t, &d, 300);
    assert_held(&t, 200, 10);
}

/* One waits from 0 to 100 s. */
static void test_whose_doing_it_was(void)
{
    static const struct {
        const char *name;
        int parked[2], quiet[2];
        int throttled_s, waited_s;
    } rows[] = {
        { "nobody's", { 0, 0 }, { 0, 0 }, 0, 100 },
        { "a back-off's", { 0, 100 }, { 0, 0 }, 100, 0 },
        { "quiet hours'", { 0, 0 }, { 0, 100 }, 0, 0 },
        { "one after the other", { 0, 30 }, { 30, 70 }, 30, 30 },
        { "at the same time", { 0, 100 }, { 0, 100 }, 0, 0 },
        { "a back-off into quiet hours", { 0, 60 }, { 40, 100 }, 40, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct governor_tally t = { .waiting = 1 };
        struct day d = { 0 };

        fill(d.parked, rows[i].parked[0], rows[i].parked[1]);
        fill(d.quiet, rows[i].quiet[0], rows[i].quiet[1]);
        count_to(&t, &d, 100);
        CHECK_ROW(rows[i].name, t.throttled_us == rows[i].throttled_s * S);
        CHECK_ROW(rows[i].name, t.waited_us == rows[i].waited_s * S);
    }
}

/* A wall clock that is set makes quiet hours that never were, or unmakes. */
static void test_never_counts_backwards(void)
{
    static const int64_t quiet_us[] = { 0, 500 * S, 0, -500 * S };
    struct governor_tally t = { .waiting = 1 };

    for (size_t i = 0; i < G_N_ELEMENTS(quiet_us); i++) {
        const struct governor_mark now = {
            .at_us = (int64_t)(i + 1) * 10 * S,
            .parked_us = (int64_t)(i + 1) * 10 * S,
            .quiet_us = quiet_us[i],
            .parked = true,
        };

        g_assert_cmpint(governor_tally_count(&t, &now), ==,
                        i == 1 ? 0 : 10 * S);
    }
}

/* Come and go, asked or not: against a count second by second. */
static void test_any_order(void)
{
    g_autoptr(GRand) dice = g_rand_new_with_seed(7);
    int64_t throttled_s = 0, waited_s = 0;
    struct governor_tally t = { 0 };
    struct day d = { 0 };

    for (int s = 0; s < SECONDS; s += 50)
        fill(d.parked, s, s + g_rand_int_range(dice, 0, 50));
    for (int s = 0; s < SECONDS; s++) {
        switch (g_rand_int_range(dice, 0, 8)) {
        case 0:
            count_to(&t, &d, s);
            t.waiting++;
            break;
        case 1:
            count_to(&t, &d, s);
            t.waiting -= t.waiting > 0 ? 1 : 0;
            break;
        case 2:
            count_to(&t, &d, s);
            assert_held(&t, (int)throttled_s, (int)waited_s);
            break;
        default:
            break;
        }
        throttled_s += d.parked[s] ? t.waiting : 0;
        waited_s += d.parked[s] ? 0 : t.waiting;
    }
    g_assert_cmpint(throttled_s, >, 0);
    g_assert_cmpint(waited_s, >, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/governor/tally/goes-on", test_seen_while_it_goes_on);
    g_test_add_func("/governor/tally/refused", test_refused_and_not_come_again);
    g_test_add_func("/governor/tally/cause", test_whose_doing_it_was);
    g_test_add_func("/governor/tally/backwards", test_never_counts_backwards);
    g_test_add_func("/governor/tally/any-order", test_any_order);
    return g_test_run();
}
