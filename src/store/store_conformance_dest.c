#include "store/store_conformance_priv.h"

static void record(struct conform *t, enum dest_kind kind, const char *id)
{
    const struct store_dest_seen seen = { .kind = kind, .ids = &id, .n = 1 };

    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
}

static enum dest_kind look(struct conform *t, int64_t folder_id, const char *id)
{
    enum dest_kind kind = DEST_UNKNOWN;

    CHECK_OK(store_dest_lookup(t->s, folder_id, &id, 1, &kind, &t->err),
             &t->err);
    return kind;
}

static void test_kinds(struct conform *t)
{
    static const char *const ids[] = { "dst-a",  "base",   "foreign",
                                       "double", "nobody", "dst-b" };
    enum dest_kind kinds[G_N_ELEMENTS(ids)];

    conform_list(t, t->inbox, 2);
    conform_intend(t, "ab");
    conform_copied(t, "a");
    conform_record(t, "b", (struct store_outcome){ .state = ITEM_LISTED });
    record(t, DEST_BASELINE, "base");
    record(t, DEST_FOREIGN, "foreign");
    record(t, DEST_DOUBLE, "double");
    CHECK_OK(store_dest_lookup(t->s, t->inbox, ids, G_N_ELEMENTS(ids), kinds,
                               &t->err),
             &t->err);
    g_assert_cmpint(kinds[0], ==, DEST_OURS);
    g_assert_cmpint(kinds[1], ==, DEST_BASELINE);
    g_assert_cmpint(kinds[2], ==, DEST_FOREIGN);
    g_assert_cmpint(kinds[3], ==, DEST_DOUBLE);
    g_assert_cmpint(kinds[4], ==, DEST_UNKNOWN);
    g_assert_cmpint(kinds[5], ==, DEST_UNKNOWN);
}

static void test_kind_changes(struct conform *t)
{
    static const struct {
        const char *name;
        enum dest_kind first, then, want;
    } rows[] = {
        { "foreign, a double", DEST_FOREIGN, DEST_DOUBLE, DEST_DOUBLE },
        { "double, seen again", DEST_DOUBLE, DEST_FOREIGN, DEST_FOREIGN },
        { "foreign, baseline", DEST_FOREIGN, DEST_BASELINE, DEST_BASELINE },
        { "baseline stays", DEST_BASELINE, DEST_FOREIGN, DEST_BASELINE },
        { "baseline is never ours", DEST_BASELINE, DEST_DOUBLE, DEST_BASELINE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        record(t, rows[i].first, rows[i].name);
        record(t, rows[i].then, rows[i].name);
        CHECK_ROW(rows[i].name,
                  look(t, t->inbox, rows[i].name) == rows[i].want);
    }
}

/* Two source folders may share one at the destination. */
static void test_owned_by_the_mailbox(struct conform *t)
{
    struct store_counts counts;

    conform_list(t, t->inbox, 2);
    conform_intend(t, "a");
    conform_copied(t, "a");
    conform_record(t, "b",
                   (struct store_outcome){ .state = ITEM_ALREADY_THERE,
                                           .destination_id = "x" });
    g_assert_cmpint(look(t, t->sent, "dst-a"), ==, DEST_OURS);
    g_assert_cmpint(look(t, t->inbox, "x"), ==, DEST_OURS);
    g_assert_cmpint(look(t, t->other_inbox, "dst-a"), ==, DEST_UNKNOWN);

    record(t, DEST_BASELINE, "dst-a"); /* passed over */
    CHECK_OK(store_counts(t->s, t->lease.mailbox_id, &counts, &t->err),
             &t->err);
    g_assert_cmpuint(counts.baseline, ==, 0);

    /* What is recorded is the folder's own. */
    record(t, DEST_FOREIGN, "y");
    g_assert_cmpint(look(t, t->inbox, "y"), ==, DEST_FOREIGN);
    g_assert_cmpint(look(t, t->sent, "y"), ==, DEST_UNKNOWN);

    /* In doubt, found, and so ours after all. */
    conform_intend(t, "");
    conform_list(t, t->sent, 1);
    g_assert_cmpint(look(t, t->inbox, "dst-a"), ==, DEST_OURS);
}

static void test_found_to_be_ours(struct conform *t)
{
    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    record(t, DEST_FOREIGN, "dst-a");
    conform_copied(t, "a");
    g_assert_cmpint(look(t, t->inbox, "dst-a"), ==, DEST_OURS);
}

static void test_ids_are_case_sensitive(struct conform *t)
{
    g_autofree char *upper = g_strnfill(150, 'A');
    g_autofree char *lower = g_strnfill(150, 'a');

    record(t, DEST_FOREIGN, upper);
    record(t, DEST_BASELINE, "b");
    g_assert_cmpint(look(t, t->inbox, upper), ==, DEST_FOREIGN);
    g_assert_cmpint(look(t, t->inbox, lower), ==, DEST_UNKNOWN);
    g_assert_cmpint(look(t, t->inbox, "B"), ==, DEST_UNKNOWN);
}

static void test_token_and_baseline(struct conform *t)
{
    struct store_dest_seen seen = { .kind = DEST_BASELINE, .token = "one" };
    struct store_folder *f;

    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_token, ==, "one");
    g_assert_false(f->baseline_done);
    store_folder_free(f);

    seen.token = NULL;
    seen.baseline_done = true;
    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
    seen.baseline_done = false; /* does not take it back */
    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_token, ==, "one");
    g_assert_true(f->baseline_done);
    g_assert_cmpstr(f->source_token, ==, "");
    store_folder_free(f);
}

