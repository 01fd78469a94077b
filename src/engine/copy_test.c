#include "engine/rig.h"

#include <string.h>

#include "base/timestamp.h"

/* What a pass asked of the two mailboxes, between two looks. */
struct calls {
    uint64_t n[2][MEM_N_OPS];
};

static struct calls calls_now(struct rig *r)
{
    struct calls c;

    for (int side = 0; side < 2; side++)
        for (int op = 0; op < MEM_N_OPS; op++)
            c.n[side][op] = rig_calls(r, side, (enum mem_op)op);
    return c;
}

static uint64_t since(struct rig *r, const struct calls *before, int side,
                      enum mem_op op)
{
    return rig_calls(r, side, op) - before->n[side][op];
}

static void test_copies(void)
{
    struct rig r;

    rig_init(&r, &(struct rig_options){ .german_source = true });
    rig_fill(&r);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    g_assert_cmpuint(r.result.pass.items_copied, ==,
                     rig_count(&r, RIG_SOURCE, NULL));
    g_assert_cmpuint(r.told[ENGINE_COPIED], ==, r.result.pass.items_copied);
    g_assert_cmpuint(r.told[ENGINE_LISTED], ==, r.result.pass.items_copied);
    g_assert_cmpuint(r.result.pass.bytes_copied, >, 0);
    g_assert_cmpuint(r.result.pass.items_failed, ==, 0);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    g_assert_cmpuint(r.result.pass.settled, ==, 0);
    g_assert_cmpuint(r.result.pass.source_requests, >, 0);
    rig_release(&r);
}

static void test_empty_mailbox(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/*
 * A run with nothing new: one list of changes a source folder, both trees,
 * both openings, and nothing else whatever.
 */
static void test_again_copies_nothing(void)
{
    struct rig r;
    struct calls before;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    before = calls_now(&r);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    /* eleven usual folders less the outbox, and six of our own */
    g_assert_cmpuint(since(&r, &before, RIG_SOURCE, MEM_CHANGES), ==, 16);
    g_assert_cmpuint(since(&r, &before, RIG_SOURCE, MEM_OPEN), ==, 1);
    g_assert_cmpuint(since(&r, &before, RIG_SOURCE, MEM_FOLDERS), ==, 1);
    g_assert_cmpuint(since(&r, &before, RIG_SOURCE, MEM_FETCH), ==, 0);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_OPEN), ==, 1);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_FOLDERS), ==, 1);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_CHANGES), ==, 0);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_MAKE_FOLDER), ==,
                     0);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_FETCH), ==, 0);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_PUT), ==, 0);
    rig_check_equal(&r);
    rig_release(&r);
}

/*
 * Folders with a parent in common are made together, and are known to be empty;
 * nothing is listed after the last item where the number of items is right.
 */
static void test_first_pass_asks_little(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r); /* each of six below the one before */
    for (int i = 0; i < 70; i++) {
        g_autofree char *name = g_strdup_printf("Beside %d", i);
        const struct mem_folder_init init = { .name = name };

        rig_add_many(&r, RIG_SOURCE, mem_add_folder(r.mem[RIG_SOURCE], &init),
                     name, 1);
    }
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_CHANGES), ==, 16 + 70);
    /* 71 by fifty, and five */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 7);
    /* the five that were there */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_CHANGES), ==, 5);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FOLDERS), ==, 2);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_new_items_and_nothing_else(void)
{
    struct rig r;
    const char *inbox, *sent;
    uint64_t items;
    struct calls before;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    sent = rig_folder(&r, RIG_SOURCE, "sentitems");
    rig_add_many(&r, RIG_SOURCE, inbox, "new mail", 17);
    rig_add_many(&r, RIG_SOURCE, sent, "new sent", 3);
    items = mem_items_asked(r.mem[RIG_DESTINATION], MEM_PUT);
    before = calls_now(&r);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 20);
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_DESTINATION], MEM_PUT) - items,
                     ==, 20);
    /* only the two folders that were written to are swept */
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_CHANGES), ==, 2);
    rig_release(&r);
}

