/*
 * rule_priv - what the two halves of reading a rule share.
 */
#ifndef LAB_RULE_PRIV_H
#define LAB_RULE_PRIV_H

#include "lab/rule.h"

/* A string in a rule: what a message's header line may have. */
#define RULE_STRING_MAX 1024

/* What stands in an element of a rule. */
enum rule_value {
    VALUE_STRINGS,
    VALUE_BOOL,
    VALUE_ADDRESSES,
    VALUE_RECIPIENTS, /* addresses that mail will be sent to */
    VALUE_FLAG,
    VALUE_IMPORTANCE,
    VALUE_SENSITIVITY,
    VALUE_DATES,
    VALUE_SIZES,
    VALUE_FOLDER,
    VALUE_ITEM,
};

/* Where a rule is being read to. */
struct rule_reading {
    struct op_call *call;
    int64_t mailbox;
    GPtrArray *errors;
    struct xmlout x; /* markup of the parts */
    char *field;     /* "Condition:Importance" */
    char *element;   /* "t:Importance" */
};

/*
 * Copy what an element holds into r->x as r->element, or add what is wrong
 * with it to r->errors.
 */
void rule_read_value(struct rule_reading *r, const xmlNode *node,
                     enum rule_value value);

#endif
