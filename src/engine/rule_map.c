#include "engine/rule_map.h"

#include <string.h>

#define BY_HAND                                                                \
    "make the rule by hand at the destination, in Outlook or Outlook on the "  \
    "web"

void rule_gap_clear(struct rule_gap *gap)
{
    g_clear_pointer(&gap->cause, g_free);
}

/* ---- the directory's own names ------------------------------------------ */

/* [MS-OXOABK] 2.2.1.1: a DN begins so, and no mail address does. */
static bool is_dn(const char *address)
{
    return address[0] == '/';
}

static int ask(struct settings *s, enum side side, const char *dn, char **ret,
               struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;
    int found;

    for (;;) {
        g_auto(endpoint_person) who = { 0 };

        found = endpoint_resolve(ep, dn, &who, &why);
        if (found >= 0) {
            *ret = g_strdup(found > 0 ? who.address : NULL);
            return 0;
        }
        if (settings_endure(s, side, &failures, &why))
            continue;
        if (settings_is_local(s, &why))
            return 0;
        *err = why;
        return -1;
    }
}

static int resolve(struct settings *s, enum side side, GHashTable *known,
                   struct rule_person *p, struct err *err)
{
    char *address = NULL;

    if (!is_dn(p->address))
        return 0;
    if (!g_hash_table_lookup_extended(known, p->address, NULL,
                                      (void **)&address)) {
        if (ask(s, side, p->address, &address, err) < 0)
            return -1;
        g_hash_table_insert(known, g_strdup(p->address), address);
    }
    if (address == NULL)
        return 0;
    g_free(p->address);
    g_free(p->routing);
    p->address = g_strdup(address);
    p->routing = g_strdup("SMTP");
    return 0;
}

static int resolve_rule(struct settings *s, enum side side, GHashTable *known,
                        const struct endpoint_rule *rule, struct err *err)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        for (guint j = 0; j < c->people->len; j++)
            if (resolve(s, side, known, c->people->pdata[j], err) < 0)
                return -1;
    }
    return 0;
}

int rules_resolve(struct settings *s, enum side side,
                  const struct endpoint_rules *rules, struct err *err)
{
    GHashTable *known =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    int rc = 0;

    for (guint i = 0; rc == 0 && i < rules->rules->len; i++)
        rc = resolve_rule(s, side, known, rules->rules->pdata[i], err);
    g_hash_table_unref(known);
    return rc;
}

/* ---- what a clause points to ------------------------------------------- */

static int has_none(struct rule_gap *gap, char *cause, const char *remedy)
{
    gap->cause = cause;
    gap->remedy = remedy;
    return 0;
}

static void set_text(const struct rule_clause *c, const char *text)
{
    g_ptr_array_set_size(c->texts, 0);
    g_ptr_array_add(c->texts, g_strdup(text));
}

static const char *only_text(const struct rule_clause *c)
{
    return c->texts->len > 0 ? c->texts->pdata[0] : "";
}

static int map_folder(struct settings *s, const struct rule_clause *c,
                      struct rule_gap *gap)
{
    const struct store_folder *f = settings_folder(s, only_text(c));

    if (f == NULL)
        return has_none(gap,
                        g_strdup_printf("%s: the folder is not among those of "
                                        "the migration",
                                        c->name),
                        "if the folder is gone, the rule does nothing; else "
                        "migrate the mailbox first, then run the settings "
                        "again");
    if (f->destination_id == NULL)
        return has_none(
            gap,
            g_strdup_printf("%s: the folder \"%s\" has no counterpart at the "
                            "destination",
                            c->name, f->path),
            "migrate the folder first, then run the settings again");
    set_text(c, f->destination_id);
    return 1;
}

/* Somebody of the migration has another address there; others keep theirs. */
static int map_person(struct settings *s, const struct rule_clause *c,
                      struct rule_person *p, struct rule_gap *gap,
                      struct err *err)
{
    const struct endpoint_person *who = NULL;
    int found;

