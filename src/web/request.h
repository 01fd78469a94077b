/*
 * request - what a handler is asked.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include <glib.h>
#include <jansson.h>

#include "base/inet.h"
#include "web/access.h"
#include "web/route.h"

#define WEB_ID_SIZE 33

struct web_form; /* web/form.h */

/* Valid while its handler runs. */
struct web_request {
    const struct web_route *route;
    struct web_params params;
    struct web_principal who;
    char id[WEB_ID_SIZE];        /* in every log line, and told the client */
    struct inet_address address; /* of the client, whatever stands between */
    bool from_here;              /* on this machine, and through no proxy */
    bool secure;                 /* people reach us by https */
    json_t *json;                /* the body; NULL: there was none */
    const struct web_form *form; /* the same of WEB_FORM */
    /* Of WEB_VERSIONED: what is to be changed, as they have seen it; 0: any. */
    int64_t version;
    const struct web_lookup *lookup;
};

/* How headers and such are found; the server's. */
struct web_lookup {
    const char *(*header)(const struct web_request *r, const char *name);
    const char *(*query)(const struct web_request *r, const char *name);
    const char *(*cookie)(const struct web_request *r, const char *name);
};

/* NULL when it is not there.  Borrowed. */
static inline const char *web_header(const struct web_request *r,
                                     const char *name)
{
    return r->lookup->header(r, name);
}
static inline const char *web_query(const struct web_request *r,
                                    const char *name)
{
    return r->lookup->query(r, name);
}
static inline const char *web_cookie(const struct web_request *r,
                                     const char *name)
{
    return r->lookup->cookie(r, name);
}

/* The i-th part of the path in braces as a number; 0: it is none over 0. */
int64_t web_param_id(const struct web_request *r, size_t i);

#endif
