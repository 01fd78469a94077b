#include "web/client.h"

#include <string.h>

#include <glib.h>

/* Proxies behind one another; a longer list is somebody's invention. */
#define HOPS_MAX 16

static bool is_trusted(const struct inet_address *a,
                       const struct inet_range *proxies, size_t n)
{
    if (inet_address_is_loopback(a))
        return true;
    for (size_t i = 0; i < n; i++)
        if (inet_range_has(&proxies[i], a))
            return true;
    return false;
}

void web_client_address(const struct inet_address *peer, const char *forwarded,
                        const struct inet_range *proxies, size_t n_proxies,
                        struct inet_address *ret)
{
    g_auto(GStrv) hops = NULL;
    guint n;

    *ret = *peer;
    if (forwarded == NULL || !is_trusted(peer, proxies, n_proxies))
        return;
    hops = g_strsplit(forwarded, ",", -1);
    n = g_strv_length(hops);
    for (guint i = 0; i < MIN(n, HOPS_MAX); i++) {
        struct inet_address hop;

        if (!inet_address_parse(g_strstrip(hops[n - 1 - i]), &hop))
            return;
        *ret = hop;
        if (!is_trusted(&hop, proxies, n_proxies))
            return;
    }
}

/* "HOST", "HOST:PORT", "[V6]:PORT" without the port.  The caller frees. */
static char *bare_host(const char *text)
{
    const char *end = text[0] == '[' ? strchr(text, ']') : NULL;

    if (end != NULL)
        return g_strndup(text, (gsize)(end - text) + 1);
    return g_strndup(text, strcspn(text, ":"));
}

static bool is_address(const char *host, const struct inet_endpoint *listen)
{
    size_t n = strlen(host);
    bool bracketed = n > 2 && host[0] == '[' && host[n - 1] == ']';
    g_autofree char *inner =
        bracketed ? g_strndup(host + 1, n - 2) : g_strdup(host);
    struct inet_address asked, ours;
    static const struct inet_address any = { { 0 } };

    if (!inet_address_parse(inner, &asked) ||
        !inet_address_of((const struct sockaddr *)&listen->address, &ours))
        return false;
    /* a name can be pointed anywhere, an address only at itself */
    return memcmp(&asked, &ours, sizeof(ours)) == 0 ||
           memcmp(&ours, &any, sizeof(any)) == 0 ||
           memcmp(ours.bytes + 12, any.bytes, 4) == 0;
}

bool web_host_is_ours(const char *host, const char *public_url,
                      const struct inet_endpoint *listen)
{
    g_autofree char *bare = NULL;
    g_autoptr(GUri) uri = NULL;

    if (host == NULL || *host == '\0')
        return false;
    bare = bare_host(host);
    if (public_url != NULL) {
        uri = g_uri_parse(public_url, G_URI_FLAGS_NONE, NULL);
        if (uri != NULL && g_ascii_strcasecmp(bare, g_uri_get_host(uri)) == 0)
            return true;
    }
    if (inet_endpoint_is_loopback(listen) &&
        g_ascii_strcasecmp(bare, "localhost") == 0)
        return true;
    return is_address(bare, listen);
}

char *web_origin(const char *public_url, bool tls, const char *host)
{
    char *origin = public_url != NULL
                       ? g_strdup(public_url)
                       : g_strconcat(tls ? "https://" : "http://", host, NULL);

    if (g_str_has_suffix(origin, "/"))
        origin[strlen(origin) - 1] = '\0';
    return origin;
}

bool web_origin_is_ours(const char *ours, const char *origin, const char *site,
                        bool by_cookie)
{
    if (site != NULL && strcmp(site, "same-origin") != 0 &&
        strcmp(site, "none") != 0)
        return false;
    if (origin != NULL)
        return g_ascii_strcasecmp(origin, ours) == 0;
    return !by_cookie || (site != NULL && strcmp(site, "same-origin") == 0);
}
