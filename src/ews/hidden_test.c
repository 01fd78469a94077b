#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define HIDDEN(id, item_class)                                                 \
    "<t:Message><t:ItemId Id=\"" id                                            \
    "\" ChangeKey=\"K\"/><t:ItemClass>" item_class                             \
    "</t:ItemClass><t:Size>100</t:Size></t:Message>"
#define FOUND(last, next, items)                                               \
    ANSWER(                                                                    \
        RESPONSE("FindItem",                                                   \
                 SUCCESS("FindItem",                                           \
                         "<m:RootFolder IndexedPagingOffset=\"" next           \
                         "\" TotalItemsInView=\"3\" "                          \
                         "IncludesLastItemInRange=\"" last                     \
                         "\"><t:Items>" items "</t:Items></m:RootFolder>")))

static void test_pages(void)
{
    g_auto(endpoint_page) page = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    /* Fewer than asked for, and more to come. */
    script_say(st.script,
               FOUND("false", "2",
                     HIDDEN("A", "IPM.Configuration.CategoryList")
                         HIDDEN("B", "IPM.Microsoft.FolderDesign.NamedView")));
    script_say(st.script, FOUND("true", "3", HIDDEN("C", "IPM.Rule.Message")));
    CHECK_OK(endpoint_hidden(st.ep, "F", &page, &err), &err);
    g_assert_cmpuint(page.n, ==, 3);
    g_assert_cmpstr(page.changes[0].item_class, ==,
                    "IPM.Configuration.CategoryList");
    g_assert_cmpstr(page.changes[2].id, ==, "C");
    g_assert_cmpuint(page.changes[2].size_bytes, ==, 100);
    g_assert_nonnull(
        strstr(script_request(st.script, 1)->body, "Traversal=\"Associated\""));
    g_assert_nonnull(
        strstr(script_request(st.script, 2)->body, "Offset=\"2\""));
    stage_release(&st);
}

static void test_fails_in_the_middle(void)
{
    g_auto(endpoint_page) page = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, FOUND("false", "1", HIDDEN("A", "IPM.Note")));
    script_say(st.script, ANSWER(RESPONSE(
                              "FindItem",
                              FAILURE("FindItem", "ErrorFolderNotFound", ""))));
    g_assert_cmpint(endpoint_hidden(st.ep, "F", &page, &err), ==, -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_cmpuint(page.n, ==, 0);
    stage_release(&st);
}

/* No Associated traversal in 2007: nothing is asked. */
static void test_2007(void)
{
    g_auto(endpoint_page) page = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    st.site->old = true;
    stage_open(&st, ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    CHECK_OK(endpoint_hidden(st.ep, "F", &page, &err), &err);
    g_assert_cmpuint(page.n, ==, 0);
    g_assert_true(script_is_over(st.script));
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hidden/pages", test_pages);
    g_test_add_func("/hidden/fails-in-the-middle", test_fails_in_the_middle);
    g_test_add_func("/hidden/2007", test_2007);
    return g_test_run();
}
