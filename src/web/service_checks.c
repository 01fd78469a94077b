/*
 * What checks and trials have found out, and when a migration would be done
 * that is begun now: what people want to know before anything is moved.
 */
#include "desk/desk.h"
#include "desk/rounds.h"
#include "fleet/trial.h"
#include "web/service_migrations.h"

/* A mailbox, and its last check; NULL: there was none. */
struct checked {
    int64_t id; /* first: see struct service_list */
    migration_mailbox *mailbox;
    struct job *job;
};

static void free_checked(void *p)
{
    struct checked *c = p;

    migration_mailbox_free(c->mailbox);
    job_free(c->job);
    g_free(c);
}

static json_t *job_json(const struct job *job)
{
    if (job == NULL)
        return json_null();
    return json_pack("{s:I, s:s, s:s?, s:s?, s:s?}", "id", (json_int_t)job->id,
                     "state", job_state_name(job->state), "reason", job->reason,
                     "remedy", job->remedy, "name", job->cause);
}

static json_t *found_json(const struct job *job, bool folders)
{
    json_t *found = job != NULL && job->result != NULL
                        ? json_loads(job->result, 0, NULL)
                        : NULL;

    if (found == NULL)
        return json_null();
    if (!folders)
        json_object_del(found, "folders");
    return found;
}

static json_t *checked_json_of(const struct checked *c, bool folders)
{
    const struct migration_mailbox *m = c->mailbox;

    return json_pack("{s:I, s:s, s:s, s:o, s:o}", "id", (json_int_t)c->id,
                     "source", m->addresses[MIGRATION_SOURCE], "destination",
                     m->addresses[MIGRATION_DESTINATION], "job",
                     job_json(c->job), "check", found_json(c->job, folders));
}

static json_t *item_json(const struct web_request *r, const void *item)
{
    (void)r;
    return checked_json_of(item, false);
}

/* Whose the mailbox was it no longer is. */
static int read_one(const struct service *s, migration_mailbox **mailbox,
                    GPtrArray *to, struct err *err)
{
    struct checked *c = g_new0(struct checked, 1);

    c->mailbox = g_steal_pointer(mailbox);
    c->id = c->mailbox->id;
    g_ptr_array_add(to, c);
    return jobs_last(s->jobs, c->id, "check", &c->job, err);
}

static bool read_checks(const struct service *s, const struct web_request *r,
                        const struct roster_page *page, GPtrArray **ret,
                        struct web_reply *reply, struct err *err)
{
    g_autoptr(GPtrArray) boxes = NULL;
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_checked);

    if (!service_read_mailboxes(s, r, page, &boxes, reply, err))
        return false;
    for (guint i = 0; i < boxes->len; i++)
        if (read_one(s, (migration_mailbox **)&boxes->pdata[i], all, err) < 0)
            return false;
    *ret = g_steal_pointer(&all);
    return true;
}

void service_checks(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    static const struct service_list list = { read_checks, item_json,
                                              migration_mailbox_orders };

    service_list(service, r, &list, reply);
}

void service_mailbox_check(void *service, const struct web_request *r,
                           struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration_mailbox) m = service_mailbox_get(s, r, reply);
    g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func(free_checked);
    struct err err;

    if (m == NULL)
        return;
    if (read_one(s, &m, one, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_json(reply, 200, checked_json_of(one->pdata[0], true));
}

/* ---- trials -------------------------------------------------------------- */

void service_trials(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    g_autoptr(store) ledger = NULL;
    g_auto(fleet_trials) trials = { 0 };
    struct err err;

    if (m == NULL)
        return;
    ledger = database_store(s->database, m->id);
    if (fleet_trials_read(ledger, &trials, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_items(reply, fleet_trials_json(&trials));
}

/* ---- when it would be done ----------------------------------------------- */

static json_t *forecast_of(const struct outlook *o, int64_t now_us)
{
    const struct store_forecast f = { .at_us = now_us,
                                      .p50_us = o->span.p50_us,
                                      .p90_us = o->span.p90_us,
                                      .basis = o->basis };

    return outlook_json(o->known ? &f : NULL);
}

/* With the passes that the schedule of its request has for later. */
static int look_at_whole(const struct service *s, int64_t migration_id,
                         int64_t now_us, struct outlook *ret, struct err *err)
{
    const struct foresight foresight = { s->database, s->jobs, s->migrations };
    const struct request_filter filter = { .migration_id = migration_id };
    const struct roster_page page = { .limit = 1 };
    g_autoptr(GPtrArray) some = NULL;
    struct foresight_plan plan;
    struct rounds_rules rules;

    if (s->desk == NULL)
        return 0;
    rules = (struct rounds_rules){ s->desk->sweep_us, s->desk->every_us };
    if (requests_list(s->requests, &filter, &page, &some, err) < 0)
        return -1;
    if (some->len == 0 || !rounds_of(some->pdata[0], &rules, now_us, &plan))
        return 0;
    return foresight_whole(&foresight, &plan, now_us, ret, err) < 0 ? -1 : 0;
}

static int look_ahead(const struct service *s, int64_t migration_id,
                      json_t **ret, struct err *err)
{
    const struct foresight foresight = { s->database, s->jobs, s->migrations };
    g_auto(outlook) o = { 0 }, whole = { 0 };
    int64_t now_us;
    int found;

    if (database_clock(s->database, &now_us, err) < 0)
        return -1;
    found = foresight_of(&foresight, migration_id, now_us, &o, err);
    if (found < 0 || look_at_whole(s, migration_id, now_us, &whole, err) < 0)
        return -1;
    *ret =
        json_pack("{s:o, s:o, s:o}", "forecast", forecast_of(&o, now_us),
                  "mailboxesAtOnce",
                  found > 0 ? json_integer((json_int_t)o.at_once) : json_null(),
                  "whole", forecast_of(&whole, now_us));
    return 0;
}

void service_migration_outlook(void *service, const struct web_request *r,
                               struct web_reply *reply)
{
    const struct service *s = service;
    g_autoptr(migration) m = service_migration_get(s, r, reply);
    json_t *answer = NULL;
    struct err err;

    if (m == NULL)
        return;
    if (look_ahead(s, m->id, &answer, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        web_reply_json(reply, 200, answer);
}
