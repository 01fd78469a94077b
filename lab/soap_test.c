#include "lab/soap.h"

#include <libxml/parser.h>

#include "base/check.h"

#define OPEN                                                                   \
    "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/' "         \
    "xmlns:t='http://schemas.microsoft.com/exchange/services/2006/types' "     \
    "xmlns:m='http://schemas.microsoft.com/exchange/services/2006/messages'>"
#define CLOSE "</e:Envelope>"

static int parse(const char *text, struct soap_request *r, struct problem *p)
{
    return soap_request_parse(text, strlen(text), r, p);
}

static void test_request(void)
{
    static const char text[] =
        OPEN "<e:Header><t:RequestServerVersion Version='Exchange2010_SP1'/>"
             "<t:ExchangeImpersonation><t:ConnectingSID>"
             "<t:PrimarySmtpAddress>a@b.example</t:PrimarySmtpAddress>"
             "</t:ConnectingSID></t:ExchangeImpersonation></e:Header>"
             "<e:Body>\n <m:GetFolder Traversal='Deep'><m:FolderIds>"
             "<t:FolderId Id='1'/><t:DistinguishedFolderId Id='inbox'/>"
             "</m:FolderIds></m:GetFolder></e:Body>" CLOSE;
    g_auto(soap_request) r = { 0 };
    const xmlNode *ids, *one;
    g_autofree char *id = NULL, *none = NULL, *traversal = NULL;
    struct problem p;

    g_assert_cmpint(parse(text, &r, &p), ==, 0);
    g_assert_cmpstr(r.name, ==, "GetFolder");
    g_assert_cmpstr(r.version, ==, "Exchange2010_SP1");
    g_assert_cmpint(r.sid_kind, ==, SID_PRIMARY_SMTP);
    g_assert_cmpstr(r.sid, ==, "a@b.example");
    g_assert_true(soap_is(r.operation, NS_MESSAGES, "GetFolder"));
    g_assert_false(soap_is(r.operation, NS_TYPES, "GetFolder"));
    traversal = soap_attr_dup(r.operation, "Traversal");
    g_assert_cmpstr(traversal, ==, "Deep");

    ids = soap_child(r.operation, NS_MESSAGES, "FolderIds");
    g_assert_cmpuint(soap_count(ids), ==, 2);
    one = soap_next(soap_first(ids));
    id = soap_attr_dup(one, "Id");
    none = soap_attr_dup(one, "ChangeKey");
    g_assert_cmpstr(id, ==, "inbox");
    g_assert_null(none);
    g_assert_null(soap_next(one));
    g_assert_null(soap_child(r.operation, NS_TYPES, "FolderIds"));
    g_assert_null(soap_child(NULL, NS_TYPES, "FolderIds"));
    g_assert_null(soap_first(NULL));
}

