/*
 * What the row of the import file said of a mailbox, said anew.
 */
#include "fleet/flags.h"
#include "web/service_migrations.h"

/* A number, names as the column Flags has them, or null for none. */
static bool read_flags(const struct web_request *r, uint32_t *ret,
                       struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "flags");
    g_autofree char *number =
        json_is_integer(json)
            ? g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(json))
            : NULL;
    const char *text = number != NULL ? number : json_string_value(json);
    struct flags_result result;

    *ret = 0;
    if (json_is_null(json))
        return true;
    result = flags_parse(text != NULL ? text : "?");
    *ret = result.bits;
    if (result.fault == FLAGS_OK)
        return true;
    if (result.nearest != NULL)
        web_problem_field(reply, "flags",
                          "\"flags\": there is no flag \"%.*s\"; is \"%s\" "
                          "meant?",
                          (int)MIN(result.name_len, 60), result.name,
                          result.nearest);
    else
        web_problem_field(reply, "flags",
                          "\"flags\" is a number or names joined by \"|\", as "
                          "in the column Flags of the import file");
    return false;
}

/* The user is not needed: without one it is the address. */
static bool read_login(const struct web_request *r, enum migration_side side,
                       struct migration_login *ret, struct web_reply *reply)
{
    const char *name = service_side_name(side);
    const json_t *json = json_object_get(r->json, name),
                 *user = json_object_get(json, "user"),
                 *password = json_object_get(json, "password");
    const size_t n = json_string_length(password);

    if (json_is_null(json))
        return true;
    if (!json_is_object(json) ||
        json_object_size(json) != (user != NULL) + (size_t)1 || n == 0 ||
        n > SECRET_MAX ||
        (user != NULL && !json_is_null(user) &&
         json_string_length(user) == 0)) {
        web_problem_field(reply, name,
                          "\"%s\" is null, or has a \"password\" and, where "
                          "that is not the address, a \"user\"",
                          name);
        return false;
    }
    ret->user = json_string_value(user);
    ret->password = secret_new(json_string_value(password), n);
    return true;
}

/* What a change refers to. */
struct wanted {
    uint32_t flags;
    char *options; /* owned; or NULL */
    struct migration_login logins[MIGRATION_N_SIDES];
};

static bool read_options(const struct web_request *r, struct wanted *to,
                         struct migration_mailbox_change *wish,
                         struct web_reply *reply)
{
    if (json_is_null(json_object_get(r->json, "options")))
        to->options = g_strdup("");
    else if (!service_read_options(r, &to->options, reply))
        return false;
    wish->options = to->options;
    return true;
}

static bool read_logins(const struct web_request *r, struct wanted *to,
                        struct migration_mailbox_change *wish,
                        struct web_reply *reply)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        enum migration_side side = (enum migration_side)i;

        if (json_object_get(r->json, service_side_name(side)) == NULL)
            continue;
        wish->logins[i] = &to->logins[i];
        if (!read_login(r, side, &to->logins[i], reply))
            return false;
    }
    return true;
}

/* What the body has of each; wish borrows from *to. */
static bool read_change(const struct web_request *r, struct wanted *to,
                        struct migration_mailbox_change *wish,
                        struct web_reply *reply)
{
    static const char *const names[] = { "flags", "options", "source",
                                         "destination", NULL };

    if (service_only(r, names, reply) < 0)
        return false;
    if (json_object_get(r->json, "flags") != NULL) {
        wish->flags = &to->flags;
        if (!read_flags(r, &to->flags, reply))
            return false;
    }
    return read_options(r, to, wish, reply) && read_logins(r, to, wish, reply);
}

void service_mailbox_change(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration_mailbox) m = service_mailbox_get(s, r, reply);
    struct wanted to = { 0 };
    struct migration_mailbox_change wish = { .version = r->version };
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (m != NULL && read_change(r, &to, &wish, reply)) {
        if (migrations_change_mailbox(s->migrations, &actor, m->id, &wish,
                                      &err) < 0)
            service_fail(s, r, reply, &err);
        else
            web_reply_empty(reply, 204);
    }
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        secret_free(to.logins[i].password);
    g_free(to.options);
}
