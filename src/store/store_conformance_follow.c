/* What follows the source after an item was copied. */
#include <string.h>

#include "store/store_conformance_priv.h"

static void follow(struct conform *t, const char *source_id,
                   struct store_follow f)
{
    f.item_id = conform_item_id(t, source_id);
    CHECK_OK(store_items_follow(t->s, &t->lease, &f, 1, &t->err), &t->err);
}

static void begin(struct conform *t, const char *source_ids)
{
    conform_list(t, t->inbox, strlen(source_ids));
    conform_intend(t, source_ids);
    conform_copied(t, source_ids);
}

static void edited(struct conform *t, const char *source_id)
{
    conform_change(t, &(struct store_change){ .kind = STORE_UPDATED,
                                              .source_id = source_id,
                                              .change_key = "newer" });
}

static void test_edit_is_settled(struct conform *t)
{
    struct store_item *item;

    begin(t, "a");
    edited(t, "a");
    follow(t, "a",
           (struct store_follow){ .state = ITEM_COPIED,
                                  .done = ITEM_PENDING_EDIT,
                                  .change_key = "newer",
                                  .digest = (const uint8_t *)"other",
                                  .digest_len = 5,
                                  .format = 1,
                                  .size_bytes = 77,
                                  .pass_id = 9 });
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, 0);
    g_assert_cmpstr(item->change_key, ==, "newer");
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    g_assert_cmpuint(item->size_bytes, ==, 77);
    g_assert_cmpuint(item->format, ==, 1);
    g_assert_cmpint(item->pass_id, ==, 9);
    conform_bytes(item->digest, item->digest_len, "other", 5);
    store_item_free(item);

    /* The same change listed again is none. */
    edited(t, "a");
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);
}

/* Touched, not changed: what was recorded of the content stays. */
static void test_touch(struct conform *t)
{
    struct store_item *item;

    begin(t, "a");
    edited(t, "a");
    conform_change(t, &(struct store_change){ .kind = STORE_READ_FLAG,
                                              .source_id = "a",
                                              .read = true });
    follow(t, "a",
           (struct store_follow){ .state = ITEM_COPIED,
                                  .done = ITEM_PENDING_EDIT,
                                  .change_key = "newer" });
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, ITEM_PENDING_READ);
    g_assert_true(item->read);
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    store_item_free(item);
}

/* A mark that comes with an update, whose content may be the same. */
static void test_read_with_update(struct conform *t)
{
    struct store_change c = { .kind = STORE_UPDATED,
                              .source_id = "a",
                              .change_key = "key-2",
                              .read = true };
    struct store_item *item;

    begin(t, "a");
    conform_change(t, &c);
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, ITEM_PENDING_READ);
    g_assert_true(item->read);
    store_item_free(item);
    c.read = false;
    c.change_key = "key-3";
    conform_change(t, &c);
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, ITEM_PENDING_EDIT | ITEM_PENDING_READ);
    g_assert_false(item->read);
    store_item_free(item);
}

static void test_conflict(struct conform *t)
{
    struct store_item *item;

    begin(t, "a");
    edited(t, "a");
    follow(t, "a",
           (struct store_follow){ .state = ITEM_CONFLICT,
                                  .done = ITEM_PENDING_EDIT,
                                  .reason = "edited on both sides" });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_CONFLICT);
    g_assert_cmpstr(item->reason, ==, "edited on both sides");
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    store_item_free(item);
    follow(t, "a", (struct store_follow){ .state = ITEM_GONE });
    item = conform_item(t, "a");
    g_assert_null(item->reason);
    g_assert_null(item->destination_id);
    store_item_free(item);
}

static enum dest_kind kind_of(struct conform *t, const char *id)
{
    enum dest_kind kind = DEST_UNKNOWN;

    CHECK_OK(store_dest_lookup(t->s, t->inbox, &id, 1, &kind, &t->err),
             &t->err);
    return kind;
}

static void test_deleted_with_its_copy(struct conform *t)
{
    struct store_item *item;

    begin(t, "a");
    conform_change(
        t, &(struct store_change){ .kind = STORE_DELETED, .source_id = "a" });
    g_assert_cmpint(kind_of(t, "dst-a"), ==, DEST_OURS);
    follow(t, "a",
           (struct store_follow){ .state = ITEM_GONE,
                                  .done = ITEM_PENDING_DELETE });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    g_assert_null(item->destination_id);
    g_assert_cmpuint(item->digest_len, ==, 0);
    store_item_free(item);
    g_assert_cmpint(kind_of(t, "dst-a"), ==, DEST_UNKNOWN);
}

