#include <string.h>

#include "cmd/opt_common.h"
#include "net/net.h"

int opt_server(const char *url, char **ret, struct err *err)
{
    g_autofree char *full = strstr(url, "://") != NULL
                                ? g_strdup(url)
                                : g_strconcat("https://", url, NULL);
    struct net_url parsed = { 0 };

    /* Which server that is will be seen; the name tells one from another. */
    if (g_ascii_strncasecmp(url, "autodiscover:", strlen("autodiscover:")) ==
        0) {
        *ret = g_ascii_strdown(url, -1);
        return 0;
    }
    if (net_url_parse(full, &parsed, err) < 0)
        return -1;
    *ret = g_strdup_printf("%s:%u", parsed.host, parsed.port);
    net_url_clear(&parsed);
    return 0;
}
