#include "endpoint/rules.h"

#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#include "ews/mailbox.h"

/* <OperationResponse> that is its own message. */
#define ALONE(operation, class, code, more)                                    \
    "<m:" operation "Response xmlns:m=\"" M_NS "\" xmlns:t=\"" T_NS            \
    "\" ResponseClass=\"" class "\"><m:ResponseCode>" code                     \
                                "</m:ResponseCode>" more "</m:" operation      \
                                "Response>"
#define RULES(blob, rules)                                                     \
    ANSWER(ALONE("GetInboxRules", "Success", "NoError",                        \
                 "<m:OutlookRuleBlobExists>" blob                              \
                 "</m:OutlookRuleBlobExists><m:InboxRules>" rules              \
                 "</m:InboxRules>"))
#define UPDATED ANSWER(ALONE("UpdateInboxRules", "Success", "NoError", ""))

#define SOMEBODY(name, address)                                                \
    "<t:Address><t:Name>" name "</t:Name><t:EmailAddress>" address             \
    "</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Address>"

/* Of every form that a clause can have, in the schema's order. */
#define CLAUSES                                                                \
    "<t:Conditions>"                                                           \
    "<t:ContainsSubjectStrings><t:String>a &amp; b</t:String>"                 \
    "<t:String>c</t:String></t:ContainsSubjectStrings>"                        \
    "<t:FlaggedForAction>FollowUp</t:FlaggedForAction>"                        \
    "<t:FromAddresses>" SOMEBODY(                                              \
        "Bob",                                                                 \
        "bob@old.example") "</t:FromAddresses>"                                \
                           "<t:HasAttachments>true</t:HasAttachments>"         \
                           "<t:WithinDateRange><t:StartDateTime>2026-01-"      \
                           "02T03:04:05Z"                                      \
                           "</t:StartDateTime></t:WithinDateRange>"            \
                           "<t:WithinSizeRange><t:MaximumSize>10</"            \
                           "t:MaximumSize></t:WithinSizeRange>"                \
                           "</t:Conditions>"                                   \
                           "<t:Exceptions><t:Sensitivity>Private</"            \
                           "t:Sensitivity></t:Exceptions>"                     \
                           "<t:Actions>"                                       \
                           "<t:CopyToFolder><t:FolderId "                      \
                           "Id=\"F1\"/></t:CopyToFolder>"                      \
                           "<t:ForwardToRecipients>" SOMEBODY(                 \
                               "Carl",                                         \
                               "carl@else.example") "</t:ForwardToRecipients>" \
                                                    "<t:"                      \
                                                    "ServerReplyWithMessage "  \
                                                    "Id=\"I1\"/>"              \
                                                    "<t:StopProcessingRules>"  \
                                                    "true</"                   \
                                                    "t:StopProcessingRules>"   \
                                                    "</t:Actions>"

#define RULE(id, name, priority, more, clauses)                                \
    "<t:Rule><t:RuleId>" id "</t:RuleId><t:DisplayName>" name                  \
    "</t:DisplayName><t:Priority>" priority                                    \
    "</t:Priority><t:IsEnabled>true</t:IsEnabled>" more clauses "</t:Rule>"

static const struct rule_clause *clause(const struct endpoint_rule *rule,
                                        const char *name)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        if (strcmp(c->name, name) == 0)
            return c;
    }
    g_error("no clause \"%s\"", name);
}

static void read_all(struct stage *st, struct endpoint_rules *ret)
{
    struct err err;

    script_say(st->script,
               RULES("true", RULE("2", "Second", "2",
                                  "<t:IsNotSupported>true</t:IsNotSupported>"
                                  "<t:IsInError>true</t:IsInError>",
                                  "") RULE("1", "First", "1", "", CLAUSES)));
    CHECK_OK(rules_get(st->ep, ret, &err), &err);
}