    if (g_ascii_strcasecmp(p->routing, "MOBILE") == 0)
        return 1;
    found = settings_map(s, p->address, &who, err);
    if (found < 0)
        return -1;
    if (found == 0 && is_dn(p->address))
        return has_none(gap,
                        g_strdup_printf("%s: no directory knows \"%s\" any "
                                        "more",
                                        c->name,
                                        p->name != NULL ? p->name : p->address),
                        BY_HAND);
    if (found == 0)
        return 1;
    g_free(p->address);
    g_free(p->routing);
    p->address = g_strdup(who->address);
    p->routing = g_strdup("SMTP");
    return 1;
}

static int map_people(struct settings *s, const struct rule_clause *c,
                      struct rule_gap *gap, struct err *err)
{
    int rc = 1;

    for (guint i = 0; rc > 0 && i < c->people->len; i++)
        rc = map_person(s, c, c->people->pdata[i], gap, err);
    return rc;
}

/* ---- the template of an answer ----------------------------------------- */

#define PAGE 500

/* The copy of an item; NULL: it has none. */
static int find_copy(struct settings *s, const char *source_id, char **ret,
                     struct err *err)
{
    struct store_item_query query = {
        .mailbox_id = s->pass.job->lease.mailbox_id,
        .states = 1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
        .max = PAGE,
    };
    guint n = PAGE;

    *ret = NULL;
    while (n == PAGE && *ret == NULL) {
        g_autoptr(GPtrArray) page = NULL;

        if (store_items(s->pass.job->store, &query, &page, err) < 0)
            return -1;
        n = page->len;
        for (guint i = 0; i < n; i++) {
            const struct store_item *item = page->pdata[i];

            query.after_id = item->id;
            if (strcmp(item->source_id, source_id) == 0)
                *ret = g_strdup(item->destination_id);
        }
    }
    return 0;
}

static int map_item(struct settings *s, const struct rule_clause *c,
                    struct rule_gap *gap, struct err *err)
{
    g_autofree char *copy = NULL;

    if (find_copy(s, only_text(c), &copy, err) < 0)
        return -1;
    if (copy == NULL)
        return has_none(gap,
                        g_strdup_printf("%s: it answers with a template that "
                                        "has not been copied",
                                        c->name),
                        BY_HAND);
    set_text(c, copy);
    return 1;
}

/* ---- the rule ---------------------------------------------------------- */

static int map_clause(struct settings *s, const struct rule_clause *c,
                      struct rule_gap *gap, struct err *err)
{
    switch (c->value) {
    case RULE_TEXTS:
        return 1;
    case RULE_PEOPLE:
        return map_people(s, c, gap, err);
    case RULE_FOLDER:
        return map_folder(s, c, gap);
    case RULE_ITEM:
        return map_item(s, c, gap, err);
    }
    g_assert_not_reached();
}

int rule_map(struct settings *s, const struct endpoint_rule *rule,
             struct endpoint_rule **ret, struct rule_gap *ret_gap,
             struct err *err)
{
    g_autoptr(endpoint_rule) mapped = endpoint_rule_copy(rule);
    int rc = 1;

    g_clear_pointer(&mapped->id, g_free);
    if (rule->client_only)
        return has_none(ret_gap,
                        g_strdup("only Outlook can carry it out; the server "
                                 "does not show what it does"),
                        "export the rule in Outlook at the source and import "
                        "it at the destination, or make it anew");
    if (rule->broken)
        return has_none(ret_gap,
                        g_strdup("the source says that the rule is in error"),
                        "mend or delete the rule at the source, then run the "
                        "settings again");
    for (guint i = 0; rc > 0 && i < mapped->clauses->len; i++)
        rc = map_clause(s, mapped->clauses->pdata[i], ret_gap, err);
    if (rc > 0)
        *ret = g_steal_pointer(&mapped);
    return rc;
}
