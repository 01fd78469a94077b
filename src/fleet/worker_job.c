/*
 * One job in a worker's hands: read what it is about, run the pass, and say
 * how it ended.
 */
#include <string.h>

#include "base/timestamp.h"
#include "fleet/checked.h"
#include "fleet/flags.h"
#include "fleet/migration.h"
#include "fleet/worker_priv.h"

/* A passing failure is tried again so often, each time later. */
#define CLAIMS_MAX    6u
#define FIRST_WAIT_US (10 * TIMESTAMP_SECOND)
/* Until a disk of ours is looked at again. */
#define ROOM_WAIT_US (20 * TIMESTAMP_SECOND)
/* How often the database is asked again for what must be recorded. */
#define AGAIN_US (TIMESTAMP_SECOND / 2)
/* What a check found, on record: some 30,000 folders. */
#define FOUND_MAX ((size_t)4 << 20)

/* What a pass is about, read anew each time. */
struct pass {
    struct worker_slot *slot;
    enum fleet_task task;
    migration *migration;
    migration_mailbox *mailbox;
    fleet_options options;
    store *store;
    GPtrArray *everybody; /* of struct store_mailbox *, for settings; or NULL */
    GArray *people;       /* struct engine_person */
    void *opened;
    struct sampled *sampled; /* while it runs */
    struct fleet_mailbox row;
    enum fleet_end end;
    struct err why; /* of FLEET_FAILED */
    char *found;    /* by a check: see checked.h; or NULL */
};

static void pass_release(struct pass *p)
{
    if (p->opened != NULL)
        p->slot->w->c.doors->close(p->opened);
    store_free(p->store);
    fleet_options_clear(&p->options);
    migration_mailbox_free(p->mailbox);
    migration_free(p->migration);
    if (p->people != NULL)
        g_array_unref(p->people);
    if (p->everybody != NULL)
        g_ptr_array_unref(p->everybody);
    free(p->found);
}

/* ---- reading what it is about ------------------------------------------- */

static int missing(const char *what, int64_t id, struct err *err)
{
    return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                   "%s %" G_GINT64_FORMAT " has been removed", what, id);
}

static int read_about(struct pass *p, struct err *err)
{
    const struct job *job = p->slot->job;
    struct migrations *m = p->slot->w->c.migrations;
    int found = migrations_get(m, job->migration_id, &p->migration, err);

    if (found == 0)
        return missing("migration", job->migration_id, err);
    if (found < 0)
        return -1;
    found = migrations_mailbox(m, job->mailbox_id, &p->mailbox, err);
    if (found == 0)
        return missing("mailbox", job->mailbox_id, err);
    return found < 0 ? -1 : 0;
}

static int read_options(struct pass *p, struct err *err)
{
    const char *const texts[] = { p->migration->options, p->mailbox->options,
                                  p->slot->job->options };

    return fleet_options_read(texts, G_N_ELEMENTS(texts), &p->options, err);
}

/* Settings name people: who is who, by the rows of the whole migration. */
static int read_people(struct pass *p, struct err *err)
{
    if (store_mailboxes(p->store, &p->everybody, err) < 0)
        return -1;
    p->people = g_array_new(FALSE, FALSE, sizeof(struct engine_person));
    for (guint i = 0; i < p->everybody->len; i++) {
        const struct store_mailbox *m = p->everybody->pdata[i];
        const struct engine_person person = { m->source_address,
                                              m->destination_address };

        g_array_append_val(p->people, person);
    }
    return 0;
}

static void set_row(struct pass *p)
{
    const struct migration_mailbox *m = p->mailbox;

    p->row = (struct fleet_mailbox){
        .id = m->id,
        .lease = p->slot->job->lease,
        .source_address = m->addresses[MIGRATION_SOURCE],
        .destination_address = m->addresses[MIGRATION_DESTINATION],
        .skip_kinds = flags_skip_kinds(m->flags),
        .keep_failed = (m->flags & FLAG_NO_RETRY) != 0,
        .skip_settings = (m->flags & FLAG_NO_RULE) != 0 ? SETTINGS_RULES : 0,
        .no_search = (m->flags & FLAG_NO_DESTINATION_SEARCH) != 0,
    };
}

static int prepare(struct pass *p, struct cancel *stop, struct err *err)
{
    const struct worker_config *c = &p->slot->w->c;
    struct worker_task task;

    if (fleet_pass_kind(p->slot->job->kind, &p->task, err) < 0 ||
        read_about(p, err) < 0 || read_options(p, err) < 0)
        return -1;
    p->store = database_store(c->database, p->migration->id);
    if (p->task == FLEET_SETTINGS && p->options.parts == 0)
        p->options.parts = SETTINGS_ALL;
    if ((p->options.parts != 0 || p->task == FLEET_CHECK) &&
        read_people(p, err) < 0)
        return -1;
    set_row(p);
    task = (struct worker_task){ p->migration, p->mailbox, &p->options,
                                 p->store, stop };
    return c->doors->open(c->doors->data, &task, &p->opened, err);
}

