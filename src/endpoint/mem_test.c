#include "endpoint/mem.h"

#include "base/check.h"
#include "base/timestamp.h"

struct fixture {
    struct mem *mem;
    struct endpoint *ep;
    struct blob_pool *pool;
    const char *inbox;
    struct err err;
};

static void fixture_open(struct fixture *f, const struct mem_options *options)
{
    g_auto(endpoint_facts) facts = { 0 };

    f->mem = mem_new(options);
    mem_add_usual_folders(f->mem, false);
    f->inbox = mem_well_known(f->mem, "inbox");
    f->pool = blob_pool_new(1 << 20, NULL);
    f->ep = mem_endpoint(f->mem);
    CHECK_OK(endpoint_open(f->ep, &facts, &f->err), &f->err);
}

static void fixture_close(struct fixture *f)
{
    endpoint_free(f->ep);
    mem_free(f->mem);
    blob_pool_free(f->pool);
}

static const char *add(struct fixture *f, const char *payload)
{
    return mem_add_item(f->mem, f->inbox, payload, strlen(payload), NULL);
}

static size_t drain(struct fixture *f, const char *folder, char **token,
                    struct endpoint_page *page)
{
    size_t before = page->n;
    int more;

    do {
        more = endpoint_changes(f->ep, folder, 3, token, page, &f->err);
        CHECK_OK(more, &f->err);
    } while (more > 0);
    return page->n - before;
}

/* ---- the mailbox ----------------------------------------------------- */

static void test_ids_differ_in_case_only(void)
{
    struct fixture f;
    const char *a, *b;

    fixture_open(&f, NULL);
    a = add(&f, "one");
    b = add(&f, "two");
    g_assert_cmpstr(a, !=, b);
    g_assert_cmpint(g_ascii_strcasecmp(a, b), ==, 0);
    fixture_close(&f);
}

static void test_ids_are_never_used_again(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct fixture f;

    fixture_open(&f, NULL);
    for (int i = 0; i < 3000; i++) {
        const char *id = add(&f, "x");

        g_assert_true(g_hash_table_add(seen, (void *)(uintptr_t)id));
        if (i % 3 == 0)
            mem_delete_item(f.mem, id);
    }
    fixture_close(&f);
}

static char *key_of(struct fixture *f, const char *id)
{
    struct mem_item *item = mem_item(f->mem, id);
    char *key = g_strdup(item->change_key);

    mem_item_free(item);
    return key;
}

static void test_an_edit_gives_another_key(void)
{
    struct fixture f;
    const char *id;

    fixture_open(&f, NULL);
    id = add(&f, "one");
    for (int i = 0; i < 3; i++) {
        g_autofree char *before = key_of(&f, id), *after = NULL;

        if (i == 0)
            mem_edit_item(f.mem, id, "two", 3, NULL);
        else if (i == 1)
            mem_touch_item(f.mem, id);
        else
            mem_set_read(f.mem, id, true);
        after = key_of(&f, id);
        g_assert_cmpint(strcmp(before, after) == 0, ==, i == 2);
    }
    fixture_close(&f);
}

static void test_usual_folders_are_localised(void)
{
    static const char *const known[] = { "inbox", "calendar",     "contacts",
                                         "tasks", "deleteditems", "outbox" };
    g_autoptr(mem) english = mem_new(NULL), german = mem_new(NULL);

    mem_add_usual_folders(english, false);
    mem_add_usual_folders(german, true);
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        CHECK_ROW(known[i], mem_well_known(english, known[i]) != NULL);
        CHECK_ROW(known[i], mem_well_known(german, known[i]) != NULL);
    }
    g_assert_null(mem_well_known(german, "Posteingang"));
}

static void test_two_mailboxes_have_two_identities(void)
{
    g_autoptr(mem) a = mem_new(NULL), b = mem_new(NULL);
    g_autoptr(endpoint) x = mem_endpoint(a), y = mem_endpoint(b),
                        z = mem_endpoint(a);
    g_auto(endpoint_facts) fx = { 0 }, fy = { 0 }, fz = { 0 };
    struct err err;

    CHECK_OK(endpoint_open(x, &fx, &err), &err);
    CHECK_OK(endpoint_open(y, &fy, &err), &err);
    CHECK_OK(endpoint_open(z, &fz, &err), &err);
    g_assert_cmpstr(fx.mailbox_identity, !=, fy.mailbox_identity);
    g_assert_cmpstr(fx.mailbox_identity, ==, fz.mailbox_identity);
}

