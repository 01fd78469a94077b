#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define MADE(id)                                                               \
    ANSWER(                                                                    \
        RESPONSE("CreateFolder",                                               \
                 SUCCESS("CreateFolder", "<m:Folders><t:Folder>" FOLDER_ID(    \
                                             id) "</t:Folder></m:Folders>")))
#define NOT_MADE(code)                                                         \
    ANSWER(RESPONSE("CreateFolder",                                            \
                    FAILURE("CreateFolder", code, "<m:Folders/>")))
#define FOUND(last, folders)                                                   \
    ANSWER(RESPONSE("FindFolder",                                              \
                    SUCCESS("FindFolder",                                      \
                            "<m:RootFolder IndexedPagingOffset=\"1\" "         \
                            "TotalItemsInView=\"3\" "                          \
                            "IncludesLastItemInRange=\"" last                  \
                            "\"><t:Folders>" folders                           \
                            "</t:Folders></m:RootFolder>")))
#define NAMED(id, name)                                                        \
    "<t:Folder>" FOLDER_ID(id) "<t:DisplayName>" name                          \
                               "</t:DisplayName></t:Folder>"

/* The element and class that each folder class is made with. */
static void test_elements(void)
{
    static const struct {
        const char *folder_class, *want;
    } rows[] = {
        { NULL, "<t:Folder><t:DisplayName>" },
        { "IPF.Note", "<t:Folder><t:FolderClass>IPF.Note<" },
        { "IPF.Appointment", "<t:CalendarFolder><t:DisplayName>" },
        { "ipf.contact", "<t:ContactsFolder><t:DisplayName>" },
        { "IPF.Task", "<t:TasksFolder><t:DisplayName>" },
        { "IPF.StickyNote", "<t:Folder><t:FolderClass>IPF.StickyNote<" },
        { "IPF.Contact.MOC.QuickContacts",
          "<t:Folder><t:FolderClass>IPF.Contact.MOC.QuickContacts<" },
        { "IPF.Tasks", "<t:Folder><t:FolderClass>IPF.Tasks<" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = NULL;
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, MADE("NEW"));
        CHECK_OK(endpoint_make_folder(st.ep, "P", "name", rows[i].folder_class,
                                      &id, &err),
                 &err);
        g_assert_cmpstr(id, ==, "NEW");
        CHECK_ROW(rows[i].want, strstr(script_request(st.script, 1)->body,
                                       rows[i].want) != NULL);
        g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                                "<m:ParentFolderId><t:FolderId Id=\"P\"/>"));
        stage_release(&st);
    }
}

/* What is refused or there already is left to be made for itself. */
static void test_several(void)
{
    static const struct endpoint_new_folder folders[] = {
        { "a", NULL },
        { "b", "IPF.Appointment" },
        { "c", "IPF.Note" },
    };
    static const char answer[] = ANSWER(RESPONSE(
        "CreateFolder",
        SUCCESS("CreateFolder", "<m:Folders><t:Folder>" FOLDER_ID(
                                    "A") "</t:Folder></m:Folders>")
            FAILURE("CreateFolder", "ErrorFolderExists", "<m:Folders/>")
                SUCCESS("CreateFolder", "<m:Folders><t:Folder>" FOLDER_ID(
                                            "C") "</t:Folder></m:Folders>")));
    char *ids[] = { NULL, NULL, NULL };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, answer);
    CHECK_OK(endpoint_make_folders(st.ep, "P", folders, 3, ids, &err), &err);
    g_assert_cmpstr(ids[0], ==, "A");
    g_assert_null(ids[1]);
    g_assert_cmpstr(ids[2], ==, "C");
    g_assert_nonnull(strstr(
        script_request(st.script, 1)->body,
        "<t:Folder><t:DisplayName>a</t:DisplayName></t:Folder>"
        "<t:CalendarFolder><t:DisplayName>b</t:DisplayName></t:CalendarFolder>"
        "<t:Folder><t:FolderClass>IPF.Note</t:FolderClass>"
        "<t:DisplayName>c</t:DisplayName></t:Folder>"));
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        g_free(ids[i]);
    stage_release(&st);
}

/* An answer that lacks one is none: nobody knows which it lacks. */
static void test_several_too_few(void)
{
    static const struct endpoint_new_folder folders[] = { { "a", NULL },
                                                          { "b", NULL } };
    char *ids[] = { NULL, NULL };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, MADE("A"));
    g_assert_cmpint(endpoint_make_folders(st.ep, "P", folders, 2, ids, &err),
                    ==, -1);
    g_assert_true(ids[0] == NULL && ids[1] == NULL);
    stage_release(&st);
}

