#include "ews/transport.h"

static void *over_net_connect(const struct ews_transport *t,
                              const struct net_auth *auth)
{
    return net_conn_new(t->data, auth);
}

static void over_net_disconnect(void *conn)
{
    net_conn_free(conn);
}

static void over_net_sign_in(void *conn, const struct net_auth *auth)
{
    net_conn_sign_in(conn, auth);
}

static void over_net_share(void *conn, struct net_cookies *cookies)
{
    net_conn_share(conn, cookies);
}

static void over_net_drop(void *conn)
{
    net_conn_drop(conn);
}

static void over_net_forget(void *conn)
{
    net_conn_forget(conn);
}

static int over_net_perform(void *conn, const struct net_request *request,
                            struct net_response *ret, struct err *err)
{
    return net_perform(conn, request, ret, err);
}

struct ews_transport transport_net(struct net *n)
{
    static const struct ews_transport_ops ops = {
        .connect = over_net_connect,
        .disconnect = over_net_disconnect,
        .sign_in = over_net_sign_in,
        .share = over_net_share,
        .drop = over_net_drop,
        .forget = over_net_forget,
        .perform = over_net_perform,
    };

    return (struct ews_transport){ .ops = &ops, .data = n };
}
