/*
 * credential - a user name and password, or an application with its tokens,
 * and what the server thinks of it.
 *
 *   UNPROVEN --first request--> PROVING --any answer but 401--> PROVEN
 *      ^                         |    |                           |
 *      +------- no answer -------+    +------- 401 ----> REFUSED <+ 401
 *
 * Invariants: while one request is PROVING no other is made with the
 * credential; once REFUSED none is ever made again.  So a wrong password
 * costs one failed logon, however many lanes and mailboxes share it, and no
 * account is locked by us.  Any thread.
 */
#ifndef EWS_CREDENTIAL_H
#define EWS_CREDENTIAL_H

#include <stdbool.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"
#include "base/secret.h"
#include "ews/oauth.h"
#include "net/net.h"

struct credential;
typedef struct credential credential;

/* password: a reference is taken. */
struct credential *credential_new(const char *user, struct secret *password);
/* Takes over o. */
struct credential *credential_new_oauth(struct oauth *o);
struct credential *credential_ref(struct credential *c);
void credential_unref(struct credential *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(credential, credential_unref)

bool credential_is(const struct credential *c, const char *user,
                   const struct secret *password);
/* The user's name, or the application's id. */
const char *credential_user(const struct credential *c);
/* For people: "account", "application". */
const char *credential_kind(const struct credential *c);
/* NULL: a user with a password. */
struct oauth *credential_oauth(const struct credential *c);

/* Of a user.  Borrowed strings and secret, valid while c lives. */
struct net_auth credential_auth(const struct credential *c,
                                enum net_scheme scheme);

/*
 * May a request be made?  0: yes.  1: yes, and it is the one that proves the
 * credential: credential_settle() must follow.  -1: it was refused, with that
 * error; or cancelled while another proved it.
 */
int credential_enter(struct credential *c, struct cancel *stop,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Nothing is sent with it any more. */
bool credential_is_refused(struct credential *c);

enum credential_finding {
    CREDENTIAL_UNKNOWN, /* there was no answer */
    CREDENTIAL_GOOD,
    CREDENTIAL_REFUSED,
};

/*
 * What a request showed; why is the error of REFUSED, else NULL.  For every
 * request, proving or not.
 */
void credential_settle(struct credential *c, bool proving,
                       enum credential_finding finding, const struct err *why);

#endif
