/*
 * service_worker - the worker of a process of the service: "serve" has one
 * beside its API, "worker" is nothing else.
 */
#ifndef CMD_SERVICE_WORKER_H
#define CMD_SERVICE_WORKER_H

#include "base/log.h"
#include "cmd/service_open.h"
#include "fleet/worker.h"

struct service_worker;

/* All borrowed, and but for the listener's struct outlive it. */
struct service_worker_how {
    const struct service_data *data;
    struct log *log;
    struct cancel *cancel;
    const struct worker_listener *listener;
    bool stays; /* drained, it waits until it is let go on */
};

/* In a thread of its own.  -1: it cannot start. */
int service_worker_start(const struct service_worker_how *how,
                         struct service_worker **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Has it ended, because it was cancelled or, unless it stays, drained? */
bool service_worker_is_over(struct service_worker *w);

/* Waits until it has ended: cancel was requested, or see above. */
void service_worker_free(struct service_worker *w);

#endif
