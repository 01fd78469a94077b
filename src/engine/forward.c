#include "engine/forward.h"

#include "endpoint/settings.h"

static bool is_one_of(const char *const addresses[2], const char *address)
{
    for (int i = 0; i < 2; i++)
        if (addresses[i] != NULL &&
            g_ascii_strcasecmp(addresses[i], address) == 0)
            return true;
    return false;
}

static const char *target_of(const struct rule_clause *c,
                             const struct forward_ends *ends)
{
    for (guint i = 0; c->sends && i < c->people->len; i++) {
        const struct rule_person *p = c->people->pdata[i];

        if (p->address != NULL && is_one_of(ends->other, p->address) &&
            !is_one_of(ends->own, p->address))
            return p->address;
    }
    return NULL;
}

const char *forward_target(const struct endpoint_rule *rule,
                           const struct forward_ends *ends)
{
    const char *target = NULL;

    for (guint i = 0; target == NULL && i < rule->clauses->len; i++)
        target = target_of(rule->clauses->pdata[i], ends);
    return target;
}

/* ---- check --------------------------------------------------------------- */

/* A contact in the directory stands for the address behind it. */
static void resolve(struct endpoint *ep, struct rule_person *p)
{
    g_auto(endpoint_person) who = { 0 };
    struct err ignored;

    if (p->address == NULL || p->address[0] != '/' ||
        endpoint_resolve(ep, p->address, &who, &ignored) <= 0)
        return;
    g_free(p->address);
    p->address = g_steal_pointer(&who.address);
}

static void resolve_rule(struct endpoint *ep, const struct endpoint_rule *rule)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        for (guint k = 0; c->sends && k < c->people->len; k++)
            resolve(ep, c->people->pdata[k]);
    }
}

/* What the settings pass would not carry over, whatever is mapped. */
static void find_left(const struct endpoint_rule *rule,
                      struct engine_check *check)
{
    if (rule->client_only || rule->broken)
        check_find(check, FINDING_RULE, "rule \"%.100s\" %s", rule->name,
                   rule->client_only ? "is run by Outlook alone"
                                     : "is in error, the source says");
}

static void look_at_side(struct endpoint *ep, enum side side,
                         const struct forward_ends *ends,
                         struct engine_check *check)
{
    g_auto(endpoint_rules) rules = { 0 };
    struct err ignored;

    /* Not every version shows its rules; the cmdlet is printed anyhow. */
    if (endpoint_get_rules(ep, &rules, &ignored) < 0)
        return;
    if (side == SOURCE) {
        check->rules_known = true;
        check->n_rules = rules.rules->len;
    }
    for (guint i = 0; i < rules.rules->len; i++) {
        const struct endpoint_rule *rule = rules.rules->pdata[i];
        const char *to;

        if (side == SOURCE)
            find_left(rule, check);
        if (!rule->enabled)
            continue;
        resolve_rule(ep, rule);
        to = forward_target(rule, ends);
        if (to != NULL)
            check_find(check, FINDING_FORWARDED,
                       "the %s's rule \"%.100s\" sends mail on to %.200s",
                       side_name(side), rule->name, to);
    }
}

void forward_check(struct pass *p, const struct store_mailbox *row,
                   struct engine_check *check)
{
    const struct hands h = pass_own_hands(p);
    const char *const there[2] = { row->destination_address,
                                   check->destination.primary_address };
    const char *const here[2] = { row->source_address,
                                  check->source.primary_address };
    const struct forward_ends from_source = { { here[0], here[1] },
                                              { there[0], there[1] } };
    const struct forward_ends from_destination = { { there[0], there[1] },
                                                   { here[0], here[1] } };

    look_at_side(h.at[SOURCE], SOURCE, &from_source, check);
    look_at_side(h.at[DESTINATION], DESTINATION, &from_destination, check);
}
