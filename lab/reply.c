#include "lab/reply.h"

#define NS_T "http://schemas.microsoft.com/exchange/services/2006/types"
#define NS_M "http://schemas.microsoft.com/exchange/services/2006/messages"
#define NS_E "http://schemas.microsoft.com/exchange/services/2006/errors"
#define NS_S "http://schemas.xmlsoap.org/soap/envelope/"
#define XSI  " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
#define XSD  " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""

void reply_init(struct reply *r, GString *out, const struct version *version,
                const char *operation)
{
    r->x.text = out;
    r->x.spaced = version->release == EXCHANGE2007_SP1;
    r->version = version;
    r->operation = operation;
    r->form = REPLY_MESSAGES;
}

static bool is_2007(const struct reply *r)
{
    return r->version->release == EXCHANGE2007_SP1;
}

/* Version info as an element with this prefix and these declarations. */
static void server_version(struct reply *r, const char *prefix,
                           const char *declarations)
{
    const struct version *v = r->version;

    g_string_append_printf(
        r->x.text,
        "<%s:ServerVersionInfo MajorVersion=\"%u\" MinorVersion=\"%u\""
        " MajorBuildNumber=\"%u\" MinorBuildNumber=\"%u\" Version=\"%s\""
        " xmlns:%s=\"" NS_T "\"%s",
        prefix, v->major, v->minor, v->build, v->revision, v->reported, prefix,
        declarations);
    xml_end_empty(&r->x);
}

static void envelope_2007(struct reply *r)
{
    xml_raw(&r->x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                   "<soap:Envelope xmlns:soap=\"" NS_S "\"" XSI XSD ">"
                   "<soap:Header>");
    server_version(r, "t", "");
    xml_raw(&r->x, "</soap:Header><soap:Body>");
}

static void envelope_2010(struct reply *r)
{
    xml_raw(&r->x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                   "<s:Envelope xmlns:s=\"" NS_S "\"><s:Header>");
    server_version(r, "h", " xmlns=\"" NS_T "\"" XSI XSD);
    xml_raw(&r->x, "</s:Header><s:Body" XSI XSD ">");
}

/* The response element up to its attributes; declarations as recorded. */
static void response_begin(struct reply *r)
{
    g_string_append_printf(
        r->x.text,
        is_2007(r) ? "<m:%sResponse xmlns:t=\"" NS_T "\" xmlns:m=\"" NS_M "\""
                   : "<m:%sResponse xmlns:m=\"" NS_M "\" xmlns:t=\"" NS_T "\"",
        r->operation);
}

void reply_begin(struct reply *r)
{
    if (is_2007(r))
        envelope_2007(r);
    else
        envelope_2010(r);
    if (r->form == REPLY_ONE)
        return;
    response_begin(r);
    xml_end(&r->x);
    if (r->form == REPLY_MESSAGES)
        xml_open(&r->x, "m:ResponseMessages");
}

void reply_end(struct reply *r)
{
    const char *prefix = is_2007(r) ? "soap" : "s";

    if (r->form == REPLY_MESSAGES)
        xml_close(&r->x, "m:ResponseMessages");
    if (r->form != REPLY_ONE)
        g_string_append_printf(r->x.text, "</m:%sResponse>", r->operation);
    g_string_append_printf(r->x.text, "</%s:Body></%s:Envelope>", prefix,
                           prefix);
}

static void message_xml(struct reply *r, const struct problem *p)
{
    if (p->value_name == NULL)
        return;
    xml_open(&r->x, "m:MessageXml");
    xml_begin(&r->x, "t:Value");
    xml_attr(&r->x, "Name", p->value_name);
    xml_end(&r->x);
    xml_chars(&r->x, p->value);
    xml_raw(&r->x, "</t:Value></m:MessageXml>");
}

/*
 * What was not tried because of an earlier failure is a warning, and so is a
 * name that means several people: the answer lists them.
 */
static const char *response_class(const struct problem *p)
{
    static const char *const warnings[] = {
        "ErrorBatchProcessingStopped",
        "ErrorNameResolutionMultipleResults",
    };

    if (p == NULL)
        return "Success";
    for (size_t i = 0; i < G_N_ELEMENTS(warnings); i++)
        if (problem_is(p, warnings[i]))
            return "Warning";
    return "Error";
}

/* The end of a message's start tag, and why it is no success. */
static void message_head(struct reply *r, const struct problem *p)
{
    xml_attr(&r->x, "ResponseClass", response_class(p));
    xml_end(&r->x);
    if (p == NULL) {
        xml_text(&r->x, "m:ResponseCode", "NoError");
        return;
    }
    xml_text(&r->x, "m:MessageText", p->text);
    xml_text(&r->x, "m:ResponseCode", p->code);
    xml_text(&r->x, "m:DescriptiveLinkKey", "0");
    message_xml(r, p);
}