/* Two items of equal content are two items. */
static void test_equal_items_both_arrive(void)
{
    struct rig r;
    const char *inbox;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    for (int i = 0; i < 25; i++)
        rig_add(&r, RIG_SOURCE, inbox, "the same");
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 25);
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 25);
    rig_release(&r);
}

static void test_what_was_there_before_stays(void)
{
    struct store_counts counts;
    struct rig r;
    const char *from, *to;

    rig_init(&r, NULL);
    from = rig_folder(&r, RIG_SOURCE, "inbox");
    to = rig_folder(&r, RIG_DESTINATION, "inbox");
    rig_add(&r, RIG_SOURCE, from, "in both");
    rig_add(&r, RIG_DESTINATION, to, "in both");
    rig_add(&r, RIG_DESTINATION, to, "the user's own");
    rig_copy(&r);
    CHECK_OK(store_counts(r.store, r.mailbox_id, &counts, &r.err), &r.err);
    g_assert_cmpuint(counts.baseline, ==, 2);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, to), ==, 2);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    /* nor later */
    rig_add(&r, RIG_SOURCE, from, "new");
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, to), ==, 3);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE), ==, 0);
    rig_release(&r);
}

/* Two pages, and the pass dies between them. */
static void test_baseline_is_taken_whole(void)
{
    struct store_counts counts;
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "mail");
    rig_add_many(&r, RIG_DESTINATION, rig_folder(&r, RIG_DESTINATION, "inbox"),
                 "mail", 600);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_CHANGES, FAULT_BEFORE, 2, 0,
                  ERR_RUN, ERR_RETRY_NEVER);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, 0);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    CHECK_OK(store_counts(r.store, r.mailbox_id, &counts, &r.err), &r.err);
    g_assert_cmpuint(counts.baseline, ==, 600);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 601);
    rig_release(&r);
}

/* What was swept once is not listed again. */
static void test_sweep_begins_where_it_ended(void)
{
    const char *inbox;
    struct calls before;
    struct rig r;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    rig_add_many(&r, RIG_SOURCE, inbox, "mail", 600);
    rig_copy(&r);
    rig_add(&r, RIG_SOURCE, inbox, "new");
    before = calls_now(&r);
    rig_copy(&r);
    g_assert_cmpuint(since(&r, &before, RIG_DESTINATION, MEM_CHANGES), ==, 1);
    rig_release(&r);
}

static void test_hidden_items_and_outbox_stay(void)
{
    struct rig r;
    const struct mem_columns hidden = { .associated = true };

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "outbox"), "unsent");
    mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"), "x", 1,
                 &hidden);
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    rig_release(&r);
}

static void test_empty_folders_are_made(void)
{
    struct rig r;
    struct mem_folder_init init = { .name = "a/b" };
    g_auto(endpoint_tree) tree = { 0 };
    bool found = false;

    rig_init(&r, NULL);
    init.parent_id = mem_add_folder(r.mem[RIG_SOURCE], &init);
    init.name = "below";
    init.folder_class = "IPF.Contact";
    mem_add_folder(r.mem[RIG_SOURCE], &init);
    rig_copy(&r);
    CHECK_OK(endpoint_folders(r.ep[RIG_DESTINATION], &tree, &r.err), &r.err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = tree.folders->pdata[i];

        if (strcmp(f->name, "below") != 0)
            continue;
        found = true;
        g_assert_cmpstr(f->folder_class, ==, "IPF.Contact");
    }
    g_assert_true(found);
    rig_release(&r);
}

/* The server refuses the name: the folder gets another, and a note says so. */
static void test_refused_name(void)
{
    struct rig r;
    g_autofree char *long_name = g_strnfill(300, 'n');
    struct mem_folder_init init = { .name = long_name };

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, mem_add_folder(r.mem[RIG_SOURCE], &init), "inside");
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    g_assert_true(rig_was_told(&r, "refuses its own name"));
    /* it is remembered: nothing is made a second time */
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    g_assert_false(rig_was_told(&r, "refuses its own name"));
    rig_release(&r);
}

