/*
 * On which days a request may begin: for who chooses another one.
 */
#include "base/timestamp.h"
#include "desk/days.h"
#include "web/service_requests.h"

/* As many as one looks through. */
#define DAYS_SHOWN 10

/* The day after it. */
static void next_day(char day[SLOT_DAY_SIZE])
{
    g_autofree char *text = NULL;
    int64_t us;

    if (!slot_begins(day, &us))
        return;
    text = timestamp_format(us + TIMESTAMP_DAY);
    g_strlcpy(day, text, SLOT_DAY_SIZE);
}

static json_t *list(const struct days *open, const char *from)
{
    json_t *items = json_array();
    int64_t now_us = timestamp_now();
    char day[SLOT_DAY_SIZE];

    while (json_array_size(items) < DAYS_SHOWN &&
           days_first(open, from, now_us, day)) {
        json_array_append_new(items, json_string(day));
        next_day(day);
        from = day;
    }
    return items;
}

void service_request_days(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    const struct service *s = service;
    const char *from = web_query(r, "from");
    g_autoptr(request) q = service_request_get(s, r, reply);
    g_autoptr(days) open = NULL;
    struct err err;

    if (q == NULL || !service_has_desk(s, reply))
        return;
    if (from != NULL && !order_is_day(from)) {
        web_problem(reply, 400, "query", "\"from\" is a day, as in 2026-12-01");
        return;
    }
    if (days_read(s->desk, q, &open, &err) < 0)
        service_fail(s, r, reply, &err);
    else
        service_reply_items(reply, list(open, from));
}
