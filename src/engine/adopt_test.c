/* What was at the destination before us. */
#include <string.h>

#include "engine/rig.h"
#include "engine/stamp.h"

static const char *inbox(struct rig *r, int side)
{
    return rig_folder(r, side, "inbox");
}

/* Both sides have an item of that text. */
static void add_both(struct rig *r, const char *text)
{
    rig_add(r, RIG_SOURCE, inbox(r, RIG_SOURCE), text);
    rig_add(r, RIG_DESTINATION, inbox(r, RIG_DESTINATION), text);
}

static guint n_there(struct rig *r)
{
    return rig_count(r, RIG_DESTINATION, inbox(r, RIG_DESTINATION));
}

/* Put calls since the last look. */
static uint64_t puts_since(struct rig *r, uint64_t *before)
{
    uint64_t now = mem_items_asked(r->mem[RIG_DESTINATION], MEM_PUT);
    uint64_t n = now - *before;

    *before = now;
    return n;
}

/* ---- a lost state file --------------------------------------------------- */

static void test_lost_state(void)
{
    static const bool adopts[] = { false, true };

    for (size_t i = 0; i < G_N_ELEMENTS(adopts); i++) {
        uint64_t puts = 0, n;
        struct rig r;

        rig_init(&r, NULL);
        rig_fill(&r);
        rig_copy(&r);
        n = puts_since(&r, &puts);
        rig_forget(&r);
        r.options.adopt = adopts[i];
        rig_copy(&r);
        g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
        rig_check_equal(&r);
        g_assert_cmpuint(
            rig_rows(&r, adopts[i] ? ITEM_COPIED : ITEM_ALREADY_THERE), ==, n);
        g_assert_cmpuint(adopts[i] ? r.result.pass.adopted
                                   : r.result.pass.already_there,
                         ==, n);
        g_assert_cmpuint(r.told[ENGINE_ADOPTED], ==, n);
        g_assert_cmpuint(r.result.pass.items_copied, ==, 0);
        rig_verify(&r, VERIFY_MODE_SAMPLE, r.result.pass.id);
        g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, n);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
        rig_verify(&r, VERIFY_MODE_FULL, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, n);
        rig_copy(&r);
        g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
        rig_release(&r);
    }
}

/*
 * What no request can carry is there all the same, where somebody put it there
 * by other means; what is not there is too large as ever.
 */
static void test_too_large(void)
{
    const char *there, *absent;
    struct store_item *row;
    struct rig r;

    rig_init(&r, &(struct rig_options){ .request_max_bytes = 200000 });
    there =
        rig_add_large(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "there", 300000);
    absent =
        rig_add_large(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "absent", 300000);
    rig_add_large(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "there",
                  300000);
    add_both(&r, "small");
    rig_copy(&r);
    row = rig_row(&r, there);
    g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
    store_item_free(row);
    row = rig_row(&r, absent);
    g_assert_cmpint(row->state, ==, ITEM_FAILED);
    g_assert_cmpstr(row->error_name, ==, "item-too-large");
    store_item_free(row);
    g_assert_cmpuint(r.result.pass.already_there, ==, 2);
    g_assert_cmpuint(r.result.pass.items_failed, ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 2);
    rig_release(&r);
}

/* By consent it is ours: edits, moves and deletions follow. */
static void test_adopted_follows(void)
{
    const char *edited, *deleted, *moved;
    struct rig r;

    rig_init(&r, NULL);
    edited = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "edited");
    deleted = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "deleted");
    moved = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "moved");
    rig_copy(&r);
    rig_forget(&r);
    r.options.adopt = true;
    rig_copy(&r);
    rig_edit(&r, RIG_SOURCE, edited, "edited since");
    mem_delete_item(r.mem[RIG_SOURCE], deleted);
    mem_move_item(r.mem[RIG_SOURCE], moved,
                  rig_folder(&r, RIG_SOURCE, "sentitems"));
    r.options.propagate_deletes = true;
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpuint(r.result.pass.updated, ==, 1);
    g_assert_cmpuint(r.result.pass.removed, ==, 1);
    g_assert_cmpuint(r.result.pass.moved, ==, 1);
    rig_release(&r);
}

static char *destination_of(struct rig *r, const char *id)
{
    struct store_item *row = rig_row(r, id);
    char *there = g_strdup(row->destination_id);

    store_item_free(row);
    return there;
}

