#include "store/store_conformance_priv.h"

#include "base/timestamp.h"

static void test_new_items(struct conform *t)
{
    struct store_item *item;
    struct store_folder *f;

    conform_list(t, t->inbox, 3);
    item = conform_item(t, "b");
    g_assert_cmpint(item->folder_id, ==, t->inbox);
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_cmpstr(item->change_key, ==, "key-1");
    g_assert_cmpstr(item->item_class, ==, "IPM.Note");
    g_assert_cmpstr(item->search_key, ==, "search");
    g_assert_cmpint(item->received_us, ==, 2 * TIMESTAMP_SECOND);
    g_assert_cmpuint(item->size_bytes, ==, 100);
    g_assert_cmpuint(item->tries, ==, 0);
    g_assert_cmpuint(item->digest_len, ==, 0);
    g_assert_cmpint(item->pass_id, ==, 0);
    g_assert_cmpint(item->not_before_us, ==, 0);
    g_assert_cmpint(item->deadline_us, ==, 0);
    g_assert_cmpint(item->verify, ==, VERIFY_NONE);
    g_assert_null(item->destination_id);
    g_assert_null(item->reason);
    g_assert_null(item->verify_note);
    store_item_free(item);

    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->source_token, ==, "token");
    g_assert_false(f->dirty);
    store_folder_free(f);
}

static void test_nothing_told(struct conform *t)
{
    const struct store_change c = { .kind = STORE_CREATED,
                                    .source_id = "a",
                                    .received_us = TIMESTAMP_NONE };
    struct store_item *item;

    conform_change(t, &c);
    item = conform_item(t, "a");
    g_assert_null(item->change_key);
    g_assert_null(item->item_class);
    g_assert_null(item->search_key);
    g_assert_cmpint(item->received_us, ==, TIMESTAMP_NONE);
    g_assert_cmpuint(item->size_bytes, ==, 0);
    store_item_free(item);
}

/* A change that tells less than is known takes nothing away. */
static void test_listed_again(struct conform *t)
{
    const struct store_change edit = {
        .kind = STORE_UPDATED,
        .source_id = "a",
        .change_key = "key-9",
        .item_class = "IPM.Note.SMIME",
        .received_us = 7,
        .size_bytes = 55,
    };
    const struct store_change little = { .kind = STORE_UPDATED,
                                         .source_id = "a",
                                         .received_us = TIMESTAMP_NONE };
    struct store_item *item;
    size_t listed = 9;

    conform_list(t, t->inbox, 1);
    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, &edit, 1, "moved",
                              &listed, &t->err),
             &t->err);
    g_assert_cmpuint(listed, ==, 0);
    conform_change(t, &little);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_cmpstr(item->change_key, ==, "key-9");
    g_assert_cmpstr(item->item_class, ==, "IPM.Note.SMIME");
    g_assert_cmpstr(item->search_key, ==, "search");
    g_assert_cmpint(item->received_us, ==, 7);
    g_assert_cmpuint(item->size_bytes, ==, 55);
    store_item_free(item);
}

static void test_same_id_twice_in_a_page(struct conform *t)
{
    const struct store_change page[] = {
        { .kind = STORE_CREATED, .source_id = "a", .change_key = "1" },
        { .kind = STORE_UPDATED, .source_id = "a", .change_key = "2" },
        { .kind = STORE_DELETED, .source_id = "a" },
        { .kind = STORE_CREATED, .source_id = "b", .filtered = true },
        { .kind = STORE_DELETED, .source_id = "never seen" },
    };
    struct store_item *item;
    size_t listed = 0;

    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, page,
                              G_N_ELEMENTS(page), "t", &listed, &t->err),
             &t->err);
    g_assert_cmpuint(listed, ==, 2);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    g_assert_cmpstr(item->change_key, ==, "2");
    store_item_free(item);
    item = conform_item(t, "b");
    g_assert_cmpint(item->state, ==, ITEM_FILTERED);
    store_item_free(item);
}