static void test_swept(struct conform *t)
{
    struct store_folder *f;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    CHECK_OK(store_dest_swept(t->s, &t->lease, t->inbox, "swept", &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_token, ==, "swept");
    g_assert_false(f->dirty);
    store_folder_free(f);
    CHECK_OK(store_dest_swept(t->s, &t->lease, t->inbox, NULL, &t->err),
             &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_token, ==, "swept");
    store_folder_free(f);
}

/* "3 sure", "1" */
static char *expected(struct conform *t)
{
    struct store_expected e;

    CHECK_OK(store_dest_expected(t->s, t->inbox, &e, &t->err), &t->err);
    return g_strdup_printf("%" G_GUINT64_FORMAT "%s", e.n,
                           e.sure ? " sure" : "");
}

static void expect(struct conform *t, const char *want)
{
    g_autofree char *is = expected(t);

    g_assert_cmpstr(is, ==, want);
}

static void test_expected(struct conform *t)
{
    const char *const before[] = { "b1", "b2" }, *const after[] = { "f" };
    const char *const doubles[] = { "d" };
    const struct store_dest_seen seen[] = {
        { .kind = DEST_BASELINE, .ids = before, .n = 2 },
        { .kind = DEST_FOREIGN, .ids = after, .n = 1 },
        { .kind = DEST_DOUBLE, .ids = doubles, .n = 1 },
    };
    struct store_adoption adoption = { .state = ITEM_ALREADY_THERE,
                                       .destination_id = "b1" };
    struct store_expected untouched = { 77, false };

    expect(t, "0 sure");
    conform_list(t, t->inbox, 4);
    for (size_t i = 0; i < G_N_ELEMENTS(seen); i++)
        CHECK_OK(
            store_dest_record(t->s, &t->lease, t->inbox, &seen[i], &t->err),
            &t->err);
    expect(t, "3 sure");
    conform_intend(t, "a");
    expect(t, "3");
    conform_copied(t, "a");
    expect(t, "4 sure");
    /* It was there, and is counted already. */
    adoption.item_id = conform_item_id(t, "b");
    CHECK_OK(store_items_adopt(t->s, &t->lease, &adoption, 1, &t->err),
             &t->err);
    expect(t, "4 sure");
    /* Tried again: it may have come with the first try after all. */
    conform_intend(t, "c");
    conform_record(
        t, "c",
        (struct store_outcome){ .state = ITEM_LISTED, .count_try = true });
    expect(t, "4");
    g_assert_cmpint(store_dest_expected(t->s, 999, &untouched, &t->err), ==,
                    -1);
    g_assert_cmpuint(untouched.n, ==, 77);
}

/* A copy that is to be replaced, or is to go, is nowhere for certain. */
static void test_expected_replaced(struct conform *t)
{
    const struct store_follow follow = { .state = ITEM_LISTED,
                                         .done = ITEM_PENDING_EDIT };
    struct store_follow f = follow;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    conform_copied(t, "a");
    expect(t, "1 sure");
    f.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_follow(t->s, &t->lease, &f, 1, &t->err), &t->err);
    expect(t, "0");
}

static void test_refusals(struct conform *t)
{
    const char *const ids[] = { "good", "" };
    const struct store_dest_seen seen = { DEST_FOREIGN, ids, 2, "t", true };
    enum dest_kind kinds[2] = { DEST_DOUBLE, DEST_DOUBLE };
    g_autofree char *before = conform_dump(t);

    conform_refused(
        t, store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
        "missing", before);
    conform_refused(t,
                    store_dest_lookup(t->s, t->inbox, ids, 2, kinds, &t->err),
                    "missing", before);
    conform_refused(t, store_dest_lookup(t->s, 999, ids, 1, kinds, &t->err),
                    "not-found", before);
    g_assert_cmpint(kinds[0], ==, DEST_DOUBLE); /* untouched */
}

const struct conform_test conform_dest[] = {
    { "dest/kinds", test_kinds },
    { "dest/kind-changes", test_kind_changes },
    { "dest/owned-by-the-mailbox", test_owned_by_the_mailbox },
    { "dest/found-to-be-ours", test_found_to_be_ours },
    { "dest/case-sensitive", test_ids_are_case_sensitive },
    { "dest/token-and-baseline", test_token_and_baseline },
    { "dest/swept", test_swept },
    { "dest/expected", test_expected },
    { "dest/expected-replaced", test_expected_replaced },
    { "dest/refusals", test_refusals },
    { 0 },
};
