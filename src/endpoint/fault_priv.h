/*
 * fault_priv - between fault.c (which call fails, and what is pending) and
 * fault_endpoint.c (the decorator).
 */
#ifndef ENDPOINT_FAULT_PRIV_H
#define ENDPOINT_FAULT_PRIV_H

#include "endpoint/fault.h"

struct strike_item {
    bool hit;
    struct err err;
};

/* What befalls one call. */
struct strike {
    bool hit; /* the call as a whole, by fault and its err */
    struct fault fault;
    struct strike_item *items; /* one a subject; NULL: none is hit */
};

/* Count the call with its subjects (at least one) against every rule. */
void faults_strike(struct faults *f, const struct fault_subject *subjects,
                   size_t n, struct strike *ret);
void strike_clear(struct strike *s);
typedef struct strike strike;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(strike, strike_clear)

/* A call begins: pending puts come nearer, and happen when due. */
void faults_tick(struct faults *f);

/* Keep copies, to be put through a handle of its own. */
void faults_put_later(struct faults *f, struct endpoint *real,
                      const struct endpoint_put *puts, size_t n,
                      unsigned int calls);
void later_free(void *later);

#endif
