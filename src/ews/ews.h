/*
 * ews - Exchange Web Services: find the server behind an OWA address, and
 * reach its mailboxes as endpoints.
 *
 * One struct ews_site stands for one side of a migration and is shared by all
 * its mailboxes, any thread.  ews_mailbox_new() makes the endpoint of one
 * mailbox; everything else is done through endpoint/endpoint.h.
 *
 *     ews_discover()  ->  ews_site_new()  ->  ews_mailbox_new()
 *                                             endpoint_open() ...
 *
 * Credentials go to the host of the EWS URL that ews_discover() settled on
 * and nowhere else: that is the host given, a host that its own Autodiscover
 * names, or one of the hosts allowed.  Given a mail domain, it is a host in
 * that domain, or one that the Autodiscover of such a host names.
 *
 * err->name is the server's ResponseCode ("ErrorServerBusy") where there was
 * one, or one of
 *     "Unauthorized"     the server refused the user name or the password
 *     "TokenRefused"     the token endpoint gives the application no token
 *     "OddToken"         what answers there is no token endpoint
 *     "NoScheme"         it offers no way of signing in that we use
 *     "FormsLogin"       a web form stands where EWS should be
 *     "NoEws"            no EWS could be found
 *     "GatewayPage"      a page of HTML in mid-run; a write is in doubt
 *     "NoAutodiscover"   no Autodiscover there, in any form
 *     "OddAnswer"        what came is not an answer to what was asked
 *     "HttpStatus"       any other HTTP status; err->code holds it
 *     "RequestTooLarge"  the server refuses a request for its size
 *     "EwsAway"          EWS was there, and is not now
 *     "TruncatedData"    an export broke off; it may succeed later
 *     "WaitedTooLong"    the throttle gave a write no turn; it was not sent
 *     "UnlistedCode"     a ResponseCode that is not in the table
 *     "TooManyItems"     our own limit on an answer
 * or what net/ says ("timeout", "tls-untrusted", "cancelled" ...).
 */
#ifndef EWS_EWS_H
#define EWS_EWS_H

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"
#include "endpoint/endpoint.h"
#include "net/governor.h"
#include "net/net.h"

/* A user name with its password. */
struct ews_login {
    const char *user;        /* "DOMAIN\\user" or "user@domain" */
    struct secret *password; /* borrowed; a reference is kept where needed */
};

/*
 * An application with credentials of its own (OAuth 2.0, client credentials),
 * in place of an administrative account.  All borrowed for the call; a
 * reference to the secret is kept.
 */
struct ews_oauth {
    const char *token_url; /* https */
    const char *client_id;
    struct secret *secret;
    const char *scope; /* NULL: the EWS host's own, "https://HOST/.default" */
};

/* ---- finding the server --------------------------------------------- */

enum ews_found_by {
    EWS_FOUND_DIRECTLY,     /* the given host answers at the usual path */
    EWS_FOUND_BY_REDIRECT,  /* the OWA address leads to an allowed host */
    EWS_FOUND_AUTODISCOVER, /* the given host's own Autodiscover says so */
    EWS_FOUND_DOMAIN,       /* that of the mail domain given */
};

/* One question and what it was answered; both printable, borrowed. */
typedef void ews_teller(void *data, const char *asked, const char *answered);

/* All strings borrowed for the call. */
struct ews_discover_config {
    struct net *net;
    struct governor *governor; /* or NULL */
    struct cancel *cancel;     /* or NULL */
    /*
     * Any shape: host, /owa, /exchange, EWS URL; or "autodiscover:DOMAIN",
     * which looks for the server by the DNS of a mail domain.
     */
    const char *owa_url;
    /*
     * NULL-terminated: hosts that a credential may go to besides the given
     * one, "host" or, with another port than 443, "host:port".
     */
    const char *const *allowed_hosts; /* or NULL */
    /*
     * For Autodiscover, which is asked only when the given host has no EWS
     * at the usual path: a mail address (NULL: not asked), and a login (NULL:
     * only the form that takes none is asked).  Instead of the login, how to
     * come by one when it is needed, which is once at most.
     */
    const char *address;
    const struct ews_login *login;
    int (*take_login)(void *data, struct ews_login *ret, struct err *err);
    void *login_data;
    /* Each request, in order; or NULL. */
    ews_teller *tell;
    void *tell_data;
    /* As net_srv_lookup(), which NULL stands for; the tests' is another. */
    int (*lookup_srv)(const char *service, const char *domain, GPtrArray **ret,
                      struct err *err);
};

