#include "lab/rule_priv.h"

/* In the order of the schema. */
struct rule_field {
    const char *name;
    enum rule_value value;
};

/* clang-format off */
static const struct rule_field predicates[] = {
    { "Categories", VALUE_STRINGS },
    { "ContainsBodyStrings", VALUE_STRINGS },
    { "ContainsHeaderStrings", VALUE_STRINGS },
    { "ContainsRecipientStrings", VALUE_STRINGS },
    { "ContainsSenderStrings", VALUE_STRINGS },
    { "ContainsSubjectOrBodyStrings", VALUE_STRINGS },
    { "ContainsSubjectStrings", VALUE_STRINGS },
    { "FlaggedForAction", VALUE_FLAG },
    { "FromAddresses", VALUE_ADDRESSES },
    { "FromConnectedAccounts", VALUE_STRINGS },
    { "HasAttachments", VALUE_BOOL },
    { "Importance", VALUE_IMPORTANCE },
    { "IsApprovalRequest", VALUE_BOOL },
    { "IsAutomaticForward", VALUE_BOOL },
    { "IsAutomaticReply", VALUE_BOOL },
    { "IsEncrypted", VALUE_BOOL },
    { "IsMeetingRequest", VALUE_BOOL },
    { "IsMeetingResponse", VALUE_BOOL },
    { "IsNDR", VALUE_BOOL },
    { "IsPermissionControlled", VALUE_BOOL },
    { "IsReadReceipt", VALUE_BOOL },
    { "IsSigned", VALUE_BOOL },
    { "IsVoicemail", VALUE_BOOL },
    { "ItemClasses", VALUE_STRINGS },
    { "MessageClassifications", VALUE_STRINGS },
    { "NotSentToMe", VALUE_BOOL },
    { "SentCcMe", VALUE_BOOL },
    { "SentOnlyToMe", VALUE_BOOL },
    { "SentToAddresses", VALUE_ADDRESSES },
    { "SentToMe", VALUE_BOOL },
    { "SentToOrCcMe", VALUE_BOOL },
    { "Sensitivity", VALUE_SENSITIVITY },
    { "WithinDateRange", VALUE_DATES },
    { "WithinSizeRange", VALUE_SIZES },
    { NULL, VALUE_BOOL },
};

static const struct rule_field actions[] = {
    { "AssignCategories", VALUE_STRINGS },
    { "CopyToFolder", VALUE_FOLDER },
    { "Delete", VALUE_BOOL },
    { "ForwardAsAttachmentToRecipients", VALUE_RECIPIENTS },
    { "ForwardToRecipients", VALUE_RECIPIENTS },
    { "MarkImportance", VALUE_IMPORTANCE },
    { "MarkAsRead", VALUE_BOOL },
    { "MoveToFolder", VALUE_FOLDER },
    { "PermanentDelete", VALUE_BOOL },
    { "RedirectToRecipients", VALUE_RECIPIENTS },
    { "SendSMSAlertToRecipients", VALUE_ADDRESSES },
    { "ServerReplyWithMessage", VALUE_ITEM },
    { "StopProcessingRules", VALUE_BOOL },
    { NULL, VALUE_BOOL },
};

/* The parts of a rule, and how their fields are called in an error. */
static const struct {
    const char *element, *prefix;
    const struct rule_field *fields;
} parts[] = {
    { "Conditions", "Condition", predicates },
    { "Exceptions", "Exception", predicates },
    { "Actions", "Action", actions },
};

static const struct {
    const char *code, *text;
} texts[] = {
    { "CreateWithRuleId", "A new rule cannot have an id." },
    { "DuplicatedOperationOnTheSameRule",
      "Several operations name the same rule." },
    { "DuplicatedPriority", "Several rules have the same priority." },
    { "EmptyValueFound", "The value is empty." },
    { "FolderDoesNotExist", "The folder does not exist." },
    { "InvalidAddress", "The address is not valid." },
    { "InvalidDateRange", "The start of the range is after its end." },
    { "InvalidFolderId", "The folder id is not valid." },
    { "InvalidSizeRange", "The range's minimum is above its maximum." },
    { "InvalidValue", "The value is not valid." },
    { "MissingAction", "The rule has no action." },
    { "MissingRangeValue", "The range has no value." },
    { "NotSettable", "The property cannot be set." },
    { "RecipientDoesNotExist", "The recipient does not exist." },
    { "RuleNotFound", "There is no rule with this id." },
    { "SizeLessThanZero", "The size is less than zero." },
    { "StringValueTooBig", "The string is too long." },
    { "UnsupportedAddress", "The address is of a kind that is not supported." },
};
/* clang-format on */

void rule_error_free(struct rule_error *e)
{
    g_free(e->field);
    g_free(e->value);
    g_free(e);
}

