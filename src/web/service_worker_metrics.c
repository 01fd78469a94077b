/*
 * What Prometheus is told of jobs and workers: as the database has it, so that
 * one service speaks for all machines.
 */
#include "web/service.h"

#define TALLY(X)                                                               \
    X(running, GAUGE, "mailferry_worker_mailboxes",                            \
      "Mailboxes that the worker moves now.")                                  \
    X(at_once, GAUGE, "mailferry_worker_mailboxes_max",                        \
      "Mailboxes that the worker moves at most.")                              \
    X(ended, COUNTER, "mailferry_worker_jobs_ended_total",                     \
      "Jobs that the worker was through with.")                                \
    X(leases_lost, COUNTER, "mailferry_worker_leases_lost_total",              \
      "Jobs that another worker took over from it.")                           \
    X(late_writes, COUNTER, "mailferry_worker_late_writes_refused_total",      \
      "Writes under a lost lease that the store refused.")                     \
    X(items, COUNTER, "mailferry_worker_items_copied_total",                   \
      "Items that the worker copied.")                                         \
    X(bytes, COUNTER, "mailferry_worker_bytes_copied_total",                   \
      "Bytes of those items.")

struct fleet_metrics {
    struct metrics_family *jobs;
#define X(field, ...) struct metrics_family *field;
    TALLY(X)
#undef X
};

struct fleet_metrics *fleet_metrics_new(struct metrics *m)
{
    struct fleet_metrics *f = g_new(struct fleet_metrics, 1);

    f->jobs = metrics_add(m, METRICS_GAUGE, "mailferry_jobs",
                          "Jobs in the database, by their state.");
#define X(field, kind, name, help)                                             \
    f->field = metrics_add(m, METRICS_##kind, name, help);
    TALLY(X)
#undef X
    return f;
}

void fleet_metrics_free(struct fleet_metrics *f)
{
    g_free(f);
}

static void set_worker(struct fleet_metrics *f, const struct jobs_worker *w)
{
    /* of ours, but the name has that of a machine in it */
    g_autofree char *name = g_strdelimit(g_strdup(w->name), "\"\\\n", '_');
    g_autofree char *label = g_strdup_printf("worker=\"%s\"", name);

#define X(field, kind, metric, help)                                           \
    metrics_set(f->field, label, (int64_t)w->tally.field);
    TALLY(X)
#undef X
}

void fleet_metrics_read(struct fleet_metrics *f, struct jobs *j,
                        struct log *log)
{
    const struct jobs_which all = { 0 };
    g_autoptr(GPtrArray) workers = NULL;
    struct jobs_numbers n;
    struct err err;

    if (jobs_count(j, &all, &n, &err) < 0 ||
        jobs_workers(j, &workers, &err) < 0) {
        log_err(log, LOG_WARNING, "metrics", &err);
        return;
    }
    for (int i = 0; i < JOB_N_STATES; i++) {
        g_autofree char *label =
            g_strdup_printf("state=\"%s\"", job_state_name((enum job_state)i));

        metrics_set(f->jobs, label, (int64_t)n.by_state[i]);
    }
    for (guint i = 0; i < workers->len; i++)
        set_worker(f, workers->pdata[i]);
}
