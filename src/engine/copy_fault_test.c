/*
 * What goes wrong on the way: each kind of failure, at either side, and then
 * at every single call.
 */
#include "engine/rig.h"

#include <string.h>

#include "fts/fts_build.h"

#define NO_ERR ERR_ITEM, ERR_RETRY_NEVER

/* ---- failures that pass: one run gets there, as if nothing had been --- */

static void test_passing_failures(void)
{
    static const struct {
        const char *name;
        int side;
        enum fault_op op;
        enum fault_when when;
        unsigned int first, every;
        bool lost; /* a lost line; else: */
        enum err_scope scope;
        enum err_retry retry;
    } rows[] = {
        /* clang-format off */
        { "source does not open at first", RIG_SOURCE, FAULT_OPEN,
          FAULT_BEFORE, 1, 0, true, NO_ERR },
        { "destination does not open at first", RIG_DESTINATION, FAULT_OPEN,
          FAULT_BEFORE, 1, 0, true, NO_ERR },
        { "source tree lost", RIG_SOURCE, FAULT_FOLDERS, FAULT_BEFORE, 1, 0,
          true, NO_ERR },
        { "destination tree busy", RIG_DESTINATION, FAULT_FOLDERS,
          FAULT_BEFORE, 1, 0, false, ERR_MAILBOX, ERR_RETRY_WAIT },
        { "folder made, answer lost", RIG_DESTINATION, FAULT_MAKE_FOLDER,
          FAULT_AFTER, 1, 2, true, NO_ERR },
        { "folder not made", RIG_DESTINATION, FAULT_MAKE_FOLDER,
          FAULT_BEFORE, 1, 2, true, NO_ERR },
        { "lists lost", RIG_SOURCE, FAULT_CHANGES, FAULT_BEFORE, 1, 2, true,
          NO_ERR },
        { "lists fail a folder for a time", RIG_SOURCE, FAULT_CHANGES,
          FAULT_BEFORE, 1, 3, false, ERR_FOLDER, ERR_RETRY_NOW },
        { "baseline and sweep lost", RIG_DESTINATION, FAULT_CHANGES,
          FAULT_BEFORE, 1, 2, true, NO_ERR },
        { "exports lost", RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE, 1, 2, true,
          NO_ERR },
        { "source busy", RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE, 1, 2, false,
          ERR_MAILBOX, ERR_RETRY_WAIT },
        { "an export fails whole, for its items", RIG_SOURCE, FAULT_FETCH,
          FAULT_BEFORE, 1, 7, false, ERR_ITEM, ERR_RETRY_NOW },
        { "each tenth item fails for a time", RIG_SOURCE, FAULT_FETCH,
          FAULT_ITEM, 1, 10, false, ERR_ITEM, ERR_RETRY_WAIT },
        { "busy inside an answer", RIG_SOURCE, FAULT_FETCH, FAULT_ITEM, 1, 10,
          false, ERR_MAILBOX, ERR_RETRY_WAIT },
        { "uploads refused before anything", RIG_DESTINATION, FAULT_PUT,
          FAULT_BEFORE, 1, 2, true, NO_ERR },
        { "destination busy", RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE, 1, 2,
          false, ERR_MAILBOX, ERR_RETRY_WAIT },
        { "host away", RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE, 1, 3, false,
          ERR_RUN, ERR_RETRY_NOW },
        { "each tenth item refused for a time", RIG_DESTINATION, FAULT_PUT,
          FAULT_ITEM, 1, 10, false, ERR_ITEM, ERR_RETRY_WAIT },
        { "busy inside the answer to an upload", RIG_DESTINATION, FAULT_PUT,
          FAULT_ITEM, 1, 10, false, ERR_MAILBOX, ERR_RETRY_WAIT },
        { "answers lost", RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 2, true,
          NO_ERR },
        { "answers lost, half done", RIG_DESTINATION, FAULT_PUT, FAULT_HALF,
          1, 2, true, NO_ERR },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        g_test_message("%s", rows[i].name);
        rig_init(&r, NULL);
        r.options.item_tries = 30; /* the dice of the faults are loaded */
        rig_fill(&r);
        if (rows[i].lost)
            rig_fault(&r, rows[i].side, rows[i].op, rows[i].when, rows[i].first,
                      rows[i].every);
        else
            rig_fault_err(&r, rows[i].side, rows[i].op, rows[i].when,
                          rows[i].first, rows[i].every, rows[i].scope,
                          rows[i].retry);
        rig_copy(&r);
        rig_check_equal(&r);
        CHECK_ROW(rows[i].name, faults_fired(r.faults[rows[i].side]) > 0);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_SYNCED);
        CHECK_ROW(rows[i].name, r.result.pass.doubles == 0);
        CHECK_ROW(rows[i].name, r.result.pass.items_copied ==
                                    rig_count(&r, RIG_SOURCE, NULL));
        faults_clear(r.faults[rows[i].side]);
        rig_copy(&r);
        CHECK_ROW(rows[i].name, r.result.pass.items_copied == 0);
        rig_check_equal(&r);
        rig_release(&r);
    }
}

