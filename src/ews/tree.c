#include "ews/tree.h"

#include <string.h>

struct order {
    GHashTable *children; /* parent id -> GPtrArray of folders; not owned */
    GHashTable *placed;   /* set of folders */
    GPtrArray *out;
};

static void add_child(struct order *o, struct endpoint_folder *f)
{
    GPtrArray *list = g_hash_table_lookup(o->children, f->parent_id);

    if (list == NULL) {
        list = g_ptr_array_new();
        g_hash_table_insert(o->children, g_strdup(f->parent_id), list);
    }
    g_ptr_array_add(list, f);
}

static void place(struct order *o, struct endpoint_folder *f)
{
    if (g_hash_table_add(o->placed, f))
        g_ptr_array_add(o->out, f);
}

static void place_children(struct order *o, const char *parent_id)
{
    const GPtrArray *list = g_hash_table_lookup(o->children, parent_id);

    for (guint i = 0; list != NULL && i < list->len; i++)
        place(o, g_ptr_array_index(list, i));
}

/* Everything below what stands in out from `from` on, level by level. */
static void place_below(struct order *o, guint from)
{
    for (guint i = from; i < o->out->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(o->out, i);

        place_children(o, f->id);
    }
}

static void hang_on_root(struct order *o, struct endpoint_folder *f,
                         const char *root_id)
{
    guint from = o->out->len;

    g_free(f->parent_id);
    f->parent_id = g_strdup(root_id);
    place(o, f);
    place_below(o, from);
}

/* As many steps up as there are folders end inside of the circle. */
static struct endpoint_folder *in_circle(GHashTable *by_id,
                                         struct endpoint_folder *f)
{
    for (guint i = 0; i < g_hash_table_size(by_id); i++)
        f = g_hash_table_lookup(by_id, f->parent_id);
    return f;
}

static void place_orphans(struct order *o, const GPtrArray *folders,
                          GHashTable *by_id, const char *root_id)
{
    for (guint i = 0; i < folders->len; i++) {
        struct endpoint_folder *f = g_ptr_array_index(folders, i);

        if (!g_hash_table_contains(o->placed, f) &&
            !g_hash_table_contains(by_id, f->parent_id))
            hang_on_root(o, f, root_id);
    }
}

static void place_circles(struct order *o, const GPtrArray *folders,
                          GHashTable *by_id, const char *root_id)
{
    for (guint i = 0; i < folders->len; i++) {
        struct endpoint_folder *f = g_ptr_array_index(folders, i);

        if (!g_hash_table_contains(o->placed, f))
            hang_on_root(o, in_circle(by_id, f), root_id);
    }
}

static void free_list(void *list)
{
    g_ptr_array_unref(list);
}

void tree_order(GPtrArray *folders, const char *root_id)
{
    /* Keys of their own: hanging one on the root frees its parent's id. */
    struct order o = {
        .children =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_list),
        .placed = g_hash_table_new(NULL, NULL),
        .out = g_ptr_array_new(),
    };
    GHashTable *by_id = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < folders->len; i++) {
        struct endpoint_folder *f = g_ptr_array_index(folders, i);

        g_hash_table_insert(by_id, f->id, f);
        add_child(&o, f);
    }
    place_children(&o, root_id);
    place_below(&o, 0);
    place_orphans(&o, folders, by_id, root_id);
    place_circles(&o, folders, by_id, root_id);
    g_assert(o.out->len == folders->len);
    for (guint i = 0; i < folders->len; i++)
        g_ptr_array_index(folders, i) = g_ptr_array_index(o.out, i);
    g_ptr_array_unref(o.out);
    g_hash_table_unref(by_id);
    g_hash_table_unref(o.placed);
    g_hash_table_unref(o.children);
}