void reply_named_begin(struct reply *r, const char *element,
                       const struct problem *p)
{
    xml_begin(&r->x, element);
    message_head(r, p);
}

void reply_message_begin(struct reply *r, const struct problem *p)
{
    if (r->form == REPLY_ONE)
        response_begin(r);
    else if (r->form == REPLY_BARE)
        xml_begin(&r->x, "m:ResponseMessage");
    else
        g_string_append_printf(r->x.text, "<m:%sResponseMessage", r->operation);
    message_head(r, p);
}

void reply_message_end(struct reply *r)
{
    if (r->form == REPLY_ONE)
        g_string_append_printf(r->x.text, "</m:%sResponse>", r->operation);
    else if (r->form == REPLY_BARE)
        xml_close(&r->x, "m:ResponseMessage");
    else
        g_string_append_printf(r->x.text, "</m:%sResponseMessage>",
                               r->operation);
}

/* "The request failed schema validation: <what>", else the code's text. */
static char *fault_string(const struct problem *p)
{
    if (!problem_is(p, "ErrorSchemaValidation"))
        return g_strdup(p->text);
    return g_strdup_printf("The request failed schema validation: %s",
                           p->value);
}

static void error_element(struct reply *r, const char *name, const char *text)
{
    g_string_append_printf(r->x.text, "<e:%s xmlns:e=\"" NS_E "\">", name);
    xml_chars(&r->x, text);
    g_string_append_printf(r->x.text, "</e:%s>", name);
}

static void error_number(struct reply *r, const char *name, int n)
{
    char text[16];

    g_snprintf(text, sizeof(text), "%d", n);
    error_element(r, name, text);
}

static void fault_2007(struct reply *r, const struct problem *p,
                       const char *text)
{
    bool schema = problem_is(p, "ErrorSchemaValidation");

    xml_raw(&r->x, "<?xml version=\"1.0\"?>\n<soap11:Envelope"
                   " xmlns:soap11=\"" NS_S "\"><soap11:Header>");
    server_version(r, "t", "");
    xml_raw(&r->x, "</soap11:Header><soap11:Body><soap11:Fault>"
                   "<faultcode>soap11:Client</faultcode>");
    xml_text(&r->x, "faultstring", text);
    xml_raw(&r->x, "<detail>");
    error_element(r, "ResponseCode", p->code);
    error_element(r, "Message", schema ? p->value : p->text);
    if (schema) {
        error_number(r, "Line", p->line);
        error_number(r, "Position", p->position);
    }
    xml_raw(&r->x, "</detail></soap11:Fault></soap11:Body>"
                   "</soap11:Envelope>");
}

static void detail_xml(struct reply *r, const struct problem *p)
{
    bool schema = problem_is(p, "ErrorSchemaValidation");

    if (!schema && p->value_name == NULL)
        return;
    xml_raw(&r->x, "<t:MessageXml xmlns:t=\"" NS_T "\">");
    if (schema) {
        xml_uint(&r->x, "t:LineNumber", (uint64_t)MAX(p->line, 0));
        xml_uint(&r->x, "t:LinePosition", (uint64_t)MAX(p->position, 0));
        xml_text(&r->x, "t:Violation", p->value);
    } else {
        xml_begin(&r->x, "t:Value");
        xml_attr(&r->x, "Name", p->value_name);
        xml_end(&r->x);
        xml_chars(&r->x, p->value);
        xml_close(&r->x, "t:Value");
    }
    xml_close(&r->x, "t:MessageXml");
}

static void fault_2010_begin(struct reply *r, const struct problem *p,
                             const char *text)
{
    xml_raw(&r->x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                   "<s:Envelope xmlns:s=\"" NS_S "\"><s:Body><s:Fault>"
                   "<faultcode xmlns:a=\"" NS_T "\">a:");
    xml_chars(&r->x, p->code);
    xml_raw(&r->x, "</faultcode><faultstring xml:lang=\"en-US\">");
    xml_chars(&r->x, text);
    xml_raw(&r->x, "</faultstring>");
}

static void fault_2010_end(struct reply *r)
{
    xml_raw(&r->x, "</s:Fault></s:Body></s:Envelope>");
}

void reply_fault(struct reply *r, const struct problem *p)
{
    g_autofree char *text = fault_string(p);

    if (is_2007(r)) {
        fault_2007(r, p, text);
        return;
    }
    fault_2010_begin(r, p, text);
    xml_raw(&r->x, "<detail>");
    error_element(r, "ResponseCode", p->code);
    error_element(r, "Message", p->text);
    detail_xml(r, p);
    xml_raw(&r->x, "</detail>");
    fault_2010_end(r);
}

void reply_bare_fault(struct reply *r, const struct problem *p)
{
    g_autofree char *text = fault_string(p);

    fault_2010_begin(r, p, text);
    fault_2010_end(r);
}
