#include "store/store_conformance_priv.h"

static void test_intend(struct conform *t)
{
    struct store_item *item;
    struct store_folder *f;

    conform_list(t, t->inbox, 2);
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_LISTED,
                                           .not_before_us = 500,
                                           .count_try = true });
    conform_intend(t, "a");
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_INTENDED);
    g_assert_cmpstr(item->change_key, ==, "key-2");
    g_assert_cmpuint(item->size_bytes, ==, 200);
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    g_assert_cmpint(item->pass_id, ==, 7);
    g_assert_cmpint(item->deadline_us, ==, 99);
    g_assert_cmpint(item->not_before_us, ==, 0);
    g_assert_cmpuint(item->tries, ==, 1);
    store_item_free(item);

    item = conform_item(t, "b");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    store_item_free(item);
    f = conform_folder(t, t->inbox);
    g_assert_true(f->dirty);
    store_folder_free(f);
    f = conform_folder(t, t->sent);
    g_assert_false(f->dirty);
    store_folder_free(f);
}

static void test_intend_without_key_and_digest(struct conform *t)
{
    uint8_t digest[STORE_DIGEST_MAX];
    struct store_intent i = { .size_bytes = UINT64_MAX };
    struct store_item *item;

    memset(digest, 0xa5, sizeof(digest));
    conform_list(t, t->inbox, 2);
    i.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_intend(t->s, &t->lease, 1, &i, 1, 5, &t->err),
             &t->err);
    item = conform_item(t, "a");
    g_assert_cmpstr(item->change_key, ==, "key-1");
    g_assert_cmpuint(item->digest_len, ==, 0);
    g_assert_cmpuint(item->size_bytes, ==, STORE_SIZE_MAX);
    store_item_free(item);

    i = (struct store_intent){ .item_id = conform_item_id(t, "b"),
                               .digest = digest,
                               .digest_len = sizeof(digest) };
    CHECK_OK(store_items_intend(t->s, &t->lease, 1, &i, 1, 5, &t->err),
             &t->err);
    item = conform_item(t, "b");
    conform_bytes(item->digest, item->digest_len, digest, sizeof(digest));
    store_item_free(item);
}

static void test_intend_all_or_none(struct conform *t)
{
    struct store_intent i[3] = { 0 };
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 3);
    conform_intend(t, "b");
    i[0].item_id = conform_item_id(t, "a");
    i[1].item_id = conform_item_id(t, "c");
    i[2].item_id = conform_item_id(t, "b");
    before = conform_dump(t);
    conform_refused(t, store_items_intend(t->s, &t->lease, 1, i, 3, 5, &t->err),
                    "wrong-state", before);
    i[2].item_id = i[0].item_id; /* twice in one call */
    conform_refused(t, store_items_intend(t->s, &t->lease, 1, i, 3, 5, &t->err),
                    "wrong-state", before);
    i[2].item_id = i[1].item_id + 1; /* there is none */
    conform_refused(t, store_items_intend(t->s, &t->lease, 1, i, 3, 5, &t->err),
                    "not-found", before);
}

static void test_intend_in_two_folders(struct conform *t)
{
    struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                  .max = 100 };
    g_autoptr(GPtrArray) items = NULL;
    g_autoptr(GArray) waiting = NULL;
    struct store_intent i[4] = { 0 };
    struct store_folder *f;

    conform_list(t, t->inbox, 2);
    conform_list(t, t->sent, 2);
    CHECK_OK(store_items(t->s, &q, &items, &t->err), &t->err);
    /* inbox, sent, inbox, sent: each folder is entered twice. */
    for (size_t n = 0; n < 4; n++)
        i[n].item_id =
            ((const struct store_item *)items->pdata[(n % 2) * 2 + n / 2])->id;
    CHECK_OK(store_items_intend(t->s, &t->lease, 1, i, 4, 5, &t->err), &t->err);
    f = conform_folder(t, t->inbox);
    g_assert_true(f->dirty);
    store_folder_free(f);
    f = conform_folder(t, t->sent);
    g_assert_true(f->dirty);
    store_folder_free(f);
    CHECK_OK(
        store_items_waiting(t->s, t->lease.mailbox_id, 1, &waiting, &t->err),
        &t->err);
    g_assert_cmpuint(waiting->len, ==, 0);
}

/* ---- outcomes ----------------------------------------------------------- */

static void test_copied(struct conform *t)
{
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    conform_copied(t, "a");
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_COPIED);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    conform_bytes(item->digest, item->digest_len, "digest", 6);
    g_assert_cmpint(item->pass_id, ==, 7);
    g_assert_cmpint(item->deadline_us, ==, 0);
    store_item_free(item);

    conform_record(t, "a", (struct store_outcome){ .state = ITEM_CONFLICT });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_CONFLICT);
    g_assert_cmpstr(item->destination_id, ==, "dst-a");
    g_assert_cmpuint(item->digest_len, ==, 6);
    store_item_free(item);
}

