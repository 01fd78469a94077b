#include <string.h>

#include "base/timestamp.h"
#include "engine/rig.h"

static const char *inbox(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

/* A mailbox with one copied item in the inbox; its source id. */
static const char *begin_with(struct rig *r, const char *text)
{
    const char *id;

    rig_init(r, NULL);
    id = rig_add(r, RIG_SOURCE, inbox(r, RIG_SOURCE), text);
    rig_copy(r);
    rig_check_equal(r);
    return id;
}

/* Where the ledger says that the copy is; the caller frees. */
static char *copy_of(struct rig *r, const char *source_id)
{
    struct store_item *row = rig_row(r, source_id);
    char *id = g_strdup(row->destination_id);

    store_item_free(row);
    return id;
}

static void check_row(struct rig *r, const char *source_id,
                      enum item_state state, unsigned int pending)
{
    struct store_item *row = rig_row(r, source_id);

    g_assert_cmpint(row->state, ==, state);
    g_assert_cmpuint(row->pending, ==, pending);
    store_item_free(row);
}

/* ---- edits ------------------------------------------------------------- */

static void test_edit_follows(void)
{
    struct rig r;
    const char *id = begin_with(&r, "as it was");
    g_autofree char *copy = copy_of(&r, id), *same = NULL;

    rig_edit(&r, RIG_SOURCE, id, "as it is");
    rig_copy(&r);
    rig_check_equal(&r);
    same = copy_of(&r, id);
    g_assert_cmpstr(copy, ==, same);
    g_assert_cmpuint(r.result.pass.updated, ==, 1);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    check_row(&r, id, ITEM_COPIED, 0);
    g_assert_cmpuint(r.told[ENGINE_FOLLOWED], ==, 1);
    /* And it is done once. */
    rig_copy(&r);
    g_assert_cmpuint(r.told[ENGINE_FOLLOWED], ==, 0);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 1);
    rig_release(&r);
}

/* Assistants touch items all the time: that is read once, and not sent. */
static void test_touch_sends_nothing(void)
{
    struct rig r;
    const char *id = begin_with(&r, "touched");
    uint64_t put = rig_calls(&r, RIG_DESTINATION, MEM_PUT), fetched;

    mem_touch_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, put);
    check_row(&r, id, ITEM_COPIED, 0);
    fetched = rig_calls(&r, RIG_SOURCE, MEM_FETCH);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_FETCH), ==, fetched);
    g_assert_cmpuint(r.result.pass.conflicts, ==, 0);
    rig_release(&r);
}

static void test_conflict_is_kept(void)
{
    struct rig r;
    const char *id = begin_with(&r, "as it was");
    g_autofree char *copy = copy_of(&r, id), *there = NULL;

    rig_edit(&r, RIG_SOURCE, id, "edited here");
    rig_edit(&r, RIG_DESTINATION, copy, "edited there");
    there = rig_digest(&r, RIG_DESTINATION);
    rig_copy(&r);
    {
        g_autofree char *now = rig_digest(&r, RIG_DESTINATION);

        g_assert_cmpstr(now, ==, there);
    }
    check_row(&r, id, ITEM_CONFLICT, 0);
    g_assert_cmpuint(r.result.pass.conflicts, ==, 1);
    g_assert_true(
        rig_was_told(&r, "edited at the source and at the destination"));
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_CONFLICT], ==, 1);
    rig_release(&r);
}

/* Edited there alone: theirs stays, and nobody asks. */
static void test_edit_at_destination_stays(void)
{
    struct rig r;
    const char *id = begin_with(&r, "as it was");
    g_autofree char *copy = copy_of(&r, id), *now = NULL;

    rig_edit(&r, RIG_DESTINATION, copy, "edited there");
    rig_copy(&r);
    now = rig_digest(&r, RIG_DESTINATION);
    g_assert_nonnull(strstr(now, "edited there"));
    check_row(&r, id, ITEM_COPIED, 0);
    rig_release(&r);
}

