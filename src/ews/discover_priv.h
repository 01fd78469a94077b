/*
 * discover_priv - a search for the server under way.
 *
 *   discover.c       the given host: its pages, EWS at the usual place
 *   discover_auto.c  what an Autodiscover says, and where it leads
 *   discover_dns.c   the places where a mail domain's Autodiscover may be
 *
 * May a credential go to a host?  One rule, discover_may_go(): to the host
 * given (or, where the search is for a mail domain, to hosts in it), and to
 * hosts on the allow-list.  What such a host's own Autodiscover names as EWS
 * is used too; where a redirect or the DNS leads is not.
 */
#ifndef EWS_DISCOVER_PRIV_H
#define EWS_DISCOVER_PRIV_H

#include "ews/ews.h"
#include "ews/owa.h"
#include "ews/told.h"
#include "ews/transport.h"

struct search {
    const struct ews_transport *t;
    const struct ews_discover_config *config;
    const struct told *told;
    struct net_url given; /* host NULL: the search is for a domain */
    char *domain;         /* of that; else NULL */
    struct ews_login login;
    bool has_login; /* login is filled */
    bool no_login;  /* it was asked for, in vain */
    struct owa_visit visit;
    struct ews_discovery found;
};

bool discover_may_go(const struct search *s, const struct net_url *url);

/* WHO leads to a host where no credential goes unasked; -1. */
int discover_led_away(const char *who, const char *where, struct err *err);

/*
 * EWS at url?  0: it is, and the search is over.  A redirect to EWS elsewhere
 * is followed where a credential may go.
 */
int discover_try(struct search *s, const struct net_url *url,
                 enum ews_found_by found_by,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Ask the Autodiscover of a host in all its forms, and follow its answers: 0
 * when EWS was found.  host must be one that a credential may go to.
 */
int discover_ask_host(struct search *s, const struct net_url *host,
                      enum ews_found_by found_by,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* All the places of s->domain. */
int discover_ask_domain(struct search *s,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether Autodiscover can be asked with what the caller gave. */
static inline bool discover_can_sign_in(const struct search *s)
{
    return s->config->login != NULL || s->config->take_login != NULL;
}

#endif