/* ---- one bad item, and none of the others ------------------------------ */

struct bad_item {
    const char *name;
    int side;
    enum fault_when when;
    enum err_scope scope;
    enum err_retry retry;
    bool unsure, lost;
};

static void add_bad(struct rig *r, const struct bad_item *row, const char *id)
{
    struct fault fault = {
        .op = row->side == RIG_SOURCE ? FAULT_FETCH : FAULT_PUT,
        .when = row->when,
        .every = 1,
        .pick = rig_pick,
        .pick_data = (void *)(uintptr_t)(row->side == RIG_SOURCE ? id : "bad"),
        .unsure = row->unsure,
    };

    if (!row->lost) {
        err_set(&fault.err, row->scope, row->retry, 0, "a bad item");
        err_remedy(&fault.err, "leave it");
        fault.err.name = "ErrorBad";
    }
    faults_add(r->faults[row->side], &fault);
}

static void check_bad_row(struct rig *r, const struct bad_item *bad,
                          const char *id)
{
    struct store_item *row = rig_row(r, id);

    CHECK_ROW(bad->name, row->state == ITEM_FAILED);
    CHECK_ROW(bad->name, *row->reason != '\0');
    /* a person can find it, whether or not it was ever read */
    CHECK_ROW(bad->name, bad->unsure || g_strcmp0(row->subject, "bad") == 0);
    if (!bad->lost && !bad->unsure) {
        CHECK_ROW(bad->name, g_strcmp0(row->error_name, "ErrorBad") == 0);
        CHECK_ROW(bad->name, g_strcmp0(row->remedy, "leave it") == 0);
    }
    store_item_free(row);
}

static void check_one_bad(const struct bad_item *bad, unsigned int tries)
{
    const char *inbox, *id;
    struct rig r;

    rig_init(&r, NULL);
    r.options.item_tries = tries;
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    rig_add_many(&r, RIG_SOURCE, inbox, "good", 20);
    id = rig_add(&r, RIG_SOURCE, inbox, "bad");
    rig_add_many(&r, RIG_SOURCE, inbox, "fine", 20);
    add_bad(&r, bad, id);
    rig_copy(&r);
    CHECK_ROW(bad->name, r.result.pass.items_copied == 40);
    CHECK_ROW(bad->name, r.result.pass.items_failed == 1);
    CHECK_ROW(bad->name, r.result.pass.doubles == 0);
    CHECK_ROW(bad->name, r.told[ENGINE_FAILED] == 1);
    CHECK_ROW(bad->name, rig_count(&r, RIG_DESTINATION, NULL) == 40);
    CHECK_ROW(bad->name, rig_state(&r) == MAILBOX_COMPLETED_WITH_FAILURES);
    check_bad_row(&r, bad, id);
    rig_release(&r);
}

