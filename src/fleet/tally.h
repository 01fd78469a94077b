/*
 * tally - how many settings of each part ended how.
 *
 * Counts over the lines of the settings pass; others (store_setting_is_one())
 * are none of them.
 */
#ifndef FLEET_TALLY_H
#define FLEET_TALLY_H

#include "store/store.h"

/* One part; the name is borrowed from the lines. */
struct tally {
    const char *part;
    uint64_t by_outcome[SETTING_N];
};

/*
 * Array of struct tally, in the lines' order of parts; to be unreferenced.
 * lines: of struct store_setting *.
 */
GArray *tally_of(const GPtrArray *lines);

/* All parts together. */
struct tally tally_sum(const GArray *tallies);

/* Whether something is left to a person: failed, or without counterpart. */
bool tally_wants_a_person(const struct tally *t);

/* "12 set, 2 failed"; "" of none.  The caller frees. */
char *tally_text(const uint64_t by_outcome[SETTING_N]);

#endif
