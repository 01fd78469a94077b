#include "cmd/service_worker.h"

#include <stdatomic.h>

#include "base/thread.h"
#include "cmd/descriptors.h"
#include "cmd/doors.h"

/* What all payloads together may keep in memory; see ARCHITECTURE.md. */
#define PAYLOAD_MEMORY_MAX (128u * 1024 * 1024)
#define LANES              8 /* a mailbox, unless its options say otherwise */

struct service_worker {
    struct log *log;
    char *name;
    struct doors *doors;
    struct worker_doors table;
    struct worker_listener listener;
    struct blob_pool *pool;
    struct worker *worker;
    struct thread thread;
    atomic_bool over;
};

static void *work(void *data)
{
    struct service_worker *w = data;
    struct err err;

    if (worker_run(w->worker, &err) < 0)
        log_err(w->log, LOG_ERROR, "worker", &err);
    atomic_store(&w->over, true);
    return NULL;
}

static int set_up(struct service_worker *w,
                  const struct service_worker_how *how, struct err *err)
{
    const struct service_data *d = how->data;
    const struct config *c = d->config;
    const struct worker_config settings = {
        .name = w->name,
        .at_once = (unsigned int)config_number(c, CONFIG_WORKER_AT_ONCE),
        .lease_us = config_us(c, CONFIG_WORKER_LEASE),
        .embedded = !database_is_url(config_text(c, CONFIG_STORE_DATABASE)),
        .stays = how->stays,
        .database = d->database,
        .jobs = d->jobs,
        .migrations = d->migrations,
        .pool = w->pool,
        .log = w->log,
        .cancel = how->cancel,
        .doors = &w->table,
        .listener = &w->listener,
    };

    if (descriptors_raise(settings.at_once, LANES, err) < 0 ||
        doors_new(c, d->migrations, how->cancel, &w->doors, err) < 0)
        return -1;
    w->table = doors_of(w->doors);
    w->worker = worker_new(&settings);
    return 0;
}

int service_worker_start(const struct service_worker_how *how,
                         struct service_worker **ret, struct err *err)
{
    struct service_worker *w = g_new0(struct service_worker, 1);

    w->log = how->log;
    w->name = worker_name();
    w->pool = blob_pool_new(PAYLOAD_MEMORY_MAX, NULL);
    w->listener = *how->listener;
    if (set_up(w, how, err) < 0 || thread_start(&w->thread, work, w, err) < 0) {
        service_worker_free(w);
        return -1;
    }
    log_line(
        w->log, LOG_INFO, NULL, "worker %s takes up to %u mailboxes at once",
        w->name,
        (unsigned int)config_number(how->data->config, CONFIG_WORKER_AT_ONCE));
    *ret = w;
    return 0;
}

bool service_worker_is_over(struct service_worker *w)
{
    return atomic_load(&w->over);
}

void service_worker_free(struct service_worker *w)
{
    if (w == NULL)
        return;
    thread_join(&w->thread);
    worker_free(w->worker);
    doors_free(w->doors);
    blob_pool_free(w->pool);
    g_free(w->name);
    g_free(w);
}
