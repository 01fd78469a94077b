#include "lab/autodiscover.h"

#include "lab/pages.h"
#include "lab/soap.h"
#include "lab/xmlout.h"

#define NS_A "http://schemas.microsoft.com/exchange/2010/Autodiscover"
#define NS_S "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_W "http://www.w3.org/2005/08/addressing"
#define NS_I "http://www.w3.org/2001/XMLSchema-instance"

/* [MS-OXWSADISC]: Exchange answers for no more users at a time. */
#define USERS_MAX 100

/* One request: its tree and who is spoken of. */
struct asking {
    struct lab *lab;
    struct xmlout x;
    const xmlNode *request; /* <Request> of the operation */
    char *external;         /* "https://host:port" */
};

/* ---- settings of a user -------------------------------------------- */

/* g_free() what they return; NULL: there is no such setting here. */
typedef char *setting_fn(const struct asking *a, const struct lab_mailbox *m);

static char *display_name(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    return g_strdup(m->display_name);
}

static char *legacy_dn(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    return g_strdup(m->legacy_dn);
}

static char *deployment_id(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    return g_strdup(m->guid);
}

static char *smtp_address(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    return g_strdup(m->address);
}

static char *server(const struct asking *a, const struct lab_mailbox *m)
{
    (void)m;
    return g_strdup(a->lab->host);
}

/* Of the database that the mailbox lies in, and of the server of that. */
static char *server_dn(const struct asking *a, const struct lab_mailbox *m)
{
    g_autofree char *name = g_strndup(a->lab->host, strcspn(a->lab->host, "."));

    (void)m;
    return g_strdup_printf("/o=%s/ou=Exchange Administrative Group "
                           "(FYDIBOHF23SPDLT)/cn=Configuration/cn=Servers"
                           "/cn=%s",
                           lab_store_organisation(a->lab->store), name);
}

static char *database_dn(const struct asking *a, const struct lab_mailbox *m)
{
    g_autofree char *of = server_dn(a, m);

    return g_strconcat(of, "/cn=Mailbox Database", NULL);
}

static char *external_server(const struct asking *a,
                             const struct lab_mailbox *m)
{
    const char *host = strstr(a->external, "//") + 2;

    (void)m;
    return g_strndup(host, strcspn(host, ":"));
}

static char *by_ntlm(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    (void)m;
    return g_strdup("Ntlm");
}

static char *internal_ews(const struct asking *a, const struct lab_mailbox *m)
{
    (void)m;
    return g_strdup_printf("https://%s%s", a->lab->host, a->lab->ews_path);
}

static char *external_ews(const struct asking *a, const struct lab_mailbox *m)
{
    (void)m;
    return g_strconcat(a->external, a->lab->ews_path, NULL);
}

static char *cas_version(const struct asking *a, const struct lab_mailbox *m)
{
    const struct version *v = a->lab->version;

    (void)m;
    return g_strdup_printf("%u.%02u.%04u.%03u", v->major, v->minor, v->build,
                           v->revision);
}

/* "Exchange2007, Exchange2007_SP1, Exchange2010, ..." up to this one. */
static char *schemas(const struct asking *a, const struct lab_mailbox *m)
{
    GString *text = g_string_new("Exchange2007");

    (void)m;
    for (enum release r = EXCHANGE2007_SP1; r <= a->lab->version->release;
         r = (enum release)(r + 1))
        g_string_append_printf(text, ", %s", version_of(r)->name);
    return g_string_free(text, FALSE);
}

static char *web_url(const struct asking *a, const struct lab_mailbox *m)
{
    (void)m;
    return g_strconcat(a->external, "/owa/", NULL);
}

static char *not_online(const struct asking *a, const struct lab_mailbox *m)
{
    (void)m;
    return a->lab->version->release >= EXCHANGE2013 ? g_strdup("False") : NULL;
}

static char *yes(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    (void)m;
    return g_strdup("True");
}

static char *no(const struct asking *a, const struct lab_mailbox *m)
{
    (void)a;
    (void)m;
    return g_strdup("False");
}

