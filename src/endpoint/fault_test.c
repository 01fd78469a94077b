#include "endpoint/fault.h"

#include "base/check.h"
#include "endpoint/mem.h"

struct fixture {
    struct mem *mem;
    struct faults *faults;
    struct endpoint *ep;
    struct blob_pool *pool;
    const char *inbox;
    struct err err;
};

static void fixture_open(struct fixture *f)
{
    g_auto(endpoint_facts) facts = { 0 };

    f->mem = mem_new(NULL);
    mem_add_usual_folders(f->mem, false);
    f->inbox = mem_well_known(f->mem, "inbox");
    f->faults = faults_new();
    f->pool = blob_pool_new(1 << 20, NULL);
    f->ep = fault_endpoint(mem_endpoint(f->mem), f->faults);
    CHECK_OK(endpoint_open(f->ep, &facts, &f->err), &f->err);
    g_assert_cmpuint(f->ep->caps & ENDPOINT_CAP_UPLOAD, !=, 0);
}

static void fixture_close(struct fixture *f)
{
    endpoint_free(f->ep);
    faults_free(f->faults);
    mem_free(f->mem);
    blob_pool_free(f->pool);
}

static guint stored(struct fixture *f)
{
    g_autoptr(GPtrArray) items = mem_items(f->mem, NULL);

    return items->len;
}

/* Put n items in one call, payloads "item 0"...; its return and *ret_maybe. */
static int put(struct fixture *f, size_t n, bool *ret_maybe)
{
    g_autofree struct endpoint_put *puts = g_new0(struct endpoint_put, n);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    int r;

    for (size_t i = 0; i < n; i++) {
        g_autofree char *text = g_strdup_printf("item %zu", i);

        puts[i].folder_id = f->inbox;
        puts[i].payload = blob_from_bytes(text, strlen(text));
    }
    r = endpoint_put(f->ep, puts, n, done, ret_maybe, &f->err);
    for (size_t i = 0; i < n; i++) {
        g_assert_true(r == 0 || done[i].id == NULL);
        blob_free((struct blob *)(uintptr_t)puts[i].payload);
    }
    endpoint_done_free(done, n);
    return r;
}

static void test_sides_of_the_effect(void)
{
    static const struct {
        const char *name;
        struct fault fault;
        guint want_stored; /* of 4 */
        bool want_maybe;
    } rows[] = {
        /* clang-format off */
        { "before", { FAULT_PUT, FAULT_BEFORE }, 0, false },
        { "before, unsure",
          { FAULT_PUT, FAULT_BEFORE, .unsure = true }, 0, true },
        { "after", { FAULT_PUT, FAULT_AFTER }, 4, true },
        { "half", { FAULT_PUT, FAULT_HALF }, 2, true },
        { "later, never told", { FAULT_PUT, FAULT_LATER }, 0, true },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fixture f;
        bool maybe;

        fixture_open(&f);
        faults_add(f.faults, &rows[i].fault);
        CHECK_ROW(rows[i].name, put(&f, 4, &maybe) == -1);
        CHECK_ROW(rows[i].name, stored(&f) == rows[i].want_stored);
        CHECK_ROW(rows[i].name, maybe == rows[i].want_maybe);
        CHECK_ROW(rows[i].name, strcmp(f.err.name, "connection-lost") == 0);
        CHECK_ROW(rows[i].name, faults_fired(f.faults) == 1);
        /* Once only. */
        CHECK_ROW(rows[i].name, put(&f, 1, &maybe) == 0);
        fixture_close(&f);
    }
}

