/*
 * What is written about a request, and for the books.
 */
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "cmd/request.h"
#include "desk/invoice.h"

enum cmd_status request_run_note(const struct request_work *w)
{
    const struct request_step note = { .now_us = timestamp_now(),
                                       .request_id = w->id,
                                       .action = "request.note",
                                       .detail = w->o->text };
    struct err err;

    return requests_step(w->requests, &service_actor_here, &note, NULL, &err) <
                   0
               ? request_fail(w, &err)
               : CMD_OK;
}

enum cmd_status request_run_invoice(const struct request_work *w)
{
    g_autoptr(request) r = request_find(w);
    struct err err;
    char *text;

    if (r == NULL)
        return CMD_NOTHING_DONE;
    if (invoice_make(w->data->roster, r,
                     w->o->json ? INVOICE_JSON : INVOICE_CSV, &text, &err) < 0)
        return request_fail(w, &err);
    fputs(text, w->ctx->out);
    if (w->o->json)
        fputc('\n', w->ctx->out);
    free(text);
    return CMD_OK;
}
