#include "net/net.h"

#include "base/check.h"

static void test_parse(void)
{
    static const struct {
        const char *text;
        struct {
            bool https;
            const char *host;
            uint16_t port;
            const char *path;
        } want;
        const char *normal; /* put together again */
    } rows[] = {
        /* clang-format off */
        { "https://mail.example.com",
          { true, "mail.example.com", 443, "/" },
          "https://mail.example.com/" },
        { "HTTPS://Mail.EXAMPLE.com/OWA/",
          { true, "mail.example.com", 443, "/OWA/" },
          "https://mail.example.com/OWA/" },
        { "https://mail.example.com:443/owa",
          { true, "mail.example.com", 443, "/owa" },
          "https://mail.example.com/owa" },
        { "https://mail.example.com:8443/owa",
          { true, "mail.example.com", 8443, "/owa" },
          "https://mail.example.com:8443/owa" },
        { "http://localhost:80",
          { false, "localhost", 80, "/" }, "http://localhost/" },
        { "http://localhost:443",
          { false, "localhost", 443, "/" }, "http://localhost:443/" },
        { "https://h/owa/auth/logon.aspx?url=https://evil/&reason=0#x",
          { true, "h", 443, "/owa/auth/logon.aspx" },
          "https://h/owa/auth/logon.aspx" },
        { "https://h/a/../b/./c",
          { true, "h", 443, "/b/c" }, "https://h/b/c" },
        { "https://[2001:DB8::1]:8443/x",
          { true, "[2001:db8::1]", 8443, "/x" },
          "https://[2001:db8::1]:8443/x" },
        { "https://127.0.0.1/",
          { true, "127.0.0.1", 443, "/" }, "https://127.0.0.1/" },
        /* Two ways of writing one address must not pass for two. */
        { "https://0x7f.1/", { true, "127.0.0.1", 443, "/" },
          "https://127.0.0.1/" },
        { "https://m\xc3\xbcnchen.example/",
          { true, "xn--mnchen-3ya.example", 443, "/" },
          "https://xn--mnchen-3ya.example/" },
        { "https://\xef\xbc\x93/", { true, "0.0.0.3", 443, "/" },
          "https://0.0.0.3/" },
        /* What is behind the first / is path, whatever it looks like. */
        { "https://h/@evil.example/",
          { true, "h", 443, "/@evil.example/" }, "https://h/@evil.example/" },
        { "https://h?@evil.example/", { true, "h", 443, "/" }, "https://h/" },
        { "https://h#@evil.example/", { true, "h", 443, "/" }, "https://h/" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = rows[i].text;
        g_auto(net_url) got = { 0 };
        g_autofree char *normal = NULL;
        struct err err;

        CHECK_OK(net_url_parse(rows[i].text, &got, &err), &err);
        CHECK_ROW(name, got.https == rows[i].want.https);
        CHECK_ROW(name, strcmp(got.host, rows[i].want.host) == 0);
        CHECK_ROW(name, got.port == rows[i].want.port);
        CHECK_ROW(name, strcmp(got.path, rows[i].want.path) == 0);
        normal = net_url_with_path(&got, got.path);
        CHECK_ROW(name, strcmp(normal, rows[i].normal) == 0);
    }
}

static void test_parse_refuses(void)
{
    static const struct {
        const char *name, *text, *cause;
    } rows[] = {
        { "nothing", "", "cannot be used" },
        { "no scheme", "mail.example.com/owa", "https://" },
        { "another scheme", "ftp://mail.example.com/", "https://" },
        { "a file", "file:///etc/passwd", "https://" },
        { "an unknown scheme", "owa://mail.example.com/", "https://" },
        { "no host", "https:///owa", "cannot be used" },
        { "user", "https://admin@mail.example.com/", "user name" },
        { "user and password", "https://a:b@h/", "user name" },
        { "empty user", "https://@h/", "user name" },
        { "port 0", "https://h:0/", "port" },
        { "port too large", "https://h:65536/", "cannot be used" },
        { "port not a number", "https://h:https/", "cannot be used" },
        { "negative port", "https://h:-1/", "cannot be used" },
        { "space in the host", "https://a b/", "cannot be used" },
        { "line end", "https://h/a\r\nHost: evil", "cannot be used" },
        { "not UTF-8 by percent", "https://M%80/", "not valid" },
        { "control character by percent", "https://a%14/", "cannot be used" },
        { "comma", "https://a,b/", "cannot be used" },
        { "NUL by percent", "https://h%00.evil/", "cannot be used" },
        { "not UTF-8", "https://h\xff/", "UTF-8" },
        { "interface", "https://[fe80::1%25eth0]/", "interface" },
        { "half an address", "https://[::1/", "cannot be used" },
        { "backslash", "https://h\\evil/", "cannot be used" },
        { "backslash and user", "https://h\\@evil/", "user name" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct net_url got = { .port = 7 };
        struct err err = { .msg = "" };

        CHECK_ROW(rows[i].name, net_url_parse(rows[i].text, &got, &err) == -1);
        if (strstr(err.msg, rows[i].cause) == NULL)
            g_error("row \"%s\": %s", rows[i].name, err.msg);
        CHECK_ROW(rows[i].name, got.port == 7 && got.host == NULL);
    }
}

static void test_refusal_does_not_repeat_a_password(void)
{
    struct net_url got;
    struct err err;

    g_assert_cmpint(net_url_parse("https://admin:hunter2@h/", &got, &err), ==,
                    -1);
    g_assert_null(strstr(err.msg, "hunter2"));
}

static void test_length(void)
{
    g_autofree char *path = g_strnfill(5000, 'a');
    g_autofree char *text = g_strconcat("https://h/", path, NULL);
    struct net_url got;
    struct err err;

    g_assert_cmpint(net_url_parse(text, &got, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "too long"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/url/parse", test_parse);
    g_test_add_func("/url/refuses", test_parse_refuses);
    g_test_add_func("/url/no-password-in-the-error",
                    test_refusal_does_not_repeat_a_password);
    g_test_add_func("/url/length", test_length);
    return g_test_run();
}
