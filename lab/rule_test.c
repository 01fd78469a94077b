#include "lab/rule.h"

#include "base/check.h"
#include "lab/fixture.h"

#define STOP                                                                   \
    "<t:Actions><t:StopProcessingRules>true</t:StopProcessingRules>"           \
    "</t:Actions>"
#define RULE(inside)                                                           \
    "<t:Rule><t:DisplayName>R</t:DisplayName><t:Priority>1</t:Priority>"       \
    "<t:IsEnabled>true</t:IsEnabled>" inside "</t:Rule>"
#define WHEN(inside) RULE("<t:Conditions>" inside "</t:Conditions>" STOP)
#define DO(inside)   RULE("<t:Actions>" inside "</t:Actions>")
#define TO(address)                                                            \
    DO("<t:RedirectToRecipients><t:Address><t:EmailAddress>" address           \
       "</t:EmailAddress></t:Address></t:RedirectToRecipients>")

static void free_error(gpointer e)
{
    rule_error_free(e);
}

/* "Field Code" of everything that is wrong with a rule, a line each. */
static char *judge(struct fixture *f, const char *rule, struct rule **ret)
{
    g_autofree char *request =
        g_strdup_printf("<m:UpdateInboxRules>%s</m:UpdateInboxRules>", rule);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(free_error);
    GString *text = g_string_new(NULL);
    struct fixture_call c;

    fixture_call_init(&c, f, request);
    *ret =
        rule_read(&c.call, f->user1, soap_first(c.request.operation), errors);
    for (guint i = 0; i < errors->len; i++) {
        const struct rule_error *e = errors->pdata[i];

        g_string_append_printf(text, "%s%s %s", i > 0 ? "\n" : "", e->field,
                               e->code);
        g_assert_cmpstr(rule_error_text(e->code), !=, "The rule is not valid.");
    }
    fixture_call_release(&c);
    return g_string_free(text, FALSE);
}

static void test_judged(void)
{
    static const struct {
        const char *name, *rule, *want;
    } rows[] = {
        { "right", RULE(STOP), "" },
        { "no action", RULE(""), "Actions MissingAction" },
        { "computed", RULE("<t:IsInError>true</t:IsInError>" STOP),
          "IsInError NotSettable" },
        { "dates the wrong way",
          WHEN("<t:WithinDateRange><t:StartDateTime>2021-01-01T00:00:00Z"
               "</t:StartDateTime><t:EndDateTime>2020-01-01T00:00:00Z"
               "</t:EndDateTime></t:WithinDateRange>"),
          "Condition:WithinDateRange InvalidDateRange" },
        { "no date",
          WHEN("<t:WithinDateRange><t:EndDateTime>soon</t:EndDateTime>"
               "</t:WithinDateRange>"),
          "Condition:WithinDateRange InvalidValue" },
        { "no size", WHEN("<t:WithinSizeRange/>"),
          "Condition:WithinSizeRange MissingRangeValue" },
        { "no importance", WHEN("<t:Importance>Very</t:Importance>"),
          "Condition:Importance InvalidValue" },
        { "empty string",
          WHEN("<t:ItemClasses><t:String></t:String></t:ItemClasses>"),
          "Condition:ItemClasses EmptyValueFound" },
        { "a colleague", TO("user2@contoso.example"), "" },
        { "somebody far away", TO("x@far.example"), "" },
        { "nobody here", TO("nobody@contoso.example"),
          "Action:RedirectToRecipients RecipientDoesNotExist" },
        { "no address", TO("nobody"),
          "Action:RedirectToRecipients InvalidAddress" },
        { "two signs", TO("a@b@c.example"),
          "Action:RedirectToRecipients InvalidAddress" },
        { "no legacy name", TO("/o=First/cn=nobody"),
          "Action:RedirectToRecipients RecipientDoesNotExist" },
        { "well-known folder",
          DO("<t:MoveToFolder><t:DistinguishedFolderId Id='junkemail'/>"
             "</t:MoveToFolder>"),
          "" },
        { "no folder",
          DO("<t:MoveToFolder><t:FolderId Id='x'/></t:MoveToFolder>"),
          "Action:MoveToFolder InvalidFolderId" },
        { "no item", DO("<t:ServerReplyWithMessage Id='x'/>"),
          "Action:ServerReplyWithMessage InvalidValue" },
        { "an exception",
          RULE("<t:Exceptions><t:Categories/></t:Exceptions>" STOP),
          "Exception:Categories EmptyValueFound" },
        { "several",
          RULE("<t:Conditions><t:Categories/><t:ItemClasses/>"
               "</t:Conditions>"),
          "Actions MissingAction\nCondition:Categories EmptyValueFound\n"
          "Condition:ItemClasses EmptyValueFound" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rule *rule = NULL;
        g_autofree char *got = judge(f, rows[i].rule, &rule);

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": got \"%s\"", rows[i].name, got);
        rule_free(rule);
    }
}

static char *written(const struct rule *rule)
{
    struct xmlout x = { g_string_new(NULL), false };

    rule_write(&x, rule);
    return g_string_free(x.text, FALSE);
}

/* What is kept is read again as it was written. */
static void test_kept(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    struct rule *rule = NULL, *again;
    g_autofree char *errors =
        judge(f,
              RULE("<t:Conditions><t:Categories><t:String>A &amp; B</t:String>"
                   "</t:Categories><t:SentToMe>true</t:SentToMe>"
                   "</t:Conditions>" STOP),
              &rule);
    g_autofree char *first = NULL, *second = NULL, *whole = NULL;
    struct problem p;
    xmlDoc *doc;

    g_assert_cmpstr(errors, ==, "");
    rule->id = g_strdup("AQ==");
    first = written(rule);
    whole = g_strdup_printf("<r xmlns:t='%s'>%s</r>", soap_namespace(NS_TYPES),
                            first);
    doc = soap_parse_document(whole, strlen(whole), &p);
    g_assert_nonnull(doc);
    again = rule_recall(soap_first(xmlDocGetRootElement(doc)));
    second = written(again);
    g_assert_cmpstr(first, ==, second);
    g_assert_nonnull(strstr(first, "<t:String>A &amp; B</t:String>"));
    xmlFreeDoc(doc);
    rule_free(rule);
    rule_free(again);
}

/* In whatever order they come, they leave in the schema's. */
static void test_order(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    struct rule *rule = NULL;
    g_autofree char *errors = judge(
        f,
        RULE(STOP "<t:Conditions><t:SentToMe>true</t:SentToMe><t:Unknown/>"
                  "<t:HasAttachments>true</t:HasAttachments></t:Conditions>"),
        &rule);

    g_assert_cmpstr(errors, ==, "");
    g_assert_cmpstr(rule->parts, ==,
                    "<t:Conditions><t:HasAttachments>true</t:HasAttachments>"
                    "<t:SentToMe>true</t:SentToMe></t:Conditions>" STOP);
    rule_free(rule);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rule/judged", test_judged);
    g_test_add_func("/rule/kept", test_kept);
    g_test_add_func("/rule/order", test_order);
    return g_test_run();
}