static void test_back_to_listed(struct conform *t)
{
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_LISTED,
                                           .not_before_us = 2000,
                                           .count_try = true });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_cmpint(item->not_before_us, ==, 2000);
    g_assert_cmpuint(item->tries, ==, 1);
    g_assert_cmpuint(item->digest_len, ==, 0);
    g_assert_cmpint(item->deadline_us, ==, 0);
    g_assert_cmpint(item->pass_id, ==, 7);
    store_item_free(item);

    conform_record(t, "a", (struct store_outcome){ .state = ITEM_LISTED });
    item = conform_item(t, "a");
    g_assert_cmpuint(item->tries, ==, 1);
    g_assert_cmpint(item->not_before_us, ==, 0);
    store_item_free(item);
}

static void test_failed(struct conform *t)
{
    g_autofree char *long_subject = g_strnfill(4000, 's');
    g_autofree char *cut = g_strnfill(1023, 'x');
    g_autofree char *in_character = g_strconcat(cut, "\xc3\xa9", NULL);
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    conform_record(t, "a",
                   (struct store_outcome){ .state = ITEM_FAILED,
                                           .reason = "item is corrupt",
                                           .remedy = in_character,
                                           .error_name = "ErrorCorruptData",
                                           .subject = long_subject });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_FAILED);
    g_assert_cmpstr(item->reason, ==, "item is corrupt");
    g_assert_cmpstr(item->error_name, ==, "ErrorCorruptData");
    g_assert_cmpuint(strlen(item->subject), ==, 1024);
    g_assert_cmpstr(item->remedy, ==, cut); /* not in a character */
    g_assert_cmpuint(item->digest_len, ==, 0);
    g_assert_cmpint(item->deadline_us, ==, 0);
    store_item_free(item);

    conform_record(t, "a", (struct store_outcome){ .state = ITEM_LISTED });
    item = conform_item(t, "a");
    g_assert_null(item->reason);
    g_assert_null(item->subject);
    store_item_free(item);
}

static void test_without_intent(struct conform *t)
{
    struct store_item *item;

    conform_list(t, t->inbox, 4);
    conform_record(t, "a", (struct store_outcome){ .state = ITEM_GONE });
    conform_record(t, "b", (struct store_outcome){ .state = ITEM_FILTERED });
    conform_record(t, "c",
                   (struct store_outcome){ .state = ITEM_ALREADY_THERE,
                                           .destination_id = "x" });
    conform_record(
        t, "d", (struct store_outcome){ .state = ITEM_FAILED, .reason = "r" });
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    store_item_free(item);
    item = conform_item(t, "b");
    g_assert_cmpint(item->state, ==, ITEM_FILTERED);
    store_item_free(item);
    item = conform_item(t, "c");
    g_assert_cmpint(item->state, ==, ITEM_ALREADY_THERE);
    g_assert_cmpstr(item->destination_id, ==, "x");
    store_item_free(item);
    item = conform_item(t, "d");
    g_assert_cmpint(item->state, ==, ITEM_FAILED);
    g_assert_cmpstr(item->reason, ==, "r");
    store_item_free(item);
}

static void test_record_all_or_none(struct conform *t)
{
    struct store_outcome o[3] = { { .state = ITEM_GONE },
                                  { .state = ITEM_FAILED, .reason = "r" },
                                  { .state = ITEM_COPIED,
                                    .destination_id = "x" } };
    g_autofree char *longest = g_strnfill(5000, 'x');
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 3);
    o[0].item_id = conform_item_id(t, "a");
    o[1].item_id = conform_item_id(t, "b");
    o[2].item_id = conform_item_id(t, "c");
    before = conform_dump(t);
    /* "c" was not intended, so it cannot have been copied. */
    conform_refused(t, store_items_record(t->s, &t->lease, o, 3, &t->err),
                    "wrong-state", before);
    o[2].item_id = o[0].item_id; /* GONE by the first */
    conform_refused(t, store_items_record(t->s, &t->lease, o, 3, &t->err),
                    "wrong-state", before);
    o[2].destination_id = NULL;
    conform_refused(t, store_items_record(t->s, &t->lease, o, 3, &t->err),
                    "missing", before);
    o[2].destination_id = longest;
    conform_refused(t, store_items_record(t->s, &t->lease, o, 3, &t->err),
                    "too-long", before);
    o[1].reason = NULL;
    conform_refused(t, store_items_record(t->s, &t->lease, o, 2, &t->err),
                    "missing", before);
    o[0].item_id = 1;
    conform_refused(t, store_items_record(t->s, &t->lease, o, 1, &t->err),
                    "not-found", before);
}

