/*
 * What the files of call_make() share: call.c has who may ask, when and how
 * often, call_exchange.c one request and its answer.  call_ids.c is apart.
 */
#ifndef EWS_CALL_PRIV_H
#define EWS_CALL_PRIV_H

#include "ews/call.h"

/* One try. */
struct attempt {
    struct mailbox *mb;
    const struct call *call;
    struct net_auth auth; /* how it signs in */
    struct secret *token; /* the same, of an application; or NULL */
    struct verdict verdict;
    enum credential_finding finding;
};

/* "GetFolder" */
const char *call_operation(const struct call *call);

/* Send it, with a place and a way to sign in; gives the place back. */
int call_exchange(struct attempt *a, struct governor_ticket *ticket,
                  struct call_answer *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* EWS itself was not there: *v and *err say so.  Returns -1. */
int call_is_away(const struct call *call, struct verdict *v, struct err *err);

#endif
