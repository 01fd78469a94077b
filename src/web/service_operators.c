#include <string.h>

#include "base/passhash.h"
#include "fleet/member.h"
#include "web/service.h"

static json_t *operator_json(const struct roster_operator *o)
{
    return json_pack(
        "{s:I, s:s, s:s, s:b, s:o, s:o}", "id", (json_int_t)o->id, "name",
        o->name, "role", o->role == ROSTER_ADMIN ? "admin" : "operator",
        "authenticator", o->totp != NULL, "created", member_time(o->created_us),
        "disabled", member_time(o->disabled_us));
}

static json_t *item_json(const struct web_request *r, const void *item)
{
    (void)r;
    return operator_json(item);
}

static bool read_operators(const struct service *s, const struct web_request *r,
                           const struct roster_page *page, GPtrArray **ret,
                           struct web_reply *reply, struct err *err)
{
    (void)r;
    (void)reply;
    return roster_operators(s->roster, page, ret, err) == 0;
}

void service_operators(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    static const struct service_list list = { read_operators, item_json,
                                              roster_operator_orders };

    service_list(service, r, &list, reply);
}

void service_operator(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(roster_operator) o = NULL;
    struct err err;
    int found = roster_operator_by_id(s->roster, web_param_id(r, 0), &o, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0)
        service_not_found(reply, "operator");
    else {
        web_reply_json(reply, 200, operator_json(o));
        reply->version = o->version;
    }
}

/* ROSTER_ROLE_N with the problem in the reply. */
static enum roster_role read_role(const struct web_request *r,
                                  struct web_reply *reply)
{
    const char *text = service_text(r, "role", 20, reply);

    if (text == NULL)
        return ROSTER_ROLE_N;
    if (strcmp(text, "admin") == 0)
        return ROSTER_ADMIN;
    if (strcmp(text, "operator") == 0)
        return ROSTER_OPERATOR;
    web_problem_field(reply, "role", "\"role\" is \"admin\" or \"operator\"");
    return ROSTER_ROLE_N;
}

int service_read_password(const struct service *s, const struct web_request *r,
                          char hash[PASSHASH_SIZE], struct web_reply *reply)
{
    const char *text = service_text(r, "password", PASSHASH_LONGEST, reply);
    struct err err;

    if (text == NULL)
        return -1;
    if (passhash_make(text, &s->cost, hash, &err) == 0)
        return 0;
    if (err.retry == ERR_RETRY_NEVER)
        web_problem_field(reply, "password", "%s", err.msg);
    else
        service_fail(s, r, reply, &err);
    return -1;
}

void service_operator_add(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    static const char *const names[] = { "name", "role", "password", NULL };
    const struct service *s = service;
    struct roster_operator o = { 0 };
    char room[320], hash[PASSHASH_SIZE];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    int64_t id;
    struct err err;

    if (service_only(r, names, reply) < 0 ||
        !service_once(r, &once, &actor, reply))
        return;
    o.name = (char *)(uintptr_t)service_text(r, "name", ROSTER_NAME_MAX, reply);
    if (o.name == NULL)
        return;
    if (roster_check_address(o.name, &err) < 0) {
        web_problem_field(reply, "name", "%s", err.msg);
        return;
    }
    o.role = read_role(r, reply);
    if (o.role == ROSTER_ROLE_N || service_read_password(s, r, hash, reply) < 0)
        return;
    o.password = hash;
    if (roster_operator_add(s->roster, &actor, &o, &id, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    if (!once.again)
        service_tell(s, r, "operator.add", o.name);
    service_created(reply, "/api/v1/operators", id);
}

/* -1 with the problem in the reply. */
static int read_change(const struct service *s, const struct web_request *r,
                       struct operator_change *change, char *hash,
                       struct web_reply *reply)
{
    const json_t *disabled = json_object_get(r->json, "disabled"),
                 *lost = json_object_get(r->json, "authenticator");

    if (json_object_get(r->json, "role") != NULL) {
        change->role = (int)read_role(r, reply);
        if (change->role == ROSTER_ROLE_N)
            return -1;
    }
    if (disabled != NULL && !json_is_boolean(disabled)) {
        web_problem_field(reply, "disabled", "\"disabled\" is true or false");
        return -1;
    }
    if (disabled != NULL)
        change->disabled = json_is_true(disabled) ? 1 : 0;
    if (lost != NULL && !json_is_false(lost)) {
        web_problem_field(reply, "authenticator",
                          "\"authenticator\" is false: it is removed; "
                          "operators set up their own");
        return -1;
    }
    change->forget_totp = lost != NULL;
    if (json_object_get(r->json, "password") != NULL) {
        if (service_read_password(s, r, hash, reply) < 0)
            return -1;
        change->password = hash;
    }
    return 0;
}

void service_operator_change(void *service, const struct web_request *r,
                             struct web_reply *reply)
{
    static const char *const names[] = { "role", "disabled", "password",
                                         "authenticator", NULL };
    const struct service *s = service;
    struct operator_change change = { -1, -1, NULL, NULL, false };
    char room[320], hash[PASSHASH_SIZE];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    int64_t id = web_param_id(r, 0);
    char subject[24];
    struct err err;

    if (service_only(r, names, reply) < 0 ||
        read_change(s, r, &change, hash, reply) < 0)
        return;
    /*
     * nobody locks everybody out, nor takes the second lock off the door of
     * a browser that was left open: another admin has to do it
     */
    if (id == r->who.id &&
        (change.disabled == 1 || change.role >= 0 || change.forget_totp)) {
        web_problem(reply, 409, "wrong-state",
                    "another admin has to change your role, disable you or "
                    "remove your authenticator");
        return;
    }
    if (roster_operator_change(s->roster, &actor, id, r->version, &change,
                               &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    g_snprintf(subject, sizeof(subject), "%" G_GINT64_FORMAT, id);
    service_tell(s, r, "operator.change", subject);
    service_changed(r, reply);
}