static void test_edited_here_deleted_there(void)
{
    struct rig r;
    const char *id = begin_with(&r, "as it was");
    g_autofree char *copy = copy_of(&r, id);

    rig_edit(&r, RIG_SOURCE, id, "edited here");
    mem_delete_item(r.mem[RIG_DESTINATION], copy);
    rig_copy(&r);
    check_row(&r, id, ITEM_CONFLICT, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    rig_release(&r);
}

/* The answer of an update is lost: the next pass finds it made. */
static void test_lost_update(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER,
                                             FAULT_HALF };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        struct rig r;
        const char *id = begin_with(&r, "as it was");

        rig_edit(&r, RIG_SOURCE, id, "as it is");
        rig_fault(&r, RIG_DESTINATION, FAULT_PUT, whens[i], 1, 0);
        rig_copy(&r);
        rig_copy(&r);
        rig_check_equal(&r);
        check_row(&r, id, ITEM_COPIED, 0);
        g_assert_cmpuint(r.result.pass.doubles, ==, 0);
        rig_release(&r);
    }
}

/* Where items cannot be updated in place they are replaced. */
static void test_replaced(void)
{
    struct rig r;
    const char *id;
    g_autofree char *copy = NULL, *other = NULL;

    rig_init(&r, &(struct rig_options){
                     .missing_caps = { 0, ENDPOINT_CAP_UPDATE } });
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "as it was");
    rig_copy(&r);
    copy = copy_of(&r, id);
    rig_edit(&r, RIG_SOURCE, id, "as it is");
    rig_copy(&r);
    rig_check_equal(&r);
    other = copy_of(&r, id);
    g_assert_cmpstr(copy, !=, other);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* One that is refused does not hold up the others. */
static void test_one_refused(void)
{
    struct rig r;
    const char *ids[5];

    rig_init(&r, NULL);
    for (int i = 0; i < 5; i++) {
        g_autofree char *text = g_strdup_printf("item %d", i);

        ids[i] = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), text);
    }
    rig_copy(&r);
    for (int i = 0; i < 5; i++) {
        g_autofree char *text = g_strdup_printf("edited %d", i);

        rig_edit(&r, RIG_SOURCE, ids[i], text);
    }
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_ITEM, 3, 0);
    rig_copy(&r);
    /* It went as a new item, and the old one was removed. */
    rig_check_equal(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5);
    rig_release(&r);
}

/* ---- read marks -------------------------------------------------------- */

static void test_read_mark_follows(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to be read");
    g_autofree char *copy = copy_of(&r, id);
    uint64_t fetched = rig_calls(&r, RIG_SOURCE, MEM_FETCH);

    for (int read = 1; read >= 0; read--) {
        struct mem_item *item;

        mem_set_read(r.mem[RIG_SOURCE], id, read == 1);
        rig_copy(&r);
        item = mem_item(r.mem[RIG_DESTINATION], copy);
        g_assert_cmpint(item->read, ==, read);
        mem_item_free(item);
        check_row(&r, id, ITEM_COPIED, 0);
        g_assert_cmpuint(r.result.pass.marked, ==, 1);
    }
    /* A mark needs no reading. */
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_FETCH), ==, fetched);
    rig_release(&r);
}

/* What was refused has failed, and is tried in the next run. */
static void run_twice(struct rig *r)
{
    rig_copy(r);
    CHECK_OK(store_items_retry_failed(r->store, &r->lease, NULL, &r->err),
             &r->err);
    rig_copy(r);
}

static void test_lost_mark(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER,
                                             FAULT_ITEM };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        struct rig r;
        const char *id = begin_with(&r, "to be read");

        mem_set_read(r.mem[RIG_SOURCE], id, true);
        rig_fault(&r, RIG_DESTINATION, FAULT_MARK_READ, whens[i], 1, 0);
        run_twice(&r);
        check_row(&r, id, ITEM_COPIED, 0);
        rig_release(&r);
    }
}

/* ---- deletions --------------------------------------------------------- */

static void test_deletion_stays_unless_asked_for(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to go");
    GPtrArray *dumpster;

    mem_delete_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    check_row(&r, id, ITEM_COPIED, ITEM_PENDING_DELETE);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);

    r.options.propagate_deletes = true;
    rig_copy(&r);
    check_row(&r, id, ITEM_GONE, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    g_assert_cmpuint(r.result.pass.removed, ==, 1);
    /* Softly. */
    dumpster = mem_dumpster(r.mem[RIG_DESTINATION]);
    g_assert_cmpuint(dumpster->len, ==, 1);
    g_ptr_array_unref(dumpster);
    rig_release(&r);
}