/* Two names that are refused, and come to the same when they are cut. */
static void test_refused_names_stay_apart(void)
{
    g_autoptr(GPtrArray) items = NULL;
    const char *where = NULL;
    struct rig r;

    rig_init(&r, NULL);
    for (int i = 0; i < 3; i++) {
        g_autofree char *name = g_strnfill(300, 'n');
        struct mem_folder_init init = { .name = name };

        name[299] = (char)('0' + i);
        rig_add(&r, RIG_SOURCE, mem_add_folder(r.mem[RIG_SOURCE], &init),
                "inside");
    }
    rig_copy(&r);
    items = mem_items(r.mem[RIG_DESTINATION], NULL);
    g_assert_cmpuint(items->len, ==, 3);
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];

        g_assert_cmpstr(item->folder_id, !=, where);
        where = item->folder_id;
    }
    rig_release(&r);
}

static void test_kinds_left_out(void)
{
    struct rig r;
    struct mem_columns task = { .item_class = "IPM.Task" };

    rig_init(&r, NULL);
    r.options.filter.skip_kinds = 1u << KIND_TASK;
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "mail");
    mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "tasks"), "x", 1,
                 &task);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), ==, 1);
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH), ==, 1);
    rig_release(&r);
}

static void test_without_digests(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.no_digest = true;
    rig_fill(&r);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_one_lane(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    r.options.batch_items = 1;
    rig_fill(&r);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* A dry run writes nothing, and the run after it is a first one. */
static void test_dry_run(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.dry_run = true;
    rig_copy(&r);
    g_assert_cmpuint(r.told[ENGINE_LISTED], ==,
                     rig_count(&r, RIG_SOURCE, NULL));
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_FETCH), ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_NEW);
    r.options.dry_run = false;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==,
                     rig_count(&r, RIG_SOURCE, NULL));
    rig_release(&r);
}

static void test_stale_tokens(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "new");
    mem_forget_tokens(r.mem[RIG_SOURCE]);
    mem_forget_tokens(r.mem[RIG_DESTINATION]);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    rig_release(&r);
}

static void test_refuses(void)
{
    static const struct {
        const char *name;
        struct rig_options options;
        const char *error_name;
    } rows[] = {
        { "the same mailbox twice", { .same_mailbox = true }, "same-mailbox" },
        { "a source without export",
          { .missing_caps = { ENDPOINT_CAP_EXPORT, 0 } },
          "missing-capability" },
        { "a destination without upload",
          { .missing_caps = { 0, ENDPOINT_CAP_UPLOAD } },
          "missing-capability" },
        { "a destination without export",
          { .missing_caps = { 0, ENDPOINT_CAP_EXPORT } },
          "missing-capability" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, &rows[i].options);
        rig_fill(&r);
        CHECK_ROW(rows[i].name, rig_try_copy(&r) < 0);
        CHECK_ROW(rows[i].name, g_strcmp0(r.err.name, rows[i].error_name) == 0);
        CHECK_ROW(rows[i].name, r.err.remedy != NULL);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_FAILED);
        CHECK_ROW(rows[i].name,
                  rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER) == 0);
        rig_release(&r);
    }
}

static void test_too_large(void)
{
    struct rig r;
    const char *inbox, *id;
    struct store_item *row;

    rig_init(&r, &(struct rig_options){ .request_max_bytes = 200000 });
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    rig_add_many(&r, RIG_SOURCE, inbox, "small", 30);
    id = rig_add_large(&r, RIG_SOURCE, inbox, "huge", 300000);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 30);
    g_assert_cmpuint(r.result.pass.items_failed, ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpstr(row->error_name, ==, "item-too-large");
    g_assert_cmpstr(row->subject, ==, "huge");
    g_assert_nonnull(row->remedy);
    store_item_free(row);
    /* reported before it is tried */
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_SOURCE], MEM_FETCH), ==, 30);
    rig_release(&r);
}

