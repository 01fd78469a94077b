/*
 * Doubles are found and removed; what is anybody else's never is.
 */
#include "engine/rig.h"

#include <string.h>

static const char *inbox_of(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

/*
 * A first run whose first upload is still at the server when the run has
 * given it up and sent the items again.  n of them are pending.
 */
static void run_with_pending(struct rig *r, unsigned int n)
{
    const struct fault fault = { .op = FAULT_PUT,
                                 .when = FAULT_LATER,
                                 .first = 1 };

    rig_add_many(r, RIG_SOURCE, inbox_of(r, RIG_SOURCE), "mail", n);
    faults_add(r->faults[RIG_DESTINATION], &fault);
    rig_copy(r);
    g_assert_cmpuint(faults_pending(r->faults[RIG_DESTINATION]), ==, 1);
    g_assert_cmpuint(rig_count(r, RIG_DESTINATION, NULL), ==, n);
}

/* The same subject, in the destination's inbox; NULL when there is none. */
static char *find_there(struct rig *r, const char *subject, guint *ret_n)
{
    g_autoptr(GPtrArray) items =
        mem_items(r->mem[RIG_DESTINATION], inbox_of(r, RIG_DESTINATION));
    char *id = NULL;

    *ret_n = 0;
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];

        if (strcmp(item->subject, subject) != 0)
            continue;
        ++*ret_n;
        g_free(id);
        id = g_strdup(item->id);
    }
    return id;
}

static void check_doubles(struct rig *r, uint64_t want)
{
    struct store_counts counts;
    g_autoptr(GPtrArray) dumpster = mem_dumpster(r->mem[RIG_DESTINATION]);

    g_assert_cmpuint(r->result.pass.doubles, ==, want);
    g_assert_cmpuint(r->told[ENGINE_DOUBLE], ==, want);
    CHECK_OK(store_counts(r->store, r->mailbox_id, &counts, &r->err), &r->err);
    g_assert_cmpuint(counts.doubles, ==, want);
    /* softly: its user can take it back */
    g_assert_cmpuint(dumpster->len, ==, want);
}

static void test_double_is_found_and_removed(void)
{
    struct rig r;

    rig_init(&r, NULL);
    run_with_pending(&r, 3);
    faults_release(r.faults[RIG_DESTINATION]);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 6);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    check_doubles(&r, 3);
    rig_check_equal(&r);
    /* once and for all */
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "newer");
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    rig_check_equal(&r);
    rig_release(&r);
}

/* One that cannot be read is not taken for somebody else's. */
static void test_double_that_cannot_be_read(void)
{
    struct rig r;

    rig_init(&r, NULL);
    run_with_pending(&r, 3);
    faults_release(r.faults[RIG_DESTINATION]);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_fault_err(&r, RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 1, 1, ERR_ITEM,
                  ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    check_doubles(&r, 3);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Patience ends: why is told, not that somebody was made to stop. */
static void test_double_that_is_never_read(void)
{
    struct rig r;

    rig_init(&r, NULL);
    run_with_pending(&r, 3);
    faults_release(r.faults[RIG_DESTINATION]);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    r.options.patience_us = 1;
    rig_fault_err(&r, RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 1, 1,
                  ERR_MAILBOX, ERR_RETRY_WAIT);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_cmpstr(r.err.name, ==, "test-fault");
    g_assert_true(rig_was_told(&r, "a fault of the test"));
    rig_release(&r);
}

static void release_when_settled(struct rig *r,
                                 const struct engine_event *event)
{
    if (event->kind == ENGINE_COPIED)
        faults_release(r->faults[RIG_DESTINATION]);
}

/* It arrives after the looks and before the pass is over. */
static void test_double_of_the_same_pass(void)
{
    const struct fault fault = { .op = FAULT_PUT,
                                 .when = FAULT_LATER,
                                 .first = 1 };
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    r.hook = release_when_settled;
    rig_copy(&r);
    check_doubles(&r, 4);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Two of the same, and an answer for one. */
static void store_twice(struct rig *r, const struct engine_event *event)
{
    g_autofree char *id = NULL;
    guint n;

    if (event->kind != ENGINE_COPIED)
        return;
    id = find_there(r, "one", &n);
    if (n == 1)
        rig_add(r, RIG_DESTINATION, inbox_of(r, RIG_DESTINATION), "one");
}

/* Only the folder that holds more than it should is listed. */
static void test_double_among_many_folders(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "one");
    r.hook = store_twice;
    rig_copy(&r);
    check_doubles(&r, 1);
    rig_check_equal(&r);
    /* five folders were there before, and the inbox is looked at again */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGES), ==, 6);
    rig_release(&r);
}

