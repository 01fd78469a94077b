/*
 * service_reach - desk/reach.h, done by ews/: finds servers that requests name
 * and signs in there, each time anew, apart from the worker's connections.
 */
#ifndef CMD_SERVICE_REACH_H
#define CMD_SERVICE_REACH_H

#include "base/config.h"
#include "desk/reach.h"

struct cancel;
struct service_reach;

/* config and stop (or NULL) are borrowed.  -1: what is wrong there. */
int service_reach_new(const struct config *c, struct cancel *stop,
                      struct service_reach **ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* After those who ask. */
void service_reach_free(struct service_reach *r);

struct reach service_reach_of(struct service_reach *r);

#endif
