#include "engine/rig.h"

#include <string.h>

static const struct engine_check_folder *find(const struct engine_check *c,
                                              const char *path)
{
    for (guint i = 0; i < c->folders->len; i++) {
        const struct engine_check_folder *f = c->folders->pdata[i];

        if (strcmp(f->path, path) == 0)
            return f;
    }
    g_error("folder \"%s\" was not seen", path);
}

static bool has_note(const struct engine_check *c, const char *text)
{
    for (guint i = 0; i < c->notes->len; i++)
        if (strstr(c->notes->pdata[i], text) != NULL)
            return true;
    return false;
}

static void test_sees_and_changes_nothing(void)
{
    struct mem_folder_init search = { .name = "Find me", .search = true };
    struct mem_folder_init taken = { .name = "Outbox" };
    struct engine_check c;
    struct store_mailbox *m = NULL;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .german_source = true,
                                        .request_max_bytes = 4000000 });
    rig_fill(&r);
    mem_add_folder(r.mem[RIG_SOURCE], &search);
    mem_add_folder(r.mem[RIG_SOURCE], &taken);
    CHECK_OK(rig_try_check(&r, &c), &r.err);

    g_assert_cmpuint(find(&c, "Posteingang")->n_items, ==, 30);
    g_assert_cmpstr(find(&c, "Posteingang")->well_known, ==, "inbox");
    g_assert_cmpuint(find(&c, "Posteingang")->size_bytes, >, 0);
    g_assert_false(find(&c, "Posteingang")->skipped);
    g_assert_true(find(&c, "Postausgang")->skipped);
    g_assert_true(find(&c, "Find me")->skipped);
    g_assert_cmpstr(find(&c, "Kalender")->folder_class, ==, "IPF.Appointment");
    g_assert_true(has_note(&c, "2 folders are not copied"));
    g_assert_true(has_note(&c, "\"Outbox (2)\""));
    g_assert_true(has_note(&c, "items over about 3 MB"));
    g_assert_cmpint(c.source.rights, ==, ENDPOINT_RIGHTS_OWN);
    g_assert_nonnull(c.destination.server_version);
    engine_check_clear(&c);

    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    CHECK_OK(store_mailbox_get(r.store, r.mailbox_id, &m, &r.err), &r.err);
    g_assert_cmpstr(m->source_rights, ==, "own password");
    g_assert_nonnull(m->destination_version);
    store_mailbox_free(m);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MAKE_FOLDER), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_FETCH), ==, 0);
    /* and the copy that follows is a first one */
    rig_copy(&r);
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
        { "no export",
          { .missing_caps = { ENDPOINT_CAP_EXPORT, 0 } },
          "missing-capability" },
        { "no upload",
          { .missing_caps = { 0, ENDPOINT_CAP_UPLOAD } },
          "missing-capability" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct engine_check c;
        struct rig r;

        rig_init(&r, &rows[i].options);
        CHECK_ROW(rows[i].name, rig_try_check(&r, &c) < 0);
        CHECK_ROW(rows[i].name, g_strcmp0(r.err.name, rows[i].error_name) == 0);
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_FAILED);
        rig_release(&r);
    }
}

static void test_no_rights(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_OPEN, FAULT_BEFORE, 1, 0,
                  ERR_MAILBOX, ERR_RETRY_REAUTH);
    g_assert_cmpint(rig_try_check(&r, &c), ==, -1);
    g_assert_nonnull(strstr(r.err.msg, "destination: "));
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_FAILED);
    /* mended, it goes on */
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    engine_check_clear(&c);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_QUEUED);
    rig_release(&r);
}

static void test_passing_failures(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    for (int side = 0; side < 2; side++) {
        rig_fault(&r, side, FAULT_OPEN, FAULT_BEFORE, 1, 0);
        rig_fault(&r, side, FAULT_FOLDERS, FAULT_BEFORE, 1, 0);
    }
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_cmpuint(c.folders->len, ==, 11);
    engine_check_clear(&c);
    rig_release(&r);
}

/* A look at a mailbox that is done leaves it done. */
static void test_state_is_kept(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    engine_check_clear(&c);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_release(&r);
}

/* What lies beside the mailbox is seen, whether it is asked for or not. */
static void test_sees_other_trees(void)
{
    struct engine_check c;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_tree(&r, RIG_SOURCE, ENDPOINT_ROOT_ARCHIVE);
    for (int side = 0; side < 2; side++)
        rig_add_tree(&r, side, ENDPOINT_ROOT_RECOVERABLE);
    rig_add(&r, RIG_SOURCE, rig_folder(&r, RIG_SOURCE, "archivedeleteditems"),
            "archived");
    rig_add_many(&r, RIG_SOURCE,
                 rig_folder(&r, RIG_SOURCE, "recoverableitemspurges"), "purged",
                 3);
    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_RECOVERABLE;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_true(find(&c, "%archive/Deleted Items")->left_out);
    g_assert_cmpint(find(&c, "%archive/Deleted Items")->root, ==,
                    ENDPOINT_ROOT_ARCHIVE);
    g_assert_true(find(&c, "%recoverable/Purges")->left_out);
    g_assert_true(find(&c, "%recoverable/Audits")->skipped);
    g_assert_true(has_note(&c, "has an archive, the destination has none, "
                               "for 1 items"));
    g_assert_true(has_note(&c, "Enable-Mailbox"));
    g_assert_true(has_note(&c, "3 recoverable items"));
    g_assert_true(has_note(&c, "unless --recoverable-items is given"));
    engine_check_clear(&c);

    r.options.filter.skip_trees = 1u << ENDPOINT_ROOT_ARCHIVE;
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    g_assert_false(find(&c, "%recoverable/Purges")->left_out);
    g_assert_true(has_note(&c, "RecoverableItemsQuota"));
    g_assert_false(has_note(&c, "the destination has none"));
    engine_check_clear(&c);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/sees-and-changes-nothing",
                    test_sees_and_changes_nothing);
    g_test_add_func("/check/refuses", test_refuses);
    g_test_add_func("/check/no-rights", test_no_rights);
    g_test_add_func("/check/passing-failures", test_passing_failures);
    g_test_add_func("/check/state-is-kept", test_state_is_kept);
    g_test_add_func("/check/sees-other-trees", test_sees_other_trees);
    return g_test_run();
}
