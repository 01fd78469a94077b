#include "engine/trees.h"

#include <string.h>

#include "engine/rig.h"

static void test_paths(void)
{
    static const struct {
        const char *path;
        enum endpoint_root want;
    } rows[] = {
        { "Inbox", ENDPOINT_ROOT_MAIN },
        { "archive/2017", ENDPOINT_ROOT_MAIN },
        { "%25archive/2017", ENDPOINT_ROOT_MAIN }, /* a folder "%archive" */
        { "Inbox/%archive", ENDPOINT_ROOT_MAIN },
        { "%archives/x", ENDPOINT_ROOT_MAIN },
        { "%archive/2017", ENDPOINT_ROOT_ARCHIVE },
        { "%archive", ENDPOINT_ROOT_ARCHIVE },
        { "%recoverable/Deletions", ENDPOINT_ROOT_RECOVERABLE },
        { "%archive-recoverable/Purges", ENDPOINT_ROOT_ARCHIVE_RECOVERABLE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].path, tree_of_path(rows[i].path) == rows[i].want);
}

/* ---- archives ------------------------------------------------------------ */

static const char *add_folder(struct rig *r, const char *parent_id,
                              const char *name)
{
    const struct mem_folder_init init = { .parent_id = parent_id,
                                          .name = name };

    return mem_add_folder(r->mem[RIG_SOURCE], &init);
}

struct archive {
    const char *root, *year, *quarter; /* ids of the source's */
};

/* Mail, and an archive with two folders of its own; the destination's empty. */
static struct archive begin(struct rig *r, bool both)
{
    struct archive a;

    rig_init(r, NULL);
    rig_add_many(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, "inbox"), "new", 5);
    a.root = rig_add_tree(r, RIG_SOURCE, ENDPOINT_ROOT_ARCHIVE);
    if (both)
        rig_add_tree(r, RIG_DESTINATION, ENDPOINT_ROOT_ARCHIVE);
    a.year = add_folder(r, a.root, "2017");
    a.quarter = add_folder(r, a.year, "Q1/Q2");
    rig_add_many(r, RIG_SOURCE, a.year, "old", 12);
    rig_add_many(r, RIG_SOURCE, a.quarter, "quarter", 3);
    rig_add(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, "archivedeleteditems"),
            "deleted long ago");
    return a;
}

static void check_verified(struct rig *r, uint64_t n)
{
    rig_verify(r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r->report.by_class[VERIFY_VERIFIED], ==, n);
    g_assert_cmpuint(r->report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpuint(r->report.by_class[VERIFY_EXTRA], ==, 0);
}

static void test_archive(void)
{
    struct rig r;

    begin(&r, true);
    rig_copy(&r);
    rig_check_equal(&r);
    check_verified(&r, 5 + 12 + 3 + 1);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    rig_release(&r);
}

/* "Deleted Items" is known by its id, whatever each side calls it. */
static void test_well_known_in_the_archive(void)
{
    g_autofree char *digest = NULL;
    struct rig r;

    begin(&r, true);
    mem_rename_folder(r.mem[RIG_SOURCE],
                      rig_folder(&r, RIG_SOURCE, "archivedeleteditems"),
                      "Gelöschte Elemente");
    rig_copy(&r);
    rig_check_equal(&r);
    digest = rig_digest(&r, RIG_DESTINATION);
    g_assert_nonnull(strstr(digest, "archive/archivedeleteditems: deleted"));
    rig_release(&r);
}

static void test_changes_in_the_archive(void)
{
    struct archive a;
    const char *edited, *moved, *deleted;
    uint64_t put;
    struct rig r;

    a = begin(&r, true);
    edited = rig_add(&r, RIG_SOURCE, a.year, "as it was");
    moved = rig_add(&r, RIG_SOURCE, a.year, "to be filed");
    deleted = rig_add(&r, RIG_SOURCE, a.quarter, "to be deleted");
    rig_copy(&r);
    put = rig_calls(&r, RIG_DESTINATION, MEM_PUT);

    rig_edit(&r, RIG_SOURCE, edited, "as it is");
    mem_move_item(r.mem[RIG_SOURCE], moved, a.quarter);
    mem_delete_item(r.mem[RIG_SOURCE], deleted);
    mem_rename_folder(r.mem[RIG_SOURCE], a.quarter, "First half");
    r.options.propagate_deletes = true;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.updated, ==, 1);
    g_assert_cmpuint(r.result.pass.moved, ==, 1);
    g_assert_cmpuint(r.result.pass.removed, ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, put + 1);

    mem_delete_folder(r.mem[RIG_SOURCE], a.year);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE_FOLDER), ==, 2);
    rig_release(&r);
}

