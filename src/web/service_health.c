#include "web/service.h"

void service_healthz(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    (void)service;
    (void)r;
    web_reply_text(reply, 200, "text/plain; charset=utf-8", "ok\n");
}

/* The reason stays in the log: anybody may ask. */
void service_readyz(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    struct service *s = service;
    struct err err;

    if (atomic_load(&s->stopping)) {
        web_reply_text(reply, 503, "text/plain; charset=utf-8", "stopping\n");
        return;
    }
    if (roster_ping(s->roster, &err) < 0) {
        log_err(s->log, LOG_ERROR, r->id, &err);
        web_reply_text(reply, 503, "text/plain; charset=utf-8",
                       "the database does not answer\n");
        return;
    }
    web_reply_text(reply, 200, "text/plain; charset=utf-8", "ok\n");
}

void service_metrics(void *service, const struct web_request *r,
                     struct web_reply *reply)
{
    struct service *s = service;
    g_autofree char *text = NULL;

    (void)r;
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
