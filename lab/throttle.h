/*
 * throttle - how a busy server defends itself, and how far away it is.
 *
 * Each budget (an account, or a mailbox that is impersonated) has a number of
 * requests at a time and an account of server time: a burst that is spent by
 * requests and grows back.  In debt, requests are delayed without a word;
 * past the cut-off they are refused with the time to wait.  The items of a
 * batch are charged one by one, and delayed likewise.  Beside it the link: a
 * round trip, and a bandwidth that all connections share.
 *
 * Any thread.
 */
#ifndef LAB_THROTTLE_H
#define LAB_THROTTLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "lab/problem.h"

struct throttle_options {
    unsigned int concurrency; /* of one budget; 0: any number */
    unsigned int sync_calls;  /* of those, Sync*; 0: any number */
    int64_t burst_us;         /* server time ahead; 0: no account is kept */
    int64_t recharge_us;      /* grown back each second */
    int64_t cutoff_us;        /* debt past which requests are refused */
    int64_t delay_us;         /* of each request and item while in debt */
    unsigned int find_count;  /* most that a Find* lists; 0: no limit */
    int64_t batch_us;         /* after which a batch is stopped; 0: never */
    unsigned int batch_cut;   /* not 0: its connection is cut instead */
    int64_t round_trip_us;
    int64_t jitter_us;         /* more than that, at most */
    uint64_t bytes_per_second; /* each way; 0: no limit */
};

/* Clock and sleep, so that a test needs neither. */
struct throttle_clock {
    int64_t (*now)(void *data); /* monotonic, microseconds */
    void (*sleep)(void *data, int64_t us);
    void *data;
};

struct throttle;
typedef struct throttle throttle;

struct throttle *throttle_new(const struct throttle_options *options,
                              const struct throttle_clock *clock);
void throttle_free(struct throttle *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(throttle, throttle_free)

/* Change them while it runs; what is under way is counted by the old ones. */
void throttle_set(struct throttle *t, const struct throttle_options *options);
void throttle_get(struct throttle *t, struct throttle_options *ret);

/* One admitted request. */
struct throttle_ticket {
    char *budget;
    bool sync;
    int64_t since_us;   /* charged until then */
    int64_t started_us; /* when it was let in */
    /* since throttle_times() */
    int64_t charged_us, delayed_us;
};

/*
 * Ask to be served; delays what the budget says.  -1 and a fault when it is
 * refused; else throttle_leave() must follow.
 */
int throttle_enter(struct throttle *t, const char *budget, bool sync,
                   struct throttle_ticket *ret, struct problem *p);
void throttle_leave(struct throttle *t, struct throttle_ticket *ticket);

/* What it was charged and delayed since it was last asked. */
struct throttle_times {
    int64_t charged_us, delayed_us;
};
struct throttle_times throttle_times(struct throttle_ticket *ticket);

/*
 * Between two items of a batch: charge the time so far, and delay the next
 * one while in debt.
 */
void throttle_item(struct throttle *t, struct throttle_ticket *ticket);
/* Whether the batch has had its time. */
bool throttle_batch_over(struct throttle *t,
                         const struct throttle_ticket *ticket);

/* Take the time that bytes need on the link, one way. */
void throttle_upstream(struct throttle *t, size_t bytes);
void throttle_downstream(struct throttle *t, size_t bytes);
/* Take a round trip. */
void throttle_round_trip(struct throttle *t);

#endif
