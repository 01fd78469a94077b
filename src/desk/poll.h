/*
 * poll - a look into the support mailbox: each mail of its inbox is taken, and
 * then moved to a folder of its own.  Nothing is ever deleted.
 *
 * A mail leaves the inbox only when it was taken, so whatever dies in between,
 * it is there the next time, and is then moved without being taken twice
 * (intake.h).  What is no mail, or cannot be read, stays where it is.
 */
#ifndef DESK_POLL_H
#define DESK_POLL_H

#include "base/blob.h"
#include "desk/intake.h"
#include "endpoint/endpoint.h"

/* Beside the inbox; made where it is not there. */
#define POLL_FOLDER "Mailferry"

struct poll_done {
    size_t n_taken; /* and moved; before or now */
    size_t n_left;  /* still in the inbox */
    struct err why; /* of the first that was left; only where n_left > 0 */
};
/* The endpoint was opened.  -1: the mailbox, or our database, fails. */
int poll_mailbox(const struct intake *in, struct endpoint *ep,
                 struct blob_pool *pool, struct poll_done *ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
