/*
 * stay - items that were at the destination before us, and were moved at the
 * source since.
 *
 * They are nobody's to move but their owner's, and a copy in the other folder
 * would be a double: the new row gets what the old one had, and says where it
 * lies.
 */
#ifndef ENGINE_STAY_H
#define ENGINE_STAY_H

#include "engine/copy_priv.h"

/* The same item of the source, before and after; both borrowed. */
struct stay {
    const struct store_item *left; /* ALREADY_THERE */
    const struct store_item *arrived;
};

/*
 * Record it.  What is at the destination no more by now is left to be copied.
 * -1: the destination or the store fails; nothing was changed.
 */
int stay_all(struct copy *c, const struct stay *stays, size_t n,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