static const char *move_to(struct rig *r, const char *id, const char *folder)
{
    return mem_move_item(r->mem[RIG_SOURCE], id,
                         rig_folder(r, RIG_SOURCE, folder));
}

/*
 * Without it stays where it is, and nothing is copied beside it; verify says
 * where, and whether it is there still.
 */
static void test_moved_is_not_doubled(void)
{
    const char *id, *moved;
    g_autofree char *copy = NULL, *there = NULL;
    struct store_item *row;
    uint64_t puts = 0;
    struct rig r;

    rig_init(&r, NULL);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "theirs");
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    rig_copy(&r);
    copy = destination_of(&r, id);
    moved = move_to(&r, id, "sentitems");
    r.options.propagate_deletes = true;
    for (int run = 0; run < 2; run++) {
        rig_copy(&r);
        g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
        g_assert_cmpuint(r.result.pass.unlike, ==, run == 0);
        g_assert_cmpuint(rig_count(&r, RIG_DESTINATION, NULL), ==, 1);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
        row = rig_row(&r, moved);
        g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
        g_assert_nonnull(strstr(row->reason, "stays in \"Inbox\""));
        g_assert_cmpint(row->verify, ==, VERIFY_DIFFERENT);
        store_item_free(row);
        there = destination_of(&r, moved);
        g_assert_cmpstr(there, ==, copy);
        g_clear_pointer(&there, g_free);
        rig_verify(&r, run == 0 ? VERIFY_MODE_COUNTS : VERIFY_MODE_FULL, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_DIFFERENT], ==, 1);
        g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_EXTRA], ==, 0);
    }
    mem_delete_item(r.mem[RIG_DESTINATION], copy);
    rig_verify(&r, VERIFY_MODE_COUNTS, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_MISSING], ==, 1);
    rig_release(&r);
}

/* From folder to folder, and home again: then all is as it was. */
static void test_moved_on_and_back(void)
{
    const char *id;
    struct store_item *row;
    struct rig r;

    rig_init(&r, NULL);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "theirs");
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    rig_copy(&r);
    id = move_to(&r, id, "sentitems");
    rig_copy(&r);
    id = move_to(&r, id, "drafts");
    rig_copy(&r);
    row = rig_row(&r, id);
    g_assert_nonnull(strstr(row->reason, "stays in \"Inbox\""));
    g_assert_cmpint(row->moved_from, !=, 0);
    store_item_free(row);
    id = move_to(&r, id, "inbox");
    rig_copy(&r);
    row = rig_row(&r, id);
    g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
    g_assert_null(row->reason);
    g_assert_cmpint(row->moved_from, ==, 0);
    store_item_free(row);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_check_equal(&r);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 1);
    rig_release(&r);
}

/* It is there no more: what is copied then is no double. */
static void test_moved_and_gone_there(void)
{
    const char *id;
    g_autofree char *copy = NULL;
    struct rig r;

    rig_init(&r, NULL);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "theirs");
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    rig_copy(&r);
    copy = destination_of(&r, id);
    mem_delete_item(r.mem[RIG_DESTINATION], copy);
    move_to(&r, id, "sentitems");
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.items_copied, ==, 1);
    rig_check_equal(&r);
    rig_release(&r);
}

