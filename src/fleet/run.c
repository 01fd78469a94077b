#include "fleet/run.h"

#include <pthread.h>

#include "base/spool.h"
#include "fleet/left_out.h"
#include "fleet/migration.h"
#include "store/database.h"

#define AT_ONCE_DEFAULT 4

/* What the workers of one run share. */
struct crew {
    const struct fleet_run *run;
    pthread_mutex_t lock; /* guards next and summary */
    size_t next;
    struct fleet_summary summary;
    struct expect_measured measured; /* of FLEET_CHECK: by earlier runs */
    struct meter *meter;             /* NULL: nothing is measured */
    char *hosts[MIGRATION_N_SIDES];
};

/* One mailbox in a worker's hands. */
struct task {
    struct crew *crew;
    size_t index;
    struct engine_job job;
    struct engine_check check; /* of FLEET_CHECK */
    struct engine_result result;
    struct engine_settings_report settings;
    uint64_t extra;          /* of FLEET_VERIFY */
    bool settings_failed;    /* the pass as a whole; the store has the reason */
    bool was_verified;       /* by an earlier run */
    bool began_again;        /* with another account */
    struct metered *metered; /* or NULL */
};

const char *fleet_end_name(enum fleet_end end)
{
    static const char *const names[] = {
        [FLEET_NOT_STARTED] = "not started",
        [FLEET_INTERRUPTED] = "interrupted",
        [FLEET_DONE] = "done",
        [FLEET_DIFFERENCES] = "differences",
        [FLEET_FAILED] = "failed",
    };

    return names[end];
}

static void forward(void *data, const struct engine_event *event)
{
    const struct task *t = data;
    const struct fleet_listener *l = t->crew->run->listener;

    if (t->metered != NULL)
        metered_event(t->metered, event);
    if (l != NULL && l->event != NULL)
        l->event(l->data, t->index, event);
}

/* A failure that only says that somebody asked us to stop. */
static bool is_interrupted(const struct fleet_run *run)
{
    return cancel_level(run->cancel) != CANCEL_NONE;
}

bool fleet_is_our_disk(const struct err *why)
{
    return spool_is_at_fault(why) || database_is_unwritable(why);
}

/* What the store now says of the mailbox. */
static int state_on_record(const struct task *t, enum mailbox_state *ret,
                           struct err *err)
{
    struct store_mailbox *m = NULL;

    if (store_mailbox_get(t->crew->run->store, t->job.lease.mailbox_id, &m,
                          err) < 0)
        return -1;
    *ret = m->state;
    store_mailbox_free(m);
    return 0;
}

/* Once its passes are over. */
static int end_on_record(const struct task *t, enum fleet_end *ret,
                         struct err *err)
{
    enum mailbox_state state;

    if (state_on_record(t, &state, err) < 0)
        return -1;
    *ret = FLEET_DONE;
    if (t->settings_failed || engine_settings_wanting(&t->settings) ||
        (t->crew->run->task != FLEET_SETTINGS &&
         state == MAILBOX_COMPLETED_WITH_FAILURES))
        *ret = FLEET_DIFFERENCES;
    return 0;
}

static int set_state(struct task *t, enum mailbox_state state, struct err *err)
{
    struct engine_event event = { .kind = ENGINE_STATE, .state = state };

    if (store_mailbox_set_state(t->crew->run->store, &t->job.lease, state, NULL,
                                NULL, err) < 0)
        return -1;
    forward(t, &event);
    return 0;
}

/* Unless the copy did not come to all of it, or left something undone. */
static int stay_verified(struct task *t, struct err *err)
{
    const struct store_pass *pass = &t->result.pass;
    enum mailbox_state state;

    if (state_on_record(t, &state, err) < 0)
        return -1;
    if (state == MAILBOX_COMPLETED_WITH_FAILURES)
        return 0; /* the reason is on record */
    return set_state(t,
                     pass->items_failed + pass->conflicts == 0
                         ? MAILBOX_VERIFIED
                         : MAILBOX_COMPLETED_WITH_FAILURES,
                     err);
}

