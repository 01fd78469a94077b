/*
 * Requests for managed migrations, and what belongs to each, to be looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "desk/invoice.h"
#include "desk/request_json.h"
#include "web/service_requests.h"

static struct waits_rules rules_of(const struct service *s)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&s->settings_lock;
    struct waits_rules rules;

    pthread_mutex_lock(lock);
    rules = waits_rules_of(s->started);
    pthread_mutex_unlock(lock);
    return rules;
}

json_t *service_request_json(const struct service *s, const struct request *q)
{
    const struct waits_rules rules = rules_of(s);
    const struct waits w = waits_of(q, &rules, timestamp_now());
    json_t *json = request_json(q);

    json_object_set_new(json, "waits", request_waits_json(&w));
    return json;
}

static json_t *show_request(const struct service *s, const void *item)
{
    return service_request_json(s, item);
}

static bool read_requests(const struct service *s, const struct web_request *r,
                          const struct roster_page *page, GPtrArray **ret,
                          struct web_reply *reply, struct err *err)
{
    struct request_filter filter = { .text = web_query(r, "text"),
                                     .domain = web_query(r, "domain") };

    if (!service_query_id(r, "account", &filter.account_id, reply) ||
        !service_query_request_states(r, &filter.states, reply))
        return false;
    if (service_account_of(r) != 0)
        filter.account_id = service_account_of(r);
    return requests_list(s->requests, &filter, page, ret, err) == 0;
}

void service_requests(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    static const struct service_list list = { .read = read_requests,
                                              .orders = request_orders,
                                              .show = show_request };

    service_list(service, r, &list, reply);
}

struct request *service_request_get(const struct service *s,
                                    const struct web_request *r,
                                    struct web_reply *reply)
{
    g_autoptr(request) q = NULL;
    struct err err;
    int found = requests_get(s->requests, web_param_id(r, 0), &q, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !service_may_see(r, q->account_id))
        service_not_found(reply, "request");
    else
        return g_steal_pointer(&q);
    return NULL;
}

/* Who gets its letters; null: nobody on file may. */
static int find_contact(const struct service *s, const struct request *q,
                        json_t **ret, struct err *err)
{
    g_autoptr(roster_contact) k = NULL;
    int found = s->desk != NULL ? desk_contact(s->desk, q, &k, err) : 0;

    if (found < 0)
        return -1;
    *ret = found > 0 ? json_pack("{s:s?, s:s}", "name", k->name, "address",
                                 k->address)
                     : json_null();
    return 0;
}

/* What whoever asks may do now, and what would come of it. */
static json_t *actions_json(const struct service *s,
                            const struct web_request *r,
                            const struct request *q)
{
    json_t *all = json_array();

    for (int i = 0; s->desk != NULL && i < ORDER_N_VERBS; i++) {
        const enum order_verb verb = (enum order_verb)i;
        struct life_step to;

        if (service_may_order(r, q, verb) && order_foresee(verb, q, &to))
            json_array_append_new(all, request_order_json(verb, &to));
    }
    return all;
}

void service_request(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    json_t *json, *contact;
    struct err err;
    g_autoptr(request) q = service_request_get(service, r, reply);

    if (q == NULL)
        return;
    if (find_contact(s, q, &contact, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    json = service_request_json(s, q);
    json_object_set_new(json, "contact", contact);
    json_object_set_new(json, "actions", actions_json(s, r, q));
    web_reply_json(reply, 200, json);
    reply->version = q->version;
}

/* ---- what belongs to one ------------------------------------------------- */

/* The list, if the request is theirs to see. */
static void list_of(const struct service *s, const struct web_request *r,
                    const struct service_list *list, struct web_reply *reply)
{
    g_autoptr(request) q = service_request_get(s, r, reply);

    if (q != NULL)
        service_list(s, r, list, reply);
}

static json_t *show_mail(const struct web_request *r, const void *item)
{
    (void)r;
    return request_mail_json(item);
}

static bool read_mails(const struct service *s, const struct web_request *r,
                       const struct roster_page *page, GPtrArray **ret,
                       struct web_reply *reply, struct err *err)
{
    const struct request_mail_filter filter = { web_param_id(r, 0), -1 };

    (void)reply;
    return requests_mails(s->requests, &filter, page, ret, err) == 0;
}

void service_request_mails(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    static const struct service_list list = { read_mails, show_mail };

    list_of(service, r, &list, reply);
}

static json_t *show_letter(const struct web_request *r, const void *item)
{
    (void)r;
    return request_letter_json(item);
}

/* What goes to an operator about a request is not the contacts' to read. */
static bool read_letters(const struct service *s, const struct web_request *r,
                         const struct roster_page *page, GPtrArray **ret,
                         struct web_reply *reply, struct err *err)
{
    const struct request_letter_filter filter = {
        .request_id = web_param_id(r, 0),
        .for_contacts = service_account_of(r) != 0,
    };

    (void)reply;
    return requests_letters(s->requests, &filter, page, ret, err) == 0;
}

void service_request_conversation(void *service, const struct web_request *r,
                                  struct web_reply *reply)
{
    static const struct service_list list = { read_letters, show_letter };

    list_of(service, r, &list, reply);
}

static json_t *show_file(const struct web_request *r, const void *item)
{
    (void)r;
    return request_file_json(item);
}

static bool read_files(const struct service *s, const struct web_request *r,
                       const struct roster_page *page, GPtrArray **ret,
                       struct web_reply *reply, struct err *err)
{
    (void)reply;
    return requests_files(s->requests, web_param_id(r, 0), page, ret, err) == 0;
}

void service_request_files(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    static const struct service_list list = { read_files, show_file };

    list_of(service, r, &list, reply);
}

/* What operators write for one another is not told, but that they did. */
static json_t *show_line(const struct web_request *r, const void *item)
{
    const struct audit_entry *e = item;
    json_t *json = request_line_json(e);

    if (service_account_of(r) != 0 && strcmp(e->action, "request.note") == 0)
        json_object_set_new(json, "detail", json_null());
    return json;
}

static bool read_lines(const struct service *s, const struct web_request *r,
                       const struct roster_page *page, GPtrArray **ret,
                       struct web_reply *reply, struct err *err)
{
    g_autofree char *subject = request_subject(web_param_id(r, 0));

    (void)reply;
    return roster_audit_about(s->roster, subject, page, ret, err) == 0;
}

void service_request_timeline(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    static const struct service_list list = { read_lines, show_line };

    list_of(service, r, &list, reply);
}

/* ---- invoice lines ------------------------------------------------------- */

/* "csv" or "json" of the query; false: the problem is in the reply. */
static bool read_form(const struct web_request *r, enum invoice_form *ret,
                      struct web_reply *reply)
{
    const char *form = web_query(r, "form");

    *ret = g_strcmp0(form, "csv") == 0 ? INVOICE_CSV : INVOICE_JSON;
    if (form == NULL || strcmp(form, "csv") == 0 || strcmp(form, "json") == 0)
        return true;
    web_problem(reply, 400, "query", "\"form\" is csv or json");
    return false;
}

void service_request_invoice(void *service, const struct web_request *r,
                             struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    enum invoice_form form;
    struct err err;
    char *text;

    if (q == NULL || !read_form(r, &form, reply))
        return;
    if (invoice_make(s->roster, q, form, &text, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    web_reply_text(reply, 200,
                   form == INVOICE_CSV ? "text/csv; charset=utf-8"
                                       : "application/json",
                   text);
    free(text);
}
