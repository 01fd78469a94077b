/*
 * jobs - what is to be done, and who does it.
 *
 * A job is a pass over a mailbox.  Workers, on as many machines as wanted,
 * claim one after the other:
 *
 *   QUEUED --claim--> RUNNING --end--> DONE, FAILED
 *     ^ ^                | |
 *     | |                | +--given back (drain), or its lease has expired
 *     | +----------------|--------------+
 *     |                  +--paused: told at its next renewal, then given back
 *     +--resume-- PAUSED <--pause-- QUEUED
 *     +--again--- DONE, FAILED, CANCELLED <--cancel-- QUEUED, PAUSED, RUNNING
 *
 * A claim gives out the mailbox's lease with a new number: what a worker
 * still writes to the store under an older number is refused there.  It is
 * for JOBS_LEASE_US unless jobs_set_lease() has said otherwise, and to be
 * renewed well before.  A worker that comes too late keeps the job unless a
 * claim has found it expired meanwhile.
 *
 * A job whose worker dies may be what kills it, and would go on to kill the
 * others.  How often in a row its lease was lost is counted (losses); from
 * JOBS_LOSSES_ALONE on it is claimed only by a worker that has nothing else
 * under way, which then claims nothing beside it, so that nobody is judged by
 * a neighbour's deaths; from JOBS_LOSSES_MAX on its worker is to end it as
 * FAILED without a try.
 *
 * A claim respects: at most so many running of a migration and of a source
 * host, the migration's window, the host's quiet hours, one job of a mailbox
 * at a time.  Of what is left the highest priority comes first; then the
 * migration with the fewest running; then the one that has waited longest for
 * a turn; then the oldest job.
 *
 * Nothing here looks at a clock: times are the caller's, who has them from
 * database_clock().
 *
 * Implementations: memory (mem_jobs.c) and a database (sql_jobs.c).  Any thread
 * may use a struct jobs; each operation is one transaction.  Refusals:
 * "lease-lost", "not-found".
 */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include "store/database.h"

#define JOBS_LEASE_US INT64_C(60000000)

/* A worker that was not seen for so long is taken for gone. */
#define JOBS_GONE_US INT64_C(120000000)

#define JOBS_LOSSES_ALONE 3
#define JOBS_LOSSES_MAX   5

struct jobs;
typedef struct jobs jobs;

struct jobs *jobs_open_mem(void);
/* Of the whole database; freed before it is closed. */
struct jobs *database_jobs(struct database *d);
void jobs_free(struct jobs *j);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(jobs, jobs_free)

/* How long what is claimed and renewed by j lasts; before threads start. */
void jobs_set_lease(struct jobs *j, int64_t lease_us);

enum job_state {
    JOB_QUEUED,
    JOB_RUNNING,
    JOB_PAUSED,
    JOB_DONE,
    JOB_FAILED,
    JOB_CANCELLED,
    JOB_N_STATES
};
/* "queued", "running", ...; static. */
const char *job_state_name(enum job_state state);

/* What an operator wants of a running job. */
enum job_halt {
    JOB_HALT_NONE,
    JOB_HALT_PAUSE,  /* it is to be given back, and to wait */
    JOB_HALT_CANCEL, /* it is to end */
    JOB_N_HALTS
};

/* Strings owned in results, borrowed in arguments. */
struct job {
    int64_t id;
    int64_t migration_id, mailbox_id;
    char *host;    /* the source's: what its limit counts by */
    char *kind;    /* of the pass: "full", "delta", ... */
    char *options; /* text of the caller's making; or NULL */
    int priority;  /* higher first */
    int64_t not_before_us;
    enum job_state state;
    enum job_halt halt; /* of RUNNING */
    int64_t version;    /* grows with each change of the options */
    char *worker;       /* of RUNNING: whose it is; else whose last; or NULL */
    int64_t lease;      /* number of the last one */
    int64_t expires_us;
    int64_t moved_us;      /* of RUNNING: when its pass got on last */
    unsigned int claims;   /* how often it was claimed since it was queued */
    unsigned int losses;   /* of its lease, since it last ended in order */
    char *reason, *remedy; /* of its last end, FAILED or given back; or NULL */
    /* Of that: its name in struct err, or NULL; and what it takes down. */
    char *cause;
    enum err_scope scope;
    enum err_side side;
    char *result; /* of DONE, by jobs_last() alone; or NULL */
};
void job_free(struct job *job);

