#include "lab/store_priv.h"

#include <string.h>

#include "lab/fts_read.h"

/* ---- changing -------------------------------------------------------- */

static int place_of(struct lab_store *store, int64_t folder,
                    int64_t *ret_parent, struct err *err)
{
    return lab_number(store, err, ret_parent,
                      "SELECT parent FROM folder WHERE key = ?1", "i", folder);
}

static int set_place(struct lab_store *store, int64_t folder, int64_t parent,
                     const char *name, struct err *err)
{
    g_autofree char *folded = lab_folder_fold(name);

    return lab_exec(store, err,
                    "UPDATE folder SET parent = ?1, name = ?2, folded = ?3,"
                    " change = ?4, changed_seq = ?4, modified = ?5"
                    " WHERE key = ?6",
                    "issiii", parent, name, folded, lab_next(store),
                    lab_now(store), folder);
}

static int rename_folder(struct lab_store *store, int64_t key, const char *name,
                         struct err *err)
{
    int64_t parent = 0;

    if (place_of(store, key, &parent, err) < 0)
        return -1;
    if (parent == 0)
        return lab_refuse(err, "ErrorAccessDenied",
                          "the root cannot be renamed");
    if (lab_folder_check_name(store, parent, name, key, err) < 0)
        return -1;
    return set_place(store, key, parent, name, err);
}

int lab_store_rename_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, const char *name, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = rename_folder(store, key, name, err);
    return lab_leave(store, status, err);
}

/* ---- what clients put on it ------------------------------------------ */

static int set_props(struct lab_store *store, int64_t key,
                     const struct mapi_item *props, struct err *err)
{
    g_autoptr(GBytes) stream = lab_fts_write(props, &store->profile);
    gsize n;
    const void *data = g_bytes_get_data(stream, &n);

    return lab_exec(store, err, "UPDATE folder SET props = ?2 WHERE key = ?1",
                    "ib", key, data, n);
}

static int update_folder(struct lab_store *store, int64_t key,
                         const struct lab_folder_edit *edit, struct err *err)
{
    if (edit->name != NULL && rename_folder(store, key, edit->name, err) < 0)
        return -1;
    if (edit->folder_class != NULL &&
        lab_exec(store, err,
                 "UPDATE folder SET class = ?2, kind = ?3 WHERE key = ?1",
                 "isi", key, edit->folder_class,
                 (int64_t)lab_folder_kind_of(edit->folder_class)) < 0)
        return -1;
    if (edit->props != NULL && set_props(store, key, edit->props, err) < 0)
        return -1;
    return lab_exec(store, err,
                    "UPDATE folder SET change = ?1, changed_seq = ?1,"
                    " modified = ?2 WHERE key = ?3",
                    "iii", lab_next(store), lab_now(store), key);
}

int lab_store_update_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, const struct lab_folder_edit *edit,
                            struct lab_folder *ret, struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = update_folder(store, key, edit, err);
    if (status == 0)
        status = lab_folder_read(store, key, ret, err);
    return lab_leave(store, status, err);
}

static int read_props(struct lab_store *store, int64_t key,
                      struct mapi_item **ret, struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err, "SELECT props FROM folder WHERE key = ?1", "i", key);
    int status = 0, rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0 && sqlite3_column_type(q, 0) != SQLITE_NULL)
        status = lab_fts_read(sqlite3_column_blob(q, 0),
                              (size_t)sqlite3_column_bytes(q, 0), ret, err);
    else
        *ret = mapi_item_new();
    lab_done(q);
    return rc < 0 ? -1 : status;
}

int lab_store_folder_props(struct lab_store *store, int64_t mailbox,
                           const char *id, struct mapi_item **ret,
                           struct err *err)
{
    int64_t key = 0;
    int status;

    lab_lock(store);
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = read_props(store, key, ret, err);
    lab_unlock(store);
    return status;
}

/* ---- moving ---------------------------------------------------------- */

