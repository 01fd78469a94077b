/* service_clerk - the thread of "serve" that goes on with requests. */
#ifndef CMD_SERVICE_CLERK_H
#define CMD_SERVICE_CLERK_H

#include "base/log.h"
#include "cmd/service_open.h"
#include "desk/reach.h"

struct service_clerk;

/*
 * *ret NULL: there is no desk, or no desk.destination.  All is borrowed; the
 * data's desk is open.
 */
int service_clerk_start(const struct service_data *d, const struct reach *reach,
                        struct log *log, struct cancel *stop,
                        struct service_clerk **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Waits until it has ended: stop was requested.  NULL is fine. */
void service_clerk_free(struct service_clerk *s);

#endif
