/*
 * Ids that are stored short come back whole, whatever a server invents.
 */
#include "base/check.h"
#include "base/timestamp.h"
#include "store/sql_priv.h"
#include "store/store_fill.h"
#include "store/store_tmp.h"

/* More than a mailbox may have heads; each id has its own. */
#define N_HOSTILE 5000

static char *hostile_id(size_t n)
{
    return g_strdup_printf("%08zu-%090d", n, 7);
}

static size_t list_hostile(struct store *s, const struct store_fill *f,
                           size_t first, size_t n)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_autofree struct store_change *c = g_new0(struct store_change, n);
    size_t listed = 0;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        g_ptr_array_add(ids, hostile_id(first + i));
        c[i] = (struct store_change){ .kind = STORE_CREATED,
                                      .source_id = ids->pdata[i],
                                      .item_class = ids->pdata[i],
                                      .received_us = TIMESTAMP_NONE };
    }
    CHECK_OK(
        store_items_list(s, &f->lease, f->folder_id, c, n, "t", &listed, &err),
        &err);
    return listed;
}

static int64_t number(struct store *s, const char *sql)
{
    struct err err;
    struct sq_conn *c = sq_begin_read(s, &err);
    int64_t n = -1;

    g_assert_nonnull(c);
    CHECK_OK(sq_end(c, sq_number(c, sql, NO_ARGS, &n, &err), &err), &err);
    return n;
}

static void test_ids_that_share_nothing(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b"), other;
    g_autoptr(GPtrArray) items = NULL;
    const struct store_item_query q = { .mailbox_id = f.lease.mailbox_id,
                                        .max = 2 * N_HOSTILE };
    struct err err;

    g_assert_cmpuint(list_hostile(s, &f, 0, N_HOSTILE), ==, N_HOSTILE);
    g_assert_cmpuint(list_hostile(s, &f, 0, N_HOSTILE), ==, 0);
    /* Heads and classes, to the last place each. */
    g_assert_cmpint(number(s, "SELECT count(*) FROM words"), ==, 2 * 4096);
    CHECK_OK(store_items(s, &q, &items, &err), &err);
    g_assert_cmpuint(items->len, ==, N_HOSTILE);
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];
        g_autofree char *want = hostile_id(i);

        g_assert_cmpstr(item->source_id, ==, want);
        g_assert_cmpstr(item->item_class, ==, i < 4096 ? want : NULL);
    }
    /* The next mailbox has room of its own. */
    other = store_fill_begin(s, "c@d");
    CHECK_OK(store_fill_list(s, &other, 0, 10, &err), &err);
    g_assert_cmpint(
        number(s, "SELECT count(*) FROM words WHERE abs(scope) = 2"), >, 0);
    /* Opened anew, full is still full. */
    store_free(s);
    s = store_tmp_open(tmp, STORE_WRITE);
    g_assert_cmpuint(list_hostile(s, &f, 4000, N_HOSTILE - 4000), ==, 0);
    store_free(s);
}

/* The point of it: a folder's ids share one head, two with the destination. */
static void test_ids_of_a_folder_share_a_head(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autoptr(store) s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    g_autoptr(GPtrArray) items = NULL;
    struct err err;

    CHECK_OK(store_fill_list(s, &f, 0, 500, &err), &err);
    CHECK_OK(store_fill_intend(s, &f, 500, &items, &err), &err);
    CHECK_OK(store_fill_record(s, &f, items, &err), &err);
    g_assert_cmpint(number(s, "SELECT count(*) FROM words WHERE scope > 0"), ==,
                    3); /* source ids, destination ids, change keys */
    g_assert_cmpint(number(s, "SELECT max(length(source) + length(destination))"
                              " FROM items"),
                    <=, 2 * (16 + 2));
}

/* Two mailboxes may hold the same ids: each has its own heads. */
static void test_same_ids_in_two_mailboxes(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    struct store *s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill a = store_fill_begin(s, "a@b");
    struct store_fill b = store_fill_begin(s, "c@d");

    g_assert_cmpuint(list_hostile(s, &a, 0, 10), ==, 10);
    g_assert_cmpuint(list_hostile(s, &b, 0, 10), ==, 10);
    store_free(s);
    s = store_tmp_open(tmp, STORE_WRITE); /* with nothing remembered */
    g_assert_cmpuint(list_hostile(s, &b, 0, 10), ==, 0);
    g_assert_cmpuint(list_hostile(s, &a, 0, 10), ==, 0);
    store_free(s);
}

/*
 * A head that was added in a transaction which was rolled back is not there:
 * a row that named it could never be read.
 */
static void test_rolled_back_head(void)
{
    g_autoptr(store_tmp) tmp = store_tmp_new();
    g_autoptr(store) s = store_tmp_open(tmp, STORE_WRITE);
    struct store_fill f = store_fill_begin(s, "a@b");
    g_autoptr(GPtrArray) items = NULL, copied = NULL;
    g_autofree char *id = store_fill_id('d', 1, 1);
    struct store_item_query q = { .mailbox_id = 1, .max = 10 };
    struct store_outcome o[2] = { { .state = ITEM_COPIED },
                                  { .state = ITEM_COPIED } };
    struct err err;

    CHECK_OK(store_fill_list(s, &f, 0, 2, &err), &err);
    CHECK_OK(store_fill_intend(s, &f, 1, &items, &err), &err);
    o[0].item_id = o[1].item_id =
        ((const struct store_item *)items->pdata[0])->id;
    o[0].destination_id = o[1].destination_id = id;
    g_assert_cmpint(store_items_record(s, &f.lease, o, 2, &err), ==, -1);
    CHECK_OK(store_items_record(s, &f.lease, o, 1, &err), &err);

    q.states = 1u << ITEM_COPIED;
    CHECK_OK(store_items(s, &q, &copied, &err), &err);
    g_assert_cmpuint(copied->len, ==, 1);
    g_assert_cmpstr(
        ((const struct store_item *)copied->pdata[0])->destination_id, ==, id);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sqlite/key/share-nothing", test_ids_that_share_nothing);
    g_test_add_func("/sqlite/key/share-a-head",
                    test_ids_of_a_folder_share_a_head);
    g_test_add_func("/sqlite/key/two-mailboxes",
                    test_same_ids_in_two_mailboxes);
    g_test_add_func("/sqlite/key/rolled-back-head", test_rolled_back_head);
    return g_test_run();
}
