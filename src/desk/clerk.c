#include <string.h>

#include "base/timestamp.h"
#include "desk/clerk_priv.h"
#include "desk/days.h"

#define LOOK_US (2 * TIMESTAMP_SECOND)
/* Looks between two at what is closed. */
#define CLOSED_EVERY 30u

#define OVER                                                                   \
    (1u << REQUEST_COMPLETED | 1u << REQUEST_REFUSED | 1u << REQUEST_CANCELLED)
#define EVERY_STATE ((1u << REQUEST_N_STATES) - 1)

const struct roster_actor clerk_actor = { "desk", NULL, NULL };

struct clerk *clerk_new(const struct clerk_config *how)
{
    struct clerk *c = g_new(struct clerk, 1);

    c->config = *how;
    c->prober = prober_new(&how->reach, how->stop);
    c->sign_ins = sign_ins_new(
        &(struct sign_ins_config){ how->desk->requests, how->reach, how->log });
    c->told =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    c->spared =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    return c;
}

void clerk_free(struct clerk *c)
{
    if (c == NULL)
        return;
    prober_free(c->prober);
    sign_ins_free(c->sign_ins);
    g_hash_table_unref(c->told);
    g_hash_table_unref(c->spared);
    g_free(c);
}

/* ---- what its files share ---------------------------------------------- */

int clerk_event(const struct errand *e, struct desk_wish *wish, struct err *err)
{
    int done;

    wish->request_id = e->r->id;
    wish->version = e->r->version;
    wish->now_us = e->now_us;
    done = desk_event(e->c->desk, &clerk_actor, wish, NULL, err);
    if (done < 0 && g_strcmp0(err->name, "changed") == 0)
        return 0;
    return done;
}

void clerk_jobs_clear(struct clerk_jobs *j)
{
    g_free(j->reason);
    g_free(j->remedy);
    g_free(j->cause);
    *j = (struct clerk_jobs){ 0 };
}

int clerk_jobs_read(const struct errand *e, const char *kind,
                    struct clerk_jobs *ret, struct err *err)
{
    const struct jobs_which which = { .migration_id = e->r->migration_id };
    g_autoptr(GPtrArray) all = NULL;

    if (jobs_list(e->c->desk->stores.jobs, &which, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct job *j = all->pdata[i];

        if (strcmp(j->kind, kind) != 0)
            continue;
        ret->n++;
        ret->open += j->state == JOB_QUEUED || j->state == JOB_RUNNING ||
                     j->state == JOB_PAUSED;
        ret->failed += j->state == JOB_FAILED;
        if (j->state == JOB_FAILED && ret->reason == NULL) {
            ret->reason = g_strdup(j->reason);
            ret->remedy = g_strdup(j->remedy);
            ret->cause = g_strdup(j->cause);
            ret->scope = j->scope;
            ret->side = j->side;
        }
    }
    return 0;
}

int clerk_start(const struct errand *e, const char *kind, const char *options,
                struct err *err)
{
    const struct migration_start start = { .migration_id = e->r->migration_id,
                                           .kind = kind,
                                           .options = options };
    size_t n;

    return migrations_start(e->c->desk->stores.migrations, &clerk_actor, &start,
                            &n, err);
}

bool clerk_has_told(const struct errand *e)
{
    return e->now_us < MAX(e->r->told_us, e->r->state_us) + TIMESTAMP_DAY;
}

/* ---- by state ---------------------------------------------------------- */

static int run_out(const struct errand *e, struct err *err)
{
    struct desk_wish wish = { .event = LIFE_RUN_OUT };

    return clerk_event(e, &wish, err);
}

static bool is_said(const char *text)
{
    return text != NULL && *text != '\0';
}

/* An address that is no good is told before the rest has come. */
static int mind_received(const struct errand *e, struct err *err)
{
    int good = clerk_probe(e, err);

    return good <= 0 || is_said(e->r->missing)
               ? MIN(good, 0)
               : clerk_check(e, LIFE_COMPLETE, err);
}

static int mind_waiting(const struct errand *e, struct err *err)
{
    int asked, good = clerk_probe(e, err);

    if (good < 0)
        return -1;
    if (!is_said(e->r->missing))
        return good > 0 ? clerk_check(e, LIFE_COMPLETE, err) : 0;
    asked = clerk_ask(e, good > 0, err);
    if (asked != 0)
        return MIN(asked, 0);
    return e->now_us - e->r->changed_us < e->c->desk->wait_us ? 0
                                                              : run_out(e, err);
}

static int mind_quoted(const struct errand *e, struct err *err)
{
    if (!is_said(e->r->quote)) {
        int good = clerk_probe(e, err);

        return good <= 0 ? good : clerk_check(e, LIFE_CHANGED, err);
    }
    if (clerk_sign_in(e, err) < 0)
        return -1;
    return e->now_us < e->r->quote_until_us ? 0 : run_out(e, err);
}

static int schedule(const struct errand *e, const char *day, struct err *err)
{
    const struct request_change change = { .start = day };
    struct desk_wish wish = { .event = LIFE_SCHEDULE, .change = &change };
    g_autofree char *takes = NULL;

    if (clerk_forecast(e, &takes, err) < 0)
        return -1;
    wish.forecast = takes;
    return clerk_event(e, &wish, err);
}

static int mind_approved(const struct errand *e, struct err *err)
{
    g_autoptr(days) open = NULL;
    char day[SLOT_DAY_SIZE];

    if (clerk_sign_in(e, err) < 0 ||
        days_read(e->c->desk, e->r, &open, err) < 0)
        return -1;
    if (!days_first(open, e->r->start, e->now_us, day))
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "no day of the next year has room for it");
    return schedule(e, day, err);
}

