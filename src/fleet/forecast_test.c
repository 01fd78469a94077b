#include <math.h>

#include "base/time_testing.h"
#include "fleet/forecast.h"

#define HOUR_S 3600.0
/* Mon 2026-01-05 07:00 UTC */
#define NOW_US (INT64_C(1767596400) * TIMESTAMP_SECOND)

/* An item takes a second, and nothing else takes any; all is known. */
static const struct cost_fit exact = {
    .copying = { 0, 1, 0 },
    .basis = COST_BY_HOSTS,
    .mailboxes = 12,
};
static const struct forecast_host free_host = { 0 };
static const struct forecast_pair one_pair = { 0, &exact };
static const struct forecast_migration free_migration = { 0 };

static struct forecast_input input_of(const struct forecast_mailbox *m,
                                      size_t n, unsigned int at_once)
{
    return (struct forecast_input){
        .now_us = NOW_US,
        .hosts = &free_host,
        .pairs = &one_pair,
        .migrations = &free_migration,
        .mailboxes = m,
        .n_hosts = 1,
        .n_pairs = 1,
        .n_migrations = 1,
        .n_mailboxes = n,
        .at_once = at_once,
    };
}

static double p50_s(const struct forecast_span *span)
{
    return (double)(span->p50_us - NOW_US) / (double)TIMESTAMP_SECOND;
}

static double p90_s(const struct forecast_span *span)
{
    return (double)(span->p90_us - NOW_US) / (double)TIMESTAMP_SECOND;
}

static void assert_s(double got, double want)
{
    g_assert_cmpfloat(fabs(got - want), <, 0.5 + want * 1e-4);
}

static void test_nothing(void)
{
    const struct forecast_input in = input_of(NULL, 0, 4);
    g_auto(forecast) f = { 0 };
    g_autofree char *text = NULL;

    forecast_make(&in, &f);
    assert_s(p90_s(&f.all), 0);
    text = forecast_text(&f.all, NOW_US);
    g_assert_cmpstr(text, ==, "nothing is left to be done");
}

/* Ten of 100 s each, two at a time: reckoned by hand. */
static void test_places(void)
{
    struct forecast_mailbox m[10] = { 0 };
    struct forecast_input in = input_of(m, 10, 2);
    g_auto(forecast) f = { 0 };

    for (int i = 0; i < 10; i++)
        m[i].items = 100;
    forecast_make(&in, &f);
    for (int i = 0; i < 10; i++)
        assert_s(p50_s(&f.mailboxes[i]), 50 * (2 + i - i % 2));
    assert_s(p50_s(&f.all), 500);
    assert_s(p50_s(&f.migrations[0]), 500);
}

/* The ends of three mailboxes of 100 s, in hundreds of seconds. */
static void test_rules(void)
{
    static const struct {
        const char *name;
        unsigned int most, host_most;
        int priority[3], later_s[3];
        bool running[3];
        int want[3];
    } rows[] = {
        /* clang-format off */
        { "nothing in the way", 0, 0, { 0 }, { 0 }, { 0 }, { 1, 1, 1 } },
        { "two of a migration", 2, 0, { 0 }, { 0 }, { 0 }, { 1, 1, 2 } },
        { "one of a host", 0, 1, { 0 }, { 0 }, { 0 }, { 1, 2, 3 } },
        { "priority", 1, 0, { 0, 1, 2 }, { 0 }, { 0 }, { 3, 2, 1 } },
        { "the last one runs", 1, 0, { 0 }, { 0 }, { 0, 0, 1 }, { 2, 3, 1 } },
        { "not before", 0, 0, { 0 }, { 400, 0, 0 }, { 0 }, { 5, 1, 1 } },
        { "nobody waits for a later one", 1, 0, { 0 }, { 400, 0, 0 }, { 0 },
          { 5, 1, 2 } },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct forecast_mailbox m[3] = { 0 };
        struct forecast_input in = input_of(m, 3, 8);
        const struct forecast_host host = { .most = rows[i].host_most };
        const struct forecast_migration migration = { .most = rows[i].most };
        g_auto(forecast) f = { 0 };

        in.hosts = &host;
        in.migrations = &migration;
        for (int k = 0; k < 3; k++) {
            m[k].items = 100;
            m[k].priority = rows[i].priority[k];
            m[k].running = rows[i].running[k];
            if (rows[i].later_s[k] != 0)
                m[k].not_before_us =
                    NOW_US + rows[i].later_s[k] * TIMESTAMP_SECOND;
        }
        forecast_make(&in, &f);
        for (int k = 0; k < 3; k++)
            CHECK_ROW(rows[i].name, fabs(p50_s(&f.mailboxes[k]) -
                                         100 * rows[i].want[k]) < 0.5);
    }
}

