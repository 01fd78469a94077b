/*
 * What an operator decides about a request.
 */
#include "cmd/request.h"
#include "desk/order.h"
#include "desk/owner.h"

static enum cmd_status carry_out(const struct request_work *w,
                                 enum order_verb verb)
{
    const struct order o = {
        .verb = verb,
        .request_id = w->id,
        .reason = w->o->reason,
        .remedy = w->o->remedy,
        .start = w->o->start,
        .cutover = w->o->cutover,
    };
    enum cmd_status status = service_data_desk(w->data, w->ctx);
    struct err err;

    if (status != CMD_OK)
        return status;
    return order_carry_out(w->data->desk, &service_actor_here, &o, &err) < 0
               ? request_fail(w, &err)
               : CMD_OK;
}

enum cmd_status request_run_refuse(const struct request_work *w)
{
    return carry_out(w, ORDER_REFUSE);
}

enum cmd_status request_run_cancel(const struct request_work *w)
{
    return carry_out(w, ORDER_CANCEL);
}

enum cmd_status request_run_approve(const struct request_work *w)
{
    return carry_out(w, ORDER_APPROVE);
}

enum cmd_status request_run_schedule(const struct request_work *w)
{
    return carry_out(w, ORDER_SCHEDULE);
}

/* Not decided, but asked for all the same. */
enum cmd_status request_run_ask_owners(const struct request_work *w)
{
    g_autoptr(request) r = request_find(w);
    enum cmd_status status;
    struct err err;
    size_t n;

    if (r == NULL)
        return CMD_NOTHING_DONE;
    status = service_data_desk(w->data, w->ctx);
    if (status != CMD_OK)
        return status;
    if (owner_ask_anew(w->data->desk, &service_actor_here, r, w->o->mailbox, &n,
                       &err) < 0)
        return request_fail(w, &err);
    fprintf(w->ctx->out, "%zu %s a new link\n", n,
            n == 1 ? "owner has" : "owners have");
    return CMD_OK;
}
