#include "fleet/foresight.h"

#include <string.h>

#include "fleet/options.h"

#define PAGE 500

/* A migration with something queued or running. */
struct active {
    migration *m;
    struct store *store;
    GArray *mailboxes; /* struct outlook_mailbox */
    struct hours *only, *quiet;
    unsigned int host_most;
    bool all; /* also of mailboxes that have no copying pass yet */
    const struct foresight_plan *plan; /* what is to come then; or NULL */
    int64_t now_us;
    bool held; /* one of its passes waits for a person */
};

static void active_free(void *p)
{
    struct active *a = p;

    migration_free(a->m);
    store_free(a->store);
    g_array_unref(a->mailboxes);
    hours_free(a->only);
    hours_free(a->quiet);
    g_free(a);
}

/* ---- mailboxes ---------------------------------------------------------- */

/* Only passes that copy are foreseen. */
static bool copies(const char *kind)
{
    enum fleet_task task;
    struct err ignored;

    return kind != NULL && fleet_pass_kind(kind, &task, &ignored) == 0 &&
           task == FLEET_MIGRATE;
}

static bool verifies(const char *kind)
{
    enum fleet_task task;
    struct err ignored;

    return kind != NULL && fleet_pass_kind(kind, &task, &ignored) == 0 &&
           task == FLEET_VERIFY;
}

static enum outlook_stand stand_of(const struct active *a,
                                   const struct migration_mailbox *m)
{
    if (!copies(m->job_kind))
        return a->all ? OUTLOOK_WAITS : OUTLOOK_OVER;
    return m->job_state == JOB_RUNNING  ? OUTLOOK_RUNS
           : m->job_state == JOB_QUEUED ? OUTLOOK_WAITS
                                        : OUTLOOK_OVER;
}

static void add_mailbox(struct active *a, const struct migration_mailbox *m)
{
    uint64_t done = m->items - MIN(m->waiting, m->items);
    struct outlook_mailbox one = {
        .id = m->id,
        .stand = stand_of(a, m),
        .known = m->items,
        .copied = done - MIN(m->failed, done),
        .failed = MIN(m->failed, done),
        .priority = m->priority,
        .not_before_us = copies(m->job_kind) ? m->not_before_us : 0,
    };

    one.before = MIN(m->copied, one.copied);
    g_array_append_val(a->mailboxes, one);
}

/*
 * What is verified now is of this round where that is next and due, else it is
 * verified again.  One that is under way does not wait for the others.
 */
static void add_verifying(struct active *a, const struct migration_mailbox *m,
                          struct outlook_mailbox *one)
{
    bool now = verifies(m->job_kind) && one->round == 1 &&
               one->not_before_us <= a->now_us;

    if (now && m->job_state == JOB_DONE)
        return;
    if (now && m->job_state == JOB_RUNNING) {
        one->stand = OUTLOOK_RUNS;
        one->round = 0;
        one->not_before_us = one->delay_us = 0;
    }
    g_array_append_val(a->mailboxes, *one);
}

static void add_rounds(struct active *a, const struct migration_mailbox *m)
{
    bool stopped = m->job_state == JOB_PAUSED || m->job_state == JOB_FAILED;

    if (m->state == MAILBOX_WAITING_FOR_CREDENTIALS || m->job_kind == NULL ||
        m->job_state == JOB_CANCELLED)
        return;
    a->held = a->held || stopped;
    for (size_t i = 0; i < a->plan->n; i++) {
        const struct foresight_round *round = &a->plan->rounds[i];
        struct outlook_mailbox one = {
            .id = m->id,
            .stand = OUTLOOK_WAITS,
            .priority = m->priority,
            .not_before_us = round->due_us,
            .round = (unsigned int)i + 1,
            .delay_us = round->delay_us,
            .verifies = round->verifies,
        };

        if (round->verifies)
            add_verifying(a, m, &one);
        else
            g_array_append_val(a->mailboxes, one);
    }
}

