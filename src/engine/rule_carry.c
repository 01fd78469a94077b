#include "engine/rule_carry.h"

#include <string.h>

#include "base/timestamp.h"

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

static bool has_namesake(const struct carrying *r, const struct carried *c)
{
    const GPtrArray *all = r->at[DESTINATION].rules;

    for (guint i = 0; i < all->len; i++) {
        const struct endpoint_rule *rule = all->pdata[i];

        if (strcmp(rule->name, c->rule->name) == 0 &&
            !carrying_is_taken(r, rule))
            return true;
    }
    return false;
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
        near = carrying_by_id(&r->at[DESTINATION], r->rules[i].there);
        if (near != NULL)
            return near->priority + 1;
    }
    for (size_t i = at + 1; i < r->n; i++) {
        near = carrying_by_id(&r->at[DESTINATION], r->rules[i].there);
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
        return carrying_find_same(r, rule) != NULL;
    same = carrying_by_id(&r->at[DESTINATION], rule->id);
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

        if (carrying_read(r, DESTINATION, err) < 0)
            return -1;
        if (is_there(r, rule) || left <= 0)
            return is_there(r, rule);
        if (!told)
            tell_doubt(r, rule);
        told = true;
        if (!pass_sleep(
                &r->s->pass,
                MIN(left, r->s->pass.options.doubt_wait_us / LOOKS + 1)))
            return pass_interrupted(&r->s->pass, err);
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
    return carrying_read(r, DESTINATION, ret_why);
}

static int put_failed(const struct carrying *r, struct carried *c,
                      const char *memo, const struct err *why, struct err *err)
{
    struct store_setting line = carried_line(c);

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
    struct store_setting line = carried_line(c);

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
    return carrying_say(r, c, line, err);
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

    while (may_write(r) && (same = carrying_find_same(r, c->mapped)) != NULL) {
        if (endpoint_remove_rule(r->s->pass.job->destination, same->id,
                                 r->at[DESTINATION].outlook_blob,
                                 ret_why) < 0 &&
            !settings_endure(r->s, DESTINATION, &failures, ret_why))
            return -1;
        if (carrying_read(r, DESTINATION, ret_why) < 0)
            return -1;
    }
    return 0;
}

static void take(const struct carrying *r, struct carried *c)
{
    const struct endpoint_rule *same = carrying_find_same(r, c->mapped);

    c->there = same != NULL ? g_strdup(same->id) : NULL;
}

static int make(struct carrying *r, size_t i, struct err *err)
{
    struct carried *c = &r->rules[i];
    const char *memo = is_held_back(r, c) ? MAKING_HELD : MAKING;
    struct store_setting line = carried_line(c);
    bool maybe = false;
    struct err why;

    if (has_namesake(r, c))
        return carrying_say_wanting(
            r, c, SETTING_FAILED,
            "the destination has a rule of that name which does "
            "something else; it is left alone",
            "delete or rename the destination's rule if the "
            "source's is to take its place, then run the "
            "settings again",
            err);
    if (!may_write(r))
        return carrying_say_wanting(r, c, SETTING_FAILED, OUTLOOK_HAS,
                                    OUTLOOK_RULES, err);
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
        return carrying_say_wanting(r, c, SETTING_FAILED, OUTLOOK_HAS,
                                    OUTLOOK_RULES, err);
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
    there = carrying_by_id(&r->at[DESTINATION], c->there);
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

int carrying_carry(struct carrying *r, size_t i, struct err *err)
{
    struct carried *c = &r->rules[i];

    /* Somebody may have deleted it since. */
    if (c->there != NULL &&
        carrying_by_id(&r->at[DESTINATION], c->there) == NULL)
        g_clear_pointer(&c->there, g_free);
    if (c->there == NULL && c->in_doubt && settle(r, c, err) < 0)
        return -1;
    if (c->done)
        return 0;
    return c->there != NULL ? keep(r, c, err) : make(r, i, err);
}
