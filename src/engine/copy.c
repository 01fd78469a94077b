#include "base/timestamp.h"
#include "engine/copy_priv.h"

/* More listers than this and Exchange's limit of 5 concurrent syncs is near. */
#define LISTERS_MAX 4
/* Fewer folders than this are listed sooner than a connection is made. */
#define FOLDERS_A_LISTER 16

/* ---- before ------------------------------------------------------ */

/* Everything was listed, and what was wanted was copied and swept. */
static bool is_complete(const struct store_pass *p)
{
    static const char *const kinds[] = { "full", "delta", "pre-stage", NULL };

    return g_strv_contains(kinds, p->kind) &&
           g_strcmp0(p->outcome, "done") == 0;
}

static const char *kind_of(const struct copy *c)
{
    switch (c->pass.options.pass) {
    case ENGINE_PASS_TRIAL:
        return "trial";
    case ENGINE_PASS_PRESTAGE:
        return "pre-stage";
    case ENGINE_PASS_FULL:
        break;
    }
    return c->last_done_pass != 0 ? "delta" : "full";
}

/* The last pass that ended with a sweep. */
static int past_passes(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(GPtrArray) passes = NULL;

    if (store_passes(job->store, job->lease.mailbox_id, &passes, err) < 0)
        return -1;
    for (guint i = 0; i < passes->len; i++) {
        const struct store_pass *p = passes->pdata[i];

        if (is_complete(p))
            c->last_done_pass = p->id;
    }
    return 0;
}

static int record_facts(const struct engine_job *job,
                        const struct endpoint_facts *facts, struct err *err)
{
    return store_mailbox_set_facts(
        job->store, &job->lease, endpoint_rights_name(facts[SOURCE].rights),
        facts[SOURCE].server_version,
        endpoint_rights_name(facts[DESTINATION].rights),
        facts[DESTINATION].server_version, err);
}

static int begin(struct copy *c, struct err *err)
{
    if (past_passes(c, err) < 0)
        return -1;
    if (c->pass.options.dry_run)
        return 0;
    if (pass_set_state(&c->pass, MAILBOX_COPYING, NULL, NULL, err) < 0)
        return -1;
    return pass_begin(&c->pass, kind_of(c), err);
}

static int prepare(struct copy *c, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { 0 };
    int r;

    if (begin(c, err) < 0 || pass_open(&c->pass, facts, err) < 0)
        return -1;
    batch_init(&c->batch, c->pass.options.batch_items,
               c->pass.options.batch_bytes,
               facts[DESTINATION].request_max_bytes);
    r = route_choose(c, err);
    if (r == 0)
        r = record_facts(c->pass.job, facts, err);
    if (r == 0)
        r = edits_load(c, facts, err);
    if (r == 0)
        r = map_folders(c, facts, err);
    if (r == 0 && !c->pass.options.dry_run)
        r = refilter(c, err);
    if (r == 0 && !c->pass.options.dry_run)
        r = adopt_again(c, err);
    for (enum side side = SOURCE; side < N_SIDES; side++)
        endpoint_facts_clear(&facts[side]);
    return r;
}

/* ---- threads ----------------------------------------------------- */

static void start_listers(struct copy *c)
{
    unsigned int n = 1;

    n += (unsigned int)(c->n_source_folders / FOLDERS_A_LISTER);
    c->n_listers = MIN(n, LISTERS_MAX);
    c->listers = crew_new(&c->pass, c, c->n_listers);
    for (unsigned int i = 0; i < c->n_listers; i++) {
        pthread_mutex_lock(&c->pass.lock);
        c->n_listing++;
        pthread_mutex_unlock(&c->pass.lock);
        if (worker_start(&c->listers[i], list_main))
            continue;
        pthread_mutex_lock(&c->pass.lock);
        c->n_listing--;
        pthread_mutex_unlock(&c->pass.lock);
        if (i == 0)
            crew_fail(&c->pass);
    }
}

/* With the lock held: one lane more, where there is work for it. */
static void start_lane(struct copy *c)
{
    if (c->n_lanes >= c->pass.options.lanes || c->n_idle > 0 ||
        !feed_has_ready(c))
        return;
    if (worker_start(&c->lanes[c->n_lanes], lane_main))
        c->n_lanes++;
    else if (c->n_lanes > 0)
        c->pass.options.lanes = c->n_lanes; /* slower, not wrong */
    else
        c->no_threads = true;
}

/* ---- the thread that runs the pass ------------------------------- */

static void settle_due(struct copy *c, struct folder *f)
{
    struct err why;

    if (doubt_settle(c, f, &why) == 0)
        return;
    if (why.scope >= ERR_MAILBOX || pass_is_over(&c->pass)) {
        pass_failed(&c->pass, &why);
        return;
    }
    /* Out of reach: its items stay in doubt, and the pass says so. */
    feed_close(c, f, &why);
    pthread_mutex_lock(&c->pass.lock);
    f->doubt_due_us = INT64_MAX;
    pthread_mutex_unlock(&c->pass.lock);
}

