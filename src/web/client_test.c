#include "web/client.h"

#include "base/check.h"

static void test_address(void)
{
    static const struct {
        const char *name, *peer, *forwarded, *want;
    } rows[] = {
        { "direct", "203.0.113.9", NULL, "203.0.113.9" },
        { "a stranger's word", "203.0.113.9", "192.0.2.1", "203.0.113.9" },
        { "our proxy", "127.0.0.1", "192.0.2.1", "192.0.2.1" },
        { "what the client put before it", "127.0.0.1", "10.9.9.9, 192.0.2.1",
          "192.0.2.1" },
        { "two proxies", "127.0.0.1", "192.0.2.1, 10.0.0.7", "192.0.2.1" },
        { "all trusted", "127.0.0.1", "10.0.0.8", "10.0.0.8" },
        { "no address", "127.0.0.1", "unknown", "127.0.0.1" },
        { "no address behind a proxy", "127.0.0.1", "x, 10.0.0.7", "10.0.0.7" },
        { "empty", "127.0.0.1", "", "127.0.0.1" },
        { "IPv6", "::1", "2001:db8::5", "2001:db8::5" },
    };
    struct inet_range proxy;
    struct err err;

    CHECK_OK(inet_range_parse("10.0.0.0/24", &proxy, &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_address peer, got;
        char text[INET_TEXT_SIZE];

        g_assert_true(inet_address_parse(rows[i].peer, &peer));
        web_client_address(&peer, rows[i].forwarded, &proxy, 1, &got);
        inet_address_text(&got, text);
        CHECK_ROW(rows[i].name, g_strcmp0(text, rows[i].want) == 0);
    }
}

static void test_host(void)
{
    static const struct {
        const char *host, *public_url, *listen;
        bool ours;
    } rows[] = {
        { "127.0.0.1:8080", NULL, "127.0.0.1:8080", true },
        { "localhost:8080", NULL, "127.0.0.1:8080", true },
        { "LOCALHOST", NULL, "127.0.0.1:8080", true },
        { "[::1]:8080", NULL, "[::1]:8080", true },
        { "evil.example", NULL, "127.0.0.1:8080", false },
        { "127.0.0.1.evil.example", NULL, "127.0.0.1:8080", false },
        { "10.0.0.1", NULL, "127.0.0.1:8080", false },
        { "10.0.0.1", NULL, "0.0.0.0:8080", true },
        { "localhost", NULL, "0.0.0.0:8080", false },
        { "m.example", "https://m.example", "127.0.0.1:1", true },
        { "M.Example:443", "https://m.example/", "127.0.0.1:1", true },
        { "n.example", "https://m.example", "127.0.0.1:1", false },
        { "", NULL, "127.0.0.1:8080", false },
        { NULL, NULL, "127.0.0.1:8080", false },
        { "[", NULL, "127.0.0.1:8080", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_endpoint listen;
        struct err err;

        CHECK_OK(inet_endpoint_parse(rows[i].listen, &listen, &err), &err);
        CHECK_ROW(rows[i].host != NULL ? rows[i].host : "(none)",
                  web_host_is_ours(rows[i].host, rows[i].public_url, &listen) ==
                      rows[i].ours);
    }
}

static void test_origin(void)
{
    static const struct {
        const char *name, *origin, *site;
        bool by_cookie, ours;
    } rows[] = {
        { "our page", "https://m.example", "same-origin", true, true },
        { "our page, an old browser", "https://m.example", NULL, true, true },
        { "another site", "https://evil.example", "cross-site", true, false },
        { "another site, an old browser", "https://evil.example", NULL, true,
          false },
        { "a sister host", "https://x.m.example", "same-site", true, false },
        { "plain http of ours", "http://m.example", NULL, true, false },
        { "a sandboxed page", "null", NULL, true, false },
        { "no origin, a cookie", NULL, NULL, true, false },
        { "no origin, a cookie, same-origin", NULL, "same-origin", true, true },
        { "curl signing in", NULL, NULL, false, true },
        { "another site signing in", "https://evil.example", NULL, false,
          false },
        { "typed by a person", NULL, "none", false, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  web_origin_is_ours("https://m.example", rows[i].origin,
                                     rows[i].site,
                                     rows[i].by_cookie) == rows[i].ours);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/client/address", test_address);
    g_test_add_func("/client/host", test_host);
    g_test_add_func("/client/origin", test_origin);
    return g_test_run();
}
