/* What was at the destination before us, and is the source's item. */
#include <string.h>

#include "store/store_conformance_priv.h"

static struct store_adoption adoption(struct conform *t, const char *source_id,
                                      const char *destination_id)
{
    return (struct store_adoption){
        .item_id = conform_item_id(t, source_id),
        .state = ITEM_ALREADY_THERE,
        .destination_id = destination_id,
        .change_key = "read",
        .size_bytes = 77,
        .digest = (const uint8_t *)"digest",
        .digest_len = 6,
        .format = 1,
        .verify = VERIFY_VERIFIED,
    };
}

static void adopt(struct conform *t, const struct store_adoption *a)
{
    CHECK_OK(store_items_adopt(t->s, &t->lease, a, 1, &t->err), &t->err);
}

static void test_adopt(struct conform *t)
{
    static const enum item_state states[] = { ITEM_ALREADY_THERE, ITEM_COPIED };
    static const char *const names[] = { "a", "b" };
    g_autoptr(GPtrArray) next = NULL;

    conform_list(t, t->inbox, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autofree char *to = g_strdup_printf("there-%s", names[i]);
        struct store_adoption a = adoption(t, names[i], to);
        struct store_item *item;

        a.state = states[i];
        adopt(t, &a);
        item = conform_item(t, names[i]);
        g_assert_cmpint(item->state, ==, states[i]);
        g_assert_cmpstr(item->destination_id, ==, to);
        g_assert_cmpstr(item->change_key, ==, "read");
        g_assert_cmpuint(item->size_bytes, ==, 77);
        g_assert_cmpuint(item->format, ==, 1);
        g_assert_cmpint(item->pass_id, ==, 0);
        g_assert_cmpint(item->verify, ==, VERIFY_VERIFIED);
        g_assert_null(item->reason);
        g_assert_null(item->verify_note);
        conform_bytes(item->digest, item->digest_len, "digest", 6);
        store_item_free(item);
    }
    CHECK_OK(store_items_next(t->s, t->inbox, 0, NULL, 0, 9, &next, &t->err),
             &t->err);
    g_assert_cmpuint(next->len, ==, 1);
}

static void test_unlike(struct conform *t)
{
    struct store_adoption a;
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    a = adoption(t, "a", "x");
    a.verify = VERIFY_DIFFERENT;
    a.reason = "its body is another";
    adopt(t, &a);
    item = conform_item(t, "a");
    g_assert_cmpint(item->verify, ==, VERIFY_DIFFERENT);
    g_assert_cmpstr(item->reason, ==, "its body is another");
    g_assert_cmpstr(item->verify_note, ==, "its body is another");
    store_item_free(item);
}

/* To be copied after all: nothing stays of what was found. */
static void test_given_up(struct conform *t)
{
    struct store_adoption a;
    struct store_item *item;
    const char *id = "x";
    enum dest_kind kind;

    conform_list(t, t->inbox, 1);
    CHECK_OK(store_dest_record(
                 t->s, &t->lease, t->inbox,
                 &(struct store_dest_seen){ DEST_BASELINE, &id, 1 }, &t->err),
             &t->err);
    a = adoption(t, "a", "x");
    a.reason = "why";
    adopt(t, &a);
    conform_record(t, "a", (struct store_outcome){ .state = ITEM_LISTED });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_null(item->destination_id);
    g_assert_null(item->reason);
    g_assert_cmpuint(item->digest_len, ==, 0);
    store_item_free(item);
    CHECK_OK(store_dest_lookup(t->s, t->inbox, &id, 1, &kind, &t->err),
             &t->err);
    g_assert_cmpint(kind, ==, DEST_BASELINE);
    adopt(t, &a); /* and it can be found again */
}

static void test_counts_as_ours(struct conform *t)
{
    struct store_adoption a;
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    a = adoption(t, "a", "x");
    a.reason = "why";
    adopt(t, &a);
    conform_record(
        t, "a",
        (struct store_outcome){ .state = ITEM_COPIED, .destination_id = "x" });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpstr(item->destination_id, ==, "x");
    g_assert_null(item->reason);
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    store_item_free(item);
}