/* The former copy stays ours until it has been removed. */
static void test_replaced(struct conform *t)
{
    struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                  .replaced = true,
                                  .max = 10 };
    g_autoptr(GPtrArray) found = NULL, none = NULL;
    struct store_item *item;

    begin(t, "ab");
    edited(t, "a");
    follow(t, "a", (struct store_follow){ .state = ITEM_LISTED });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_null(item->destination_id);
    g_assert_cmpstr(item->old_destination_id, ==, "dst-a");
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);
    conform_intend(t, "a");
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_COPIED,
                                           .destination_id = "new" });
    CHECK_OK(store_items(t->s, &q, &found, &t->err), &t->err);
    g_assert_cmpuint(found->len, ==, 1);
    g_assert_cmpint(kind_of(t, "dst-a"), ==, DEST_OURS);
    g_assert_cmpint(kind_of(t, "new"), ==, DEST_OURS);
    follow(t, "a",
           (struct store_follow){ .state = ITEM_COPIED, .old_gone = true });
    CHECK_OK(store_items(t->s, &q, &none, &t->err), &t->err);
    g_assert_cmpuint(none->len, ==, 0);
    g_assert_cmpint(kind_of(t, "dst-a"), ==, DEST_UNKNOWN);
}

/* Two former copies of one item: nothing would remember the first. */
static void test_replaced_twice(struct conform *t)
{
    struct store_follow again = { .state = ITEM_LISTED };
    g_autofree char *before = NULL;

    begin(t, "a");
    follow(t, "a", (struct store_follow){ .state = ITEM_LISTED });
    conform_intend(t, "a");
    conform_copied(t, "a");
    before = conform_dump(t);
    again.item_id = conform_item_id(t, "a");
    conform_refused(t, store_items_follow(t->s, &t->lease, &again, 1, &t->err),
                    "wrong-state", before);
    again.old_gone = true;
    CHECK_OK(store_items_follow(t->s, &t->lease, &again, 1, &t->err), &t->err);
}

static void move(struct conform *t, const char *from, const char *to)
{
    const struct store_intent intent = {
        .item_id = conform_item_id(t, to),
        .moved_from = conform_item_id(t, from),
        .digest = (const uint8_t *)"digest",
        .digest_len = 6,
    };

    CHECK_OK(store_items_intend(t->s, &t->lease, 7, &intent, 1, 99, &t->err),
             &t->err);
}

static void test_moved(struct conform *t)
{
    struct store_item *item;

    conform_list(t, t->inbox, 2);
    conform_intend(t, "a");
    conform_copied(t, "a");
    conform_change(
        t, &(struct store_change){ .kind = STORE_DELETED, .source_id = "a" });
    move(t, "a", "b");
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    store_item_free(item);
    conform_record(t, "b",
                   (struct store_outcome){ .state = ITEM_COPIED,
                                           .destination_id = "moved" });
    item = conform_item(t, "b");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpint(item->moved_from, ==, 0);
    store_item_free(item);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    g_assert_null(item->destination_id);
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);
}

/* Not arrived: both rows are as they were, and another way may be taken. */
static void test_not_moved(struct conform *t)
{
    struct store_item *item;

    conform_list(t, t->inbox, 2);
    conform_intend(t, "a");
    conform_copied(t, "a");
    move(t, "a", "b");
    conform_record(t, "b", (struct store_outcome){ .state = ITEM_LISTED });
    conform_intend(t, "b");
    conform_copied(t, "b");
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    store_item_free(item);
}

static void test_move_of_nothing(struct conform *t)
{
    struct store_intent intent = { 0 };
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 2);
    intent.item_id = conform_item_id(t, "a");
    before = conform_dump(t);
    intent.moved_from = conform_item_id(t, "b"); /* was never copied */
    conform_refused(
        t, store_items_intend(t->s, &t->lease, 1, &intent, 1, 5, &t->err),
        "wrong-state", before);
    intent.moved_from += 100;
    conform_refused(
        t, store_items_intend(t->s, &t->lease, 1, &intent, 1, 5, &t->err),
        "not-found", before);
}