static bool has_come(const char *day, int64_t now_us)
{
    int64_t begins_us;

    return day == NULL || !slot_begins(day, &begins_us) || now_us >= begins_us;
}

/*
 * The partner hears one thing a day: wrong credentials, which hold up all of
 * it, before owners who do not answer.
 */
static int mind_scheduled(const struct errand *e, struct err *err)
{
    struct desk_wish wish = { .event = LIFE_START };
    g_autofree char *takes = NULL;
    int told, may = has_come(e->r->start, e->now_us)
                        ? clerk_may_begin(e, err)
                        : MIN(clerk_sign_in(e, err), 0);

    if (may < 0)
        return -1;
    told = clerk_owners(e, err);
    if (may == 0 || told != 0)
        return MIN(told, 0);
    if (clerk_forecast(e, &takes, err) < 0)
        return -1;
    wish.forecast = takes;
    return clerk_event(e, &wish, err);
}

static int (*const minds[REQUEST_N_STATES])(const struct errand *e,
                                            struct err *err) = {
    [REQUEST_RECEIVED] = mind_received,
    [REQUEST_AWAITING_INFORMATION] = mind_waiting,
    [REQUEST_QUOTED] = mind_quoted,
    [REQUEST_APPROVED] = mind_approved,
    [REQUEST_SCHEDULED] = mind_scheduled,
    [REQUEST_RUNNING] = clerk_run_passes,
    [REQUEST_READY_FOR_CUTOVER] = clerk_keep_up,
    [REQUEST_CUT_OVER] = clerk_sweep,
    [REQUEST_COMPLETED] = clerk_close,
    [REQUEST_REFUSED] = clerk_close,
    [REQUEST_CANCELLED] = clerk_close,
};

/* ---- the look ------------------------------------------------------------ */

/* The same is told once, and again when it was mended in between. */
static void tell(struct clerk *c, int64_t id, const struct err *why)
{
    const char *before = g_hash_table_lookup(c->told, &id);
    g_autofree char *subject = request_subject(id);

    if (why == NULL) {
        g_hash_table_remove(c->told, &id);
        return;
    }
    if (g_strcmp0(before, why->msg) == 0)
        return;
    log_err(c->config.log, LOG_ERROR, subject, why);
    g_hash_table_replace(c->told, g_memdup2(&id, sizeof(id)),
                         g_strdup(why->msg));
}

static void look_at(struct clerk *c, const struct request *r, int64_t now_us)
{
    const struct errand e = { &c->config, c->prober, c->sign_ins,
                              c->spared,  r,         now_us };
    struct err err;

    if (minds[r->state] == NULL)
        return;
    tell(c, r->id, minds[r->state](&e, &err) < 0 ? &err : NULL);
}

int clerk_look(struct clerk *c, int64_t now_us, bool closed, struct err *err)
{
    const struct request_filter filter = {
        .states = closed ? EVERY_STATE : EVERY_STATE & ~OVER
    };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        if (requests_list(c->config.desk->requests, &filter, &page, &some,
                          err) < 0)
            return -1;
        for (guint i = 0;
             i < some->len && cancel_level(c->config.stop) == CANCEL_NONE;
             i++) {
            const struct request *r = some->pdata[i];

            look_at(c, r, now_us);
            page.after = r->id;
        }
        if (some->len < page.limit ||
            cancel_level(c->config.stop) != CANCEL_NONE)
            return 0;
    }
}

void clerk_run(struct clerk *c)
{
    unsigned int n = 0;

    do {
        struct err err;

        if (clerk_look(c, timestamp_now(), n++ % CLOSED_EVERY == 0, &err) < 0)
            tell(c, 0, &err);
        else
            tell(c, 0, NULL);
    } while (!cancel_sleep(c->config.stop, LOOK_US, CANCEL_DRAIN));
}
