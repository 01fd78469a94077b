#include "lab/change.h"

#include "base/check.h"
#include "lab/fixture.h"

/* The kinds of change that Sync tells since state, "CUDR" each. */
static char *told(struct fixture *f, const char *folder_id, char **state)
{
    static const char letters[] = { 'C', 'U', 'D', 'R' };
    const struct lab_sync sync = { .folder_id = folder_id,
                                   .state = *state,
                                   .max = 512 };
    g_auto(lab_sync_page) page = { 0 };
    GString *out = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_sync_items(f->lab.store, f->user1, &sync, &page, &err),
             &err);
    for (guint i = 0; i < page.changes->len; i++) {
        const struct lab_change *change = page.changes->pdata[i];

        g_string_append_c(out, letters[change->kind]);
    }
    g_free(*state);
    *state = g_steal_pointer(&page.state);
    return g_string_free(out, FALSE);
}

static void test_each_way(void)
{
    static const struct {
        const char *name;
        struct change_wish wish;
        const char *told, *report;
    } rows[] = {
        { "delete", { .delete = 1 }, "D", "delete\t" },
        { "edit", { .edit = 1 }, "U", "edit\t" },
        { "move", { .move = 1 }, "D", "move\t" },
        { "read", { .read = 1 }, "R", "read\t" },
        { "touch", { .touch = 1 }, "U", "touch\t" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
        g_autofree char *inbox = fixture_folder(f, f->user1, "inbox");
        g_autofree char *a = fixture_add_mail(f, f->user1, "inbox", "a");
        g_autofree char *b = fixture_add_mail(f, f->user1, "inbox", "b");
        g_autofree char *state = NULL, *first = NULL, *then = NULL;
        g_autoptr(GString) report = g_string_new(NULL);
        struct err err;

        first = told(f, inbox, &state);
        g_assert_cmpstr(first, ==, "CC");
        CHECK_OK(
            change_mailbox(f->lab.store, f->user1, &rows[i].wish, report, &err),
            &err);
        then = told(f, inbox, &state);
        if (strcmp(then, rows[i].told) != 0)
            g_error("%s: Sync tells %s", rows[i].name, then);
        CHECK_ROW(rows[i].name, g_str_has_prefix(report->str, rows[i].report));
        CHECK_ROW(rows[i].name, strstr(report->str, a) != NULL ||
                                    strstr(report->str, b) != NULL);
    }
}

static void test_edit_changes_the_subject(void)
{
    const struct change_wish wish = { .edit = 1 };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "before");
    g_autoptr(GString) report = g_string_new(NULL);
    g_auto(lab_item) item = { 0 };
    struct err err;

    CHECK_OK(change_mailbox(f->lab.store, f->user1, &wish, report, &err), &err);
    CHECK_OK(lab_store_item(f->lab.store, f->user1, id, &item, &err), &err);
    g_assert_cmpstr(item.subject, ==, "edited: before");
}

/* Each item is changed in one way only, however many are asked for. */
static void test_no_item_twice(void)
{
    const struct change_wish wish = { 2, 2, 2, 2, 2 };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autoptr(GString) report = g_string_new(NULL);
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_auto(GStrv) lines = NULL;
    struct err err;

    for (int i = 0; i < 10; i++)
        g_free(fixture_add_mail(f, f->user1, i < 5 ? "inbox" : "drafts", "x"));
    CHECK_OK(change_mailbox(f->lab.store, f->user1, &wish, report, &err), &err);
    lines = g_strsplit(g_strchomp(report->str), "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 10);
    for (size_t i = 0; lines[i] != NULL; i++)
        g_assert_true(
            g_hash_table_add(seen, g_strdup(strrchr(lines[i], '\t'))));
}

static void test_too_few(void)
{
    const struct change_wish wish = { .read = 3 };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "x");
    g_autoptr(GString) report = g_string_new(NULL);
    g_auto(lab_item) item = { 0 };
    struct err err;

    g_assert_cmpint(change_mailbox(f->lab.store, f->user1, &wish, report, &err),
                    <, 0);
    g_assert_nonnull(strstr(err.msg, "too few"));
    CHECK_OK(lab_store_item(f->lab.store, f->user1, id, &item, &err), &err);
    g_assert_true(item.read);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/change/each-way", test_each_way);
    g_test_add_func("/change/edit-changes-the-subject",
                    test_edit_changes_the_subject);
    g_test_add_func("/change/no-item-twice", test_no_item_twice);
    g_test_add_func("/change/too-few", test_too_few);
    return g_test_run();
}
