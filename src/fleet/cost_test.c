#include <math.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "fleet/cost.h"

/*
 * The oracle is the world below: its parameters are known, and its noise is
 * of another kind than the model thinks (a Pareto tail of stalls).
 */
struct world {
    double item_s, mb_s; /* of copying */
    double rest_s, rest_item_s, rest_mb_s;
    double mailbox_sd, stretch_sd;
    double stalls;    /* of all stretches; they take many times as long */
    double throttled; /* share of all time */
    double most;      /* at once, at full speed; 0: any number */
};
static const struct world plain = {
    .item_s = 0.02,
    .mb_s = 0.5,
    .rest_s = 12,
    .rest_item_s = 0.001,
    .rest_mb_s = 0.02,
    .mailbox_sd = 0.25,
    .stretch_sd = 0.2,
    .stalls = 0.02,
};

struct scene {
    struct world w;
    GRand *dice;
    struct cost *cost;
    int64_t now_us, mailbox;
    unsigned int beside;
};

static void scene_begin(struct scene *s, const struct world *w)
{
    *s = (struct scene){ .w = *w, .dice = g_rand_new_with_seed(20260101) };
    s->cost = cost_new();
    s->now_us = INT64_C(1700000000) * TIMESTAMP_SECOND;
}

static void scene_end(struct scene *s)
{
    cost_free(s->cost);
    g_rand_free(s->dice);
}

static double normal(GRand *dice)
{
    double u = 1 - g_rand_double(dice), v = g_rand_double(dice);

    return sqrt(-2 * log(u)) * cos(2 * G_PI * v);
}

/* Of mean 1, so that what the world takes on the average is known. */
static double factor(GRand *dice, double sd)
{
    return exp(sd * normal(dice) - sd * sd / 2);
}

static double stall(struct scene *s)
{
    if (g_rand_double(s->dice) >= s->w.stalls)
        return 1;
    return 1 / pow(1 - g_rand_double(s->dice) * 0.999, 1 / 1.5) + 3;
}

static void add(struct scene *s, struct pace p, double took_s)
{
    p.beside = s->beside;
    if (s->w.most > 0)
        took_s *= MAX(p.beside / s->w.most, 1);
    p.took_us =
        (int64_t)(took_s / (1 - s->w.throttled) * (double)TIMESTAMP_SECOND);
    p.throttled_us = (int64_t)((double)p.took_us * s->w.throttled);
    p.begun_us = s->now_us;
    p.mailbox = s->mailbox;
    s->now_us += p.took_us;
    cost_add(s->cost, &p);
}

/* A mailbox of so many stretches: of 300 items of 20 to 200 KB. */
static void add_mailbox(struct scene *s, int stretches)
{
    double f = factor(s->dice, s->w.mailbox_sd);
    uint64_t items = 0, bytes = 0;

    s->mailbox++;
    for (int i = 0; i < stretches; i++) {
        struct pace p = { .items = 300 };

        p.bytes = 300 * (uint64_t)g_rand_int_range(s->dice, 20000, 200000);
        items += p.items;
        bytes += p.bytes;
        add(s, p,
            f * factor(s->dice, s->w.stretch_sd) * stall(s) *
                (s->w.item_s * (double)p.items +
                 s->w.mb_s * (double)p.bytes / 1e6));
    }
    add(s, (struct pace){ .items = items, .bytes = bytes, .rest = true },
        f * (s->w.rest_s + s->w.rest_item_s * (double)items +
             s->w.rest_mb_s * (double)bytes / 1e6));
}

/* What the world takes for a mailbox, but for its stalls. */
static double truth_s(const struct world *w, uint64_t items, uint64_t bytes)
{
    return (w->item_s + w->rest_item_s) * (double)items +
           (w->mb_s + w->rest_mb_s) * (double)bytes / 1e6 + w->rest_s;
}

static struct cost_fit learnt(const struct scene *s)
{
    struct cost_fit fit;

    cost_learn(s->cost, NULL, &fit);
    return fit;
}

static const struct {
    const char *name;
    uint64_t items, bytes;
    double within;
} kinds[] = {
    { "like those seen", 10000, UINT64_C(1100000000), 0.15 },
    { "small items", 20000, UINT64_C(500000000), 0.15 },
    { "large items", 3000, UINT64_C(1500000000), 0.15 },
    /* nearly all of it is rest, which mailboxes of another size tell */
    { "small", 50, 2000000, 0.4 },
};

