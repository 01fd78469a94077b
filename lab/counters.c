#include "lab/counters.h"

#include <pthread.h>

#include <jansson.h>

#include "base/timestamp.h"

/*
 * Names that a request can bring in are operations and addresses: bounded,
 * for a client could invent them without end.
 */
#define NAMES_MAX 100000

struct counters {
    pthread_mutex_t lock;
    GHashTable *values; /* name: uint64_t */
    GHashTable *flying; /* mailbox: uint64_t; "" for all */
    GHashTable *quiet;  /* budget: struct quiet */
};

struct quiet {
    int64_t from_us, until_us; /* monotonic */
};

struct counters *counters_new(void)
{
    struct counters *c = g_new0(struct counters, 1);

    pthread_mutex_init(&c->lock, NULL);
    c->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    c->flying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    c->quiet = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return c;
}

void counters_free(struct counters *c)
{
    if (c == NULL)
        return;
    g_hash_table_unref(c->values);
    g_hash_table_unref(c->flying);
    g_hash_table_unref(c->quiet);
    pthread_mutex_destroy(&c->lock);
    g_free(c);
}

/* NULL when there are too many names. */
static uint64_t *slot(GHashTable *table, const char *name)
{
    uint64_t *value = g_hash_table_lookup(table, name);

    if (value != NULL || g_hash_table_size(table) >= NAMES_MAX)
        return value;
    value = g_new0(uint64_t, 1);
    g_hash_table_insert(table, g_strdup(name), value);
    return value;
}

static void add(struct counters *c, const char *name, uint64_t n)
{
    uint64_t *value = slot(c->values, name);

    if (value != NULL)
        *value += n;
}

static void raise_to(struct counters *c, const char *name, uint64_t to)
{
    uint64_t *value = slot(c->values, name);

    if (value != NULL)
        *value = MAX(*value, to);
}

static void take_off(struct counters *c, const char *whose, const char *most)
{
    uint64_t *flying = slot(c->flying, whose);

    if (flying != NULL)
        raise_to(c, most, ++*flying);
}

static void land(struct counters *c, const char *whose)
{
    uint64_t *flying = g_hash_table_lookup(c->flying, whose);

    if (flying != NULL)
        --*flying;
}

void counters_begin(struct counters *c, const char *operation,
                    const char *mailbox, uint64_t bytes_in)
{
    g_autofree char *by_operation = g_strconcat("requests.", operation, NULL);

    pthread_mutex_lock(&c->lock);
    add(c, "requests", 1);
    add(c, by_operation, 1);
    add(c, "bytes.in", bytes_in);
    take_off(c, "", "in-flight.most");
    if (mailbox != NULL) {
        g_autofree char *requests =
            g_strconcat("mailbox.", mailbox, ".requests", NULL);
        g_autofree char *most =
            g_strconcat("mailbox.", mailbox, ".in-flight.most", NULL);

        add(c, requests, 1);
        take_off(c, mailbox, most);
    }
    pthread_mutex_unlock(&c->lock);
}

void counters_end(struct counters *c, const char *mailbox, uint64_t bytes_out)
{
    pthread_mutex_lock(&c->lock);
    add(c, "bytes.out", bytes_out);
    land(c, "");
    if (mailbox != NULL)
        land(c, mailbox);
    pthread_mutex_unlock(&c->lock);
}

/* No mailbox is called so. */
#define CONNECTIONS "\n"

void counters_connect(struct counters *c)
{
    pthread_mutex_lock(&c->lock);
    add(c, "connections", 1);
    take_off(c, CONNECTIONS, "connections.most");
    pthread_mutex_unlock(&c->lock);
}

void counters_disconnect(struct counters *c)
{
    pthread_mutex_lock(&c->lock);
    land(c, CONNECTIONS);
    pthread_mutex_unlock(&c->lock);
}

void counters_told(struct counters *c, const char *budget, uint32_t ms)
{
    int64_t now = timestamp_monotonic(), us = (int64_t)ms * 1000;
    struct quiet *q = g_new(struct quiet, 1);

    *q = (struct quiet){ now + us / 4, now + us };
    pthread_mutex_lock(&c->lock);
    if (g_hash_table_size(c->quiet) < NAMES_MAX)
        g_hash_table_replace(c->quiet, g_strdup(budget), q);
    else
        g_free(q);
    pthread_mutex_unlock(&c->lock);
}

void counters_arrived(struct counters *c, const char *budget)
{
    int64_t now = timestamp_monotonic();
    const struct quiet *q;

    pthread_mutex_lock(&c->lock);
    q = g_hash_table_lookup(c->quiet, budget);
    if (q != NULL && now >= q->from_us && now < q->until_us)
        add(c, "backoff.early", 1);
    pthread_mutex_unlock(&c->lock);
}

void counters_note(struct counters *c, const char *name)
{
    counters_add(c, name, 1);
}

void counters_add(struct counters *c, const char *name, uint64_t n)
{
    pthread_mutex_lock(&c->lock);
    add(c, name, n);
    pthread_mutex_unlock(&c->lock);
}

void counters_reset(struct counters *c)
{
    pthread_mutex_lock(&c->lock);
    g_hash_table_remove_all(c->values);
    pthread_mutex_unlock(&c->lock);
}

/* What is now, as a value beside what has been counted. */
static void set_now(struct counters *c, const char *whose, const char *name)
{
    const uint64_t *flying = g_hash_table_lookup(c->flying, whose);
    uint64_t *value = slot(c->values, name);

    if (value != NULL)
        *value = flying != NULL ? *flying : 0;
}

/* Every name, sorted; what is always there included. */
static GPtrArray *sorted_names(struct counters *c)
{
    static const char *const always[] = { "busy",           "bytes.in",
                                          "bytes.out",      "connections",
                                          "in-flight.most", "requests" };
    g_autoptr(GList) names = NULL;
    GPtrArray *out = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        add(c, always[i], 0);
    set_now(c, "", "in-flight.now");
    set_now(c, CONNECTIONS, "connections.now");
    names = g_list_sort(g_hash_table_get_keys(c->values),
                        (GCompareFunc)(void (*)(void))strcmp);
    for (GList *l = names; l != NULL; l = l->next)
        g_ptr_array_add(out, l->data);
    return out;
}

char *counters_text(struct counters *c)
{
    g_autoptr(GPtrArray) names = NULL;
    GString *out = g_string_new(NULL);

    pthread_mutex_lock(&c->lock);
    names = sorted_names(c);
    for (guint i = 0; i < names->len; i++) {
        const uint64_t *value = g_hash_table_lookup(c->values, names->pdata[i]);

        g_string_append_printf(out, "%s %" G_GUINT64_FORMAT "\n",
                               (char *)names->pdata[i], *value);
    }
    pthread_mutex_unlock(&c->lock);
    return g_string_free(out, FALSE);
}

char *counters_json(struct counters *c)
{
    g_autoptr(GPtrArray) names = NULL;
    json_t *object = json_object();
    char *text, *copy;

    pthread_mutex_lock(&c->lock);
    names = sorted_names(c);
    for (guint i = 0; i < names->len; i++) {
        const uint64_t *value = g_hash_table_lookup(c->values, names->pdata[i]);

        json_object_set_new(object, names->pdata[i],
                            json_integer((json_int_t)*value));
    }
    pthread_mutex_unlock(&c->lock);
    text = json_dumps(object, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    json_decref(object);
    copy = g_strdup(text);
    free(text);
    return copy;
}
