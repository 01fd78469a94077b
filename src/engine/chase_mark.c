#include "base/step.h"
#include "engine/chase_priv.h"

static bool is_marked(const struct quarry *q, bool read)
{
    return quarry_is_ours(q) && (q->item->pending & ITEM_PENDING_READ) != 0 &&
           (q->item->pending & ITEM_PENDING_DELETE) == 0 &&
           q->item->read == read &&
           (!q->settled || q->end.state == ITEM_COPIED);
}

/* Beside whatever else has become of it. */
static void settle_mark(struct quarry *q)
{
    if (q->settled)
        q->end.done |= ITEM_PENDING_READ;
    else
        q->end = (struct store_follow){
            .item_id = q->item->id,
            .state = q->item->state,
            .done = ITEM_PENDING_READ,
        };
    q->settled = true;
}

void chase_drop_marks(struct batch_of *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];
        bool theirs =
            !quarry_is_ours(q) || (q->settled && q->end.state == ITEM_CONFLICT);

        if (theirs && (q->item->pending & ITEM_PENDING_READ) != 0)
            settle_mark(q);
    }
}

static void judge_mark(struct batch_of *b, struct quarry *q,
                       const struct endpoint_done *done)
{
    if (done->status == 0 || policy_is_gone(&done->why))
        settle_mark(q);
    else
        chase_refused(b, q, &done->why, chase_fail_refused);
}

/* All of a set are to be the same. */
static int put_marks(struct batch_of *b, struct quarry **set, size_t n,
                     struct err *ret_why)
{
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n + 1);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);

    for (size_t i = 0; i < n; i++)
        refs[i] = (struct endpoint_ref){
            .id = set[i]->item->destination_id,
            .item_class = set[i]->item->item_class,
        };
    if (endpoint_mark_read(b->chase->at[DESTINATION], refs, n,
                           set[0]->item->read, done, ret_why) < 0)
        return 1;
    step("mark");
    chase_narrow(done, n);
    for (size_t i = 0; i < n; i++)
        judge_mark(b, set[i], &done[i]);
    endpoint_done_free(done, n);
    return 0;
}

int chase_marks(struct batch_of *b, bool read, struct err *err)
{
    static const struct deed mark_deed = { put_marks, chase_fail_refused };
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (is_marked(&b->all[i], read))
            set[n++] = &b->all[i];
    return chase_do(b, &mark_deed, set, n, err);
}
