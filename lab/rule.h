/*
 * rule - one inbox rule of EWS: read, judged and written element by element.
 *
 * What comes in is copied into markup in the schema's order; nothing of the
 * schema is left out, and nothing else gets in.
 */
#ifndef LAB_RULE_H
#define LAB_RULE_H

#include "lab/op.h"

/* One thing that is wrong with a rule: RuleValidationErrorType. */
struct rule_error {
    char *field;      /* "Action:ForwardToRecipients" */
    const char *code; /* "InvalidAddress" */
    char *value;
};
void rule_error_free(struct rule_error *e);

/* A rule as it is kept. */
struct rule {
    char *id; /* NULL: it has none yet */
    char *name;
    int64_t priority;
    bool enabled;
    char *parts; /* markup of <t:Conditions>, <t:Exceptions>, <t:Actions> */
};
void rule_free(struct rule *r);

/*
 * Read a <t:Rule>; folders and addresses are looked up as the mailbox's
 * owner sees them.  What is wrong with it is added to errors (of struct
 * rule_error *); the rule is then of no use.  Never NULL.
 */
struct rule *rule_read(struct op_call *call, int64_t mailbox,
                       const xmlNode *node, GPtrArray *errors);

/* One as it was kept, without judging it again. */
struct rule *rule_recall(const xmlNode *node);

/* <t:Rule>. */
void rule_write(struct xmlout *x, const struct rule *r);

/* Add an error; value may be NULL. */
void rule_complain(GPtrArray *errors, const char *field, const char *code,
                   const char *value);
/* What Exchange says with a code. */
const char *rule_error_text(const char *code);

#endif
