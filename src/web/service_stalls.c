/*
 * What does not get on: migrations of which operators were told, and work that
 * nobody takes.
 */
#include "fleet/member.h"
#include "store/stalls.h"
#include "web/service_migrations.h"

static json_t *stall_json(const void *item)
{
    const struct stall *s = item;
    json_t *id =
        s->migration_id != 0 ? json_integer(s->migration_id) : json_null();

    return json_pack(
        "{s:o, s:s?, s:s, s:o, s:o, s:I, s:s, s:s?}", "migration", id, "name",
        s->name, "kind", stall_kind_name(s->kind), "since",
        member_time(s->since_us), "told", member_time(s->told_us), "mailboxes",
        (json_int_t)s->mailboxes, "reason", s->reason, "remedy", s->remedy);
}

void service_stalls(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (stalls_list(s->migrations, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_all(reply, all, stall_json);
}
