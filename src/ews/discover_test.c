#include "ews/discover.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define POX_EWS(url)                                                           \
    "<Autodiscover><Response><Account><Protocol><Type>EXPR</Type><EwsUrl>" url \
    "</EwsUrl></Protocol></Account></Response></Autodiscover>"
#define POX_REDIRECT(url)                                                      \
    "<Autodiscover><Response><Account><RedirectUrl>" url                       \
    "</RedirectUrl></Account></Response></Autodiscover>"

#define POX_ADDRESS(address)                                                   \
    "<Autodiscover><Response><Account><RedirectAddr>" address                  \
    "</RedirectAddr></Account></Response></Autodiscover>"

/* Lines that many tests share. */
static const struct script_line page = { 200, "<html>",
                                         .owa_version = "14.3.123.3" };
static const struct script_line ews = { 401, .offered = NET_AUTH_NTLM |
                                                        NET_AUTH_NEGOTIATE };
static const struct script_line basic = { 401, .offered = NET_AUTH_BASIC };
static const struct script_line missing = { 404 };

struct search {
    struct script *script;
    struct ews_discover_config config;
    struct ews_discovery found;
    struct err err;
};

static void begin(struct search *s, const char *url)
{
    *s =
        (struct search){ .script = script_new(), .config = { .owa_url = url } };
}

static int run(struct search *s)
{
    struct ews_transport t = script_transport(s->script);
    int rc = discover_over(&t, &s->config, &s->found, &s->err);

    g_assert_true(script_is_over(s->script));
    return rc;
}

static void end(struct search *s)
{
    ews_discovery_clear(&s->found);
    script_free(s->script);
}

static void test_directly(void)
{
    struct search s;
    g_autofree char *schemes = NULL;

    begin(&s, "Mail.Example.com:8443");
    script_add(s.script, &page);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_cmpstr(s.found.ews_url, ==,
                    "https://mail.example.com:8443/EWS/Exchange.asmx");
    g_assert_cmpstr(s.found.host, ==, "mail.example.com:8443");
    g_assert_cmpstr(s.found.owa_version, ==, "14.3.123.3");
    g_assert_null(s.found.redirects_to);
    g_assert_cmpint(s.found.found_by, ==, EWS_FOUND_DIRECTLY);
    schemes = ews_schemes_text(s.found.schemes);
    g_assert_cmpstr(schemes, ==, "NTLM, Negotiate");
    g_assert_cmpstr(script_request(s.script, 0)->method, ==, "GET");
    g_assert_cmpstr(script_request(s.script, 1)->method, ==, "POST");
    g_assert_cmpstr(script_request(s.script, 1)->body, ==, "");
    end(&s);
}

static void test_page_may_be_missing(void)
{
    struct search s;

    begin(&s, "https://mail.example.com/owa");
    script_add(s.script, &missing);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_null(s.found.owa_version);
    end(&s);
}

/* Where the page leads counts only when that host is allowed. */
static void test_redirect(void)
{
    static const char *const allowed[] = { "Other.example", NULL };
    static const struct script_line away = { 302,
                                             .location =
                                                 "https://other.example/owa/" };

    for (int ok = 0; ok < 2; ok++) {
        struct search s;

        begin(&s, "mail.example.com");
        s.config.allowed_hosts = ok ? allowed : NULL;
        script_add(s.script, &away);
        script_add(s.script, &page);
        script_add(s.script, &missing);
        if (ok)
            script_add(s.script, &ews);
        g_assert_cmpint(run(&s), ==, ok ? 0 : -1);
        if (ok) {
            g_assert_cmpstr(s.found.ews_url, ==,
                            "https://other.example/EWS/Exchange.asmx");
            g_assert_cmpint(s.found.found_by, ==, EWS_FOUND_BY_REDIRECT);
            g_assert_cmpstr(s.found.redirects_to, ==,
                            "https://other.example/owa/");
        } else {
            g_assert_cmpstr(s.err.name, ==, "NoEws");
            g_assert_nonnull(strstr(s.err.msg, "other.example"));
            g_assert_nonnull(s.err.remedy);
        }
        end(&s);
    }
}

