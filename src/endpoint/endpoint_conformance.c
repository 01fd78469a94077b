#include "endpoint/endpoint_conformance.h"

#include <pthread.h>

#include "base/check.h"
#include "base/timestamp.h"

/* ---- a test's surroundings ------------------------------------------- */

/* One test: an opened mailbox and an empty folder of its own in it. */
struct room {
    const struct endpoint_subject *subject;
    struct endpoint *ep;
    struct endpoint_facts facts;
    struct blob_pool *pool;
    char *folder;
    struct err err;
};

static void room_open(struct room *r, const struct endpoint_subject *subject,
                      const char *folder_name)
{
    *r = (struct room){ .subject = subject };
    r->pool = blob_pool_new(64 << 20, NULL);
    r->ep = subject->make(subject->data);
    CHECK_OK(endpoint_open(r->ep, &r->facts, &r->err), &r->err);
    CHECK_OK(endpoint_make_folder(r->ep, r->facts.root_id, folder_name,
                                  "IPF.Note", &r->folder, &r->err),
             &r->err);
}

static void room_close(struct room *r)
{
    endpoint_free(r->ep);
    endpoint_facts_clear(&r->facts);
    g_free(r->folder);
    blob_pool_free(r->pool);
    if (r->subject->end != NULL)
        r->subject->end(r->subject->data);
}

/* Put payload n; replace_id NULL: as a new item.  The caller frees the id. */
static char *put_one(struct room *r, unsigned int n, const char *replace_id,
                     bool associated)
{
    g_autoptr(blob) payload = r->subject->payload(r->subject->data, n);
    struct endpoint_put put = {
        .folder_id = r->folder,
        .replace_id = replace_id,
        .associated = associated,
        .payload = payload,
    };
    struct endpoint_done done = { 0 };
    bool maybe = true;
    char *id;

    CHECK_OK(endpoint_put(r->ep, &put, 1, &done, &maybe, &r->err), &r->err);
    CHECK_OK(done.status, &done.why);
    g_assert_false(maybe);
    g_assert_nonnull(done.change_key);
    id = g_steal_pointer(&done.id);
    endpoint_done_free(&done, 1);
    return id;
}

static void remove_one(struct room *r, const char *id)
{
    struct endpoint_ref ref = { id, NULL };
    struct endpoint_done done = { 0 };

    CHECK_OK(endpoint_remove(r->ep, &ref, 1, &done, &r->err), &r->err);
    CHECK_OK(done.status, &done.why);
    endpoint_done_free(&done, 1);
}

/* All of a folder's changes since *token, in pages of max. */
static void drain(struct room *r, size_t max, char **token,
                  struct endpoint_page *ret)
{
    int more;

    do {
        size_t before = ret->n;

        more = endpoint_changes(r->ep, r->folder, max, token, ret, &r->err);
        CHECK_OK(more, &r->err);
        g_assert_cmpuint(ret->n - before, <=, max);
        /* A page that moves nothing forward would be drained for ever. */
        g_assert_true(more == 0 || ret->n > before);
    } while (more > 0);
}

static const struct endpoint_change *change_of(const struct endpoint_page *page,
                                               const char *id)
{
    const struct endpoint_change *found = NULL;

    for (size_t i = 0; i < page->n; i++) {
        if (strcmp(page->changes[i].id, id) != 0)
            continue;
        g_assert_null(found);
        found = &page->changes[i];
    }
    return found;
}

static void check_kind(const struct endpoint_page *page, const char *id,
                       enum endpoint_change_kind kind)
{
    const struct endpoint_change *c = change_of(page, id);

    g_assert_nonnull(c);
    g_assert_cmpint(c->kind, ==, kind);
    g_assert_true((c->change_key == NULL) == (kind == ENDPOINT_DELETED));
}

static void check_content(struct room *r, const char *id, unsigned int n)
{
    struct endpoint_ref ref = { id, NULL };
    struct endpoint_item item = { 0 };

    CHECK_OK(endpoint_fetch(r->ep, &ref, 1, r->pool, &item, &r->err), &r->err);
    CHECK_OK(item.status, &item.why);
    g_assert_true(r->subject->is_payload(r->subject->data, item.payload, n));
    endpoint_items_free(&item, 1);
}

/* ---- the mailbox and its folders ------------------------------------- */

