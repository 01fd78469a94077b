/* folders - the folder tree: SyncFolderHierarchy and the well-known ids. */
#include <string.h>

#include "base/timestamp.h"
#include "ews/call.h"
#include "ews/tree.h"

/* Exchange's own limit on a mailbox's folders is far below (10,000). */
#define FOLDERS_MAX 100000

/* PR_MESSAGE_SIZE_EXTENDED: of all items in the folder, 64 bits. */
#define TAG_SIZE        "0x0E08"
#define TAG_SIZE_NUMBER 0x0E08

/* PR_ASSOC_CONTENT_COUNT: how many hidden items the folder holds. */
#define TAG_HIDDEN        "0x3617"
#define TAG_HIDDEN_NUMBER 0x3617

/*
 * PR_LOCAL_COMMIT_TIME_MAX: of any message in it ([MS-OXPROPS]), hidden or not
 */
#define TAG_CHANGED        "0x670A"
#define TAG_CHANGED_NUMBER 0x670A

/* ---- the tree --------------------------------------------------------- */

struct listing {
    struct mailbox *mb;
    const char *root_id;
    char *token;
    bool last;
    GPtrArray *folders;
    GHashTable *by_id; /* id -> folder; not owned */
};

static void write_hierarchy(struct xml_writer *w, const struct core *core,
                            const void *data)
{
    const struct listing *l = data;

    (void)core;
    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    call_field_uri(w, "folder:ParentFolderId");
    call_field_uri(w, "folder:FolderClass");
    call_field_uri(w, "folder:DisplayName");
    call_field_uri(w, "folder:TotalCount");
    call_property_tag(w, TAG_SIZE, "Long");
    call_property_tag(w, TAG_HIDDEN, "Integer");
    call_property_tag(w, TAG_CHANGED, "SystemTime");
    xml_close(w);
    xml_close(w);
    call_folder_id(w, "m:SyncFolderId", l->root_id);
    if (l->token != NULL)
        xml_element(w, "m:SyncState", l->token);
}

static char *dup_text(const struct xml_node *node, const char *name)
{
    return g_strdup(xml_child_text(node, name));
}

static struct endpoint_folder *read_folder(const struct xml_node *node,
                                           const char *root_id)
{
    const char *id = xml_attr(xml_child(node, "FolderId"), "Id");
    const char *parent = xml_attr(xml_child(node, "ParentFolderId"), "Id");
    const char *name = xml_child_text(node, "DisplayName");
    struct endpoint_folder *f;
    uint64_t value;

    if (id == NULL || id[0] == '\0')
        return NULL;
    f = g_new0(struct endpoint_folder, 1);
    f->id = g_strdup(id);
    f->parent_id = g_strdup(parent != NULL ? parent : root_id);
    f->name = g_strdup(name != NULL && name[0] != '\0' ? name : "unnamed");
    f->folder_class = dup_text(node, "FolderClass");
    f->search = xml_is(node, "SearchFolder");
    if (xml_parse_uint(xml_child_text(node, "TotalCount"), UINT32_MAX, &value))
        f->n_items = (uint32_t)value;
    if (xml_parse_uint(call_read_property(node, TAG_SIZE_NUMBER), INT64_MAX,
                       &value))
        f->size_bytes = value;
    f->n_hidden = ENDPOINT_HIDDEN_UNKNOWN;
    if (xml_parse_uint(call_read_property(node, TAG_HIDDEN_NUMBER), INT32_MAX,
                       &value))
        f->n_hidden = (uint32_t)value;
    if (!xml_parse_time(call_read_property(node, TAG_CHANGED_NUMBER),
                        &f->changed_us))
        f->changed_us = TIMESTAMP_NONE;
    return f;
}

static void forget_folder(struct listing *l, const char *id)
{
    struct endpoint_folder *f =
        id != NULL ? g_hash_table_lookup(l->by_id, id) : NULL;

    if (f == NULL)
        return; /* a deletion of what was never seen (EWS-QUIRKS 8) */
    g_hash_table_remove(l->by_id, id);
    g_ptr_array_remove(l->folders, f);
    endpoint_folder_free(f);
}

/* A Create or an Update: the latest word about a folder counts. */
static int take_folder(struct listing *l, const struct xml_node *node,
                       struct err *err)
{
    struct endpoint_folder *f = read_folder(node, l->root_id);

    if (f == NULL)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0,
                       "the server lists a folder without an id");
    if (strcmp(f->id, l->root_id) == 0) {
        endpoint_folder_free(f);
        return 0;
    }
    forget_folder(l, f->id);
    g_ptr_array_add(l->folders, f);
    g_hash_table_insert(l->by_id, f->id, f);
    if (l->folders->len <= FOLDERS_MAX)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "the mailbox has more than %d folders", FOLDERS_MAX);
    err->name = "TooManyItems";
    return -1;
}