static void test_default(void)
{
    g_autoptr(cost) c = cost_new();
    struct cost_fit fit;
    g_autofree char *basis = NULL;
    double day_s;

    cost_learn(c, NULL, &fit);
    basis = cost_basis_text(&fit);
    g_assert_cmpstr(basis, ==, "no data yet: default rate");
    g_assert_cmpint(fit.basis, ==, COST_BY_DEFAULT);
    g_assert_cmpuint(fit.mailboxes, ==, 0);
    /* 60,000 items of 1,800 MB: between an hour and the slow rates' six */
    day_s = cost_work_s(&fit, 60000, UINT64_C(1800000000));
    g_assert_cmpfloat(day_s, >, 3600);
    g_assert_cmpfloat(day_s, <, 6 * 3600);
    /* and the slow rates are within its P90 */
    g_assert_cmpfloat(day_s * exp(1.2816 * fit.level_sd), >, 6 * 3600);
}

static void test_weights(void)
{
    struct scene s;
    struct cost_fit fit;

    scene_begin(&s, &plain);
    for (int i = 0; i < 60; i++)
        add_mailbox(&s, 1 + i % 24);
    fit = learnt(&s);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        double want = truth_s(&plain, kinds[i].items, kinds[i].bytes);
        double got = cost_work_s(&fit, kinds[i].items, kinds[i].bytes);

        g_test_message("%s: %.1f s, in truth %.1f s", kinds[i].name, got, want);
        CHECK_ROW(kinds[i].name, fabs(got / want - 1) < kinds[i].within);
    }
    g_assert_cmpuint(fit.mailboxes, ==, 60);
    g_assert_cmpfloat(fit.mailbox_sd, >, 0.15);
    g_assert_cmpfloat(fit.mailbox_sd, <, 0.4);
    g_assert_cmpfloat(fit.level_sd, <, 0.25);
    scene_end(&s);
}

/* One request that hung for an hour is no reason to promise less. */
static void test_one_stall(void)
{
    struct scene s;
    struct cost_fit before, after;

    scene_begin(&s, &plain);
    for (int i = 0; i < 4; i++)
        add_mailbox(&s, 12);
    before = learnt(&s);
    add(&s, (struct pace){ .items = 300, .bytes = 30000000 }, 3600);
    after = learnt(&s);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        CHECK_ROW(kinds[i].name,
                  cost_work_s(&after, kinds[i].items, kinds[i].bytes) <
                      1.15 *
                          cost_work_s(&before, kinds[i].items, kinds[i].bytes));
    scene_end(&s);
}

/* From a moment on everything takes three times as long. */
static void test_follows(void)
{
    struct scene s;
    struct world slow = plain;
    struct cost_fit fit;
    double want, got;

    slow.item_s *= 3;
    slow.mb_s *= 3;
    slow.rest_s *= 3;
    scene_begin(&s, &plain);
    for (int i = 0; i < 40; i++)
        add_mailbox(&s, 12);
    s.w = slow;
    for (int i = 0; i < 25; i++)
        add_mailbox(&s, 12);
    fit = learnt(&s);
    want = truth_s(&slow, 10000, UINT64_C(1100000000));
    got = cost_work_s(&fit, 10000, UINT64_C(1100000000));
    g_assert_cmpfloat(got, >, 0.75 * want);
    g_assert_cmpfloat(got, <, 1.25 * want);
    scene_end(&s);
}

/* A brief look weighs little against the prior, a long one nearly all. */
static void test_prior(void)
{
    static const struct cost_prior prior = {
        .copying = { 0, 0.04, 1.0 },
        .rest = { 24, 0.002, 0.04 },
        .level_sd = 0.5,
    };
    struct world exact = plain;
    struct scene s;
    struct cost_fit brief, more;
    double twice, once;

    exact.mailbox_sd = exact.stretch_sd = exact.stalls = 0;
    scene_begin(&s, &exact);
    add(&s, (struct pace){ .items = 20, .bytes = 1000000 },
        20 * plain.item_s + plain.mb_s);
    cost_learn(s.cost, &prior, &brief);
    for (int i = 0; i < 20; i++)
        add_mailbox(&s, 12);
    cost_learn(s.cost, &prior, &more);
    once = plain.item_s * 10000 + plain.mb_s * 1000;
    twice = 2 * once;
    g_assert_cmpfloat(brief.copying.item_s * 10000 + brief.copying.mb_s * 1000,
                      >, 0.8 * twice);
    g_assert_cmpfloat(more.copying.item_s * 10000 + more.copying.mb_s * 1000, <,
                      1.1 * once);
    g_assert_cmpfloat(brief.level_sd, >, 1.5 * more.level_sd);
    scene_end(&s);
}

