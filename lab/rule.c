#include "lab/rule.h"

#include "base/timestamp.h"
#include "lab/store_directory.h"

/* A string in a rule: what a message's header line may have. */
#define STRING_MAX 1024
/* Strings or addresses in one list; a rule of more is over its quota. */
#define LIST_MAX 500

enum rule_value {
    VALUE_STRINGS,
    VALUE_BOOL,
    VALUE_ADDRESSES,
    VALUE_RECIPIENTS, /* addresses that mail will be sent to */
    VALUE_FLAG,
    VALUE_IMPORTANCE,
    VALUE_SENSITIVITY,
    VALUE_DATES,
    VALUE_SIZES,
    VALUE_FOLDER,
    VALUE_ITEM,
};

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

static const char *const flags[] = {
    "Any",
    "Call",
    "DoNotForward",
    "FollowUp",
    "FYI",
    "Forward",
    "NoResponseNecessary",
    "Read",
    "Reply",
    "ReplyToAll",
    "Review",
    NULL,
};
static const char *const importances[] = { "Low", "Normal", "High", NULL };
static const char *const sensitivities[] = { "Normal", "Personal", "Private",
                                             "Confidential", NULL };

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

/* ---- reading one value --------------------------------------------- */

/* Where a rule is being read to. */
struct reading {
    struct op_call *call;
    int64_t mailbox;
    GPtrArray *errors;
    struct xmlout x; /* markup of the parts */
    char *field;     /* "Condition:Importance" */
    char *element;   /* "t:Importance" */
};

static void complain(struct reading *r, const char *code, const char *value)
{
    rule_complain(r->errors, r->field, code, value);
}

static void read_word(struct reading *r, const xmlNode *node,
                      const char *const *words)
{
    g_autofree char *text = soap_text_dup(node);

    if (text == NULL || !g_strv_contains(words, text))
        complain(r, "InvalidValue", text);
    else
        xml_text(&r->x, r->element, text);
}

static void read_bool(struct reading *r, const xmlNode *node)
{
    g_autofree char *text = soap_text_dup(node);

    if (text == NULL)
        complain(r, "EmptyValueFound", NULL);
    else
        xml_bool(&r->x, r->element,
                 strcmp(text, "true") == 0 || strcmp(text, "1") == 0);
}

static void read_strings(struct reading *r, const xmlNode *node)
{
    size_t n = soap_count(node);

    if (n == 0 || n > LIST_MAX) {
        complain(r, n == 0 ? "EmptyValueFound" : "StringValueTooBig", NULL);
        return;
    }
    xml_open(&r->x, r->element);
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_autofree char *text = soap_text_dup(node);

        if (text == NULL || text[0] == '\0')
            complain(r, "EmptyValueFound", NULL);
        else if (strlen(text) > STRING_MAX)
            complain(r, "StringValueTooBig", text);
        else
            xml_text(&r->x, "t:String", text);
    }
    xml_close(&r->x, r->element);
}

/* ---- addresses ----------------------------------------------------- */

static bool is_smtp(const char *text)
{
    const char *at = strchr(text, '@');

    return at != NULL && at != text && strchr(at + 1, '@') == NULL &&
           strchr(at + 1, '.') != NULL && strpbrk(text, " \t\r\n<>") == NULL;
}

/* Of this organisation: its domain is that of the mailbox. */
static bool is_local(struct reading *r, const char *address)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    const char *at;

    if (lab_store_get_mailbox(r->call->lab->store, r->mailbox, &m, &err) < 0)
        return false;
    at = strchr(m.address, '@');
    return at != NULL && g_ascii_strcasecmp(at, strchr(address, '@')) == 0;
}

/* What is wrong with somebody that mail is to be sent to; NULL: nothing. */
static const char *recipient_error(struct reading *r, const char *address,
                                   struct lab_entry *ret)
{
    g_autoptr(GPtrArray) found = NULL;
    struct err err;

