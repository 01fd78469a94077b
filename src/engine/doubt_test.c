/*
 * Answers that are lost, passes that die, and what arrives afterwards.
 */
#include "engine/rig.h"

#include <string.h>

#include "base/timestamp.h"
#include "fts/fts_build.h"

static const char *inbox_of(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

static uint64_t items_put(struct rig *r)
{
    return mem_items_asked(r->mem[RIG_DESTINATION], MEM_PUT);
}

static void test_answers_lost_after_the_effect(void)
{
    for (unsigned int every = 1; every <= 5; every++) {
        struct rig r;

        rig_init(&r, NULL);
        rig_fill(&r);
        rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, every, every);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(r.result.pass.settled, >, 0);
        g_assert_cmpuint(r.result.pass.doubles, ==, 0);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
        /* what had arrived was not sent again */
        g_assert_cmpuint(items_put(&r), ==, rig_count(&r, RIG_SOURCE, NULL));
        g_assert_cmpuint(r.result.pass.items_copied, ==,
                         rig_count(&r, RIG_SOURCE, NULL));
        rig_release(&r);
    }
}

static void test_answers_lost_before_the_effect(void)
{
    for (unsigned int every = 2; every <= 5; every++) {
        const struct fault fault = { .op = FAULT_PUT,
                                     .when = FAULT_BEFORE,
                                     .first = 1,
                                     .every = every,
                                     .unsure = true };
        struct rig r;

        rig_init(&r, NULL);
        r.options.item_tries = 30; /* none is at fault */
        rig_fill(&r);
        faults_add(r.faults[RIG_DESTINATION], &fault);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(r.result.pass.settled, ==, 0);
        g_assert_cmpuint(r.result.pass.doubles, ==, 0);
        rig_release(&r);
    }
}

/* Equal items in one batch, of which the first half arrived. */
static void test_equal_items_half_done(void)
{
    struct rig r;

    rig_init(&r, NULL);
    for (int i = 0; i < 10; i++)
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "the same");
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_HALF, 1, 0);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 5);
    rig_release(&r);
}

/* An equal item that was there before is not taken for the one in doubt. */
static void test_baseline_is_not_an_answer(void)
{
    const struct fault fault = {
        .op = FAULT_PUT, .when = FAULT_BEFORE, .first = 1, .unsure = true
    };
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "in both");
    rig_add(&r, RIG_DESTINATION, inbox_of(&r, RIG_DESTINATION), "in both");
    faults_add(r.faults[RIG_DESTINATION], &fault);
    r.options.no_search = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 2);
    g_assert_cmpuint(r.result.pass.settled, ==, 0);
    rig_release(&r);
}

static void forget_tokens(struct rig *r, const struct engine_event *event)
{
    if (event->kind == ENGINE_DOUBT && event->n > 0)
        mem_forget_tokens(r->mem[RIG_DESTINATION]);
}

/* Nor when its token is lost, and the folder comes again from its start. */
static void test_baseline_outlives_its_token(void)
{
    const struct fault fault = {
        .op = FAULT_PUT, .when = FAULT_BEFORE, .first = 1, .unsure = true
    };
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "in both");
    rig_add(&r, RIG_DESTINATION, inbox_of(&r, RIG_DESTINATION), "in both");
    faults_add(r.faults[RIG_DESTINATION], &fault);
    r.hook = forget_tokens;
    r.options.no_search = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 2);
    g_assert_cmpuint(r.result.pass.settled, ==, 0);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    rig_release(&r);
}

static void add_foreign(struct rig *r, const struct engine_event *event)
{
    if (event->kind != ENGINE_DOUBT || r->told[ENGINE_DOUBT] > event->n)
        return;
    rig_add(r, RIG_DESTINATION, inbox_of(r, RIG_DESTINATION), "new mail");
    rig_add(r, RIG_DESTINATION, inbox_of(r, RIG_DESTINATION), "more mail");
}