/* What an administrator says of the limit goes before what a version has. */
static void test_limit_by_option(void)
{
    static const struct {
        const char *name;
        uint64_t option;
        uint64_t copied;
    } rows[] = {
        { "as the server says", 0, 2 },
        { "the same", 900000, 2 },
        { "lower", 250000, 1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;
        const char *inbox;

        rig_init(&r, &(struct rig_options){ .request_max_bytes = 900000 });
        r.options.request_max_bytes = rows[i].option;
        inbox = rig_folder(&r, RIG_SOURCE, "inbox");
        rig_add_large(&r, RIG_SOURCE, inbox, "large", 300000);
        rig_add_large(&r, RIG_SOURCE, inbox, "small", 30000);
        rig_copy(&r);
        CHECK_ROW(rows[i].name, r.result.pass.items_copied == rows[i].copied);
        rig_release(&r);
    }
}

static void test_moved_folder_at_the_source(void)
{
    struct rig r;
    struct mem_folder_init init = { .name = "old name" };
    const char *id;

    rig_init(&r, NULL);
    id = mem_add_folder(r.mem[RIG_SOURCE], &init);
    rig_add(&r, RIG_SOURCE, id, "one");
    rig_copy(&r);
    mem_rename_folder(r.mem[RIG_SOURCE], id, "new name");
    rig_add(&r, RIG_SOURCE, id, "two");
    rig_copy(&r);
    /* what it holds stays together */
    g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 1);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 2);
    rig_release(&r);
}

/* A folder that vanishes takes its unsent items with it, and only those. */
static void test_deleted_at_the_source(void)
{
    struct rig r;
    const char *inbox, *gone;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    gone = rig_add(&r, RIG_SOURCE, inbox, "listed, then deleted");
    rig_add(&r, RIG_SOURCE, inbox, "stays");
    r.options.dry_run = true;
    rig_copy(&r);
    r.options.dry_run = false;
    mem_delete_item(r.mem[RIG_SOURCE], gone);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

static void test_passes_on_record(void)
{
    static const struct {
        const char *kind, *outcome;
    } want[] = { { "full", "done" }, { "delta", "done" } };
    g_autoptr(GPtrArray) passes = NULL;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_copy(&r);
    CHECK_OK(store_passes(r.store, r.mailbox_id, &passes, &r.err), &r.err);
    g_assert_cmpuint(passes->len, ==, G_N_ELEMENTS(want));
    for (guint i = 0; i < passes->len; i++) {
        const struct store_pass *p = passes->pdata[i];

        g_assert_cmpstr(p->kind, ==, want[i].kind);
        g_assert_cmpstr(p->outcome, ==, want[i].outcome);
        g_assert_cmpint(p->ended_us, >=, p->begun_us);
    }
    g_ptr_array_set_free_func(passes, (GDestroyNotify)store_pass_free);
    rig_release(&r);
}

/* ---- an early end ---------------------------------------------------- */

static void cancel_at_once(struct rig *r, const struct engine_event *event)
{
    if (event->kind == ENGINE_COPIED && cancel_level(r->cancel) == CANCEL_NONE)
        cancel_request(r->cancel);
}

static void test_interrupted_and_gone_on(void)
{
    struct rig r;
    uint64_t first;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    r.hook = cancel_at_once;
    rig_fill(&r);
    CHECK_OK(rig_try_copy(&r), &r.err);
    g_assert_true(r.result.interrupted);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_PAUSED);
    first = r.result.pass.items_copied;
    g_assert_cmpuint(first, >, 0);
    g_assert_cmpuint(first, ==, rig_count(&r, RIG_DESTINATION, NULL));
    g_assert_cmpuint(first, ==, rig_rows(&r, ITEM_COPIED));
    /* the batch was finished: nothing is in doubt */
    g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 0);
    cancel_free(r.cancel);
    r.cancel = cancel_new();
    r.hook = NULL;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(first + r.result.pass.items_copied, ==,
                     rig_count(&r, RIG_SOURCE, NULL));
    rig_release(&r);
}

