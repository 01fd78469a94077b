/*
 * Who gets what: claims by hand, and by many threads at once.
 */
#include <string.h>

#include "base/timestamp.h"
#include "engine/copy_priv.h"
#include "engine/rig.h"

struct run {
    struct rig rig;
    struct engine_job job;
    struct copy copy;
    struct err err;
};

/* Everything at the source is listed, and nothing is copied yet. */
static void run_init(struct run *r, void (*fill)(struct rig *rig))
{
    struct endpoint_facts facts[N_SIDES] = { 0 };
    struct err *err = &r->err;

    *r = (struct run){ 0 };
    rig_init(&r->rig, NULL);
    fill(&r->rig);
    r->rig.options.dry_run = true;
    rig_copy(&r->rig);
    r->rig.options.dry_run = false;
    r->job = rig_job(&r->rig, true);
    pass_init(&r->copy.pass, &r->job, MAILBOX_COPYING);
    CHECK_OK(pass_open(&r->copy.pass, facts, err), err);
    batch_init(&r->copy.batch, 0, 0, 0);
    CHECK_OK(map_folders(&r->copy, facts, err), err);
    CHECK_OK(pass_begin(&r->copy.pass, "full", err), err);
    CHECK_OK(feed_ask(&r->copy, err), err);
    for (int side = 0; side < N_SIDES; side++)
        endpoint_facts_clear(&facts[side]);
}

static void run_release(struct run *r)
{
    copy_folders_free(&r->copy);
    g_free(r->copy.scratch_parent);
    pass_release(&r->copy.pass);
    rig_release(&r->rig);
}

static struct folder *folder_called(struct run *r, const char *path)
{
    for (size_t i = 0; i < r->copy.n_folders; i++)
        if (strcmp(r->copy.folders[i].row->path, path) == 0)
            return &r->copy.folders[i];
    g_error("no folder \"%s\"", path);
}

static void claim(struct run *r, struct claim *ret)
{
    g_assert_cmpint(feed_claim(&r->copy, ret, &r->err), ==, 1);
    if (ret->open_first)
        feed_set_gate(&r->copy, ret->folder, GATE_OPEN);
}

/* As a lane does that copies everything. */
static void record_all(struct run *r, const struct claim *c)
{
    for (guint i = 0; i < c->items->len; i++) {
        const struct store_item *item = c->items->pdata[i];
        const struct store_intent intent = { .item_id = item->id };
        const struct store_outcome done = { .item_id = item->id,
                                            .state = ITEM_COPIED,
                                            .destination_id = item->source_id };
        const uint64_t bytes = 1;
        struct err err;

        CHECK_OK(store_items_intend(r->rig.store, &r->rig.lease,
                                    r->copy.pass.record.id, &intent, 1, 1,
                                    &err),
                 &err);
        CHECK_OK(record_outcomes(&r->copy, c->folder, &done, &bytes, 1, &err),
                 &err);
    }
}

static void fill_three(struct rig *rig)
{
    rig_add_many(rig, RIG_SOURCE, rig_folder(rig, RIG_SOURCE, "inbox"), "mail",
                 35);
    rig_add_many(rig, RIG_SOURCE, rig_folder(rig, RIG_SOURCE, "calendar"),
                 "meeting", 5);
    rig_add_many(rig, RIG_SOURCE, rig_folder(rig, RIG_SOURCE, "notes"), "note",
                 25);
}

static void test_order(void)
{
    struct claim c;
    struct run r;

    run_init(&r, fill_three);
    claim(&r, &c);
    g_assert_cmpstr(c.folder->row->path, ==, "Calendar");
    g_assert_cmpuint(c.items->len, ==, 5);
    feed_release(&r.copy, &c, false);
    claim(&r, &c);
    g_assert_cmpstr(c.folder->row->path, ==, "Inbox");
    g_assert_cmpuint(c.items->len, ==, 10);
    /* newest first */
    for (guint i = 1; i < c.items->len; i++)
        g_assert_cmpint(
            ((struct store_item *)c.items->pdata[i - 1])->received_us, >=,
            ((struct store_item *)c.items->pdata[i])->received_us);
    feed_release(&r.copy, &c, false);
    claim(&r, &c);
    g_assert_cmpstr(c.folder->row->path, ==, "Notes");
    feed_release(&r.copy, &c, false);
    run_release(&r);
}