/* Owned strings. */
struct ews_discovery {
    char *ews_url;        /* "https://host[:port]/EWS/Exchange.asmx" */
    char *host;           /* of ews_url */
    char *owa_version;    /* X-OWA-Version, "14.3.123.3"; or NULL */
    char *redirects_to;   /* where the OWA address led; NULL: nowhere */
    unsigned int schemes; /* enum net_scheme bits that the server offers */
    enum ews_found_by found_by;
};
void ews_discovery_clear(struct ews_discovery *d);
typedef struct ews_discovery ews_discovery;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ews_discovery, ews_discovery_clear)

/*
 * Find the EWS URL behind an OWA address.  Nothing is sent with a credential
 * but to the Autodiscover of the host given (of a host in the domain given, or
 * an allowed one), and over https.  -1 (ERR_RUN) with the cause and what to do
 * about it: a host that a redirect leads to is named, with the option that
 * allows it.
 */
int ews_discover(const struct ews_discover_config *config,
                 struct ews_discovery *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* For people: "at the given address", "by the host's own Autodiscover", ... */
const char *ews_found_by_name(enum ews_found_by found_by);

/* "NTLM, Basic"; "none".  The caller frees. */
char *ews_schemes_text(unsigned int schemes) G_GNUC_MALLOC;

/* ---- one side of a migration ---------------------------------------- */

struct ews_site;
typedef struct ews_site ews_site;

struct ews_site_config {
    struct net *net;           /* borrowed; outlives the site */
    struct governor *governor; /* borrowed; outlives the site */
    struct cancel *cancel;     /* borrowed; or NULL */
    const char *ews_url;       /* as ews_discover() returned it */
    unsigned int schemes;      /* from there too; 0: asked at first use */
    /* The side's administrative account; NULL: rows bring their own. */
    const struct ews_login *admin;
    /* More of them, with the same rights, to spread mailboxes over. */
    const struct ews_login *more_admins;
    size_t n_more_admins;
    /* Or an application, which impersonates; NULL: none. */
    const struct ews_oauth *oauth;
};

/* -1 (ERR_RUN) when a URL is not https. */
int ews_site_new(const struct ews_site_config *config, struct ews_site **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* After all its mailboxes have been freed. */
void ews_site_free(struct ews_site *site);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ews_site, ews_site_free)

/* Host of the EWS URL, as the governor knows it: for governor_stats(). */
const char *ews_site_host(const struct ews_site *site);

/* What became of the administrative account that opened a mailbox. */
enum ews_account {
    EWS_ACCOUNT_GOOD,     /* not refused; also: opened by none of them */
    EWS_ACCOUNT_REPLACED, /* refused: ews_mailbox_new() takes another now */
    EWS_ACCOUNT_REFUSED,  /* and there is no other */
};
enum ews_account ews_site_account(struct ews_site *site, const char *address);
/*
 * Adds to the set of texts the users (of an application, the client id) that
 * the server refused, for whoever makes the side anew.
 */
void ews_site_refused(struct ews_site *site, GHashTable *to);

/* ---- one mailbox ----------------------------------------------------- */

struct ews_mailbox_config {
    const char *address; /* of the mailbox to open */
    /*
     * The row's own credential, or NULL for an administrative account of the
     * side.  A login without a user name signs in as the address.
     */
    const struct ews_login *login;
    /* Of its requests, where mailboxes end apart; NULL: the side's. */
    struct cancel *cancel;
};

/*
 * The mailbox as an endpoint; no traffic yet.  -1 (ERR_MAILBOX) when the
 * address is none, or when there is no credential for it.
 *
 * What endpoint_open() finds out: the own password opens the user's own
 * mailbox; where that is not the address's, and with the administrative
 * account, impersonation is tried, then full access.  A mailbox is never
 * taken for another: what is opened is always the address's.
 *
 * A refused credential (ERR_RETRY_REAUTH) is remembered by the site: nothing
 * is sent with it again, by no lane and for no mailbox, so that no account
 * is locked.
 *
 * A read waits for the throttle and is repeated within limits; a write is
 * sent at most once.  put() waits at most EWS_PUT_WAIT_MS for its turn and is
 * then over within ews_put_deadline_ms(), whatever happens: what it may have
 * stored, it has stored by then as far as this side is concerned.
 *
 * When fetch(), put() or remove() return -1 with scope ERR_ITEM, one of the
 * items is at fault and the server did not say which: ask for fewer
 * (EWS-QUIRKS 20).
 */
int ews_mailbox_new(struct ews_site *site,
                    const struct ews_mailbox_config *config,
                    struct endpoint **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Longest wait for a turn before a write; after it nothing has been sent. */
#define EWS_PUT_WAIT_MS 300000u

/* Deadline of an upload's exchange by the size of what it carries. */
uint32_t ews_put_deadline_ms(uint64_t payload_bytes);

/* ---- documents ------------------------------------------------------- */

/* docs/errors.md: the table of response codes, as Markdown. */
void ews_code_markdown(FILE *out);

#endif
