#include "lab/store_priv.h"

#include <string.h>

/* Exchange's own limit for PR_DISPLAY_NAME of a folder. */
#define FOLDER_NAME_MAX 255

void lab_folder_clear(struct lab_folder *f)
{
    g_free(f->id);
    g_free(f->change_key);
    g_free(f->parent_id);
    g_free(f->name);
    g_free(f->folder_class);
    g_free(f->distinguished);
    *f = (struct lab_folder){ 0 };
}

void lab_folder_free(struct lab_folder *f)
{
    if (f == NULL)
        return;
    lab_folder_clear(f);
    g_free(f);
}

static void folder_free(gpointer f)
{
    lab_folder_free(f);
}

GPtrArray *lab_folder_array(void)
{
    return g_ptr_array_new_with_free_func(folder_free);
}

/* ---- reading --------------------------------------------------------- */

#define FOLDER_COLUMNS                                                         \
    "folder.key, folder.parent, folder.name, folder.class,"                    \
    " folder.distinguished, folder.kind, folder.change, folder.n_items,"       \
    " folder.n_unread, folder.n_hidden, folder.bytes,"                         \
    " (SELECT count(*) FROM folder AS child"                                   \
    "  WHERE child.parent = folder.key), mailbox.guid, folder.created,"        \
    " folder.modified, folder.touched, folder.dumpster "

static char *folder_id(const struct lab_store *store, const char *guid,
                       int64_t key)
{
    struct lab_id id = { .folder = key };

    g_strlcpy(id.mailbox, guid, sizeof(id.mailbox));
    memcpy(id.replica, store->replica, sizeof(id.replica));
    return lab_id_format(&id);
}

static void folder_from_row(struct lab_store *store, sqlite3_stmt *q,
                            struct lab_folder *ret)
{
    const char *guid = (const char *)sqlite3_column_text(q, 12);
    int64_t parent = sqlite3_column_int64(q, 1);
    int kind = sqlite3_column_int(q, 5);

    *ret = (struct lab_folder){
        .key = sqlite3_column_int64(q, 0),
        .id = folder_id(store, guid, sqlite3_column_int64(q, 0)),
        .parent_id = parent != 0 ? folder_id(store, guid, parent) : NULL,
        .name = lab_column_dup(q, 2),
        .folder_class = lab_column_dup(q, 3),
        .distinguished = lab_column_dup(q, 4),
        .kind = (enum lab_folder_kind)kind,
        .n_items = (uint32_t)sqlite3_column_int(q, 7),
        .n_unread = (uint32_t)sqlite3_column_int(q, 8),
        .n_hidden = (uint32_t)sqlite3_column_int(q, 9),
        .size_bytes = (uint64_t)sqlite3_column_int64(q, 10),
        .n_children = (uint32_t)sqlite3_column_int(q, 11),
        .created_us = sqlite3_column_int64(q, 13),
        .modified_us = sqlite3_column_int64(q, 14),
        .touched_us = sqlite3_column_int64(q, 15),
        .dumpster = sqlite3_column_int(q, 16) != 0,
    };
    /* StoreObjectType: folder 1, calendar 2, contacts 3, tasks 4, search 5 */
    ret->change_key = lab_change_key(
        store,
        (const unsigned int[]){ 1, 5, 2, 3, 4 }[MIN((unsigned int)kind, 4)],
        sqlite3_column_int64(q, 6));
}

int lab_folder_read(struct lab_store *store, int64_t folder,
                    struct lab_folder *ret, struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  "SELECT " FOLDER_COLUMNS "FROM folder JOIN mailbox"
                  " ON mailbox.key = folder.mailbox WHERE folder.key = ?1",
                  "i", folder);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        folder_from_row(store, q, ret);
    lab_done(q);
    if (rc == 0)
        return lab_refuse(err, "ErrorFolderNotFound", "no such folder");
    return rc < 0 ? -1 : 0;
}

int lab_folder_key(struct lab_store *store, int64_t mailbox, const char *id,
                   int64_t *ret, struct err *err)
{
    struct lab_id parsed;
    char guid[37];
    int64_t key = 0;

    if (lab_id_parse(id, &parsed) < 0)
        return lab_refuse(err, "ErrorInvalidIdMalformed",
                          "folder id \"%s\" is malformed", id);
    if (parsed.item)
        return lab_refuse(err, "ErrorCannotUseItemIdForFolderId",
                          "an item's id stands for a folder's");
    if (lab_mailbox_guid(store, mailbox, guid, err) < 0)
        return -1;
    if (strcmp(guid, parsed.mailbox) == 0 &&
        memcmp(parsed.replica, store->replica, sizeof(parsed.replica)) == 0 &&
        lab_number(store, err, &key,
                   "SELECT key FROM folder WHERE key = ?1 AND mailbox = ?2",
                   "ii", parsed.folder, mailbox) < 0)
        return -1;
    if (key == 0)
        return lab_refuse(err, "ErrorFolderNotFound",
                          "no such folder in the mailbox");
    *ret = key;
    return 0;
}