static void test_deleted_folder_takes_all_below(void)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct fixture f;
    struct mem_folder_init init = { .name = "a" };
    const char *a, *item;
    guint before;

    fixture_open(&f, NULL);
    CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    before = tree.folders->len;
    endpoint_tree_clear(&tree);

    a = init.parent_id = mem_add_folder(f.mem, &init);
    init.name = "b";
    init.parent_id = mem_add_folder(f.mem, &init);
    init.name = "c";
    init.parent_id = mem_add_folder(f.mem, &init);
    item = mem_add_item(f.mem, init.parent_id, "x", 1, NULL);
    mem_delete_folder(f.mem, a);
    CHECK_OK(endpoint_folders(f.ep, &tree, &f.err), &f.err);
    g_assert_cmpuint(tree.folders->len, ==, before);
    g_assert_null(mem_item(f.mem, item));
    fixture_close(&f);
}

static void test_missing_caps(void)
{
    struct mem_options options = { .missing_caps = ENDPOINT_CAP_EXPORT |
                                                   ENDPOINT_CAP_UPDATE };
    struct endpoint_ref ref = { "x", NULL };
    struct endpoint_item item = { 0 };
    struct fixture f;

    fixture_open(&f, &options);
    g_assert_cmpuint(f.ep->caps, ==, ENDPOINT_CAP_UPLOAD);
    g_assert_cmpint(endpoint_fetch(f.ep, &ref, 1, f.pool, &item, &f.err), ==,
                    -1);
    g_assert_cmpstr(f.err.name, ==, "ErrorInvalidOperation");
    fixture_close(&f);
}

static void test_request_limit(void)
{
    struct mem_options options = { .request_max_bytes = 5 };
    g_autoptr(blob) three = blob_from_bytes("abc", 3);
    struct endpoint_done done[2] = { 0 };
    struct endpoint_put puts[2];
    struct fixture f;
    bool maybe;

    fixture_open(&f, &options);
    puts[0] = puts[1] =
        (struct endpoint_put){ .folder_id = f.inbox, .payload = three };
    g_assert_cmpint(endpoint_put(f.ep, puts, 2, done, &maybe, &f.err), ==, -1);
    g_assert_cmpstr(f.err.name, ==, "request-too-large");
    g_assert_false(maybe);
    CHECK_OK(endpoint_put(f.ep, puts, 1, done, &maybe, &f.err), &f.err);
    endpoint_done_free(done, 1);
    fixture_close(&f);
}

/* ---- what a client sees of what others do ---------------------------- */

static void test_read_flag_is_told_apart(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    const char *marked, *both;
    struct fixture f;

    fixture_open(&f, NULL);
    marked = add(&f, "one");
    both = add(&f, "two");
    drain(&f, f.inbox, &token, &page);
    endpoint_page_clear(&page);
    mem_set_read(f.mem, marked, true);
    mem_set_read(f.mem, both, true);
    mem_touch_item(f.mem, both);
    g_assert_cmpuint(drain(&f, f.inbox, &token, &page), ==, 2);
    g_assert_cmpstr(page.changes[0].id, ==, marked);
    g_assert_cmpint(page.changes[0].kind, ==, ENDPOINT_READ_FLAG);
    g_assert_true(page.changes[0].read);
    g_assert_cmpint(page.changes[1].kind, ==, ENDPOINT_UPDATED);
    fixture_close(&f);
}