static void test_one_bad_item(void)
{
    static const struct bad_item rows[] = {
        /* clang-format off */
        { "refused by its export", RIG_SOURCE, FAULT_ITEM, ERR_ITEM,
          ERR_RETRY_NEVER },
        { "its export never becomes whole", RIG_SOURCE, FAULT_ITEM, ERR_ITEM,
          ERR_RETRY_WAIT },
        { "spoils each export that it is in", RIG_SOURCE, FAULT_BEFORE,
          ERR_ITEM, ERR_RETRY_NEVER },
        { "kills the line of each export", RIG_SOURCE, FAULT_BEFORE,
          .lost = true },
        { "refused by the destination", RIG_DESTINATION, FAULT_ITEM, ERR_ITEM,
          ERR_RETRY_NEVER },
        { "refused for a time, for ever", RIG_DESTINATION, FAULT_ITEM,
          ERR_ITEM, ERR_RETRY_NOW },
        { "spoils each upload that it is in", RIG_DESTINATION, FAULT_BEFORE,
          ERR_ITEM, ERR_RETRY_NEVER },
        { "kills the line before anything", RIG_DESTINATION, FAULT_BEFORE,
          .lost = true },
        { "kills the line of each upload", RIG_DESTINATION, FAULT_BEFORE,
          .lost = true, .unsure = true },
        { "spoils uploads, and nobody knows", RIG_DESTINATION, FAULT_BEFORE,
          ERR_ITEM, ERR_RETRY_NEVER, .unsure = true },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].name);
        check_one_bad(&rows[i], 5);
        /* Few tries are no licence to fail its neighbours. */
        check_one_bad(&rows[i], 1);
    }
}

/* A failed item is not tried again by itself, and is when it is asked for. */
static void test_failed_items_tried_anew(void)
{
    static const struct bad_item bad = { "", RIG_DESTINATION, FAULT_ITEM,
                                         ERR_ITEM, ERR_RETRY_NEVER };
    const char *inbox, *id;
    struct rig r;
    size_t n;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    id = rig_add(&r, RIG_SOURCE, inbox, "bad");
    add_bad(&r, &bad, id);
    rig_copy(&r);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    CHECK_OK(store_items_retry_failed(r.store, &r.lease, &n, &r.err), &r.err);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* The source says so of items that id is among, or of the next; NULL: any. */
static void say_gone(struct rig *r, const char *id, unsigned int every)
{
    struct fault gone = { .op = FAULT_FETCH, .when = FAULT_ITEM };

    gone.first = 1;
    gone.every = every;
    gone.pick = id != NULL ? rig_pick : NULL;
    gone.pick_data = (void *)(uintptr_t)id;
    err_set(&gone.err, ERR_ITEM, ERR_RETRY_NEVER, 0, "no such item");
    gone.err.name = "ErrorItemNotFound";
    faults_add(r->faults[RIG_SOURCE], &gone);
}

static const char *doomed; /* of the next test alone */

static void delete_once_listed(struct rig *r, const struct engine_event *event)
{
    if (event->kind != ENGINE_LISTED || doomed == NULL)
        return;
    mem_delete_item(r->mem[RIG_SOURCE], doomed);
    doomed = NULL;
}

/* It was listed, and is deleted before it is read: nobody's failure. */
static void test_gone_when_it_is_read(void)
{
    const char *inbox;
    struct rig r;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    rig_add_many(&r, RIG_SOURCE, inbox, "mail", 4);
    doomed = rig_add(&r, RIG_SOURCE, inbox, "soon deleted");
    r.hook = delete_once_listed;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 4);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_check_equal(&r);

    /* The list is not asked for it a second time. */
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 1);
    rig_release(&r);
}

/* One that the list does not tell to be deleted is not gone. */
static void test_said_to_be_gone(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "mail",
                 5);
    say_gone(&r, NULL, 0);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5);
    rig_release(&r);
}

/* Listed, and never found: it has failed, and is not forgotten. */
static void test_listed_and_never_found(void)
{
    const char *inbox, *id;
    struct store_item *row;
    struct rig r;
    size_t n;

    rig_init(&r, NULL);
    inbox = rig_folder(&r, RIG_SOURCE, "inbox");
    rig_add_many(&r, RIG_SOURCE, inbox, "mail", 4);
    id = rig_add(&r, RIG_SOURCE, inbox, "nowhere to be found");
    say_gone(&r, id, 1);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 4);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpstr(row->error_name, ==, "ErrorItemNotFound");
    g_assert_nonnull(row->remedy);
    store_item_free(row);
    faults_clear(r.faults[RIG_SOURCE]);
    CHECK_OK(store_items_retry_failed(r.store, &r.lease, &n, &r.err), &r.err);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Of the next list of a folder, though the tree names that. */
