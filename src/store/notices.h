/*
 * notices - what owners of mailboxes were told because their row of the import
 * file asks for it: each thing once, at each side.
 *
 * Errors as in store.h.  Any thread.
 */
#ifndef STORE_NOTICES_H
#define STORE_NOTICES_H

#include "store/migrations.h"
#include "store/outbox.h"

enum notice_kind {
    NOTICE_BEFORE, /* cutover is near */
    NOTICE_DONE,   /* it has moved */
    NOTICE_FAILED, /* not all of it has, or nothing */
    NOTICE_N_KINDS
};

/* All borrowed. */
struct notice {
    int64_t mailbox_id;
    enum migration_side side; /* whose address it is */
    enum notice_kind kind;
    int64_t request_id; /* that it is about */
    int64_t now_us;
    const struct outbox_mail *mail;
};

/* Has a mailbox of it one of these flags?  1, 0, -1. */
int notices_wanted(struct migrations *p, int64_t migration_id, uint32_t flags,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Those of a migration that were told: array of struct notice, without mails.
 */
int notices_list(struct migrations *p, int64_t migration_id, GArray **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * The mail, the row and the trail's line in one.  1; 0: it was told before;
 * -1.
 */
int notices_send(struct migrations *p, const struct roster_actor *who,
                 const struct notice *n,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
