/*
 * slot - on which day a migration begins.
 *
 * Days are UTC.  So many mailboxes begin on one; a migration that is larger
 * than that has a day of its own.  The earliest day is taken on which it may
 * begin: not before the one that was asked for, with room left, and not wholly
 * within the source's quiet hours.  Pure.
 */
#ifndef DESK_SLOT_H
#define DESK_SLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hours.h"

/* "2026-12-31" and NUL. */
#define SLOT_DAY_SIZE 11
/* How far ahead is looked. */
#define SLOT_DAYS_MAX 366

/* What has its day already. */
struct slot_taken {
    const char *day;
    uint64_t mailboxes;
};

/* All borrowed. */
struct slot_wish {
    int64_t now_us;
    const char *not_before; /* day; NULL: any */
    uint64_t mailboxes;
    uint64_t a_day;            /* mailboxes; 0: any number */
    const struct hours *quiet; /* of the source; or NULL */
    const struct slot_taken *taken;
    size_t n_taken;
};
/* False: none within SLOT_DAYS_MAX. */
bool slot_pick(const struct slot_wish *wish, char ret[SLOT_DAY_SIZE]);

/* When a day begins; false: it is none. */
bool slot_begins(const char *day, int64_t *ret_us);

#endif
