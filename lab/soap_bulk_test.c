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
        CHECK_ROW(rows[i].name,
                  soap_bulk_slim(b)->len <
                      before - (size_t)rows[i].want * (LONG - 40));
    }
}

/* The n-th payload of a request, as text; "" for none. */
static char *payload_text(const struct soap_request *r, int n)
{
    const xmlNode *node = soap_first(r->operation);
    g_autoptr(GBytes) bytes = NULL;
    gsize len = 0;
    const char *data;

    while (n-- > 0)
        node = soap_next(node);
    bytes = soap_payload(r, node);
    if (bytes == NULL)
        return g_strdup("none");
    data = g_bytes_get_data(bytes, &len);
    return data != NULL ? g_strndup(data, len) : g_strdup("");
}

/* What is read equals what GLib decodes, time and again, cut out or not. */
static void test_payloads(void)
{
    static const struct {
        const char *name;
        size_t bytes;
        const char *inside; /* put into the middle of the text */
        bool valid;
    } rows[] = {
        { "empty", 0, "", true },
        { "one byte", 1, "", true },
        { "two bytes", 2, "", true },
        { "short", 300, "", true },
        { "long", 5000, "", true },
        { "a stretch", 9216, "", true },
        { "more than a stretch", 9217, "", true },
        { "many stretches", 100001, "", true },
        { "line feeds", 30000, "\n", true },
        { "all white space", 30000, " \t\r\n", true },
        { "short with a space", 30, " ", true },
        { "no base64", 30000, "!!!!", false },
        { "too much", 30000, "A", false },
        { "padding inside", 30000, "====", false },
        { "a reference", 30000, "&#66;&#66;&#66;&#66;", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *plain = g_strnfill(rows[i].bytes, 'x');
        g_autofree char *text =
            g_base64_encode((const guchar *)plain, rows[i].bytes);
        size_t half = strlen(text) / 8 * 4;
        GString *body = g_string_new(NULL);
        g_auto(soap_request) r = { 0 };
        struct problem p;

        g_string_printf(body,
                        "<e:Envelope xmlns:e='%s' xmlns:t='%s'><e:Body><t:X>"
                        "<t:Data>%.*s%s%s</t:Data><t:Data>QUJD</t:Data>"
                        "</t:X></e:Body></e:Envelope>",
                        soap_namespace(NS_ENVELOPE), soap_namespace(NS_TYPES),
                        (int)half, text, rows[i].inside, text + half);
        g_assert_cmpint(soap_request_take(body, &r, &p), ==, 0);
        for (int again = 0; again < 2; again++) {
            g_autofree char *got = payload_text(&r, 0);
            g_autofree char *next = payload_text(&r, 1);

            if (strcmp(rows[i].name, "a reference") == 0)
                CHECK_ROW(rows[i].name, strlen(got) == rows[i].bytes + 3);
            else
                CHECK_ROW(rows[i].name,
                          strcmp(got, rows[i].valid ? plain : "none") == 0);
            g_assert_cmpstr(next, ==, "ABC");
        }
    }
}

/* A client that writes a token of its own gets what it wrote. */
static void test_strangers(void)
{
    g_autofree char *payload = g_strnfill(LONG, 'A');
    g_autoptr(soap_bulk) b =
        soap_bulk_new(body_of("<a><t:Data>%s</t:Data></a>", payload));
    static const char *const texts[] = { "#0", "#0000000000000000-0", "", "#",
                                         "QUJD" };
    const uint8_t *data = NULL;
    size_t len = 7;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(soap_bulk_find(b, texts[i], &data, &len), ==, 0);
    g_assert_cmpuint(len, ==, 7);
    g_assert_cmpint(soap_bulk_find(NULL, "x", &data, &len), ==, 0);
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
    g_test_add_func("/soap-bulk/payloads", test_payloads);
    g_test_add_func("/soap-bulk/strangers", test_strangers);
    g_test_add_func("/soap-bulk/broken", test_broken);
    return g_test_run();
}
