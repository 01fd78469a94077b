#include "store/store_conformance_priv.h"

#include "base/timestamp.h"

/* The source ids of an array of items, joined. */
static char *joined(const GPtrArray *items)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < items->len; i++)
        g_string_append(
            out, ((const struct store_item *)items->pdata[i])->source_id);
    return g_string_free(out, FALSE);
}

static char *next(struct conform *t, int64_t now_us, const char *busy,
                  size_t max)
{
    int64_t ids[26];
    size_t n = strlen(busy);
    g_autoptr(GPtrArray) found = NULL;

    for (size_t i = 0; i < n; i++)
        ids[i] = conform_item_id(t, (const char[]){ busy[i], '\0' });
    CHECK_OK(
        store_items_next(t->s, t->inbox, now_us, ids, n, max, &found, &t->err),
        &t->err);
    return joined(found);
}

static void test_next(struct conform *t)
{
    static const struct {
        const char *name;
        int64_t now_us;
        const char *busy;
        size_t max;
        const char *want;
    } rows[] = {
        { "newest first", 1, "", 10, "edbaci" },
        { "at most", 1, "", 2, "ed" },
        { "none", 1, "", 0, "" },
        { "busy ones left out", 1, "eb", 2, "da" },
        { "all busy", 1, "abcdefi", 2, "" },
        { "when it may be tried again", 500, "", 10, "fedbaci" },
        { "not yet", 499, "", 10, "edbaci" },
    };
    const struct store_change changes[] = {
        /* equal times go by order of listing; an unknown time comes last */
        { .kind = STORE_CREATED,
          .source_id = "i",
          .received_us = TIMESTAMP_NONE },
        { .kind = STORE_UPDATED,
          .source_id = "b",
          .received_us = 4 * TIMESTAMP_SECOND },
        { .kind = STORE_UPDATED, .source_id = "c", .received_us = -5 },
        { .kind = STORE_UPDATED,
          .source_id = "d",
          .received_us = 4 * TIMESTAMP_SECOND + 1 },
    };
    g_autoptr(GPtrArray) none = NULL;
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 8);
    conform_list(t, t->sent, 3);
    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, changes,
                              G_N_ELEMENTS(changes), NULL, NULL, &t->err),
             &t->err);
    conform_record(
        t, "f",
        (struct store_outcome){ .state = ITEM_LISTED, .not_before_us = 500 });
    conform_record(t, "g", (struct store_outcome){ .state = ITEM_GONE });
    conform_intend(t, "h");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got =
            next(t, rows[i].now_us, rows[i].busy, rows[i].max);

        CHECK_ROW(rows[i].name, g_str_equal(got, rows[i].want));
    }
    before = conform_dump(t);
    conform_refused(t,
                    store_items_next(t->s, 999, 1, NULL, 0, 1, &none, &t->err),
                    "not-found", before);
    g_assert_null(none);
}

static void test_next_ties(struct conform *t)
{
    struct store_change same[3] = { 0 };
    g_autofree char *got = NULL;

    for (size_t i = 0; i < 3; i++)
        same[i] = (struct store_change){
            .kind = STORE_CREATED,
            .source_id = i == 0   ? "z"
                         : i == 1 ? "m"
                                  : "a",
            .received_us = 77,
        };
    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, same, 3, "t", NULL,
                              &t->err),
             &t->err);
    got = next(t, 1, "", 9);
    g_assert_cmpstr(got, ==, "zma");
}