int lab_folder_is_below(struct lab_store *store, int64_t folder,
                        int64_t ancestor, struct err *err)
{
    int64_t n = 0;

    if (lab_number(store, err, &n,
                   LAB_BELOW "SELECT count(*) FROM below WHERE key = ?3", "iii",
                   ancestor, (int64_t)1, folder) < 0)
        return -1;
    return n > 0 || folder == ancestor;
}

/* Deleted Items takes a second folder of one name under a number. */
static char *free_name(struct lab_store *store, int64_t parent,
                       const char *name)
{
    struct err ignored;
    char *tried = g_strdup(name);

    for (unsigned int i = 1;
         lab_folder_check_name(store, parent, tried, 0, &ignored) < 0 &&
         i < 1000;
         i++) {
        g_free(tried);
        tried = g_strdup_printf("%.200s%u", name, i);
    }
    return tried;
}

static int move_folder(struct lab_store *store, int64_t key, int64_t to,
                       bool find_name, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    g_autofree char *name = NULL;
    int inside;

    if (lab_folder_read(store, key, &f, err) < 0)
        return -1;
    if (f.distinguished != NULL)
        return lab_refuse(err, "ErrorMoveDistinguishedFolder",
                          "distinguished folder \"%s\" cannot be moved",
                          f.distinguished);
    inside = lab_folder_is_below(store, to, key, err);
    if (inside < 0)
        return -1;
    if (inside > 0)
        return lab_refuse(err, "ErrorMoveCopyFailed",
                          "a folder cannot be moved into itself");
    name = find_name ? free_name(store, to, f.name) : g_strdup(f.name);
    if (lab_folder_check_name(store, to, name, key, err) < 0)
        return -1;
    return set_place(store, key, to, name, err);
}

int lab_folder_transfer(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_parent_id,
                        lab_folder_deed deed, struct lab_folder *ret,
                        struct err *err)
{
    int64_t key = 0, to = 0, made = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = lab_folder_key(store, mailbox, to_parent_id, &to, err);
    if (status == 0)
        status = deed(store, mailbox, key, to, &made, err);
    if (status == 0)
        status = lab_folder_read(store, made, ret, err);
    return lab_leave(store, status, err);
}

static int move_named(struct lab_store *store, int64_t mailbox, int64_t key,
                      int64_t to, int64_t *made, struct err *err)
{
    (void)mailbox; /* what is moved stays in it */
    *made = key;
    return move_folder(store, key, to, false, err);
}

int lab_store_move_folder(struct lab_store *store, int64_t mailbox,
                          const char *id, const char *to_parent_id,
                          struct lab_folder *ret, struct err *err)
{
    return lab_folder_transfer(store, mailbox, id, to_parent_id, move_named,
                               ret, err);
}

/* ---- deleting -------------------------------------------------------- */

/* Where what is deleted goes; 0: away. */
static int place_for(struct lab_store *store, int64_t mailbox,
                     enum lab_delete how, int64_t *ret, struct err *err)
{
    *ret = 0;
    if (how == LAB_DELETE_HARD)
        return 0;
    return lab_distinguished_key(
        store, mailbox,
        how == LAB_DELETE_MOVE ? "deleteditems" : "recoverableitemsdeletions",
        ret, err);
}

/* Its items go to another folder (or away, where that is 0). */
static int empty_into(struct lab_store *store, int64_t folder, int64_t to,
                      bool hidden, struct err *err)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (lab_folder_items(store, folder, hidden, keys, err) < 0)
        return -1;
    for (guint i = 0; i < keys->len; i++) {
        int64_t key = g_array_index(keys, int64_t, i);
        int status = to != 0 ? lab_item_move(store, key, to, NULL, err)
                             : lab_item_remove(store, key, err);

        if (status < 0)
            return -1;
    }
    return 0;
}

static int drop_folder(struct lab_store *store, int64_t mailbox, int64_t folder,
                       struct err *err)
{
    if (lab_exec(store, err,
                 "INSERT INTO gone_folder SELECT ?1, ?2, key, created_seq"
                 " FROM folder WHERE key = ?3",
                 "iii", mailbox, lab_next(store), folder) < 0 ||
        lab_exec(store, err, "DELETE FROM gone WHERE folder = ?1", "i",
                 folder) < 0)
        return -1;
    return lab_exec(store, err, "DELETE FROM folder WHERE key = ?1", "i",
                    folder);
}

