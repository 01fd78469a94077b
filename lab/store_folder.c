#include "lab/store_priv.h"

#include <string.h>

/* Exchange's own limit for PR_DISPLAY_NAME of a folder. */
#define FOLDER_NAME_MAX 255

/* Parents before children. */
/* clang-format off */
const struct lab_well_known lab_well_known[] = {
    { "root", NULL, "", "", NULL, LAB_FOLDER_PLAIN, false },
    { "msgfolderroot", "root", "Top of Information Store",
      "Oberste Ebene des Informationsspeichers", NULL,
      LAB_FOLDER_PLAIN, false },
    { "searchfolders", "root", "Finder", "Finder", NULL,
      LAB_FOLDER_PLAIN, false },
    { "inbox", "msgfolderroot", "Inbox", "Posteingang", "IPF.Note",
      LAB_FOLDER_PLAIN, false },
    { "outbox", "msgfolderroot", "Outbox", "Postausgang", "IPF.Note",
      LAB_FOLDER_PLAIN, false },
    { "sentitems", "msgfolderroot", "Sent Items", "Gesendete Elemente",
      "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "deleteditems", "msgfolderroot", "Deleted Items",
      "Gelöschte Elemente", "IPF.Note", LAB_FOLDER_PLAIN, false },
    { "drafts", "msgfolderroot", "Drafts", "Entwürfe", "IPF.Note",
      LAB_FOLDER_PLAIN, false },
    { "junkemail", "msgfolderroot", "Junk E-Mail", "Junk-E-Mail", "IPF.Note",
      LAB_FOLDER_PLAIN, false },
    { "calendar", "msgfolderroot", "Calendar", "Kalender", "IPF.Appointment",
      LAB_FOLDER_CALENDAR, false },
    { "contacts", "msgfolderroot", "Contacts", "Kontakte", "IPF.Contact",
      LAB_FOLDER_CONTACTS, false },
    { "tasks", "msgfolderroot", "Tasks", "Aufgaben", "IPF.Task",
      LAB_FOLDER_TASKS, false },
    { "notes", "msgfolderroot", "Notes", "Notizen", "IPF.StickyNote",
      LAB_FOLDER_PLAIN, false },
    { "journal", "msgfolderroot", "Journal", "Journal", "IPF.Journal",
      LAB_FOLDER_PLAIN, false },
    { "recoverableitemsroot", "root", "Recoverable Items",
      "Wiederherstellbare Elemente", NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemsdeletions", "recoverableitemsroot", "Deletions",
      "Deletions", NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemsversions", "recoverableitemsroot", "Versions",
      "Versions", NULL, LAB_FOLDER_PLAIN, true },
    { "recoverableitemspurges", "recoverableitemsroot", "Purges", "Purges",
      NULL, LAB_FOLDER_PLAIN, true },
};
/* clang-format on */
const size_t lab_n_well_known = G_N_ELEMENTS(lab_well_known);

const struct lab_well_known *lab_well_known_find(const char *id)
{
    for (size_t i = 0; i < lab_n_well_known; i++)
        if (strcmp(lab_well_known[i].id, id) == 0)
            return &lab_well_known[i];
    return NULL;
}

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

/* ---- reading --------------------------------------------------------- */

