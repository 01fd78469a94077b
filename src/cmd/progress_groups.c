/*
 * What was said of many mailboxes, told once: how many it is about, and how
 * many items.  Each single note is in the report.
 */
#include <string.h>

#include "cmd/help.h"
#include "cmd/progress_priv.h"

/* Causes told apart; servers' words may differ without end. */
#define GROUPS_MAX 500
/* Causes shown: what more there is stands in the report. */
#define SHOWN_MAX 20

struct progress_group {
    char *text;
    bool wants_a_person;
    size_t mailboxes;
    uint64_t n; /* items; or 0 */
};

static void group_free(void *p)
{
    struct progress_group *g = p;

    g_free(g->text);
    g_free(g);
}

static struct progress_group *group_of(struct progress *p, const char *text)
{
    struct progress_group *g;

    if (p->groups == NULL)
        p->groups = g_ptr_array_new_with_free_func(group_free);
    for (guint i = 0; i < p->groups->len; i++) {
        g = p->groups->pdata[i];
        if (strcmp(g->text, text) == 0)
            return g;
    }
    if (p->groups->len >= GROUPS_MAX)
        text = "other causes";
    if (p->groups->len > GROUPS_MAX)
        return p->groups->pdata[GROUPS_MAX];
    g = g_new0(struct progress_group, 1);
    g->text = g_strdup(text);
    g_ptr_array_add(p->groups, g);
    return g;
}

/* A mailbox's notes may come between those of others: marks say who had it. */
void progress_groups_add(struct progress *p, size_t index, const char *text,
                         uint64_t n, bool wants_a_person)
{
    struct progress_group *g = group_of(p, text);
    g_autofree char *key = g_strdup_printf("%zu %p", index, (void *)g);

    if (p->grouped == NULL)
        p->grouped =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g->n += n;
    g->wants_a_person |= wants_a_person;
    if (g_hash_table_add(p->grouped, g_steal_pointer(&key)))
        g->mailboxes++;
}

static int by_weight(const void *a, const void *b)
{
    const struct progress_group *x = *(const struct progress_group *const *)a;
    const struct progress_group *y = *(const struct progress_group *const *)b;

    if (x->wants_a_person != y->wants_a_person)
        return x->wants_a_person ? -1 : 1;
    if (x->mailboxes != y->mailboxes)
        return x->mailboxes > y->mailboxes ? -1 : 1;
    return strcmp(x->text, y->text);
}

void progress_groups_print(struct progress *p)
{
    FILE *out = p->config.out;

    if (p->groups == NULL || p->config.style == PROGRESS_NONE)
        return;
    g_ptr_array_sort(p->groups, by_weight);
    fprintf(out,
            "What happened (the report has each; --verbose tells them as "
            "they come)\n  %9s %9s\n",
            "mailboxes", "items");
    for (guint i = 0; i < p->groups->len && i < SHOWN_MAX; i++) {
        const struct progress_group *g = p->groups->pdata[i];
        g_autofree char *items =
            g->n > 0 ? progress_number(g->n) : g_strdup("");

        fprintf(out, "  %9zu %9s  ", g->mailboxes, items);
        help_wrap(out, g->text, 23, 23);
    }
    if (p->groups->len > SHOWN_MAX)
        fprintf(out, "  and %u other causes: see the report\n",
                p->groups->len - SHOWN_MAX);
    fflush(out);
}

void progress_groups_release(struct progress *p)
{
    g_clear_pointer(&p->groups, g_ptr_array_unref);
    g_clear_pointer(&p->grouped, g_hash_table_unref);
}
