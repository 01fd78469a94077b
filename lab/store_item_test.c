#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/digest.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"
#include "lab/store_fixture.h"

static void test_upload_and_export(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_autoptr(GBytes) sent = payload_of("hello"), got = NULL;
    g_autoptr(mapi_item) tree = NULL, original = NULL;
    g_auto(lab_item) item = { 0 };
    char before[LAB_DIGEST_TEXT], after[LAB_DIGEST_TEXT];
    const uint8_t *data;
    gsize n;
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "hello");
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &got, &item, &err), &err);
    g_assert_false(g_bytes_equal(sent, got));
    data = g_bytes_get_data(got, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    data = g_bytes_get_data(sent, &n);
    CHECK_OK(lab_fts_read(data, n, &original, &err), &err);
    lab_digest_item(tree, after);
    lab_digest_item(original, before);
    g_assert_cmpstr(before, ==, after);
    g_assert_cmpstr(item.subject, ==, "hello");
    g_assert_cmpstr(item.item_class, ==, "IPM.Note");
    g_assert_cmpint(item.received_us, ==, INT64_C(1614834367000000));
    g_assert_cmpint(item.sent_us, ==, TIMESTAMP_NONE);
    g_assert_cmpuint(g_bytes_get_size(item.search_key), ==, 16);
    g_assert_cmpuint(item.size_bytes, >, 100);
    g_assert_false(item.read);
    tear_down(&f);
}

static void test_update_keeps_the_id(void)
{
    struct fix f;
    g_autofree char *id = NULL, *again = NULL;
    g_auto(lab_item) before = { 0 }, after = { 0 };
    g_auto(lab_folder) inbox = { 0 };

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "one");
    get_item(&f, id, &before);
    again = upload(&f, f.inbox.id, id, "a longer subject than before");
    get_item(&f, id, &after);
    g_assert_cmpstr(id, ==, again);
    g_assert_cmpstr(before.change_key, !=, after.change_key);
    g_assert_cmpstr(after.subject, ==, "a longer subject than before");
    g_assert_cmpint(before.created_us, ==, after.created_us);
    get_folder(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 1);
    g_assert_cmpuint(inbox.size_bytes, ==, after.size_bytes);
    tear_down(&f);
}

static void test_refused_uploads(void)
{
    struct fix f;
    g_autoptr(GBytes) good = payload_of("x");
    gsize n;
    const uint8_t *data = g_bytes_get_data(good, &n);
    g_autofree char *gone = NULL, *search = NULL;
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    set_up(&f);
    gone = upload(&f, f.inbox.id, NULL, "x");
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, gone, LAB_DELETE_HARD, &err),
        &err);
    CHECK_OK(
        lab_store_create_search(f.store, f.mailbox, f.root, "Search", &err),
        &err);
    CHECK_OK(
        lab_store_folders(f.store, f.mailbox, f.root, false, &folders, &err),
        &err);
    search =
        g_strdup(((struct lab_folder *)folders->pdata[folders->len - 1])->id);
    {
        const struct {
            const char *name;
            struct lab_upload u;
            const char *code;
        } rows[] = {
            { "corrupt",
              { .folder_id = f.inbox.id, .data = data, .len = n - 1 },
              "ErrorCorruptData" },
            { "no such folder",
              { .folder_id = gone, .data = data, .len = n },
              "ErrorCannotUseItemIdForFolderId" },
            { "search folder",
              { .folder_id = search, .data = data, .len = n },
              "ErrorInvalidFolderTypeForOperation" },
            { "update of what is gone",
              { LAB_UPDATE, f.inbox.id, gone, false, data, n, NULL },
              "ErrorItemNotFound" },
            { "update of nothing",
              { LAB_UPDATE, f.inbox.id, NULL, false, data, n, NULL },
              "ErrorInvalidIdEmpty" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            g_auto(lab_item) item = { 0 };

            CHECK_ROW(rows[i].name,
                      lab_store_upload(f.store, f.mailbox, &rows[i].u, &item,
                                       &err) == -1);
            CHECK_ROW(rows[i].name, strcmp(err.name, rows[i].code) == 0);
            CHECK_ROW(rows[i].name, item.id == NULL);
        }
    }
    {
        g_auto(lab_folder) inbox = { 0 };

        get_folder(&f, f.inbox.id, &inbox);
        g_assert_cmpuint(inbox.n_items, ==, 0);
    }
    tear_down(&f);
}