/* What was copied keeps the key that it was copied with. */
static void test_copied(struct conform *t)
{
    struct store_change c = { .kind = STORE_UPDATED,
                              .source_id = "a",
                              .change_key = "key-2",
                              .item_class = "IPM.Task",
                              .size_bytes = 1 };
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    conform_copied(t, "a");
    conform_change(t, &c); /* the key that the Export answer returned */
    item = conform_item(t, "a");
    g_assert_cmpuint(item->pending, ==, 0);
    store_item_free(item);

    c.change_key = "key-3";
    conform_change(t, &c);
    c.kind = STORE_READ_FLAG;
    conform_change(t, &c);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpuint(item->pending, ==, ITEM_PENDING_EDIT | ITEM_PENDING_READ);
    g_assert_cmpstr(item->change_key, ==, "key-2");
    g_assert_cmpstr(item->item_class, ==, "IPM.Note");
    g_assert_cmpuint(item->size_bytes, ==, 200);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    g_assert_cmpuint(item->digest_len, ==, 6);
    store_item_free(item);
}

static void test_failed_comes_back(struct conform *t)
{
    const struct store_change edit = { .kind = STORE_UPDATED,
                                       .source_id = "a",
                                       .change_key = "key-9" };
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_record(
        t, "a",
        (struct store_outcome){ .state = ITEM_LISTED, .count_try = true });
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_FAILED,
                                           .reason = "corrupt",
                                           .remedy = "mend",
                                           .error_name = "Error",
                                           .subject = "Hello" });
    conform_change(t, &edit);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_cmpuint(item->tries, ==, 0);
    g_assert_cmpstr(item->change_key, ==, "key-9");
    g_assert_null(item->reason);
    g_assert_null(item->remedy);
    g_assert_null(item->error_name);
    g_assert_null(item->subject);
    store_item_free(item);
}

/* The same id in another folder is another item. */
static void test_by_folder(struct conform *t)
{
    const struct store_change gone = { .kind = STORE_DELETED,
                                       .source_id = "a" };
    struct store_counts counts;

    conform_list(t, t->inbox, 1);
    conform_list(t, t->sent, 2);
    conform_change(t, &gone);
    CHECK_OK(store_counts(t->s, t->lease.mailbox_id, &counts, &t->err),
             &t->err);
    g_assert_cmpuint(counts.by[KIND_MAIL][ITEM_LISTED].items, ==, 2);
    g_assert_cmpuint(counts.by[KIND_MAIL][ITEM_GONE].items, ==, 1);
}

static void test_token_and_rows_together(struct conform *t)
{
    g_autofree char *longest = g_strnfill(5000, 'x');
    const struct store_change good = { .kind = STORE_CREATED,
                                       .source_id = "new" };
    struct store_change page[] = { good, good };
    struct store_folder *f;
    size_t listed = 77;

    conform_list(t, t->inbox, 2);

    g_autofree char *before = conform_dump(t);

    page[1].source_id = longest;
    conform_refused(t,
                    store_items_list(t->s, &t->lease, t->inbox, page, 2,
                                     "moved", &listed, &t->err),
                    "too-long", before);
    page[1].source_id = "";
    conform_refused(t,
                    store_items_list(t->s, &t->lease, t->inbox, page, 2,
                                     "moved", &listed, &t->err),
                    "missing", before);
    conform_refused(t,
                    store_items_list(t->s, &t->lease, 9999, &good, 1, "moved",
                                     &listed, &t->err),
                    "not-found", before);
    g_assert_cmpuint(listed, ==, 77);

    /* No token: the rows alone.  No rows: the token alone. */
    conform_change(t, &good);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->source_token, ==, "token");
    store_folder_free(f);
    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, NULL, 0, "moved", NULL,
                              &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->source_token, ==, "moved");
    store_folder_free(f);
}

static void test_large_token(struct conform *t)
{
    g_autofree char *token = g_strnfill(3 << 20, 'k');
    g_autofree char *too_large = g_strnfill((16 << 20) + 1, 'k');
    struct store_folder *f;

    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, NULL, 0, token, NULL,
                              &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->source_token, ==, token);
    store_folder_free(f);

    g_autofree char *before = conform_dump(t);

    conform_refused(t,
                    store_items_list(t->s, &t->lease, t->inbox, NULL, 0,
                                     too_large, NULL, &t->err),
                    "too-long", before);
}

/* ---- ids of every shape ------------------------------------------------ */

