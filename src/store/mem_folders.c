/*
 * The store in memory: folders, and what a destination folder holds that is
 * not ours.
 */
#include "store/mem_priv.h"

void mstore_folder_free(struct mstore_folder *f)
{
    store_folder_free(f->f);
    g_ptr_array_unref(f->items);
    g_hash_table_unref(f->by_source);
    g_hash_table_unref(f->dest);
    g_ptr_array_unref(f->hints);
    g_free(f);
}

struct mstore_folder *mstore_folder(struct mstore *s, int64_t id,
                                    struct err *err)
{
    if (id < 1 || id > (int64_t)s->folders->len) {
        store_refuse_missing(err, "folder", id);
        return NULL;
    }
    return s->folders->pdata[id - 1];
}

struct mstore_folder *mstore_leased_folder(struct mstore *s,
                                           const struct store_lease *lease,
                                           int64_t id, struct err *err)
{
    struct mstore_folder *f;

    if (mstore_leased(s, lease, err) == NULL)
        return NULL;
    f = mstore_folder(s, id, err);
    if (f == NULL || f->mailbox_id == lease->mailbox_id)
        return f;
    store_refuse_missing(err, "folder", id);
    return NULL;
}

static struct mstore_folder *find_folder(struct mstore *s, int64_t mailbox_id,
                                         const char *source_id)
{
    for (guint i = 0; i < s->folders->len; i++) {
        struct mstore_folder *f = s->folders->pdata[i];

        if (f->mailbox_id == mailbox_id &&
            strcmp(f->f->source_id, source_id) == 0)
            return f;
    }
    return NULL;
}

static struct mstore_folder *add_folder(struct mstore *s, int64_t mailbox_id,
                                        const char *source_id)
{
    struct mstore_folder *f = g_new0(struct mstore_folder, 1);

    f->f = g_new0(struct store_folder, 1);
    f->f->source_id = g_strdup(source_id);
    f->f->source_token = g_strdup("");
    f->mailbox_id = mailbox_id;
    f->items = g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);
    f->by_source = g_hash_table_new(g_str_hash, g_str_equal);
    f->dest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    f->hints = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(s->folders, f);
    f->f->id = s->folders->len;
    return f;
}

static bool has_moved(const struct store_folder *was,
                      const struct store_folder *is)
{
    return g_strcmp0(was->source_parent_id, is->source_parent_id) != 0 ||
           strcmp(store_path_name(was->path), store_path_name(is->path)) != 0;
}

int mstore_folders_set(struct store *base, const struct store_lease *lease,
                       const struct store_folder *folders, size_t n,
                       struct err *err)
{
    struct mstore *s = mstore_lock(base);

    if (mstore_leased(s, lease, err) == NULL)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < s->folders->len; i++) {
        struct mstore_folder *f = s->folders->pdata[i];

        if (f->mailbox_id == lease->mailbox_id)
            f->f->gone = true;
    }
    for (size_t i = 0; i < n; i++) {
        const struct store_folder *from = &folders[i];
        struct mstore_folder *f =
            find_folder(s, lease->mailbox_id, from->source_id);

        if (f == NULL)
            f = add_folder(s, lease->mailbox_id, from->source_id);
        if (f->f->destination_id != NULL && has_moved(f->f, from))
            f->f->moved = true;
        mstore_set(&f->f->source_parent_id, from->source_parent_id);
        mstore_set(&f->f->path, from->path);
        mstore_set(&f->f->well_known, from->well_known);
        mstore_set(&f->f->folder_class, from->folder_class);
        f->f->gone = false;
    }
    return mstore_unlock(s, 0);
}

static struct store_folder *folder_dup(const struct store_folder *f)
{
    struct store_folder *copy = g_new(struct store_folder, 1);

    *copy = *f;
    copy->source_id = g_strdup(f->source_id);
    copy->source_parent_id = g_strdup(f->source_parent_id);
    copy->path = g_strdup(f->path);
    copy->well_known = g_strdup(f->well_known);
    copy->folder_class = g_strdup(f->folder_class);
    copy->destination_id = g_strdup(f->destination_id);
    copy->source_token = g_strdup(f->source_token);
    copy->destination_token = g_strdup(f->destination_token);
    return copy;
}