static void test_how_a_mailbox_is_named(void)
{
    static const struct {
        const char *element;
        enum soap_sid want;
    } rows[] = {
        { "PrincipalName", SID_PRINCIPAL_NAME },
        { "SID", SID_SID },
        { "PrimarySmtpAddress", SID_PRIMARY_SMTP },
        { "SmtpAddress", SID_SMTP },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strdup_printf(
            OPEN "<e:Header><t:ExchangeImpersonation><t:ConnectingSID>"
                 "<t:%s>x</t:%s></t:ConnectingSID></t:ExchangeImpersonation>"
                 "</e:Header><e:Body><m:A/></e:Body>" CLOSE,
            rows[i].element, rows[i].element);
        g_auto(soap_request) r = { 0 };
        struct problem p;

        CHECK_ROW(rows[i].element, parse(text, &r, &p) == 0);
        CHECK_ROW(rows[i].element, r.sid_kind == rows[i].want);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *name, *text, *code;
    } rows[] = {
        { "nothing", "", "ErrorSchemaValidation" },
        { "no XML", "hello", "ErrorSchemaValidation" },
        { "cut off", OPEN "<e:Body><m:GetFolder>", "ErrorSchemaValidation" },
        { "no body", OPEN CLOSE, "ErrorSchemaValidation" },
        { "another root", "<a/>", "ErrorSchemaValidation" },
        { "empty body", OPEN "<e:Body/>" CLOSE, "ErrorInvalidRequest" },
        { "text for a body", OPEN "<e:Body>x</e:Body>" CLOSE,
          "ErrorInvalidRequest" },
        { "nobody to act as",
          OPEN "<e:Header><t:ExchangeImpersonation/></e:Header>"
               "<e:Body><m:A/></e:Body>" CLOSE,
          "ErrorSchemaValidation" },
        { "a document type",
          "<!DOCTYPE a [<!ENTITY b 'c'>]>" OPEN "<e:Body><m:A/></e:Body>" CLOSE,
          "ErrorSchemaValidation" },
        { "an unknown entity", OPEN "<e:Body><m:A>&b;</m:A></e:Body>" CLOSE,
          "ErrorSchemaValidation" },
        { "a document after the document",
          OPEN "<e:Body><m:A/></e:Body>" CLOSE "<a/>",
          "ErrorSchemaValidation" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(soap_request) r = { 0 };
        struct problem p = { 0 };

        CHECK_ROW(rows[i].name, parse(rows[i].text, &r, &p) < 0);
        CHECK_ROW(rows[i].name, r.doc == NULL);
        CHECK_ROW(rows[i].name, problem_is(&p, rows[i].code));
        CHECK_ROW(rows[i].name, p.fault);
    }
}

/* Entities within entities: refused before any of them is made. */
static void test_billion_laughs(void)
{
    g_autoptr(GString) text = g_string_new("<!DOCTYPE a [<!ENTITY a0 'ha'>");
    g_auto(soap_request) r = { 0 };
    struct problem p = { 0 };

    for (int i = 1; i < 30; i++)
        g_string_append_printf(text, "<!ENTITY a%d '&a%d;&a%d;'>", i, i - 1,
                               i - 1);
    g_string_append(text, "]>" OPEN "<e:Body><m:A b='&a29;'>&a29;</m:A>"
                          "</e:Body>" CLOSE);
    g_assert_cmpint(parse(text->str, &r, &p), <, 0);
    g_assert_nonnull(strstr(p.value, "DTD"));
}

static void test_text(void)
{
    static const struct {
        const char *inside, *text;
        bool in_one_piece;
    } rows[] = {
        { "abc", "abc", true },
        { "a&amp;b", "a&b", true },
        { "<![CDATA[a<b]]>", "a<b", false },
        { "a<!-- no -->b", "ab", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *document = g_strdup_printf(
            OPEN "<e:Body><m:A><t:B>%s</t:B></m:A></e:Body>" CLOSE,
            rows[i].inside);
        g_auto(soap_request) r = { 0 };
        const xmlNode *node;
        g_autofree char *text = NULL;
        struct problem p;
        size_t n = 0;

        CHECK_ROW(rows[i].inside, parse(document, &r, &p) == 0);
        node = soap_child(r.operation, NS_TYPES, "B");
        text = soap_text_dup(node);
        CHECK_ROW(rows[i].inside, strcmp(text, rows[i].text) == 0);
        CHECK_ROW(rows[i].inside,
                  (soap_text_peek(node, &n) != NULL) == rows[i].in_one_piece);
        CHECK_ROW(rows[i].inside,
                  !rows[i].in_one_piece || n == strlen(rows[i].text));
    }
}

/* libxml2 alone refuses texts over 10 MB: an upload is one such text. */
static void test_large_text(void)
{
    const size_t size = 20 * 1000 * 1000;
    g_autoptr(GString) text = g_string_sized_new(size + 1000);
    g_auto(soap_request) r = { 0 };
    const char *found;
    struct problem p;
    size_t n = 0;

    g_string_append(text, OPEN "<e:Body><m:A><t:Data>");
    for (size_t i = 0; i < size / 10; i++)
        g_string_append(text, "QUJDREVGR0");
    g_string_append(text, "</t:Data></m:A></e:Body>" CLOSE);
    g_assert_cmpint(soap_request_parse(text->str, text->len, &r, &p), ==, 0);
    found = soap_text_peek(soap_child(r.operation, NS_TYPES, "Data"), &n);
    g_assert_nonnull(found);
    g_assert_cmpuint(n, ==, size);
}

static void test_booleans(void)
{
    static const struct {
        const char *value;
        bool want;
    } rows[] = {
        { "true", true }, { "1", true },     { "false", false },
        { "0", false },   { "True", false }, { "", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *document = g_strdup_printf(
            OPEN "<e:Body><m:A b='%s'><m:C>%s</m:C></m:A></e:Body>" CLOSE,
            rows[i].value, rows[i].value);
        g_auto(soap_request) r = { 0 };
        struct problem p;

        CHECK_ROW(rows[i].value, parse(document, &r, &p) == 0);
        CHECK_ROW(rows[i].value,
                  soap_attr_bool(r.operation, "b") == rows[i].want);
        CHECK_ROW(rows[i].value, soap_child_bool(r.operation, NS_MESSAGES,
                                                 "C") == rows[i].want);
    }
}

/* A violation says where, as Exchange does. */
static void test_violation(void)
{
    g_auto(soap_request) r = { 0 };
    struct problem p;

    g_assert_cmpint(parse(OPEN "<e:Body>\n\n<m:A/></e:Body>" CLOSE, &r, &p), ==,
                    0);
    g_assert_cmpint(soap_violation(&p, r.operation, "no %s", "good"), ==, -1);
    g_assert_cmpint(p.line, ==, 3);
    g_assert_cmpstr(p.value, ==, "no good");
    g_assert_true(p.fault);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    xmlInitParser();
    g_test_add_func("/soap/request", test_request);
    g_test_add_func("/soap/how-a-mailbox-is-named",
                    test_how_a_mailbox_is_named);
    g_test_add_func("/soap/refused", test_refused);
    g_test_add_func("/soap/billion-laughs", test_billion_laughs);
    g_test_add_func("/soap/text", test_text);
    g_test_add_func("/soap/large-text", test_large_text);
    g_test_add_func("/soap/booleans", test_booleans);
    g_test_add_func("/soap/violation", test_violation);
    return g_test_run();
}
