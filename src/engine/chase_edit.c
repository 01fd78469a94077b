#include "base/step.h"
#include "engine/chase_priv.h"
#include "engine/hidden.h"

bool chase_at_source(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && q->now.end == READING_OPEN &&
           (quarry_is_edited(b, q) || quarry_is_deleted(b, q));
}

/* It is at the destination as it was read now. */
static void settle_edit(const struct batch_of *b, struct quarry *q)
{
    quarry_settle(q, q->item->state, ITEM_PENDING_EDIT);
    digest_pack(&q->now.digest, q->digest);
    q->end.digest = q->digest;
    q->end.digest_len = sizeof(q->digest);
    q->end.format = q->item->format;
    q->end.size_bytes = q->now.bytes;
    q->end.pass_id = quarry_is_ours(q) ? b->chase->copy->pass.record.id : 0;
}

static void judge_touch(const struct batch_of *b, struct quarry *q)
{
    if (quarry_is_edited(b, q) && q->now.end == READING_DONE &&
        quarry_is_copy(q, &q->now.digest))
        quarry_settle(q, q->item->state, ITEM_PENDING_EDIT);
}

static bool is_changed(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && q->there.end == READING_OPEN &&
           quarry_is_edited(b, q) && q->now.end == READING_DONE;
}

static void judge_edit(const struct batch_of *b, struct quarry *q)
{
    if (q->there.end == READING_GONE)
        quarry_conflict(q, ITEM_PENDING_EDIT,
                        "edited at the source, deleted at the destination");
    else if (q->there.end != READING_DONE)
        quarry_fail_there(q);
    else if (digest_compare(&q->now.digest, &q->there.digest, NULL) ==
             DIGEST_EQUAL)
        settle_edit(b, q);
    else if (!quarry_is_ours(q))
        quarry_conflict(
            q, ITEM_PENDING_EDIT,
            "edited at the source; what is at the destination was there "
            "before the migration and is left as it is");
    else if (q->item->digest_len == 0)
        quarry_conflict(
            q, ITEM_PENDING_EDIT,
            "edited at the source; whether it was edited at the "
            "destination too cannot be told, since no digest was taken");
    else if (!quarry_is_copy(q, &q->there.digest))
        quarry_conflict(q, ITEM_PENDING_EDIT,
                        "edited at the source and at the destination");
}

static bool is_to_be_updated(const struct batch_of *b, const struct quarry *q)
{
    return !q->settled && quarry_is_ours(q) && quarry_is_edited(b, q) &&
           q->now.end == READING_DONE && q->there.end == READING_DONE;
}

/*
 * In place is not possible: as a new item, and the old one removed after.  At
 * the end of a pass it stays pending; the next one begins with that.
 */
static void replace(struct batch_of *b, struct quarry *q)
{
    if (!b->chase->replace)
        return;
    if (q->as_mime)
        route_keep_off(b->chase->copy, q->item->id, q->why.msg);
    quarry_settle(q, ITEM_LISTED, ITEM_PENDING_EDIT);
}

/*
 * ---- what an update has left ------------------------------------------------
 *
 * Between two servers of which nobody knows what an update does with what is
 * gone (edits.c), updated items are read again.  The first that still has
 * something of the old one ends it: it is replaced, and so is every edit after
 * it.  (Who dies between the update and the record of it finds a copy that is
 * neither as it was written nor as it is to be: a conflict, told and left.)
 */

static bool was_updated(const struct batch_of *b, const struct quarry *q)
{
    (void)b;
    return q->updated && q->there.end == READING_OPEN;
}

/*
 * As it is there now, so that the next pass knows it as our own work; the edit
 * is still to be carried over.
 */
static void settle_left(const struct batch_of *b, struct quarry *q)
{
    quarry_settle(q, ITEM_COPIED, 0);
    q->end.change_key = NULL;
    digest_pack(&q->there.digest, q->digest);
    q->end.digest = q->digest;
    q->end.digest_len = sizeof(q->digest);
    q->end.format = q->item->format;
    q->end.size_bytes = q->there.bytes;
    q->end.pass_id = b->chase->copy->pass.record.id;
}

static int judge_updated(struct batch_of *b, struct quarry *q, struct err *err)
{
    g_autoptr(GPtrArray) lines = NULL;
    g_autofree char *why = NULL;

    if (q->there.end != READING_DONE ||
        digest_compare(&q->now.digest, &q->there.digest, NULL) !=
            DIGEST_DIFFERENT)
        return 0;
    if (fts_diff(q->now.payload, q->there.payload, &lines, err) < 0)
        return -1;
    if (!fts_diff_adds(lines))
        return 0; /* what it did not keep a new item would lack as well */
    why =
        g_strdup_printf("an update left what is gone (%s: %s)",
                        q->item->item_class != NULL ? q->item->item_class : "?",
                        (const char *)lines->pdata[0]);
    if (edits_replace(b->chase->copy, why, err) < 0)
        return -1;
    q->settled = false;
    replace(b, q);
    if (!q->settled)
        settle_left(b, q);
    return 0;
}