/* Mail that comes in at the destination meanwhile is somebody else's. */
static void test_foreign_items_stay(void)
{
    struct store_counts counts;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mine", 8);
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_HALF, 1, 0);
    r.hook = add_foreign;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 10);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 8);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    CHECK_OK(store_counts(r.store, r.mailbox_id, &counts, &r.err), &r.err);
    g_assert_cmpuint(counts.foreign, ==, 2);
    rig_release(&r);
}

static void test_without_digests(void)
{
    static const enum fault_when ways[] = { FAULT_AFTER, FAULT_HALF,
                                            FAULT_BEFORE };

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        const struct fault fault = { .op = FAULT_PUT,
                                     .when = ways[i],
                                     .first = 1,
                                     .every = 3,
                                     .unsure = true };
        struct rig r;

        rig_init(&r, NULL);
        r.options.no_digest = true;
        r.options.item_tries = 30; /* none is at fault */
        rig_fill(&r);
        faults_add(r.faults[RIG_DESTINATION], &fault);
        rig_copy(&r);
        rig_check_equal(&r);
        g_assert_cmpuint(r.result.pass.doubles, ==, 0);
        rig_release(&r);
    }
}

/* ---- a pass that died ---------------------------------------------------- */

/* The pass ends in the middle of its first upload, whose effect is there. */
static void die_in_upload(struct rig *r, enum fault_when when)
{
    rig_fault_err(r, RIG_DESTINATION, FAULT_PUT, when, 1, 0, ERR_RUN,
                  ERR_RETRY_NEVER);
    g_assert_cmpint(rig_try_copy(r), ==, -1);
    g_assert_cmpuint(rig_rows(r, ITEM_INTENDED), >, 0);
    faults_clear(r->faults[RIG_DESTINATION]);
}

static void test_left_over_and_arrived(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    rig_fill(&r);
    die_in_upload(&r, FAULT_AFTER);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, >, 0);
    g_assert_cmpuint(items_put(&r), ==, rig_count(&r, RIG_SOURCE, NULL));
    rig_release(&r);
}

static void test_left_over_and_lost(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 9);
    die_in_upload(&r, FAULT_HALF);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 4);
    rig_release(&r);
}

/* Nobody at the source reads its way out of a doubt: it is deleted there. */
static void test_left_over_and_deleted_at_the_source(void)
{
    g_autoptr(GPtrArray) items = NULL;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
    die_in_upload(&r, FAULT_HALF);
    items = mem_items(r.mem[RIG_SOURCE], NULL);
    for (guint i = 0; i < items->len; i++)
        mem_delete_item(r.mem[RIG_SOURCE],
                        ((struct mem_item *)items->pdata[i])->id);
    rig_copy(&r);
    /* two arrived and are recorded as such; nobody asks for the others */
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 2);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 2);
    g_assert_cmpuint(rig_rows(&r, ITEM_GONE), ==, 2);
    rig_release(&r);
}

/* Move the deadlines of what is in doubt, as if time had passed, or not. */
static void redo_intents(struct rig *r, int64_t deadline_us)
{
    const struct store_item_query q = { .mailbox_id = r->mailbox_id,
                                        .states = 1u << ITEM_INTENDED,
                                        .max = 1000 };
    g_autoptr(GPtrArray) rows = NULL;

    CHECK_OK(store_items(r->store, &q, &rows, &r->err), &r->err);
    g_assert_cmpuint(rows->len, >, 0);
    for (guint i = 0; i < rows->len; i++) {
        const struct store_item *row = rows->pdata[i];
        const struct store_outcome back = { .item_id = row->id,
                                            .state = ITEM_LISTED };
        const struct store_intent again = { .item_id = row->id,
                                            .size_bytes = row->size_bytes,
                                            .digest = row->digest,
                                            .digest_len = row->digest_len };

        CHECK_OK(store_items_record(r->store, &r->lease, &back, 1, &r->err),
                 &r->err);
        CHECK_OK(store_items_intend(r->store, &r->lease, row->pass_id, &again,
                                    1, deadline_us, &r->err),
                 &r->err);
    }
}

