#include "base/step.h"
#include "engine/chase_priv.h"

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
        return false;
    }
    if (q->there.end != READING_DONE)
        return false;
    if (quarry_is_copy(q, &q->there.digest))
        return true;
    quarry_conflict(q, ITEM_PENDING_DELETE,
                    "deleted at the source, edited at the destination");
    return false;
}

int chase_deletions(struct batch_of *b, struct err *err)
{
    g_autofree struct endpoint_ref *refs =
        g_new0(struct endpoint_ref, b->n + 1);
    g_autofree struct endpoint_done *done =
        g_new0(struct endpoint_done, b->n + 1);
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;

    if (chase_read(b, DESTINATION, is_gone_for_certain, false, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (q->settled || !quarry_is_deleted(b, q))
            continue;
        /* Listed as deleted, and there all the same. */
        if (q->now.end == READING_DONE) {
            quarry_settle(q, ITEM_COPIED, ITEM_PENDING_DELETE);
            q->end.change_key = NULL;
        } else if (q->now.end == READING_GONE && judge_deletion(q)) {
            refs[n].id = q->item->destination_id;
            set[n++] = q;
        }
    }
    if (n == 0)
        return 0;
    if (remove_ids(b->chase, refs, n, done, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (done[i].status == 0)
            quarry_settle(set[i], ITEM_GONE, ITEM_PENDING_DELETE);
    endpoint_done_free(done, n);
    return 0;
}

int chase_old(struct chase *c, const GPtrArray *rows, struct err *err)
{
    const struct engine_job *job = c->copy->pass.job;
    guint n = rows->len;
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    g_autofree struct store_follow *ends = g_new0(struct store_follow, n + 1);
    size_t k = 0;

    for (guint i = 0; i < n; i++)
        refs[i].id =
            ((const struct store_item *)rows->pdata[i])->old_destination_id;
    if (remove_ids(c, refs, n, done, err) < 0)
        return -1;
    for (guint i = 0; i < n; i++) {
        const struct store_item *item = rows->pdata[i];

        if (done[i].status == 0)
            ends[k++] = (struct store_follow){
                .item_id = item->id,
                .state = item->state,
                .old_gone = true,
            };
    }
    endpoint_done_free(done, n);
    return k > 0 ? store_items_follow(job->store, &job->lease, ends, k, err)
                 : 0;
}