/* Twice in one call: the second is judged on what the first made of it. */
static void test_record_twice(struct conform *t)
{
    struct store_outcome o[2] = { { .state = ITEM_COPIED,
                                    .destination_id = "x" },
                                  { .state = ITEM_CONFLICT } };
    struct store_item *item;

    conform_list(t, t->inbox, 1);
    conform_intend(t, "a");
    o[0].item_id = o[1].item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_record(t->s, &t->lease, o, 2, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_CONFLICT);
    g_assert_cmpstr(item->destination_id, ==, "x");
    store_item_free(item);
}

/* Every transition that the diagram lacks, through the store itself. */
static void test_refused_transitions(struct conform *t)
{
    static const struct {
        const char *name, *item;
        struct store_outcome o;
    } rows[] = {
        /* clang-format off */
        { "listed to copied", "a",
          { .state = ITEM_COPIED, .destination_id = "x" } },
        { "listed to conflict", "a", { .state = ITEM_CONFLICT } },
        { "listed to intended", "a", { .state = ITEM_INTENDED } },
        { "copied to listed", "b", { .state = ITEM_LISTED } },
        { "copied to failed", "b", { .state = ITEM_FAILED, .reason = "r" } },
        { "copied to gone", "b", { .state = ITEM_GONE } },
        { "copied twice", "b",
          { .state = ITEM_COPIED, .destination_id = "x" } },
        { "gone to listed", "c", { .state = ITEM_LISTED } },
        { "intended to filtered", "d", { .state = ITEM_FILTERED } },
        { "intended to already there", "d",
          { .state = ITEM_ALREADY_THERE, .destination_id = "x" } },
        { "failed to copied", "e",
          { .state = ITEM_COPIED, .destination_id = "x" } },
        /* clang-format on */
    };
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 5);
    conform_intend(t, "bd");
    conform_copied(t, "b");
    conform_record(t, "c", (struct store_outcome){ .state = ITEM_GONE });
    conform_record(
        t, "e", (struct store_outcome){ .state = ITEM_FAILED, .reason = "r" });
    before = conform_dump(t);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_outcome o = rows[i].o;

        o.item_id = conform_item_id(t, rows[i].item);
        CHECK_ROW(rows[i].name,
                  store_items_record(t->s, &t->lease, &o, 1, &t->err) == -1);
        conform_refused(t, -1, "wrong-state", before);
    }
}

/* What came from the source while the item was in doubt. */
static void test_changed_while_in_doubt(struct conform *t)
{
    static const struct {
        const char *name, *item;
        enum store_change_kind change;
        struct store_outcome outcome;
        enum item_state want;
        unsigned int pending;
    } rows[] = {
        /* clang-format off */
        { "edited, arrived", "a", STORE_UPDATED,
          { .state = ITEM_COPIED, .destination_id = "x" }, ITEM_COPIED,
          ITEM_PENDING_EDIT },
        { "deleted, arrived", "b", STORE_DELETED,
          { .state = ITEM_COPIED, .destination_id = "y" }, ITEM_COPIED,
          ITEM_PENDING_DELETE },
        { "deleted, not arrived", "c", STORE_DELETED,
          { .state = ITEM_LISTED, .not_before_us = 5 }, ITEM_GONE, 0 },
        { "edited, refused", "d", STORE_UPDATED,
          { .state = ITEM_FAILED, .reason = "r" }, ITEM_LISTED, 0 },
        { "read, not arrived", "e", STORE_READ_FLAG,
          { .state = ITEM_LISTED }, ITEM_LISTED, 0 },
        { "deleted, refused", "f", STORE_DELETED,
          { .state = ITEM_FAILED, .reason = "r" }, ITEM_GONE, 0 },
        /* clang-format on */
    };

    conform_list(t, t->inbox, G_N_ELEMENTS(rows));
    conform_intend(t, "abcdef");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_change c = { .source_id = rows[i].item,
                                  .change_key = "key-3" };
        struct store_item *item;

        c.kind = rows[i].change;
        conform_change(t, &c);
        item = conform_item(t, rows[i].item);
        CHECK_ROW(rows[i].name, item->state == ITEM_INTENDED);
        CHECK_ROW(rows[i].name, item->pending != 0);
        store_item_free(item);
        conform_record(t, rows[i].item, rows[i].outcome);
        item = conform_item(t, rows[i].item);
        CHECK_ROW(rows[i].name, item->state == rows[i].want);
        CHECK_ROW(rows[i].name, item->pending == rows[i].pending);
        CHECK_ROW(rows[i].name, item->reason == NULL);
        CHECK_ROW(rows[i].name, item->not_before_us == 0);
        store_item_free(item);
    }
}

