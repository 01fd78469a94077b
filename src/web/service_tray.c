/*
 * Mails that nobody could place: an operator looks at them, and says to which
 * request each belongs or that it is of no consequence.
 */
#include <string.h>

#include "desk/intake.h"
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

/* What was placed is the account's to see; the tray is the operators'. */
static bool may_read(const struct service *s, const struct web_request *r,
                     const struct request_mail *m)
{
    g_autoptr(request) q = NULL;
    struct err err;

    if (service_account_of(r) == 0)
        return true;
    return m->place == REQUEST_MAIL_PLACED && m->request_id != 0 &&
           requests_get(s->requests, m->request_id, &q, &err) > 0 &&
           service_may_see(r, q->account_id);
}

/* NULL: the problem is in the reply. */
static struct request_mail *find_mail(const struct service *s,
                                      const struct web_request *r,
                                      struct web_reply *reply)
{
    g_autoptr(request_mail) m = NULL;
    struct err err;
    int found = requests_mail_get(s->requests, web_param_id(r, 0), &m, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !may_read(s, r, m))
        service_not_found(reply, "mail");
    else
        return g_steal_pointer(&m);
    return NULL;
}

/* As it came in; what a program sent is no page of ours. */
void service_mail(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request_mail) m = find_mail(s, r, reply);
    const void *bytes;
    gsize n;

    if (m == NULL)
        return;
    bytes = g_bytes_get_data(m->raw, &n);
    web_reply_text(reply, 200, "message/rfc822", "");
    g_string_append_len(reply->body, bytes, (gssize)n);
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"mail-%" G_GINT64_FORMAT ".eml\"",
                     m->id);
}

/* ---- what one says ------------------------------------------------------- */

static json_t *files_json(const struct mail *m)
{
    json_t *all = json_array();

    for (guint i = 0; i < m->files->len; i++) {
        const struct mail_file *f = m->files->pdata[i];

        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:I}", "name", f->name,
                                        "kind", mail_file_kind_name(f->kind),
                                        "bytes", (json_int_t)f->size));
    }
    return all;
}

/* What was written, never as HTML. */
void service_mail_text(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    const struct service *s = service;
    const struct mail_context context = { NULL, s->mail_address };
    g_autoptr(request_mail) m = find_mail(s, r, reply);
    g_autoptr(mail_t) read = NULL;
    const char *text;
    json_t *json;
    gsize n;

    if (m == NULL)
        return;
    read = mail_read(g_bytes_get_data(m->raw, &n), g_bytes_get_size(m->raw),
                     &context);
    text = *read->text != '\0' || read->html_text == NULL ? read->text
                                                          : read->html_text;
    json = request_mail_json(m);
    json_object_update_new(
        json,
        json_pack("{s:s, s:s?, s:s?, s:s, s:o}", "text", text, "forwarded",
                  read->forwarded, "fromName", read->from_name, "nature",
                  mail_nature_name(read->nature), "files", files_json(read)));
    web_reply_json(reply, 200, json);
}

/* ---- out of the tray ----------------------------------------------------- */

enum verb { VERB_PLACE, VERB_OPEN, VERB_DONE, N_VERBS };

/* What an operator says of it, and the number that goes with that. */
static const struct {
    const char *name, *number;
} verbs[N_VERBS] = {
    [VERB_PLACE] = { "place", "request" },
    [VERB_OPEN] = { "open", "contact" },
    [VERB_DONE] = { "done", NULL },
};

struct deed {
    enum verb verb;
    int64_t number;
    const char *reason;
};

/* Its own number, and no other verb's. */
static bool read_number(const struct web_request *r, struct deed *d)
{
    for (int i = 0; i < N_VERBS; i++) {
        const json_t *number = verbs[i].number != NULL
                                   ? json_object_get(r->json, verbs[i].number)
                                   : NULL;

        if (i == (int)d->verb)
            d->number = json_integer_value(number);
        else if (number != NULL)
            return false;
    }
    return d->number > 0 || verbs[d->verb].number == NULL;
}

/* False with the problem in the reply. */
static bool read_deed(const struct web_request *r, struct deed *d,
                      struct web_reply *reply)
{
    static const char *const names[] = { "action", "request", "contact",
                                         "reason", NULL };
    const char *action;
    int verb = 0;

    if (service_only(r, names, reply) < 0)
        return false;
    action = service_text(r, "action", 20, reply);
    if (action == NULL || !service_text_opt(r, "reason", ROSTER_TEXT_MAX, false,
                                            &d->reason, reply))
        return false;
    while (verb < N_VERBS && strcmp(verbs[verb].name, action) != 0)
        verb++;
    d->verb = (enum verb)verb;
    if (verb < N_VERBS && read_number(r, d))
        return true;
    web_problem_field(reply, "action",
                      "\"action\" is place, with \"request\", open, with "
                      "\"contact\", or done, without either");
    return false;
}

/* *ret: the request that was opened, else 0. */
static int carry_out(const struct service *s, const struct roster_actor *who,
                     int64_t mail_id, const struct deed *d, int64_t *ret,
                     struct err *err)
{
    const struct request_mail_move move = { mail_id, 0, d->reason };
    const struct intake_placing p = {
        .mail_id = mail_id,
        .request_id = d->verb == VERB_PLACE ? d->number : 0,
        .contact_id = d->verb == VERB_OPEN ? d->number : 0,
        .reason = d->reason,
    };
    struct intake_done done = { 0 };

    if (d->verb == VERB_DONE)
        return requests_mail_move(s->requests, who, &move, err);
    if (intake_place(s->desk, who, &p, &done, err) < 0)
        return -1;
    *ret = d->verb == VERB_OPEN ? done.request_id : 0;
    return 0;
}

void service_mail_do(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct deed d = { 0 };
    struct roster_once once;
    int64_t opened = 0;
    struct err err;

    if (!read_deed(r, &d, reply) || !service_once(r, &once, &actor, reply))
        return;
    if (d.verb != VERB_DONE && s->desk == NULL) {
        service_no_desk(reply);
        return;
    }
    if (carry_out(s, &actor, web_param_id(r, 0), &d, &opened, &err) < 0)
        service_fail(s, r, reply, &err);
    else if (opened != 0)
        service_created(reply, "/api/v1/requests", opened);
    else
        web_reply_empty(reply, 204);
}
