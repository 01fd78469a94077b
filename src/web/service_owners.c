/*
 * Owners of a request's mailboxes who have not given their password, and a new
 * link for those whose own opens nothing any more.
 */
#include "base/timestamp.h"
#include "desk/owner.h"
#include "fleet/member.h"
#include "web/service_migrations.h"
#include "web/service_requests.h"

static json_t *owner_json(const struct owner *o, int64_t now_us)
{
    const enum owner_standing is = owner_standing(o, now_us);

    return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:I}", "mailbox",
                     (json_int_t)o->mailbox_id, "address", o->address, "side",
                     service_side_name(o->side), "state",
                     owner_standing_name(is), "asked", member_time(o->asked_us),
                     "reminded", member_time(o->reminded_us), "expires",
                     member_time(o->expires_us), "tries", (json_int_t)o->tries);
}

void service_request_owners(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    g_autoptr(GPtrArray) all = NULL;
    const int64_t now_us = timestamp_now();
    json_t *items;
    struct err err;

    if (q == NULL || !service_has_desk(s, reply))
        return;
    if (owner_list(s->desk, q, &all, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    items = json_array();
    for (guint i = 0; i < all->len; i++)
        json_array_append_new(items, owner_json(all->pdata[i], now_us));
    service_reply_items(reply, items);
}

/* False with the problem in the reply. */
static bool read_mailbox(const struct web_request *r, int64_t *ret,
                         struct web_reply *reply)
{
    static const char *const names[] = { "mailbox", NULL };
    const json_t *json = json_object_get(r->json, "mailbox");

    if (service_only(r, names, reply) < 0)
        return false;
    *ret = json_integer_value(json);
    if (json == NULL || *ret > 0)
        return true;
    web_problem_field(reply, "mailbox", "\"mailbox\" is the id of one");
    return false;
}

void service_request_ask_owners(void *service, const struct web_request *r,
                                struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    g_autofree char *subject = NULL;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    int64_t mailbox_id;
    struct err err;
    size_t n;

    if (q == NULL || !service_has_desk(s, reply) ||
        !read_mailbox(r, &mailbox_id, reply) ||
        !service_once(r, &once, &actor, reply))
        return;
    if (owner_ask_anew(s->desk, &actor, q, mailbox_id, &n, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    subject = request_subject(q->id);
    if (!once.again)
        service_tell(s, r, "request.ask-owners", subject);
    web_reply_empty(reply, 204);
}