static void test_open_finds_facts(struct room *r)
{
    g_assert_nonnull(r->facts.root_id);
    g_assert_nonnull(r->facts.mailbox_identity);
    g_assert_nonnull(r->facts.server_version);
    g_assert_cmpint(r->facts.rights, !=, ENDPOINT_RIGHTS_UNKNOWN);
    g_assert_cmpuint(r->ep->caps & ENDPOINT_CAP_EXPORT, !=, 0);
    g_assert_cmpuint(r->ep->caps & ENDPOINT_CAP_UPLOAD, !=, 0);
}

/* Where a folder stands in the tree; it must. */
static guint place_of(const struct endpoint_tree *tree, const char *id)
{
    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree->folders, i);

        if (strcmp(f->id, id) == 0)
            return i;
    }
    g_error("folder \"%s\" is not in the tree", id);
}

static const struct endpoint_folder *folder_of(const struct endpoint_tree *tree,
                                               const char *id)
{
    return g_ptr_array_index(tree->folders, place_of(tree, id));
}

static void test_tree_has_parents_first(struct room *r)
{
    g_auto(endpoint_tree) tree = { 0 };
    g_autofree char *child = NULL;
    const struct endpoint_folder *made;

    CHECK_OK(
        endpoint_make_folder(r->ep, r->folder, "child", NULL, &child, &r->err),
        &r->err);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree.folders, i);

        if (strcmp(f->parent_id, r->facts.root_id) == 0)
            continue;
        g_assert_cmpuint(place_of(&tree, f->parent_id), <, i);
    }
    made = folder_of(&tree, child);
    g_assert_cmpstr(made->parent_id, ==, r->folder);
    g_assert_cmpstr(made->name, ==, "child");
    g_assert_false(made->search);
    g_assert_null(made->well_known);
    g_assert_cmpstr(folder_of(&tree, r->folder)->folder_class, ==, "IPF.Note");
}

static void test_folder_names_are_kept(struct room *r)
{
    static const char *const names[] = {
        "Müller & Söhne", "a\\b <c>", "100 %", "請求書", "\"quoted\" 'twice'",
    };
    g_auto(endpoint_tree) tree = { 0 };
    char *ids[G_N_ELEMENTS(names)];

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        CHECK_OK(endpoint_make_folder(r->ep, r->folder, names[i], "IPF.Note",
                                      &ids[i], &r->err),
                 &r->err);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_cmpstr(folder_of(&tree, ids[i])->name, ==, names[i]);
        g_free(ids[i]);
    }
}

static void test_existing_folder_is_returned(struct room *r)
{
    g_autofree char *first = NULL, *second = NULL, *elsewhere = NULL;

    CHECK_OK(endpoint_make_folder(r->ep, r->folder, "twice", "IPF.Note", &first,
                                  &r->err),
             &r->err);
    CHECK_OK(endpoint_make_folder(r->ep, r->folder, "twice", "IPF.Note",
                                  &second, &r->err),
             &r->err);
    g_assert_cmpstr(first, ==, second);
    CHECK_OK(endpoint_make_folder(r->ep, first, "twice", "IPF.Note", &elsewhere,
                                  &r->err),
             &r->err);
    g_assert_cmpstr(first, !=, elsewhere);
}

/* Only what came into being has an id then. */
static void test_several_folders(struct room *r)
{
    static const struct endpoint_new_folder folders[] = {
        { "one", "IPF.Note" },
        { "there", "IPF.Note" },
        { "three", "IPF.Appointment" },
    };
    g_auto(endpoint_tree) tree = { 0 };
    g_autofree char *there = NULL;
    char *ids[] = { NULL, NULL, NULL }, *none = NULL;

    CHECK_OK(endpoint_make_folder(r->ep, r->folder, "there", "IPF.Note", &there,
                                  &r->err),
             &r->err);
    CHECK_OK(endpoint_make_folders(r->ep, r->folder, folders, 3, ids, &r->err),
             &r->err);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    g_assert_null(ids[1]);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i += 2) {
        const struct endpoint_folder *f = folder_of(&tree, ids[i]);

        g_assert_cmpstr(f->name, ==, folders[i].name);
        g_assert_cmpstr(f->folder_class, ==, folders[i].folder_class);
        g_assert_cmpstr(f->parent_id, ==, r->folder);
        g_assert_cmpuint(f->n_items, ==, 0);
        g_free(ids[i]);
    }
    g_assert_cmpint(
        endpoint_make_folders(r->ep, "no such", folders, 1, &none, &r->err), <=,
        0);
    g_assert_null(none);
}

