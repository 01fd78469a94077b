/*
 * quiet - what a mail's sender asked for, and is not to get from us: a receipt
 * when it is read, or when it is deleted unread.
 */
#ifndef EWS_QUIET_H
#define EWS_QUIET_H

#include "ews/mailbox.h"

/*
 * Before items are marked read or deleted.  From 2013 SP1 on a request says
 * SuppressReadReceipts itself, and nothing is done here.  Before, that
 * attribute does not exist: a mail whose sender asked for a receipt gets a
 * SuppressReadReceipt response object first
 * (docs/web-service-reference/suppressreadreceipt.md).
 *
 * -1 also when only one of them could not be silenced: a receipt cannot be
 * called back.  An item that is not there is passed over.
 */
int quiet_items(struct mailbox *mb, const char *const *ids, size_t n,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
