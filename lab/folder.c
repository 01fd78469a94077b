#include "lab/folder.h"

#include <string.h>

#include "lab/mapi_tags.h"

/* [MS-OXCFOLD], [MS-OXPROPS]: of folders alone. */
#define PR_ATTR_HIDDEN           0x10F4000Bu
#define PR_CONTAINER_CLASS       0x3613001Fu
#define PR_FOLDER_TYPE           0x36010003u
#define PR_CONTENT_COUNT         0x36020003u
#define PR_CONTENT_UNREAD        0x36030003u
#define PR_SUBFOLDERS            0x360A000Bu
#define PR_ASSOC_CONTENT_COUNT   0x36170003u
#define PR_DEFAULT_POST_CLASS    0x36E5001Fu
#define PR_FOLDER_CHILD_COUNT    0x66380003u
#define PR_LOCAL_COMMIT_TIME_MAX 0x670A0040u
#define PR_DELETED_COUNT_TOTAL   0x670B0003u
#define PR_MESSAGE_SIZE_EXTENDED 0x0E080014u

/* [MS-OXCSTOR] 2.2.2.1: of the logon, in units of 1024 bytes. */
#define PR_STORAGE_QUOTA_LIMIT    0x3FF50003u
#define PR_PROHIBIT_RECEIVE_QUOTA 0x666A0003u
#define PR_PROHIBIT_SEND_QUOTA    0x666E0003u

/* clang-format off */
const struct folder_field folder_fields[N_FOLDER_FIELDS] = {
    [FOLDER_PARENT] = { "folder:ParentFolderId", 0, false, true, 0 },
    [FOLDER_CLASS] = { "folder:FolderClass", 0, false, true,
        PR_CONTAINER_CLASS },
    [FOLDER_NAME] = { "folder:DisplayName", 0, true, true, PR_DISPLAY_NAME },
    [FOLDER_TOTAL] = { "folder:TotalCount", 0, true, true, PR_CONTENT_COUNT },
    [FOLDER_CHILDREN] = { "folder:ChildFolderCount", 0, true, true,
        PR_FOLDER_CHILD_COUNT },
    [FOLDER_MANAGED] = { "folder:ManagedFolderInformation", 0, false, false,
        0 },
    [FOLDER_RIGHTS] = { "folder:EffectiveRights", 0, false, true, 0 },
    [FOLDER_DISTINGUISHED] = { "folder:DistinguishedFolderId", EXCHANGE2013,
        false, true, 0 },
    [FOLDER_POLICY_TAG] = { "folder:PolicyTag", EXCHANGE2013, false, false,
        0 },
    [FOLDER_ARCHIVE_TAG] = { "folder:ArchiveTag", EXCHANGE2013, false, false,
        0 },
    [FOLDER_REPLICAS] = { "folder:ReplicaList", EXCHANGE2013, false, false,
        0 },
    [FOLDER_SHARING] = { "folder:SharingEffectiveRights", EXCHANGE2010, false,
        false, 0 },
    [FOLDER_PERMISSIONS] = { "folder:PermissionSet", 0, false, true, 0 },
    [FOLDER_UNREAD] = { "folder:UnreadCount", 0, true, true,
        PR_CONTENT_UNREAD },
    [FOLDER_SEARCH_PARAMETERS] = { "folder:SearchParameters", 0, false, true,
        0 },
    [FOLDER_ID] = { "folder:FolderId", 0, true, true, 0 },
};
/* clang-format on */

const char *folder_element(enum lab_folder_kind kind)
{
    switch (kind) {
    case LAB_FOLDER_SEARCH:
        return "t:SearchFolder";
    case LAB_FOLDER_CALENDAR:
        return "t:CalendarFolder";
    case LAB_FOLDER_CONTACTS:
        return "t:ContactsFolder";
    case LAB_FOLDER_TASKS:
        return "t:TasksFolder";
    case LAB_FOLDER_PLAIN:
    default:
        return "t:Folder";
    }
}

