/*
 * batch - how much goes into one request.
 *
 * Bounded by count and bytes; the bounds follow the time that requests take,
 * since Exchange gives a batch one minute.  While an account of a server's time
 * holds us up they ask for a second of it: how much it gives is found out by
 * its answers, so there must be many.  What would fill a batch goes alone, and
 * an item that has failed before goes in ever smaller company, so that the one
 * at fault is found.  Pure; the caller locks.
 */
#ifndef ENGINE_BATCH_H
#define ENGINE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define BATCH_ITEMS_MAX 100 /* an array of them stays small in any log */
#define BATCH_BYTES_MAX (UINT64_C(24) << 20) /* times lanes is memory */

/* An item that has failed so often goes alone. */
#define BATCH_ALONE_TRIES 3

struct batch {
    size_t items;   /* at most, now */
    uint64_t bytes; /* decoded payload, at most, now */
    size_t items_max;
    uint64_t bytes_max;
    uint64_t request_max_bytes; /* of a request's body; 0: not known */
};

/* items 0: 10; bytes 0: 8 MB; request_max_bytes 0: not known. */
void batch_init(struct batch *b, size_t items, uint64_t bytes,
                uint64_t request_max_bytes);

struct batch_item {
    uint64_t bytes;     /* decoded payload, known or estimated */
    unsigned int tries; /* that have failed */
};
/* How many of the n (at least 1) to take: at least 1. */
size_t batch_take(const struct batch *b, const struct batch_item *items,
                  size_t n);

/* What became of a request of n items that were taken together. */
struct batch_trip {
    size_t n;
    uint64_t bytes;
    int64_t took_us;
    bool lost;  /* no answer that counts */
    bool paced; /* an account of either side's time holds us up */
};
void batch_learn(struct batch *b, const struct batch_trip *trip);

/* Bytes of the request that carries a payload of that many, decoded. */
uint64_t batch_request_bytes(uint64_t payload_bytes);
/* The largest payload that fits into a request of that many; 0 when 0. */
uint64_t batch_payload_max(uint64_t request_max_bytes);
/* Can an item of that size be sent at all? */
bool batch_fits(const struct batch *b, uint64_t payload_bytes);
/* It cannot: ERR_ITEM, never, "item-too-large".  Always -1. */
int batch_refuse(const struct batch *b, uint64_t payload_bytes,
                 struct err *err);

#endif
