/*
 * srv - which hosts serve something for a domain, by DNS (RFC 2782).
 *
 * What comes is the word of the DNS, which nobody signs: hosts to look at,
 * none to trust.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include <stdint.h>

#include <glib.h>

#include "base/err.h"

struct net_srv {
    char *host;
    uint16_t port;
};
void net_srv_free(struct net_srv *srv);

/* Of those that a domain names, at most so many are looked at. */
#define NET_SRV_MAX 8

/*
 * The hosts of _SERVICE._tcp.DOMAIN, in the order in which they are to be
 * tried: array of struct net_srv *, empty when there is no such record.  -1
 * when the DNS does not answer.  Any thread; blocks for as long as the
 * resolver does.
 */
int net_srv_lookup(const char *service, const char *domain, GPtrArray **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
