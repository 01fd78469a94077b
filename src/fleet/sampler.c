#include "fleet/sampler.h"

#include <pthread.h>
#include <string.h>

#include "store/samples.h"

/* What waits for a database that was away for longer is of its last day. */
#define WAITS_MAX_US SAMPLE_MINUTES_US

/* A migration, or a host. */
struct subject {
    int64_t migration_id; /* 0: of the host */
    char *host;           /* NULL: of the migration */
    unsigned int running; /* passes */
    int64_t from_us;      /* since when the sums are */
    int64_t counted_us;   /* up to when mailboxes and places are in them */
    uint64_t places;      /* of a host, at the last look */
    uint64_t sums[SAMPLE_N];
};

/* What the governor had counted of a host by the last look. */
struct seen {
    uint64_t requests, busy;
    int64_t working_us, throttled_us;
};

struct sampler {
    pthread_mutex_t lock; /* over all below, and all passes */
    GPtrArray *subjects;  /* struct subject *; they stay where they are */
    GPtrArray *passes;    /* struct sampled * */
    GHashTable *seen;     /* host, to struct seen * */
};

enum { OF_MIGRATION, OF_SOURCE, OF_DESTINATION, OF_N };

struct sampled {
    struct sampler *s;
    struct subject *of[OF_N]; /* of a host: or NULL */
    struct endpoint *ends[MIGRATION_N_SIDES];
    struct endpoint_stats stats[MIGRATION_N_SIDES]; /* at the last look */
};

static void subject_free(void *p)
{
    struct subject *is = p;

    g_free(is->host);
    g_free(is);
}

struct sampler *sampler_new(void)
{
    struct sampler *s = g_new0(struct sampler, 1);

    pthread_mutex_init(&s->lock, NULL);
    s->subjects = g_ptr_array_new_with_free_func(subject_free);
    s->passes = g_ptr_array_new();
    s->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return s;
}

void sampler_free(struct sampler *s)
{
    if (s == NULL)
        return;
    g_assert(s->passes->len == 0);
    g_ptr_array_unref(s->subjects);
    g_ptr_array_unref(s->passes);
    g_hash_table_unref(s->seen);
    pthread_mutex_destroy(&s->lock);
    g_free(s);
}

/* ---- counting; all under the lock ---------------------------------------- */

static struct subject *subject_of(struct sampler *s, int64_t migration_id,
                                  const char *host, int64_t now_us)
{
    struct subject *new;

    for (guint i = 0; i < s->subjects->len; i++) {
        struct subject *is = s->subjects->pdata[i];

        if (is->migration_id == migration_id && g_strcmp0(is->host, host) == 0)
            return is;
    }
    new = g_new0(struct subject, 1);
    new->migration_id = migration_id;
    new->host = g_strdup(host);
    new->from_us = new->counted_us = now_us;
    g_ptr_array_add(s->subjects, new);
    return new;
}

/* What grows with time alone.  A clock that was set back counts nothing. */
static void count_time(struct subject *is, int64_t now_us)
{
    uint64_t took_us = (uint64_t)MAX(now_us - is->counted_us, 0);

    is->sums[SAMPLE_MAILBOXES_US] += is->running * took_us;
    is->sums[SAMPLE_PLACES_US] += is->places * took_us;
    is->counted_us = now_us;
}

static void count(const struct sampled *p, enum sample_figure f, uint64_t n)
{
    for (int i = 0; i < OF_N; i++)
        if (p->of[i] != NULL)
            p->of[i]->sums[f] += n;
}

static void set_running(const struct sampled *p, int by, int64_t now_us)
{
    for (int i = 0; i < OF_N; i++) {
        if (p->of[i] == NULL)
            continue;
        count_time(p->of[i], now_us);
        p->of[i]->running += (unsigned int)by;
    }
}

