#include "base/timestamp.h"
#include "cmd/account_find.h"
#include "cmd/request.h"
#include "desk/request_json.h"

static const char *or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static void print(const struct request_work *w, const void *element)
{
    const struct request *r = element;
    g_autofree char *at = timestamp_format(r->changed_us);

    fprintf(w->ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\t%s\n", r->id,
            request_state_name(r->state), or_dash(r->partner),
            or_dash(r->domain), r->opened_by, at);
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

static int read_page(const struct request_work *w,
                     const struct roster_page *page, GPtrArray **ret,
                     struct err *err)
{
    struct request_filter filter;

    if (fill_filter(w, &filter, err) < 0)
        return -1;
    return requests_list(w->requests, &filter, page, ret, err);
}

static json_t *as_json(const void *element)
{
    return request_json(element);
}

enum cmd_status request_run_list(const struct request_work *w)
{
    static const struct request_form form = { print, as_json };

    return request_tell_all(w, read_page, &form);
}