/* Two migrations of ten and of two, one place: they take turns. */
static void test_turns(void)
{
    struct forecast_mailbox m[12] = { 0 };
    struct forecast_input in = input_of(m, 12, 1);
    const struct forecast_migration both[2] = { { 0 }, { 0 } };
    g_auto(forecast) f = { 0 };

    for (int i = 0; i < 12; i++) {
        m[i].items = 100;
        m[i].migration = i >= 10;
    }
    in.migrations = both;
    in.n_migrations = 2;
    forecast_make(&in, &f);
    assert_s(p50_s(&f.migrations[1]), 400);
    assert_s(p50_s(&f.migrations[0]), 1200);
}

/*
 * Two mailboxes, one place; a pass over one takes 100 s for its items and 10 s
 * beside: reckoned by hand.  Comparing takes half of what copying does.
 */
static void test_rounds(void)
{
    static const struct {
        const char *name;
        int due_s, delay_s; /* of the delta, and from then to comparing */
        bool copied;        /* nothing is queued before it */
        int want[6];        /* ends: copying, delta, comparing */
    } rows[] = {
        /* clang-format off */
        { "it waits until it is due", 1000, 500, false,
          { 110, 220, 1010, 1020, 1580, 1640 } },
        { "it waits for the others", 150, 0, false,
          { 110, 220, 230, 240, 300, 360 } },
        { "nothing before it", 300, 40, true,
          { 0, 0, 310, 320, 420, 480 } },
        /* clang-format on */
    };
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };

    fit.rest.fixed_s = 10;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct forecast_mailbox m[6] = { 0 };
        size_t first = rows[i].copied ? 2 : 0;
        struct forecast_input in = input_of(m + first, 6 - first, 1);
        g_auto(forecast) f = { 0 };

        for (int k = 0; k < 6; k++) {
            m[k].round = (unsigned int)k / 2;
            m[k].verifies = k >= 4;
            m[k].items = k == 2 || k == 3 ? 0 : 100;
            m[k].delay_us = k >= 4 ? rows[i].delay_s * TIMESTAMP_SECOND : 0;
            if (k == 2 || k == 3)
                m[k].not_before_us = NOW_US + rows[i].due_s * TIMESTAMP_SECOND;
        }
        in.pairs = &pair;
        forecast_make(&in, &f);
        for (size_t k = first; k < 6; k++)
            CHECK_ROW(rows[i].name, fabs(p50_s(&f.mailboxes[k - first]) -
                                         rows[i].want[k]) < 0.5);
        assert_s(p50_s(&f.all), rows[i].want[5]);
    }
}

/* A migration that waits for its day holds nobody up, and nobody holds it. */
static void test_rounds_beside(void)
{
    struct forecast_mailbox m[] = {
        { .items = 100 },
        { .items = 100,
          .round = 1,
          .not_before_us = NOW_US + 150 * TIMESTAMP_SECOND },
        { .items = 400, .migration = 1 },
    };
    struct forecast_input in = input_of(m, 3, 2);
    const struct forecast_migration both[2] = { { 0 }, { 0 } };
    g_auto(forecast) f = { 0 };

    in.migrations = both;
    in.n_migrations = 2;
    forecast_make(&in, &f);
    assert_s(p50_s(&f.mailboxes[0]), 100);
    assert_s(p50_s(&f.mailboxes[1]), 250);
    assert_s(p50_s(&f.mailboxes[2]), 400);
    assert_s(p50_s(&f.migrations[0]), 250);
}

