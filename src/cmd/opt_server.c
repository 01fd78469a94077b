#include <string.h>

#include "cmd/opt_common.h"
#include "net/net.h"

int opt_server(const char *url, char **ret, struct err *err)
{
    g_autofree char *full = strstr(url, "://") != NULL
                                ? g_strdup(url)
                                : g_strconcat("https://", url, NULL);
    struct net_url parsed = { 0 };

    if (net_url_parse(full, &parsed, err) < 0)
        return -1;
    *ret = g_strdup_printf("%s:%u", parsed.host, parsed.port);
    net_url_clear(&parsed);
    return 0;
}