/* ---- the tree -------------------------------------------------------- */

/* [MS-OXOCAL], [MS-OXOCNTC] ...: what a new item in the folder would be. */
static const char *post_class(const char *folder_class)
{
    static const struct {
        const char *prefix, *item_class;
    } rows[] = {
        { "IPF.Appointment", "IPM.Appointment" },
        { "IPF.Contact", "IPM.Contact" },
        { "IPF.Task", "IPM.Task" },
        { "IPF.StickyNote", "IPM.StickyNote" },
        { "IPF.Journal", "IPM.Activity" },
    };

    for (size_t i = 0; folder_class != NULL && i < G_N_ELEMENTS(rows); i++)
        if (g_str_has_prefix(folder_class, rows[i].prefix))
            return rows[i].item_class;
    return "IPM.Note";
}

static void set_numbers(struct mapi_item *tree, const struct lab_folder *f)
{
    struct mapi_props *props = &tree->message.props;
    const struct {
        uint32_t tag;
        uint64_t n;
    } numbers[] = {
        { PR_FOLDER_TYPE, f->parent_id == NULL           ? 0
                          : f->kind == LAB_FOLDER_SEARCH ? 2
                                                         : 1 },
        { PR_CONTENT_COUNT, f->n_items },
        { PR_CONTENT_UNREAD, f->n_unread },
        { PR_ASSOC_CONTENT_COUNT, f->n_hidden },
        { PR_FOLDER_CHILD_COUNT, f->n_children },
        { PR_DELETED_COUNT_TOTAL, 0 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        mapi_set_i32(tree, props, numbers[i].tag,
                     (int32_t)MIN(numbers[i].n, INT32_MAX));
    mapi_set_i64(tree, props, PR_MESSAGE_SIZE_EXTENDED, (int64_t)f->size_bytes);
    mapi_set_bool(tree, props, PR_SUBFOLDERS, f->n_children > 0);
}

static void set_entry_id(struct mapi_item *tree, uint32_t tag, const char *id)
{
    /* The entry id stands behind the GUID in an EWS id: store_id.c. */
    enum { BEFORE_ENTRY = 43 };
    g_autofree guchar *raw = NULL;
    gsize n = 0;

    if (id == NULL)
        return;
    raw = g_base64_decode(id, &n);
    if (n > BEFORE_ENTRY)
        mapi_set(tree, &tree->message.props, tag, raw + BEFORE_ENTRY,
                 n - BEFORE_ENTRY);
}

/* The store's own, where it shows them: on its root.  One limit serves all. */
static int set_quotas(struct op_call *call, struct mapi_item *tree,
                      int64_t mailbox, struct err *err)
{
    static const uint32_t tags[] = { PR_STORAGE_QUOTA_LIMIT,
                                     PR_PROHIBIT_SEND_QUOTA,
                                     PR_PROHIBIT_RECEIVE_QUOTA };
    g_auto(lab_mailbox) m = { 0 };

    if (lab_store_get_mailbox(call->lab->store, mailbox, &m, err) < 0)
        return -1;
    for (size_t i = 0; m.quota_bytes != 0 && i < G_N_ELEMENTS(tags); i++)
        mapi_set_i32(tree, &tree->message.props, tags[i],
                     (int32_t)MIN(m.quota_bytes / 1024, INT32_MAX));
    return 0;
}

struct mapi_item *folder_tree(struct op_call *call, int64_t mailbox,
                              const struct lab_folder *f, struct problem *p)
{
    struct mapi_item *tree = NULL;
    struct mapi_props *props;
    struct err err;

    if (lab_store_folder_props(call->lab->store, mailbox, f->id, &tree, &err) <
            0 ||
        (f->parent_id == NULL && set_quotas(call, tree, mailbox, &err) < 0)) {
        g_clear_pointer(&tree, mapi_item_free);
        problem_from_err(p, &err);
        return NULL;
    }
    props = &tree->message.props;
    mapi_set_text(tree, props, PR_DISPLAY_NAME, f->name);
    if (f->folder_class != NULL && *f->folder_class != '\0')
        mapi_set_text(tree, props, PR_CONTAINER_CLASS, f->folder_class);
    set_numbers(tree, f);
    if (mapi_find(props, PROP_ID(PR_ATTR_HIDDEN)) == NULL)
        mapi_set_bool(tree, props, PR_ATTR_HIDDEN, false);
    if (mapi_find(props, PROP_ID(PR_DEFAULT_POST_CLASS)) == NULL)
        mapi_set_text(tree, props, PR_DEFAULT_POST_CLASS,
                      post_class(f->folder_class));
    mapi_set_time(tree, props, PR_CREATION_TIME, f->created_us);
    mapi_set_time(tree, props, PR_LAST_MODIFICATION_TIME, f->modified_us);
    mapi_set_time(tree, props, PR_LOCAL_COMMIT_TIME_MAX, f->touched_us);
    set_entry_id(tree, PR_ENTRYID, f->id);
    set_entry_id(tree, 0x0E090102u, f->parent_id);
    return tree;
}

/* ---- paths ----------------------------------------------------------- */

void folder_path_clear(struct folder_path *path)
{
    g_clear_pointer(&path->extended, extended_free);
}

int folder_path_read(const struct op_call *call, const xmlNode *node,
                     struct folder_path *ret, struct problem *p)
{
    g_autofree char *uri = soap_attr_dup(node, "FieldURI");

    if (soap_is(node, NS_TYPES, "ExtendedFieldURI")) {
        ret->field = N_FOLDER_FIELDS;
        ret->extended = extended_read(node, p);
        return ret->extended != NULL ? 0 : -1;
    }
    for (int i = 0; uri != NULL && i < N_FOLDER_FIELDS; i++) {
        if (strcmp(folder_fields[i].uri, uri) != 0)
            continue;
        if (call->asked < folder_fields[i].since)
            return problem_fault(p, "ErrorIncorrectSchemaVersion");
        *ret = (struct folder_path){ .field = (enum folder_field_id)i };
        return 0;
    }
    problem_fault(p, "ErrorInvalidPropertyRequest");
    return problem_value(p, "FieldURI", uri != NULL ? uri : "");
}

static void path_free(void *data)
{
    folder_path_clear(data);
    g_free(data);
}

static int read_path(void *context, const xmlNode *node,
                     struct restriction_path *ret, struct problem *p)
{
    const struct op_call *call = context;
    g_auto(folder_path) path = { .field = N_FOLDER_FIELDS };
    uint16_t type;

    if (folder_path_read(call, node, &path, p) < 0)
        return -1;
    type = path.extended != NULL ? path.extended->type
                                 : PROP_TYPE(folder_fields[path.field].tag);
    ret->kind = value_kind_of(type);
    if (ret->kind == VALUE_NONE)
        return problem_fault(p, "ErrorUnsupportedPathForQuery");
    ret->data = g_memdup2(&path, sizeof(path));
    path.extended = NULL;
    return 0;
}

struct restriction_paths folder_paths(const struct op_call *call)
{
    return (struct restriction_paths){
        .read = read_path,
        .release = path_free,
        .context = (void *)(uintptr_t)call,
    };
}

void folder_value(void *tree, const struct restriction_path *path,
                  struct value *ret)
{
    const struct mapi_props *props =
        &((const struct mapi_item *)tree)->message.props;
    const struct folder_path *to = path->data;

    if (to->extended != NULL)
        value_from_prop(extended_find(props, to->extended), ret);
    else
        value_from_prop(mapi_find(props, PROP_ID(folder_fields[to->field].tag)),
                        ret);
}
