#include "engine/hidden.h"

#include <string.h>

#include "base/timestamp.h"
#include "engine/rig.h"

#define VIEW "IPM.Microsoft.FolderDesign.NamedView"

static void test_classes(void)
{
    static const struct {
        const char *item_class;
        bool copied;
    } rows[] = {
        { VIEW, true },
        { "ipm.microsoft.folderdesign.namedview", true },
        { VIEW ".Own", true },
        { VIEW "s", false },
        { "IPM.Microsoft.FolderDesign.FormsDescription", false },
        { "IPM.Rule.Version2.Message", false },
        { "IPM.ExtendedRule.Message", false },
        { "IPM.Configuration.CategoryList", false },
        { "IPM.Configuration.MRM", false },
        { "IPM.Configuration.Whatever", false },
        { "IPM.Microsoft.ScheduleData.FreeBusy", false },
        { "IPM.Note", false },
        { "", false },
        { NULL, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *name = rows[i].item_class;

        CHECK_ROW(name != NULL ? name : "none",
                  hidden_is_copied(name) == rows[i].copied);
        CHECK_ROW(name != NULL ? name : "none",
                  (hidden_why_not(name) == NULL) == rows[i].copied);
    }
}

static void test_ids(void)
{
    g_autofree char *id = hidden_id("AAMk=");
    g_autofree char *path = hidden_path("Inbox/A");

    g_assert_true(hidden_is(id));
    g_assert_false(hidden_is("AAMk="));
    g_assert_false(hidden_is(NULL));
    g_assert_cmpstr(hidden_base(id), ==, "AAMk=");
    g_assert_cmpstr(hidden_base("AAMk="), ==, "AAMk=");
    g_assert_cmpstr(path, ==, "Inbox/A/%hidden");
}

/* ---- views travel ---------------------------------------------------- */

static const char *inbox(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

/* Mail, two views, and what is not for copying, in one folder. */
static const char *begin(struct rig *r, const struct rig_options *options)
{
    const char *id;

    rig_init(r, options);
    rig_add_many(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "mail", 3);
    id = rig_add_hidden(r, RIG_SOURCE, inbox(r, RIG_SOURCE), VIEW, "by size");
    rig_add_hidden(r, RIG_SOURCE, inbox(r, RIG_SOURCE), VIEW, "by date");
    rig_add_hidden(r, RIG_SOURCE, inbox(r, RIG_SOURCE),
                   "IPM.Rule.Version2.Message", "forward all");
    rig_add_hidden(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "IPM.Configuration.MRM",
                   "mrm");
    return id;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "by date, by size": the destination's hidden items.  The caller frees. */
static char *hidden_there(struct rig *r)
{
    g_autoptr(GPtrArray) items =
        mem_items(r->mem[RIG_DESTINATION], inbox(r, RIG_DESTINATION));
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];

        if (item->associated)
            g_ptr_array_add(names, item->subject);
    }
    g_ptr_array_sort(names, by_name);
    g_ptr_array_add(names, NULL);
    return g_strjoinv(", ", (char **)names->pdata);
}

static void check_there(struct rig *r, const char *want)
{
    g_autofree char *got = hidden_there(r);

    g_assert_cmpstr(got, ==, want);
    rig_check_equal(r); /* and what is visible is what it was */
}

static void test_views_are_copied_once(void)
{
    uint64_t listed;
    struct rig r;

    begin(&r, NULL);
    rig_copy(&r);
    check_there(&r, "by date, by size");
    g_assert_cmpuint(r.result.hidden_copied, ==, 2);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 3);
    g_assert_cmpuint(rig_rows(&r, ITEM_FILTERED), ==, 2);
    g_assert_true(rig_was_told(&r, "\"IPM.Configuration.MRM\" is left behind: "
                                   "retention"));
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 5);
    g_assert_cmpuint(r.report.by_class[VERIFY_FILTERED], ==, 2);
    g_assert_cmpuint(r.report.by_class[VERIFY_EXTRA], ==, 0);

    /* Nothing has changed: nobody is asked. */
    listed = rig_calls(&r, RIG_SOURCE, MEM_HIDDEN);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_HIDDEN), ==, listed);
    check_there(&r, "by date, by size");
    rig_release(&r);
}

