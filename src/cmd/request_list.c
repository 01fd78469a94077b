#include "base/timestamp.h"
#include "cmd/account_find.h"
#include "cmd/request.h"
#include "desk/request_json.h"

#define PAGE 500

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void print(const struct request_work *w, const struct request *r)
{
    g_autofree char *at = timestamp_format(r->changed_us);

    fprintf(w->ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\t%s\n", r->id,
            request_state_name(r->state), or_dash(r->partner),
            or_dash(r->domain), r->opened_by, at);
}

/* A page, by its side: an array goes out whole, a line at once. */
static void tell(const struct request_work *w, const GPtrArray *some,
                 json_t *all)
{
    for (guint i = 0; i < some->len; i++) {
        const struct request *r = some->pdata[i];

        if (all != NULL)
            json_array_append_new(all, request_json(r));
        else
            print(w, r);
    }
}

static int fill_filter(const struct request_work *w, struct request_filter *ret,
                       struct err *err)
{
    g_autoptr(roster_account) a = NULL;

    *ret =
        (struct request_filter){ .states = w->o->states, .text = w->o->find };
    if (w->o->account == NULL)
        return 0;
    if (account_find(w->data->roster, w->o->account, &a, err) < 0)
        return -1;
    ret->account_id = a->id;
    return 0;
}

static int list_all(const struct request_work *w, json_t *all, struct err *err)
{
    struct roster_page page = { .limit = PAGE };
    struct request_filter filter;
    guint n = PAGE;

    if (fill_filter(w, &filter, err) < 0)
        return -1;
    while (n == PAGE) {
        g_autoptr(GPtrArray) some = NULL;

        if (requests_list(w->requests, &filter, &page, &some, err) < 0)
            return -1;
        tell(w, some, all);
        n = some->len;
        if (n > 0)
            page.after = ((const struct request *)some->pdata[n - 1])->id;
    }
    return 0;
}

enum cmd_status request_run_list(const struct request_work *w)
{
    json_t *all = w->o->json ? json_array() : NULL;
    struct err err;
    int result = list_all(w, all, &err);

    if (result == 0 && all != NULL) {
        json_dumpf(all, w->ctx->out, JSON_INDENT(2));
        fputc('\n', w->ctx->out);
    }
    json_decref(all);
    return result < 0 ? request_fail(w, &err) : CMD_OK;
}