static void test_folder_said_to_be_gone(void)
{
    struct fault gone = { .op = FAULT_CHANGES,
                          .when = FAULT_BEFORE,
                          .first = 2 };
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    err_set(&gone.err, ERR_FOLDER, ERR_RETRY_NEVER, 0, "no such folder");
    gone.err.name = "ErrorFolderNotFound";
    faults_add(r.faults[RIG_SOURCE], &gone);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    /* What was copied is right, and that is not all that there is. */
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    faults_clear(r.faults[RIG_SOURCE]);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_verify(&r, VERIFY_MODE_FULL, r.result.pass.id);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* One item is refused in words that would close the folder, or the mailbox. */
static void test_wide_words_for_one_item(void)
{
    static const struct {
        const char *name;
        int side;
        enum err_scope scope;
    } rows[] = {
        { "a folder's, reading", RIG_SOURCE, ERR_FOLDER },
        { "a mailbox's, reading", RIG_SOURCE, ERR_MAILBOX },
        { "a folder's, writing", RIG_DESTINATION, ERR_FOLDER },
        { "a mailbox's, writing", RIG_DESTINATION, ERR_MAILBOX },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct bad_item bad = { rows[i].name,  rows[i].side,    FAULT_ITEM,
                                rows[i].scope, ERR_RETRY_NEVER, false,
                                false };
        const char *inbox, *id;
        struct rig r;

        rig_init(&r, NULL);
        inbox = rig_folder(&r, RIG_SOURCE, "inbox");
        id = rig_add(&r, RIG_SOURCE, inbox, "bad");
        rig_add_many(&r, RIG_SOURCE, inbox, "mail", 4);
        add_bad(&r, &bad, id);
        rig_copy(&r);
        CHECK_ROW(rows[i].name, rig_rows(&r, ITEM_COPIED) == 4);
        check_bad_row(&r, &bad, id);
        rig_release(&r);
    }
}

static void test_truncated_payload_is_never_sent(void)
{
    static const char *const payloads[] = {
        "=== Truncated Data ===",
        "AQAAAA==\n=== Truncated Data ===",
        "not base64 at all!",
        "",
    };
    const struct mem_columns columns = { .subject = "cut" };
    struct rig r;

    for (int no_digest = 0; no_digest < 2; no_digest++) {
        rig_init(&r, NULL);
        r.options.no_digest = no_digest;
        for (size_t i = 0; i < (no_digest ? 2 : G_N_ELEMENTS(payloads)); i++)
            mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"),
                         payloads[i], strlen(payloads[i]), &columns);
        rig_copy(&r);
        g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, 0);
        g_assert_cmpuint(r.result.pass.items_failed, ==,
                         no_digest ? 2 : G_N_ELEMENTS(payloads));
        rig_release(&r);
    }
}

/* A server that exported what it could, and says so inside the stream. */
static void test_partial_payload_is_never_sent(void)
{
    /* FXErrorInfo, [MS-OXCFXICS] 2.2.4.1.5: a marker, tag first */
    static const guint8 error_info[] = { 0x03, 0x00, 0x18, 0x40 };
    const struct fts_message m = { .subject = "cut short" };
    const struct mem_columns columns = { .subject = "cut short" };
    g_autoptr(GByteArray) stream = fts_build_stream(&m);
    g_autofree char *payload = NULL;
    struct store_item *row;
    const char *id;
    struct rig r;

    g_byte_array_append(stream, error_info, sizeof(error_info));
    payload = fts_build_wrap(stream, 0);
    rig_init(&r, NULL);
    id = mem_add_item(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"),
                      payload, strlen(payload), &columns);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "whole");
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpstr(row->error_name, ==, "partial-export");
    store_item_free(row);
    rig_release(&r);
}

/* ---- folders ---------------------------------------------------------- */

