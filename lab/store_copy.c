#include "lab/store_priv.h"

int lab_folder_items(struct lab_store *store, int64_t folder, bool hidden,
                     GArray *keys, struct err *err)
{
    sqlite3_stmt *q = lab_query(store, err,
                                "SELECT key FROM item WHERE folder = ?1"
                                " AND associated <= ?2",
                                "ii", folder, (int64_t)hidden);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        int64_t key = sqlite3_column_int64(q, 0);

        g_array_append_val(keys, key);
    }
    lab_done(q);
    return rc;
}

static int copy_items(struct lab_store *store, int64_t from, int64_t to,
                      struct err *err)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (lab_folder_items(store, from, true, keys, err) < 0)
        return -1;
    for (guint i = 0; i < keys->len; i++)
        if (lab_item_copy(store, g_array_index(keys, int64_t, i), to, NULL,
                          err) < 0)
            return -1;
    return 0;
}

/* One folder and its items; search folders come out as plain ones. */
static int copy_one(struct lab_store *store, const struct lab_new_folder *as,
                    int64_t from, int64_t *ret, struct err *err)
{
    if (lab_folder_insert(store, as, ret, err) < 0 ||
        lab_permission_inherit(store, from, *ret, err) < 0 ||
        lab_exec(store, err,
                 "UPDATE folder SET props ="
                 " (SELECT props FROM folder WHERE key = ?1) WHERE key = ?2",
                 "ii", from, *ret) < 0)
        return -1;
    return copy_items(store, from, *ret, err);
}

static int copy_below(struct lab_store *store, int64_t mailbox, int64_t from,
                      int64_t to, struct err *err)
{
    g_autoptr(GPtrArray) children = lab_folder_array();

    if (lab_folder_list(store, from, false, children, err) < 0)
        return -1;
    for (guint i = 0; i < children->len; i++) {
        const struct lab_folder *f = g_ptr_array_index(children, i);
        const struct lab_new_folder as = { .mailbox = mailbox,
                                           .parent = to,
                                           .name = f->name,
                                           .folder_class = f->folder_class,
                                           .kind = f->kind,
                                           .dumpster = f->dumpster };
        int64_t made = 0;

        if (copy_one(store, &as, f->key, &made, err) < 0 ||
            copy_below(store, mailbox, f->key, made, err) < 0)
            return -1;
    }
    return 0;
}

static int tree_fits(struct lab_store *store, int64_t mailbox, int64_t top,
                     struct err *err)
{
    g_auto(lab_mailbox) m = { 0 };
    int64_t bytes = 0;

    if (lab_store_get_mailbox(store, mailbox, &m, err) < 0 ||
        lab_number(store, err, &bytes,
                   LAB_BELOW "SELECT sum(bytes) FROM folder WHERE key = ?1"
                             " OR key IN (SELECT key FROM below)",
                   "ii", top, (int64_t)1) < 0)
        return -1;
    if (m.quota_bytes != 0 && m.used_bytes + (uint64_t)bytes > m.quota_bytes)
        return lab_refuse(err, "ErrorQuotaExceeded",
                          "mailbox \"%s\" has no room for a copy", m.address);
    return 0;
}

static int copy_folder(struct lab_store *store, int64_t mailbox, int64_t key,
                       int64_t to, int64_t *ret, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    struct lab_new_folder as = { .mailbox = mailbox, .parent = to };
    int inside;

    if (lab_folder_read(store, key, &f, err) < 0)
        return -1;
    inside = lab_folder_is_below(store, to, key, err);
    if (inside < 0)
        return -1;
    if (inside > 0 || f.parent_id == NULL)
        return lab_refuse(err, "ErrorMoveCopyFailed",
                          "a folder cannot be copied into itself");
    if (lab_folder_check_name(store, to, f.name, 0, err) < 0 ||
        tree_fits(store, mailbox, key, err) < 0)
        return -1;
    as.name = f.name;
    as.folder_class = f.folder_class;
    as.kind = f.kind;
    if (copy_one(store, &as, key, ret, err) < 0)
        return -1;
    return copy_below(store, mailbox, key, *ret, err);
}

int lab_store_copy_folder(struct lab_store *store, int64_t mailbox,
                          const char *id, const char *to_parent_id,
                          struct lab_folder *ret, struct err *err)
{
    return lab_folder_transfer(store, mailbox, id, to_parent_id, copy_folder,
                               ret, err);
}