static void test_edited_there_is_not_deleted(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to go");
    g_autofree char *copy = copy_of(&r, id);

    r.options.propagate_deletes = true;
    mem_delete_item(r.mem[RIG_SOURCE], id);
    rig_edit(&r, RIG_DESTINATION, copy, "edited there");
    rig_copy(&r);
    check_row(&r, id, ITEM_CONFLICT, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    rig_release(&r);
}

/* What was at the destination before us, or came from others, is not ours. */
static void test_only_ours_is_deleted(void)
{
    struct rig r;
    const char *id;

    rig_init(&r, NULL);
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "theirs");
    r.options.no_search = true; /* so that one is copied beside it */
    rig_copy(&r);
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    r.options.propagate_deletes = true;
    mem_delete_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 2);
    check_row(&r, id, ITEM_GONE, 0);
    rig_release(&r);
}

/* A server that lists as deleted what is there: it is asked, and stays. */
static void test_false_deletion(void)
{
    struct rig r;
    const char *id = begin_with(&r, "still there");
    const struct store_change lie = { .kind = STORE_DELETED, .source_id = id };
    struct store_item *row = rig_row(&r, id);

    r.options.propagate_deletes = true;
    CHECK_OK(store_items_list(r.store, &r.lease, row->folder_id, &lie, 1, NULL,
                              NULL, &r.err),
             &r.err);
    store_item_free(row);
    rig_copy(&r);
    check_row(&r, id, ITEM_COPIED, 0);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_lost_deletion(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER,
                                             FAULT_ITEM };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        struct rig r;
        const char *id = begin_with(&r, "to go");

        r.options.propagate_deletes = true;
        mem_delete_item(r.mem[RIG_SOURCE], id);
        rig_fault(&r, RIG_DESTINATION, FAULT_REMOVE, whens[i], 1, 0);
        run_twice(&r);
        check_row(&r, id, ITEM_GONE, 0);
        g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
        rig_release(&r);
    }
}

/* ---- moves ------------------------------------------------------------- */

/* Moved, with nothing sent and nothing read at the destination. */
static void test_move_follows(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to be filed"), *moved;
    g_autofree char *copy = copy_of(&r, id), *there = NULL;
    uint64_t put = rig_calls(&r, RIG_DESTINATION, MEM_PUT);

    moved = mem_move_item(r.mem[RIG_SOURCE], id,
                          rig_folder(&r, RIG_SOURCE, "sentitems"));
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, put);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MOVE), ==, 1);
    g_assert_cmpuint(r.result.pass.moved, ==, 1);
    check_row(&r, id, ITEM_GONE, 0);
    check_row(&r, moved, ITEM_COPIED, 0);
    there = copy_of(&r, moved);
    g_assert_cmpstr(there, !=, copy);
    g_assert_null(mem_item(r.mem[RIG_DESTINATION], copy));
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Into a folder that nothing was ever sent to. */
static void test_move_into_new_folder(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to be filed");
    struct mem_folder_init init = { .name = "Filed" };
    const char *folder = mem_add_folder(r.mem[RIG_SOURCE], &init);

    mem_move_item(r.mem[RIG_SOURCE], id, folder);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MOVE), ==, 1);
    rig_release(&r);
}

/* Read, then filed: the mark goes with it. */
static void test_read_and_moved(void)
{
    struct rig r;
    const char *id = begin_with(&r, "read and filed"), *moved;
    g_autofree char *there = NULL;
    struct mem_item *item;

    mem_set_read(r.mem[RIG_SOURCE], id, true);
    moved = mem_move_item(r.mem[RIG_SOURCE], id,
                          rig_folder(&r, RIG_SOURCE, "sentitems"));
    rig_copy(&r);
    there = copy_of(&r, moved);
    item = mem_item(r.mem[RIG_DESTINATION], there);
    g_assert_true(item->read);
    mem_item_free(item);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Filed and edited is a deletion and a new item: nothing is overwritten. */
static void test_moved_and_edited(void)
{
    struct rig r;
    const char *id = begin_with(&r, "as it was"), *moved;

    r.options.propagate_deletes = true;
    moved = mem_move_item(r.mem[RIG_SOURCE], id,
                          rig_folder(&r, RIG_SOURCE, "sentitems"));
    rig_edit(&r, RIG_SOURCE, moved, "as it is");
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MOVE), ==, 0);
    rig_release(&r);
}

