#include "lab/roaming.h"

#include "base/check.h"

/* The <t:Dictionary> of a request, as text inside. */
static xmlDoc *dictionary(const char *inside)
{
    g_autofree char *text =
        g_strdup_printf("<t:Dictionary xmlns:t='%s' xmlns:xsi='http://"
                        "www.w3.org/2001/XMLSchema-instance'>%s</t:Dictionary>",
                        soap_namespace(NS_TYPES), inside);
    struct problem p;
    xmlDoc *doc = soap_parse_document(text, strlen(text), &p);

    g_assert_nonnull(doc);
    return doc;
}

static GByteArray *stream_of(const char *inside, struct problem *p)
{
    xmlDoc *doc = dictionary(inside);
    GByteArray *out = roaming_from_xml(xmlDocGetRootElement(doc), p);

    xmlFreeDoc(doc);
    return out;
}

#define ENTRY(key, type, value)                                                \
    "<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>" key \
    "</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>" type             \
    "</t:Type><t:Value>" value "</t:Value></t:DictionaryValue>"                \
    "</t:DictionaryEntry>"

/* [MS-OXOCFG] 2.2.5.1: what a client of MAPI finds in the stream. */
static void test_stream(void)
{
    struct problem p;
    g_autoptr(GByteArray) out = stream_of(
        ENTRY("OLPrefsVersion", "Integer32", "1") ENTRY("on", "Boolean", "1"),
        &p);
    g_autofree char *text = g_strndup((const char *)out->data, out->len);

    g_assert_nonnull(
        strstr(text, "<UserConfiguration xmlns=\"dictionary.xsd\""));
    g_assert_nonnull(strstr(text, "<e k=\"18-OLPrefsVersion\" v=\"9-1\"/>"));
    g_assert_nonnull(strstr(text, "<e k=\"18-on\" v=\"3-true\"/>"));
}

static char *written(const GByteArray *stream, int want)
{
    struct xmlout x = { g_string_new(NULL), false };

    g_assert_cmpint(roaming_write(&x, stream->data, stream->len), ==, want);
    return g_string_free(x.text, FALSE);
}

static void test_there_and_back(void)
{
    static const struct {
        const char *name, *inside;
    } rows[] = {
        { "none", "" },
        { "text", ENTRY("a", "String", "x &amp; &lt;y&gt;") },
        { "lines", ENTRY("a", "String", "one&#10;two") },
        { "empty", ENTRY("a", "String", "") },
        { "several", ENTRY("a", "Boolean", "true")
                         ENTRY("b", "Integer64", "-9223372036854775808")
                             ENTRY("c", "Byte", "255") },
        { "dash", ENTRY("a-b", "String", "-1-2") },
        { "bytes", ENTRY("a", "ByteArray", "AAEC") },
        { "date", ENTRY("a", "DateTime", "2020-01-02T03:04:05Z") },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct problem p;
        g_autoptr(GByteArray) first = stream_of(rows[i].inside, &p);
        g_autofree char *markup = written(first, 0);
        g_autoptr(GByteArray) again = stream_of(markup, &p);

        CHECK_ROW(rows[i].name,
                  again != NULL && again->len == first->len &&
                      memcmp(again->data, first->data, first->len) == 0);
    }
}

static void test_lists_and_nothing(void)
{
    static const char inside[] =
        "<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>a"
        "</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>StringArray"
        "</t:Type><t:Value>one</t:Value><t:Value></t:Value><t:Value>3</t:Value>"
        "</t:DictionaryValue></t:DictionaryEntry><t:DictionaryEntry>"
        "<t:DictionaryKey><t:Type>String</t:Type><t:Value>b</t:Value>"
        "</t:DictionaryKey><t:DictionaryValue xsi:nil='true'/>"
        "</t:DictionaryEntry>";
    struct problem p;
    g_autoptr(GByteArray) out = stream_of(inside, &p);
    g_autofree char *markup = written(out, 0);

    g_assert_nonnull(strstr(markup, "<t:Value>one</t:Value><t:Value/>"
                                    "<t:Value>3</t:Value>"));
    g_assert_nonnull(strstr(markup, "<t:DictionaryValue xsi:nil=\"true\"/>"));
}

static void test_refused(void)
{
    static const struct {
        const char *name, *inside, *code;
    } rows[] = {
        { "unknown type", ENTRY("a", "Float", "1"), "ErrorSchemaValidation" },
        { "key twice", ENTRY("a", "String", "1") ENTRY("a", "Byte", "2"),
          "ErrorInvalidRequest" },
        { "too large", ENTRY("a", "Integer32", "2147483648"),
          "ErrorInvalidRequest" },
        { "below", ENTRY("a", "UnsignedInteger32", "-1"),
          "ErrorInvalidRequest" },
        { "no number", ENTRY("a", "Integer32", "x"), "ErrorInvalidRequest" },
        { "no truth", ENTRY("a", "Boolean", "yes"), "ErrorInvalidRequest" },
        { "no value",
          "<t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type>"
          "</t:DictionaryKey></t:DictionaryEntry>",
          "ErrorSchemaValidation" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct problem p = { 0 };

        CHECK_ROW(rows[i].name, stream_of(rows[i].inside, &p) == NULL);
        g_assert_cmpstr(p.code, ==, rows[i].code);
    }
}

/* Streams come from clients of MAPI, by UploadItems: they may be anything. */
static void test_streams_that_are_none(void)
{
    static const char *const rows[] = {
        "",
        "x",
        "<a/>",
        "<UserConfiguration/>",
        ("<UserConfiguration><Data><e k=\"99-x\" v=\"18-y\"/></Data>"
         "</UserConfiguration>"),
        "<UserConfiguration><Data><e v=\"18-y\"/></Data></UserConfiguration>",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) out = g_string_new(NULL);
        struct xmlout x = { out, false };

        CHECK_ROW(rows[i], roaming_write(&x, rows[i], strlen(rows[i])) < 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/roaming/stream", test_stream);
    g_test_add_func("/roaming/there-and-back", test_there_and_back);
    g_test_add_func("/roaming/lists-and-nothing", test_lists_and_nothing);
    g_test_add_func("/roaming/refused", test_refused);
    g_test_add_func("/roaming/streams-that-are-none",
                    test_streams_that_are_none);
    return g_test_run();
}
