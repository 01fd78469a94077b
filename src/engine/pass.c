#include "engine/pass.h"

#include <string.h>

#include "base/timestamp.h"

#define LANES_DEFAULT      8
#define ITEM_TRIES_DEFAULT 5
#define DOUBT_WAIT_DEFAULT (120 * TIMESTAMP_SECOND)
#define RETRY_WAIT_DEFAULT TIMESTAMP_SECOND
#define PATIENCE_DEFAULT   (3600 * TIMESTAMP_SECOND)

/* Most threads a mailbox: Exchange allows 16 sessions a user and database. */
#define LANES_MAX 16

const char *side_name(enum side side)
{
    return side == SOURCE ? "source" : "destination";
}

int side_err(enum side side, struct err *err)
{
    return err_at(err, side == SOURCE ? ERR_SOURCE : ERR_DESTINATION);
}

static struct engine_options with_defaults(const struct engine_options *given)
{
    struct engine_options o = *given;

    if (o.lanes == 0)
        o.lanes = LANES_DEFAULT;
    o.lanes = MIN(o.lanes, LANES_MAX);
    if (o.item_tries == 0)
        o.item_tries = ITEM_TRIES_DEFAULT;
    if (o.doubt_wait_us == 0)
        o.doubt_wait_us = DOUBT_WAIT_DEFAULT;
    if (o.retry_wait_us == 0)
        o.retry_wait_us = RETRY_WAIT_DEFAULT;
    if (o.patience_us == 0)
        o.patience_us = PATIENCE_DEFAULT;
    return o;
}

void pass_init(struct pass *p, const struct engine_job *job,
               enum mailbox_state working)
{
    pthread_condattr_t monotonic;

    *p = (struct pass){
        .job = job,
        .options = with_defaults(&job->options),
        .working = working,
        .began_us = timestamp_monotonic(),
        .progress_us = timestamp_monotonic(),
        .dice = g_rand_new(),
    };
    /* In this order, so that pass_now() is not behind what others read. */
    p->begun_us = timestamp_now();
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->listener_lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (enum side side = SOURCE; side < N_SIDES; side++)
        endpoint_stats(pass_own_hands(p).at[side], &p->before[side]);
}

int64_t pass_now(const struct pass *p)
{
    return p->begun_us + timestamp_monotonic() - p->began_us + 1;
}

void pass_release(struct pass *p)
{
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->listener_lock);
    pthread_mutex_destroy(&p->lock);
    g_rand_free(p->dice);
}

/* ---- the beginning and the end on record ------------------------- */

static int open_side(struct pass *p, enum side side, struct endpoint_facts *ret,
                     struct err *err)
{
    struct hands h = pass_own_hands(p);
    unsigned int failures = 0;
    struct err why;

    while (endpoint_open(h.at[side], ret, &why) < 0) {
        if (pass_endure(p, side, &failures, &why))
            continue;
        *err = why;
        return side_err(side, err);
    }
    return 0;
}

/* What the servers tell apart by; their root folder where they do not say. */
static bool is_same(const struct endpoint_facts *a,
                    const struct endpoint_facts *b)
{
    if (a->mailbox_identity != NULL && b->mailbox_identity != NULL)
        return strcmp(a->mailbox_identity, b->mailbox_identity) == 0;
    return a->root_id != NULL && g_strcmp0(a->root_id, b->root_id) == 0;
}

static int refuse_same(const struct endpoint_facts *facts, struct err *err)
{
    if (!is_same(&facts[SOURCE], &facts[DESTINATION]))
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "source and destination are the same mailbox, \"%s\"",
            facts[SOURCE].primary_address != NULL
                ? facts[SOURCE].primary_address
                : "?");
    err->name = "same-mailbox";
    return err_remedy(err, "check the addresses and URLs of both sides");
}

int pass_open(struct pass *p, struct endpoint_facts *ret, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { 0 };

    for (enum side side = SOURCE; side < N_SIDES; side++) {
        if (open_side(p, side, &facts[side], err) == 0)
            continue;
        endpoint_facts_clear(&facts[SOURCE]);
        return -1;
    }
    if (refuse_same(facts, err) < 0) {
        endpoint_facts_clear(&facts[SOURCE]);
        endpoint_facts_clear(&facts[DESTINATION]);
        return -1;
    }
    if (p->options.request_max_bytes != 0)
        facts[DESTINATION].request_max_bytes = p->options.request_max_bytes;
    memcpy(ret, facts, sizeof(facts));
    return 0;
}

int pass_begin(struct pass *p, const char *kind, struct err *err)
{
    int64_t id;

    if (store_pass_begin(p->job->store, &p->job->lease, kind, &id, err) < 0)
        return -1;
    p->record.id = id;
    p->record.mailbox_id = p->job->lease.mailbox_id;
    p->record.begun_us = p->begun_us;
    return 0;
}

/* What a side was asked for by this pass alone. */
static struct endpoint_stats asked(const struct pass *p, enum side side)
{
    struct hands h = pass_own_hands(p);
    struct endpoint_stats s;

    endpoint_stats(h.at[side], &s);
    s.requests -= p->before[side].requests;
    s.busy -= p->before[side].busy;
    s.working_us -= p->before[side].working_us;
    s.throttled_us -= p->before[side].throttled_us;
    s.waiting_us -= p->before[side].waiting_us;
    return s;
}

