#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/store_fixture.h"

static uint32_t children(struct fix *f, const char *id)
{
    g_auto(lab_folder) folder = { 0 };

    get_folder(f, id, &folder);
    return folder.n_children;
}

static uint32_t items_in(struct fix *f, const char *id)
{
    g_auto(lab_folder) folder = { 0 };

    get_folder(f, id, &folder);
    return folder.n_items;
}

/* inbox / top / (below, beside), with 2, 1 and 0 items */
struct tree {
    char *top, *below, *beside;
};

static void make_tree(struct fix *f, struct tree *t)
{
    t->top = make_folder(f, f->inbox.id, "top");
    t->below = make_folder(f, t->top, "below");
    t->beside = make_folder(f, t->top, "beside");
    g_free(upload(f, t->top, NULL, "one"));
    g_free(upload(f, t->top, NULL, "two"));
    g_free(upload(f, t->below, NULL, "three"));
}

static void tree_clear(struct tree *t)
{
    g_free(t->top);
    g_free(t->below);
    g_free(t->beside);
}

static void test_copy(void)
{
    g_autoptr(GPtrArray) below = NULL;
    g_auto(lab_folder) copy = { 0 };
    g_autofree char *drafts = NULL;
    struct tree t;
    struct fix f;
    struct err err;

    set_up(&f);
    make_tree(&f, &t);
    drafts = folder_id(&f, "drafts");
    CHECK_OK(
        lab_store_copy_folder(f.store, f.mailbox, t.top, drafts, &copy, &err),
        &err);
    g_assert_cmpstr(copy.name, ==, "top");
    g_assert_cmpstr(copy.parent_id, ==, drafts);
    g_assert_cmpstr(copy.id, !=, t.top);
    g_assert_cmpuint(copy.n_items, ==, 2);
    CHECK_OK(lab_store_folders(f.store, f.mailbox, copy.id, true, &below, &err),
             &err);
    g_assert_cmpuint(below->len, ==, 2);
    g_assert_cmpuint(((struct lab_folder *)below->pdata[0])->n_items, ==, 1);
    /* what was copied is still where it was */
    g_assert_cmpuint(items_in(&f, t.top), ==, 2);
    g_assert_cmpuint(children(&f, t.top), ==, 2);
    tree_clear(&t);
    tear_down(&f);
}