static void test_waiting(struct conform *t)
{
    g_autoptr(GArray) w = NULL, later = NULL, none = NULL;
    const struct store_waiting *first;

    conform_list(t, t->inbox, 5);
    conform_list(t, t->sent, 1);
    conform_intend(t, "a");
    conform_record(
        t, "b",
        (struct store_outcome){ .state = ITEM_LISTED, .not_before_us = 500 });
    conform_record(
        t, "c",
        (struct store_outcome){ .state = ITEM_LISTED, .not_before_us = 300 });
    CHECK_OK(store_items_waiting(t->s, t->lease.mailbox_id, 100, &w, &t->err),
             &t->err);
    g_assert_cmpuint(w->len, ==, 2);
    first = &g_array_index(w, struct store_waiting, 0);
    g_assert_cmpint(first->folder_id, ==, t->inbox);
    g_assert_cmpuint(first->n_ready, ==, 2);
    g_assert_cmpuint(first->n_later, ==, 2);
    g_assert_cmpint(first->earliest_us, ==, 300);
    first = &g_array_index(w, struct store_waiting, 1);
    g_assert_cmpint(first->folder_id, ==, t->sent);
    g_assert_cmpuint(first->n_ready, ==, 1);
    g_assert_cmpuint(first->n_later, ==, 0);
    g_assert_cmpint(first->earliest_us, ==, TIMESTAMP_NONE);

    CHECK_OK(
        store_items_waiting(t->s, t->lease.mailbox_id, 300, &later, &t->err),
        &t->err);
    first = &g_array_index(later, struct store_waiting, 0);
    g_assert_cmpuint(first->n_ready, ==, 3);
    g_assert_cmpuint(first->n_later, ==, 1);
    g_assert_cmpint(first->earliest_us, ==, 500);

    CHECK_OK(
        store_items_waiting(t->s, t->other_lease.mailbox_id, 1, &none, &t->err),
        &t->err);
    g_assert_cmpuint(none->len, ==, 0);
}

/* ---- pages -------------------------------------------------------------- */

static char *page(struct conform *t, struct store_item_query q)
{
    g_autoptr(GPtrArray) found = NULL;

    q.mailbox_id = t->lease.mailbox_id;
    CHECK_OK(store_items(t->s, &q, &found, &t->err), &t->err);
    return joined(found);
}

#define STATE(s) (1u << ITEM_##s)

