#include "net/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#include "net/net_priv.h"

#define URL_MAX 2048

/* ---- what a proxy is called -------------------------------------------- */

/* socks5 would look names up here: then they are not the proxy's to see. */
static const char *const schemes[] = { "http", "https", "socks5h" };

/* The text is not repeated: it may hold a password. */
static int refuse(struct err *err, const char *why)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "the proxy's address %s", why);
    return err_remedy(err, "write it as http://HOST:PORT; https:// and "
                           "socks5h:// are known too");
}

static bool is_known(const char *scheme)
{
    for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++) {
        if (g_ascii_strcasecmp(scheme, schemes[i]) == 0)
            return true;
    }
    return false;
}

static void take_user(CURLU *u, struct net_proxy *p)
{
    char *password = net_url_part_dup(u, CURLUPART_PASSWORD, CURLU_URLDECODE);

    p->user = net_url_part_dup(u, CURLUPART_USER, CURLU_URLDECODE);
    if (password == NULL)
        return;
    p->password = secret_new(password, strlen(password));
    secret_wipe(password, strlen(password));
    g_free(password);
}

static int take_proxy(CURLU *u, struct net_proxy *ret, struct err *err)
{
    g_autofree char *scheme = net_url_part_dup(u, CURLUPART_SCHEME, 0);
    g_autofree char *host = net_url_part_dup(u, CURLUPART_HOST, 0);
    g_autofree char *port = net_url_part_dup(u, CURLUPART_PORT, 0);
    g_autofree char *path = net_url_part_dup(u, CURLUPART_PATH, 0);

    if (scheme == NULL || !is_known(scheme))
        return refuse(err, "has a scheme that is not known");
    if (host == NULL || host[0] == '\0')
        return refuse(err, "has no host name");
    if (path != NULL && strcmp(path, "/") != 0)
        return refuse(err, "has a path");
    ret->url =
        g_strdup_printf("%s://%s%s%s", scheme, host, port != NULL ? ":" : "",
                        port != NULL ? port : "");
    take_user(u, ret);
    return 0;
}

int net_proxy_parse(const char *text, struct net_proxy *ret, struct err *err)
{
    char *full = strstr(text, "://") != NULL
                     ? g_strdup(text)
                     : g_strconcat("http://", text, NULL);
    g_auto(net_proxy) p = { 0 };
    CURLU *u = curl_url();
    int rc;

    if (u == NULL)
        abort(); /* out of memory */
    if (strlen(full) > URL_MAX ||
        curl_url_set(u, CURLUPART_URL, full, CURLU_NON_SUPPORT_SCHEME) !=
            CURLUE_OK)
        rc = refuse(err, "is not understood");
    else
        rc = take_proxy(u, &p, err);
    curl_url_cleanup(u);
    secret_wipe(full, strlen(full));
    g_free(full);
    if (rc < 0)
        return -1;
    *ret = p;
    p = (struct net_proxy){ 0 };
    return 0;
}

void net_proxy_clear(struct net_proxy *p)
{
    g_free(p->url);
    g_free(p->user);
    secret_free(p->password);
    *p = (struct net_proxy){ 0 };
}

static void copy(const struct net_proxy *from, struct net_proxy *to)
{
    to->url = g_strdup(from->url);
    to->user = g_strdup(from->user);
    to->password = secret_ref(from->password);
}

/* ---- the environment --------------------------------------------------- */

/* HTTP_PROXY in capitals is what a web server's client may set: not heeded. */
static const char *const https_names[] = { "https_proxy", "HTTPS_PROXY",
                                           "all_proxy", "ALL_PROXY", NULL };
static const char *const http_names[] = { "http_proxy", "all_proxy",
                                          "ALL_PROXY", NULL };
static const char *const no_names[] = { "no_proxy", "NO_PROXY", NULL };

