#include "fleet/member.h"
#include "store/stalls.h"
#include "web/service.h"

void service_healthz(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    (void)service;
    (void)r;
    web_reply_text(reply, 200, "text/plain; charset=utf-8", "ok\n");
}

/* What keeps the database from being written. */
struct fault {
    const char *name;   /* of struct err */
    const char *plain;  /* for anybody: names no place */
    const char *remedy; /* of a service; NULL: the error's own */
};

static const struct fault *fault_of(const struct err *why)
{
    static const struct fault faults[] = {
        { STORE_DISK_FULL, "no space is left on its disk",
          "free some space there; what was recorded is not lost, and passes go "
          "on by themselves" },
        { "store-damaged", "it is damaged", NULL },
        { NULL, "its disk or its server refuses", NULL },
    };
    const struct fault *f = faults;

    while (f->name != NULL && g_strcmp0(f->name, why->name) != 0)
        f++;
    return f;
}

/* Does a worker's disk hold up passes?  What cannot be asked does not. */
static bool is_short_of_room(const struct service *s)
{
    g_autoptr(GPtrArray) all = NULL;
    struct err ignored;

    if (stalls_list(s->migrations, &all, &ignored) < 0)
        return false;
    for (guint i = 0; i < all->len; i++)
        if (((const struct stall *)all->pdata[i])->kind == STALL_DISK)
            return true;
    return false;
}

/* The reason in full stays in the log: anybody may ask. */
void service_readyz(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    static const char plain[] = "text/plain; charset=utf-8";
    struct service *s = service;
    int64_t since_us;
    struct err err;

    if (atomic_load(&s->stopping)) {
        web_reply_text(reply, 503, plain, "stopping\n");
    } else if (roster_ping(s->roster, &err) < 0) {
        log_err(s->log, LOG_ERROR, r->id, &err);
        web_reply_text(reply, 503, plain, "the database does not answer\n");
    } else if (database_fault(s->database, &since_us, &err)) {
        g_autofree char *text = g_strdup_printf(
            "the database cannot be written: %s\n", fault_of(&err)->plain);

        web_reply_text(reply, 503, plain, text);
    } else {
        web_reply_text(reply, 200, plain,
                       is_short_of_room(s)
                           ? "ok; passes wait for room on a disk of ours\n"
                           : "ok\n");
    }
}

void service_health(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    const struct service *s = service;
    int64_t since_us = 0;
    struct err err;
    bool found = database_fault(s->database, &since_us, &err);
    const char *remedy = NULL;

    (void)r;
    if (found) {
        remedy = fault_of(&err)->remedy;
        remedy = remedy != NULL ? remedy : err.remedy;
    }
    web_reply_json(reply, 200,
                   json_pack("{s:{s:b, s:o, s:s?, s:s?}}", "database",
                             "writable", !found, "since", member_time(since_us),
                             "reason", found ? err.msg : NULL, "remedy",
                             remedy));
}

void service_metrics(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    struct service *s = service;
    g_autofree char *text = NULL;
    int64_t since_us;
    struct err err;

    (void)r;
    metrics_set(s->writable, "", !database_fault(s->database, &since_us, &err));
    metrics_set(s->listeners, "", (int64_t)events_listeners(s->events));
    fleet_metrics_read(s->fleet, s->jobs, s->log);
    text = metrics_text(s->metrics);
    web_reply_text(reply, 200, "text/plain; version=0.0.4; charset=utf-8",
                   text);
}

/* The stream itself is the server's. */
void service_events(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    (void)service;
    (void)r;
    web_reply_text(reply, 200, "text/event-stream", "");
}
