/*
 * account_find - an account or an operator as people name them.
 */
#ifndef CMD_ACCOUNT_FIND_H
#define CMD_ACCOUNT_FIND_H

#include "store/roster.h"
#include "store/roster_accounts.h"

/* By its Partner ID; -1: there is none. */
int account_find(struct roster *p, const char *partner,
                 struct roster_account **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* By their address; -1: there is none. */
int operator_find(struct roster *p, const char *name,
                  struct roster_operator **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