static void test_update_or_create(void)
{
    struct fix f;
    g_autoptr(GBytes) payload = payload_of("x");
    g_autofree char *id = NULL;
    struct lab_upload u = { .action = LAB_UPDATE_OR_CREATE };
    g_auto(lab_item) first = { 0 }, second = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "old");
    u.folder_id = f.inbox.id;
    u.item_id = id;
    u.data = g_bytes_get_data(payload, &u.len);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &first, &err), &err);
    g_assert_cmpstr(first.id, ==, id);
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, id, LAB_DELETE_HARD, &err),
        &err);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &second, &err), &err);
    g_assert_cmpstr(second.id, !=, id);
    tear_down(&f);
}

static void test_quota(void)
{
    struct fix f;
    g_autofree char *one = NULL;
    g_autoptr(GBytes) payload = payload_of("two");
    struct lab_upload u = { 0 };
    g_auto(lab_item) item = { 0 }, refused = { 0 };
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    set_up(&f);
    one = upload(&f, f.inbox.id, NULL, "one");
    get_item(&f, one, &item);
    CHECK_OK(lab_store_get_mailbox(f.store, f.mailbox, &m, &err), &err);
    g_assert_cmpuint(m.used_bytes, ==, item.size_bytes);
    CHECK_OK(
        lab_store_set_quota(f.store, f.mailbox, item.size_bytes + 10, &err),
        &err);
    u.folder_id = f.inbox.id;
    u.data = g_bytes_get_data(payload, &u.len);
    g_assert_cmpint(lab_store_upload(f.store, f.mailbox, &u, &refused, &err),
                    ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorQuotaExceeded");
    /* the same item, changed in place, still fits */
    g_free(upload(&f, f.inbox.id, one, "two"));
    /* and what goes to the dumpster makes room */
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, one, LAB_DELETE_SOFT, &err),
        &err);
    CHECK_OK(lab_store_upload(f.store, f.mailbox, &u, &refused, &err), &err);
    tear_down(&f);
}

static void test_deletions(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        enum lab_delete how;
        const char *where; /* NULL: gone for good */
    } rows[] = {
        { "hard", LAB_DELETE_HARD, NULL },
        { "soft", LAB_DELETE_SOFT, "recoverableitemsdeletions" },
        { "moved", LAB_DELETE_MOVE, "deleteditems" },
    };
    /* clang-format on */
    struct fix f;
    struct err err;

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = upload(&f, f.inbox.id, NULL, "x");
        g_auto(lab_item) none = { 0 };
        g_auto(lab_folder) inbox = { 0 }, to = { 0 };

        CHECK_OK(
            lab_store_delete_item(f.store, f.mailbox, id, rows[i].how, &err),
            &err);
        CHECK_ROW(rows[i].name,
                  lab_store_item(f.store, f.mailbox, id, &none, &err) == -1);
        CHECK_ROW(rows[i].name, lab_store_delete_item(f.store, f.mailbox, id,
                                                      rows[i].how, &err) == -1);
        CHECK_ROW(rows[i].name, strcmp(err.name, "ErrorItemNotFound") == 0);
        get_folder(&f, f.inbox.id, &inbox);
        CHECK_ROW(rows[i].name, inbox.n_items == 0 && inbox.size_bytes == 0);
        if (rows[i].where == NULL)
            continue;
        CHECK_OK(lab_store_distinguished(f.store, f.mailbox, rows[i].where, &to,
                                         &err),
                 &err);
        CHECK_ROW(rows[i].name, to.n_items == 1);
    }
    tear_down(&f);
}

/* What is deleted out of the dumpster is gone, however it is deleted. */
static void test_dumpster_deletion(void)
{
    struct fix f;
    g_autofree char *dumpster = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    set_up(&f);
    dumpster = folder_id(&f, "recoverableitemsdeletions");
    for (int how = LAB_DELETE_HARD; how <= LAB_DELETE_MOVE; how++) {
        g_autofree char *id = upload(&f, dumpster, NULL, "x");

        CHECK_OK(lab_store_delete_item(f.store, f.mailbox, id,
                                       (enum lab_delete)how, &err),
                 &err);
        get_folder(&f, dumpster, &folder);
        g_assert_cmpuint(folder.n_items, ==, 0);
    }
    tear_down(&f);
}

