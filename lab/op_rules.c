/*
 * Inbox rules.  Server-side ones are kept as a setting of the mailbox;
 * Outlook's own lie in the hidden item IPM.RuleOrganizer, the "rule blob",
 * and are nobody else's business.
 */
#include "lab/directory.h"
#include "lab/rule.h"

#define SETTING      "rules"
#define OUTLOOK_BLOB "IPM.RuleOrganizer"
/*
 * A mailbox's rules may take 64 KiB as Exchange packs them; as markup they
 * take about four times as much.
 */
#define RULES_BYTES_MAX (256u * 1024)
#define RULES_MAX       1000u

static void free_rule(gpointer r)
{
    rule_free(r);
}

static void free_error(gpointer e)
{
    rule_error_free(e);
}

/* ---- keeping ------------------------------------------------------- */

static int recall_rules(GBytes *kept, GPtrArray *rules, struct problem *p)
{
    gsize n = 0;
    const char *text = g_bytes_get_data(kept, &n);
    xmlDoc *doc = soap_parse_document(text, n, p);

    if (doc == NULL)
        return problem_set(p, "ErrorCorruptData");
    for (const xmlNode *node = soap_first(xmlDocGetRootElement(doc));
         node != NULL; node = soap_next(node))
        g_ptr_array_add(rules, rule_recall(node));
    xmlFreeDoc(doc);
    return 0;
}

static int load_rules(struct op_call *call, int64_t mailbox, GPtrArray **ret,
                      struct problem *p)
{
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(free_rule);
    g_autoptr(GBytes) kept = NULL;
    struct err err;
    int found =
        lab_store_setting(call->lab->store, mailbox, SETTING, &kept, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    if (found > 0 && recall_rules(kept, rules, p) < 0)
        return -1;
    *ret = g_steal_pointer(&rules);
    return 0;
}

static int save_rules(struct op_call *call, int64_t mailbox,
                      const GPtrArray *rules, struct problem *p)
{
    struct xmlout x = { g_string_new(NULL), false };
    g_autoptr(GBytes) kept = NULL;
    struct err err;

    xml_begin(&x, "rules");
    xml_attr(&x, "xmlns:t", soap_namespace(NS_TYPES));
    xml_end(&x);
    for (guint i = 0; i < rules->len; i++)
        rule_write(&x, rules->pdata[i]);
    xml_close(&x, "rules");
    kept = g_string_free_to_bytes(x.text);
    if (g_bytes_get_size(kept) > RULES_BYTES_MAX || rules->len > RULES_MAX)
        return problem_set(p, "ErrorRulesOverQuota");
    if (lab_store_set_setting(call->lab->store, mailbox, SETTING, kept, &err) <
        0)
        return problem_from_err(p, &err);
    return 0;
}

/* Returns 1 and the item, 0 when Outlook has left none. */
static int find_blob(struct op_call *call, int64_t mailbox,
                     struct lab_item *ret, struct problem *p)
{
    g_auto(lab_folder) inbox = { 0 };
    struct err err;
    int found;

    if (lab_store_distinguished(call->lab->store, mailbox, "inbox", &inbox,
                                &err) < 0)
        return problem_from_err(p, &err);
    found = lab_store_hidden(call->lab->store, mailbox, inbox.id, OUTLOOK_BLOB,
                             ret, &err);
    return found < 0 ? problem_from_err(p, &err) : found;
}

static int find_owner(struct op_call *call, struct lab_mailbox *ret,
                      struct problem *p)
{
    g_autofree char *address =
        soap_text_dup(op_child(call, "MailboxSmtpAddress"));

