/*
 * expect - how long copying will take, as far as that can be said.
 *
 * Where something was copied between the two servers: two ways of reckoning, by
 * items and by bytes, differ as far as the mailboxes measured differ from the
 * one at hand; the time is said to lie between the two.
 *
 * Else by the round trips of the check itself.  At best all lanes are busy, a
 * request takes no longer than one of the check, and the line is a good one.
 * At worst each item takes as long as a request, half of the lanes are of use,
 * the line is slow, and the throttling policy of a new installation begins to
 * bite when its burst is spent; from then on the slow one of two default rates
 * holds.  Where no round trip was measured the default rates alone bound it.
 * The answer says what it is founded on.  Pure.
 */
#ifndef ENGINE_EXPECT_H
#define ENGINE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * The defaults, of one mailbox.  The slow one is what third parties name for
 * EWS under the throttling policies of a new installation, the fast one the
 * 150 MB in five minutes that Exchange Online lets an import bring into a
 * mailbox.  Neither was measured here.
 */
#define EXPECT_SLOW_BYTES_HOUR UINT64_C(300000000)
#define EXPECT_SLOW_ITEMS_HOUR 10000u
#define EXPECT_FAST_BYTES_HOUR UINT64_C(1800000000)
#define EXPECT_FAST_ITEMS_HOUR 60000u

/* Fewer items than that say nothing about the next thousands. */
#define EXPECT_ITEMS_MIN 50u

/* What earlier passes between the two servers took. */
struct expect_measured {
    unsigned int passes;
    uint64_t items, bytes;
    int64_t took_us; /* sum over the passes, of one mailbox each */
};
/* A pass that copied; others add nothing. */
void expect_add(struct expect_measured *to, const struct store_pass *pass);

/* What is left to do.  folders: those that hold some of it. */
struct expect_work {
    uint64_t items, bytes, folders;
};

/* What a request took, on the average; 0: not measured. */
struct expect_round_trip {
    int64_t source_us, destination_us;
};

/*
 * Requests to each side, for a folder and for its items: a first run of 500
 * items in 19 folders took 109 and 88, of 2,000 items 130 and 108.
 */
#define EXPECT_FOLDER_REQUESTS_MIN 4u
#define EXPECT_FOLDER_REQUESTS_MAX 6u
#define EXPECT_BATCH_MAX           50u
/* A mailbox's requests at a time. */
#define EXPECT_LANES_MIN 4u
#define EXPECT_LANES_MAX 8u
/* Bytes a second over a line of 10 Mbit/s and over one of 100. */
#define EXPECT_SLOW_LINE UINT64_C(1250000)
#define EXPECT_FAST_LINE UINT64_C(12500000)
/* Set-ThrottlingPolicy: EwsMaxBurst is 300,000 ms as installed. */
#define EXPECT_BURST_US (INT64_C(300) * 1000000)

enum expect_by {
    EXPECT_BY_DEFAULT,
    EXPECT_BY_ROUND_TRIPS,
    EXPECT_BY_COPYING,
};
/* "default", "round trips", "measured": for programs; static. */
const char *expect_by_name(enum expect_by by);

struct expectation {
    enum expect_by by;
    int64_t least_us, most_us;
};
struct expectation expect(const struct expect_measured *measured,
                          const struct expect_round_trip *round_trip,
                          const struct expect_work *work);

/*
 * Of n mailboxes, at_once at a time: no sooner than the longest one.
 * Founded on what the worst founded of them is.
 */
struct expectation expect_all(const struct expectation *each, size_t n,
                              unsigned int at_once);

/*
 * "under a minute", "about 5 minutes", "3 to 9 hours": never finer than it is
 * known.  The caller frees.
 */
char *expect_text(const struct expectation *e);

#endif