/* Hosts have what the governor says: mailboxes do not know of each other. */
static void look_at_end(struct sampled *p, int side)
{
    struct endpoint_stats now = { 0 }, *before = &p->stats[side];
    uint64_t *sums = p->of[OF_MIGRATION]->sums;

    endpoint_stats(p->ends[side], &now);
    sums[SAMPLE_REQUESTS] += now.requests - before->requests;
    sums[SAMPLE_BUSY] += now.busy - before->busy;
    sums[SAMPLE_IN_FLIGHT_US] +=
        (uint64_t)(now.working_us - before->working_us);
    sums[SAMPLE_THROTTLED_US] +=
        (uint64_t)(now.throttled_us - before->throttled_us);
    *before = now;
}

static void look_at_ends(struct sampled *p)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (p->ends[i] != NULL)
            look_at_end(p, i);
}

static void look_at_load(struct sampler *s, const struct migration_load *l,
                         int64_t now_us)
{
    struct subject *is = subject_of(s, 0, l->host, now_us);
    struct seen *before = g_hash_table_lookup(s->seen, l->host);

    if (before == NULL) {
        before = g_new0(struct seen, 1);
        g_hash_table_insert(s->seen, g_strdup(l->host), before);
    }
    if (l->places > 0) /* else just now nothing is in flight */
        is->places = l->places;
    is->sums[SAMPLE_REQUESTS] += l->requests - before->requests;
    is->sums[SAMPLE_BUSY] += l->busy - before->busy;
    is->sums[SAMPLE_IN_FLIGHT_US] +=
        (uint64_t)(l->working_us - before->working_us);
    is->sums[SAMPLE_THROTTLED_US] +=
        (uint64_t)(l->throttled_us - before->throttled_us);
    *before =
        (struct seen){ l->requests, l->busy, l->working_us, l->throttled_us };
}

/* ---- passes -------------------------------------------------------------- */

struct sampled *sampled_new(struct sampler *s, const struct sampled_of *of,
                            int64_t now_us)
{
    struct sampled *p = g_new0(struct sampled, 1);

    p->s = s;
    pthread_mutex_lock(&s->lock);
    p->of[OF_MIGRATION] = subject_of(s, of->migration_id, NULL, now_us);
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        if (of->hosts[i] != NULL)
            p->of[OF_SOURCE + i] = subject_of(s, 0, of->hosts[i], now_us);
    /* both ends with one provider: what is copied is counted once */
    if (p->of[OF_SOURCE] == p->of[OF_DESTINATION])
        p->of[OF_DESTINATION] = NULL;
    set_running(p, 1, now_us);
    g_ptr_array_add(s->passes, p);
    pthread_mutex_unlock(&s->lock);
    return p;
}

void sampled_opened(struct sampled *p, struct endpoint *source,
                    struct endpoint *destination)
{
    pthread_mutex_lock(&p->s->lock);
    p->ends[MIGRATION_SOURCE] = source;
    p->ends[MIGRATION_DESTINATION] = destination;
    memset(p->stats, 0, sizeof(p->stats));
    pthread_mutex_unlock(&p->s->lock);
}

void sampled_closing(struct sampled *p)
{
    pthread_mutex_lock(&p->s->lock);
    look_at_ends(p);
    memset(p->ends, 0, sizeof(p->ends));
    pthread_mutex_unlock(&p->s->lock);
}

void sampled_event(struct sampled *p, const struct engine_event *event)
{
    if (event->kind != ENGINE_COPIED && event->kind != ENGINE_FAILED)
        return;
    pthread_mutex_lock(&p->s->lock);
    if (event->kind == ENGINE_FAILED) {
        count(p, SAMPLE_FAILED, event->n);
    } else {
        count(p, SAMPLE_ITEMS, event->n);
        count(p, SAMPLE_BYTES, event->bytes);
    }
    pthread_mutex_unlock(&p->s->lock);
}

void sampled_end(struct sampled *p, int64_t now_us)
{
    struct sampler *s = p->s;

    pthread_mutex_lock(&s->lock);
    look_at_ends(p);
    set_running(p, -1, now_us);
    g_ptr_array_remove_fast(s->passes, p);
    pthread_mutex_unlock(&s->lock);
    g_free(p);
}

/* ---- on record ----------------------------------------------------------- */

