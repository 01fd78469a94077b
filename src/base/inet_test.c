#include "base/inet.h"

#include <string.h>

#include "base/check.h"

static void test_range(void)
{
    static const struct {
        const char *range, *address;
        bool has;
    } rows[] = {
        { "192.0.2.1", "192.0.2.1", true },
        { "192.0.2.1", "192.0.2.2", false },
        { "192.0.2.1", "::ffff:192.0.2.1", true },
        { "10.0.0.0/8", "10.255.0.1", true },
        { "10.0.0.0/8", "11.0.0.0", false },
        { "192.0.2.128/25", "192.0.2.127", false },
        { "192.0.2.128/25", "192.0.2.255", true },
        { "0.0.0.0/0", "203.0.113.7", true },
        { "0.0.0.0/0", "::1", false },
        { "::/0", "203.0.113.7", true },
        { "2001:db8::/33", "2001:db8:7fff::1", true },
        { "2001:db8::/33", "2001:db8:8000::1", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_range range;
        struct inet_address address;
        struct err err;

        CHECK_OK(inet_range_parse(rows[i].range, &range, &err), &err);
        g_assert_true(inet_address_parse(rows[i].address, &address));
        CHECK_ROW(rows[i].range,
                  inet_range_has(&range, &address) == rows[i].has);
    }
}

static void test_bad_range(void)
{
    static const char *const rows[] = {
        "",          "x",           "10.0.0.0/33",  "10.0.0.0/",
        "10.0.0/8",  "10.0.0.1/8",  "::1/129",      "10.0.0.0/-1",
        "1.2.3.4/8", "example.com", "10.0.0.0/8/8",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_range range;
        struct err err;

        CHECK_ROW(rows[i], inet_range_parse(rows[i], &range, &err) == -1);
    }
}

static void test_endpoint(void)
{
    static const struct {
        const char *text;
        int port; /* -1: not one */
        bool loopback;
    } rows[] = {
        { "127.0.0.1:8080", 8080, true }, { "127.9.9.9:0", 0, true },
        { "0.0.0.0:443", 443, false },    { "[::1]:8080", 8080, true },
        { "[::]:8080", 8080, false },     { "[2001:db8::1]:1", 1, false },
        { "localhost:8080", -1, false },  { "127.0.0.1", -1, false },
        { "127.0.0.1:65536", -1, false }, { "127.0.0.1:", -1, false },
        { "::1:8080", -1, false },        { "[::1]", -1, false },
        { "[127.0.0.1]:80", -1, false },  { "", -1, false },
        { "127.0.0.1:80 ", -1, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_endpoint e;
        struct err err;
        int failed = inet_endpoint_parse(rows[i].text, &e, &err);

        CHECK_ROW(rows[i].text, (failed < 0) == (rows[i].port < 0));
        if (failed < 0)
            continue;
        CHECK_ROW(rows[i].text, inet_endpoint_port(&e) == rows[i].port);
        CHECK_ROW(rows[i].text,
                  inet_endpoint_is_loopback(&e) == rows[i].loopback);
    }
}

static void test_shorten(void)
{
    static const struct {
        const char *whole, *shortened;
    } rows[] = {
        { "192.0.2.77", "192.0.2.0" },
        { "2001:db8:1:2:3:4:5:6", "2001:db8:1::" },
        { "::1", "::" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct inet_address a;
        char text[INET_TEXT_SIZE];

        g_assert_true(inet_address_parse(rows[i].whole, &a));
        inet_address_text(&a, text);
        g_assert_cmpstr(text, ==, rows[i].whole);
        inet_address_shorten(&a);
        inet_address_text(&a, text);
        g_assert_cmpstr(text, ==, rows[i].shortened);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inet/range", test_range);
    g_test_add_func("/inet/bad-range", test_bad_range);
    g_test_add_func("/inet/endpoint", test_endpoint);
    g_test_add_func("/inet/shorten", test_shorten);
    return g_test_run();
}