/* With what is in it, and not into the dumpster; twice is once. */
static void test_purged_folder_is_gone(struct room *r)
{
    g_auto(endpoint_tree) tree = { 0 };
    g_autofree char *outer = g_strdup(r->folder);

    g_free(g_steal_pointer(&r->folder));
    CHECK_OK(endpoint_make_folder(r->ep, outer, "purged", "IPF.Note",
                                  &r->folder, &r->err),
             &r->err);
    g_free(put_one(r, 0, NULL, false));
    g_free(put_one(r, 1, NULL, false));
    CHECK_OK(endpoint_purge_folder(r->ep, r->folder, &r->err), &r->err);
    CHECK_OK(endpoint_purge_folder(r->ep, r->folder, &r->err), &r->err);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = tree.folders->pdata[i];

        g_assert_cmpstr(f->id, !=, r->folder);
    }
    g_assert_nonnull(folder_of(&tree, outer));
}

static void test_folder_counts_visible_items(struct room *r)
{
    g_auto(endpoint_tree) tree = { 0 };

    g_free(put_one(r, 0, NULL, false));
    g_free(put_one(r, 1, NULL, false));
    g_free(put_one(r, 2, NULL, true));
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    g_assert_cmpuint(folder_of(&tree, r->folder)->n_items, ==, 2);
}

static void test_nothing_is_put_too_late(struct room *r)
{
    g_autoptr(blob) payload = r->subject->payload(r->subject->data, 0);
    const struct endpoint_put put = { .folder_id = r->folder,
                                      .payload = payload,
                                      .over_by_us = 1 };
    g_auto(endpoint_tree) tree = { 0 };
    struct endpoint_done done = { 0 };
    bool maybe = true;

    g_assert_cmpint(endpoint_put(r->ep, &put, 1, &done, &maybe, &r->err), ==,
                    -1);
    g_assert_cmpstr(r->err.name, ==, "too-late");
    g_assert_false(maybe);
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    g_assert_cmpuint(folder_of(&tree, r->folder)->n_items, ==, 0);
}

static void test_large_items_are_found(struct room *r)
{
    g_auto(endpoint_findings) all = { 0 }, some = { 0 }, none = { 0 };
    g_autofree char *a = put_one(r, 0, NULL, false);
    g_autofree char *b = put_one(r, 1, NULL, false);

    g_free(put_one(r, 2, NULL, true));
    CHECK_OK(endpoint_large(r->ep, r->folder, 0, 10, &all, &r->err), &r->err);
    g_assert_cmpuint(all.n, ==, 2);
    g_assert_cmpuint(all.total, ==, 2);
    g_assert_true(strcmp(all.items[0].id, a) == 0 ||
                  strcmp(all.items[0].id, b) == 0);
    g_assert_cmpuint(all.items[0].size_bytes, >=, all.items[1].size_bytes);
    CHECK_OK(endpoint_large(r->ep, r->folder, 0, 1, &some, &r->err), &r->err);
    g_assert_cmpuint(some.n, ==, 1);
    g_assert_cmpuint(some.total, ==, 2);
    CHECK_OK(endpoint_large(r->ep, r->folder, all.items[0].size_bytes, 10,
                            &none, &r->err),
             &r->err);
    g_assert_cmpuint(none.total, ==, 0);
    g_assert_cmpint(endpoint_large(r->ep, "nowhere", 0, 1, &none, &r->err), ==,
                    -1);
}

/* Whether there is one or not, it is no failure. */
static void test_quota_can_be_asked(struct room *r)
{
    uint64_t bytes = 0;
    int told = endpoint_quota(r->ep, &bytes, &r->err);

    CHECK_OK(told, &r->err);
    g_assert_true((told == 1) == (bytes > 0));
}

/* ---- changes --------------------------------------------------------- */

static void test_list_from_nothing(struct room *r)
{
    g_auto(endpoint_page) page = { 0 }, empty = { 0 };
    g_autofree char *token = g_strdup(""), *a = NULL, *b = NULL;

    a = put_one(r, 0, NULL, false);
    b = put_one(r, 1, NULL, false);
    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, 2);
    check_kind(&page, a, ENDPOINT_CREATED);
    check_kind(&page, b, ENDPOINT_CREATED);
    drain(r, 512, &token, &empty);
    g_assert_cmpuint(empty.n, ==, 0);
}