static int look_at_updated(struct batch_of *b, struct err *err)
{
    bool any = false;

    if (edits_way(b->chase->copy) == EDITS_IN_PLACE)
        return 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!b->all[i].updated)
            continue;
        any = true;
        reading_clear(&b->all[i].there);
    }
    if (any && chase_read(b, DESTINATION, was_updated, true, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        if (b->all[i].updated && judge_updated(b, &b->all[i], err) < 0)
            return -1;
    return 0;
}

/* What is refused in place goes as a new item; or it is told that it cannot. */
static void refused_in_place(struct batch_of *b, struct quarry *q,
                             const struct err *why)
{
    (void)why;
    replace(b, q);
}

static void judge_update(struct batch_of *b, struct quarry *q,
                         struct endpoint_done *done)
{
    q->updated = done->status == 0;
    if (q->updated)
        settle_edit(b, q);
    else if (policy_is_gone(&done->why))
        quarry_conflict(q, ITEM_PENDING_EDIT,
                        "edited at the source, deleted at the destination");
    else
        chase_refused(b, q, &done->why, refused_in_place);
}

/* The destination folder that the item's copy is in; NULL: not known. */
static const char *folder_of(const struct copy *c, const struct quarry *q)
{
    const struct folder *f = copy_folder(c, q->item->folder_id);

    return f != NULL ? hidden_base(f->row->destination_id) : NULL;
}

/* 1: the server would not have it now, *ret_why tells; 0; -1. */
static int put_updates(struct batch_of *b, struct quarry **set, size_t n,
                       struct err *ret_why)
{
    g_autofree struct endpoint_put *puts = g_new0(struct endpoint_put, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    bool maybe;

    for (size_t i = 0; i < n; i++)
        puts[i] = (struct endpoint_put){
            .folder_id = folder_of(b->chase->copy, set[i]),
            .replace_id = set[i]->item->destination_id,
            .associated = quarry_is_hidden(b, set[i]),
            .format = PAYLOAD_FTS,
            .payload = set[i]->now.payload,
        };
    /* Whether an update without an answer was made does not matter. */
    if (endpoint_put(b->chase->at[DESTINATION], puts, n, done, &maybe,
                     ret_why) < 0)
        return 1;
    step("update");
    for (size_t i = 0; i < n; i++)
        judge_update(b, set[i], &done[i]);
    endpoint_done_free(done, n);
    return 0;
}

/* What fails whole, and alone: for good, or as often as an item may. */
static void give_up(struct batch_of *b, struct quarry *q, const struct err *why)
{
    if (policy_of(why) == POLICY_FAIL || policy_is_too_large(why))
        replace(b, q); /* or it is told that it cannot be */
    else
        quarry_fail(q, why);
}

static const struct deed update_deed = { put_updates, give_up };

static int update(struct batch_of *b, struct err *err)
{
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    struct copy *c = b->chase->copy;
    bool can = (b->chase->at[DESTINATION]->caps & ENDPOINT_CAP_UPDATE) != 0 &&
               edits_way(c) != EDITS_REPLACE;
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_to_be_updated(b, q))
            continue;
        if (folder_of(c, q) == NULL)
            quarry_fail_nowhere(q);
        else if (!batch_fits(&c->batch, q->now.bytes))
            quarry_fail_too_large(b, q);
        else if (can && q->now.payload != NULL)
            set[n++] = q;
        else
            replace(b, q);
    }
    if (n == 0)
        return 0;
    return chase_do(b, &update_deed, set, n, err) < 0 ? -1
                                                      : look_at_updated(b, err);
}

int chase_edits(struct batch_of *b, struct err *err)
{
    if (chase_read(b, SOURCE, chase_at_source, true, err) < 0 ||
        chase_ask_again(b, err) < 0 || chase_read_as_mime(b, err) < 0)
        return -1;
    chase_fail_unread(b);
    for (size_t i = 0; i < b->n; i++)
        judge_touch(b, &b->all[i]);
    if (chase_read(b, DESTINATION, is_changed, false, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        if (!b->all[i].settled && quarry_is_edited(b, &b->all[i]))
            judge_edit(b, &b->all[i]);
    return update(b, err);
}