static void test_pending_pages(struct conform *t)
{
    struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                  .states = 1u << ITEM_COPIED,
                                  .pending = ITEM_PENDING_EDIT,
                                  .max = 1 };
    g_autoptr(GPtrArray) one = NULL, two = NULL, none = NULL;

    begin(t, "abcd");
    edited(t, "b");
    edited(t, "d");
    conform_change(
        t, &(struct store_change){ .kind = STORE_DELETED, .source_id = "c" });
    CHECK_OK(store_items(t->s, &q, &one, &t->err), &t->err);
    g_assert_cmpuint(one->len, ==, 1);
    q.after_id = ((const struct store_item *)one->pdata[0])->id;
    g_assert_cmpint(q.after_id, ==, conform_item_id(t, "b"));
    CHECK_OK(store_items(t->s, &q, &two, &t->err), &t->err);
    g_assert_cmpuint(two->len, ==, 1);
    q.after_id = ((const struct store_item *)two->pdata[0])->id;
    g_assert_cmpint(q.after_id, ==, conform_item_id(t, "d"));
    CHECK_OK(store_items(t->s, &q, &none, &t->err), &t->err);
    g_assert_cmpuint(none->len, ==, 0);
}

static void test_format_is_told(struct conform *t)
{
    struct store_intent intent = { .format = 1, .why_format = "no right" };
    struct store_item *item;

    conform_list(t, t->inbox, 2);
    intent.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_intend(t->s, &t->lease, 1, &intent, 1, 5, &t->err),
             &t->err);
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_COPIED,
                                           .destination_id = "x",
                                           .lost = "the photo",
                                           .subject = "Ann" });
    item = conform_item(t, "a");
    g_assert_cmpuint(item->format, ==, 1);
    g_assert_cmpstr(item->why_format, ==, "no right");
    g_assert_cmpstr(item->lost, ==, "the photo");
    g_assert_cmpstr(item->subject, ==, "Ann");
    store_item_free(item);

    /* Another item's failure is not its own. */
    conform_record(
        t, "b",
        (struct store_outcome){ .state = ITEM_FAILED, .reason = "corrupt" });
    CHECK_OK(store_items_retry_failed(t->s, &t->lease, NULL, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpstr(item->subject, ==, "Ann");
    store_item_free(item);

    /* The next way that it goes says its own. */
    follow(t, "a", (struct store_follow){ .state = ITEM_LISTED });
    conform_intend(t, "a");
    conform_copied(t, "a");
    item = conform_item(t, "a");
    g_assert_cmpuint(item->format, ==, 0);
    g_assert_null(item->why_format);
    g_assert_null(item->lost);
    g_assert_null(item->subject);
    store_item_free(item);
}

static const struct store_follow unreadable = {
    .state = ITEM_FAILED,
    .reason = "it cannot be opened",
    .remedy = "open it in Outlook",
    .error_name = "ErrorCorruptData",
    .subject = "minutes",
};

static void check_failed(struct conform *t, const char *source_id)
{
    struct store_item *item = conform_item(t, source_id);

    g_assert_cmpint(item->state, ==, ITEM_FAILED);
    g_assert_cmpuint(item->pending, ==, ITEM_PENDING_EDIT);
    g_assert_cmpstr(item->reason, ==, "it cannot be opened");
    g_assert_cmpstr(item->remedy, ==, "open it in Outlook");
    g_assert_cmpstr(item->error_name, ==, "ErrorCorruptData");
    g_assert_cmpstr(item->subject, ==, "minutes");
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    store_item_free(item);
}

static void check_copied(struct conform *t, const char *source_id,
                         unsigned int pending)
{
    struct store_item *item = conform_item(t, source_id);

    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpuint(item->pending, ==, pending);
    g_assert_null(item->reason);
    g_assert_null(item->remedy);
    g_assert_null(item->error_name);
    g_assert_null(item->subject);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    store_item_free(item);
}

/* What was copied stays on record, and is what a new run begins with. */
static void test_edit_fails(struct conform *t)
{
    size_t n = 0;

    conform_list(t, t->inbox, 3);
    conform_intend(t, "ab");
    conform_copied(t, "ab");
    edited(t, "a");
    follow(t, "a", unreadable);
    check_failed(t, "a");
    conform_record(t, "c",
                   (struct store_outcome){ .state = ITEM_FAILED,
                                           .reason = "never copied" });
    CHECK_OK(store_items_retry_failed(t->s, &t->lease, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 2);
    check_copied(t, "a", ITEM_PENDING_EDIT);
    {
        g_autoptr(GArray) w = NULL;

        /* Only what was never copied is to be copied. */
        CHECK_OK(store_items_waiting(t->s, t->lease.mailbox_id, 1, &w, &t->err),
                 &t->err);
        g_assert_cmpuint(w->len, ==, 1);
        g_assert_cmpuint(g_array_index(w, struct store_waiting, 0).n_ready, ==,
                         1);
    }
}

/* Whatever else happens to it at the source: it is a copy that follows. */
static void test_failed_edit_is_listed(struct conform *t)
{
    struct store_change c = { .kind = STORE_UPDATED,
                              .source_id = "a",
                              .change_key = "newest" };

    begin(t, "a");
    edited(t, "a");
    follow(t, "a", unreadable);
    conform_change(t, &c);
    check_copied(t, "a", ITEM_PENDING_EDIT);

    follow(t, "a", unreadable);
    c.kind = STORE_DELETED;
    conform_change(t, &c);
    check_copied(t, "a", ITEM_PENDING_EDIT | ITEM_PENDING_DELETE);
}

static const struct store_adoption there = {
    .state = ITEM_ALREADY_THERE,
    .destination_id = "dst-a",
    .digest = (const uint8_t *)"digest",
    .digest_len = 6,
    .verify = VERIFY_DIFFERENT,
    .reason = "another body",
    .lies_with = 77,
};

static void check_there(struct conform *t, unsigned int pending)
{
    struct store_item *item = conform_item(t, "a");

    g_assert_cmpint(item->state, ==, ITEM_ALREADY_THERE);
    g_assert_cmpuint(item->pending, ==, pending);
    g_assert_cmpstr(item->reason, ==, "another body");
    g_assert_null(item->reason_there);
    g_assert_null(item->remedy);
    g_assert_null(item->error_name);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    g_assert_cmpint(item->moved_from, ==, 77);
    store_item_free(item);
}

static void check_failed_there(struct conform *t)
{
    struct store_item *item = conform_item(t, "a");

    g_assert_cmpint(item->state, ==, ITEM_FAILED);
    g_assert_cmpstr(item->reason, ==, "it cannot be opened");
    g_assert_cmpstr(item->reason_there, ==, "another body");
    g_assert_cmpstr(item->error_name, ==, "ErrorCorruptData");
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    store_item_free(item);
}

/* What was there before us stays that, whatever becomes of its failure. */
static void test_edit_of_what_was_there_fails(struct conform *t)
{
    struct store_adoption a = there;
    struct store_change c = { .kind = STORE_UPDATED,
                              .source_id = "a",
                              .change_key = "newest" };
    size_t n = 0;

    conform_list(t, t->inbox, 1);
    a.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_adopt(t->s, &t->lease, &a, 1, &t->err), &t->err);
    edited(t, "a");
    check_there(t, ITEM_PENDING_EDIT);
    follow(t, "a", unreadable);
    check_failed_there(t);
    CHECK_OK(store_items_retry_failed(t->s, &t->lease, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 1);
    check_there(t, ITEM_PENDING_EDIT);

    follow(t, "a", unreadable);
    check_failed_there(t);
    conform_change(t, &c);
    check_there(t, ITEM_PENDING_EDIT);
    follow(t, "a",
           (struct store_follow){ .state = ITEM_ALREADY_THERE,
                                  .done = ITEM_PENDING_EDIT });
    check_there(t, 0);
}

static void test_failed_edit_refused(struct conform *t)
{
    struct store_follow f = unreadable;
    struct store_outcome again = { .state = ITEM_LISTED };
    g_autofree char *before = NULL, *failed = NULL;

    begin(t, "a");
    f.item_id = again.item_id = conform_item_id(t, "a");
    before = conform_dump(t);
    conform_refused(t, store_items_follow(t->s, &t->lease, &f, 1, &t->err),
                    "wrong-state", before); /* nothing is pending */
    edited(t, "a");
    follow(t, "a", unreadable);
    failed = conform_dump(t);
    /* It would be there twice. */
    conform_refused(t, store_items_record(t->s, &t->lease, &again, 1, &t->err),
                    "wrong-state", failed);
}

static void test_refused(struct conform *t)
{
    static const struct {
        const char *name;
        enum item_state to;
    } rows[] = {
        { "listed is not copied", ITEM_COPIED },
        { "listed is not gone", ITEM_GONE },
        { "listed is no conflict", ITEM_CONFLICT },
    };
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 1);
    before = conform_dump(t);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct store_follow f = { .item_id = conform_item_id(t, "a"),
                                        .state = rows[i].to };

        conform_refused(t, store_items_follow(t->s, &t->lease, &f, 1, &t->err),
                        "wrong-state", before);
    }
}

