#include "engine/survey.h"

void survey_clear(struct survey *s)
{
    plan_clear(&s->plan);
    for (enum side side = SOURCE; side < N_SIDES; side++)
        endpoint_tree_clear(&s->trees[side]);
}

static int read_tree(struct pass *p, enum side side, struct endpoint_tree *ret,
                     struct err *err)
{
    struct hands h = pass_own_hands(p);
    unsigned int failures = 0;
    struct err why;

    while (endpoint_folders(h.at[side], ret, &why) < 0) {
        if (pass_endure(p, side, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "%s", side_name(side));
    }
    return 0;
}

/* Source folder id to destination folder id, as earlier passes left it. */
static int mapped_so_far(struct pass *p, GHashTable **ret, struct err *err)
{
    g_autoptr(GPtrArray) rows = NULL;
    GHashTable *mapped;

    if (store_folders(p->job->store, p->job->lease.mailbox_id, &rows, err) < 0)
        return -1;
    mapped = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < rows->len; i++) {
        const struct store_folder *f = g_ptr_array_index(rows, i);

        if (f->destination_id != NULL)
            g_hash_table_insert(mapped, g_strdup(f->source_id),
                                g_strdup(f->destination_id));
    }
    *ret = mapped;
    return 0;
}

static int take(struct pass *p, const struct endpoint_facts *facts,
                struct survey *s, struct err *err)
{
    g_autoptr(GHashTable) mapped = NULL;
    struct plan_side sides[N_SIDES];

    for (enum side side = SOURCE; side < N_SIDES; side++) {
        if (read_tree(p, side, &s->trees[side], err) < 0)
            return -1;
        sides[side] =
            (struct plan_side){ &s->trees[side], facts[side].root_id };
    }
    if (mapped_so_far(p, &mapped, err) < 0)
        return -1;
    return plan_folders(&sides[SOURCE], &sides[DESTINATION], mapped, &s->plan,
                        err);
}

int survey_take(struct pass *p, const struct endpoint_facts *facts,
                struct survey *ret, struct err *err)
{
    struct survey s = { 0 };

    if (take(p, facts, &s, err) < 0) {
        survey_clear(&s);
        return -1;
    }
    *ret = s;
    return 0;
}