static void test_views_follow(void)
{
    const char *id;
    struct rig r;

    id = begin(&r, NULL);
    rig_copy(&r);
    rig_add_hidden(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), VIEW, "by sender");
    rig_copy(&r);
    check_there(&r, "by date, by sender, by size");
    g_assert_cmpuint(r.result.hidden_copied, ==, 1);

    mem_delete_item(r.mem[RIG_SOURCE], id);
    rig_copy(&r);
    check_there(&r, "by date, by sender, by size");
    r.options.propagate_deletes = true;
    rig_copy(&r);
    check_there(&r, "by date, by sender");
    rig_release(&r);
}

/* Neither their number nor anything else in the folder is another. */
static void test_view_edited_in_place(void)
{
    uint64_t put, listed;
    const char *id;
    struct rig r;

    id = begin(&r, NULL);
    rig_copy(&r);
    put = rig_calls(&r, RIG_DESTINATION, MEM_PUT);
    rig_edit(&r, RIG_SOURCE, id, "by size: large ones first");
    rig_copy(&r);
    check_there(&r, "by date, by size: large ones first");
    g_assert_cmpuint(r.result.pass.updated, ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_PUT), ==, put + 1);
    listed = rig_calls(&r, RIG_SOURCE, MEM_HIDDEN);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_HIDDEN), ==, listed);
    rig_release(&r);
}

/* A list does not know what follows in its own second. */
static void test_view_edited_in_the_same_second(void)
{
    uint64_t listed;
    const char *id;
    struct rig r;

    id = begin(&r, NULL);
    mem_tell_changed(r.mem[RIG_SOURCE], 1709287200 * TIMESTAMP_SECOND);
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, id, "by size: large ones first");
    rig_copy(&r);
    check_there(&r, "by date, by size: large ones first");

    /* In the end the second is over, and one more list enough for good. */
    g_usleep((gulong)(2.1 * TIMESTAMP_SECOND));
    rig_copy(&r);
    listed = rig_calls(&r, RIG_SOURCE, MEM_HIDDEN);
    rig_copy(&r);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_HIDDEN), ==, listed);
    rig_release(&r);
}

/* ---- views that are there already ---------------------------------------- */

/* A second migration, or a destination that has been used before. */
static void test_same_views_are_there(void)
{
    struct rig r;

    begin(&r, NULL);
    rig_copy(&r);
    rig_forget(&r);
    rig_copy(&r);
    check_there(&r, "by date, by size");
    g_assert_cmpuint(r.result.hidden_copied, ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 5);
    rig_release(&r);
}

/* Of one name and another make: the destination's own is kept, and told. */
static void test_view_of_that_name_is_there(void)
{
    const char *id;
    struct store_item *row;
    struct rig r;

    id = begin(&r, &(struct rig_options){ .portable = true });
    rig_add_hidden(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), VIEW,
                   "by size: as its user likes it");
    rig_copy(&r);
    check_there(&r, "by date, by size: as its user likes it");
    g_assert_cmpuint(r.result.hidden_copied, ==, 1);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
    g_assert_nonnull(strstr(row->reason, "there already in another shape"));
    store_item_free(row);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_DIFFERENT], ==, 1);
    rig_copy(&r);
    check_there(&r, "by date, by size: as its user likes it");
    rig_release(&r);
}

static void test_what_the_destination_has_stays(void)
{
    struct rig r;

    begin(&r, NULL);
    rig_add_hidden(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION),
                   "IPM.Configuration.MRM", "its own");
    rig_copy(&r);
    check_there(&r, "by date, by size, its own");
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_EXTRA], ==, 0);
    rig_release(&r);
}

static void test_missing_view_is_found(void)
{
    g_autoptr(GPtrArray) items = NULL;
    struct rig r;

    begin(&r, NULL);
    rig_copy(&r);
    items = mem_items(r.mem[RIG_DESTINATION], inbox(&r, RIG_DESTINATION));
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];

        if (item->associated && strcmp(item->subject, "by size") == 0)
            mem_delete_item(r.mem[RIG_DESTINATION], item->id);
    }
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 1);
    rig_release(&r);
}

/* ---- trouble ----------------------------------------------------------- */

