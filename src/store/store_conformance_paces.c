/* Paces by hosts, amounts by mailbox, forecasts and what became of them. */
#include "base/check.h"
#include "store/paces.h"
#include "store/store_conformance_priv.h"

static const struct pace_hosts ours = { "old.example:443", "new.example:443" };
static const struct pace_hosts others = { "old.example:443", "x.example:443" };

static void test_paces(struct conform *t)
{
    static const struct pace first[] = {
        { 1, 100, 2000, 300, 40, 50000, 6, 7, false },
        { 1, 200, 3000, 0, UINT64_MAX, UINT64_MAX, 0, 1, true },
    };
    static const struct pace other = { .mailbox = 9, .took_us = 1 };
    g_autoptr(GArray) got = NULL, none = NULL;
    const struct pace *p;

    CHECK_OK(store_paces_add(t->s, &ours, first, 2, &t->err), &t->err);
    CHECK_OK(store_paces_add(t->s, &others, &other, 1, &t->err), &t->err);
    CHECK_OK(store_paces(t->s, &ours, &got, &t->err), &t->err);
    g_assert_cmpuint(got->len, ==, 2);
    p = &g_array_index(got, struct pace, 0);
    g_assert_cmpint(p->mailbox, ==, 1);
    g_assert_cmpint(p->begun_us, ==, 100);
    g_assert_cmpint(p->took_us, ==, 2000);
    g_assert_cmpint(p->throttled_us, ==, 300);
    g_assert_cmpuint(p->items, ==, 40);
    g_assert_cmpuint(p->bytes, ==, 50000);
    g_assert_cmpuint(p->requests, ==, 6);
    g_assert_cmpuint(p->beside, ==, 7);
    g_assert_false(p->rest);
    g_assert_true(g_array_index(got, struct pace, 1).rest);
    CHECK_OK(store_paces(t->s,
                         &(struct pace_hosts){ ours.destination, ours.source },
                         &none, &t->err),
             &t->err);
    g_assert_cmpuint(none->len, ==, 0);
}

/* The oldest go, and only of those hosts. */
static void test_most(struct conform *t)
{
    g_autofree struct pace *many = g_new0(struct pace, PACES_MAX);
    const struct pace last = { .mailbox = -1, .took_us = 1 };
    g_autoptr(GArray) got = NULL, kept = NULL;

    for (int i = 0; i < PACES_MAX; i++)
        many[i] = (struct pace){ .mailbox = i, .took_us = 1 };
    CHECK_OK(store_paces_add(t->s, &others, many, 1, &t->err), &t->err);
    CHECK_OK(store_paces_add(t->s, &ours, many, PACES_MAX, &t->err), &t->err);
    for (int i = 0; i < 3; i++)
        CHECK_OK(store_paces_add(t->s, &ours, &last, 1, &t->err), &t->err);
    CHECK_OK(store_paces(t->s, &ours, &got, &t->err), &t->err);
    g_assert_cmpuint(got->len, ==, PACES_MAX);
    g_assert_cmpint(g_array_index(got, struct pace, 0).mailbox, ==, 3);
    g_assert_cmpint(g_array_index(got, struct pace, PACES_MAX - 1).mailbox, ==,
                    -1);
    CHECK_OK(store_paces(t->s, &others, &kept, &t->err), &t->err);
    g_assert_cmpuint(kept->len, ==, 1);
}

