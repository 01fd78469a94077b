#include "engine/pass.h"

#include <string.h>

#include "base/timestamp.h"
#include "engine/rig.h"

struct run {
    struct rig rig;
    struct engine_job job;
    struct pass pass;
    struct err err;
};

static void run_init(struct run *r)
{
    *r = (struct run){ 0 };
    rig_init(&r->rig, NULL);
    r->job = rig_job(&r->rig, true);
    pass_init(&r->pass, &r->job, MAILBOX_COPYING);
}

static void run_release(struct run *r)
{
    pass_release(&r->pass);
    rig_release(&r->rig);
}

static struct err failure(enum err_scope scope, enum err_retry retry,
                          const char *text)
{
    struct err e;

    err_set(&e, scope, retry, 0, "%s", text);
    return e;
}

static void test_first_cause_counts(void)
{
    struct err one = failure(ERR_MAILBOX, ERR_RETRY_NEVER, "the cause");
    struct err two = failure(ERR_MAILBOX, ERR_RETRY_NEVER, "what followed");
    struct run r;

    run_init(&r);
    g_assert_false(pass_is_over(&r.pass));
    pass_stop(&r.pass, &one);
    pass_stop(&r.pass, &two);
    g_assert_true(pass_is_over(&r.pass));
    g_assert_true(pass_is_halted(&r.pass));
    g_assert_cmpstr(r.pass.cause.msg, ==, "the cause");
    run_release(&r);
}

static void test_cancel_levels(void)
{
    struct err e = failure(ERR_RUN, ERR_RETRY_NOW, "torn down");
    struct run r;

    run_init(&r);
    cancel_request(r.rig.cancel);
    /* start nothing new, but finish what is under way */
    g_assert_true(pass_is_over(&r.pass));
    g_assert_false(pass_is_halted(&r.pass));
    cancel_request(r.rig.cancel);
    g_assert_true(pass_is_halted(&r.pass));
    /* what breaks now is no cause */
    pass_failed(&r.pass, &e);
    g_assert_false(r.pass.stopped);
    run_release(&r);
}

/* ---- sleepers wake ------------------------------------------------- */

static void *sleep_long(void *data)
{
    struct run *r = data;

    return GINT_TO_POINTER(pass_sleep(&r->pass, 3600 * TIMESTAMP_SECOND) ? 1
                                                                         : 0);
}

static void check_woken(void (*wake)(struct run *r))
{
    struct run r;
    pthread_t id;
    void *slept;

    run_init(&r);
    g_assert_cmpint(pthread_create(&id, NULL, sleep_long, &r), ==, 0);
    wake(&r);
    g_assert_cmpint(pthread_join(id, &slept), ==, 0);
    g_assert_cmpint(GPOINTER_TO_INT(slept), ==, 0);
    run_release(&r);
}

static void stop(struct run *r)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_NEVER, "stop");

    pass_stop(&r->pass, &e);
}

static void cancel_it(struct run *r)
{
    cancel_request(r->rig.cancel);
}

static void test_sleepers_wake(void)
{
    check_woken(stop);
    check_woken(cancel_it);
}

/* ---- patience --------------------------------------------------------- */

static void test_endure(void)
{
    static const struct {
        const char *name;
        enum err_scope scope;
        enum err_retry retry;
        unsigned int most; /* times that it is endured, of 12 */
    } rows[] = {
        { "for good", ERR_ITEM, ERR_RETRY_NEVER, 0 },
        { "no folder", ERR_FOLDER, ERR_RETRY_NEVER, 0 },
        { "no mailbox", ERR_MAILBOX, ERR_RETRY_NEVER, 0 },
        { "no password", ERR_MAILBOX, ERR_RETRY_REAUTH, 0 },
        { "a slow item", ERR_ITEM, ERR_RETRY_WAIT, 7 },
        { "a slow folder", ERR_FOLDER, ERR_RETRY_NOW, 7 },
        { "a busy server", ERR_MAILBOX, ERR_RETRY_WAIT, 12 },
        { "a lost line", ERR_MAILBOX, ERR_RETRY_NOW, 12 },
        { "a host that is away", ERR_RUN, ERR_RETRY_NOW, 12 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct err e = failure(rows[i].scope, rows[i].retry, "x");
        unsigned int failures = 0, n = 0;
        struct run r;

        run_init(&r);
        r.pass.options.retry_wait_us = 1;
        while (n < 12 && pass_endure(&r.pass, SOURCE, &failures, &e))
            n++;
        CHECK_ROW(rows[i].name, n == rows[i].most);
        run_release(&r);
    }
}

static void test_patience_ends_and_begins_anew(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_NOW, "x");
    unsigned int failures = 0;
    struct run r;

    run_init(&r);
    r.pass.options.patience_us = 60 * TIMESTAMP_SECOND;
    /* as if the last progress were an hour ago */
    r.pass.progress_us -= 3600 * TIMESTAMP_SECOND;
    g_assert_true(pass_has_lost_patience(&r.pass));
    g_assert_false(pass_endure(&r.pass, SOURCE, &failures, &e));
    pass_progress(&r.pass);
    g_assert_true(pass_endure(&r.pass, SOURCE, &failures, &e));
    /* who only parks is stopped by it, and hears why */
    r.pass.progress_us -= 3600 * TIMESTAMP_SECOND;
    (void)pass_park(&r.pass, DESTINATION, &e);
    g_assert_true(r.pass.stopped);
    g_assert_cmpstr(r.pass.cause.msg, ==, "x");
    run_release(&r);
}

