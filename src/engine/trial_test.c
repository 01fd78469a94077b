#include <string.h>

#include "engine/rig.h"
#include "engine/scratch.h"
#include "fts/fts_build.h"

static void add(struct rig *r, const struct fts_message *m)
{
    g_autofree char *payload = fts_build(m);
    const struct mem_columns columns = { .subject = m->subject };

    mem_add_item(r->mem[RIG_SOURCE], rig_folder(r, RIG_SOURCE, "inbox"),
                 payload, strlen(payload), &columns);
}

/* A mail with much in it, and one with little. */
static void begin(struct rig *r)
{
    const struct fts_message bare = { .subject = "bare" };

    rig_init(r, NULL);
    r->options.pass = ENGINE_PASS_TRIAL;
    add(r, &fts_build_specimen);
    add(r, &bare);
}

static guint scratch_folders(struct rig *r)
{
    g_autoptr(endpoint) ep = mem_endpoint(r->mem[RIG_DESTINATION]);
    g_auto(endpoint_facts) facts = { 0 };
    g_auto(endpoint_tree) tree = { 0 };
    guint n = 0;

    CHECK_OK(endpoint_open(ep, &facts, &r->err), &r->err);
    CHECK_OK(endpoint_folders(ep, &tree, &r->err), &r->err);
    for (guint i = 0; i < tree.folders->len; i++)
        n += scratch_is(tree.folders->pdata[i]);
    return n;
}

/* "IPM.Note whole"; "in place" behind it.  The caller frees. */
static char *found(struct rig *r)
{
    g_autoptr(GPtrArray) trials = NULL, edits = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_trials(r->store, &trials, &r->err), &r->err);
    CHECK_OK(store_edits(r->store, &edits, &r->err), &r->err);
    for (guint i = 0; i < trials->len; i++) {
        const struct store_trial *t = trials->pdata[i];

        g_string_append_printf(out, "%s %s; ", t->item_class,
                               trial_outcome_name(t->outcome));
    }
    for (guint i = 0; i < edits->len; i++) {
        const struct store_edits *e = edits->pdata[i];

        g_string_append(out, edits_way_name(e->way));
    }
    return g_string_free(out, FALSE);
}

static void check_found(struct rig *r, const char *want)
{
    g_autofree char *is = found(r);

    g_assert_cmpstr(is, ==, want);
    g_assert_cmpuint(scratch_folders(r), ==, 0);
    /* Two items were sent to stay, and nothing else is there. */
    g_assert_cmpuint(rig_count(r, RIG_DESTINATION, NULL), ==, 2);
    rig_check_equal(r);
}

static void test_there_and_back(void)
{
    struct rig r;

    begin(&r);
    rig_copy(&r);
    check_found(&r, "IPM.Note whole; in place");
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PURGE_FOLDER), ==, 1);
    rig_release(&r);
}

/* Nothing to take away, or no attachment: nobody can know. */
static void test_not_tried(void)
{
    struct fts_message others[] = { fts_build_specimen, fts_build_specimen };

    others[1].category = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct rig r;

        rig_init(&r, NULL);
        r.options.pass = ENGINE_PASS_TRIAL;
        add(&r, &fts_build_specimen);
        add(&r, &others[i]);
        rig_copy(&r);
        check_found(&r, "IPM.Note whole; untried");
        rig_release(&r);
    }
}

static bool is_update(void *data, const struct fault_subject *subject)
{
    (void)data;
    return subject->id != NULL;
}

static void test_update_refused(void)
{
    const struct fault fault = {
        .op = FAULT_PUT,
        .when = FAULT_ITEM,
        .every = 1,
        .pick = is_update,
    };
    struct rig r;

    begin(&r);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_copy(&r);
    check_found(&r, "IPM.Note whole; by replacement");
    rig_release(&r);
}