static void test_edited_since(struct conform *t)
{
    struct store_adoption a;
    struct store_follow f = { .state = ITEM_CONFLICT,
                              .done = ITEM_PENDING_EDIT,
                              .reason = "edited" };
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    a = adoption(t, "a", "x");
    adopt(t, &a);
    conform_change(t, &(struct store_change){ .kind = STORE_UPDATED,
                                              .source_id = "a",
                                              .change_key = "newer" });
    f.item_id = a.item_id;
    CHECK_OK(store_items_follow(t->s, &t->lease, &f, 1, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_CONFLICT);
    g_assert_cmpstr(item->destination_id, ==, "x");
    g_assert_cmpstr(item->reason, ==, "edited");
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);
}

/* Moved at the source: it lies where it lay, and another row has it. */
static void test_moved_since(struct conform *t)
{
    struct store_adoption a, b;
    struct store_item *item;

    conform_list(t, t->inbox, 3);
    a = adoption(t, "a", "x");
    a.reason = "its body is another";
    adopt(t, &a);
    conform_change(
        t, &(struct store_change){ .kind = STORE_DELETED, .source_id = "a" });
    b = adoption(t, "b", "x");
    b.reason = "it lies elsewhere";
    b.left = b.lies_with = a.item_id;
    adopt(t, &b);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    g_assert_null(item->destination_id);
    g_assert_null(item->reason);
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);
    item = conform_item(t, "b");
    g_assert_cmpint(item->state, ==, ITEM_ALREADY_THERE);
    g_assert_cmpstr(item->destination_id, ==, "x");
    g_assert_cmpstr(item->reason, ==, "it lies elsewhere");
    g_assert_cmpint(item->moved_from, ==, a.item_id);
    store_item_free(item);

    /* And when it is to be copied after all, it lies nowhere. */
    conform_record(t, "b", (struct store_outcome){ .state = ITEM_LISTED });
    item = conform_item(t, "b");
    g_assert_cmpint(item->moved_from, ==, 0);
    g_assert_null(item->destination_id);
    store_item_free(item);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    store_item_free(item);
}

/* Ours by a later consent; the row that it left is nobody's concern. */
static void test_moved_and_ours(struct conform *t)
{
    struct store_adoption a, b, c;
    struct store_item *item;

    conform_list(t, t->inbox, 3);
    a = adoption(t, "a", "x");
    adopt(t, &a);
    b = adoption(t, "b", "x");
    b.left = b.lies_with = a.item_id;
    adopt(t, &b);
    c = adoption(t, "c", "x");
    c.left = b.item_id;
    adopt(t, &c);
    conform_record(
        t, "c",
        (struct store_outcome){ .state = ITEM_COPIED, .destination_id = "x" });
    item = conform_item(t, "c");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpstr(item->destination_id, ==, "x");
    store_item_free(item);
    item = conform_item(t, "b");
    g_assert_cmpint(item->moved_from, ==, 0);
    store_item_free(item);
}

static void test_moved_refused(struct conform *t)
{
    struct store_adoption a[2];
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 4);
    conform_intend(t, "c");
    conform_copied(t, "c");
    a[0] = adoption(t, "a", "x");
    adopt(t, &a[0]);
    before = conform_dump(t);
    a[0] = adoption(t, "b", "x");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 1, &t->err),
                    "taken", before);
    a[0].left = conform_item_id(t, "c"); /* copied by us */
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 1, &t->err),
                    "wrong-state", before);
    a[0].left = conform_item_id(t, "a");
    a[1] = adoption(t, "d", "x");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "taken", before);
    a[0].left += 100;
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 1, &t->err),
                    "not-found", before);
}

