/* What went on when: added up by whoever adds, and thinned exactly. */
#include "base/check.h"
#include "store/samples.h"
#include "store/store_conformance_priv.h"

/* A day's beginning, so that what is old enough is easily told. */
#define DAY(n) ((n)*SAMPLE_DAY_US)

static struct sample minute(int64_t at_us, uint64_t items)
{
    struct sample s = { .at_us = at_us, .span_us = SAMPLE_MINUTE_US };

    for (int i = 0; i < SAMPLE_N; i++)
        s.sums[i] = items * (uint64_t)(i + 1);
    return s;
}

static void add(struct conform *t, const char *host, int64_t at_us,
                uint64_t items)
{
    const struct sample s = minute(at_us, items);

    CHECK_OK(store_samples_add(t->s, host, &s, 1, &t->err), &t->err);
}

/* "minutes since day 1000 +minutes long: items;" */
static char *text_of(struct conform *t, const char *host, int64_t since_us)
{
    g_autoptr(GArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_samples(t->s, host, since_us, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct sample *s = &g_array_index(all, struct sample, i);

        g_string_append_printf(
            out,
            "%" G_GINT64_FORMAT "+%" G_GINT64_FORMAT ":%" G_GUINT64_FORMAT ";",
            (s->at_us - DAY(1000)) / SAMPLE_MINUTE_US,
            s->span_us / SAMPLE_MINUTE_US, s->sums[SAMPLE_ITEMS]);
        for (int f = 0; f < SAMPLE_N; f++)
            g_assert_cmpuint(s->sums[f], ==,
                             s->sums[SAMPLE_ITEMS] * (uint64_t)(f + 1));
    }
    return g_string_free(out, FALSE);
}

static void assert_samples(struct conform *t, const char *host,
                           const char *want)
{
    g_autofree char *got = text_of(t, host, 0);

    g_assert_cmpstr(got, ==, want);
}

static void test_added_up(struct conform *t)
{
    const struct sample two[] = { minute(DAY(1000), 2),
                                  minute(DAY(1000) + SAMPLE_MINUTE_US, 3) };
    g_autofree char *late = NULL, *none = NULL;

    assert_samples(t, NULL, "");
    CHECK_OK(store_samples_add(t->s, NULL, two, 2, &t->err), &t->err);
    add(t, NULL, DAY(1000) + SAMPLE_MINUTE_US, 10);
    add(t, "a.example:443", DAY(1000), 7);
    assert_samples(t, NULL, "0+1:2;1+1:13;");
    assert_samples(t, "a.example:443", "0+1:7;");
    assert_samples(t, "b.example:443", "");
    late = text_of(t, NULL, DAY(1000) + SAMPLE_MINUTE_US);
    g_assert_cmpstr(late, ==, "1+1:13;");
    none = text_of(t, NULL, DAY(1000) + 2 * SAMPLE_MINUTE_US);
    g_assert_cmpstr(none, ==, "");
}

/* Minutes of a day, hours of a month, days of two years: nothing is lost. */
static void test_thinned(struct conform *t)
{
    add(t, NULL, DAY(1000) + 59 * SAMPLE_MINUTE_US, 1);
    add(t, NULL, DAY(1000) + 60 * SAMPLE_MINUTE_US, 2);
    add(t, NULL, DAY(1000) + 61 * SAMPLE_MINUTE_US, 3);
    add(t, "a.example:443", DAY(1000), 9);
    add(t, NULL, DAY(1001) + SAMPLE_HOUR_US, 4);
    assert_samples(t, NULL, "0+60:1;60+1:2;61+1:3;1500+1:4;");
    add(t, NULL, DAY(1001) + 2 * SAMPLE_HOUR_US, 5);
    assert_samples(t, NULL, "0+60:1;60+60:5;1500+1:4;1560+1:5;");
    /* what comes too late for its minute is in its hour */
    add(t, NULL, DAY(1000), 20);
    assert_samples(t, NULL, "0+1:20;0+60:1;60+60:5;1500+1:4;1560+1:5;");
    add(t, NULL, DAY(1001) + 2 * SAMPLE_HOUR_US, 1);
    assert_samples(t, NULL, "0+60:21;60+60:5;1500+1:4;1560+1:6;");
    add(t, NULL, DAY(1032), 6);
    assert_samples(t, NULL, "0+1440:26;1500+60:4;1560+60:6;46080+1:6;");
    add(t, NULL, DAY(1732), 7);
    assert_samples(t, NULL, "1440+1440:10;46080+1440:6;1054080+1:7;");
    assert_samples(t, "a.example:443", "0+1:9;");
}

/* What no plot could show does not make the next sum a failure. */
static void test_too_much(struct conform *t)
{
    struct sample s = minute(DAY(1000), 0);
    g_autoptr(GArray) got = NULL;

    s.sums[SAMPLE_BYTES] = UINT64_MAX;
    CHECK_OK(store_samples_add(t->s, NULL, &s, 1, &t->err), &t->err);
    CHECK_OK(store_samples_add(t->s, NULL, &s, 1, &t->err), &t->err);
    CHECK_OK(store_samples(t->s, NULL, 0, &got, &t->err), &t->err);
    g_assert_cmpuint(g_array_index(got, struct sample, 0).sums[SAMPLE_BYTES],
                     ==, 2 * SAMPLE_MAX);
}

static void test_refused(struct conform *t)
{
    const struct sample s = minute(DAY(1000), 1);
    g_autofree char *host = g_strnfill(5000, 'a');
    GArray *got = NULL;

    g_assert_cmpint(store_samples_add(t->s, host, &s, 1, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "too-long");
    g_assert_cmpint(store_samples(t->s, host, 0, &got, &t->err), ==, -1);
    g_assert_null(got);
}

const struct conform_test conform_samples[] = {
    { "samples/added-up", test_added_up },
    { "samples/thinned", test_thinned },
    { "samples/too-much", test_too_much },
    { "samples/refused", test_refused },
    { NULL, NULL },
};
