#include "net/net_priv.h"

#include <errno.h>

#define CONNECT_TIMEOUT_MS 20000
/* A system's whole bundle has a quarter of a megabyte. */
#define CA_FILE_MAX ((size_t)16 << 20)

static int read_ca_file(const char *path, struct net *n, struct err *err)
{
    g_autoptr(GError) why = NULL;

    if (!g_file_get_contents(path, &n->ca, &n->ca_bytes, &why)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "certificate file \"%s\" cannot be read: %s", path,
                why->message);
        return -1;
    }
    if (n->ca_bytes <= CA_FILE_MAX &&
        g_strstr_len(n->ca, (gssize)n->ca_bytes,
                     "-----BEGIN CERTIFICATE-----") != NULL)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "certificate file \"%s\" holds no certificate in PEM form", path);
    return err_remedy(err, "convert it: openssl x509 -inform der -in FILE "
                           "-out FILE.pem");
}

/* "5f267794.0": by the hash of its subject, as OpenSSL looks for it. */
static bool is_hashed(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.';
}

/*
 * Reading the system's whole bundle costs 40 ms and 300 KB a connection; out
 * of a directory OpenSSL reads the one certificate that it needs.
 */
static char *find_ca_dir(void)
{
    CURL *easy = curl_easy_init();
    const char *path = NULL, *name;
    g_autofree char *found = NULL;
    g_autoptr(GDir) dir = NULL;

    if (easy != NULL)
        curl_easy_getinfo(easy, CURLINFO_CAPATH, &path);
    found = g_strdup(path);
    curl_easy_cleanup(easy);
    dir = found != NULL ? g_dir_open(found, 0, NULL) : NULL;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        if (is_hashed(name))
            return g_steal_pointer(&found);
    return NULL;
}

int net_new(const struct net_config *config, struct net **ret, struct err *err)
{
    g_autoptr(net) n = NULL;

    /* Counted by libcurl, and safe in any thread since 7.84. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the HTTP library cannot be initialised");
    n = g_new0(struct net, 1);
    n->trace = config->trace;
    n->connect_timeout_ms = config->connect_timeout_ms != 0
                                ? config->connect_timeout_ms
                                : CONNECT_TIMEOUT_MS;
    n->exchange_max_ms = config->exchange_max_ms;
    n->clear_to_loopback = config->clear_to_loopback;
    n->untrusted_remedy = config->untrusted_remedy;
    n->guard.on = config->guarded;
    n->guard.proxies = config->proxy_guarded;
    n->guard.n_open = config->n_private_networks;
    n->guard.open = g_memdup2(config->private_networks,
                              n->guard.n_open * sizeof(struct inet_range));
    n->user_agent =
        g_strdup(config->user_agent != NULL ? config->user_agent
                                            : "mailferry/" MAILFERRY_VERSION);
    if (proxies_init(&n->proxies, config->proxy, err) < 0)
        return -1;
    if (config->ca_file != NULL && read_ca_file(config->ca_file, n, err) < 0)
        return -1;
    if (config->ca_file == NULL)
        n->ca_dir = find_ca_dir();
    *ret = g_steal_pointer(&n);
    return 0;
}

void net_free(struct net *n)
{
    if (n == NULL)
        return;
    proxies_release(&n->proxies);
    g_free(n->guard.open);
    g_free(n->ca);
    g_free(n->ca_dir);
    g_free(n->user_agent);
    g_free(n);
    curl_global_cleanup();
}

const char *net_proxy_url(const struct net *n, const char *url)
{
    g_auto(net_url) parsed = { 0 };
    const struct net_proxy *proxy;
    struct err ignored;

    if (net_url_parse(url, &parsed, &ignored) < 0)
        return NULL;
    proxy = proxies_find(&n->proxies, &parsed);
    return proxy != NULL ? proxy->url : NULL;
}

bool net_passes_http_proxy(const struct net *n)
{
    return n->proxies.http_alone;
}

struct net_conn *net_conn_new(struct net *n, const struct net_auth *auth)
{
    struct net_conn *conn = g_new0(struct net_conn, 1);

    conn->net = n;
    if (auth != NULL) {
        conn->user = g_strdup(auth->user);
        conn->auth.scheme = auth->scheme;
        conn->auth.user = conn->user;
        conn->auth.password = secret_ref(auth->password);
    }
    conn->cookies = net_cookies_new();
    return conn;
}

void net_conn_sign_in(struct net_conn *conn, const struct net_auth *auth)
{
    g_assert(conn->auth.scheme == NET_AUTH_BEARER &&
             auth->scheme == NET_AUTH_BEARER);
    secret_free(conn->auth.password);
    conn->auth.password = secret_ref(auth->password);
}

void net_conn_drop(struct net_conn *conn)
{
    g_clear_pointer(&conn->easy, curl_easy_cleanup);
}

static void use_cookies(struct net_conn *conn, struct net_cookies *cookies)
{
    if (conn->easy != NULL)
        curl_easy_setopt(conn->easy, CURLOPT_SHARE, NULL);
    net_cookies_unref(conn->cookies);
    conn->cookies = cookies;
}

void net_conn_forget(struct net_conn *conn)
{
    use_cookies(conn, net_cookies_new());
}

void net_conn_share(struct net_conn *conn, struct net_cookies *cookies)
{
    if (conn->cookies != cookies)
        use_cookies(conn, net_cookies_ref(cookies));
}

void net_conn_free(struct net_conn *conn)
{
    if (conn == NULL)
        return;
    net_conn_drop(conn);
    net_cookies_unref(conn->cookies);
    secret_free(conn->auth.password);
    g_free(conn->user);
    g_free(conn);
}

CURL *net_conn_handle(struct net_conn *conn)
{
    if (conn->easy == NULL)
        conn->easy = curl_easy_init();
    if (conn->easy == NULL)
        abort(); /* out of memory */
    /*
     * A reset keeps the connection, and the cookies are in their own place.
     * libcurl 7.88 forgets the list of cookie files without freeing it.
     */
    curl_easy_setopt(conn->easy, CURLOPT_COOKIEFILE, NULL);
    curl_easy_reset(conn->easy);
    return conn->easy;
}
