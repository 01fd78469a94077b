/*
 * service_requests - what the handlers of requests share.
 */
#ifndef WEB_SERVICE_REQUESTS_H
#define WEB_SERVICE_REQUESTS_H

#include "store/requests.h"
#include "web/service.h"

/* Of the path's number, theirs to see; NULL: the problem is in the reply. */
struct request *service_request_get(const struct service *s,
                                    const struct web_request *r,
                                    struct web_reply *reply);

/* 409: there is none in this configuration. */
void service_no_desk(struct web_reply *reply);

#endif
