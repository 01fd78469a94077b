#include "cmd/service_watch.h"

#include <string.h>

#include "base/thread.h"
#include "base/timestamp.h"
#include "store/requests.h"

/* A look is one read of an index' end. */
#define EVERY_US TIMESTAMP_SECOND
/* Lines of one look; more come with the next. */
#define LINES_MAX 200u

struct service_watch {
    struct roster *roster;
    struct requests *requests;
    struct events *events;
    struct log *log;
    struct cancel *stop;
    struct thread thread;
    int64_t last_id; /* of the trail's lines, told or before the start */
};

/* ---- one line ------------------------------------------------------------ */

/* "request 1001": its number; 0: about something else. */
static int64_t number_of(const char *subject, const char *kind)
{
    const size_t n = strlen(kind);
    guint64 id;

    return strncmp(subject, kind, n) == 0 && subject[n] == ' ' &&
                   g_ascii_string_to_unsigned(subject + n + 1, 10, 1, INT64_MAX,
                                              &id, NULL)
               ? (int64_t)id
               : 0;
}

/* -1: it is to be told with the next look. */
static int find_account(const struct service_watch *w, int64_t request_id,
                        int64_t *ret, struct err *err)
{
    g_autoptr(request) r = NULL;
    int found = requests_get(w->requests, request_id, &r, err);

    if (found < 0)
        return -1;
    *ret = found > 0 ? r->account_id : 0;
    return 0;
}

static int tell(const struct service_watch *w, const struct audit_entry *e,
                struct err *err)
{
    const int64_t request_id = number_of(e->subject, "request");
    const int64_t mail = number_of(e->subject, "mail");
    g_autofree char *data = NULL;
    int64_t account = 0;

    if (request_id == 0 && mail == 0)
        return 0;
    if (request_id != 0 && find_account(w, request_id, &account, err) < 0)
        return -1;
    data = g_strdup_printf("{\"%s\":%" G_GINT64_FORMAT ",\"action\":\"%s\"}",
                           request_id != 0 ? "request" : "mail",
                           request_id != 0 ? request_id : mail, e->action);
    events_post(w->events,
                &(struct event_note){ "request", e->subject, account, data });
    return 0;
}

/* ---- again and again ----------------------------------------------------- */

static int look(struct service_watch *w, struct err *err)
{
    static const struct audit_filter any = { 0 };
    const struct roster_page page = { w->last_id, LINES_MAX };
    g_autoptr(GPtrArray) lines = NULL;

    if (roster_audit(w->roster, &any, &page, &lines, err) < 0)
        return -1;
    for (guint i = 0; i < lines->len; i++) {
        const struct audit_entry *e = lines->pdata[i];

        if (tell(w, e, err) < 0)
            return -1;
        w->last_id = e->id;
    }
    return 0;
}

/* A database that is away is told of once. */
static void *work(void *data)
{
    struct service_watch *w = data;
    bool away = false;
    struct err err;

    do {
        const bool failed = look(w, &err) < 0;

        if (failed && !away)
            log_err(w->log, LOG_WARNING, "events", &err);
        away = failed;
    } while (!cancel_sleep(w->stop, EVERY_US, CANCEL_DRAIN));
    return NULL;
}

static int find_end(struct service_watch *w, struct err *err)
{
    static const struct audit_filter any = { 0 };
    const struct roster_page last = { .limit = 1, .down = true };
    g_autoptr(GPtrArray) lines = NULL;

    if (roster_audit(w->roster, &any, &last, &lines, err) < 0)
        return -1;
    if (lines->len > 0)
        w->last_id = ((const struct audit_entry *)lines->pdata[0])->id;
    return 0;
}

int service_watch_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct events *to,
                        struct service_watch **ret, struct err *err)
{
    struct service_watch *w = g_new0(struct service_watch, 1);

    *w = (struct service_watch){ .roster = d->roster,
                                 .requests = d->requests,
                                 .events = to,
                                 .log = log,
                                 .stop = stop };
    if (find_end(w, err) < 0 || thread_start(&w->thread, work, w, err) < 0) {
        service_watch_free(w);
        return -1;
    }
    *ret = w;
    return 0;
}

void service_watch_free(struct service_watch *w)
{
    if (w == NULL)
        return;
    thread_join(&w->thread);
    g_free(w);
}
