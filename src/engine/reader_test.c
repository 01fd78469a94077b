#include "engine/reader.h"

#include <errno.h>
#include <string.h>

#include "base/spool.h"
#include "engine/rig.h"

#define ITEMS 23

/* A folder of items, and a pass that reads them. */
struct run {
    struct rig rig;
    struct engine_job job;
    struct pass pass;
    const char *ids[ITEMS];
    struct reading got[ITEMS];
    struct err err;
};

static void run_init(struct run *r)
{
    g_auto(endpoint_facts) facts = { 0 };

    *r = (struct run){ 0 };
    rig_init(&r->rig, NULL);
    for (int i = 0; i < ITEMS; i++) {
        g_autofree char *text = g_strdup_printf("item %d", i);

        r->ids[i] = rig_add(&r->rig, RIG_SOURCE,
                            rig_folder(&r->rig, RIG_SOURCE, "inbox"), text);
    }
    r->job = rig_job(&r->rig, true);
    CHECK_OK(endpoint_open(r->job.source, &facts, &r->err), &r->err);
    pass_init(&r->pass, &r->job, MAILBOX_VERIFYING);
}

static int run_read(struct run *r, bool keep)
{
    const struct reader reader = { r->job.source, SOURCE, keep };

    return reader_read(&r->pass, &reader, r->ids, ITEMS, r->got, &r->err);
}

static void run_release(struct run *r)
{
    for (int i = 0; i < ITEMS; i++)
        reading_clear(&r->got[i]);
    pass_release(&r->pass);
    rig_release(&r->rig);
}

/* Each reading is that of the item that was asked for in its place. */
static void check_places(struct run *r, int but)
{
    for (int i = 0; i < ITEMS; i++) {
        struct mem_item *item;
        struct fts_digest d;
        gsize len;
        const void *data;

        if (i == but)
            continue;
        item = mem_item(r->rig.mem[RIG_SOURCE], r->ids[i]);
        data = g_bytes_get_data(item->payload, &len);
        g_autoptr(blob) b = blob_from_bytes(data, len);

        CHECK_OK(fts_digest_read(b, &d, NULL, &r->err), &r->err);
        g_assert_cmpint(r->got[i].end, ==, READING_DONE);
        g_assert_cmpint(fts_digest_compare(&d, &r->got[i].digest.fts, NULL), ==,
                        FTS_EQUAL);
        g_assert_cmpuint(r->got[i].bytes, >, 0);
        mem_item_free(item);
    }
}

static void test_reads(void)
{
    struct run r;

    run_init(&r);
    CHECK_OK(run_read(&r, false), &r.err);
    check_places(&r, -1);
    g_assert_null(r.got[0].payload);
    g_assert_cmpuint(rig_calls(&r.rig, RIG_SOURCE, MEM_FETCH), ==, 3);
    run_release(&r);
}

static void test_keeps_payloads(void)
{
    struct run r;

    run_init(&r);
    CHECK_OK(run_read(&r, true), &r.err);
    for (int i = 0; i < ITEMS; i++)
        g_assert_cmpuint(blob_size(r.got[i].payload), >, 0);
    run_release(&r);
}

static void test_one_at_fault(void)
{
    static const struct {
        const char *name;
        enum fault_when when;
        enum err_scope scope;
        enum err_retry retry;
        const char *error_name;
        enum reading_end end;
    } rows[] = {
        { "it is gone", FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER,
          "ErrorItemNotFound", READING_GONE },
        { "it is corrupt", FAULT_ITEM, ERR_ITEM, ERR_RETRY_NEVER, "corrupt",
          READING_FAILED },
        { "it is never ready", FAULT_ITEM, ERR_ITEM, ERR_RETRY_WAIT, "slow",
          READING_FAILED },
        { "its folder is closed", FAULT_ITEM, ERR_FOLDER, ERR_RETRY_NEVER,
          "closed", READING_FAILED },
        { "it spoils its batch", FAULT_BEFORE, ERR_ITEM, ERR_RETRY_NEVER, "500",
          READING_FAILED },
        { "it kills its line", FAULT_BEFORE, ERR_MAILBOX, ERR_RETRY_NOW, "lost",
          READING_FAILED },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fault fault = { .op = FAULT_FETCH,
                               .when = rows[i].when,
                               .every = 1,
                               .pick = rig_pick };
        struct run r;

        run_init(&r);
        fault.pick_data = (void *)(uintptr_t)r.ids[12];
        err_set(&fault.err, rows[i].scope, rows[i].retry, 0, "as told");
        fault.err.name = rows[i].error_name;
        faults_add(r.rig.faults[RIG_SOURCE], &fault);
        CHECK_OK(run_read(&r, false), &r.err);
        check_places(&r, 12);
        CHECK_ROW(rows[i].name, r.got[12].end == rows[i].end);
        CHECK_ROW(rows[i].name,
                  g_strcmp0(r.got[12].why.name, rows[i].error_name) == 0);
        run_release(&r);
    }
}

