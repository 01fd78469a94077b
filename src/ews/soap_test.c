#include "ews/soap.h"

#include <string.h>

#include "base/check.h"
#include "ews/schema.h"
#include "ews/script.h"
#include "xml/check.h"

/* ---- requests ------------------------------------------------------------ */

static char *request_text(const struct soap_head *head)
{
    g_autoptr(xml_writer) w = soap_begin(head);
    const struct xml_part *parts;
    size_t n;

    xml_open(w, "m:GetFolder");
    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:FolderIds");
    xml_open(w, "t:DistinguishedFolderId");
    xml_attribute(w, "Id", "inbox");
    xml_close(w);
    xml_close(w);
    xml_close(w);
    soap_end(w);
    parts = xml_writer_parts(w, &n);
    g_assert_cmpuint(n, ==, 1);
    return g_strndup(parts[0].text, parts[0].len);
}

static void test_head(void)
{
    const struct soap_head plain = { .level = EWS_2007_SP1 };
    const struct soap_head acting = { .level = EWS_2016,
                                      .impersonate = "a&b@c.example" };
    g_autofree char *one = request_text(&plain);
    g_autofree char *two = request_text(&acting);
    struct schema *schema = schema_new();
    g_autofree char *problem =
        schema != NULL ? schema_check(schema, two, strlen(two)) : NULL;

    g_assert_nonnull(strstr(one, "Version=\"Exchange2007_SP1\""));
    g_assert_null(strstr(one, "Impersonation"));
    g_assert_nonnull(strstr(two, "Version=\"Exchange2016\""));
    g_assert_nonnull(strstr(two, "<t:ExchangeImpersonation><t:ConnectingSID>"
                                 "<t:PrimarySmtpAddress>a&amp;b@c.example<"));
    g_assert_cmpstr(problem, ==, NULL);
    schema_free(schema);
}

/* ---- answers: what they are ---------------------------------------------- */

static void test_kind(void)
{
    static const struct {
        const char *name, *text;
        enum soap_kind want;
        unsigned int major; /* 0: no version */
    } rows[] = {
        { "response", ANSWER_OF(V2010, RESPONSE("GetFolder", GOT_FOLDER("A"))),
          SOAP_RESPONSE, 14 },
        { "fault", ANSWER(FAULT("ErrorServerBusy", "")), SOAP_FAULT, 15 },
        { "fault without a header",
          "<s:Envelope xmlns:s='e'><s:Body><s:Fault/></s:Body></s:Envelope>",
          SOAP_FAULT, 0 },
        { "another operation's", ANSWER(RESPONSE("FindFolder", "")), SOAP_ODD,
          15 },
        { "a longer name", ANSWER("<GetFolderResponseX/>"), SOAP_ODD, 15 },
        { "a shorter name", ANSWER("<GetFolder/>"), SOAP_ODD, 15 },
        { "empty body", ANSWER(""), SOAP_ODD, 15 },
        { "no body", "<s:Envelope xmlns:s='e'/>", SOAP_ODD, 0 },
        { "a page", "<html><body><p>Sign in</p></body></html>", SOAP_ODD, 0 },
        { "no prefixes, other namespaces",
          "<Envelope><Header><ServerVersionInfo MajorVersion='8' "
          "MinorVersion='1'/></Header><Body><GetFolderResponse/></Body>"
          "</Envelope>",
          SOAP_RESPONSE, 8 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xml_doc) doc = xml_check_read(rows[i].text);
        struct soap_answer a;

        soap_read(doc, "GetFolder", &a);
        CHECK_ROW(rows[i].name, a.kind == rows[i].want);
        CHECK_ROW(rows[i].name, a.has_version == (rows[i].major > 0));
        CHECK_ROW(rows[i].name, a.version.major == rows[i].major);
    }
}

