#include "ews/discover.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"
#include "net/srv.h"

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
    script_add(a->s.script, &missing); /* the JSON form */
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

        g_assert_true((r->user != NULL) == (i == 4));
        if (i == 4)
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
        POX_REDIRECT("https://mail.example.com:8443/autodiscover.xml"),
        POX_REDIRECT("https://mail.example.com.evil.example/a.xml"),
        POX_REDIRECT("https://mail.example.com@evil.example/a.xml"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
        struct asked a;

        begin_asked(&a, "mail.example.com/owa");
        script_say(a.s.script, answers[i]);
        g_assert_cmpint(run(&a.s), ==, -1);
        g_assert_cmpstr(a.s.err.name, ==, "NoEws");
        g_assert_nonnull(strstr(a.s.err.msg, "no credential goes there"));
        g_assert_nonnull(strstr(a.s.err.remedy, "--allow-host"));
        g_assert_cmpuint(script_n(a.s.script), ==, 5);
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

/* The same question again is a circle; ever new ones come to an end. */
static void test_autodiscover_in_circles(void)
{
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    script_say(a.s.script, POX_REDIRECT("https://mail.example.com/a"));
    script_add(a.s.script, &basic);
    script_say(a.s.script, POX_REDIRECT("https://mail.example.com/a"));
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_nonnull(strstr(a.s.err.msg, "in circles"));
    end_asked(&a);

    begin_asked(&a, "mail.example.com/owa");
    for (int i = 0; i < 6; i++) {
        static const char *const on[] = {
            POX_REDIRECT("https://mail.example.com/0"),
            POX_REDIRECT("https://mail.example.com/1"),
            POX_REDIRECT("https://mail.example.com/2"),
            POX_REDIRECT("https://mail.example.com/3"),
            POX_REDIRECT("https://mail.example.com/4"),
            POX_REDIRECT("https://mail.example.com/5"),
        };

        if (i > 0)
            script_add(a.s.script, &basic);
        script_say(a.s.script, on[i]);
    }
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_nonnull(strstr(a.s.err.msg, "more than 5 times"));
    end_asked(&a);
}

/* Another address of the mailbox: the same host is asked about that one. */
static void test_autodiscover_other_address(void)
{
    struct asked a;

    begin_asked(&a, "mail.example.com/owa");
    script_say(a.s.script, POX_ADDRESS("ann@inside.example"));
    script_add(a.s.script, &basic);
    script_say(a.s.script, POX_EWS("https://mail.example.com/EWS/x.asmx"));
    script_add(a.s.script, &ews);
    CHECK_OK(run(&a.s), &a.s.err);
    g_assert_nonnull(strstr(script_request(a.s.script, 6)->body,
                            "<EMailAddress>ann@inside.example<"));
    g_assert_cmpstr(script_request(a.s.script, 6)->url, ==,
                    "https://mail.example.com/autodiscover/autodiscover.xml");
    end_asked(&a);
}

#define SOAP(user)                                                             \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"       \
    "<s:Body><GetUserSettingsResponseMessage xmlns=\"http://schemas."          \
    "microsoft.com/exchange/2010/Autodiscover\"><Response><ErrorCode>NoError"  \
    "</ErrorCode><UserResponses><UserResponse>" user                           \
    "</UserResponse></UserResponses></Response>"                               \
    "</GetUserSettingsResponseMessage></s:Body></s:Envelope>"
#define SOAP_EWS(url)                                                          \
    SOAP("<ErrorCode>NoError</ErrorCode><UserSettings><UserSetting><Name>"     \
         "ExternalEwsUrl</Name><Value>" url                                    \
         "</Value></UserSetting></UserSettings>")

/* Where POX is missing SOAP is asked, at the same host. */
static void test_autodiscover_soap(void)
{
    struct search s;
    g_autoptr(secret) password = secret_new("secret", 6);
    const struct ews_login login = { .user = "ann", .password = password };

    begin(&s, "mail.example.com");
    s.config.login = &login;
    s.config.address = "ann@example.com";
    script_add(s.script, &page);
    script_add(s.script, &missing);
    script_add(s.script, &missing);
    script_add(s.script, &missing); /* POX */
    script_add(s.script, &basic);
    script_say(s.script, SOAP_EWS("https://ews.example.com/EWS/x.asmx"));
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_cmpstr(s.found.host, ==, "ews.example.com");
    g_assert_cmpstr(script_request(s.script, 5)->url, ==,
                    "https://mail.example.com/autodiscover/autodiscover.svc");
    g_assert_null(script_request(s.script, 3)->user);
    g_assert_cmpstr(script_request(s.script, 5)->user, ==, "ann");
    end(&s);
}

/* The form of 2016 takes no credential, so it needs none. */
static void test_autodiscover_json(void)
{
    static const struct script_line said = {
        200, "{\"Protocol\":\"Ews\",\"Url\":\"https://e.example/EWS/x.asmx\"}",
        .content_type = "application/json"
    };
    struct search s;

    begin(&s, "mail.example.com");
    s.config.address = "ann+x@example.com";
    script_add(s.script, &page);
    script_add(s.script, &missing);
    script_add(s.script, &said);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_cmpstr(s.found.host, ==, "e.example");
    g_assert_cmpint(s.found.found_by, ==, EWS_FOUND_AUTODISCOVER);
    g_assert_cmpstr(
        script_request(s.script, 2)->url, ==,
        "https://mail.example.com/autodiscover/autodiscover.json/v1.0/"
        "ann%2Bx@example.com?Protocol=Ews");
    end(&s);
}

/* EWS that moved: followed within the rules, and never to a form. */
static void test_ews_moved(void)
{
    static const struct {
        const char *name, *to, *allowed, *host; /* NULL: refused */
    } rows[] = {
        { "same host", "/EWS2/Exchange.asmx", NULL, "mail.example.com" },
        { "allowed", "https://b.example/EWS/Exchange.asmx", "b.example",
          "b.example" },
        { "allowed with port", "https://b.example:444/EWS/Exchange.asmx",
          "b.example:444", "b.example:444" },
        { "the usual port", "https://b.example/EWS/Exchange.asmx",
          "B.example:443", "b.example" },
        { "another port", "https://b.example:444/EWS/Exchange.asmx",
          "b.example", NULL },
        { "elsewhere", "https://b.example/EWS/Exchange.asmx", "c.example",
          NULL },
        { "http", "http://mail.example.com/EWS/Exchange.asmx", NULL, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *const allowed[] = { rows[i].allowed, NULL };
        const struct script_line moved = { 302, .location = rows[i].to };
        struct search s;

        begin(&s, "mail.example.com");
        s.config.allowed_hosts = allowed;
        script_add(s.script, &page);
        script_add(s.script, &moved);
        if (rows[i].host != NULL)
            script_add(s.script, &ews);
        CHECK_ROW(rows[i].name, run(&s) == (rows[i].host != NULL ? 0 : -1));
        CHECK_ROW(rows[i].name, g_strcmp0(s.found.host, rows[i].host) == 0);
        CHECK_ROW(rows[i].name,
                  rows[i].host != NULL || strstr(s.err.msg, "example") != NULL);
        end(&s);
    }
}

static void test_allowed_is_a_host(void)
{
    static const char *const wrong[] = { "https://b.example", "b.example/owa",
                                         "ann@b.example",     "",
                                         "b.example:0",       "*.example" };

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const char *const allowed[] = { wrong[i], NULL };
        struct search s;

        begin(&s, "mail.example.com");
        s.config.allowed_hosts = allowed;
        CHECK_ROW(wrong[i], run(&s) == -1);
        CHECK_ROW(wrong[i], strstr(s.err.remedy, "--allow-host") != NULL);
        end(&s);
    }
}

/* ---- a mail domain ------------------------------------------------------- */

/* What the DNS of these tests knows. */
static int srv_of_nobody(const char *service, const char *domain,
                         GPtrArray **ret, struct err *err)
{
    (void)err;
    g_assert_cmpstr(service, ==, "autodiscover");
    g_assert_cmpstr(domain, ==, "old.example");
    *ret = g_ptr_array_new();
    return 0;
}

static void free_srv(void *srv)
{
    net_srv_free(srv);
}

static GPtrArray *one_srv(const char *host, uint16_t port)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(free_srv);
    struct net_srv *srv = g_new0(struct net_srv, 1);

    srv->host = g_strdup(host);
    srv->port = port;
    g_ptr_array_add(all, srv);
    return all;
}

