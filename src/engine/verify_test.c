#include "engine/rig.h"

#include <string.h>

#include "engine/sample.h"

static const char *inbox_of(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

/* The destination's copy of an item of the source. */
static char *copy_of(struct rig *r, const char *source_id)
{
    struct store_item *row = rig_row(r, source_id);
    char *id = g_strdup(row->destination_id);

    g_assert_nonnull(id);
    store_item_free(row);
    return id;
}

/* Its class and note; the caller frees the note. */
static enum verify_class verdict_of(struct rig *r, const char *source_id,
                                    char **ret_note)
{
    struct store_item *row = rig_row(r, source_id);
    enum verify_class class = row->verify;

    *ret_note = g_strdup(row->verify_note != NULL ? row->verify_note : "");
    store_item_free(row);
    return class;
}

static void check_verdict(struct rig *r, const char *source_id,
                          enum verify_class class, const char *note)
{
    g_autofree char *got = NULL;
    enum verify_class is = verdict_of(r, source_id, &got);

    if (is != class || strstr(got, note) == NULL)
        g_error("\"%s\", \"%s\"; not \"%s\", \"%s\"", verify_class_name(is),
                got, verify_class_name(class), note);
}

/* A remark with its number, and no difference. */
static void test_read_marks(void)
{
    const char *here, *id;
    g_autofree char *there = NULL;
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "by nobody");
    here = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "read here");
    id = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "read there");
    rig_copy(&r);
    there = copy_of(&r, id);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_false(rig_was_told(&r, "read at one side"));
    mem_set_read(r.mem[RIG_SOURCE], here, true);
    mem_set_read(r.mem[RIG_DESTINATION], there, true);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_true(rig_was_told(&r, "2 items are read at one side"));
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 3);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

static uint64_t read_there(struct rig *r)
{
    return mem_items_asked(r->mem[RIG_DESTINATION], MEM_FETCH);
}

static void test_modes(void)
{
    static const struct {
        const char *name;
        enum verify_mode mode;
        bool no_digest;
    } rows[] = {
        { "counts", VERIFY_MODE_COUNTS, false },
        { "sample", VERIFY_MODE_SAMPLE, false },
        { "full", VERIFY_MODE_FULL, false },
        { "full, without digests", VERIFY_MODE_FULL, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t n, before, source_before;
        struct rig r;

        rig_init(&r, NULL);
        r.options.no_digest = rows[i].no_digest;
        rig_fill(&r);
        rig_copy(&r);
        n = r.result.pass.items_copied;
        before = read_there(&r);
        source_before = mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH);
        rig_verify(&r, rows[i].mode, 0);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_VERIFIED);
        CHECK_ROW(rows[i].name, r.report.mode == rows[i].mode);
        CHECK_ROW(rows[i].name, r.report.by_class[VERIFY_VERIFIED] +
                                        r.report.by_class[VERIFY_PRESENT] ==
                                    n);
        CHECK_ROW(rows[i].name, r.report.by_class[VERIFY_EXTRA] == 0);
        CHECK_ROW(rows[i].name, r.told[ENGINE_VERIFIED] == n);
        CHECK_ROW(rows[i].name, r.report.read_items == read_there(&r) - before);
        CHECK_ROW(rows[i].name,
                  r.report.read_items == r.report.by_class[VERIFY_VERIFIED]);
        CHECK_ROW(rows[i].name, (rows[i].mode == VERIFY_MODE_COUNTS) ==
                                    (r.report.read_items == 0));
        CHECK_ROW(rows[i].name,
                  rows[i].mode != VERIFY_MODE_FULL || r.report.read_items == n);
        CHECK_ROW(rows[i].name, rows[i].mode != VERIFY_MODE_SAMPLE ||
                                    r.report.read_items < n);
        /* the source is spared, unless there is nothing to compare with */
        CHECK_ROW(rows[i].name,
                  (mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH) ==
                   source_before) == !rows[i].no_digest);
        rig_release(&r);
    }
}

