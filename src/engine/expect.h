/*
 * expect - how long copying will take, as far as that can be said.
 *
 * Two ways of reckoning, by items and by bytes, differ as far as the mailboxes
 * measured differ from the one at hand; the time is said to lie between the
 * two.  Where nothing has been measured between these servers yet, two default
 * rates bound it, and the answer says that it is founded on nothing else.
 * Pure.
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

struct expectation {
    bool measured; /* else by the default rates */
    int64_t least_us, most_us;
};
struct expectation expect(const struct expect_measured *measured,
                          uint64_t items, uint64_t bytes);

/*
 * Of n mailboxes, at_once at a time: no sooner than the longest one.
 * Measured only where all are.
 */
struct expectation expect_all(const struct expectation *each, size_t n,
                              unsigned int at_once);

/*
 * "under a minute", "about 5 minutes", "3 to 9 hours": never finer than it is
 * known.  The caller frees.
 */
char *expect_text(const struct expectation *e);

#endif