/* ---- running ------------------------------------------------------------- */

/* Lanes copy at the same time: numbers are told in the order of their sum. */
static void tell_progress(struct worker_slot *s, const struct engine_event *e)
{
    const struct worker_listener *l = s->w->c.listener;

    pthread_mutex_lock(&s->progress_lock);
    s->progress.items += e->n;
    s->progress.bytes += e->bytes;
    if (l != NULL && l->progress != NULL)
        l->progress(l->data, s->job, &s->progress);
    pthread_mutex_unlock(&s->progress_lock);
}

static void opened(void *data, size_t index, struct endpoint *source,
                   struct endpoint *destination)
{
    const struct pass *p = data;

    (void)index;
    sampled_opened(p->sampled, source, destination);
}

static void closing(void *data, size_t index)
{
    const struct pass *p = data;

    (void)index;
    sampled_closing(p->sampled);
}

/* What waits is told of, too, and is no progress. */
static bool gets_on(enum engine_event_kind kind)
{
    return kind != ENGINE_STATE && kind != ENGINE_PARKED &&
           kind != ENGINE_NOTE && kind != ENGINE_DOUBT;
}

static void heard(void *data, size_t index, const struct engine_event *e)
{
    struct pass *p = data;
    struct worker *w = p->slot->w;
    const struct worker_listener *l = w->c.listener;

    (void)index;
    sampled_event(p->sampled, e);
    if (gets_on(e->kind))
        atomic_store(&p->slot->moved_us, worker_clock(w));
    if (e->kind == ENGINE_COPIED) {
        atomic_fetch_add(&w->items, e->n);
        atomic_fetch_add(&w->bytes, e->bytes);
        tell_progress(p->slot, e);
    } else if (e->kind == ENGINE_STATE && l != NULL && l->state != NULL) {
        l->state(l->data, p->slot->job, e->state);
    }
}

/* Without its folders where these are too many. */
static char *found_text(const struct engine_check *check)
{
    json_t *json = checked_json(check);
    char *text = json_dumps(json, JSON_COMPACT);

    if (strlen(text) > FOUND_MAX) {
        json_array_clear(json_object_get(json, "folders"));
        free(text);
        text = json_dumps(json, JSON_COMPACT);
    }
    json_decref(json);
    return text;
}

static void ended(void *data, size_t index, enum fleet_end end,
                  struct engine_check *check, const struct err *why)
{
    struct pass *p = data;

    (void)index;
    p->end = end;
    if (check != NULL)
        p->found = found_text(check);
    if (why != NULL)
        p->why = *why;
}

/* Of an embedded database: nobody else writes, but another thread of ours. */
static bool is_alone(const struct worker_slot *s)
{
    struct worker *w = s->w;
    bool alone = w->c.embedded;

    pthread_mutex_lock(&w->lock);
    for (guint i = 0; i < w->slots->len && alone; i++) {
        const struct worker_slot *other = w->slots->pdata[i];

        alone = other == s || other->over ||
                other->job->mailbox_id != s->job->mailbox_id;
    }
    pthread_mutex_unlock(&w->lock);
    return alone;
}

static int run_sampled(struct pass *p, const struct fleet_run *run,
                       struct err *err)
{
    struct worker *w = p->slot->w;
    g_autofree char *destination = NULL;
    struct sampled_of of = { p->migration->id, { p->migration->host, NULL } };
    struct fleet_summary sum;
    struct err ignored;
    int r;

    if (fleet_host(p->migration->urls[MIGRATION_DESTINATION], &destination,
                   &ignored) == 0)
        of.hosts[MIGRATION_DESTINATION] = destination;
    p->sampled = sampled_new(w->sampler, &of, worker_clock(w));
    r = fleet_run(run, &sum, err);
    sampled_end(p->sampled, worker_clock(w));
    p->sampled = NULL;
    return r;
}

