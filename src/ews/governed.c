#include "ews/governed.h"

#include "ews/owa.h"

/* What these requests are charged to: nobody has signed in. */
#define BUDGET "nobody"

struct governed_conn {
    const struct governed *governed;
    void *conn; /* of the transport below */
};

static void *governed_connect(const struct ews_transport *t,
                              const struct net_auth *auth)
{
    struct governed_conn *c = g_new0(struct governed_conn, 1);

    c->governed = t->data;
    c->conn = c->governed->over.ops->connect(&c->governed->over, auth);
    return c;
}

static void governed_disconnect(void *conn)
{
    struct governed_conn *c = conn;

    c->governed->over.ops->disconnect(c->conn);
    g_free(c);
}

static void governed_sign_in(void *conn, const struct net_auth *auth)
{
    struct governed_conn *c = conn;

    c->governed->over.ops->sign_in(c->conn, auth);
}

static void governed_drop(void *conn)
{
    struct governed_conn *c = conn;

    c->governed->over.ops->drop(c->conn);
}

static int enter(const struct governed *g, const char *url,
                 struct governor_ticket *ret, struct err *err)
{
    struct governor_request request = {
        .budget = BUDGET,
        .mailbox = "",
        .cancel = g->cancel,
        .until = CANCEL_DRAIN,
    };
    g_autofree char *host = NULL;
    struct net_url parts;
    int rc;

    if (net_url_parse(url, &parts, err) < 0)
        return -1;
    host = owa_host_text(&parts);
    net_url_clear(&parts);
    request.host = host;
    rc = governor_enter(g->governor, &request, ret, err);
    if (rc < 0)
        err->name = "cancelled";
    return rc;
}

static void leave(struct governor_ticket *ticket, int rc,
                  const struct net_response *r)
{
    const struct governor_report report = {
        .outcome = rc < 0             ? GOVERNOR_LOST
                   : r->status == 503 ? GOVERNOR_BUSY
                                      : GOVERNOR_OK,
        .wait_ms = r->retry_after_ms,
        .latency_us = r->latency_us,
        .bytes = r->bytes_up + r->bytes_down,
    };

    governor_leave(ticket, &report);
}

static int governed_perform(void *conn, const struct net_request *request,
                            struct net_response *ret, struct err *err)
{
    struct governed_conn *c = conn;
    const struct governed *g = c->governed;
    struct governor_ticket ticket = { 0 };
    int rc;

    if (g->governor != NULL && enter(g, request->url, &ticket, err) < 0)
        return -1;
    rc = g->over.ops->perform(c->conn, request, ret, err);
    if (g->governor != NULL)
        leave(&ticket, rc, ret);
    return rc;
}

struct ews_transport transport_governed(struct governed *g)
{
    static const struct ews_transport_ops ops = {
        .connect = governed_connect,
        .disconnect = governed_disconnect,
        .sign_in = governed_sign_in,
        .drop = governed_drop,
        .perform = governed_perform,
    };

    return (struct ews_transport){ .ops = &ops, .data = g };
}