/* The first into a folder takes its baseline; nobody else comes in before. */
static void test_one_opens(void)
{
    struct claim first, second;
    struct run r;

    run_init(&r, fill_three);
    feed_set_gate(&r.copy, folder_called(&r, "Calendar"), GATE_NOWHERE);
    g_assert_cmpint(feed_claim(&r.copy, &first, &r.err), ==, 1);
    g_assert_true(first.open_first);
    g_assert_cmpstr(first.folder->row->path, ==, "Inbox");
    g_assert_cmpint(feed_claim(&r.copy, &second, &r.err), ==, 1);
    g_assert_true(second.open_first);
    g_assert_cmpstr(second.folder->row->path, ==, "Notes");
    /* given back unopened: somebody else opens it */
    feed_set_gate(&r.copy, first.folder, GATE_SHUT);
    feed_release(&r.copy, &first, true);
    g_assert_cmpint(feed_claim(&r.copy, &first, &r.err), ==, 1);
    g_assert_true(first.open_first);
    g_assert_cmpstr(first.folder->row->path, ==, "Inbox");
    feed_release(&r.copy, &first, true);
    feed_release(&r.copy, &second, true);
    run_release(&r);
}

static void test_closed_folders_are_left_alone(void)
{
    struct claim c;
    struct err why;
    struct run r;

    run_init(&r, fill_three);
    err_set(&why, ERR_FOLDER, ERR_RETRY_NEVER, 0, "no such folder");
    feed_close(&r.copy, folder_called(&r, "Calendar"), &why);
    feed_close(&r.copy, folder_called(&r, "Inbox"), &why);
    for (int i = 0; i < 3; i++) {
        claim(&r, &c);
        g_assert_cmpstr(c.folder->row->path, ==, "Notes");
        record_all(&r, &c);
        feed_release(&r.copy, &c, false);
    }
    g_assert_true(feed_is_empty(&r.copy) || !feed_has_ready(&r.copy));
    g_assert_cmpstr(folder_called(&r, "Inbox")->why.msg, ==, "no such folder");
    run_release(&r);
}

/* An item that was put back comes again at its time, and not before. */
static void test_comes_again_at_its_time(void)
{
    struct store_outcome again = { .state = ITEM_LISTED, .count_try = true };
    const uint64_t bytes = 0;
    struct claim c;
    int64_t at;
    struct run r;

    run_init(&r, fill_three);
    claim(&r, &c);
    at = timestamp_now() + 50000;
    again.not_before_us = at;
    for (guint i = 0; i < c.items->len; i++) {
        again.item_id = ((struct store_item *)c.items->pdata[i])->id;
        CHECK_OK(record_outcomes(&r.copy, c.folder, &again, &bytes, 1, &r.err),
                 &r.err);
    }
    feed_release(&r.copy, &c, true);
    do {
        claim(&r, &c);
        if (strcmp(c.folder->row->path, "Calendar") == 0)
            break;
        record_all(&r, &c);
        feed_release(&r.copy, &c, false);
    } while (true);
    g_assert_cmpint(timestamp_now(), >=, at);
    /* one that has failed goes in smaller company */
    g_assert_cmpuint(c.items->len, ==, 2);
    g_assert_cmpuint(((struct store_item *)c.items->pdata[0])->tries, ==, 1);
    feed_release(&r.copy, &c, true);
    run_release(&r);
}

static void test_ends(void)
{
    struct claim c;
    struct run r;

    run_init(&r, fill_three);
    r.copy.drained = true;
    g_assert_cmpint(feed_claim(&r.copy, &c, &r.err), ==, 0);
    r.copy.drained = false;
    cancel_request(r.rig.cancel);
    g_assert_cmpint(feed_claim(&r.copy, &c, &r.err), ==, 0);
    run_release(&r);
}

/* ---- many at once -------------------------------------------------------- */

struct crowd {
    struct run run;
    pthread_mutex_t lock;
    GHashTable *claimed; /* item ids */
    guint n;
};

static void take_note(struct crowd *crowd, const struct claim *c)
{
    pthread_mutex_lock(&crowd->lock);
    for (guint i = 0; i < c->items->len; i++) {
        const struct store_item *item = c->items->pdata[i];

        if (!g_hash_table_add(crowd->claimed, g_memdup2(&item->id, 8)))
            g_error("item %" G_GINT64_FORMAT " was given out twice", item->id);
        g_assert_cmpint(item->folder_id, ==, c->folder->row->id);
    }
    crowd->n += c->items->len;
    if (crowd->n == 65) {
        pthread_mutex_lock(&crowd->run.copy.pass.lock);
        crowd->run.copy.drained = true;
        pthread_cond_broadcast(&crowd->run.copy.pass.changed);
        pthread_mutex_unlock(&crowd->run.copy.pass.lock);
    }
    pthread_mutex_unlock(&crowd->lock);
}

