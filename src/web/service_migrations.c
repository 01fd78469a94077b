#include <string.h>

#include "base/hours.h"
#include "fleet/member.h"
#include "fleet/options.h"
#include "web/service_migrations.h"

static const char *const side_names[MIGRATION_N_SIDES] = {
    [MIGRATION_SOURCE] = "source",
    [MIGRATION_DESTINATION] = "destination",
};

const char *service_side_name(enum migration_side side)
{
    return side_names[side];
}

/* ---- showing ------------------------------------------------------------- */

static json_t *mailboxes_json(const struct migration *m)
{
    json_t *json = json_object();

    for (int i = 0; i < MAILBOX_N_STATES; i++)
        if (m->by_state[i] > 0)
            json_object_set_new(json, mailbox_state_name((enum mailbox_state)i),
                                json_integer((json_int_t)m->by_state[i]));
    return json;
}

static json_t *jobs_json(const struct migration *m)
{
    json_t *json = json_object();

    for (int i = 0; i < JOB_N_STATES; i++)
        if (m->jobs[i] > 0)
            json_object_set_new(json, job_state_name((enum job_state)i),
                                json_integer((json_int_t)m->jobs[i]));
    return json;
}

static json_t *migration_json(const struct web_request *r, const void *item)
{
    const struct migration *m = item;
    json_t *options = json_loads(m->options, 0, NULL);

    (void)r;
    return json_pack(
        "{s:I, s:o, s:s, s:o, s:o, s:o, s:o, s:i, s:s?, s:I, s:o, s:o, s:o}",
        "id", (json_int_t)m->id, "account",
        m->account_id != 0 ? json_integer((json_int_t)m->account_id)
                           : json_null(),
        "name", m->name, "source", service_side_json(m, MIGRATION_SOURCE),
        "destination", service_side_json(m, MIGRATION_DESTINATION), "options",
        options != NULL ? options : json_object(), "created",
        member_time(m->created_us), "most", (int)m->most, "hours", m->hours,
        "mailboxes", (json_int_t)m->n_mailboxes, "states", mailboxes_json(m),
        "jobs", jobs_json(m), "forecast",
        outlook_json(m->forecast.at_us != 0 ? &m->forecast : NULL));
}

static bool read_migrations(const struct service *s,
                            const struct web_request *r,
                            const struct roster_page *page, GPtrArray **ret,
                            struct web_reply *reply, struct err *err)
{
    struct migration_filter filter = { 0 };

    if (!service_query_id(r, "account", &filter.account_id, reply) ||
        !service_query_filter(r, &filter, reply))
        return false;
    if (service_account_of(r) != 0)
        filter.account_id = service_account_of(r);
    return migrations_list(s->migrations, &filter, page, ret, err) == 0;
}

void service_migrations(void *service, const struct web_request *r,
                        struct web_reply *reply)
{
    static const struct service_list list = { read_migrations, migration_json,
                                              migration_orders };

    service_list(service, r, &list, reply);
}

struct migration *service_migration_get(const struct service *s,
                                        const struct web_request *r,
                                        struct web_reply *reply)
{
    g_autoptr(migration) m = NULL;
    struct err err;
    int found = migrations_get(s->migrations, web_param_id(r, 0), &m, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !service_may_see(r, m->account_id))
        service_not_found(reply, "migration");
    else
        return g_steal_pointer(&m);
    return NULL;
}

void service_migration(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    struct err err;

    if (m == NULL)
        return;
    if (migrations_count(s->migrations, m, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    web_reply_json(reply, 200, migration_json(r, m));
    reply->version = m->version;
}

/* ---- changing ------------------------------------------------------------ */

bool service_read_hours(const struct web_request *r, const char *name,
                        const char **ret, struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, name);
    g_autoptr(hours) h = NULL;
    struct err err;

    if (json == NULL)
        return true;
    *ret = "";
    if (json_is_null(json))
        return true;
    *ret = json_string_value(json);
    if (*ret != NULL && hours_parse(*ret, &h, &err) == 0)
        return true;
    web_problem_field(reply, name, "\"%s\" is null or times of the week: %s",
                      name, *ret != NULL ? err.msg : "\"Mon-Fri 08:00-18:00\"");
    return false;
}

bool service_read_most(const struct web_request *r, unsigned *ret,
                       struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "most");

    if (json == NULL)
        return true;
    *ret = 0;
    if (json_is_null(json))
        return true;
    if (!json_is_integer(json) || json_integer_value(json) < 0 ||
        json_integer_value(json) > 100000) {
        web_problem_field(reply, "most",
                          "\"most\" is a number up to 100000; 0 or null: "
                          "any");
        return false;
    }
    *ret = (unsigned)json_integer_value(json);
    return true;
}

