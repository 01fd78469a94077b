/*
 * change - a source folder's change, as the ledger takes it.
 */
#ifndef ENGINE_CHANGE_H
#define ENGINE_CHANGE_H

#include "engine/engine.h"

/*
 * What the filter leaves out is marked so; skip_all: the whole folder is left
 * out; hidden: it is a folder of hidden items, which have an allow-list of
 * their own.  Strings are borrowed from the change.
 */
void change_for_ledger(const struct endpoint_change *from,
                       const struct engine_filter *filter, bool skip_all,
                       bool hidden, struct store_change *ret);

#endif
