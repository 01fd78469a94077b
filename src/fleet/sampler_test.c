/*
 * What goes on record of passes whose numbers the test itself makes, over a
 * clock of its own.
 */
#include "fleet/sampler.h"

#include "base/check.h"
#include "store/samples.h"
#include "store/store_tmp.h"

#define SECOND INT64_C(1000000)
#define NOON   (1000 * SAMPLE_DAY_US + 12 * SAMPLE_HOUR_US)

static char source_host[] = "old.example:443";
static char destination_host[] = "new.example:443";

/* An endpoint that is nothing but its numbers. */
struct counted {
    struct endpoint base;
    struct endpoint_stats stats;
};

static void counted_stats(struct endpoint *ep, struct endpoint_stats *ret)
{
    *ret = ((struct counted *)ep)->stats;
}

static const struct endpoint_ops counted_ops = { .name = "counted",
                                                 .stats = counted_stats };

struct bench {
    struct store_tmp *tmp;
    struct database *d;
    struct sampler *s;
    struct counted source, destination;
    struct err err;
};

static void set_up(struct bench *b, gconstpointer data)
{
    (void)data;
    b->tmp = store_tmp_new();
    CHECK_OK(database_open(b->tmp->path, STORE_WRITE, &b->d, &b->err), &b->err);
    b->s = sampler_new();
    b->source.base.ops = b->destination.base.ops = &counted_ops;
}

static void tear_down(struct bench *b, gconstpointer data)
{
    (void)data;
    sampler_free(b->s);
    database_close(b->d);
    store_tmp_free(b->tmp);
}

static struct sampled *begin(struct bench *b, int64_t migration_id,
                             int64_t now_us)
{
    const struct sampled_of of = { migration_id,
                                   { source_host, destination_host } };
    struct sampled *p = sampled_new(b->s, &of, now_us);

    sampled_opened(p, &b->source.base, &b->destination.base);
    return p;
}

static void copied(struct sampled *p, uint64_t n)
{
    sampled_event(p, &(struct engine_event){
                         .kind = ENGINE_COPIED, .n = n, .bytes = 1000 * n });
}

/* "minute after noon:sum;" */
static char *text_of(struct bench *b, int64_t migration_id, const char *host,
                     enum sample_figure f)
{
    g_autoptr(store) s = database_store(b->d, migration_id);
    g_autoptr(GArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_samples(s, host, 0, &all, &b->err), &b->err);
    for (guint i = 0; i < all->len; i++) {
        const struct sample *is = &g_array_index(all, struct sample, i);

        g_string_append_printf(
            out, "%" G_GINT64_FORMAT ":%" G_GUINT64_FORMAT ";",
            (is->at_us - NOON) / SAMPLE_MINUTE_US, is->sums[f]);
    }
    return g_string_free(out, FALSE);
}

static void assert_sums(struct bench *b, const char *host, enum sample_figure f,
                        const char *want)
{
    g_autofree char *got = text_of(b, host == NULL ? 7 : 0, host, f);

    g_assert_cmpstr(got, ==, want);
}

/* What is known of a stretch is spread over its minutes, and adds up. */
static void test_spread(struct bench *b, gconstpointer data)
{
    struct sampled *p = begin(b, 7, NOON + 30 * SECOND);

    (void)data;
    copied(p, 101);
    sampled_event(p, &(struct engine_event){ .kind = ENGINE_FAILED, .n = 4 });
    sampler_record(b->s, b->d, NULL, NOON + 90 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "0:50;1:51;");
    assert_sums(b, NULL, SAMPLE_FAILED, "0:2;1:2;");
    assert_sums(b, NULL, SAMPLE_MAILBOXES_US, "0:30000000;1:30000000;");
    copied(p, 10);
    sampler_record(b->s, b->d, NULL, NOON + 100 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "0:50;1:61;");
    assert_sums(b, NULL, SAMPLE_BYTES, "0:50500;1:60500;");
    sampled_end(p, NOON + 110 * SECOND);
    sampler_record(b->s, b->d, NULL, NOON + 110 * SECOND);
    assert_sums(b, source_host, SAMPLE_ITEMS, "0:50;1:61;");
    assert_sums(b, destination_host, SAMPLE_FAILED, "0:2;1:2;");
}

/* Nothing is counted for what nobody works on. */
static void test_idle(struct bench *b, gconstpointer data)
{
    struct sampled *one = begin(b, 7, NOON), *two = begin(b, 7, NOON);

    (void)data;
    sampled_end(one, NOON + 20 * SECOND);
    sampled_end(two, NOON + 30 * SECOND);
    sampler_record(b->s, b->d, NULL, NOON + 30 * SECOND);
    assert_sums(b, NULL, SAMPLE_MAILBOXES_US, "0:50000000;");
    sampler_record(b->s, b->d, NULL, NOON + 3600 * SECOND);
    assert_sums(b, NULL, SAMPLE_MAILBOXES_US, "0:50000000;");
}