static int by_path(const void *a, const void *b)
{
    const struct store_folder *const *x = a, *const *y = b;
    int order = strcmp((*x)->path, (*y)->path);

    return order != 0 ? order : (*x)->id < (*y)->id ? -1 : 1;
}

int mstore_folders(struct store *base, int64_t mailbox_id, GPtrArray **ret,
                   struct err *err)
{
    struct mstore *s = mstore_lock(base);
    GPtrArray *found =
        g_ptr_array_new_with_free_func((GDestroyNotify)store_folder_free);

    (void)err; /* memory always answers */
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];

        if (f->mailbox_id == mailbox_id)
            g_ptr_array_add(found, folder_dup(f->f));
    }
    g_ptr_array_sort(found, by_path);
    *ret = found;
    return mstore_unlock(s, 0);
}

static void map_folder(struct store_folder *f, GPtrArray *hints,
                       const struct store_mapping *map)
{
    if (f->destination_id != NULL &&
        strcmp(f->destination_id, map->destination_id) != 0) {
        mstore_set(&f->destination_token, NULL);
        f->baseline_done = false;
        g_ptr_array_set_size(hints, 0);
    }
    mstore_set(&f->destination_id, map->destination_id);
    f->made = map->made;
    f->moved = false;
    f->baseline_done = f->baseline_done || map->is_new;
}

int mstore_folders_map(struct store *base, const struct store_lease *lease,
                       const struct store_mapping *maps, size_t n,
                       struct err *err)
{
    struct mstore *s = mstore_lock(base);

    for (size_t i = 0; i < n; i++)
        if (mstore_leased_folder(s, lease, maps[i].folder_id, err) == NULL)
            return mstore_unlock(s, -1);
    for (size_t i = 0; i < n; i++) {
        struct mstore_folder *f =
            mstore_leased_folder(s, lease, maps[i].folder_id, err);

        map_folder(f->f, f->hints, &maps[i]);
    }
    return mstore_unlock(s, 0);
}

int mstore_folder_placed(struct store *base, const struct store_lease *lease,
                         int64_t folder_id, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_folder *f = mstore_leased_folder(s, lease, folder_id, err);

    if (f == NULL)
        return mstore_unlock(s, -1);
    f->f->moved = false;
    return mstore_unlock(s, 0);
}

/* ---- the destination's own items ------------------------------------ */

static enum dest_kind dest_kind(struct mstore *s, const struct mstore_folder *f,
                                const char *id)
{
    const struct mstore_mailbox *m = s->mailboxes->pdata[f->mailbox_id - 1];

    if (g_hash_table_contains(m->owned, id))
        return DEST_OURS;
    return (enum dest_kind)GPOINTER_TO_INT(g_hash_table_lookup(f->dest, id));
}

static void add_hint(struct mstore_folder *f, const struct store_dest_hint *h)
{
    g_autofree char *entry = g_strdup_printf("%s\n%s", h->hint, h->id);

    for (guint i = 0; i < f->hints->len; i++)
        if (strcmp(f->hints->pdata[i], entry) == 0)
            return;
    g_ptr_array_add(f->hints, g_steal_pointer(&entry));
}

int mstore_dest_record(struct store *base, const struct store_lease *lease,
                       int64_t folder_id, const struct store_dest_seen *seen,
                       struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_folder *f = mstore_leased_folder(s, lease, folder_id, err);

    if (f == NULL)
        return mstore_unlock(s, -1);
    for (size_t i = 0; i < seen->n; i++) {
        enum dest_kind is = dest_kind(s, f, seen->ids[i]);

        if (is != DEST_OURS && is != DEST_BASELINE)
            g_hash_table_insert(f->dest, g_strdup(seen->ids[i]),
                                GINT_TO_POINTER(seen->kind));
    }
    for (size_t i = 0; i < seen->n_hints; i++)
        add_hint(f, &seen->hints[i]);
    if (seen->token != NULL)
        mstore_set(&f->f->destination_token, seen->token);
    if (seen->baseline_done)
        f->f->baseline_done = true;
    return mstore_unlock(s, 0);
}