/* ---- folders that move -------------------------------------------------- */

static bool is_moved(struct conform *t)
{
    struct store_folder *f = conform_folder(t, t->inbox);
    bool moved = f->moved;

    store_folder_free(f);
    return moved;
}

static void test_folder_moved(struct conform *t)
{
    struct store_folder *f = conform_folder(t, t->inbox);
    g_autofree char *source_id = g_strdup(f->source_id);
    static const struct {
        const char *name, *path, *parent;
        bool moved;
    } rows[] = {
        { "as it was", "In", "p", false },
        { "a folder above has another name", "Above/In", "p", false },
        { "another name", "Above/Out", "p", true },
        { "another parent", "Other/In", "q", true },
        { "a name that ends alike", "Above/xIn", "p", true },
    };

    store_folder_free(f);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_folder is = { .source_id = source_id };

        is.path = (char *)(uintptr_t) "In";
        is.source_parent_id = (char *)(uintptr_t) "p";
        CHECK_OK(store_folders_set(t->s, &t->lease, &is, 1, &t->err), &t->err);
        conform_map(t, "dst", true);
        is.path = (char *)(uintptr_t)rows[i].path;
        is.source_parent_id = (char *)(uintptr_t)rows[i].parent;
        CHECK_OK(store_folders_set(t->s, &t->lease, &is, 1, &t->err), &t->err);
        CHECK_ROW(rows[i].name, is_moved(t) == rows[i].moved);
        /* Known until it has followed, whatever is listed meanwhile. */
        CHECK_OK(store_folders_set(t->s, &t->lease, &is, 1, &t->err), &t->err);
        CHECK_ROW(rows[i].name, is_moved(t) == rows[i].moved);
        CHECK_OK(store_folder_placed(t->s, &t->lease, t->inbox, &t->err),
                 &t->err);
        CHECK_ROW(rows[i].name, !is_moved(t));
    }
    f = conform_folder(t, t->inbox);
    g_assert_true(f->made);
    store_folder_free(f);
}