int lab_distinguished_key(struct lab_store *store, int64_t mailbox,
                          const char *name, int64_t *ret, struct err *err)
{
    int64_t key = 0;

    /* An archive's have longer names, and none of its has a short one. */
    if (lab_number(store, err, &key,
                   "SELECT key FROM folder WHERE mailbox = ?1"
                   " AND distinguished IN (?2, 'archive' || ?2)",
                   "is", mailbox, name) < 0)
        return -1;
    if (key == 0)
        return lab_refuse(err, "ErrorFolderNotFound",
                          "no distinguished folder \"%s\"", name);
    *ret = key;
    return 0;
}

int lab_folder_takes_items(struct lab_store *store, int64_t folder,
                           struct err *err)
{
    int64_t kind = LAB_FOLDER_PLAIN;

    if (lab_number(store, err, &kind, "SELECT kind FROM folder WHERE key = ?1",
                   "i", folder) < 0)
        return -1;
    if (kind == LAB_FOLDER_SEARCH)
        return lab_refuse(err, "ErrorInvalidFolderTypeForOperation",
                          "a search folder holds no items of its own");
    return 0;
}

int lab_store_folder(struct lab_store *store, int64_t mailbox, const char *id,
                     struct lab_folder *ret, struct err *err)
{
    int64_t key = 0;
    int status;

    lab_lock(store);
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = lab_folder_read(store, key, ret, err);
    lab_unlock(store);
    return status;
}

int lab_store_distinguished(struct lab_store *store, int64_t mailbox,
                            const char *name, struct lab_folder *ret,
                            struct err *err)
{
    int64_t key = 0;
    int status;

    lab_lock(store);
    status = lab_distinguished_key(store, mailbox, name, &key, err);
    if (status == 0)
        status = lab_folder_read(store, key, ret, err);
    lab_unlock(store);
    return status;
}

int lab_store_id_mailbox(struct lab_store *store, const char *id,
                         int64_t *ret_mailbox, struct err *err)
{
    struct lab_id parsed;
    int64_t key = 0;
    int rc;

    if (lab_id_parse(id, &parsed) < 0 ||
        memcmp(parsed.replica, store->replica, sizeof(parsed.replica)) != 0)
        return 0;
    lab_lock(store);
    rc = lab_number(store, err, &key, "SELECT key FROM mailbox WHERE guid = ?1",
                    "s", parsed.mailbox);
    lab_unlock(store);
    if (rc > 0)
        *ret_mailbox = key;
    return rc;
}

int lab_store_id_folder(struct lab_store *store, const char *id,
                        int64_t *ret_folder, struct err *err)
{
    struct lab_id parsed;

    (void)store;
    if (lab_id_parse(id, &parsed) < 0)
        return lab_refuse(err, "ErrorInvalidIdMalformed",
                          "id \"%s\" is malformed", id);
    *ret_folder = parsed.folder;
    return 0;
}

/* ---- trees ----------------------------------------------------------- */

/* Parents first, then in the order in which they were made. */
int lab_folder_list(struct lab_store *store, int64_t parent, bool deep,
                    GPtrArray *all, struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  LAB_BELOW "SELECT " FOLDER_COLUMNS
                            "FROM below JOIN folder ON folder.key = below.key"
                            " JOIN mailbox ON mailbox.key = folder.mailbox"
                            " ORDER BY depth, folder.key",
                  "ii", parent, (int64_t)deep);
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0) {
        struct lab_folder *f = g_new(struct lab_folder, 1);

        folder_from_row(store, q, f);
        g_ptr_array_add(all, f);
    }
    lab_done(q);
    return rc;
}

int lab_store_folders(struct lab_store *store, int64_t mailbox,
                      const char *parent_id, bool deep, GPtrArray **ret,
                      struct err *err)
{
    g_autoptr(GPtrArray) all = lab_folder_array();
    int64_t parent = 0;
    int status;

    lab_lock(store);
    status = lab_folder_key(store, mailbox, parent_id, &parent, err);
    if (status == 0)
        status = lab_folder_list(store, parent, deep, all, err);
    lab_unlock(store);
    if (status == 0)
        *ret = g_steal_pointer(&all);
    return status;
}

/* ---- creating -------------------------------------------------------- */

/* Two names are one to Exchange when only their case differs. */
char *lab_folder_fold(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);

    return g_utf8_casefold(valid, -1);
}

