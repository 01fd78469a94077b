/*
 * accounts - the file of --SIDE-accounts: administrative accounts beside the
 * one of --SIDE-admin, each with its password.
 */
#ifndef CMD_ACCOUNTS_H
#define CMD_ACCOUNTS_H

#include <glib.h>

#include "base/err.h"
#include "ews/ews.h"

/* More at once than any throttle makes sense of. */
#define ACCOUNTS_MAX 64

struct account_list {
    GArray *logins; /* of struct ews_login, which it owns; NULL: none */
};
void account_list_clear(struct account_list *list);
typedef struct account_list account_list;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(account_list, account_list_clear)

/*
 * Read "UserName,Password" lines (CSV, UTF-8; a first line of just these words
 * is a heading).  -1 names the line: a column missing or too many, a name or
 * password empty or too long, a user twice, no account at all; or the file
 * cannot be read, or others may read it.
 */
int account_list_read(struct account_list *ret, const char *path,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