static int run_pass(struct pass *p, struct cancel *stop, struct err *err)
{
    const struct worker_config *c = &p->slot->w->c;
    const struct fleet_listener listener = { .data = p,
                                             .opened = opened,
                                             .closing = closing,
                                             .event = heard,
                                             .ended = ended };
    struct fleet_run run = {
        .store = p->store,
        .pool = c->pool,
        .cancel = stop,
        .mailboxes = &p->row,
        .n = 1,
        .at_once = 1,
        .task = p->task,
        .opener = c->doors->mailbox,
        .another = c->doors->another,
        .opener_data = p->opened,
        .listener = &listener,
        .wait_for_room = true,
        .meter = p->slot->w->meter,
    };

    fleet_options_set(&p->options, &run);
    run.options.alone = is_alone(p->slot);
    if (p->people != NULL) {
        run.settings.people = (const struct engine_person *)p->people->data;
        run.settings.n_people = p->people->len;
    }
    return run_sampled(p, &run, err);
}

/* A new flag for the next pass; NULL: there is to be none. */
static struct cancel *begin_pass(struct worker_slot *s)
{
    struct cancel *stop = NULL;

    pthread_mutex_lock(&s->w->lock);
    cancel_free(s->cancel);
    s->cancel = NULL;
    s->again = false;
    if (s->wanted == CANCEL_NONE)
        stop = s->cancel = cancel_new();
    pthread_mutex_unlock(&s->w->lock);
    return stop;
}

static bool is_to_go_on(struct worker_slot *s)
{
    bool again;

    pthread_mutex_lock(&s->w->lock);
    again = s->again && s->wanted == CANCEL_NONE;
    pthread_mutex_unlock(&s->w->lock);
    return again;
}

/* ---- how it ended -------------------------------------------------------- */

/* A screen that says "copying" of what waits would be wrong. */
static void mark_waiting(const struct worker_slot *s, const struct pass *p)
{
    const struct store_lease lease = { s->job->mailbox_id, s->job->lease };
    struct err ignored;

    if (p->store == NULL || p->task != FLEET_MIGRATE)
        return;
    if (store_mailbox_set_state(p->store, &lease,
                                s->halt == JOB_HALT_NONE ? MAILBOX_QUEUED
                                                         : MAILBOX_PAUSED,
                                NULL, NULL, &ignored) < 0)
        return; /* a matter of words */
}

static struct jobs_end end_of_failure(const struct worker_slot *s,
                                      const struct err *why)
{
    struct jobs_end e = { .state = JOB_FAILED,
                          .reason = why->msg,
                          .remedy = why->remedy,
                          .cause = why->name,
                          .scope = why->scope,
                          .side = why->side };
    unsigned int claims = s->job->claims;
    bool passing = why->retry == ERR_RETRY_NOW || why->retry == ERR_RETRY_WAIT;

    /* until there is room, however long that takes */
    if (fleet_is_our_disk(why)) {
        e.state = JOB_QUEUED;
        e.not_before_us = worker_clock(s->w) + ROOM_WAIT_US;
        return e;
    }
    /* the database away is no fault of the mailbox */
    if (!passing || (claims >= CLAIMS_MAX && why->scope != ERR_RUN))
        return e;
    e.state = JOB_QUEUED;
    e.not_before_us =
        why->scope == ERR_RUN
            ? 0
            : worker_clock(s->w) + (FIRST_WAIT_US << MIN(claims, CLAIMS_MAX));
    return e;
}

static struct jobs_end end_of(struct worker_slot *s, const struct pass *p)
{
    switch (p->end) {
    case FLEET_DONE:
    case FLEET_DIFFERENCES:
        return (struct jobs_end){ .state = JOB_DONE, .result = p->found };
    case FLEET_FAILED:
        return end_of_failure(s, &p->why);
    case FLEET_NOT_STARTED:
    case FLEET_INTERRUPTED:
    case FLEET_N_ENDS:
        break;
    }
    mark_waiting(s, p);
    return (struct jobs_end){ .state = JOB_QUEUED };
}

static char *subject_of(const struct worker_slot *s)
{
    return g_strdup_printf("mailbox %" G_GINT64_FORMAT, s->job->mailbox_id);
}

static void tell_why(const struct worker_slot *s, const struct err *why)
{
    g_autofree char *subject = subject_of(s);

    log_err(s->w->c.log, LOG_WARNING, subject, why);
}

static void tell(const struct worker_slot *s, enum job_state state)
{
    const struct worker_config *c = &s->w->c;
    g_autofree char *subject = subject_of(s);

    log_line(c->log, LOG_INFO, subject,
             "job %" G_GINT64_FORMAT " (%s) is %s, lease %" G_GINT64_FORMAT,
             s->job->id, s->job->kind, job_state_name(state), s->job->lease);
    if (c->listener != NULL && c->listener->job != NULL)
        c->listener->job(c->listener->data, s->job, state);
}