/* What looks like a payload and is none is as good as a refusal. */
static void test_payload_that_is_cut(void)
{
    static const char cut[] = "=== Truncated Data ===";
    struct run r;

    run_init(&r);
    mem_edit_item(r.rig.mem[RIG_SOURCE], r.ids[5], cut, strlen(cut), NULL);
    CHECK_OK(run_read(&r, true), &r.err);
    check_places(&r, 5);
    g_assert_cmpint(r.got[5].end, ==, READING_FAILED);
    g_assert_null(r.got[5].payload);
    /* it was given every chance */
    g_assert_cmpuint(mem_items_asked(r.rig.mem[RIG_SOURCE], MEM_FETCH), ==,
                     ITEMS + 4);
    run_release(&r);
}

/* Whoever looks whether an item is there must not take it for absent. */
static void test_no_room_for_one(void)
{
    for (int may_lack = 0; may_lack <= 1; may_lack++) {
        struct fault fault = { .op = FAULT_FETCH,
                               .when = FAULT_BEFORE,
                               .every = 1,
                               .pick = rig_pick };
        struct reader reader = { .side = SOURCE, .may_lack_room = may_lack };
        struct run r;

        run_init(&r);
        reader.ep = r.job.source;
        fault.pick_data = (void *)(uintptr_t)r.ids[12];
        (void)spool_failed("/full", ENOSPC, &fault.err);
        faults_add(r.rig.faults[RIG_SOURCE], &fault);
        g_assert_cmpint(
            reader_read(&r.pass, &reader, r.ids, ITEMS, r.got, &r.err), ==,
            may_lack ? 0 : -1);
        g_assert_cmpint(r.got[12].end, ==, READING_FAILED);
        if (!may_lack) {
            g_assert_cmpint(policy_of(&r.err), ==, POLICY_STOP);
            g_assert_nonnull(strstr(r.err.msg, "/full"));
        }
        check_places(&r, 12);
        run_release(&r);
    }
}

static void test_side_that_is_away(void)
{
    struct run r;

    run_init(&r);
    r.pass.options.patience_us = 20000;
    rig_fault(&r.rig, RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE, 2, 1);
    rig_fault(&r.rig, RIG_SOURCE, FAULT_FOLDERS, FAULT_BEFORE, 1, 1);
    g_assert_cmpint(run_read(&r, false), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "connection-lost");
    run_release(&r);
}

static void test_credential_refused(void)
{
    static const enum fault_when ways[] = { FAULT_BEFORE, FAULT_ITEM };

    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        struct run r;

        run_init(&r);
        rig_fault_err(&r.rig, RIG_SOURCE, FAULT_FETCH, ways[i], 2, 1,
                      ERR_MAILBOX, ERR_RETRY_REAUTH);
        g_assert_cmpint(run_read(&r, false), ==, -1);
        g_assert_cmpint(r.err.retry, ==, ERR_RETRY_REAUTH);
        /* nobody tries it again */
        g_assert_cmpuint(faults_fired(r.rig.faults[RIG_SOURCE]), <=, 9);
        run_release(&r);
    }
}

static void test_interrupted(void)
{
    struct run r;

    run_init(&r);
    cancel_request(r.rig.cancel);
    g_assert_cmpint(run_read(&r, false), ==, -1);
    g_assert_cmpuint(rig_calls(&r.rig, RIG_SOURCE, MEM_FETCH), ==, 0);
    run_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reader/reads", test_reads);
    g_test_add_func("/reader/keeps-payloads", test_keeps_payloads);
    g_test_add_func("/reader/one-at-fault", test_one_at_fault);
    g_test_add_func("/reader/payload-that-is-cut", test_payload_that_is_cut);
    g_test_add_func("/reader/no-room", test_no_room_for_one);
    g_test_add_func("/reader/side-that-is-away", test_side_that_is_away);
    g_test_add_func("/reader/credential-refused", test_credential_refused);
    g_test_add_func("/reader/interrupted", test_interrupted);
    return g_test_run();
}
