/* Jobs in memory: the model that the conformance suite holds others to. */
#include "store/jobs_priv.h"

struct mem_limit {
    int64_t migration_id; /* of a migration; else 0 */
    char *host;           /* of a host; else NULL */
    unsigned int most;
    char *hours; /* NULL: none */
    bool said;   /* by somebody */
    int64_t last_turn;
};

struct mem_jobs {
    struct jobs base;
    pthread_mutex_t lock; /* over all below */
    GPtrArray *jobs;      /* struct job *, by id */
    GPtrArray *limits;    /* struct mem_limit * */
    GPtrArray *workers;   /* struct jobs_worker *, by name */
    int64_t lease, turn;
};

static struct mem_jobs *lock(struct jobs *j)
{
    struct mem_jobs *m = (struct mem_jobs *)j;

    pthread_mutex_lock(&m->lock);
    return m;
}

static int unlock(struct mem_jobs *m, int result)
{
    pthread_mutex_unlock(&m->lock);
    return result;
}

static struct job *job_dup(const struct job *job)
{
    struct job *copy = g_memdup2(job, sizeof(*job));

    copy->host = g_strdup(job->host);
    copy->kind = g_strdup(job->kind);
    copy->options = g_strdup(job->options);
    copy->worker = g_strdup(job->worker);
    copy->reason = g_strdup(job->reason);
    copy->remedy = g_strdup(job->remedy);
    copy->cause = g_strdup(job->cause);
    copy->result = NULL; /* mem_last() alone tells it */
    return copy;
}

static int mem_add(struct jobs *j, const struct job *job, int64_t *ret_id,
                   struct err *err)
{
    struct mem_jobs *m = lock(j);
    const struct job fresh = {
        .id = (int64_t)m->jobs->len + 1,
        .migration_id = job->migration_id,
        .mailbox_id = job->mailbox_id,
        .host = job->host,
        .kind = job->kind,
        .options = job->options,
        .priority = job->priority,
        .not_before_us = job->not_before_us,
    };

    (void)err;
    g_ptr_array_add(m->jobs, job_dup(&fresh));
    *ret_id = fresh.id;
    return unlock(m, 0);
}

static bool is_meant(const struct job *job, const struct jobs_which *w)
{
    return (w->job_id == 0 || w->job_id == job->id) &&
           (w->mailbox_id == 0 || w->mailbox_id == job->mailbox_id) &&
           (w->migration_id == 0 || w->migration_id == job->migration_id);
}

static int mem_list(struct jobs *j, const struct jobs_which *which,
                    GPtrArray *found, struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = 0; i < m->jobs->len; i++)
        if (is_meant(m->jobs->pdata[i], which))
            g_ptr_array_add(found, job_dup(m->jobs->pdata[i]));
    return unlock(m, 0);
}

static int mem_last(struct jobs *j, int64_t mailbox_id, const char *kind,
                    struct job **ret, struct err *err)
{
    struct mem_jobs *m = lock(j);
    const struct job *last = NULL;

    (void)err;
    for (guint i = 0; i < m->jobs->len; i++) {
        const struct job *job = m->jobs->pdata[i];

        if (job->mailbox_id == mailbox_id && strcmp(job->kind, kind) == 0)
            last = job;
    }
    if (last == NULL)
        return unlock(m, 0);
    *ret = job_dup(last);
    (*ret)->result = g_strdup(last->result);
    return unlock(m, 1);
}

static void requeue(struct job *job)
{
    job->claims = job->losses = 0;
    job->not_before_us = 0;
    g_clear_pointer(&job->reason, g_free);
    g_clear_pointer(&job->remedy, g_free);
    g_clear_pointer(&job->cause, g_free);
    g_clear_pointer(&job->result, g_free);
    job->scope = ERR_ITEM;
    job->side = ERR_NO_SIDE;
}

static int mem_verb(struct jobs *j, enum jobs_verb verb,
                    const struct jobs_which *which, size_t *ret_n,
                    struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = 0; i < m->jobs->len; i++) {
        struct job *job = m->jobs->pdata[i];

        if (!is_meant(job, which) || !jobs_apply(verb, &job->state, &job->halt))
            continue;
        ++*ret_n;
        if (verb == JOBS_RETRY || verb == JOBS_AGAIN)
            requeue(job);
    }
    return unlock(m, 0);
}

/* ---- limits ------------------------------------------------------------- */