/* What becomes of a job that is given back is what is wanted of it. */
static enum job_state state_after(struct worker_slot *s,
                                  const struct jobs_end *e)
{
    static const enum job_state wanted[JOB_N_HALTS] = {
        [JOB_HALT_NONE] = JOB_QUEUED,
        [JOB_HALT_PAUSE] = JOB_PAUSED,
        [JOB_HALT_CANCEL] = JOB_CANCELLED,
    };
    enum job_halt halt;

    pthread_mutex_lock(&s->w->lock);
    halt = s->halt;
    pthread_mutex_unlock(&s->w->lock);
    return e->state == JOB_QUEUED ? wanted[halt] : e->state;
}

static char *news_of(const struct worker_slot *s, enum job_state state)
{
    const struct worker_listener *l = s->w->c.listener;

    return l != NULL && l->news != NULL ? l->news(l->data, s->job, state)
                                        : NULL;
}

/*
 * As long as the database is away: a job that is not given back would wait for
 * its lease to run out.  Whoever is to end does not wait for a person to make
 * room.
 */
static bool is_tried_again(const struct worker *w, const struct err *why)
{
    enum cancel_level level = cancel_level(w->c.cancel);

    if (database_is_unwritable(why))
        return level == CANCEL_NONE;
    return why->retry == ERR_RETRY_WAIT && level != CANCEL_NOW;
}

static void give_back(struct worker_slot *s, const struct jobs_end *e)
{
    struct worker *w = s->w;
    struct err err;

    while (jobs_end(w->c.jobs, s->job, e, &err) < 0) {
        if (!is_tried_again(w, &err)) {
            log_err(w->c.log, LOG_WARNING, "ending a job", &err);
            return;
        }
        g_usleep(AGAIN_US);
    }
}

static void end_job(struct worker_slot *s, const struct pass *p)
{
    struct jobs_end e = end_of(s, p);
    enum job_state state = state_after(s, &e);
    g_autofree char *news = news_of(s, state);
    bool lost;

    e.news = news;

    pthread_mutex_lock(&s->w->lock);
    /* the store may have said so before the renewal did */
    if (!s->lost && p->end == FLEET_FAILED &&
        g_strcmp0(p->why.name, "lease-lost") == 0)
        worker_slot_lost(s);
    lost = s->lost;
    s->ended = true;
    pthread_mutex_unlock(&s->w->lock);
    atomic_fetch_add(&s->w->ended, 1);
    if (lost)
        return;
    /* while the database is away, nobody else can tell */
    if (p->end == FLEET_FAILED)
        tell_why(s, &p->why);
    give_back(s, &e);
    tell(s, state);
}

static void fail(struct pass *p, const struct err *why)
{
    const struct store_lease lease = { p->slot->job->mailbox_id,
                                       p->slot->job->lease };
    struct err ignored;

    p->end = FLEET_FAILED;
    p->why = *why;
    /* what could not even begin is on the mailbox's record, too */
    if (p->store == NULL || why->retry != ERR_RETRY_NEVER ||
        store_mailbox_set_state(p->store, &lease, MAILBOX_FAILED, why->msg,
                                why->remedy, &ignored) < 0)
        return;
}

/* Whoever had it before is gone, so often that it may be the cause. */
static bool is_poison(struct pass *p, struct err *err)
{
    const struct job *job = p->slot->job;

    if (job->losses < JOBS_LOSSES_MAX)
        return false;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%u workers in a row died or fell silent while they had it",
            job->losses);
    err->name = "workers-lost";
    err_remedy(err, "see the logs of those machines for what ended the "
                    "workers, memory above all; then retry the mailbox");
    p->store = database_store(p->slot->w->c.database, job->migration_id);
    return true;
}

/* Once; again when its options have changed meanwhile. */
static void work(struct worker_slot *s, struct pass *p)
{
    struct cancel *stop = begin_pass(s);
    struct err err;

    *p = (struct pass){ .slot = s, .end = FLEET_INTERRUPTED };
    if (stop == NULL)
        return;
    if (!is_poison(p, &err) && prepare(p, stop, &err) == 0 &&
        run_pass(p, stop, &err) == 0)
        return;
    if (cancel_level(stop) == CANCEL_NONE)
        fail(p, &err);
}

void *worker_job_run(void *data)
{
    struct worker_slot *s = data;
    struct worker *w = s->w;
    struct pass p;

    tell(s, JOB_RUNNING);
    work(s, &p);
    while (p.end == FLEET_INTERRUPTED && is_to_go_on(s)) {
        pass_release(&p);
        work(s, &p);
    }
    end_job(s, &p);
    pass_release(&p);
    pthread_mutex_lock(&w->lock);
    s->over = true;
    pthread_mutex_unlock(&w->lock);
    jobs_wake(w->c.jobs); /* there is room */
    return NULL;
}
