/* What cannot follow: told, tried again, and forgotten once they can. */
#include <string.h>

#include "engine/rig.h"

enum change { EDITED, READ, DELETED };

struct trouble {
    const char *name;
    enum change change;
    int side;
    enum fault_op op;
    enum fault_when when;
    enum err_scope scope;
    enum err_retry retry;
    const char *code, *says;
};

/* clang-format off */
static const struct trouble troubles[] = {
    { "the source cannot read it", EDITED, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM,
      ERR_ITEM, ERR_RETRY_NEVER, "ErrorCorruptData", "a bad item" },
    { "nor has time for it", EDITED, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM,
      ERR_ITEM, ERR_RETRY_WAIT, "ErrorItemSave", "a bad item" },
    { "it denies it", EDITED, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM,
      ERR_FOLDER, ERR_RETRY_NEVER, "ErrorAccessDenied", "a bad item" },
    { "it lists what it does not find", EDITED, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM,
      ERR_ITEM, ERR_RETRY_NEVER, "ErrorItemNotFound", "lists the item" },
    { "its request is refused", EDITED, RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE,
      ERR_ITEM, ERR_RETRY_NEVER, "ErrorBatchProcessingStopped", "a bad item" },
    { "the copy cannot be read", EDITED, RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM,
      ERR_ITEM, ERR_RETRY_NEVER, "ErrorCorruptData", "whether it was edited" },
    { "its update is refused for a time", EDITED, RIG_DESTINATION,
      FAULT_PUT, FAULT_ITEM, ERR_ITEM, ERR_RETRY_WAIT, "ErrorItemSave", "a bad item" },
    { "its update ends the connection", EDITED, RIG_DESTINATION, FAULT_PUT,
      FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_NOW, "connection-lost",
      "a bad item" },
    { "its mark is refused", READ, RIG_DESTINATION, FAULT_MARK_READ,
      FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER, "ErrorAccessDenied",
      "a bad item" },
    { "its mark is refused for a time", READ, RIG_DESTINATION,
      FAULT_MARK_READ, FAULT_ITEM, ERR_ITEM, ERR_RETRY_WAIT, "ErrorItemSave",
      "a bad item" },
    { "a request to mark it is refused", READ, RIG_DESTINATION,
      FAULT_MARK_READ, FAULT_BEFORE, ERR_ITEM, ERR_RETRY_NEVER,
      "ErrorBatchProcessingStopped", "a bad item" },
    { "a request to mark it ends the connection", READ, RIG_DESTINATION,
      FAULT_MARK_READ, FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_NOW,
      "connection-lost", "a bad item" },
    { "its copy may not be deleted", DELETED, RIG_DESTINATION, FAULT_REMOVE,
      FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER, "ErrorCannotDeleteObject",
      "a bad item" },
    { "a request to delete it is refused", DELETED, RIG_DESTINATION,
      FAULT_REMOVE, FAULT_BEFORE, ERR_ITEM, ERR_RETRY_NEVER,
      "ErrorBatchProcessingStopped", "a bad item" },
    { "nobody can tell whether it is gone", DELETED, RIG_SOURCE, FAULT_FETCH,
      FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER, "ErrorCorruptData",
      "lists the item as deleted" },
    { "nor whether its copy was edited", DELETED, RIG_DESTINATION,
      FAULT_FETCH, FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER, "ErrorItemCorrupt",
      "whether it was edited" },
};
/* clang-format on */

/* Its id at the source, or where its copy is; the caller frees. */
static char *id_of(struct rig *r, int side, const char *source_id)
{
    struct store_item *row = rig_row(r, source_id);
    char *id = g_strdup(side == RIG_SOURCE ? source_id : row->destination_id);

    store_item_free(row);
    return id;
}

static bool is_update(void *id, const struct fault_subject *subject)
{
    return subject->op == FAULT_PUT && g_strcmp0(subject->id, id) == 0;
}

