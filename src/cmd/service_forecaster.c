#include "cmd/service_forecaster.h"

#include "base/thread.h"
#include "base/timestamp.h"
#include "desk/alarm.h"
#include "fleet/foresight.h"

/* How often, and how long at least after a look that took long. */
#define EVERY_US (10 * TIMESTAMP_SECOND)
#define SHARE    50

struct service_forecaster {
    struct database *database;
    struct foresight foresight;
    struct alarm alarm;
    struct log *log;
    struct cancel *stop;
    struct thread thread;
};

static void tell(void *relay, int64_t migration_id, const char *action)
{
    g_autofree char *subject =
        g_strdup_printf("migration %" G_GINT64_FORMAT, migration_id);
    g_autofree char *data = g_strdup_printf("{\"migration\":%" G_GINT64_FORMAT
                                            ",\"action\":\"%s\"}",
                                            migration_id, action);

    relay_post(relay, &(struct relay_note){ "migration", subject, migration_id,
                                            data });
}

static void look(struct service_forecaster *s)
{
    struct err err;
    int64_t now_us;

    /* what cannot be said now can be said later */
    if (database_clock(s->database, &now_us, &err) < 0 ||
        foresight_look(&s->foresight, now_us, &err) < 0 ||
        alarm_look(&s->alarm, now_us, &err) < 0)
        log_err(s->log, LOG_WARNING, "forecasts", &err);
}

static void *work(void *data)
{
    struct service_forecaster *s = data;
    int64_t pause_us;

    do {
        int64_t began = timestamp_monotonic();

        look(s);
        pause_us = MAX(EVERY_US, SHARE * (timestamp_monotonic() - began));
    } while (!cancel_sleep(s->stop, pause_us, CANCEL_DRAIN));
    return NULL;
}

int service_forecaster_start(const struct service_data *d, struct relay *relay,
                             struct log *log, struct cancel *stop,
                             struct service_forecaster **ret, struct err *err)
{
    struct service_forecaster *s = g_new(struct service_forecaster, 1);

    *s = (struct service_forecaster){
        .database = d->database,
        .foresight = { d->database, d->jobs, d->migrations },
        .alarm = { .database = d->database,
                   .jobs = d->jobs,
                   .migrations = d->migrations,
                   .desk = d->desk,
                   .stall_us = config_us(d->config, CONFIG_DESK_STALL),
                   .told = tell,
                   .data = relay },
        .log = log,
        .stop = stop,
    };
    if (thread_start(&s->thread, work, s, err) < 0) {
        g_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void service_forecaster_free(struct service_forecaster *s)
{
    if (s == NULL)
        return;
    thread_join(&s->thread);
    g_free(s);
}
