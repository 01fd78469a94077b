#include "net/proxy.h"

#include <string.h>

#include "base/check.h"
#include "net/scene.h"

static void test_parse(void)
{
    static const struct {
        const char *text, *url, *user, *password; /* url NULL: refused */
    } rows[] = {
        { "http://proxy.example:3128", "http://proxy.example:3128" },
        { "proxy.example:3128", "http://proxy.example:3128" },
        { "https://proxy.example", "https://proxy.example" },
        { "socks5h://127.0.0.1:1080/", "socks5h://127.0.0.1:1080" },
        { "http://[2001:db8::1]:3128", "http://[2001:db8::1]:3128" },
        { "http://ann@proxy:1", "http://proxy:1", "ann" },
        { "http://ann:hunter2@proxy:1", "http://proxy:1", "ann", "hunter2" },
        { "ann:hunter2@proxy:1", "http://proxy:1", "ann", "hunter2" },
        { "http://OLD%5Cann:p%40ss@proxy:1", "http://proxy:1", "OLD\\ann",
          "p@ss" },
        { "socks5://ann:hunter2@proxy", NULL },
        { "ftp://proxy", NULL },
        { "http://ann:hunter2@", NULL },
        { "http://ann:hunter2@proxy:99999", NULL },
        { "http://proxy/hunter2", NULL },
        { "", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(net_proxy) p = { 0 };
        struct err err = { 0 };
        int rc = net_proxy_parse(rows[i].text, &p, &err);

        CHECK_ROW(rows[i].text, (rc == 0) == (rows[i].url != NULL));
        CHECK_ROW(rows[i].text, g_strcmp0(p.url, rows[i].url) == 0);
        CHECK_ROW(rows[i].text, g_strcmp0(p.user, rows[i].user) == 0);
        CHECK_ROW(rows[i].text,
                  (p.password != NULL) == (rows[i].password != NULL));
        if (p.password != NULL)
            g_assert_cmpstr(secret_peek(p.password), ==, rows[i].password);
        CHECK_ROW(rows[i].text, strstr(err.msg, "hunter2") == NULL);
    }
}

static void test_exempt(void)
{
    static const struct {
        const char *name, *list, *host;
        bool want;
    } rows[] = {
        { "all", "*", "mail.example", true },
        { "the name", "mail.example", "mail.example", true },
        { "in capitals", "MAIL.Example", "mail.example", true },
        { "below it", "example", "mail.example", true },
        { "with a dot", ".example", "mail.example", true },
        { "a dot at the end", "example.", "mail.example", true },
        { "the end of a word", "ample", "mail.example", false },
        { "above it", "mail.example", "example", false },
        { "one of several", "a.b, mail.example c", "mail.example", true },
        { "none of several", "a.b, c", "mail.example", false },
        { "nothing", "", "mail.example", false },
        { "a star among others", "a.b,*", "mail.example", false },
        { "an address", "127.0.0.1", "127.0.0.1", true },
        { "another address", "127.0.0.1", "127.0.0.2", false },
        { "a network", "10.0.0.0/8", "10.20.30.40", true },
        { "outside of it", "10.0.0.0/12", "10.20.30.40", false },
        { "inside of it", "10.16.0.0/12", "10.20.30.40", true },
        { "no network", "10.0.0.0/99", "10.0.0.0", false },
        { "IPv6", "2001:db8::1", "[2001:db8::1]", true },
        { "a network of IPv6", "2001:db8::/32", "[2001:db8::1]", true },
        { "an address is no name", "1", "127.0.0.1", false },
        { "loopback is no exception", "mail.example", "127.0.0.1", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name,
                  proxy_is_exempt(rows[i].list, rows[i].host) == rows[i].want);
}

/* ---- the environment --------------------------------------------------- */

static const char *const variables[] = { "http_proxy",  "HTTP_PROXY",
                                         "https_proxy", "HTTPS_PROXY",
                                         "all_proxy",   "ALL_PROXY",
                                         "no_proxy",    "NO_PROXY" };

static void clear_environment(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
        g_unsetenv(variables[i]);
}

static const char *found(const struct proxies *p, const char *text)
{
    g_auto(net_url) url = { 0 };
    const struct net_proxy *proxy;
    struct err err;

    CHECK_OK(net_url_parse(text, &url, &err), &err);
    proxy = proxies_find(p, &url);
    return proxy != NULL ? proxy->url : NULL;
}

static void test_environment(void)
{
    static const struct {
        const char *name, *set[4]; /* NAME=VALUE */
        const char *https, *http;
    } rows[] = {
        { "none", { NULL }, NULL, NULL },
        { "https", { "https_proxy=a:1" }, "http://a:1", NULL },
        { "in capitals", { "HTTPS_PROXY=a:1" }, "http://a:1", NULL },
        { "http", { "http_proxy=a:1" }, NULL, "http://a:1" },
        { "what a client may set", { "HTTP_PROXY=a:1" }, NULL, NULL },
        { "all", { "ALL_PROXY=a:1" }, "http://a:1", "http://a:1" },
        { "its own first",
          { "all_proxy=a:1", "https_proxy=b:2" },
          "http://b:2",
          "http://a:1" },
        { "empty is unset",
          { "https_proxy=", "HTTPS_PROXY=b:2" },
          "http://b:2",
          NULL },
        { "exempt", { "all_proxy=a:1", "no_proxy=mail.example" }, NULL, NULL },
        { "exempt in capitals",
          { "all_proxy=a:1", "NO_PROXY=mail.example" },
          NULL,
          NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct proxies p;
        struct err err;

        clear_environment();
        for (size_t k = 0; k < 4 && rows[i].set[k] != NULL; k++) {
            g_auto(GStrv) pair = g_strsplit(rows[i].set[k], "=", 2);

            g_setenv(pair[0], pair[1], TRUE);
        }
        CHECK_OK(proxies_init(&p, NULL, &err), &err);
        CHECK_ROW(rows[i].name, g_strcmp0(found(&p, "https://mail.example/"),
                                          rows[i].https) == 0);
        CHECK_ROW(rows[i].name, g_strcmp0(found(&p, "http://mail.example/"),
                                          rows[i].http) == 0);
        proxies_release(&p);
    }
    clear_environment();
}

/* What is given goes before the environment; exceptions stay. */
static void test_given(void)
{
    g_auto(net_proxy) given = { 0 };
    struct proxies p;
    struct err err;

    g_setenv("https_proxy", "http://other:1", TRUE);
    g_setenv("no_proxy", "direct.example", TRUE);
    CHECK_OK(net_proxy_parse("http://mine:2", &given, &err), &err);
    CHECK_OK(proxies_init(&p, &given, &err), &err);
    g_assert_cmpstr(found(&p, "https://mail.example/"), ==, "http://mine:2");
    g_assert_cmpstr(found(&p, "http://mail.example/"), ==, "http://mine:2");
    g_assert_null(found(&p, "https://direct.example/"));
    proxies_release(&p);
    clear_environment();
}

static void test_a_bad_variable(void)
{
    struct proxies p;
    struct err err;

    g_setenv("HTTPS_PROXY", "gopher://ann:hunter2@x", TRUE);
    g_assert_cmpint(proxies_init(&p, NULL, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "HTTPS_PROXY"));
    g_assert_null(strstr(err.msg, "hunter2"));
    clear_environment();
}

/* ---- proxies that fail ------------------------------------------------- */

static void test_failures(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        const char *want, *text;
    } rows[] = {
        { "silent", { SCRIPT_STALL, NULL }, "timeout", "no answer in time" },
        { "hangs up",
          { SCRIPT_CLOSE, NULL },
          "proxy-refused",
          "does not connect us" },
        { "forbids",
          { SCRIPT_EARLY, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" },
          "proxy-refused",
          "let us through" },
        { "a page",
          { SCRIPT_EARLY, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" },
          "proxy-refused",
          "let us through" },
        { "asks who we are",
          { SCRIPT_EARLY, "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic "
                          "realm=\"x\"\r\nContent-Length: 0\r\n\r\n" },
          "proxy-refused",
          "password" },
        { "cannot reach it",
          { SCRIPT_EARLY, "HTTP/1.1 504 Late\r\n"
                          "Content-Length: 0\r\n\r\n" },
          "cannot-connect",
          "cannot reach" },
        { "speaks something else",
          { SCRIPT_EARLY, "220 mail ESMTP\r\n" },
          "proxy-refused",
          "does not connect us" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct script_line script[] = { rows[i].line, { 0 } };
        const struct script_line *const scripts[] = { script };
        g_autoptr(script_server) server = script_server_new(scripts, 1);
        g_auto(net_proxy) proxy = { 0 };
        struct net_config config = { .proxy = &proxy,
                                     .connect_timeout_ms = 300 };
        g_autofree char *address = g_strdup(script_server_url(server));
        g_autoptr(net) n = NULL;
        g_autoptr(net_conn) conn = NULL;
        g_auto(outcome) o = { 0 };
        struct err err;

        address[strcspn(address + strlen("http://"), "/") + strlen("http://")] =
            '\0';
        CHECK_OK(net_proxy_parse(address, &proxy, &err), &err);
        CHECK_OK(net_new(&config, &n, &err), &err);
        conn = net_conn_new(n, NULL);
        get(conn, "https://mail.example/EWS/Exchange.asmx", &o);
        CHECK_ROW(rows[i].name, o.rc == -1);
        CHECK_ROW(rows[i].name, g_strcmp0(o.err.name, rows[i].want) == 0);
        CHECK_ROW(rows[i].name, strstr(o.err.msg, rows[i].text) != NULL);
        CHECK_ROW(rows[i].name, strstr(o.err.msg, address) != NULL);
        CHECK_ROW(rows[i].name, strstr(o.err.msg, "mail.example") != NULL);
        CHECK_ROW(rows[i].name, o.response.status == 0);
        CHECK_ROW(rows[i].name, !o.response.body_sent);
    }
}

int main(int argc, char **argv)
{
    clear_environment();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/proxy/parse", test_parse);
    g_test_add_func("/proxy/exempt", test_exempt);
    g_test_add_func("/proxy/environment", test_environment);
    g_test_add_func("/proxy/given", test_given);
    g_test_add_func("/proxy/bad-variable", test_a_bad_variable);
    g_test_add_func("/proxy/failures", test_failures);
    return g_test_run();
}
