/*
 * What the governor is made of, for its own files: governor.c gives places,
 * governor_stats.c says how it goes.  All under the governor's lock.
 */
#ifndef NET_GOVERNOR_PRIV_H
#define NET_GOVERNOR_PRIV_H

#include <pthread.h>

#include "net/governor.h"
#include "net/governor_budget.h"
#include "net/governor_quiet.h"

struct governor {
    struct governor_config config;
    pthread_mutex_t lock; /* guards all below */
    GHashTable *hosts;    /* name -> struct host */
    GHashTable *budgets;  /* "host\nbudget" -> struct budget */
};

struct host {
    struct turns turns; /* of struct waiter, on their stacks */
    GQueue tallies;     /* of struct governor_tally, wherever they are */
    unsigned int in_flight;
    unsigned int start; /* of new budgets; 0: the governor's */
    struct governor_quiet quiet;
    struct governor_stats stats; /* without what is asked for each time */
};

/* What a server charges requests to. */
struct budget {
    struct governor_budget bounds;
    struct host *host;
    unsigned int waiting;
    struct governor_tally others; /* of requests that name no tally */
};

void governor_look_at_the_clock(struct host *h, int64_t now_us);

/* A request to that budget waits for its place, and does so no longer. */
void governor_wait_begins(struct governor_tally *t, struct budget *b,
                          int64_t now_us);
void governor_wait_ends(struct governor_tally *t, int64_t now_us);

/* A request to that budget has ended: before that is learnt from, */
void governor_wait_count(struct governor_tally *t, const struct budget *b,
                         int64_t now_us);
/* and after, where it was refused: a back-off holds it up until it is back. */
void governor_wait_refused(struct governor_tally *t, const struct budget *b,
                           int64_t now_us);

#endif
