/*
 * Mails that nobody could place: an operator looks at them, and says to which
 * request each belongs or that it is of no consequence.
 */
#include <string.h>

#include "desk/request_json.h"
#include "web/service_requests.h"

static json_t *show_mail(const struct web_request *r, const void *item)
{
    (void)r;
    return request_mail_json(item);
}

static bool read_tray(const struct service *s, const struct web_request *r,
                      const struct roster_page *page, GPtrArray **ret,
                      struct web_reply *reply, struct err *err)
{
    const struct request_mail_filter filter = { .place = REQUEST_MAIL_TRAY };

    (void)r;
    (void)reply;
    return requests_mails(s->requests, &filter, page, ret, err) == 0;
}

void service_tray(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    static const struct service_list list = { read_tray, show_mail };

    service_list(service, r, &list, reply);
}

/* As it came in; what a program sent is no page of ours. */
void service_mail(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request_mail) m = NULL;
    struct err err;
    int found = requests_mail_get(s->requests, web_param_id(r, 0), &m, &err);
    const void *bytes;
    gsize n;

    if (found <= 0) {
        if (found < 0)
            service_fail(s, r, reply, &err);
        else
            service_not_found(reply, "mail");
        return;
    }
    bytes = g_bytes_get_data(m->raw, &n);
    web_reply_text(reply, 200, "message/rfc822", "");
    g_string_append_len(reply->body, bytes, (gssize)n);
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"mail-%" G_GINT64_FORMAT ".eml\"",
                     m->id);
}

/* ---- out of the tray ----------------------------------------------------- */

/* False with the problem in the reply. */
static bool read_move(const struct web_request *r,
                      struct request_mail_move *ret, struct web_reply *reply)
{
    static const char *const names[] = { "action", "request", "reason", NULL };
    const json_t *to = json_object_get(r->json, "request");
    const char *action;

    if (service_only(r, names, reply) < 0)
        return false;
    action = service_text(r, "action", 20, reply);
    if (action == NULL || !service_text_opt(r, "reason", ROSTER_TEXT_MAX, false,
                                            &ret->reason, reply))
        return false;
    if (strcmp(action, "done") == 0 && to == NULL)
        return true;
    if (strcmp(action, "place") == 0 && json_integer_value(to) > 0) {
        ret->request_id = json_integer_value(to);
        return true;
    }
    web_problem_field(reply, "action",
                      "\"action\" is place, with \"request\", or done, "
                      "without it");
    return false;
}

void service_mail_do(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    struct request_mail_move move = { .mail_id = web_param_id(r, 0) };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    struct err err;

    if (!read_move(r, &move, reply) || !service_once(r, &once, &actor, reply))
        return;
    if (requests_mail_move(s->requests, &actor, &move, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}
