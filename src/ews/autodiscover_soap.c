/*
 * autodiscover_soap - GetUserSettings, which Exchange has since 2010.
 * Source: [MS-OXWSADISC] 3.1.4.2.
 */
#include <string.h>

#include "ews/autodiscover.h"
#include "ews/reply.h"
#include "xml/writer.h"

#define NS_A    "http://schemas.microsoft.com/exchange/2010/Autodiscover"
#define NS_WSA  "http://www.w3.org/2005/08/addressing"
#define NS_SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define ACTION  NS_A "/Autodiscover/GetUserSettings"

/* What holds outside of the organisation's own network comes first. */
static const char *const ews_settings[] = { "ExternalEwsUrl",
                                            "InternalEwsUrl" };
#define DN_SETTING "UserDN"

static void write_header(struct xml_writer *w, const char *url)
{
    xml_open(w, "soap:Header");
    xml_element(w, "a:RequestedServerVersion", "Exchange2010");
    xml_element(w, "wsa:Action", ACTION);
    xml_element(w, "wsa:To", url);
    xml_close(w);
}

static void write_users(struct xml_writer *w, const char *address)
{
    xml_open(w, "a:Users");
    xml_open(w, "a:User");
    xml_element(w, "a:Mailbox", address);
    xml_close(w);
    xml_close(w);
}

static void write_settings(struct xml_writer *w)
{
    xml_open(w, "a:RequestedSettings");
    for (size_t i = 0; i < G_N_ELEMENTS(ews_settings); i++)
        xml_element(w, "a:Setting", ews_settings[i]);
    xml_element(w, "a:Setting", DN_SETTING);
    xml_close(w);
}

static struct xml_writer *write_question(const struct autodiscover_question *q)
{
    struct xml_writer *w = xml_writer_new();

    xml_open(w, "soap:Envelope");
    xml_attribute(w, "xmlns:soap", NS_SOAP);
    xml_attribute(w, "xmlns:a", NS_A);
    xml_attribute(w, "xmlns:wsa", NS_WSA);
    write_header(w, q->url);
    xml_open(w, "soap:Body");
    xml_open(w, "a:GetUserSettingsRequestMessage");
    xml_open(w, "a:Request");
    write_users(w, q->address);
    write_settings(w);
    for (int i = 0; i < 4; i++)
        xml_close(w);
    return w;
}

/* The value of a setting; NULL when it is not told. */
static const char *setting(const struct xml_node *user, const char *name)
{
    const struct xml_node *s =
        xml_child(xml_child(user, "UserSettings"), "UserSetting");

    for (; s != NULL; s = xml_next_named(s, "UserSetting")) {
        const char *value = xml_child_text(s, "Value");

        if (strcmp(xml_text(xml_child(s, "Name")), name) == 0 &&
            value != NULL && value[0] != '\0')
            return value;
    }
    return NULL;
}

static int said_no(const struct xml_node *said, struct err *err)
{
    g_autofree char *why =
        g_strdup_printf("the server says \"%s\" (%s)",
                        xml_text(xml_child(said, "ErrorMessage")),
                        xml_text(xml_child(said, "ErrorCode")));

    return autodiscover_no_ews(err, why);
}

static int read_settings(const struct xml_node *user,
                         struct autodiscover_answer *ret, struct err *err)
{
    const char *dn = setting(user, DN_SETTING);
    const char *url = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(ews_settings) && url == NULL; i++)
        url = setting(user, ews_settings[i]);
    if (url == NULL)
        return autodiscover_no_ews(err, "the answer names no EWS");
    ret->ews_url = g_strdup(url);
    if (dn != NULL && dn[0] == '/')
        ret->legacy_dn = g_strdup(dn);
    return 0;
}

static int read_user(const struct xml_node *user,
                     struct autodiscover_answer *ret, struct err *err)
{
    const char *code = xml_text(xml_child(user, "ErrorCode"));
    const char *target = xml_text(xml_child(user, "RedirectTarget"));

    if (strcmp(code, "NoError") == 0)
        return read_settings(user, ret, err);
    if (strcmp(code, "RedirectUrl") == 0 && target[0] != '\0')
        ret->redirect_url = g_strdup(target);
    else if (strcmp(code, "RedirectAddress") == 0 && target[0] != '\0')
        ret->redirect_address = g_strdup(target);
    else
        return said_no(user, err);
    return 0;
}

int autodiscover_read_soap(const struct xml_doc *doc,
                           struct autodiscover_answer *ret, struct err *err)
{
    const struct xml_node *response =
        xml_find(xml_root(doc), "Body/GetUserSettingsResponseMessage/Response");
    const struct xml_node *user =
        xml_find(response, "UserResponses/UserResponse");

    if (response == NULL)
        return autodiscover_no_ews(err, "what came is not its answer");
    if (user == NULL)
        return said_no(response, err);
    return read_user(user, ret, err);
}

int autodiscover_ask_soap(const struct ews_transport *t,
                          const struct autodiscover_question *question,
                          struct autodiscover_answer *ret, struct err *err)
{
    g_autoptr(xml_writer) w = write_question(question);
    g_auto(reply) r = { 0 };
    int rc = autodiscover_post(t, question, w, &r, ret, err);

    if (rc != 0)
        return MIN(rc, 0);
    return autodiscover_read_soap(r.doc, ret, err);
}
