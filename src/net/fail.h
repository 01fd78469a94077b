/*
 * fail - libcurl's result codes as errors: what happened, how much it takes
 * down, when it may succeed, what to do.
 */
#ifndef NET_FAIL_H
#define NET_FAIL_H

#include <curl/curl.h>

#include "base/err.h"
#include "net/net.h"

struct fail {
    CURLcode code;
    CURL *easy;                    /* asked how far it came */
    const char *server;            /* "host" or "host:port" */
    const struct net_proxy *proxy; /* on the way to it, or NULL */
    const char *detail;            /* libcurl's own words, or "" */
    const char *untrusted_remedy;  /* see struct net_config; or NULL */
};

/* Fill *err; always returns -1. */
int fail_set(const struct fail *f, struct err *err);

#endif