static void test_empty_folder_gives_a_token(struct room *r)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup(""), *id = NULL;

    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, 0);
    g_assert_cmpstr(token, !=, "");
    id = put_one(r, 0, NULL, false);
    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, 1);
    check_kind(&page, id, ENDPOINT_CREATED);
}

static void test_resume_tells_what_is_new(struct room *r)
{
    g_auto(endpoint_page) first = { 0 }, next = { 0 };
    g_autofree char *token = g_strdup(""), *kept = NULL, *edited = NULL,
                    *removed = NULL, *added = NULL, *same = NULL;
    g_autofree char *key = NULL;

    kept = put_one(r, 0, NULL, false);
    edited = put_one(r, 1, NULL, false);
    removed = put_one(r, 2, NULL, false);
    drain(r, 512, &token, &first);
    key = g_strdup(change_of(&first, edited)->change_key);

    same = put_one(r, 3, edited, false);
    remove_one(r, removed);
    added = put_one(r, 4, NULL, false);
    drain(r, 512, &token, &next);
    g_assert_cmpstr(same, ==, edited);
    g_assert_cmpuint(next.n, ==, 3);
    check_kind(&next, edited, ENDPOINT_UPDATED);
    check_kind(&next, removed, ENDPOINT_DELETED);
    check_kind(&next, added, ENDPOINT_CREATED);
    g_assert_null(change_of(&next, kept));
    g_assert_cmpstr(change_of(&next, edited)->change_key, !=, key);
}

static void test_old_token_still_serves(struct room *r)
{
    g_auto(endpoint_page) a = { 0 }, b = { 0 };
    g_autofree char *token = g_strdup(""), *again = NULL, *id = NULL;

    drain(r, 512, &token, &a);
    again = g_strdup(token);
    id = put_one(r, 0, NULL, false);
    drain(r, 512, &token, &a);
    /* A crash between the answer and its record asks once more. */
    drain(r, 512, &again, &b);
    check_kind(&a, id, ENDPOINT_CREATED);
    check_kind(&b, id, ENDPOINT_CREATED);
}

static void test_never_seen_is_not_created(struct room *r)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup(""), *id = NULL;
    const struct endpoint_change *c;

    drain(r, 512, &token, &page);
    id = put_one(r, 0, NULL, false);
    remove_one(r, id);
    drain(r, 512, &token, &page);
    c = change_of(&page, id);
    g_assert_true(c == NULL || c->kind == ENDPOINT_DELETED);
}

static void test_pages_hold_each_item_once(struct room *r)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    char *ids[7];

    for (unsigned int i = 0; i < G_N_ELEMENTS(ids); i++)
        ids[i] = put_one(r, i, NULL, false);
    drain(r, 3, &token, &page);
    g_assert_cmpuint(page.n, ==, G_N_ELEMENTS(ids));
    for (unsigned int i = 0; i < G_N_ELEMENTS(ids); i++) {
        check_kind(&page, ids[i], ENDPOINT_CREATED);
        g_free(ids[i]);
    }
}

static void test_change_between_pages_is_told(struct room *r)
{
    g_auto(endpoint_page) page = { 0 }, rest = { 0 };
    g_autofree char *token = g_strdup("");
    char *ids[4];

    for (unsigned int i = 0; i < G_N_ELEMENTS(ids); i++)
        ids[i] = put_one(r, i, NULL, false);
    g_assert_cmpint(
        endpoint_changes(r->ep, r->folder, 2, &token, &page, &r->err), ==, 1);
    g_free(put_one(r, 10, page.changes[0].id, false));
    remove_one(r, page.changes[1].id);
    /* In this round, or in the next: servers do either. */
    drain(r, 2, &token, &rest);
    drain(r, 2, &token, &rest);
    check_kind(&rest, page.changes[0].id, ENDPOINT_UPDATED);
    check_kind(&rest, page.changes[1].id, ENDPOINT_DELETED);
    for (unsigned int i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_assert_true(change_of(&page, ids[i]) != NULL ||
                      change_of(&rest, ids[i]) != NULL);
        g_free(ids[i]);
    }
}