static bool has_reason(struct rig *r, const char *source_id, const char *reason,
                       const char *remedy)
{
    struct store_item *row = rig_row(r, source_id);
    bool has = row->state == ITEM_FAILED && row->remedy != NULL &&
               strstr(row->reason, reason) != NULL &&
               strstr(row->remedy, remedy) != NULL;

    store_item_free(row);
    return has;
}

/* What has no place is on record, and comes when there is one. */
static void test_no_archive_at_the_destination(void)
{
    struct archive a;
    const char *id;
    size_t n;
    struct rig r;

    a = begin(&r, false);
    id = rig_add(&r, RIG_SOURCE, a.year, "homeless");
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 17);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_true(
        has_reason(&r, id, "the destination has none", "Enable-Mailbox"));
    g_assert_true(rig_was_told(&r, "has an archive, the destination has none, "
                                   "for 17 items"));

    rig_add_tree(&r, RIG_DESTINATION, ENDPOINT_ROOT_ARCHIVE);
    CHECK_OK(store_items_retry_failed(r.store, &r.lease, &n, &r.err), &r.err);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* An archive without an item is not worth a failure. */
static void test_empty_archive(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_tree(&r, RIG_SOURCE, ENDPOINT_ROOT_ARCHIVE);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "one");
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    g_assert_true(rig_was_told(&r, "the destination has none"));
    rig_release(&r);
}

static void test_not_asked_for(void)
{
    struct archive a;
    struct rig r;

    a = begin(&r, true);
    add_folder(&r, a.root, "empty");
    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_ARCHIVE |
                                  1u << ENDPOINT_ROOT_RECOVERABLE |
                                  1u << ENDPOINT_ROOT_ARCHIVE_RECOVERABLE;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_TREE), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_TREE), ==, 0);

    r.options.filter.skip_trees = 0;
    rig_copy(&r);
    rig_check_equal(&r);

    /* Left out again: what is there stays, though deletions are followed. */
    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_ARCHIVE;
    r.options.propagate_deletes = true;
    rig_add(&r, RIG_SOURCE, a.year, "later");
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 21);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE_FOLDER), ==, 0);
    r.options.filter.skip_trees = 0;
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* A server that denies what it had is no user who deletes it. */
static void test_archive_denied(void)
{
    struct rig r;

    begin(&r, true);
    rig_copy(&r);
    mem_lose_root(r.mem[RIG_SOURCE], ENDPOINT_ROOT_ARCHIVE);
    r.options.propagate_deletes = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 21);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 0);
    rig_release(&r);
}

static void test_by_pattern(void)
{
    static const char *const only[] = { "%archive/2017/*", NULL };
    g_autofree char *digest = NULL;
    struct rig r;

    begin(&r, true);
    r.options.filter.folders = only;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 3);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), ==, 18);
    digest = rig_digest(&r, RIG_DESTINATION);
    g_assert_nonnull(strstr(digest, "archive/2017/Q1/Q2: quarter 0"));
    rig_release(&r);
}

/* One that takes items and no folders: the rest of the mailbox goes on. */
static void test_archive_takes_no_folders(void)
{
    struct archive a;
    const char *id;
    struct rig r;

    a = begin(&r, true);
    id = rig_add(&r, RIG_SOURCE, a.quarter, "homeless");
    rig_fault_err(&r, RIG_DESTINATION, FAULT_MAKE_FOLDER, FAULT_BEFORE, 1, 1,
                  ERR_FOLDER, ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5 + 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 12 + 3 + 1);
    g_assert_true(has_reason(&r, id, "a fault of the test", "by hand"));
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_release(&r);
}

static void test_lost_answers(void)
{
    struct rig r;

    begin(&r, true);
    rig_fault(&r, RIG_SOURCE, FAULT_TREE, FAULT_BEFORE, 1, 2);
    rig_fault(&r, RIG_DESTINATION, FAULT_TREE, FAULT_BEFORE, 1, 0);
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 2);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    check_verified(&r, 21);
    rig_release(&r);
}

/* ---- recoverable items --------------------------------------------------- */

static void begin_recoverable(struct rig *r)
{
    rig_init(r, NULL);
    for (int side = 0; side < 2; side++)
        rig_add_tree(r, side, ENDPOINT_ROOT_RECOVERABLE);
    rig_add(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, "inbox"), "mail");
    rig_add(r, RIG_SOURCE,
            rig_folder(r, RIG_SOURCE, "recoverableitemsdeletions"), "deleted");
    rig_add(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, "recoverableitemspurges"),
            "purged");
}

