/*
 * fault_priv - what the parts of fault share: the table of kinds, and rules.
 */
#ifndef LAB_FAULT_PRIV_H
#define LAB_FAULT_PRIV_H

#include "lab/fault.h"

struct fault_row {
    const char *name, *counter;
    const char *group;   /* heading of a group that begins with it; or NULL */
    const char *code;    /* default of code= */
    unsigned int status; /* default of status= */
    uint32_t ms, n;      /* defaults of ms= and n= */
    const char *help;    /* one line */
    const char *example; /* a rule */
};

extern const struct fault_row fault_rows[N_FAULT_KINDS];

struct fault_rule {
    enum fault_kind kind;
    char *text;
    char *op, *mailbox, *match, *item_class;
    uint64_t bytes;
    uint64_t skip, every, times;
    double rate; /* of events that it hits; 1: all */
    GRand *rand;
    int64_t after_us, for_us, period_us; /* 0: no such condition */
    int64_t until_us;                    /* INT64_MAX: likewise */
    int64_t last_period; /* the one in which it fired; -1: none */
    int64_t epoch_us;    /* when its time began */
    struct fault_hit hit;
    uint64_t met, fired;
};

/* NULL and *err when the text is no rule. */
struct fault_rule *fault_rule_new(const char *text, struct err *err);
void fault_rule_free(void *rule);

/* "10s", "500ms", "5m", "1h", "7" (seconds); -1 when it is no time. */
int64_t fault_read_time(const char *text);

#endif
