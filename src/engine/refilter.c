/*
 * The source lists an item once; which items are wanted may change with every
 * pass.  So what was left out before is judged anew, and what waits too.
 */
#include "engine/copy_priv.h"
#include "engine/filter.h"
#include "engine/hidden.h"
#include "engine/rows.h"

struct refiltering {
    struct copy *copy;
    struct folder *folder;
};

static bool is_skipped(const struct refiltering *r,
                       const struct store_item *item)
{
    const struct filter_item i = { item->item_class, item->received_us,
                                   item->size_bytes };

    if (r->folder->hidden)
        return r->folder->skipped || !hidden_is_copied(item->item_class);
    return r->folder->skipped ||
           filter_skips_item(&r->copy->pass.options.filter, &i);
}

static int judge_page(void *data, GPtrArray *page, struct err *err)
{
    const struct refiltering *r = data;
    const struct engine_job *job = r->copy->pass.job;
    g_autofree struct store_outcome *outcomes =
        g_new0(struct store_outcome, page->len + 1);
    size_t n = 0;

    for (guint i = 0; i < page->len; i++) {
        const struct store_item *item = page->pdata[i];
        enum item_state to = is_skipped(r, item) ? ITEM_FILTERED : ITEM_LISTED;

        /* What is to replace a copy follows it, whatever is asked now. */
        if (item->state != to && item->old_destination_id == NULL)
            outcomes[n++] =
                (struct store_outcome){ .item_id = item->id, .state = to };
    }
    if (n == 0)
        return 0;
    return store_items_record(job->store, &job->lease, outcomes, n, err);
}

int refilter(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;

    for (size_t i = 0; i < c->n_folders; i++) {
        struct refiltering r = { c, &c->folders[i] };
        struct store_item_query q = {
            .mailbox_id = job->lease.mailbox_id,
            .folder_id = r.folder->row->id,
            .states = 1u << ITEM_FILTERED,
        };

        if (r.folder->skipped || !filter_is_open(&c->pass.options.filter))
            q.states |= 1u << ITEM_LISTED;
        if (rows_each(job->store, &q, judge_page, &r, err) < 0)
            return -1;
    }
    return 0;
}