static const char *child_of(struct rig *r, int side, const char *root,
                            const char *name)
{
    const struct mem_folder_init init = { .parent_id = root, .name = name };

    return mem_add_folder(r->mem[side], &init);
}

static void test_recoverable(void)
{
    const char *holds;
    struct rig r;

    begin_recoverable(&r);
    holds = child_of(&r, RIG_SOURCE,
                     mem_add_root(r.mem[RIG_SOURCE], ENDPOINT_ROOT_RECOVERABLE),
                     "DiscoveryHolds");
    rig_copy(&r);
    rig_check_equal(&r);
    /* What the server writes for itself is not the user's. */
    rig_add(&r, RIG_SOURCE, holds, "held");
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 3);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 0);
    rig_release(&r);
}

/* What leaves the dumpster leaves for good: not ours to follow. */
static void test_purged_at_the_source(void)
{
    const char *id;
    struct rig r;

    begin_recoverable(&r);
    id = rig_add(&r, RIG_SOURCE,
                 rig_folder(&r, RIG_SOURCE, "recoverableitemsdeletions"),
                 "expires");
    rig_copy(&r);
    mem_delete_item(r.mem[RIG_SOURCE], id);
    r.options.propagate_deletes = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 4);
    rig_release(&r);
}

/* Where a mail goes and comes from, and what that is at the destination. */
static void test_moves_between_trees(void)
{
    static const struct {
        const char *name, *from, *to;
        bool propagate;
        unsigned int moved, left; /* moved there; still where it was */
    } rows[] = {
        { "deleted, and not to be followed", "inbox",
          "recoverableitemsdeletions", false, 0, 1 },
        { "deleted", "inbox", "recoverableitemsdeletions", true, 1, 0 },
        { "recovered", "recoverableitemsdeletions", "inbox", false, 1, 0 },
        { "archived", "inbox", "archivedeleteditems", false, 0, 1 },
        { "archived, deletions followed", "inbox", "archivedeleteditems", true,
          0, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *id;
        struct rig r;

        rig_init(&r, NULL);
        for (int side = 0; side < 2; side++) {
            rig_add_tree(&r, side, ENDPOINT_ROOT_ARCHIVE);
            rig_add_tree(&r, side, ENDPOINT_ROOT_RECOVERABLE);
        }
        id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, rows[i].from),
                     "travels");
        rig_copy(&r);
        mem_move_item(r.mem[RIG_SOURCE], id,
                      rig_folder(&r, RIG_SOURCE, rows[i].to));
        r.options.propagate_deletes = rows[i].propagate;
        rig_copy(&r);
        CHECK_ROW(rows[i].name, r.result.pass.moved == rows[i].moved);
        CHECK_ROW(rows[i].name,
                  rig_count(&r, RIG_DESTINATION,
                            rig_folder(&r, RIG_DESTINATION, rows[i].to)) == 1);
        CHECK_ROW(rows[i].name,
                  rig_count(&r, RIG_DESTINATION,
                            rig_folder(&r, RIG_DESTINATION, rows[i].from)) ==
                      rows[i].left);
        CHECK_ROW(rows[i].name, r.result.pass.doubles == 0);
        rig_release(&r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trees/paths", test_paths);
    g_test_add_func("/trees/archive", test_archive);
    g_test_add_func("/trees/well-known-in-the-archive",
                    test_well_known_in_the_archive);
    g_test_add_func("/trees/changes-in-the-archive",
                    test_changes_in_the_archive);
    g_test_add_func("/trees/no-archive-at-the-destination",
                    test_no_archive_at_the_destination);
    g_test_add_func("/trees/empty-archive", test_empty_archive);
    g_test_add_func("/trees/not-asked-for", test_not_asked_for);
    g_test_add_func("/trees/archive-denied", test_archive_denied);
    g_test_add_func("/trees/by-pattern", test_by_pattern);
    g_test_add_func("/trees/archive-takes-no-folders",
                    test_archive_takes_no_folders);
    g_test_add_func("/trees/lost-answers", test_lost_answers);
    g_test_add_func("/trees/recoverable", test_recoverable);
    g_test_add_func("/trees/purged-at-the-source", test_purged_at_the_source);
    g_test_add_func("/trees/moves-between-trees", test_moves_between_trees);
    return g_test_run();
}
