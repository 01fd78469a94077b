/*
 * reply - write an answer: envelope, response messages, faults, as each
 * version writes them (prefixes, declarations, what stands where).
 */
#ifndef LAB_REPLY_H
#define LAB_REPLY_H

#include "lab/problem.h"
#include "lab/version.h"
#include "lab/xmlout.h"

/* Where the response messages of an operation stand. */
enum reply_form {
    REPLY_MESSAGES, /* in <m:ResponseMessages> */
    REPLY_ONE,      /* the response element itself is the only one */
    REPLY_BARE,     /* the operation writes all of the response element; one
                       that fails as a whole is an <m:ResponseMessage> in it */
};

struct reply {
    struct xmlout x;
    const struct version *version;
    const char *operation; /* "GetFolder"; borrowed */
    enum reply_form form;  /* REPLY_MESSAGES after reply_init() */
};

/* out is borrowed and appended to. */
void reply_init(struct reply *r, GString *out, const struct version *version,
                const char *operation);

/* The envelope, and as the form is <m:OperationResponse> and the rest. */
void reply_begin(struct reply *r);
void reply_end(struct reply *r);

/*
 * One response message: success when p is NULL.  The caller writes what
 * stands in it between the two calls.
 */
void reply_message_begin(struct reply *r, const struct problem *p);
void reply_message_end(struct reply *r);

/*
 * A response message of another name, inside of one: close it with xml_close.
 */
void reply_named_begin(struct reply *r, const char *element,
                       const struct problem *p);

/* The whole answer to a request that fails: a SOAP fault. */
void reply_fault(struct reply *r, const struct problem *p);

/* A fault with its code alone, without a detail: as some boxes send it. */
void reply_bare_fault(struct reply *r, const struct problem *p);

#endif