/* A source folder that cannot be listed leaves the others alone. */
static void test_folder_that_cannot_be_listed(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_fault_err(&r, RIG_SOURCE, FAULT_CHANGES, FAULT_BEFORE, 2, 0, ERR_FOLDER,
                  ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_cmpuint(r.result.pass.items_copied, >, 60);
    faults_clear(r.faults[RIG_SOURCE]);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* Its user deletes a folder at the destination while we fill it. */
static void test_folder_that_is_gone_at_the_destination(void)
{
    struct mem_folder_init init = { .name = "doomed" };
    const char *folder;
    struct rig r;
    size_t n;

    rig_init(&r, NULL);
    rig_fill(&r);
    folder = mem_add_folder(r.mem[RIG_SOURCE], &init);
    rig_add_many(&r, RIG_SOURCE, folder, "lost", 25);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_PUT, FAULT_ITEM, 3, 0, ERR_FOLDER,
                  ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_failed, >, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), ==, 0);
    faults_clear(r.faults[RIG_DESTINATION]);
    CHECK_OK(store_items_retry_failed(r.store, &r.lease, &n, &r.err), &r.err);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* ---- what stops a mailbox ---------------------------------------------- */

static void test_what_stops_a_mailbox(void)
{
    static const struct {
        const char *name;
        int side;
        enum fault_op op;
        enum fault_when when;
        enum err_scope scope;
        enum err_retry retry;
    } rows[] = {
        /* clang-format off */
        { "no mailbox", RIG_SOURCE, FAULT_OPEN, FAULT_BEFORE, ERR_MAILBOX,
          ERR_RETRY_NEVER },
        { "wrong password", RIG_DESTINATION, FAULT_OPEN, FAULT_BEFORE,
          ERR_MAILBOX, ERR_RETRY_REAUTH },
        { "no rights to list", RIG_SOURCE, FAULT_CHANGES, FAULT_BEFORE,
          ERR_MAILBOX, ERR_RETRY_NEVER },
        { "password changed while reading", RIG_SOURCE, FAULT_FETCH,
          FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_REAUTH },
        { "password changed while writing", RIG_DESTINATION, FAULT_PUT,
          FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_REAUTH },
        { "the server refuses", RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE,
          ERR_RUN, ERR_RETRY_NEVER },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        g_test_message("%s", rows[i].name);
        rig_init(&r, NULL);
        rig_fill(&r);
        rig_fault_err(&r, rows[i].side, rows[i].op, rows[i].when, 2, 1,
                      rows[i].scope, rows[i].retry);
        if (rows[i].op == FAULT_OPEN)
            rig_fault_err(&r, rows[i].side, rows[i].op, rows[i].when, 1, 0,
                          rows[i].scope, rows[i].retry);
        CHECK_ROW(rows[i].name, rig_try_copy(&r) < 0);
        CHECK_ROW(rows[i].name, g_strcmp0(r.err.name, "test-fault") == 0);
        CHECK_ROW(rows[i].name, !r.result.interrupted);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_FAILED);
        /* no lane goes on against a wall */
        CHECK_ROW(rows[i].name, rows[i].when == FAULT_ITEM ||
                                    faults_fired(r.faults[rows[i].side]) <= 8);
        CHECK_ROW(rows[i].name, rig_calls(&r, RIG_DESTINATION, MEM_PUT) <= 8);
        faults_clear(r.faults[rows[i].side]);
        rig_copy(&r);
        rig_check_equal(&r);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_SYNCED);
        CHECK_ROW(rows[i].name, r.result.pass.doubles == 0);
        rig_release(&r);
    }
}

/* Some items of a request found room still; nothing more is tried. */
static void test_quota_is_full(void)
{
    struct fault full = {
        .op = FAULT_PUT, .when = FAULT_ITEM, .first = 2, .every = 1
    };
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    err_set(&full.err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "no room");
    full.err.name = "ErrorQuotaExceeded";
    faults_add(r.faults[RIG_DESTINATION], &full);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "ErrorQuotaExceeded");
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), <=, 8);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_patience_ends(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.patience_us = 50000;
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE, 1, 1);
    rig_fault(&r, RIG_DESTINATION, FAULT_FOLDERS, FAULT_BEFORE, 2, 1);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "connection-lost");
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_true(rig_was_told(&r, "destination: "));
    /* an outage is nobody's fault */
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 0);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

static void test_too_many_failures(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.max_failures = 5;
    rig_fill(&r);
    rig_fault(&r, RIG_SOURCE, FAULT_FETCH, FAULT_ITEM, 1, 3);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "too-many-failures");
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), >, 5);
    g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), <, 50);
    rig_release(&r);
}

/* ---- at every call ------------------------------------------------------ */

static void fill_little(struct rig *r)
{
    struct mem_folder_init init = { .name = "Mine" };
    const char *inbox;

    r->options.lanes = 2;
    r->options.batch_items = 3;
    inbox = rig_folder(r, RIG_SOURCE, "inbox");
    rig_add_many(r, RIG_SOURCE, inbox, "mail", 7);
    rig_add(r, RIG_SOURCE, inbox, "same");
    rig_add(r, RIG_SOURCE, inbox, "same");
    rig_add_many(r, RIG_SOURCE, mem_add_folder(r->mem[RIG_SOURCE], &init),
                 "mine", 4);
    rig_add(r, RIG_DESTINATION, rig_folder(r, RIG_DESTINATION, "inbox"),
            "was there");
}

