#include "net/exchange.h"

/*
 * Without a byte either way for so long the connection is taken for dead.
 * Exchange gives a batch one minute and says nothing meanwhile.
 */
#define STALL_S 120L
/*
 * TLS takes and gives 16 KiB at a time, so that larger ones bring nothing.
 * libcurl allocates them for each request: of sizes that malloc() keeps, or
 * each would be new pages from the system.
 */
#define READ_BUFFER_BYTES  (64L << 10)
#define WRITE_BUFFER_BYTES (256L << 10)

static bool is_read_only(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static int refuse(struct exchange *x, const char *why, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "server \"%s\": %s", x->url.host,
            why);
    err->name = "other";
    return -1;
}

/* Values from an import file come this way: no line of their own. */
static int add_header(struct exchange *x, const char *line, struct err *err)
{
    for (const char *p = line; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return refuse(x, "a header line with a control character in it",
                          err);
    }
    x->headers = curl_slist_append(x->headers, line);
    return 0;
}

/* Nobody else hears what is said to this machine itself. */
static bool is_private(const struct exchange *x)
{
    struct inet_address host;

    return x->conn->net->clear_to_loopback && x->proxy == NULL &&
           x->conn->auth.scheme == NET_AUTH_BEARER &&
           inet_address_parse(x->url.host, &host) &&
           inet_address_is_loopback(&host);
}

/*
 * With a user name of a SOCKS proxy libcurl makes a new connection for each
 * request, and NTLM signs a connection in, not a request: it would fail as a
 * wrong password does, over and over.
 */
static int refuse_ntlm(const struct net_proxy *proxy, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "proxy \"%s\": NTLM does not go through a SOCKS proxy that wants a "
            "user name",
            proxy->url);
    err->name = "proxy-refused";
    return err_remedy(err,
                      "take an http:// proxy, or one that asks for no user "
                      "name, or have the server offer Basic instead of "
                      "NTLM");
}

static bool is_socks_with_user(const struct net_proxy *proxy)
{
    return proxy != NULL && proxy->user != NULL &&
           g_ascii_strncasecmp(proxy->url, "socks", strlen("socks")) == 0;
}

int exchange_check(struct exchange *x, struct err *err)
{
    const char *const *lines = x->request->headers;
    enum net_scheme scheme = x->conn->auth.scheme;

    g_assert(x->request->n_parts == 0 || !is_read_only(x->request->method));
    if (net_url_parse(x->request->url, &x->url, err) < 0) {
        err->name = "other";
        return -1;
    }
    x->proxy = proxies_find(&x->conn->net->proxies, &x->url);
    if (x->proxy != NULL && x->conn->net->guard.on &&
        guard_check_name(&x->conn->net->guard, x->url.host, err) < 0)
        return -1;
    /* Both hand over what opens the mailbox as it is. */
    if ((scheme == NET_AUTH_BASIC || scheme == NET_AUTH_BEARER) &&
        !x->url.https && !is_private(x))
        return refuse(x, "a password is not sent in the clear: use https://",
                      err);
    if (scheme == NET_AUTH_NTLM && is_socks_with_user(x->proxy))
        return refuse_ntlm(x->proxy, err);
    if (scheme == NET_AUTH_NEGOTIATE)
        return refuse(x, "Negotiate is not used to sign in", err);
    for (; lines != NULL && *lines != NULL; lines++)
        if (add_header(x, *lines, err) < 0)
            return -1;
    /* Waiting for a server's leave costs a round trip and, unheard, 1 s. */
    return add_header(x, "Expect:", err);
}

static void set_connection(struct exchange *x, uint32_t left_ms)
{
    const struct net *n = x->conn->net;
    CURL *easy = x->easy;

    curl_easy_setopt(easy, CURLOPT_URL, x->request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(easy, CURLOPT_SHARE, x->conn->cookies->share);
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, ""); /* no file: just begin */
    curl_easy_setopt(easy, CURLOPT_USERAGENT, n->user_agent);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)MIN(n->connect_timeout_ms, left_ms));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALL_S);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->detail);
}