static void test_copies_refused(void)
{
    struct lab_folder none = { 0 };
    struct tree t;
    struct fix f;
    struct err err;

    set_up(&f);
    make_tree(&f, &t);
    g_assert_cmpint(
        lab_store_copy_folder(f.store, f.mailbox, t.top, t.below, &none, &err),
        <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorMoveCopyFailed");
    g_assert_cmpint(
        lab_store_copy_folder(f.store, f.mailbox, t.below, t.top, &none, &err),
        <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorFolderExists");
    CHECK_OK(lab_store_set_quota(f.store, f.mailbox, 1, &err), &err);
    g_assert_cmpint(lab_store_copy_folder(f.store, f.mailbox, t.below,
                                          f.inbox.id, &none, &err),
                    <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    tree_clear(&t);
    tear_down(&f);
}

static void test_empty(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum lab_delete how;
        bool folders;
        const char *place; /* where items are then; NULL: nowhere */
        uint32_t items, children; /* there, and left in the folder */
    } rows[] = {
        { "for good", LAB_DELETE_HARD, false, NULL, 0, 2 },
        { "softly", LAB_DELETE_SOFT, false, "recoverableitemsdeletions", 2,
          2 },
        { "to the bin", LAB_DELETE_MOVE, false, "deleteditems", 2, 2 },
        { "with folders", LAB_DELETE_SOFT, true, "recoverableitemsdeletions",
          3, 0 },
        { "with folders to the bin", LAB_DELETE_MOVE, true, "deleteditems", 2,
          0 },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct tree t;
        struct fix f;
        struct err err;

        set_up(&f);
        make_tree(&f, &t);
        CHECK_OK(lab_store_empty_folder(f.store, f.mailbox, t.top, rows[i].how,
                                        rows[i].folders, &err),
                 &err);
        CHECK_ROW(rows[i].name, items_in(&f, t.top) == 0);
        CHECK_ROW(rows[i].name, children(&f, t.top) == rows[i].children);
        if (rows[i].place != NULL) {
            g_autofree char *place = folder_id(&f, rows[i].place);

            CHECK_ROW(rows[i].name, items_in(&f, place) == rows[i].items);
        }
        tree_clear(&t);
        tear_down(&f);
    }
}

static void test_empty_refused(void)
{
    static const struct {
        const char *folder;
        enum lab_delete how;
        bool folders;
    } rows[] = {
        { "root", LAB_DELETE_HARD, false },
        { "deleteditems", LAB_DELETE_MOVE, false },
        { "msgfolderroot", LAB_DELETE_HARD, true },
    };
    struct fix f;
    struct err err;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = folder_id(&f, rows[i].folder);

        CHECK_ROW(rows[i].folder,
                  lab_store_empty_folder(f.store, f.mailbox, id, rows[i].how,
                                         rows[i].folders, &err) < 0);
        g_assert_cmpstr(err.name, ==, "ErrorCannotEmptyFolder");
    }
    tear_down(&f);
}

static void test_update(void)
{
    const uint32_t tag = PROP_TAG(0x6801, PT_UNICODE);
    struct lab_folder_edit edit = { .name = "new", .folder_class = "IPF.Task" };
    g_auto(lab_folder) before = { 0 }, after = { 0 }, same = { 0 };
    g_autoptr(mapi_item) props = NULL, again = NULL;
    g_autofree char *id = NULL, *text = NULL;
    struct fix f;
    struct err err;

    set_up(&f);
    id = make_folder(&f, f.inbox.id, "old");
    get_folder(&f, id, &before);
    CHECK_OK(lab_store_folder_props(f.store, f.mailbox, id, &props, &err),
             &err);
    g_assert_cmpuint(props->message.props.n, ==, 0);
    mapi_set_text(props, &props->message.props, tag, "kept");
    edit.props = props;
    CHECK_OK(
        lab_store_update_folder(f.store, f.mailbox, id, &edit, &after, &err),
        &err);
    g_assert_cmpstr(after.name, ==, "new");
    g_assert_cmpstr(after.folder_class, ==, "IPF.Task");
    g_assert_cmpint(after.kind, ==, LAB_FOLDER_TASKS);
    g_assert_cmpstr(after.change_key, !=, before.change_key);
    CHECK_OK(lab_store_folder_props(f.store, f.mailbox, id, &again, &err),
             &err);
    text = mapi_dup_text(mapi_find(&again->message.props, 0x6801));
    g_assert_cmpstr(text, ==, "kept");
    /* nothing said: nothing but the change key is new */
    edit = (struct lab_folder_edit){ .name = NULL };
    CHECK_OK(
        lab_store_update_folder(f.store, f.mailbox, id, &edit, &same, &err),
        &err);
    g_assert_cmpstr(same.name, ==, "new");
    tear_down(&f);
}

/* Sync tools look at it to see whether anything has happened. */
static void test_touched(void)
{
    g_auto(lab_folder) a = { 0 }, b = { 0 }, c = { 0 };
    g_autofree char *item = NULL;
    struct fix f;
    struct err err;

    set_up(&f);
    get_folder(&f, f.inbox.id, &a);
    item = upload(&f, f.inbox.id, NULL, "one");
    get_folder(&f, f.inbox.id, &b);
    g_assert_cmpint(b.touched_us, >, a.touched_us);
    g_assert_cmpint(b.modified_us, ==, a.modified_us);
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, item, LAB_DELETE_HARD, &err),
        &err);
    get_folder(&f, f.inbox.id, &c);
    g_assert_cmpint(c.touched_us, >, b.touched_us);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-tree/copy", test_copy);
    g_test_add_func("/store-tree/copies-refused", test_copies_refused);
    g_test_add_func("/store-tree/empty", test_empty);
    g_test_add_func("/store-tree/empty-refused", test_empty_refused);
    g_test_add_func("/store-tree/update", test_update);
    g_test_add_func("/store-tree/touched", test_touched);
    return g_test_run();
}
