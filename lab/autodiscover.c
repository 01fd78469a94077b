#include "lab/autodiscover.h"

#include "lab/pages.h"
#include "lab/soap.h"
#include "lab/store_directory.h"
#include "lab/xmlout.h"

#define NS_RESPONSE                                                            \
    "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
#define NS_OUTLOOK                                                             \
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/"              \
    "responseschema/2006a"

/* What a client has to understand of our answer. */
#define SCHEMA_OUTLOOK NS_OUTLOOK

/* The text of the first element of that name below node, wherever it is. */
static char *find_text(const xmlNode *node, const char *name, int depth)
{
    char *found = NULL;

    for (node = soap_first(node); node != NULL && found == NULL;
         node = soap_next(node)) {
        if (strcmp((const char *)node->name, name) == 0)
            return soap_text_dup(node);
        if (depth > 0)
            found = find_text(node, name, depth - 1);
    }
    return found;
}

/* What a request says; all NULL when it is none. */
struct asked {
    char *address, *legacy_dn, *schema;
};

static void asked_clear(struct asked *a)
{
    g_free(a->address);
    g_free(a->legacy_dn);
    g_free(a->schema);
}
typedef struct asked asked;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(asked, asked_clear)

static char *strip(char *text)
{
    return text != NULL ? g_strstrip(text) : NULL;
}

static void read_request(const struct http_request *request, struct asked *ret)
{
    struct problem p;
    xmlDoc *doc =
        soap_parse_document(request->body->str, request->body->len, &p);
    const xmlNode *root;

    if (doc == NULL)
        return;
    root = xmlDocGetRootElement(doc);
    ret->address = strip(find_text(root, "EMailAddress", 2));
    ret->legacy_dn = strip(find_text(root, "LegacyDN", 2));
    ret->schema = strip(find_text(root, "AcceptableResponseSchema", 2));
    xmlFreeDoc(doc);
}

static void write_start(struct xmlout *x)
{
    xml_raw(x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
               "<Autodiscover xmlns=\"" NS_RESPONSE "\">");
}

static void write_error(struct xmlout *x, const char *code, const char *text)
{
    write_start(x);
    xml_raw(x, "<Response><Error Time=\"00:00:00.0000000\" Id=\"2477272013\">");
    xml_text(x, "ErrorCode", code);
    xml_text(x, "Message", text);
    xml_raw(x, "<DebugData /></Error></Response></Autodiscover>");
}

/* The version as EXCH tells it: 14.1.218 is 738180DA. */
static void write_server_version(struct xmlout *x, const struct version *v)
{
    char text[16];

    g_snprintf(text, sizeof(text), "%08X",
               0x70008000u | v->major << 22 | v->minor << 16 | v->build);
    xml_text(x, "ServerVersion", text);
}

static void write_user(struct xmlout *x, const struct lab *lab,
                       const struct lab_mailbox *m)
{
    xml_open(x, "User");
    xml_text(x, "DisplayName", m->display_name);
    xml_text(x, "LegacyDN", m->legacy_dn);
    if (lab->version->release >= EXCHANGE2010)
        xml_text(x, "AutoDiscoverSMTPAddress", m->address);
    xml_text(x, "DeploymentId", m->guid);
    xml_close(x, "User");
}

/* [MS-OXDSCLI] 2.2.4.1.1.2.2: the archive is opened by its own name. */
static void write_archive(struct xmlout *x, struct lab *lab,
                          const struct lab_mailbox *m)
{
    g_auto(lab_mailbox) archive = { 0 };

    if (autodiscover_archive(lab, m, &archive) <= 0)
        return;
    xml_open(x, "AlternativeMailbox");
    xml_text(x, "Type", "Archive");
    xml_text(x, "DisplayName", archive.display_name);
    xml_text(x, "LegacyDN", archive.legacy_dn);
    xml_text(x, "Server", lab->host);
    xml_close(x, "AlternativeMailbox");
}

/* One <Protocol>; inside its own network the server has another name. */
static void write_protocol(struct xmlout *x, const struct lab *lab,
                           const char *type, const char *host_url)
{
    g_autofree char *ews = g_strconcat(host_url, lab->ews_path, NULL);
    g_autofree char *owa = g_strconcat(host_url, "/owa/", NULL);

    xml_open(x, "Protocol");
    xml_text(x, "Type", type);
    if (strcmp(type, "WEB") == 0) {
        xml_raw(x, "<External>");
        xml_begin(x, "OWAUrl");
        xml_attr(x, "AuthenticationMethod", "Fba");
        xml_end(x);
        xml_chars(x, owa);
        xml_raw(x, "</OWAUrl></External>");
    } else {
        xml_text(x, "Server", lab->host);
        if (strcmp(type, "EXCH") == 0)
            write_server_version(x, lab->version);
        xml_text(x, "ASUrl", ews);
        xml_text(x, "EwsUrl", ews);
    }
    xml_close(x, "Protocol");
}