/* The page leads elsewhere, but EWS is at the given host: that is it. */
static void test_given_host_wins(void)
{
    static const struct script_line away = { 302,
                                             .location =
                                                 "https://other.example/owa/" };
    struct search s;

    begin(&s, "mail.example.com");
    script_add(s.script, &away);
    script_add(s.script, &page);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_cmpstr(s.found.host, ==, "mail.example.com");
    g_assert_cmpstr(s.found.redirects_to, ==, "https://other.example/owa/");
    end(&s);
}

static void test_forms_login(void)
{
    static const struct script_line lines[] = {
        { 302, .location = "/owa/auth/logon.aspx?url=x" },
        { 200, "<html>", .content_type = "text/html" },
        { 440 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        struct search s;

        begin(&s, "mail.example.com");
        script_add(s.script, &page);
        script_add(s.script, &lines[i]);
        g_assert_cmpint(run(&s), ==, -1);
        g_assert_cmpstr(s.err.name, ==, "FormsLogin");
        g_assert_nonnull(s.err.remedy);
        g_assert_cmpint(s.err.scope, ==, ERR_RUN);
        end(&s);
    }
}

static void test_dead_host(void)
{
    static const struct script_line dead = { .lost = "cannot-resolve",
                                             .lost_retry = ERR_RETRY_NEVER };
    struct search s;

    begin(&s, "mail.example.com");
    script_add(s.script, &dead);
    g_assert_cmpint(run(&s), ==, -1);
    g_assert_cmpstr(s.err.name, ==, "cannot-resolve");
    g_assert_cmpint(s.err.scope, ==, ERR_RUN);
    end(&s);
}

/* ---- Autodiscover ------------------------------------------------------- */

struct asked {
    struct search s;
    struct secret *password;
    struct ews_login login;
};

static void begin_asked(struct asked *a, const char *url)
{
    begin(&a->s, url);
    a->password = secret_new("secret", 6);
    a->login =
        (struct ews_login){ .user = "EXCH\\ann", .password = a->password };
    a->s.config.login = &a->login;
    a->s.config.address = "ann@example.com";
    script_add(a->s.script, &page);
    script_add(a->s.script, &missing);
    script_add(a->s.script, &basic);
}

static void end_asked(struct asked *a)
{
    secret_free(a->password);
    end(&a->s);
}

static void test_autodiscover(void)
{
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    script_say(a.s.script, POX_EWS("https://ews.other.example/EWS/x.asmx"));
    script_add(a.s.script, &ews);
    CHECK_OK(run(&a.s), &a.s.err);
    g_assert_cmpstr(a.s.found.ews_url, ==,
                    "https://ews.other.example/EWS/x.asmx");
    g_assert_cmpint(a.s.found.found_by, ==, EWS_FOUND_AUTODISCOVER);
    /* The credential went to the given host's Autodiscover, once. */
    for (size_t i = 0; i < script_n(a.s.script); i++) {
        const struct script_request *r = script_request(a.s.script, i);

        g_assert_true((r->user != NULL) == (i == 3));
        if (i == 3)
            g_assert_cmpstr(
                r->url, ==,
                "https://mail.example.com/autodiscover/autodiscover.xml");
    }
    end_asked(&a);
}

static void test_autodiscover_on_http(void)
{
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    script_say(a.s.script, POX_EWS("http://mail.example.com/EWS/x.asmx"));
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_nonnull(strstr(a.s.err.msg, "not https"));
    end_asked(&a);
}

/* A redirect is no permission: the password stays at home. */
static void test_autodiscover_led_away(void)
{
    static const char *const answers[] = {
        POX_REDIRECT("https://other.example/autodiscover/autodiscover.xml"),
        POX_REDIRECT("http://mail.example.com/autodiscover/autodiscover.xml"),
        POX_ADDRESS("ann@other.example"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        struct asked a;

        begin_asked(&a, "mail.example.com/owa");
        script_say(a.s.script, answers[i]);
        g_assert_cmpint(run(&a.s), ==, -1);
        g_assert_cmpstr(a.s.err.name, ==, "NoEws");
        g_assert_nonnull(strstr(a.s.err.msg, "no credential goes there"));
        g_assert_cmpuint(script_n(a.s.script), ==, 4);
        end_asked(&a);
    }
}

static void test_autodiscover_redirect_to_allowed(void)
{
    static const char *const allowed[] = { "other.example", NULL };
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    a.s.config.allowed_hosts = allowed;
    script_say(a.s.script, POX_REDIRECT("https://other.example/auto.xml"));
    script_add(a.s.script, &basic);
    script_say(a.s.script, POX_EWS("https://other.example/EWS/x.asmx"));
    script_add(a.s.script, &ews);
    CHECK_OK(run(&a.s), &a.s.err);
    g_assert_cmpstr(a.s.found.host, ==, "other.example");
    end_asked(&a);
}

static void test_autodiscover_in_circles(void)
{
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    for (int i = 0; i < 6; i++) {
        if (i > 0)
            script_add(a.s.script, &basic);
        script_say(a.s.script, POX_REDIRECT("https://mail.example.com/a"));
    }
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_nonnull(strstr(a.s.err.msg, "more than 5 times"));
    end_asked(&a);
}

/* A form, or trouble at the usual place: nobody is asked for a password. */
static void test_autodiscover_is_not_asked(void)
{
    struct search s;
    g_autoptr(secret) password = secret_new("secret", 6);
    const struct ews_login login = { .user = "ann", .password = password };
    static const struct script_line lost = { .lost = "timeout",
                                             .lost_retry = ERR_RETRY_WAIT };

    begin(&s, "mail.example.com");
    s.config.login = &login;
    s.config.address = "ann@example.com";
    script_add(s.script, &page);
    script_add(s.script, &lost);
    g_assert_cmpint(run(&s), ==, -1);
    g_assert_cmpstr(s.err.name, ==, "timeout");
    end(&s);
}

/* With a governor, every one of the requests has its ticket. */
static void test_governed(void)
{
    g_autoptr(governor) g = governor_new(&(struct governor_config){ 0 });
    struct governor_stats stats;
    struct search s;

    begin(&s, "mail.example.com");
    s.config.governor = g;
    script_add(s.script, &page);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    governor_stats(g, "mail.example.com", &stats);
    g_assert_cmpuint(stats.requests, ==, 2);
    g_assert_cmpuint(stats.in_flight, ==, 0);
    end(&s);
}

static void test_names(void)
{
    g_assert_cmpstr(ews_found_by_name(EWS_FOUND_DIRECTLY), ==,
                    "at the given address");
    g_assert_nonnull(ews_found_by_name(EWS_FOUND_BY_REDIRECT));
    g_assert_nonnull(ews_found_by_name(EWS_FOUND_AUTODISCOVER));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/discover/directly", test_directly);
    g_test_add_func("/discover/page-missing", test_page_may_be_missing);
    g_test_add_func("/discover/redirect", test_redirect);
    g_test_add_func("/discover/given-host-wins", test_given_host_wins);
    g_test_add_func("/discover/forms-login", test_forms_login);
    g_test_add_func("/discover/dead-host", test_dead_host);
    g_test_add_func("/discover/autodiscover", test_autodiscover);
    g_test_add_func("/discover/autodiscover-http", test_autodiscover_on_http);
    g_test_add_func("/discover/led-away", test_autodiscover_led_away);
    g_test_add_func("/discover/redirect-allowed",
                    test_autodiscover_redirect_to_allowed);
    g_test_add_func("/discover/circles", test_autodiscover_in_circles);
    g_test_add_func("/discover/not-asked", test_autodiscover_is_not_asked);
    g_test_add_func("/discover/governed", test_governed);
    g_test_add_func("/discover/names", test_names);
    return g_test_run();
}