static void add_trouble(struct rig *r, const struct trouble *t, char *id)
{
    struct fault fault = {
        .op = t->op,
        .when = t->when,
        .every = 1,
        .pick = t->op == FAULT_PUT ? is_update : rig_pick,
        .pick_data = id,
    };

    err_set(&fault.err, t->scope, t->retry, 0, "a bad item");
    fault.err.name = t->code;
    faults_add(r->faults[t->side], &fault);
}

static void check_failed(struct rig *r, const struct trouble *t,
                         const char *source_id, const char *copy)
{
    struct store_item *row = rig_row(r, source_id);

    CHECK_ROW(t->name, row->state == ITEM_FAILED);
    CHECK_ROW(t->name, g_strcmp0(row->error_name, t->code) == 0);
    CHECK_ROW(t->name, strstr(row->reason, t->says) != NULL);
    CHECK_ROW(t->name, g_strcmp0(row->destination_id, copy) == 0);
    CHECK_ROW(t->name, row->verify == VERIFY_FAILED);
    CHECK_ROW(t->name, g_strcmp0(row->subject, "as it was") == 0 ||
                           g_strcmp0(row->subject, "as it is") == 0);
    CHECK_ROW(t->name, r->result.pass.items_failed == 1);
    CHECK_ROW(t->name, r->told[ENGINE_FAILED] == 1);
    CHECK_ROW(t->name, rig_state(r) == MAILBOX_COMPLETED_WITH_FAILURES);
    CHECK_ROW(t->name, rig_was_told(r, t->says));
    store_item_free(row);
}

static void make_change(struct rig *r, enum change change, const char *id)
{
    switch (change) {
    case EDITED:
        rig_edit(r, RIG_SOURCE, id, "as it is");
        break;
    case READ:
        mem_set_read(r->mem[RIG_SOURCE], id, true);
        break;
    case DELETED:
        mem_delete_item(r->mem[RIG_SOURCE], id);
        r->options.propagate_deletes = true;
        break;
    }
}

static void run_again(struct rig *r)
{
    struct err err;

    CHECK_OK(store_items_retry_failed(r->store, &r->lease, NULL, &err), &err);
    rig_copy(r);
}

static void run(const struct trouble *t)
{
    struct rig r;
    const char *id;
    g_autofree char *copy = NULL, *at_fault = NULL, *before = NULL;
    g_autofree char *meanwhile = NULL;
    struct store_item *row;

    rig_init(&r, NULL);
    r.options.item_tries = 2;
    rig_fill(&r);
    id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                 "as it was");
    rig_copy(&r);
    copy = id_of(&r, RIG_DESTINATION, id);
    at_fault = id_of(&r, t->side, id);
    before = rig_digest(&r, RIG_DESTINATION);

    make_change(&r, t->change, id);
    add_trouble(&r, t, at_fault);
    rig_copy(&r);
    check_failed(&r, t, id, copy);
    /* It is tried in each run, and is one failure, not two. */
    run_again(&r);
    check_failed(&r, t, id, copy);
    meanwhile = rig_digest(&r, RIG_DESTINATION);
    CHECK_ROW(t->name, strcmp(before, meanwhile) == 0);

    faults_clear(r.faults[t->side]);
    run_again(&r);
    rig_check_equal(&r);
    CHECK_ROW(t->name, rig_state(&r) == MAILBOX_SYNCED);
    CHECK_ROW(t->name, rig_rows(&r, ITEM_FAILED) == 0);
    row = rig_row(&r, id);
    CHECK_ROW(t->name, g_strcmp0(row->destination_id,
                                 t->change == DELETED ? NULL : copy) == 0);
    CHECK_ROW(t->name, row->verify == VERIFY_NONE && row->pending == 0);
    store_item_free(row);
    rig_release(&r);
}

static void test_told_and_tried_again(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++)
        run(&troubles[i]);
}

