/*
 * State files of older versions, as the programs of their time wrote them:
 * tests/store/version-N.sql.
 */
#include "base/check.h"
#include "store/sqlite_priv.h"
#include "store/store_tmp.h"

/* A file of that version; its path is tmp's. */
static struct store_tmp *older(int version)
{
    struct store_tmp *tmp = store_tmp_new();
    g_autofree char *name = g_strdup_printf("version-%d.sql", version);
    g_autofree char *path = g_build_filename(g_getenv("G_TEST_SRCDIR"), "tests",
                                             "store", name, NULL);
    g_autofree char *sql = NULL;
    GError *error = NULL;
    sqlite3 *db;

    g_file_get_contents(path, &sql, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(sqlite3_open(tmp->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
    return tmp;
}

/* A reader must not change the file; it says what does. */
static void test_reader(void)
{
    g_autoptr(store_tmp) tmp = older(1);
    struct store *s = NULL;
    struct err err;

    g_assert_cmpint(store_open_sqlite(tmp->path, STORE_READ, &s, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "store-older");
    g_assert_nonnull(strstr(err.remedy, "migrate"));
}

static void check_rows(struct store *s)
{
    struct store_item_query q = { .mailbox_id = 1, .max = 100 };
    g_autoptr(GPtrArray) folders = NULL, items = NULL, passes = NULL;
    struct err err;

    CHECK_OK(store_folders(s, 1, &folders, &err), &err);
    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        g_assert_nonnull(f->destination_id);
        g_assert_cmpstr(f->source_token, !=, "");
        g_assert_false(f->moved);
    }
    CHECK_OK(store_items(s, &q, &items, &err), &err);
    g_assert_cmpuint(items->len, ==, 12);
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];

        g_assert_cmpint(item->state, ==, ITEM_COPIED);
        g_assert_nonnull(item->destination_id);
        g_assert_cmpuint(item->digest_len, >, 0);
        g_assert_cmpuint(item->format, ==, 0);
        g_assert_null(item->old_destination_id);
    }
    CHECK_OK(store_passes(s, 1, &passes, &err), &err);
    g_assert_cmpuint(passes->len, >, 0);
    g_assert_cmpuint(((const struct store_pass *)passes->pdata[0])->updated, ==,
                     0);
}

static void test_writer(void)
{
    g_autoptr(store_tmp) tmp = older(1);
    struct store *s = store_tmp_open(tmp, STORE_WRITE);

    check_rows(s);
    store_free(s);
    /* Now it is of today's version. */
    s = store_tmp_open(tmp, STORE_READ);
    check_rows(s);
    store_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/schema/reader", test_reader);
    g_test_add_func("/store/schema/writer", test_writer);
    return g_test_run();
}
