/*
 * proxy - which proxy a request goes through: the one of the configuration,
 * or the environment's, as libcurl reads it.
 *
 * Found out here and told to libcurl, so that an error can name it.
 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "net/net.h"

/* What was found at the beginning. */
struct proxies {
    struct net_proxy https, http; /* for URLs of that kind; url NULL: none */
    char *no_proxy;               /* or NULL */
    bool http_alone; /* the environment's http_proxy, and nothing for https */
};

/*
 * given (or NULL) goes for every URL; else https_proxy, HTTPS_PROXY, and for
 * plain http http_proxy, then all_proxy, ALL_PROXY.  In either case hosts in
 * no_proxy or NO_PROXY are reached directly.  -1 names the variable.
 */
int proxies_init(struct proxies *p, const struct net_proxy *given,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void proxies_release(struct proxies *p);

/* The one for that URL, borrowed; NULL: directly. */
const struct net_proxy *proxies_find(const struct proxies *p,
                                     const struct net_url *url);

/*
 * Whether a list as in no_proxy names the host: "*", names (with all below
 * them), addresses, networks ("10.0.0.0/8"), apart by commas or spaces.
 */
bool proxy_is_exempt(const char *list, const char *host);

#endif
