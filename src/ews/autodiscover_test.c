#include "ews/autodiscover.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"
#include "xml/check.h"

#define POX(account)                                                           \
    "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/"             \
    "autodiscover/responseschema/2006\"><Response xmlns=\"http://"             \
    "schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/"      \
    "2006a\"><User><DisplayName>Ann</DisplayName></User><Account>"             \
    "<AccountType>email</AccountType>" account                                 \
    "</Account></Response></Autodiscover>"
#define PROTOCOL(type, urls)                                                   \
    "<Protocol><Type>" type "</Type>" urls "</Protocol>"

#define DN(dn, account)                                                        \
    "<Autodiscover><Response><User><LegacyDN>" dn                              \
    "</LegacyDN></User><Account>" account                                      \
    "</Account></Response></Autodiscover>"
#define EXPR_EWS PROTOCOL("EXPR", "<EwsUrl>https://e</EwsUrl>")

struct answer_row {
    const char *name, *text;
    const char *ews, *url, *address; /* all NULL: an error */
    const char *dn;
};

static void check_read(const struct answer_row *row,
                       int (*reader)(const struct xml_doc *doc,
                                     struct autodiscover_answer *ret,
                                     struct err *err))
{
    g_autoptr(xml_doc) doc = xml_check_read(row->text);
    g_auto(autodiscover_answer) a = { 0 };
    struct err err = { 0 };
    bool good = row->ews || row->url || row->address;

    CHECK_ROW(row->name, reader(doc, &a, &err) == (good ? 0 : -1));
    CHECK_ROW(row->name, good || strcmp(err.name, "NoEws") == 0);
    CHECK_ROW(row->name, g_strcmp0(a.ews_url, row->ews) == 0);
    CHECK_ROW(row->name, g_strcmp0(a.redirect_url, row->url) == 0);
    CHECK_ROW(row->name, g_strcmp0(a.redirect_address, row->address) == 0);
    CHECK_ROW(row->name, g_strcmp0(a.legacy_dn, row->dn) == 0);
}