#define FOLDER_COLUMNS                                                         \
    "folder.key, folder.parent, folder.name, folder.class,"                    \
    " folder.distinguished, folder.kind, folder.change, folder.n_items,"       \
    " folder.n_unread, folder.n_hidden, folder.bytes,"                         \
    " (SELECT count(*) FROM folder AS child"                                   \
    "  WHERE child.parent = folder.key), mailbox.guid "

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

    if (lab_number(store, err, &key,
                   "SELECT key FROM folder"
                   " WHERE mailbox = ?1 AND distinguished = ?2",
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

/* ---- trees ----------------------------------------------------------- */

/* Parents first, then in the order in which they were made. */
#define BELOW                                                                  \
    "WITH RECURSIVE below(key, depth) AS (SELECT key, 1 FROM folder"           \
    " WHERE parent = ?1 UNION ALL SELECT folder.key, depth + 1"                \
    " FROM below JOIN folder ON folder.parent = below.key WHERE ?2) "

static int list_folders(struct lab_store *store, int64_t parent, bool deep,
                        GPtrArray *all, struct err *err)
{
    sqlite3_stmt *q =
        lab_query(store, err,
                  BELOW "SELECT " FOLDER_COLUMNS
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
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(folder_free);
    int64_t parent = 0;
    int status;

    lab_lock(store);
    status = lab_folder_key(store, mailbox, parent_id, &parent, err);
    if (status == 0)
        status = list_folders(store, parent, deep, all, err);
    lab_unlock(store);
    if (status == 0)
        *ret = g_steal_pointer(&all);
    return status;
}

/* ---- creating -------------------------------------------------------- */

struct new_folder {
    int64_t mailbox, parent;
    const char *name, *folder_class, *distinguished;
    enum lab_folder_kind kind;
    bool dumpster;
};

/* Two names are one to Exchange when only their case differs. */
static char *fold(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);

    return g_utf8_casefold(valid, -1);
}

static int insert_folder(struct lab_store *store, const struct new_folder *f,
                         int64_t *ret, struct err *err)
{
    g_autofree char *folded = fold(f->name);
    int64_t key = lab_next(store);

    if (lab_exec(store, err,
                 "INSERT INTO folder(key, mailbox, parent, name, folded, class,"
                 " distinguished, kind, dumpster, change, created_seq,"
                 " changed_seq)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?1, ?1, ?1)",
                 "iiissssii", key, f->mailbox, f->parent, f->name, folded,
                 f->folder_class, f->distinguished, (int64_t)f->kind,
                 (int64_t)f->dumpster) < 0)
        return -1;
    *ret = key;
    return 0;
}

int lab_make_well_known(struct lab_store *store, int64_t mailbox,
                        struct err *err)
{
    bool german = strcmp(store->language, "de") == 0;

    for (size_t i = 0; i < lab_n_well_known; i++) {
        const struct lab_well_known *w = &lab_well_known[i];
        struct new_folder f = {
            .mailbox = mailbox,
            .name = german ? w->german : w->english,
            .folder_class = w->folder_class,
            .distinguished = w->id,
            .kind = w->kind,
            .dumpster = w->dumpster,
        };
        int64_t key = 0;

        /* The root's parent is none; its name must differ among mailboxes. */
        if (w->parent == NULL) {
            g_autofree char *own =
                g_strdup_printf("%" G_GINT64_FORMAT, mailbox);

            f.name = own;
            if (insert_folder(store, &f, &key, err) < 0)
                return -1;
            continue;
        }
        if (lab_distinguished_key(store, mailbox, w->parent, &f.parent, err) <
                0 ||
            insert_folder(store, &f, &key, err) < 0)
            return -1;
    }
    return 0;
}

static enum lab_folder_kind kind_of(const char *folder_class)
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

static int check_name(struct lab_store *store, int64_t parent, const char *name,
                      int64_t except, struct err *err)
{
    g_autofree char *folded = fold(name);
    int64_t taken = 0;

    if (*name == '\0' || g_utf8_strlen(name, -1) > FOLDER_NAME_MAX)
        return lab_refuse(err, "ErrorFolderSavePropertyError",
                          "a folder's name has 1 to %d characters",
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
    sqlite3_stmt *q = lab_query(
        store, err, "SELECT class FROM folder WHERE key = ?1", "i", folder);
    int rc;

    if (q == NULL)
        return -1;
    rc = lab_step(store, q, err);
    if (rc > 0)
        *ret = lab_column_dup(q, 0);
    lab_done(q);
    return rc < 0 ? -1 : 0;
}

static int create_folder(struct lab_store *store, struct new_folder *f,
                         int64_t *ret, struct err *err)
{
    g_autofree char *inherited = NULL;

    if (check_name(store, f->parent, f->name, 0, err) < 0)
        return -1;
    if (f->folder_class == NULL) {
        if (folder_class_of(store, f->parent, &inherited, err) < 0)
            return -1;
        /* Only the root has none; below it folders are for mail. */
        f->folder_class = inherited != NULL ? inherited : "IPF.Note";
    }
    if (f->kind != LAB_FOLDER_SEARCH)
        f->kind = kind_of(f->folder_class);
    return insert_folder(store, f, ret, err);
}

int lab_store_create_folder(struct lab_store *store, int64_t mailbox,
                            const char *parent_id, const char *name,
                            const char *folder_class, struct lab_folder *ret,
                            struct err *err)
{
    struct new_folder f = { .mailbox = mailbox,
                            .name = name,
                            .folder_class = folder_class };
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, parent_id, &f.parent, err);
    if (status == 0)
        status = create_folder(store, &f, &key, err);
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
    struct new_folder f = { .mailbox = mailbox,
                            .name = name,
                            .folder_class = "IPF.Note",
                            .kind = LAB_FOLDER_SEARCH };
    int64_t key = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, parent_id, &f.parent, err);
    if (status == 0)
        status = create_folder(store, &f, &key, err);
    return lab_leave(store, status, err);
}

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
    g_autofree char *folded = fold(name);

    return lab_exec(store, err,
                    "UPDATE folder SET parent = ?1, name = ?2, folded = ?3,"
                    " change = ?4, changed_seq = ?4 WHERE key = ?5",
                    "issii", parent, name, folded, lab_next(store), folder);
}