/* Two alike leave and two alike arrive: which is which cannot be told. */
static void test_ambiguous_moves(void)
{
    struct rig r;
    const char *ids[2];

    rig_init(&r, NULL);
    r.options.propagate_deletes = true;
    for (int i = 0; i < 2; i++)
        ids[i] = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "twin");
    rig_copy(&r);
    for (int i = 0; i < 2; i++)
        mem_move_item(r.mem[RIG_SOURCE], ids[i],
                      rig_folder(&r, RIG_SOURCE, "sentitems"));
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MOVE), ==, 0);
    rig_release(&r);
}

/* The answer is lost, before the effect, after it, in the middle. */
static void test_lost_move(void)
{
    static const enum fault_when whens[] = { FAULT_BEFORE, FAULT_AFTER,
                                             FAULT_HALF, FAULT_ITEM };

    for (size_t i = 0; i < G_N_ELEMENTS(whens); i++) {
        const char *ids[6];
        struct rig r;

        rig_init(&r, NULL);
        r.options.propagate_deletes = true;
        for (int k = 0; k < 6; k++) {
            g_autofree char *text = g_strdup_printf("mail %d", k);

            ids[k] = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), text);
        }
        rig_copy(&r);
        for (int k = 0; k < 6; k++)
            mem_move_item(r.mem[RIG_SOURCE], ids[k],
                          rig_folder(&r, RIG_SOURCE, "sentitems"));
        rig_fault(&r, RIG_DESTINATION, FAULT_MOVE, whens[i], 1, 0);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 0);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 6);
        g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 6);
        rig_release(&r);
    }
}

/* The copy is gone at the destination: the item is copied anew. */
static void test_moved_but_deleted_there(void)
{
    struct rig r;
    const char *id = begin_with(&r, "to be filed");
    g_autofree char *copy = copy_of(&r, id);

    mem_delete_item(r.mem[RIG_DESTINATION], copy);
    mem_move_item(r.mem[RIG_SOURCE], id,
                  rig_folder(&r, RIG_SOURCE, "sentitems"));
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* ---- folders ----------------------------------------------------------- */

static const char *make_folder(struct rig *r, const char *parent,
                               const char *name)
{
    struct mem_folder_init init = { .parent_id = parent, .name = name };

    return mem_add_folder(r->mem[RIG_SOURCE], &init);
}

static void test_folder_renamed(void)
{
    struct rig r;
    const char *folder;
    uint64_t put;

    rig_init(&r, NULL);
    folder = make_folder(&r, NULL, "Old name");
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 5);
    rig_add_many(&r, RIG_SOURCE, make_folder(&r, folder, "Below"), "deep", 2);
    rig_copy(&r);
    put = rig_calls(&r, RIG_DESTINATION, MEM_PUT);
    mem_rename_folder(r.mem[RIG_SOURCE], folder, "New name");
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, put);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 2);
    /* And it is done once. */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGE_FOLDER), ==, 1);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGE_FOLDER), ==, 1);
    rig_release(&r);
}

/* Renamed at the destination alone: theirs stays. */
static void test_folder_renamed_there(void)
{
    struct rig r;
    const char *folder;
    g_autofree char *there = NULL;

    rig_init(&r, NULL);
    folder = make_folder(&r, NULL, "Name");
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 2);
    rig_copy(&r);
    {
        GPtrArray *items = mem_items(r.mem[RIG_DESTINATION], NULL);
        const struct mem_item *first = items->pdata[0];

        mem_rename_folder(r.mem[RIG_DESTINATION], first->folder_id, "Theirs");
        g_ptr_array_unref(items);
    }
    rig_add_many(&r, RIG_SOURCE, folder, "new mail", 1);
    rig_copy(&r);
    there = rig_digest(&r, RIG_DESTINATION);
    g_assert_nonnull(strstr(there, "Theirs: new mail 0"));
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGE_FOLDER), ==, 0);
    rig_release(&r);
}

/* A name that is taken there is said, and holds nothing up. */
static void test_folder_name_taken(void)
{
    struct rig r;
    struct mem_folder_init theirs = { .name = "New name" };
    const char *folder;

    rig_init(&r, NULL);
    folder = make_folder(&r, NULL, "Old name");
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 2);
    rig_copy(&r);
    mem_add_folder(r.mem[RIG_DESTINATION], &theirs);
    mem_rename_folder(r.mem[RIG_SOURCE], folder, "New name");
    rig_add_many(&r, RIG_SOURCE, folder, "new mail", 2);
    rig_copy(&r);
    g_assert_true(rig_was_told(&r, "stays as it is"));
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 4);
    rig_release(&r);
}

