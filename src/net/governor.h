/*
 * governor - what keeps us under an endpoint's throttle.
 *
 * Every request to a server passes through governor_enter() with the budget
 * that the server will charge it to.  The governor holds the number of
 * requests in flight a budget under a ceiling that it adapts, keeps a cap per
 * host, parks everything to a budget until its back-off is over, and begins
 * nothing with a host in its quiet hours.  Mailboxes that share a budget, or a
 * host's cap, take turns.  One governor serves the process; any thread.
 */
#ifndef NET_GOVERNOR_H
#define NET_GOVERNOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/hours.h"
#include "net/governor_tally.h"
#include "net/turns.h"

struct governor;
typedef struct governor governor;

struct governor_config {
    unsigned int ceiling;      /* in flight a budget, at most; 0: 64 */
    unsigned int start;        /* in flight a budget, at first; 0: 4 */
    unsigned int host_cap;     /* in flight a host; 0: 64 */
    uint32_t backoff_floor_ms; /* least wait after a busy answer; 0: 500 */
    uint32_t backoff_max_ms;   /* 0: 5 min; a server's own word may be longer */
};

struct governor *governor_new(const struct governor_config *config);
void governor_free(struct governor *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(governor, governor_free)

/*
 * While quiet holds no request to that host begins; what is in flight ends.
 * Borrowed, and outlives the governor.
 */
void governor_set_quiet(struct governor *g, const char *host,
                        const struct hours *quiet);

/*
 * A budget of that host that is not known yet begins with so many in flight;
 * 0: as the governor was told.
 */
void governor_set_start(struct governor *g, const char *host,
                        unsigned int start);

/* How an admitted request ended. */
enum governor_outcome {
    GOVERNOR_OK,
    GOVERNOR_BUSY, /* the server asked for fewer */
    GOVERNOR_LOST, /* no answer: says nothing about the budget */
};

struct governor_report {
    enum governor_outcome outcome;
    uint32_t wait_ms; /* the server's BackOffMilliseconds; 0: none given */
    bool too_many;    /* BUSY, and only until another request has ended */
    int64_t latency_us;
    uint64_t bytes; /* moved by this request, both ways */
    uint64_t items; /* that it was about; 0: none */
};

/* A place in flight.  Caller's storage; opaque. */
struct governor_ticket {
    struct governor *governor;
    void *budget;
    struct governor_tally *tally;
    int64_t waited_us;   /* for it, whatever the cause */
    int64_t entered_us;  /* monotonic */
    unsigned int beside; /* in flight when it was given */
    struct turn turn;    /* of its mailbox, that it was given in */
};

/*
 * Who asks for a place; all borrowed.  What waits at one time by one tally is
 * of one budget.
 */
struct governor_request {
    const char *host;
    const char *budget;  /* what the server charges: the target mailbox under
                            impersonation, the account under full access */
    const char *mailbox; /* whose turn it is; "": nobody's in particular */
    struct governor_tally *tally; /* where it is counted apart; or NULL */
    struct cancel *cancel;        /* or NULL */
    enum cancel_level until;
};

/* Wait for a place.  -1 only when cancel reaches `until` meanwhile. */
int governor_enter(struct governor *g, const struct governor_request *request,
                   struct governor_ticket *ret, struct err *err);

/* Give the place back.  Exactly once a ticket. */
void governor_leave(struct governor_ticket *ticket,
                    const struct governor_report *report);

/* For progress and metrics: sums over a host's budgets. */
struct governor_stats {
    unsigned int in_flight, in_flight_max;
    unsigned int waiting; /* for a place or the end of a back-off, now */
    uint64_t requests, busy;
    int64_t working_us;      /* sum over requests: from enter to leave */
    int64_t throttled_us;    /* sum over requests, up to now */
    int64_t parked_until_us; /* monotonic; 0: not parked */
    int64_t quiet_us;        /* so far, of quiet hours; not a sum */
    int64_t quiet_until_us;  /* wall clock; 0: it is not quiet */
};
void governor_stats(struct governor *g, const char *host,
                    struct governor_stats *ret);

/*
 * How long the requests of one tally were held up at that host: with what goes
 * on just now, as in governor_stats().
 */
struct governor_held {
    int64_t throttled_us; /* by back-offs, sum over requests */
    int64_t waited_us;    /* for a place, the same */
    int64_t quiet_us;     /* as of the host */
    bool paced;           /* a pace is what bounds their budget, of late */
};
void governor_held(struct governor *g, const char *host,
                   struct governor_tally *tally, struct governor_held *ret);
/* None of its requests waits, and none is to come. */
void governor_tally_end(struct governor *g, struct governor_tally *tally);

/*
 * How many requests to that host there might be in flight at most, as learnt
 * by now: of the budgets in use.  It looks at all budgets: now and then.
 */
unsigned int governor_places(struct governor *g, const char *host);

#endif