/* EWS-QUIRKS 5: what was asked is what must be answered. */
static void test_messages_are_counted(void)
{
#define M SUCCESS("DeleteItem", "")
    static const struct {
        const char *name, *text;
        size_t n;
        bool ok;
    } rows[] = {
        { "one", RESPONSE("DeleteItem", M), 1, true },
        { "three", RESPONSE("DeleteItem", M M M), 3, true },
        { "a success without a message", RESPONSE("DeleteItem", ""), 1, false },
        { "one short", RESPONSE("DeleteItem", M M), 3, false },
        { "one too many", RESPONSE("DeleteItem", M M), 1, false },
        { "no ResponseMessages", "<m:DeleteItemResponse xmlns:m='m'/>", 1,
          false },
        { "one of another operation", RESPONSE("DeleteItem", M GOT_FOLDER("A")),
          2, false },
    };
#undef M

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "<s:Envelope xmlns:s='e'><s:Body>%s</s:Body></s:Envelope>",
            rows[i].text);
        g_autoptr(xml_doc) doc = xml_check_read(text);
        const struct xml_node *messages[4] = { NULL };
        struct soap_answer a;
        struct err err;
        int rc;

        soap_read(doc, "DeleteItem", &a);
        g_assert_cmpint(a.kind, ==, SOAP_RESPONSE);
        rc = soap_messages(&a, "DeleteItem", SOAP_LIST, rows[i].n, messages,
                           &err);
        CHECK_ROW(rows[i].name, rc == (rows[i].ok ? 0 : -1));
        CHECK_ROW(rows[i].name, !rows[i].ok || messages[rows[i].n - 1] != NULL);
        CHECK_ROW(rows[i].name,
                  rows[i].ok || strcmp(err.name, "OddAnswer") == 0);
    }
}

/* Some operations have one message and no list of them (EWS-QUIRKS 28). */
static void test_only_message(void)
{
    static const struct {
        const char *name, *operation;
        enum soap_shape shape;
        const char *body;
        const char *follows; /* element after the message; or NULL */
        bool ok, success;
    } rows[] = {
        /* clang-format off */
        { "alone", "GetInboxRules", SOAP_ALONE,
          "<GetInboxRulesResponse ResponseClass='Success'><ResponseCode>NoError"
          "</ResponseCode></GetInboxRulesResponse>", NULL, true, true },
        { "alone, refused", "GetInboxRules", SOAP_ALONE,
          "<GetInboxRulesResponse ResponseClass='Error'><ResponseCode>"
          "ErrorAccessDenied</ResponseCode></GetInboxRulesResponse>",
          NULL, true, false },
        { "alone, without a class", "GetInboxRules", SOAP_ALONE,
          "<GetInboxRulesResponse><ResponseCode>NoError</ResponseCode>"
          "</GetInboxRulesResponse>", NULL, true, true },
        { "alone, in a list", "SetUserPhoto", SOAP_ALONE,
          "<SetUserPhotoResponse><ResponseMessages><X ResponseClass='Success'/>"
          "</ResponseMessages></SetUserPhotoResponse>", NULL, true, true },
        { "alone, says nothing", "GetInboxRules", SOAP_ALONE,
          "<GetInboxRulesResponse/>", NULL, false, false },
        { "within", "GetUserOofSettings", SOAP_WITHIN,
          "<GetUserOofSettingsResponse><ResponseMessage ResponseClass='Success'>"
          "<ResponseCode>NoError</ResponseCode></ResponseMessage><OofSettings/>"
          "</GetUserOofSettingsResponse>", "OofSettings", true, true },
        { "within, says nothing", "GetUserOofSettings", SOAP_WITHIN,
          "<GetUserOofSettingsResponse><OofSettings/>"
          "</GetUserOofSettingsResponse>", NULL, false, false },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("<Envelope><Body>", rows[i].body,
                                            "</Body></Envelope>", NULL);
        g_autoptr(xml_doc) doc = xml_check_read(text);
        const struct xml_node *m = NULL;
        struct soap_answer a;
        struct err err = { 0 };

        soap_read(doc, rows[i].operation, &a);
        CHECK_ROW(rows[i].name,
                  soap_messages(&a, rows[i].operation, rows[i].shape, 1, &m,
                                &err) == (rows[i].ok ? 0 : -1));
        if (!rows[i].ok)
            continue;
        CHECK_ROW(rows[i].name,
                  (soap_message_status(m, &err) == 0) == rows[i].success);
        CHECK_ROW(rows[i].name, rows[i].follows == NULL ||
                                    xml_is(xml_next(m), rows[i].follows));
    }
}

/* ---- what is wrong ------------------------------------------------------- */

