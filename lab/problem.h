/*
 * problem - why a request, or one item of it, is refused, as EWS says it.
 *
 * By value, no memory of its own.
 */
#ifndef LAB_PROBLEM_H
#define LAB_PROBLEM_H

#include <stdbool.h>

#include "base/err.h"

struct problem {
    const char *code; /* ResponseCode; static, or owned by the caller */
    const char *text; /* MessageText; static */
    /*
     * The whole request fails with a SOAP fault, not one item of it with a
     * response message.
     */
    bool fault;
    /* <t:Value Name="value_name">value</t:Value> in MessageXml; or NULL */
    const char *value_name;
    char value[256];
    /* of a schema violation, which then is in `value`; 0: not one */
    int line, position;
};

/* Set *p to code and what Exchange says with it.  Always returns -1. */
int problem_set(struct problem *p, const char *code);

/* The same for the whole request. */
int problem_fault(struct problem *p, const char *code);

/* Give it a value for MessageXml; what does not fit is cut.  Returns -1. */
int problem_value(struct problem *p, const char *name, const char *value);

/* ErrorSchemaValidation at a place in the request.  Returns -1. */
int problem_schema(struct problem *p, int line, int position, const char *fmt,
                   ...) PRINTF(4, 5);

/* What the store says: its err->name is the code.  Returns -1. */
int problem_from_err(struct problem *p, const struct err *err);

/* A code that came in from outside (a fault rule) as one that lives on. */
const char *problem_intern(const char *code);

/* Whether the code of p is this one. */
bool problem_is(const struct problem *p, const char *code);

#endif
