/*
 * service_pulse - the thread of "serve" that finds out whether the database
 * can be written, and says so in the log when that changes.
 */
#ifndef CMD_SERVICE_PULSE_H
#define CMD_SERVICE_PULSE_H

#include "base/log.h"
#include "cmd/service_open.h"

struct service_pulse;

/* All is borrowed. */
int service_pulse_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct service_pulse **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_pulse_free(struct service_pulse *p);

#endif