static const struct {
    const char *name;
    setting_fn *value;
} settings[] = {
    { "UserDisplayName", display_name },
    { "UserDN", legacy_dn },
    { "UserDeploymentId", deployment_id },
    { "AutoDiscoverSMTPAddress", smtp_address },
    { "InternalMailboxServer", server },
    { "InternalRpcClientServer", server },
    { "InternalMailboxServerDN", server_dn },
    { "MailboxDN", database_dn },
    { "ExternalMailboxServer", external_server },
    { "ExternalMailboxServerAuthenticationMethods", by_ntlm },
    { "ExternalMailboxServerRequiresSSL", yes },
    { "InternalEwsUrl", internal_ews },
    { "ExternalEwsUrl", external_ews },
    { "ExternalEwsVersion", cas_version },
    { "CasVersion", cas_version },
    { "EwsSupportedSchemas", schemas },
    { "ExternalOwaUrl", web_url },
    { "UserMSOnline", not_online },
    { "CrossOrganizationSharingEnabled", no },
    { "MapiHttpEnabled", no },
};

static char *setting_dup(const struct asking *a, const char *name,
                         const struct lab_mailbox *m)
{
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            return settings[i].value(a, m);
    return NULL;
}

static void write_alternates(struct asking *a, const struct lab_mailbox *m)
{
    g_auto(lab_mailbox) archive = { 0 };
    struct xmlout *x = &a->x;

    if (autodiscover_archive(a->lab, m, &archive) <= 0)
        return;
    xml_raw(x, "<UserSetting i:type=\"AlternateMailboxCollectionSetting\">"
               "<Name>AlternateMailboxes</Name><AlternateMailboxes>"
               "<AlternateMailbox>");
    xml_text(x, "Type", "Archive");
    xml_text(x, "DisplayName", archive.display_name);
    xml_text(x, "LegacyDN", archive.legacy_dn);
    xml_text(x, "Server", a->lab->host);
    xml_text(x, "SmtpAddress", m->address);
    xml_raw(x, "</AlternateMailbox></AlternateMailboxes></UserSetting>");
}

/* The names below <RequestedSettings>, one by one. */
typedef void name_fn(struct asking *a, const char *name,
                     const struct lab_mailbox *m);

static void each_setting(struct asking *a, const struct lab_mailbox *m,
                         name_fn *fn)
{
    const xmlNode *node =
        soap_first(soap_child_named(a->request, "RequestedSettings"));

    for (; node != NULL; node = soap_next(node)) {
        g_autofree char *name = soap_text_dup(node);

        if (name != NULL)
            fn(a, name, m);
    }
}

static void write_setting(struct asking *a, const char *name,
                          const struct lab_mailbox *m)
{
    g_autofree char *value = setting_dup(a, name, m);

    if (strcmp(name, "AlternateMailboxes") == 0)
        write_alternates(a, m);
    if (value == NULL)
        return;
    xml_raw(&a->x, "<UserSetting i:type=\"StringSetting\">");
    xml_text(&a->x, "Name", name);
    xml_text(&a->x, "Value", value);
    xml_close(&a->x, "UserSetting");
}

static void write_setting_error(struct asking *a, const char *name,
                                const struct lab_mailbox *m)
{
    g_autofree char *value = setting_dup(a, name, m);

    if (value != NULL || strcmp(name, "AlternateMailboxes") == 0)
        return;
    xml_open(&a->x, "UserSettingError");
    xml_text(&a->x, "ErrorCode", "SettingIsNotAvailable");
    xml_text(&a->x, "ErrorMessage", "The requested setting is not available.");
    xml_text(&a->x, "SettingName", name);
    xml_close(&a->x, "UserSettingError");
}

static void write_code(struct xmlout *x, const char *code, const char *text)
{
    xml_text(x, "ErrorCode", code);
    xml_text(x, "ErrorMessage", text);
}

