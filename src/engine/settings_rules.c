/*
 * settings_rules - the rules of the inbox.
 *
 * A rule that is there with the same content is never made again.  Before one
 * is made its line says so; where a run died after that, or the answer was
 * lost, the server may still be at it, or have done it twice: it is waited for
 * as long as for an item in doubt, and what is there more than once goes.
 *
 * Rules of the destination's own are left alone and keep running first.  What
 * sends mail comes disabled: until the mailbox has moved, the source's rule
 * still does that.
 */
#include "engine/forward.h"
#include "engine/rule_carry.h"
#include "engine/rule_map.h"

#include "base/timestamp.h"

/*
 * What a request may take whose writer lost the mailbox to us and is not known
 * to be dead.
 */
#define PUT_MOST_US (300 * TIMESTAMP_SECOND)

#define IN_A_CIRCLE                                                            \
    "it sends mail on to this very mailbox at the destination, where it "      \
    "would send it in a circle"
#define DISABLE_AT_SOURCE                                                      \
    "disable the rule at the source before mail is copied: else what it has "  \
    "sent on is there twice"
#define SENDS_BACK "the destination's own rule sends mail back to the source"
#define DISABLE_AT_DESTINATION                                                 \
    "disable the rule at the destination, or mail goes in a circle and, once " \
    "the mailbox has moved, where nobody reads it"

/* ---- lines ------------------------------------------------------------- */

struct store_setting carried_line(const struct carried *c)
{
    return (struct store_setting){
        .key = c->rule->id != NULL ? c->rule->id : c->rule->name,
        .subject = c->rule->name,
        .counterpart = c->mapped != NULL ? c->rule->name : NULL,
        .value = (char *)(uintptr_t)(c->rule->enabled ? "enabled" : "disabled"),
        .memo = (char *)(uintptr_t)c->memo,
    };
}

int carrying_say(const struct carrying *r, struct carried *c,
                 struct store_setting line, struct err *err)
{
    c->done = true;
    return settings_line(r->s, line, err);
}

int carrying_say_wanting(const struct carrying *r, struct carried *c,
                         enum setting_outcome outcome, const char *cause,
                         const char *remedy, struct err *err)
{
    struct store_setting line = carried_line(c);

    line.outcome = outcome;
    line.cause = (char *)(uintptr_t)cause;
    line.remedy = (char *)(uintptr_t)remedy;
    return carrying_say(r, c, line, err);
}

/* ---- both sides -------------------------------------------------------- */

int carrying_read(struct carrying *r, enum side side, struct err *err)
{
    const struct engine_job *job = r->s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;

    endpoint_rules_clear(&r->at[side]);
    while (endpoint_get_rules(ep, &r->at[side], &why) < 0)
        if (!settings_endure(r->s, side, &failures, &why)) {
            *err = why;
            return -1;
        }
    return rules_resolve(r->s, side, &r->at[side], err);
}

const struct endpoint_rule *carrying_by_id(const struct endpoint_rules *all,
                                           const char *id)
{
    for (guint i = 0; id != NULL && i < all->rules->len; i++) {
        const struct endpoint_rule *rule = all->rules->pdata[i];

        if (g_strcmp0(rule->id, id) == 0)
            return rule;
    }
    return NULL;
}

/* A rule of the destination is the counterpart of one of the source's. */
bool carrying_is_taken(const struct carrying *r,
                       const struct endpoint_rule *rule)
{
    for (size_t i = 0; i < r->n; i++)
        if (g_strcmp0(r->rules[i].there, rule->id) == 0)
            return true;
    return false;
}

const struct endpoint_rule *
carrying_find_same(const struct carrying *r, const struct endpoint_rule *mapped)
{
    const GPtrArray *all = r->at[DESTINATION].rules;

    for (guint i = 0; i < all->len; i++)
        if (endpoint_rule_same(all->pdata[i], mapped) &&
            !carrying_is_taken(r, all->pdata[i]))
            return all->pdata[i];
    return NULL;
}

/* ---- what each is to become ------------------------------------------- */