/* Options as one text; *ret is the caller's.  False: see the reply. */
bool service_read_options(const struct web_request *r, char **ret,
                          struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "options");
    char *text;
    struct err err;
    int result;

    if (json == NULL)
        return true;
    text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    result = fleet_options_check(text, ret, &err);
    free(text);
    if (result < 0)
        web_problem_field(reply, "options", "%s", err.msg);
    return result == 0;
}

/* Its limits, where the body has any; wish borrows most. */
static bool read_limits(const struct web_request *r, unsigned *most,
                        struct migration_change *wish, struct web_reply *reply)
{
    if (json_object_get(r->json, "most") != NULL)
        wish->most = most;
    return service_read_most(r, most, reply) &&
           service_read_hours(r, "hours", &wish->hours, reply);
}

void service_migration_change(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    static const char *const names[] = { "name",        "options", "source",
                                         "destination", "most",    "hours",
                                         NULL };
    const struct service *s = service;
    g_autoptr(migration) m = NULL;
    g_autofree char *options = NULL;
    struct service_side sides[MIGRATION_N_SIDES] = { 0 };
    struct migration_change wish = { .version = r->version };
    unsigned most = 0;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    bool good = service_only(r, names, reply) == 0 &&
                service_text_opt(r, "name", MIGRATION_NAME_MAX, false,
                                 &wish.name, reply) &&
                service_read_options(r, &options, reply) &&
                read_limits(r, &most, &wish, reply);
    struct err err;

    for (int i = 0; good && i < MIGRATION_N_SIDES; i++) {
        good = service_read_side(r, (enum migration_side)i, false, &sides[i],
                                 reply);
        wish.admins[i] = sides[i].has_login ? &sides[i].login : NULL;
        wish.sides[i].ways = sides[i].ways;
        wish.sides[i].access = sides[i].access;
    }
    wish.options = options;
    m = good ? service_migration_get(s, r, reply) : NULL;
    if (m != NULL) {
        if (migrations_change(s->migrations, &actor, m->id, &wish, &err) < 0)
            service_fail(s, r, reply, &err);
        else {
            service_tell_migration(s, m->id, "change");
            web_reply_empty(reply, 204);
        }
    }
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        service_side_clear(&sides[i]);
}

void service_migration_remove(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    const struct service *s = service;
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct err err;

    if (migrations_remove(s->migrations, &actor, web_param_id(r, 0), r->version,
                          &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_empty(reply, 204);
}

/* ---- failures ------------------------------------------------------------ */

static json_t *cause_json(const void *item)
{
    const struct migration_cause *c = item;

    return json_pack("{s:s?, s:s?, s:s?, s:I, s:s?, s:I}", "reason", c->reason,
                     "remedy", c->remedy, "name", c->name, "items",
                     (json_int_t)c->items, "example", c->example, "mailbox",
                     (json_int_t)c->mailbox_id);
}

void service_causes(const struct service *s, const struct web_request *r,
                    const struct jobs_which *which, struct web_reply *reply)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (migrations_causes(s->migrations, which, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_all(reply, all, cause_json);
}

void service_migration_failures(void *service, const struct web_request *r,
                                struct web_reply *reply)
{
    g_autoptr(migration) m = service_migration_get(service, r, reply);

    if (m != NULL)
        service_causes(service, r,
                       &(struct jobs_which){ .migration_id = m->id }, reply);
}
