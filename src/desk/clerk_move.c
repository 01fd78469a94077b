/*
 * From the start to the end: the passes, and what is told meanwhile.  A round
 * of passes that was due at some time is over when each mailbox has one on
 * record that began after it.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/certificate.h"
#include "desk/clerk_priv.h"

#define FULLY "{\"verify\":\"full\"}"

/* ---- its mailboxes ------------------------------------------------------- */

int clerk_each_mailbox(const struct errand *e, clerk_visit *visit, void *data,
                       struct err *err)
{
    const struct migration_filter filter = { .migration_id =
                                                 e->r->migration_id };
    struct roster_page page = { .limit = 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        if (migrations_mailboxes(e->c->desk->stores.migrations, &filter, &page,
                                 &some, err) < 0)
            return -1;
        for (guint i = 0; i < some->len; i++) {
            const struct migration_mailbox *m = some->pdata[i];
            int done = visit(data, m, err);

            if (done != 0)
                return done;
            page.after = m->id;
        }
        if (some->len < page.limit)
            return 0;
    }
}

/* ---- telling ------------------------------------------------------------- */

struct sums {
    uint64_t n, done, failed, items, bytes;
};

static int add_up(void *data, const struct migration_mailbox *m,
                  struct err *err)
{
    struct sums *of = data;

    (void)err;
    of->n++;
    of->done += m->job_state == JOB_DONE;
    of->failed += m->job_state == JOB_FAILED;
    of->items += m->copied;
    of->bytes += m->bytes;
    return 0;
}

static char *line_of(const struct errand *e, struct err *err)
{
    struct sums of = { 0 };

    if (clerk_each_mailbox(e, add_up, &of, err) < 0)
        return NULL;
    return g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                           " mailboxes are copied, %" G_GUINT64_FORMAT
                           " need help; %" G_GUINT64_FORMAT
                           " items, %" G_GUINT64_FORMAT " MB so far",
                           of.done, of.n, of.failed, of.items,
                           of.bytes / 1000000);
}

/* The daily mail. */
static int tell_progress(const struct errand *e, struct err *err)
{
    static const char *const kinds[] = { "progress", NULL };
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    const struct request_change change = { .state = -1, .told = true };
    struct desk_wish wish = { .event = DESK_NO_EVENT,
                              .change = &change,
                              .progress = lines,
                              .letters = kinds,
                              .action = "request.progress" };
    g_autofree char *takes = NULL;
    char *line;

    if (clerk_has_told(e))
        return 0;
    line = line_of(e, err);
    if (line == NULL)
        return -1;
    g_ptr_array_add(lines, line);
    if (clerk_forecast(e, &takes, err) < 0)
        return -1;
    wish.forecast = takes;
    return clerk_event(e, &wish, err);
}

/* Until an operator has it tried again or leaves it out. */
int clerk_tell_trouble(const struct errand *e, const struct clerk_jobs *found,
                       struct err *err)
{
    const struct request_change change = { .state = -1, .told = true };
    struct desk_wish wish = { .event = LIFE_STALL,
                              .change = &change,
                              .reason = found->reason,
                              .remedy = found->remedy };

    if (e->r->told_us >= e->r->state_us && clerk_has_told(e))
        return 0;
    return clerk_event(e, &wish, err);
}

/* ---- passes -------------------------------------------------------------- */

static int pre_staged(const struct errand *e, struct err *err)
{
    struct desk_wish wish = { .event = LIFE_PRE_STAGED };
    g_autofree char *takes = NULL;

    if (clerk_forecast_whole(e, &takes, err) < 0)
        return -1;
    wish.forecast = takes;
    return clerk_event(e, &wish, err);
}

int clerk_run_passes(const struct errand *e, struct err *err)
{
    g_auto(clerk_jobs) found = { 0 };
    int told = clerk_owners(e, err);

    if (told != 0)
        return told;
    if (clerk_jobs_read(e, "full", &found, err) < 0)
        return -1;
    if (found.n == 0)
        return clerk_start(e, "full", NULL, err);
    if (found.open > 0)
        return tell_progress(e, err);
    return found.failed > 0 ? clerk_tell_trouble(e, &found, err)
                            : pre_staged(e, err);
}

struct round {
    const char *kind, *options; /* "delta", "verify" */
    int64_t due_us;
    struct store *store; /* of the migration, while it is looked at */
    /* What the mailboxes are at. */
    size_t open, behind;
    struct clerk_jobs found; /* of their last jobs: failed, and why */
};

static bool is_of(const struct store_pass *p, const struct round *round)
{
    bool copies = strcmp(p->kind, "full") == 0 || strcmp(p->kind, "delta") == 0;

    return p->begun_us >= round->due_us && p->ended_us != 0 &&
           (strcmp(round->kind, "delta") == 0
                ? copies
                : g_str_has_prefix(p->kind, round->kind));
}

static int look_for_pass(int64_t mailbox_id, struct round *round,
                         struct err *err)
{
    g_autoptr(GPtrArray) passes = NULL;

    if (store_passes(round->store, mailbox_id, &passes, err) < 0)
        return -1;
    for (guint i = 0; i < passes->len; i++)
        if (is_of(passes->pdata[i], round))
            return 0;
    round->behind++;
    return 0;
}

static int look_at_mailbox(void *data, const struct migration_mailbox *m,
                           struct err *err)
{
    struct round *round = data;