static int rename_folder(struct lab_store *store, int64_t mailbox,
                         const char *id, const char *name, struct err *err)
{
    int64_t key = 0, parent = 0;

    if (lab_folder_key(store, mailbox, id, &key, err) < 0 ||
        place_of(store, key, &parent, err) < 0)
        return -1;
    if (parent == 0)
        return lab_refuse(err, "ErrorAccessDenied",
                          "the root cannot be renamed");
    if (check_name(store, parent, name, key, err) < 0)
        return -1;
    return set_place(store, key, parent, name, err);
}

int lab_store_rename_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, const char *name, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, rename_folder(store, mailbox, id, name, err), err);
}

static int is_below(struct lab_store *store, int64_t folder, int64_t ancestor,
                    struct err *err)
{
    int64_t n = 0;

    if (lab_number(store, err, &n,
                   BELOW "SELECT count(*) FROM below WHERE key = ?3", "iii",
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
         check_name(store, parent, tried, 0, &ignored) < 0 && i < 1000; i++) {
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
    inside = is_below(store, to, key, err);
    if (inside < 0)
        return -1;
    if (inside > 0)
        return lab_refuse(err, "ErrorMoveCopyFailed",
                          "a folder cannot be moved into itself");
    name = find_name ? free_name(store, to, f.name) : g_strdup(f.name);
    if (check_name(store, to, name, key, err) < 0)
        return -1;
    return set_place(store, key, to, name, err);
}

int lab_store_move_folder(struct lab_store *store, int64_t mailbox,
                          const char *id, const char *to_parent_id,
                          struct lab_folder *ret, struct err *err)
{
    int64_t key = 0, to = 0;
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_folder_key(store, mailbox, id, &key, err);
    if (status == 0)
        status = lab_folder_key(store, mailbox, to_parent_id, &to, err);
    if (status == 0)
        status = move_folder(store, key, to, false, err);
    if (status == 0)
        status = lab_folder_read(store, key, ret, err);
    return lab_leave(store, status, err);
}

/* ---- deleting -------------------------------------------------------- */

static int items_of(struct lab_store *store, int64_t folder, GArray *keys,
                    struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err, "SELECT key FROM item WHERE folder = ?1", "i", folder);
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

/* Its items go to the dumpster (or away, where dumpster is 0). */
static int empty_folder(struct lab_store *store, int64_t folder,
                        int64_t dumpster, struct err *err)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(int64_t));

    if (items_of(store, folder, keys, err) < 0)
        return -1;
    for (guint i = 0; i < keys->len; i++) {
        int64_t key = g_array_index(keys, int64_t, i);
        int status = dumpster != 0
                         ? lab_item_move(store, key, dumpster, NULL, err)
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
    g_autoptr(GPtrArray) below = g_ptr_array_new_with_free_func(folder_free);

    if (list_folders(store, top, true, below, err) < 0)
        return -1;
    /* Children are behind their parents: from the end, leaves come first. */
    for (guint i = below->len; i > 0; i--) {
        struct lab_folder *f = g_ptr_array_index(below, i - 1);

        if (empty_folder(store, f->key, dumpster, err) < 0 ||
            drop_folder(store, mailbox, f->key, err) < 0)
            return -1;
    }
    if (empty_folder(store, top, dumpster, err) < 0)
        return -1;
    return drop_folder(store, mailbox, top, err);
}

static int delete_folder(struct lab_store *store, int64_t mailbox,
                         const char *id, enum lab_delete how, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    int64_t key = 0, to = 0;

    if (lab_folder_key(store, mailbox, id, &key, err) < 0 ||
        lab_folder_read(store, key, &f, err) < 0)
        return -1;
    if (f.distinguished != NULL)
        return lab_refuse(err, "ErrorDeleteDistinguishedFolder",
                          "distinguished folder \"%s\" cannot be deleted",
                          f.distinguished);
    if (how == LAB_DELETE_MOVE) {
        if (lab_distinguished_key(store, mailbox, "deleteditems", &to, err) < 0)
            return -1;
        return move_folder(store, key, to, true, err);
    }
    if (how == LAB_DELETE_SOFT &&
        lab_distinguished_key(store, mailbox, "recoverableitemsdeletions", &to,
                              err) < 0)
        return -1;
    return drop_tree(store, mailbox, key, to, err);
}

int lab_store_delete_folder(struct lab_store *store, int64_t mailbox,
                            const char *id, enum lab_delete how,
                            struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, delete_folder(store, mailbox, id, how, err), err);
}
