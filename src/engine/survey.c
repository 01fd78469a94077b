#include "engine/survey.h"

#include "engine/trees.h"

void survey_clear(struct survey *s)
{
    plan_clear(&s->plan);
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++) {
        for (enum side side = SOURCE; side < N_SIDES; side++) {
            endpoint_tree_clear(&s->trees[r][side].tree);
            g_clear_pointer(&s->trees[r][side].root_id, g_free);
        }
    }
}

/* ---- what there is ----------------------------------------------- */

/* 1, or 0 when that side has no such tree. */
static int ask(struct endpoint *ep, enum endpoint_root root,
               struct survey_tree *ret, struct err *err)
{
    if (root == ENDPOINT_ROOT_MAIN)
        return endpoint_folders(ep, &ret->tree, err) < 0 ? -1 : 1;
    return endpoint_get_tree(ep, root, &ret->root_id, &ret->tree, err);
}

/*
 * What is beside the mailbox may be denied to those who may read the mailbox:
 * that is told, and the rest goes on.
 */
static bool is_refused(enum endpoint_root root, const struct err *why)
{
    return root != ENDPOINT_ROOT_MAIN && why->scope < ERR_RUN &&
           why->retry == ERR_RETRY_NEVER;
}

static int read_tree(struct pass *p, enum side side, enum endpoint_root root,
                     struct survey_tree *ret, struct err *err)
{
    struct endpoint *ep = pass_own_hands(p).at[side];
    unsigned int failures = 0;
    struct err why;

    while (ask(ep, root, ret, &why) < 0) {
        if (pass_endure(p, side, &failures, &why))
            continue;
        if (is_refused(root, &why) && !pass_is_over(p)) {
            ret->refused = true;
            ret->why = why;
            return 0;
        }
        *err = why;
        return side_err(side, err);
    }
    return 0;
}

/* The destination is asked for nothing that the source does not have. */
static int read_trees(struct pass *p, const struct endpoint_facts *facts,
                      unsigned int skip_trees, struct survey *s,
                      struct err *err)
{
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++) {
        struct survey_tree *t = s->trees[r];

        if ((skip_trees & 1u << r) != 0)
            continue;
        if (read_tree(p, SOURCE, r, &t[SOURCE], err) < 0)
            return -1;
        if (t[SOURCE].tree.folders == NULL)
            continue;
        if (read_tree(p, DESTINATION, r, &t[DESTINATION], err) < 0)
            return -1;
        for (enum side side = SOURCE; side < N_SIDES; side++)
            if (r == ENDPOINT_ROOT_MAIN)
                t[side].root_id = g_strdup(facts[side].root_id);
    }
    return 0;
}

struct survey_sum survey_sum(const struct survey *s, enum endpoint_root root)
{
    const GPtrArray *folders = s->trees[root][SOURCE].tree.folders;
    struct survey_sum sum = { 0 };

    for (guint i = 0; folders != NULL && i < folders->len; i++) {
        const struct endpoint_folder *f = folders->pdata[i];

        sum.items += f->n_items;
        sum.bytes += f->size_bytes;
    }
    return sum;
}

/* "the source's archive cannot be looked at: ..." */
static void refuse(const struct survey_tree *t, enum side side,
                   enum endpoint_root root, struct err *ret_why)
{
    *ret_why = t->why;
    ret_why->scope = ERR_FOLDER;
    err_in(ret_why, "the %s's %s cannot be looked at", side_name(side),
           endpoint_root_name(root));
    if (ret_why->remedy == NULL)
        err_remedy(ret_why, tree_is_recoverable(root)
                                ? "run it again, or without "
                                  "--recoverable-items"
                                : "run it again; or give --no-archive to "
                                  "leave it behind");
}

bool survey_refused(const struct survey *s, enum endpoint_root root,
                    struct err *ret_why)
{
    const struct survey_tree *t = &s->trees[root][SOURCE];

    if (t->refused)
        refuse(t, SOURCE, root, ret_why);
    return t->refused;
}

bool survey_lacks(const struct survey *s, enum endpoint_root root,
                  struct err *ret_why)
{
    const struct survey_tree *there = &s->trees[root][DESTINATION];
    const char *what = endpoint_root_name(root);

    if (s->trees[root][SOURCE].root_id == NULL || there->root_id != NULL)
        return false;
    if (there->refused) {
        refuse(there, DESTINATION, root, ret_why);
        return true;
    }
    err_set(ret_why, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "the source has %s%s, the destination has none",
            root == ENDPOINT_ROOT_ARCHIVE ? "an " : "", what);
    ret_why->name = "no-such-tree";
    err_remedy(ret_why,
               tree_is_recoverable(root)
                   ? "it takes Exchange 2010 SP1 or later at the destination, "
                     "and an archive where there is one at the source; or run "
                     "it without --recoverable-items"
                   : "make one at the destination (Enable-Mailbox -Identity "
                     "USER -Archive) and run it again; or give --no-archive to "
                     "leave it behind");
    return true;
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

static int plan_tree(struct survey *s, enum endpoint_root root,
                     GHashTable *mapped, struct err *err)
{
    const struct survey_tree *t = s->trees[root];
    struct plan_side sides[N_SIDES];
    g_auto(plan) more = { 0 };

    for (enum side side = SOURCE; side < N_SIDES; side++)
        sides[side] =
            (struct plan_side){ &t[side].tree, t[side].root_id, root };
    if (plan_folders(&sides[SOURCE], &sides[DESTINATION], mapped, &more, err) <
        0)
        return -1;
    plan_add(&s->plan, &more);
    return 0;
}

static int take(struct pass *p, const struct endpoint_facts *facts,
                unsigned int skip_trees, struct survey *s, struct err *err)
{
    g_autoptr(GHashTable) mapped = NULL;

    if (read_trees(p, facts, skip_trees, s, err) < 0 ||
        mapped_so_far(p, &mapped, err) < 0)
        return -1;
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++)
        if (s->trees[r][SOURCE].tree.folders != NULL &&
            plan_tree(s, r, mapped, err) < 0)
            return -1;
    return 0;
}

int survey_take(struct pass *p, const struct endpoint_facts *facts,
                unsigned int skip_trees, struct survey *ret, struct err *err)
{
    struct survey s = { 0 };

    if (take(p, facts, skip_trees, &s, err) < 0) {
        survey_clear(&s);
        return -1;
    }
    *ret = s;
    return 0;
}
