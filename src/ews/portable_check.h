/*
 * portable_check - look at what was written, set right what can be, and say
 * what was lost.
 */
#ifndef EWS_PORTABLE_CHECK_H
#define EWS_PORTABLE_CHECK_H

#include "ews/portable_make.h"

/*
 * Of n items that are there, all of one kind.  Each that is still marked as
 * unfinished gets its plain stamp, by its last write.  -1: the server does not
 * answer; the items are there nevertheless.
 */
int check_items(struct mailbox *mb, struct making *const *items, size_t n,
                struct err *err);

#endif
