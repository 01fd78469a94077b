#include "web/server_priv.h"

struct workers {
    worker_job *job;
    size_t n, queue_max;
    pthread_t *threads;
    pthread_mutex_t queue_lock; /* the rest */
    pthread_cond_t bell;
    GQueue queue;
    bool ending;
};

static void *work(void *data)
{
    struct workers *w = data;

    pthread_mutex_lock(&w->queue_lock);
    for (;;) {
        void *one;

        while (w->queue.length == 0 && !w->ending)
            pthread_cond_wait(&w->bell, &w->queue_lock);
        if (w->queue.length == 0)
            break;
        one = g_queue_pop_head(&w->queue);
        pthread_mutex_unlock(&w->queue_lock);
        w->job(one);
        pthread_mutex_lock(&w->queue_lock);
    }
    pthread_mutex_unlock(&w->queue_lock);
    return NULL;
}

struct workers *workers_new(size_t n, size_t queue_max, worker_job *job)
{
    struct workers *w = g_new0(struct workers, 1);

    w->job = job;
    w->n = n;
    w->queue_max = queue_max;
    w->threads = g_new0(pthread_t, n);
    pthread_mutex_init(&w->queue_lock, NULL);
    pthread_cond_init(&w->bell, NULL);
    for (size_t i = 0; i < n; i++)
        if (pthread_create(&w->threads[i], NULL, work, w) != 0)
            g_error("cannot start a thread");
    return w;
}

bool workers_add(struct workers *w, void *data)
{
    bool room;

    pthread_mutex_lock(&w->queue_lock);
    room = w->queue.length < w->queue_max;
    if (room) {
        g_queue_push_tail(&w->queue, data);
        pthread_cond_signal(&w->bell);
    }
    pthread_mutex_unlock(&w->queue_lock);
    return room;
}

void workers_free(struct workers *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->queue_lock);
    w->ending = true;
    pthread_cond_broadcast(&w->bell);
    pthread_mutex_unlock(&w->queue_lock);
    for (size_t i = 0; i < w->n; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->bell);
    pthread_mutex_destroy(&w->queue_lock);
    g_free(w->threads);
    g_free(w);
}