void rule_free(struct rule *r)
{
    if (r == NULL)
        return;
    g_free(r->id);
    g_free(r->name);
    g_free(r->parts);
    g_free(r);
}

const char *rule_error_text(const char *code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(texts[i].code, code) == 0)
            return texts[i].text;
    return "The rule is not valid.";
}

void rule_complain(GPtrArray *errors, const char *field, const char *code,
                   const char *value)
{
    struct rule_error *e = g_new(struct rule_error, 1);

    *e = (struct rule_error){
        .field = g_strdup(field),
        .code = code,
        .value = g_strdup(value != NULL ? value : ""),
    };
    g_ptr_array_add(errors, e);
}

/* ---- reading the whole --------------------------------------------- */

static void read_part(struct rule_reading *r, const xmlNode *rule, size_t part)
{
    const xmlNode *node = soap_child(rule, NS_TYPES, parts[part].element);
    g_autofree char *element = g_strconcat("t:", parts[part].element, NULL);

    if (node == NULL)
        return;
    xml_open(&r->x, element);
    for (const struct rule_field *f = parts[part].fields; f->name != NULL;
         f++) {
        const xmlNode *child = soap_child(node, NS_TYPES, f->name);

        if (child == NULL)
            continue;
        r->field = g_strconcat(parts[part].prefix, ":", f->name, NULL);
        r->element = g_strconcat("t:", f->name, NULL);
        rule_read_value(r, child, f->value);
        g_clear_pointer(&r->field, g_free);
        g_clear_pointer(&r->element, g_free);
    }
    xml_close(&r->x, element);
}

static void check_head(const xmlNode *node, const struct rule *rule,
                       GPtrArray *errors)
{
    static const char *const computed[] = { "IsNotSupported", "IsInError" };

    if (rule->name == NULL || rule->name[0] == '\0')
        rule_complain(errors, "DisplayName", "EmptyValueFound", NULL);
    else if (strlen(rule->name) > RULE_STRING_MAX)
        rule_complain(errors, "DisplayName", "StringValueTooBig", rule->name);
    if (rule->priority < 1)
        rule_complain(errors, "Priority", "InvalidValue", NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(computed); i++)
        if (soap_child_bool(node, NS_TYPES, computed[i]))
            rule_complain(errors, computed[i], "NotSettable", "true");
    if (soap_first(soap_child(node, NS_TYPES, "Actions")) == NULL)
        rule_complain(errors, "Actions", "MissingAction", NULL);
}

static struct rule *read_head(const xmlNode *node)
{
    g_autofree char *priority =
        soap_text_dup(soap_child(node, NS_TYPES, "Priority"));
    struct rule *rule = g_new0(struct rule, 1);

    rule->id = soap_text_dup(soap_child(node, NS_TYPES, "RuleId"));
    rule->name = soap_text_dup(soap_child(node, NS_TYPES, "DisplayName"));
    rule->enabled = soap_child_bool(node, NS_TYPES, "IsEnabled");
    if (priority != NULL)
        rule->priority = g_ascii_strtoll(priority, NULL, 10);
    return rule;
}

struct rule *rule_read(struct op_call *call, int64_t mailbox,
                       const xmlNode *node, GPtrArray *errors)
{
    struct rule_reading r = {
        .call = call,
        .mailbox = mailbox,
        .errors = errors,
        .x = { g_string_new(NULL), false },
    };
    struct rule *rule = read_head(node);

    check_head(node, rule, errors);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        read_part(&r, node, i);
    rule->parts = g_string_free(r.x.text, FALSE);
    return rule;
}

static void recall_part(const xmlNode *node, GString *to)
{
    xmlBuffer *buffer = xmlBufferCreate();
    /* of a document of our own, which is not changed by being written */
    xmlNode *written = (xmlNode *)(uintptr_t)node;

    xmlNodeDump(buffer, written->doc, written, 0, 0);
    g_string_append(to, (const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
}

struct rule *rule_recall(const xmlNode *node)
{
    struct rule *rule = read_head(node);
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const xmlNode *part = soap_child(node, NS_TYPES, parts[i].element);

        if (part != NULL)
            recall_part(part, text);
    }
    rule->parts = g_string_free(text, FALSE);
    return rule;
}

void rule_write(struct xmlout *x, const struct rule *r)
{
    xml_open(x, "t:Rule");
    if (r->id != NULL)
        xml_text(x, "t:RuleId", r->id);
    xml_text(x, "t:DisplayName", r->name != NULL ? r->name : "");
    xml_uint(x, "t:Priority", (uint64_t)MAX(r->priority, 1));
    xml_bool(x, "t:IsEnabled", r->enabled);
    xml_raw(x, r->parts);
    xml_close(x, "t:Rule");
}
