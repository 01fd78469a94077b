/*
 * policy - named sets of limits, as servers have them in their throttling
 * policies.
 */
#ifndef LAB_POLICY_H
#define LAB_POLICY_H

#include "lab/throttle.h"
#include "lab/version.h"

struct policy {
    const char *name;
    const char *source;             /* where its values come from, a sentence */
    struct throttle_options limits; /* the link apart: not the server's */
};

/* NULL when there is none of that name. */
const struct policy *policy_find(const char *name);

/* "2010, 2013, ...": for messages and --help. */
const char *policy_names(void);

/*
 * What a server of that release does when no policy is named: its limits on
 * how much at a time, and no budgets.
 */
void policy_default(const struct version *version,
                    struct throttle_options *ret);

/* Put the policy's limits into *o; the link stays as it is. */
void policy_apply(const struct policy *policy, struct throttle_options *o);

/* Every policy with its values and source, as text. */
char *policy_text(void);

#endif
