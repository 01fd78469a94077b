/*
 * rule_map - a rule of the source as it is to be at the destination: its
 * folders, people and items are the destination's.
 */
#ifndef ENGINE_RULE_MAP_H
#define ENGINE_RULE_MAP_H

#include "endpoint/rules.h"
#include "engine/settings_priv.h"

/*
 * The directory's own names of people ("/o=Org/...") in rules of that side,
 * turned into mail addresses where the directory knows them.
 */
int rules_resolve(struct settings *s, enum side side,
                  const struct endpoint_rules *rules,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Why a rule has no counterpart. */
struct rule_gap {
    char *cause; /* owned */
    const char *remedy;
};
void rule_gap_clear(struct rule_gap *gap);
typedef struct rule_gap rule_gap;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(rule_gap, rule_gap_clear)

/*
 * 1 and the rule, without an id, which the caller frees; 0 and why there is
 * none; -1.
 */
int rule_map(struct settings *s, const struct endpoint_rule *rule,
             struct endpoint_rule **ret, struct rule_gap *ret_gap,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
