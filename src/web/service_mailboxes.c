#include <string.h>

#include "base/timestamp.h"
#include "fleet/member.h"
#include "web/service_migrations.h"

static json_t *job_json(const struct migration_mailbox *m)
{
    if (m->job_id == 0)
        return json_null();
    return json_pack(
        "{s:I, s:s, s:s?, s:s?, s:s?, s:i}", "id", (json_int_t)m->job_id,
        "state", job_state_name(m->job_state), "pass", m->job_kind, "reason",
        m->job_reason, "remedy", m->job_remedy, "priority", m->priority);
}

/* Of what has ended since it was said nothing is to come. */
static bool is_to_come(const struct migration_mailbox *m)
{
    return m->forecast.at_us != 0 && m->job_id != 0 &&
           (m->job_state == JOB_QUEUED || m->job_state == JOB_RUNNING);
}

static json_t *options_json(const struct migration_mailbox *m)
{
    json_t *options =
        m->options != NULL ? json_loads(m->options, 0, NULL) : NULL;

    return options != NULL ? options : json_null();
}

/* A stretch is of 15 minutes at most: what is older is of another pass. */
#define PACE_US (INT64_C(20) * 60 * TIMESTAMP_SECOND)

static json_t *pace_json(const struct pace *p)
{
    int64_t end_us = p->begun_us + p->took_us;

    if (p->took_us <= 0 || end_us < timestamp_now() - PACE_US)
        return json_null();
    return json_pack(
        "{s:o, s:I, s:f}", "at", member_time(end_us), "bytesAnHour",
        (json_int_t)((double)p->bytes * 3600 * TIMESTAMP_SECOND /
                     (double)p->took_us),
        "throttledShare", (double)p->throttled_us / (double)p->took_us);
}

static json_t *mailbox_json(const struct web_request *r, const void *item)
{
    const struct migration_mailbox *m = item;

    (void)r;
    return json_pack(
        "{s:I, s:I, s:i, s:i, s:s, s:s, s:s, s:s?, s:s?, s:I, s:I, s:I, s:I,"
        " s:I, s:o, s:o, s:o, s:o}",
        "id", (json_int_t)m->id, "migration", (json_int_t)m->migration_id,
        "line", (int)m->line, "flags", (int)m->flags, "source",
        m->addresses[MIGRATION_SOURCE], "destination",
        m->addresses[MIGRATION_DESTINATION], "state",
        mailbox_state_name(m->state), "reason", m->reason, "remedy", m->remedy,
        "items", (json_int_t)m->items, "waiting", (json_int_t)m->waiting,
        "copied", (json_int_t)m->copied, "bytes", (json_int_t)m->bytes,
        "failed", (json_int_t)m->failed, "options", options_json(m), "job",
        job_json(m), "forecast",
        outlook_json(is_to_come(m) ? &m->forecast : NULL), "pace",
        pace_json(&m->pace));
}

bool service_read_mailboxes(const struct service *s,
                            const struct web_request *r,
                            const struct roster_page *page, GPtrArray **ret,
                            struct web_reply *reply, struct err *err)
{
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    struct migration_filter filter = { 0 };

    if (m == NULL || !service_query_filter(r, &filter, reply))
        return false;
    filter.migration_id = m->id;
    return migrations_mailboxes(s->migrations, &filter, page, ret, err) == 0;
}

void service_mailboxes(void *service, const struct web_request *r,
                       struct web_reply *reply)
{
    static const struct service_list list = { service_read_mailboxes,
                                              mailbox_json,
                                              migration_mailbox_orders };

    service_list(service, r, &list, reply);
}

static bool may_see_migration(const struct service *s,
                              const struct web_request *r, int64_t id)
{
    g_autoptr(migration) m = NULL;
    struct err err;

    if (service_account_of(r) == 0)
        return true;
    return migrations_get(s->migrations, id, &m, &err) > 0 &&
           service_may_see(r, m->account_id);
}

struct migration_mailbox *service_mailbox_get(const struct service *s,
                                              const struct web_request *r,
                                              struct web_reply *reply)
{
    g_autoptr(migration_mailbox) m = NULL;
    struct err err;
    int found = migrations_mailbox(s->migrations, web_param_id(r, 0), &m, &err);

    if (found < 0)
        service_fail(s, r, reply, &err);
    else if (found == 0 || !may_see_migration(s, r, m->migration_id))
        service_not_found(reply, "mailbox");
    else
        return g_steal_pointer(&m);
    return NULL;
}

void service_mailbox(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    g_autoptr(migration_mailbox) m = service_mailbox_get(service, r, reply);

    if (m == NULL)
        return;
    web_reply_json(reply, 200, mailbox_json(r, m));
    reply->version = m->version;
}

void service_mailbox_failures(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    g_autoptr(migration_mailbox) m = service_mailbox_get(service, r, reply);

    if (m != NULL)
        service_causes(service, r, &(struct jobs_which){ .mailbox_id = m->id },
                       reply);
}

/* ---- passes -------------------------------------------------------------- */

static json_t *pass_json(const void *item)
{
    const struct store_pass *p = item;

    return json_pack(
        "{s:I, s:s, s:o, s:o, s:s?, s:I, s:I, s:I, s:I, s:I, s:I,"
        " s:I, s:I}",
        "id", (json_int_t)p->id, "kind", p->kind, "begun",
        member_time(p->begun_us), "ended", member_time(p->ended_us), "outcome",
        p->outcome, "copied", (json_int_t)p->items_copied, "bytes",
        (json_int_t)p->bytes_copied, "failed", (json_int_t)p->items_failed,
        "updated", (json_int_t)p->updated, "moved", (json_int_t)p->moved,
        "removed", (json_int_t)p->removed, "conflicts",
        (json_int_t)p->conflicts, "doubles", (json_int_t)p->doubles);
}

void service_mailbox_passes(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration_mailbox) m = service_mailbox_get(s, r, reply);
    g_autoptr(store) ledger = NULL;
    g_autoptr(GPtrArray) all = NULL;
    struct err err;

    if (m == NULL)
        return;
    ledger = database_store(s->database, m->migration_id);
    if (store_passes(ledger, m->id, &all, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_all(reply, all, pass_json);
}
