#include "fleet/outlook.h"

#include <math.h>

#include "base/check.h"
#include "base/timestamp.h"

#define NOW_US    (INT64_C(1767596400) * TIMESTAMP_SECOND)
#define N         4
#define PACE_ROWS 400

/* A mem store with four mailboxes between two hosts. */
struct world {
    struct store *store;
    struct outlook_mailbox rows[N];
    struct outlook_migration migration;
};

static const struct pace_hosts between = { "old.example:443",
                                           "new.example:443" };

static void set_up(struct world *w, gconstpointer data)
{
    char source[] = "https://old.example/owa",
         destination[] = "https://new.example/owa";
    const struct store_migration m = { source, destination, 1 };
    struct err err;

    (void)data;
    *w = (struct world){ .store = store_open_mem() };
    CHECK_OK(store_migration_set(w->store, &m, &err), &err);
    for (int i = 0; i < N; i++) {
        g_autofree char *address = g_strdup_printf("user%d@x", i);

        CHECK_OK(store_mailbox_add(w->store, address, address, 2,
                                   &w->rows[i].id, &err),
                 &err);
        w->rows[i].stand = OUTLOOK_WAITS;
    }
    w->migration = (struct outlook_migration){ .store = w->store,
                                               .mailboxes = w->rows,
                                               .n = N };
}

static void tear_down(struct world *w, gconstpointer data)
{
    (void)data;
    store_free(w->store);
}

/*
 * 100 items and 10 MB a second, all of them together; whoever went took
 * nothing beside.
 */
static void add_paces_of(struct world *w, unsigned int beside)
{
    g_autofree struct pace *p = g_new0(struct pace, PACE_ROWS);
    struct err err;

    for (int i = 0; i < PACE_ROWS; i++) {
        p[i] = (struct pace){ .mailbox = 1000 + i / 10,
                              .took_us = 100 * beside * TIMESTAMP_SECOND,
                              .items = 10000,
                              .bytes = UINT64_C(1000000000),
                              .beside = beside };
        if (i % 10 == 9) {
            p[i].rest = true;
            p[i].took_us = 1;
        }
    }
    CHECK_OK(store_paces_add(w->store, &between, p, PACE_ROWS, &err), &err);
}

static void add_paces(struct world *w)
{
    add_paces_of(w, 1);
}

static void look_at(struct world *w, int i, uint64_t items)
{
    struct store_lease lease;
    struct err err;

    CHECK_OK(store_mailbox_lease(w->store, w->rows[i].id, &lease, &err), &err);
    CHECK_OK(store_amount_set(w->store, &lease, items, items * 100000, &err),
             &err);
}

static void look(struct world *w, struct outlook *ret)
{
    const struct outlook_how how = { .now_us = NOW_US, .at_once = 1 };
    struct err err;

    outlook_clear(ret);
    CHECK_OK(outlook_make(&w->migration, 1, &how, ret, &err), &err);
}

static double p50_s(const struct forecast_span *span)
{
    return (double)(span->p50_us - NOW_US) / (double)TIMESTAMP_SECOND;
}

static void assert_about(double got, double want)
{
    g_assert_cmpfloat(fabs(got / want - 1), <, 0.12);
}

static void test_unknown(struct world *w, gconstpointer data)
{
    g_auto(outlook) o = { 0 };

    (void)data;
    look(w, &o);
    g_assert_false(o.known);
    g_assert_cmpint(o.by, ==, COST_BY_DEFAULT);
    look_at(w, 0, 1000);
    look(w, &o);
    g_assert_true(o.known);
    g_assert_cmpstr(o.basis, ==,
                    "no data yet: default rate; 3 mailboxes not looked at yet, "
                    "taken for average");
}

static void test_known(struct world *w, gconstpointer data)
{
    g_auto(outlook) o = { 0 };

    (void)data;
    add_paces(w);
    for (int i = 0; i < N; i++)
        look_at(w, i, 30000);
    look(w, &o);
    g_assert_cmpstr(o.basis, ==, "40 mailboxes of this provider");
    /* each 300 s, one after the other */
    assert_about(p50_s(&o.mailboxes[0]), 300);
    assert_about(p50_s(&o.span), 1200);
    g_assert_cmpuint(o.tenth, ==, 0);
    /* one is over, half of the next is done and another has failed */
    w->rows[0].stand = OUTLOOK_OVER;
    w->rows[0].known = w->rows[0].copied = 30000;
    w->rows[1].stand = OUTLOOK_RUNS;
    w->rows[1].known = 20000;
    w->rows[1].copied = 10000;
    w->rows[1].failed = 5000;
    look(w, &o);
    assert_about(p50_s(&o.span), 750);
    g_assert_cmpint(o.mailboxes[0].p90_us, ==, NOW_US);
    g_assert_cmpuint(o.tenth, ==, 3);
}

/* A delta has what is new to copy, whatever the mailbox holds. */
static void test_delta(struct world *w, gconstpointer data)
{
    g_auto(outlook) o = { 0 };

    (void)data;
    add_paces(w);
    for (int i = 0; i < N; i++) {
        look_at(w, i, 30000);
        w->rows[i].before = w->rows[i].copied = 29000;
        w->rows[i].known = 30000;
    }
    look(w, &o);
    assert_about(p50_s(&o.span), 40);
    g_assert_cmpuint(o.tenth, ==, 9);
}

/*
 * What is to come for two that were copied, one after the other: a delta takes
 * what a mailbox takes whatever is in it, comparing half of what copying took.
 */