    if (address[0] == '/')
        return lab_store_resolve(r->call->lab->store, address, 1, &found,
                                 &err) < 0 ||
                       found->len == 0
                   ? "RecipientDoesNotExist"
                   : NULL;
    if (!is_smtp(address))
        return "InvalidAddress";
    if (lab_store_entry(r->call->lab->store, address, ret, &err) > 0 ||
        !is_local(r, address))
        return NULL;
    return "RecipientDoesNotExist";
}

static const char *address_error(struct reading *r, const char *address,
                                 const char *routing, bool sent_to,
                                 struct lab_entry *ret)
{
    if (address == NULL || address[0] == '\0')
        return "EmptyValueFound";
    if (strlen(address) > STRING_MAX)
        return "StringValueTooBig";
    if (routing != NULL && g_ascii_strcasecmp(routing, "SMTP") != 0 &&
        g_ascii_strcasecmp(routing, "EX") != 0 &&
        g_ascii_strcasecmp(routing, "MOBILE") != 0)
        return "UnsupportedAddress";
    return sent_to ? recipient_error(r, address, ret) : NULL;
}

static void read_address(struct reading *r, const xmlNode *node, bool sent_to)
{
    g_autofree char *name = soap_text_dup(soap_child(node, NS_TYPES, "Name"));
    g_autofree char *address =
        soap_text_dup(soap_child(node, NS_TYPES, "EmailAddress"));
    g_autofree char *routing =
        soap_text_dup(soap_child(node, NS_TYPES, "RoutingType"));
    g_auto(lab_entry) known = { 0 };
    const char *wrong = address_error(r, address, routing, sent_to, &known);

    if (wrong != NULL) {
        complain(r, wrong, address);
        return;
    }
    xml_open(&r->x, "t:Address");
    if (name == NULL)
        name =
            g_strdup(known.display_name != NULL ? known.display_name : address);
    xml_text(&r->x, "t:Name", name);
    xml_text(&r->x, "t:EmailAddress", address);
    xml_text(&r->x, "t:RoutingType", routing != NULL ? routing : "SMTP");
    xml_close(&r->x, "t:Address");
}

static void read_addresses(struct reading *r, const xmlNode *node, bool sent_to)
{
    size_t n = soap_count(node);

    if (n == 0 || n > LIST_MAX) {
        complain(r, n == 0 ? "EmptyValueFound" : "StringValueTooBig", NULL);
        return;
    }
    xml_open(&r->x, r->element);
    for (node = soap_first(node); node != NULL; node = soap_next(node))
        read_address(r, node, sent_to);
    xml_close(&r->x, r->element);
}

/* ---- ranges, folders, items ---------------------------------------- */

static void read_dates(struct reading *r, const xmlNode *node)
{
    static const char *const ends[] = { "StartDateTime", "EndDateTime" };
    int64_t us[] = { TIMESTAMP_NONE, TIMESTAMP_NONE };
    bool any = false;

    xml_open(&r->x, r->element);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text =
            soap_text_dup(soap_child(node, NS_TYPES, ends[i]));
        g_autofree char *element = g_strconcat("t:", ends[i], NULL);

        if (text == NULL)
            continue;
        any = true;
        if (!timestamp_parse(g_strstrip(text), &us[i]))
            complain(r, "InvalidValue", text);
        else
            xml_time(&r->x, element, us[i]);
    }
    xml_close(&r->x, r->element);
    if (!any)
        complain(r, "MissingRangeValue", NULL);
    else if (us[0] != TIMESTAMP_NONE && us[1] != TIMESTAMP_NONE &&
             us[0] > us[1])
        complain(r, "InvalidDateRange", NULL);
}

