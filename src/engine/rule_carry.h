/*
 * rule_carry - one rule of the inbox on its way to the destination; for
 * settings_rules.c, which says what is to become of each.
 */
#ifndef ENGINE_RULE_CARRY_H
#define ENGINE_RULE_CARRY_H

#include "endpoint/rules.h"
#include "engine/settings_priv.h"

/* A rule that sends was made disabled, and by us: the line's memo. */
#define HELD "held"
/* It is being made; the second one disabled, as above. */
#define MAKING      "making"
#define MAKING_HELD "making held"

struct carried {
    const struct endpoint_rule *rule; /* the source's */
    struct endpoint_rule *mapped;     /* NULL: it has no counterpart */
    char *there;                      /* id of the same at the destination */
    const char *memo;                 /* of an earlier pass; or NULL */
    bool known;                       /* that pass has left a line of it */
    bool in_doubt;                    /* it was being made then */
    bool done;                        /* its line is written */
};

struct carrying {
    struct settings *s;
    struct endpoint_rules at[N_SIDES];
    struct carried *rules; /* in the source's order */
    size_t n;
    int64_t doubt_until_us; /* monotonic: what a pass before us did is over */
};

/* What became of it; its line as it is without that. */
struct store_setting carried_line(const struct carried *c);
int carrying_say(const struct carrying *r, struct carried *c,
                 struct store_setting line,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int carrying_say_wanting(const struct carrying *r, struct carried *c,
                         enum setting_outcome outcome, const char *cause,
                         const char *remedy,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Read that side's rules, anew where they were read before. */
int carrying_read(struct carrying *r, enum side side,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: there is none; id: or NULL. */
const struct endpoint_rule *carrying_by_id(const struct endpoint_rules *all,
                                           const char *id);
/* A rule of the destination is the counterpart of one of the source's. */
bool carrying_is_taken(const struct carrying *r,
                       const struct endpoint_rule *rule);
/* That is equal to it and is not taken; NULL. */
const struct endpoint_rule *
carrying_find_same(const struct carrying *r,
                   const struct endpoint_rule *mapped);

/* ---- rule_carry.c ------------------------------------------------------ */

/* The one at i: made, enabled or left as it is, and its line says so. */
int carrying_carry(struct carrying *r, size_t i,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
