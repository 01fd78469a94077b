#include "engine/rows.h"

#include "engine/change.h"
#include "engine/rig.h"

struct tally {
    guint rows, pages;
    int64_t last_id;
    guint stop_after; /* pages; 0: never */
    struct rig *mark; /* rows seen become GONE as we go */
};

static int count(void *data, GPtrArray *page, struct err *err)
{
    struct tally *t = data;

    t->pages++;
    t->rows += page->len;
    g_assert_cmpuint(page->len, <=, ROWS_PAGE);
    for (guint i = 0; i < page->len; i++) {
        const struct store_item *row = page->pdata[i];
        const struct store_outcome gone = { .item_id = row->id,
                                            .state = ITEM_GONE };

        g_assert_cmpint(row->id, >, t->last_id);
        t->last_id = row->id;
        if (t->mark != NULL)
            CHECK_OK(store_items_record(t->mark->store, &t->mark->lease, &gone,
                                        1, err),
                     err);
    }
    if (t->pages == t->stop_after)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "enough");
    return 0;
}

/* A ledger of n listed items in one folder. */
static void ledger(struct rig *r, unsigned int n)
{
    const struct store_folder folder = { .source_id = (char[]){ "f" },
                                         .path = (char[]){ "F" } };
    g_autoptr(GPtrArray) folders = NULL;

    rig_init(r, NULL);
    (void)rig_job(r, true); /* takes the lease */
    CHECK_OK(store_folders_set(r->store, &r->lease, &folder, 1, &r->err),
             &r->err);
    CHECK_OK(store_folders(r->store, r->mailbox_id, &folders, &r->err),
             &r->err);
    for (unsigned int i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("item %u", i);
        const struct store_change c = { .kind = STORE_CREATED,
                                        .source_id = id };

        CHECK_OK(
            store_items_list(r->store, &r->lease,
                             ((struct store_folder *)folders->pdata[0])->id, &c,
                             1, "t", NULL, &r->err),
            &r->err);
    }
}

static void test_pages(void)
{
    static const struct {
        const char *name;
        unsigned int n, pages;
    } rows[] = {
        { "none", 0, 0 },
        { "one", 1, 1 },
        { "a page", ROWS_PAGE, 1 },
        { "a page and one", ROWS_PAGE + 1, 2 },
        { "three", 2 * ROWS_PAGE + 7, 3 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_item_query q = { .states = 1u << ITEM_LISTED };
        struct tally t = { 0 };
        struct rig r;

        ledger(&r, rows[i].n);
        q.mailbox_id = r.mailbox_id;
        CHECK_OK(rows_each(r.store, &q, count, &t, &r.err), &r.err);
        CHECK_ROW(rows[i].name, t.rows == rows[i].n);
        CHECK_ROW(rows[i].name, t.pages == rows[i].pages);
        rig_release(&r);
    }
}

/* Rows that leave the state that is asked for do not hide others. */
static void test_rows_change_under_way(void)
{
    struct store_item_query q = { .states = 1u << ITEM_LISTED };
    struct rig r;
    struct tally t = { .mark = &r };

    ledger(&r, 2 * ROWS_PAGE + 7);
    q.mailbox_id = r.mailbox_id;
    CHECK_OK(rows_each(r.store, &q, count, &t, &r.err), &r.err);
    g_assert_cmpuint(t.rows, ==, 2 * ROWS_PAGE + 7);
    rig_release(&r);
}

static void test_stops(void)
{
    struct store_item_query q = { .states = 1u << ITEM_LISTED };
    struct tally t = { .stop_after = 2 };
    struct rig r;

    ledger(&r, 3 * ROWS_PAGE);
    q.mailbox_id = r.mailbox_id;
    g_assert_cmpint(rows_each(r.store, &q, count, &t, &r.err), ==, -1);
    g_assert_cmpstr(r.err.msg, ==, "enough");
    g_assert_cmpuint(t.pages, ==, 2);
    rig_release(&r);
}

static void test_changes(void)
{
    static const struct {
        const char *name;
        enum endpoint_change_kind kind;
        const char *item_class;
        unsigned int skip_kinds;
        int want;
        bool filtered;
    } rows[] = {
        { "new mail", ENDPOINT_CREATED, "IPM.Note", 0, STORE_CREATED, false },
        { "an edit", ENDPOINT_UPDATED, "IPM.Task", 0, STORE_UPDATED, false },
        { "a deletion", ENDPOINT_DELETED, NULL, 0, STORE_DELETED, false },
        { "it is read", ENDPOINT_READ_FLAG, NULL, 0, STORE_READ_FLAG, false },
        { "a task, and none are wanted", ENDPOINT_CREATED, "IPM.Task",
          1u << KIND_TASK, STORE_CREATED, true },
        { "mail, and no tasks are wanted", ENDPOINT_CREATED, "IPM.Note.SMIME",
          1u << KIND_TASK, STORE_CREATED, false },
        { "who knows, and none such is wanted", ENDPOINT_CREATED, NULL,
          1u << KIND_OTHER, STORE_CREATED, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct endpoint_change from = {
            .kind = rows[i].kind,
            .id = (char[]){ "id" },
            .change_key = (char[]){ "key" },
            .item_class = (char *)(uintptr_t)rows[i].item_class,
            .received_us = 5,
            .size_bytes = 7,
        };
        const struct engine_filter filter = { .skip_kinds =
                                                  rows[i].skip_kinds };
        struct store_change to;

        change_for_ledger(&from, &filter, false, false, &to);
        CHECK_ROW(rows[i].name, (int)to.kind == rows[i].want);
        CHECK_ROW(rows[i].name, to.filtered == rows[i].filtered);
        CHECK_ROW(rows[i].name, strcmp(to.source_id, "id") == 0);
        CHECK_ROW(rows[i].name, strcmp(to.change_key, "key") == 0);
        CHECK_ROW(rows[i].name, to.received_us == 5 && to.size_bytes == 7);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rows/pages", test_pages);
    g_test_add_func("/rows/change-under-way", test_rows_change_under_way);
    g_test_add_func("/rows/stops", test_stops);
    g_test_add_func("/change/for-the-ledger", test_changes);
    return g_test_run();
}
