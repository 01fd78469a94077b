/*
 * deliver - mail that is sent inside of the lab arrives.
 *
 * Only mailboxes that this lab serves get a copy; everybody else's mail lies
 * in the tray alone.
 */
#ifndef LAB_DELIVER_H
#define LAB_DELIVER_H

#include "lab/mapi.h"
#include "lab/op.h"

/*
 * Put it unread into the Inbox of each recipient who has a mailbox here, once
 * each, without its Bcc recipients.  -1 and p when the store fails.
 */
int deliver_mail(struct op_call *call, const struct mapi_item *message,
                 struct problem *p);

#endif
