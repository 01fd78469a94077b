/*
 * store_dump - everything that a store shows, as text: for tests.
 *
 * Two stores whose dumps are equal cannot be told apart by a caller.  What a
 * clock set (begun_us of a pass) is left out.
 */
#ifndef STORE_STORE_DUMP_H
#define STORE_STORE_DUMP_H

#include "store/store.h"

/* What is asked about beyond what the store lists by itself. */
struct dump_scope {
    int64_t now_us;              /* for what is ready, what waits */
    const char *const *dest_ids; /* to be looked up in every folder */
    size_t n_dest_ids;
};

/* The caller frees. */
char *store_dump(struct store *s, const struct dump_scope *scope);

#endif
