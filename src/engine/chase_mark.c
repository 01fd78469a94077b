#include "base/step.h"
#include "engine/chase_priv.h"

static int mark(struct chase *c, const struct endpoint_ref *refs, size_t n,
                bool read, struct endpoint_done *done, struct err *err)
{
    struct pass *p = &c->copy->pass;
    unsigned int failures = 0;
    struct err why;

    while (endpoint_mark_read(c->at[DESTINATION], refs, n, read, done, &why) <
           0) {
        if (pass_endure(p, DESTINATION, &failures, &why) &&
            failures < p->options.item_tries)
            continue;
        if (policy_of(&why) != POLICY_STOP && !pass_is_over(p))
            return 0; /* they stay pending */
        *err = why;
        return -1;
    }
    step("mark");
    return 1;
}

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

int chase_marks(struct batch_of *b, bool read, struct err *err)
{
    g_autofree struct endpoint_ref *refs =
        g_new0(struct endpoint_ref, b->n + 1);
    g_autofree struct endpoint_done *done =
        g_new0(struct endpoint_done, b->n + 1);
    g_autofree struct quarry **set = g_new0(struct quarry *, b->n + 1);
    size_t n = 0;
    int r;

    for (size_t i = 0; i < b->n; i++) {
        struct quarry *q = &b->all[i];

        if (!is_marked(q, read))
            continue;
        refs[n].id = q->item->destination_id;
        refs[n].item_class = q->item->item_class;
        set[n++] = q;
    }
    if (n == 0)
        return 0;
    r = mark(b->chase, refs, n, read, done, err);
    for (size_t i = 0; i < n && r > 0; i++)
        if (done[i].status == 0 || policy_is_gone(&done[i].why))
            settle_mark(set[i]);
    endpoint_done_free(done, n);
    return r < 0 ? -1 : 0;
}
