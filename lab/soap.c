#include "lab/soap.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <openssl/evp.h>

static const char *const namespaces[] = {
    [NS_ENVELOPE] = "http://schemas.xmlsoap.org/soap/envelope/",
    [NS_TYPES] = "http://schemas.microsoft.com/exchange/services/2006/types",
    [NS_MESSAGES] =
        "http://schemas.microsoft.com/exchange/services/2006/messages",
};

const char *soap_namespace(enum soap_ns ns)
{
    return namespaces[ns];
}

void soap_request_clear(struct soap_request *r)
{
    g_clear_pointer(&r->doc, xmlFreeDoc);
    g_clear_pointer(&r->version, g_free);
    g_clear_pointer(&r->sid, g_free);
    g_clear_pointer(&r->bulk, soap_bulk_free);
    r->operation = NULL;
    r->name = NULL;
}

/* ---- walking ------------------------------------------------------- */

static const xmlNode *element_from(const xmlNode *node)
{
    while (node != NULL && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

const xmlNode *soap_first(const xmlNode *node)
{
    return node != NULL ? element_from(node->children) : NULL;
}

const xmlNode *soap_next(const xmlNode *node)
{
    return node != NULL ? element_from(node->next) : NULL;
}

size_t soap_count(const xmlNode *node)
{
    size_t n = 0;

    for (node = soap_first(node); node != NULL; node = soap_next(node))
        n++;
    return n;
}

bool soap_is(const xmlNode *node, enum soap_ns ns, const char *name)
{
    return node != NULL && node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->name, name) == 0 &&
           strcmp((const char *)node->ns->href, namespaces[ns]) == 0;
}

const xmlNode *soap_child(const xmlNode *node, enum soap_ns ns,
                          const char *name)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node))
        if (soap_is(node, ns, name))
            return node;
    return NULL;
}

const xmlNode *soap_child_named(const xmlNode *node, const char *name)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node))
        if (strcmp((const char *)node->name, name) == 0)
            return node;
    return NULL;
}

/* libxml2's memory to GLib's; NULL stays NULL. */
static char *take_text(xmlChar *text)
{
    char *copy = g_strdup((const char *)text);

    if (text != NULL)
        xmlFree(text);
    return copy;
}

char *soap_attr_dup(const xmlNode *node, const char *name)
{
    if (node == NULL)
        return NULL;
    return take_text(xmlGetNoNsProp(node, (const xmlChar *)name));
}

char *soap_text_dup(const xmlNode *node)
{
    if (node == NULL)
        return NULL;
    return take_text(xmlNodeGetContent(node));
}