/* What is being put on record of a subject. */
struct taken {
    int64_t migration_id;
    char *host;
    int64_t from_us, to_us;
    uint64_t sums[SAMPLE_N];
};

static void taken_free(void *p)
{
    struct taken *t = p;

    g_free(t->host);
    g_free(t);
}

static bool is_anything(const uint64_t *sums)
{
    for (int i = 0; i < SAMPLE_N; i++)
        if (sums[i] > 0)
            return true;
    return false;
}

/* Of a sum up to there.  A double has room for what a look can find. */
static uint64_t part(uint64_t sum, int64_t of_us, int64_t whole_us)
{
    return of_us >= whole_us
               ? sum
               : (uint64_t)((double)sum * (double)of_us / (double)whole_us);
}

static GArray *spread(const struct taken *t)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(struct sample));
    int64_t from_us = MAX(t->from_us, t->to_us - WAITS_MAX_US);
    int64_t whole_us = MAX(t->to_us - from_us, 1), done_us = 0;
    int64_t at_us = from_us - from_us % SAMPLE_MINUTE_US;

    for (; done_us < whole_us; at_us += SAMPLE_MINUTE_US) {
        int64_t upto_us = MIN(at_us + SAMPLE_MINUTE_US - from_us, whole_us);
        struct sample s = { .at_us = at_us, .span_us = SAMPLE_MINUTE_US };

        for (int i = 0; i < SAMPLE_N; i++)
            s.sums[i] = part(t->sums[i], upto_us, whole_us) -
                        part(t->sums[i], done_us, whole_us);
        if (is_anything(s.sums))
            g_array_append_val(out, s);
        done_us = upto_us;
    }
    return out;
}

/* Under the lock. */
static void take(struct subject *is, int64_t now_us, GPtrArray *to)
{
    struct taken *t;

    count_time(is, now_us);
    if (is_anything(is->sums)) {
        t = g_new(struct taken, 1);
        *t = (struct taken){ is->migration_id,
                             g_strdup(is->host),
                             MIN(is->from_us, now_us),
                             now_us,
                             { 0 } };
        memcpy(t->sums, is->sums, sizeof(t->sums));
        g_ptr_array_add(to, t);
    }
    memset(is->sums, 0, sizeof(is->sums));
    is->from_us = now_us;
}

static GPtrArray *take_all(struct sampler *s, const GPtrArray *loads,
                           int64_t now_us)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(taken_free);

    pthread_mutex_lock(&s->lock);
    for (guint i = 0; i < s->passes->len; i++)
        look_at_ends(s->passes->pdata[i]);
    for (guint i = 0; loads != NULL && i < loads->len; i++)
        look_at_load(s, loads->pdata[i], now_us);
    for (guint i = s->subjects->len; i > 0; i--) {
        struct subject *is = s->subjects->pdata[i - 1];

        take(is, now_us, all);
        if (is->running == 0)
            g_ptr_array_remove_index_fast(s->subjects, i - 1);
    }
    pthread_mutex_unlock(&s->lock);
    return all;
}

static void give_back(struct sampler *s, const struct taken *t)
{
    struct subject *is;

    pthread_mutex_lock(&s->lock);
    is = subject_of(s, t->migration_id, t->host, t->to_us);
    is->from_us = MIN(is->from_us, t->from_us);
    for (int i = 0; i < SAMPLE_N; i++)
        is->sums[i] += t->sums[i];
    pthread_mutex_unlock(&s->lock);
}

void sampler_record(struct sampler *s, struct database *d,
                    const GPtrArray *loads, int64_t now_us)
{
    g_autoptr(GPtrArray) all = take_all(s, loads, now_us);

    for (guint i = 0; i < all->len; i++) {
        const struct taken *t = all->pdata[i];
        g_autoptr(store) of = database_store(d, t->migration_id);
        g_autoptr(GArray) samples = spread(t);
        struct err err;

        if (store_samples_add(of, t->host, (const struct sample *)samples->data,
                              samples->len, &err) == 0)
            continue;
        /* it may be on record already: rather a gap than twice as much */
        if (g_strcmp0(err.name, "store-unknown") != 0)
            give_back(s, t);
    }
}