/* A lost line is no answer: all of it is done again. */
static void test_lost_answers(void)
{
    static const struct {
        enum fault_op op;
        enum fault_when when;
    } rows[] = {
        { FAULT_MAKE_FOLDER, FAULT_BEFORE },
        { FAULT_MAKE_FOLDER, FAULT_AFTER },
        { FAULT_FETCH, FAULT_BEFORE },
        { FAULT_PURGE_FOLDER, FAULT_BEFORE },
        { FAULT_PURGE_FOLDER, FAULT_AFTER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        begin(&r);
        r.options.retry_wait_us = 1;
        rig_fault(&r, RIG_DESTINATION, rows[i].op, rows[i].when, 1, 0);
        rig_copy(&r);
        check_found(&r, "IPM.Note whole; in place");
        g_assert_cmpuint(faults_fired(r.faults[RIG_DESTINATION]), ==, 1);
        rig_release(&r);
    }
}

/* An update that arrived without an answer is made once more. */
static void test_lost_updates(void)
{
    for (enum fault_when when = FAULT_BEFORE; when <= FAULT_AFTER; when++) {
        const struct fault fault = {
            .op = FAULT_PUT,
            .when = when,
            .first = 1,
            .pick = is_update,
        };
        struct rig r;

        begin(&r);
        r.options.retry_wait_us = 1;
        faults_add(r.faults[RIG_DESTINATION], &fault);
        rig_copy(&r);
        check_found(&r, "IPM.Note whole; in place");
        rig_release(&r);
    }
}

/* What only the trial cannot do is told, and the mailbox goes on. */
static void test_no_scratch_folder(void)
{
    struct rig r;

    begin(&r);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_MAKE_FOLDER, FAULT_BEFORE, 1, 1,
                  ERR_FOLDER, ERR_RETRY_NEVER);
    rig_copy(&r);
    check_found(&r, "");
    g_assert_true(rig_was_told(&r, "round trip could not be finished"));
    rig_release(&r);
}

static const char *leave(struct rig *r, const char *parent_id,
                         const char *folder_class)
{
    const struct mem_folder_init init = {
        .parent_id = parent_id,
        .name = SCRATCH_NAME,
        .folder_class = folder_class,
    };

    return mem_add_folder(r->mem[RIG_DESTINATION], &init);
}

/* By whatever pass comes next; a user's own of that name is not ours. */
static void test_leftovers_go(void)
{
    const char *bin, *left;
    struct rig r;

    begin(&r);
    r.options.pass = ENGINE_PASS_FULL;
    bin = rig_folder(&r, RIG_DESTINATION, "deleteditems");
    left = leave(&r, bin, SCRATCH_CLASS);
    rig_add_many(&r, RIG_DESTINATION, left, "left", 3);
    rig_add(&r, RIG_DESTINATION, leave(&r, left, "IPF.Task"), "below");
    leave(&r, rig_folder(&r, RIG_DESTINATION, "inbox"), "IPF.Note");
    rig_copy(&r);
    check_found(&r, "");
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PURGE_FOLDER), ==, 2);
    rig_release(&r);
}

static void test_dry_run_leaves_them(void)
{
    struct rig r;

    begin(&r);
    r.options.dry_run = true;
    leave(&r, rig_folder(&r, RIG_DESTINATION, "deleteditems"), SCRATCH_CLASS);
    CHECK_OK(rig_try_copy(&r), &r.err);
    g_assert_cmpuint(scratch_folders(&r), ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 0);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trial/there-and-back", test_there_and_back);
    g_test_add_func("/trial/not-tried", test_not_tried);
    g_test_add_func("/trial/update-refused", test_update_refused);
    g_test_add_func("/trial/lost-answers", test_lost_answers);
    g_test_add_func("/trial/lost-updates", test_lost_updates);
    g_test_add_func("/trial/no-scratch-folder", test_no_scratch_folder);
    g_test_add_func("/trial/leftovers-go", test_leftovers_go);
    g_test_add_func("/trial/dry-run-leaves-them", test_dry_run_leaves_them);
    return g_test_run();
}