/* And where somebody wants it in its folder all the same, it is put there. */
static void test_moved_copied_beside(void)
{
    const char *id;
    struct rig r;

    rig_init(&r, NULL);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "theirs");
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs");
    rig_copy(&r);
    move_to(&r, id, "sentitems");
    rig_copy(&r);
    r.options.unlike = ENGINE_UNLIKE_COPY;
    rig_copy(&r);
    g_assert_cmpuint(rig_count(&r, RIG_DESTINATION,
                               rig_folder(&r, RIG_DESTINATION, "sentitems")),
                     ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* Without, it is somebody else's: nothing is ever changed or removed. */
static void test_foreign_stays(void)
{
    const char *edited, *deleted, *read, *touched;
    g_autofree char *before = NULL, *after = NULL;
    uint64_t puts = 0;
    struct rig r;

    rig_init(&r, NULL);
    edited = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "edited");
    deleted = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "deleted");
    read = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "read");
    touched = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "touched");
    rig_copy(&r);
    rig_forget(&r);
    rig_copy(&r);
    puts_since(&r, &puts);
    before = rig_digest(&r, RIG_DESTINATION);
    rig_edit(&r, RIG_SOURCE, edited, "edited since");
    mem_delete_item(r.mem[RIG_SOURCE], deleted);
    mem_set_read(r.mem[RIG_SOURCE], read, true);
    mem_set_read(r.mem[RIG_SOURCE], read, false);
    mem_touch_item(r.mem[RIG_SOURCE], touched);
    r.options.propagate_deletes = true;
    for (int i = 0; i < 2; i++) {
        rig_copy(&r);
        g_clear_pointer(&after, g_free);
        after = rig_digest(&r, RIG_DESTINATION);
        g_assert_cmpstr(after, ==, before);
        g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
        g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE), ==, 0);
        g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_MARK_READ), ==, 0);
        g_assert_cmpuint(rig_rows(&r, ITEM_CONFLICT), ==, 1);
        g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 3);
    }
    rig_release(&r);
}

/* Consent may come later. */
static void test_adopted_in_a_second_run(void)
{
    const char *id;
    struct rig r;

    rig_init(&r, NULL);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "one");
    rig_copy(&r);
    rig_forget(&r);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 1);
    rig_edit(&r, RIG_SOURCE, id, "two");
    r.options.adopt = true;
    rig_copy(&r);
    g_assert_cmpuint(r.result.pass.adopted, ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    rig_check_equal(&r);
    rig_release(&r);
}

/* ---- somebody else's work ------------------------------------------------ */

static void test_half_is_there(void)
{
    uint64_t puts = 0;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail", 40);
    rig_add_many(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "mail", 20);
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 20);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 20);
    rig_check_equal(&r);
    rig_release(&r);
}

/* Of so many here and there: how many are found, and copied. */
static void test_multisets(void)
{
    static const struct {
        const char *name;
        unsigned int here, there, found, copied;
    } rows[] = {
        { "two here, one there", 2, 1, 1, 1 },
        { "one here, two there", 1, 2, 1, 0 },
        { "three here, two there", 3, 2, 2, 1 },
        { "two and two", 2, 2, 2, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        uint64_t puts = 0;
        struct rig r;

        rig_init(&r, NULL);
        for (unsigned int k = 0; k < rows[i].here; k++)
            rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "same");
        for (unsigned int k = 0; k < rows[i].there; k++)
            rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "same");
        r.options.batch_items = 1;
        rig_copy(&r);
        CHECK_ROW(rows[i].name,
                  rig_rows(&r, ITEM_ALREADY_THERE) == rows[i].found);
        CHECK_ROW(rows[i].name, puts_since(&r, &puts) == rows[i].copied);
        CHECK_ROW(rows[i].name,
                  n_there(&r) == MAX(rows[i].here, rows[i].there));
        CHECK_ROW(rows[i].name, rig_state(&r) == MAILBOX_SYNCED);
        rig_release(&r);
    }
}

/* What a user has there of his own is nothing to us. */
static void test_others_items_stay(void)
{
    g_autofree char *digest = NULL;
    struct rig r;

    rig_init(&r, NULL);
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "ours", 5);
    rig_add_many(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "theirs", 5);
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 5);
    g_assert_cmpuint(n_there(&r), ==, 10);
    digest = rig_digest(&r, RIG_DESTINATION);
    g_assert_nonnull(strstr(digest, "theirs 4"));
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_REMOVE), ==, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* Equal, and in another folder: no copy of that one. */
static void test_another_folder(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
    rig_add(&r, RIG_DESTINATION, rig_folder(&r, RIG_DESTINATION, "sentitems"),
            "mail");
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 1);
    rig_release(&r);
}

static void test_no_search(void)
{
    struct rig r;

    rig_init(&r, NULL);
    add_both(&r, "mail");
    r.options.no_search = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 2);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_KEYS), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_KEYS), ==, 0);
    rig_release(&r);
}

/* ---- another shape ------------------------------------------------------- */

/* The same mail by its key; its body is longer. */
static void add_unlike(struct rig *r, int side, const char *text)
{
    rig_add_large(r, side, inbox(r, side), text, 1000);
}

