#include "cmd/service_pulse.h"

#include "base/thread.h"
#include "base/timestamp.h"

#define EVERY_US (5 * TIMESTAMP_SECOND)

struct service_pulse {
    struct database *database;
    struct log *log;
    struct cancel *stop;
    struct thread thread;
};

/* What is found may be another write's. */
static bool look(const struct service_pulse *p, bool found_before)
{
    struct err why;
    int64_t since_us;
    bool written = database_pulse(p->database, &why) == 0;
    bool found = database_fault(p->database, &since_us, &why);

    /* one that is away is told of by those who need it */
    if (!written && !found)
        return found_before;
    if (found && !found_before)
        log_err(p->log, LOG_ERROR, "the database cannot be written", &why);
    if (!found && found_before)
        log_line(p->log, LOG_INFO, NULL, "the database can be written again");
    return found;
}

static void *work(void *data)
{
    const struct service_pulse *p = data;
    bool found = false;

    do
        found = look(p, found);
    while (!cancel_sleep(p->stop, EVERY_US, CANCEL_DRAIN));
    return NULL;
}

int service_pulse_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct service_pulse **ret,
                        struct err *err)
{
    struct service_pulse *p = g_new(struct service_pulse, 1);

    *p = (struct service_pulse){ .database = d->database,
                                 .log = log,
                                 .stop = stop };
    if (thread_start(&p->thread, work, p, err) < 0) {
        g_free(p);
        return -1;
    }
    *ret = p;
    return 0;
}

void service_pulse_free(struct service_pulse *p)
{
    if (p == NULL)
        return;
    thread_join(&p->thread);
    g_free(p);
}
