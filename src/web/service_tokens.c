#include "base/timestamp.h"
#include "fleet/member.h"
#include "web/service.h"

/* A token that outlives whoever made it is nobody's. */
#define DAYS_MAX 366

static json_t *scopes_json(uint32_t scopes)
{
    json_t *list = json_array();

    for (int scope = WEB_SCOPE_NONE + 1; scope < WEB_SCOPE_N; scope++)
        if ((scopes & (1u << scope)) != 0)
            json_array_append_new(
                list, json_string(web_scope_name((enum web_scope)scope)));
    return list;
}

static json_t *token_json(const struct web_request *r, const void *item)
{
    const struct api_token *t = item;

    (void)r;
    return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "id", (json_int_t)t->id,
                     "label", t->label, "scopes", scopes_json(t->scopes),
                     "created", member_time(t->created_us), "expires",
                     member_time(t->expires_us), "revoked",
                     member_time(t->revoked_us));
}

static bool read_tokens(const struct service *s, const struct web_request *r,
                        const struct roster_page *page, GPtrArray **ret,
                        struct web_reply *reply, struct err *err)
{
    (void)reply;
    return roster_tokens(s->roster, r->who.id, page, ret, err) == 0;
}

void service_tokens(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    static const struct service_list list = { read_tokens, token_json };

    service_list(service, r, &list, reply);
}

/* 0 with the problem in the reply. */
static uint32_t read_scopes(const struct web_request *r,
                            struct web_reply *reply)
{
    const json_t *list = json_object_get(r->json, "scopes");
    uint32_t scopes = 0;
    size_t i;
    json_t *one;

    json_array_foreach((json_t *)(uintptr_t)list, i, one)
    {
        const char *name = json_string_value(one);
        enum web_scope scope =
            name != NULL ? web_scope_parse(name) : WEB_SCOPE_N;

        if (scope == WEB_SCOPE_N) {
            web_problem_field(reply, "scopes", "there is no scope \"%.100s\"",
                              name != NULL ? name : "(not a text)");
            return 0;
        }
        scopes |= 1u << scope;
    }
    if (scopes == 0)
        web_problem_field(reply, "scopes",
                          "\"scopes\" is a list of one or "
                          "more scopes");
    return scopes;
}

/* -1 with the problem in the reply. */
static int read_days(const struct web_request *r, struct api_token *t,
                     struct web_reply *reply)
{
    const json_t *days = json_object_get(r->json, "days");
    json_int_t n = days != NULL ? json_integer_value(days) : 90;

    if (n < 1 || n > DAYS_MAX) {
        web_problem_field(reply, "days", "\"days\" is a number from 1 to %d",
                          DAYS_MAX);
        return -1;
    }
    t->created_us = timestamp_now();
    t->expires_us = t->created_us + n * TIMESTAMP_DAY;
    return 0;
}

static void make(const struct service *s, const struct web_request *r,
                 const struct api_token *t, struct web_reply *reply)
{
    char room[320], text[TOKEN_SIZE];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    uint8_t hash[TOKEN_HASH_BYTES];
    int64_t id;
    struct err err;

    token_new(TOKEN_API, text, hash);
    if (roster_token_add(s->roster, &actor, t, hash, &id, &err) < 0)
        service_fail(s, r, reply, &err);
    else {
        service_tell(s, r, "token.add", t->label);
        web_reply_json(reply, 201,
                       json_pack("{s:I, s:s, s:o}", "id", (json_int_t)id,
                                 "token", text, "expires",
                                 member_time(t->expires_us)));
    }
    secret_wipe(text, sizeof(text));
}

void service_token_add(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    static const char *const names[] = { "label", "scopes", "days", NULL };
    struct api_token t = { .operator_id = r->who.id };

    if (service_only(r, names, reply) < 0)
        return;
    t.label = (char *)(uintptr_t)service_text(r, "label", 100, reply);
    if (t.label == NULL)
        return;
    t.scopes = read_scopes(r, reply);
    if (t.scopes != 0 && read_days(r, &t, reply) == 0)
        make(service, r, &t, reply);
}

void service_token_revoke(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (roster_token_revoke(s->roster, &actor, r->who.id, web_param_id(r, 0),
                            &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}