static void test_move_is_a_delete_and_a_create(void)
{
    g_auto(endpoint_page) from = { 0 }, to = { 0 };
    g_autofree char *in_inbox = g_strdup(""), *in_tasks = g_strdup("");
    struct mem_columns columns = { .search_key = "AAEC" };
    const char *old, *tasks, *new;
    struct fixture f;

    fixture_open(&f, NULL);
    tasks = mem_well_known(f.mem, "tasks");
    old = mem_add_item(f.mem, f.inbox, "one", 3, &columns);
    drain(&f, f.inbox, &in_inbox, &from);
    drain(&f, tasks, &in_tasks, &to);
    endpoint_page_clear(&from);
    new = mem_move_item(f.mem, old, tasks);
    g_assert_cmpstr(old, !=, new);
    g_assert_cmpuint(drain(&f, f.inbox, &in_inbox, &from), ==, 1);
    g_assert_cmpint(from.changes[0].kind, ==, ENDPOINT_DELETED);
    g_assert_cmpstr(from.changes[0].id, ==, old);
    g_assert_cmpuint(drain(&f, tasks, &in_tasks, &to), ==, 1);
    g_assert_cmpint(to.changes[0].kind, ==, ENDPOINT_CREATED);
    g_assert_cmpstr(to.changes[0].id, ==, new);
    g_assert_cmpstr(to.changes[0].search_key, ==, "AAEC");
    fixture_close(&f);
}

/* Changed before the list began: its creation tells it as it is now. */
static void test_a_list_tells_each_item_once(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    const char *edited, *marked;
    struct fixture f;
    int more;

    fixture_open(&f, NULL);
    edited = add(&f, "one");
    marked = add(&f, "two");
    add(&f, "three");
    mem_edit_item(f.mem, edited, "more", 4, NULL);
    mem_set_read(f.mem, marked, true);
    do {
        more = endpoint_changes(f.ep, f.inbox, 1, &token, &page, &f.err);
        CHECK_OK(more, &f.err);
    } while (more > 0);
    g_assert_cmpuint(page.n, ==, 3);
    for (size_t i = 0; i < page.n; i++)
        g_assert_cmpint(page.changes[i].kind, ==, ENDPOINT_CREATED);
    fixture_close(&f);
}

static void test_deletion_of_what_was_not_told(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    const char *second;
    struct fixture f;

    fixture_open(&f, NULL);
    add(&f, "one");
    second = add(&f, "two");
    g_assert_cmpint(endpoint_changes(f.ep, f.inbox, 1, &token, &page, &f.err),
                    ==, 1);
    mem_delete_item(f.mem, second);
    g_assert_cmpuint(drain(&f, f.inbox, &token, &page), ==, 0);
    fixture_close(&f);
}

static void test_tokens_can_be_forgotten(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    struct fixture f;

    fixture_open(&f, NULL);
    drain(&f, f.inbox, &token, &page);
    mem_forget_tokens(f.mem);
    g_assert_cmpint(endpoint_changes(f.ep, f.inbox, 3, &token, &page, &f.err),
                    ==, -1);
    g_assert_cmpstr(f.err.name, ==, "ErrorInvalidSyncStateData");
    fixture_close(&f);
}

static void test_token_of_another_folder_is_refused(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    struct fixture f;

    fixture_open(&f, NULL);
    drain(&f, f.inbox, &token, &page);
    g_assert_cmpint(endpoint_changes(f.ep, mem_well_known(f.mem, "tasks"), 3,
                                     &token, &page, &f.err),
                    ==, -1);
    fixture_close(&f);
}

static void test_columns_are_told(void)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    struct mem_columns columns = { .item_class = "IPM.Contact",
                                   .search_key = "c2s=",
                                   .subject = "s",
                                   .sender = "a@b",
                                   .received_us = 12345,
                                   .read = true };
    struct endpoint_description d = { 0 };
    const struct endpoint_change *c;
    struct fixture f;

    fixture_open(&f, NULL);
    add(&f, "plain");
    mem_add_item(f.mem, f.inbox, "sixteen bytes!!!", 16, &columns);
    drain(&f, f.inbox, &token, &page);
    g_assert_cmpstr(page.changes[0].item_class, ==, "IPM.Note");
    g_assert_null(page.changes[0].search_key);
    g_assert_true(page.changes[0].received_us == TIMESTAMP_NONE);
    c = &page.changes[1];
    g_assert_cmpstr(c->item_class, ==, "IPM.Contact");
    g_assert_cmpstr(c->search_key, ==, "c2s=");
    g_assert_cmpint(c->received_us, ==, 12345);
    g_assert_cmpuint(c->size_bytes, ==, 12); /* of 16 base64 characters */
    g_assert_true(c->read);
    CHECK_OK(endpoint_describe(f.ep, c->id, &d, &f.err), &f.err);
    g_assert_cmpstr(d.subject, ==, "s");
    g_assert_cmpstr(d.sender, ==, "a@b");
    g_assert_cmpint(d.received_us, ==, 12345);
    endpoint_description_clear(&d);
    fixture_close(&f);
}