static void test_unlike_is_left(void)
{
    uint64_t puts = 0;
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
    add_unlike(&r, RIG_DESTINATION, "mail");
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
    g_assert_cmpuint(n_there(&r), ==, 1);
    g_assert_cmpuint(r.result.pass.unlike, ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    for (int mode = VERIFY_MODE_COUNTS; mode <= VERIFY_MODE_FULL; mode++) {
        rig_verify(&r, (enum verify_mode)mode, 0);
        g_assert_cmpuint(r.report.by_class[VERIFY_DIFFERENT], ==, 1);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);
    }
    rig_copy(&r); /* it is told each time */
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_COMPLETED_WITH_FAILURES);

    /* Somebody has looked at the report, and wants it all the same. */
    r.options.unlike = ENGINE_UNLIKE_COPY;
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 2);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_VERIFIED);
    rig_copy(&r);
    g_assert_cmpuint(n_there(&r), ==, 2);
    rig_release(&r);
}

static void test_unlike_is_copied(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
    add_unlike(&r, RIG_DESTINATION, "mail");
    r.options.unlike = ENGINE_UNLIKE_COPY;
    rig_copy(&r);
    g_assert_cmpuint(n_there(&r), ==, 2);
    g_assert_cmpuint(r.result.pass.unlike, ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/*
 * Who equals what is there gets it, whoever comes first: two mails of one key,
 * of which the destination has one.
 */
static void test_equal_comes_first(void)
{
    static const bool unlike_first[] = { true, false };

    for (size_t i = 0; i < G_N_ELEMENTS(unlike_first); i++) {
        const char *equal = NULL;
        struct store_item *row;
        struct rig r;

        rig_init(&r, NULL);
        r.options.lanes = 1;
        r.options.batch_items = 1;
        if (unlike_first[i])
            add_unlike(&r, RIG_SOURCE, "mail");
        equal = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
        if (!unlike_first[i])
            add_unlike(&r, RIG_SOURCE, "mail");
        rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "mail");
        rig_copy(&r);
        row = rig_row(&r, equal);
        g_assert_cmpint(row->state, ==, ITEM_ALREADY_THERE);
        g_assert_null(row->reason);
        store_item_free(row);
        g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
        rig_check_equal(&r);
        g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
        rig_release(&r);
    }
}

/* The same where the other comes in a later pass. */
static void test_equal_comes_later(void)
{
    struct rig r;

    rig_init(&r, NULL);
    add_unlike(&r, RIG_SOURCE, "mail");
    rig_add(&r, RIG_DESTINATION, inbox(&r, RIG_DESTINATION), "mail");
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 1);
    rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
    rig_copy(&r);
    rig_check_equal(&r);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_release(&r);
}

/* ---- MIME and properties ------------------------------------------------- */

static const struct rig_options by_portable = {
    .missing_caps = { ENDPOINT_CAP_EXPORT, ENDPOINT_CAP_UPLOAD },
    .portable = true,
};

/* Our own copies say whose they are: they are ours again, without consent. */
static void test_stamped(void)
{
    const char *id;
    uint64_t puts = 0, n;
    struct rig r;

    rig_init(&r, &by_portable);
    rig_fill(&r);
    id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "one");
    rig_copy(&r);
    n = puts_since(&r, &puts);
    rig_forget(&r);
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, n);
    rig_check_equal(&r);
    rig_edit(&r, RIG_SOURCE, id, "two");
    rig_copy(&r);
    rig_check_equal(&r);
    rig_release(&r);
}

/* One that was copied as "one", and is "another" at the source. */
static void begin_edited(struct rig *r, uint64_t *puts)
{
    const char *id;

    rig_init(r, &by_portable);
    id = rig_add(r, RIG_SOURCE, inbox(r, RIG_SOURCE), "one");
    rig_copy(r);
    puts_since(r, puts);
    rig_forget(r);
    rig_edit(r, RIG_SOURCE, id, "another");
}

static void touch_copy(struct rig *r)
{
    g_autoptr(GPtrArray) items = mem_items(r->mem[RIG_DESTINATION], NULL);
    const struct mem_item *copy = items->pdata[0];

    mem_touch_item(r->mem[RIG_DESTINATION], copy->id);
}

