#include <string.h>

#include "fleet/member.h"
#include "web/service.h"

static json_t *roles_json(unsigned roles)
{
    json_t *list = json_array();

    for (int i = 0; i < CONTACT_ROLE_N; i++)
        if ((roles & (1u << i)) != 0)
            json_array_append_new(
                list, json_string(contact_role_name((enum contact_role)i)));
    return list;
}

static json_t *contact_json(const struct web_request *r, const void *item)
{
    const struct roster_contact *k = item;

    (void)r;
    return json_pack(
        "{s:I, s:I, s:s, s:s?, s:o, s:o, s:o}", "id", (json_int_t)k->id,
        "account", (json_int_t)k->account_id, "address", k->address, "name",
        k->name, "roles", roles_json(k->roles), "created",
        member_time(k->created_us), "disabled", member_time(k->disabled_us));
}

static bool read_contacts(const struct service *s, const struct web_request *r,
                          const struct roster_page *page, GPtrArray **ret,
                          struct web_reply *reply, struct err *err)
{
    struct contact_filter filter = { .address = web_query(r, "address"),
                                     .text = web_query(r, "text") };

    if (!service_query_id(r, "account", &filter.account_id, reply))
        return false;
    /* whatever they ask for, they see their own */
    if (service_account_of(r) != 0)
        filter.account_id = service_account_of(r);
    return roster_contacts(s->roster, &filter, page, ret, err) == 0;
}

void service_contacts(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    static const struct service_list list = { read_contacts, contact_json,
                                              roster_contact_orders };

    service_list(service, r, &list, reply);
}

void service_contact(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(roster_contact) k = NULL;
    struct err err;
    int found = roster_contact_get(s->roster, web_param_id(r, 0), &k, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !service_may_see(r, k->account_id))
        service_not_found(reply, "contact");
    else {
        web_reply_json(reply, 200, contact_json(r, k));
        reply->version = k->version;
    }
}

/* ---- changing ------------------------------------------------------------ */

/* False with the problem in the reply. */
static bool read_roles(const struct web_request *r, unsigned *ret,
                       struct web_reply *reply)
{
    json_t *list = json_object_get(r->json, "roles"), *one;
    size_t i;

    if (list == NULL)
        return true;
    json_array_foreach(list, i, one)
    {
        const char *name = json_string_value(one);
        enum contact_role role =
            name != NULL ? contact_role_parse(name) : CONTACT_ROLE_N;

        if (role == CONTACT_ROLE_N) {
            web_problem_field(reply, "roles", "there is no role \"%.100s\"",
                              name != NULL ? name : "(not a text)");
            return false;
        }
        *ret |= 1u << role;
    }
    if (*ret == 0)
        web_problem_field(reply, "roles",
                          "\"roles\" is a list of one or more of primary, "
                          "billing, technical");
    return *ret != 0;
}

/* False with the problem in the reply; texts are borrowed. */
static bool read_change(const struct web_request *r, struct contact_change *ret,
                        struct web_reply *reply)
{
    const json_t *disabled = json_object_get(r->json, "disabled");

    if (disabled != NULL && !json_is_boolean(disabled)) {
        web_problem_field(reply, "disabled", "\"disabled\" is true or false");
        return false;
    }
    ret->disabled = disabled == NULL ? -1 : json_is_true(disabled);
    return service_text_opt(r, "address", ROSTER_NAME_MAX, false, &ret->address,
                            reply) &&
           service_text_opt(r, "name", ROSTER_TITLE_MAX, true, &ret->name,
                            reply) &&
           read_roles(r, &ret->roles, reply);
}

void service_contact_add(void *service, const struct web_request *r,
                         struct web_reply *reply)
{
    static const char *const names[] = { "account", "address",  "name",
                                         "roles",   "disabled", NULL };
    const struct service *s = service;
    struct contact_change wish = { 0 };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    json_int_t account;
    int64_t id;
    struct err err;

    if (service_only(r, names, reply) < 0 || !read_change(r, &wish, reply) ||
        !service_once(r, &once, &actor, reply))
        return;
    account = json_integer_value(json_object_get(r->json, "account"));
    if (account <= 0) {
        web_problem_field(reply, "account", "\"account\" is an account's id");
        return;
    }
    if (roster_contact_add(s->roster, &actor, account, &wish, &id, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    if (!once.again)
        service_tell(s, r, "contact.add", wish.address);
    service_created(reply, "/api/v1/contacts", id);
}

void service_contact_change(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    static const char *const names[] = { "address", "name", "roles", "disabled",
                                         NULL };
    const struct service *s = service;
    struct contact_change wish = { 0 };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    int64_t id = web_param_id(r, 0);
    struct err err;

    if (service_only(r, names, reply) < 0 || !read_change(r, &wish, reply))
        return;
    if (roster_contact_change(s->roster, &actor, id, r->version, &wish, &err) <
        0)
        service_fail(s, r, reply, &err);
    else
        service_changed(r, reply);
}

void service_contact_remove(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (roster_contact_remove(s->roster, &actor, web_param_id(r, 0), r->version,
                              &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}