static char *state_of(const char *change_key, bool read)
{
    return g_strdup_printf("%s %s", change_key, read ? "read" : "unread");
}

static void follow(GHashTable *known, const struct endpoint_page *page)
{
    for (size_t i = 0; i < page->n; i++) {
        const struct endpoint_change *c = &page->changes[i];

        switch (c->kind) {
        case ENDPOINT_CREATED:
            break;
        case ENDPOINT_UPDATED:
        case ENDPOINT_READ_FLAG:
            /* Never a change of what the client has not been told of. */
            g_assert_true(g_hash_table_contains(known, c->id));
            break;
        case ENDPOINT_DELETED:
            g_hash_table_remove(known, c->id);
            continue;
        }
        g_hash_table_insert(known, g_strdup(c->id),
                            state_of(c->change_key, c->read));
    }
}

static void random_act(struct fixture *f, GRand *rand)
{
    g_autoptr(GPtrArray) items = mem_items(f->mem, f->inbox);
    const struct mem_item *any;

    if (items->len == 0 || g_rand_int_range(rand, 0, 3) == 0) {
        add(f, "new");
        return;
    }
    any = g_ptr_array_index(
        items, (guint)g_rand_int_range(rand, 0, (gint32)items->len));
    switch (g_rand_int_range(rand, 0, 5)) {
    case 0:
        mem_delete_item(f->mem, any->id);
        break;
    case 1:
        mem_set_read(f->mem, any->id, !any->read);
        break;
    case 2:
        mem_move_item(f->mem, any->id, mem_well_known(f->mem, "tasks"));
        break;
    default:
        mem_edit_item(f->mem, any->id, "edited", 6, NULL);
    }
}

static void check_knows_all(struct fixture *f, GHashTable *known)
{
    g_autoptr(GPtrArray) items = mem_items(f->mem, f->inbox);

    g_assert_cmpuint(g_hash_table_size(known), ==, items->len);
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = g_ptr_array_index(items, i);

        g_autofree char *state = state_of(item->change_key, item->read);

        g_assert_cmpstr(g_hash_table_lookup(known, item->id), ==, state);
    }
}

/*
 * The one that matters: whatever a user does between any two pages of any
 * size, a client that follows the list knows exactly what is there.
 */
static void test_a_client_that_follows_knows_all(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(20260101);
    g_autoptr(GHashTable) known =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autofree char *token = g_strdup("");
    struct fixture f;

    fixture_open(&f, NULL);
    for (int round = 0; round < 2000; round++) {
        g_auto(endpoint_page) page = { 0 };
        int more;

        for (int i = g_rand_int_range(rand, 0, 6); i > 0; i--)
            random_act(&f, rand);
        more = endpoint_changes(f.ep, f.inbox,
                                (size_t)g_rand_int_range(rand, 1, 8), &token,
                                &page, &f.err);
        CHECK_OK(more, &f.err);
        follow(known, &page);
        if (more == 0)
            check_knows_all(&f, known);
    }
    fixture_close(&f);
}

/* ---- the oracle ------------------------------------------------------ */

static void check_payload(const struct mem_item *item, const char *want)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(want, strlen(want));

    g_assert_true(g_bytes_equal(item->payload, bytes));
}

static GBytes *intake(void *data, const void *payload, size_t len,
                      struct mem_columns *columns)
{
    g_autoptr(GString) s = g_string_new("stored:");

    g_assert_cmpstr(data, ==, "hook's own");
    g_string_append_len(s, payload, (gssize)len);
    columns->item_class = "IPM.Task";
    columns->associated = false; /* not the hook's to say */
    columns->subject = "drawn out";
    return g_bytes_new(s->str, s->len);
}