/*
 * After a copy that moved nothing there is nothing new to verify: an earlier
 * verification still stands, and no server is asked again.
 */
static int verify_after_copy(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    const struct store_pass *pass = &t->result.pass;
    struct engine_verify_report report;

    if (run->verify == VERIFY_MODE_NOTHING || run->options.dry_run)
        return 0;
    if (!run->verify_all && !t->began_again &&
        pass->items_copied + pass->settled + pass->updated + pass->moved +
                pass->adopted + pass->already_there + pass->unlike +
                t->result.hidden_copied ==
            0) {
        if (t->was_verified)
            return stay_verified(t, err);
    }
    /* What was copied before it began again is of another pass. */
    return engine_verify(&t->job, run->verify,
                         run->verify_all || t->began_again ? 0 : pass->id,
                         &report, err);
}

static int carry_settings(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    struct engine_settings_options o = run->settings;

    o.parts &= ~run->mailboxes[t->index].skip_settings;
    if (o.parts == 0 || run->options.dry_run)
        return 0;
    return engine_settings(&t->job, &o, &t->settings, err);
}

/* What has been copied is copied, whatever becomes of the settings. */
static int settings_after_copy(struct task *t, struct err *err)
{
    struct engine_event event = { .kind = ENGINE_NOTE };
    struct err why;

    if (carry_settings(t, &why) == 0)
        return 0;
    if (why.scope == ERR_RUN) {
        *err = why;
        return -1;
    }
    t->settings_failed = true;
    err_in(&why, "settings");
    event.text = why.msg;
    forward(t, &event);
    return 0;
}

/* Told in each run; on record for the reports. */
static int tell_left_out(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    struct store_counts counts;
    struct left_outs l;

    if (store_counts(run->store, t->job.lease.mailbox_id, &counts, err) < 0)
        return -1;
    left_out_of_ledger(&run->mailboxes[t->index], &counts, t->job.source, &l);
    for (size_t i = 0; i < l.n; i++) {
        g_autofree char *about = left_out_about(&l.all[i]);
        g_autofree char *text = left_out_text(&l.all[i]);
        const struct engine_event note = {
            .kind = ENGINE_NOTE, .n = l.all[i].n, .text = text, .about = about
        };

        forward(t, &note);
    }
    if (run->options.dry_run)
        return 0;
    return left_out_record(&l, run->store, &t->job.lease, t->result.pass.id,
                           err);
}

static int migrate(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    const struct fleet_mailbox *m = &run->mailboxes[t->index];
    size_t n_retried;

    /* A new run is a new chance, also for what an edit cannot bring back. */
    if (!m->keep_failed && store_items_retry_failed(run->store, &t->job.lease,
                                                    &n_retried, err) < 0)
        return -1;
    if (engine_copy(&t->job, &t->result, err) < 0)
        return -1;
    if (t->result.interrupted)
        return 0;
    if (run->wait_for_room && !m->keep_failed && t->result.no_room) {
        *err = t->result.no_room_why;
        err->scope = ERR_MAILBOX;
        return -1;
    }
    if (tell_left_out(t, err) < 0 || verify_after_copy(t, err) < 0)
        return -1;
    return settings_after_copy(t, err);
}

static int find_left_out(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    struct store_counts counts;
    struct left_outs l;

    if (store_counts(run->store, t->job.lease.mailbox_id, &counts, err) < 0)
        return -1;
    left_out_of_check(&run->mailboxes[t->index], &t->check, &counts, &l);
    left_out_find(&l, &t->check);
    return left_out_record(&l, run->store, &t->job.lease, t->check.pass_id,
                           err);
}

