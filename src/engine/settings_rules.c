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
#include <string.h>

#include "base/timestamp.h"
#include "engine/forward.h"
#include "engine/rule_map.h"
#include "engine/settings_priv.h"

/* A rule that sends was made disabled, and by us: the line's memo. */
#define HELD "held"
/* It is being made; the second one disabled, as above. */
#define MAKING      "making"
#define MAKING_HELD "making held"

/*
 * What a request may take whose writer lost the mailbox to us and is not known
 * to be dead.
 */
#define PUT_MOST_US (300 * TIMESTAMP_SECOND)
/* Parts of the time to wait, with a look after each. */
#define LOOKS 8

#define ENABLE_LATER                                                           \
    "once mail arrives at the destination, run the settings with "             \
    "--enable-forwarding"
#define OUTLOOK_HAS                                                            \
    "Outlook keeps rules of its own in the destination mailbox, which "        \
    "writing others would destroy"
#define OUTLOOK_RULES                                                          \
    "run the settings with --replace-outlook-rules, which loses what only "    \
    "Outlook knows of there, or make the rule by hand in Outlook"

#define IN_A_CIRCLE                                                            \
    "it sends mail on to this very mailbox at the destination, where it "      \
    "would "                                                                   \
    "send it in a circle"
#define DISABLE_AT_SOURCE                                                      \
    "disable the rule at the source before mail is copied: else what it has "  \
    "sent on is there twice"
#define SENDS_BACK "the destination's own rule sends mail back to the source"
#define DISABLE_AT_DESTINATION                                                 \
    "disable the rule at the destination, or mail goes in a circle and, once " \
    "the mailbox has moved, where nobody reads it"

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

/* ---- lines ------------------------------------------------------------- */

static struct store_setting line_of(const struct carried *c)
{
    return (struct store_setting){
        .key = c->rule->id != NULL ? c->rule->id : c->rule->name,
        .subject = c->rule->name,
        .counterpart = c->mapped != NULL ? c->rule->name : NULL,
        .value = (char *)(uintptr_t)(c->rule->enabled ? "enabled" : "disabled"),
        .memo = (char *)(uintptr_t)c->memo,
    };
}

static int say(const struct carrying *r, struct carried *c,
               struct store_setting line, struct err *err)
{
    c->done = true;
    return settings_line(r->s, line, err);
}

static int say_wanting(const struct carrying *r, struct carried *c,
                       enum setting_outcome outcome, const char *cause,
                       const char *remedy, struct err *err)
{
    struct store_setting line = line_of(c);

    line.outcome = outcome;
    line.cause = (char *)(uintptr_t)cause;
    line.remedy = (char *)(uintptr_t)remedy;
    return say(r, c, line, err);
}

/* ---- both sides -------------------------------------------------------- */

static int read_side(struct carrying *r, enum side side, struct err *err)
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

static const struct endpoint_rule *rule_by_id(const struct endpoint_rules *all,
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
static bool is_taken(const struct carrying *r, const struct endpoint_rule *rule)
{
    for (size_t i = 0; i < r->n; i++)
        if (g_strcmp0(r->rules[i].there, rule->id) == 0)
            return true;
    return false;
}

static const struct endpoint_rule *find_same(const struct carrying *r,
                                             const struct endpoint_rule *mapped)
{
    const GPtrArray *all = r->at[DESTINATION].rules;

    for (guint i = 0; i < all->len; i++)
        if (endpoint_rule_same(all->pdata[i], mapped) &&
            !is_taken(r, all->pdata[i]))
            return all->pdata[i];
    return NULL;
}

static bool has_namesake(const struct carrying *r, const struct carried *c)
{
    const GPtrArray *all = r->at[DESTINATION].rules;

    for (guint i = 0; i < all->len; i++) {
        const struct endpoint_rule *rule = all->pdata[i];

        if (strcmp(rule->name, c->rule->name) == 0 && !is_taken(r, rule))
            return true;
    }
    return false;
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
        return say_wanting(r, c, SETTING_UNMAPPED, IN_A_CIRCLE,
                           DISABLE_AT_SOURCE, err);
    found = rule_map(r->s, c->rule, &c->mapped, &gap, err);

    if (found != 0)
        return MIN(found, 0);
    return say_wanting(r, c, SETTING_UNMAPPED, gap.cause, gap.remedy, err);
}

static void recall(const struct carrying *r, struct carried *c)
{
    const struct store_setting *before = settings_before(r->s, line_of(c).key);

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
        same = c->mapped != NULL ? find_same(r, c->mapped) : NULL;
        if (same != NULL)
            c->there = g_strdup(same->id);
    }
    return 0;
}

static bool is_held_back(const struct carrying *r, const struct carried *c)
{
    return endpoint_rule_sends(c->rule) && c->rule->enabled &&
           !r->s->options->enable_forwarding;
}

/*
 * After the source's rule before it; the first one before the next that is
 * there; else after everything that the destination has of its own.
 */
