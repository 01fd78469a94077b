#include "lab/soap_bulk.h"

#include "base/check.h"
#include "lab/soap.h"

#define LONG 5000

/* A body with %s in place of a long payload. */
static GString *body_of(const char *format, const char *payload)
{
    g_auto(GStrv) parts = g_strsplit(format, "%s", -1);
    GString *body = g_string_new(parts[0]);

    for (size_t i = 1; parts[i] != NULL; i++) {
        g_string_append(body, payload);
        g_string_append(body, parts[i]);
    }
    return body;
}

/* How many payloads are taken out. */
static void test_what(void)
{
    static const struct {
        const char *name, *format;
        int want;
    } rows[] = {
        { "one", "<a><t:Data>%s</t:Data></a>", 1 },
        { "no prefix", "<a><Data>%s</Data></a>", 1 },
        { "three",
          "<a><t:Data>%s</t:Data><t:Data>%s</t:Data><b/>"
          "<t:Data>%s</t:Data></a>",
          3 },
        { "another element", "<a><t:Content>%s</t:Content></a>", 0 },
        { "a longer name", "<a><t:MyData>%s</t:MyData></a>", 0 },
        { "with an attribute", "<a><t:Data x='1'>%s</t:Data></a>", 0 },
        { "short", "<a><t:Data>QUJD</t:Data><b>%s</b></a>", 0 },
        { "with a reference", "<a><t:Data>&#65;%s</t:Data></a>", 0 },
        { "with a comment", "<a><!-- --><t:Data>%s</t:Data></a>", 0 },
        { "in a section", "<a><![CDATA[<t:Data>%s</t:Data>]]></a>", 0 },
        { "with a child", "<a><t:Data>%s<b/></t:Data></a>", 0 },
        { "never closed", "<a><t:Data>%s", 0 },
        { "an end tag", "<a></t:Data>%s</a>", 0 },
        { "at the start", "Data>%s</Data>", 0 },
        { "near the start", "xData>%s</Data>", 0 },
        { "a long prefix", "<a><ttttttttttttttttttttt:Data>%s</t:Data></a>",
          0 },
    };
    g_autofree char *payload = g_strnfill(LONG, 'A');

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GString *body = body_of(rows[i].format, payload);
        size_t before = body->len;
        g_autoptr(soap_bulk) b = soap_bulk_new(body);

        CHECK_ROW(rows[i].name, (b != NULL) == (rows[i].want > 0));
        if (b == NULL) {
            g_string_free(body, TRUE);
            continue;
        }
        CHECK_ROW(rows[i].name, soap_bulk_body(b)->len == before);
        CHECK_ROW(rows[i].name,
                  soap_bulk_slim(b)->len <
                      before - (size_t)rows[i].want * (LONG - 40));
    }
}

/* Each token stands for its own payload, until they are forgotten. */
static void test_find(void)
{
    g_autofree char *as = g_strnfill(LONG, 'A');
    g_autofree char *bs = g_strnfill(LONG + 4, 'B');
    GString *body = g_string_new(NULL);
    g_auto(soap_request) r = { 0 };
    const xmlNode *node;
    const char *text;
    struct problem p;
    size_t len = 0;

    g_string_printf(body,
                    "<e:Envelope xmlns:e='%s' xmlns:t='%s'><e:Body><t:X>"
                    "<t:Data>%s</t:Data><t:Data>%s</t:Data><t:Data>QUJD"
                    "</t:Data></t:X></e:Body></e:Envelope>",
                    soap_namespace(NS_ENVELOPE), soap_namespace(NS_TYPES), as,
                    bs);
    g_assert_cmpint(soap_request_take(body, &r, &p), ==, 0);
    g_assert_nonnull(r.bulk);
    node = soap_first(r.operation);
    text = soap_payload_peek(&r, node, &len);
    g_assert_cmpmem(text, len, as, LONG);
    node = soap_next(node);
    text = soap_payload_peek(&r, node, &len);
    g_assert_cmpmem(text, len, bs, LONG + 4);
    node = soap_next(node);
    text = soap_payload_peek(&r, node, &len);
    g_assert_cmpmem(text, len, "QUJD", 4);
    soap_bulk_forget(r.bulk);
    g_assert_null(soap_bulk_body(r.bulk));
    text = soap_payload_peek(&r, soap_first(r.operation), &len);
    g_assert_cmpuint(len, <, 40);
}

/* A client that writes a token of its own gets what it wrote. */
static void test_strangers(void)
{
    g_autofree char *payload = g_strnfill(LONG, 'A');
    g_autoptr(soap_bulk) b =
        soap_bulk_new(body_of("<a><t:Data>%s</t:Data></a>", payload));
    static const char *const texts[] = { "#0", "#0000000000000000-0", "", "#",
                                         "QUJD" };
    size_t len = 7;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_null(soap_bulk_find(b, texts[i], &len));
    g_assert_cmpuint(len, ==, 7);
    g_assert_null(soap_bulk_find(NULL, "x", &len));
}

static void test_broken(void)
{
    g_autofree char *payload = g_strnfill(LONG, 'A');
    struct soap_request r = { 0 };
    struct problem p;

    g_assert_cmpint(
        soap_request_take(body_of("<a><t:Data>%s</t:Data>", payload), &r, &p),
        <, 0);
    g_assert_cmpstr(p.code, ==, "ErrorSchemaValidation");
    g_assert_null(r.bulk);
    g_assert_cmpint(soap_request_take(g_string_new(""), &r, &p), <, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soap-bulk/what", test_what);
    g_test_add_func("/soap-bulk/find", test_find);
    g_test_add_func("/soap-bulk/strangers", test_strangers);
    g_test_add_func("/soap-bulk/broken", test_broken);
    return g_test_run();
}
