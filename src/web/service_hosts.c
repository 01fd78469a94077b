#include <string.h>

#include "fleet/member.h"
#include "fleet/migration.h"
#include "web/service_migrations.h"

static json_t *load_json(const struct migration_load *l)
{
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "worker",
                     l->worker, "inFlight", (json_int_t)l->in_flight, "waiting",
                     (json_int_t)l->waiting, "concurrency",
                     (json_int_t)l->places, "requests", (json_int_t)l->requests,
                     "busy", (json_int_t)l->busy, "throttledSeconds",
                     (double)l->throttled_us / 1e6, "backOffUntil",
                     member_time(l->parked_until_us), "quietUntil",
                     member_time(l->quiet_until_us));
}

static json_t *host_json(const void *item)
{
    const struct migration_host *h = item;
    json_t *workers = json_array();

    for (guint i = 0; i < h->loads->len; i++)
        json_array_append_new(workers, load_json(h->loads->pdata[i]));
    return json_pack("{s:s, s:I, s:s?, s:I, s:I, s:o}", "host", h->name, "most",
                     (json_int_t)h->most, "quiet", h->quiet, "migrations",
                     (json_int_t)h->migrations, "running",
                     (json_int_t)h->running, "workers", workers);
}

void service_hosts(void *service, const struct web_request *r,
                   struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (migrations_hosts(s->migrations, NULL, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_all(reply, all, host_json);
}

char *service_host_of(const struct service *s, const struct web_request *r,
                      struct web_reply *reply)
{
    g_autofree char *text = g_strndup(r->params.v[0].text, r->params.v[0].len);
    char *host = NULL;
    struct err err;

    if (fleet_host(text, &host, &err) == 0)
        return host;
    service_fail(s, r, reply, &err);
    return NULL;
}

void service_host(void *service, const struct web_request *r,
                  struct web_reply *reply)
{
    const struct service *s = service;
    g_autofree char *host = service_host_of(s, r, reply);
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (host == NULL)
        return;
    if (migrations_hosts(s->migrations, host, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else if (all->len == 0)
        service_not_found(reply, "host");
    else {
        const struct migration_host *h = all->pdata[0];

        web_reply_json(reply, 200, host_json(h));
        reply->version = h->version;
    }
}

void service_host_limit(void *service, const struct web_request *r,
                        struct web_reply *reply)
{
    static const char *const names[] = { "most", "quiet", NULL };
    const struct service *s = service;
    g_autofree char *host = service_host_of(s, r, reply);
    char room[320];
    struct roster_actor actor = service_actor(r, room, sizeof(room));
    struct migration_host_change ch = { .version = r->version };
    unsigned most = 0;
    struct err err;

    if (host == NULL || service_only(r, names, reply) < 0 ||
        !service_read_most(r, &most, reply) ||
        !service_read_hours(r, "quiet", &ch.quiet, reply))
        return;
    if (json_object_get(r->json, "most") != NULL)
        ch.most = &most;
    if (migrations_limit_host(s->migrations, &actor, host, &ch, &err) < 0) {
        service_fail(s, r, reply, &err);
        return;
    }
    service_tell(s, r, "host.limit", host);
    web_reply_empty(reply, 204);
}