static void read_sizes(struct reading *r, const xmlNode *node)
{
    static const char *const ends[] = { "MinimumSize", "MaximumSize" };
    gint64 kb[] = { 0, G_MAXINT32 };
    bool any = false;

    xml_open(&r->x, r->element);
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *text =
            soap_text_dup(soap_child(node, NS_TYPES, ends[i]));
        g_autofree char *element = g_strconcat("t:", ends[i], NULL);

        if (text == NULL)
            continue;
        any = true;
        if (!g_ascii_string_to_signed(g_strstrip(text), 10, G_MININT32,
                                      G_MAXINT32, &kb[i], NULL))
            complain(r, "InvalidValue", text);
        else if (kb[i] < 0)
            complain(r, "SizeLessThanZero", text);
        else
            xml_uint(&r->x, element, (uint64_t)kb[i]);
    }
    xml_close(&r->x, r->element);
    if (!any)
        complain(r, "MissingRangeValue", NULL);
    else if (kb[0] > kb[1])
        complain(r, "InvalidSizeRange", NULL);
}

static void write_id(struct reading *r, const char *element, const char *id,
                     const char *change_key)
{
    xml_begin(&r->x, element);
    xml_attr(&r->x, "Id", id);
    if (change_key != NULL)
        xml_attr(&r->x, "ChangeKey", change_key);
    xml_end_empty(&r->x);
}

/* A folder by its id from here on, however it was named. */
static void read_folder(struct reading *r, const xmlNode *node)
{
    const xmlNode *folder = soap_first(node);
    g_autofree char *id = soap_attr_dup(folder, "Id");
    g_auto(lab_folder) f = { 0 };
    struct err err;
    int status;

    if (id == NULL)
        complain(r, "InvalidFolderId", NULL);
    if (id == NULL)
        return;
    if (soap_is(folder, NS_TYPES, "DistinguishedFolderId"))
        status = lab_store_distinguished(r->call->lab->store, r->mailbox, id,
                                         &f, &err);
    else
        status =
            lab_store_folder(r->call->lab->store, r->mailbox, id, &f, &err);
    if (status < 0) {
        complain(r,
                 g_strcmp0(err.name, "ErrorInvalidIdMalformed") == 0
                     ? "InvalidFolderId"
                     : "FolderDoesNotExist",
                 id);
        return;
    }
    xml_open(&r->x, r->element);
    write_id(r, "t:FolderId", f.id, f.change_key);
    xml_close(&r->x, r->element);
}

static void read_item(struct reading *r, const xmlNode *node)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    g_auto(lab_item) item = { 0 };
    struct err err;

    if (id == NULL ||
        lab_store_item(r->call->lab->store, r->mailbox, id, &item, &err) < 0)
        complain(r, "InvalidValue", id);
    else
        write_id(r, r->element, item.id, item.change_key);
}

/* ---- the whole ----------------------------------------------------- */

static void read_value(struct reading *r, const xmlNode *node,
                       enum rule_value value)
{
    switch (value) {
    case VALUE_STRINGS:
        read_strings(r, node);
        break;
    case VALUE_BOOL:
        read_bool(r, node);
        break;
    case VALUE_ADDRESSES:
        read_addresses(r, node, false);
        break;
    case VALUE_RECIPIENTS:
        read_addresses(r, node, true);
        break;
    case VALUE_FLAG:
        read_word(r, node, flags);
        break;
    case VALUE_IMPORTANCE:
        read_word(r, node, importances);
        break;
    case VALUE_SENSITIVITY:
        read_word(r, node, sensitivities);
        break;
    case VALUE_DATES:
        read_dates(r, node);
        break;
    case VALUE_SIZES:
        read_sizes(r, node);
        break;
    case VALUE_FOLDER:
        read_folder(r, node);
        break;
    case VALUE_ITEM:
        read_item(r, node);
        break;
    }
}

static void read_part(struct reading *r, const xmlNode *rule, size_t part)
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
        read_value(r, child, f->value);
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
    else if (strlen(rule->name) > STRING_MAX)
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
    struct reading r = {
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