static void test_sample_of_each_folder(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 300);
    rig_add_many(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "drafts"), "draft",
                 12);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_SAMPLE, 0);
    g_assert_cmpuint(r.report.read_items, ==,
                     sample_size(300) + sample_size(12));
    rig_release(&r);
}

/* ---- everything that can be wrong --------------------------------------- */

static void test_classes(void)
{
    const char *inbox, *there;
    const char *missing, *moved, *changed, *fine, *edited, *gone, *new;
    g_autofree char *id = NULL, *id2 = NULL, *id3 = NULL;
    struct rig r;

    rig_init(&r, NULL);
    inbox = inbox_of(&r, RIG_SOURCE);
    there = inbox_of(&r, RIG_DESTINATION);
    rig_add(&r, RIG_DESTINATION, there, "baseline");
    missing = rig_add(&r, RIG_SOURCE, inbox, "missing");
    moved = rig_add(&r, RIG_SOURCE, inbox, "moved");
    changed = rig_add(&r, RIG_SOURCE, inbox, "changed");
    fine = rig_add(&r, RIG_SOURCE, inbox, "fine");
    edited = rig_add(&r, RIG_SOURCE, inbox, "edited at the source");
    gone = rig_add(&r, RIG_SOURCE, inbox, "deleted at the source");
    rig_copy(&r);
    id = copy_of(&r, missing);
    mem_delete_item(r.mem[RIG_DESTINATION], id);
    id2 = copy_of(&r, moved);
    mem_move_item(r.mem[RIG_DESTINATION], id2,
                  rig_folder(&r, RIG_DESTINATION, "drafts"));
    id3 = copy_of(&r, changed);
    rig_edit(&r, RIG_DESTINATION, id3, "changed by its user");
    rig_edit(&r, RIG_SOURCE, edited, "edited afterwards");
    mem_delete_item(r.mem[RIG_SOURCE], gone);
    new = rig_add(&r, RIG_SOURCE, inbox, "new");
    rig_add(&r, RIG_DESTINATION, there, "extra");
    rig_verify(&r, VERIFY_MODE_FULL, 0);

    check_verdict(&r, missing, VERIFY_MISSING, "no longer in its folder");
    check_verdict(&r, moved, VERIFY_MISSING, "no longer in its folder");
    check_verdict(&r, changed, VERIFY_DIFFERENT, "subject");
    check_verdict(&r, fine, VERIFY_VERIFIED, "");
    /* what was copied is as it was copied */
    check_verdict(&r, edited, VERIFY_VERIFIED, "edited at the source");
    check_verdict(&r, gone, VERIFY_VERIFIED, "deleted at the source");
    check_verdict(&r, new, VERIFY_MISSING, "not copied yet");
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 3);
    g_assert_cmpuint(r.report.by_class[VERIFY_DIFFERENT], ==, 1);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 3);
    /* the baseline item, the extra one, and the moved one where it is now */
    g_assert_cmpuint(r.report.by_class[VERIFY_EXTRA], ==, 3);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    rig_release(&r);
}

/* What verify found at the source is not lost on the next copy. */
static void test_new_items_are_copied_next(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 1);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_check_equal(&r);
    rig_release(&r);
}

/* What the copying counted is counted here: it is said once. */
static void test_number_is_said_once(void)
{
    static const struct fault fault = { .op = FAULT_FETCH,
                                        .when = FAULT_ITEM,
                                        .first = 1 };
    struct store_mailbox *m = NULL;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    faults_add(r.faults[RIG_SOURCE], &fault);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    CHECK_OK(store_mailbox_get(r.store, r.mailbox_id, &m, &r.err), &r.err);
    g_assert_cmpstr(m->reason, ==, "1 failed");
    store_mailbox_free(m);
    rig_release(&r);
}

