#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/store_fixture.h"
#include "lab/store_priv.h"

static void test_a_file_keeps_its_options(void)
{
    struct store_file file;
    struct lab_store_options options = { .organisation = "Fabrikam",
                                         .seed = 11 };
    struct lab_store *store = NULL;
    g_auto(lab_mailbox) before = { 0 }, after = { 0 };
    struct lab_profile p;
    struct err err;

    store_file_init(&file);
    options.path = file.path;
    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    add_mailbox(store, "ann@corp.example", 7);
    g_assert_cmpint(
        lab_store_find_mailbox(store, "ann@corp.example", &before, &err), ==,
        1);
    lab_store_close(store);
    options.organisation = "Other";
    options.seed = 12;
    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    g_assert_cmpstr(lab_store_organisation(store), ==, "Fabrikam");
    lab_profile_init(&p, 11);
    g_assert_cmpstr(lab_store_profile(store)->dn_prefix, ==, p.dn_prefix);
    g_assert_cmpint(
        lab_store_find_mailbox(store, "ann@corp.example", &after, &err), ==, 1);
    g_assert_cmpstr(before.guid, ==, after.guid);
    g_assert_cmpuint(after.quota_bytes, ==, 7);
    lab_store_close(store);
    store_file_remove(&file);
}

static void test_cannot_open(void)
{
    struct lab_store_options options = { .path = "/nonexistent/s.db" };
    struct lab_store *store = NULL;
    struct err err;

    g_assert_cmpint(lab_store_open(&options, &store, &err), ==, -1);
    g_assert_null(store);
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_nonnull(strstr(err.msg, "/nonexistent/s.db"));
}

static gpointer uploads(gpointer data)
{
    struct fix *f = data;

    for (int i = 0; i < 50; i++)
        g_free(upload(f, f->inbox.id, NULL, "x"));
    return NULL;
}