static int take_changes(struct listing *l, const struct xml_node *changes,
                        struct err *err)
{
    for (const struct xml_node *c = xml_first(changes); c != NULL;
         c = xml_next(c)) {
        if (xml_is(c, "Delete"))
            forget_folder(l, xml_attr(xml_child(c, "FolderId"), "Id"));
        else if (take_folder(l, xml_first(c), err) < 0)
            return -1;
    }
    return 0;
}

static int list_page(struct listing *l, struct err *err)
{
    const struct call call = {
        .element = "m:SyncFolderHierarchy",
        .write = write_hierarchy,
        .data = l,
        .n = 1,
        .sync = true,
    };
    g_auto(call_answer) a = { 0 };
    const char *token;

    if (call_make(l->mb, &call, &a, NULL, err) < 0)
        return -1;
    if (soap_message_status(a.messages[0], err) < 0)
        return -1;
    token = xml_child_text(a.messages[0], "SyncState");
    if (!xml_parse_bool(
            xml_child_text(a.messages[0], "IncludesLastFolderInRange"),
            &l->last) ||
        token == NULL || token[0] == '\0' ||
        (!l->last && g_strcmp0(token, l->token) == 0))
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0,
                       "the server's list of folders does not say how it "
                       "goes on");
    g_free(l->token);
    l->token = g_strdup(token);
    return take_changes(l, xml_child(a.messages[0], "Changes"), err);
}

static int list_all(struct listing *l, struct err *err)
{
    do {
        if (list_page(l, err) < 0)
            return -1;
    } while (!l->last);
    return 0;
}

/* ---- the well-known ones ---------------------------------------------- */

struct names {
    const char *const *names;
    size_t n;
};

static void write_names(struct xml_writer *w, const struct core *core,
                        const void *data)
{
    const struct names *names = data;

    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:FolderIds");
    for (size_t i = 0; i < names->n; i++)
        call_distinguished_id(w, core, names->names[i]);
    xml_close(w);
}

static void mark(const struct listing *l, const struct xml_node *message,
                 const char *name)
{
    const struct xml_node *folder = xml_first(xml_child(message, "Folders"));
    const char *id = xml_attr(xml_child(folder, "FolderId"), "Id");
    struct endpoint_folder *f =
        id != NULL ? g_hash_table_lookup(l->by_id, id) : NULL;

    if (f != NULL && f->well_known == NULL)
        f->well_known = g_strdup(name);
}

/* Every mailbox is made with them (EWS-QUIRKS 24: both codes say so). */
static bool must_be_there(const char *name, const struct err *why)
{
    static const char *const names[] = { "inbox",  "sentitems",    "drafts",
                                         "outbox", "calendar",     "contacts",
                                         "tasks",  "deleteditems", NULL };

    return why->code != EWS_ErrorFolderNotFound &&
           why->code != EWS_ErrorItemNotFound && g_strv_contains(names, name);
}

/*
 * A folder that is not there is none; but when the server is only in trouble,
 * or refuses one that it must have, a folder that goes without its name now
 * would be taken for another, and what is in it end up in a second Inbox.
 */
static int mark_all(const struct listing *l, const struct names *names,
                    const struct call_answer *a, struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        struct err why;

        if (soap_message_status(a->messages[i], &why) == 0) {
            mark(l, a->messages[i], names->names[i]);
        } else if (why.retry != ERR_RETRY_NEVER ||
                   must_be_there(names->names[i], &why)) {
            *err = why;
            return err_in(err, "well-known folder \"%s\"", names->names[i]);
        }
    }
    return 0;
}

/*
 * 1: all are asked for; 0: a fault that one of the names may be to blame for;
 * -1.  *ret_why: of 0 and -1.
 */
static int ask_names(const struct listing *l, const struct names *names,
                     struct err *ret_why)
{
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_names,
        .data = names,
        .n = names->n,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(l->mb, &call, &a, NULL, ret_why) == 0)
        return mark_all(l, names, &a, ret_why) < 0 ? -1 : 1;
    return a.code != EWS_NO_ERROR && ret_why->retry == ERR_RETRY_NEVER ? 0 : -1;
}

/* An id that the version does not know fails them all (EWS-QUIRKS 13). */
static int find_well_known(const struct listing *l, const struct names *all,
                           struct err *err)
{
    struct err why;
    int rc = ask_names(l, all, &why);

    for (size_t i = 0; i < all->n && rc == 0; i++) {
        const struct names one = { .names = &all->names[i], .n = 1 };
        int known = ask_names(l, &one, &why);

        if (known < 0 || (known == 0 && must_be_there(all->names[i], &why)))
            rc = -1;
    }
    if (rc >= 0)
        return 0;
    *err = why;
    return -1;
}

