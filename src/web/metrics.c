#include "web/metrics.h"

#include <pthread.h>
#include <string.h>

/* Upper ends of the classes of a histogram. */
static const struct {
    int64_t us;
    const char *text;
} classes[] = {
    { 1000, "0.001" },  { 5000, "0.005" },  { 20000, "0.02" },
    { 100000, "0.1" },  { 500000, "0.5" },  { 2000000, "2" },
    { 10000000, "10" }, { 60000000, "60" },
};

struct series {
    int64_t value; /* of a histogram: how many */
    int64_t sum_us;
    int64_t within[G_N_ELEMENTS(classes)]; /* not cumulated */
};

struct metrics_family {
    enum metrics_kind kind;
    const char *name, *help;
    pthread_mutex_t lock;
    GHashTable *series; /* struct series by its labels */
};

struct metrics {
    GPtrArray *families;
};

static void family_free(void *data)
{
    struct metrics_family *f = data;

    g_hash_table_unref(f->series);
    pthread_mutex_destroy(&f->lock);
    g_free(f);
}

struct metrics *metrics_new(void)
{
    struct metrics *m = g_new0(struct metrics, 1);

    m->families = g_ptr_array_new_with_free_func(family_free);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m == NULL)
        return;
    g_ptr_array_unref(m->families);
    g_free(m);
}

struct metrics_family *metrics_add(struct metrics *m, enum metrics_kind kind,
                                   const char *name, const char *help)
{
    struct metrics_family *f = g_new0(struct metrics_family, 1);

    f->kind = kind;
    f->name = name;
    f->help = help;
    pthread_mutex_init(&f->lock, NULL);
    f->series = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_ptr_array_add(m->families, f);
    return f;
}

/* With the lock held. */
static struct series *find(struct metrics_family *f, const char *labels)
{
    struct series *s = g_hash_table_lookup(f->series, labels);

    if (s != NULL)
        return s;
    if (g_hash_table_size(f->series) >= METRICS_SERIES_MAX) {
        labels = "overflow=\"true\"";
        s = g_hash_table_lookup(f->series, labels);
        if (s != NULL)
            return s;
    }
    s = g_new0(struct series, 1);
    g_hash_table_insert(f->series, g_strdup(labels), s);
    return s;
}

void metrics_count(struct metrics_family *f, const char *labels, int64_t n)
{
    pthread_mutex_lock(&f->lock);
    find(f, labels)->value += n;
    pthread_mutex_unlock(&f->lock);
}

void metrics_set(struct metrics_family *f, const char *labels, int64_t n)
{
    pthread_mutex_lock(&f->lock);
    find(f, labels)->value = n;
    pthread_mutex_unlock(&f->lock);
}

void metrics_observe(struct metrics_family *f, const char *labels, int64_t us)
{
    struct series *s;

    pthread_mutex_lock(&f->lock);
    s = find(f, labels);
    s->value++;
    s->sum_us += us;
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (us <= classes[i].us) {
            s->within[i]++;
            break;
        }
    }
    pthread_mutex_unlock(&f->lock);
}

static void put_number(GString *out, const char *name, const char *labels,
                       int64_t n)
{
    g_string_append(out, name);
    if (*labels != '\0')
        g_string_append_printf(out, "{%s}", labels);
    g_string_append_printf(out, " %" G_GINT64_FORMAT "\n", n);
}

static void put_histogram(GString *out, const struct metrics_family *f,
                          const char *labels, const struct series *s)
{
    g_autofree char *bucket = g_strconcat(f->name, "_bucket", NULL);
    g_autofree char *count = g_strconcat(f->name, "_count", NULL);
    const char *comma = *labels != '\0' ? "," : "";
    g_autofree char *all = g_strconcat(labels, comma, "le=\"+Inf\"", NULL);
    int64_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        g_autofree char *upto =
            g_strconcat(labels, comma, "le=\"", classes[i].text, "\"", NULL);

        n += s->within[i];
        put_number(out, bucket, upto, n);
    }
    put_number(out, bucket, all, s->value);
    g_string_append_printf(out, "%s_sum", f->name);
    if (*labels != '\0')
        g_string_append_printf(out, "{%s}", labels);
    g_string_append_printf(out, " %" G_GINT64_FORMAT ".%06d\n",
                           s->sum_us / 1000000, (int)(s->sum_us % 1000000));
    put_number(out, count, labels, s->value);
}

static void put_family(GString *out, struct metrics_family *f)
{
    static const char *const kinds[] = {
        [METRICS_COUNTER] = "counter",
        [METRICS_GAUGE] = "gauge",
        [METRICS_SECONDS] = "histogram",
    };
    g_autoptr(GList) labels = NULL;

    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name,
                           f->help, f->name, kinds[f->kind]);
    pthread_mutex_lock(&f->lock);
    labels =
        g_list_sort(g_hash_table_get_keys(f->series), (GCompareFunc)strcmp);
    for (const GList *at = labels; at != NULL; at = at->next) {
        const struct series *s = g_hash_table_lookup(f->series, at->data);

        if (f->kind == METRICS_SECONDS)
            put_histogram(out, f, at->data, s);
        else
            put_number(out, f->name, at->data, s->value);
    }
    pthread_mutex_unlock(&f->lock);
}

char *metrics_text(struct metrics *m)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < m->families->len; i++)
        put_family(out, m->families->pdata[i]);
    return g_string_free(out, FALSE);
}
