/*
 * What an operator does to migrations and mailboxes.
 */
#include <string.h>

#include "fleet/options.h"
#include "web/service_migrations.h"

/* An action that is none of the verbs of jobs. */
enum { ACTION_START = JOBS_N_VERBS, ACTION_PRIORITY, ACTION_PURGE };

static const struct {
    const char *name;
    int action; /* enum jobs_verb, or of the above */
} actions[] = {
    { "start", ACTION_START },       { "pause", JOBS_PAUSE },
    { "resume", JOBS_RESUME },       { "retry", JOBS_RETRY },
    { "again", JOBS_AGAIN },         { "cancel", JOBS_CANCEL },
    { "priority", ACTION_PRIORITY }, { "purge", ACTION_PURGE },
};

struct wish {
    int action;
    const char *pass; /* borrowed */
    char *options;    /* owned; or NULL */
    int priority;
    GArray *mailboxes; /* of int64_t; owned; or NULL: all */
};

/* At once; as many as a page of the browser can have marked. */
#define MAILBOXES_MAX 50000

/* -1 with the problem in the reply. */
static int find_action(const struct web_request *r, struct web_reply *reply)
{
    const char *name = service_text(r, "action", 20, reply);

    if (name == NULL)
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].action;
    web_problem_field(reply, "action",
                      "\"action\" is start, pause, resume, retry, again, "
                      "cancel, priority or purge");
    return -1;
}

static const char *action_name(int action)
{
    size_t i = 0;

    while (actions[i].action != action)
        i++;
    return actions[i].name;
}

static bool read_priority(const struct web_request *r, int *ret,
                          struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "priority");
    json_int_t n = json_integer_value(json);

    if (json == NULL)
        return true;
    if (!json_is_integer(json) || n < -1000 || n > 1000) {
        web_problem_field(reply, "priority",
                          "\"priority\" is a number from -1000 to 1000");
        return false;
    }
    *ret = (int)n;
    return true;
}

static bool read_pass(const struct web_request *r, struct wish *w,
                      struct web_reply *reply)
{
    enum fleet_task task;
    struct err err;

    if (w->action != ACTION_START)
        return true;
    w->pass = service_text(r, "pass", 20, reply);
    if (w->pass == NULL)
        return false;
    if (fleet_pass_kind(w->pass, &task, &err) == 0)
        return true;
    web_problem_field(reply, "pass", "\"pass\" is one of %s", fleet_pass_kinds);
    return false;
}

static void refuse_mailboxes(struct web_reply *reply)
{
    web_problem_field(reply, "mailboxes",
                      "\"mailboxes\" is a list of 1 to %d ids of mailboxes",
                      MAILBOXES_MAX);
}

/* Which of a migration's; a mailbox's own route has no such member. */
static bool read_mailboxes(const struct web_request *r, struct wish *w,
                           struct web_reply *reply)
{
    const json_t *json = json_object_get(r->json, "mailboxes");
    const size_t n = json_array_size(json);

    if (json == NULL)
        return true;
    if (w->action == ACTION_PRIORITY || w->action == ACTION_PURGE) {
        web_problem_field(reply, "mailboxes",
                          "\"mailboxes\": \"priority\" and \"purge\" are "
                          "not done to some of them");
        return false;
    }
    if (n == 0 || n > MAILBOXES_MAX) {
        refuse_mailboxes(reply);
        return false;
    }
    w->mailboxes = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), (guint)n);
    for (size_t i = 0; i < n; i++) {
        int64_t id = json_integer_value(json_array_get(json, i));

        if (id < 1) {
            refuse_mailboxes(reply);
            return false;
        }
        g_array_append_val(w->mailboxes, id);
    }
    return true;
}

/* one: of a mailbox's own route. */
static bool read_wish(const struct web_request *r, bool one, struct wish *w,
                      struct web_reply *reply)
{
    static const char *const names[] = { "mailboxes", "action",   "pass",
                                         "options",   "priority", NULL };

    if (service_only(r, one ? names + 1 : names, reply) < 0)
        return false;
    w->action = find_action(r, reply);
    return w->action >= 0 && read_pass(r, w, reply) &&
           read_priority(r, &w->priority, reply) &&
           read_mailboxes(r, w, reply) &&
           service_read_options(r, &w->options, reply);
}

/* A verb of jobs, of some mailboxes or of all that `which` says. */
static int do_verb(const struct service *s, const struct roster_actor *who,
                   const struct jobs_which *which, const struct wish *w,
                   size_t *ret_n, struct err *err)
{
    const enum jobs_verb verb = (enum jobs_verb)w->action;

    if (w->mailboxes == NULL)
        return migrations_do(s->migrations, who, verb, which, ret_n, err);
    return migrations_do_some(
        s->migrations, who, verb,
        &(struct migration_some){ which->migration_id,
                                  (const int64_t *)w->mailboxes->data,
                                  w->mailboxes->len },
        ret_n, err);
}

/* A priority and a purge are the same however often they are asked for. */
static int carry_out(const struct service *s, const struct roster_actor *who,
                     const struct jobs_which *which, const struct wish *w,
                     size_t *ret_n, struct err *err)
{
    const struct roster_actor plain = { who->name, who->request, NULL };
    const struct migration_start start = {
        .migration_id = which->migration_id,
        .mailbox_id = which->mailbox_id,
        .mailboxes =
            w->mailboxes != NULL ? (const int64_t *)w->mailboxes->data : NULL,
        .n_mailboxes = w->mailboxes != NULL ? w->mailboxes->len : 0,
        .kind = w->pass,
        .options = w->options,
        .priority = w->priority,
    };

    switch (w->action) {
    case ACTION_START:
        return migrations_start(s->migrations, who, &start, ret_n, err);
    case ACTION_PRIORITY:
        return migrations_set_priority(s->migrations, &plain, which,
                                       w->priority, err);
    case ACTION_PURGE:
        return migrations_purge(s->migrations, &plain, which->migration_id,
                                err);
    default:
        return do_verb(s, who, which, w, ret_n, err);
    }
}

static void act(const struct service *s, const struct web_request *r,
                const struct jobs_which *which, struct web_reply *reply)
{
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct roster_once once;
    struct wish w = { 0 };
    size_t n = 0;
    struct err err;

    if (read_wish(r, which->mailbox_id != 0, &w, reply) &&
        service_once(r, &once, &actor, reply)) {
        if (w.action == ACTION_PURGE && which->mailbox_id != 0)
            web_problem_field(reply, "action",
                              "secrets are purged of a whole migration");
        else if (carry_out(s, &actor, which, &w, &n, &err) < 0)
            service_fail(s, r, reply, &err);
        else {
            service_tell_migration(s, which->migration_id,
                                   action_name(w.action));
            web_reply_json(reply, 200,
                           json_pack("{s:I}", "jobs", (json_int_t)n));
        }
    }
    if (w.mailboxes != NULL)
        g_array_unref(w.mailboxes);
    g_free(w.options);
}

void service_migration_do(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    g_autoptr(migration) m = service_migration_get(service, r, reply);

    if (m != NULL)
        act(service, r, &(struct jobs_which){ .migration_id = m->id }, reply);
}

void service_mailbox_do(void *service, const struct web_request *r,
                        struct web_reply *reply)
{
    g_autoptr(migration_mailbox) m = service_mailbox_get(service, r, reply);

    if (m != NULL)
        act(service, r,
            &(struct jobs_which){ .mailbox_id = m->id,
                                  .migration_id = m->migration_id },
            reply);
}