static void steal_lease(struct rig *r, const struct engine_event *event)
{
    struct store_lease other;

    if (event->kind == ENGINE_COPIED)
        CHECK_OK(store_mailbox_lease(r->store, r->mailbox_id, &other, &r->err),
                 &r->err);
}

static void test_lost_lease_stops_at_once(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    r.hook = steal_lease;
    rig_fill(&r);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "lease-lost");
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), <, 30);
    r.hook = NULL;
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* By what the servers took for them, not by how long a lane stood waiting. */
static void test_batches_follow_the_servers(void)
{
    static const struct {
        const char *name;
        int slow; /* side; -1: none */
        int seconds;
        bool paced;
        uint64_t least, most;
    } rows[] = {
        /* clang-format off */
        { "both fast", -1, 0, false, 1, 10 },
        { "slow source", RIG_SOURCE, 30, false, 100, 200 },
        { "slow destination", RIG_DESTINATION, 30, false, 100, 200 },
        { "a source of some seconds", RIG_SOURCE, 2, false, 1, 10 },
        { "the same by an account", RIG_SOURCE, 2, true, 20, 25 },
        { "a destination by one", RIG_DESTINATION, 2, true, 20, 25 },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;
        uint64_t puts;

        rig_init(&r, NULL);
        r.options.lanes = 1;
        rig_add_many(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"),
                     "mail", 200);
        if (rows[i].slow >= 0)
            mem_be_slow(r.mem[rows[i].slow],
                        rows[i].seconds * TIMESTAMP_SECOND);
        if (rows[i].paced)
            mem_keep_account(r.mem[rows[i].slow]);
        rig_copy(&r);
        rig_check_equal(&r);
        puts = rig_calls(&r, RIG_DESTINATION, MEM_PUT);
        CHECK_ROW(rows[i].name, puts >= rows[i].least && puts <= rows[i].most);
        rig_release(&r);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/copy/copies", test_copies },
        { "/copy/empty-mailbox", test_empty_mailbox },
        { "/copy/first-pass-asks-little", test_first_pass_asks_little },
        { "/copy/again-copies-nothing", test_again_copies_nothing },
        { "/copy/new-items-and-nothing-else", test_new_items_and_nothing_else },
        { "/copy/equal-items-both-arrive", test_equal_items_both_arrive },
        { "/copy/what-was-there-before-stays", test_what_was_there_before_stays },
        { "/copy/baseline-is-taken-whole", test_baseline_is_taken_whole },
        { "/copy/sweep-begins-where-it-ended",
          test_sweep_begins_where_it_ended },
        { "/copy/hidden-items-and-outbox-stay", test_hidden_items_and_outbox_stay },
        { "/copy/empty-folders-are-made", test_empty_folders_are_made },
        { "/copy/refused-name", test_refused_name },
        { "/copy/refused-names-stay-apart", test_refused_names_stay_apart },
        { "/copy/kinds-left-out", test_kinds_left_out },
        { "/copy/without-digests", test_without_digests },
        { "/copy/one-lane", test_one_lane },
        { "/copy/dry-run", test_dry_run },
        { "/copy/stale-tokens", test_stale_tokens },
        { "/copy/refuses", test_refuses },
        { "/copy/too-large", test_too_large },
        { "/copy/limit-by-option", test_limit_by_option },
        { "/copy/moved-folder", test_moved_folder_at_the_source },
        { "/copy/deleted-at-the-source", test_deleted_at_the_source },
        { "/copy/passes-on-record", test_passes_on_record },
        { "/copy/interrupted-and-gone-on", test_interrupted_and_gone_on },
        { "/copy/batches-follow-the-servers",
          test_batches_follow_the_servers },
        { "/copy/lost-lease-stops-at-once", test_lost_lease_stops_at_once },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
