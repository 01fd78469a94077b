#include "ews/soap.h"

#include <string.h>

#define TYPES    "http://schemas.microsoft.com/exchange/services/2006/types"
#define MESSAGES "http://schemas.microsoft.com/exchange/services/2006/messages"
#define ENVELOPE "http://schemas.xmlsoap.org/soap/envelope/"

/* A server's back-off over a day is taken for nonsense, and for a day. */
#define BACKOFF_MAX_MS (24u * 3600 * 1000)

/* What answers oddly once may be in trouble: a moment's peace. */
#define ODD_WAIT_MS 5000

struct xml_writer *soap_begin(const struct soap_head *head)
{
    struct xml_writer *w = xml_writer_new();

    xml_open(w, "s:Envelope");
    xml_attribute(w, "xmlns:s", ENVELOPE);
    xml_attribute(w, "xmlns:m", MESSAGES);
    xml_attribute(w, "xmlns:t", TYPES);
    xml_open(w, "s:Header");
    xml_open(w, "t:RequestServerVersion");
    xml_attribute(w, "Version", ews_level_name(head->level));
    xml_close(w);
    if (head->impersonate != NULL) {
        xml_open(w, "t:ExchangeImpersonation");
        xml_open(w, "t:ConnectingSID");
        xml_element(w, "t:PrimarySmtpAddress", head->impersonate);
        xml_close(w);
        xml_close(w);
    }
    xml_close(w);
    xml_open(w, "s:Body");
    return w;
}

void soap_end(struct xml_writer *w)
{
    xml_close(w);
    xml_close(w);
}

/* Whether name is a followed by b. */
static bool is_joined(const char *name, const char *a, const char *b)
{
    size_t len = strlen(a);

    return strncmp(name, a, len) == 0 && strcmp(name + len, b) == 0;
}

void soap_read(const struct xml_doc *doc, const char *operation,
               struct soap_answer *ret)
{
    const struct xml_node *envelope = xml_root(doc);
    const struct xml_node *info =
        xml_find(envelope, "Header/ServerVersionInfo");
    const struct xml_node *body = xml_child(envelope, "Body");

    *ret = (struct soap_answer){ .kind = SOAP_ODD, .node = xml_first(body) };
    ret->has_version = ews_version_read(info, &ret->version);
    if (!xml_is(envelope, "Envelope") || ret->node == NULL)
        return;
    if (xml_is(ret->node, "Fault"))
        ret->kind = SOAP_FAULT;
    else if (is_joined(xml_name(ret->node), operation, "Response"))
        ret->kind = SOAP_RESPONSE;
}

static int odd(struct err *err, const char *operation, const char *what)
{
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the answer to %s does not count: %s", operation, what);
    err->name = "OddAnswer";
    err->wait_ms = ODD_WAIT_MS;
    return -1;
}

static int list_messages(const struct soap_answer *answer,
                         const char *operation, size_t n,
                         const struct xml_node **ret, struct err *err)
{
    const struct xml_node *all = xml_child(answer->node, "ResponseMessages");
    size_t i = 0;

    if (xml_count(all) != n) {
        g_autofree char *what = g_strdup_printf(
            "it has %zu parts where %zu were asked for", xml_count(all), n);

        return odd(err, operation, what);
    }
    for (const struct xml_node *m = xml_first(all); m != NULL;
         m = xml_next(m)) {
        if (!is_joined(xml_name(m), operation, "ResponseMessage"))
            return odd(err, operation, "a part of it answers something else");
    }
    for (const struct xml_node *m = xml_first(all); m != NULL; m = xml_next(m))
        ret[i++] = m;
    return 0;
}

/*
 * By the schema SetUserPhotoResponse holds a list; clients read the element
 * itself (EWS-QUIRKS 28).
 */
static const struct xml_node *only_message(const struct soap_answer *answer,
                                           enum soap_shape shape)
{
    const struct xml_node *m = answer->node;

