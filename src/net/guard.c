#include "net/guard.h"

#include <netdb.h>

#include <glib.h>

/*
 * The IANA registries of special-purpose addresses (RFC 6890 and what has
 * been added to it), as far as they are not reachable by everybody; and what
 * wraps an IPv4 address, which may be any of them.
 */
static const char *const private_networks[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10",   "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",    "192.0.2.0/24",
    "192.168.0.0/16", "198.18.0.0/15",  "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4",    "240.0.0.0/4",    "::/128",          "::1/128",
    "64:ff9b::/96",   "64:ff9b:1::/48", "100::/64",        "2001::/23",
    "2001:db8::/32",  "2002::/16",      "fc00::/7",        "fe80::/10",
    "fec0::/10",      "ff00::/8",
};

bool guard_is_private(const struct inet_address *a)
{
    for (size_t i = 0; i < G_N_ELEMENTS(private_networks); i++) {
        struct inet_range range;
        struct err ignored;

        if (inet_range_parse(private_networks[i], &range, &ignored) < 0)
            g_error("%s is no network", private_networks[i]);
        if (inet_range_has(&range, a))
            return true;
    }
    return false;
}

bool guard_allows(const struct guard *g, const struct inet_address *a)
{
    if (!g->on || !guard_is_private(a))
        return true;
    for (size_t i = 0; i < g->n_open; i++)
        if (inet_range_has(&g->open[i], a))
            return true;
    return false;
}

int guard_refuse(const char *host, const struct inet_address *a,
                 struct err *err)
{
    char text[INET_TEXT_SIZE];

    inet_address_text(a, text);
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "server \"%s\": its address %s is in a private network, which this "
            "service does not reach",
            host, text);
    err->name = "address-refused";
    return err_remedy(err, "if that network is meant, have the operator list "
                           "it in engine.private-networks");
}

int guard_check_name(const struct guard *g, const char *host, struct err *err)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *all = NULL;
    struct inet_address a;
    int result = 0;

    if (getaddrinfo(host, NULL, &hints, &all) != 0) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "server \"%s\": its name cannot be resolved here, so nobody "
                "knows where the proxy would connect to",
                host);
        err->name = "address-refused";
        return err_remedy(err, "have this machine resolve the name too");
    }
    for (const struct addrinfo *i = all; i != NULL && result == 0;
         i = i->ai_next)
        if (inet_address_of(i->ai_addr, &a) && !guard_allows(g, &a))
            result = guard_refuse(host, &a, err);
    freeaddrinfo(all);
    return result;
}
