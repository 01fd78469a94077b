/*
 * State files of older versions, as the programs of their time wrote them:
 * tests/store/version-N.sql.
 */
#include "base/check.h"
#include "store/sqlite_priv.h"
#include "store/store_fill.h"
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

/* What each holds, beside what the steps after it brought. */
struct wanted {
    int version;
    guint copied, gone;
    guint passes;
    struct store_pass delta; /* of the third pass, where there is one */
};
static const struct wanted versions[] = {
    { .version = 1, .copied = 12, .passes = 2 },
    { .version = 2,
      .copied = 11,
      .gone = 2,
      .passes = 4,
      .delta = { .updated = 1, .marked = 1, .moved = 1, .removed = 1 } },
};

/* A reader must not change the file; it says what does. */
static void test_reader(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autoptr(store_tmp) tmp = older(versions[i].version);
        struct store *s = NULL;
        struct err err;

        g_assert_cmpint(store_open_sqlite(tmp->path, STORE_READ, &s, &err), ==,
                        -1);
        g_assert_cmpstr(err.name, ==, "store-older");
        g_assert_nonnull(strstr(err.remedy, "migrate"));
    }
}

static void check_folders(struct store *s)
{
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    CHECK_OK(store_folders(s, 1, &folders, &err), &err);
    g_assert_cmpuint(folders->len, >, 0);
    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        g_assert_nonnull(f->destination_id);
        g_assert_cmpstr(f->source_token, !=, "");
        g_assert_false(f->moved);
    }
}

static void check_items(struct store *s, const struct wanted *want)
{
    struct store_item_query q = { .mailbox_id = 1, .max = 100 };
    g_autoptr(GPtrArray) items = NULL;
    guint n[ITEM_N_STATES] = { 0 };
    struct err err;

    CHECK_OK(store_items(s, &q, &items, &err), &err);
    for (guint i = 0; i < items->len; i++) {
        const struct store_item *item = items->pdata[i];

        n[item->state]++;
        g_assert_cmpuint(item->format, ==, 0);
        g_assert_null(item->old_destination_id);
        if (item->state != ITEM_COPIED)
            continue;
        g_assert_nonnull(item->destination_id);
        g_assert_cmpuint(item->digest_len, >, 0);
    }
    g_assert_cmpuint(n[ITEM_COPIED], ==, want->copied);
    g_assert_cmpuint(n[ITEM_GONE], ==, want->gone);
    g_assert_cmpuint(items->len, ==, want->copied + want->gone);
}

static void check_passes(struct store *s, const struct wanted *want)
{
    g_autoptr(GPtrArray) passes = NULL, settings = NULL;
    const struct store_pass *first, *delta;
    struct err err;

    CHECK_OK(store_passes(s, 1, &passes, &err), &err);
    g_assert_cmpuint(passes->len, ==, want->passes);
    first = passes->pdata[0];
    g_assert_cmpuint(first->items_copied, ==, 12);
    g_assert_cmpuint(first->updated + first->adopted, ==, 0);
    CHECK_OK(store_settings(s, 1, &settings, &err), &err);
    g_assert_cmpuint(settings->len, ==, 0);
    if (passes->len < 3)
        return;
    delta = passes->pdata[2];
    g_assert_cmpuint(delta->updated, ==, want->delta.updated);
    g_assert_cmpuint(delta->marked, ==, want->delta.marked);
    g_assert_cmpuint(delta->moved, ==, want->delta.moved);
    g_assert_cmpuint(delta->removed, ==, want->delta.removed);
}

static void check_rows(struct store *s, const struct wanted *want)
{
    check_folders(s);
    check_items(s, want);
    check_passes(s, want);
}

/* What others refer to was made anew: they refer to it still. */
static void check_references(struct store *s)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    struct sq_conn *c;
    struct err err;

    CHECK_OK(store_mailboxes(s, &mailboxes, &err), &err);
    g_assert_cmpuint(mailboxes->len, >, 0);
    c = sq_begin_write(s, &err);
    g_assert_nonnull(c);
    g_assert_cmpint(sq_run(c,
                           "INSERT INTO passes (mailbox, kind, begun_us)"
                           " VALUES (?, 'x', 0)",
                           ARGS(INT(4711)), &err),
                    ==, -1);
    g_assert_cmpint(sq_end(c, -1, &err), ==, -1);
}

static void test_writer(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autoptr(store_tmp) tmp = older(versions[i].version);
        struct store *s = store_tmp_open(tmp, STORE_WRITE);

        check_rows(s, &versions[i]);
        check_references(s);
        store_free(s);
        /* Now it is of today's version. */
        s = store_tmp_open(tmp, STORE_READ);
        check_rows(s, &versions[i]);
        store_free(s);
    }
}

/* What is carried forward is worked on like any other. */
static void test_goes_on(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autoptr(store_tmp) tmp = older(versions[i].version);
        g_autoptr(store) s = store_tmp_open(tmp, STORE_WRITE);
        struct store_fill f = store_fill_begin(s, "new@b.example");
        g_autoptr(GPtrArray) items = NULL;
        struct err err;

        CHECK_OK(store_fill_list(s, &f, 0, 20, &err), &err);
        CHECK_OK(store_fill_intend(s, &f, 10, &items, &err), &err);
        CHECK_OK(store_fill_record(s, &f, items, &err), &err);
        check_rows(s, &versions[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/schema/reader", test_reader);
    g_test_add_func("/store/schema/writer", test_writer);
    g_test_add_func("/store/schema/goes-on", test_goes_on);
    return g_test_run();
}