static struct mem_limit *find_limit(struct mem_jobs *m, int64_t migration_id,
                                    const char *host)
{
    struct mem_limit *l;

    for (guint i = 0; i < m->limits->len; i++) {
        l = m->limits->pdata[i];
        if (l->migration_id == migration_id && g_strcmp0(l->host, host) == 0)
            return l;
    }
    l = g_new0(struct mem_limit, 1);
    l->migration_id = migration_id;
    l->host = g_strdup(host);
    g_ptr_array_add(m->limits, l);
    return l;
}

static void limit_free(void *p)
{
    struct mem_limit *l = p;

    g_free(l->host);
    g_free(l->hours);
    g_free(l);
}

static int mem_limit_migration(struct jobs *j, int64_t migration_id,
                               unsigned int most, const char *only,
                               struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct mem_limit *l = find_limit(m, migration_id, NULL);

    (void)err;
    l->most = most;
    g_free(l->hours);
    l->hours = g_strdup(only);
    return unlock(m, 0);
}

static int mem_limit_host(struct jobs *j, const char *host, unsigned int most,
                          const char *quiet, struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct mem_limit *l = find_limit(m, 0, host);

    (void)err;
    l->said = true;
    l->most = most;
    g_free(l->hours);
    l->hours = g_strdup(quiet);
    return unlock(m, 0);
}

static gint by_host(gconstpointer a, gconstpointer b)
{
    const struct jobs_host *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static int mem_hosts(struct jobs *j, GPtrArray *found, struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = 0; i < m->limits->len; i++) {
        const struct mem_limit *l = m->limits->pdata[i];
        struct jobs_host *h;

        if (l->host == NULL || !l->said)
            continue;
        h = g_new(struct jobs_host, 1);
        *h = (struct jobs_host){ g_strdup(l->host), l->most,
                                 g_strdup(l->hours) };
        g_ptr_array_add(found, h);
    }
    g_ptr_array_sort(found, by_host);
    return unlock(m, 0);
}

/* ---- claiming ------------------------------------------------------------ */

static void expire(struct mem_jobs *m, int64_t now_us)
{
    for (guint i = 0; i < m->jobs->len; i++) {
        struct job *job = m->jobs->pdata[i];

        if (job->state != JOB_RUNNING || job->expires_us > now_us)
            continue;
        job->state = jobs_state_after(JOB_QUEUED, job->halt);
        job->halt = JOB_HALT_NONE;
        job->losses++;
    }
}

static struct jobs_group group_of(struct mem_jobs *m, const struct job *job)
{
    const struct mem_limit *own = find_limit(m, job->migration_id, NULL);
    const struct mem_limit *host = find_limit(m, 0, job->host);
    struct jobs_group g = {
        .migration_id = job->migration_id,
        .host = job->host,
        .priority = job->priority,
        .most = own->most,
        .only = own->hours,
        .last_turn = own->last_turn,
        .host_most = host->most,
        .quiet = host->hours,
    };

    for (guint i = 0; i < m->jobs->len; i++) {
        const struct job *other = m->jobs->pdata[i];

        if (other->state != JOB_RUNNING)
            continue;
        g.running += other->migration_id == job->migration_id;
        g.host_running += g_str_equal(other->host, job->host);
    }
    return g;
}

static bool mailbox_runs(struct mem_jobs *m, int64_t mailbox_id)
{
    for (guint i = 0; i < m->jobs->len; i++) {
        const struct job *job = m->jobs->pdata[i];

        if (job->state == JOB_RUNNING && job->mailbox_id == mailbox_id)
            return true;
    }
    return false;
}

/* What a worker has under way; *ret_alone: it is to claim nothing beside. */
static guint in_hands(struct mem_jobs *m, const char *worker, bool *ret_alone)
{
    guint n = 0;

    *ret_alone = false;
    for (guint i = 0; i < m->jobs->len; i++) {
        const struct job *job = m->jobs->pdata[i];

        if (job->state != JOB_RUNNING || !g_str_equal(job->worker, worker))
            continue;
        n++;
        *ret_alone |= jobs_is_alone(job->losses);
    }
    return n;
}

static struct job *choose(struct mem_jobs *m, int64_t now_us, bool busy)
{
    struct job *best = NULL;
    struct jobs_group of_best = { 0 };

