#include "engine/copy_priv.h"
#include "engine/drain.h"

struct baseline {
    struct copy *copy;
    struct folder *folder;
};

/* The ids that a page says are there now.  Borrowed from the page. */
static GPtrArray *present_ids(const struct endpoint_page *page)
{
    GPtrArray *ids = g_ptr_array_new();

    for (size_t i = 0; i < page->n; i++)
        if (page->changes[i].kind != ENDPOINT_DELETED)
            g_ptr_array_add(ids, page->changes[i].id);
    return ids;
}

static int baseline_page(void *data, const struct endpoint_page *page,
                         const char *token, bool last, struct err *err)
{
    const struct baseline *b = data;
    const struct engine_job *job = b->copy->pass.job;
    g_autoptr(GPtrArray) ids = present_ids(page);
    const struct store_dest_seen seen = {
        .kind = DEST_BASELINE,
        .ids = (const char *const *)ids->pdata,
        .n = ids->len,
        .token = token,
        .baseline_done = last,
    };

    return store_dest_record(job->store, &job->lease, b->folder->row->id, &seen,
                             err);
}

int baseline_take(struct copy *c, struct endpoint *destination,
                  struct folder *f, struct err *err)
{
    struct baseline b = { c, f };
    const struct drain d = {
        .ep = destination,
        .side = DESTINATION,
        .folder_id = f->row->destination_id,
        .page = baseline_page,
        .data = &b,
    };
    const char *token = f->row->destination_token;

    if (drain_run(&c->pass, &d, token != NULL ? token : "", err) < 0)
        return err_in(err, "destination folder \"%.200s\"", f->row->path);
    return 0;
}
