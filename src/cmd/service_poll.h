/* service_poll - the thread of "serve" that looks into the support mailbox. */
#ifndef CMD_SERVICE_POLL_H
#define CMD_SERVICE_POLL_H

#include "base/log.h"
#include "cmd/service_open.h"

struct service_poll;

/*
 * *ret NULL: the configuration names no mailbox to look into.  All is borrowed
 * but the configuration, of which what is needed is copied.
 */
int service_poll_start(const struct service_data *d, struct log *log,
                       struct cancel *stop, struct service_poll **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_poll_free(struct service_poll *p);

#endif
