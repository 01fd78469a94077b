#include "ews/rule_xml.h"

#include <string.h>

#include "base/timestamp.h"

/* How a clause's element is built. */
enum form {
    FORM_LIST,   /* String, String, ... */
    FORM_WORD,   /* text of its own */
    FORM_FLAG,   /* true; one that is false says nothing */
    FORM_PEOPLE, /* Address, Address, ... */
    FORM_DATES,
    FORM_SIZES,
    FORM_FOLDER,
    FORM_ITEM,
};

struct element {
    const char *name; /* with its prefix */
    enum form form;
    bool sends;
};

/* [MS-OXWSRULES] RulePredicatesType, RuleActionsType: in their order. */
/* clang-format off */
static const struct element predicates[] = {
    { "t:Categories", FORM_LIST },
    { "t:ContainsBodyStrings", FORM_LIST },
    { "t:ContainsHeaderStrings", FORM_LIST },
    { "t:ContainsRecipientStrings", FORM_LIST },
    { "t:ContainsSenderStrings", FORM_LIST },
    { "t:ContainsSubjectOrBodyStrings", FORM_LIST },
    { "t:ContainsSubjectStrings", FORM_LIST },
    { "t:FlaggedForAction", FORM_WORD },
    { "t:FromAddresses", FORM_PEOPLE },
    { "t:FromConnectedAccounts", FORM_LIST },
    { "t:HasAttachments", FORM_FLAG },
    { "t:Importance", FORM_WORD },
    { "t:IsApprovalRequest", FORM_FLAG },
    { "t:IsAutomaticForward", FORM_FLAG },
    { "t:IsAutomaticReply", FORM_FLAG },
    { "t:IsEncrypted", FORM_FLAG },
    { "t:IsMeetingRequest", FORM_FLAG },
    { "t:IsMeetingResponse", FORM_FLAG },
    { "t:IsNDR", FORM_FLAG },
    { "t:IsPermissionControlled", FORM_FLAG },
    { "t:IsReadReceipt", FORM_FLAG },
    { "t:IsSigned", FORM_FLAG },
    { "t:IsVoicemail", FORM_FLAG },
    { "t:ItemClasses", FORM_LIST },
    { "t:MessageClassifications", FORM_LIST },
    { "t:NotSentToMe", FORM_FLAG },
    { "t:SentCcMe", FORM_FLAG },
    { "t:SentOnlyToMe", FORM_FLAG },
    { "t:SentToAddresses", FORM_PEOPLE },
    { "t:SentToMe", FORM_FLAG },
    { "t:SentToOrCcMe", FORM_FLAG },
    { "t:Sensitivity", FORM_WORD },
    { "t:WithinDateRange", FORM_DATES },
    { "t:WithinSizeRange", FORM_SIZES },
};
static const struct element actions[] = {
    { "t:AssignCategories", FORM_LIST },
    { "t:CopyToFolder", FORM_FOLDER },
    { "t:Delete", FORM_FLAG },
    { "t:ForwardAsAttachmentToRecipients", FORM_PEOPLE, true },
    { "t:ForwardToRecipients", FORM_PEOPLE, true },
    { "t:MarkImportance", FORM_WORD },
    { "t:MarkAsRead", FORM_FLAG },
    { "t:MoveToFolder", FORM_FOLDER },
    { "t:PermanentDelete", FORM_FLAG },
    { "t:RedirectToRecipients", FORM_PEOPLE, true },
    { "t:SendSMSAlertToRecipients", FORM_PEOPLE, true },
    { "t:ServerReplyWithMessage", FORM_ITEM, true },
    { "t:StopProcessingRules", FORM_FLAG },
};
/* clang-format on */

static const struct {
    enum rule_part part;
    const char *name;
    const struct element *elements;
    size_t n;
} parts[] = {
    { RULE_CONDITION, "t:Conditions", predicates, G_N_ELEMENTS(predicates) },
    { RULE_EXCEPTION, "t:Exceptions", predicates, G_N_ELEMENTS(predicates) },
    { RULE_ACTION, "t:Actions", actions, G_N_ELEMENTS(actions) },
};

