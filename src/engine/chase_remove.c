#include "base/step.h"
#include "engine/chase_priv.h"

/* ---- deletions ------------------------------------------------------- */

static bool is_gone_for_certain(const struct batch_of *b,
                                const struct quarry *q)
{
    return !q->settled && q->there.end == READING_OPEN &&
           quarry_is_deleted(b, q) && q->now.end == READING_GONE;
}

static bool judge_deletion(struct quarry *q)
{
    if (q->there.end == READING_GONE) {
        quarry_settle(q, ITEM_GONE, ITEM_PENDING_DELETE);
    } else if (q->there.end != READING_DONE) {
        quarry_fail_there(q);
    } else if (!quarry_is_copy(q, &q->there.digest)) {
        quarry_conflict(q, ITEM_PENDING_DELETE,
                        "deleted at the source, edited at the destination");
    } else {
        return true;
    }
    return false;
}

/* What the source lists as deleted: true when its copy is to go. */
static bool judge_deleted(struct quarry *q)
{
    struct err why = q->now.why;

    if (q->now.end == READING_GONE)
        return judge_deletion(q);
    if (q->now.end == READING_DONE) { /* and is there all the same */
        quarry_settle(q, ITEM_COPIED, ITEM_PENDING_DELETE);
        q->end.change_key = NULL;
    } else {
        err_in(&why, "the source lists the item as deleted and does not say "
                     "that it is not there");
        quarry_fail(q, &why);
    }
    return false;
}

/*
 * What is gone already counts as deleted: repeating does no harm.  All of a set
 * are hidden, or none.
 */
static int put_removals(struct batch_of *b, struct quarry **set, size_t n,
                        struct err *ret_why)
{
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);

    for (size_t i = 0; i < n; i++)
        refs[i] = (struct endpoint_ref){
            .id = set[i]->item->destination_id,
            .associated = quarry_is_hidden(b, set[i]),
        };
    if (endpoint_remove(b->chase->at[DESTINATION], refs, n, done, ret_why) < 0)
        return 1;
    step("remove");
    chase_narrow(done, n);
    for (size_t i = 0; i < n; i++)
        if (done[i].status == 0)
            quarry_settle(set[i], ITEM_GONE, ITEM_PENDING_DELETE);
        else
            chase_refused(b, set[i], &done[i].why, chase_fail_refused);
    endpoint_done_free(done, n);
    return 0;
}

static int delete_copies(struct batch_of *b, bool hidden, struct err *err)
{
    static const struct deed removal_deed = { put_removals,
                                              chase_fail_refused };
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!q->settled && quarry_is_deleted(b, q) &&
            quarry_is_hidden(b, q) == hidden && judge_deleted(q))
            set[n++] = q;
    }
    return chase_do(b, &removal_deed, set, n, err);
}

int chase_deletions(struct batch_of *b, struct err *err)
{
    if (chase_read(b, DESTINATION, is_gone_for_certain, false, err) < 0 ||
        delete_copies(b, false, err) < 0)
        return -1;
    return delete_copies(b, true, err);
}

/* ---- what was replaced ----------------------------------------------- */

/* What is gone already counts as deleted: repeating does no harm. */
static int remove_ids(struct chase *c, const struct endpoint_ref *refs,
                      size_t n, struct endpoint_done *done, struct err *err)
{
    struct pass *p = &c->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (n > 0 &&
           endpoint_remove(c->at[DESTINATION], refs, n, done, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return -1;
    }
    step("remove");
    return 0;
}

static bool is_hidden(const struct chase *c, const struct store_item *item)
{
    const struct folder *f = copy_folder(c->copy, item->folder_id);

    return f != NULL && f->hidden;
}

/* Those that are hidden, or the others: one request is of one kind. */
static int remove_old(struct chase *c, const GPtrArray *rows, bool hidden,
                      struct err *err)
{
    const struct engine_job *job = c->copy->pass.job;
    guint n = rows->len, k = 0, m = 0;
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    g_autofree struct store_follow *ends = g_new0(struct store_follow, n + 1);
    g_autofree const struct store_item **set =
        g_new0(const struct store_item *, n + 1);

    for (guint i = 0; i < n; i++) {
        const struct store_item *item = rows->pdata[i];

        if (is_hidden(c, item) != hidden)
            continue;
        refs[k] = (struct endpoint_ref){ .id = item->old_destination_id,
                                         .associated = hidden };
        set[k++] = item;
    }
    if (remove_ids(c, refs, k, done, err) < 0)
        return -1;
    for (guint i = 0; i < k; i++)
        if (done[i].status == 0)
            ends[m++] = (struct store_follow){ .item_id = set[i]->id,
                                               .state = set[i]->state,
                                               .old_gone = true };
    endpoint_done_free(done, k);
    return m > 0 ? store_items_follow(job->store, &job->lease, ends, m, err)
                 : 0;
}

int chase_old(struct chase *c, const GPtrArray *rows, struct err *err)
{
    return remove_old(c, rows, false, err) < 0 ||
                   remove_old(c, rows, true, err) < 0
               ? -1
               : 0;
}