/* As in an inbox alone: what arrives after all is found by a later pass. */
static void test_late_double_among_many_folders(void)
{
    static const char *const usual[] = { "inbox", "sentitems", "calendar",
                                         "contacts", "deleteditems" };
    const struct fault fault = { .op = FAULT_PUT,
                                 .when = FAULT_LATER,
                                 .first = 1 };
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_copy(&r);
    g_assert_cmpuint(faults_pending(r.faults[RIG_DESTINATION]), ==, 1);
    faults_release(r.faults[RIG_DESTINATION]);
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, usual[i]), "new");
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.doubles, >, 0);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_double_without_digests(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.no_digest = true;
    run_with_pending(&r, 3);
    faults_release(r.faults[RIG_DESTINATION]);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    check_doubles(&r, 3);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Equal items at the source have equal copies, and none is a double. */
static void test_equal_items_are_no_doubles(void)
{
    struct rig r;

    rig_init(&r, NULL);
    for (int i = 0; i < 6; i++)
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "the same");
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 0);
    rig_copy(&r);
    check_doubles(&r, 0);
    rig_check_equal(&r);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "the same");
    rig_copy(&r);
    check_doubles(&r, 0);
    rig_check_equal(&r);
    rig_release(&r);
}

/* The answer of the deletion is lost: it is asked for again, counted once. */
static void test_deletion_is_lost(void)
{
    static const enum fault_when ways[] = { FAULT_BEFORE, FAULT_AFTER,
                                            FAULT_HALF };

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        struct rig r;

        rig_init(&r, NULL);
        run_with_pending(&r, 4);
        faults_release(r.faults[RIG_DESTINATION]);
        faults_clear(r.faults[RIG_DESTINATION]);
        rig_fault(&r, RIG_DESTINATION, FAULT_REMOVE, ways[i], 1, 0);
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
        rig_copy(&r);
        check_doubles(&r, 4);
        rig_check_equal(&r);
        rig_release(&r);
    }
}

/* The copy that is ours has been deleted: the other may be the last. */
static void test_last_copy_is_kept(void)
{
    struct rig r;
    g_autofree char *ours = NULL, *left = NULL;
    guint n;

    rig_init(&r, NULL);
    run_with_pending(&r, 1);
    ours = find_there(&r, "mail 0", &n);
    faults_release(r.faults[RIG_DESTINATION]);
    mem_delete_item(r.mem[RIG_DESTINATION], ours);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    check_doubles(&r, 0);
    left = find_there(&r, "mail 0", &n);
    g_assert_cmpuint(n, ==, 1);
    rig_release(&r);
}

static void check_reason(struct rig *r, const char *want)
{
    struct store_mailbox *m = NULL;

    CHECK_OK(store_mailbox_get(r->store, r->mailbox_id, &m, &r->err), &r->err);
    g_assert_cmpint(m->state, ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_nonnull(strstr(m->reason, want));
    g_assert_nonnull(m->remedy);
    store_mailbox_free(m);
}

/*
 * An answer that ours is not there proves nothing while its folder names it:
 * what equals it is neither removed nor taken for somebody else's.
 */
static void test_ours_is_said_to_be_gone(void)
{
    struct fault gone = { .op = FAULT_FETCH,
                          .when = FAULT_ITEM,
                          .first = 1,
                          .every = 1,
                          .pick = rig_pick };
    g_autofree char *ours = NULL;
    struct rig r;
    guint n;

    rig_init(&r, NULL);
    run_with_pending(&r, 2);
    ours = find_there(&r, "mail 0", &n);
    faults_release(r.faults[RIG_DESTINATION]);
    gone.pick_data = ours;
    err_set(&gone.err, ERR_ITEM, ERR_RETRY_NEVER, 0, "no such item");
    gone.err.name = "ErrorItemNotFound";
    faults_add(r.faults[RIG_DESTINATION], &gone);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    check_reason(&r, "there twice");
    g_assert_cmpuint(r.result.pass.doubles, ==, 1);
    /* the verification asks the folder, too, and leaves what was said */
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_PRESENT], ==, 1);
    check_reason(&r, "there twice");
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_check_equal(&r);
    rig_release(&r);
}

