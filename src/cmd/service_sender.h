/* service_sender - the thread of "serve" that sends the mails of the outbox. */
#ifndef CMD_SERVICE_SENDER_H
#define CMD_SERVICE_SENDER_H

#include "base/log.h"
#include "cmd/service_open.h"

struct service_sender;

/* *ret NULL: the configuration has no mail server.  All is borrowed. */
int service_sender_start(const struct service_data *d, struct log *log,
                         struct cancel *stop, struct service_sender **ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_sender_free(struct service_sender *s);

#endif