/* A prior that is off a hundredfold is soon forgotten. */
static void test_prior_of_other_hosts(void)
{
    struct world fast = plain;
    struct scene s;
    struct cost_fit fit;
    double want, got;

    fast.item_s /= 50;
    fast.mb_s /= 50;
    fast.rest_s /= 50;
    scene_begin(&s, &fast);
    for (int i = 0; i < 3; i++)
        add_mailbox(&s, 100);
    fit = learnt(&s);
    want = fast.item_s * 10000 + fast.mb_s * 1000;
    got = fit.copying.item_s * 10000 + fit.copying.mb_s * 1000;
    g_assert_cmpfloat(got, <, 1.6 * want);
    g_assert_cmpfloat(got, >, want / 1.6);
    scene_end(&s);
}

/*
 * Ten mailboxes with each number at once: what is told of another number.
 * The world's knee is an edge, which the model's is not.
 */
static void test_room(void)
{
    static const struct {
        const char *name;
        double most;
        unsigned int seen[2], other;
        double want, within; /* other against the first that was seen */
    } rows[] = {
        { "there is room", 0, { 2, 8 }, 16, 1, 0.1 },
        { "for four", 4, { 2, 16 }, 8, 2, 0.3 },
        { "for one", 1, { 1, 4 }, 8, 8, 2.4 },
        { "fewer than were seen", 3, { 4, 8 }, 1, 0.75, 0.3 },
        /* nothing tells it: no great promises, either way */
        { "not known", 3, { 4, 4 }, 8, 1, 0.2 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct world w = plain;
        struct cost_fit fit;
        struct scene s;
        double got;

        w.most = rows[i].most;
        scene_begin(&s, &w);
        for (int k = 0; k < 40; k++) {
            s.beside = rows[i].seen[k / 10 % 2];
            add_mailbox(&s, 12);
        }
        fit = learnt(&s);
        got = cost_crowded(&fit, rows[i].other) /
              cost_crowded(&fit, rows[i].seen[0]);
        g_test_message("%s: %.2f times, in truth %.2f", rows[i].name, got,
                       rows[i].want);
        CHECK_ROW(rows[i].name, fabs(got - rows[i].want) < rows[i].within);
        /* and of those that were seen, how long they take */
        for (int k = 0; k < 2; k++) {
            double want = truth_s(&w, 10000, UINT64_C(1100000000)) *
                          (w.most > 0 ? MAX(rows[i].seen[k] / w.most, 1) : 1);

            got = cost_work_s(&fit, 10000, UINT64_C(1100000000)) *
                  cost_crowded(&fit, rows[i].seen[k]);
            CHECK_ROW(rows[i].name, fabs(got / want - 1) < 0.25);
        }
        scene_end(&s);
    }
}

/* A mailbox that went in a crowd is not slow for that. */
static void test_one_in_a_crowd(void)
{
    struct world w = plain;
    struct scene s;
    struct cost_fit fit;
    double log_of = 0, sd = 0;

    w.most = 2;
    scene_begin(&s, &w);
    for (int i = 0; i < 60; i++) {
        s.beside = i % 20 < 10 ? 2 : 8;
        add_mailbox(&s, 12);
    }
    s.mailbox = 1000;
    s.beside = 8;
    for (int i = 0; i < 12; i++)
        add(&s, (struct pace){ .items = 300, .bytes = 30000000 },
            300 * plain.item_s + 30 * plain.mb_s);
    fit = learnt(&s);
    g_assert_true(cost_of_mailbox(s.cost, &fit, 1000, &log_of, &sd));
    g_assert_cmpfloat(fabs(log_of), <, 0.25);
    scene_end(&s);
}

/* Hosts that often change may change again; steady ones are surer. */
static void test_drift(void)
{
    double sd[2];

    for (int changes = 0; changes < 2; changes++) {
        struct scene s;

        scene_begin(&s, &plain);
        for (int i = 0; i < 120; i++) {
            double by = changes && i / 10 % 2 == 1 ? 2 : 1;

            s.w.item_s = plain.item_s * by;
            s.w.mb_s = plain.mb_s * by;
            s.w.rest_s = plain.rest_s * by;
            add_mailbox(&s, 12);
        }
        sd[changes] = learnt(&s).level_sd;
        scene_end(&s);
    }
    g_test_message("steady: %.3f, changing: %.3f", sd[0], sd[1]);
    g_assert_cmpfloat(sd[0], <, 0.2);
    g_assert_cmpfloat(sd[1], >, 0.3);
}

static void test_shares(void)
{
    struct world by_day = plain;
    struct scene s;
    struct cost_fit fit;

    scene_begin(&s, &plain);
    for (int i = 0; i < 1500; i++) {
        int hour = (int)(s.now_us / TIMESTAMP_SECOND / 3600 % 24);

        s.w = by_day;
        s.w.throttled = hour >= 8 && hour < 18 ? 0.6 : 0.1;
        s.mailbox = i / 12;
        add(&s, (struct pace){ .items = 6000, .bytes = 300000000 }, 270);
    }
    fit = learnt(&s);
    g_assert_cmpfloat(fabs(fit.share[13] - 0.6), <, 0.12);
    g_assert_cmpfloat(fabs(fit.share[3] - 0.1), <, 0.12);
    /* what is throttled is not in the work */
    g_assert_cmpfloat(
        fabs(fit.copying.item_s * 6000 + fit.copying.mb_s * 300 - 270), <, 30);
    scene_end(&s);
}

static void test_one_mailbox(void)
{
    struct world exact = plain;
    struct scene s;
    struct cost_fit fit;
    double log_of = 0, sd = 0;

    exact.mailbox_sd = 0;
    scene_begin(&s, &exact);
    for (int i = 0; i < 30; i++)
        add_mailbox(&s, 12);
    s.mailbox = 1000;
    for (int i = 0; i < 12; i++)
        add(&s, (struct pace){ .items = 300, .bytes = 30000000 },
            2 * (300 * plain.item_s + 30 * plain.mb_s));
    fit = learnt(&s);
    g_assert_true(cost_of_mailbox(s.cost, &fit, 1000, &log_of, &sd));
    g_assert_cmpfloat(log_of, >, log(1.3));
    g_assert_cmpfloat(log_of, <, log(2.2));
    g_assert_cmpfloat(sd, <, fit.mailbox_sd);
    g_assert_false(cost_of_mailbox(s.cost, &fit, 999, &log_of, &sd));
    scene_end(&s);
}

/* What clocks and servers may have made of a row. */
static void test_strange_rows(void)
{
    static const struct pace rows[] = {
        { .took_us = -5, .items = 3 },
        { .took_us = 0, .items = 3 },
        { .took_us = 1, .items = 0, .bytes = 5 },
        { .took_us = 1, .throttled_us = INT64_MAX, .items = 1 },
        { .took_us = 1, .throttled_us = INT64_MIN, .items = 1 },
        { .took_us = INT64_MAX, .items = UINT64_MAX, .bytes = UINT64_MAX },
        { .took_us = 1, .begun_us = INT64_MIN / 2, .items = UINT64_MAX },
        { .took_us = INT64_MAX / 2, .rest = true },
    };
    g_autoptr(cost) c = cost_new();
    struct cost_fit fit;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        double s;

        cost_add(c, &rows[i]);
        cost_learn(c, NULL, &fit);
        s = cost_work_s(&fit, 1000, 1000000);
        g_assert_true(isfinite(s) && s >= 0);
        g_assert_true(isfinite(fit.level_sd) && isfinite(fit.mailbox_sd));
    }
    g_assert_cmpuint(cost_n(c), ==, 5);
}

