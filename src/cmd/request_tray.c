/*
 * Mails that nobody could place: what is in the tray, and out of it.
 */
#include "base/timestamp.h"
#include "cmd/request.h"
#include "desk/intake.h"
#include "desk/request_json.h"

static void print(const struct request_work *w, const void *element)
{
    const struct request_mail *m = element;
    g_autofree char *at = timestamp_format(m->received_us);

    fprintf(w->ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\n", m->id, at,
            *m->sender != '\0' ? m->sender : "-", m->verdict, m->subject);
}

static int read_page(const struct request_work *w,
                     const struct roster_page *page, GPtrArray **ret,
                     struct err *err)
{
    const struct request_mail_filter filter = { .place = REQUEST_MAIL_TRAY };

    return requests_mails(w->requests, &filter, page, ret, err);
}

static json_t *as_json(const void *element)
{
    return request_mail_json(element);
}

enum cmd_status request_run_tray(const struct request_work *w)
{
    static const struct request_form form = { print, as_json };

    return request_tell_all(w, read_page, &form);
}

/* As it came in, for whatever reads mails. */
enum cmd_status request_run_mail(const struct request_work *w)
{
    g_autoptr(request_mail) m = NULL;
    struct err err;
    int found = requests_mail_get(w->requests, w->id, &m, &err);
    const void *bytes;
    gsize n;

    if (found < 0)
        return request_fail(w, &err);
    if (found == 0) {
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there is no mail %" G_GINT64_FORMAT, w->id);
        err_remedy(&err, "\"mailferry request tray\" and \"mailferry request "
                         "show ID\" tell their numbers");
        return request_fail(w, &err);
    }
    bytes = g_bytes_get_data(m->raw, &n);
    fwrite(bytes, 1, n, w->ctx->out);
    return CMD_OK;
}

enum cmd_status request_run_place(const struct request_work *w)
{
    const struct intake_placing p = { .mail_id = w->id,
                                      .request_id = w->o->request,
                                      .reason = w->o->reason };
    enum cmd_status status = service_data_desk(w->data, w->ctx);
    struct intake_done done;
    struct err err;

    if (status != CMD_OK)
        return status;
    return intake_place(w->data->desk, &service_actor_here, &p, &done, &err) < 0
               ? request_fail(w, &err)
               : CMD_OK;
}

enum cmd_status request_run_done(const struct request_work *w)
{
    const struct request_mail_move m = { w->id, 0, w->o->reason };
    struct err err;

    return requests_mail_move(w->requests, &service_actor_here, &m, &err) < 0
               ? request_fail(w, &err)
               : CMD_OK;
}
