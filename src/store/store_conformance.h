/*
 * store_conformance - the rules of store.h as tests that every store passes.
 */
#ifndef STORE_STORE_CONFORMANCE_H
#define STORE_STORE_CONFORMANCE_H

#include "store/store.h"

/* How to get an empty store of one kind, and to be rid of it. */
struct conformance_kind {
    const char *name;
    struct store *(*open)(void **ret_data);
    void (*close)(struct store *s, void *data);
};

/* Adds the tests "/store/NAME/...".  kind must live as long as they run. */
void store_conformance_add(const struct conformance_kind *kind);

#endif