static void test_bad_token_is_refused(struct room *r)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("bm8gc3VjaCB0b2tlbg==");

    g_assert_cmpint(
        endpoint_changes(r->ep, r->folder, 512, &token, &page, &r->err), ==,
        -1);
    g_assert_cmpint(r->err.scope, ==, ERR_FOLDER);
    g_assert_cmpstr(r->err.name, ==, "ErrorInvalidSyncStateData");
    g_assert_cmpstr(token, ==, "bm8gc3VjaCB0b2tlbg==");
    g_assert_cmpuint(page.n, ==, 0);
}

static void test_hidden_items_are_not_listed(struct room *r)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup(""), *hidden = NULL, *seen = NULL;

    hidden = put_one(r, 0, NULL, true);
    seen = put_one(r, 1, NULL, false);
    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, 1);
    check_kind(&page, seen, ENDPOINT_CREATED);
    check_content(r, hidden, 0);
}

/* Apart from the others, where the server says how many there are. */
static void test_hidden_items_are_counted(struct room *r)
{
    g_auto(endpoint_tree) tree = { 0 };
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *hidden = put_one(r, 0, NULL, true);
    const struct endpoint_folder *f;

    g_free(put_one(r, 1, NULL, false));
    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    f = folder_of(&tree, r->folder);
    g_assert_cmpuint(f->n_items, ==, 1);
    if (f->n_hidden != ENDPOINT_HIDDEN_UNKNOWN)
        g_assert_cmpuint(f->n_hidden, ==, 1);
    CHECK_OK(endpoint_hidden(r->ep, r->folder, &page, &r->err), &r->err);
    g_assert_cmpuint(page.n, ==, 1);
    check_kind(&page, hidden, ENDPOINT_CREATED);
}

static int64_t changed_us(struct room *r)
{
    g_auto(endpoint_tree) tree = { 0 };

    CHECK_OK(endpoint_folders(r->ep, &tree, &r->err), &r->err);
    return folder_of(&tree, r->folder)->changed_us;
}

/* Nothing else tells of it: they have no token. */
static void test_hidden_edit_changes_folder(struct room *r)
{
    g_autofree char *hidden = put_one(r, 0, NULL, true), *again = NULL;
    int64_t before = changed_us(r);

    g_assert_cmpint(changed_us(r), ==, before);
    if (before != TIMESTAMP_NONE && before % TIMESTAMP_SECOND == 0)
        g_usleep(TIMESTAMP_SECOND + TIMESTAMP_SECOND / 10); /* of EWS */
    again = put_one(r, 1, hidden, true);
    if (before != TIMESTAMP_NONE)
        g_assert_cmpint(changed_us(r), >, before);
}

/* ---- items ----------------------------------------------------------- */

static void test_what_was_put_is_fetched(struct room *r)
{
    g_autofree char *a = put_one(r, 0, NULL, false);
    g_autofree char *b = put_one(r, 1, NULL, false);

    g_assert_cmpstr(a, !=, b);
    check_content(r, a, 0);
    check_content(r, b, 1);
    /* Reading has no effect. */
    check_content(r, a, 0);
}

static void test_equal_items_stay_two(struct room *r)
{
    g_autofree char *a = put_one(r, 0, NULL, false);
    g_autofree char *b = put_one(r, 0, NULL, false);

    g_assert_cmpstr(a, !=, b);
    remove_one(r, a);
    check_content(r, b, 0);
}

static void test_replace_keeps_the_id(struct room *r)
{
    g_autofree char *id = put_one(r, 0, NULL, false), *same = NULL;

    if ((r->ep->caps & ENDPOINT_CAP_UPDATE) == 0)
        return;
    same = put_one(r, 1, id, false);
    g_assert_cmpstr(same, ==, id);
    check_content(r, id, 1);
}

