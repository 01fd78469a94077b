#include <string.h>

#include "fleet/member.h"
#include "web/service_migrations.h"

static json_t *worker_json(const void *item)
{
    const struct jobs_worker *w = item;
    const struct jobs_tally *t = &w->tally;

    return json_pack("{s:s, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "name", w->name, "begun", member_time(w->begun_us), "seen",
                     member_time(w->seen_us), "draining", w->draining, "atOnce",
                     (json_int_t)t->at_once, "running", (json_int_t)t->running,
                     "ended", (json_int_t)t->ended, "leasesLost",
                     (json_int_t)t->leases_lost, "lateWrites",
                     (json_int_t)t->late_writes, "items", (json_int_t)t->items,
                     "bytes", (json_int_t)t->bytes);
}

void service_workers(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (jobs_workers(s->jobs, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_all(reply, all, worker_json);
}

/* A part of the path in braces as text; the caller frees. */
static char *param_text(const struct web_request *r, size_t i)
{
    return g_strndup(r->params.v[i].text, r->params.v[i].len);
}

void service_worker_do(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    static const char *const names[] = { "drain", NULL };
    const struct service *s = service;
    g_autofree char *name = param_text(r, 0);
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    const json_t *drain;
    const char *action;
    struct err err;

    if (service_only(r, names, reply) < 0)
        return;
    drain = json_object_get(r->json, "drain");
    if (!json_is_boolean(drain)) {
        web_problem_field(reply, "drain", "\"drain\" is true or false");
        return;
    }
    action = json_is_true(drain) ? "worker.drain" : "worker.resume";
    if (jobs_drain(s->jobs, name, json_is_true(drain), &err) < 0 ||
        roster_audit_add(s->roster, &actor, action, name, NULL, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    service_tell(s, r, action, name);
    web_reply_empty(reply, 204);
}
