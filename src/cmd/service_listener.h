/*
 * service_listener - what a worker of the service does, as events.
 */
#ifndef CMD_SERVICE_LISTENER_H
#define CMD_SERVICE_LISTENER_H

#include "fleet/worker.h"
#include "web/relay.h"

/* Into the relay, which outlives the worker. */
struct worker_listener service_listener(struct relay *r);

#endif