/* Whatever befalls their upload, each is there once. */
static void test_lost_answers(void)
{
    static const struct {
        const char *name;
        enum fault_when when;
    } rows[] = {
        { "before", FAULT_BEFORE },
        { "after", FAULT_AFTER },
        { "half", FAULT_HALF },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        begin(&r, NULL);
        rig_fault(&r, RIG_DESTINATION, FAULT_PUT, rows[i].when, 1, 2);
        rig_copy(&r);
        faults_clear(r.faults[RIG_DESTINATION]);
        rig_copy(&r);
        check_there(&r, "by date, by size");
        rig_release(&r);
    }
}

/* The server was still at it when the second one came: the sweep finds it. */
static void test_double(void)
{
    static const char view[] = "by size";
    struct fault late = {
        .op = FAULT_PUT,
        .when = FAULT_LATER,
        .first = 1,
        .pick = rig_pick,
        .pick_data = (void *)(uintptr_t)view,
        .later_calls = 40,
    };
    struct rig r;

    begin(&r, NULL);
    faults_add(r.faults[RIG_DESTINATION], &late);
    rig_copy(&r);
    faults_release(r.faults[RIG_DESTINATION]);
    rig_add_hidden(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), VIEW, "one more");
    rig_copy(&r);
    check_there(&r, "by date, by size, one more");
    rig_release(&r);
}

/* Two views are at the server still, and there is more for it to do. */
static void begin_double(struct rig *r)
{
    static const char view[] = "by size";
    const struct fault late = {
        .op = FAULT_PUT,
        .when = FAULT_LATER,
        .first = 1,
        .pick = rig_pick,
        .pick_data = (void *)(uintptr_t)view,
    };

    faults_add(r->faults[RIG_DESTINATION], &late);
    rig_copy(r);
    faults_release(r->faults[RIG_DESTINATION]);
    faults_clear(r->faults[RIG_DESTINATION]);
    rig_add_hidden(r, RIG_SOURCE, inbox(r, RIG_SOURCE), VIEW, "one more");
}

/*
 * Its list says nothing that could tell whose double it is: as long as it
 * cannot be read it is nobody else's either.
 */
static void test_double_that_cannot_be_read(void)
{
    struct rig r;

    begin(&r, NULL);
    begin_double(&r);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 1, 1, ERR_ITEM,
                  ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    g_assert_cmpuint(r.result.pass.doubles, ==, 0);
    faults_clear(r.faults[RIG_DESTINATION]);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    g_assert_cmpuint(r.result.pass.doubles, ==, 2);
    check_there(&r, "by date, by size, one more");
    rig_release(&r);
}

/* What the destination has of another kind holds nobody up. */
static void test_stranger_that_cannot_be_read(void)
{
    struct rig r;

    begin(&r, NULL);
    rig_copy(&r);
    rig_add_hidden(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION),
                   "IPM.Configuration.MRM", "mrm");
    rig_add_hidden(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), VIEW, "one more");
    rig_fault_err(&r, RIG_DESTINATION, FAULT_FETCH, FAULT_ITEM, 1, 1, ERR_ITEM,
                  ERR_RETRY_NEVER);
    rig_copy(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    check_there(&r, "by date, by size, mrm, one more");
    rig_release(&r);
}

static void test_double_without_digests(void)
{
    struct rig r;

    begin(&r, NULL);
    r.options.no_digest = true;
    begin_double(&r);
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.doubles, ==, 2);
    check_there(&r, "by date, by size, one more");
    rig_release(&r);
}

/* It has no other way to travel. */
static void test_refused(void)
{
    const char *id;
    struct store_item *row;
    struct fault refuse = { .op = FAULT_FETCH,
                            .when = FAULT_ITEM,
                            .first = 1,
                            .every = 1,
                            .pick = rig_pick };
    struct rig r;

    id = begin(&r, &(struct rig_options){ .portable = true });
    refuse.pick_data = (void *)(uintptr_t)id;
    faults_add(r.faults[RIG_SOURCE], &refuse);
    rig_copy(&r);
    check_there(&r, "by date");
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpuint(row->format, ==, PAYLOAD_FTS);
    store_item_free(row);
    rig_release(&r);
}

static void test_portable(void)
{
    struct rig r;

    begin(&r,
          &(struct rig_options){ .portable = true,
                                 .missing_caps = { 0, ENDPOINT_CAP_UPLOAD } });
    rig_copy(&r);
    check_there(&r, "");
    g_assert_true(rig_was_told(&r, "4 hidden items"));
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_HIDDEN), ==, 0);
    rig_release(&r);
}