static unsigned int place_of(const struct carrying *r, size_t at)
{
    const GPtrArray *all = r->at[DESTINATION].rules;
    const struct endpoint_rule *near;
    unsigned int last = 0;

    for (size_t i = at; i-- > 0;) {
        near = rule_by_id(&r->at[DESTINATION], r->rules[i].there);
        if (near != NULL)
            return near->priority + 1;
    }
    for (size_t i = at + 1; i < r->n; i++) {
        near = rule_by_id(&r->at[DESTINATION], r->rules[i].there);
        if (near != NULL)
            return near->priority;
    }
    for (guint i = 0; i < all->len; i++)
        last =
            MAX(last, ((const struct endpoint_rule *)all->pdata[i])->priority);
    return last + 1;
}

/* ---- writing ----------------------------------------------------------- */

static bool is_there(const struct carrying *r, const struct endpoint_rule *rule)
{
    const struct endpoint_rule *same;

    if (rule->id == NULL)
        return find_same(r, rule) != NULL;
    same = rule_by_id(&r->at[DESTINATION], rule->id);
    return same != NULL && same->enabled == rule->enabled;
}

static void tell_doubt(struct carrying *r, const struct endpoint_rule *rule)
{
    g_autofree char *text = g_strdup_printf(
        "waiting to see whether the server has made the rule \"%s\"",
        rule->name);

    pass_event(&r->s->pass,
               &(struct engine_event){ .kind = ENGINE_NOTE, .text = text });
}

/* 1: it is there; 0: not, and until that time it would have come; -1. */
static int look(struct carrying *r, const struct endpoint_rule *rule,
                int64_t until_us, struct err *err)
{
    bool told = false;

    for (;;) {
        int64_t left = until_us - timestamp_monotonic();

        if (read_side(r, DESTINATION, err) < 0)
            return -1;
        if (is_there(r, rule) || left <= 0)
            return is_there(r, rule);
        if (!told)
            tell_doubt(r, rule);
        told = true;
        if (!pass_sleep(
                &r->s->pass,
                MIN(left, r->s->pass.options.doubt_wait_us / LOOKS + 1)))
            return pass_interrupted(err);
    }
}

/*
 * 0: it is there, and the destination read anew.  Before a new one is sent
 * again the server has had its time.  *maybe: it was or may be there.
 */
static int put(struct carrying *r, const struct endpoint_rule *rule,
               bool *maybe, struct err *ret_why)
{
    struct endpoint *to = r->s->pass.job->destination;
    bool drop_blob = r->at[DESTINATION].outlook_blob, unsure;
    unsigned int failures = 0;

    while (endpoint_put_rule(to, rule, drop_blob, &unsure, ret_why) < 0) {
        int64_t until = timestamp_monotonic();
        int found;

        *maybe = *maybe || unsure;
        if (unsure && rule->id == NULL)
            until += r->s->pass.options.doubt_wait_us;
        if (!settings_endure(r->s, DESTINATION, &failures, ret_why))
            return -1;
        found = look(r, rule, until, ret_why);
        if (found != 0)
            return MIN(found, 0);
        drop_blob = r->at[DESTINATION].outlook_blob;
    }
    *maybe = true;
    return read_side(r, DESTINATION, ret_why);
}

static int put_failed(const struct carrying *r, struct carried *c,
                      const char *memo, const struct err *why, struct err *err)
{
    struct store_setting line = line_of(c);

    if (!settings_is_local(r->s, why)) {
        *err = *why;
        return -1;
    }
    c->done = true;
    line.memo = (char *)(uintptr_t)memo;
    return settings_line_failed(r->s, line, why, err);
}

static int say_state(const struct carrying *r, struct carried *c,
                     enum setting_outcome outcome, bool enabled, bool held,
                     struct err *err)
{
    struct store_setting line = line_of(c);

    line.outcome = outcome;
    line.value = (char *)(uintptr_t)(enabled ? "enabled" : "disabled");
    line.memo = NULL;
    if (held) {
        line.value = (char *)(uintptr_t) "disabled until cutover";
        line.cause = (char *)(uintptr_t) "the rule sends mail: it stays "
                                         "disabled until the mailbox has moved";
        line.remedy = (char *)(uintptr_t)ENABLE_LATER;
        line.memo = (char *)(uintptr_t)HELD;
    }
    return say(r, c, line, err);
}

/*
 * Writing a rule destroys those that Outlook alone knows.  Where the server
 * has none at all these are leftovers; else somebody must have agreed.
 */
static bool may_write(const struct carrying *r)
{
    return !r->at[DESTINATION].outlook_blob ||
           r->at[DESTINATION].rules->len == 0 ||
           r->s->options->replace_outlook_rules;
}

/*
 * When it was sent there was none of them that was not another one's: all but
 * one are the server's doing, or equal to the last word.
 */
static int remove_doubles(struct carrying *r, const struct carried *c,
                          struct err *ret_why)
{
    const struct endpoint_rule *same;
    unsigned int failures = 0;

