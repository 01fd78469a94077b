/*
 * What went on when, for plots: of a migration, with the forecasts that were
 * given meanwhile, and with a host.
 */
#include "base/timestamp.h"
#include "fleet/member.h"
#include "store/samples.h"
#include "web/service_migrations.h"

static double mean(const struct sample *s, enum sample_figure sum_us)
{
    return (double)s->sums[sum_us] / (double)s->span_us;
}

static double throttled_share(const struct sample *s)
{
    double throttled = (double)s->sums[SAMPLE_THROTTLED_US];
    double working = (double)s->sums[SAMPLE_IN_FLIGHT_US];

    return throttled > 0 ? throttled / (throttled + working) : 0;
}

static json_t *sample_json(const struct sample *s)
{
    return json_pack(
        "{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:f,"
        " s:f}",
        "at", member_time(s->at_us), "seconds",
        (json_int_t)(s->span_us / TIMESTAMP_SECOND), "items",
        (json_int_t)s->sums[SAMPLE_ITEMS], "bytes",
        (json_int_t)s->sums[SAMPLE_BYTES], "failed",
        (json_int_t)s->sums[SAMPLE_FAILED], "requests",
        (json_int_t)s->sums[SAMPLE_REQUESTS], "busy",
        (json_int_t)s->sums[SAMPLE_BUSY], "inFlight",
        mean(s, SAMPLE_IN_FLIGHT_US), "heldUp", mean(s, SAMPLE_THROTTLED_US),
        "mailboxes", mean(s, SAMPLE_MAILBOXES_US), "throttledShare",
        throttled_share(s), "concurrency", mean(s, SAMPLE_PLACES_US));
}

/* "since" of the query; *ret 0 without it.  False: see the reply. */
static bool read_since(const struct web_request *r, int64_t *ret,
                       struct web_reply *reply)
{
    const char *text = web_query(r, "since");

    *ret = 0;
    if (text == NULL || timestamp_parse(text, ret))
        return true;
    web_problem(reply, 400, "query",
                "\"since\" is a time such as 2026-01-02T03:04:05Z");
    return false;
}

/* host NULL: of the store's migration. */
static int read_samples(struct store *s, const char *host, int64_t since_us,
                        json_t **ret, struct err *err)
{
    g_autoptr(GArray) all = NULL;

    if (store_samples(s, host, since_us, &all, err) < 0)
        return -1;
    *ret = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(
            *ret, sample_json(&g_array_index(all, struct sample, i)));
    return 0;
}

/* ---- of a migration ------------------------------------------------------ */

static json_t *forecast_json(const struct store_forecast *f)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:s}", "at", member_time(f->at_us), "tenths",
        f->tenth < FORECAST_TENTHS ? json_integer((json_int_t)f->tenth)
                                   : json_null(),
        "p50", member_time(f->p50_us), "p90", member_time(f->p90_us), "ended",
        member_time(f->ended_us), "basis", f->basis);
}

static int by_time(const void *a, const void *b)
{
    const struct store_forecast *x = *(const struct store_forecast *const *)a;
    const struct store_forecast *y = *(const struct store_forecast *const *)b;

    return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

/* Those of the migration as a whole. */
static int read_forecasts(struct store *s, json_t **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (store_forecasts(s, false, &all, err) < 0)
        return -1;
    g_ptr_array_sort(all, by_time);
    *ret = json_array();
    for (guint i = 0; i < all->len; i++) {
        const struct store_forecast *f = all->pdata[i];

        if (f->mailbox_id == 0)
            json_array_append_new(*ret, forecast_json(f));
    }
    return 0;
}

void service_migration_history(void *service, const struct web_request *r,
                               struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    g_autoptr(store) of = NULL;
    json_t *samples = NULL, *forecasts = NULL;
    int64_t since_us;
    struct err err;

    if (m == NULL || !read_since(r, &since_us, reply))
        return;
    of = database_store(s->database, m->id);
    if (read_samples(of, NULL, since_us, &samples, &err) < 0 ||
        read_forecasts(of, &forecasts, &err) < 0) {
        json_decref(samples);
        service_fail(s, r, reply, &err);
        return;
    }
    web_reply_json(
        reply, 200,
        json_pack("{s:o, s:o}", "samples", samples, "forecasts", forecasts));
}

/* ---- with a host --------------------------------------------------------- */

static bool is_known(const struct service *s, const struct web_request *r,
                     const char *host, struct web_reply *reply)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (migrations_hosts(s->migrations, host, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else if (all->len == 0)
        service_not_found(reply, "host");
    else
        return true;
    return false;
}

/* Its record outlives the migrations that it was of. */
void service_host_history(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    const struct service *s = service;
    g_autofree char *host = service_host_of(s, r, reply);
    g_autoptr(store) any = database_store(s->database, 0);
    json_t *samples = NULL;
    int64_t since_us;
    struct err err;

    if (host == NULL || !read_since(r, &since_us, reply))
        return;
    if (read_samples(any, host, since_us, &samples, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    if (json_array_size(samples) > 0 || is_known(s, r, host, reply))
        web_reply_json(reply, 200, json_pack("{s:O}", "samples", samples));
    json_decref(samples);
}