static void test_states_that_are_not_read(void)
{
    static const struct fault fault = { .op = FAULT_FETCH,
                                        .when = FAULT_ITEM,
                                        .first = 1 };
    struct mem_columns task = { .item_class = "IPM.Task" };
    struct rig r;

    rig_init(&r, NULL);
    r.options.filter.skip_kinds = 1u << KIND_TASK;
    mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "tasks"), "x", 1,
                 &task);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 5);
    faults_add(r.faults[RIG_SOURCE], &fault);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_FAILED], ==, 1);
    g_assert_cmpuint(r.report.by_class[VERIFY_FILTERED], ==, 1);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 4);
    g_assert_cmpuint(r.report.by_class[VERIFY_NONE], ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    /* a failed item stays failed, with its cause, although it was seen */
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 1);
    rig_release(&r);
}

static void test_without_digest_and_source_changed(void)
{
    const char *edited, *gone, *fine;
    struct rig r;

    rig_init(&r, NULL);
    r.options.no_digest = true;
    edited = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "edited");
    gone = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "gone");
    fine = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "fine");
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, edited, "edited since");
    mem_delete_item(r.mem[RIG_SOURCE], gone);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    check_verdict(&r, fine, VERIFY_VERIFIED, "");
    check_verdict(&r, gone, VERIFY_PRESENT, "could not be read");
    /* what was copied is not known any more: this is no difference of ours */
    check_verdict(&r, edited, VERIFY_PRESENT, "edited at the source");
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* ---- what this run copied ------------------------------------------------ */

static void test_nothing_copied_nothing_read(void)
{
    uint64_t calls[2];
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_SAMPLE, r.result.pass.id);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_copy(&r);
    rig_close(&r); /* not even opened */
    for (int side = 0; side < 2; side++)
        calls[side] = rig_all_calls(&r, side);
    rig_verify(&r, VERIFY_MODE_SAMPLE, r.result.pass.id);
    for (int side = 0; side < 2; side++)
        g_assert_cmpuint(rig_all_calls(&r, side), ==, calls[side]);
    g_assert_cmpuint(r.report.read_items, ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    /* what was found before stands */
    g_assert_cmpuint(r.report.by_class[VERIFY_NONE], ==, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], >, 0);
    rig_release(&r);
}

static void test_only_what_this_run_copied(void)
{
    uint64_t lists;
    const char *new;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    new = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    rig_copy(&r);
    lists = rig_calls(&r, RIG_DESTINATION, MEM_CHANGES);
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    g_assert_cmpuint(r.report.read_items, ==, 1);
    check_verdict(&r, new, VERIFY_VERIFIED, "");
    /* one folder was touched, and one is listed */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGES) - lists, ==,
                     1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* A run that was cut short leaves items that no verification has seen. */
static void test_what_was_never_verified(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    g_assert_cmpuint(r.report.read_items, ==, rig_count(&r, RIG_SOURCE, NULL));
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* Mail that arrives while the run goes on is the next run's affair. */
static void test_new_mail_is_no_failure_of_a_run(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "just in");
    rig_verify(&r, VERIFY_MODE_SAMPLE, r.result.pass.id);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* ---- trouble --------------------------------------------------------- */

static void test_passing_failures(void)
{
    static const struct {
        const char *name;
        int side;
        enum fault_op op;
        enum fault_when when;
        unsigned int every;
        enum err_scope scope;
        enum err_retry retry;
    } rows[] = {
        /* clang-format off */
        { "lists lost", RIG_DESTINATION, FAULT_CHANGES, FAULT_BEFORE, 2,
          ERR_MAILBOX, ERR_RETRY_NOW },
        { "source busy", RIG_SOURCE, FAULT_CHANGES, FAULT_BEFORE, 3,
          ERR_MAILBOX, ERR_RETRY_WAIT },
        { "exports lost", RIG_DESTINATION, FAULT_FETCH, FAULT_BEFORE, 2,
          ERR_MAILBOX, ERR_RETRY_NOW },
        { "exports fail whole", RIG_DESTINATION, FAULT_FETCH, FAULT_BEFORE, 5,
          ERR_ITEM, ERR_RETRY_NOW },
        { "items fail for a time", RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 9,
          ERR_ITEM, ERR_RETRY_WAIT },
        { "busy inside an answer", RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 9,
          ERR_MAILBOX, ERR_RETRY_WAIT },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        g_test_message("%s", rows[i].name);
        rig_init(&r, NULL);
        r.options.item_tries = 30;
        rig_fill(&r);
        rig_copy(&r);
        rig_fault_err(&r, rows[i].side, rows[i].op, rows[i].when, 1,
                      rows[i].every, rows[i].scope, rows[i].retry);
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        CHECK_ROW(rows[i].name, faults_fired(r.faults[rows[i].side]) > 0);
        CHECK_ROW(rows[i].name, r.report.by_class[VERIFY_VERIFIED] ==
                                    rig_count(&r, RIG_SOURCE, NULL));
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_VERIFIED);
        rig_release(&r);
    }
}