/* What nobody has touched since we made it is ours to make anew. */
static void test_stamped_and_edited(void)
{
    g_autoptr(GPtrArray) dumpster = NULL;
    uint64_t puts = 0;
    struct rig r;

    begin_edited(&r, &puts);
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 1);
    rig_check_equal(&r);
    dumpster = mem_dumpster(r.mem[RIG_DESTINATION]);
    g_assert_cmpuint(dumpster->len, ==, 1);
    rig_release(&r);
}

/* By the stamp it is that item, and somebody has changed it there. */
static void test_stamped_and_touched(void)
{
    uint64_t puts = 0;
    struct rig r;

    begin_edited(&r, &puts);
    touch_copy(&r);
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 1);
    g_assert_cmpuint(r.result.pass.unlike, ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 1);
    rig_release(&r);
}

/* Cut short by a run of which nobody knows any more. */
static void test_unfinished(void)
{
    g_autoptr(GPtrArray) dumpster = NULL;
    struct rig r;

    rig_init(&r, &by_portable);
    rig_add_many(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail", 3);
    rig_fault_err(&r, RIG_DESTINATION, FAULT_PUT, FAULT_CUT, 1, 0, ERR_MAILBOX,
                  ERR_RETRY_NEVER);
    g_assert_cmpint(rig_try_copy(&r), ==, -1);
    faults_clear(r.faults[RIG_DESTINATION]);
    g_assert_cmpuint(n_there(&r), ==, 1);
    rig_forget(&r);
    rig_copy(&r);
    rig_check_equal(&r);
    dumpster = mem_dumpster(r.mem[RIG_DESTINATION]);
    g_assert_cmpuint(dumpster->len, ==, 1);
    g_assert_cmpuint(rig_rows(&r, ITEM_COPIED), ==, 3);
    rig_release(&r);
}

/* An earlier tool's copy: not as FastTransfer, but for a reader the same. */
static void test_equal_for_a_reader(void)
{
    static const struct rig_options both = { .portable = true };
    struct endpoint *ep[2];
    struct endpoint_item item = { 0 };
    struct endpoint_done done = { 0 };
    struct endpoint_facts facts[2] = { 0 };
    struct endpoint_ref ref = { .format = PAYLOAD_PORTABLE };
    uint64_t puts = 0;
    bool maybe;
    struct rig r;

    rig_init(&r, &both);
    ref.id = rig_add(&r, RIG_SOURCE, inbox(&r, RIG_SOURCE), "mail");
    for (int side = 0; side < 2; side++) {
        ep[side] = mem_endpoint(r.mem[side]);
        CHECK_OK(endpoint_open(ep[side], &facts[side], &r.err), &r.err);
        endpoint_facts_clear(&facts[side]);
    }
    CHECK_OK(endpoint_fetch(ep[0], &ref, 1, r.pool, &item, &r.err), &r.err);
    CHECK_OK(endpoint_put(ep[1],
                          &(struct endpoint_put){
                              .folder_id = inbox(&r, RIG_DESTINATION),
                              .format = PAYLOAD_PORTABLE,
                              .portable = item.portable,
                          },
                          1, &done, &maybe, &r.err),
             &r.err);
    endpoint_items_free(&item, 1);
    endpoint_done_free(&done, 1);
    endpoint_free(ep[0]);
    endpoint_free(ep[1]);
    puts_since(&r, &puts);
    rig_copy(&r);
    g_assert_cmpuint(puts_since(&r, &puts), ==, 0);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 1);
    g_assert_cmpint(rig_state(&r), ==, MAILBOX_SYNCED);
    rig_verify(&r, VERIFY_MODE_FULL, 0);
    g_assert_cmpuint(r.report.by_class[VERIFY_VERIFIED], ==, 1);
    rig_release(&r);
}

/* ---- cost and trouble ---------------------------------------------------- */

/* Where nothing was before us, nobody is asked for anything more. */
static void test_empty_destination_costs_nothing(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_copy(&r);
    for (int side = 0; side < 2; side++)
        g_assert_cmpuint(rig_calls(&r, side, MEM_KEYS), ==, 0);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FETCH), ==, 0);
    rig_release(&r);
}