static void test_hosts_refused(struct conform *t)
{
    const struct pace_hosts none = { NULL, "x" };
    GArray *got = NULL;

    g_assert_cmpint(store_paces_add(t->s, &none, NULL, 0, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "missing");
    g_assert_cmpint(store_paces(t->s, &none, &got, &t->err), ==, -1);
}

static void test_amounts(struct conform *t)
{
    const struct store_lease stale = { t->lease.mailbox_id,
                                       t->lease.number - 1 };
    g_autoptr(GArray) none = NULL, got = NULL;

    CHECK_OK(store_amounts(t->s, &none, &t->err), &t->err);
    g_assert_cmpuint(none->len, ==, 0);
    CHECK_OK(store_amount_set(t->s, &t->lease, 5, 600, &t->err), &t->err);
    CHECK_OK(store_amount_set(t->s, &t->lease, 7, 800, &t->err), &t->err);
    g_assert_cmpint(store_amount_set(t->s, &stale, 1, 1, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "lease-lost");
    CHECK_OK(store_amounts(t->s, &got, &t->err), &t->err);
    g_assert_cmpuint(got->len, ==, 1);
    g_assert_cmpint(g_array_index(got, struct store_amount, 0).mailbox_id, ==,
                    t->lease.mailbox_id);
    g_assert_cmpuint(g_array_index(got, struct store_amount, 0).items, ==, 7);
    g_assert_cmpuint(g_array_index(got, struct store_amount, 0).bytes, ==, 800);
}

/* "mailbox/tenth at p50 p90 ended basis;" */
static char *all_forecasts(struct conform *t, bool open)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_forecasts(t->s, open, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_forecast *f = all->pdata[i];

        g_string_append_printf(out,
                               "%" G_GINT64_FORMAT "/%u %" G_GINT64_FORMAT
                               " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                               " %" G_GINT64_FORMAT " %s;",
                               f->mailbox_id, f->tenth, f->at_us, f->p50_us,
                               f->p90_us, f->ended_us, f->basis);
    }
    return g_string_free(out, FALSE);
}

static void give(struct conform *t, int64_t mailbox, unsigned int tenth,
                 int64_t at)
{
    char basis[] = "b";
    const struct store_forecast f = { .mailbox_id = mailbox,
                                      .tenth = tenth,
                                      .at_us = at,
                                      .p50_us = at + 1,
                                      .p90_us = at + 2,
                                      .basis = basis };

    CHECK_OK(store_forecasts_give(t->s, &f, 1, &t->err), &t->err);
}

static void assert_forecasts(struct conform *t, bool open, const char *want)
{
    g_autofree char *got = all_forecasts(t, open);

    g_assert_cmpstr(got, ==, want);
}

static void test_forecasts(struct conform *t)
{
    give(t, 0, 0, 10);
    give(t, 0, 0, 20); /* the first one stays */
    give(t, 0, FORECAST_LATEST, 10);
    give(t, 0, FORECAST_LATEST, 20); /* the last one holds */
    give(t, 1, 3, 15);
    give(t, 1, FORECAST_LATEST, 16);
    CHECK_OK(store_forecasts_end(t->s, 1, 50, &t->err), &t->err);
    give(t, 1, 3, 60);
    assert_forecasts(t, true,
                     "0/0 10 11 12 0 b;0/10 20 21 22 0 b;1/3 60 61 62 0 b;");
    CHECK_OK(store_forecasts_end(t->s, 0, 99, &t->err), &t->err);
    assert_forecasts(t, true, "");
    assert_forecasts(t, false, "0/0 10 11 12 99 b;1/3 15 16 17 50 b;");
    /* it begins anew, and is stopped */
    give(t, 0, 0, 100);
    give(t, 1, FORECAST_LATEST, 100);
    CHECK_OK(store_forecasts_end(t->s, 0, 0, &t->err), &t->err);
    assert_forecasts(t, false, "0/0 10 11 12 99 b;1/3 15 16 17 50 b;");
    give(t, 0, 0, 200);
    CHECK_OK(store_forecasts_end(t->s, 0, 250, &t->err), &t->err);
    assert_forecasts(t, false,
                     "0/0 10 11 12 99 b;0/0 200 201 202 250 b;"
                     "1/3 15 16 17 50 b;");
}

const struct conform_test conform_paces[] = {
    { "paces/hosts", test_paces },           { "paces/most", test_most },
    { "paces/refused", test_hosts_refused }, { "amounts", test_amounts },
    { "forecasts", test_forecasts },         { NULL, NULL },
};
