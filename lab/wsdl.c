#include "lab/wsdl.h"

#include "lab/op.h"
#include "lab/pages.h"
#include "lab/xmlout.h"

#define NS_M "http://schemas.microsoft.com/exchange/services/2006/messages"
#define NS_T "http://schemas.microsoft.com/exchange/services/2006/types"

static const char *const names[] = { "services.wsdl", "messages.xsd",
                                     "types.xsd", "xml.xsd" };

/* The file's name when the path lies beside EWS; else NULL. */
static const char *name_of(const struct lab *lab, const char *path)
{
    const char *slash = strrchr(lab->ews_path, '/');
    size_t n = (size_t)(slash - lab->ews_path) + 1;

    if (g_ascii_strncasecmp(path, lab->ews_path, n) != 0)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(path + n, names[i]) == 0)
            return names[i];
    return NULL;
}

bool wsdl_is(const struct lab *lab, const char *path)
{
    return name_of(lab, path) != NULL;
}

/* ---- the WSDL ------------------------------------------------------ */

/* SOAP headers of every request, where the version has them. */
static const struct {
    const char *name;
    enum release since;
} headers[] = {
    { "ExchangeImpersonation", EXCHANGE2007_SP1 },
    { "MailboxCulture", EXCHANGE2007_SP1 },
    { "RequestServerVersion", EXCHANGE2007_SP1 },
    { "TimeZoneContext", EXCHANGE2010 },
};

typedef void op_fn(struct xmlout *x, const struct lab *lab,
                   const struct op *op);

static void each_op(struct xmlout *x, const struct lab *lab, op_fn *fn)
{
    const struct op *op;

    for (size_t i = 0; (op = op_at(i)) != NULL; i++)
        if (op->since <= lab->version->release)
            fn(x, lab, op);
}

static void part(struct xmlout *x, const char *name, const char *element)
{
    xml_begin(x, "wsdl:part");
    xml_attr(x, "name", name);
    xml_attr(x, "element", element);
    xml_end_empty(x);
}

static void write_messages(struct xmlout *x, const struct lab *lab,
                           const struct op *op)
{
    g_autofree char *in = g_strconcat(op->name, "SoapIn", NULL);
    g_autofree char *out = g_strconcat(op->name, "SoapOut", NULL);
    g_autofree char *request = g_strconcat(
        "tns:", op->name, op->form == REPLY_BARE ? "Request" : "", NULL);
    g_autofree char *response = g_strconcat("tns:", op->name, "Response", NULL);

    xml_begin(x, "wsdl:message");
    xml_attr(x, "name", in);
    xml_end(x);
    part(x, "request", request);
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        g_autofree char *element = g_strconcat("t:", headers[i].name, NULL);

        if (headers[i].since <= lab->version->release)
            part(x, headers[i].name, element);
    }
    xml_close(x, "wsdl:message");
    xml_begin(x, "wsdl:message");
    xml_attr(x, "name", out);
    xml_end(x);
    part(x, op->name, response);
    part(x, "ServerVersion", "t:ServerVersionInfo");
    xml_close(x, "wsdl:message");
}

static void write_port_operation(struct xmlout *x, const struct lab *lab,
                                 const struct op *op)
{
    (void)lab;
    g_string_append_printf(x->text,
                           "<wsdl:operation name=\"%s\">"
                           "<wsdl:input message=\"tns:%sSoapIn\"/>"
                           "<wsdl:output message=\"tns:%sSoapOut\"/>"
                           "</wsdl:operation>",
                           op->name, op->name, op->name);
}

static void write_bound_operation(struct xmlout *x, const struct lab *lab,
                                  const struct op *op)
{
    g_string_append_printf(
        x->text,
        "<wsdl:operation name=\"%s\"><soap:operation soapAction=\"" NS_M
        "/%s\"/><wsdl:input>",
        op->name, op->name);
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
        if (headers[i].since <= lab->version->release)
            g_string_append_printf(
                x->text,
                "<soap:header message=\"tns:%sSoapIn\" part=\"%s\""
                " use=\"literal\"/>",
                op->name, headers[i].name);
    g_string_append_printf(
        x->text,
        "<soap:body parts=\"request\" use=\"literal\"/></wsdl:input>"
        "<wsdl:output><soap:body parts=\"%s\" use=\"literal\"/>"
        "<soap:header message=\"tns:%sSoapOut\" part=\"ServerVersion\""
        " use=\"literal\"/></wsdl:output></wsdl:operation>",
        op->name, op->name);
}

static void write_wsdl(struct xmlout *x, const struct lab *lab,
                       const char *base)
{
    g_autofree char *url = g_strconcat(base, lab->ews_path, NULL);

    xml_raw(x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
               "<wsdl:definitions xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/"
               "soap/\" xmlns:tns=\"" NS_M "\" xmlns:t=\"" NS_T "\""
               " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\""
               " xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\""
               " targetNamespace=\"" NS_M "\"><wsdl:types><xs:schema>"
               "<xs:import namespace=\"" NS_M "\""
               " schemaLocation=\"messages.xsd\"/>"
               "<xs:import namespace=\"" NS_T "\""
               " schemaLocation=\"types.xsd\"/></xs:schema></wsdl:types>");
    each_op(x, lab, write_messages);
    xml_raw(x, "<wsdl:portType name=\"ExchangeServicePortType\">");
    each_op(x, lab, write_port_operation);
    xml_raw(x, "</wsdl:portType><wsdl:binding name=\"ExchangeServiceBinding\""
               " type=\"tns:ExchangeServicePortType\"><soap:binding"
               " style=\"document\""
               " transport=\"http://schemas.xmlsoap.org/soap/http\"/>");
    each_op(x, lab, write_bound_operation);
    /* Microsoft's has no service; a client of ours finds the lab by it */
    xml_raw(x, "</wsdl:binding><wsdl:service name=\"ExchangeServices\">"
               "<wsdl:port name=\"ExchangeServicePort\""
               " binding=\"tns:ExchangeServiceBinding\">");
    xml_begin(x, "soap:address");
    xml_attr(x, "location", url);
    xml_end_empty(x);
    xml_raw(x, "</wsdl:port></wsdl:service></wsdl:definitions>");
}

/* ---- the schema ---------------------------------------------------- */

static void answer_file(const struct lab *lab, const char *name,
                        struct http_answer *answer)
{
    g_autofree char *path = NULL, *text = NULL;
    gsize n = 0;

    if (lab->schema_dir != NULL)
        path = g_build_filename(lab->schema_dir, name, NULL);
    if (path == NULL || !g_file_get_contents(path, &text, &n, NULL)) {
        answer->status = 404;
        return;
    }
    g_string_append_len(answer->body, text, (gssize)n);
}

void wsdl_handle(struct lab *lab, const struct http_request *request,
                 struct http_answer *answer)
{
    struct xmlout x = { answer->body, false };
    g_autofree char *base = pages_base_url(request);
    const char *name = name_of(lab, request->path);

    answer->content_type = "text/xml; charset=utf-8";
    if (strcmp(name, names[0]) == 0)
        write_wsdl(&x, lab, base);
    else
        answer_file(lab, name, answer);
}
