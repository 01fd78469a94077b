#include "cmd/gates.h"

#include <pthread.h>
#include <string.h>

#include "base/hours.h"

struct gate {
    char *host;         /* "mail.example:443" */
    GPtrArray *servers; /* char *: those behind it; owned */
    char *quiet;        /* text; NULL: never */
    const struct hours *hours;
};

struct gates {
    struct governor *governor;
    pthread_mutex_t lock; /* over all below */
    GPtrArray *gates;     /* struct gate * */
    GPtrArray *hours;     /* struct hours *: the governor may have them */
};

static void gate_free(void *p)
{
    struct gate *g = p;

    g_ptr_array_unref(g->servers);
    g_free(g->quiet);
    g_free(g->host);
    g_free(g);
}

struct gates *gates_new(struct governor *g)
{
    struct gates *all = g_new0(struct gates, 1);

    all->governor = g;
    pthread_mutex_init(&all->lock, NULL);
    all->gates = g_ptr_array_new_with_free_func(gate_free);
    all->hours = g_ptr_array_new_with_free_func((GDestroyNotify)hours_free);
    return all;
}

void gates_free(struct gates *all)
{
    if (all == NULL)
        return;
    g_ptr_array_unref(all->gates);
    g_ptr_array_unref(all->hours);
    pthread_mutex_destroy(&all->lock);
    g_free(all);
}

/* Under the lock. */
static struct gate *gate_of(struct gates *all, const char *host)
{
    struct gate *g;

    for (guint i = 0; i < all->gates->len; i++) {
        g = all->gates->pdata[i];
        if (strcmp(g->host, host) == 0)
            return g;
    }
    g = g_new0(struct gate, 1);
    g->host = g_strdup(host);
    g->servers = g_ptr_array_new_with_free_func(g_free);
    /* what finds the server is a request, too: to the host as it was given */
    g_ptr_array_add(g->servers, g_str_has_suffix(host, ":443")
                                    ? g_strndup(host, strlen(host) - 4)
                                    : g_strdup(host));
    g_ptr_array_add(all->gates, g);
    return g;
}

/* ---- quiet hours --------------------------------------------------------- */

static void keep_quiet(struct gates *all, struct gate *g, const char *text)
{
    struct hours *h = NULL;
    struct err ignored;

    if (g_strcmp0(g->quiet, text) == 0)
        return;
    if (text != NULL && hours_parse(text, &h, &ignored) < 0)
        return; /* claims heed it: see jobs_group_may() */
    g_free(g->quiet);
    g->quiet = g_strdup(text);
    g->hours = h;
    if (h != NULL)
        g_ptr_array_add(all->hours, h);
    for (guint i = 0; i < g->servers->len; i++)
        governor_set_quiet(all->governor, g->servers->pdata[i], h);
}

static const struct jobs_host *find_host(const GPtrArray *hosts,
                                         const char *name)
{
    for (guint i = 0; i < hosts->len; i++) {
        const struct jobs_host *h = hosts->pdata[i];

        if (strcmp(h->name, name) == 0)
            return h;
    }
    return NULL;
}

void gates_heed(struct gates *all, const GPtrArray *hosts)
{
    pthread_mutex_lock(&all->lock);
    for (guint i = 0; i < hosts->len; i++)
        gate_of(all, ((const struct jobs_host *)hosts->pdata[i])->name);
    for (guint i = 0; i < all->gates->len; i++) {
        struct gate *g = all->gates->pdata[i];
        const struct jobs_host *h = find_host(hosts, g->host);

        keep_quiet(all, g, h != NULL ? h->quiet : NULL);
    }
    pthread_mutex_unlock(&all->lock);
}

void gates_stand_behind(struct gates *all, const char *host, const char *server)
{
    struct gate *g;

    pthread_mutex_lock(&all->lock);
    g = gate_of(all, host);
    if (!g_ptr_array_find_with_equal_func(g->servers, server, g_str_equal,
                                          NULL)) {
        g_ptr_array_add(g->servers, g_strdup(server));
        if (g->hours != NULL)
            governor_set_quiet(all->governor, server, g->hours);
    }
    pthread_mutex_unlock(&all->lock);
}

/* ---- what was learnt ----------------------------------------------------- */

static void add(struct gates *all, const char *server,
                struct migration_load *to)
{
    struct governor_stats stats;

    governor_stats(all->governor, server, &stats);
    to->in_flight += stats.in_flight;
    to->waiting += stats.waiting;
    to->places += governor_places(all->governor, server);
    to->requests += stats.requests;
    to->busy += stats.busy;
    to->throttled_us += stats.throttled_us;
    to->working_us += stats.working_us;
    to->parked_until_us = MAX(to->parked_until_us, stats.parked_until_us);
    to->quiet_until_us = MAX(to->quiet_until_us, stats.quiet_until_us);
}

void gates_loads(struct gates *all, GPtrArray *to)
{
    pthread_mutex_lock(&all->lock);
    for (guint i = 0; i < all->gates->len; i++) {
        const struct gate *g = all->gates->pdata[i];
        struct migration_load l = { .host = g->host };

        for (guint k = 0; k < g->servers->len; k++)
            add(all, g->servers->pdata[k], &l);
        if (l.requests + l.in_flight + l.waiting == 0)
            continue;
        l.host = g_strdup(g->host);
        g_ptr_array_add(to, g_memdup2(&l, sizeof(l)));
    }
    pthread_mutex_unlock(&all->lock);
}