/* What a user does with an item that was never in doubt is his own affair. */
static void test_a_users_copy_stays(void)
{
    struct rig r;
    g_autofree char *id = NULL;
    guint n;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail");
    rig_copy(&r);
    rig_add(&r, RIG_DESTINATION, inbox_of(&r, RIG_DESTINATION), "mail");
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    check_doubles(&r, 0);
    id = find_there(&r, "mail", &n);
    g_assert_cmpuint(n, ==, 2);
    /* nor when another of its kind comes from the source */
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail");
    rig_copy(&r);
    check_doubles(&r, 0);
    g_free(id);
    id = find_there(&r, "mail", &n);
    g_assert_cmpuint(n, ==, 3);
    rig_release(&r);
}

static void copy_elsewhere(struct rig *r, const struct engine_event *event)
{
    const char *drafts = rig_folder(r, RIG_DESTINATION, "drafts");

    if (event->kind == ENGINE_COPIED &&
        rig_count(r, RIG_DESTINATION, drafts) == 0)
        rig_add(r, RIG_DESTINATION, drafts, "mail 0");
}

/* Another folder's items are no measure for this one's. */
static void test_a_copy_in_another_folder_stays(void)
{
    const char *drafts;
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    drafts = rig_folder(&r, RIG_DESTINATION, "drafts");
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "drafts"), "draft");
    r.hook = copy_elsewhere;
    rig_copy(&r);
    check_doubles(&r, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, drafts), ==, 2);
    rig_release(&r);
}

/* Baseline items equal to what was copied, and the folder is swept. */
static void test_baseline_stays(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_DESTINATION, inbox_of(&r, RIG_DESTINATION), "mail", 3);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 0);
    r.options.no_search = true;
    rig_copy(&r);
    check_doubles(&r, 0);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 6);
    rig_release(&r);
}

/* The pass dies while it sweeps; the next one ends what it began. */
static void test_died_while_sweeping(void)
{
    struct rig r;

    rig_init(&r, NULL);
    run_with_pending(&r, 5);
    faults_release(r.faults[RIG_DESTINATION]);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_REMOVE, FAULT_HALF, 1, 0, ERR_RUN,
                  ERR_RETRY_NEVER);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.doubles, ==, 3);
    rig_check_equal(&r);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/sweep/double-is-found-and-removed",
          test_double_is_found_and_removed },
        { "/sweep/double-that-cannot-be-read",
          test_double_that_cannot_be_read },
        { "/sweep/never-read", test_double_that_is_never_read },
        { "/sweep/double-of-the-same-pass", test_double_of_the_same_pass },
        { "/sweep/double-among-many", test_double_among_many_folders },
        { "/sweep/late-double-among-many", test_late_double_among_many_folders },
        { "/sweep/double-without-digests", test_double_without_digests },
        { "/sweep/equal-items-are-no-doubles", test_equal_items_are_no_doubles },
        { "/sweep/deletion-is-lost", test_deletion_is_lost },
        { "/sweep/last-copy-is-kept", test_last_copy_is_kept },
        { "/sweep/ours-is-said-to-be-gone", test_ours_is_said_to_be_gone },
        { "/sweep/a-users-copy-stays", test_a_users_copy_stays },
        { "/sweep/a-copy-in-another-folder-stays",
          test_a_copy_in_another_folder_stays },
        { "/sweep/baseline-stays", test_baseline_stays },
        { "/sweep/died-while-sweeping", test_died_while_sweeping },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