    if (m->state == MAILBOX_WAITING_FOR_CREDENTIALS)
        return 0; /* left out: else there was no cutover */
    if (m->job_id != 0 &&
        (m->job_state == JOB_QUEUED || m->job_state == JOB_RUNNING ||
         m->job_state == JOB_PAUSED)) {
        round->open++;
        return 0;
    }
    if (m->job_id != 0 && m->job_state == JOB_CANCELLED)
        return 0; /* an operator leaves it out */
    if (m->job_id == 0 || m->job_state != JOB_FAILED)
        return look_for_pass(m->id, round, err);
    if (round->found.failed++ == 0) {
        round->found.reason = g_strdup(m->job_reason);
        round->found.remedy = g_strdup(m->job_remedy);
    }
    return 0;
}

/* 1: it is over; 0: it is not yet. */
static int go_round(const struct errand *e, struct round *round,
                    struct err *err)
{
    g_autoptr(store) s =
        database_store(e->c->desk->stores.database, e->r->migration_id);
    int result;

    round->store = s;
    result = clerk_each_mailbox(e, look_at_mailbox, round, err);
    if (result == 0 && round->open == 0) {
        if (round->found.failed > 0)
            result = MIN(clerk_tell_trouble(e, &round->found, err), 0);
        else if (round->behind > 0)
            result = clerk_start(e, round->kind, round->options, err);
        else
            result = 1;
    }
    clerk_jobs_clear(&round->found);
    return result;
}

/* So that little is left to do at cutover. */
int clerk_keep_up(const struct errand *e, struct err *err)
{
    int64_t days = (e->now_us - e->r->state_us) / TIMESTAMP_DAY;
    struct round round = { .kind = "delta",
                           .due_us = e->r->state_us + days * TIMESTAMP_DAY };

    if (clerk_notices(e, err) < 0)
        return -1;
    return days < 1 ? 0 : MIN(go_round(e, &round, err), 0);
}

/* ---- the end ------------------------------------------------------------- */

/* What the certificate says, in a line. */
static char *result_of(const struct errand *e, struct err *err)
{
    const struct desk_stores *d = &e->c->desk->stores;
    const struct certificate_about about = { .migration_id = e->r->migration_id,
                                             .request_id = e->r->id,
                                             .partner = e->r->partner,
                                             .domain = e->r->domain };
    g_autoptr(store) s = database_store(d->database, e->r->migration_id);
    g_auto(certificate_seen) seen = { 0 };
    g_autofree char *text = NULL;
    uint8_t key[SIGN_KEY_BYTES];

    sign_public(d->keys, 0, key);
    if (certificate_make(s, &about, d->keys, &text, err) < 0 ||
        certificate_verify(text, strlen(text), key, &seen, err) < 0)
        return NULL;
    return g_strdup_printf(
        "%" G_GUINT64_FORMAT " mailboxes: %" G_GUINT64_FORMAT
        " items are equal, %" G_GUINT64_FORMAT " missing, %" G_GUINT64_FORMAT
        " different, %" G_GUINT64_FORMAT " could not be copied",
        seen.mailboxes, seen.verified, seen.missing, seen.different,
        seen.failed);
}

static int finish(const struct errand *e, struct err *err)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    struct desk_wish wish = { .event = LIFE_SWEPT, .progress = lines };
    char *line = result_of(e, err);

    if (line == NULL)
        return -1;
    g_ptr_array_add(lines, line);
    wish.detail = line;
    return clerk_event(e, &wish, err);
}

int clerk_sweep(const struct errand *e, struct err *err)
{
    int64_t end_us = e->r->state_us + e->c->sweep_us;
    int64_t n = (MIN(e->now_us, end_us) - e->r->state_us) / e->c->every_us;
    struct round sweep = { .kind = "delta",
                           .due_us = e->r->state_us + n * e->c->every_us };
    struct round verify = { .kind = "verify",
                            .options = FULLY,
                            .due_us = end_us };
    int done = go_round(e, &sweep, err);

    if (done > 0 && e->now_us >= end_us)
        done = go_round(e, &verify, err);
    else
        done = MIN(done, 0);
    return done > 0 ? finish(e, err) : done;
}

/* Nothing of it goes on, and nobody can sign in with what it held. */
int clerk_close(const struct errand *e, struct err *err)
{
    struct migrations *p = e->c->desk->stores.migrations;
    const struct jobs_which which = { .migration_id = e->r->migration_id };
    const struct request_change change = { .state = -1, .told = true };
    struct desk_wish wish = { .event = DESK_NO_EVENT,
                              .change = &change,
                              .action = "request.closed",
                              .detail = "secrets of its migration destroyed" };
    g_autoptr(migration) m = NULL;
    int found;

    if (e->r->migration_id == 0 || e->r->told_us >= e->r->state_us)
        return 0;
    if (e->r->state == REQUEST_COMPLETED) {
        int left = clerk_notices(e, err);

        if (left != 0)
            return MIN(left, 0);
    }
    found = migrations_get(p, e->r->migration_id, &m, err);
    if (found <= 0)
        return found;
    if (migrations_do(p, &clerk_actor, JOBS_CANCEL, &which, NULL, err) < 0 ||
        migrations_purge(p, &clerk_actor, e->r->migration_id, err) < 0)
        return -1;
    return clerk_event(e, &wish, err);
}
