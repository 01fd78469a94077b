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

/*
 * In a thread of its own.  All is borrowed.  -1: it cannot start.
 */
int service_worker_start(const struct service_data *d, struct log *log,
                         struct cancel *cancel,
                         const struct worker_listener *listener,
                         struct service_worker **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Has it ended, because it was cancelled or drained? */
bool service_worker_is_over(struct service_worker *w);

/* Waits until it has ended: cancel was requested, or it was drained. */
void service_worker_free(struct service_worker *w);

#endif