static void test_forgets(void)
{
    struct pace p = { .took_us = 100 * TIMESTAMP_SECOND, .items = 1000 };
    g_autoptr(cost) c = cost_new();
    struct cost_fit fit;

    for (int i = 0; i < 5 * PACES_MAX; i++) {
        p.mailbox = i < 4 * PACES_MAX ? -1 : i / 256;
        cost_add(c, &p);
    }
    g_assert_cmpuint(cost_n(c), ==, PACES_MAX);
    cost_learn(c, NULL, &fit);
    g_assert_cmpuint(fit.mailboxes, ==, PACES_MAX / 256);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cost/default", test_default);
    g_test_add_func("/cost/weights", test_weights);
    g_test_add_func("/cost/one-stall", test_one_stall);
    g_test_add_func("/cost/follows", test_follows);
    g_test_add_func("/cost/prior", test_prior);
    g_test_add_func("/cost/prior-of-other-hosts", test_prior_of_other_hosts);
    g_test_add_func("/cost/room", test_room);
    g_test_add_func("/cost/one-in-a-crowd", test_one_in_a_crowd);
    g_test_add_func("/cost/drift", test_drift);
    g_test_add_func("/cost/shares", test_shares);
    g_test_add_func("/cost/one-mailbox", test_one_mailbox);
    g_test_add_func("/cost/strange-rows", test_strange_rows);
    g_test_add_func("/cost/forgets", test_forgets);
    return g_test_run();
}
