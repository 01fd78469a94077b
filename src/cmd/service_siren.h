/*
 * service_siren - the thread of "serve" that mails operators past the outbox
 * when the database cannot be written.
 */
#ifndef CMD_SERVICE_SIREN_H
#define CMD_SERVICE_SIREN_H

#include "base/log.h"
#include "cmd/service_open.h"

struct service_siren;

/*
 * *ret NULL: the configuration has no mail server, or nobody to be told.  All
 * is borrowed.
 */
int service_siren_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct service_siren **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_siren_free(struct service_siren *s);

#endif