/* Quiet hours of either side: nobody could have made progress. */
static void test_quiet_hours_need_no_patience(void)
{
    for (int side = RIG_SOURCE; side <= RIG_DESTINATION; side++) {
        struct run r;

        run_init(&r);
        r.pass.options.patience_us = 60 * TIMESTAMP_SECOND;
        mem_be_quiet(r.rig.mem[side], 10 * TIMESTAMP_SECOND);
        pass_progress(&r.pass);
        r.pass.progress_us -= 3600 * TIMESTAMP_SECOND;
        g_assert_true(pass_has_lost_patience(&r.pass));
        mem_be_quiet(r.rig.mem[side], 3530 * TIMESTAMP_SECOND);
        g_assert_true(pass_has_lost_patience(&r.pass));
        mem_be_quiet(r.rig.mem[side], 60 * TIMESTAMP_SECOND);
        g_assert_false(pass_has_lost_patience(&r.pass));
        run_release(&r);
    }
}

static void test_the_servers_word_counts(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_WAIT, "busy");
    struct run r;
    int64_t wait;

    run_init(&r);
    e.wait_ms = 5000;
    wait = pass_park(&r.pass, SOURCE, &e);
    g_assert_cmpint(wait, >=, 5000000);
    g_assert_cmpint(r.pass.parked_until_us, >=,
                    timestamp_monotonic() + 4 * TIMESTAMP_SECOND);
    g_assert_true(rig_was_told(&r.rig, "source: busy"));
    run_release(&r);
}

/* What is waited for, and since when; then no more until it is news again. */
static void test_waits_are_told(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_WAIT, "the store is away");
    guint n;
    struct run r;

    run_init(&r);
    e.wait_ms = 1;
    (void)pass_park(&r.pass, DESTINATION, &e);
    g_assert_false(rig_was_told(&r.rig, "waiting for"));
    r.pass.waiting_us -= 60 * TIMESTAMP_SECOND;
    (void)pass_park(&r.pass, DESTINATION, &e);
    g_assert_true(rig_was_told(&r.rig, "waiting for the destination since 20"));
    g_assert_true(rig_was_told(&r.rig, "Z: the store is away"));
    pass_progress(&r.pass);
    g_assert_true(rig_was_told(&r.rig, "goes on after a wait of 1 min"));
    n = r.rig.texts->len;
    pass_progress(&r.pass);
    e.wait_ms = 60000;
    (void)pass_park(&r.pass, DESTINATION, &e);
    g_assert_cmpuint(r.rig.texts->len, ==, n + 1); /* the park alone */
    r.pass.told_us -= 3600 * TIMESTAMP_SECOND;
    (void)pass_park(&r.pass, DESTINATION, &e);
    g_assert_cmpuint(r.rig.texts->len, ==, n + 3);
    run_release(&r);
}

/* Eight lanes that run into one wall are one failure. */
static void test_parks_together(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_WAIT, "busy");
    struct run r;

    run_init(&r);
    e.wait_ms = 5000;
    for (int i = 0; i < 8; i++)
        (void)pass_park(&r.pass, SOURCE, &e);
    g_assert_cmpuint(r.pass.parks, ==, 1);
    r.pass.parked_until_us = 0;
    (void)pass_park(&r.pass, SOURCE, &e);
    g_assert_cmpuint(r.pass.parks, ==, 2);
    pass_progress(&r.pass);
    g_assert_cmpuint(r.pass.parks, ==, 0);
    run_release(&r);
}