static void *claim_many(void *data)
{
    struct crowd *crowd = data;
    struct claim c;
    struct err err;

    while (feed_claim(&crowd->run.copy, &c, &err) > 0) {
        if (c.open_first)
            feed_set_gate(&crowd->run.copy, c.folder, GATE_OPEN);
        take_note(crowd, &c);
        record_all(&crowd->run, &c);
        feed_release(&crowd->run.copy, &c, false);
    }
    return NULL;
}

static void test_nothing_is_given_out_twice(void)
{
    for (int round = 0; round < 20; round++) {
        struct crowd crowd = {
            .claimed = g_hash_table_new_full(g_int64_hash, g_int64_equal,
                                             g_free, NULL),
        };
        pthread_t ids[6];

        pthread_mutex_init(&crowd.lock, NULL);
        run_init(&crowd.run, fill_three);
        for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
            g_assert_cmpint(pthread_create(&ids[i], NULL, claim_many, &crowd),
                            ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
            pthread_join(ids[i], NULL);
        g_assert_cmpuint(crowd.n, ==, 65);
        g_assert_cmpuint(rig_rows(&crowd.run.rig, ITEM_COPIED), ==, 65);
        g_assert_cmpuint(crowd.run.copy.n_in_flight, ==, 0);
        run_release(&crowd.run);
        g_hash_table_unref(crowd.claimed);
        pthread_mutex_destroy(&crowd.lock);
    }
}

/* ---- outcomes ------------------------------------------------------------ */

/*
 * One row of a batch went another way (it was deleted at the source): the
 * others are recorded.
 */
static void test_record_drops_who_went_another_way(void)
{
    struct store_outcome outcomes[5];
    uint64_t bytes[5] = { 1, 1, 1, 1, 1 };
    struct claim c;
    struct run r;

    run_init(&r, fill_three);
    claim(&r, &c);
    for (guint i = 0; i < 5; i++) {
        const struct store_item *item = c.items->pdata[i];
        const struct store_outcome gone = { .item_id = item->id,
                                            .state = ITEM_GONE };

        outcomes[i] = (struct store_outcome){ .item_id = item->id,
                                              .state = ITEM_FAILED,
                                              .reason = "it is bad" };
        if (i == 1 || i == 4)
            CHECK_OK(
                store_items_record(r.rig.store, &r.rig.lease, &gone, 1, &r.err),
                &r.err);
    }
    CHECK_OK(record_outcomes(&r.copy, c.folder, outcomes, bytes, 5, &r.err),
             &r.err);
    g_assert_cmpuint(rig_rows(&r.rig, ITEM_FAILED), ==, 3);
    g_assert_cmpuint(rig_rows(&r.rig, ITEM_GONE), ==, 2);
    g_assert_cmpuint(r.copy.pass.record.items_failed, ==, 3);
    g_assert_cmpuint(r.rig.told[ENGINE_FAILED], ==, 3);
    g_assert_true(rig_was_told(&r.rig, "it is bad"));
    feed_release(&r.copy, &c, false);
    run_release(&r);
}

static void test_record_under_a_stale_lease(void)
{
    struct store_lease other;
    struct claim c;
    const uint64_t bytes = 1;
    struct store_outcome o = { .state = ITEM_FAILED, .reason = "x" };
    struct run r;

    run_init(&r, fill_three);
    claim(&r, &c);
    o.item_id = ((struct store_item *)c.items->pdata[0])->id;
    CHECK_OK(store_mailbox_lease(r.rig.store, r.rig.mailbox_id, &other, &r.err),
             &r.err);
    g_assert_cmpint(record_outcomes(&r.copy, c.folder, &o, &bytes, 1, &r.err),
                    ==, -1);
    g_assert_cmpstr(r.err.name, ==, "lease-lost");
    g_assert_cmpuint(r.copy.pass.record.items_failed, ==, 0);
    feed_release(&r.copy, &c, false);
    run_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed/order", test_order);
    g_test_add_func("/feed/one-opens", test_one_opens);
    g_test_add_func("/feed/closed-folders", test_closed_folders_are_left_alone);
    g_test_add_func("/feed/comes-again-at-its-time",
                    test_comes_again_at_its_time);
    g_test_add_func("/feed/ends", test_ends);
    g_test_add_func("/feed/nothing-is-given-out-twice",
                    test_nothing_is_given_out_twice);
    g_test_add_func("/feed/record-drops-who-went-another-way",
                    test_record_drops_who_went_another_way);
    g_test_add_func("/feed/record-under-a-stale-lease",
                    test_record_under_a_stale_lease);
    return g_test_run();
}
