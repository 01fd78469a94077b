/* The store in memory: what went on when. */
#include "store/mem_priv.h"
#include "store/samples.h"

/* Of one subject; host NULL: the migration. */
struct series {
    char *host;
    GArray *samples; /* struct sample, by time and span */
};

static void series_free(void *p)
{
    struct series *s = p;

    g_free(s->host);
    g_array_unref(s->samples);
    g_free(s);
}

void mstore_samples_init(struct mstore *s)
{
    s->series = g_ptr_array_new_with_free_func(series_free);
}

void mstore_samples_release(struct mstore *s)
{
    g_ptr_array_unref(s->series);
}

static GArray *samples_of(struct mstore *s, const char *host)
{
    struct series *new;

    for (guint i = 0; i < s->series->len; i++) {
        const struct series *is = s->series->pdata[i];

        if (g_strcmp0(is->host, host) == 0)
            return is->samples;
    }
    new = g_new(struct series, 1);
    *new = (struct series){ g_strdup(host),
                            g_array_new(FALSE, FALSE, sizeof(struct sample)) };
    g_ptr_array_add(s->series, new);
    return new->samples;
}

static bool is_before(const struct sample *a, const struct sample *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->span_us < b->span_us;
}

static void put(GArray *of, const struct sample *s)
{
    guint i = 0;
    struct sample *at;

    while (i < of->len && is_before(&g_array_index(of, struct sample, i), s))
        i++;
    if (i == of->len || is_before(s, &g_array_index(of, struct sample, i))) {
        const struct sample empty = { s->at_us, s->span_us, { 0 } };

        g_array_insert_val(of, i, empty);
    }
    at = &g_array_index(of, struct sample, i);
    for (int f = 0; f < SAMPLE_N; f++)
        at->sums[f] += MIN(s->sums[f], SAMPLE_MAX);
}

static void thin(GArray *of, size_t level, int64_t newest_us)
{
    g_autoptr(GArray) old = g_array_new(FALSE, FALSE, sizeof(struct sample));
    int64_t from_us = sample_kept_from(level, newest_us);

    for (guint i = of->len; i > 0; i--) {
        const struct sample s = g_array_index(of, struct sample, i - 1);

        if (s.span_us != sample_levels[level].span_us || s.at_us >= from_us)
            continue;
        g_array_append_val(old, s);
        g_array_remove_index(of, i - 1);
    }
    for (guint i = 0; i < old->len && level + 1 < SAMPLE_N_LEVELS; i++) {
        const struct sample s =
            sample_coarse(&g_array_index(old, struct sample, i), level + 1);

        put(of, &s);
    }
}

int mstore_samples_add(struct store *base, const char *host,
                       const struct sample *samples, size_t n, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GArray *of = samples_of(s, host);

    (void)err;
    for (size_t i = 0; i < n; i++)
        put(of, &samples[i]);
    for (size_t level = 0; level < SAMPLE_N_LEVELS; level++)
        thin(of, level, samples[n - 1].at_us);
    return mstore_unlock(s, 0);
}

int mstore_samples(struct store *base, const char *host, int64_t since_us,
                   GArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GArray *of = samples_of(s, host);

    (void)err;
    *ret = g_array_new(FALSE, FALSE, sizeof(struct sample));
    for (guint i = 0; i < of->len; i++) {
        const struct sample *is = &g_array_index(of, struct sample, i);

        if (is->at_us + is->span_us > since_us)
            g_array_append_val(*ret, *is);
    }
    return mstore_unlock(s, 0);
}
