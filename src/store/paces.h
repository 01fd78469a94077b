/*
 * paces - how fast mailboxes went between two hosts, what is in those that
 * are to go, and when they were said to be done: what forecasts are made of,
 * and what becomes of them.
 */
#ifndef STORE_PACES_H
#define STORE_PACES_H

#include "store/store.h"

/* The most that is kept of a pair of hosts: two busy days. */
#define PACES_MAX 2048

/* "host:port" or "autodiscover:domain", as struct job.host; borrowed. */
struct pace_hosts {
    const char *source, *destination;
};

/*
 * What one mailbox took over some time.  The time in which it copied is cut
 * into stretches; what a pass takes beside that (signing in, looking at
 * folders, the sweep, verifying) is one of its own, a rest.
 */
struct pace {
    int64_t mailbox;      /* the same number: the same mailbox */
    int64_t begun_us;     /* wall clock */
    int64_t took_us;      /* without the source's quiet hours */
    int64_t throttled_us; /* of it: what back-offs held up */
    /* copied meanwhile; of a rest: by the pass that it belongs to */
    uint64_t items, bytes;
    uint64_t requests;   /* to both sides, meanwhile */
    unsigned int beside; /* mailboxes at once between the two, it included */
    bool rest;
};
/*
 * Beyond PACES_MAX the oldest of those hosts go.  They outlive the migration
 * that they are of.  In a service's database no fewer are beside than jobs of
 * that source are running, at whichever worker.
 */
int store_paces_add(struct store *s, const struct pace_hosts *between,
                    const struct pace *paces, size_t n,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* GArray of struct pace, of any migration, in the order of their coming. */
int store_paces(struct store *s, const struct pace_hosts *between, GArray **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What the source's folders held when they were last looked at, but for what
 * is left out.
 */
struct store_amount {
    int64_t mailbox_id;
    uint64_t items, bytes;
};
int store_amount_set(struct store *s, const struct store_lease *lease,
                     uint64_t items, uint64_t bytes,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* GArray of struct store_amount, by mailbox: those that were looked at. */
int store_amounts(struct store *s, GArray **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Of how much had been copied by then, in tenths; and the one that holds. */
#define FORECAST_TENTHS 10
#define FORECAST_LATEST FORECAST_TENTHS

/* When something was said to be done.  Times are wall clock. */
struct store_forecast {
    int64_t mailbox_id; /* 0: the migration as a whole */
    unsigned int tenth; /* or FORECAST_LATEST */
    int64_t at_us;      /* when it was said */
    int64_t p50_us, p90_us;
    int64_t ended_us; /* when it was done; 0: not yet */
    char *basis;      /* what it rests on; borrowed in arguments */
};
void store_forecast_free(struct store_forecast *f);
/*
 * The first one of a tenth stays until what it is about has ended; of
 * FORECAST_LATEST the last one.  Reads the fields up to p90_us, and basis.
 */
int store_forecasts_give(struct store *s, const struct store_forecast *given,
                         size_t n, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * It is done: what was given of it is kept, and others may be given.
 * ended_us 0: it was stopped, and nobody will know: what is open goes.
 * mailbox_id 0: the migration, and with it what is open of its mailboxes goes.
 */
int store_forecasts_end(struct store *s, int64_t mailbox_id, int64_t ended_us,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Array of struct store_forecast *, by mailbox and tenth, older ones first.
 * open: only what has not ended.
 */
int store_forecasts(struct store *s, bool open, GPtrArray **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