static int read_mailboxes(const struct foresight *f, struct active *a,
                          struct err *err)
{
    const struct migration_filter filter = { .migration_id = a->m->id };
    struct roster_page page = { 0, PAGE };
    guint n;

    do {
        g_autoptr(GPtrArray) some = NULL;

        if (migrations_mailboxes(f->migrations, &filter, &page, &some, err) < 0)
            return -1;
        n = some->len;
        for (guint i = 0; i < n; i++) {
            const struct migration_mailbox *m = some->pdata[i];

            add_mailbox(a, m);
            if (a->plan != NULL)
                add_rounds(a, m);
            page.after = m->id;
        }
    } while (n == PAGE);
    return 0;
}

/* ---- migrations --------------------------------------------------------- */

/* Of a zone that this machine does not know: as if there were none. */
static struct hours *hours_of(const char *text)
{
    struct hours *h = NULL;
    struct err ignored;

    return text != NULL && hours_parse(text, &h, &ignored) == 0 ? h : NULL;
}

static void set_host(struct active *a, const GPtrArray *hosts)
{
    for (guint i = 0; i < hosts->len; i++) {
        const struct jobs_host *h = hosts->pdata[i];

        if (strcmp(h->name, a->m->host) != 0)
            continue;
        a->host_most = h->most;
        a->quiet = hours_of(h->quiet);
        return;
    }
}

/*
 * Nothing of it is queued any more.  When its last mailbox ended is known no
 * finer than looks are taken.
 */
static int settle(const struct foresight *f, const migration *m, int64_t now_us,
                  struct err *err)
{
    g_autoptr(store) s = database_store(f->database, m->id);
    bool stopped = m->jobs[JOB_PAUSED] + m->jobs[JOB_CANCELLED] > 0;
    struct store_forecast *open = NULL;

    if (outlook_read(s, &open, err) < 0)
        return -1;
    if (open == NULL)
        return 0;
    store_forecast_free(open);
    return store_forecasts_end(s, 0, stopped ? 0 : now_us, err);
}

/* Takes over the migration. */
static struct active *active_new(const struct foresight *f, migration *m,
                                 const GPtrArray *hosts)
{
    struct active *a = g_new0(struct active, 1);

    a->m = m;
    a->store = database_store(f->database, m->id);
    a->mailboxes = g_array_new(FALSE, FALSE, sizeof(struct outlook_mailbox));
    a->only = hours_of(m->hours);
    set_host(a, hosts);
    return a;
}

static int take(const struct foresight *f, migration *m, const GPtrArray *hosts,
                GPtrArray *to, struct err *err)
{
    struct active *a = active_new(f, m, hosts);

    g_ptr_array_add(to, a);
    return read_mailboxes(f, a, err);
}

static int read_page(const struct foresight *f, GPtrArray *page,
                     const GPtrArray *hosts, int64_t now_us, GPtrArray *to,
                     struct err *err)
{
    while (page->len > 0) {
        migration *m = g_ptr_array_steal_index(page, 0);
        int r;

        if (m->jobs[JOB_QUEUED] + m->jobs[JOB_RUNNING] > 0) {
            r = take(f, m, hosts, to, err);
        } else {
            r = settle(f, m, now_us, err);
            migration_free(m);
        }
        if (r < 0)
            return -1;
    }
    return 0;
}

static int read_all(const struct foresight *f, int64_t now_us, GPtrArray *to,
                    struct err *err)
{
    const struct migration_filter filter = { 0 };
    struct roster_page page = { 0, PAGE };
    g_autoptr(GPtrArray) hosts = NULL;
    guint n;

    if (jobs_hosts(f->jobs, &hosts, err) < 0)
        return -1;
    do {
        g_autoptr(GPtrArray) some = NULL;

        if (migrations_list(f->migrations, &filter, &page, &some, err) < 0)
            return -1;
        n = some->len;
        if (n > 0)
            page.after = ((const migration *)some->pdata[n - 1])->id;
        if (read_page(f, some, hosts, now_us, to, err) < 0)
            return -1;
    } while (n == PAGE);
    return 0;
}

