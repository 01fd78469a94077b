/*
 * service_requests - what the handlers of requests share.
 */
#ifndef WEB_SERVICE_REQUESTS_H
#define WEB_SERVICE_REQUESTS_H

#include "desk/order.h"
#include "store/requests.h"
#include "web/service.h"

/* Of the path's number, theirs to see; NULL: the problem is in the reply. */
struct request *service_request_get(const struct service *s,
                                    const struct web_request *r,
                                    struct web_reply *reply);

/* What is known of it, and what it waits for; a new reference. */
json_t *service_request_json(const struct service *s, const struct request *q);

/* Whether who asks may order that of a request of theirs, in its state. */
bool service_may_order(const struct web_request *r, const struct request *q,
                       enum order_verb verb);

/* 409: there is none in this configuration. */
void service_no_desk(struct web_reply *reply);
struct supply; /* desk/supply.h */
struct supplied;

/* False with that in the reply. */
static inline bool service_has_desk(const struct service *s,
                                    struct web_reply *reply)
{
    if (s->desk == NULL)
        service_no_desk(reply);
    return s->desk != NULL;
}
/*
 * What is given for a request that they may see, taken over and told to those
 * who watch; false: the problem is in the reply.
 */
bool service_supply(const struct service *s, const struct web_request *r,
                    const struct request *q, const struct supply *given,
                    struct supplied *ret, struct web_reply *reply);

#endif