static void test_get(void)
{
    g_auto(endpoint_rules) got = { 0 };
    const struct endpoint_rule *rule;
    const struct rule_person *p;
    struct stage st;

    stage_init(&st);
    stage_open_2016(&st);
    read_all(&st, &got);
    g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                            "<m:MailboxSmtpAddress>ann@old.example<"));
    g_assert_true(got.outlook_blob);
    g_assert_cmpuint(got.rules->len, ==, 2);
    rule = got.rules->pdata[0];
    g_assert_cmpstr(rule->name, ==, "First");
    g_assert_cmpuint(rule->priority, ==, 1);
    g_assert_true(rule->enabled && !rule->client_only && !rule->broken);
    g_assert_true(endpoint_rule_sends(rule));
    g_assert_cmpuint(rule->clauses->len, ==, 11);
    g_assert_cmpint(clause(rule, "CopyToFolder")->value, ==, RULE_FOLDER);
    g_assert_cmpstr(clause(rule, "CopyToFolder")->texts->pdata[0], ==, "F1");
    g_assert_cmpint(clause(rule, "ServerReplyWithMessage")->value, ==,
                    RULE_ITEM);
    p = clause(rule, "ForwardToRecipients")->people->pdata[0];
    g_assert_cmpstr(p->address, ==, "carl@else.example");
    g_assert_cmpstr(p->routing, ==, "SMTP");
    rule = got.rules->pdata[1];
    g_assert_true(rule->client_only && rule->broken);
    g_assert_false(endpoint_rule_sends(rule));
    stage_release(&st);
}

/* What was read is written as it was; the schema is held against it. */
static void test_round_trip(void)
{
    g_auto(endpoint_rules) got = { 0 };
    g_autoptr(endpoint_rule) rule = NULL;
    const struct script_request *r;
    struct stage st;
    struct err err;
    bool maybe = true;

    stage_init(&st);
    stage_open_2016(&st);
    read_all(&st, &got);
    rule = endpoint_rule_copy(got.rules->pdata[0]);
    g_assert_true(endpoint_rule_same(rule, got.rules->pdata[0]));
    script_say(st.script, UPDATED);
    CHECK_OK(rule_put(st.ep, rule, true, &maybe, &err), &err);
    g_assert_false(maybe);
    r = script_request(st.script, 2);
    g_assert_nonnull(strstr(r->body, CLAUSES));
    g_assert_nonnull(
        strstr(r->body, "<t:SetRuleOperation><t:Rule><t:RuleId>1"));
    g_assert_nonnull(strstr(r->body, "<m:RemoveOutlookRuleBlob>true<"));
    g_assert_false(r->repeatable);
    /* One that is new has no id, and its place. */
    g_clear_pointer(&rule->id, g_free);
    rule->priority = 7;
    rule->enabled = false;
    script_say(st.script, UPDATED);
    CHECK_OK(rule_put(st.ep, rule, false, &maybe, &err), &err);
    r = script_request(st.script, 3);
    g_assert_nonnull(
        strstr(r->body, "<t:CreateRuleOperation><t:Rule><t:DisplayName>First"
                        "</t:DisplayName><t:Priority>7</t:Priority>"
                        "<t:IsEnabled>false<"));
    g_assert_nonnull(strstr(r->body, "<m:RemoveOutlookRuleBlob>false<"));
    /* And away with it. */
    script_say(st.script, UPDATED);
    CHECK_OK(rule_remove(st.ep, "1<", true, &err), &err);
    r = script_request(st.script, 4);
    g_assert_nonnull(strstr(r->body, "<m:RemoveOutlookRuleBlob>true<"));
    g_assert_nonnull(strstr(r->body, "<m:Operations><t:DeleteRuleOperation>"
                                     "<t:RuleId>1&lt;</t:RuleId>"
                                     "</t:DeleteRuleOperation>"));
    stage_release(&st);
}

/* A flag that is off, and dates in other clothes, say the same. */
static void test_normal_form(void)
{
    g_auto(endpoint_rules) got = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(
        st.script,
        RULES("false",
              RULE("1", "R", "1", "",
                   "<t:Conditions><t:HasAttachments>false</t:HasAttachments>"
                   "<t:WithinDateRange><t:EndDateTime>2026-01-02T04:04:05.000"
                   "+01:00</t:EndDateTime></t:WithinDateRange></t:Conditions>")
                  RULE("2", "R", "2", "",
                       "<t:Conditions>"
                       "<t:WithinDateRange><t:EndDateTime>2026-01-02T03:04:05Z"
                       "</t:EndDateTime></t:WithinDateRange></t:Conditions>")));
    CHECK_OK(rules_get(st.ep, &got, &err), &err);
    g_assert_true(endpoint_rule_same(got.rules->pdata[0], got.rules->pdata[1]));
    stage_release(&st);
}

