#include "ews/sync_gate.h"

#include <pthread.h>

#include "base/timestamp.h"
#include "ews/moment.h"

struct sync_gate {
    unsigned int at_a_time;
    pthread_mutex_t inside_lock; /* guards inside, and the line before it */
    GHashTable *inside;          /* budget -> number, never 0 */
    struct turns turns;          /* of struct sync_visit */
    pthread_cond_t let_in;
};

struct sync_gate *sync_gate_new(unsigned int at_a_time)
{
    struct sync_gate *g = g_new0(struct sync_gate, 1);

    g->at_a_time = at_a_time;
    g->inside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    pthread_mutex_init(&g->inside_lock, NULL);
    turns_init(&g->turns);
    moment_init(&g->let_in);
    return g;
}

void sync_gate_free(struct sync_gate *g)
{
    if (g == NULL)
        return;
    g_hash_table_unref(g->inside);
    turns_release(&g->turns);
    pthread_cond_destroy(&g->let_in);
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

static bool has_room(const struct turn *one, void *data)
{
    const struct sync_visit *v = (const struct sync_visit *)one;
    const struct sync_gate *g = data;

    return count(g, v->budget) < g->at_a_time;
}

static void let_in(struct sync_gate *g, int64_t now_us)
{
    for (;;) {
        struct turn *one = turns_next(&g->turns, has_room, g, now_us);
        struct sync_visit *v = (struct sync_visit *)one;

        if (one == NULL)
            break;
        turns_take(&g->turns, one, now_us);
        set_count(g, v->budget, count(g, v->budget) + 1);
        v->in = true;
        v->in_us = now_us;
    }
    pthread_cond_broadcast(&g->let_in);
}

int sync_gate_enter(struct sync_gate *g, struct sync_visit *v,
                    struct cancel *stop, int64_t *waited_us, struct err *err)
{
    int64_t since = timestamp_monotonic();

    v->in = false;
    pthread_mutex_lock(&g->inside_lock);
    turns_join(&g->turns, &v->turn, v->mailbox, since);
    let_in(g, since);
    while (!v->in && cancel_level(stop) < CANCEL_DRAIN)
        moment_wait(&g->let_in, &g->inside_lock);
    if (!v->in)
        turns_leave(&g->turns, &v->turn);
    pthread_mutex_unlock(&g->inside_lock);
    *waited_us += timestamp_monotonic() - since;
    if (v->in)
        return 0;
    return moment_cancelled(err);
}

void sync_gate_leave(struct sync_gate *g, struct sync_visit *v)
{
    int64_t now_us = timestamp_monotonic();

    pthread_mutex_lock(&g->inside_lock);
    g_assert(count(g, v->budget) > 0);
    set_count(g, v->budget, count(g, v->budget) - 1);
    turns_end(&v->turn, now_us - v->in_us, now_us);
    let_in(g, now_us);
    pthread_mutex_unlock(&g->inside_lock);
}

unsigned int sync_gate_waiting(struct sync_gate *g)
{
    unsigned int n;

    pthread_mutex_lock(&g->inside_lock);
    n = g->turns.line.length;
    pthread_mutex_unlock(&g->inside_lock);
    return n;
}
