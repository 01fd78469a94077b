/*
 * portable_attached - what became of the items that are attached to an item
 * that was written.
 */
#ifndef EWS_PORTABLE_ATTACHED_H
#define EWS_PORTABLE_ATTACHED_H

#include <stdbool.h>

#include "ews/portable_make.h"

/* Whether there is anything for attached_check() to look at. */
bool attached_holds_items(const struct portable *p);

/*
 * Compare attached items with those that were to be written, down to
 * ATTACHED_DEPTH_MAX; attach anew, as what they are, those that did not
 * survive the MIME that they travelled in; and note what is lost all the
 * same.  there: an outline of the item, read anew when something was
 * attached.  -1: the server does not answer; the item is there, with each of
 * them at least once.
 */
int attached_check(struct mailbox *mb, struct making *m,
                   struct item_reading *there, struct err *err);

#endif