static bool is_fts(void *data, const struct fault_subject *subject)
{
    (void)data;
    return !subject->portable;
}

/* The same found out on the way: they are left behind, and have not failed. */
static void test_portable_after_all(void)
{
    static const struct {
        const char *name;
        int side;
        enum fault_op op;
        enum err_scope scope;
    } rows[] = {
        { "no export", RIG_SOURCE, FAULT_FETCH, ERR_MAILBOX },
        { "no upload", RIG_DESTINATION, FAULT_PUT, ERR_MAILBOX },
        { "no export, of this item", RIG_SOURCE, FAULT_FETCH, ERR_ITEM },
        { "no upload, of this item", RIG_DESTINATION, FAULT_PUT, ERR_ITEM },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        begin(&r, &(struct rig_options){ .portable = true });
        faults_add(r.faults[rows[i].side],
                   &(struct fault){ .op = rows[i].op,
                                    .when = FAULT_BEFORE,
                                    .first = 1,
                                    .every = 1,
                                    .pick = is_fts,
                                    .err = { .scope = rows[i].scope,
                                             .retry = ERR_RETRY_NEVER,
                                             .msg = "no such operation" } });
        rig_copy(&r);
        check_there(&r, "");
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_SYNCED);
        CHECK_ROW(rows[i].name, rig_rows(&r, ITEM_FAILED) == 0);
        CHECK_ROW(rows[i].name,
                  rig_was_told(&r, "2 hidden items (views) left behind"));
        /* and by themselves, on a further run */
        rig_copy(&r);
        check_there(&r, "");
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_SYNCED);
        CHECK_ROW(rows[i].name, rig_rows(&r, ITEM_FAILED) == 0);
        rig_release(&r);
    }
}

/* ---- filters and trees --------------------------------------------------- */

static void test_folder_left_out(void)
{
    static const char *const not_inbox[] = { "inbox", NULL };
    struct rig r;

    begin(&r, &(struct rig_options){ .german_source = true });
    r.options.filter.not_folders = not_inbox;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 0);
    r.options.filter.not_folders = NULL;
    rig_copy(&r);
    check_there(&r, "by date, by size");
    rig_release(&r);
}

static void test_check_lists_them(void)
{
    struct engine_check c;
    bool found = false;
    struct rig r;

    begin(&r, NULL);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    for (guint i = 0; i < c.findings->len; i++) {
        const struct finding *f = c.findings->pdata[i];

        g_assert_null(strstr(f->text, VIEW));
        found =
            found || strstr(f->text, "1 hidden item of class "
                                     "\"IPM.Rule.Version2.Message\"") != NULL;
    }
    g_assert_true(found);
    engine_check_clear(&c);
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hidden/classes", test_classes);
    g_test_add_func("/hidden/ids", test_ids);
    g_test_add_func("/hidden/views-are-copied-once",
                    test_views_are_copied_once);
    g_test_add_func("/hidden/views-follow", test_views_follow);
    g_test_add_func("/hidden/view-edited-in-place", test_view_edited_in_place);
    g_test_add_func("/hidden/view-edited-in-the-same-second",
                    test_view_edited_in_the_same_second);
    g_test_add_func("/hidden/same-views-are-there", test_same_views_are_there);
    g_test_add_func("/hidden/view-of-that-name-is-there",
                    test_view_of_that_name_is_there);
    g_test_add_func("/hidden/what-the-destination-has-stays",
                    test_what_the_destination_has_stays);
    g_test_add_func("/hidden/missing-view-is-found",
                    test_missing_view_is_found);
    g_test_add_func("/hidden/lost-answers", test_lost_answers);
    g_test_add_func("/hidden/double", test_double);
    g_test_add_func("/hidden/double-that-cannot-be-read",
                    test_double_that_cannot_be_read);
    g_test_add_func("/hidden/stranger-that-cannot-be-read",
                    test_stranger_that_cannot_be_read);
    g_test_add_func("/hidden/double-without-digests",
                    test_double_without_digests);
    g_test_add_func("/hidden/refused", test_refused);
    g_test_add_func("/hidden/portable", test_portable);
    g_test_add_func("/hidden/portable-after-all", test_portable_after_all);
    g_test_add_func("/hidden/folder-left-out", test_folder_left_out);
    g_test_add_func("/hidden/check-lists-them", test_check_lists_them);
    return g_test_run();
}