static void test_one_unreadable_item(void)
{
    static const struct {
        const char *name;
        enum fault_when when;
        enum err_scope scope;
        enum err_retry retry;
    } rows[] = {
        { "refused", FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER },
        { "refused for ever", FAULT_ITEM, ERR_ITEM, ERR_RETRY_WAIT },
        { "spoils its batch", FAULT_BEFORE, ERR_ITEM, ERR_RETRY_NEVER },
        { "kills its line", FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_NOW },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fault fault = { .op = FAULT_FETCH,
                               .when = rows[i].when,
                               .every = 1,
                               .pick = rig_pick };
        g_autofree char *id = NULL;
        const char *bad;
        struct rig r;

        g_test_message("%s", rows[i].name);
        rig_init(&r, NULL);
        rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 25);
        bad = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "bad");
        rig_copy(&r);
        id = copy_of(&r, bad);
        fault.pick_data = id;
        err_set(&fault.err, rows[i].scope, rows[i].retry, 0, "it is bad");
        faults_add(r.faults[RIG_DESTINATION], &fault);
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 25);
        check_verdict(&r, bad, VERIFY_PRESENT, "could not be read: ");
        rig_release(&r);
    }
}

/* ---- what a side does not give whole ------------------------------------- */

static bool picks_whole(void *id, const struct fault_subject *subject)
{
    return !subject->portable &&
           (id == NULL || g_strcmp0(subject->id, id) == 0);
}

static const struct fault not_whole = {
    .op = FAULT_FETCH, .when = FAULT_ITEM, .every = 1, .pick = picks_whole
};

/* All of the destination's, or that one alone. */
static void give_nothing_whole(struct rig *r, const char *id)
{
    struct fault fault = not_whole;

    fault.pick_data = (void *)(uintptr_t)id;
    err_set(&fault.err, ERR_ITEM, ERR_RETRY_NEVER, 0, "no export here");
    faults_add(r->faults[RIG_DESTINATION], &fault);
}

static void test_not_given_whole(void)
{
    const char *edited, *altered, *moved_on;
    g_autofree char *there = NULL;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .portable = true });
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 25);
    edited = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "as it was");
    altered = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "altered");
    rig_copy(&r);
    there = copy_of(&r, altered);
    rig_edit(&r, RIG_DESTINATION, there, "altered there");
    moved_on = edited;
    rig_edit(&r, RIG_SOURCE, moved_on, "edited since");
    give_nothing_whole(&r, NULL);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 25);
    check_verdict(&r, altered, VERIFY_DIFFERENT, "differ");
    /* what was copied is known as a whole alone */
    check_verdict(&r, moved_on, VERIFY_PRESENT, "edited at the source");
    g_assert_true(rig_was_told(
        &r, "compared by MIME and properties, which is not all of them: "
            "destination: no export here"));
    rig_release(&r);
}

/* Others are compared as they came. */
static void test_one_not_given_whole(void)
{
    g_autofree char *there = NULL;
    const char *one;
    uint64_t asked;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .portable = true });
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 25);
    one = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "one");
    rig_copy(&r);
    there = copy_of(&r, one);
    give_nothing_whole(&r, there);
    asked = mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 26);
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH) - asked, ==,
                     1);
    rig_release(&r);
}