/*
 * Named even where there is none: libcurl would look into the environment.
 * Its answers to CONNECT are not the server's.
 */
static void set_proxy(struct exchange *x)
{
    const struct net_proxy *p = x->proxy;
    CURL *easy = x->easy;

    curl_easy_setopt(easy, CURLOPT_PROXY, p != NULL ? p->url : "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (p == NULL || p->user == NULL)
        return;
    curl_easy_setopt(easy, CURLOPT_PROXYAUTH,
                     CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM);
    curl_easy_setopt(easy, CURLOPT_PROXYUSERNAME, p->user);
    if (p->password != NULL)
        curl_easy_setopt(easy, CURLOPT_PROXYPASSWORD, secret_peek(p->password));
}

static void set_proxy_tls(struct exchange *x)
{
    const struct net *n = x->conn->net;
    struct curl_blob ca = { n->ca, n->ca_bytes, CURL_BLOB_NOCOPY };

    curl_easy_setopt(x->easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(x->easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (n->ca == NULL)
        return;
    curl_easy_setopt(x->easy, CURLOPT_PROXY_CAINFO_BLOB, &ca);
    curl_easy_setopt(x->easy, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(x->easy, CURLOPT_PROXY_CAPATH, NULL);
}

static void set_tls(struct exchange *x)
{
    const struct net *n = x->conn->net;
    struct curl_blob ca = { n->ca, n->ca_bytes, CURL_BLOB_NOCOPY };

    curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(x->easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (n->ca != NULL) {
        curl_easy_setopt(x->easy, CURLOPT_CAINFO_BLOB, &ca);
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(x->easy, CURLOPT_CAPATH, NULL);
    } else if (n->ca_dir != NULL && !x->conn->needs_bundle) {
        curl_easy_setopt(x->easy, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(x->easy, CURLOPT_CAPATH, n->ca_dir);
    }
}

static void set_auth(struct exchange *x)
{
    static const struct {
        enum net_scheme scheme;
        unsigned long theirs;
    } schemes[] = {
        { NET_AUTH_BASIC, CURLAUTH_BASIC },
        { NET_AUTH_NTLM, CURLAUTH_NTLM },
        { NET_AUTH_BEARER, CURLAUTH_BEARER },
    };
    const struct net_auth *auth = &x->conn->auth;
    CURL *easy = x->easy;

    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_NONE);
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (schemes[i].scheme == auth->scheme)
            curl_easy_setopt(easy, CURLOPT_HTTPAUTH, schemes[i].theirs);
    }
    if (auth->scheme == NET_AUTH_NONE)
        return;
    if (auth->scheme == NET_AUTH_BEARER) {
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER,
                         secret_peek(auth->password));
        return;
    }
    curl_easy_setopt(easy, CURLOPT_USERNAME, auth->user);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, secret_peek(auth->password));
}

/*
 * Never CURLOPT_POSTFIELDS: such a body libcurl rewinds by itself, without
 * asking, when a kept connection dies before the answer.
 */
static void set_body(struct exchange *x)
{
    CURL *easy = x->easy;
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)x->body.size);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, WRITE_BUFFER_BYTES);
    /*
     * Where there is no body there is nothing to rewind, so libcurl would
     * repeat the request unasked; but never on a new connection.
     */
    if (x->body.size == 0 && !x->request->repeatable)
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_method(struct exchange *x)
{
    const char *method = x->request->method;
    CURL *easy = x->easy;

    if (strcmp(method, "GET") == 0)
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    else if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else
        set_body(x);
    if (!is_read_only(method) && strcmp(method, "POST") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers);
}

void exchange_prepare(struct exchange *x, uint32_t left_ms)
{
    set_connection(x, left_ms);
    set_proxy(x);
    set_tls(x);
    set_proxy_tls(x);
    set_auth(x);
    set_method(x);
}