static void test_refused(void)
{
    g_autoptr(endpoint_rule) rule = endpoint_rule_new("R");
    struct stage st;
    struct err err;
    bool maybe = true;

    rule->priority = 1;
    stage_init(&st);
    stage_open_2016(&st);
    script_say(
        st.script,
        ANSWER(
            ALONE("UpdateInboxRules", "Error", "ErrorInboxRulesValidationError",
                  "<m:RuleOperationErrors><t:RuleOperationError>"
                  "<t:OperationIndex>0</t:OperationIndex><t:ValidationErrors>"
                  "<t:Error><t:FieldURI>Action:MoveToFolder</t:FieldURI>"
                  "<t:ErrorCode>FolderDoesNotExist</t:ErrorCode>"
                  "<t:ErrorMessage>no such folder</t:ErrorMessage>"
                  "<t:FieldValue>F1</t:FieldValue></t:Error>"
                  "<t:Error><t:FieldURI>Condition:FromAddresses</t:FieldURI>"
                  "<t:ErrorCode>InvalidAddress</t:ErrorCode>"
                  "<t:ErrorMessage>no</t:ErrorMessage>"
                  "<t:FieldValue></t:FieldValue></t:Error></t:ValidationErrors>"
                  "</t:RuleOperationError></m:RuleOperationErrors>")));
    g_assert_cmpint(rule_put(st.ep, rule, false, &maybe, &err), ==, -1);
    g_assert_false(maybe);
    g_assert_cmpstr(err.name, ==, "ErrorInboxRulesValidationError");
    g_assert_cmpint(err.scope, ==, ERR_ITEM);
    g_assert_nonnull(strstr(err.msg,
                            "Action:MoveToFolder: FolderDoesNotExist \"F1\", "
                            "Condition:FromAddresses: InvalidAddress"));
    stage_release(&st);
}

/* Too old, or of that version and without it all the same. */
static void test_not_offered(void)
{
    static const struct {
        const char *name, *root, *answer;
        bool old;
    } rows[] = {
        { "2007", ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))),
          NULL, true },
        { "2016, without", ANSWER(RESPONSE("GetFolder", GOT_FOLDER("R"))),
          ANSWER(FAULT("ErrorInvalidRequest", "")), false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(endpoint_rules) got = { 0 };
        struct stage st;
        struct err err;

        stage_init(&st);
        st.site->old = rows[i].old;
        stage_open(&st, rows[i].root);
        if (rows[i].answer != NULL)
            script_say(st.script, rows[i].answer);
        g_assert_cmpint(rules_get(st.ep, &got, &err), ==, -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, "not-offered") == 0);
        CHECK_ROW(rows[i].name, script_is_over(st.script));
        stage_release(&st);
    }
}

static void test_answer_lost(void)
{
    const struct script_line lost = {
        .lost = "connection-lost",
        .lost_scope = ERR_MAILBOX,
        .lost_retry = ERR_RETRY_NOW,
        .body_sent = true,
    };
    g_autoptr(endpoint_rule) rule = endpoint_rule_new("R");
    struct stage st;
    struct err err;
    bool maybe = false;

    rule->priority = 1;
    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &lost);
    g_assert_cmpint(rule_put(st.ep, rule, false, &maybe, &err), ==, -1);
    g_assert_true(maybe);
    g_assert_cmpuint(script_n(st.script), ==, 2);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rules/get", test_get);
    g_test_add_func("/rules/round-trip", test_round_trip);
    g_test_add_func("/rules/normal-form", test_normal_form);
    g_test_add_func("/rules/refused", test_refused);
    g_test_add_func("/rules/not-offered", test_not_offered);
    g_test_add_func("/rules/answer-lost", test_answer_lost);
    return g_test_run();
}
