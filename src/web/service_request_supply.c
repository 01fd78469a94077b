/*
 * A request that is made and completed by its contacts, or by operators for
 * them: the same pieces, checks and letters as by mail (desk/supply.h).
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/asked.h"
#include "desk/request_json.h"
#include "desk/supply.h"
#include "web/service_requests.h"

/* ---- what is given ------------------------------------------------------- */

/* As it is called in JSON, and how long it may be. */
static const struct {
    enum supply_field field;
    const char *name;
    size_t most;
} members[] = {
    { SUPPLY_PARTNER, "partner", ASKED_PARTNER_MAX },
    { SUPPLY_DOMAIN, "domain", ROSTER_DOMAIN_MAX },
    { SUPPLY_OWA_URL, "owaUrl", ASKED_URL_MAX },
    { SUPPLY_START, "start", 10 },
    { SUPPLY_CUTOVER, "cutover", 10 },
};

static bool read_texts(const struct web_request *r, struct supply *ret,
                       struct web_reply *reply)
{
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        if (!service_text_opt(r, members[i].name, members[i].most, false,
                              &ret->texts[members[i].field], reply))
            return false;
    return true;
}

/* True with the problem in the reply: not all of it could be used. */
static bool refuse_wrong(const struct supplied *s, const char *rest,
                         struct web_reply *reply)
{
    g_autoptr(GString) text = g_string_new(NULL);
    json_t *list = json_array();

    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        const char *why = s->wrong[members[i].field];

        if (why == NULL)
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s}", "field",
                                              members[i].name, "text", why));
        g_string_append_printf(text, "\"%s\": %s. ", members[i].name, why);
    }
    if (text->len == 0) {
        json_decref(list);
        return false;
    }
    web_problem_with(reply, "wrong-pieces", "wrong", list, "%s%s", text->str,
                     rest);
    return true;
}

static void show(const struct service *s, const struct web_request *r,
                 int64_t id, unsigned status, struct web_reply *reply)
{
    g_autoptr(request) q = NULL;
    struct err err;
    int found = requests_get(s->requests, id, &q, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0)
        service_not_found(reply, "request");
    else {
        web_reply_json(reply, status, service_request_json(s, q));
        reply->version = q->version;
    }
}

/* ---- a new one ----------------------------------------------------------- */

/* Whose it is to be. */
struct opening {
    struct roster_account *account; /* owned */
    char *opened_by;                /* owned: a contact's address */
};

static void opening_release(struct opening *o)
{
    roster_account_free(o->account);
    g_free(o->opened_by);
}

static bool find_account(const struct service *s, const struct web_request *r,
                         int64_t id, struct opening *o, struct web_reply *reply)
{
    struct err err;
    int found = roster_account_get(s->roster, id, &o->account, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0)
        web_problem_field(reply, "account", "there is no such account");
    return found > 0;
}

/* For whom an operator opens it: the letters go there. */
static bool find_contact(const struct service *s, const struct web_request *r,
                         struct opening *o, struct web_reply *reply)
{
    const char *wanted = NULL;
    g_autoptr(roster_contact) k = NULL;
    struct request about = { .account_id = o->account->id };
    struct err err;
    int found;

    if (!service_text_opt(r, "contact", ROSTER_NAME_MAX, false, &wanted, reply))
        return false;
    about.opened_by = (char *)(uintptr_t)(wanted != NULL ? wanted : "");
    found = desk_contact(s->desk, &about, &k, &err);
    if (found < 0) {
        service_fail(s, r, reply, &err);
        return false;
    }
    if (found > 0 &&
        (wanted == NULL || g_ascii_strcasecmp(k->address, wanted) == 0)) {
        o->opened_by = g_strdup(k->address);
        return true;
    }
    web_problem_field(reply, "contact",
                      wanted != NULL
                          ? "this is no Primary or Primary Billing Contact of "
                            "the account"
                          : "the account has no Primary or Primary Billing "
                            "Contact, who has to approve it");
    return false;
}

static bool find_opening(const struct service *s, const struct web_request *r,
                         struct opening *o, struct web_reply *reply)
{
    const json_t *account = json_object_get(r->json, "account");