/* EWS-QUIRKS 4, 7. */
static void test_faults(void)
{
    static const struct {
        const char *name, *text, *code, *primary;
        uint32_t backoff_ms;
    } rows[] = {
        { "in the detail", FAULT("ErrorSchemaValidation", ""),
          "ErrorSchemaValidation", NULL, 0 },
        { "in faultcode alone",
          "<s:Fault xmlns:s='e'><faultcode>a:ErrorImpersonateUserDenied"
          "</faultcode><faultstring>no.</faultstring></s:Fault>",
          "ErrorImpersonateUserDenied", NULL, 0 },
        { "in faultcode without a prefix",
          "<s:Fault xmlns:s='e'><faultcode>ErrorServerBusy</faultcode>"
          "</s:Fault>",
          "ErrorServerBusy", NULL, 0 },
        { "of SOAP's own",
          "<s:Fault xmlns:s='e'><faultcode>s:Client</faultcode></s:Fault>",
          "UnlistedCode", NULL, 0 },
        { "empty", "<s:Fault xmlns:s='e'/>", "UnlistedCode", NULL, 0 },
        { "no error and a fault", FAULT("NoError", ""), "UnlistedCode", NULL,
          0 },
        { "with a wait",
          FAULT("ErrorServerBusy", DETAIL_XML("BackOffMilliseconds", "2970")),
          "ErrorServerBusy", NULL, 2970 },
        { "with a wait of nothing",
          FAULT("ErrorServerBusy", DETAIL_XML("BackOffMilliseconds", "0")),
          "ErrorServerBusy", NULL, 0 },
        { "with a wait that is none",
          FAULT("ErrorServerBusy", DETAIL_XML("BackOffMilliseconds", "-5")),
          "ErrorServerBusy", NULL, 0 },
        { "with a wait of ages",
          FAULT("ErrorServerBusy",
                DETAIL_XML("BackOffMilliseconds", "99999999999")),
          "ErrorServerBusy", NULL, 24u * 3600 * 1000 },
        { "with the address",
          FAULT("ErrorNonPrimarySmtpAddress",
                DETAIL_XML("Primary", "ann@old.example")),
          "ErrorNonPrimarySmtpAddress", "ann@old.example", 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            "<s:Envelope xmlns:s='e'><s:Body>%s</s:Body></s:Envelope>",
            rows[i].text);
        g_autoptr(xml_doc) doc = xml_check_read(text);
        struct soap_answer a;
        struct soap_problem p;
        struct err err;

        soap_read(doc, "GetFolder", &a);
        g_assert_cmpint(a.kind, ==, SOAP_FAULT);
        soap_fault_problem(a.node, &p);
        CHECK_ROW(rows[i].name, p.backoff_ms == rows[i].backoff_ms);
        CHECK_ROW(rows[i].name,
                  g_strcmp0(p.primary_address, rows[i].primary) == 0);
        soap_problem_err(&p, &err);
        CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
    }
}

static void test_message_status(void)
{
    static const struct {
        const char *name, *text, *code; /* NULL: a success */
    } rows[] = {
        { "success", SUCCESS("DeleteItem", ""), NULL },
        { "error", FAILURE("DeleteItem", "ErrorItemNotFound", ""),
          "ErrorItemNotFound" },
        { "warning: not looked at",
          "<m ResponseClass='Warning'><ResponseCode>"
          "ErrorBatchProcessingStopped</ResponseCode></m>",
          "ErrorBatchProcessingStopped" },
        { "warning, and no error",
          "<m ResponseClass='Warning'><ResponseCode>NoError</ResponseCode>"
          "</m>",
          NULL },
        { "success without a code", "<m ResponseClass='Success'/>", NULL },
        { "success with an error's code",
          "<m ResponseClass='Success'><ResponseCode>ErrorServerBusy"
          "</ResponseCode></m>",
          "ErrorServerBusy" },
        { "error with NoError",
          "<m ResponseClass='Error'><ResponseCode>NoError</ResponseCode></m>",
          "UnlistedCode" },
        { "nothing at all", "<m/>", "UnlistedCode" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strdup_printf("<r xmlns:m='m' xmlns:t='t'>%s</r>", rows[i].text);
        g_autoptr(xml_doc) doc = xml_check_read(text);
        struct err err;
        int rc = soap_message_status(xml_first(xml_root(doc)), &err);

        CHECK_ROW(rows[i].name, rc == (rows[i].code == NULL ? 0 : -1));
        CHECK_ROW(rows[i].name, rc == 0 || strcmp(err.name, rows[i].code) == 0);
    }
}

static void test_message_wait(void)
{
    g_autoptr(xml_doc) doc =
        xml_check_read("<r xmlns:m='m' xmlns:t='t'>" FAILURE(
            "ExportItems", "ErrorServerBusy",
            MESSAGE_XML("BackOffMilliseconds", "1234")) "</r>");
    struct err err;

    g_assert_cmpint(soap_message_status(xml_first(xml_root(doc)), &err), ==,
                    -1);
    g_assert_cmpuint(err.wait_ms, ==, 1234);
    g_assert_nonnull(strstr(err.msg, "some words."));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soap/head", test_head);
    g_test_add_func("/soap/kind", test_kind);
    g_test_add_func("/soap/messages", test_messages_are_counted);
    g_test_add_func("/soap/only-message", test_only_message);
    g_test_add_func("/soap/faults", test_faults);
    g_test_add_func("/soap/status", test_message_status);
    g_test_add_func("/soap/wait", test_message_wait);
    return g_test_run();
}
