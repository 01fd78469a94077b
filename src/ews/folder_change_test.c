#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define IS(element, parent, name)                                              \
    ANSWER(RESPONSE("GetFolder",                                               \
                    SUCCESS("GetFolder",                                       \
                            "<m:Folders><t:" element ">" FOLDER_ID(            \
                                "F") "<t:ParentFolderId Id=\"" parent          \
                                     "\"/><t:DisplayName>" name                \
                                     "</t:DisplayName></t:" element            \
                                     "></m:Folders>")))
#define DONE(operation)                                                        \
    ANSWER(RESPONSE(operation, SUCCESS(operation, "<m:Folders/>")))
#define DELETED(message) ANSWER(RESPONSE("DeleteFolder", message))

static const struct {
    const char *name, *now, *parent, *called;
    const char *moved, *renamed; /* in the requests; NULL: none is made */
} rows[] = {
    { "renamed", IS("Folder", "P", "Old"), "P", "New", NULL,
      "<t:Folder><t:DisplayName>New</t:DisplayName></t:Folder>" },
    { "a calendar stays one", IS("CalendarFolder", "P", "Old"), NULL, "New",
      NULL, "<t:CalendarFolder><t:DisplayName>New<" },
    { "moved", IS("Folder", "P", "Old"), "Q", "Old",
      "<m:ToFolderId><t:FolderId Id=\"Q\"/></m:ToFolderId>", NULL },
    { "both", IS("Folder", "P", "Old"), "Q", "New", "Id=\"Q\"", ">New<" },
    { "repeated", IS("Folder", "Q", "New"), "Q", "New", NULL, NULL },
};

static void test_change(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t at = 2;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, rows[i].now);
        if (rows[i].moved != NULL)
            script_say(st.script, DONE("MoveFolder"));
        if (rows[i].renamed != NULL)
            script_say(st.script, DONE("UpdateFolder"));
        CHECK_OK(endpoint_change_folder(st.ep, "F", rows[i].parent,
                                        rows[i].called, &err),
                 &err);
        CHECK_ROW(rows[i].name, script_is_over(st.script));
        if (rows[i].moved != NULL)
            CHECK_ROW(rows[i].name,
                      strstr(script_request(st.script, at++)->body,
                             rows[i].moved) != NULL);
        if (rows[i].renamed != NULL) {
            const char *body = script_request(st.script, at)->body;

            CHECK_ROW(rows[i].name, strstr(body, rows[i].renamed) != NULL);
            CHECK_ROW(rows[i].name,
                      strstr(body, "<t:FolderId Id=\"F\" ChangeKey=\"") !=
                          NULL);
        }
        stage_release(&st);
    }
}

static void test_name_taken(void)
{
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, IS("Folder", "P", "Old"));
    script_say(st.script,
               ANSWER(RESPONSE("UpdateFolder",
                               FAILURE("UpdateFolder", "ErrorFolderExists",
                                       "<m:Folders/>"))));
    g_assert_cmpint(endpoint_change_folder(st.ep, "F", NULL, "New", &err), ==,
                    -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_cmpstr(err.name, ==, "ErrorFolderExists");
    g_assert_nonnull(strstr(err.msg, "\"New\""));
    stage_release(&st);
}

static void test_remove(void)
{
    static const struct {
        const char *name, *answer;
        int want;
    } cases[] = {
        { "removed", DELETED(SUCCESS("DeleteFolder", "")), 0 },
        { "gone", DELETED(FAILURE("DeleteFolder", "ErrorFolderNotFound", "")),
          0 },
        { "gone, as items are",
          DELETED(FAILURE("DeleteFolder", "ErrorItemNotFound", "")), 0 },
        { "refused",
          DELETED(
              FAILURE("DeleteFolder", "ErrorDeleteDistinguishedFolder", "")),
          -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, cases[i].answer);
        CHECK_ROW(cases[i].name,
                  endpoint_remove_folder(st.ep, "F", &err) == cases[i].want);
        g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                                "DeleteType=\"SoftDelete\""));
        stage_release(&st);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder_change/change", test_change);
    g_test_add_func("/folder_change/name-taken", test_name_taken);
    g_test_add_func("/folder_change/remove", test_remove);
    return g_test_run();
}