static bool is_true(const char *text)
{
    return text != NULL &&
           (strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

bool soap_attr_bool(const xmlNode *node, const char *name)
{
    g_autofree char *text = soap_attr_dup(node, name);

    return is_true(text);
}

bool soap_child_bool(const xmlNode *node, enum soap_ns ns, const char *name)
{
    g_autofree char *text = soap_text_dup(soap_child(node, ns, name));

    return is_true(text);
}

const char *soap_text_peek(const xmlNode *node, size_t *ret_len)
{
    const xmlNode *text = node != NULL ? node->children : NULL;

    if (text == NULL || text->next != NULL || text->type != XML_TEXT_NODE)
        return NULL;
    *ret_len = strlen((const char *)text->content);
    return (const char *)text->content;
}

int soap_violation(struct problem *p, const xmlNode *node, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    return problem_schema(p, (int)xmlGetLineNo(node), 1, "%s", text);
}

/* ---- reading ------------------------------------------------------- */

/* A document type could define entities: it ends the reading. */
static void refuse_doctype(void *data, const xmlChar *name,
                           const xmlChar *external, const xmlChar *system)
{
    xmlParserCtxt *parser = data;

    (void)name;
    (void)external;
    (void)system;
    xmlStopParser(parser);
}

static void stay_silent(void *data, xmlError *error)
{
    (void)data;
    (void)error;
}

static int parse_failed(xmlParserCtxt *parser, struct problem *p)
{
    const xmlError *error = xmlCtxtGetLastError(parser);

    if (error == NULL || error->message == NULL)
        return problem_schema(p, 1, 1, "DTD is prohibited in this document.");
    return problem_schema(p, error->line, error->int2, "%s",
                          g_strchomp(error->message));
}

xmlDoc *soap_parse_document(const char *body, size_t len, struct problem *p)
{
    xmlParserCtxt *parser;
    xmlDoc *doc;

    if (len == 0 || len > INT_MAX) {
        problem_schema(p, 0, 0, "Root element is missing.");
        return NULL;
    }
    parser = xmlCreateMemoryParserCtxt(body, (int)len);
    if (parser == NULL)
        g_error("out of memory");
    /* HUGE: an UploadItems carries texts far over 10 MB */
    xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_HUGE |
                                  XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                  XML_PARSE_BIG_LINES);
    parser->sax->internalSubset = refuse_doctype;
    parser->sax->serror = stay_silent;
    xmlParseDocument(parser);
    doc = parser->myDoc;
    parser->myDoc = NULL;
    if (!parser->wellFormed || parser->disableSAX != 0) {
        parse_failed(parser, p);
        g_clear_pointer(&doc, xmlFreeDoc);
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

static const struct {
    const char *name;
    enum soap_sid kind;
} sids[] = {
    { "PrincipalName", SID_PRINCIPAL_NAME },
    { "SID", SID_SID },
    { "PrimarySmtpAddress", SID_PRIMARY_SMTP },
    { "SmtpAddress", SID_SMTP },
};

static int read_impersonation(struct soap_request *r, const xmlNode *header,
                              struct problem *p)
{
    const xmlNode *node = soap_child(header, NS_TYPES, "ExchangeImpersonation");
    const xmlNode *connecting = soap_child(node, NS_TYPES, "ConnectingSID");

    if (node == NULL)
        return 0;
    node = soap_first(connecting);
    for (size_t i = 0; i < G_N_ELEMENTS(sids); i++) {
        if (!soap_is(node, NS_TYPES, sids[i].name))
            continue;
        r->sid_kind = sids[i].kind;
        r->sid = soap_text_dup(node);
        return 0;
    }
    return soap_violation(
        p, header, "The element 'ConnectingSID' has incomplete content.");
}

static int read_envelope(struct soap_request *r, struct problem *p)
{
    const xmlNode *envelope = xmlDocGetRootElement(r->doc);
    const xmlNode *header = soap_child(envelope, NS_ENVELOPE, "Header");
    const xmlNode *body = soap_child(envelope, NS_ENVELOPE, "Body");

    if (!soap_is(envelope, NS_ENVELOPE, "Envelope") || body == NULL)
        return soap_violation(p, envelope, "The envelope has no body.");
    r->operation = soap_first(body);
    if (r->operation == NULL)
        return problem_fault(p, "ErrorInvalidRequest");
    r->name = (const char *)r->operation->name;
    r->version = soap_attr_dup(
        soap_child(header, NS_TYPES, "RequestServerVersion"), "Version");
    return read_impersonation(r, header, p);
}

int soap_request_parse(const char *body, size_t len, struct soap_request *ret,
                       struct problem *p)
{
    g_auto(soap_request) r = { 0 };

    r.doc = soap_parse_document(body, len, p);
    if (r.doc == NULL)
        return -1;
    if (read_envelope(&r, p) < 0)
        return -1;
    *ret = r;
    r = (struct soap_request){ 0 };
    return 0;
}

int soap_request_take(GString *body, struct soap_request *ret,
                      struct problem *p)
{
    struct soap_bulk *bulk = soap_bulk_new(body);
    const GString *text = bulk != NULL ? soap_bulk_slim(bulk) : body;
    int status = soap_request_parse(text->str, text->len, ret, p);

    if (bulk == NULL)
        g_string_free(body, TRUE);
    else if (status < 0)
        soap_bulk_free(bulk);
    else
        ret->bulk = bulk;
    return status;
}

/* ---- base64 -------------------------------------------------------- */

/* White space may stand in an xs:base64Binary; a copy without it. */
static char *pack(const char *text, size_t *len)
{
    char *packed = g_malloc(*len + 1);
    size_t n = 0;

    for (size_t i = 0; i < *len; i++)
        if (!g_ascii_isspace(text[i]))
            packed[n++] = text[i];
    packed[n] = '\0';
    *len = n;
    return packed;
}

/*
 * What EVP_DecodeBlock takes and is no base64: signs of padding before the
 * end.  (White space is gone.)
 */
static GBytes *decode(const char *text, size_t len)
{
    size_t padding = 0;
    GByteArray *out;

    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if (len % 4 != 0 || len > INT_MAX ||
        memchr(text, '=', len - padding) != NULL)
        return NULL;
    out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)(len / 4 * 3));
    if (len > 0 &&
        EVP_DecodeBlock(out->data, (const unsigned char *)text, (int)len) < 0) {
        g_byte_array_unref(out);
        return NULL;
    }
    g_byte_array_set_size(out, (guint)(len / 4 * 3 - padding));
    return g_byte_array_free_to_bytes(out);
}

GBytes *soap_payload(const struct soap_request *r, const xmlNode *node)
{
    g_autofree char *text = NULL;
    g_autofree char *packed = NULL;
    const uint8_t *data = NULL;
    size_t len = 0;
    int found;

    if (node == NULL)
        return NULL;
    text = soap_text_dup(node);
    if (text == NULL)
        return NULL;
    found = soap_bulk_find(r->bulk, text, &data, &len);
    if (found > 0)
        return g_bytes_new_static(data, len);
    if (found == 0)
        len = strlen(text);
    packed = pack(found == 0 ? text : (const char *)data, &len);
    return decode(packed, len);
}
