#include "lab/change.h"

#include "lab/fts_read.h"

/* Items fetched at a time while looking for some to change. */
#define PAGE 200

static int delete_item(struct lab_store *store, int64_t mailbox, const char *id,
                       struct err *err)
{
    return lab_store_delete_item(store, mailbox, id, LAB_DELETE_SOFT, err);
}

static void set_subject(struct mapi_item *tree)
{
    struct mapi_props *props = &tree->message.props;
    g_autofree char *old = mapi_dup_text(mapi_find(props, 0x0037));
    g_autofree char *subject =
        g_strconcat("edited: ", old != NULL ? old : "", NULL);

    mapi_set_text(tree, props, PROP_TAG(0x0037, PT_UNICODE), subject);
}

static int edit_item(struct lab_store *store, int64_t mailbox, const char *id,
                     struct err *err)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(GBytes) edited = NULL;
    g_autoptr(mapi_item) tree = NULL;
    g_auto(lab_item) item = { 0 };
    g_auto(lab_item) stored = { 0 };
    struct lab_upload upload;
    const void *data;
    gsize len = 0;

    if (lab_store_export(store, mailbox, id, &payload, &item, err) < 0)
        return -1;
    data = g_bytes_get_data(payload, &len);
    if (lab_fts_read(data, len, &tree, err) < 0)
        return -1;
    set_subject(tree);
    edited = lab_fts_write(tree, lab_store_profile(store));
    upload = (struct lab_upload){
        .action = LAB_UPDATE,
        .folder_id = item.folder_id,
        .item_id = id,
        .associated = item.associated,
        .data = g_bytes_get_data(edited, &len),
        .len = g_bytes_get_size(edited),
    };
    return lab_store_upload(store, mailbox, &upload, &stored, err);
}

static int move_item(struct lab_store *store, int64_t mailbox, const char *id,
                     struct err *err)
{
    g_auto(lab_folder) to = { 0 };
    g_auto(lab_item) moved = { 0 };

    if (lab_store_distinguished(store, mailbox, "deleteditems", &to, err) < 0)
        return -1;
    return lab_store_move_item(store, mailbox, id, to.id, &moved, err);
}

static int mark_item(struct lab_store *store, int64_t mailbox, const char *id,
                     struct err *err)
{
    g_auto(lab_item) item = { 0 };

    if (lab_store_item(store, mailbox, id, &item, err) < 0)
        return -1;
    return lab_store_set_read(store, mailbox, id, !item.read, err);
}

static const struct {
    const char *verb;
    size_t offset;
    int (*act)(struct lab_store *store, int64_t mailbox, const char *id,
               struct err *err);
} acts[] = {
    { "delete", offsetof(struct change_wish, delete), delete_item },
    { "edit", offsetof(struct change_wish, edit), edit_item },
    { "move", offsetof(struct change_wish, move), move_item },
    { "read", offsetof(struct change_wish, read), mark_item },
    { "touch", offsetof(struct change_wish, touch), lab_store_touch },
};

static uint64_t *left_of(struct change_wish *left, size_t act)
{
    return (uint64_t *)((char *)left + acts[act].offset);
}

/* The next act that is still wanted; G_N_ELEMENTS(acts) when none is. */
static size_t next_act(struct change_wish *left)
{
    size_t i = 0;

    while (i < G_N_ELEMENTS(acts) && *left_of(left, i) == 0)
        i++;
    return i;
}

/* Ids of a folder's visible items, taken before any of them changes. */
static int list_ids(struct lab_store *store, int64_t mailbox,
                    const char *folder_id, GPtrArray *ids, struct err *err)
{
    struct lab_list list = { .folder_id = folder_id, .max = PAGE };
    uint64_t total = 0;

    do {
        g_autoptr(GPtrArray) items = NULL;

        if (lab_store_list(store, mailbox, &list, &items, &total, err) < 0)
            return -1;
        for (guint i = 0; i < items->len; i++) {
            const struct lab_item *item = items->pdata[i];

            g_ptr_array_add(ids, g_strdup(item->id));
        }
        list.offset += items->len;
        if (items->len == 0)
            break;
    } while (list.offset < total);
    return 0;
}

static int change_folder(struct lab_store *store, int64_t mailbox,
                         const struct lab_folder *folder,
                         struct change_wish *left, GString *report,
                         struct err *err)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    if (list_ids(store, mailbox, folder->id, ids, err) < 0)
        return -1;
    for (guint i = 0; i < ids->len; i++) {
        size_t act = next_act(left);

        if (act == G_N_ELEMENTS(acts))
            return 0;
        if (acts[act].act(store, mailbox, ids->pdata[i], err) < 0)
            return -1;
        --*left_of(left, act);
        g_string_append_printf(report, "%s\t%s\t%s\n", acts[act].verb,
                               folder->name, (char *)ids->pdata[i]);
    }
    return 0;
}

int change_mailbox(struct lab_store *store, int64_t mailbox,
                   const struct change_wish *wish, GString *report,
                   struct err *err)
{
    g_autoptr(GPtrArray) folders = NULL;
    g_auto(lab_folder) top = { 0 };
    struct change_wish left = *wish;

    if (lab_store_distinguished(store, mailbox, "msgfolderroot", &top, err) <
            0 ||
        lab_store_folders(store, mailbox, top.id, true, &folders, err) < 0)
        return -1;
    for (guint i = 0; i < folders->len; i++) {
        const struct lab_folder *folder = folders->pdata[i];

        /* what is moved there must not be met again */
        if (folder->kind == LAB_FOLDER_SEARCH || folder->n_items == 0 ||
            g_strcmp0(folder->distinguished, "deleteditems") == 0)
            continue;
        if (change_folder(store, mailbox, folder, &left, report, err) < 0)
            return -1;
    }
    if (next_act(&left) < G_N_ELEMENTS(acts))
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the mailbox has too few items");
    return 0;
}
