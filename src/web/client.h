/*
 * client - from where a request comes, and whether it is one of ours.
 */
#ifndef WEB_CLIENT_H
#define WEB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/inet.h"

/*
 * The client behind trusted proxies: from the right end of X-Forwarded-For
 * (NULL: none), the first address that is not a proxy's.  Loopback and the
 * ranges are trusted.  What is no address ends the search.
 */
void web_client_address(const struct inet_address *peer, const char *forwarded,
                        const struct inet_range *proxies, size_t n_proxies,
                        struct inet_address *ret);

/*
 * Host of a request against what we are called: the public URL's, else the
 * address listened on and, on loopback, localhost.  A page that a foreign name
 * was made to point here for is not ours.
 */
bool web_host_is_ours(const char *host, const char *public_url,
                      const struct inet_endpoint *listen);

/* "https://mail.example" without a slash, of the URL or of the Host. */
char *web_origin(const char *public_url, bool tls, const char *host);

/*
 * May a request that changes something come from there?  origin and site (of
 * Sec-Fetch-Site): NULL where not sent.  by_cookie: the browser alone may have
 * decided to send it.
 */
bool web_origin_is_ours(const char *ours, const char *origin, const char *site,
                        bool by_cookie);

#endif