int lab_folder_insert(struct lab_store *store, const struct lab_new_folder *f,
                      int64_t *ret, struct err *err)
{
    g_autofree char *folded = lab_folder_fold(f->name);
    int64_t key = lab_next(store);

    if (lab_exec(store, err,
                 "INSERT INTO folder(key, mailbox, parent, name, folded, class,"
                 " distinguished, kind, dumpster, change, created_seq,"
                 " changed_seq, created, modified, touched)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?1, ?1, ?1,"
                 " ?10, ?10, ?10)",
                 "iiissssiii", key, f->mailbox, f->parent, f->name, folded,
                 f->folder_class, f->distinguished, (int64_t)f->kind,
                 (int64_t)f->dumpster, lab_now(store)) < 0)
        return -1;
    *ret = key;
    return 0;
}

enum lab_folder_kind lab_folder_kind_of(const char *folder_class)
{
    static const struct {
        const char *prefix;
        enum lab_folder_kind kind;
    } kinds[] = {
        { "IPF.Appointment", LAB_FOLDER_CALENDAR },
        { "IPF.Contact", LAB_FOLDER_CONTACTS },
        { "IPF.Task", LAB_FOLDER_TASKS },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (folder_class != NULL &&
            g_str_has_prefix(folder_class, kinds[i].prefix))
            return kinds[i].kind;
    return LAB_FOLDER_PLAIN;
}

int lab_folder_check_name(struct lab_store *store, int64_t parent,
                          const char *name, int64_t except, struct err *err)
{
    g_autofree char *folded = lab_folder_fold(name);
    int64_t taken = 0;

    /* Blanks around a name stay, but a name must be more than blanks. */
    if (name[strspn(name, " ")] == '\0' ||
        g_utf8_strlen(name, -1) > FOLDER_NAME_MAX)
        return lab_refuse(err, "ErrorFolderSavePropertyError",
                          "a folder's name has 1 to %d characters, and not "
                          "only blanks",
                          FOLDER_NAME_MAX);
    if (lab_number(store, err, &taken,
                   "SELECT count(*) FROM folder"
                   " WHERE parent = ?1 AND folded = ?2 AND key <> ?3",
                   "isi", parent, folded, except) < 0)
        return -1;
    if (taken > 0)
        return lab_refuse(err, "ErrorFolderExists",
                          "a folder \"%s\" is there already", name);
    return 0;
}

static int folder_class_of(struct lab_store *store, int64_t folder, char **ret,
                           struct err *err)
{
    return lab_word(store, err, ret, "SELECT class FROM folder WHERE key = ?1",
                    "i", folder);
}

static int dumpster_of(struct lab_store *store, int64_t folder, bool *ret,
                       struct err *err)
{
    int64_t is = 0;

    if (lab_number(store, err, &is,
                   "SELECT dumpster FROM folder WHERE key = ?1", "i",
                   folder) < 0)
        return -1;
    *ret = is != 0;
    return 0;
}

int lab_folder_create(struct lab_store *store, struct lab_new_folder *f,
                      int64_t *ret, struct err *err)
{
    g_autofree char *inherited = NULL;

    if (lab_folder_check_name(store, f->parent, f->name, 0, err) < 0)
        return -1;
    if (f->folder_class == NULL) {
        if (folder_class_of(store, f->parent, &inherited, err) < 0)
            return -1;
        /* Only the root has none; below it folders are for mail. */
        f->folder_class = inherited != NULL ? inherited : "IPF.Note";
    }
    if (dumpster_of(store, f->parent, &f->dumpster, err) < 0)
        return -1;
    if (f->kind != LAB_FOLDER_SEARCH)
        f->kind = lab_folder_kind_of(f->folder_class);
    if (lab_folder_insert(store, f, ret, err) < 0)
        return -1;
    return lab_permission_inherit(store, f->parent, *ret, err);
}

int lab_store_create_folder(struct lab_store *store, int64_t mailbox,
                            const char *parent_id, const char *name,
                            const char *folder_class, struct lab_folder *ret,
                            struct err *err)
{
    struct lab_new_folder f = { .mailbox = mailbox,
                                .name = name,
                                .folder_class = folder_class };
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, parent_id, &f.parent, err);
    if (status == 0)
        status = lab_folder_create(store, &f, &key, err);
    if (status == 0)
        status = lab_folder_read(store, key, ret, err);
    if (lab_leave(store, status, err) < 0) {
        if (status == 0)
            lab_folder_clear(ret);
        return -1;
    }
    return 0;
}

int lab_store_create_search(struct lab_store *store, int64_t mailbox,
                            const char *parent_id, const char *name,
                            struct err *err)
{
    struct lab_new_folder f = { .mailbox = mailbox,
                                .name = name,
                                .folder_class = "IPF.Note",
                                .kind = LAB_FOLDER_SEARCH };
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, parent_id, &f.parent, err);
    if (status == 0)
        status = lab_folder_create(store, &f, &key, err);
    return lab_leave(store, status, err);
}
