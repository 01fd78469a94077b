#include "engine/settings.h"

#include "engine/rig.h"

struct setting_test {
    struct rig r;
    struct engine_settings_options options;
    struct engine_settings_report report;
};

static void test_init(struct setting_test *t, unsigned int parts)
{
    *t = (struct setting_test){ .options.parts = parts };
    rig_init(&t->r, NULL);
}

static int try_run(struct setting_test *t)
{
    struct engine_job job = rig_job(&t->r, true);

    return engine_settings(&job, &t->options, &t->report, &t->r.err);
}

/* The pass is on record as one, and the mailbox's state is what it was. */
static void test_pass_on_record(void)
{
    g_autoptr(GPtrArray) passes = NULL;
    const struct store_pass *last;
    struct setting_test t;

    test_init(&t, 0);
    rig_copy(&t.r);
    CHECK_OK(try_run(&t), &t.r.err);
    CHECK_OK(store_passes(t.r.store, t.r.mailbox_id, &passes, &t.r.err),
             &t.r.err);
    last = passes->pdata[passes->len - 1];
    g_assert_cmpstr(last->kind, ==, "settings");
    g_assert_cmpstr(last->outcome, ==, "done");
    g_assert_cmpint(rig_state(&t.r), ==, MAILBOX_SYNCED);
    rig_release(&t.r);
}

static void test_unreachable(void)
{
    g_autoptr(GPtrArray) passes = NULL;
    struct setting_test t;

    test_init(&t, 0);
    rig_copy(&t.r);
    rig_fault_err(&t.r, RIG_DESTINATION, FAULT_OPEN, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_NEVER);
    g_assert_cmpint(try_run(&t), ==, -1);
    CHECK_OK(store_passes(t.r.store, t.r.mailbox_id, &passes, &t.r.err),
             &t.r.err);
    g_assert_true(g_str_has_prefix(
        ((struct store_pass *)passes->pdata[passes->len - 1])->outcome,
        "failed: destination"));
    g_assert_cmpint(rig_state(&t.r), ==, MAILBOX_SYNCED);
    rig_release(&t.r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/pass-on-record", test_pass_on_record);
    g_test_add_func("/settings/unreachable", test_unreachable);
    return g_test_run();
}
