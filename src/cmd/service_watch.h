/*
 * service_watch - what happens to requests and their mails, for those who
 * watch.
 *
 * Whatever process it happens in (a worker's clerk, the mail server's pipe, an
 * operator's terminal), it writes a line of the audit trail.  So each service
 * reads the lines that are new, and tells its own listeners: "request", with
 * the request or the mail, and the action, to whoever may see the request.
 */
#ifndef CMD_SERVICE_WATCH_H
#define CMD_SERVICE_WATCH_H

#include "base/cancel.h"
#include "cmd/service_open.h"
#include "web/events.h"

struct service_watch;

/* All borrowed.  From the trail's end on. */
int service_watch_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct events *to,
                        struct service_watch **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: nothing.  After the stop. */
void service_watch_free(struct service_watch *w);

#endif