    return directory_mailbox(call, address, ret, p);
}

/* ---- GetInboxRules ------------------------------------------------- */

static int get_once(struct op_call *call, struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_autoptr(GPtrArray) rules = NULL;
    g_auto(lab_mailbox) m = { 0 };
    g_auto(lab_item) blob = { 0 };
    int found;

    if (find_owner(call, &m, p) < 0 || load_rules(call, m.key, &rules, p) < 0)
        return -1;
    g_assert(rules != NULL);
    found = find_blob(call, m.key, &blob, p);
    if (found < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_bool(x, "m:OutlookRuleBlobExists", found > 0);
    /* the schema has no empty list */
    if (rules->len > 0) {
        xml_open(x, "m:InboxRules");
        for (guint i = 0; i < rules->len; i++)
            rule_write(x, rules->pdata[i]);
        xml_close(x, "m:InboxRules");
    }
    reply_message_end(&call->reply);
    return 0;
}

int op_get_inbox_rules(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- UpdateInboxRules ---------------------------------------------- */

/* All operations of a request: applied together or not at all. */
struct update {
    struct op_call *call;
    int64_t mailbox;
    GPtrArray *rules;
    GHashTable *named;      /* ids that an operation has named */
    GHashTable *priorities; /* that one has set: GINT keys */
    GPtrArray *errors;      /* of the operation in hand */
    struct xmlout report;   /* <t:RuleOperationError>s */
};

static guint find_rule(const struct update *u, const char *id)
{
    guint i = 0;

    while (i < u->rules->len) {
        const struct rule *r = u->rules->pdata[i];

        if (g_strcmp0(r->id, id) == 0)
            break;
        i++;
    }
    return i;
}

static gint by_priority(gconstpointer a, gconstpointer b)
{
    const struct rule *one = *(const struct rule *const *)a;
    const struct rule *two = *(const struct rule *const *)b;

    return (one->priority > two->priority) - (one->priority < two->priority);
}

/* Those that stood there make room: each priority is one rule's. */
static void put_rule(struct update *u, struct rule *rule)
{
    int64_t taken = rule->priority;

    g_ptr_array_sort(u->rules, by_priority);
    for (guint i = 0; i < u->rules->len; i++) {
        struct rule *r = u->rules->pdata[i];

        if (r->priority == taken)
            r->priority = ++taken;
    }
    g_ptr_array_add(u->rules, rule);
    g_ptr_array_sort(u->rules, by_priority);
}

/* 64 bits, as Exchange's are, in base64. */
static char *id_new(struct update *u)
{
    int64_t number = 0;
    uint8_t bytes[8];
    struct err err;

    if (lab_store_number(u->call->lab->store, &number, &err) < 0)
        return NULL;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    return g_base64_encode(bytes, sizeof(bytes));
}

static void check_id(struct update *u, const char *id)
{
    if (id == NULL || find_rule(u, id) == u->rules->len)
        rule_complain(u->errors, "RuleId", "RuleNotFound", id);
    else if (!g_hash_table_add(u->named, g_strdup(id)))
        rule_complain(u->errors, "RuleId", "DuplicatedOperationOnTheSameRule",
                      id);
}

static void check_priority(struct update *u, const struct rule *rule)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, rule->priority);
    if (!g_hash_table_add(u->priorities, g_strdup(text)))
        rule_complain(u->errors, "Priority", "DuplicatedPriority", text);
}

static void create_rule(struct update *u, const xmlNode *node)
{
    struct rule *rule = rule_read(
        u->call, u->mailbox, soap_child(node, NS_TYPES, "Rule"), u->errors);

    if (rule->id != NULL)
        rule_complain(u->errors, "RuleId", "CreateWithRuleId", rule->id);
    check_priority(u, rule);
    if (u->errors->len > 0) {
        rule_free(rule);
        return;
    }
    rule->id = id_new(u);
    put_rule(u, rule);
}

static void set_rule(struct update *u, const xmlNode *node)
{
    struct rule *rule = rule_read(
        u->call, u->mailbox, soap_child(node, NS_TYPES, "Rule"), u->errors);

    check_id(u, rule->id);
    check_priority(u, rule);
    if (u->errors->len > 0) {
        rule_free(rule);
        return;
    }
    g_ptr_array_remove_index(u->rules, find_rule(u, rule->id));
    put_rule(u, rule);
}

static void delete_rule(struct update *u, const xmlNode *node)
{
    g_autofree char *id = soap_text_dup(soap_child(node, NS_TYPES, "RuleId"));

    check_id(u, id);
    if (u->errors->len == 0)
        g_ptr_array_remove_index(u->rules, find_rule(u, id));
}

static const struct {
    const char *name;
    void (*apply)(struct update *u, const xmlNode *node);
} operations[] = {
    { "CreateRuleOperation", create_rule },
    { "SetRuleOperation", set_rule },
    { "DeleteRuleOperation", delete_rule },
};

static void report_errors(struct update *u, uint64_t index)
{
    struct xmlout *x = &u->report;

    xml_open(x, "t:RuleOperationError");
    xml_uint(x, "t:OperationIndex", index);
    xml_open(x, "t:ValidationErrors");
    for (guint i = 0; i < u->errors->len; i++) {
        const struct rule_error *e = u->errors->pdata[i];

        xml_open(x, "t:Error");
        xml_text(x, "t:FieldURI", e->field);
        xml_text(x, "t:ErrorCode", e->code);
        xml_text(x, "t:ErrorMessage", rule_error_text(e->code));
        xml_text(x, "t:FieldValue", e->value);
        xml_close(x, "t:Error");
    }
    xml_close(x, "t:ValidationErrors");
    xml_close(x, "t:RuleOperationError");
}

static int apply_all(struct update *u, struct problem *p)
{
    const xmlNode *node = soap_first(op_child(u->call, "Operations"));

    if (node == NULL)
        return soap_violation(p, u->call->request->operation,
                              "The 'Operations' element is incomplete.");
    for (uint64_t index = 0; node != NULL; node = soap_next(node), index++) {
        g_ptr_array_set_size(u->errors, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
            if (soap_is(node, NS_TYPES, operations[i].name))
                operations[i].apply(u, node);
        if (u->errors->len > 0)
            report_errors(u, index);
    }
    return 0;
}

/* Outlook's rules must have been given up before others are written. */
static int settle_blob(struct op_call *call, int64_t mailbox, struct problem *p)
{
    bool remove = soap_child_bool(call->request->operation, NS_MESSAGES,
                                  "RemoveOutlookRuleBlob");
    g_auto(lab_item) blob = { 0 };
    struct err err;
    int found = find_blob(call, mailbox, &blob, p);

    if (found <= 0)
        return found;
    if (!remove)
        return problem_set(p, "ErrorOutlookRuleBlobExists");
    if (lab_store_delete_item(call->lab->store, mailbox, blob.id,
                              LAB_DELETE_HARD, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static int write_outcome(struct update *u, struct problem *p)
{
    struct op_call *call = u->call;

    if (u->report.text->len > 0) {
        problem_set(p, "ErrorInboxRulesValidationError");
        reply_message_begin(&call->reply, p);
        xml_open(&call->reply.x, "m:RuleOperationErrors");
        xml_raw(&call->reply.x, u->report.text->str);
        xml_close(&call->reply.x, "m:RuleOperationErrors");
        reply_message_end(&call->reply);
        return 0;
    }
    if (settle_blob(call, u->mailbox, p) < 0 ||
        save_rules(call, u->mailbox, u->rules, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

static void update_clear(struct update *u)
{
    g_clear_pointer(&u->rules, g_ptr_array_unref);
    g_ptr_array_unref(u->errors);
    g_hash_table_unref(u->named);
    g_hash_table_unref(u->priorities);
    g_string_free(u->report.text, TRUE);
}

static int update_once(struct op_call *call, struct problem *p)
{
    struct update u = {
        .call = call,
        .named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .priorities =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .errors = g_ptr_array_new_with_free_func(free_error),
        .report = { g_string_new(NULL), call->reply.x.spaced },
    };
    g_auto(lab_mailbox) m = { 0 };
    int status = find_owner(call, &m, p);

    u.mailbox = m.key;
    if (status == 0)
        status = load_rules(call, m.key, &u.rules, p);
    if (status == 0)
        status = apply_all(&u, p);
    if (status == 0)
        status = write_outcome(&u, p);
    update_clear(&u);
    return status;
}

int op_update_inbox_rules(struct op_call *call, struct problem *p)
{
    return op_one(call, update_once, p);
}