static void test_threads(void)
{
    struct fix f;
    GThread *threads[4];
    g_auto(lab_folder) inbox = { 0 };

    set_up(&f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("upload", uploads, &f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    get_folder(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 200);
    tear_down(&f);
}

/* ---- across processes and failures ----------------------------------- */

/* An id that was given once is never given again, also after a restart. */
static void test_ids_are_not_reused(void)
{
    struct store_file file;
    g_autofree char *last = NULL, *first = NULL;
    struct fix f = { 0 };
    struct err err;

    store_file_init(&file);
    f.store = open_store(file.path, 5);
    f.mailbox = add_mailbox(f.store, "ann@corp.example", 0);
    CHECK_OK(
        lab_store_distinguished(f.store, f.mailbox, "inbox", &f.inbox, &err),
        &err);
    last = upload(&f, f.inbox.id, NULL, "x");
    CHECK_OK(
        lab_store_delete_item(f.store, f.mailbox, last, LAB_DELETE_HARD, &err),
        &err);
    lab_store_close(f.store);
    f.store = open_store(file.path, 5);
    first = upload(&f, f.inbox.id, NULL, "y");
    g_assert_cmpstr(first, !=, last);
    tear_down(&f);
    store_file_remove(&file);
}

/* Sync states are good after a restart. */
static void test_states_outlive_the_server(void)
{
    struct store_file file;
    struct fix f = { 0 };
    struct lab_sync sync = { .max = 10 };
    g_auto(lab_sync_page) page = { 0 };
    g_autofree char *state = NULL;
    struct err err;

    store_file_init(&file);
    f.store = open_store(file.path, 5);
    f.mailbox = add_mailbox(f.store, "ann@corp.example", 0);
    CHECK_OK(
        lab_store_distinguished(f.store, f.mailbox, "inbox", &f.inbox, &err),
        &err);
    g_free(upload(&f, f.inbox.id, NULL, "x"));
    sync.folder_id = f.inbox.id;
    CHECK_OK(lab_store_sync_items(f.store, f.mailbox, &sync, &page, &err),
             &err);
    state = g_strdup(page.state);
    lab_sync_page_clear(&page);
    lab_store_close(f.store);
    f.store = open_store(file.path, 5);
    g_free(upload(&f, f.inbox.id, NULL, "y"));
    sync.state = state;
    CHECK_OK(lab_store_sync_items(f.store, f.mailbox, &sync, &page, &err),
             &err);
    g_assert_cmpuint(page.changes->len, ==, 1);
    tear_down(&f);
    store_file_remove(&file);
}

/* A transaction in the middle of which something fails leaves nothing. */
static void test_all_or_nothing(void)
{
    struct fix f;
    g_auto(lab_folder) inbox = { 0 };
    struct err err;

    set_up(&f);
    CHECK_OK(lab_enter(f.store, &err), &err);
    g_free(upload(&f, f.inbox.id, NULL, "x"));
    g_assert_cmpint(lab_store_delete_folder(f.store, f.mailbox, f.inbox.id,
                                            LAB_DELETE_HARD, &err),
                    ==, -1);
    /* the caller goes on, but what is broken stays broken */
    CHECK_OK(lab_leave(f.store, 0, &err), &err);
    get_folder(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 0);
    g_free(upload(&f, f.inbox.id, NULL, "y"));
    get_folder(&f, f.inbox.id, &inbox);
    g_assert_cmpuint(inbox.n_items, ==, 1);
    tear_down(&f);
}

/* ---- counts ---------------------------------------------------------- */

static int64_t ask(struct fix *f, const char *sql)
{
    int64_t n = -1;
    struct err err;

    CHECK_OK(lab_number(f->store, &err, &n, sql, ""), &err);
    return n;
}

/* The invariants of store_priv.h, counted by plain SQL. */
static void check_invariants(struct fix *f)
{
    static const struct {
        const char *name, *broken; /* a query that counts what is wrong */
    } rows[] = {
        { "visible items",
          "SELECT count(*) FROM folder WHERE n_items <> (SELECT count(*) FROM"
          " item WHERE folder = folder.key AND NOT associated)" },
        { "hidden items",
          "SELECT count(*) FROM folder WHERE n_hidden <> (SELECT count(*)"
          " FROM item WHERE folder = folder.key AND associated)" },
        { "unread items",
          "SELECT count(*) FROM folder WHERE n_unread <> (SELECT count(*)"
          " FROM item WHERE folder = folder.key AND NOT associated"
          " AND NOT read)" },
        { "bytes",
          "SELECT count(*) FROM folder WHERE bytes <> (SELECT"
          " ifnull(sum(size), 0) FROM item WHERE folder = folder.key)" },
        { "payloads", "SELECT (SELECT count(*) FROM item) -"
                      " (SELECT count(*) FROM payload JOIN item"
                      "  ON item.key = payload.item)" },
        { "orphaned payloads", "SELECT count(*) FROM payload"
                               " WHERE item NOT IN (SELECT key FROM item)" },
        { "orphaned items", "SELECT count(*) FROM item"
                            " WHERE folder NOT IN (SELECT key FROM folder)" },
        { "order of changes", "SELECT count(*) FROM item"
                              " WHERE changed_seq < created_seq" },
        { "counter", "SELECT count(*) FROM item, meta"
                     " WHERE meta.name = 'counter' AND"
                     " max(key, changed_seq, read_seq) > meta.value" },
        { "gone ones are gone", "SELECT count(*) FROM gone"
                                " WHERE item IN (SELECT key FROM item)" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, ask(f, rows[i].broken) == 0);
}

static char *random_item(struct fix *f, GRand *rand, const char *folder)
{
    struct lab_list list = { .folder_id = folder, .max = 1 };
    g_autoptr(GPtrArray) items = NULL;
    uint64_t total;
    struct err err;

    list.offset = (uint64_t)g_rand_int_range(rand, 0, 6);
    CHECK_OK(lab_store_list(f->store, f->mailbox, &list, &items, &total, &err),
             &err);
    if (items->len == 0)
        return NULL;
    return g_strdup(((struct lab_item *)items->pdata[0])->id);
}

static int random_deed(struct fix *f, GRand *rand, char *const folders[3],
                       struct err *err)
{
    const char *folder = folders[g_rand_int_range(rand, 0, 3)];
    const char *other = folders[g_rand_int_range(rand, 0, 3)];
    g_autofree char *id = random_item(f, rand, folder);
    g_auto(lab_item) moved = { 0 };
    int deed = g_rand_int_range(rand, 0, 8);

    if (id == NULL || deed < 2) {
        g_free(upload(f, folder, NULL, "new"));
        return 0;
    }
    switch (deed) {
    case 2:
        g_free(upload(f, folder, id, "changed and longer"));
        return 0;
    case 3:
        return lab_store_set_read(f->store, f->mailbox, id,
                                  g_rand_boolean(rand), err);
    case 4:
        return lab_store_move_item(f->store, f->mailbox, id, other, &moved,
                                   err);
    case 5:
        return lab_store_touch(f->store, f->mailbox, id, err);
    default:
        return lab_store_delete_item(
            f->store, f->mailbox, id,
            (enum lab_delete)g_rand_int_range(rand, 0, 3), err);
    }
}

static void test_invariants(void)
{
    for (guint32 seed = 0; seed < 5; seed++) {
        struct fix f;
        GRand *rand = g_rand_new_with_seed(seed);
        char *folders[3];
        struct err err;

        set_up(&f);
        folders[0] = g_strdup(f.inbox.id);
        folders[1] = make_folder(&f, f.root, "one");
        folders[2] = make_folder(&f, f.inbox.id, "two");
        for (int i = 0; i < 120; i++)
            CHECK_OK(random_deed(&f, rand, folders, &err), &err);
        check_invariants(&f);
        CHECK_OK(lab_store_delete_folder(f.store, f.mailbox, folders[1],
                                         LAB_DELETE_SOFT, &err),
                 &err);
        CHECK_OK(lab_store_delete_folder(f.store, f.mailbox, folders[2],
                                         LAB_DELETE_HARD, &err),
                 &err);
        check_invariants(&f);
        for (size_t i = 0; i < 3; i++)
            g_free(folders[i]);
        g_rand_free(rand);
        tear_down(&f);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/file-keeps-options", test_a_file_keeps_its_options);
    g_test_add_func("/store/cannot-open", test_cannot_open);
    g_test_add_func("/store/ids-not-reused", test_ids_are_not_reused);
    g_test_add_func("/store/states-outlive", test_states_outlive_the_server);
    g_test_add_func("/store/all-or-nothing", test_all_or_nothing);
    g_test_add_func("/store/invariants", test_invariants);
    g_test_add_func("/store/threads", test_threads);
    return g_test_run();
}