/* A class that is derived from a typed one and is refused: the typed one. */
static void test_class_override_is_refused(void)
{
    g_autofree char *id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, NOT_MADE("ErrorNoFolderClassOverride"));
    script_say(st.script, MADE("NEW"));
    CHECK_OK(endpoint_make_folder(st.ep, "P", "n", "IPF.Appointment.Birthday",
                                  &id, &err),
             &err);
    g_assert_nonnull(strstr(script_request(st.script, 2)->body,
                            "<t:CalendarFolder><t:DisplayName>"));
    stage_release(&st);
}

static void test_existing(void)
{
    static const struct {
        const char *name, *folders, *want;
    } rows[] = {
        { "the same name", NAMED("A", "other") NAMED("B", "R&amp;D"), "B" },
        { "in another case", NAMED("A", "r&amp;d"), "A" },
        { "the same before another case",
          NAMED("A", "r&amp;D") NAMED("B", "R&amp;D"), "B" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = NULL;
        g_autofree char *body =
            g_strdup_printf(FOUND("true", "%s"), rows[i].folders);
        struct stage st;
        struct err err;

        stage_init(&st);
        stage_open_2016(&st);
        script_say(st.script, NOT_MADE("ErrorFolderExists"));
        script_say(st.script, body);
        CHECK_OK(endpoint_make_folder(st.ep, "P", "R&D", "IPF.Note", &id, &err),
                 &err);
        CHECK_ROW(rows[i].name, strcmp(id, rows[i].want) == 0);
        stage_release(&st);
    }
}

/* A page may be short: it goes on until the last (EWSFindCountLimit). */
static void test_existing_on_a_later_page(void)
{
    g_autofree char *id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, NOT_MADE("ErrorFolderExists"));
    script_say(st.script, FOUND("false", NAMED("A", "a") NAMED("B", "b")));
    script_say(st.script, FOUND("true", NAMED("C", "c")));
    CHECK_OK(endpoint_make_folder(st.ep, "P", "c", NULL, &id, &err), &err);
    g_assert_cmpstr(id, ==, "C");
    g_assert_nonnull(
        strstr(script_request(st.script, 3)->body, "Offset=\"2\""));
    stage_release(&st);
}

static void test_existing_and_not_listed(void)
{
    g_autofree char *id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, NOT_MADE("ErrorFolderExists"));
    script_say(st.script, FOUND("true", NAMED("A", "a")));
    g_assert_cmpint(endpoint_make_folder(st.ep, "P", "c", NULL, &id, &err), ==,
                    -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_null(id);
    stage_release(&st);
}

static void test_refused(void)
{
    g_autofree char *id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, NOT_MADE("ErrorFolderSavePropertyError"));
    g_assert_cmpint(endpoint_make_folder(st.ep, "P", "c", NULL, &id, &err), ==,
                    -1);
    g_assert_cmpint(err.scope, ==, ERR_FOLDER);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_NEVER);
    g_assert_cmpstr(err.name, ==, "ErrorFolderSavePropertyError");
    stage_release(&st);
}

/* Creating is writing: a lost answer is not asked for again. */
static void test_lost(void)
{
    const struct script_line lost = { .lost = "connection-lost",
                                      .lost_scope = ERR_MAILBOX,
                                      .lost_retry = ERR_RETRY_NOW,
                                      .body_sent = true };
    g_autofree char *id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    script_add(st.script, &lost);
    g_assert_cmpint(endpoint_make_folder(st.ep, "P", "c", NULL, &id, &err), ==,
                    -1);
    g_assert_false(script_request(st.script, 1)->repeatable);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder_make/elements", test_elements);
    g_test_add_func("/folder_make/override", test_class_override_is_refused);
    g_test_add_func("/folder_make/several", test_several);
    g_test_add_func("/folder_make/too-few", test_several_too_few);
    g_test_add_func("/folder_make/existing", test_existing);
    g_test_add_func("/folder_make/later-page", test_existing_on_a_later_page);
    g_test_add_func("/folder_make/not-listed", test_existing_and_not_listed);
    g_test_add_func("/folder_make/refused", test_refused);
    g_test_add_func("/folder_make/lost", test_lost);
    return g_test_run();
}