    for (guint i = 0; i < m->jobs->len; i++) {
        struct job *job = m->jobs->pdata[i];
        struct jobs_group g;

        if (job->state != JOB_QUEUED || job->not_before_us > now_us ||
            mailbox_runs(m, job->mailbox_id) ||
            (busy && jobs_is_alone(job->losses)))
            continue;
        g = group_of(m, job);
        if (!jobs_group_may(&g, now_us) ||
            (best != NULL && jobs_group_order(&g, &of_best) >= 0))
            continue;
        best = job;
        of_best = g;
    }
    return best;
}

static bool is_draining(struct mem_jobs *m, const char *worker)
{
    for (guint i = 0; i < m->workers->len; i++) {
        const struct jobs_worker *w = m->workers->pdata[i];

        if (g_str_equal(w->name, worker))
            return w->draining;
    }
    return false;
}

static int mem_claim(struct jobs *j, const char *worker, int64_t now_us,
                     struct job **ret, struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct job *job = NULL;
    bool alone;
    guint n;

    (void)err;
    expire(m, now_us);
    n = in_hands(m, worker, &alone);
    if (!is_draining(m, worker) && !alone)
        job = choose(m, now_us, n > 0);
    if (job == NULL)
        return unlock(m, 0);
    job->state = JOB_RUNNING;
    job->lease = ++m->lease;
    job->expires_us = now_us + j->lease_us;
    job->moved_us = now_us;
    job->claims++;
    g_free(job->worker);
    job->worker = g_strdup(worker);
    find_limit(m, job->migration_id, NULL)->last_turn = ++m->turn;
    *ret = job_dup(job);
    return unlock(m, 1);
}

/* The job as that worker holds it; NULL: it does not any more. */
static struct job *held(struct mem_jobs *m, const struct job *job,
                        struct err *err)
{
    for (guint i = 0; i < m->jobs->len; i++) {
        struct job *is = m->jobs->pdata[i];

        if (is->id == job->id && is->lease == job->lease &&
            is->state == JOB_RUNNING)
            return is;
    }
    jobs_refuse_lease(err, job);
    return NULL;
}

static int mem_renew(struct jobs *j, const struct job *job, int64_t now_us,
                     struct jobs_renewed *ret, struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct job *is = held(m, job, err);

    if (is == NULL)
        return unlock(m, -1);
    is->expires_us = now_us + j->lease_us;
    is->moved_us = MAX(is->moved_us, job->moved_us);
    *ret = (struct jobs_renewed){ is->halt, is->version };
    return unlock(m, 0);
}

static int mem_end(struct jobs *j, const struct job *job,
                   const struct jobs_end *end, struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct job *is = held(m, job, err);

    if (is == NULL)
        return unlock(m, -1);
    is->state = jobs_state_after(end->state, is->halt);
    is->halt = JOB_HALT_NONE;
    is->losses = 0;
    is->not_before_us = end->not_before_us;
    g_free(is->reason);
    g_free(is->remedy);
    g_free(is->cause);
    g_free(is->result);
    is->reason = store_text_dup(end->reason);
    is->remedy = store_text_dup(end->remedy);
    is->cause = store_text_dup(end->cause);
    is->result = g_strdup(end->result);
    is->scope = end->scope;
    is->side = end->side;
    return unlock(m, 0);
}

/* ---- workers ------------------------------------------------------------- */

static gint by_name(gconstpointer a, gconstpointer b)
{
    const struct jobs_worker *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static struct jobs_worker *worker_of(struct mem_jobs *m, const char *name)
{
    struct jobs_worker *w;

    for (guint i = 0; i < m->workers->len; i++) {
        w = m->workers->pdata[i];
        if (g_str_equal(w->name, name))
            return w;
    }
    w = g_new0(struct jobs_worker, 1);
    w->name = g_strdup(name);
    g_ptr_array_add(m->workers, w);
    g_ptr_array_sort(m->workers, by_name);
    return w;
}

static int mem_beat(struct jobs *j, const char *worker, int64_t now_us,
                    const struct jobs_tally *tally, bool *ret_draining,
                    struct err *err)
{
    struct mem_jobs *m = lock(j);
    struct jobs_worker *w = worker_of(m, worker);

    (void)err;
    if (w->begun_us == 0)
        w->begun_us = now_us;
    w->seen_us = now_us;
    w->tally = *tally;
    *ret_draining = w->draining;
    return unlock(m, 0);
}

static int mem_leave(struct jobs *j, const char *worker, int64_t seen_before_us,
                     struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = m->workers->len; i > 0; i--) {
        struct jobs_worker *w = m->workers->pdata[i - 1];

        if (w->seen_us >= seen_before_us && !g_str_equal(w->name, worker))
            continue;
        g_free(w->name);
        g_free(w);
        g_ptr_array_remove_index(m->workers, i - 1);
    }
    return unlock(m, 0);
}

