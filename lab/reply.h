/*
 * reply - write an answer: envelope, response messages, faults, as each
 * version writes them (prefixes, declarations, what stands where).
 */
#ifndef LAB_REPLY_H
#define LAB_REPLY_H

#include "lab/problem.h"
#include "lab/version.h"
#include "lab/xmlout.h"

struct reply {
    struct xmlout x;
    const struct version *version;
    const char *operation; /* "GetFolder"; borrowed */
};

/* out is borrowed and appended to. */
void reply_init(struct reply *r, GString *out, const struct version *version,
                const char *operation);

/* The envelope, <m:OperationResponse> and <m:ResponseMessages>. */
void reply_begin(struct reply *r);
void reply_end(struct reply *r);

/*
 * One response message: success when p is NULL.  The caller writes what
 * stands in it between the two calls.
 */
void reply_message_begin(struct reply *r, const struct problem *p);
void reply_message_end(struct reply *r);

/* The whole answer to a request that fails: a SOAP fault. */
void reply_fault(struct reply *r, const struct problem *p);

/* A fault with its code alone, without a detail: as some boxes send it. */
void reply_bare_fault(struct reply *r, const struct problem *p);

#endif