/* What is asked in one request with it gets through all the same. */
static void run_beside(const struct trouble *t)
{
    struct rig r;
    const char *ids[3];
    g_autofree char *at_fault = NULL;

    rig_init(&r, NULL);
    r.options.item_tries = 2;
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        ids[i] = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                         "as it was");
    rig_copy(&r);
    at_fault = id_of(&r, t->side, ids[1]);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        make_change(&r, t->change, ids[i]);
    add_trouble(&r, t, at_fault);
    rig_copy(&r);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        struct store_item *row = rig_row(&r, ids[i]);

        CHECK_ROW(t->name, (row->state == ITEM_FAILED) == (i == 1));
        CHECK_ROW(t->name, (row->pending != 0) == (i == 1));
        store_item_free(row);
    }
    rig_release(&r);
}

static void test_beside_others(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++)
        run_beside(&troubles[i]);
}

/* A busy server is waited for, and is no fault of the item. */
static void test_busy_for_a_time(void)
{
    struct fault busy = { .op = FAULT_PUT, .when = FAULT_ITEM, .first = 1 };
    struct rig r;
    const char *id;

    rig_init(&r, NULL);
    r.options.item_tries = 1;
    id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                 "as it was");
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, id, "as it is");
    err_set(&busy.err, ERR_MAILBOX, ERR_RETRY_WAIT, 0, "busy");
    faults_add(r.faults[RIG_DESTINATION], &busy);
    rig_copy(&r);
    g_assert_cmpuint(faults_fired(r.faults[RIG_DESTINATION]), ==, 1);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* ---- what was at the destination before us --------------------------------
 */

/* Told as any failure, and a conflict once it can be read. */
static void run_there(const struct trouble *t)
{
    g_autofree char *there = NULL, *at_fault = NULL, *before = NULL;
    g_autofree char *after = NULL;
    const char *id;
    struct rig r;

    rig_init(&r, NULL);
    r.options.item_tries = 2;
    rig_add(&r, RIG_DESTINATION, rig_folder(&r, RIG_DESTINATION, "inbox"),
            "as it was");
    id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                 "as it was");
    rig_copy(&r);
    CHECK_ROW(t->name, rig_rows(&r, ITEM_ALREADY_THERE) == 1);
    there = id_of(&r, RIG_DESTINATION, id);
    at_fault = id_of(&r, t->side, id);
    before = rig_digest(&r, RIG_DESTINATION);

    rig_edit(&r, RIG_SOURCE, id, "as it is");
    add_trouble(&r, t, at_fault);
    rig_copy(&r);
    check_failed(&r, t, id, there);
    run_again(&r);
    check_failed(&r, t, id, there);

    faults_clear(r.faults[t->side]);
    run_again(&r);
    CHECK_ROW(t->name, rig_rows(&r, ITEM_CONFLICT) == 1);
    after = rig_digest(&r, RIG_DESTINATION);
    CHECK_ROW(t->name, strcmp(before, after) == 0);
    rig_release(&r);
}

static bool can_befall_what_was_there(const struct trouble *t)
{
    return t->change == EDITED && t->op == FAULT_FETCH;
}

static void test_there_before(void)
{
    size_t n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(troubles); i++) {
        if (!can_befall_what_was_there(&troubles[i]))
            continue;
        run_there(&troubles[i]);
        n++;
    }
    g_assert_cmpuint(n, >, 4);
}

/* It was touched and nothing else: it is there already, as it was. */
static void test_there_before_and_touched(void)
{
    struct rig r;
    const char *id;
    g_autofree char *at_fault = NULL;
    struct store_item *row;

    rig_init(&r, NULL);
    rig_add(&r, RIG_DESTINATION, rig_folder(&r, RIG_DESTINATION, "inbox"),
            "as it was");
    id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                 "as it was");
    rig_copy(&r);
    mem_touch_item(r.mem[RIG_SOURCE], id);
    at_fault = g_strdup(id);
    add_trouble(&r, &troubles[0], at_fault);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 1);
    faults_clear(r.faults[RIG_SOURCE]);
    run_again(&r);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
    g_assert_cmpuint(row->pending, ==, 0);
    g_assert_null(row->reason);
    store_item_free(row);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* ---- what happens meanwhile ------------------------------------------------
 */

