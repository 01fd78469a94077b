/*
 * worker_priv - what the files of the worker share.
 */
#ifndef FLEET_WORKER_PRIV_H
#define FLEET_WORKER_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/thread.h"
#include "fleet/sampler.h"
#include "fleet/worker.h"

/* A running job, in a thread of its own. */
struct worker_slot {
    struct worker *w;
    struct thread thread;
    struct job *job; /* owned; the number of its lease does not change */
    pthread_mutex_t progress_lock;
    struct worker_progress progress; /* under it, and told under it */
    atomic_int_fast64_t moved_us;    /* when the pass got on last */
    /* under the worker's lock: */
    struct cancel *cancel; /* of the pass under way, owned; NULL: none */
    enum cancel_level wanted;
    enum job_halt halt;
    int64_t version; /* of the options that the pass has, or shall have */
    bool again;      /* they have changed: the pass begins again */
    bool lost;       /* the lease */
    bool ended;      /* the job needs no renewal any more */
    bool over;       /* the thread can be joined */
    bool held;       /* its renewal is under way: it stays */
};

struct worker {
    struct worker_config c;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct meter *meter;
    struct sampler *sampler;
    GPtrArray *slots; /* of struct worker_slot *, under lock */
    bool stopping;    /* the renewing thread is to end; under lock */
    bool draining;    /* an operator said so; under lock */
    atomic_int_fast64_t ahead_us; /* the database's clock, of the monotonic */
    uint64_t late_writes;         /* told by now; of the renewing thread */
    bool loads_told;              /* likewise: there are some on record */
    atomic_uint_fast64_t ended, leases_lost, items, bytes;
};

/*
 * What time it is for all workers of the database; this machine may be wrong.
 */
int64_t worker_clock(struct worker *w);

/* The thread of a slot. */
void *worker_job_run(void *slot);

/* Another worker has its job; under the lock. */
void worker_slot_lost(struct worker_slot *s);

#endif