    if (shape == SOAP_WITHIN)
        return xml_child(m, "ResponseMessage");
    if (xml_attr(m, "ResponseClass") != NULL ||
        xml_child(m, "ResponseCode") != NULL)
        return m;
    return xml_first(xml_child(m, "ResponseMessages"));
}

int soap_messages(const struct soap_answer *answer, const char *operation,
                  enum soap_shape shape, size_t n, const struct xml_node **ret,
                  struct err *err)
{
    const struct xml_node *only;

    if (shape == SOAP_LIST)
        return list_messages(answer, operation, n, ret, err);
    g_assert(n == 1);
    only = only_message(answer, shape);
    if (only == NULL)
        return odd(err, operation, "it does not say how it went");
    ret[0] = only;
    return 0;
}

/* Text of the Value below node whose Name is that; NULL when there is none. */
static const char *named_value(const struct xml_node *node, const char *name)
{
    const struct xml_node *value = xml_below(node, "Value");

    for (; value != NULL; value = xml_next_named(value, "Value")) {
        if (g_strcmp0(xml_attr(value, "Name"), name) == 0)
            return xml_text(value);
    }
    return NULL;
}

/* Below MessageXml or detail: back-off and address (EWS-QUIRKS 7). */
static void read_values(const struct xml_node *node, struct soap_problem *p)
{
    uint64_t ms;

    if (xml_parse_uint(named_value(node, "BackOffMilliseconds"), UINT64_MAX,
                       &ms))
        p->backoff_ms = (uint32_t)MIN(ms, BACKOFF_MAX_MS);
    p->primary_address = named_value(node, "Primary");
}

/* A response code, not the NoError of a message that failed nevertheless. */
static enum ews_code problem_code(const char *name)
{
    enum ews_code code = ews_code_parse(name);

    return code != EWS_NO_ERROR ? code : EWS_OTHER;
}

/*
 * The code stands in the detail, or in faultcode alone behind a prefix
 * ("a:ErrorImpersonateUserDenied") and there is no detail (EWS-QUIRKS 4).
 */
void soap_fault_problem(const struct xml_node *fault, struct soap_problem *ret)
{
    const struct xml_node *detail = xml_child(fault, "detail");
    const char *code = xml_child_text(detail, "ResponseCode");
    const char *faultcode = xml_text(xml_child(fault, "faultcode"));
    const char *colon = strrchr(faultcode, ':');

    *ret = (struct soap_problem){ .code = EWS_OTHER };
    if (code == NULL)
        code = colon != NULL ? colon + 1 : faultcode;
    if (*code != '\0')
        ret->name = code;
    ret->code = problem_code(code);
    ret->text = xml_child_text(fault, "faultstring");
    if (ret->text == NULL)
        ret->text = xml_child_text(detail, "Message");
    read_values(detail, ret);
}

/*
 * A warning is no success: ErrorBatchProcessingStopped comes as one, of an
 * item that was not looked at (EWS-QUIRKS 19).
 */
bool soap_message_problem(const struct xml_node *message,
                          struct soap_problem *ret)
{
    const char *class = xml_attr(message, "ResponseClass");
    const char *code = xml_child_text(message, "ResponseCode");

    if (g_strcmp0(code, "NoError") == 0 && g_strcmp0(class, "Error") != 0)
        return false;
    if (code == NULL && g_strcmp0(class, "Success") == 0)
        return false;
    *ret = (struct soap_problem){
        .code = problem_code(code),
        .name = code,
        .text = xml_child_text(message, "MessageText"),
    };
    read_values(xml_child(message, "MessageXml"), ret);
    return true;
}

int soap_problem_err(const struct soap_problem *problem, struct err *err)
{
    return ews_code_err(err, problem->code, problem->name, problem->text,
                        problem->backoff_ms);
}

int soap_message_status(const struct xml_node *message, struct err *err)
{
    struct soap_problem problem;

    if (!soap_message_problem(message, &problem))
        return 0;
    return soap_problem_err(&problem, err);
}