/* The keys in the stream are the moved item's own. */
static void test_move_gives_new_keys(void)
{
    struct fix f;
    g_autofree char *id = NULL, *drafts = NULL, *before = NULL, *after = NULL;
    g_autoptr(mapi_item) old = NULL, new = NULL;
    g_auto(lab_item) moved = { 0 };
    const struct mapi_prop *a, *b;
    struct err err;

    set_up(&f);
    drafts = folder_id(&f, "drafts");
    id = upload(&f, f.inbox.id, NULL, "x");
    old = exported(&f, id);
    before = exported_digest(&f, id);
    CHECK_OK(lab_store_move_item(f.store, f.mailbox, id, drafts, &moved, &err),
             &err);
    new = exported(&f, moved.id);
    after = exported_digest(&f, moved.id);
    a = mapi_find(&old->message.props, PROP_ID(PR_SOURCE_KEY));
    b = mapi_find(&new->message.props, PROP_ID(PR_SOURCE_KEY));
    g_assert_true(memcmp(a->data, b->data, 22) != 0);
    g_assert_cmpstr(before, ==, after);
    tear_down(&f);
}

static void test_move(void)
{
    struct fix f;
    g_autofree char *id = NULL, *drafts = NULL;
    g_auto(lab_item) before = { 0 }, moved = { 0 }, none = { 0 };
    g_autoptr(GBytes) payload = NULL;
    g_auto(lab_folder) inbox = { 0 }, to = { 0 };
    struct err err;

    set_up(&f);
    drafts = folder_id(&f, "drafts");
    id = upload(&f, f.inbox.id, NULL, "x");
    get_item(&f, id, &before);
    CHECK_OK(lab_store_move_item(f.store, f.mailbox, id, drafts, &moved, &err),
             &err);
    g_assert_cmpstr(moved.id, !=, id);
    g_assert_cmpstr(moved.folder_id, ==, drafts);
    g_assert_true(g_bytes_equal(moved.search_key, before.search_key));
    g_assert_cmpint(moved.created_us, ==, before.created_us);
    g_assert_cmpint(lab_store_item(f.store, f.mailbox, id, &none, &err), ==,
                    -1);
    CHECK_OK(
        lab_store_export(f.store, f.mailbox, moved.id, &payload, NULL, &err),
        &err);
    get_folder(&f, f.inbox.id, &inbox);
    get_folder(&f, drafts, &to);
    g_assert_cmpuint(inbox.n_items, ==, 0);
    g_assert_cmpuint(to.n_items, ==, 1);
    g_assert_cmpuint(to.n_unread, ==, 1);
    tear_down(&f);
}

static bool exported_read(struct fix *f, const char *id)
{
    g_autoptr(mapi_item) tree = exported(f, id);

    return (mapi_get_i32(mapi_find(&tree->message.props, 0x0E07), 0) &
            MSGFLAG_READ) != 0;
}

static void test_read_flag(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_auto(lab_folder) inbox = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    for (int read = 1; read >= 0; read--) {
        g_auto(lab_item) before = { 0 }, after = { 0 };

        get_item(&f, id, &before);
        CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, read, &err), &err);
        get_item(&f, id, &after);
        g_assert_cmpint(after.read, ==, read);
        g_assert_cmpstr(before.change_key, ==, after.change_key);
        g_assert_cmpint(exported_read(&f, id), ==, read);
        get_folder(&f, f.inbox.id, &inbox);
        g_assert_cmpuint(inbox.n_unread, ==, read ? 0 : 1);
    }
    tear_down(&f);
}

static void test_touch(void)
{
    struct fix f;
    g_autofree char *id = NULL, *before = NULL, *after = NULL;
    g_auto(lab_item) old = { 0 }, new = { 0 };
    struct err err;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    get_item(&f, id, &old);
    before = exported_digest(&f, id);
    CHECK_OK(lab_store_touch(f.store, f.mailbox, id, &err), &err);
    get_item(&f, id, &new);
    after = exported_digest(&f, id);
    g_assert_cmpstr(old.change_key, !=, new.change_key);
    g_assert_cmpstr(before, ==, after);
    tear_down(&f);
}

static void test_damage(void)
{
    struct fix f;
    g_autofree char *id = NULL;
    g_autoptr(GBytes) whole = NULL, cut = NULL;
    struct mapi_item *none = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    set_up(&f);
    id = upload(&f, f.inbox.id, NULL, "x");
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &whole, NULL, &err),
             &err);
    CHECK_OK(lab_store_damage(f.store, f.mailbox, id, 5, &err), &err);
    CHECK_OK(lab_store_export(f.store, f.mailbox, id, &cut, NULL, &err), &err);
    data = g_bytes_get_data(cut, &n);
    g_assert_cmpuint(n, ==, g_bytes_get_size(whole) - 5);
    g_assert_cmpint(lab_fts_read(data, n, &none, &err), ==, -1);
    /* it can still be marked and moved */
    CHECK_OK(lab_store_set_read(f.store, f.mailbox, id, true, &err), &err);
    tear_down(&f);
}

