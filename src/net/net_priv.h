/*
 * net_priv - what the files of this room share.
 */
#ifndef NET_NET_PRIV_H
#define NET_NET_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "net/guard.h"
#include "net/net.h"
#include "net/proxy.h"

struct net {
    char *ca; /* PEM text, ca_bytes of it; NULL: the system's */
    size_t ca_bytes;
    char *ca_dir; /* of the system: certificates by hash; NULL: has none */
    char *user_agent;
    const char *untrusted_remedy; /* static, or NULL */
    struct net_trace *trace;      /* borrowed, or NULL */
    struct proxies proxies;
    struct guard guard;
    uint32_t connect_timeout_ms;
    uint32_t exchange_max_ms; /* 0: none */
    bool clear_to_loopback;
};

/* libcurl asks for a lock by what it is about to touch. */
struct net_cookies {
    atomic_uint refs;
    CURLSH *share;
    pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

struct net_conn {
    struct net *net;
    struct net_auth auth;        /* user and password are ours */
    char *user;                  /* what auth.user points to */
    CURL *easy;                  /* holds the kept connection; NULL: none yet */
    struct net_cookies *cookies; /* outlive easy: see net_conn_drop() */
    bool needs_bundle;           /* what it wants was not in ca_dir */
};

/* The handle with its defaults, made when there is none. */
CURL *net_conn_handle(struct net_conn *conn);

/* ---- url.c --------------------------------------------------------------- */

/* A part of what libcurl has parsed; the caller frees.  NULL: it has none. */
char *net_url_part_dup(CURLU *u, CURLUPart part, unsigned int flags);

#endif
