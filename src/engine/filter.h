/*
 * filter - which items a migration is about.
 *
 * An item that is left out is counted as such, never as copied; another filter
 * at another time brings it in.
 */
#ifndef ENGINE_FILTER_H
#define ENGINE_FILTER_H

#include "engine/engine.h"

/* What a filter looks at.  Strings borrowed. */
struct filter_item {
    const char *item_class; /* or NULL */
    int64_t received_us;    /* TIMESTAMP_NONE: not told */
    uint64_t size_bytes;    /* as listed */
};

bool filter_is_open(const struct engine_filter *f);

/*
 * Paths of a mailbox's folders to their well-known names, which a pattern may
 * say too.  Of struct store_folder *, which it borrows from.
 */
GHashTable *filter_names(const GPtrArray *folders);
/* well_known: or NULL; both borrowed. */
void filter_names_add(GHashTable *names, const char *path,
                      const char *well_known);

/*
 * Is the folder, or the tree that it is in, left out?  path: names joined by
 * "/", "/" and "%" in a name as %2F and %25.  A pattern ("*" and "?", whatever
 * the case; "*" crosses "/") fits the whole path or the well-known name; one
 * that fits a folder fits all below it.
 */
bool filter_skips_folder(const struct engine_filter *f, const char *path,
                         GHashTable *names);
/* Is the item left out, in a folder that is not?  Unknown is not left out. */
bool filter_skips_item(const struct engine_filter *f,
                       const struct filter_item *item);

#endif
