#include "fts/fts.h"

#include "fts/fts_collect.h"

void fts_makeup_clear(struct fts_makeup *makeup)
{
    g_clear_pointer(&makeup->unknown, g_ptr_array_unref);
    *makeup = (struct fts_makeup){ 0 };
}

static void add_unknown(GHashTable *tags, const struct fts_node *node)
{
    for (guint i = 0; i < node->entries->len; i++) {
        const struct fts_key *key =
            &g_array_index(node->entries, struct fts_entry, i).key;

        if (!key->named && fts_rule_find(key->id, node->place) == NULL)
            g_hash_table_add(tags, fts_rule_describe(key, node->place));
    }
}

/* As deep as FTS_DEPTH_MAX lets a stream be. */
static void walk(GHashTable *tags, const struct fts_node *node)
{
    add_unknown(tags, node);
    for (int which = 0; which < FTS_N_CHILDREN; which++)
        for (guint i = 0;
             node->kept[which] != NULL && i < node->kept[which]->len; i++)
            walk(tags, g_ptr_array_index(node->kept[which], i));
    if (node->embedded != NULL)
        walk(tags, node->embedded);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *steal_sorted(GHashTable *tags)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    void *tag;

    g_hash_table_iter_init(&iter, tags);
    while (g_hash_table_iter_next(&iter, &tag, NULL)) {
        g_hash_table_iter_steal(&iter);
        g_ptr_array_add(all, tag);
    }
    g_ptr_array_sort(all, by_text);
    return all;
}

int fts_makeup_read(const struct blob *base64, struct fts_makeup *ret,
                    struct err *err)
{
    g_auto(fts_collected) c = { 0 };
    g_autoptr(GHashTable) tags =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    if (fts_collect(base64, true, &c, err) < 0)
        return -1;
    walk(tags, c.tree);
    *ret = (struct fts_makeup){
        .n_properties = c.tree->entries->len,
        .n_recipients = c.tree->kept[FTS_CHILD_RECIPIENT]->len,
        .n_attachments = c.tree->kept[FTS_CHILD_ATTACHMENT]->len,
        .unknown = steal_sorted(tags),
    };
    return 0;
}
