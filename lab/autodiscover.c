#include "lab/autodiscover.h"

#include "lab/pages.h"
#include "lab/soap.h"
#include "lab/xmlout.h"

#define NS_RESPONSE                                                            \
    "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
#define NS_OUTLOOK                                                             \
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/"              \
    "responseschema/2006a"

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

static char *read_address(const struct http_request *request)
{
    struct problem p;
    xmlDoc *doc =
        soap_parse_document(request->body->str, request->body->len, &p);
    char *address = NULL;

    if (doc != NULL)
        address = find_text(xmlDocGetRootElement(doc), "EMailAddress", 2);
    if (doc != NULL)
        xmlFreeDoc(doc);
    return address != NULL ? g_strstrip(address) : NULL;
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

static void write_settings(struct xmlout *x, const struct lab *lab,
                           const struct lab_mailbox *m, const char *external)
{
    g_autofree char *internal = g_strconcat("https://", lab->host, NULL);

    write_start(x);
    xml_raw(x, "<Response xmlns=\"" NS_OUTLOOK "\">");
    write_user(x, lab, m);
    xml_open(x, "Account");
    xml_text(x, "AccountType", "email");
    xml_text(x, "Action", "settings");
    write_protocol(x, lab, "EXCH", internal);
    write_protocol(x, lab, "EXPR", external);
    write_protocol(x, lab, "WEB", external);
    xml_close(x, "Account");
    xml_raw(x, "</Response></Autodiscover>");
}

void autodiscover_handle(struct lab *lab, const struct http_request *request,
                         struct http_answer *answer)
{
    struct xmlout x = { answer->body, true };
    g_autofree char *external = pages_base_url(request);
    g_autofree char *address = NULL;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    answer->content_type = "text/xml; charset=utf-8";
    if (strcmp(request->method, "POST") == 0)
        address = read_address(request);
    if (address == NULL) {
        write_error(&x, "600", "Invalid Request");
        return;
    }
    if (lab_store_find_mailbox(lab->store, address, &m, &err) <= 0) {
        write_error(&x, "500", "The email address can't be found.");
        return;
    }
    write_settings(&x, lab, &m, external);
}
