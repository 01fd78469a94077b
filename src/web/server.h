/*
 * server - HTTP: connections, limits, who is asking; the rest is handlers'.
 *
 * A few threads serve all connections by epoll; handlers of slow routes run on
 * workers, and streams of events wait without a thread.  Every answer has the
 * security headers and the request's id.  A request is refused, in this order:
 * wrong Host (421), too often (429), no such route (404, 405), not signed in
 * or not allowed (401, 403), from another origin (403), too large (413), a
 * body that is not what it says (400, 415).
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include "base/inet.h"
#include "base/log.h"
#include "web/events.h"
#include "web/metrics.h"
#include "web/reply.h"
#include "web/request.h"
#include "web/route.h"

struct web_server;

/* What changes with a reload. */
struct web_limits {
    uint64_t address_per_min, principal_per_min;
    bool short_addresses; /* in logs */
};

struct web_settings {
    struct inet_endpoint listen;
    const char *public_url;           /* NULL: none */
    const struct inet_range *proxies; /* trusted, beside loopback */
    size_t n_proxies;
    const char *certificate, *key; /* PEM text; NULL: no TLS */
    unsigned threads, connections, idle_s;
    uint64_t body_max_bytes;
    struct web_limits limits;
};

/* What the service does for the server; service is the first argument. */
struct web_service_ops {
    /*
     * Who asks, by r's Authorization header or cookie: fill *ret.  False: what
     * they show is not valid (any more); nothing shown is no failure.
     */
    bool (*authenticate)(void *service, const struct web_request *r,
                         struct web_principal *ret);
};

/* All borrowed, and to outlive the server. */
struct web_parts {
    const struct web_route *routes;
    const struct web_service_ops *ops;
    void *service;
    struct log *log;
    struct metrics *metrics;
    struct events *events;
};

/* -1: the address is taken, or the certificate cannot be used. */
int web_server_new(const struct web_settings *settings,
                   const struct web_parts *parts, struct web_server **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Where it listens: the port, where 0 was asked for. */
uint16_t web_server_port(const struct web_server *s);

void web_server_set_limits(struct web_server *s,
                           const struct web_limits *limits);

/*
 * No new connections; event streams end; requests under way may take so long.
 * Returns how many were cut off.
 */
size_t web_server_drain(struct web_server *s, int64_t us);

/* Stops at once, where it was not drained. */
void web_server_free(struct web_server *s);

#endif