/* The first that is set to something. */
static const char *first_of(const char *const *names, const char **ret_name)
{
    for (; *names != NULL; names++) {
        const char *value = g_getenv(*names);

        *ret_name = *names;
        if (value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

static int from_environment(const char *const *names, struct net_proxy *ret,
                            struct err *err)
{
    const char *name, *value = first_of(names, &name);

    if (value == NULL)
        return 0;
    if (net_proxy_parse(value, ret, err) < 0)
        return err_in(err, "environment variable \"%s\"", name);
    return 0;
}

int proxies_init(struct proxies *p, const struct net_proxy *given,
                 struct err *err)
{
    const char *name;

    *p = (struct proxies){ .no_proxy = g_strdup(first_of(no_names, &name)) };
    if (given != NULL) {
        copy(given, &p->https);
        copy(given, &p->http);
        return 0;
    }
    if (from_environment(https_names, &p->https, err) < 0 ||
        from_environment(http_names, &p->http, err) < 0) {
        proxies_release(p);
        return -1;
    }
    p->http_alone = p->https.url == NULL && p->http.url != NULL;
    return 0;
}

void proxies_release(struct proxies *p)
{
    net_proxy_clear(&p->https);
    net_proxy_clear(&p->http);
    g_clear_pointer(&p->no_proxy, g_free);
}

const struct net_proxy *proxies_find(const struct proxies *p,
                                     const struct net_url *url)
{
    const struct net_proxy *proxy = url->https ? &p->https : &p->http;

    if (proxy->url == NULL ||
        (p->no_proxy != NULL && proxy_is_exempt(p->no_proxy, url->host)))
        return NULL;
    return proxy;
}

/* ---- exceptions -------------------------------------------------------- */

/* As bytes: 4 or 16; 0 when it is a name.  IPv6 may stand in brackets. */
static size_t read_address(const char *text, unsigned char ret[16])
{
    g_autofree char *bare = g_strdup(text[0] == '[' ? text + 1 : text);

    bare[strcspn(bare, "]")] = '\0';
    if (inet_pton(AF_INET, bare, ret) == 1)
        return 4;
    return inet_pton(AF_INET6, bare, ret) == 1 ? 16 : 0;
}

static bool same_bits(const unsigned char *a, const unsigned char *b,
                      size_t bits)
{
    unsigned int rest = bits % 8;

    if (memcmp(a, b, bits / 8) != 0)
        return false;
    return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

/* "10.1.2.3" or "10.0.0.0/8". */
static bool holds_address(const char *entry, const unsigned char *address,
                          size_t len)
{
    g_auto(GStrv) parts = g_strsplit(entry, "/", 2);
    unsigned char network[16];
    guint64 bits = len * 8;

    if (read_address(parts[0], network) != len)
        return false;
    if (parts[1] != NULL &&
        !g_ascii_string_to_unsigned(parts[1], 10, 0, len * 8, &bits, NULL))
        return false;
    return same_bits(network, address, bits);
}

/* "example.com", ".example.com": the name and all below it. */
static bool holds_name(const char *entry, const char *host)
{
    const char *name = entry[0] == '.' ? entry + 1 : entry;
    size_t n = strlen(name), m = strlen(host);

    if (n > 0 && name[n - 1] == '.')
        n--;
    if (m > 0 && host[m - 1] == '.')
        m--;
    if (n == 0 || n > m || g_ascii_strncasecmp(host + m - n, name, n) != 0)
        return false;
    return n == m || host[m - n - 1] == '.';
}

bool proxy_is_exempt(const char *list, const char *host)
{
    g_auto(GStrv) entries = g_strsplit_set(list, ", ", -1);
    unsigned char address[16];
    size_t len = read_address(host, address);
    bool found = strcmp(list, "*") == 0;

    for (size_t i = 0; entries[i] != NULL && !found; i++)
        found = len > 0 ? holds_address(entries[i], address, len)
                        : holds_name(entries[i], host);
    return found;
}
