/*
 * portable_fetch - read items as struct portable; portable_put - store them.
 * What fetch() and put() do where the format says so.
 */
#ifndef EWS_PORTABLE_FETCH_H
#define EWS_PORTABLE_FETCH_H

#include "ews/mailbox.h"

int portable_fetch(struct mailbox *mb, const struct endpoint_ref *refs,
                   size_t n, struct blob_pool *pool, struct endpoint_item *ret,
                   struct err *err);

int portable_put(struct mailbox *mb, const struct endpoint_put *puts, size_t n,
                 struct endpoint_done *ret, bool *ret_maybe, struct err *err);

#endif