static const char *local(const char *name)
{
    return name + strlen("t:");
}

static const char *const date_ends[] = { "t:StartDateTime", "t:EndDateTime",
                                         NULL };
static const char *const size_ends[] = { "t:MinimumSize", "t:MaximumSize",
                                         NULL };

/* ---- reading ----------------------------------------------------------- */

static void add_text(struct rule_clause *c, const char *text)
{
    g_ptr_array_add(c->texts, g_strdup(text != NULL ? text : ""));
}

static void read_list(const struct xml_node *node, struct rule_clause *c)
{
    for (const struct xml_node *s = xml_first(node); s != NULL; s = xml_next(s))
        add_text(c, xml_text(s));
}

static void read_people(const struct xml_node *node, struct rule_clause *c)
{
    for (const struct xml_node *a = xml_first(node); a != NULL;
         a = xml_next(a)) {
        const char *address = xml_child_text(a, "EmailAddress");

        rule_clause_add_person(c, xml_child_text(a, "Name"),
                               address != NULL ? address : "",
                               xml_child_text(a, "RoutingType"));
    }
}

/* An end that is open is an empty text. */
static void read_range(const struct xml_node *node, const char *const *ends,
                       struct rule_clause *c)
{
    for (size_t i = 0; ends[i] != NULL; i++) {
        const char *text = xml_child_text(node, local(ends[i]));
        int64_t us;

        if (ends == date_ends && xml_parse_time(text, &us))
            g_ptr_array_add(c->texts, timestamp_format(us));
        else
            add_text(c, text);
    }
}

static void read_value(const struct xml_node *node, enum form form,
                       struct rule_clause *c)
{
    switch (form) {
    case FORM_LIST:
        read_list(node, c);
        break;
    case FORM_WORD:
    case FORM_FLAG:
        add_text(c, xml_text(node));
        break;
    case FORM_PEOPLE:
        read_people(node, c);
        break;
    case FORM_DATES:
        read_range(node, date_ends, c);
        break;
    case FORM_SIZES:
        read_range(node, size_ends, c);
        break;
    case FORM_FOLDER:
        add_text(c, xml_attr(xml_first(node), "Id"));
        break;
    case FORM_ITEM:
        add_text(c, xml_attr(node, "Id"));
        break;
    }
}

static enum rule_value value_of(enum form form)
{
    switch (form) {
    case FORM_PEOPLE:
        return RULE_PEOPLE;
    case FORM_FOLDER:
        return RULE_FOLDER;
    case FORM_ITEM:
        return RULE_ITEM;
    case FORM_LIST:
    case FORM_WORD:
    case FORM_FLAG:
    case FORM_DATES:
    case FORM_SIZES:
        return RULE_TEXTS;
    }
    g_assert_not_reached();
}

static void read_clause(const struct xml_node *node, enum rule_part part,
                        const struct element *e, struct endpoint_rule *rule)
{
    struct rule_clause *c;
    bool on = true;

    if (node == NULL)
        return;
    if (e->form == FORM_FLAG && (!xml_parse_bool(xml_text(node), &on) || !on))
        return;
    c = rule_clause_new(part, value_of(e->form), local(e->name));
    c->sends = e->sends;
    if (e->form == FORM_FLAG)
        add_text(c, "true");
    else
        read_value(node, e->form, c);
    g_ptr_array_add(rule->clauses, c);
}

static bool read_bool(const struct xml_node *node, const char *name)
{
    bool value = false;

    (void)xml_parse_bool(xml_child_text(node, name), &value);
    return value;
}

struct endpoint_rule *rule_xml_read(const struct xml_node *node)
{
    const char *name = xml_child_text(node, "DisplayName");
    struct endpoint_rule *rule = endpoint_rule_new(name != NULL ? name : "");
    uint64_t priority = 0;

