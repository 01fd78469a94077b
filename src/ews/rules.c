/* rules - the inbox rules: GetInboxRules, UpdateInboxRules. */
#include "ews/rule_xml.h"

#include <string.h>

#include "ews/call.h"
#include "ews/offered.h"

/* ---- reading ----------------------------------------------------------- */

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)data;
    xml_element(w, "m:MailboxSmtpAddress", core->address);
}

static void free_rule(void *rule)
{
    endpoint_rule_free(rule);
}

static void read_rules(const struct xml_node *message,
                       struct endpoint_rules *ret)
{
    const struct xml_node *all = xml_child(message, "InboxRules");

    ret->rules = g_ptr_array_new_with_free_func(free_rule);
    for (const struct xml_node *n = xml_first(all); n != NULL; n = xml_next(n))
        g_ptr_array_add(ret->rules, rule_xml_read(n));
    g_ptr_array_sort(ret->rules, endpoint_rule_order);
    ret->outlook_blob = false;
    (void)xml_parse_bool(xml_child_text(message, "OutlookRuleBlobExists"),
                         &ret->outlook_blob);
}

int rules_get(struct endpoint *ep, struct endpoint_rules *ret, struct err *err)
{
    static const struct call call = {
        .element = "m:GetInboxRules",
        .shape = SOAP_ALONE,
        .write = write_get,
        .n = 1,
    };
    struct mailbox *mb = mailbox_of(ep);
    g_auto(call_answer) a = { 0 };

    if (!core_has(mb->core, EWS_2010_SP1))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, &a, NULL, err) < 0)
        return offered_judge(mb->core, &call, &a, err);
    if (soap_message_status(a.messages[0], err) < 0)
        return -1;
    read_rules(a.messages[0], ret);
    return 0;
}

/* ---- writing ----------------------------------------------------------- */

struct updating {
    const struct endpoint_rule *rule; /* NULL: one is to go */
    const char *gone_id;
    bool drop_blob;
};

static void write_operation(struct xml_writer *w, const struct updating *u)
{
    if (u->rule == NULL) {
        xml_open(w, "t:DeleteRuleOperation");
        xml_element(w, "t:RuleId", u->gone_id);
    } else {
        xml_open(w, u->rule->id != NULL ? "t:SetRuleOperation"
                                        : "t:CreateRuleOperation");
        rule_xml_write(w, u->rule);
    }
    xml_close(w);
}

static void write_update(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    const struct updating *u = data;

    xml_element(w, "m:MailboxSmtpAddress", core->address);
    xml_element(w, "m:RemoveOutlookRuleBlob", u->drop_blob ? "true" : "false");
    xml_open(w, "m:Operations");
    write_operation(w, u);
    xml_close(w);
}

static void add_complaint(GString *to, const struct xml_node *error)
{
    const char *field = xml_child_text(error, "FieldURI");
    const char *code = xml_child_text(error, "ErrorCode");
    const char *value = xml_child_text(error, "FieldValue");

    g_string_append_printf(to, "%s%s: %s", to->len > 0 ? ", " : "",
                           field != NULL ? field : "rule",
                           code != NULL ? code : "refused");
    if (value != NULL && value[0] != '\0')
        g_string_append_printf(to, " \"%.100s\"", value);
}

/* What the server finds wrong with the rule, field by field. */
static int refused(const struct xml_node *message, struct err *err)
{
    const struct xml_node *op =
        xml_first(xml_child(message, "RuleOperationErrors"));
    const struct xml_node *e = xml_first(xml_child(op, "ValidationErrors"));
    g_autoptr(GString) text = g_string_new(NULL);

    for (; e != NULL; e = xml_next(e))
        add_complaint(text, e);
    if (text->len > 0)
        err_in(err, "%s", text->str);
    return -1;
}

static int update(struct endpoint *ep, const struct updating *u,
                  bool *ret_maybe, struct err *err)
{
    const struct call call = {
        .element = "m:UpdateInboxRules",
        .shape = SOAP_ALONE,
        .write = write_update,
        .data = u,
        .n = 1,
        .writing = true,
    };
    struct mailbox *mb = mailbox_of(ep);
    g_auto(call_answer) a = { 0 };

    *ret_maybe = false;
    if (!core_has(mb->core, EWS_2010_SP1))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, &a, ret_maybe, err) < 0)
        return offered_judge(mb->core, &call, &a, err);
    if (soap_message_status(a.messages[0], err) < 0)
        return refused(a.messages[0], err);
    return 0;
}

int rule_put(struct endpoint *ep, const struct endpoint_rule *rule,
             bool drop_blob, bool *ret_maybe, struct err *err)
{
    const struct updating u = { .rule = rule, .drop_blob = drop_blob };

    return update(ep, &u, ret_maybe, err);
}

int rule_remove(struct endpoint *ep, const char *rule_id, bool drop_blob,
                struct err *err)
{
    const struct updating u = { .gone_id = rule_id, .drop_blob = drop_blob };
    bool maybe;

    return update(ep, &u, &maybe, err);
}
