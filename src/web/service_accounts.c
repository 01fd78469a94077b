#include <string.h>

#include "fleet/member.h"
#include "web/service.h"

static json_t *domains_json(const struct roster_account *a)
{
    json_t *list = json_array();

    for (guint i = 0; i < a->domains->len; i++) {
        const struct account_domain *d = a->domains->pdata[i];

        json_array_append_new(list, json_pack("{s:s, s:o}", "name", d->name,
                                              "verified",
                                              member_time(d->verified_us)));
    }
    return list;
}

/* What operators note about somebody is not for them. */
static json_t *account_json(const struct web_request *r, const void *item)
{
    const struct roster_account *a = item;
    json_t *json =
        json_pack("{s:I, s:s, s:s, s:o, s:o}", "id", (json_int_t)a->id,
                  "partner", a->partner, "name", a->name, "domains",
                  domains_json(a), "created", member_time(a->created_us));

    if (service_account_of(r) == 0)
        json_object_set_new(json, "notes",
                            a->notes != NULL ? json_string(a->notes)
                                             : json_null());
    return json;
}

static bool read_accounts(const struct service *s, const struct web_request *r,
                          const struct roster_page *page, GPtrArray **ret,
                          struct web_reply *reply, struct err *err)
{
    const struct account_filter filter = {
        .id = service_account_of(r),
        .partner = web_query(r, "partner"),
        .domain = web_query(r, "domain"),
        .text = web_query(r, "text"),
    };

    (void)reply;
    return roster_accounts(s->roster, &filter, page, ret, err) == 0;
}

void service_accounts(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    static const struct service_list list = { read_accounts, account_json,
                                              roster_account_orders };

    service_list(service, r, &list, reply);
}

void service_account(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(roster_account) a = NULL;
    struct err err;
    int found = roster_account_get(s->roster, web_param_id(r, 0), &a, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !service_may_see(r, a->id))
        service_not_found(reply, "account");
    else {
        web_reply_json(reply, 200, account_json(r, a));
        reply->version = a->version;
    }
}

/* ---- changing ------------------------------------------------------------ */

static bool read_domain(const json_t *one, struct domain_wish *ret)
{
    const json_t *verified = json_object_get(one, "verified");

    ret->name = json_string_value(json_object_get(one, "name"));
    ret->verified = json_is_true(verified);
    return ret->name != NULL && (verified == NULL || json_is_boolean(verified));
}

/* False with the problem in the reply. */
static bool read_domains(const struct web_request *r, GArray *to,
                         struct web_reply *reply)
{
    const json_t *list = json_object_get(r->json, "domains");
    size_t n = json_array_size(list);

    if (list == NULL)
        return true;
    if (!json_is_array(list) || n > ROSTER_DOMAINS_MAX) {
        web_problem_field(reply, "domains",
                          "\"domains\" is a list of up to %d domains",
                          ROSTER_DOMAINS_MAX);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        struct domain_wish wish;

        if (!read_domain(json_array_get(list, i), &wish)) {
            web_problem_field(reply, "domains",
                              "domain %zu is no object of \"name\" and "
                              "\"verified\" (true or false)",
                              i + 1);
            return false;
        }
        g_array_append_val(to, wish);
    }
    return true;
}

/* False with the problem in the reply; texts and domains are borrowed. */
static bool read_change(const struct web_request *r, GArray *domains,
                        struct account_change *ret, struct web_reply *reply)
{
    static const char *const names[] = { "partner", "name", "notes", "domains",
                                         NULL };

    if (service_only(r, names, reply) < 0 ||
        !service_text_opt(r, "partner", ROSTER_PARTNER_MAX, false,
                          &ret->partner, reply) ||
        !service_text_opt(r, "name", ROSTER_TITLE_MAX, false, &ret->name,
                          reply) ||
        !service_text_opt(r, "notes", ROSTER_NOTES_MAX, true, &ret->notes,
                          reply) ||
        !read_domains(r, domains, reply))
        return false;
    if (json_object_get(r->json, "domains") == NULL)
        return true;
    ret->domains = (const void *)domains->data;
    ret->n_domains = domains->len;
    return true;
}

void service_account_add(void *service, const struct web_request *r,
                         struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GArray) domains =
        g_array_new(TRUE, FALSE, sizeof(struct domain_wish));
    struct account_change wish = { 0 };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    int64_t id;
    struct err err;

    if (!read_change(r, domains, &wish, reply) ||
        !service_once(r, &once, &actor, reply))
        return;
    if (roster_account_add(s->roster, &actor, &wish, &id, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    if (!once.again)
        service_tell(s, r, "account.add", wish.partner);
    service_created(reply, "/api/v1/accounts", id);
}

void service_account_change(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GArray) domains =
        g_array_new(TRUE, FALSE, sizeof(struct domain_wish));
    struct account_change wish = { 0 };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    int64_t id = web_param_id(r, 0);
    struct err err;

    if (!read_change(r, domains, &wish, reply))
        return;
    if (roster_account_change(s->roster, &actor, id, r->version, &wish, &err) <
        0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}

void service_account_remove(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (roster_account_remove(s->roster, &actor, web_param_id(r, 0), r->version,
                              &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}