/* ---- rounds against a world that is played apart ------------------------- */

#define WORLD_MAILBOXES 30
#define WORLD_PLACES    4
#define WORLD_ROUNDS    3
#define WORLDS          4000
#define WORLD_SD        0.3
#define WORLD_LEVEL_SD  0.15
#define WORLD_DUE_S     7000.0 /* about when copying is over */
#define WORLD_DELAY_S   20000.0

static double world_normal(GRand *dice)
{
    double u = 1 - g_rand_double(dice), v = g_rand_double(dice);

    return sqrt(-2 * log(u)) * cos(2 * G_PI * v);
}

/* Whoever is free takes the next one; returns when the last is done. */
static double world_round(GRand *dice, double begins_s, double level,
                          const double *work_s)
{
    double free_s[WORLD_PLACES], end = begins_s;

    for (int i = 0; i < WORLD_PLACES; i++)
        free_s[i] = begins_s;
    for (int i = 0; i < WORLD_MAILBOXES; i++) {
        int at = 0;

        for (int k = 1; k < WORLD_PLACES; k++)
            at = free_s[k] < free_s[at] ? k : at;
        free_s[at] += work_s[i] * level * exp(WORLD_SD * world_normal(dice));
        end = MAX(end, free_s[at]);
    }
    return end;
}

/* Copying; a delta when it is due; comparing, so long after that. */
static double world_end(GRand *dice, double work_s[][WORLD_MAILBOXES])
{
    double level = exp(WORLD_LEVEL_SD * world_normal(dice));
    double end = world_round(dice, 0, level, work_s[0]);

    end = world_round(dice, MAX(end, WORLD_DUE_S), level, work_s[1]);
    return world_round(dice, end + WORLD_DELAY_S, level, work_s[2]);
}

static void world_fill(struct forecast_mailbox *m,
                       double work_s[][WORLD_MAILBOXES])
{
    for (unsigned int i = 0; i < WORLD_ROUNDS * WORLD_MAILBOXES; i++) {
        unsigned int round = i / WORLD_MAILBOXES;
        unsigned int k = i % WORLD_MAILBOXES;
        uint64_t items = 300 + k * 7919 % 1200;

        m[i].round = round;
        m[i].verifies = round == 2;
        m[i].items = round == 1 ? 0 : items;
        if (round == 1)
            m[i].not_before_us =
                NOW_US + (int64_t)(WORLD_DUE_S * (double)TIMESTAMP_SECOND);
        if (round == 2)
            m[i].delay_us = (int64_t)(WORLD_DELAY_S * (double)TIMESTAMP_SECOND);
        work_s[round][k] = round == 0   ? (double)items + 20
                           : round == 1 ? 20
                                        : (double)items / 2 + 20;
    }
}

/* Nine of ten such migrations end by the P90, and half of them by the P50. */
static void test_rounds_world(void)
{
    struct forecast_mailbox m[WORLD_ROUNDS * WORLD_MAILBOXES] = { 0 };
    double work_s[WORLD_ROUNDS][WORLD_MAILBOXES];
    struct forecast_input in = input_of(m, G_N_ELEMENTS(m), WORLD_PLACES);
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    GRand *dice = g_rand_new_with_seed(7);
    g_auto(forecast) f = { 0 };
    int by_p50 = 0, by_p90 = 0;

    fit.rest.fixed_s = 20;
    fit.mailbox_sd = WORLD_SD;
    fit.level_sd = WORLD_LEVEL_SD;
    in.pairs = &pair;
    world_fill(m, work_s);
    forecast_make(&in, &f);
    for (int i = 0; i < WORLDS; i++) {
        double end = world_end(dice, work_s);

        by_p50 += end <= p50_s(&f.all);
        by_p90 += end <= p90_s(&f.all);
    }
    g_rand_free(dice);
    g_test_message("by P50 %d, by P90 %d of %d", by_p50, by_p90, WORLDS);
    g_assert_cmpint(by_p50, >, WORLDS * 42 / 100);
    g_assert_cmpint(by_p50, <, WORLDS * 58 / 100);
    g_assert_cmpint(by_p90, >, WORLDS * 86 / 100);
    g_assert_cmpint(by_p90, <, WORLDS * 94 / 100);
}

