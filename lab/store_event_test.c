#include "lab/store_event.h"

#include "base/check.h"
#include "lab/store_fixture.h"

/* Events since *mark as words, "created deleted"; moves *mark on. */
static char *news(struct fix *f, int64_t *mark)
{
    static const char *const words[] = {
        [LAB_EVENT_CREATED] = "created",   [LAB_EVENT_DELETED] = "deleted",
        [LAB_EVENT_MODIFIED] = "modified", [LAB_EVENT_MOVED] = "moved",
        [LAB_EVENT_COPIED] = "copied",
    };
    g_autoptr(GPtrArray) all = NULL;
    GString *text = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_events(f->store, f->mailbox, *mark, 1000, &all, &err),
             &err);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_event *e = all->pdata[i];

        g_assert_cmpint(e->seq, >, *mark);
        *mark = e->seq;
        /* what it did to the folder's counts is told beside it */
        if (e->folder && e->kind == LAB_EVENT_MODIFIED)
            continue;
        g_string_append_printf(text, "%s%s%s", text->len > 0 ? " " : "",
                               e->folder ? "folder-" : "", words[e->kind]);
    }
    return g_string_free(text, FALSE);
}

static void expect(struct fix *f, int64_t *mark, const char *want)
{
    g_autofree char *got = news(f, mark);

    g_assert_cmpstr(got, ==, want);
}

static void watch(struct fix *f, int64_t *ret_mark)
{
    struct err err;

    CHECK_OK(lab_store_watch(f->store, &err), &err);
    CHECK_OK(lab_store_watch(f->store, &err), &err); /* twice is once */
    CHECK_OK(lab_store_last_event(f->store, ret_mark, &err), &err);
}

static void test_items(void)
{
    g_autofree char *before = NULL, *id = NULL, *sent = NULL, *double_ = NULL;
    g_auto(lab_item) moved = { 0 };
    struct fix f;
    struct err err;
    int64_t mark = 0;

    set_up(&f);
    before = upload(&f, f.inbox.id, NULL, "before");
    watch(&f, &mark);
    expect(&f, &mark, "");
    id = upload(&f, f.inbox.id, NULL, "one");
    expect(&f, &mark, "created");
    double_ = upload(&f, f.inbox.id, id, "two");
    expect(&f, &mark, "modified");
    CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, true, &err), &err);
    CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, true, &err), &err);
    CHECK_OK(lab_store_touch(f.store, f.mailbox, id, &err), &err);
    expect(&f, &mark, "modified modified");
    sent = folder_id(&f, "sentitems");
    CHECK_OK(lab_store_move_item(f.store, f.mailbox, id, sent, &moved, &err),
             &err);
    expect(&f, &mark, "moved");
    CHECK_OK(lab_store_delete_item(f.store, f.mailbox, moved.id,
                                   LAB_DELETE_HARD, &err),
             &err);
    CHECK_OK(lab_store_delete_item(f.store, f.mailbox, before, LAB_DELETE_SOFT,
                                   &err),
             &err);
    expect(&f, &mark, "deleted deleted");
    tear_down(&f);
}

/* What it says of a move, by the ids that clients know. */
static void test_ids(void)
{
    g_autofree char *id = NULL, *sent = NULL;
    g_autoptr(GPtrArray) all = NULL;
    g_auto(lab_item) moved = { 0 };
    const struct lab_event *e = NULL;
    struct fix f;
    struct err err;
    int64_t mark = 0;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "one");
    watch(&f, &mark);
    sent = folder_id(&f, "sentitems");
    CHECK_OK(lab_store_move_item(f.store, f.mailbox, id, sent, &moved, &err),
             &err);
    CHECK_OK(lab_store_events(f.store, f.mailbox, mark, 1000, &all, &err),
             &err);
    for (guint i = 0; i < all->len; i++)
        if (!((const struct lab_event *)all->pdata[i])->folder)
            e = all->pdata[i];
    g_assert_nonnull(e);
    g_assert_cmpstr(e->id, ==, moved.id);
    g_assert_cmpstr(e->change_key, ==, moved.change_key);
    g_assert_cmpstr(e->parent_id, ==, sent);
    g_assert_cmpstr(e->old_id, ==, id);
    g_assert_cmpstr(e->old_parent_id, ==, f.inbox.id);
    tear_down(&f);
}

static void test_folders(void)
{
    g_autofree char *id = NULL, *drafts = NULL;
    g_auto(lab_folder) moved = { 0 };
    struct fix f;
    struct err err;
    int64_t mark = 0;

    set_up(&f);
    watch(&f, &mark);
    id = make_folder(&f, f.inbox.id, "New");
    expect(&f, &mark, "folder-created");
    drafts = folder_id(&f, "drafts");
    CHECK_OK(
        lab_store_move_folder(f.store, f.mailbox, id, drafts, &moved, &err),
        &err);
    expect(&f, &mark, "folder-moved");
    CHECK_OK(
        lab_store_delete_folder(f.store, f.mailbox, id, LAB_DELETE_HARD, &err),
        &err);
    expect(&f, &mark, "folder-deleted");
    tear_down(&f);
}

/* Nobody is told of what did not happen, nor of another's mailbox. */
static void test_rolled_back_and_others(void)
{
    g_autofree G_GNUC_UNUSED char *other_inbox = NULL;
    g_autoptr(GBytes) payload = payload_of("x");
    struct lab_upload bad = { .action = LAB_CREATE_NEW };
    g_auto(lab_item) item = { 0 };
    g_auto(lab_folder) inbox = { 0 };
    int64_t mark = 0, other;
    struct fix f;
    struct err err;

    set_up(&f);
    watch(&f, &mark);
    bad.folder_id = f.inbox.id;
    bad.data = (const uint8_t *)"nonsense";
    bad.len = 8;
    g_assert_cmpint(lab_store_upload(f.store, f.mailbox, &bad, &item, &err), ==,
                    -1);
    other = add_mailbox(f.store, "bob@corp.example", 0);
    CHECK_OK(lab_store_distinguished(f.store, other, "inbox", &inbox, &err),
             &err);
    bad.folder_id = inbox.id;
    bad.data = g_bytes_get_data(payload, &bad.len);
    CHECK_OK(lab_store_upload(f.store, other, &bad, &item, &err), &err);
    expect(&f, &mark, "");
    tear_down(&f);
}

static void test_pages(void)
{
    g_autoptr(GPtrArray) page = NULL;
    struct fix f;
    struct err err;
    int64_t mark = 0;

    set_up(&f);
    watch(&f, &mark);
    for (int i = 0; i < 5; i++) {
        g_autofree G_GNUC_UNUSED char *id = upload(&f, f.inbox.id, NULL, "x");
    }
    CHECK_OK(lab_store_events(f.store, f.mailbox, mark, 3, &page, &err), &err);
    g_assert_cmpuint(page->len, ==, 3);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-event/items", test_items);
    g_test_add_func("/store-event/ids", test_ids);
    g_test_add_func("/store-event/folders", test_folders);
    g_test_add_func("/store-event/rolled-back-and-others",
                    test_rolled_back_and_others);
    g_test_add_func("/store-event/pages", test_pages);
    return g_test_run();
}
