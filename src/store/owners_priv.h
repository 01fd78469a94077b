/*
 * owners_priv - what migrations do about owners, in a transaction of theirs.
 */
#ifndef STORE_OWNERS_PRIV_H
#define STORE_OWNERS_PRIV_H

#include "store/migrations_priv.h"

/* That side's password is to be asked for. */
int owners_expect(struct sq_conn *c, int64_t mailbox_id,
                  enum migration_side side,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* It is there, from whomever: 1; 0: it was not asked for, or is there; -1. */
int owners_settle(struct sq_conn *c, int64_t mailbox_id,
                  enum migration_side side, int64_t now_us,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Where nothing is open any more the mailbox goes on, with its paused jobs. */
int owners_release(struct sq_conn *c, int64_t mailbox_id,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