static int drop_tree(struct lab_store *store, int64_t mailbox, int64_t top,
                     int64_t dumpster, struct err *err)
{
    g_autoptr(GPtrArray) below = lab_folder_array();

    if (lab_folder_list(store, top, true, below, err) < 0)
        return -1;
    /* Children are behind their parents: from the end, leaves come first. */
    for (guint i = below->len; i > 0; i--) {
        struct lab_folder *f = g_ptr_array_index(below, i - 1);

        if (empty_into(store, f->key, dumpster, true, err) < 0 ||
            drop_folder(store, mailbox, f->key, err) < 0)
            return -1;
    }
    if (empty_into(store, top, dumpster, true, err) < 0)
        return -1;
    return drop_folder(store, mailbox, top, err);
}

static int delete_folder(struct lab_store *store, int64_t mailbox, int64_t key,
                         enum lab_delete how, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    int64_t to = 0;

    if (lab_folder_read(store, key, &f, err) < 0)
        return -1;
    if (f.distinguished != NULL)
        return lab_refuse(err, "ErrorDeleteDistinguishedFolder",
                          "distinguished folder \"%s\" cannot be deleted",
                          f.distinguished);
    if (place_for(store, mailbox, how, &to, err) < 0)
        return -1;
    if (how == LAB_DELETE_MOVE)
        return move_folder(store, key, to, true, err);
    /* What lies in the dumpster already is deleted for good. */
    return drop_tree(store, mailbox, key, f.dumpster ? 0 : to, err);
}

int lab_store_delete_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, enum lab_delete how,
                            struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = delete_folder(store, mailbox, key, how, err);
    return lab_leave(store, status, err);
}

/* ---- emptying -------------------------------------------------------- */

static int check_empty(const struct lab_folder *f, int64_t to, struct err *err)
{
    if (f->kind == LAB_FOLDER_SEARCH || f->parent_id == NULL || f->key == to)
        return lab_refuse(err, "ErrorCannotEmptyFolder",
                          "folder \"%s\" cannot be emptied", f->name);
    return 0;
}

static int empty_below(struct lab_store *store, int64_t mailbox, int64_t top,
                       enum lab_delete how, struct err *err)
{
    g_autoptr(GPtrArray) children = lab_folder_array();
    int64_t known = 0;

    if (lab_number(store, err, &known,
                   LAB_BELOW "SELECT count(*) FROM below JOIN folder"
                             " ON folder.key = below.key"
                             " WHERE distinguished IS NOT NULL",
                   "ii", top, (int64_t)1) < 0)
        return -1;
    if (known > 0)
        return lab_refuse(err, "ErrorCannotEmptyFolder",
                          "a distinguished folder lies below it");
    if (lab_folder_list(store, top, false, children, err) < 0)
        return -1;
    for (guint i = 0; i < children->len; i++) {
        const struct lab_folder *f = g_ptr_array_index(children, i);

        if (delete_folder(store, mailbox, f->key, how, err) < 0)
            return -1;
    }
    return 0;
}

static int empty_folder(struct lab_store *store, int64_t mailbox, int64_t key,
                        enum lab_delete how, bool folders, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    int64_t to = 0;

    if (lab_folder_read(store, key, &f, err) < 0 ||
        place_for(store, mailbox, how, &to, err) < 0 ||
        check_empty(&f, to, err) < 0)
        return -1;
    if (folders && empty_below(store, mailbox, key, how, err) < 0)
        return -1;
    return empty_into(store, key, f.dumpster ? 0 : to, false, err);
}

int lab_store_empty_folder(struct lab_store *store, int64_t mailbox,
                           const char *id, enum lab_delete how, bool folders,
                           struct err *err)
{
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = empty_folder(store, mailbox, key, how, folders, err);
    return lab_leave(store, status, err);
}