static int srv_inside(const char *service, const char *domain, GPtrArray **ret,
                      struct err *err)
{
    (void)service;
    (void)domain;
    (void)err;
    *ret = one_srv("mail.old.example", 8443);
    return 0;
}

static int srv_outside(const char *service, const char *domain, GPtrArray **ret,
                       struct err *err)
{
    (void)service;
    (void)domain;
    (void)err;
    *ret = one_srv("host.other.example", 443);
    return 0;
}

static void begin_domain(struct asked *a)
{
    begin(&a->s, "autodiscover:Old.example");
    a->password = secret_new("secret", 6);
    a->login = (struct ews_login){ .user = "ann", .password = a->password };
    a->s.config.login = &a->login;
    a->s.config.address = "ann@old.example";
    a->s.config.lookup_srv = srv_of_nobody;
}

static const struct script_line nobody = { .lost = "cannot-resolve",
                                           .lost_retry = ERR_RETRY_NEVER };

/* One place after the other, until one answers. */
static void test_domain(void)
{
    struct asked a;

    begin_domain(&a);
    script_add(a.s.script, &nobody);  /* old.example */
    script_add(a.s.script, &missing); /* autodiscover.old.example: JSON */
    script_add(a.s.script, &basic);
    script_say(a.s.script, POX_EWS("https://mail.other.example/EWS/x.asmx"));
    script_add(a.s.script, &ews);
    CHECK_OK(run(&a.s), &a.s.err);
    g_assert_cmpstr(a.s.found.host, ==, "mail.other.example");
    g_assert_cmpint(a.s.found.found_by, ==, EWS_FOUND_DOMAIN);
    g_assert_cmpstr(
        script_request(a.s.script, 3)->url, ==,
        "https://autodiscover.old.example/autodiscover/autodiscover.xml");
    end_asked(&a);
}

