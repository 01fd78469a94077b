#include "desk/prober.h"

#include <pthread.h>

#include "base/timestamp.h"

/* Under way at a time: of a slow server there is one, of a flood a few. */
#define AT_ONCE_MAX 8u
/* Kept: requests that are being checked; more are asked for anew. */
#define KEPT_MAX 1000u

/* Between the tries of what may yet answer. */
static const int64_t pauses_us[] = { 5 * TIMESTAMP_SECOND,
                                     15 * TIMESTAMP_SECOND };

struct probe {
    struct prober *prober;
    int64_t request, version;
    char *url, *address, *user;
    struct secret *password;
    pthread_t thread;
    bool joined;
    enum probe_word word; /* under the lock: */
    bool over;
    struct err why;
};

struct prober {
    struct reach reach;
    struct cancel *stop;
    pthread_mutex_t lock; /* over words and n_under_way */
    unsigned int n_under_way;
    GHashTable *probes; /* of int64_t request: struct probe * */
};

static void probe_free(void *data)
{
    struct probe *b = data;

    if (!b->joined)
        pthread_join(b->thread, NULL);
    g_free(b->url);
    g_free(b->address);
    g_free(b->user);
    secret_free(b->password);
    g_free(b);
}

struct prober *prober_new(const struct reach *reach, struct cancel *stop)
{
    struct prober *p = g_new0(struct prober, 1);

    p->reach = *reach;
    p->stop = stop;
    pthread_mutex_init(&p->lock, NULL);
    p->probes =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, probe_free);
    return p;
}

void prober_free(struct prober *p)
{
    if (p == NULL)
        return;
    g_hash_table_unref(p->probes);
    pthread_mutex_destroy(&p->lock);
    g_free(p);
}

static bool may_yet_answer(const struct err *why)
{
    return why->retry == ERR_RETRY_NOW || why->retry == ERR_RETRY_WAIT;
}

static enum probe_word try_it(struct probe *b, struct err *why)
{
    const struct prober *p = b->prober;
    const struct reach_wish w = { b->url, b->address, b->user, b->password };

    for (size_t i = 0;; i++) {
        if (p->reach.find(p->reach.data, &w, NULL, why) == 0)
            return PROBE_GOOD;
        if (cancel_level(p->stop) != CANCEL_NONE)
            return PROBE_UNDER_WAY; /* nothing is known of the server */
        if (!may_yet_answer(why) || i == G_N_ELEMENTS(pauses_us))
            return PROBE_BAD;
        (void)cancel_sleep(p->stop, pauses_us[i], CANCEL_DRAIN);
    }
}

static void *work(void *data)
{
    struct probe *b = data;
    struct err why = { 0 };
    enum probe_word word = try_it(b, &why);

    pthread_mutex_lock(&b->prober->lock);
    b->why = why;
    b->word = word;
    b->over = true;
    b->prober->n_under_way--;
    pthread_mutex_unlock(&b->prober->lock);
    return NULL;
}

static gboolean is_over(gpointer key, gpointer value, gpointer data)
{
    struct probe *b = value;
    bool over;

    (void)key;
    (void)data;
    pthread_mutex_lock(&b->prober->lock);
    over = b->over;
    pthread_mutex_unlock(&b->prober->lock);
    return over;
}

static bool take_room(struct prober *p)
{
    bool room;

    pthread_mutex_lock(&p->lock);
    room = p->n_under_way < AT_ONCE_MAX;
    p->n_under_way += room ? 1 : 0;
    pthread_mutex_unlock(&p->lock);
    return room;
}

void prober_begin(struct prober *p, int64_t request, int64_t version,
                  const struct reach_wish *w)
{
    struct probe *b;

    if (!take_room(p))
        return;
    if (g_hash_table_size(p->probes) >= KEPT_MAX)
        g_hash_table_foreach_remove(p->probes, is_over, NULL);
    b = g_new0(struct probe, 1);
    *b = (struct probe){ .prober = p,
                         .request = request,
                         .version = version,
                         .word = PROBE_UNDER_WAY,
                         .url = g_strdup(w->url),
                         .address = g_strdup(w->address),
                         .user = g_strdup(w->user),
                         .password = w->password != NULL
                                         ? secret_ref(w->password)
                                         : NULL };
    if (pthread_create(&b->thread, NULL, work, b) != 0) {
        b->joined = true;
        work(b); /* slower, and as good */
    }
    g_hash_table_replace(p->probes, &b->request, b);
}

enum probe_word prober_look(struct prober *p, int64_t request, int64_t version,
                            struct probe_found *ret)
{
    const struct probe *b = g_hash_table_lookup(p->probes, &request);
    enum probe_word word;

    if (b == NULL)
        return PROBE_UNTRIED;
    pthread_mutex_lock(&p->lock);
    word = b->word;
    if (b->version != version)
        word = b->over ? PROBE_UNTRIED : PROBE_UNDER_WAY;
    *ret = (struct probe_found){ b->password != NULL, b->why };
    pthread_mutex_unlock(&p->lock);
    return word;
}