static void test_fetch_answers_item_by_item(struct room *r)
{
    g_autofree char *good = put_one(r, 0, NULL, false);
    g_autofree char *gone = put_one(r, 1, NULL, false);
    g_autofree char *last = put_one(r, 2, NULL, false);
    struct endpoint_ref refs[] = { { good, NULL },
                                   { gone, NULL },
                                   { last, NULL } };
    struct endpoint_item items[3] = { 0 };

    remove_one(r, gone);
    CHECK_OK(endpoint_fetch(r->ep, refs, 3, r->pool, items, &r->err), &r->err);
    CHECK_OK(items[0].status, &items[0].why);
    g_assert_cmpint(items[1].status, ==, -1);
    g_assert_cmpint(items[1].why.scope, ==, ERR_ITEM);
    g_assert_cmpstr(items[1].why.name, ==, "ErrorItemNotFound");
    CHECK_OK(items[2].status, &items[2].why);
    g_assert_true(
        r->subject->is_payload(r->subject->data, items[2].payload, 2));
    endpoint_items_free(items, 3);
}

static void test_put_answers_item_by_item(struct room *r)
{
    g_autoptr(blob) one = r->subject->payload(r->subject->data, 1);
    g_autoptr(blob) two = r->subject->payload(r->subject->data, 2);
    g_autofree char *gone = put_one(r, 0, NULL, false);
    struct endpoint_put puts[] = {
        { .folder_id = r->folder, .payload = one },
        { .folder_id = r->folder, .payload = two, .replace_id = gone },
        { .folder_id = r->folder, .payload = two },
    };
    struct endpoint_done done[3] = { 0 };
    bool maybe;

    remove_one(r, gone);
    CHECK_OK(endpoint_put(r->ep, puts, 3, done, &maybe, &r->err), &r->err);
    CHECK_OK(done[0].status, &done[0].why);
    g_assert_cmpint(done[1].status, ==, -1);
    g_assert_cmpint(done[1].why.scope, ==, ERR_ITEM);
    CHECK_OK(done[2].status, &done[2].why);
    check_content(r, done[0].id, 1);
    check_content(r, done[2].id, 2);
    endpoint_done_free(done, 3);
}

static void test_removed_twice_is_removed(struct room *r)
{
    g_autofree char *id = put_one(r, 0, NULL, false);
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");

    remove_one(r, id);
    remove_one(r, id);
    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, 0);
}

static void test_empty_batches_are_nothing(struct room *r)
{
    bool maybe = true;

    CHECK_OK(endpoint_fetch(r->ep, NULL, 0, r->pool, NULL, &r->err), &r->err);
    CHECK_OK(endpoint_put(r->ep, NULL, 0, NULL, &maybe, &r->err), &r->err);
    CHECK_OK(endpoint_remove(r->ep, NULL, 0, NULL, &r->err), &r->err);
    g_assert_false(maybe);
}

static void test_describe(struct room *r)
{
    g_autofree char *id = put_one(r, 0, NULL, false);
    struct endpoint_description d = { 0 };

    CHECK_OK(endpoint_describe(r->ep, id, &d, &r->err), &r->err);
    endpoint_description_clear(&d);
    remove_one(r, id);
    g_assert_cmpint(endpoint_describe(r->ep, id, &d, &r->err), ==, -1);
    g_assert_null(d.subject);
}

/* Copies of one item, and one that is gone. */
static void test_keys(struct room *r)
{
    g_autofree char *one = put_one(r, 0, NULL, false);
    g_autofree char *copy = put_one(r, 0, NULL, false);
    g_autofree char *gone = put_one(r, 1, NULL, false);
    const char *const ids[] = { one, copy, gone };
    struct endpoint_key keys[G_N_ELEMENTS(ids)] = { 0 };

    remove_one(r, gone);
    CHECK_OK(endpoint_keys(r->ep, ids, G_N_ELEMENTS(ids), keys, &r->err),
             &r->err);
    g_assert_nonnull(keys[0].key);
    g_assert_cmpstr(keys[0].key, ==, keys[1].key);
    g_assert_true(keys[0].exact == keys[1].exact);
    g_assert_null(keys[2].key);
    endpoint_keys_clear(keys, G_N_ELEMENTS(ids));
}

/* ---- lanes ----------------------------------------------------------- */

#define LANES      4
#define LANE_ITEMS 10
G_STATIC_ASSERT(LANES *LANE_ITEMS <= ENDPOINT_CONFORMANCE_PAYLOADS);

struct lane {
    struct room room; /* the shared one with a handle of its own */
    unsigned int first;
    pthread_t thread;
};

static void *lane_main(void *data)
{
    struct lane *lane = data;

    for (unsigned int i = 0; i < LANE_ITEMS; i++) {
        g_autofree char *id =
            put_one(&lane->room, lane->first + i, NULL, false);

        check_content(&lane->room, id, lane->first + i);
    }
    return NULL;
}