static bool picks_folder(void *id, const struct fault_subject *subject)
{
    return g_strcmp0(subject->folder_id, id) == 0;
}

static void test_folder_that_cannot_be_listed(void)
{
    struct fault fault = { .op = FAULT_CHANGES,
                           .every = 1,
                           .pick = picks_folder };
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    err_set(&fault.err, ERR_FOLDER, ERR_RETRY_NEVER, 0, "no rights");
    fault.pick_data = (void *)(uintptr_t)inbox_of(&r, RIG_DESTINATION);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    /* no item of it is called missing, or anything else */
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_NONE], ==, 30);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    rig_release(&r);
}

/* ---- gone, or said to be --------------------------------------------------
 */

static const struct fault not_found = {
    .op = FAULT_FETCH,
    .when = FAULT_ITEM,
    .every = 1,
    .pick = rig_pick,
    .err = { .scope = ERR_ITEM,
             .retry = ERR_RETRY_NEVER,
             .name = "ErrorItemNotFound",
             .msg = "it is not there" },
};

/* A copied mail among others; the caller frees its destination's id. */
static const char *begin_gone(struct rig *r, char **ret_copy)
{
    const char *id;

    rig_init(r, NULL);
    r->options.item_tries = 2;
    rig_add_many(r, RIG_SOURCE, inbox_of(r, RIG_SOURCE), "mail", 30);
    id = rig_add(r, RIG_SOURCE, inbox_of(r, RIG_SOURCE), "this one");
    rig_copy(r);
    *ret_copy = copy_of(r, id);
    return id;
}

/* It is there: its folder names it as often as it is asked. */
static void test_said_to_be_gone(void)
{
    struct fault fault = not_found;
    g_autofree char *copy = NULL;
    struct rig r;
    const char *id = begin_gone(&r, &copy);

    fault.pick_data = copy;
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    check_verdict(&r, id, VERIFY_PRESENT, "its folder lists it");
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 30);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* Whether it is there cannot be found out: neither this nor that is said. */
static void test_said_to_be_gone_and_not_listed(void)
{
    struct fault fault = not_found, unlisted = { .op = FAULT_CHANGES,
                                                 .when = FAULT_BEFORE,
                                                 .first = 2,
                                                 .every = 1,
                                                 .pick = picks_folder };
    g_autofree char *copy = NULL;
    struct rig r;
    const char *id = begin_gone(&r, &copy);

    fault.pick_data = copy;
    faults_add(r.faults[RIG_DESTINATION], &fault);
    unlisted.pick_data = (void *)(uintptr_t)inbox_of(&r, RIG_DESTINATION);
    err_set(&unlisted.err, ERR_FOLDER, ERR_RETRY_NEVER, 0, "no list");
    faults_add(r.faults[RIG_DESTINATION], &unlisted);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    check_verdict(&r, id, VERIFY_NONE, "");
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    rig_release(&r);
}

struct deletion {
    struct mem *mem;
    const char *id; /* NULL: it is done */
};

/* At the first reading, so that the lists have named it. */
static bool delete_once(void *data, const struct fault_subject *subject)
{
    struct deletion *d = data;

    (void)subject;
    if (d->id != NULL)
        mem_delete_item(d->mem, d->id);
    d->id = NULL;
    return false;
}