static void check_little(struct rig *r)
{
    const char *inbox = rig_folder(r, RIG_DESTINATION, "inbox");
    g_autoptr(GPtrArray) items = mem_items(r->mem[RIG_DESTINATION], inbox);

    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];

        if (strcmp(item->subject, "was there") != 0)
            continue;
        mem_delete_item(r->mem[RIG_DESTINATION], item->id);
        rig_check_equal(r);
        return;
    }
    g_error("what was there before is gone");
}

/*
 * One call fails, before its effect, after it or half-way; the pass may get
 * over it or may end.  Whichever: after runs to the end everything is there
 * once.  False when the call was never made.
 */
static bool survive(int side, enum fault_op op, enum fault_when when,
                    unsigned int k, bool fatal)
{
    bool fired;
    struct rig r;

    rig_init(&r, NULL);
    fill_little(&r);
    if (fatal)
        rig_fault_err(&r, side, op, when, k, 0, ERR_RUN, ERR_RETRY_NEVER);
    else
        rig_fault(&r, side, op, when, k, 0);
    /* What the directory calls the mailbox is never worth a failure. */
    if (rig_try_copy(&r) == 0)
        g_assert_true(!fatal || op == FAULT_OWN_NAME ||
                      faults_fired(r.faults[side]) == 0);
    else
        g_assert_true(fatal);
    fired = faults_fired(r.faults[side]) > 0;
    faults_clear(r.faults[side]);
    rig_copy(&r);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
    check_little(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
    return fired;
}

/* Which ways of failing there are differs by call. */
static bool makes_sense(enum fault_op op, enum fault_when when)
{
    bool writes = op == FAULT_PUT || op == FAULT_REMOVE;

    return when == FAULT_BEFORE || writes ||
           (when == FAULT_AFTER && op == FAULT_MAKE_FOLDER);
}

static unsigned int fail_each(int side, enum fault_op op, enum fault_when when,
                              bool fatal)
{
    unsigned int k = 1;

    while (survive(side, op, when, k, fatal))
        k++;
    return k - 1;
}

static void test_fault_everywhere(void)
{
    static const enum fault_when ways[] = { FAULT_BEFORE, FAULT_AFTER,
                                            FAULT_HALF };
    unsigned int n = 0;

    for (int side = 0; side < 2; side++) {
        for (enum fault_op op = FAULT_OPEN; op < FAULT_N_OPS; op++) {
            for (size_t way = 0; way < G_N_ELEMENTS(ways); way++) {
                if (!makes_sense(op, ways[way]))
                    continue;
                n += fail_each(side, op, ways[way], false);
                n += fail_each(side, op, ways[way], true);
            }
        }
    }
    g_test_message("%u calls failed, each in a run of its own", n);
    g_assert_cmpuint(n, >, 60);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*run)(void);
    } tests[] = {
        /* clang-format off */
        { "/copy-fault/passing-failures", test_passing_failures },
        { "/copy-fault/one-bad-item", test_one_bad_item },
        { "/copy-fault/failed-items-tried-anew", test_failed_items_tried_anew },
        { "/copy-fault/gone-when-it-is-read", test_gone_when_it_is_read },
        { "/copy-fault/said-to-be-gone", test_said_to_be_gone },
        { "/copy-fault/listed-and-never-found", test_listed_and_never_found },
        { "/copy-fault/folder-said-to-be-gone", test_folder_said_to_be_gone },
        { "/copy-fault/wide-words-for-one-item", test_wide_words_for_one_item },
        { "/copy-fault/truncated-payload", test_truncated_payload_is_never_sent },
        { "/copy-fault/partial-payload", test_partial_payload_is_never_sent },
        { "/copy-fault/folder-that-cannot-be-listed",
          test_folder_that_cannot_be_listed },
        { "/copy-fault/folder-gone-at-the-destination",
          test_folder_that_is_gone_at_the_destination },
        { "/copy-fault/what-stops-a-mailbox", test_what_stops_a_mailbox },
        { "/copy-fault/quota-is-full", test_quota_is_full },
        { "/copy-fault/patience-ends", test_patience_ends },
        { "/copy-fault/too-many-failures", test_too_many_failures },
        { "/copy-fault/everywhere", test_fault_everywhere },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