static void test_hidden_items_are_apart(void)
{
    struct fix f;
    g_autoptr(mapi_item) rule = specimen_plain("IPM.Rule", "r", "");
    struct lab_list list = { .max = 10 };
    g_autoptr(GPtrArray) visible = NULL, hidden = NULL;
    g_auto(lab_folder) inbox = { 0 };
    uint64_t total;
    struct err err;

    set_up(&f);
    CHECK_OK(
        lab_store_put(f.store, f.mailbox, f.inbox.id, true, rule, NULL, &err),
        &err);
    list.folder_id = f.inbox.id;
    CHECK_OK(lab_store_list(f.store, f.mailbox, &list, &visible, &total, &err),
             &err);
    g_assert_cmpuint(total, ==, 0);
    list.associated = true;
    CHECK_OK(lab_store_list(f.store, f.mailbox, &list, &hidden, &total, &err),
             &err);
    g_assert_cmpuint(total, ==, 1);
    g_assert_cmpuint(hidden->len, ==, 1);
    get_folder(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 0);
    g_assert_cmpuint(inbox.n_unread, ==, 0);
    g_assert_cmpuint(inbox.n_hidden, ==, 1);
    tear_down(&f);
}

static void put_at(struct fix *f, const char *subject, int64_t received_us)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject, "");
    struct err err;

    mapi_set_time(item, &item->message.props, PR_MESSAGE_DELIVERY_TIME,
                  received_us);
    CHECK_OK(lab_store_put(f->store, f->mailbox, f->inbox.id, false, item, NULL,
                           &err),
             &err);
}

static void test_pages(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        uint64_t offset;
        uint32_t max;
        bool oldest_first;
        const char *want;
    } rows[] = {
        { "all", 0, 10, false, "cba" },
        { "oldest first", 0, 10, true, "abc" },
        { "first page", 0, 2, false, "cb" },
        { "second page", 2, 2, false, "a" },
        { "past the end", 3, 2, false, "" },
        { "far past the end", UINT64_MAX, 2, false, "" },
        { "none", 0, 0, false, "" },
    };
    /* clang-format on */
    struct fix f;
    struct err err;

    set_up(&f);
    put_at(&f, "b", 2000000);
    put_at(&f, "a", 1000000);
    put_at(&f, "c", 3000000);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct lab_list list = { .folder_id = f.inbox.id,
                                 .offset = rows[i].offset,
                                 .max = rows[i].max,
                                 .oldest_first = rows[i].oldest_first };
        g_autoptr(GPtrArray) items = NULL;
        g_autoptr(GString) got = g_string_new(NULL);
        uint64_t total;

        CHECK_OK(
            lab_store_list(f.store, f.mailbox, &list, &items, &total, &err),
            &err);
        for (guint j = 0; j < items->len; j++)
            g_string_append(got, ((struct lab_item *)items->pdata[j])->subject);
        CHECK_ROW(rows[i].name, strcmp(got->str, rows[i].want) == 0);
        CHECK_ROW(rows[i].name, total == 3);
    }
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-item/upload-export", test_upload_and_export);
    g_test_add_func("/store-item/update", test_update_keeps_the_id);
    g_test_add_func("/store-item/refused-uploads", test_refused_uploads);
    g_test_add_func("/store-item/update-or-create", test_update_or_create);
    g_test_add_func("/store-item/quota", test_quota);
    g_test_add_func("/store-item/deletions", test_deletions);
    g_test_add_func("/store-item/dumpster", test_dumpster_deletion);
    g_test_add_func("/store-item/move", test_move);
    g_test_add_func("/store-item/move-keys", test_move_gives_new_keys);
    g_test_add_func("/store-item/read-flag", test_read_flag);
    g_test_add_func("/store-item/touch", test_touch);
    g_test_add_func("/store-item/damage", test_damage);
    g_test_add_func("/store-item/hidden", test_hidden_items_are_apart);
    g_test_add_func("/store-item/pages", test_pages);
    return g_test_run();
}
