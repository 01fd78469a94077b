/*
 * exchange - one net_perform() under way.
 *
 * exchange.c puts the request into libcurl's terms; perform.c runs it and
 * answers libcurl's questions meanwhile.
 */
#ifndef NET_EXCHANGE_H
#define NET_EXCHANGE_H

#include "net/body.h"
#include "net/net_priv.h"
#include "net/trace.h"

struct exchange {
    struct net_conn *conn;
    const struct net_request *request;
    struct net_response *response;
    struct net_url url;
    const struct net_proxy *proxy; /* on the way to it; NULL: none */
    CURL *easy;
    struct body body;
    uint64_t answer_max;
    size_t header_bytes;
    int64_t started_us, sent_us, answered_us; /* monotonic; 0: not yet */
    struct curl_slist *headers;
    struct trace_entry *trace; /* or NULL */
    bool failed;               /* in a callback, for a reason of our own: */
    struct err why;
    bool refused; /* an address of it, by the guard: */
    struct err refusal;
    char detail[CURL_ERROR_SIZE];
};

/* What must not be sent is refused before anything is. */
int exchange_check(struct exchange *x, struct err *err);

/*
 * Prepare x->easy for one attempt of at most left_ms: all options but the
 * callbacks.  What they point to lives as long as x.
 */
void exchange_prepare(struct exchange *x, uint32_t left_ms);

#endif
