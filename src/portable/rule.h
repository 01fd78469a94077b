/*
 * rule - which header fields of a message are compared, and why others are
 * not.
 */
#ifndef PORTABLE_RULE_H
#define PORTABLE_RULE_H

#include <stdbool.h>
#include <stddef.h>

enum rule_kind {
    RULE_ADDRESSES, /* addresses, in lower case, as a set */
    RULE_TEXT,      /* decoded, white space folded */
};

struct rule {
    const char *name; /* in lower case; one that ends in "*" is a prefix */
    enum rule_kind kind;
    bool recipients; /* belongs to that part; else to the envelope */
    bool sent;       /* not of drafts: they get it when they are sent */
    const char *out; /* why it is not compared; NULL: it is */
};

const struct rule *rule_table(size_t *ret_n);

/* Of a header field, in any case; NULL: not compared, as no table knows it. */
const struct rule *rule_find(const char *name);

#endif
