#include "net/guard.h"

#include <string.h>

#include "base/check.h"
#include "net/scene.h"

static void test_private(void)
{
    static const struct {
        const char *address;
        bool want;
    } rows[] = {
        { "127.0.0.1", true },
        { "127.255.0.9", true },
        { "10.1.2.3", true },
        { "172.16.0.1", true },
        { "172.31.255.255", true },
        { "172.32.0.1", false },
        { "192.168.1.1", true },
        { "169.254.169.254", true },
        { "100.64.0.1", true },
        { "0.0.0.0", true },
        { "224.0.0.1", true },
        { "255.255.255.255", true },
        { "8.8.8.8", false },
        { "52.96.0.1", false },
        { "::1", true },
        { "::", true },
        { "::ffff:127.0.0.1", true },
        { "::ffff:8.8.8.8", false },
        { "64:ff9b::7f00:1", true },
        { "2002:7f00:1::", true },
        { "fe80::1", true },
        { "fd00::1", true },
        { "2603:1006::1", false },
        { "ff02::1", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_address a;

        g_assert_true(inet_address_parse(rows[i].address, &a));
        CHECK_ROW(rows[i].address, guard_is_private(&a) == rows[i].want);
    }
}

/* Whether a request arrives, with that network open; "": none is. */
static void ask(const char *open, const char *as_host, bool reaches)
{
    struct inet_range range;
    struct net_config how = { .private_networks = &range, .guarded = true };
    g_auto(outcome) o = { 0 };
    struct net *n = NULL;
    struct net_conn *conn;
    struct scene s;
    g_auto(GStrv) parts = NULL;
    g_autofree char *url = NULL;

    SCENE(&s, NET_AUTH_NONE, scene_answers);
    parts = g_strsplit(s.url, "127.0.0.1", 2);
    url = g_strjoinv(as_host, parts);
    if (*open != '\0') {
        CHECK_OK(inet_range_parse(open, &range, &o.err), &o.err);
        how.n_private_networks = 1;
    }
    CHECK_OK(net_new(&how, &n, &o.err), &o.err);
    conn = net_conn_new(n, NULL);
    get(conn, url, &o);
    g_assert_cmpint(o.rc == 0, ==, reaches);
    g_assert_cmpuint(script_server_connections(s.server), ==, reaches ? 1 : 0);
    if (!reaches) {
        g_assert_cmpstr(o.err.name, ==, "address-refused");
        g_assert_cmpint(o.err.retry, ==, ERR_RETRY_NEVER);
        g_assert_nonnull(strstr(o.err.remedy, "engine.private-networks"));
    }
    net_conn_free(conn);
    net_free(n);
    scene_close(&s);
}

static void test_connections(void)
{
    ask("", "127.0.0.1", false);
    ask("", "localhost", false); /* by whatever name */
    ask("10.0.0.0/8", "127.0.0.1", false);
    ask("127.0.0.0/8", "127.0.0.1", true);
}

/* A proxy would connect wherever the name leads it. */
static void test_proxy(void)
{
    struct guard g = { .on = true };
    struct err err;

    g_assert_cmpint(guard_check_name(&g, "localhost", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "address-refused");
    g_assert_cmpint(guard_check_name(&g, "no-such-name.invalid", &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "address-refused");
    CHECK_OK(guard_check_name(&g, "8.8.8.8", &err), &err);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guard/private", test_private);
    g_test_add_func("/guard/connections", test_connections);
    g_test_add_func("/guard/proxy", test_proxy);
    return g_test_run();
}