static void test_goes_meanwhile(void)
{
    static const struct {
        const char *name;
        int side;
        enum verify_class class;
        const char *note;
        enum mailbox_state state;
    } rows[] = {
        { "at the destination", RIG_DESTINATION, VERIFY_MISSING,
          "no longer in its folder", MAILBOX_COMPLETED_WITH_FAILURES },
        { "at the source, which has to be asked", RIG_SOURCE, VERIFY_PRESENT,
          "the source", MAILBOX_VERIFIED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct deletion d = { 0 };
        const struct fault deletes = { .op = FAULT_FETCH,
                                       .when = FAULT_ITEM,
                                       .every = 1,
                                       .pick = delete_once,
                                       .pick_data = &d };
        g_autofree char *copy = NULL;
        struct rig r;
        const char *id;

        rig_init(&r, NULL);
        r.options.no_digest = true;
        id = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "this one");
        rig_copy(&r);
        copy = copy_of(&r, id);
        d.mem = r.mem[rows[i].side];
        d.id = rows[i].side == RIG_SOURCE ? id : copy;
        faults_add(r.faults[rows[i].side], &deletes);
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        CHECK_ROW(rows[i].name, d.id == NULL);
        check_verdict(&r, id, rows[i].class, rows[i].note);
        CHECK_ROW(rows[i].name, rig_state(&r) == rows[i].state);
        rig_release(&r);
    }
}

/* ---- the end --------------------------------------------------------------
 */

static void test_stops(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_FETCH, FAULT_BEFORE, 2, 1,
                  ERR_MAILBOX, ERR_RETRY_REAUTH);
    g_assert_cmpint(rig_try_verify(&r, VERIFY_MODE_FULL, 0), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "test-fault");
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_cmpuint(faults_fired(r.faults[RIG_DESTINATION]), <=, 4);
    rig_release(&r);
}

static void cancel_when_verified(struct rig *r,
                                 const struct engine_event *event)
{
    if (event->kind == ENGINE_VERIFIED &&
        cancel_level(r->cancel) == CANCEL_NONE)
        cancel_request(r->cancel);
}

static void test_interrupted(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    r.hook = cancel_when_verified;
    g_assert_cmpint(rig_try_verify(&r, VERIFY_MODE_FULL, 0), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "interrupted");
    /* it is copied, and that is what its state says */
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    cancel_free(r.cancel);
    r.cancel = cancel_new();
    r.hook = NULL;
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* Verify alone, on handles that nobody has opened. */
static void test_opens_by_itself(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_close(&r);
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

static void test_nothing(void)
{
    uint64_t calls;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    calls = rig_all_calls(&r, RIG_SOURCE);
    rig_verify(&r, VERIFY_MODE_NOTHING, 0);
    g_assert_cmpuint(rig_all_calls(&r, RIG_SOURCE), ==, calls);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/verify/modes", test_modes },
        { "/verify/read-marks", test_read_marks },
        { "/verify/sample-of-each-folder", test_sample_of_each_folder },
        { "/verify/classes", test_classes },
        { "/verify/new-items-are-copied-next", test_new_items_are_copied_next },
        { "/verify/number-is-said-once", test_number_is_said_once },
        { "/verify/states-that-are-not-read", test_states_that_are_not_read },
        { "/verify/without-digest-and-source-changed",
          test_without_digest_and_source_changed },
        { "/verify/nothing-copied-nothing-read",
          test_nothing_copied_nothing_read },
        { "/verify/only-what-this-run-copied", test_only_what_this_run_copied },
        { "/verify/what-was-never-verified", test_what_was_never_verified },
        { "/verify/new-mail-is-no-failure-of-a-run",
          test_new_mail_is_no_failure_of_a_run },
        { "/verify/passing-failures", test_passing_failures },
        { "/verify/one-unreadable-item", test_one_unreadable_item },
        { "/verify/not-given-whole", test_not_given_whole },
        { "/verify/one-not-given-whole", test_one_not_given_whole },
        { "/verify/folder-that-cannot-be-listed",
          test_folder_that_cannot_be_listed },
        { "/verify/said-to-be-gone", test_said_to_be_gone },
        { "/verify/said-to-be-gone-and-not-listed",
          test_said_to_be_gone_and_not_listed },
        { "/verify/goes-meanwhile", test_goes_meanwhile },
        { "/verify/stops", test_stops },
        { "/verify/interrupted", test_interrupted },
        { "/verify/opens-by-itself", test_opens_by_itself },
        { "/verify/nothing", test_nothing },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