static int check(struct task *t, struct err *err)
{
    const struct engine_check_options options = {
        .by_item = t->crew->run->check_by_item,
        .people = t->crew->run->settings.people,
        .n_people = t->crew->run->settings.n_people,
        .measured = t->crew->measured,
    };

    if (engine_check(&t->job, &options, &t->check, err) < 0)
        return -1;
    return find_left_out(t, err);
}

static int verify(struct task *t, struct err *err)
{
    struct engine_verify_report report;

    if (engine_verify(&t->job, t->crew->run->verify, 0, &report, err) < 0)
        return -1;
    t->extra = report.by_class[VERIFY_EXTRA];
    return 0;
}

static int perform(struct task *t, struct err *err)
{
    switch (t->crew->run->task) {
    case FLEET_CHECK:
        return check(t, err);
    case FLEET_MIGRATE:
        return migrate(t, err);
    case FLEET_VERIFY:
        return verify(t, err);
    case FLEET_SETTINGS:
        return carry_settings(t, err);
    }
    g_assert_not_reached();
}

/* What a trial takes beside its few items says nothing of other passes. */
static int perform_metered(struct task *t, struct err *err)
{
    struct crew *crew = t->crew;
    const struct pace_hosts between = { crew->hosts[MIGRATION_SOURCE],
                                        crew->hosts[MIGRATION_DESTINATION] };
    int r;

    if (crew->meter == NULL)
        return perform(t, err);
    t->metered = metered_new(crew->meter, crew->run->store, &between,
                             crew->run->mailboxes[t->index].id);
    metered_open(t->metered, t->job.source, t->job.destination);
    r = perform(t, err);
    metered_end(t->metered, r == 0 && !t->result.interrupted &&
                                crew->run->options.pass != ENGINE_PASS_TRIAL);
    t->metered = NULL;
    return r;
}

static int perform_watched(struct task *t, struct err *err)
{
    const struct fleet_listener *l = t->crew->run->listener;
    int r;

    if (l != NULL && l->opened != NULL)
        l->opened(l->data, t->index, t->job.source, t->job.destination);
    r = perform_metered(t, err);
    if (l != NULL && l->closing != NULL)
        l->closing(l->data, t->index);
    return r;
}

/* Take the mailbox and open both its ends; then do the work. */
static int take(struct task *t, struct err *err)
{
    const struct fleet_run *run = t->crew->run;
    const struct fleet_mailbox *m = &run->mailboxes[t->index];
    struct store_mailbox *before = NULL;
    g_autoptr(endpoint) source = NULL, destination = NULL;

    if (store_mailbox_get(run->store, m->id, &before, err) < 0)
        return -1;
    t->was_verified = !t->began_again && before->state == MAILBOX_VERIFIED;
    store_mailbox_free(before);
    t->job.lease = (struct store_lease){ m->id, m->lease };
    if ((m->lease == 0 &&
         store_mailbox_lease(run->store, m->id, &t->job.lease, err) < 0) ||
        run->opener(run->opener_data, t->index, &source, &destination, err) < 0)
        return -1;
    t->job.source = source;
    t->job.destination = destination;
    return perform_watched(t, err);
}

/* The reason stays with the mailbox, for "status" and the reports. */
static void record_failure(const struct task *t, const struct err *why)
{
    const struct fleet_run *run = t->crew->run;
    bool waits = run->wait_for_room && fleet_is_our_disk(why);
    struct err ignored;

    if (run->task != FLEET_MIGRATE || t->job.lease.number == 0)
        return;
    /* The failure itself is what the caller must hear about. */
    if (store_mailbox_set_state(run->store, &t->job.lease,
                                waits ? MAILBOX_QUEUED : MAILBOX_FAILED,
                                why->msg, why->remedy, &ignored) < 0)
        return;
}