/* One folder had something: the others are copied as ever. */
static void test_only_that_folder_is_searched(void)
{
    struct rig r;

    rig_init(&r, NULL);
    rig_fill(&r);
    rig_add(&r, RIG_DESTINATION, rig_folder(&r, RIG_DESTINATION, "contacts"),
            "somebody");
    rig_copy(&r);
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_SOURCE], MEM_KEYS), ==, 10);
    g_assert_cmpuint(mem_items_asked(r.mem[RIG_DESTINATION], MEM_KEYS), ==, 1);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_FETCH), ==, 0);
    rig_release(&r);
}

static void test_without_digests(void)
{
    struct rig r;

    rig_init(&r, NULL);
    add_both(&r, "mail");
    r.options.no_digest = true;
    rig_copy(&r);
    g_assert_cmpuint(rig_rows(&r, ITEM_ALREADY_THERE), ==, 1);
    g_assert_cmpuint(n_there(&r), ==, 1);
    rig_release(&r);
}

/* Lost answers on all ways, and the state file lost in the middle. */
static void test_lost_answers(void)
{
    static const struct {
        int side;
        enum fault_op op;
        enum fault_when when;
    } rows[] = {
        { RIG_SOURCE, FAULT_KEYS, FAULT_BEFORE },
        { RIG_DESTINATION, FAULT_KEYS, FAULT_BEFORE },
        { RIG_DESTINATION, FAULT_FETCH, FAULT_BEFORE },
        { RIG_SOURCE, FAULT_FETCH, FAULT_BEFORE },
        { RIG_DESTINATION, FAULT_PUT, FAULT_AFTER },
        { RIG_DESTINATION, FAULT_CHANGES, FAULT_BEFORE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct rig r;

        rig_init(&r, NULL);
        rig_fill(&r);
        r.options.max_failures = 0;
        rig_fault_err(&r, RIG_DESTINATION, FAULT_PUT, FAULT_BEFORE, 9, 1,
                      ERR_MAILBOX, ERR_RETRY_NEVER);
        g_assert_cmpint(rig_try_copy(&r), ==, -1);
        faults_clear(r.faults[RIG_DESTINATION]);
        rig_forget(&r);
        g_test_message("row %zu", i);
        rig_fault(&r, rows[i].side, rows[i].op, rows[i].when, 1, 7);
        rig_copy(&r);
        g_assert_cmpuint(rig_rows(&r, ITEM_FAILED), ==, 0);
        g_assert_cmpuint(rig_rows(&r, ITEM_LISTED), ==, 0);
        rig_check_equal(&r);
        g_assert_cmpuint(r.result.pass.unlike, ==, 0);
        g_assert_cmpuint(r.result.pass.already_there, >, 0);
        g_assert_cmpuint(r.result.pass.items_copied, >, 0);
        rig_release(&r);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add_func("/adopt/" name, fn)
    ADD("lost-state", test_lost_state);
    ADD("too-large", test_too_large);
    ADD("adopted-follows", test_adopted_follows);
    ADD("moved-is-not-doubled", test_moved_is_not_doubled);
    ADD("moved-on-and-back", test_moved_on_and_back);
    ADD("moved-and-gone-there", test_moved_and_gone_there);
    ADD("moved-copied-beside", test_moved_copied_beside);
    ADD("foreign-stays", test_foreign_stays);
    ADD("adopted-in-a-second-run", test_adopted_in_a_second_run);
    ADD("half-is-there", test_half_is_there);
    ADD("multisets", test_multisets);
    ADD("others-items-stay", test_others_items_stay);
    ADD("another-folder", test_another_folder);
    ADD("no-search", test_no_search);
    ADD("unlike-is-left", test_unlike_is_left);
    ADD("unlike-is-copied", test_unlike_is_copied);
    ADD("equal-comes-first", test_equal_comes_first);
    ADD("equal-comes-later", test_equal_comes_later);
    ADD("stamped", test_stamped);
    ADD("stamped-and-edited", test_stamped_and_edited);
    ADD("stamped-and-touched", test_stamped_and_touched);
    ADD("unfinished", test_unfinished);
    ADD("equal-for-a-reader", test_equal_for_a_reader);
    ADD("empty-destination-costs-nothing",
        test_empty_destination_costs_nothing);
    ADD("only-that-folder-is-searched", test_only_that_folder_is_searched);
    ADD("without-digests", test_without_digests);
    ADD("lost-answers", test_lost_answers);
#undef ADD
    return g_test_run();
}
