/* Passes that copy a part, and those that bring the rest. */
#include "base/timestamp.h"
#include "engine/rig.h"

/* Messages of the rig are received from here on, at most 50 days later. */
#define EPOCH INT64_C(1600000000000000)

static uint64_t count_in(struct rig *r, const char *well_known)
{
    return rig_count(r, RIG_DESTINATION,
                     rig_folder(r, RIG_DESTINATION, well_known));
}

static const char *last_kind(struct rig *r, GPtrArray **ret)
{
    CHECK_OK(store_passes(r->store, r->mailbox_id, ret, &r->err), &r->err);
    return ((struct store_pass *)(*ret)->pdata[(*ret)->len - 1])->kind;
}

static void test_trial_and_the_rest(void)
{
    struct rig r;
    g_autoptr(GPtrArray) passes = NULL, later = NULL;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.pass = ENGINE_PASS_TRIAL;
    rig_copy(&r);
    g_assert_cmpstr(last_kind(&r, &passes), ==, "trial");
    g_assert_cmpuint(count_in(&r, "inbox"), ==, ENGINE_TRIAL_ITEMS);
    g_assert_cmpuint(count_in(&r, "contacts"), ==, ENGINE_TRIAL_ITEMS);
    g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), >, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    rig_verify(&r, VERIFY_MODE_SAMPLE, r.result.pass.id);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    /* The newest of them. */
    {
        GPtrArray *there = mem_items(r.mem[RIG_DESTINATION],
                                     rig_folder(&r, RIG_DESTINATION, "inbox"));
        GPtrArray *here =
            mem_items(r.mem[RIG_SOURCE], rig_folder(&r, RIG_SOURCE, "inbox"));
        int64_t oldest = INT64_MAX;
        guint newer = 0;

        for (guint i = 0; i < there->len; i++)
            oldest =
                MIN(oldest, ((struct mem_item *)there->pdata[i])->received_us);
        for (guint i = 0; i < here->len; i++)
            newer += ((struct mem_item *)here->pdata[i])->received_us >= oldest;
        g_assert_cmpuint(newer, ==, ENGINE_TRIAL_ITEMS);
        g_ptr_array_unref(there);
        g_ptr_array_unref(here);
    }

    r.options.pass = ENGINE_PASS_FULL;
    rig_copy(&r);
    g_assert_cmpstr(last_kind(&r, &later), ==, "full");
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

static void test_trial_is_small(void)
{
    struct rig r;

    rig_init(&r, NULL);
    for (int i = 0; i < 8; i++) {
        g_autofree char *text = g_strdup_printf("large %d", i);

        rig_add_large(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), text,
                      1000000);
    }
    r.options.pass = ENGINE_PASS_TRIAL;
    rig_copy(&r);
    g_assert_cmpuint(count_in(&r, "inbox"), >=, 1);
    g_assert_cmpuint(r.result.pass.bytes_copied, <=, ENGINE_TRIAL_BYTES);
    rig_release(&r);
}

/* A busy server takes nothing away from a trial. */
static void test_trial_under_throttle(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "inbox"), "mail",
                 30);
    r.options.pass = ENGINE_PASS_TRIAL;
    rig_fault_err(&r, RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_WAIT);
    rig_copy(&r);
    g_assert_cmpuint(count_in(&r, "inbox"), ==, ENGINE_TRIAL_ITEMS);
    rig_release(&r);
}

static void test_pre_stage_and_the_rest(void)
{
    struct rig r;
    g_autoptr(GPtrArray) passes = NULL, later = NULL;
    uint64_t staged;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.pass = ENGINE_PASS_PRESTAGE;
    r.options.filter.before_us = EPOCH + 25 * 86400 * TIMESTAMP_SECOND;
    rig_copy(&r);
    g_assert_cmpstr(last_kind(&r, &passes), ==, "pre-stage");
    staged = rig_rows(&r, ITEM_COPIED);
    g_assert_cmpuint(staged, >, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), >, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), ==, 0);

    r.options.pass = ENGINE_PASS_FULL;
    r.options.filter.before_us = 0;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), ==, 0);
    g_assert_cmpuint(r.result.pass.items_copied, ==,
                     rig_count(&r, RIG_SOURCE, NULL) - staged);
    g_assert_cmpstr(last_kind(&r, &later), ==, "delta");
    rig_release(&r);
}

/* What is left out is counted as such, and comes in when it is wanted. */
static void test_folder_filter(void)
{
    static const char *const in[] = { "inbox", "Project%2F0", NULL };
    static const char *const out[] = { "Project%2F0/*", NULL };
    struct rig r;

    rig_init(&r, &(struct rig_options){ .german_source = true });
    rig_fill(&r);
    r.options.filter.folders = in;
    r.options.filter.not_folders = out;
    rig_copy(&r);
    g_assert_cmpuint(count_in(&r, "inbox"), ==, 30);
    /* the six copies in the first project's folder */
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 36);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), ==,
                     rig_count(&r, RIG_SOURCE, NULL) - 36);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_FILTERED], ==,
                     rig_count(&r, RIG_SOURCE, NULL) - 36);

    r.options.filter = (struct engine_filter){ 0 };
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* The other way round: what waits and is not wanted any more. */
static void test_filter_that_narrows(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    r.options.pass = ENGINE_PASS_TRIAL;
    rig_copy(&r);
    r.options.pass = ENGINE_PASS_FULL;
    r.options.filter.skip_kinds = 1u << KIND_MAIL;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), ==, 0);
    g_assert_cmpuint(count_in(&r, "inbox"), ==, ENGINE_TRIAL_ITEMS);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passes/trial-and-the-rest", test_trial_and_the_rest);
    g_test_add_func("/passes/trial-is-small", test_trial_is_small);
    g_test_add_func("/passes/trial-under-throttle", test_trial_under_throttle);
    g_test_add_func("/passes/pre-stage-and-the-rest",
                    test_pre_stage_and_the_rest);
    g_test_add_func("/passes/folder-filter", test_folder_filter);
    g_test_add_func("/passes/filter-that-narrows", test_filter_that_narrows);
    return g_test_run();
}
