/*
 * paces - how fast mailboxes went between two hosts: what forecasts of the
 * next ones are made of.
 */
#ifndef STORE_PACES_H
#define STORE_PACES_H

#include <stdbool.h>
#include <stdint.h>

/* The most that is kept of a pair of hosts: two busy days. */
#define PACES_MAX 2048

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

#endif