/* It is 07:00; two hours of work, of which quiet hours hold up one. */
static void test_hours(void)
{
    static const struct {
        const char *name, *quiet, *only;
        double work_h, want_h;
    } rows[] = {
        /* clang-format off */
        { "none", NULL, NULL, 2, 2 },
        { "quiet by day", "08:00-18:00 UTC", NULL, 2, 12 },
        { "quiet now", "06:00-09:30 UTC", NULL, 2, 4.5 },
        { "quiet twice", "08:00-09:00, 10:00-11:00 UTC", NULL, 3, 5 },
        { "the window opens later", NULL, "20:00-23:00 UTC", 2, 15 },
        { "what has begun goes on beyond it", NULL, "06:00-08:00 UTC", 2, 2 },
        { "both", "20:00-22:00 UTC", "19:30-23:00 UTC", 2, 16.5 },
        { "a weekend", NULL, "Sat 00:00-24:00 UTC", 2, 4 * 24 + 17 + 2 },
        { "for days", "08:00-20:00 UTC", NULL, 24, 37 + 11 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct forecast_mailbox m = { 0 };
        struct forecast_input in = input_of(&m, 1, 1);
        g_autoptr(hours) quiet =
            rows[i].quiet != NULL ? hours_of(rows[i].quiet) : NULL;
        g_autoptr(hours) only =
            rows[i].only != NULL ? hours_of(rows[i].only) : NULL;
        const struct forecast_host host = { .quiet = quiet };
        const struct forecast_migration migration = { .only = only };
        g_auto(forecast) f = { 0 };

        m.items = (uint64_t)(rows[i].work_h * HOUR_S);
        in.hosts = &host;
        in.migrations = &migration;
        forecast_make(&in, &f);
        g_test_message("%s: %.2f h", rows[i].name, p50_s(&f.all) / HOUR_S);
        CHECK_ROW(rows[i].name,
                  fabs(p50_s(&f.all) - rows[i].want_h * HOUR_S) < 2);
    }
}

/* From 08:00 on half of all time is throttled. */
static void test_throttled(void)
{
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    struct forecast_mailbox m = { .items = 3 * 3600 };
    struct forecast_input in = input_of(&m, 1, 1);
    g_auto(forecast) f = { 0 };

    for (int h = 8; h < 24; h++)
        fit.share[h] = 0.5;
    in.pairs = &pair;
    forecast_make(&in, &f);
    assert_s(p50_s(&f.all), 5 * HOUR_S);
}

/*
 * One has 100 s to do and one 300: they hold one another up until the first
 * is done.  Between other hosts nobody is in the way.
 */
static void test_crowd(void)
{
    struct cost_fit narrow = exact;
    const struct forecast_pair pairs[] = { { 0, &narrow }, { 0, &exact } };
    struct forecast_mailbox m[3] = { { .items = 100 },
                                     { .items = 300 },
                                     { .items = 100, .pair = 1 } };
    struct forecast_input in = input_of(m, 3, 3);
    g_auto(forecast) f = { 0 };
    double twice;

    narrow.room = 1;
    twice = cost_crowded(&narrow, 2);
    g_assert_cmpfloat(twice, >, 1.5);
    g_assert_cmpfloat(twice, <=, 2);
    in.pairs = pairs;
    in.n_pairs = 2;
    forecast_make(&in, &f);
    assert_s(p50_s(&f.mailboxes[0]), 100 * twice);
    assert_s(p50_s(&f.mailboxes[1]), 100 * twice + 200);
    assert_s(p50_s(&f.mailboxes[2]), 100);
    assert_s(p50_s(&f.all), 100 * twice + 200);
}

/* Who comes while another runs begins in the crowd: 100 s of each, from 0 on
 * and from 50 s on. */
static void test_crowd_later(void)
{
    struct cost_fit narrow = exact;
    const struct forecast_pair pair = { 0, &narrow };
    struct forecast_mailbox m[2] = { { .items = 100, .running = true },
                                     { .items = 100 } };
    struct forecast_input in = input_of(m, 2, 2);
    g_auto(forecast) f = { 0 };
    double twice;

    narrow.room = 1;
    twice = cost_crowded(&narrow, 2);
    m[1].not_before_us = NOW_US + 50 * TIMESTAMP_SECOND;
    in.pairs = &pair;
    forecast_make(&in, &f);
    assert_s(p50_s(&f.mailboxes[0]), 50 + 50 * twice);
    assert_s(p50_s(&f.mailboxes[1]), 50 + 50 * twice + 50);
}

/* In one draw of two all takes three times as long, at most. */
static void test_tighter(void)
{
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    struct forecast_mailbox m[20] = { 0 };
    struct forecast_input in = input_of(m, 20, 1);
    g_auto(forecast) f = { 0 }, none = { 0 };

    for (int i = 0; i < 20; i++)
        m[i].items = 100;
    in.pairs = &pair;
    fit.tighter_most = 3;
    forecast_make(&in, &none);
    g_assert_cmpfloat(p90_s(&none.all), <, 2100); /* one may begin again */
    fit.tighter_p = 0.5;
    forecast_make(&in, &f);
    g_assert_cmpfloat(p50_s(&f.all), <, 2200);
    g_assert_cmpfloat(p90_s(&f.all), >, 3000);
    g_assert_cmpfloat(p90_s(&f.all), <, 6000);
    /* what comes first is hardly ever reached by it */
    g_assert_cmpfloat(p90_s(&f.mailboxes[0]), <, 150);
    fit.tighter_p = 0.05;
    forecast_clear(&f);
    forecast_make(&in, &f);
    g_assert_cmpfloat(p90_s(&f.all), <, 2100);
}

/* Longer than anybody looks ahead: at the mean rate. */
static void test_far_ahead(void)
{
    struct forecast_mailbox m = { .items = UINT64_C(200) * 12 * 3600 };
    struct forecast_input in = input_of(&m, 1, 1);
    g_autoptr(hours) quiet = hours_of("08:00-20:00 UTC");
    const struct forecast_host host = { .quiet = quiet };
    g_auto(forecast) f = { 0 };

    in.hosts = &host;
    forecast_make(&in, &f);
    g_assert_cmpfloat(fabs(p50_s(&f.all) / 86400 - 200), <, 3);
    forecast_clear(&f);
    m.items = UINT64_MAX;
    forecast_make(&in, &f);
    g_assert_cmpint(f.all.p90_us, >, NOW_US);
}

/* What is not known of all of them stays, what differs averages out. */
static void test_spread(void)
{
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    g_autofree struct forecast_mailbox *m =
        g_new0(struct forecast_mailbox, 400);
    struct forecast_input in = input_of(m, 400, 1);
    g_auto(forecast) f = { 0 };

    in.pairs = &pair;
    for (int i = 0; i < 400; i++)
        m[i].items = 1000;
    fit.level_sd = 0.3;
    forecast_make(&in, &f);
    g_assert_cmpfloat(fabs(p90_s(&f.all) / p50_s(&f.all) - exp(1.2816 * 0.3)),
                      <, 0.03);
    forecast_clear(&f);
    fit.level_sd = 0;
    fit.mailbox_sd = 0.3;
    forecast_make(&in, &f);
    /* one is as wide as that, and 400 are a twentieth as wide */
    g_assert_cmpfloat(fabs(p90_s(&f.mailboxes[0]) / p50_s(&f.mailboxes[0]) -
                           exp(1.2816 * 0.3)),
                      <, 0.1);
    g_assert_cmpfloat(p90_s(&f.all) / p50_s(&f.all), <, 1.04);
    g_assert_cmpfloat(p90_s(&f.all) / p50_s(&f.all), >, 1.01);
}

/* A mailbox that was measured itself, and what is left of its rest. */
static void test_own(void)
{
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    struct forecast_mailbox m = {
        .items = 1000,
        .done_items = 3000,
        .running = true,
        .own_log = log(2),
        .own_sd = 1e-6,
    };
    struct forecast_input in = input_of(&m, 1, 1);
    g_auto(forecast) f = { 0 };

    fit.rest = (struct cost_line){ 100, 0.05, 0 };
    fit.mailbox_sd = 1;
    in.pairs = &pair;
    forecast_make(&in, &f);
    assert_s(p90_s(&f.all), 2 * (1000 + (100 + 4000 * 0.05) / 2));
}

static void test_many(void)
{
    g_autofree struct forecast_mailbox *m =
        g_new0(struct forecast_mailbox, 10000);
    struct forecast_input in = input_of(m, 10000, 32);
    struct cost_fit fit = exact;
    const struct forecast_pair pair = { 0, &fit };
    g_auto(forecast) f = { 0 }, again = { 0 };
    int64_t began;

    fit.mailbox_sd = 0.4;
    fit.level_sd = 0.2;
    in.pairs = &pair;
    for (uint64_t i = 0; i < 10000; i++)
        m[i].items = 100 + i * 7919 % 1000;
    began = timestamp_monotonic();
    forecast_make(&in, &f);
    g_test_message("10,000 mailboxes: %.1f ms",
                   (double)(timestamp_monotonic() - began) / 1000);
    forecast_make(&in, &again);
    g_assert_cmpint(f.all.p50_us, ==, again.all.p50_us);
    g_assert_cmpint(f.all.p90_us, ==, again.all.p90_us);
    for (int i = 0; i < 10000; i++)
        g_assert_cmpint(f.mailboxes[i].p90_us, ==, again.mailboxes[i].p90_us);
    /* 6 million seconds of work, with what luck adds on the average */
    g_assert_cmpfloat(
        fabs(p50_s(&f.all) / (599.5 * 10000 / 32 * exp(0.08)) - 1), <, 0.04);
}

static void test_text(void)
{
    static const struct {
        int64_t p50_s, p90_s;
        const char *want;
    } rows[] = {
        { 1, 4, "about 10 s; within 10 s nine times in ten" },
        { 29, 61, "about 30 s; within 1 min nine times in ten" },
        { 1234, 2345, "about 21 min; within 39 min nine times in ten" },
        { 7000, 20000, "about 2 h; within 5 h 30 min nine times in ten" },
        { 100000, 300000, "about 1 d 4 h; within 3 d 11 h nine times in ten" },
        { -5, 5, "about 10 s; within 10 s nine times in ten" },
        { -9, -5, "nothing is left to be done" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct forecast_span span = {
            NOW_US + rows[i].p50_s * TIMESTAMP_SECOND,
            NOW_US + rows[i].p90_s * TIMESTAMP_SECOND,
        };
        g_autofree char *text = forecast_text(&span, NOW_US);

        g_assert_cmpstr(text, ==, rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/forecast/nothing", test_nothing);
    g_test_add_func("/forecast/places", test_places);
    g_test_add_func("/forecast/rules", test_rules);
    g_test_add_func("/forecast/turns", test_turns);
    g_test_add_func("/forecast/rounds", test_rounds);
    g_test_add_func("/forecast/rounds-beside", test_rounds_beside);
    g_test_add_func("/forecast/rounds-world", test_rounds_world);
    g_test_add_func("/forecast/hours", test_hours);
    g_test_add_func("/forecast/throttled", test_throttled);
    g_test_add_func("/forecast/crowd", test_crowd);
    g_test_add_func("/forecast/crowd-later", test_crowd_later);
    g_test_add_func("/forecast/tighter", test_tighter);
    g_test_add_func("/forecast/far-ahead", test_far_ahead);
    g_test_add_func("/forecast/spread", test_spread);
    g_test_add_func("/forecast/own", test_own);
    g_test_add_func("/forecast/many", test_many);
    g_test_add_func("/forecast/text", test_text);
    return g_test_run();
}
