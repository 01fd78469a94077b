#include "ews/sync_gate.h"

#include <pthread.h>

#include "base/timestamp.h"
#include "ews/moment.h"

struct sync_gate {
    unsigned int at_a_time;
    pthread_mutex_t inside_lock; /* guards inside */
    GHashTable *inside;          /* budget -> number, never 0 */
    pthread_cond_t left;
};

struct sync_gate *sync_gate_new(unsigned int at_a_time)
{
    struct sync_gate *g = g_new0(struct sync_gate, 1);

    g->at_a_time = at_a_time;
    g->inside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pthread_mutex_init(&g->inside_lock, NULL);
    moment_init(&g->left);
    return g;
}

void sync_gate_free(struct sync_gate *g)
{
    if (g == NULL)
        return;
    g_hash_table_unref(g->inside);
    pthread_cond_destroy(&g->left);
    pthread_mutex_destroy(&g->inside_lock);
    g_free(g);
}

/* With inside_lock held. */
static guint count(const struct sync_gate *g, const char *budget)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(g->inside, budget));
}

static void set_count(struct sync_gate *g, const char *budget, guint n)
{
    if (n == 0)
        g_hash_table_remove(g->inside, budget);
    else
        g_hash_table_replace(g->inside, g_strdup(budget), GUINT_TO_POINTER(n));
}

int sync_gate_enter(struct sync_gate *g, const char *budget,
                    struct cancel *stop, int64_t *waited_us, struct err *err)
{
    int64_t since = timestamp_monotonic();
    bool in = false;

    pthread_mutex_lock(&g->inside_lock);
    for (;;) {
        in = count(g, budget) < g->at_a_time;
        if (in || cancel_level(stop) >= CANCEL_DRAIN)
            break;
        moment_wait(&g->left, &g->inside_lock);
    }
    if (in)
        set_count(g, budget, count(g, budget) + 1);
    pthread_mutex_unlock(&g->inside_lock);
    *waited_us += timestamp_monotonic() - since;
    if (in)
        return 0;
    return moment_cancelled(err);
}

void sync_gate_leave(struct sync_gate *g, const char *budget)
{
    pthread_mutex_lock(&g->inside_lock);
    g_assert(count(g, budget) > 0);
    set_count(g, budget, count(g, budget) - 1);
    pthread_cond_broadcast(&g->left);
    pthread_mutex_unlock(&g->inside_lock);
}