static void test_throttled_is_a_state(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_WAIT, "busy");
    struct run r;

    run_init(&r);
    CHECK_OK(pass_begin(&r.pass, "full", &r.err), &r.err);
    CHECK_OK(pass_set_state(&r.pass, MAILBOX_COPYING, NULL, NULL, &r.err),
             &r.err);
    /* a moment is none */
    e.wait_ms = 1;
    (void)pass_park(&r.pass, SOURCE, &e);
    g_assert_cmpint(rig_state(&r.rig), ==, MAILBOX_COPYING);
    e.wait_ms = 60000;
    (void)pass_park(&r.pass, SOURCE, &e);
    g_assert_cmpint(rig_state(&r.rig), ==, MAILBOX_THROTTLED);
    pass_progress(&r.pass);
    g_assert_cmpint(rig_state(&r.rig), ==, MAILBOX_COPYING);
    run_release(&r);
}

/* ---- on record ----------------------------------------------------------- */

static void test_ends_on_record(void)
{
    struct err e = failure(ERR_MAILBOX, ERR_RETRY_NEVER, "quota is full");
    const struct {
        const char *name;
        bool interrupted;
        const struct err *why;
        const char *outcome;
    } rows[] = {
        { "done", false, NULL, "done" },
        { "interrupted", true, NULL, "interrupted" },
        { "failed", false, &e, "failed: quota is full" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GPtrArray) passes = NULL;
        g_auto(endpoint_facts) facts = { 0 };
        const struct store_pass *p;
        struct run r;

        run_init(&r);
        CHECK_OK(endpoint_open(r.job.source, &facts, &r.err), &r.err);
        CHECK_OK(pass_begin(&r.pass, "full", &r.err), &r.err);
        r.pass.record.items_copied = 7;
        CHECK_OK(pass_end(&r.pass, rows[i].interrupted, rows[i].why, &r.err),
                 &r.err);
        CHECK_OK(store_passes(r.rig.store, r.rig.mailbox_id, &passes, &r.err),
                 &r.err);
        g_assert_cmpuint(passes->len, ==, 1);
        p = passes->pdata[0];
        CHECK_ROW(rows[i].name, strcmp(p->outcome, rows[i].outcome) == 0);
        CHECK_ROW(rows[i].name, p->items_copied == 7);
        CHECK_ROW(rows[i].name, p->source_requests == 1);
        CHECK_ROW(rows[i].name, p->destination_requests == 0);
        CHECK_ROW(rows[i].name, p->ended_us >= p->begun_us);
        run_release(&r);
    }
}

static void test_defaults(void)
{
    struct run r;

    run_init(&r);
    pass_release(&r.pass);
    r.job.options = (struct engine_options){ .lanes = 1000 };
    pass_init(&r.pass, &r.job, MAILBOX_COPYING);
    g_assert_cmpuint(r.pass.options.lanes, ==, 16);
    g_assert_cmpint(r.pass.options.doubt_wait_us, ==, 120 * TIMESTAMP_SECOND);
    g_assert_cmpuint(r.pass.options.item_tries, ==, 5);
    g_assert_cmpint(r.pass.options.patience_us, ==, 3600 * TIMESTAMP_SECOND);
    pass_release(&r.pass);
    r.job.options = (struct engine_options){ 0 };
    pass_init(&r.pass, &r.job, MAILBOX_COPYING);
    g_assert_cmpuint(r.pass.options.lanes, ==, 8);
    run_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pass/first-cause-counts", test_first_cause_counts);
    g_test_add_func("/pass/cancel-levels", test_cancel_levels);
    g_test_add_func("/pass/sleepers-wake", test_sleepers_wake);
    g_test_add_func("/pass/endure", test_endure);
    g_test_add_func("/pass/patience", test_patience_ends_and_begins_anew);
    g_test_add_func("/pass/quiet", test_quiet_hours_need_no_patience);
    g_test_add_func("/pass/told", test_waits_are_told);
    g_test_add_func("/pass/the-servers-word", test_the_servers_word_counts);
    g_test_add_func("/pass/parks-together", test_parks_together);
    g_test_add_func("/pass/throttled-is-a-state", test_throttled_is_a_state);
    g_test_add_func("/pass/ends-on-record", test_ends_on_record);
    g_test_add_func("/pass/defaults", test_defaults);
    return g_test_run();
}
