/*
 * change - a source folder's change, as the ledger takes it.
 */
#ifndef ENGINE_CHANGE_H
#define ENGINE_CHANGE_H

#include "endpoint/endpoint.h"
#include "store/store.h"

/*
 * skip_kinds: bits 1 << enum item_kind, marked as filtered.  Strings are
 * borrowed from the change.
 */
void change_for_ledger(const struct endpoint_change *from,
                       unsigned int skip_kinds, struct store_change *ret);

#endif