    if (service_account_of(r) != 0) {
        o->opened_by = g_strdup(r->who.name);
        return find_account(s, r, service_account_of(r), o, reply);
    }
    if (!json_is_integer(account) || json_integer_value(account) <= 0) {
        web_problem_field(
            reply, "account",
            "\"account\" is the id of the account that it is for");
        return false;
    }
    return find_account(s, r, json_integer_value(account), o, reply) &&
           find_contact(s, r, o, reply);
}

/* What was done the first time would be refused now: ask the key first. */
static int open_it(const struct service *s, const struct supply_from *from,
                   const struct opening *o, const struct supply *given,
                   struct supplied *done, int64_t *ret_id, struct err *err)
{
    struct roster_once *once = from->who->once;
    int result =
        once != NULL ? roster_once_look(s->roster, once, ret_id, err) : 0;

    if (result != 0)
        return result;
    result = supply_open(s->desk, from, o->opened_by, given, done, ret_id, err);
    if (result > 0 && once != NULL && once->again)
        return roster_once_look(s->roster, once, ret_id, err);
    return result;
}

static void open_for(const struct service *s, const struct web_request *r,
                     const struct opening *o, const struct supply *given,
                     struct web_reply *reply)
{
    char room[320];
    struct roster_actor who = service_actor(r, room, sizeof(room));
    const struct supply_from from = { .who = &who,
                                      .account = o->account,
                                      .at_work = true };
    g_auto(supplied) done = { 0 };
    struct roster_once once;
    int64_t id = 0;
    struct err err;
    int opened;

    if (!service_once(r, &once, &who, reply))
        return;
    opened = open_it(s, &from, o, given, &done, &id, &err);
    if (opened < 0)
        service_fail(s, r, reply, &err);
    else if (opened == 0)
        (void)refuse_wrong(&done, "Nothing was opened.", reply);
    else {
        g_autofree char *subject = request_subject(id);

        if (!once.again)
            service_tell(s, r, "request.open", subject);
        service_created(reply, "/api/v1/requests", id);
        show(s, r, id, 201, reply);
    }
}

void service_request_add(void *service, const struct web_request *r,
                         struct web_reply *reply)
{
    static const char *const staff[] = { "account", "contact", "domain",
                                         "owaUrl",  "start",   "cutover",
                                         NULL };
    const struct service *s = service;
    const char *const *names = service_account_of(r) != 0 ? staff + 2 : staff;
    struct supply given = { 0 };
    struct opening o = { 0 };

    if (!service_has_desk(s, reply) || service_only(r, names, reply) < 0 ||
        !read_texts(r, &given, reply))
        return;
    if (find_opening(s, r, &o, reply))
        open_for(s, r, &o, &given, reply);
    opening_release(&o);
}

/* ---- more of one --------------------------------------------------------- */

bool service_supply(const struct service *s, const struct web_request *r,
                    const struct request *q, const struct supply *given,
                    struct supplied *ret, struct web_reply *reply)
{
    char room[320];
    const struct roster_actor who = service_actor(r, room, sizeof(room));
    g_autofree char *subject = request_subject(q->id);
    struct opening o = { 0 };
    struct supply_from from = { .who = &who,
                                .request_id = q->id,
                                .version = r->version,
                                .at_work = true,
                                .writer = service_account_of(r) != 0
                                              ? r->who.name
                                              : NULL };
    struct err err;
    int taken = 0;

    if (!service_has_desk(s, reply) ||
        !find_account(s, r, q->account_id, &o, reply))
        return false;
    from.account = o.account;
    taken = supply_take(s->desk, &from, given, ret, &err);
    opening_release(&o);
    if (taken < 0)
        service_fail(s, r, reply, &err);
    else if (taken == 0)
        service_not_found(reply, "request");
    else
        service_tell(s, r, "request.supply", subject);
    return taken > 0;
}

void service_request_change(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    static const char *const names[] = { "partner", "domain",  "owaUrl",
                                         "start",   "cutover", NULL };
    const struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    struct supply given = { 0 };
    g_auto(supplied) done = { 0 };

    if (q == NULL || service_only(r, names, reply) < 0 ||
        !read_texts(r, &given, reply) ||
        !service_supply(s, r, q, &given, &done, reply))
        return;
    if (!refuse_wrong(&done, "All else was taken over.", reply))
        show(s, r, q->id, 200, reply);
}