/* What is listed was sent in vain, and is to be tried again at that time. */
static void put_off(struct rig *r, int64_t not_before_us)
{
    const struct store_item_query q = { .mailbox_id = r->mailbox_id,
                                        .states = 1u << ITEM_LISTED,
                                        .max = 1000 };
    g_autoptr(GPtrArray) rows = NULL;

    CHECK_OK(store_items(r->store, &q, &rows, &r->err), &r->err);
    g_assert_cmpuint(rows->len, >, 0);
    for (guint i = 0; i < rows->len; i++) {
        const struct store_item *row = rows->pdata[i];
        const struct store_intent intent = { .item_id = row->id };
        const struct store_outcome back = { .item_id = row->id,
                                            .state = ITEM_LISTED,
                                            .not_before_us = not_before_us };

        CHECK_OK(store_items_intend(r->store, &r->lease, 1, &intent, 1,
                                    timestamp_now(), &r->err),
                 &r->err);
        CHECK_OK(store_items_record(r->store, &r->lease, &back, 1, &r->err),
                 &r->err);
    }
}

static void cancel_when_copied(struct rig *r, const struct engine_event *event)
{
    if (event->kind == ENGINE_COPIED && cancel_level(r->cancel) == CANCEL_NONE)
        cancel_request(r->cancel);
}

/*
 * The writer may be alive: its time is waited for, and everything else goes
 * on meanwhile.
 */
static void test_waits_for_the_deadline(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
    die_in_upload(&r, FAULT_AFTER);
    redo_intents(&r, timestamp_now() + 3600 * TIMESTAMP_SECOND);
    rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
    r.options.alone = false;
    r.hook = cancel_when_copied;
    CHECK_OK(rig_try_copy(&r), &r.err);
    g_assert_true(r.result.interrupted);
    g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 4);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    /* nobody looked */
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FETCH), ==, 0);
    /* who is alone need not wait for it */
    cancel_free(r.cancel);
    r.cancel = cancel_new();
    r.hook = NULL;
    r.options.alone = true;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 4);
    rig_release(&r);
}

static void test_deadline_long_past(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
    die_in_upload(&r, FAULT_AFTER);
    r.options.alone = false;
    r.options.doubt_wait_us = 3600 * TIMESTAMP_SECOND;
    redo_intents(&r, timestamp_now() - 2 * 3600 * TIMESTAMP_SECOND);
    /* both looks, with nothing to wait for but the pause between them */
    r.options.doubt_wait_us = 60000;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 4);
    rig_release(&r);
}

/*
 * Between the death and the next run the clock was set, by an hour or a year,
 * either way: the server has its time all the same.
 */
static void test_the_clock_was_set(void)
{
    static const int64_t hours[] = { -8760, -1, 1, 8760 };

    for (size_t i = 0; i < G_N_ELEMENTS(hours); i++) {
        struct rig r;

        rig_init(&r, NULL);
        rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
        die_in_upload(&r, FAULT_AFTER);
        redo_intents(&r, timestamp_now() + hours[i] * 3600 * TIMESTAMP_SECOND);
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "new");
        r.options.doubt_wait_us = 60 * TIMESTAMP_SECOND;
        r.hook = cancel_when_copied;
        CHECK_OK(rig_try_copy(&r), &r.err);
        g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 4);
        g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
        g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FETCH), ==, 0);
        rig_release(&r);
    }
}

/* What waits by a clock that was ahead is not waited for. */
static void test_items_that_wait_for_next_year(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 4);
    rig_fault_err(&r, RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE, 1, 0, ERR_RUN,
                  ERR_RETRY_NEVER);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    faults_clear(r.faults[RIG_SOURCE]);
    put_off(&r, timestamp_now() + 8760 * 3600 * TIMESTAMP_SECOND);
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* ---- effects that come late ---------------------------------------------- */

/*
 * The server is still at it when the client gives up, and is done a number of
 * calls later: before the looks, between them, or after all conclusions.
 * Whichever, in the end everything is there once.
 */
