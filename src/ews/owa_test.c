#include "ews/owa.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"

static void test_parse(void)
{
    static const struct {
        const char *name, *text, *want; /* NULL: refused */
    } rows[] = {
        { "bare host", "mail.example.com", "https://mail.example.com/" },
        { "host and port", "mail.example.com:8443",
          "https://mail.example.com:8443/" },
        { "owa", "https://mail.example.com/owa",
          "https://mail.example.com/owa" },
        { "http", "http://mail.example.com/exchange",
          "https://mail.example.com/exchange" },
        { "http with its port", "http://mail.example.com:80/owa",
          "https://mail.example.com/owa" },
        { "http with a port of its own", "http://mail.example.com:8080/owa",
          "https://mail.example.com:8080/owa" },
        { "case", "HTTPS://Mail.Example.COM/owa",
          "https://mail.example.com/owa" },
        { "logon page",
          "https://mail.example.com/owa/auth/logon.aspx?replaceCurrent=1&url="
          "https%3a%2f%2fmail.example.com%2fowa%2f",
          "https://mail.example.com/owa/auth/logon.aspx" },
        { "fragment", "https://mail.example.com/owa/#path=/mail",
          "https://mail.example.com/owa/" },
        { "white space and brackets", "  <https://mail.example.com/owa>. ",
          "https://mail.example.com/owa" },
        { "quotes", "\"mail.example.com\"", "https://mail.example.com/" },
        { "no scheme", "//mail.example.com/owa",
          "https://mail.example.com/owa" },
        { "default port", "https://mail.example.com:443/owa",
          "https://mail.example.com/owa" },
        { "an @ in the path", "https://mail.example.com/owa/a@b/",
          "https://mail.example.com/owa/a@b/" },
        { "mail address", "ann@example.com", NULL },
        { "user in the URL", "https://ann:pw@mail.example.com/owa", NULL },
        { "other scheme", "ftp://mail.example.com", NULL },
        { "file", "file:///etc/passwd", NULL },
        { "an escape in the host", "mail%20example.com/owa", NULL },
        { "another's path in the host", "mail%2fowa.example.com", NULL },
        { "nothing", "", NULL },
        { "blank", "  ", NULL },
        { "sentence", "ask the helpdesk", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct net_url url = { 0 };
        struct err err = { 0 };
        int rc = owa_parse(rows[i].text, &url, &err);
        g_autofree char *got = rc == 0 ? owa_url_text(&url) : NULL;

        if (g_strcmp0(got, rows[i].want) != 0)
            g_error("row \"%s\": %s", rows[i].name, got != NULL ? got : "-");
        CHECK_ROW(rows[i].name, rc == 0 || err.remedy != NULL);
        net_url_clear(&url);
    }
}

static void test_follow(void)
{
    static const struct {
        const char *name, *location, *want; /* NULL: not followed */
    } rows[] = {
        { "absolute", "https://other.example/owa/",
          "https://other.example/owa/" },
        { "path", "/owa/auth/logon.aspx?url=x",
          "https://mail.example.com:8443/owa/auth/logon.aspx" },
        { "relative", "auth.owa",
          "https://mail.example.com:8443/owa/auth.owa" },
        { "host only", "//other.example/x", "https://other.example/x" },
        { "query only", "?a=b", "https://mail.example.com:8443/owa/start" },
        { "colon in the query", "logon?u=https://x",
          "https://mail.example.com:8443/owa/logon" },
        { "http", "http://mail.example.com/owa", NULL },
        { "script", "javascript:alert(1)", NULL },
        { "user in it", "https://a@other.example/", NULL },
    };
    struct net_url from;
    struct err err;

    CHECK_OK(owa_parse("https://mail.example.com:8443/owa/start", &from, &err),
             &err);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct net_url to = { 0 };
        int rc = owa_follow(&from, rows[i].location, &to, &err);
        g_autofree char *got = rc == 0 ? owa_url_text(&to) : NULL;

        if (g_strcmp0(got, rows[i].want) != 0)
            g_error("row \"%s\": %s", rows[i].name, got != NULL ? got : "-");
        net_url_clear(&to);
    }
    net_url_clear(&from);
}

static int visit(struct script *s, struct owa_visit *ret, struct err *err)
{
    struct ews_transport t = script_transport(s);
    struct net_url url;
    int rc;

    CHECK_OK(owa_parse("mail.example.com/owa", &url, err), err);
    rc = owa_look(&t, &url, NULL, ret, err);
    net_url_clear(&url);
    return rc;
}

static void test_visit(void)
{
    static const struct script_line lines[] = {
        { 302, .location = "/owa/auth/logon.aspx?url=x" },
        { 302, .location = "https://other.example/owa/",
          .owa_version = "14.3.123.3" },
        { 200, "<html>", .owa_version = "15.0.1156.0" },
    };
    struct script *s = script_new();
    g_auto(owa_visit) v = { 0 };
    struct err err;

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        script_add(s, &lines[i]);
    CHECK_OK(visit(s, &v, &err), &err);
    g_assert_cmpstr(v.end.host, ==, "other.example");
    g_assert_true(v.moved);
    g_assert_cmpint(v.status, ==, 200);
    g_assert_cmpstr(v.version, ==, "15.0.1156.0");
    /* Nobody's password goes along. */
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        g_assert_null(script_request(s, i)->user);
    script_free(s);
}

static void test_visit_goes_only_so_far(void)
{
    const struct script_line again = { 302, .location = "/owa/again" };
    struct script *s = script_new();
    g_auto(owa_visit) v = { 0 };
    struct err err;

    for (int i = 0; i <= OWA_REDIRECTS_MAX; i++)
        script_add(s, &again);
    CHECK_OK(visit(s, &v, &err), &err);
    g_assert_cmpuint(script_n(s), ==, OWA_REDIRECTS_MAX + 1);
    g_assert_false(v.moved);
    script_free(s);
}

static void test_visit_stays_on_https(void)
{
    const struct script_line away = { 302,
                                      .location = "http://other.example/" };
    struct script *s = script_new();
    g_auto(owa_visit) v = { 0 };
    struct err err;

    script_add(s, &away);
    CHECK_OK(visit(s, &v, &err), &err);
    g_assert_false(v.moved);
    g_assert_cmpstr(v.end.host, ==, "mail.example.com");
    script_free(s);
}

static void test_visit_dead_host(void)
{
    const struct script_line dead = { .lost = "cannot-connect",
                                      .lost_retry = ERR_RETRY_WAIT };
    struct script *s = script_new();
    g_auto(owa_visit) v = { 0 };
    struct err err;

    script_add(s, &dead);
    g_assert_cmpint(visit(s, &v, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "cannot-connect");
    script_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/owa/parse", test_parse);
    g_test_add_func("/owa/follow", test_follow);
    g_test_add_func("/owa/visit", test_visit);
    g_test_add_func("/owa/redirects", test_visit_goes_only_so_far);
    g_test_add_func("/owa/https", test_visit_stays_on_https);
    g_test_add_func("/owa/dead-host", test_visit_dead_host);
    return g_test_run();
}
