/*
 * forward - rules of a mailbox that send its mail on to itself at the other
 * side: mail is there twice then, or goes in a circle.
 */
#ifndef ENGINE_FORWARD_H
#define ENGINE_FORWARD_H

#include "endpoint/rules.h"
#include "engine/check_priv.h"

/* What the mailbox is called at the rule's side and at the other; or NULL. */
struct forward_ends {
    const char *own[2], *other[2];
};

/*
 * The address of the other side that the rule sends to, enabled or not,
 * borrowed from the rule; NULL: none.  An address that both sides have says
 * nothing.
 */
const char *forward_target(const struct endpoint_rule *rule,
                           const struct forward_ends *ends);

/*
 * Look through both sides' rules, where they show them, count them, and find
 * those that the settings pass cannot carry over.
 */
void forward_check(struct pass *p, const struct store_mailbox *row,
                   struct engine_check *check);

#endif