static void test_folder_deleted(void)
{
    struct rig r;
    const char *folder;
    struct err err;
    struct endpoint_tree tree = { 0 };

    rig_init(&r, NULL);
    folder = make_folder(&r, NULL, "To go");
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 3);
    rig_add_many(&r, RIG_SOURCE, make_folder(&r, folder, "Below"), "deep", 2);
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "stays", 2);
    rig_copy(&r);
    mem_delete_folder(r.mem[RIG_SOURCE], folder);
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 7);
    r.options.propagate_deletes = true;
    rig_copy(&r);
    rig_check_equal(&r);
    CHECK_OK(endpoint_folders(r.ep[RIG_DESTINATION], &tree, &err), &err);
    for (guint i = 0; i < tree.folders->len; i++)
        g_assert_cmpstr(
            ((struct endpoint_folder *)tree.folders->pdata[i])->name, !=,
            "To go");
    endpoint_tree_clear(&tree);
    rig_release(&r);
}

/* A folder with something of somebody else's in it stays. */
static void test_folder_deleted_but_used_there(void)
{
    struct rig r;
    const char *folder, *copy;
    GPtrArray *items;

    rig_init(&r, NULL);
    r.options.propagate_deletes = true;
    folder = make_folder(&r, NULL, "To go");
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 1);
    rig_copy(&r);
    items = mem_items(r.mem[RIG_DESTINATION], NULL);
    copy = ((struct mem_item *)items->pdata[0])->folder_id;
    rig_add(&r, RIG_DESTINATION, copy, "theirs");
    g_ptr_array_unref(items);
    mem_delete_folder(r.mem[RIG_SOURCE], folder);
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE_FOLDER), ==, 0);
    rig_release(&r);
}

/* ---- lists that begin anew ---------------------------------------------- */

/* A stale token: what was deleted meanwhile is missed by no list. */
static void test_stale_token(void)
{
    struct rig r;
    const char *gone;

    rig_init(&r, NULL);
    r.options.propagate_deletes = true;
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail", 9);
    gone = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "to go");
    rig_copy(&r);
    mem_delete_item(r.mem[RIG_SOURCE], gone);
    mem_forget_tokens(r.mem[RIG_SOURCE]);
    rig_copy(&r);
    rig_check_equal(&r);
    check_row(&r, gone, ITEM_GONE, 0);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*test)(void);
    } tests[] = {
        { "/follow/edit", test_edit_follows },
        { "/follow/touch", test_touch_sends_nothing },
        { "/follow/conflict", test_conflict_is_kept },
        { "/follow/edited-there", test_edit_at_destination_stays },
        { "/follow/edited-here-deleted-there", test_edited_here_deleted_there },
        { "/follow/lost-update", test_lost_update },
        { "/follow/replaced", test_replaced },
        { "/follow/one-refused", test_one_refused },
        { "/follow/read-mark", test_read_mark_follows },
        { "/follow/lost-mark", test_lost_mark },
        { "/follow/deletion", test_deletion_stays_unless_asked_for },
        { "/follow/deletion-edited-there", test_edited_there_is_not_deleted },
        { "/follow/only-ours", test_only_ours_is_deleted },
        { "/follow/false-deletion", test_false_deletion },
        { "/follow/lost-deletion", test_lost_deletion },
        { "/follow/move", test_move_follows },
        { "/follow/move-into-new-folder", test_move_into_new_folder },
        { "/follow/read-and-moved", test_read_and_moved },
        { "/follow/moved-and-edited", test_moved_and_edited },
        { "/follow/ambiguous-moves", test_ambiguous_moves },
        { "/follow/lost-move", test_lost_move },
        { "/follow/moved-deleted-there", test_moved_but_deleted_there },
        { "/follow/folder-renamed", test_folder_renamed },
        { "/follow/folder-renamed-there", test_folder_renamed_there },
        { "/follow/folder-name-taken", test_folder_name_taken },
        { "/follow/folder-deleted", test_folder_deleted },
        { "/follow/folder-deleted-used", test_folder_deleted_but_used_there },
        { "/follow/stale-token", test_stale_token },
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].test);
    return g_test_run();
}