    rule->id = g_strdup(xml_child_text(node, "RuleId"));
    (void)xml_parse_uint(xml_child_text(node, "Priority"), G_MAXINT, &priority);
    rule->priority = (unsigned int)priority;
    rule->enabled = read_bool(node, "IsEnabled");
    rule->client_only = read_bool(node, "IsNotSupported");
    rule->broken = read_bool(node, "IsInError");
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        const struct xml_node *part = xml_child(node, local(parts[i].name));

        for (size_t j = 0; j < parts[i].n; j++) {
            const struct element *e = &parts[i].elements[j];

            read_clause(xml_child(part, local(e->name)), parts[i].part, e,
                        rule);
        }
    }
    return rule;
}

/* ---- writing ----------------------------------------------------------- */

static const char *text_at(const struct rule_clause *c, guint i)
{
    return i < c->texts->len ? c->texts->pdata[i] : "";
}

static void write_people(struct xml_writer *w, const struct rule_clause *c)
{
    for (guint i = 0; i < c->people->len; i++) {
        const struct rule_person *p = c->people->pdata[i];

        xml_open(w, "t:Address");
        if (p->name != NULL)
            xml_element(w, "t:Name", p->name);
        xml_element(w, "t:EmailAddress", p->address);
        xml_element(w, "t:RoutingType", p->routing);
        xml_close(w);
    }
}

static void write_range(struct xml_writer *w, const char *const *ends,
                        const struct rule_clause *c)
{
    for (guint i = 0; ends[i] != NULL; i++)
        if (text_at(c, i)[0] != '\0')
            xml_element(w, ends[i], text_at(c, i));
}

static void write_value(struct xml_writer *w, enum form form,
                        const struct rule_clause *c)
{
    switch (form) {
    case FORM_LIST:
        for (guint i = 0; i < c->texts->len; i++)
            xml_element(w, "t:String", text_at(c, i));
        break;
    case FORM_WORD:
    case FORM_FLAG:
        xml_chars(w, text_at(c, 0));
        break;
    case FORM_PEOPLE:
        write_people(w, c);
        break;
    case FORM_DATES:
        write_range(w, date_ends, c);
        break;
    case FORM_SIZES:
        write_range(w, size_ends, c);
        break;
    case FORM_FOLDER:
        xml_open(w, "t:FolderId");
        xml_attribute(w, "Id", text_at(c, 0));
        xml_close(w);
        break;
    case FORM_ITEM:
        xml_attribute(w, "Id", text_at(c, 0));
        break;
    }
}

static const struct rule_clause *find_clause(const struct endpoint_rule *rule,
                                             enum rule_part part,
                                             const char *name)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        if (c->part == part && strcmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

static bool has_part(const struct endpoint_rule *rule, enum rule_part part)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        if (c->part == part)
            return true;
    }
    return false;
}

static void write_part(struct xml_writer *w, size_t i,
                       const struct endpoint_rule *rule)
{
    if (!has_part(rule, parts[i].part))
        return;
    xml_open(w, parts[i].name);
    for (size_t j = 0; j < parts[i].n; j++) {
        const struct element *e = &parts[i].elements[j];
        const struct rule_clause *c =
            find_clause(rule, parts[i].part, local(e->name));

        if (c == NULL)
            continue;
        xml_open(w, e->name);
        write_value(w, e->form, c);
        xml_close(w);
    }
    xml_close(w);
}

void rule_xml_write(struct xml_writer *w, const struct endpoint_rule *rule)
{
    g_autofree char *priority = g_strdup_printf("%u", rule->priority);

    xml_open(w, "t:Rule");
    if (rule->id != NULL)
        xml_element(w, "t:RuleId", rule->id);
    xml_element(w, "t:DisplayName", rule->name);
    xml_element(w, "t:Priority", priority);
    xml_element(w, "t:IsEnabled", rule->enabled ? "true" : "false");
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        write_part(w, i, rule);
    xml_close(w);
}