/* The numbers of one pass. */
static void add_pass(struct task *t)
{
    struct fleet_summary *sum = &t->crew->summary;
    const struct store_pass *pass = &t->result.pass;

    pthread_mutex_lock(&t->crew->lock);
    sum->items_copied += pass->items_copied;
    sum->hidden_copied += t->result.hidden_copied;
    sum->bytes_copied += pass->bytes_copied;
    sum->items_failed += pass->items_failed;
    sum->updated += pass->updated;
    sum->marked += pass->marked;
    sum->moved += pass->moved;
    sum->removed += pass->removed;
    sum->conflicts += pass->conflicts;
    sum->adopted += pass->adopted;
    sum->already_there += pass->already_there;
    sum->unlike += pass->unlike;
    sum->doubles += pass->doubles;
    sum->settled += pass->settled;
    pthread_mutex_unlock(&t->crew->lock);
}

static bool has_another(const struct task *t, const struct err *why)
{
    const struct fleet_run *run = t->crew->run;

    return why->retry == ERR_RETRY_REAUTH && run->another != NULL &&
           !is_interrupted(run) && run->another(run->opener_data, t->index);
}

static void begin_again(struct task *t, const struct err *why)
{
    g_autofree char *text =
        g_strdup_printf("%s; going on with another account", why->msg);
    const struct engine_event note = { .kind = ENGINE_NOTE, .text = text };

    forward(t, &note);
    add_pass(t);
    engine_check_clear(&t->check);
    t->check = (struct engine_check){ 0 };
    t->result = (struct engine_result){ 0 };
    t->began_again = true;
}

/* Each time an account less is left, so this comes to an end. */
static int take_until_done(struct task *t, struct err *err)
{
    while (take(t, err) < 0) {
        if (!has_another(t, err))
            return -1;
        begin_again(t, err);
    }
    return 0;
}

static enum fleet_end work(struct task *t, struct err *ret_why)
{
    enum fleet_end end;

    if (take_until_done(t, ret_why) < 0) {
        if (is_interrupted(t->crew->run))
            return FLEET_INTERRUPTED;
        record_failure(t, ret_why);
        return FLEET_FAILED;
    }
    if (t->result.interrupted || is_interrupted(t->crew->run))
        return FLEET_INTERRUPTED;
    if (t->crew->run->task == FLEET_CHECK || t->crew->run->options.dry_run)
        return FLEET_DONE;
    return end_on_record(t, &end, ret_why) < 0 ? FLEET_FAILED : end;
}

static void add_up(struct task *t, enum fleet_end end)
{
    struct fleet_summary *sum = &t->crew->summary;

    add_pass(t);
    pthread_mutex_lock(&t->crew->lock);
    sum->ends[FLEET_NOT_STARTED]--;
    sum->ends[end]++;
    sum->extra += t->extra;
    for (int i = 0; i < SETTING_N; i++)
        sum->settings[i] += t->settings.by_outcome[i];
    pthread_mutex_unlock(&t->crew->lock);
}

static void run_task(struct crew *crew, size_t index)
{
    const struct fleet_run *run = crew->run;
    const struct fleet_listener *l = run->listener;
    struct task t = { .crew = crew, .index = index };
    struct err why;
    enum fleet_end end;

    t.job = (struct engine_job){
        .store = run->store,
        .pool = run->pool,
        .cancel = run->cancel,
        .options = run->options,
        .listener = forward,
        .listener_data = &t,
    };
    t.job.options.no_search |= run->mailboxes[index].no_search;
    t.job.options.filter.skip_kinds |= run->mailboxes[index].skip_kinds;
    if (l != NULL && l->begun != NULL)
        l->begun(l->data, index);
    end = work(&t, &why);
    add_up(&t, end);
    if (l != NULL && l->ended != NULL)
        l->ended(l->data, index, end,
                 run->task == FLEET_CHECK && end == FLEET_DONE ? &t.check
                                                               : NULL,
                 end == FLEET_FAILED ? &why : NULL);
    engine_check_clear(&t.check);
}

