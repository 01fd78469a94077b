/*
 * order - whose turn it is: folders share the lanes by weight, and none
 * starves.
 *
 * Stride scheduling: each turn of a folder costs it a step, the smaller the
 * more a person waits for what is in it; the folder that has had the least is
 * next.  One that joins late begins where the others are, so it can neither
 * catch up at their expense nor be left behind.
 */
#ifndef ENGINE_ORDER_H
#define ENGINE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kind of folder it is, in order of processing. */
enum order_rank {
    ORDER_CALENDAR, /* first: meeting requests find their meeting */
    ORDER_INBOX,
    ORDER_SENT,
    ORDER_OTHER,
    ORDER_LAST, /* deleted items, junk */
};
/* By distinguished id and folder class, each or NULL. */
enum order_rank order_rank_of(const char *well_known, const char *folder_class);

struct order_turn {
    enum order_rank rank;
    uint64_t spent; /* 0 at first */
};

#define ORDER_NOBODY SIZE_MAX

/*
 * The index of the folder that is next among those that are ready, or
 * ORDER_NOBODY.  Ties go by rank, then by index.  *now is the clock of the
 * schedule, 0 at first.
 */
size_t order_next(struct order_turn *const *turns, const bool *ready, size_t n,
                  uint64_t *now);

#endif
