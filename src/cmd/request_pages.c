#include "cmd/request.h"

#define PAGE 500

int request_read_all(const struct request_work *w, request_reader *read,
                     GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;
    struct roster_page page = { .limit = PAGE };
    guint n;

    do {
        GPtrArray *some = NULL;

        if (read(w, &page, &some, err) < 0)
            return -1;
        n = some->len;
        if (n > 0)
            page.after = *(const int64_t *)some->pdata[n - 1];
        if (all == NULL)
            all = some;
        else
            g_ptr_array_extend_and_steal(all, some);
    } while (n == PAGE);
    *ret = g_steal_pointer(&all);
    return 0;
}

static void print_json(const struct request_work *w,
                       const struct request_form *form, const GPtrArray *all)
{
    json_t *list = json_array();

    for (guint i = 0; i < all->len; i++)
        json_array_append_new(list, form->json(all->pdata[i]));
    json_dumpf(list, w->ctx->out, JSON_INDENT(2));
    fputc('\n', w->ctx->out);
    json_decref(list);
}

enum cmd_status request_tell_all(const struct request_work *w,
                                 request_reader *read,
                                 const struct request_form *form)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (request_read_all(w, read, &all, &err) < 0)
        return request_fail(w, &err);
    if (w->o->json)
        print_json(w, form, all);
    else
        for (guint i = 0; i < all->len; i++)
            form->print(w, all->pdata[i]);
    return CMD_OK;
}