static void test_intake_changes_what_is_kept(void)
{
    char own[] = "hook's own";
    struct mem_options options = { .intake = intake, .intake_data = own };
    g_autoptr(blob) b = blob_from_bytes("abc", 3);
    struct endpoint_done done = { 0 };
    struct endpoint_put put = { .payload = b, .associated = true };
    struct mem_item *item;
    struct fixture f;
    bool maybe;

    fixture_open(&f, &options);
    put.folder_id = f.inbox;
    CHECK_OK(endpoint_put(f.ep, &put, 1, &done, &maybe, &f.err), &f.err);
    item = mem_item(f.mem, done.id);
    check_payload(item, "stored:abc");
    g_assert_cmpstr(item->item_class, ==, "IPM.Task");
    g_assert_cmpstr(item->subject, ==, "drawn out");
    g_assert_true(item->associated);
    g_assert_cmpstr(item->folder_id, ==, f.inbox);
    mem_item_free(item);
    endpoint_done_free(&done, 1);
    fixture_close(&f);
}

static void test_removed_items_are_in_the_dumpster(void)
{
    g_autoptr(GPtrArray) left = NULL, dumpster = NULL;
    struct endpoint_done done[2] = { 0 };
    struct endpoint_ref refs[2];
    const struct mem_item *item;
    struct fixture f;

    fixture_open(&f, NULL);
    refs[0] = (struct endpoint_ref){ add(&f, "one"), NULL };
    refs[1] = (struct endpoint_ref){ "nowhere", NULL };
    add(&f, "two");
    CHECK_OK(endpoint_remove(f.ep, refs, 2, done, &f.err), &f.err);
    left = mem_items(f.mem, NULL);
    dumpster = mem_dumpster(f.mem);
    g_assert_cmpuint(left->len, ==, 1);
    g_assert_cmpuint(dumpster->len, ==, 1);
    item = g_ptr_array_index(dumpster, 0);
    g_assert_cmpstr(item->id, ==, refs[0].id);
    g_assert_cmpstr(item->folder_id, ==, f.inbox);
    check_payload(item, "one");
    fixture_close(&f);
}

static void test_calls_are_counted(void)
{
    struct endpoint_ref refs[2];
    struct endpoint_item items[2] = { 0 };
    struct fixture f;

    fixture_open(&f, NULL);
    refs[0] = refs[1] = (struct endpoint_ref){ add(&f, "one"), NULL };
    CHECK_OK(endpoint_fetch(f.ep, refs, 2, f.pool, items, &f.err), &f.err);
    endpoint_items_free(items, 2);
    CHECK_OK(endpoint_fetch(f.ep, refs, 1, f.pool, items, &f.err), &f.err);
    endpoint_items_free(items, 1);
    g_assert_cmpuint(mem_calls(f.mem, MEM_OPEN), ==, 1);
    g_assert_cmpuint(mem_calls(f.mem, MEM_FETCH), ==, 2);
    g_assert_cmpuint(mem_items_asked(f.mem, MEM_FETCH), ==, 3);
    g_assert_cmpuint(mem_calls(f.mem, MEM_PUT), ==, 0);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/mem/ids-differ-in-case-only", test_ids_differ_in_case_only },
        { "/mem/ids-are-never-used-again", test_ids_are_never_used_again },
        { "/mem/an-edit-gives-another-key", test_an_edit_gives_another_key },
        { "/mem/usual-folders-are-localised",
          test_usual_folders_are_localised },
        { "/mem/two-identities", test_two_mailboxes_have_two_identities },
        { "/mem/deleted-folder-takes-all-below",
          test_deleted_folder_takes_all_below },
        { "/mem/missing-caps", test_missing_caps },
        { "/mem/request-limit", test_request_limit },
        { "/mem/read-flag-is-told-apart", test_read_flag_is_told_apart },
        { "/mem/move-is-a-delete-and-a-create",
          test_move_is_a_delete_and_a_create },
        { "/mem/a-list-tells-each-item-once",
          test_a_list_tells_each_item_once },
        { "/mem/deletion-of-what-was-not-told",
          test_deletion_of_what_was_not_told },
        { "/mem/tokens-can-be-forgotten", test_tokens_can_be_forgotten },
        { "/mem/token-of-another-folder",
          test_token_of_another_folder_is_refused },
        { "/mem/columns-are-told", test_columns_are_told },
        { "/mem/a-client-that-follows-knows-all",
          test_a_client_that_follows_knows_all },
        { "/mem/intake-changes-what-is-kept",
          test_intake_changes_what_is_kept },
        { "/mem/dumpster", test_removed_items_are_in_the_dumpster },
        { "/mem/calls-are-counted", test_calls_are_counted },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