static void test_later(struct world *w, gconstpointer data)
{
    const int64_t due_us = NOW_US + 5000 * TIMESTAMP_SECOND;
    struct outlook_mailbox rows[6];
    g_auto(outlook) o = { 0 };

    (void)data;
    add_paces(w);
    for (int i = 0; i < 2; i++) {
        look_at(w, i, 30000);
        rows[i] = w->rows[i];
        rows[i].stand = OUTLOOK_OVER;
        rows[i].known = rows[i].copied = 30000;
        rows[2 + i] = (struct outlook_mailbox){ .id = w->rows[i].id,
                                                .stand = OUTLOOK_WAITS,
                                                .round = 1,
                                                .not_before_us = due_us };
        rows[4 + i] =
            (struct outlook_mailbox){ .id = w->rows[i].id,
                                      .stand = OUTLOOK_WAITS,
                                      .round = 2,
                                      .delay_us = 1000 * TIMESTAMP_SECOND,
                                      .verifies = true };
    }
    w->migration.mailboxes = rows;
    w->migration.n = 6;
    look(w, &o);
    g_assert_true(o.known);
    g_assert_cmpstr(o.basis, ==, "40 mailboxes of this provider");
    g_assert_cmpuint(o.tenth, ==, 9);
    g_assert_cmpint(o.mailboxes[0].p90_us, ==, NOW_US);
    g_assert_cmpfloat(p50_s(&o.mailboxes[3]), >=, 5000);
    g_assert_cmpfloat(p50_s(&o.mailboxes[3]), <, 5050);
    assert_about(p50_s(&o.span) - 6000, 300);
    /* nothing to be compared, and nothing else */
    w->migration.n = 2;
    look(w, &o);
    g_assert_false(o.known);
}

/* Others of the same source wait for their turn at it. */
static void test_two(struct world *w, gconstpointer data)
{
    const struct outlook_how how = { .now_us = NOW_US, .at_once = 8 };
    struct outlook_migration both[2];
    struct outlook o[2] = { 0 };
    struct err err;

    (void)data;
    add_paces(w);
    for (int i = 0; i < N; i++)
        look_at(w, i, 30000);
    both[0] = both[1] = w->migration;
    both[0].n = both[1].n = 2;
    both[1].mailboxes = w->rows + 2;
    both[0].host_most = both[1].host_most = 1;
    CHECK_OK(outlook_make(both, 2, &how, o, &err), &err);
    /* in turns: the first one's second ends third */
    assert_about(p50_s(&o[0].span), 900);
    assert_about(p50_s(&o[1].span), 1200);
    outlook_clear(&o[0]);
    outlook_clear(&o[1]);
}

/* What two migrations have at work between the same hosts is one crowd. */
static void test_crowd(struct world *w, gconstpointer data)
{
    struct outlook_migration both[2] = { w->migration, w->migration };
    const struct outlook_how how = { .now_us = NOW_US, .at_once = 8 };
    g_auto(outlook) alone = { 0 };
    struct outlook o[2] = { 0 };
    struct err err;

    (void)data;
    add_paces_of(w, 1);
    add_paces_of(w, 8);
    for (int i = 0; i < N; i++)
        look_at(w, i, 30000);
    CHECK_OK(outlook_make(both, 1, &how, &alone, &err), &err);
    CHECK_OK(outlook_make(both, 2, &how, o, &err), &err);
    /* 10 MB a second is all there is, for 12 GB or for twice as much */
    assert_about(p50_s(&alone.span), 1200);
    for (int i = 0; i < 2; i++) {
        assert_about(p50_s(&o[i].span), 2400);
        outlook_clear(&o[i]);
    }
}

static void test_given(struct world *w, gconstpointer data)
{
    g_auto(outlook) o = { 0 };
    g_autoptr(GPtrArray) all = NULL;
    struct store_forecast *latest = NULL, *read;
    json_t *json;
    struct err err;

    (void)data;
    CHECK_OK(outlook_read(w->store, &latest, &err), &err);
    g_assert_null(latest);
    json = outlook_json(NULL);
    g_assert_true(json_is_null(json));
    json_decref(json);
    add_paces(w);
    look_at(w, 0, 30000);
    w->rows[3].stand = OUTLOOK_OVER;
    look(w, &o);
    CHECK_OK(outlook_give(&w->migration, &o, NOW_US, &err), &err);
    CHECK_OK(store_forecasts(w->store, true, &all, &err), &err);
    /* of the migration twice, and of the three that are not over */
    g_assert_cmpuint(all->len, ==, 5);
    CHECK_OK(outlook_read(w->store, &latest, &err), &err);
    g_assert_cmpint(latest->p90_us, ==, o.span.p90_us);
    json = outlook_json(latest);
    g_assert_cmpstr(json_string_value(json_object_get(json, "updated")), ==,
                    "2026-01-05T07:00:00Z");
    g_assert_cmpstr(json_string_value(json_object_get(json, "basis")), ==,
                    o.basis);
    read = outlook_parse(json);
    g_assert_nonnull(read);
    g_assert_cmpint(read->at_us, ==, NOW_US);
    /* whole seconds go over */
    g_assert_cmpint(ABS(read->p90_us - o.span.p90_us), <, TIMESTAMP_SECOND);
    g_assert_cmpint(ABS(read->p50_us - o.span.p50_us), <, TIMESTAMP_SECOND);
    g_assert_cmpstr(read->basis, ==, o.basis);
    json_object_set_new(json, "p90", json_string("soon"));
    g_assert_null(outlook_parse(json));
    g_assert_null(outlook_parse(NULL));
    json_decref(json);
    store_forecast_free(read);
    store_forecast_free(latest);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                    \
    g_test_add("/outlook/" name, struct world, NULL, set_up, function,         \
               tear_down)
    ADD("unknown", test_unknown);
    ADD("known", test_known);
    ADD("delta", test_delta);
    ADD("later", test_later);
    ADD("two", test_two);
    ADD("crowd", test_crowd);
    ADD("given", test_given);
    return g_test_run();
}