static void test_pages(struct conform *t)
{
    int64_t c = 0;
    struct store_change x = { .kind = STORE_CREATED, .source_id = "x" };

    conform_list(t, t->inbox, 4);
    CHECK_OK(
        store_items_list(t->s, &t->lease, t->sent, &x, 1, "t", NULL, &t->err),
        &t->err);
    CHECK_OK(store_items_list(t->s, &t->other_lease, t->other_inbox, &x, 1, "t",
                              NULL, &t->err),
             &t->err);
    x.source_id = "e";
    conform_change(t, &x); /* after those of sent, but in order of id before */
    conform_intend(t, "bc");
    conform_copied(t, "b");
    c = conform_item_id(t, "c");

    const struct {
        const char *name;
        struct store_item_query q;
        const char *want;
    } rows[] = {
        /* clang-format off */
        { "all", { .max = 10 }, "abcdex" },
        { "first page", { .max = 2 }, "ab" },
        { "second page", { .max = 2, .after_id = c - 1 }, "cd" },
        { "over a folder's end", { .max = 9, .after_id = c }, "dex" },
        { "nothing wanted", { .max = 0 }, "" },
        { "one folder", { .max = 10, .folder_id = t->inbox }, "abcde" },
        { "the other", { .max = 10, .folder_id = t->sent }, "x" },
        { "another mailbox's", { .max = 10, .folder_id = t->other_inbox },
          "" },
        { "in doubt", { .max = 10, .states = STATE(INTENDED) }, "c" },
        { "two states", { .max = 10,
          .states = STATE(COPIED) | STATE(INTENDED) }, "bc" },
        { "listed, by pages", { .max = 2, .states = STATE(LISTED),
          .after_id = c }, "de" },
        { "of a pass", { .max = 10, .pass_id = 7 }, "bc" },
        { "copied by a pass", { .max = 10, .pass_id = 7,
          .states = STATE(COPIED) }, "b" },
        { "of another pass", { .max = 10, .pass_id = 8 }, "" },
        { "past the end", { .max = 10, .after_id = INT64_MAX }, "" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = page(t, rows[i].q);

        CHECK_ROW(rows[i].name, g_str_equal(got, rows[i].want));
    }
}

/* One, by its id; never the next one in its place. */
static void test_find(struct conform *t)
{
    const int64_t mailbox_id = t->lease.mailbox_id,
                  other_id = t->other_lease.mailbox_id;
    g_autoptr(store_item) row = NULL, none = NULL;
    int64_t b;

    conform_list(t, t->inbox, 3);
    b = conform_item_id(t, "b");
    g_assert_cmpint(store_item_find(t->s, mailbox_id, b, &row, &t->err), ==, 1);
    g_assert_cmpstr(row->source_id, ==, "b");
    g_assert_cmpint(store_item_find(t->s, other_id, b, &none, &t->err), ==, 0);
    g_assert_cmpint(store_item_find(t->s, mailbox_id, 0, &none, &t->err), ==,
                    0);
    g_assert_cmpint(store_item_find(t->s, mailbox_id, b + 10, &none, &t->err),
                    ==, 0);
    g_assert_null(none);
}

/* ---- counts ------------------------------------------------------------- */

static const struct {
    const char *source_id, *item_class;
    enum item_kind kind;
    enum item_state state;
    enum verify_class verify;
    uint64_t bytes;
} counted[] = {
    { "a", "IPM.Note", KIND_MAIL, ITEM_COPIED, VERIFY_VERIFIED, 200 },
    { "b", "IPM.Note.SMIME", KIND_MAIL, ITEM_COPIED, VERIFY_MISSING, 200 },
    { "c", "IPM.Appointment", KIND_CALENDAR, ITEM_COPIED, VERIFY_NONE, 200 },
    { "d", "IPM.Contact", KIND_CONTACT, ITEM_INTENDED, VERIFY_NONE, 200 },
    { "e", "IPM.Task", KIND_TASK, ITEM_FAILED, VERIFY_FAILED, 14 },
    { "f", "IPM.StickyNote", KIND_NOTE, ITEM_GONE, VERIFY_NONE, 15 },
    { "g", "IPM.Activity", KIND_JOURNAL, ITEM_LISTED, VERIFY_NONE, 16 },
    { "h", NULL, KIND_OTHER, ITEM_LISTED, VERIFY_NONE, 17 },
    { "i", "IPM.Note", KIND_MAIL, ITEM_FILTERED, VERIFY_FILTERED, 18 },
    { "j", "IPM.Rule.Message", KIND_HIDDEN, ITEM_LISTED, VERIFY_MISSING, 19 },
};

static void fill_counted(struct conform *t)
{
    for (size_t i = 0; i < G_N_ELEMENTS(counted); i++) {
        const struct store_change c = {
            .kind = STORE_CREATED,
            .source_id = counted[i].source_id,
            .item_class = counted[i].item_class,
            .size_bytes = 10 + i,
            .filtered = counted[i].state == ITEM_FILTERED,
        };
        struct store_verdict v = { .verify = counted[i].verify };

        conform_change(t, &c);
        v.item_id = conform_item_id(t, counted[i].source_id);
        CHECK_OK(store_items_verify(t->s, &t->lease, &v, 1, &t->err), &t->err);
    }
    conform_intend(t, "abcd");
    conform_copied(t, "abc");
    conform_record(
        t, "e", (struct store_outcome){ .state = ITEM_FAILED, .reason = "r" });
    conform_record(t, "f", (struct store_outcome){ .state = ITEM_GONE });
    conform_change(t, &(struct store_change){ .kind = STORE_UPDATED,
                                              .source_id = "a",
                                              .change_key = "other" });
    conform_change(
        t, &(struct store_change){ .kind = STORE_READ_FLAG, .source_id = "a" });
    conform_change(
        t, &(struct store_change){ .kind = STORE_DELETED, .source_id = "b" });
}

static void test_counts(struct conform *t)
{
    struct store_counts want = { .pending_edit = 1,
                                 .pending_read = 1,
                                 .pending_delete = 1,
                                 .baseline = 2,
                                 .foreign = 1,
                                 .doubles = 1 };
    const char *const ids[] = { "b1", "b2", "f1", "d1" };
    const struct store_dest_seen seen[] = {
        { .kind = DEST_BASELINE, .ids = ids, .n = 2 },
        { .kind = DEST_FOREIGN, .ids = &ids[2], .n = 1 },
        { .kind = DEST_DOUBLE, .ids = &ids[3], .n = 1 },
    };
    struct store_counts got;

    fill_counted(t);
    conform_list(t, t->sent, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
        CHECK_OK(store_dest_record(t->s, &t->lease, i == 0 ? t->sent : t->inbox,
                                   &seen[i], &t->err),
                 &t->err);
    for (size_t i = 0; i < G_N_ELEMENTS(counted); i++) {
        want.by[counted[i].kind][counted[i].state].items++;
        want.by[counted[i].kind][counted[i].state].bytes += counted[i].bytes;
        want.verify[counted[i].verify]++;
        want.verify_hidden[counted[i].verify] += counted[i].kind == KIND_HIDDEN;
    }
    want.by[KIND_MAIL][ITEM_LISTED].items++; /* that of sent */
    want.by[KIND_MAIL][ITEM_LISTED].bytes += 100;
    want.verify[VERIFY_NONE]++;
    CHECK_OK(store_counts(t->s, t->lease.mailbox_id, &got, &t->err), &t->err);
    conform_bytes(&got, sizeof(got), &want, sizeof(want));

    want = (struct store_counts){ 0 };
    CHECK_OK(store_counts(t->s, t->other_lease.mailbox_id, &got, &t->err),
             &t->err);
    conform_bytes(&got, sizeof(got), &want, sizeof(want));
}

static void test_folder_counts(struct conform *t)
{
    const char *const ids[] = { "b1", "b2", "f1" };
    const struct store_dest_seen seen[] = {
        { .kind = DEST_BASELINE, .ids = ids, .n = 2 },
        { .kind = DEST_FOREIGN, .ids = &ids[2], .n = 1 },
    };
    g_autoptr(GArray) got = NULL;
    const struct store_folder_counts *c;

    fill_counted(t);
    conform_list(t, t->sent, 2);
    for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
        CHECK_OK(
            store_dest_record(t->s, &t->lease, t->inbox, &seen[i], &t->err),
            &t->err);
    CHECK_OK(store_folder_counts(t->s, t->lease.mailbox_id, &got, &t->err),
             &t->err);
    g_assert_cmpuint(got->len, ==, 2); /* by id: the inbox was added first */
    c = &g_array_index(got, struct store_folder_counts, 0);
    g_assert_cmpint(c->folder_id, ==, t->inbox);
    g_assert_cmpuint(c->items[ITEM_COPIED], ==, 3);
    g_assert_cmpuint(c->items[ITEM_LISTED], ==, 3);
    g_assert_cmpuint(c->items[ITEM_FILTERED], ==, 1);
    g_assert_cmpuint(c->bytes_copied, ==, 600);
    g_assert_cmpuint(c->baseline, ==, 2);
    g_assert_cmpuint(c->foreign, ==, 1);
    c = &g_array_index(got, struct store_folder_counts, 1);
    g_assert_cmpint(c->folder_id, ==, t->sent);
    g_assert_cmpuint(c->items[ITEM_LISTED], ==, 2);
    g_assert_cmpuint(c->bytes_copied, ==, 0);
    g_assert_cmpuint(c->baseline, ==, 0);
}

const struct conform_test conform_queries[] = {
    { "next/order", test_next },
    { "next/ties", test_next_ties },
    { "waiting", test_waiting },
    { "pages", test_pages },
    { "find", test_find },
    { "counts/mailbox", test_counts },
    { "counts/folders", test_folder_counts },
    { 0 },
};