/* A mailbox in which an edit has failed: the item's id. */
static const char *begin_failed(struct rig *r)
{
    const char *id;
    char *at_fault;

    rig_init(r, NULL);
    id =
        rig_add(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, "inbox"), "as it was");
    rig_copy(r);
    rig_edit(r, RIG_SOURCE, id, "as it is");
    at_fault = g_strdup(id);
    add_trouble(r, &troubles[0], at_fault);
    rig_copy(r);
    faults_clear(r->faults[RIG_SOURCE]);
    g_free(at_fault);
    g_assert_cmpuint(rig_rows(r, ITEM_FAILED), ==, 1);
    return id;
}

/* What is edited there while the failure lasts is not overwritten after it. */
static void test_edited_there_meanwhile(void)
{
    struct rig r;
    const char *id = begin_failed(&r);
    g_autofree char *copy = id_of(&r, RIG_DESTINATION, id);
    g_autofree char *there = NULL, *after = NULL;

    rig_edit(&r, RIG_DESTINATION, copy, "edited there");
    there = rig_digest(&r, RIG_DESTINATION);
    run_again(&r);
    after = rig_digest(&r, RIG_DESTINATION);
    g_assert_cmpstr(there, ==, after);
    g_assert_cmpuint(rig_rows(&r, ITEM_CONFLICT), ==, 1);
    rig_release(&r);
}

static void test_deleted_meanwhile(void)
{
    struct rig r;
    const char *id = begin_failed(&r);

    r.options.propagate_deletes = true;
    mem_delete_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

static void test_moved_meanwhile(void)
{
    struct rig r;
    const char *id = begin_failed(&r);

    mem_move_item(r.mem[RIG_SOURCE], id,
                  rig_folder(&r, RIG_SOURCE, "sentitems"));
    r.options.propagate_deletes = true;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* What grew too large for a request is told, as it is of a new item. */
static void test_too_large_now(void)
{
    const struct rig_options options = { .request_max_bytes = 100000 };
    g_autofree char *large = g_strnfill(200000, 'x');
    struct store_item *row;
    struct rig r;
    const char *id;

    rig_init(&r, &options);
    id = rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "small");
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, id, large);
    rig_copy(&r);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpstr(row->error_name, ==, "item-too-large");
    store_item_free(row);
    rig_release(&r);
}

static void test_more_than_allowed(void)
{
    struct rig r;
    struct fault bad = { .op = FAULT_FETCH, .when = FAULT_ITEM, .every = 1 };
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    rig_init(&r, NULL);
    for (int i = 0; i < 4; i++)
        g_ptr_array_add(
            ids, (void *)(uintptr_t)rig_add(&r, RIG_SOURCE,
                                            rig_folder(&r, RIG_SOURCE, "inbox"),
                                            "as it was"));
    rig_copy(&r);
    for (guint i = 0; i < ids->len; i++)
        rig_edit(&r, RIG_SOURCE, ids->pdata[i], "as it is");
    err_set(&bad.err, ERR_ITEM, ERR_RETRY_NEVER, 0, "a bad item");
    faults_add(r.faults[RIG_SOURCE], &bad);
    r.options.max_failures = 3;
    g_assert_cmpint(rig_try_copy(&r), <, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_true(rig_was_told(&r, "more than the 3 allowed"));
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/follow-fail/told-and-tried-again",
                    test_told_and_tried_again);
    g_test_add_func("/follow-fail/beside-others", test_beside_others);
    g_test_add_func("/follow-fail/there-before", test_there_before);
    g_test_add_func("/follow-fail/there-before-and-touched",
                    test_there_before_and_touched);
    g_test_add_func("/follow-fail/busy-for-a-time", test_busy_for_a_time);
    g_test_add_func("/follow-fail/edited-there-meanwhile",
                    test_edited_there_meanwhile);
    g_test_add_func("/follow-fail/deleted-meanwhile", test_deleted_meanwhile);
    g_test_add_func("/follow-fail/moved-meanwhile", test_moved_meanwhile);
    g_test_add_func("/follow-fail/too-large-now", test_too_large_now);
    g_test_add_func("/follow-fail/more-than-allowed", test_more_than_allowed);
    return g_test_run();
}