/* Reads the fields up to not_before_us, but id. */
int jobs_add(struct jobs *j, const struct job *job, int64_t *ret_id,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Which jobs: those to which each that is not 0 applies. */
struct jobs_which {
    int64_t job_id, mailbox_id, migration_id;
};
/* Array of struct job *, by id. */
int jobs_list(struct jobs *j, const struct jobs_which *which, GPtrArray **ret,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The latest of that kind over a mailbox, with its result: 1 and *ret, which
 * the caller frees; 0: there is none; -1.
 */
int jobs_last(struct jobs *j, int64_t mailbox_id, const char *kind,
              struct job **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what an operator may do, at any time ----------------------------- */

enum jobs_verb {
    JOBS_PAUSE,  /* QUEUED: PAUSED; RUNNING: as soon as its worker hears */
    JOBS_RESUME, /* what was or is to be paused, but of mailboxes that wait for
                    credentials */
    JOBS_RETRY,  /* FAILED: QUEUED */
    JOBS_AGAIN,  /* DONE, FAILED, CANCELLED: QUEUED */
    JOBS_CANCEL, /* QUEUED, PAUSED: CANCELLED; RUNNING: as with pause */
    JOBS_N_VERBS
};
/* Others stay as they are.  *ret_n (may be NULL): how many it applied to. */
int jobs_do(struct jobs *j, enum jobs_verb verb, const struct jobs_which *which,
            size_t *ret_n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * At most so many running at once (0: any number), and only within those
 * hours (of a migration), or never within (of a host): texts of base/hours.h,
 * NULL for none.  -1 "bad-hours" where one is none.
 */
int jobs_limit_migration(struct jobs *j, int64_t migration_id,
                         unsigned int most, const char *only,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int jobs_limit_host(struct jobs *j, const char *host, unsigned int most,
                    const char *quiet,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What is said of a host; strings owned. */
struct jobs_host {
    char *name;
    unsigned int most; /* 0: any number */
    char *quiet;       /* NULL: never */
};
/* Array of struct jobs_host *, by name: those that are limited. */
int jobs_hosts(struct jobs *j, GPtrArray **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what a worker does ------------------------------------------------ */

/* 1: *ret is this worker's, caller frees; 0: there is nothing to do now. */
int jobs_claim(struct jobs *j, const char *worker, int64_t now_us,
               struct job **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct jobs_renewed {
    enum job_halt halt;
    int64_t version; /* another than before: read the options again */
};
/* Reads also moved_us, which never goes back. */
int jobs_renew(struct jobs *j, const struct job *job, int64_t now_us,
               struct jobs_renewed *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The worker is through with it: DONE, FAILED (with a reason), or QUEUED (given
 * back; not before that time), which becomes PAUSED or CANCELLED when that is
 * wanted of it.
 */
struct jobs_end {
    enum job_state state;
    const char *reason, *remedy; /* or NULL */
    int64_t not_before_us;
    const char *cause; /* or NULL */
    enum err_scope scope;
    enum err_side side;
    const char *result; /* of DONE: what it found, for programs; or NULL */
    const char *news;   /* of store/news.h, told as it is recorded; or NULL */
};
int jobs_end(struct jobs *j, const struct job *job, const struct jobs_end *end,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What a worker has done since it began, but for the first two. */
struct jobs_tally {
    uint64_t at_once, running; /* may run, and do */
    uint64_t ended, leases_lost;
    uint64_t late_writes; /* that the store refused */
    uint64_t items, bytes;
};
struct jobs_worker {
    char *name;
    int64_t begun_us, seen_us;
    bool draining; /* it is to claim nothing more */
    struct jobs_tally tally;
};
/* It lives; *ret_draining: whether it is drained.  Borrows tally. */
int jobs_beat(struct jobs *j, const char *worker, int64_t now_us,
              const struct jobs_tally *tally, bool *ret_draining,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* It has ended; also those that were last seen before that time. */
int jobs_leave(struct jobs *j, const char *worker, int64_t seen_before_us,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* How many there are in each state. */
struct jobs_numbers {
    uint64_t by_state[JOB_N_STATES];
};
int jobs_count(struct jobs *j, const struct jobs_which *which,
               struct jobs_numbers *ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Claims of a draining worker find nothing. */
int jobs_drain(struct jobs *j, const char *worker, bool draining,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Array of struct jobs_worker *, by name. */
int jobs_workers(struct jobs *j, GPtrArray **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Does it live, and take jobs? */
bool jobs_worker_takes(const struct jobs_worker *w, int64_t now_us);
/*
 * How many mailboxes have something queued that may be done at that time, by
 * the hours of their migration and host, while no worker lives that takes it;
 * 0 where one does.  What a worker that died has not given back is as queued.
 */
int jobs_unattended(struct jobs *j, int64_t now_us, uint64_t *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- waking ------------------------------------------------------------ */

/* Something was queued by another way than this object. */
void jobs_wake(struct jobs *j);

/*
 * Changes whenever there may be something to claim, here or on another
 * machine.  Look, claim until there is nothing, then wait for another one.
 */
uint64_t jobs_news(struct jobs *j);
/* true: there are news since; false: the time is over. */
bool jobs_wait(struct jobs *j, uint64_t seen, int64_t timeout_us);

#endif