/* Each request once: while a pass runs, and what came after the last look. */
static void test_requests(struct bench *b, gconstpointer data)
{
    struct sampled *p = begin(b, 7, NOON);

    (void)data;
    b->source.stats = (struct endpoint_stats){
        .requests = 10, .busy = 2, .working_us = 3000, .throttled_us = 500
    };
    b->destination.stats =
        (struct endpoint_stats){ .requests = 5, .working_us = 1000 };
    sampler_record(b->s, b->d, NULL, NOON + 20 * SECOND);
    assert_sums(b, NULL, SAMPLE_REQUESTS, "0:15;");
    assert_sums(b, NULL, SAMPLE_BUSY, "0:2;");
    assert_sums(b, NULL, SAMPLE_IN_FLIGHT_US, "0:4000;");
    assert_sums(b, NULL, SAMPLE_THROTTLED_US, "0:500;");
    b->source.stats.requests = 11;
    sampled_closing(p);
    /* another account: handles that have counted nothing yet */
    b->source.stats = b->destination.stats = (struct endpoint_stats){ 0 };
    sampled_opened(p, &b->source.base, &b->destination.base);
    b->source.stats.requests = 3;
    sampled_closing(p);
    sampled_end(p, NOON + 30 * SECOND);
    sampler_record(b->s, b->d, NULL, NOON + 40 * SECOND);
    assert_sums(b, NULL, SAMPLE_REQUESTS, "0:19;");
    assert_sums(b, NULL, SAMPLE_BUSY, "0:2;");
}

/* A host's numbers are the governor's. */
static void test_hosts(struct bench *b, gconstpointer data)
{
    struct migration_load load = { .host = source_host,
                                   .places = 4,
                                   .requests = 100,
                                   .busy = 3,
                                   .throttled_us = 700,
                                   .working_us = 9000 };
    g_autoptr(GPtrArray) loads = g_ptr_array_new();
    struct sampled *p = begin(b, 7, NOON);

    (void)data;
    g_ptr_array_add(loads, &load);
    b->source.stats.requests = 50; /* of one mailbox of many */
    sampler_record(b->s, b->d, loads, NOON);
    load.requests = 110;
    load.working_us = 9500;
    load.places = 0; /* for the moment */
    sampler_record(b->s, b->d, loads, NOON + 60 * SECOND);
    sampler_record(b->s, b->d, loads, NOON + 60 * SECOND);
    assert_sums(b, source_host, SAMPLE_REQUESTS, "0:110;");
    assert_sums(b, source_host, SAMPLE_BUSY, "0:3;");
    assert_sums(b, source_host, SAMPLE_IN_FLIGHT_US, "0:9500;");
    assert_sums(b, source_host, SAMPLE_THROTTLED_US, "0:700;");
    assert_sums(b, source_host, SAMPLE_PLACES_US, "0:240000000;");
    assert_sums(b, destination_host, SAMPLE_REQUESTS, "0:0;");
    sampled_end(p, NOON + 90 * SECOND);
    sampler_record(b->s, b->d, loads, NOON + 90 * SECOND);
    assert_sums(b, source_host, SAMPLE_PLACES_US, "0:240000000;1:120000000;");
}

/* Source and destination with one provider. */
static void test_one_host(struct bench *b, gconstpointer data)
{
    const struct sampled_of of = { 7, { source_host, source_host } };
    struct sampled *p = sampled_new(b->s, &of, NOON);

    (void)data;
    copied(p, 5);
    sampled_end(p, NOON + 10 * SECOND);
    sampler_record(b->s, b->d, NULL, NOON + 10 * SECOND);
    assert_sums(b, source_host, SAMPLE_ITEMS, "0:5;");
    assert_sums(b, source_host, SAMPLE_MAILBOXES_US, "0:10000000;");
}

/* What a database did not take is told it again, of the time that it is of. */
static void test_database_away(struct bench *b, gconstpointer data)
{
    g_autoptr(database) reader = NULL;
    struct sampled *p = begin(b, 7, NOON);

    (void)data;
    CHECK_OK(database_open(b->tmp->path, STORE_READ, &reader, &b->err),
             &b->err);
    copied(p, 120);
    sampler_record(b->s, reader, NULL, NOON + 60 * SECOND);
    sampled_end(p, NOON + 60 * SECOND);
    sampler_record(b->s, reader, NULL, NOON + 90 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "");
    sampler_record(b->s, b->d, NULL, NOON + 120 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "0:60;1:60;");
    assert_sums(b, NULL, SAMPLE_MAILBOXES_US, "0:30000000;1:30000000;");
    sampler_record(b->s, b->d, NULL, NOON + 180 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "0:60;1:60;");
}

/* Neither is a clock that somebody sets back a reason to count nonsense. */
static void test_clock_set_back(struct bench *b, gconstpointer data)
{
    struct sampled *p = begin(b, 7, NOON + 90 * SECOND);

    (void)data;
    copied(p, 3);
    sampler_record(b->s, b->d, NULL, NOON + 30 * SECOND);
    sampled_end(p, NOON + 40 * SECOND);
    sampler_record(b->s, b->d, NULL, NOON + 40 * SECOND);
    assert_sums(b, NULL, SAMPLE_ITEMS, "0:3;");
    assert_sums(b, NULL, SAMPLE_MAILBOXES_US, "0:10000000;");
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*fn)(struct bench *b, gconstpointer data);
    } tests[] = {
        { "/sampler/spread", test_spread },
        { "/sampler/idle", test_idle },
        { "/sampler/requests", test_requests },
        { "/sampler/hosts", test_hosts },
        { "/sampler/one-host", test_one_host },
        { "/sampler/database-away", test_database_away },
        { "/sampler/clock-set-back", test_clock_set_back },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, struct bench, NULL, set_up, tests[i].fn,
                   tear_down);
    return g_test_run();
}
