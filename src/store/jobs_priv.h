/*
 * jobs_priv - what the implementations of jobs share.
 */
#ifndef STORE_JOBS_PRIV_H
#define STORE_JOBS_PRIV_H

#include <pthread.h>

#include "store/db.h"
#include "store/jobs.h"
#include "store/store_priv.h"

/* Queued jobs that are alike to the rules of claiming. */
struct jobs_group {
    int64_t migration_id;
    char *host; /* owned by who made it */
    int priority;
    /* of the migration; most 0: any number */
    unsigned int running, most;
    char *only; /* owned by who made it, as quiet; NULL: always */
    int64_t last_turn;
    /* of the host */
    unsigned int host_running, host_most;
    char *quiet; /* NULL: never */
};
/* May one of them be claimed now? */
bool jobs_group_may(const struct jobs_group *g, int64_t now_us);
/* The same by the hours alone, of a migration and of a host; or NULL. */
bool jobs_hours_may(const char *only, const char *quiet, int64_t now_us);
/* Which comes first: for qsort() over struct jobs_group. */
int jobs_group_order(const void *a, const void *b);

/* The state after a verb; false: it does not apply. */
bool jobs_apply(enum jobs_verb verb, enum job_state *state,
                enum job_halt *halt);
/* Only by a worker that has nothing else under way? */
bool jobs_is_alone(unsigned int losses);
/* The state of a job that its worker is through with. */
enum job_state jobs_state_after(enum job_state given, enum job_halt halt);

/* NULL is in order; -1 "bad-hours". */
int jobs_check_hours(const char *text,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

int jobs_refuse_lease(struct err *err, const struct job *job);

struct jobs_ops {
    int (*add)(struct jobs *j, const struct job *job, int64_t *ret_id,
               struct err *err);
    int (*list)(struct jobs *j, const struct jobs_which *which,
                GPtrArray *found, struct err *err);
    int (*last)(struct jobs *j, int64_t mailbox_id, const char *kind,
                struct job **ret, struct err *err);
    int (*verb)(struct jobs *j, enum jobs_verb verb,
                const struct jobs_which *which, size_t *ret_n, struct err *err);
    int (*limit_migration)(struct jobs *j, int64_t migration_id,
                           unsigned int most, const char *only,
                           struct err *err);
    int (*limit_host)(struct jobs *j, const char *host, unsigned int most,
                      const char *quiet, struct err *err);
    int (*hosts)(struct jobs *j, GPtrArray *found, struct err *err);
    int (*claim)(struct jobs *j, const char *worker, int64_t now_us,
                 struct job **ret, struct err *err);
    int (*renew)(struct jobs *j, const struct job *job, int64_t now_us,
                 struct jobs_renewed *ret, struct err *err);
    int (*end)(struct jobs *j, const struct job *job,
               const struct jobs_end *end, struct err *err);
    int (*beat)(struct jobs *j, const char *worker, int64_t now_us,
                const struct jobs_tally *tally, bool *ret_draining,
                struct err *err);
    int (*leave)(struct jobs *j, const char *worker, int64_t seen_before_us,
                 struct err *err);
    int (*count)(struct jobs *j, const struct jobs_which *which,
                 struct jobs_numbers *ret, struct err *err);
    int (*drain)(struct jobs *j, const char *worker, bool draining,
                 struct err *err);
    int (*workers)(struct jobs *j, GPtrArray *found, struct err *err);
    /* See jobs_unattended(); whether anybody works or not. */
    int (*waiting)(struct jobs *j, int64_t now_us, uint64_t *ret,
                   struct err *err);
    void (*free)(struct jobs *j);
};

struct jobs {
    const struct jobs_ops *ops;
    int64_t lease_us;
    pthread_mutex_t lock; /* over news */
    pthread_cond_t changed;
    uint64_t news;
};
void jobs_init(struct jobs *j, const struct jobs_ops *ops);
void jobs_release(struct jobs *j);

/*
 * For who does more in the same transaction (sql_jobs.c): the first as the
 * last before its end, so that workers elsewhere hear of it.
 */
int sq_jobs_tell(struct sq_conn *c, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int sq_jobs_apply(struct sq_conn *c, enum jobs_verb verb,
                  const struct jobs_which *which, size_t *ret_n,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int sq_jobs_set_priority(struct sq_conn *c, const struct jobs_which *which,
                         int priority,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int sq_jobs_limit_migration(struct sq_conn *c, int64_t migration_id,
                            unsigned int most, const char *only,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int sq_jobs_limit_host(struct sq_conn *c, const char *host, unsigned int most,
                       const char *quiet,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