/* With the lock held: nobody has anything to do just now. */
static bool is_quiet(struct copy *c)
{
    return c->n_listing == 0 && feed_is_empty(c);
}

/* With the lock held, given up meanwhile.  True: and it will stay so. */
static bool is_done(struct copy *c)
{
    struct err why;

    if (!is_quiet(c))
        return false;
    if (c->asked_at != c->news) {
        pthread_mutex_unlock(&c->pass.lock);
        if (feed_ask(c, &why) < 0)
            pass_failed(&c->pass, &why);
        pthread_mutex_lock(&c->pass.lock);
    }
    return c->asked_at == c->news && doubt_next_us(c) == INT64_MAX &&
           is_quiet(c);
}

/* With the lock held: one step; false when all is done. */
static bool run_step(struct copy *c)
{
    struct folder *f = doubt_due(c);

    if (f != NULL) {
        pthread_mutex_unlock(&c->pass.lock);
        settle_due(c, f);
        pthread_mutex_lock(&c->pass.lock);
        return true;
    }
    start_lane(c);
    if (c->no_threads || is_done(c))
        return false;
    pass_watch(&c->pass, doubt_next_us(c));
    return true;
}

static void run(struct copy *c)
{
    pthread_mutex_lock(&c->pass.lock);
    while (!c->pass.stopped && !pass_is_cancelled(&c->pass) && run_step(c))
        ;
    c->drained = true;
    pthread_cond_broadcast(&c->pass.changed);
    pthread_mutex_unlock(&c->pass.lock);
    if (c->no_threads)
        crew_fail(&c->pass);
}

/* ---- listing apart: a dry run does nothing else ------------------ */

static void list_all(struct copy *c)
{
    start_listers(c);
    pthread_mutex_lock(&c->pass.lock);
    while (c->n_listing > 0)
        pass_watch(&c->pass, INT64_MAX);
    pthread_mutex_unlock(&c->pass.lock);
    crew_join(c->listers, c->n_listers);
}

/* ---- all passes but the first ------------------------------------ */

/*
 * Everything is listed before anything is done: only then can a move be told
 * from a deletion and a new item.
 */
static int list_and_follow(struct copy *c, struct err *err)
{
    list_all(c);
    if (pass_is_over(&c->pass))
        return pass_interrupted(&c->pass, err);
    if (c->last_done_pass == 0)
        return 0;
    if (move_all(c, err) < 0)
        return -1;
    return follow_all(c, true, err);
}

/* A trial takes the newest of each folder: it has to know them all. */
static bool lists_first(const struct copy *c)
{
    return c->last_done_pass != 0 || c->pass.options.pass == ENGINE_PASS_TRIAL;
}

static void run_all(struct copy *c)
{
    struct err why;

    if (lists_first(c) && list_and_follow(c, &why) < 0) {
        pass_failed(&c->pass, &why);
        return;
    }
    if (doubt_load(c, &why) < 0 ||
        store_items_wake(c->pass.job->store, &c->pass.job->lease, &why) < 0 ||
        feed_ask(c, &why) < 0) {
        pass_failed(&c->pass, &why);
        return;
    }
    c->n_hands = c->pass.options.lanes;
    c->lanes = crew_new(&c->pass, c, c->n_hands);
    if (!lists_first(c))
        start_listers(c);
    run(c);
    if (!lists_first(c))
        crew_join(c->listers, c->n_listers);
    crew_join(c->lanes, c->n_hands);
}

int engine_copy(const struct engine_job *job, struct engine_result *ret,
                struct err *err)
{
    struct copy c = {
        .news = 1, /* the store was not asked yet */
        .quota_bytes = job->options.pass == ENGINE_PASS_TRIAL
                           ? ENGINE_TRIAL_BYTES
                           : UINT64_MAX,
    };
    bool interrupted;
    int r;

    c.left_behind =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    c.mime_only =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    pthread_mutex_init(&c.gone_lock, NULL);
    pass_init(&c.pass, job, MAILBOX_COPYING);
    people_init(&c.people);
    r = prepare(&c, err);
    if (r == 0) {
        if (c.pass.options.dry_run)
            list_all(&c);
        else
            run_all(&c);
        copy_tell_hidden(&c);
        r = copy_finish(&c, err);
    }
    r = copy_end(&c, r, &interrupted, err);
    *ret = (struct engine_result){ .pass = c.pass.record,
                                   .hidden_copied = c.n_hidden_copied,
                                   .interrupted = interrupted,
                                   .no_room = c.no_room,
                                   .no_room_why = c.no_room_why };
    copy_folders_free(&c);
    g_hash_table_unref(c.left_behind);
    g_hash_table_unref(c.mime_only);
    pthread_mutex_destroy(&c.gone_lock);
    people_release(&c.people);
    for (enum side side = SOURCE; side < N_SIDES; side++)
        g_free(c.servers[side]);
    g_free(c.scratch_parent);
    pass_release(&c.pass);
    return r;
}
