#include "cmd/service_listener.h"

#include "base/err.h"

/* A note's texts, owned. */
struct text {
    char *subject, *data;
};

static void text_clear(struct text *t)
{
    g_free(t->subject);
    g_free(t->data);
}

static struct relay_note note_of(const struct job *job, const char *kind,
                                 struct text *t, const char *format, ...)
    PRINTF(4, 5);

/* Its data: the members that are printed, beside whom they are about. */
static struct relay_note note_of(const struct job *job, const char *kind,
                                 struct text *t, const char *format, ...)
{
    g_autofree char *members = NULL;
    va_list ap;

    va_start(ap, format);
    members = g_strdup_vprintf(format, ap);
    va_end(ap);
    t->subject = g_strdup_printf("%" G_GINT64_FORMAT, job->mailbox_id);
    t->data = g_strdup_printf(
        "{\"migration\":%" G_GINT64_FORMAT ",\"mailbox\":%" G_GINT64_FORMAT
        ",\"job\":%" G_GINT64_FORMAT ",%s}",
        job->migration_id, job->mailbox_id, job->id, members);
    return (struct relay_note){ kind, t->subject, job->migration_id, t->data };
}

/* Why it failed is text from outside: whoever wants it asks the API. */
static struct relay_note job_note(const struct job *job, enum job_state state,
                                  struct text *t)
{
    return note_of(job, "job", t, "\"pass\":\"%s\",\"state\":\"%s\"", job->kind,
                   job_state_name(state));
}

static void tell_job(void *data, const struct job *job, enum job_state state)
{
    struct text t;
    const struct relay_note note = job_note(job, state, &t);

    /* of its end others hear with the database's commit */
    if (state == JOB_RUNNING)
        relay_post(data, &note);
    else
        relay_post_here(data, &note);
    text_clear(&t);
}

static char *news_of_job(void *data, const struct job *job,
                         enum job_state state)
{
    struct text t;
    const struct relay_note note = job_note(job, state, &t);
    char *news = relay_text(data, &note);

    text_clear(&t);
    return news;
}

static void tell_state(void *data, const struct job *job,
                       enum mailbox_state state)
{
    struct text t;
    const struct relay_note note = note_of(
        job, "mailbox", &t, "\"state\":\"%s\"", mailbox_state_name(state));

    relay_post(data, &note);
    text_clear(&t);
}

/* A worker that takes the job over counts anew, under another lease. */
static void tell_progress(void *data, const struct job *job,
                          const struct worker_progress *p)
{
    struct text t;
    const struct relay_note note =
        note_of(job, "progress", &t,
                "\"lease\":%" G_GINT64_FORMAT ",\"copied\":%" G_GUINT64_FORMAT
                ",\"bytes\":%" G_GUINT64_FORMAT,
                job->lease, p->items, p->bytes);

    relay_post(data, &note);
    text_clear(&t);
}

struct worker_listener service_listener(struct relay *r)
{
    return (struct worker_listener){
        .data = r,
        .job = tell_job,
        .news = news_of_job,
        .state = tell_state,
        .progress = tell_progress,
    };
}
