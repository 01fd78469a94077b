/*
 * change - what users do to a mailbox between two passes, on demand.
 */
#ifndef LAB_CHANGE_H
#define LAB_CHANGE_H

#include "lab/store.h"

/* How many visible items to treat each way; no item twice. */
struct change_wish {
    uint64_t delete; /* softly */
    uint64_t edit;   /* another subject */
    uint64_t move;   /* to Deleted Items */
    uint64_t read;   /* the read mark turned round */
    uint64_t touch;  /* as an assistant does: nothing but its stamp */
};

/*
 * Carry it out on a mailbox, newest items first, folder by folder in their
 * order.  Appends a line "VERB TAB folder TAB id" for each item to *report.
 * -1 when the store fails or the mailbox has too few items; what is done
 * stays done.
 */
int change_mailbox(struct lab_store *store, int64_t mailbox,
                   const struct change_wish *wish, GString *report,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
