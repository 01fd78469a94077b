/*
 * owa - what people give as the address of their OWA, and where it leads.
 */
#ifndef EWS_OWA_H
#define EWS_OWA_H

#include <stdbool.h>

#include "base/cancel.h"
#include "base/err.h"
#include "ews/transport.h"
#include "net/net.h"

/*
 * The URL meant by a person's text: a bare host, an address without a
 * scheme, http (read as https), with any path or query, in quotes or angle
 * brackets.  -1 when it is none, or a mail address.  Clear *ret with
 * net_url_clear().
 */
int owa_parse(const char *text, struct net_url *ret, struct err *err);

/*
 * An https URL whose host is a name or a number and nothing else: libcurl's
 * parser decodes "%" in hosts, so that anything might come out.
 */
int owa_plain_url(const char *text, struct net_url *ret, struct err *err);

/* "https://host[:port]/path". */
char *owa_url_text(const struct net_url *url);

/* "host" or "host:port". */
char *owa_host_text(const struct net_url *url);

/* Host and port alike. */
bool owa_same_host(const struct net_url *a, const struct net_url *b);

/*
 * The URL that a Location header leads to from `from`.  -1 when it leaves
 * https or is no URL.
 */
int owa_follow(const struct net_url *from, const char *location,
               struct net_url *ret, struct err *err);

/* What fetching an OWA page showed. */
struct owa_visit {
    char *version;      /* X-OWA-Version; or NULL */
    struct net_url end; /* of the last page, after redirects */
    bool moved;         /* that is another host than at the start */
    long status;        /* of the last page */
};
void owa_visit_clear(struct owa_visit *v);
typedef struct owa_visit owa_visit;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(owa_visit, owa_visit_clear)

/*
 * GET the page, without any credential, following up to OWA_REDIRECTS_MAX
 * redirects.  One that cannot be followed ends the visit there; -1 only when
 * the first page gives no answer at all.
 */
#define OWA_REDIRECTS_MAX 5
int owa_look(const struct ews_transport *t, const struct net_url *url,
             struct cancel *stop, struct owa_visit *ret,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