static void write_redirect(struct xmlout *x, struct autodiscover_redirect to)
{
    write_code(x, to.address != NULL ? "RedirectAddress" : "RedirectUrl",
               "The user's settings are elsewhere.");
    xml_text(x, "RedirectTarget", to.address != NULL ? to.address : to.url);
    xml_raw(x, "<UserSettingErrors /><UserSettings />");
}

static void write_user(struct asking *a, const char *address)
{
    struct autodiscover_redirect to = autodiscover_redirect(a->lab, address);
    g_auto(lab_mailbox) m = { 0 };
    struct xmlout *x = &a->x;
    struct err err;

    if (to.address != NULL || to.url != NULL) {
        write_redirect(x, to);
        return;
    }
    if (lab_store_find_mailbox(a->lab->store, address, &m, &err) <= 0) {
        write_code(x, "InvalidUser", "The user was not found.");
        xml_raw(x, "<RedirectTarget i:nil=\"true\" /><UserSettingErrors />"
                   "<UserSettings />");
        return;
    }
    write_code(x, "NoError", "No error.");
    xml_raw(x, "<RedirectTarget i:nil=\"true\" /><UserSettingErrors>");
    each_setting(a, &m, write_setting_error);
    xml_raw(x, "</UserSettingErrors><UserSettings>");
    each_setting(a, &m, write_setting);
    xml_raw(x, "</UserSettings>");
}

static void get_user_settings(struct asking *a)
{
    const xmlNode *users = soap_child_named(a->request, "Users");
    struct xmlout *x = &a->x;

    if (soap_count(users) == 0 || soap_count(users) > USERS_MAX ||
        soap_count(soap_child_named(a->request, "RequestedSettings")) == 0) {
        write_code(x, "InvalidRequest", "Invalid request.");
        xml_raw(x, "<UserResponses />");
        return;
    }
    xml_raw(x, "<ErrorCode>NoError</ErrorCode><ErrorMessage /><UserResponses>");
    for (const xmlNode *n = soap_first(users); n != NULL; n = soap_next(n)) {
        g_autofree char *address =
            soap_text_dup(soap_child_named(n, "Mailbox"));

        xml_open(x, "UserResponse");
        write_user(a, address != NULL ? g_strstrip(address) : "");
        xml_close(x, "UserResponse");
    }
    xml_close(x, "UserResponses");
}

/* ---- settings of a domain ------------------------------------------ */

static bool is_ours(struct lab *lab, const char *domain)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (lab_store_mailboxes(lab->store, &all, &err) < 0)
        return false;
    for (guint i = 0; i < all->len; i++) {
        const struct lab_mailbox *m = all->pdata[i];
        const char *at = strchr(m->address, '@');

        if (at != NULL && g_ascii_strcasecmp(at + 1, domain) == 0)
            return true;
    }
    return false;
}

static void write_domain_setting(struct asking *a, const char *name,
                                 const struct lab_mailbox *m)
{
    g_autofree char *value = NULL;

    if (strcmp(name, "ExternalEwsUrl") == 0)
        value = external_ews(a, m);
    else if (strcmp(name, "ExternalEwsVersion") == 0)
        value = cas_version(a, m);
    if (value == NULL)
        return;
    xml_raw(&a->x, "<DomainSetting i:type=\"DomainStringSetting\">");
    xml_text(&a->x, "Name", name);
    xml_text(&a->x, "Value", value);
    xml_close(&a->x, "DomainSetting");
}

static void get_domain_settings(struct asking *a)
{
    const xmlNode *domains = soap_child_named(a->request, "Domains");
    struct xmlout *x = &a->x;

    xml_raw(x, "<ErrorCode>NoError</ErrorCode><ErrorMessage />"
               "<DomainResponses>");
    for (const xmlNode *n = soap_first(domains); n != NULL; n = soap_next(n)) {
        g_autofree char *domain = soap_text_dup(n);
        bool ours = domain != NULL && is_ours(a->lab, g_strstrip(domain));

        xml_open(x, "DomainResponse");
        write_code(x, ours ? "NoError" : "InvalidDomain",
                   ours ? "No error." : "The domain is not known.");
        xml_raw(x, "<DomainSettingErrors /><DomainSettings>");
        if (ours)
            each_setting(a, NULL, write_domain_setting);
        xml_raw(x, "</DomainSettings><RedirectTarget i:nil=\"true\" />");
        xml_close(x, "DomainResponse");
    }
    xml_close(x, "DomainResponses");
}

