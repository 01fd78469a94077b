#include "net/header.h"

#include "base/check.h"

static void feed(struct net_response *r, const char *lines)
{
    g_auto(GStrv) split = g_strsplit(lines, "\n", -1);

    for (size_t i = 0; split[i] != NULL; i++)
        header_take(r, split[i], strlen(split[i]));
}

#define B NET_AUTH_BASIC
#define N NET_AUTH_NTLM
#define G NET_AUTH_NEGOTIATE
#define T NET_AUTH_BEARER

static void test_what_is_offered(void)
{
    static const struct {
        const char *name, *lines;
        unsigned int want;
    } rows[] = {
        /* clang-format off */
        { "nothing", "Server: IIS", 0 },
        { "one a line",
          "WWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM\n"
          "WWW-Authenticate: Basic realm=\"mail\"", G | N | B },
        { "all on one line", "WWW-Authenticate: Negotiate, NTLM,Basic realm=\"x\"",
          G | N | B },
        { "any case", "www-authenticate: nTlM", N },
        { "comma inside of quotes",
          "WWW-Authenticate: Basic realm=\"a, NTLM, b\"", B },
        { "escaped quote inside of quotes",
          "WWW-Authenticate: Basic realm=\"a\\\", NTLM\"", B },
        { "parameters after the realm",
          "WWW-Authenticate: Bearer realm=\"x\", authorization_uri=\"y\", NTLM",
          T | N },
        { "a parameter's name is no scheme",
          "WWW-Authenticate: Digest Basic=\"x\", NTLM=1", 0 },
        { "the challenge of a handshake", "WWW-Authenticate: NTLM TlRMTVNTUAAC",
          N },
        { "unknown", "WWW-Authenticate: Digest realm=\"x\"", 0 },
        { "empty", "WWW-Authenticate:", 0 },
        { "commas only", "WWW-Authenticate: , ,,", 0 },
        { "open quote", "WWW-Authenticate: Basic realm=\"x, NTLM", B },
        { "a name that only begins like one", "WWW-Authenticate: NTLMv2", 0 },
        { "a proxy's are not the server's", "Proxy-Authenticate: Basic", 0 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(net_response) r = { 0 };

        feed(&r, rows[i].lines);
        CHECK_ROW(rows[i].name, r.offered == rows[i].want);
    }
}

static void test_fields(void)
{
    g_auto(net_response) r = { 0 };

    feed(&r, "HTTP/1.1 302 Found\r\n"
             "content-type:text/html; charset=utf-8 \r\n"
             "Location:  https://mail.example.com/owa/?a=b:c\r\n"
             "X-OWA-Version: 14.3.123.3\r\n"
             "Retry-After: 7\r\n"
             "no colon\r\n"
             ": no name\r\n");
    g_assert_cmpint(r.status, ==, 302);
    g_assert_cmpstr(r.content_type, ==, "text/html; charset=utf-8");
    g_assert_cmpstr(r.location, ==, "https://mail.example.com/owa/?a=b:c");
    g_assert_cmpstr(r.server_owa_version, ==, "14.3.123.3");
    g_assert_cmpuint(r.retry_after_ms, ==, 7000);
}

static void test_a_new_answer_forgets_the_last(void)
{
    g_auto(net_response) r = { 0 };

    feed(&r, "HTTP/1.1 401 Unauthorized\nContent-Type: text/html\n"
             "Location: /x\nX-OWA-Version: 1\nRetry-After: 1\n"
             "WWW-Authenticate: NTLM\nWWW-Authenticate: Basic\n"
             "HTTP/1.1 200 OK");
    g_assert_cmpint(r.status, ==, 200);
    g_assert_null(r.content_type);
    g_assert_null(r.location);
    g_assert_null(r.server_owa_version);
    g_assert_cmpuint(r.retry_after_ms, ==, 0);
    g_assert_cmpuint(r.offered, ==, N | B);
}

static void test_retry_after(void)
{
    static const struct {
        const char *line;
        uint32_t want_ms;
    } rows[] = {
        { "Retry-After: 0", 0 },
        { "Retry-After: 120", 120000 },
        { "Retry-After: 4294967295", 86400000 },
        { "Retry-After: 99999999999999999999", 0 },
        { "Retry-After: -1", 0 },
        { "Retry-After: 1.5", 0 },
        { "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", 0 },
        { "Retry-After:", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(net_response) r = { 0 };

        feed(&r, rows[i].line);
        CHECK_ROW(rows[i].line, r.retry_after_ms == rows[i].want_ms);
    }
}

static void test_the_last_of_two_counts_and_a_monster_does_not(void)
{
    g_autofree char *xs = g_strnfill(100000, 'x');
    g_autofree char *monster = g_strconcat("Location: /", xs, NULL);
    g_auto(net_response) r = { 0 };

    feed(&r, "Location: /a\nLocation: /b");
    feed(&r, monster);
    g_assert_cmpstr(r.location, ==, "/b");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/header/offered", test_what_is_offered);
    g_test_add_func("/header/fields", test_fields);
    g_test_add_func("/header/new-answer", test_a_new_answer_forgets_the_last);
    g_test_add_func("/header/retry-after", test_retry_after);
    g_test_add_func("/header/twice-and-too-long",
                    test_the_last_of_two_counts_and_a_monster_does_not);
    return g_test_run();
}