/* The next mailbox, or n when there is none or the run is to end. */
static size_t next_index(struct crew *crew)
{
    size_t index;

    if (is_interrupted(crew->run))
        return crew->run->n;
    pthread_mutex_lock(&crew->lock);
    index = crew->next < crew->run->n ? crew->next++ : crew->run->n;
    pthread_mutex_unlock(&crew->lock);
    return index;
}

static void *worker(void *data)
{
    struct crew *crew = data;
    size_t index;

    while ((index = next_index(crew)) < crew->run->n)
        run_task(crew, index);
    return NULL;
}

static size_t n_workers(const struct fleet_run *run)
{
    size_t n = run->at_once != 0 ? run->at_once : AT_ONCE_DEFAULT;

    return MIN(MIN(n, run->n), FLEET_AT_ONCE_MAX);
}

/* What copying between these two servers took, whichever the mailbox. */
static int measure(struct crew *crew, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;

    if (store_mailboxes(crew->run->store, &mailboxes, err) < 0)
        return -1;
    for (guint i = 0; i < mailboxes->len; i++) {
        const struct store_mailbox *m = mailboxes->pdata[i];
        g_autoptr(GPtrArray) passes = NULL;

        if (store_passes(crew->run->store, m->id, &passes, err) < 0)
            return -1;
        for (guint k = 0; k < passes->len; k++)
            expect_add(&crew->measured, passes->pdata[k]);
    }
    return 0;
}

/* Between which hosts; not known: then nothing is measured. */
static int begin_metering(struct crew *crew, struct meter *own, struct err *err)
{
    struct store_migration m = { 0 };
    struct err ignored;
    int found = store_migration_get(crew->run->store, &m, err);

    if (found > 0 &&
        fleet_host(m.source_url, &crew->hosts[MIGRATION_SOURCE], &ignored) ==
            0 &&
        fleet_host(m.destination_url, &crew->hosts[MIGRATION_DESTINATION],
                   &ignored) == 0)
        crew->meter = crew->run->meter != NULL ? crew->run->meter : own;
    store_migration_clear(&m);
    return found < 0 ? -1 : 0;
}

static int run_crew(struct crew *crew, struct err *err)
{
    size_t n = n_workers(crew->run), started = 0;
    g_autofree pthread_t *threads = g_new0(pthread_t, n + 1);
    int failed = 0;

    while (started < n && failed == 0) {
        failed = pthread_create(&threads[started], NULL, worker, crew);
        started += failed == 0;
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    /* Fewer workers than asked for are slower, not wrong. */
    if (n > 0 && started == 0)
        return err_errno(err, ERR_RUN, failed, "cannot start a worker");
    return 0;
}

int fleet_run(const struct fleet_run *run, struct fleet_summary *ret,
              struct err *err)
{
    struct crew crew = { .run = run, .lock = PTHREAD_MUTEX_INITIALIZER };
    g_autoptr(meter) own = meter_new();
    int r = 0;

    crew.summary.ends[FLEET_NOT_STARTED] = run->n;
    if (run->task == FLEET_CHECK)
        r = measure(&crew, err);
    else if (run->task == FLEET_MIGRATE && !run->options.dry_run)
        r = begin_metering(&crew, own, err);
    if (r == 0)
        r = run_crew(&crew, err);
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        g_free(crew.hosts[i]);
    pthread_mutex_destroy(&crew.lock);
    if (r == 0)
        *ret = crew.summary;
    return r;
}

int fleet_exit_status(const struct fleet_summary *summary)
{
    const size_t *ends = summary->ends;
    size_t worked = ends[FLEET_DONE] + ends[FLEET_DIFFERENCES];

    if (ends[FLEET_INTERRUPTED] > 0 || ends[FLEET_NOT_STARTED] > 0)
        return 130;
    if (ends[FLEET_FAILED] > 0)
        return worked > 0 ? 2 : 3;
    return ends[FLEET_DIFFERENCES] > 0 ? 1 : 0;
}
