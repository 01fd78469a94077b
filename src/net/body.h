/*
 * body - a request's body on its way into libcurl, and the rule by which it
 * may go there again.
 *
 * libcurl sends a request in one or more legs: NTLM's negotiation has legs
 * without the body, a kept connection that turns out dead gets a fresh one.
 * Before it sends the body once more it must rewind it, and that is refused
 * unless the server has answered 401 to what was sent: then, and only then,
 * it certainly did nothing with it.
 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include "net/net.h"

struct body {
    const struct net_part *parts; /* borrowed */
    size_t n_parts;
    uint64_t size;   /* of all parts */
    uint64_t handed; /* how much of it libcurl has taken in this leg */
    bool refused;    /* this leg was answered with 401 */
    /* where the next byte is */
    size_t part;
    uint64_t offset;
};

void body_init(struct body *b, const struct net_part *parts, size_t n_parts);

/*
 * Up to len bytes more.  Returns how many, 0 at the end, -1 when a blob
 * cannot be read.
 */
ssize_t body_read(struct body *b, void *buf, size_t len, struct err *err);

/* Back to the first byte; false: it must not be sent again. */
bool body_rewind(struct body *b);

/* The server answered this leg with 401. */
void body_was_refused(struct body *b);

/* Some of it has left, and no 401 says that it had no effect. */
bool body_is_out(const struct body *b);

#endif