static int mem_count(struct jobs *j, const struct jobs_which *which,
                     struct jobs_numbers *ret, struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = 0; i < m->jobs->len; i++)
        if (is_meant(m->jobs->pdata[i], which))
            ret->by_state[((const struct job *)m->jobs->pdata[i])->state]++;
    return unlock(m, 0);
}

static int mem_drain(struct jobs *j, const char *worker, bool draining,
                     struct err *err)
{
    struct mem_jobs *m = lock(j);

    for (guint i = 0; i < m->workers->len; i++) {
        struct jobs_worker *w = m->workers->pdata[i];

        if (!g_str_equal(w->name, worker))
            continue;
        w->draining = draining;
        return unlock(m, 0);
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "there is no worker \"%s\"",
            worker);
    err->name = "not-found";
    return unlock(m, -1);
}

static int mem_workers(struct jobs *j, GPtrArray *found, struct err *err)
{
    struct mem_jobs *m = lock(j);

    (void)err;
    for (guint i = 0; i < m->workers->len; i++) {
        struct jobs_worker *w =
            g_memdup2(m->workers->pdata[i], sizeof(struct jobs_worker));

        w->name = g_strdup(w->name);
        g_ptr_array_add(found, w);
    }
    return unlock(m, 0);
}

static bool is_waiting(const struct job *job, int64_t now_us)
{
    if (job->state == JOB_RUNNING)
        return job->halt == JOB_HALT_NONE && job->expires_us <= now_us;
    return job->state == JOB_QUEUED && job->not_before_us <= now_us;
}

static int mem_waiting(struct jobs *j, int64_t now_us, uint64_t *ret,
                       struct err *err)
{
    struct mem_jobs *m = lock(j);
    g_autoptr(GHashTable) mailboxes =
        g_hash_table_new(g_int64_hash, g_int64_equal);

    (void)err;
    for (guint i = 0; i < m->jobs->len; i++) {
        struct job *job = m->jobs->pdata[i];

        if (is_waiting(job, now_us) &&
            jobs_hours_may(find_limit(m, job->migration_id, NULL)->hours,
                           find_limit(m, 0, job->host)->hours, now_us))
            g_hash_table_add(mailboxes, &job->mailbox_id);
    }
    *ret = g_hash_table_size(mailboxes);
    return unlock(m, 0);
}

static void mem_free(struct jobs *j)
{
    struct mem_jobs *m = (struct mem_jobs *)j;

    for (guint i = 0; i < m->workers->len; i++) {
        g_free(((struct jobs_worker *)m->workers->pdata[i])->name);
        g_free(m->workers->pdata[i]);
    }
    g_ptr_array_unref(m->workers);
    g_ptr_array_unref(m->jobs);
    g_ptr_array_unref(m->limits);
    pthread_mutex_destroy(&m->lock);
    jobs_release(j);
    g_free(m);
}

struct jobs *jobs_open_mem(void)
{
    static const struct jobs_ops ops = {
        .add = mem_add,
        .list = mem_list,
        .last = mem_last,
        .verb = mem_verb,
        .limit_migration = mem_limit_migration,
        .limit_host = mem_limit_host,
        .hosts = mem_hosts,
        .claim = mem_claim,
        .renew = mem_renew,
        .end = mem_end,
        .beat = mem_beat,
        .leave = mem_leave,
        .count = mem_count,
        .drain = mem_drain,
        .workers = mem_workers,
        .waiting = mem_waiting,
        .free = mem_free,
    };
    struct mem_jobs *m = g_new0(struct mem_jobs, 1);

    jobs_init(&m->base, &ops);
    pthread_mutex_init(&m->lock, NULL);
    m->jobs = g_ptr_array_new_with_free_func((GDestroyNotify)job_free);
    m->limits = g_ptr_array_new_with_free_func(limit_free);
    m->workers = g_ptr_array_new();
    return &m->base;
}
