/*
 * transport - how requests leave: by net/ in production, by a script of
 * recorded answers in the tests.
 */
#ifndef EWS_TRANSPORT_H
#define EWS_TRANSPORT_H

#include "base/err.h"
#include "net/net.h"

struct ews_transport;

struct ews_transport_ops {
    /* A connection with that credential (NULL: none); no traffic yet. */
    void *(*connect)(const struct ews_transport *t,
                     const struct net_auth *auth);
    void (*disconnect)(void *conn);
    /* As net_conn_sign_in(). */
    void (*sign_in)(void *conn, const struct net_auth *auth);
    /* As net_conn_share(); NULL: no cookies are kept. */
    void (*share)(void *conn, struct net_cookies *cookies);
    /* Forget what may still be under way on it. */
    void (*drop)(void *conn);
    /* As net_conn_forget(). */
    void (*forget)(void *conn);
    /* As net_perform(). */
    int (*perform)(void *conn, const struct net_request *request,
                   struct net_response *ret, struct err *err);
};

struct ews_transport {
    const struct ews_transport_ops *ops;
    void *data; /* of the implementation */
};

/* The one of production, over n, which must outlive it. */
struct ews_transport transport_net(struct net *n);

#endif
