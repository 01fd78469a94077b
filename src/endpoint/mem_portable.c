#include <string.h>

#include "endpoint/mem_priv.h"
#include "portable/portable.h"

struct portable *mem_shown(struct mem *m, const struct mem_entry *e)
{
    const void *data;
    gsize len;

    if (e->portable != NULL)
        return portable_ref(e->portable);
    data = g_bytes_get_data(e->payload, &len);
    return m->show(m->show_data, data, len);
}

static void draw_columns(const struct portable *p, struct mem_columns *ret)
{
    *ret = (struct mem_columns){
        .item_class = portable_class(p),
        .search_key = portable_text(p, MEM_SEARCH_KEY),
        .subject = portable_text(p, MEM_SUBJECT),
        .sender = portable_text(p, MEM_SENDER),
        .read = portable_flag(p, MEM_READ),
    };
    (void)portable_time(p, MEM_RECEIVED, &ret->received_us);
}

static void keep_stamp(struct mem_entry *e, const char *stamp)
{
    size_t n = strlen(MEM_UNFINISHED);

    e->unfinished = stamp != NULL && strncmp(stamp, MEM_UNFINISHED, n) == 0;
    g_free(e->stamp);
    e->stamp = g_strdup(e->unfinished ? stamp + n : stamp);
}

int mem_put_portable(struct mem *m, const struct endpoint_put *put,
                     struct endpoint_done *ret)
{
    struct mem_folder *f = mem_find_folder(m, put->folder_id);
    struct mem_columns columns;
    struct mem_entry *e;

    if (f == NULL)
        return mem_no_folder(&ret->why);
    if (put->replace_id != NULL) /* as Exchange: only a stream replaces */
        return mem_refuse(&ret->why, ERR_ITEM, "ErrorInvalidOperation",
                          "an item cannot be replaced so");
    draw_columns(put->portable, &columns);
    columns.associated = put->associated;
    e = mem_store(m, f, g_bytes_new(NULL, 0), &columns);
    e->portable = portable_ref(put->portable);
    keep_stamp(e, put->stamp);
    ret->id = g_strdup(e->id);
    ret->change_key = mem_change_key(e);
    return 0;
}
