#include "ews/version.h"

#include <string.h>

#include "base/check.h"
#include "xml/check.h"

static void test_read(void)
{
    static const struct {
        const char *name, *text, *want; /* NULL: none */
    } rows[] = {
        { "2010",
          "<v MajorVersion='14' MinorVersion='3' MajorBuildNumber='123' "
          "MinorBuildNumber='4' Version='Exchange2010_SP2'/>",
          "14.3.123 (Exchange2010_SP2)" },
        { "no name", "<v MajorVersion='8' MinorVersion='1'/>", "8.1.0" },
        { "no version", "<v/>", NULL },
        { "no number", "<v MajorVersion='x' MinorVersion='1'/>", NULL },
        { "too large", "<v MajorVersion='100000' MinorVersion='1'/>", NULL },
    };
    struct ews_version v = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(xml_doc) doc = xml_check_read(rows[i].text);
        bool ok = ews_version_read(xml_root(doc), &v);
        g_autofree char *text = ok ? ews_version_text(&v) : NULL;

        CHECK_ROW(rows[i].name, g_strcmp0(text, rows[i].want) == 0);
    }
    g_assert_false(ews_version_read(NULL, &v));
}

static void test_unknown(void)
{
    const struct ews_version none = { 0 };
    g_autofree char *text = ews_version_text(&none);

    g_assert_cmpstr(text, ==, "unknown");
}

/* Build numbers as Microsoft lists them. */
static void test_level(void)
{
    static const struct {
        const char *name;
        struct ews_version v;
        const char *want;
        bool charges_target;
    } rows[] = {
        { "2007", { 8, 0, 685, "" }, "Exchange2007_SP1", false },
        { "2007 SP3", { 8, 3, 83, "" }, "Exchange2007_SP1", false },
        { "2010", { 14, 0, 639, "" }, "Exchange2010", false },
        { "2010 SP1", { 14, 1, 218, "" }, "Exchange2010_SP1", false },
        { "2010 SP2", { 14, 2, 247, "" }, "Exchange2010_SP2", false },
        { "2010 SP2 RU4", { 14, 2, 318, "" }, "Exchange2010_SP2", true },
        { "2010 SP3", { 14, 3, 123, "" }, "Exchange2010_SP2", true },
        { "2013", { 15, 0, 516, "" }, "Exchange2013", true },
        { "2013 SP1", { 15, 0, 847, "" }, "Exchange2013_SP1", true },
        { "2013 CU23", { 15, 0, 1497, "" }, "Exchange2013_SP1", true },
        { "2016", { 15, 1, 225, "" }, "Exchange2016", true },
        { "2019", { 15, 2, 221, "" }, "Exchange2016", true },
        { "online", { 15, 20, 7000, "" }, "Exchange2016", true },
        { "of the future", { 16, 0, 0, "" }, "Exchange2016", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        enum ews_level level = ews_version_level(&rows[i].v);

        CHECK_ROW(rows[i].name,
                  strcmp(ews_level_name(level), rows[i].want) == 0);
        CHECK_ROW(rows[i].name, ews_version_charges_target(&rows[i].v) ==
                                    rows[i].charges_target);
    }
}

static bool has(enum ews_level level, const char *folder)
{
    size_t n;
    const char *const *names = ews_level_folders(level, &n);

    while (n > 0 && strcmp(names[n - 1], folder) != 0)
        n--;
    return n > 0;
}

static void test_folders(void)
{
    g_assert_true(has(EWS_2007_SP1, "inbox"));
    g_assert_true(has(EWS_2007_SP1, "junkemail"));
    g_assert_true(has(EWS_2007_SP1, "journal"));
    g_assert_false(has(EWS_2007_SP1, "conversationhistory"));
    g_assert_false(has(EWS_2010_SP2, "syncissues"));
    g_assert_true(has(EWS_2013, "conversationhistory"));
    g_assert_true(has(EWS_2016, "inbox"));
    /* The root itself is no folder below the root. */
    g_assert_false(has(EWS_2016, "msgfolderroot"));
}

static void test_request_max(void)
{
    g_assert_cmpuint(ews_level_request_max(EWS_2010_SP1), ==, 25 << 20);
    g_assert_cmpuint(ews_level_request_max(EWS_2013), ==, 64 << 20);
    g_assert_cmpuint(ews_level_request_max(EWS_2016), ==, 64 << 20);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/version/read", test_read);
    g_test_add_func("/version/unknown", test_unknown);
    g_test_add_func("/version/level", test_level);
    g_test_add_func("/version/folders", test_folders);
    g_test_add_func("/version/request-max", test_request_max);
    return g_test_run();
}