/* One that was never mapped has nothing that could follow. */
static void test_unmapped_folder_moved(struct conform *t)
{
    struct store_folder *f = conform_folder(t, t->inbox);
    struct store_folder is = *f;

    is.path = (char *)(uintptr_t) "Another name";
    CHECK_OK(store_folders_set(t->s, &t->lease, &is, 1, &t->err), &t->err);
    g_assert_false(is_moved(t));
    store_folder_free(f);
}

const struct conform_test conform_follow[] = {
    { "follow/edit-is-settled", test_edit_is_settled },
    { "follow/touch", test_touch },
    { "follow/read-with-update", test_read_with_update },
    { "follow/conflict", test_conflict },
    { "follow/deleted-with-its-copy", test_deleted_with_its_copy },
    { "follow/replaced", test_replaced },
    { "follow/replaced-twice", test_replaced_twice },
    { "follow/moved", test_moved },
    { "follow/not-moved", test_not_moved },
    { "follow/move-of-nothing", test_move_of_nothing },
    { "follow/pending-pages", test_pending_pages },
    { "follow/format-is-told", test_format_is_told },
    { "follow/edit-fails", test_edit_fails },
    { "follow/failed-edit-is-listed", test_failed_edit_is_listed },
    { "follow/failed-edit-refused", test_failed_edit_refused },
    { "follow/edit-of-what-was-there-fails",
      test_edit_of_what_was_there_fails },
    { "follow/refused", test_refused },
    { "follow/folder-moved", test_folder_moved },
    { "follow/unmapped-folder-moved", test_unmapped_folder_moved },
    { 0 },
};
