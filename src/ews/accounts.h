/*
 * accounts - the administrative accounts of a side, and which of them opens
 * which mailbox.
 *
 * A server charges full access to the account that signed in, so mailboxes
 * are spread: each goes to the account with the fewest open, and stays with
 * it, whenever it is opened again, until that account is refused, or turns
 * out to have no right to it.  Any thread.
 */
#ifndef EWS_ACCOUNTS_H
#define EWS_ACCOUNTS_H

#include "ews/credential.h"

struct accounts;
typedef struct accounts accounts;

struct accounts *accounts_new(void);
void accounts_free(struct accounts *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(accounts, accounts_free)

/* Takes over the reference.  Before the first accounts_take(). */
void accounts_add(struct accounts *a, struct credential *c);

/*
 * The account to open that mailbox with: a reference, to be given back with
 * accounts_leave().  One that was refused only when all were; NULL: there are
 * none at all.
 */
struct credential *accounts_take(struct accounts *a, const char *address);
void accounts_leave(struct accounts *a, struct credential *c);

/*
 * The account has no right to that mailbox: accounts_take() gives another one
 * from now on.  False: there is no other.
 */
bool accounts_deny(struct accounts *a, const char *address,
                   const struct credential *c);
unsigned int accounts_n(struct accounts *a);

/* As ews_site_refused(). */
void accounts_refused(struct accounts *a, GHashTable *to);

/* As ews_site_account(). */
enum ews_account accounts_state(struct accounts *a, const char *address);

#endif
