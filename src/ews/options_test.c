#include "endpoint/options.h"

#include <string.h>

#include "base/check.h"
#include "ews/mailbox.h"
#include "ews/script.h"

#define ENTRY(key, value)                                                      \
    "<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>" key \
    "</t:Value></t:DictionaryKey>" value "</t:DictionaryEntry>"
#define VALUE(type, values)                                                    \
    "<t:DictionaryValue><t:Type>" type "</t:Type>" values "</"                 \
    "t:DictionaryValue>"
#define TEXT(text) "<t:Value>" text "</t:Value>"
#define NIL                                                                    \
    "<t:DictionaryValue xmlns:xsi=\"http://www.w3.org/2001/"                   \
    "XMLSchema-instance\" xsi:nil=\"true\"/>"

#define DICTIONARY                                                             \
    "<t:Dictionary>" ENTRY("signaturehtml",                                    \
                           VALUE("String", TEXT("&lt;b&gt;Ann&lt;/b&gt;")))    \
        ENTRY("autoaddsignature", VALUE("Boolean", TEXT("True")))              \
            ENTRY("viewrowcount", VALUE("Integer32", TEXT("50")))              \
                ENTRY("many", VALUE("StringArray", TEXT("a") TEXT("b")))       \
                    ENTRY("nothing", NIL) "</t:Dictionary>"
#define NAME                                                                   \
    "<t:UserConfigurationName Name=\"OWA.UserOptions\">"                       \
    "<t:DistinguishedFolderId Id=\"root\"/></t:UserConfigurationName>"
#define GOT(parts)                                                             \
    ANSWER(RESPONSE("GetUserConfiguration",                                    \
                    SUCCESS("GetUserConfiguration",                            \
                            "<m:UserConfiguration>" NAME parts                 \
                            "</m:UserConfiguration>")))
#define DONE(operation) ANSWER(RESPONSE(operation, SUCCESS(operation, "")))

/* What was read is written as it was. */
static void test_round_trip(void)
{
    g_auto(endpoint_options) got = { 0 };
    const struct endpoint_option *o;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, GOT(DICTIONARY));
    g_assert_cmpint(options_get(st.ep, &got, &err), ==, 1);
    o = endpoint_options_find(&got, "SignatureHtml");
    g_assert_nonnull(o);
    g_assert_cmpstr(o->type, ==, "String");
    g_assert_cmpstr(o->values->pdata[0], ==, "<b>Ann</b>");
    g_assert_null(endpoint_options_find(&got, "signature"));
    script_say(st.script, DONE("UpdateUserConfiguration"));
    CHECK_OK(options_put(st.ep, &got, true, &err), &err);
    g_assert_nonnull(
        strstr(script_request(st.script, 2)->body, NAME DICTIONARY));
    script_say(st.script, DONE("CreateUserConfiguration"));
    CHECK_OK(options_put(st.ep, &got, false, &err), &err);
    g_assert_nonnull(
        strstr(script_request(st.script, 3)->body,
               "<m:CreateUserConfiguration><m:UserConfiguration>" NAME));
    stage_release(&st);
}

static void test_none(void)
{
    g_auto(endpoint_options) got = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, ANSWER(RESPONSE("GetUserConfiguration",
                                          FAILURE("GetUserConfiguration",
                                                  "ErrorItemNotFound", ""))));
    g_assert_cmpint(options_get(st.ep, &got, &err), ==, 0);
    stage_release(&st);
}

static void test_2007(void)
{
    g_auto(endpoint_options) got = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    st.site->old = true;
    stage_open(&st, ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    g_assert_cmpint(options_get(st.ep, &got, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "not-offered");
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/round-trip", test_round_trip);
    g_test_add_func("/options/none", test_none);
    g_test_add_func("/options/2007", test_2007);
    return g_test_run();
}
