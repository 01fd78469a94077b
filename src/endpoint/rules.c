#include "endpoint/rules.h"

#include "endpoint/settings.h"

static void free_person(void *data)
{
    struct rule_person *p = data;

    g_free(p->name);
    g_free(p->address);
    g_free(p->routing);
    g_free(p);
}

static void free_clause(void *data)
{
    struct rule_clause *c = data;

    g_ptr_array_unref(c->texts);
    g_ptr_array_unref(c->people);
    g_free(c);
}

struct rule_clause *rule_clause_new(enum rule_part part, enum rule_value value,
                                    const char *name)
{
    struct rule_clause *c = g_new0(struct rule_clause, 1);

    c->part = part;
    c->value = value;
    c->name = name;
    c->texts = g_ptr_array_new_with_free_func(g_free);
    c->people = g_ptr_array_new_with_free_func(free_person);
    return c;
}

void rule_clause_add_person(struct rule_clause *c, const char *name,
                            const char *address, const char *routing)
{
    struct rule_person *p = g_new0(struct rule_person, 1);

    p->name = g_strdup(name);
    p->address = g_strdup(address);
    p->routing = g_strdup(routing != NULL ? routing : "SMTP");
    g_ptr_array_add(c->people, p);
}

static struct rule_clause *copy_clause(const struct rule_clause *c)
{
    struct rule_clause *copy = rule_clause_new(c->part, c->value, c->name);

    copy->sends = c->sends;
    for (guint i = 0; i < c->texts->len; i++)
        g_ptr_array_add(copy->texts, g_strdup(c->texts->pdata[i]));
    for (guint i = 0; i < c->people->len; i++) {
        const struct rule_person *p = c->people->pdata[i];

        rule_clause_add_person(copy, p->name, p->address, p->routing);
    }
    return copy;
}

struct endpoint_rule *endpoint_rule_new(const char *name)
{
    struct endpoint_rule *rule = g_new0(struct endpoint_rule, 1);

    rule->name = g_strdup(name);
    rule->clauses = g_ptr_array_new_with_free_func(free_clause);
    return rule;
}

struct endpoint_rule *endpoint_rule_copy(const struct endpoint_rule *rule)
{
    struct endpoint_rule *copy = endpoint_rule_new(rule->name);

    copy->id = g_strdup(rule->id);
    copy->priority = rule->priority;
    copy->enabled = rule->enabled;
    copy->client_only = rule->client_only;
    copy->broken = rule->broken;
    for (guint i = 0; i < rule->clauses->len; i++)
        g_ptr_array_add(copy->clauses, copy_clause(rule->clauses->pdata[i]));
    return copy;
}

void endpoint_rule_free(struct endpoint_rule *rule)
{
    if (rule == NULL)
        return;
    g_free(rule->id);
    g_free(rule->name);
    g_ptr_array_unref(rule->clauses);
    g_free(rule);
}

bool endpoint_rule_sends(const struct endpoint_rule *rule)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        if (c->sends)
            return true;
    }
    return false;
}

/* ---- the same? --------------------------------------------------------- */

static bool same_texts(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++)
        if (g_strcmp0(a->pdata[i], b->pdata[i]) != 0)
            return false;
    return true;
}

static guint times(const GPtrArray *people, const char *address)
{
    guint n = 0;

    for (guint i = 0; i < people->len; i++) {
        const struct rule_person *p = people->pdata[i];

        n += g_ascii_strcasecmp(p->address, address) == 0 ? 1 : 0;
    }
    return n;
}

/* Names are the address book's, and it may call somebody otherwise. */
static bool same_people(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++) {
        const struct rule_person *p = a->pdata[i];

        if (times(a, p->address) != times(b, p->address))
            return false;
    }
    return true;
}

static bool same_clause(const struct rule_clause *a,
                        const struct rule_clause *b)
{
    return a->part == b->part && a->value == b->value &&
           g_strcmp0(a->name, b->name) == 0 && same_texts(a->texts, b->texts) &&
           same_people(a->people, b->people);
}

bool endpoint_rule_same(const struct endpoint_rule *a,
                        const struct endpoint_rule *b)
{
    if (g_strcmp0(a->name, b->name) != 0 || a->clauses->len != b->clauses->len)
        return false;
    for (guint i = 0; i < a->clauses->len; i++)
        if (!same_clause(a->clauses->pdata[i], b->clauses->pdata[i]))
            return false;
    return true;
}

gint endpoint_rule_order(gconstpointer a, gconstpointer b)
{
    const struct endpoint_rule *one = *(const struct endpoint_rule *const *)a;
    const struct endpoint_rule *two = *(const struct endpoint_rule *const *)b;

    return (one->priority > two->priority) - (one->priority < two->priority);
}

void endpoint_rules_clear(struct endpoint_rules *rules)
{
    g_clear_pointer(&rules->rules, g_ptr_array_unref);
}

/* ---- checked wrappers ------------------------------------------------ */

int endpoint_get_rules(struct endpoint *ep, struct endpoint_rules *ret,
                       struct err *err)
{
    int found;

    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->rules == NULL)
        return endpoint_not_offered(err, "inbox rules");
    found = ep->ops->rules(ep, ret, err);
    if (found < 0)
        return err_in(err, "inbox rules");
    g_assert(ret->rules != NULL);
    return found;
}

int endpoint_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                      bool drop_outlook, bool *ret_maybe, struct err *err)
{
    g_assert(ep != NULL && rule != NULL && ret_maybe != NULL && err != NULL);
    g_assert(rule->priority > 0);
    *ret_maybe = false;
    if (ep->ops->put_rule == NULL)
        return endpoint_not_offered(err, "inbox rules");
    return ep->ops->put_rule(ep, rule, drop_outlook, ret_maybe, err);
}

int endpoint_remove_rule(struct endpoint *ep, const char *rule_id,
                         bool drop_outlook, struct err *err)
{
    g_assert(ep != NULL && rule_id != NULL && err != NULL);
    if (ep->ops->remove_rule == NULL)
        return endpoint_not_offered(err, "inbox rules");
    return ep->ops->remove_rule(ep, rule_id, drop_outlook, err);
}