/* ---- a whole tree ------------------------------------------------------ */

static void drop_folder(void *f)
{
    endpoint_folder_free(f);
}

static int list_tree(struct mailbox *mb, const char *root_id,
                     const struct names *names, struct endpoint_tree *ret,
                     struct err *err)
{
    struct listing l = {
        .mb = mb,
        .root_id = root_id,
        .folders = g_ptr_array_new(),
        .by_id = g_hash_table_new(g_str_hash, g_str_equal),
    };
    int rc = list_all(&l, err);

    if (rc == 0)
        rc = find_well_known(&l, names, err);
    if (rc == 0) {
        tree_order(l.folders, root_id);
        ret->folders = g_steal_pointer(&l.folders);
    }
    g_clear_pointer(&l.by_id, g_hash_table_unref);
    g_free(l.token);
    if (rc == 0)
        return 0;
    g_ptr_array_set_free_func(l.folders, drop_folder);
    g_ptr_array_unref(l.folders);
    return call_widen(err, ERR_MAILBOX);
}

int folders_list(struct endpoint *ep, struct endpoint_tree *ret,
                 struct err *err)
{
    struct mailbox *mb = mailbox_of(ep);
    enum ews_level level = (enum ews_level)atomic_load(&mb->core->level);
    struct names all;

    all.names = ews_level_folders(level, &all.n);
    return list_tree(mb, mb->core->root_id, &all, ret, err);
}

/* ---- other roots ------------------------------------------------------- */

/* Below each root, the distinguished ids that its first version knew. */
#define NAMES_MAX 4
static const struct {
    const char *root;
    const char *names[NAMES_MAX];
} trees[ENDPOINT_N_ROOTS] = {
    [ENDPOINT_ROOT_ARCHIVE] = { "archivemsgfolderroot",
                                { "archivedeleteditems" } },
    [ENDPOINT_ROOT_RECOVERABLE] = { "recoverableitemsroot",
                                    { "recoverableitemsdeletions",
                                      "recoverableitemsversions",
                                      "recoverableitemspurges" } },
    [ENDPOINT_ROOT_ARCHIVE_RECOVERABLE] = { "archiverecoverableitemsroot",
                                            { "archiverecoverableitemsdeletion"
                                              "s",
                                              "archiverecoverableitemsversions",
                                              "archiverecoverableitemspurge"
                                              "s" } },
};

/*
 * [MS-OXWSCDATA] ResponseCodeType.  There is no such root: the folder is not
 * there, or the mailbox's archive is not; or the server does not know the name,
 * even where its version claims archives.  Any other refusal,
 * ErrorAccessDenied above all, says nothing of the kind.
 */
static bool is_rootless(const struct err *why)
{
    return why->code == EWS_ErrorFolderNotFound ||
           why->code == EWS_ErrorItemNotFound ||
           why->code == EWS_ErrorArchiveMailboxNotEnabled ||
           why->code == EWS_ErrorSchemaValidation ||
           why->code == EWS_ErrorInvalidRequest ||
           why->code == EWS_ErrorInvalidServerVersion;
}

/* 1 and *ret_id; 0: the mailbox has no such root; -1: trouble. */
static int find_root(struct mailbox *mb, const char *name, char **ret_id,
                     struct err *err)
{
    const struct names one = { .names = &name, .n = 1 };
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_names,
        .data = &one,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *folder;
    const char *id;
    struct err why;

    if (call_make(mb, &call, &a, NULL, &why) < 0 ||
        soap_message_status(a.messages[0], &why) < 0) {
        if (is_rootless(&why))
            return 0;
        *err = why;
        return -1;
    }
    folder = xml_first(xml_child(a.messages[0], "Folders"));
    id = xml_attr(xml_child(folder, "FolderId"), "Id");
    if (id == NULL)
        return 0;
    *ret_id = g_strdup(id);
    return 1;
}

int folders_tree(struct endpoint *ep, enum endpoint_root root,
                 char **ret_root_id, struct endpoint_tree *ret, struct err *err)
{
    struct mailbox *mb = mailbox_of(ep);
    const struct names all = {
        .names = trees[root].names,
        .n = g_strv_length((char **)(uintptr_t)trees[root].names),
    };
    g_autofree char *id = NULL;
    int there;

    if (!core_has(mb->core, EWS_2010_SP1))
        return 0;
    there = find_root(mb, trees[root].root, &id, err);
    if (there <= 0)
        return there < 0 ? call_widen(err, ERR_MAILBOX) : 0;
    if (list_tree(mb, id, &all, ret, err) < 0)
        return -1;
    *ret_root_id = g_steal_pointer(&id);
    return 1;
}