static void test_which_call(void)
{
    static const struct {
        const char *name;
        unsigned int first, every;
        const char *want; /* of ten calls, x fails */
    } rows[] = {
        { "the next", 0, 0, "x........." },
        { "the third", 3, 0, "..x......." },
        { "every second", 2, 2, ".x.x.x.x.x" },
        { "each", 1, 1, "xxxxxxxxxx" },
        { "the fourth, then every third", 4, 3, "...x..x..x" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fixture f;
        char got[11] = "";

        fixture_open(&f);
        faults_add(f.faults, &(struct fault){ .op = FAULT_FOLDERS,
                                              .first = rows[i].first,
                                              .every = rows[i].every });
        for (int k = 0; k < 10; k++) {
            g_auto(endpoint_tree) tree = { 0 };

            got[k] = endpoint_folders(f.ep, &tree, &f.err) < 0 ? 'x' : '.';
        }
        CHECK_ROW(rows[i].name, strcmp(got, rows[i].want) == 0);
        fixture_close(&f);
    }
}

static void test_the_error_is_the_one_asked_for(void)
{
    struct fault fault = { .op = FAULT_OPEN };
    g_auto(endpoint_facts) facts = { 0 };
    g_autoptr(mem) m = mem_new(NULL);
    g_autoptr(faults) all = faults_new();
    g_autoptr(endpoint) ep = fault_endpoint(mem_endpoint(m), all);
    struct err err;

    err_set(&fault.err, ERR_MAILBOX, ERR_RETRY_WAIT, 503, "busy");
    fault.err.name = "ErrorServerBusy";
    fault.err.wait_ms = 1500;
    faults_add(all, &fault);
    g_assert_cmpint(endpoint_open(ep, &facts, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "busy");
    g_assert_cmpstr(err.name, ==, "ErrorServerBusy");
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    g_assert_cmpuint(err.wait_ms, ==, 1500);
    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
}

static void test_every_operation_can_fail(void)
{
    struct endpoint_ref ref;
    struct endpoint_item item = { 0 };
    struct endpoint_done done = { 0 };
    struct endpoint_page page = { 0 };
    struct endpoint_tree tree = { 0 };
    struct endpoint_description d = { 0 };
    g_autofree char *token = g_strdup("");
    char *id = NULL;
    struct fixture f;

    fixture_open(&f);
    ref = (struct endpoint_ref){ mem_add_item(f.mem, f.inbox, "x", 1, NULL),
                                 NULL };
    for (enum fault_op op = FAULT_FOLDERS; op < FAULT_N_OPS; op++)
        faults_add(f.faults, &(struct fault){ op, FAULT_AFTER });
    g_assert_cmpint(endpoint_folders(f.ep, &tree, &f.err), ==, -1);
    g_assert_null(tree.folders);
    g_assert_cmpint(
        endpoint_make_folder(f.ep, f.inbox, "made", NULL, &id, &f.err), ==, -1);
    g_assert_null(id);
    g_assert_cmpint(endpoint_changes(f.ep, f.inbox, 9, &token, &page, &f.err),
                    ==, -1);
    g_assert_cmpstr(token, ==, "");
    g_assert_cmpint(endpoint_fetch(f.ep, &ref, 1, f.pool, &item, &f.err), ==,
                    -1);
    g_assert_null(item.payload);
    g_assert_cmpint(endpoint_describe(f.ep, ref.id, &d, &f.err), ==, -1);
    g_assert_cmpint(endpoint_remove(f.ep, &ref, 1, &done, &f.err), ==, -1);

    /* What has an effect had it: the folder is there, the item is not. */
    CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    g_assert_cmpstr(((struct endpoint_folder *)g_ptr_array_index(
                         tree.folders, tree.folders->len - 1))
                        ->name,
                    ==, "made");
    g_assert_cmpuint(stored(&f), ==, 0);
    endpoint_tree_clear(&tree);
    fixture_close(&f);
}

static void test_half_of_a_removal(void)
{
    struct endpoint_ref refs[2];
    struct endpoint_done done[2] = { 0 };
    struct fixture f;

    fixture_open(&f);
    for (int i = 0; i < 2; i++)
        refs[i].id = mem_add_item(f.mem, f.inbox, "x", 1, NULL);
    faults_add(f.faults, &(struct fault){ FAULT_REMOVE, FAULT_HALF });
    g_assert_cmpint(endpoint_remove(f.ep, refs, 2, done, &f.err), ==, -1);
    g_assert_null(mem_item(f.mem, refs[0].id));
    g_assert_cmpuint(stored(&f), ==, 1);
    fixture_close(&f);
}

/* ---- one item of a batch --------------------------------------------- */

static bool is_item_two(void *data, const struct fault_subject *subject)
{
    char text[16] = "";
    struct err err;

    (void)data;
    return blob_read_at(subject->payload, 0, text, sizeof(text) - 1, &err) >
               0 &&
           strcmp(text, "item 2") == 0;
}

static void test_one_item_is_refused(void)
{
    struct fault fault = {
        .op = FAULT_PUT, .when = FAULT_ITEM, .every = 1, .pick = is_item_two
    };
    g_autoptr(GPtrArray) items = NULL;
    struct fixture f;
    bool maybe;

    fixture_open(&f);
    faults_add(f.faults, &fault);
    g_assert_cmpint(put(&f, 4, &maybe), ==, 0);
    items = mem_items(f.mem, NULL);
    g_assert_cmpuint(items->len, ==, 3);
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = g_ptr_array_index(items, i);

        g_assert_cmpint(
            memcmp(g_bytes_get_data(item->payload, NULL), "item 2", 6), !=, 0);
    }
    fixture_close(&f);
}

/* "One bad item can fail a whole batch": every batch that holds it. */
static void test_a_batch_with_one_item_is_refused(void)
{
    struct fault fault = { .op = FAULT_PUT, .every = 1, .pick = is_item_two };
    struct fixture f;
    bool maybe;

    fixture_open(&f);
    faults_add(f.faults, &fault);
    g_assert_cmpint(put(&f, 4, &maybe), ==, -1);
    g_assert_cmpint(put(&f, 2, &maybe), ==, 0);
    g_assert_cmpint(put(&f, 3, &maybe), ==, -1);
    g_assert_cmpuint(stored(&f), ==, 2);
    fixture_close(&f);
}

static void test_items_keep_their_places(void)
{
    struct endpoint_ref refs[3] = { 0 };
    struct endpoint_item items[3] = { 0 };
    struct fixture f;

    fixture_open(&f);
    for (int i = 0; i < 3; i++)
        refs[i].id = mem_add_item(f.mem, f.inbox, &"abc"[i], 1, NULL);
    faults_add(f.faults,
               &(struct fault){ FAULT_FETCH, FAULT_ITEM, .first = 2 });
    CHECK_OK(endpoint_fetch(f.ep, refs, 3, f.pool, items, &f.err), &f.err);
    for (int i = 0; i < 3; i++) {
        char c = 0;

        if (i == 1) {
            g_assert_cmpint(items[i].status, ==, -1);
            g_assert_cmpstr(items[i].why.name, ==, "ErrorItemCorrupt");
            continue;
        }
        g_assert_cmpint(blob_read_at(items[i].payload, 0, &c, 1, &f.err), ==,
                        1);
        g_assert_true(c == "abc"[i]);
    }
    endpoint_items_free(items, 3);
    fixture_close(&f);
}

/* ---- a server that is still at work ---------------------------------- */

static void test_later_happens_after_some_calls(void)
{
    struct fault fault = { FAULT_PUT, FAULT_LATER, .later_calls = 2 };
    struct fixture f;
    bool maybe;

    fixture_open(&f);
    faults_add(f.faults, &fault);
    g_assert_cmpint(put(&f, 3, &maybe), ==, -1);
    g_assert_true(maybe);
    g_assert_cmpuint(faults_pending(f.faults), ==, 1);
    for (int i = 0; i < 2; i++) {
        g_auto(endpoint_tree) tree = { 0 };

        g_assert_cmpuint(stored(&f), ==, 0);
        CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    }
    g_assert_cmpuint(stored(&f), ==, 3);
    g_assert_cmpuint(faults_pending(f.faults), ==, 0);
    fixture_close(&f);
}

static void test_later_happens_when_told(void)
{
    struct fault fault = { FAULT_PUT, FAULT_LATER, .every = 1 };
    struct fixture f;
    bool maybe;

    fixture_open(&f);
    faults_add(f.faults, &fault);
    put(&f, 3, &maybe);
    put(&f, 2, &maybe);
    /* Whoever asked may be long gone. */
    g_clear_pointer(&f.ep, endpoint_free);
    g_assert_cmpuint(faults_pending(f.faults), ==, 2);
    g_assert_cmpuint(stored(&f), ==, 0);
    faults_release(f.faults);
    g_assert_cmpuint(stored(&f), ==, 5);
    fixture_close(&f);
}

static void test_clones_share_the_faults(void)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct endpoint *twin;
    struct fixture f;

    fixture_open(&f);
    twin = endpoint_clone(f.ep);
    faults_add(f.faults, &(struct fault){ .op = FAULT_FOLDERS, .first = 2 });
    CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    endpoint_tree_clear(&tree);
    g_assert_cmpint(endpoint_folders(twin, &tree, &f.err), ==, -1);
    endpoint_free(twin);
    fixture_close(&f);
}

static void test_cleared_rules_are_forgotten(void)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct fixture f;

    fixture_open(&f);
    faults_add(f.faults, &(struct fault){ .op = FAULT_FOLDERS, .every = 1 });
    faults_clear(f.faults);
    CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    g_assert_cmpuint(faults_fired(f.faults), ==, 0);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/fault/sides-of-the-effect", test_sides_of_the_effect },
        { "/fault/which-call", test_which_call },
        { "/fault/the-error-asked-for", test_the_error_is_the_one_asked_for },
        { "/fault/every-operation", test_every_operation_can_fail },
        { "/fault/half-of-a-removal", test_half_of_a_removal },
        { "/fault/one-item", test_one_item_is_refused },
        { "/fault/a-batch-with-one-item",
          test_a_batch_with_one_item_is_refused },
        { "/fault/items-keep-their-places", test_items_keep_their_places },
        { "/fault/later-after-some-calls",
          test_later_happens_after_some_calls },
        { "/fault/later-when-told", test_later_happens_when_told },
        { "/fault/clones-share", test_clones_share_the_faults },
        { "/fault/cleared", test_cleared_rules_are_forgotten },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
