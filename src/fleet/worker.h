/*
 * worker - a process's part of the fleet: it claims jobs (store/jobs.h) while
 * it has room, runs each as one mailbox's pass, and gives them back in order.
 *
 * Any number of workers, on as many machines, share a PostgreSQL database; an
 * embedded one has the worker of the process that has it open.  What belongs
 * to whom is the lease's number alone: it is bound into all that the pass
 * writes, and a worker that was away for longer than its lease is refused by
 * the store, and counts that.
 *
 * One thread claims, one renews, and each running mailbox has its own.
 */
#ifndef FLEET_WORKER_H
#define FLEET_WORKER_H

#include "base/log.h"
#include "fleet/options.h"
#include "fleet/run.h"
#include "store/migrations.h"

struct worker;
typedef struct worker worker;

/* What a pass is about; lives as long as what was opened for it. */
struct worker_task {
    const struct migration *migration;
    const struct migration_mailbox *mailbox;
    const struct fleet_options *options;
    struct store *store; /* of the migration */
    struct cancel *cancel;
};

/*
 * How servers are reached, which this room does not know.  open() finds both
 * of a task and takes its credentials; the others are as in fleet/run.h, with
 * what open() made for data.  Any thread.
 */
struct worker_doors {
    int (*open)(void *data, const struct worker_task *task, void **ret,
                struct err *err);
    fleet_opener *mailbox;
    fleet_another *another;
    void (*close)(void *opened);
    /*
     * What is said of source hosts now, as struct migration.host names them:
     * array of struct jobs_host *, borrowed.  From one thread, before the
     * first open() and now and then; or NULL.
     */
    void (*hosts)(void *data, const GPtrArray *hosts);
    /*
     * Adds a struct migration_load *, for who calls to free, for each host
     * that was asked anything; times are monotonic.  From one thread; or NULL.
     */
    void (*loads)(void *data, GPtrArray *to);
    void *data; /* of open(), hosts() and loads() */
};

/* Since the worker has taken the job. */
struct worker_progress {
    uint64_t items, bytes; /* copied */
};

/* What happens to jobs, for those who watch.  From any thread; each or NULL. */
struct worker_listener {
    void *data;
    /* It is RUNNING, or has ended as that, which is recorded. */
    void (*job)(void *data, const struct job *job, enum job_state state);
    /*
     * What is to be told other processes in the moment in which that end is
     * recorded: struct jobs_end.news.  The worker frees it.
     */
    char *(*news)(void *data, const struct job *job, enum job_state state);
    void (*state)(void *data, const struct job *job, enum mailbox_state state);
    /* Of one job one after the other, and never less than before. */
    void (*progress)(void *data, const struct job *job,
                     const struct worker_progress *progress);
};

/* All borrowed, and outlive the worker. */
struct worker_config {
    const char *name; /* no other worker's: "host:pid" */
    unsigned int at_once;
    int64_t lease_us; /* 0: JOBS_LEASE_US */
    bool embedded;    /* no other process writes this database */
    bool stays;       /* drained, it waits until it is let go on */
    struct database *database;
    struct jobs *jobs;
    struct migrations *migrations;
    struct blob_pool *pool;
    struct log *log;
    struct cancel *cancel; /* DRAIN: batches end; NOW: as safe as a crash */
    const struct worker_doors *doors;
    const struct worker_listener *listener;
};

struct worker *worker_new(const struct worker_config *config);
void worker_free(struct worker *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(worker, worker_free)

/*
 * Work until it is cancelled, or, unless it stays, an operator drains it
 * (jobs_drain()) and its last mailbox has ended.  -1 when its threads cannot be
 * started.
 */
int worker_run(struct worker *w, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Any thread. */
void worker_tally(struct worker *w, struct jobs_tally *ret);

/* "host:pid:12ab", another with each start of a process.  The caller frees. */
char *worker_name(void);

#endif