static void write_settings(struct xmlout *x, struct lab *lab,
                           const struct lab_mailbox *m, const char *external)
{
    g_autofree char *internal = g_strconcat("https://", lab->host, NULL);

    write_start(x);
    xml_raw(x, "<Response xmlns=\"" NS_OUTLOOK "\">");
    write_user(x, lab, m);
    xml_open(x, "Account");
    xml_text(x, "AccountType", "email");
    xml_text(x, "Action", "settings");
    if (lab->version->release >= EXCHANGE2013)
        xml_text(x, "MicrosoftOnline", "False");
    write_protocol(x, lab, "EXCH", internal);
    write_protocol(x, lab, "EXPR", external);
    write_protocol(x, lab, "WEB", external);
    write_archive(x, lab, m);
    xml_close(x, "Account");
    xml_raw(x, "</Response></Autodiscover>");
}

/* [MS-OXDSCLI] 2.2.4.1.1.2.3: ask again, for another address or elsewhere. */
static void write_redirect(struct xmlout *x, struct autodiscover_redirect to)
{
    write_start(x);
    xml_raw(x, "<Response xmlns=\"" NS_OUTLOOK "\">");
    xml_open(x, "Account");
    if (to.address != NULL) {
        xml_text(x, "Action", "redirectAddr");
        xml_text(x, "RedirectAddr", to.address);
    } else {
        xml_text(x, "Action", "redirectUrl");
        xml_text(x, "RedirectUrl", to.url);
    }
    xml_close(x, "Account");
    xml_raw(x, "</Response></Autodiscover>");
}

/* "LOCAL@DOMAIN" or "@DOMAIN" before the "=", whatever the case. */
static const char *target_of(char **rules, const char *address)
{
    const char *domain = strchr(address, '@');

    for (guint i = 0; rules != NULL && rules[i] != NULL; i++) {
        size_t n = strcspn(rules[i], "=");
        const char *who = rules[i][0] == '@' ? domain : address;

        if (who != NULL && rules[i][n] == '=' && strlen(who) == n &&
            g_ascii_strncasecmp(who, rules[i], n) == 0)
            return rules[i] + n + 1;
    }
    return NULL;
}

struct autodiscover_redirect autodiscover_redirect(const struct lab *lab,
                                                   const char *address)
{
    return (struct autodiscover_redirect){
        .address = target_of(lab->redirect_address, address),
        .url = target_of(lab->redirect_url, address),
    };
}

int autodiscover_archive(struct lab *lab, const struct lab_mailbox *of,
                         struct lab_mailbox *ret)
{
    struct err err;
    int64_t key = 0;

    if (lab->version->release < EXCHANGE2010)
        return 0;
    if (lab_store_archive(lab->store, of->key, &key, &err) < 0 || key == 0)
        return 0;
    return lab_store_get_mailbox(lab->store, key, ret, &err) < 0 ? 0 : 1;
}

/* By address, else by the name that an old profile still has. */
static int find_mailbox(struct lab *lab, const struct asked *a,
                        struct lab_mailbox *ret)
{
    g_autoptr(GPtrArray) found = NULL;
    const struct lab_entry *entry;
    struct err err;

    if (a->address != NULL)
        return lab_store_find_mailbox(lab->store, a->address, ret, &err);
    if (a->legacy_dn[0] != '/' ||
        lab_store_resolve(lab->store, a->legacy_dn, 1, &found, &err) < 0 ||
        found->len == 0)
        return 0;
    entry = found->pdata[0];
    return lab_store_find_mailbox(lab->store, entry->address, ret, &err);
}

static void answer_asked(struct lab *lab, const struct http_request *request,
                         const struct asked *a, struct xmlout *x)
{
    g_autofree char *external = pages_base_url(request);
    struct autodiscover_redirect to = { NULL, NULL };
    g_auto(lab_mailbox) m = { 0 };

    if (a->address == NULL && a->legacy_dn == NULL) {
        write_error(x, "600", "Invalid Request");
        return;
    }
    if (a->schema != NULL && strcmp(a->schema, SCHEMA_OUTLOOK) != 0) {
        write_error(x, "601", "Provider is not available");
        return;
    }
    if (a->address != NULL)
        to = autodiscover_redirect(lab, a->address);
    if (to.address != NULL || to.url != NULL)
        write_redirect(x, to);
    else if (find_mailbox(lab, a, &m) <= 0)
        write_error(x, "500", "The email address can't be found.");
    else
        write_settings(x, lab, &m, external);
}

void autodiscover_handle(struct lab *lab, const struct http_request *request,
                         struct http_answer *answer)
{
    struct xmlout x = { answer->body, true };
    g_auto(asked) a = { 0 };

    answer->content_type = "text/xml; charset=utf-8";
    if (strcmp(request->method, "POST") == 0)
        read_request(request, &a);
    answer_asked(lab, request, &a, &x);
}