/* ---- together ----------------------------------------------------------- */

static int places(const struct foresight *f, int64_t now_us, unsigned int *ret,
                  struct err *err)
{
    g_autoptr(GPtrArray) workers = NULL;
    uint64_t sum = 0;

    if (jobs_workers(f->jobs, &workers, err) < 0)
        return -1;
    for (guint i = 0; i < workers->len; i++) {
        const struct jobs_worker *w = workers->pdata[i];

        if (jobs_worker_takes(w, now_us))
            sum += w->tally.at_once;
    }
    *ret = (unsigned int)MIN(sum, UINT_MAX);
    return 0;
}

static struct outlook_migration input_of(const struct active *a)
{
    return (struct outlook_migration){
        .store = a->store,
        .mailboxes = (const struct outlook_mailbox *)a->mailboxes->data,
        .n = a->mailboxes->len,
        .most = a->m->most,
        .host_most = a->host_most,
        .only = a->only,
        .quiet = a->quiet,
    };
}

static int give(const GPtrArray *all, const struct outlook_how *how,
                struct err *err)
{
    g_autofree struct outlook_migration *in =
        g_new0(struct outlook_migration, all->len + 1);
    g_autofree struct outlook *out = g_new0(struct outlook, all->len + 1);
    int r;

    for (guint i = 0; i < all->len; i++)
        in[i] = input_of(all->pdata[i]);
    r = outlook_make(in, all->len, how, out, err);
    for (guint i = 0; i < all->len && r == 0; i++)
        r = outlook_give(&in[i], &out[i], how->now_us, err);
    for (guint i = 0; i < all->len; i++)
        outlook_clear(&out[i]);
    return r;
}

int foresight_look(const struct foresight *f, int64_t now_us, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(active_free);
    struct outlook_how how = { .now_us = now_us };

    if (read_all(f, now_us, all, err) < 0 ||
        places(f, now_us, &how.at_once, err) < 0)
        return -1;
    return all->len > 0 && how.at_once > 0 ? give(all, &how, err) : 0;
}

/* ---- one ---------------------------------------------------------------- */

static int look_alone(const struct foresight *f, struct active *a,
                      int64_t now_us, struct outlook *ret, struct err *err)
{
    struct outlook_how how = { .now_us = now_us };
    g_auto(outlook) o = { 0 };
    struct outlook_migration in;

    if (read_mailboxes(f, a, err) < 0 ||
        places(f, now_us, &how.at_once, err) < 0)
        return -1;
    in = input_of(a);
    how.at_once = MAX(how.at_once, 1);
    if (outlook_make(&in, 1, &how, &o, err) < 0)
        return -1;
    if (!o.known || a->held)
        return 0;
    *ret = o;
    o = (struct outlook){ 0 };
    return 1;
}

/* plan: or NULL: of what would be begun now. */
static int look_at_one(const struct foresight *f, int64_t migration_id,
                       const struct foresight_plan *plan, int64_t now_us,
                       struct outlook *ret, struct err *err)
{
    g_autoptr(GPtrArray) hosts = NULL;
    migration *m = NULL;
    struct active *a;
    int found = migrations_get(f->migrations, migration_id, &m, err);

    if (found <= 0)
        return found;
    if (jobs_hosts(f->jobs, &hosts, err) < 0) {
        migration_free(m);
        return -1;
    }
    a = active_new(f, m, hosts);
    a->plan = plan;
    a->now_us = now_us;
    a->all = plan == NULL;
    found = look_alone(f, a, now_us, ret, err);
    active_free(a);
    return found;
}

int foresight_of(const struct foresight *f, int64_t migration_id,
                 int64_t now_us, struct outlook *ret, struct err *err)
{
    return look_at_one(f, migration_id, NULL, now_us, ret, err);
}

int foresight_whole(const struct foresight *f,
                    const struct foresight_plan *plan, int64_t now_us,
                    struct outlook *ret, struct err *err)
{
    return look_at_one(f, plan->migration_id, plan, now_us, ret, err);
}