static int map_one(struct carrying *r, struct carried *c, struct err *err)
{
    const struct store_mailbox *m = r->s->mailbox;
    const struct forward_ends ends = { .own = { m->source_address },
                                       .other = { m->destination_address } };
    g_auto(rule_gap) gap = { 0 };
    int found;

    if (forward_target(c->rule, &ends) != NULL)
        return carrying_say_wanting(r, c, SETTING_UNMAPPED, IN_A_CIRCLE,
                                    DISABLE_AT_SOURCE, err);
    found = rule_map(r->s, c->rule, &c->mapped, &gap, err);

    if (found != 0)
        return MIN(found, 0);
    return carrying_say_wanting(r, c, SETTING_UNMAPPED, gap.cause, gap.remedy,
                                err);
}

static void recall(const struct carrying *r, struct carried *c)
{
    const struct store_setting *before =
        settings_before(r->s, carried_line(c).key);

    c->memo = before != NULL ? before->memo : NULL;
    c->known = before != NULL;
    c->in_doubt = c->memo != NULL && g_str_has_prefix(c->memo, MAKING);
}

/* All of them first: who has a counterpart decides what is in the way. */
static int map_all(struct carrying *r, struct err *err)
{
    const GPtrArray *all = r->at[SOURCE].rules;

    r->n = all->len;
    r->rules = g_new0(struct carried, r->n);
    for (size_t i = 0; i < r->n; i++) {
        struct carried *c = &r->rules[i];
        const struct endpoint_rule *same;

        c->rule = all->pdata[i];
        recall(r, c);
        if (map_one(r, c, err) < 0)
            return -1;
        same = c->mapped != NULL ? carrying_find_same(r, c->mapped) : NULL;
        if (same != NULL)
            c->there = g_strdup(same->id);
    }
    return 0;
}

/* ---- all of them --------------------------------------------------------- */

static int carry_all(struct carrying *r, struct err *err)
{
    for (size_t i = 0; i < r->n; i++) {
        if (pass_is_over(&r->s->pass))
            return pass_interrupted(&r->s->pass, err);
        if (!r->rules[i].done && carrying_carry(r, i, err) < 0)
            return -1;
    }
    return 0;
}

/* Of the destination's own; ours were never made. */
static int say_back(const struct carrying *r, struct err *err)
{
    const struct store_mailbox *m = r->s->mailbox;
    const struct forward_ends ends = { .own = { m->destination_address },
                                       .other = { m->source_address } };
    const GPtrArray *all = r->at[DESTINATION].rules;

    for (guint i = 0; i < all->len; i++) {
        const struct endpoint_rule *rule = all->pdata[i];
        g_autofree char *key = g_strconcat(
            "back ", rule->id != NULL ? rule->id : rule->name, NULL);
        const struct store_setting line = {
            .key = key,
            .counterpart = rule->name,
            .subject = rule->name,
            .value = (char *)(uintptr_t) "enabled",
            .outcome = SETTING_UNMAPPED,
            .cause = (char *)(uintptr_t)SENDS_BACK,
            .remedy = (char *)(uintptr_t)DISABLE_AT_DESTINATION,
        };

        if (rule->enabled && forward_target(rule, &ends) != NULL &&
            settings_line(r->s, line, err) < 0)
            return -1;
    }
    return 0;
}

int settings_rules(struct settings *s, struct err *err)
{
    const struct engine_options *o = &s->pass.options;
    struct carrying r = {
        .s = s,
        .doubt_until_us = timestamp_monotonic() + o->doubt_wait_us +
                          (o->alone ? 0 : PUT_MOST_US),
    };
    int rc = carrying_read(&r, SOURCE, err);

    if (rc == 0 && r.at[SOURCE].rules->len > 0) {
        rc = carrying_read(&r, DESTINATION, err);
        if (rc == 0)
            rc = map_all(&r, err);
        if (rc == 0)
            rc = carry_all(&r, err);
        if (rc == 0)
            rc = say_back(&r, err);
    }
    for (size_t i = 0; i < r.n; i++) {
        endpoint_rule_free(r.rules[i].mapped);
        g_free(r.rules[i].there);
    }
    g_free(r.rules);
    endpoint_rules_clear(&r.at[SOURCE]);
    endpoint_rules_clear(&r.at[DESTINATION]);
    return rc;
}
