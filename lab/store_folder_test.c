#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/store_fixture.h"

static int create(struct fix *f, const char *parent, const char *name,
                  const char *folder_class, char **ret, struct err *err)
{
    g_auto(lab_folder) folder = { 0 };

    if (lab_store_create_folder(f->store, f->mailbox, parent, name,
                                folder_class, &folder, err) < 0)
        return -1;
    if (ret != NULL)
        *ret = g_strdup(folder.id);
    return 0;
}

static void test_well_known_folders(void)
{
    /* clang-format off */
    static const struct {
        const char *id, *name, *folder_class;
        enum lab_folder_kind kind;
    } rows[] = {
        { "inbox", "Inbox", "IPF.Note", LAB_FOLDER_PLAIN },
        { "outbox", "Outbox", "IPF.Note", LAB_FOLDER_PLAIN },
        { "sentitems", "Sent Items", "IPF.Note", LAB_FOLDER_PLAIN },
        { "deleteditems", "Deleted Items", "IPF.Note", LAB_FOLDER_PLAIN },
        { "drafts", "Drafts", "IPF.Note", LAB_FOLDER_PLAIN },
        { "junkemail", "Junk E-Mail", "IPF.Note", LAB_FOLDER_PLAIN },
        { "calendar", "Calendar", "IPF.Appointment", LAB_FOLDER_CALENDAR },
        { "contacts", "Contacts", "IPF.Contact", LAB_FOLDER_CONTACTS },
        { "tasks", "Tasks", "IPF.Task", LAB_FOLDER_TASKS },
        { "notes", "Notes", "IPF.StickyNote", LAB_FOLDER_PLAIN },
        { "journal", "Journal", "IPF.Journal", LAB_FOLDER_PLAIN },
    };
    /* clang-format on */
    struct fix f;
    g_auto(lab_folder) root = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(lab_folder) folder = { 0 };

        CHECK_OK(lab_store_distinguished(f.store, f.mailbox, rows[i].id,
                                         &folder, &err),
                 &err);
        CHECK_ROW(rows[i].id, strcmp(folder.name, rows[i].name) == 0);
        CHECK_ROW(rows[i].id,
                  strcmp(folder.folder_class, rows[i].folder_class) == 0);
        CHECK_ROW(rows[i].id, folder.kind == rows[i].kind);
        CHECK_ROW(rows[i].id, strcmp(folder.parent_id, f.root) == 0);
    }
    CHECK_OK(lab_store_distinguished(f.store, f.mailbox, "root", &root, &err),
             &err);
    g_assert_null(root.parent_id);
    g_assert_cmpuint(root.n_children, ==, 3);
    g_assert_cmpint(
        lab_store_distinguished(f.store, f.mailbox, "voicemail", &none, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorFolderNotFound");
    tear_down(&f);
}

static void test_names(void)
{
    struct fix f;
    g_autofree char *long_name = g_strnfill(256, 'x');
    struct err err;

    set_up(&f);
    {
        const struct {
            const char *name, *code; /* NULL: taken */
        } rows[] = {
            { "Projects/2024", NULL },
            { "projects/2024", "ErrorFolderExists" },
            { "Größe", NULL },
            { "GRÖSSE", "ErrorFolderExists" },
            { "trailing ", NULL },
            { "trailing", NULL },
            { "INBOX", "ErrorFolderExists" },
            { "", "ErrorFolderSavePropertyError" },
            { long_name, "ErrorFolderSavePropertyError" },
            { long_name + 1, NULL },
            { "🚀", NULL },
            { "%_'\"\\", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_autofree char *id = NULL;
            int status = create(&f, f.root, rows[i].name, NULL, &id, &err);
            g_auto(lab_folder) folder = { 0 };

            CHECK_ROW(rows[i].name, (status < 0) == (rows[i].code != NULL));
            if (status < 0) {
                CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
                continue;
            }
            get_folder(&f, id, &folder);
            CHECK_ROW(rows[i].name, strcmp(folder.name, rows[i].name) == 0);
        }
    }
    tear_down(&f);
}

static void test_class_is_inherited(void)
{
    struct fix f;
    g_autofree char *calendar = NULL, *a = NULL, *b = NULL, *c = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    set_up(&f);
    calendar = folder_id(&f, "calendar");
    CHECK_OK(create(&f, calendar, "Team", NULL, &a, &err), &err);
    get_folder(&f, a, &folder);
    g_assert_cmpstr(folder.folder_class, ==, "IPF.Appointment");
    g_assert_cmpint(folder.kind, ==, LAB_FOLDER_CALENDAR);
    CHECK_OK(create(&f, f.root, "Plain", NULL, &b, &err), &err);
    get_folder(&f, b, &folder);
    g_assert_cmpstr(folder.folder_class, ==, "IPF.Note");
    CHECK_OK(create(&f, calendar, "People", "IPF.Contact.Special", &c, &err),
             &err);
    get_folder(&f, c, &folder);
    g_assert_cmpint(folder.kind, ==, LAB_FOLDER_CONTACTS);
    tear_down(&f);
}

static void test_tree(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL, *c = NULL;
    g_autoptr(GPtrArray) flat = NULL, deep = NULL;
    struct err err;

    set_up(&f);
    CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
    CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
    CHECK_OK(create(&f, b, "c", NULL, &c, &err), &err);
    CHECK_OK(lab_store_folders(f.store, f.mailbox, a, false, &flat, &err),
             &err);
    CHECK_OK(lab_store_folders(f.store, f.mailbox, f.root, true, &deep, &err),
             &err);
    g_assert_cmpuint(flat->len, ==, 1);
    g_assert_cmpuint(deep->len, ==, 11 + 3);
    g_assert_cmpstr(((struct lab_folder *)deep->pdata[13])->id, ==, c);
    g_assert_cmpstr(((struct lab_folder *)deep->pdata[12])->id, ==, b);
    tear_down(&f);
}

static void test_moving_folders(void)
{
    struct fix f;
    g_autofree char *a = NULL, *b = NULL;
    g_auto(lab_folder) moved = { 0 }, none = { 0 };
    struct err err;

    set_up(&f);
    CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
    CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
    g_assert_cmpint(
        lab_store_move_folder(f.store, f.mailbox, a, b, &none, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorMoveCopyFailed");
    g_assert_cmpint(
        lab_store_move_folder(f.store, f.mailbox, f.inbox.id, b, &none, &err),
        ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorMoveDistinguishedFolder");
    CHECK_OK(
        lab_store_move_folder(f.store, f.mailbox, b, f.inbox.id, &moved, &err),
        &err);
    g_assert_cmpstr(moved.id, ==, b);
    g_assert_cmpstr(moved.parent_id, ==, f.inbox.id);
    CHECK_OK(lab_store_rename_folder(f.store, f.mailbox, b, "B", &err), &err);
    CHECK_OK(lab_store_rename_folder(f.store, f.mailbox, f.inbox.id,
                                     "Posteingang", &err),
             &err);
    g_assert_cmpint(
        lab_store_rename_folder(f.store, f.mailbox, a, "posteingang", &err), ==,
        -1);
    g_assert_cmpstr(err.name, ==, "ErrorFolderExists");
    tear_down(&f);
}

static void test_deleting_folders(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum lab_delete how;
        uint32_t in_dumpster, in_deleted; /* items; folders */
    } rows[] = {
        { "hard", LAB_DELETE_HARD, 0, 0 },
        { "soft", LAB_DELETE_SOFT, 2, 0 },
        { "moved", LAB_DELETE_MOVE, 0, 1 },
    };
    /* clang-format on */
    struct err err;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fix f;
        g_autofree char *a = NULL, *b = NULL;
        g_autofree char *dumpster = NULL, *deleted = NULL;
        g_auto(lab_folder) folder = { 0 };

        set_up(&f);
        dumpster = folder_id(&f, "recoverableitemsdeletions");
        deleted = folder_id(&f, "deleteditems");
        CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
        CHECK_OK(create(&f, a, "b", NULL, &b, &err), &err);
        g_free(upload(&f, a, NULL, "x"));
        g_free(upload(&f, b, NULL, "y"));
        CHECK_OK(
            lab_store_delete_folder(f.store, f.mailbox, a, rows[i].how, &err),
            &err);
        get_folder(&f, dumpster, &folder);
        CHECK_ROW(rows[i].name, folder.n_items == rows[i].in_dumpster);
        get_folder(&f, deleted, &folder);
        CHECK_ROW(rows[i].name, folder.n_children == rows[i].in_deleted);
        lab_folder_clear(&folder);
        CHECK_ROW(rows[i].name,
                  (lab_store_folder(f.store, f.mailbox, b, &folder, &err) <
                   0) == (rows[i].how != LAB_DELETE_MOVE));
        g_assert_cmpint(lab_store_delete_folder(f.store, f.mailbox, f.inbox.id,
                                                rows[i].how, &err),
                        ==, -1);
        g_assert_cmpstr(err.name, ==, "ErrorDeleteDistinguishedFolder");
        tear_down(&f);
    }
}

static void test_second_folder_of_a_name_is_deleted(void)
{
    struct fix f;
    g_autofree char *deleted = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    set_up(&f);
    deleted = folder_id(&f, "deleteditems");
    for (int i = 0; i < 3; i++) {
        g_autofree char *a = NULL;

        CHECK_OK(create(&f, f.root, "a", NULL, &a, &err), &err);
        CHECK_OK(lab_store_delete_folder(f.store, f.mailbox, a, LAB_DELETE_MOVE,
                                         &err),
                 &err);
    }
    get_folder(&f, deleted, &folder);
    g_assert_cmpuint(folder.n_children, ==, 3);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-folder/well-known", test_well_known_folders);
    g_test_add_func("/store-folder/names", test_names);
    g_test_add_func("/store-folder/class-inherited", test_class_is_inherited);
    g_test_add_func("/store-folder/tree", test_tree);
    g_test_add_func("/store-folder/move", test_moving_folders);
    g_test_add_func("/store-folder/delete", test_deleting_folders);
    g_test_add_func("/store-folder/delete-same-name",
                    test_second_folder_of_a_name_is_deleted);
    return g_test_run();
}