static void test_late_effects(void)
{
    unsigned int n_settled = 0, n_doubles = 0;

    for (unsigned int later = 1; later <= 30; later++) {
        const struct fault fault = { .op = FAULT_PUT,
                                     .when = FAULT_LATER,
                                     .first = 2,
                                     .later_calls = later };
        struct rig r;

        rig_init(&r, NULL);
        r.options.lanes = 1;
        r.options.batch_items = 5;
        rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 20);
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "same");
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "same");
        faults_add(r.faults[RIG_DESTINATION], &fault);
        rig_copy(&r);
        n_settled += r.result.pass.settled > 0;
        n_doubles += r.result.pass.doubles > 0;
        faults_release(r.faults[RIG_DESTINATION]);
        /* a new item makes the folder worth a sweep */
        rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "the next day");
        rig_copy(&r);
        n_doubles += r.result.pass.doubles > 0;
        g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
        rig_check_equal(&r);
        rig_release(&r);
    }
    /* or the test does not test what it says */
    g_assert_cmpuint(n_settled, >, 0);
    g_assert_cmpuint(n_doubles, >, 0);
}

/*
 * It arrives between the first look and the second: they do not agree, and
 * nothing is sent again.
 */
static void test_two_looks_must_agree(void)
{
    /* After the upload: is the server well?  Then a list for each look. */
    const struct fault fault = {
        .op = FAULT_PUT, .when = FAULT_LATER, .first = 1, .later_calls = 3
    };
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 3);
    g_assert_cmpuint(items_put(&r), ==, 3);
    rig_release(&r);
}

/*
 * Two uploads that arrive one after the other, each between two looks: it
 * takes four until two agree.
 */
static void test_looks_until_sure(void)
{
    /*
     * Calls: an upload, is the server well?, and both once more; then the
     * first look (a list), the second (a list, and reading what it shows).
     */
    const struct fault fault = { .op = FAULT_PUT,
                                 .when = FAULT_LATER,
                                 .first = 1,
                                 .every = 1,
                                 .later_calls = 5 };
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    r.options.batch_items = 3;
    /* long enough for both uploads to be over */
    r.options.doubt_wait_us = TIMESTAMP_SECOND;
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    rig_add_large(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "more", 1000);
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 4);
    g_assert_cmpuint(items_put(&r), ==, 4);
    rig_release(&r);
}

/*
 * The folder that was written to is gone, and another of its name holds equal
 * items: these were there before us.
 */
static void test_another_folder_is_no_answer(void)
{
    const struct mem_folder_init mine = { .name = "Mine" };
    g_autoptr(GPtrArray) items = NULL;
    g_autofree char *old = NULL;
    const char *folder;
    struct rig r;

    rig_init(&r, NULL);
    folder = mem_add_folder(r.mem[RIG_SOURCE], &mine);
    rig_add_many(&r, RIG_SOURCE, folder, "mail", 3);
    die_in_upload(&r, FAULT_AFTER);
    items = mem_items(r.mem[RIG_DESTINATION], NULL);
    g_assert_cmpuint(items->len, ==, 3);
    old = g_strdup(((struct mem_item *)items->pdata[0])->folder_id);
    mem_delete_folder(r.mem[RIG_DESTINATION], old);
    folder = mem_add_folder(r.mem[RIG_DESTINATION], &mine);
    rig_add_many(&r, RIG_DESTINATION, folder, "mail", 3);
    r.options.no_search = true;
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 3);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 6);
    rig_release(&r);
}

/*
 * The folder cannot be looked at: its items stay in doubt, and what arrived
 * is not taken for somebody else's meanwhile.
 */
static void test_doubt_outlives_a_pass(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 1;
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 3);
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 0);
    /* the baseline is the first list, the first look the second */
    rig_fault_err(&r, RIG_DESTINATION, FAULT_CHANGES, FAULT_BEFORE, 2, 0,
                  ERR_FOLDER, ERR_RETRY_NEVER);
    CHECK_OK(rig_try_copy(&r), &r.err);
    g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, 3);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.settled, ==, 3);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* An upload that never ends well goes alone in the end, and fails alone. */
