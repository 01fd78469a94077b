/*
 * net - HTTP over TLS with libcurl: one request, one answer, and an exact
 * account of what may have happened.
 *
 * A struct net is shared by the whole process, any thread.  A struct net_conn
 * is one kept connection with one credential: one thread at a time.  Its
 * cookies are its own, or a struct net_cookies that several connections share.
 * Nothing here is ever sent twice unless the request says that it is repeatable
 * (see net_request.repeatable).
 *
 * TLS is always verified, against the system's certificates or ca_file.
 * Credentials go to the host of the URL that the caller names and nowhere
 * else: redirects are reported, never followed.  A proxy sees where the
 * requests go and, of https, nothing of what is in them.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/inet.h"
#include "base/secret.h"

struct net;
struct net_conn;
struct net_cookies;
struct net_trace;
typedef struct net net;
typedef struct net_conn net_conn;
typedef struct net_trace net_trace;

/* A proxy on the way to every server. */
struct net_proxy {
    char *url;  /* "http://host:port", without a user: may be shown */
    char *user; /* or NULL */
    struct secret *password; /* or NULL */
};

/*
 * "http://[user[:password]@]host[:port]", also https and socks5h; http:// may
 * be left out.  -1 (ERR_RUN), without repeating the text.
 */
int net_proxy_parse(const char *text, struct net_proxy *ret, struct err *err);
void net_proxy_clear(struct net_proxy *p);
typedef struct net_proxy net_proxy;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(net_proxy, net_proxy_clear)

struct net_config {
    const char *ca_file;    /* PEM, instead of the system's; or NULL */
    const char *user_agent; /* NULL: "mailferry/VERSION" */
    /* For who does not trust a certificate; static.  NULL: names --ca-file */
    const char *untrusted_remedy;
    struct net_trace *trace;       /* borrowed; NULL: none */
    const struct net_proxy *proxy; /* copied; NULL: the environment's */
    bool proxy_guarded;            /* its address, too: it is a request's */
    uint32_t connect_timeout_ms;   /* 0: 20 s */
    uint32_t exchange_max_ms;      /* no deadline is longer; 0: as they ask */
    /* Bearer tokens may go by http to loopback, where no proxy is between. */
    bool clear_to_loopback;
    /*
     * Guarded: addresses in private networks are refused ("address-refused",
     * ERR_RUN, never) but for those in these, which are copied.  With a proxy
     * the server's name must resolve here, too.
     */
    bool guarded;
    const struct inet_range *private_networks;
    size_t n_private_networks;
};

/*
 * -1 when ca_file cannot be read, or the environment's proxy not understood;
 * names it.  Call before threads start.
 */
int net_new(const struct net_config *config, struct net **ret, struct err *err);
void net_free(struct net *net);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(net, net_free)

/* Authentication schemes, also as bits of what a server offers. */
enum net_scheme {
    NET_AUTH_NONE = 0,
    NET_AUTH_BASIC = 1 << 0, /* refused over plain http */
    NET_AUTH_NTLM = 1 << 1,
    NET_AUTH_NEGOTIATE = 1 << 2, /* seen in offers; never used */
    NET_AUTH_BEARER = 1 << 3,
};

struct net_auth {
    enum net_scheme scheme;
    const char *user; /* "DOMAIN\\user" or "user@domain" */
    struct secret *password;
};

/* auth is copied (NULL: none).  No traffic yet. */
struct net_conn *net_conn_new(struct net *net, const struct net_auth *auth);

/*
 * Another token for the requests to come; the connection and its cookies stay.
 * Only from Bearer to Bearer: other schemes prove the connection.
 */
void net_conn_sign_in(struct net_conn *conn, const struct net_auth *auth);
void net_conn_free(struct net_conn *conn);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(net_conn, net_conn_free)

/*
 * Close the kept connection after an odd answer, so that nothing of it can be
 * taken for the next one.  Cookies stay.
 */
void net_conn_drop(struct net_conn *conn);
/* Forget the cookies: the requests to come are about something else. */
void net_conn_forget(struct net_conn *conn);

/*
 * Cookies of several connections, in any threads: what one is given by the
 * server the others send too.  A load balancer finds a client's server by
 * them.  net_conn_share(): in place of those that the connection had; it takes
 * a reference of its own.
 */
struct net_cookies *net_cookies_new(void);
struct net_cookies *net_cookies_ref(struct net_cookies *cookies);
void net_cookies_unref(struct net_cookies *cookies);
void net_conn_share(struct net_conn *conn, struct net_cookies *cookies);