static void add_redirect(struct asked *a, const char *location)
{
    const struct script_line away = { 302, .location = location };

    script_add(a->s.script, &nobody);
    script_add(a->s.script, &nobody);
    script_add(a->s.script, &away);
}

/* Plain http tells where to look, and is believed within the domain only. */
static void test_domain_over_http(void)
{
    static const char *const allowed[] = { "mx.other.example", NULL };
    static const struct {
        const char *name, *location;
        const char *const *allowed;
        bool good;
    } rows[] = {
        { "in the domain", "https://mail.old.example/autodiscover/x.xml", NULL,
          true },
        { "allowed", "https://mx.other.example/autodiscover/x.xml", allowed,
          true },
        { "elsewhere", "https://mx.other.example/autodiscover/x.xml", NULL,
          false },
        { "looks alike", "https://evilold.example/autodiscover/x.xml", NULL,
          false },
        { "http again", "http://mail.old.example/autodiscover/x.xml", NULL,
          false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct asked a;

        begin_domain(&a);
        a.s.config.allowed_hosts = rows[i].allowed;
        add_redirect(&a, rows[i].location);
        if (rows[i].good) {
            script_add(a.s.script, &missing);
            script_add(a.s.script, &basic);
            script_say(a.s.script, POX_EWS("https://e.example/x.asmx"));
            script_add(a.s.script, &ews);
        }
        CHECK_ROW(rows[i].name, run(&a.s) == (rows[i].good ? 0 : -1));
        CHECK_ROW(rows[i].name,
                  rows[i].good ||
                      strstr(a.s.err.msg, "no credential goes") != NULL);
        g_assert_cmpstr(
            script_request(a.s.script, 2)->url, ==,
            "http://autodiscover.old.example/autodiscover/autodiscover.xml");
        g_assert_null(script_request(a.s.script, 2)->user);
        end_asked(&a);
    }
}

static void test_domain_by_srv(void)
{
    for (int inside = 0; inside < 2; inside++) {
        struct asked a;

        begin_domain(&a);
        a.s.config.lookup_srv = inside ? srv_inside : srv_outside;
        for (int i = 0; i < 3; i++)
            script_add(a.s.script, &nobody);
        if (inside) {
            script_add(a.s.script, &missing);
            script_add(a.s.script, &basic);
            script_say(a.s.script, POX_EWS("https://e.example/x.asmx"));
            script_add(a.s.script, &ews);
        }
        g_assert_cmpint(run(&a.s), ==, inside ? 0 : -1);
        if (inside)
            g_assert_cmpstr(script_request(a.s.script, 4)->url, ==,
                            "https://mail.old.example:8443/autodiscover/"
                            "autodiscover.xml");
        else
            g_assert_nonnull(strstr(a.s.err.msg, "host.other.example"));
        end_asked(&a);
    }
}

/* A refused password is tried at one place, not at all of them. */
static void test_domain_refused(void)
{
    struct asked a;

    begin_domain(&a);
    script_add(a.s.script, &missing);
    script_add(a.s.script, &basic);
    script_add(a.s.script, &basic); /* POX: 401 */
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_cmpstr(a.s.err.name, ==, "Unauthorized");
    end_asked(&a);
}

static void test_domain_has_none(void)
{
    static const char *const wrong[] = { "autodiscover:", "autodiscover:x",
                                         "autodiscover:a.b/c",
                                         "autodiscover:a.b:443",
                                         "autodiscover:ann@a.b" };
    struct asked a;

    begin_domain(&a);
    for (int i = 0; i < 3; i++)
        script_add(a.s.script, &nobody);
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_nonnull(strstr(a.s.err.msg, "has no Autodiscover"));
    end_asked(&a);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        begin_domain(&a);
        a.s.config.owa_url = wrong[i];
        CHECK_ROW(wrong[i], run(&a.s) == -1);
        CHECK_ROW(wrong[i], strstr(a.s.err.msg, "no mail domain") != NULL);
        end_asked(&a);
    }
}

