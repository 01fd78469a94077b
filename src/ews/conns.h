/*
 * conns - connections of a side that nobody uses at the moment.
 *
 * A connection is a request's for as long as that takes, not a lane's: there
 * are as many as there were requests in flight, whatever the number of lanes
 * and mailboxes, and each was signed in to once.  Any thread.
 */
#ifndef EWS_CONNS_H
#define EWS_CONNS_H

#include "base/secret.h"
#include "ews/transport.h"

struct conns;
struct credential;

/* One of them, in the hands of whoever took it. */
struct conn {
    void *wire; /* of the transport */
    const struct credential *who;
    struct secret *token; /* NULL: it was proved by a password */
    char *mailbox;        /* whose cookies it has */
};

/* t must outlive it. */
struct conns *conns_new(const struct ews_transport *t);
/* All must have been given back. */
void conns_free(struct conns *c);

/*
 * One that signs in as who, whose auth is as of now: used before if possible,
 * for that mailbox if possible.  No traffic yet.
 */
struct conn *conns_take(struct conns *c, const struct credential *who,
                        const struct net_auth *auth, const char *mailbox);
void conns_give(struct conns *c, struct conn *conn);

/* Nothing more will be asked as who: close what is not in use. */
void conns_close(struct conns *c, const struct credential *who);

#endif