static void test_gives_up_on_an_item(void)
{
    char text[] = "killer";
    const struct fault fault = { .op = FAULT_PUT,
                                 .when = FAULT_BEFORE,
                                 .every = 1,
                                 .pick = rig_pick,
                                 .pick_data = text,
                                 .unsure = true };
    const char *id;
    struct store_item *row;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "mail", 30);
    id = rig_add(&r, RIG_SOURCE, inbox_of(&r, RIG_SOURCE), "killer");
    faults_add(r.faults[RIG_DESTINATION], &fault);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 30);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_nonnull(strstr(row->reason, "connection lost"));
    g_assert_nonnull(row->remedy);
    store_item_free(row);
    g_assert_cmpuint(faults_fired(r.faults[RIG_DESTINATION]), ==, 5);
    rig_release(&r);
}

static void cancel_when_only_doubts_are_left(struct rig *r,
                                             const struct engine_event *event)
{
    uint64_t known = r->told[ENGINE_COPIED] + r->told[ENGINE_DOUBT];

    if (event->kind == ENGINE_COPIED && known == rig_count(r, RIG_SOURCE, NULL))
        cancel_request(r->cancel);
}

/*
 * The server has its time: nobody looks before it is over, and everything
 * else is done meanwhile.
 */
static void test_cancelled_in_doubt(void)
{
    struct rig r;

    rig_init(&r, NULL);
    r.options.lanes = 2;
    rig_fill(&r);
    r.options.doubt_wait_us = 3600 * TIMESTAMP_SECOND;
    rig_fault(&r, RIG_DESTINATION, FAULT_PUT, FAULT_AFTER, 1, 0);
    r.hook = cancel_when_only_doubts_are_left;
    CHECK_OK(rig_try_copy(&r), &r.err);
    g_assert_true(r.result.interrupted);
    g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), ==, r.told[ENGINE_DOUBT]);
    g_assert_cmpuint(rig_rows(&r, ITEM_INTENDED), >, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FETCH), ==, 0);
    cancel_free(r.cancel);
    r.cancel = cancel_new();
    r.hook = NULL;
    r.options.doubt_wait_us = 20000;
    rig_copy(&r);
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
        { "/doubt/answers-lost-after-the-effect",
          test_answers_lost_after_the_effect },
        { "/doubt/answers-lost-before-the-effect",
          test_answers_lost_before_the_effect },
        { "/doubt/equal-items-half-done", test_equal_items_half_done },
        { "/doubt/baseline-is-not-an-answer", test_baseline_is_not_an_answer },
        { "/doubt/baseline-outlives-its-token",
          test_baseline_outlives_its_token },
        { "/doubt/foreign-items-stay", test_foreign_items_stay },
        { "/doubt/without-digests", test_without_digests },
        { "/doubt/left-over-and-arrived", test_left_over_and_arrived },
        { "/doubt/left-over-and-lost", test_left_over_and_lost },
        { "/doubt/left-over-and-deleted-at-the-source",
          test_left_over_and_deleted_at_the_source },
        { "/doubt/waits-for-the-deadline", test_waits_for_the_deadline },
        { "/doubt/deadline-long-past", test_deadline_long_past },
        { "/doubt/clock-was-set", test_the_clock_was_set },
        { "/doubt/next-year", test_items_that_wait_for_next_year },
        { "/doubt/late-effects", test_late_effects },
        { "/doubt/two-looks-must-agree", test_two_looks_must_agree },
        { "/doubt/looks-until-sure", test_looks_until_sure },
        { "/doubt/another-folder-is-no-answer",
          test_another_folder_is_no_answer },
        { "/doubt/outlives-a-pass", test_doubt_outlives_a_pass },
        { "/doubt/gives-up-on-an-item", test_gives_up_on_an_item },
        { "/doubt/cancelled-in-doubt", test_cancelled_in_doubt },
        /* clang-format on */
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_func(tests[i].path, tests[i].run);
    return g_test_run();
}