/* A stretch of a request body: text when blob is NULL.  All borrowed. */
struct net_part {
    const void *text;
    size_t len;
    const struct blob *blob;
};

/*
 * Takes the answer's body in order.  -1 (with err) abandons the answer.  The
 * response's status and header fields are there before the first byte.
 */
typedef int net_sink(void *data, const char *bytes, size_t n, struct err *err);

struct net_request {
    const char *method; /* "GET", "POST" */
    const char *url;
    const char *const *headers;   /* NULL-terminated "Name: value"; or NULL */
    const struct net_part *parts; /* sent with a Content-Length */
    size_t n_parts;
    uint32_t deadline_ms; /* for the whole exchange; 0: 100 s */
    /*
     * Monotonic; past it no more of the body leaves, whatever kept this
     * process from running since it was asked (name "too-late").  0: none.
     */
    int64_t over_by_us;
    uint64_t answer_max_bytes; /* 0: 256 MiB; more is an error */
    /*
     * True only for what may be carried out twice without harm.  Then a
     * request is sent once more when the connection is lost before the sink
     * has had anything.  False: once any of the body is out, it is not sent
     * again, unless the server answered it with 401.
     */
    bool repeatable;
    /* Bodies that are secrets: the wire log tells their size and no more. */
    bool confidential;
    net_sink *sink; /* NULL: the body is dropped */
    void *sink_data;
    struct cancel *cancel; /* CANCEL_NOW ends the exchange; or NULL */
};

struct net_response {
    long status;              /* 0 when none arrived */
    char *content_type;       /* or NULL */
    char *location;           /* of a redirect; or NULL */
    char *server_owa_version; /* X-OWA-Version; or NULL */
    unsigned int offered;     /* enum net_scheme bits of WWW-Authenticate */
    uint32_t retry_after_ms;  /* of a Retry-After in seconds; else 0 */
    uint64_t bytes_up, bytes_down; /* bodies, as on the wire */
    int64_t latency_us; /* last byte sent to first byte of the answer */
    int64_t total_us;
    /*
     * Some of the authenticated body had left when the exchange ended: a
     * write may have had its effect.  Set on failure too.  A body to which
     * the answer is 401 does not count: nothing was done with it.
     */
    bool body_sent;
};

void net_response_clear(struct net_response *r);
typedef struct net_response net_response;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(net_response, net_response_clear)

/*
 * One exchange.  0 whenever an answer arrived whole, whatever its status.
 * -1: no connection, TLS refused (the remedy says how to go on), time out,
 * connection lost, cancelled, or the sink's own error.  *ret is filled in
 * both cases and must be cleared; err->code is the CURLcode, err->name one of
 * "cannot-resolve", "cannot-connect", "tls-untrusted", "tls", "timeout",
 * "connection-lost", "cancelled", "answer-too-large", "proxy-refused",
 * "other".
 */
int net_perform(struct net_conn *conn, const struct net_request *request,
                struct net_response *ret, struct err *err);

/*
 * The wire log of --trace: requests and answers with bodies up to
 * body_max_bytes each, every Authorization value, cookie and password
 * redacted.  One at a time writes; the file is 0600.
 */
int net_trace_open(const char *path, size_t body_max_bytes,
                   struct net_trace **ret, struct err *err);
void net_trace_close(struct net_trace *trace);

/*
 * A URL taken apart and put together in one normal form (lower-case host,
 * default port left out).  Only http and https; no user part.  Free what is
 * returned.
 */
struct net_url {
    bool https;
    char *host;
    uint16_t port;
    char *path; /* begins with "/"; without query and fragment */
};
int net_url_parse(const char *text, struct net_url *ret, struct err *err);
void net_url_clear(struct net_url *url);
typedef struct net_url net_url;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(net_url, net_url_clear)
/* "https://host[:port]/path" with path in place of the URL's own. */
char *net_url_with_path(const struct net_url *url, const char *path);

/*
 * The proxy through which that URL is reached, without its user: borrowed from
 * net; NULL: it is reached directly, or is no URL.
 */
const char *net_proxy_url(const struct net *n, const char *url);
/*
 * The environment names a proxy by http_proxy alone, which is for plain http
 * (libcurl's rule): https goes directly, and who set it may not expect that.
 */
bool net_passes_http_proxy(const struct net *n);

#endif