int64_t pass_round_trip_us(const struct pass *p, enum side side)
{
    struct endpoint_stats s = asked(p, side);

    return s.requests > 0 ? s.working_us / (int64_t)s.requests : 0;
}

static void fill_stats(struct pass *p)
{
    struct endpoint_stats source = asked(p, SOURCE);
    struct endpoint_stats destination = asked(p, DESTINATION);
    struct store_pass *r = &p->record;

    r->ended_us = pass_now(p);
    r->source_requests = source.requests;
    r->source_busy = source.busy;
    r->source_working_us = source.working_us;
    r->source_throttled_us = source.throttled_us;
    r->source_waiting_us = source.waiting_us;
    r->destination_requests = destination.requests;
    r->destination_busy = destination.busy;
    r->destination_working_us = destination.working_us;
    r->destination_throttled_us = destination.throttled_us;
    r->destination_waiting_us = destination.waiting_us;
}

int pass_end(struct pass *p, bool interrupted, const struct err *why,
             struct err *err)
{
    g_autofree char *failed =
        why != NULL ? g_strdup_printf("failed: %s", why->msg) : NULL;
    struct store_pass record;

    if (p->record.id == 0)
        return 0;
    fill_stats(p);
    record = p->record;
    record.outcome = failed;
    if (failed == NULL)
        record.outcome =
            (char *)(uintptr_t)(interrupted ? "interrupted" : "done");
    return store_pass_end(p->job->store, &p->job->lease, p->record.id, &record,
                          err);
}

void pass_end_badly(struct pass *p, bool interrupted, const struct err *why)
{
    struct err ignored;

    if (pass_end(p, interrupted, why, &ignored) < 0)
        return; /* it stays on record as one that never ended */
}

/* ---- voice ------------------------------------------------------- */

void pass_event(struct pass *p, const struct engine_event *event)
{
    if (p->job->listener == NULL)
        return;
    pthread_mutex_lock(&p->listener_lock);
    p->job->listener(p->job->listener_data, event);
    pthread_mutex_unlock(&p->listener_lock);
}

/* A path may be longer than a key. */
static char *note_key(const struct pass_note *note)
{
    g_autofree char *key = g_strdup_printf(
        "%s: %s", note->about, note->place != NULL ? note->place : "");

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
}

static int record_note(struct pass *p, const struct pass_note *note,
                       struct err *err)
{
    const struct engine_job *job = p->job;
    g_autofree char *key = note_key(note);
    const struct store_setting line = {
        .part = (char *)(uintptr_t)STORE_NOTES,
        .key = key,
        .place = (char *)(uintptr_t)note->place,
        .subject = (char *)(uintptr_t)note->about,
        .cause = (char *)(uintptr_t)note->text,
        .outcome = SETTING_SKIPPED,
    };

    return p->options.dry_run
               ? 0
               : store_settings_record(job->store, &job->lease, p->record.id,
                                       &line, 1, err);
}

int pass_note_replace(struct pass *p, const struct pass_note *note,
                      struct err *err)
{
    const struct engine_job *job = p->job;
    g_autofree char *key = note_key(note);
    g_autoptr(GPtrArray) lines = NULL;

    if (store_settings(job->store, job->lease.mailbox_id, &lines, err) < 0)
        return -1;
    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *line = lines->pdata[i];

        if (strcmp(line->part, STORE_NOTES) == 0 &&
            strcmp(line->key, key) == 0 &&
            g_strcmp0(line->cause, note->text) != 0)
            return record_note(p, note, err);
    }
    return 0;
}

void pass_note(struct pass *p, const struct pass_note *note)
{
    struct err ignored;

    pass_event(p, &(struct engine_event){ .kind = ENGINE_NOTE,
                                          .n = note->n,
                                          .text = note->text,
                                          .about = note->about });
    /* A store that takes no note takes no item either: the pass hears of it. */
    if (record_note(p, note, &ignored) < 0)
        return;
}

int pass_set_state(struct pass *p, enum mailbox_state state, const char *reason,
                   const char *remedy, struct err *err)
{
    if (store_mailbox_set_state(p->job->store, &p->job->lease, state, reason,
                                remedy, err) < 0)
        return -1;
    pass_event(p, &(struct engine_event){
                      .kind = ENGINE_STATE, .state = state, .text = reason });
    return 0;
}

void pass_show_state(struct pass *p, enum mailbox_state state,
                     const char *reason, const char *remedy)
{
    struct err ignored;

    if (pass_set_state(p, state, reason, remedy, &ignored) < 0)
        return; /* the caller has a better cause to tell */
}

/* ---- hands ------------------------------------------------------- */

struct hands pass_own_hands(const struct pass *p)
{
    return (struct hands){ { p->job->source, p->job->destination } };
}

void hands_clone(const struct pass *p, struct hands *ret)
{
    struct hands own = pass_own_hands(p);

    for (enum side side = SOURCE; side < N_SIDES; side++)
        ret->at[side] = endpoint_clone(own.at[side]);
}

void hands_free(struct hands *h)
{
    for (enum side side = SOURCE; side < N_SIDES; side++)
        endpoint_free(h->at[side]);
    *h = (struct hands){ 0 };
}
