#include "endpoint/mem_priv.h"

static void add_found(struct endpoint_findings *f, size_t max,
                      const struct mem_entry *e)
{
    if (f->total++ >= max)
        return;
    f->items = g_renew(struct endpoint_found, f->items, f->n + 1);
    f->items[f->n++] = (struct endpoint_found){
        .id = g_strdup(e->id),
        .item_class = g_strdup(e->item_class),
        .subject = g_strdup(e->subject),
        .received_us = e->received_us,
        .size_bytes = mem_size(e),
    };
}

int mem_op_large(struct endpoint *ep, const char *folder_id,
                 uint64_t over_bytes, size_t max, struct endpoint_findings *ret,
                 struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_LARGE, 0);
    const struct mem_folder *f = mem_find_folder(m, folder_id);

    for (guint i = 0; f != NULL && i < f->entries->len; i++) {
        const struct mem_entry *e = g_ptr_array_index(f->entries, i);

        if (!e->associated && mem_size(e) > over_bytes)
            add_found(ret, max, e);
    }
    mem_unlock(m);
    return f != NULL ? 0 : mem_no_folder(err);
}

int mem_op_quota(struct endpoint *ep, uint64_t *ret_bytes, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_QUOTA, 0);
    uint64_t quota = m->quota_bytes;

    (void)err;
    mem_unlock(m);
    if (quota == 0)
        return 0;
    *ret_bytes = quota;
    return 1;
}
