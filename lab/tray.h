/*
 * tray - where everything lands that the lab would have sent.
 *
 * Nothing leaves the lab (what its own mailboxes get, arrives: deliver.h): a
 * test asserts on the tray, and on the counters sent.mails, sent.receipts,
 * sent.invitations, sent.cancellations and sent.responses.
 */
#ifndef LAB_TRAY_H
#define LAB_TRAY_H

#include "lab/mapi.h"
#include "lab/op.h"
#include "lab/store_tray.h"

/* recipients: "a@b; c@d"; subject may be NULL. */
int tray_put(struct op_call *call, enum lab_sent kind, int64_t mailbox,
             const char *recipients, const char *subject, struct problem *p);

/* A message to its own recipients; nothing when it has none. */
int tray_send(struct op_call *call, enum lab_sent kind, int64_t mailbox,
              const struct mapi_message *m, struct problem *p);

/*
 * The tray's lines: time, kind, from, recipients and subject, with tabs
 * between them.
 */
int tray_text(struct lab *lab, GString *out, struct err *err);

/* The recipients of a message, "a@b; c@d"; "" for none.  To be freed. */
char *tray_recipients(const struct mapi_message *m);

#endif
