/*
 * match - which of the items that turned up are the ones that we sent.
 *
 * Both sides are multisets: mailboxes hold copies.  The digest decides; the
 * search key only breaks ties, since real servers keep it or not.
 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/digest.h"

/* Strings borrowed. */
struct match_item {
    bool readable; /* digest is set */
    struct digest digest;
    const char *search_key; /* or NULL */
};

struct match_set {
    const struct match_item *items;
    size_t n;
};

#define MATCH_NONE SIZE_MAX

/*
 * For each wanted item the index of the found one that it is, in ret (room
 * for wanted->n), or MATCH_NONE.  No found item is given out twice.  Certain
 * matches are made before likely ones:
 *
 *   equal digest and search key, then equal digest;
 *   nothing differs in the parts that both have, and the search key is equal;
 *   nothing differs, and the envelopes are among those parts;
 *   one side cannot be read at all, and the search key is equal.
 */
void match_multiset(const struct match_set *wanted,
                    const struct match_set *found, size_t *ret);

#endif