static void test_read(void)
{
    static const struct answer_row rows[] = {
        { "outside before inside",
          POX(PROTOCOL("EXCH", "<EwsUrl>https://in/EWS</EwsUrl>")
                  PROTOCOL("EXPR", "<EwsUrl>https://out/EWS</EwsUrl>")),
          "https://out/EWS", NULL, NULL },
        { "inside only",
          POX(PROTOCOL("EXCH", "<EwsUrl>https://in/EWS</EwsUrl>")),
          "https://in/EWS", NULL, NULL },
        { "2007 has ASUrl",
          POX(PROTOCOL("EXPR", "<ASUrl>https://out/a</ASUrl>")),
          "https://out/a", NULL, NULL },
        { "EwsUrl before ASUrl",
          POX(PROTOCOL("EXPR", "<ASUrl>https://a</ASUrl>"
                               "<EwsUrl>https://e</EwsUrl>")),
          "https://e", NULL, NULL },
        { "outside has none",
          POX(PROTOCOL("EXPR", "<EwsUrl/>")
                  PROTOCOL("EXCH", "<EwsUrl>https://in</EwsUrl>")),
          "https://in", NULL, NULL },
        { "redirect by URL",
          POX("<Action>redirectUrl</Action><RedirectUrl>https://r/a"
              "</RedirectUrl>"),
          NULL, "https://r/a", NULL },
        { "redirect by address",
          POX("<Action>redirectAddr</Action><RedirectAddr>a@b</RedirectAddr>"),
          NULL, NULL, "a@b" },
        { "whose it is", DN("/o=Old/cn=ann", EXPR_EWS), "https://e", NULL, NULL,
          "/o=Old/cn=ann" },
        { "whose it is not",
          DN("/o=Old/cn=ann", "<RedirectUrl>https://r/a</RedirectUrl>"), NULL,
          "https://r/a", NULL, NULL },
        { "no name at all", DN("ann", EXPR_EWS), "https://e", NULL, NULL,
          NULL },
        { "web only", POX(PROTOCOL("WEB", "<EwsUrl>https://w</EwsUrl>")), NULL,
          NULL, NULL },
        { "error",
          "<Autodiscover><Response><Error Time=\"1\" Id=\"2\"><ErrorCode>500"
          "</ErrorCode><Message>The e-mail address cannot be found.</Message>"
          "</Error></Response></Autodiscover>",
          NULL, NULL, NULL },
        { "something else", "<html/>", NULL, NULL, NULL },
        { "nothing in it", "<Autodiscover/>", NULL, NULL, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        check_read(&rows[i], autodiscover_read);
}

/* [MS-OXDSCLI]: 601 is a server that has no such provider; ask it otherwise. */
static void test_read_error(void)
{
    static const struct {
        const char *code, *name;
    } rows[] = {
        { "500", "NoEws" },
        { "600", "NoEws" },
        { "601", "NoAutodiscover" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "<Autodiscover><Response><Error><ErrorCode>%s</ErrorCode><Message>"
            "No.</Message></Error></Response></Autodiscover>",
            rows[i].code);
        g_autoptr(xml_doc) doc = xml_check_read(text);
        g_auto(autodiscover_answer) a = { 0 };
        struct err err;

        CHECK_ROW(rows[i].code, autodiscover_read(doc, &a, &err) == -1);
        CHECK_ROW(rows[i].code, strcmp(err.name, rows[i].name) == 0);
        CHECK_ROW(rows[i].code, strstr(err.msg, rows[i].code) != NULL);
    }
}

#define SOAP(user)                                                             \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"       \
    "<s:Body><GetUserSettingsResponseMessage><Response><ErrorCode>NoError"     \
    "</ErrorCode><ErrorMessage/><UserResponses><UserResponse>" user            \
    "</UserResponse></UserResponses></Response>"                               \
    "</GetUserSettingsResponseMessage></s:Body></s:Envelope>"
#define SAID(code, target)                                                     \
    SOAP("<ErrorCode>" code "</ErrorCode><ErrorMessage>words</ErrorMessage>"   \
         "<RedirectTarget>" target "</RedirectTarget><UserSettings/>")
#define SET(name, value)                                                       \
    "<UserSetting><Name>" name "</Name><Value>" value "</Value></UserSetting>"
#define SETTINGS(all)                                                          \
    SOAP("<ErrorCode>NoError</ErrorCode><UserSettings>" all "</UserSettings>")

static void test_read_soap(void)
{
    static const struct answer_row rows[] = {
        { "outside before inside",
          SETTINGS(SET("InternalEwsUrl", "https://in")
                       SET("ExternalEwsUrl", "https://out")),
          "https://out", NULL, NULL, NULL },
        { "inside only", SETTINGS(SET("InternalEwsUrl", "https://in")),
          "https://in", NULL, NULL, NULL },
        { "whose it is",
          SETTINGS(SET("ExternalEwsUrl", "https://out")
                       SET("UserDN", "/o=Old/cn=ann")),
          "https://out", NULL, NULL, "/o=Old/cn=ann" },
        { "no settings", SETTINGS(""), NULL, NULL, NULL, NULL },
        { "to a URL", SAID("RedirectUrl", "https://r/a.svc"), NULL,
          "https://r/a.svc", NULL, NULL },
        { "to an address", SAID("RedirectAddress", "a@b"), NULL, NULL, "a@b",
          NULL },
        { "to nowhere", SAID("RedirectUrl", ""), NULL, NULL, NULL, NULL },
        { "nobody", SAID("InvalidUser", ""), NULL, NULL, NULL, NULL },
        { "a fault",
          "<s:Envelope xmlns:s=\"x\"><s:Body><s:Fault/></s:Body></s:Envelope>",
          NULL, NULL, NULL, NULL },
        { "something else", "<html/>", NULL, NULL, NULL, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        check_read(&rows[i], autodiscover_read_soap);
}

static void test_read_json(void)
{
    static const struct {
        const char *text, *ews;
    } rows[] = {
        { "{\"Protocol\":\"Ews\",\"Url\":\"https://e/x\"}", "https://e/x" },
        { "{\"ErrorCode\":\"UserNotFound\",\"ErrorMessage\":\"No.\"}", NULL },
        { "{\"Url\":\"\"}", NULL },
        { "{\"Url\":7}", NULL },
        { "[]", NULL },
        { "<html>", NULL },
        { "", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(autodiscover_answer) a = { 0 };
        struct err err = { 0 };
        int want = rows[i].ews != NULL ? 0 : -1;

        CHECK_ROW(rows[i].text,
                  autodiscover_read_json(rows[i].text, strlen(rows[i].text), &a,
                                         &err) == want);
        CHECK_ROW(rows[i].text, want == 0 || strcmp(err.name, "NoEws") == 0);
        CHECK_ROW(rows[i].text, g_strcmp0(a.ews_url, rows[i].ews) == 0);
    }
}

static int ask(struct script *s, struct autodiscover_answer *ret,
               struct err *err)
{
    g_autoptr(secret) password = secret_new("secret", 6);
    const struct ews_login login = { .user = "ann", .password = password };
    const struct autodiscover_question question = {
        .url = "https://mail.example.com/autodiscover/autodiscover.xml",
        .address = "ann@<example>.com",
        .login = &login,
    };
    struct ews_transport t = script_transport(s);

    return autodiscover_ask(&t, &question, ret, err);
}

static const struct script_line offer = { 401, .offered = NET_AUTH_BASIC };

static void test_ask(void)
{
    struct script *s = script_new();
    g_auto(autodiscover_answer) a = { 0 };
    struct err err;

    script_add(s, &offer);
    script_say(s, POX(PROTOCOL("EXPR", "<EwsUrl>https://out/EWS</EwsUrl>")));
    CHECK_OK(ask(s, &a, &err), &err);
    g_assert_cmpstr(a.ews_url, ==, "https://out/EWS");
    /* First without a credential, then with it, to the same place. */
    g_assert_null(script_request(s, 0)->user);
    g_assert_cmpstr(script_request(s, 1)->user, ==, "ann");
    g_assert_cmpint(script_request(s, 1)->scheme, ==, NET_AUTH_BASIC);
    g_assert_nonnull(strstr(script_request(s, 1)->body,
                            "<EMailAddress>ann@&lt;example&gt;.com<"));
    script_free(s);
}

static void test_ask_fails(void)
{
    static const struct {
        const char *name;
        struct script_line line;
        const char *err_name;
    } rows[] = {
        { "refused", { 401 }, "Unauthorized" },
        { "not there", { 404 }, "NoAutodiscover" },
        { "a page", { 200, "<html>" }, "NoAutodiscover" },
        { "lost", { .lost = "timeout" }, "timeout" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct script *s = script_new();
        g_auto(autodiscover_answer) a = { 0 };
        struct err err;

        script_add(s, &offer);
        script_add(s, &rows[i].line);
        CHECK_ROW(rows[i].name, ask(s, &a, &err) == -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].err_name) == 0);
        script_free(s);
    }
}

static void test_http_redirect(void)
{
    const struct script_line moved = { 302, .location = "https://other/a" };
    struct script *s = script_new();
    g_auto(autodiscover_answer) a = { 0 };
    struct err err;

    script_add(s, &offer);
    script_add(s, &moved);
    CHECK_OK(ask(s, &a, &err), &err);
    g_assert_cmpstr(a.redirect_url, ==, "https://other/a");
    g_assert_cmpuint(script_n(s), ==, 2); /* it was not followed */
    script_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/autodiscover/read", test_read);
    g_test_add_func("/autodiscover/read-error", test_read_error);
    g_test_add_func("/autodiscover/read-soap", test_read_soap);
    g_test_add_func("/autodiscover/read-json", test_read_json);
    g_test_add_func("/autodiscover/ask", test_ask);
    g_test_add_func("/autodiscover/fails", test_ask_fails);
    g_test_add_func("/autodiscover/redirect", test_http_redirect);
    return g_test_run();
}