static void test_clones_work_side_by_side(struct room *r)
{
    struct lane lanes[LANES];
    struct endpoint_stats before, after;
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");

    endpoint_stats(r->ep, &before);
    for (unsigned int i = 0; i < LANES; i++) {
        lanes[i].room = *r;
        lanes[i].room.ep = endpoint_clone(r->ep);
        lanes[i].first = i * LANE_ITEMS;
        g_assert_cmpint(
            pthread_create(&lanes[i].thread, NULL, lane_main, &lanes[i]), ==,
            0);
    }
    for (unsigned int i = 0; i < LANES; i++) {
        pthread_join(lanes[i].thread, NULL);
        endpoint_free(lanes[i].room.ep);
    }
    drain(r, 512, &token, &page);
    g_assert_cmpuint(page.n, ==, (size_t)LANES * LANE_ITEMS);
    /* What the clones asked for is on the family's account. */
    endpoint_stats(r->ep, &after);
    g_assert_cmpuint(after.requests - before.requests, >=,
                     2 * LANES * LANE_ITEMS);
    g_assert_cmpuint(after.bytes_up, >, before.bytes_up);
    g_assert_cmpuint(after.bytes_down, >, before.bytes_down);
}

/* ---- the table ------------------------------------------------------- */

struct endpoint_conformance_test {
    const char *name;
    void (*run)(struct room *r);
};

/* clang-format off */
static const struct endpoint_conformance_test tests[] = {
    { "open-finds-facts", test_open_finds_facts },
    { "tree-has-parents-first", test_tree_has_parents_first },
    { "folder-names-are-kept", test_folder_names_are_kept },
    { "existing-folder-is-returned", test_existing_folder_is_returned },
    { "several-folders", test_several_folders },
    { "purged-folder-is-gone", test_purged_folder_is_gone },
    { "folder-counts-visible-items", test_folder_counts_visible_items },
    { "large-items-are-found", test_large_items_are_found },
    { "quota-can-be-asked", test_quota_can_be_asked },
    { "list-from-nothing", test_list_from_nothing },
    { "empty-folder-gives-a-token", test_empty_folder_gives_a_token },
    { "resume-tells-what-is-new", test_resume_tells_what_is_new },
    { "old-token-still-serves", test_old_token_still_serves },
    { "never-seen-is-not-created", test_never_seen_is_not_created },
    { "pages-hold-each-item-once", test_pages_hold_each_item_once },
    { "change-between-pages-is-told", test_change_between_pages_is_told },
    { "bad-token-is-refused", test_bad_token_is_refused },
    { "hidden-items-are-not-listed", test_hidden_items_are_not_listed },
    { "hidden-items-are-counted", test_hidden_items_are_counted },
    { "hidden-edit-changes-folder", test_hidden_edit_changes_folder },
    { "what-was-put-is-fetched", test_what_was_put_is_fetched },
    { "equal-items-stay-two", test_equal_items_stay_two },
    { "replace-keeps-the-id", test_replace_keeps_the_id },
    { "fetch-answers-item-by-item", test_fetch_answers_item_by_item },
    { "put-answers-item-by-item", test_put_answers_item_by_item },
    { "nothing-is-put-too-late", test_nothing_is_put_too_late },
    { "removed-twice-is-removed", test_removed_twice_is_removed },
    { "empty-batches-are-nothing", test_empty_batches_are_nothing },
    { "describe", test_describe },
    { "keys-are-the-same-for-copies", test_keys },
    { "clones-work-side-by-side", test_clones_work_side_by_side },
};
/* clang-format on */

struct planned {
    const struct endpoint_subject *subject;
    const struct endpoint_conformance_test *test;
};

static void run_planned(gconstpointer data)
{
    const struct planned *p = data;
    struct room r;

    room_open(&r, p->subject, p->test->name);
    p->test->run(&r);
    room_close(&r);
}

void endpoint_conformance_add(const struct endpoint_subject *subject)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path =
            g_strdup_printf("/conformance/%s/%s", subject->name, tests[i].name);
        struct planned *p = g_new(struct planned, 1);

        *p = (struct planned){ subject, &tests[i] };
        g_test_add_data_func_full(path, p, run_planned, g_free);
    }
}
