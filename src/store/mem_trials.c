/*
 * The store in memory: what trials have found out between two servers.
 */
#include "store/mem_priv.h"

static struct store_trial *trial_dup(const struct store_trial *line)
{
    struct store_trial *copy = g_new(struct store_trial, 1);

    *copy = (struct store_trial){
        .source = g_strdup(line->source),
        .destination = g_strdup(line->destination),
        .item_class = g_strdup(line->item_class),
        .format = line->format,
        .outcome = line->outcome,
        .what = store_text_dup(line->what),
        .unknown = store_text_dup(line->unknown),
        .pass_id = line->pass_id,
    };
    return copy;
}

static struct store_edits *edits_dup(const struct store_edits *edits)
{
    struct store_edits *copy = g_new(struct store_edits, 1);

    *copy = (struct store_edits){
        .source = g_strdup(edits->source),
        .destination = g_strdup(edits->destination),
        .way = edits->way,
        .why = store_text_dup(edits->why),
    };
    return copy;
}

static gint by_class(gconstpointer a, gconstpointer b)
{
    const struct store_trial *x = *(const struct store_trial *const *)a;
    const struct store_trial *y = *(const struct store_trial *const *)b;
    int order = strcmp(x->source, y->source);

    if (order == 0)
        order = strcmp(x->destination, y->destination);
    return order != 0 ? order : strcmp(x->item_class, y->item_class);
}

static gint by_pair(gconstpointer a, gconstpointer b)
{
    const struct store_edits *x = *(const struct store_edits *const *)a;
    const struct store_edits *y = *(const struct store_edits *const *)b;
    int order = strcmp(x->source, y->source);

    return order != 0 ? order : strcmp(x->destination, y->destination);
}

static void put_line(struct mstore *s, const struct store_trial *line)
{
    for (guint i = 0; i < s->trials->len; i++) {
        if (by_class(&s->trials->pdata[i], &line) != 0)
            continue;
        g_ptr_array_remove_index_fast(s->trials, i);
        break;
    }
    g_ptr_array_add(s->trials, trial_dup(line));
}

static bool may_take_place(enum edits_way is, enum edits_way now)
{
    return is == EDITS_UNTRIED || (is != EDITS_REPLACE && now != EDITS_UNTRIED);
}

static void put_edits(struct mstore *s, const struct store_edits *edits)
{
    for (guint i = 0; i < s->edits->len; i++) {
        const struct store_edits *is = s->edits->pdata[i];

        if (by_pair(&s->edits->pdata[i], &edits) != 0)
            continue;
        if (!may_take_place(is->way, edits->way))
            return;
        g_ptr_array_remove_index_fast(s->edits, i);
        break;
    }
    g_ptr_array_add(s->edits, edits_dup(edits));
}

int mstore_trial_record(struct store *base, const struct store_lease *lease,
                        const struct store_edits *edits,
                        const struct store_trial *lines, size_t n,
                        struct err *err)
{
    struct mstore *s = mstore_lock(base);

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    for (size_t i = 0; i < n; i++)
        put_line(s, &lines[i]);
    if (edits != NULL)
        put_edits(s, edits);
    return mstore_unlock(s, 0);
}

int mstore_trials(struct store *base, GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_trial_free);

    (void)err;
    for (guint i = 0; i < s->trials->len; i++)
        g_ptr_array_add(all, trial_dup(s->trials->pdata[i]));
    g_ptr_array_sort(all, by_class);
    *ret = all;
    return mstore_unlock(s, 0);
}

int mstore_edits(struct store *base, GPtrArray **ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *all =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_edits_free);

    (void)err;
    for (guint i = 0; i < s->edits->len; i++)
        g_ptr_array_add(all, edits_dup(s->edits->pdata[i]));
    g_ptr_array_sort(all, by_pair);
    *ret = all;
    return mstore_unlock(s, 0);
}
