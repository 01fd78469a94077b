/*
 * What an earlier pass found at the destination is on record.  A pass that
 * treats it in another way takes it up again: with consent it counts as ours,
 * and what has another shape is copied after all.
 */
#include "engine/copy_priv.h"
#include "engine/rows.h"

static int record(struct copy *c, const struct store_outcome *outcomes,
                  size_t n, struct err *err)
{
    const struct engine_job *job = c->pass.job;

    if (n == 0)
        return 0;
    return store_items_record(job->store, &job->lease, outcomes, n, err);
}

/* What was said of those that are copied now is no longer so. */
static int forget_verdicts(struct copy *c, const struct store_outcome *outcomes,
                           size_t n, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autofree struct store_verdict *verdicts =
        g_new0(struct store_verdict, n + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (outcomes[i].state == ITEM_LISTED)
            verdicts[k++] = (struct store_verdict){ outcomes[i].item_id,
                                                    VERIFY_NONE, NULL };
    if (k == 0)
        return 0;
    return store_items_verify(job->store, &job->lease, verdicts, k, err);
}

struct again {
    struct copy *copy;
    uint64_t n_moved; /* that consent comes too late for */
};

static int again_page(void *data, GPtrArray *page, struct err *err)
{
    struct again *a = data;
    struct copy *c = a->copy;
    const struct engine_options *o = &c->pass.options;
    g_autofree struct store_outcome *outcomes =
        g_new0(struct store_outcome, page->len + 1);
    size_t n = 0, n_ours = 0;

    for (guint i = 0; i < page->len; i++) {
        const struct store_item *row = page->pdata[i];
        bool equal = row->reason == NULL && row->digest_len > 0;

        a->n_moved += row->moved_from != 0;
        if (equal && o->adopt) {
            n_ours++;
            outcomes[n++] =
                (struct store_outcome){ .item_id = row->id,
                                        .state = ITEM_COPIED,
                                        .destination_id = row->destination_id };
        } else if (row->reason != NULL && o->unlike == ENGINE_UNLIKE_COPY) {
            outcomes[n++] = (struct store_outcome){ .item_id = row->id,
                                                    .state = ITEM_LISTED };
        }
    }
    c->pass.record.adopted += n_ours; /* nobody else is at work yet */
    if (record(c, outcomes, n, err) < 0)
        return -1;
    return forget_verdicts(c, outcomes, n, err);
}

/*
 * Ours, an item lies in the folder of its row; this one does not, and moving
 * it now would be moving what its owner may have put there.
 */
static void tell_moved(struct copy *c, uint64_t n)
{
    g_autofree char *text = g_strdup_printf(
        "%" G_GUINT64_FORMAT " item%s not adopted, being moved at the source "
        "since found: move at the destination what failures.csv names",
        n, n == 1 ? " is" : "s are");

    pass_event(&c->pass,
               &(struct engine_event){
                   .kind = ENGINE_NOTE,
                   .n = n,
                   .text = text,
                   .about = "items that were moved at the source since they "
                            "were found are not adopted" });
}

static int find_searched(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(GArray) counts = NULL;

    if (store_folder_counts(job->store, job->lease.mailbox_id, &counts, err) <
        0)
        return -1;
    for (guint i = 0; i < counts->len; i++) {
        const struct store_folder_counts *n =
            &g_array_index(counts, struct store_folder_counts, i);
        struct folder *f = copy_folder(c, n->folder_id);

        if (f != NULL)
            f->searched = n->baseline > 0;
    }
    return 0;
}

int adopt_again(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    const struct engine_options *o = &c->pass.options;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = 1u << ITEM_ALREADY_THERE,
    };
    struct again a = { .copy = c };

    if (!o->no_search && find_searched(c, err) < 0)
        return -1;
    if (!o->adopt && o->unlike == ENGINE_UNLIKE_LEAVE)
        return 0;
    if (rows_each(job->store, &q, again_page, &a, err) < 0)
        return -1;
    if (o->unlike == ENGINE_UNLIKE_LEAVE && a.n_moved > 0)
        tell_moved(c, a.n_moved);
    return 0;
}
