#include "net/net.h"

/*
 * What is accepted has one normal form, and reading that form again gives the
 * same parts: otherwise two spellings of a host could pass for two hosts, or
 * the host that was checked not be the one that is connected to.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct net_url *a)
{
    g_autofree char *text = net_url_with_path(a, a->path);
    g_auto(net_url) b = { 0 };
    struct err err;

    if (net_url_parse(text, &b, &err) < 0)
        g_error("normal form \"%s\": %s", text, err.msg);
    if (a->https != b.https || a->port != b.port ||
        strcmp(a->host, b.host) != 0 || strcmp(a->path, b.path) != 0)
        g_error("normal form \"%s\" is not stable", text);
    if (strpbrk(a->host, "/@?# \\") != NULL || a->port == 0)
        g_error("host \"%s\"", a->host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(net_url) url = { 0 };
    struct err err;

    if (net_url_parse(text, &url, &err) == 0)
        check(&url);
    return 0;
}
