/*
 * What is decided about a request: by operators, and by the contacts who may
 * ask for what costs money.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/order.h"
#include "web/service_requests.h"

#define NOTE "note"

/* Of those who are no operators. */
#define CONTACTS_MAY                                                           \
    (1u << ORDER_APPROVE | 1u << ORDER_CANCEL | 1u << ORDER_SCHEDULE |         \
     1u << ORDER_CUT_OVER | 1u << ORDER_QUOTE_AGAIN)

bool service_may_order(const struct web_request *r, const struct request *q,
                       enum order_verb verb)
{
    const unsigned int payers = r->who.roles & WEB_PAYERS;

    if (service_account_of(r) == 0)
        return true;
    /* its first day is ours to find */
    return payers != 0 && (CONTACTS_MAY & 1u << verb) != 0 &&
           (verb != ORDER_SCHEDULE || q->state == REQUEST_SCHEDULED);
}

struct deed {
    bool note;
    struct order order; /* its reason is the note's text, too */
};

/* False with the problem in the reply. */
static bool read_verb(const struct web_request *r, struct deed *d,
                      struct web_reply *reply)
{
    const char *name = service_text(r, "action", 20, reply);
    bool allowed;

    if (name == NULL)
        return false;
    d->note = strcmp(name, NOTE) == 0;
    d->order.verb = order_verb_parse(name);
    if (!d->note && d->order.verb == ORDER_N_VERBS) {
        web_problem_field(reply, "action",
                          "\"action\" is approve, refuse, cancel, schedule, "
                          "cut-over, quote-again or note");
        return false;
    }
    allowed = service_account_of(r) == 0 ||
              (!d->note && (CONTACTS_MAY & 1u << d->order.verb) != 0);
    if (!allowed)
        web_problem(reply, 403, "forbidden", "only operators may \"%s\"", name);
    return allowed;
}

static bool read_deed(const struct web_request *r, struct deed *d,
                      struct web_reply *reply)
{
    static const char *const names[] = { "action", "reason",  "remedy",
                                         "start",  "cutover", NULL };
    struct order *o = &d->order;

    if (service_only(r, names, reply) < 0 || !read_verb(r, d, reply) ||
        !service_text_opt(r, "reason", ROSTER_TEXT_MAX, false, &o->reason,
                          reply) ||
        !service_text_opt(r, "remedy", ROSTER_TEXT_MAX, false, &o->remedy,
                          reply) ||
        !service_text_opt(r, "start", 10, false, &o->start, reply) ||
        !service_text_opt(r, "cutover", 10, false, &o->cutover, reply))
        return false;
    if (!d->note || o->reason != NULL)
        return true;
    web_problem_field(reply, "reason", "\"reason\" is missing: what is noted");
    return false;
}

static int note(const struct service *s, const struct roster_actor *who,
                const struct order *o, struct err *err)
{
    const struct request_step step = { .now_us = timestamp_now(),
                                       .request_id = o->request_id,
                                       .version = o->version,
                                       .action = "request.note",
                                       .detail = o->reason };

    return MIN(requests_step(s->requests, who, &step, NULL, err), 0);
}

/* What was done the first time would be refused now: ask the key first. */
static int carry_out(const struct service *s, const struct roster_actor *who,
                     const struct deed *d, struct err *err)
{
    int64_t made;
    int done = who->once != NULL
                   ? roster_once_look(s->roster, who->once, &made, err)
                   : 0;

    if (done != 0)
        return MIN(done, 0);
    return d->note ? note(s, who, &d->order, err)
                   : order_carry_out(s->desk, who, &d->order, err);
}

static void act(const struct service *s, const struct web_request *r,
                struct deed *d, struct web_reply *reply)
{
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    g_autofree char *action = g_strconcat(
        "request.", d->note ? NOTE : order_verb_name(d->order.verb), NULL);
    g_autofree char *subject = request_subject(d->order.request_id);
    struct roster_once once;
    struct err err;

    if (!service_once(r, &once, &actor, reply))
        return;
    if (carry_out(s, &actor, d, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    if (!once.again)
        service_tell(s, r, action, subject);
    web_reply_empty(reply, 204);
}

void service_no_desk(struct web_reply *reply)
{
    web_problem_remedy(reply, 409, "no-desk", "set desk.address",
                       "there is no desk in this configuration");
}

void service_request_do(void *service, const struct web_request *r,
                        struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    struct deed d = { 0 };

    if (q == NULL || !read_deed(r, &d, reply))
        return;
    if (!d.note && s->desk == NULL) {
        service_no_desk(reply);
        return;
    }
    d.order.request_id = q->id;
    d.order.version = r->version;
    d.order.contact = service_account_of(r) != 0 ? r->who.name : NULL;
    act(s, r, &d, reply);
}
