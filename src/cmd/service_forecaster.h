/*
 * service_forecaster - the thread of "serve" that says when what is queued
 * will be done, and tells operators of what does not get on.
 */
#ifndef CMD_SERVICE_FORECASTER_H
#define CMD_SERVICE_FORECASTER_H

#include "base/log.h"
#include "cmd/service_open.h"
#include "web/relay.h"

struct service_forecaster;

/* All is borrowed. */
int service_forecaster_start(const struct service_data *d, struct relay *relay,
                             struct log *log, struct cancel *stop,
                             struct service_forecaster **ret,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_forecaster_free(struct service_forecaster *s);

#endif