static char *id_of_length(size_t n, char fill)
{
    return g_strnfill(n, fill);
}

/* Ids that a store which shortens them could take for one another. */
static GPtrArray *awkward_ids(void)
{
    static const size_t lengths[] = { 1,  15, 16,  17,  31,  32,  33,
                                      47, 48, 127, 128, 152, 500, 4096 };
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        char *plain = id_of_length(lengths[i], 'A');

        g_ptr_array_add(ids, plain);
        g_ptr_array_add(ids, id_of_length(lengths[i], 'a')); /* by case */
        if (lengths[i] == 1)
            continue;
        g_ptr_array_add(ids, g_strdup(plain));
        ((char *)ids->pdata[ids->len - 1])[0] = 'B'; /* at the beginning */
        g_ptr_array_add(ids, g_strdup(plain));
        ((char *)ids->pdata[ids->len - 1])[lengths[i] - 1] = 'B';
    }
    g_ptr_array_add(ids, g_strdup("caf\xc3\xa9"));
    g_ptr_array_add(ids, g_strdup("not \xff UTF-8"));
    g_ptr_array_add(ids, g_strdup("quote ' \" \\ % _ \x01 \n"));
    return ids;
}

static void list_ids(struct conform *t, GPtrArray *ids, size_t *listed)
{
    g_autoptr(GArray) changes =
        g_array_new(FALSE, FALSE, sizeof(struct store_change));

    for (guint i = 0; i < ids->len; i++) {
        const struct store_change c = {
            .kind = STORE_CREATED,
            .source_id = ids->pdata[i],
            .change_key = ids->pdata[ids->len - 1 - i],
            .search_key = ids->pdata[i],
        };

        g_array_append_val(changes, c);
    }
    CHECK_OK(
        store_items_list(t->s, &t->lease, t->inbox,
                         (const struct store_change *)(void *)changes->data,
                         changes->len, "t", listed, &t->err),
        &t->err);
}

static void test_awkward_ids(struct conform *t)
{
    g_autoptr(GPtrArray) ids = awkward_ids();
    g_autoptr(GPtrArray) items = NULL;
    struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                  .max = 10000 };
    size_t listed = 0;

    list_ids(t, ids, &listed);
    g_assert_cmpuint(listed, ==, ids->len);
    list_ids(t, ids, &listed); /* each is known again */
    g_assert_cmpuint(listed, ==, 0);

    CHECK_OK(store_items(t->s, &q, &items, &t->err), &t->err);
    g_assert_cmpuint(items->len, ==, ids->len);
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];

        g_assert_cmpstr(item->source_id, ==, ids->pdata[i]);
        g_assert_cmpstr(item->change_key, ==, ids->pdata[ids->len - 1 - i]);
        g_assert_cmpstr(item->search_key, ==, ids->pdata[i]);
    }
}

/* A server that tells nonsense about sizes cannot make sums overflow. */
static void test_hostile_size(struct conform *t)
{
    const struct store_change page[] = {
        { .kind = STORE_CREATED, .source_id = "a", .size_bytes = UINT64_MAX },
        { .kind = STORE_CREATED, .source_id = "b", .size_bytes = UINT64_MAX },
    };
    struct store_counts counts;

    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, page, 2, "t", NULL,
                              &t->err),
             &t->err);
    CHECK_OK(store_counts(t->s, t->lease.mailbox_id, &counts, &t->err),
             &t->err);
    g_assert_cmpuint(counts.by[KIND_OTHER][ITEM_LISTED].bytes, ==,
                     2 * STORE_SIZE_MAX);
}

const struct conform_test conform_listing[] = {
    { "list/new", test_new_items },
    { "list/nothing-told", test_nothing_told },
    { "list/again", test_listed_again },
    { "list/same-id-twice", test_same_id_twice_in_a_page },
    { "list/copied", test_copied },
    { "list/failed-comes-back", test_failed_comes_back },
    { "list/by-folder", test_by_folder },
    { "list/token-and-rows-together", test_token_and_rows_together },
    { "list/large-token", test_large_token },
    { "list/awkward-ids", test_awkward_ids },
    { "list/hostile-size", test_hostile_size },
    { 0 },
};