int mstore_dest_lookup(struct store *base, int64_t folder_id,
                       const char *const *ids, size_t n,
                       enum dest_kind *ret_kinds, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_folder *f = mstore_folder(s, folder_id, err);

    if (f == NULL)
        return mstore_unlock(s, -1);
    for (size_t i = 0; i < n; i++)
        ret_kinds[i] = dest_kind(s, f, ids[i]);
    return mstore_unlock(s, 0);
}

static int64_t owner_of(const struct mstore *s, int64_t mailbox_id,
                        const char *id)
{
    for (guint i = 0; i < s->folders->len; i++) {
        const struct mstore_folder *f = s->folders->pdata[i];

        for (guint k = 0; f->mailbox_id == mailbox_id && k < f->items->len;
             k++) {
            const struct store_item *item = f->items->pdata[k];

            if (g_strcmp0(item->destination_id, id) == 0 ||
                g_strcmp0(item->old_destination_id, id) == 0)
                return item->id;
        }
    }
    return 0;
}

static void found_free(void *p)
{
    struct store_dest_found *f = p;

    g_free(f->id);
    g_free(f);
}

int mstore_dest_find(struct store *base, int64_t folder_id,
                     const char *const *hints, size_t n, GPtrArray **ret,
                     struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_folder *f = mstore_folder(s, folder_id, err);
    GPtrArray *found = NULL;

    if (f == NULL)
        return mstore_unlock(s, -1);
    found = g_ptr_array_new_with_free_func(found_free);
    for (size_t i = 0; i < n; i++) {
        g_autofree char *prefix = g_strconcat(hints[i], "\n", NULL);

        for (guint k = 0; k < f->hints->len; k++) {
            const char *entry = f->hints->pdata[k];
            struct store_dest_found *one;

            if (!g_str_has_prefix(entry, prefix))
                continue;
            one = g_new0(struct store_dest_found, 1);
            one->hint = i;
            one->id = g_strdup(entry + strlen(prefix));
            one->owner = owner_of(s, f->mailbox_id, one->id);
            g_ptr_array_add(found, one);
        }
    }
    *ret = found;
    return mstore_unlock(s, 0);
}

static bool is_sure(const struct store_item *item)
{
    if (item->tries > 0 || item->state == ITEM_INTENDED ||
        item->old_destination_id != NULL)
        return false;
    return item->destination_id == NULL || item->state == ITEM_COPIED ||
           item->state == ITEM_ALREADY_THERE;
}

int mstore_dest_expected(struct store *base, int64_t folder_id,
                         struct store_expected *ret, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    const struct mstore_folder *f = mstore_folder(s, folder_id, err);
    struct store_expected e = { .sure = true };
    GHashTableIter each;
    gpointer id, kind;

    if (f == NULL)
        return mstore_unlock(s, -1);
    for (guint i = 0; i < f->items->len; i++) {
        const struct store_item *item = f->items->pdata[i];

        e.n += item->destination_id != NULL;
        e.sure = e.sure && is_sure(item);
    }
    g_hash_table_iter_init(&each, f->dest);
    while (g_hash_table_iter_next(&each, &id, &kind)) {
        bool ours = false;

        for (guint i = 0; i < f->items->len && !ours; i++)
            ours = g_strcmp0(((const struct store_item *)f->items->pdata[i])
                                 ->destination_id,
                             id) == 0;
        e.n += !ours && (GPOINTER_TO_INT(kind) == DEST_BASELINE ||
                         GPOINTER_TO_INT(kind) == DEST_FOREIGN);
    }
    *ret = e;
    return mstore_unlock(s, 0);
}

int mstore_dest_swept(struct store *base, const struct store_lease *lease,
                      int64_t folder_id, const char *token, struct err *err)
{
    struct mstore *s = mstore_lock(base);
    struct mstore_folder *f = mstore_leased_folder(s, lease, folder_id, err);

    if (f == NULL)
        return mstore_unlock(s, -1);
    if (token != NULL)
        mstore_set(&f->f->destination_token, token);
    f->f->dirty = false;
    return mstore_unlock(s, 0);
}