/* ---- the envelope -------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(struct asking *a);
} operations[] = {
    { "GetUserSettings", get_user_settings },
    { "GetDomainSettings", get_domain_settings },
};

static void envelope_begin(struct xmlout *x, const struct version *v,
                           const char *action)
{
    g_string_append_printf(
        x->text,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
        "<s:Envelope xmlns:s=\"" NS_S "\" xmlns:a=\"" NS_W "\"><s:Header>"
        "<a:Action s:mustUnderstand=\"1\">" NS_A "/Autodiscover/%s</a:Action>"
        "<h:ServerVersionInfo xmlns:h=\"" NS_A "\" xmlns:i=\"" NS_I "\">"
        "<h:MajorVersion>%u</h:MajorVersion><h:MinorVersion>%u"
        "</h:MinorVersion><h:MajorBuildNumber>%u</h:MajorBuildNumber>"
        "<h:MinorBuildNumber>%u</h:MinorBuildNumber><h:Version>%s</h:Version>"
        "</h:ServerVersionInfo></s:Header><s:Body>",
        action, v->major, v->minor, v->build, v->revision, v->name);
}

static void answer_fault(struct asking *a, struct http_answer *answer)
{
    answer->status = 500;
    envelope_begin(&a->x, a->lab->version, "fault");
    xml_raw(&a->x, "<s:Fault><faultcode xmlns:b=\"http://schemas.microsoft.com/"
                   "ws/2005/05/addressing/none\">b:ActionNotSupported"
                   "</faultcode><faultstring xml:lang=\"en-US\">The message "
                   "cannot be processed at the receiver, due to a "
                   "ContractFilter mismatch.</faultstring></s:Fault></s:Body>"
                   "</s:Envelope>");
}

static void run(struct asking *a, size_t i)
{
    g_autofree char *action = g_strconcat(operations[i].name, "Response", NULL);
    g_autofree char *element =
        g_strconcat(operations[i].name, "ResponseMessage", NULL);

    envelope_begin(&a->x, a->lab->version, action);
    xml_begin(&a->x, element);
    xml_attr(&a->x, "xmlns", NS_A);
    xml_end(&a->x);
    xml_raw(&a->x, "<Response xmlns:i=\"" NS_I "\">");
    operations[i].run(a);
    xml_raw(&a->x, "</Response>");
    xml_close(&a->x, element);
    xml_raw(&a->x, "</s:Body></s:Envelope>");
}

static bool run_operation(struct asking *a, const xmlNode *operation)
{
    for (size_t i = 0; operation != NULL && i < G_N_ELEMENTS(operations); i++) {
        g_autofree char *name =
            g_strconcat(operations[i].name, "RequestMessage", NULL);

        if (strcmp((const char *)operation->name, name) == 0) {
            a->request = soap_child_named(operation, "Request");
            run(a, i);
            return true;
        }
    }
    return false;
}

void autodiscover_soap(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer)
{
    struct asking a = { .lab = lab, .x = { answer->body, true } };
    xmlDoc *doc = NULL;
    struct problem p;

    if (lab->version->release < EXCHANGE2010) {
        answer->status = 404;
        return;
    }
    answer->content_type = "text/xml; charset=utf-8";
    if (strcmp(request->method, "POST") == 0)
        doc = soap_parse_document(request->body->str, request->body->len, &p);
    a.external = pages_base_url(request);
    if (doc == NULL ||
        !run_operation(&a, soap_first(soap_child_named(
                               xmlDocGetRootElement(doc), "Body"))))
        answer_fault(&a, answer);
    if (doc != NULL)
        xmlFreeDoc(doc);
    g_free(a.external);
}