/* ---- what is told, and who is asked -------------------------------------- */

static void note(void *data, const char *asked, const char *answered)
{
    g_string_append_printf(data, "%s: %s\n", asked, answered);
}

static void test_told(void)
{
    static const struct script_line away = {
        302, .location = "https://other.example/\x1b[31m"
    };
    GString *told = g_string_new(NULL);
    struct search s;

    begin(&s, "mail.example.com");
    s.config.tell = note;
    s.config.tell_data = told;
    script_add(s.script, &away);
    script_add(s.script, &ews);
    CHECK_OK(run(&s), &s.err);
    g_assert_cmpstr(told->str, ==,
                    "GET https://mail.example.com/: HTTP status 302 to "
                    "https://other.example/?[31m\n"
                    "POST https://mail.example.com/EWS/Exchange.asmx: HTTP "
                    "status 401, signing in by NTLM, Negotiate\n");
    g_string_free(told, TRUE);
    end(&s);
}

static int refuse_login(void *data, struct ews_login *ret, struct err *err)
{
    int *n = data;

    (void)ret;
    ++*n;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "no terminal to ask at");
}

/* Nobody is asked for a password before it is needed, and once only. */
static void test_login_is_taken_late(void)
{
    struct asked a;
    int n = 0;

    begin_domain(&a);
    a.s.config.login = NULL;
    a.s.config.take_login = refuse_login;
    a.s.config.login_data = &n;
    script_add(a.s.script, &missing);
    g_assert_cmpint(run(&a.s), ==, -1);
    g_assert_cmpstr(a.s.err.msg, ==, "no terminal to ask at");
    g_assert_cmpint(n, ==, 1);
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
    g_test_add_func("/discover/other-address", test_autodiscover_other_address);
    g_test_add_func("/discover/soap", test_autodiscover_soap);
    g_test_add_func("/discover/json", test_autodiscover_json);
    g_test_add_func("/discover/moved", test_ews_moved);
    g_test_add_func("/discover/allowed", test_allowed_is_a_host);
    g_test_add_func("/discover/domain", test_domain);
    g_test_add_func("/discover/domain-http", test_domain_over_http);
    g_test_add_func("/discover/domain-srv", test_domain_by_srv);
    g_test_add_func("/discover/domain-refused", test_domain_refused);
    g_test_add_func("/discover/domain-none", test_domain_has_none);
    g_test_add_func("/discover/told", test_told);
    g_test_add_func("/discover/login-late", test_login_is_taken_late);
    g_test_add_func("/discover/not-asked", test_autodiscover_is_not_asked);
    g_test_add_func("/discover/governed", test_governed);
    g_test_add_func("/discover/names", test_names);
    return g_test_run();
}
