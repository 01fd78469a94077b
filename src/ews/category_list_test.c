#include "endpoint/options.h"

#include <string.h>

#include "base/check.h"
#include "ews/mailbox.h"
#include "ews/script.h"

#define HEAD                                                                   \
    "<?xml version=\"1.0\"?>\n<categories default=\"Red Category\" "           \
    "lastSavedSession=\"5\" lastSavedTime=\"2026-01-02T03:04:05.678\" "        \
    "xmlns=\"CategoryList.xsd\">"
#define RED                                                                    \
    "<category name=\"Red Category\" color=\"0\" keyboardShortcut=\"3\" "      \
    "usageCount=\"7\" later=\"kept\" "                                         \
    "guid=\"{2B7FC69C-7046-44A2-8FF3-007D7467DC82}\"/>"
#define TAIL "</categories>\n"

static char *answer_of(const char *list)
{
    g_autofree char *data = g_base64_encode((const guchar *)list, strlen(list));

    return g_strconcat(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://"
        "schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
        "<m:GetUserConfigurationResponse xmlns:m=\"" M_NS "\" xmlns:t=\"" T_NS
        "\"><m:ResponseMessages>"
        "<m:GetUserConfigurationResponseMessage ResponseClass=\"Success\">"
        "<m:ResponseCode>NoError</m:ResponseCode><m:UserConfiguration>"
        "<t:UserConfigurationName Name=\"CategoryList\">"
        "<t:DistinguishedFolderId Id=\"calendar\"/></t:UserConfigurationName>"
        "<t:XmlData>",
        data,
        "</t:XmlData></m:UserConfiguration>"
        "</m:GetUserConfigurationResponseMessage></m:ResponseMessages>"
        "</m:GetUserConfigurationResponse></s:Body></s:Envelope>",
        NULL);
}

#define DONE(operation) ANSWER(RESPONSE(operation, SUCCESS(operation, "")))
#define NOT_THERE                                                              \
    ANSWER(RESPONSE("GetUserConfiguration",                                    \
                    FAILURE("GetUserConfiguration", "ErrorItemNotFound", "")))

/* The document that the request carries. */
static char *sent(const struct script_request *r)
{
    const char *begin = strstr(r->body, "<t:XmlData>");
    const char *end = strstr(r->body, "</t:XmlData>");
    g_autofree char *data = NULL;
    g_autofree guchar *bytes = NULL;
    gsize n = 0;

    g_assert_true(begin != NULL && end != NULL);
    begin += strlen("<t:XmlData>");
    data = g_strndup(begin, (gsize)(end - begin));
    bytes = g_base64_decode(data, &n);
    return g_strndup((const char *)bytes, n);
}

static void test_get(void)
{
    static const struct {
        const char *name, *list;
        int found;
        guint n;
    } rows[] = {
        { "a list", HEAD RED TAIL, 1, 1 },
        { "after a byte order mark", "\xef\xbb\xbf" HEAD RED TAIL, 1, 1 },
        { "a nameless one", HEAD "<category color=\"1\"/>" RED TAIL, 1, 1 },
        { "an empty item", "", 0, 0 },
        { "with a document type",
          "<!DOCTYPE categories [<!ENTITY a \"b\">]>" RED, -1, 0 },
        { "cut off", HEAD "<category na", -1, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(endpoint_categories) got = { 0 };
        g_autofree char *answer = answer_of(rows[i].list);
        const struct endpoint_category *c;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, answer);
        CHECK_ROW(rows[i].name,
                  categories_get(st.ep, &got, &err) == rows[i].found);
        if (rows[i].n > 0) {
            CHECK_ROW(rows[i].name, got.categories->len == rows[i].n);
            c = got.categories->pdata[0];
            CHECK_ROW(rows[i].name, strcmp(c->name, "Red Category") == 0);
            CHECK_ROW(rows[i].name, c->color == 0 && c->shortcut == 3);
            CHECK_ROW(rows[i].name, strcmp(got.quick, "Red Category") == 0);
        }
        stage_release(&st);
    }
}

#define ADDED                                                                  \
    "category name=\"A &amp; B\" color=\"-1\" keyboardShortcut=\"2\" "         \
    "usageCount=\"0\""

/* What is there stays as it is, to the letter. */
static void test_add(void)
{
    static const struct {
        const char *name, *list; /* NULL: there is no item */
        const char *head, *tail; /* what comes before and after ours */
    } rows[] = {
        { "to a list", HEAD RED TAIL, HEAD RED "<" ADDED, "/>" TAIL },
        { "with a prefix",
          "<c:categories xmlns:c=\"CategoryList.xsd\"><c:category name=\"x\"/>"
          "</c:categories>",
          "<c:categories xmlns:c=\"CategoryList.xsd\"><c:category name=\"x\"/>"
          "<c:" ADDED,
          "/></c:categories>" },
        { "to an empty list", HEAD TAIL,
          "<?xml version=\"1.0\"?><categories default=\"\" ",
          "/></categories>" },
        { "to an item without a list", "",
          "<?xml version=\"1.0\"?><categories default=\"\" ",
          "/></categories>" },
        { "to nothing", NULL,
          "<?xml version=\"1.0\"?><categories default=\"\" ",
          "/></categories>" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool is_new = rows[i].list == NULL;
        g_autofree char *answer = is_new ? NULL : answer_of(rows[i].list);
        g_auto(endpoint_categories) added = { 0 };
        g_autofree char *list = NULL;
        struct stage st;
        struct err err;

        endpoint_categories_add(&added, "A & B", CATEGORY_NO_COLOR, 2, "{G}");
        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, is_new ? NOT_THERE : answer);
        script_say(st.script, is_new ? DONE("CreateUserConfiguration")
                                     : DONE("UpdateUserConfiguration"));
        CHECK_OK(categories_add(st.ep, &added, &err), &err);
        list = sent(script_request(st.script, 2));
        CHECK_ROW(rows[i].name, g_str_has_prefix(list, rows[i].head));
        CHECK_ROW(rows[i].name, g_str_has_suffix(list, rows[i].tail));
        CHECK_ROW(rows[i].name, strstr(list, ADDED) != NULL);
        CHECK_ROW(rows[i].name, strstr(list, "guid=\"{G}\"") != NULL);
        stage_release(&st);
    }
}

/* Nothing is written over what cannot be read. */
static void test_add_to_odd(void)
{
    static const char *const lists[] = {
        "<categories",
        "not xml at all",
        HEAD RED TAIL "<!-- </x:categories> -->",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *answer = answer_of(lists[i]);
        g_auto(endpoint_categories) added = { 0 };
        struct stage st;
        struct err err;

        endpoint_categories_add(&added, "A", 1, 0, NULL);
        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, answer);
        g_assert_cmpint(categories_add(st.ep, &added, &err), ==, -1);
        g_assert_cmpuint(script_n(st.script), ==, 2);
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/category-list/get", test_get);
    g_test_add_func("/category-list/add", test_add);
    g_test_add_func("/category-list/add-to-odd", test_add_to_odd);
    return g_test_run();
}
