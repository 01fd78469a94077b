/* Hidden items, and which of them stay behind. */
#include <string.h>

#include "engine/check_priv.h"
#include "engine/filter.h"
#include "engine/hidden.h"
#include "engine/trees.h"

static GHashTable *names_of(const struct plan *all)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);

    for (size_t i = 0; i < all->n; i++)
        if (all->steps[i].action != PLAN_SKIP)
            filter_names_add(names, all->steps[i].path,
                             all->steps[i].source->well_known);
    return names;
}

static bool has_hidden(const struct pass *p, const struct plan_step *step,
                       GHashTable *names)
{
    return (step->action == PLAN_MAP || step->action == PLAN_CREATE) &&
           step->source->n_hidden > 0 && !tree_is_recoverable(step->root) &&
           !filter_skips_folder(&p->options.filter, step->path, names);
}

static int list_hidden(struct pass *p, const char *folder_id,
                       struct endpoint_page *ret, struct err *err)
{
    unsigned int failures = 0;
    struct err why;

    while (endpoint_hidden(p->job->source, folder_id, ret, &why) < 0) {
        if (policy_is_gone(&why))
            return 0;
        if (pass_endure(p, SOURCE, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "source");
    }
    return 0;
}

static int count_hidden(struct pass *p, const struct plan_step *step,
                        GHashTable *by_class, struct err *err)
{
    g_auto(endpoint_page) page = { 0 };

    if (list_hidden(p, step->source->id, &page, err) < 0)
        return -1;
    for (size_t i = 0; i < page.n; i++) {
        const char *class = page.changes[i].item_class;
        char *key = g_strdup(class != NULL ? class : "no class");
        size_t n = GPOINTER_TO_SIZE(g_hash_table_lookup(by_class, key));

        g_hash_table_insert(by_class, key, GSIZE_TO_POINTER(n + 1));
    }
    return 0;
}

static void left_behind(struct engine_check *check, const char *class, size_t n)
{
    g_autofree char *text = hidden_text(class, n);
    struct finding *f;

    check_find(check, FINDING_HIDDEN, "%s", text);
    f = check->findings->pdata[check->findings->len - 1];
    f->alike = g_strdup_printf("%s: %s", class, hidden_why_not(class));
    f->n = n;
}

int check_hidden(struct looking *l, struct err *err)
{
    const struct plan *all = &l->survey->plan;
    g_autoptr(GHashTable) names = names_of(all);
    g_autoptr(GHashTable) by_class =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GList) classes = NULL;

    for (size_t i = 0; i < all->n; i++)
        if (has_hidden(l->pass, &all->steps[i], names) &&
            count_hidden(l->pass, &all->steps[i], by_class, err) < 0)
            return -1;
    classes =
        g_list_sort(g_hash_table_get_keys(by_class), (GCompareFunc)strcmp);
    for (const GList *c = classes; c != NULL; c = c->next)
        if (!hidden_is_copied(c->data))
            left_behind(
                l->check, c->data,
                GPOINTER_TO_SIZE(g_hash_table_lookup(by_class, c->data)));
    return 0;
}