static void test_retry_failed(struct conform *t)
{
    const struct store_outcome failed = { .state = ITEM_FAILED,
                                          .reason = "r",
                                          .subject = "s" };
    struct store_verdict v = { .verify = VERIFY_FAILED, .note = "kept" };
    struct store_item *item;
    size_t n = 0;

    conform_list(t, t->inbox, 4);
    conform_record(
        t, "a",
        (struct store_outcome){ .state = ITEM_LISTED, .count_try = true });
    conform_record(t, "a", failed);
    conform_record(t, "c", failed);
    conform_record(t, "d", (struct store_outcome){ .state = ITEM_GONE });
    v.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_verify(t->s, &t->lease, &v, 1, &t->err), &t->err);

    CHECK_OK(store_items_retry_failed(t->s, &t->other_lease, &n, &t->err),
             &t->err);
    g_assert_cmpuint(n, ==, 0); /* another mailbox's are not touched */
    CHECK_OK(store_items_retry_failed(t->s, &t->lease, &n, &t->err), &t->err);
    g_assert_cmpuint(n, ==, 2);
    item = conform_item(t, "a");
    g_assert_cmpint(item->state, ==, ITEM_LISTED);
    g_assert_cmpuint(item->tries, ==, 0);
    g_assert_null(item->reason);
    g_assert_null(item->subject);
    g_assert_cmpstr(item->verify_note, ==, "kept");
    store_item_free(item);
    item = conform_item(t, "d");
    g_assert_cmpint(item->state, ==, ITEM_GONE);
    store_item_free(item);
    CHECK_OK(store_items_retry_failed(t->s, &t->lease, NULL, &t->err), &t->err);

    g_autoptr(GArray) w = NULL;

    CHECK_OK(store_items_waiting(t->s, t->lease.mailbox_id, 1, &w, &t->err),
             &t->err);
    g_assert_cmpuint(w->len, ==, 1);
    g_assert_cmpuint(g_array_index(w, struct store_waiting, 0).n_ready, ==, 3);
}

/* ---- verdicts ----------------------------------------------------------- */

static void test_verify(struct conform *t)
{
    struct store_verdict v[2] = { { .verify = VERIFY_DIFFERENT,
                                    .note = "body" },
                                  { .verify = VERIFY_VERIFIED } };
    struct store_item *item;
    g_autofree char *before = NULL;

    conform_list(t, t->inbox, 2);
    v[0].item_id = conform_item_id(t, "a");
    v[1].item_id = 12345;
    before = conform_dump(t);
    conform_refused(t, store_items_verify(t->s, &t->lease, v, 2, &t->err),
                    "not-found", before);
    v[1].item_id = conform_item_id(t, "b");
    CHECK_OK(store_items_verify(t->s, &t->lease, v, 2, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->verify, ==, VERIFY_DIFFERENT);
    g_assert_cmpstr(item->verify_note, ==, "body");
    store_item_free(item);

    /* A later verdict takes the note away. */
    v[0].verify = VERIFY_VERIFIED;
    v[0].note = NULL;
    CHECK_OK(store_items_verify(t->s, &t->lease, v, 1, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->verify, ==, VERIFY_VERIFIED);
    g_assert_null(item->verify_note);
    store_item_free(item);
}

static void test_verify_reset(struct conform *t)
{
    struct store_verdict v = { .verify = VERIFY_MISSING, .note = "n" };
    struct store_item *item;

    conform_list(t, t->inbox, 2);
    conform_record(
        t, "a",
        (struct store_outcome){ .state = ITEM_FAILED, .reason = "stays" });
    v.item_id = conform_item_id(t, "a");
    CHECK_OK(store_items_verify(t->s, &t->lease, &v, 1, &t->err), &t->err);
    CHECK_OK(store_items_verify_reset(t->s, &t->other_lease, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->verify, ==, VERIFY_MISSING);
    store_item_free(item);
    CHECK_OK(store_items_verify_reset(t->s, &t->lease, &t->err), &t->err);
    item = conform_item(t, "a");
    g_assert_cmpint(item->verify, ==, VERIFY_NONE);
    g_assert_null(item->verify_note);
    g_assert_cmpstr(item->reason, ==, "stays");
    store_item_free(item);
}

const struct conform_test conform_ledger[] = {
    { "intend/one", test_intend },
    { "intend/without-key-and-digest", test_intend_without_key_and_digest },
    { "intend/all-or-none", test_intend_all_or_none },
    { "intend/two-folders", test_intend_in_two_folders },
    { "record/copied", test_copied },
    { "record/back-to-listed", test_back_to_listed },
    { "record/failed", test_failed },
    { "record/without-intent", test_without_intent },
    { "record/all-or-none", test_record_all_or_none },
    { "record/twice", test_record_twice },
    { "record/refused-transitions", test_refused_transitions },
    { "record/changed-while-in-doubt", test_changed_while_in_doubt },
    { "record/retry-failed", test_retry_failed },
    { "verify/verdicts", test_verify },
    { "verify/reset", test_verify_reset },
    { 0 },
};
