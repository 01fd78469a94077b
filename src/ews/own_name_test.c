#include "base/check.h"
#include "endpoint/settings.h"
#include "ews/script.h"

#define POX(user, account)                                                     \
    "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/"             \
    "autodiscover/responseschema/2006\"><Response xmlns=\"http://"             \
    "schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/"      \
    "2006a\"><User>" user "</User><Account>" account                           \
    "</Account></Response></Autodiscover>"
#define SETTINGS                                                               \
    "<Protocol><Type>EXPR</Type><EwsUrl>https://mail.old.example/EWS</EwsUrl>" \
    "</Protocol>"
#define ANN "<LegacyDN>/o=Old/cn=ann</LegacyDN>"
#define URL "https://mail.old.example/autodiscover/autodiscover.xml"

static void offer(struct stage *st)
{
    script_add(st->script,
               &(struct script_line){
                   .status = 401, .offered = NET_AUTH_NTLM | NET_AUTH_BASIC });
}

static void answer(struct stage *st, long status, const char *body)
{
    script_add(st->script, &(struct script_line){
                               .status = status, .body = body, .lies = true });
}

/* "/o=..." or the error's name; the caller frees. */
static char *asked(struct stage *st)
{
    struct err err = { 0 };
    char *dn = NULL;

    if (endpoint_own_name(st->ep, &dn, &err) > 0)
        return dn;
    g_assert_null(dn);
    g_assert_cmpint(err.scope, ==, ERR_MAILBOX);
    return g_strdup(err.name);
}

/* The same account and host as EWS's, about that mailbox; asked how once. */
static void test_told(void)
{
    g_autofree char *first = NULL, *again = NULL;
    const struct script_request *request;
    struct stage st;

    stage_init(&st);
    stage_open_2016(&st);
    offer(&st);
    answer(&st, 200, POX(ANN, SETTINGS));
    answer(&st, 200, POX(ANN, SETTINGS));
    first = asked(&st);
    again = asked(&st);
    g_assert_cmpstr(first, ==, "/o=Old/cn=ann");
    g_assert_cmpstr(again, ==, "/o=Old/cn=ann");
    g_assert_cmpuint(script_n(st.script), ==, 4);
    g_assert_null(script_request(st.script, 1)->user);
    for (size_t i = 2; i < 4; i++) {
        request = script_request(st.script, i);
        g_assert_cmpstr(request->url, ==, URL);
        g_assert_cmpstr(request->user, ==, "EXCH\\admin");
        g_assert_nonnull(strstr(request->body, ">ann@old.example<"));
    }
    stage_release(&st);
}

#define SOAP_URL "https://mail.old.example/autodiscover/autodiscover.svc"
#define SOAP_ANSWER                                                            \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"       \
    "<s:Body><GetUserSettingsResponseMessage xmlns=\"http://schemas.microsoft" \
    ".com/exchange/2010/"                                                      \
    "Autodiscover\"><Response><UserResponses><UserResponse>"                   \
    "<ErrorCode>NoError</ErrorCode><UserSettings><UserSetting><Name>"          \
    "ExternalEwsUrl</Name><Value>https://mail.old.example/EWS</Value>"         \
    "</UserSetting><UserSetting><Name>UserDN</Name><Value>/o=Old/cn=ann"       \
    "</Value></UserSetting></UserSettings></UserResponse></UserResponses>"     \
    "</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>"

/* Where there is no POX: then that is not asked again. */
static void test_soap(void)
{
    g_autofree char *first = NULL, *again = NULL;
    struct stage st;
    size_t n;

    stage_init(&st);
    stage_open_2016(&st);
    n = script_n(st.script);
    answer(&st, 404, NULL);
    offer(&st);
    answer(&st, 200, SOAP_ANSWER);
    answer(&st, 200, SOAP_ANSWER);
    first = asked(&st);
    again = asked(&st);
    g_assert_cmpstr(first, ==, "/o=Old/cn=ann");
    g_assert_cmpstr(again, ==, "/o=Old/cn=ann");
    g_assert_cmpuint(script_n(st.script) - n, ==, 4);
    g_assert_cmpstr(script_request(st.script, n)->url, ==, URL);
    for (size_t i = n + 1; i < n + 4; i++)
        g_assert_cmpstr(script_request(st.script, i)->url, ==, SOAP_URL);
    stage_release(&st);
}

/* A password that one form refuses is not shown to the other one. */
static void test_refused_once(void)
{
    g_autofree char *is = NULL;
    struct stage st;
    size_t n;

    stage_init(&st);
    stage_open_2016(&st);
    n = script_n(st.script);
    offer(&st);
    answer(&st, 401, NULL);
    is = asked(&st);
    g_assert_cmpstr(is, ==, "Unauthorized");
    g_assert_cmpuint(script_n(st.script) - n, ==, 2);
    stage_release(&st);
}

/* What ends the asking of that site for good, and what does not. */
static void test_not_told(void)
{
    static const struct {
        const char *name;
        bool offered; /* there is something that wants a credential */
        struct script_line line;
        const char *want;
        bool off;
    } rows[] = {
        { "refused", true, { .status = 401 }, "Unauthorized", true },
        { "not there", false, { .status = 404 }, "NoAutodiscover", true },
        { "busy", true, { .status = 503 }, "NoAutodiscover", true },
        { "lost",
          false,
          { .lost = "timeout", .lost_scope = ERR_RUN },
          "timeout",
          true },
        { "led away",
          false,
          { .status = 302, .location = "https://evil.example/" },
          "NoOwnName",
          false },
        { "led away signed in",
          true,
          { .status = 302, .location = "https://evil.example/" },
          "NoOwnName",
          false },
        { "no such mailbox",
          true,
          { .status = 200,
            .lies = true,
            .body = "<Autodiscover><Response><Error><ErrorCode>500</ErrorCode>"
                    "<Message>m</Message></Error></Response></Autodiscover>" },
          "NoEws",
          false },
        { "elsewhere",
          true,
          { .status = 200,
            .lies = true,
            .body = POX(ANN, "<RedirectAddr>ann@new.example</RedirectAddr>") },
          "NoOwnName",
          false },
        { "nameless",
          true,
          { .status = 200, .lies = true, .body = POX("", SETTINGS) },
          "NoOwnName",
          false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *first = NULL, *again = NULL;
        struct stage st;
        size_t n;

        stage_init(&st);
        stage_open_2016(&st);
        if (rows[i].offered)
            offer(&st);
        script_add(st.script, &rows[i].line);
        /* There may be the other form. */
        if (strcmp(rows[i].want, "NoAutodiscover") == 0)
            answer(&st, 404, NULL);
        first = asked(&st);
        CHECK_ROW(rows[i].name, g_strcmp0(first, rows[i].want) == 0);
        n = script_n(st.script);
        for (size_t k = 0; k < n; k++)
            CHECK_ROW(rows[i].name,
                      g_str_has_prefix(script_request(st.script, k)->url,
                                       "https://mail.old.example/"));
        if (!rows[i].off) {
            if (!rows[i].offered)
                offer(&st);
            answer(&st, 200, POX(ANN, SETTINGS));
        }
        again = asked(&st);
        CHECK_ROW(rows[i].name,
                  g_strcmp0(again,
                            rows[i].off ? rows[i].want : "/o=Old/cn=ann") == 0);
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ews/own-name/told", test_told);
    g_test_add_func("/ews/own-name/soap", test_soap);
    g_test_add_func("/ews/own-name/refused-once", test_refused_once);
    g_test_add_func("/ews/own-name/not-told", test_not_told);
    return g_test_run();
}