static void test_adopt_refused(struct conform *t)
{
    struct store_adoption a[2];
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 4);
    conform_intend(t, "cd");
    conform_copied(t, "c");
    before = conform_dump(t);

    a[0] = adoption(t, "a", "x");
    a[1] = adoption(t, "b", "x");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "taken", before);
    a[1] = adoption(t, "b", "dst-c");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "taken", before);
    a[1] = adoption(t, "d", "y");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "wrong-state", before);
    a[1] = adoption(t, "c", "y");
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "wrong-state", before);
    a[1] = adoption(t, "b", NULL);
    conform_refused(t, store_items_adopt(t->s, &t->lease, a, 2, &t->err),
                    "missing", before);
}

/* ---- hints --------------------------------------------------------------- */

static void hint(struct conform *t, const char *id, const char *text)
{
    const struct store_dest_hint h = { id, text };
    const struct store_dest_seen seen = {
        .kind = DEST_BASELINE, .ids = &id, .n = 1, .hints = &h, .n_hints = 1
    };

    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
}

static GPtrArray *find(struct conform *t, int64_t folder_id)
{
    static const char *const hints[] = { "none", "one", "two" };
    GPtrArray *found = NULL;

    CHECK_OK(store_dest_find(t->s, folder_id, hints, G_N_ELEMENTS(hints),
                             &found, &t->err),
             &t->err);
    return found;
}

static void test_find(struct conform *t)
{
    const struct store_dest_found *f;
    g_autoptr(GPtrArray) found = NULL, elsewhere = NULL;
    struct store_adoption a;

    conform_list(t, t->inbox, 1);
    hint(t, "x", "one");
    hint(t, "x", "two");
    hint(t, "x", "two"); /* a crash lists it again */
    hint(t, "Y", "other");
    a = adoption(t, "a", "x");
    adopt(t, &a);
    found = find(t, t->inbox);
    g_assert_cmpuint(found->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        f = found->pdata[i];
        g_assert_cmpuint(f->hint, ==, i + 1);
        g_assert_cmpstr(f->id, ==, "x");
        g_assert_cmpint(f->owner, ==, a.item_id);
    }
    elsewhere = find(t, t->sent);
    g_assert_cmpuint(elsewhere->len, ==, 0);
}

static void test_nobody_owns_it(struct conform *t)
{
    g_autoptr(GPtrArray) found = NULL;

    hint(t, "x", "one");
    hint(t, "X", "one"); /* ids are case-sensitive */
    found = find(t, t->inbox);
    g_assert_cmpuint(found->len, ==, 2);
    g_assert_cmpint(((struct store_dest_found *)found->pdata[0])->owner, ==, 0);
    g_assert_cmpint(((struct store_dest_found *)found->pdata[1])->owner, ==, 0);
}

/* Another destination: what was found in the former one is not in it. */
static void test_hints_go_with_the_folder(struct conform *t)
{
    g_autoptr(GPtrArray) before = NULL, after = NULL;

    conform_map(t, "D1", false);
    hint(t, "x", "one");
    conform_map(t, "D1", false);
    before = find(t, t->inbox);
    g_assert_cmpuint(before->len, ==, 1);
    conform_map(t, "D2", false);
    after = find(t, t->inbox);
    g_assert_cmpuint(after->len, ==, 0);
}

const struct conform_test conform_adopt[] = {
    { "adopt/adopt", test_adopt },
    { "adopt/unlike", test_unlike },
    { "adopt/given-up", test_given_up },
    { "adopt/counts-as-ours", test_counts_as_ours },
    { "adopt/edited-since", test_edited_since },
    { "adopt/moved-since", test_moved_since },
    { "adopt/moved-and-ours", test_moved_and_ours },
    { "adopt/moved-refused", test_moved_refused },
    { "adopt/refused", test_adopt_refused },
    { "adopt/find", test_find },
    { "adopt/nobody-owns-it", test_nobody_owns_it },
    { "adopt/hints-go-with-the-folder", test_hints_go_with_the_folder },
    { 0 },
};