    while (may_write(r) && (same = find_same(r, c->mapped)) != NULL) {
        if (endpoint_remove_rule(r->s->pass.job->destination, same->id,
                                 r->at[DESTINATION].outlook_blob,
                                 ret_why) < 0 &&
            !settings_endure(r->s, DESTINATION, &failures, ret_why))
            return -1;
        if (read_side(r, DESTINATION, ret_why) < 0)
            return -1;
    }
    return 0;
}

static void take(const struct carrying *r, struct carried *c)
{
    const struct endpoint_rule *same = find_same(r, c->mapped);

    c->there = same != NULL ? g_strdup(same->id) : NULL;
}

static int make(struct carrying *r, size_t i, struct err *err)
{
    struct carried *c = &r->rules[i];
    const char *memo = is_held_back(r, c) ? MAKING_HELD : MAKING;
    struct store_setting line = line_of(c);
    bool maybe = false;
    struct err why;

    if (has_namesake(r, c))
        return say_wanting(r, c, SETTING_FAILED,
                           "the destination has a rule of that name which does "
                           "something else; it is left alone",
                           "delete or rename the destination's rule if the "
                           "source's is to take its place, then run the "
                           "settings again",
                           err);
    if (!may_write(r))
        return say_wanting(r, c, SETTING_FAILED, OUTLOOK_HAS, OUTLOOK_RULES,
                           err);
    line.memo = (char *)(uintptr_t)memo;
    if (settings_intend(r->s, &line, 1, err) < 0)
        return -1;
    c->mapped->priority = place_of(r, i);
    c->mapped->enabled = c->rule->enabled && !is_held_back(r, c);
    if (put(r, c->mapped, &maybe, &why) < 0)
        return put_failed(r, c, maybe ? memo : NULL, &why, err);
    take(r, c);
    if (remove_doubles(r, c, &why) < 0)
        return put_failed(r, c, memo, &why, err);
    return say_state(r, c, SETTING_SET, c->mapped->enabled, is_held_back(r, c),
                     err);
}

/*
 * Disabled by us, and by nobody else since: what somebody does at the
 * destination after we enabled it is the last word.  No line at all: the state
 * file is another one.
 */
static bool is_held(const struct carried *c)
{
    return endpoint_rule_sends(c->rule) && c->rule->enabled &&
           (!c->known || g_strcmp0(c->memo, HELD) == 0 ||
            g_strcmp0(c->memo, MAKING_HELD) == 0);
}

static int enable(struct carrying *r, struct carried *c,
                  const struct endpoint_rule *there, struct err *err)
{
    g_autoptr(endpoint_rule) changed = endpoint_rule_copy(there);
    bool maybe = false;
    struct err why;

    if (!may_write(r))
        return say_wanting(r, c, SETTING_FAILED, OUTLOOK_HAS, OUTLOOK_RULES,
                           err);
    changed->enabled = true;
    if (put(r, changed, &maybe, &why) < 0)
        return put_failed(r, c, HELD, &why, err);
    return say_state(r, c, SETTING_SET, true, false, err);
}

static int keep(struct carrying *r, struct carried *c, struct err *err)
{
    const struct endpoint_rule *there;
    struct err why;
    bool held;

    if (c->in_doubt && remove_doubles(r, c, &why) < 0)
        return put_failed(r, c, c->memo, &why, err);
    there = rule_by_id(&r->at[DESTINATION], c->there);
    g_assert(there != NULL);
    held = !there->enabled && is_held(c);
    if (held && !is_held_back(r, c))
        return enable(r, c, there, err);
    return say_state(r, c, SETTING_ALREADY, there->enabled, held, err);
}

/* A pass before us was making it: has it come, or will it? */
static int settle(struct carrying *r, struct carried *c, struct err *err)
{
    struct err why;
    int found = look(r, c->mapped, r->doubt_until_us, &why);

    if (found < 0)
        return put_failed(r, c, c->memo, &why, err);
    if (found > 0)
        take(r, c);
    return 0;
}

static int carry_one(struct carrying *r, size_t i, struct err *err)
{
    struct carried *c = &r->rules[i];

    /* Somebody may have deleted it since. */
    if (c->there != NULL && rule_by_id(&r->at[DESTINATION], c->there) == NULL)
        g_clear_pointer(&c->there, g_free);
    if (c->there == NULL && c->in_doubt && settle(r, c, err) < 0)
        return -1;
    if (c->done)
        return 0;
    return c->there != NULL ? keep(r, c, err) : make(r, i, err);
}

static int carry_all(struct carrying *r, struct err *err)
{
    for (size_t i = 0; i < r->n; i++) {
        if (pass_is_over(&r->s->pass))
            return pass_interrupted(err);
        if (!r->rules[i].done && carry_one(r, i, err) < 0)
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
    int rc = read_side(&r, SOURCE, err);

    if (rc == 0 && r.at[SOURCE].rules->len > 0) {
        rc = read_side(&r, DESTINATION, err);
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
