#include "lab/op.h"
#include "lab/shape.h"

/* MaxSyncChangesReturnedType */
#define CHANGES_MAX 512

/* A SyncState of ours is some dozen bytes; nobody's is longer than this. */
#define STATE_MAX 65536

static int read_state(struct op_call *call, char **ret, struct problem *p)
{
    struct fault_hit hit;

    *ret = soap_text_dup(op_child(call, "SyncState"));
    if (*ret == NULL || (*ret)[0] == '\0')
        return 0;
    if (strlen(*ret) > STATE_MAX ||
        op_fault(call, FAULT_EXPIRE_SYNC, NULL, &hit))
        return problem_set(p, "ErrorInvalidSyncStateData");
    return 0;
}

/* A fault on demand: a state that is refused counts as none. */
static bool starts_over(struct op_call *call, struct lab_sync *sync)
{
    struct fault_hit hit;

    if (sync->state == NULL || sync->state[0] == '\0' ||
        !op_fault(call, FAULT_SYNC_RESTARTS, NULL, &hit))
        return false;
    sync->state = NULL;
    return true;
}

/* ---- SyncFolderItems ----------------------------------------------- */

struct items {
    struct shape shape;
    GHashTable *ignored; /* ids */
    struct lab_sync sync;
    struct place folder;
};

static const char *const change_elements[] = {
    [LAB_CREATED] = "t:Create",
    [LAB_UPDATED] = "t:Update",
    [LAB_DELETED] = "t:Delete",
    [LAB_READ_FLAG] = "t:ReadFlagChange",
};

static int write_item_change(struct op_call *call, const struct items *in,
                             const struct lab_change *change, struct problem *p)
{
    const char *element = change_elements[change->kind];
    struct xmlout *x = &call->reply.x;
    int status = 0;

    xml_open(x, element);
    if (change->kind == LAB_DELETED) {
        op_write_id(call, "t:ItemId", change->id, NULL);
    } else if (change->kind == LAB_READ_FLAG) {
        op_write_id(call, "t:ItemId", change->id, change->item->change_key);
        xml_bool(x, "t:IsRead", change->item->read);
    } else {
        status = shape_write_item(call, &in->shape, in->folder.mailbox,
                                  change->item, p);
    }
    xml_close(x, element);
    return status;
}

static int write_items_page(struct op_call *call, const struct items *in,
                            const struct lab_sync_page *page, struct problem *p)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_text(x, "m:SyncState", page->state);
    xml_bool(x, "m:IncludesLastItemInRange", page->last);
    xml_open(x, "m:Changes");
    for (guint i = 0; i < page->changes->len; i++) {
        const struct lab_change *change = page->changes->pdata[i];

        if (g_hash_table_contains(in->ignored, change->id))
            continue;
        if (write_item_change(call, in, change, p) < 0)
            return -1;
    }
    xml_close(x, "m:Changes");
    reply_message_end(&call->reply);
    return 0;
}

static int read_max(const struct op_call *call, uint32_t *ret,
                    struct problem *p)
{
    const xmlNode *node = op_child(call, "MaxChangesReturned");
    g_autofree char *text = soap_text_dup(node);
    guint64 n = 0;

    if (text == NULL || !g_ascii_string_to_unsigned(g_strstrip(text), 10, 1,
                                                    CHANGES_MAX, &n, NULL))
        return soap_violation(p, call->request->operation,
                              "The 'MaxChangesReturned' element is invalid - "
                              "The value '%.20s' is invalid according to its "
                              "datatype 'MaxSyncChangesReturnedType'.",
                              text != NULL ? text : "");
    *ret = (uint32_t)n;
    return 0;
}

static int read_scope(const struct op_call *call, bool *ret, struct problem *p)
{
    const xmlNode *node = op_child(call, "SyncScope");
    g_autofree char *text = soap_text_dup(node);

    *ret = g_strcmp0(text, "NormalAndAssociatedItems") == 0;
    if (text == NULL || *ret || strcmp(text, "NormalItems") == 0)
        return 0;
    return soap_violation(p, node, "The 'SyncScope' element is invalid.");
}

static void read_ignored(const struct op_call *call, GHashTable *ignored)
{
    const xmlNode *node = soap_first(op_child(call, "Ignore"));

    for (; node != NULL; node = soap_next(node)) {
        char *id = soap_attr_dup(node, "Id");

        if (id != NULL)
            g_hash_table_add(ignored, id);
    }
}

static int sync_items(struct op_call *call, struct items *in, struct problem *p)
{
    const xmlNode *folder = soap_first(op_child(call, "SyncFolderId"));
    g_auto(lab_sync_page) page = { 0 };
    g_autofree char *state = NULL;
    struct err err;

    if (access_folder(call->lab, call->caller, folder,
                      "ErrorSyncFolderNotFound", &in->folder, p) < 0 ||
        read_state(call, &state, p) < 0)
        return -1;
    in->sync.folder_id = in->folder.folder.id;
    in->sync.state = state;
    if (lab_store_sync_items(call->lab->store, in->folder.mailbox, &in->sync,
                             &page, &err) < 0 &&
        (!starts_over(call, &in->sync) ||
         lab_store_sync_items(call->lab->store, in->folder.mailbox, &in->sync,
                              &page, &err) < 0))
        return problem_from_err(p, &err);
    return write_items_page(call, in, &page, p);
}

static int sync_items_once(struct op_call *call, struct problem *p)
{
    g_auto(shape) s = { 0 };
    struct items in = { 0 };
    int status;

    if (read_max(call, &in.sync.max, p) < 0 ||
        read_scope(call, &in.sync.associated, p) < 0 ||
        shape_read_item(call, op_child(call, "ItemShape"), &s, p) < 0)
        return -1;
    in.shape = s;
    in.ignored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    read_ignored(call, in.ignored);
    status = sync_items(call, &in, p);
    g_hash_table_unref(in.ignored);
    place_clear(&in.folder);
    return status;
}

int op_sync_folder_items(struct op_call *call, struct problem *p)
{
    return op_one(call, sync_items_once, p);
}

/* ---- SyncFolderHierarchy ------------------------------------------- */

/* Folders of others that the caller may not see are not told of. */
static int is_told(struct op_call *call, int64_t mailbox,
                   const struct lab_change *change, struct problem *p)
{
    uint32_t rights = 0;

    if (change->kind == LAB_DELETED)
        return 1;
    if (access_rights(call->lab, call->caller, mailbox, change->folder->key,
                      &rights, p) < 0)
        return -1;
    return access_visible(rights);
}

static int write_folder_change(struct op_call *call, const struct shape *s,
                               int64_t mailbox, const struct lab_change *change,
                               struct problem *p)
{
    const char *element = change_elements[change->kind];
    int told = is_told(call, mailbox, change, p);

    if (told <= 0)
        return told;
    xml_open(&call->reply.x, element);
    if (change->kind == LAB_DELETED)
        op_write_id(call, "t:FolderId", change->id, NULL);
    else if (shape_write_folder(call, s, mailbox, change->folder, p) < 0)
        return -1;
    xml_close(&call->reply.x, element);
    return 0;
}

static int write_folders_page(struct op_call *call, const struct shape *s,
                              int64_t mailbox, const struct lab_sync_page *page,
                              struct problem *p)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_text(x, "m:SyncState", page->state);
    xml_bool(x, "m:IncludesLastFolderInRange", page->last);
    xml_open(x, "m:Changes");
    for (guint i = 0; i < page->changes->len; i++)
        if (write_folder_change(call, s, mailbox, page->changes->pdata[i], p) <
            0)
            return -1;
    xml_close(x, "m:Changes");
    reply_message_end(&call->reply);
    return 0;
}

/* Without a folder it is the whole mailbox, from its visible root. */
static int find_top(struct op_call *call, struct place *ret, struct problem *p)
{
    const xmlNode *folder = soap_first(op_child(call, "SyncFolderId"));
    struct err err;

    if (folder != NULL)
        return access_folder(call->lab, call->caller, folder,
                             "ErrorSyncFolderNotFound", ret, p);
    if (call->caller->mailbox == 0)
        return problem_set(p, "ErrorMissingEmailAddress");
    ret->mailbox = call->caller->mailbox;
    if (lab_store_distinguished(call->lab->store, ret->mailbox, "msgfolderroot",
                                &ret->folder, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static int sync_folders_once(struct op_call *call, struct problem *p)
{
    g_auto(lab_sync_page) page = { 0 };
    g_auto(shape) s = { 0 };
    g_auto(place) top = { 0 };
    g_autofree char *state = NULL;
    struct lab_sync sync = { 0 };
    struct err err;

    if (shape_read_folder(call, op_child(call, "FolderShape"), &s, p) < 0 ||
        find_top(call, &top, p) < 0 || read_state(call, &state, p) < 0)
        return -1;
    sync.folder_id = top.folder.id;
    sync.state = state;
    if (lab_store_sync_folders(call->lab->store, top.mailbox, &sync, &page,
                               &err) < 0 &&
        (!starts_over(call, &sync) ||
         lab_store_sync_folders(call->lab->store, top.mailbox, &sync, &page,
                                &err) < 0))
        return problem_from_err(p, &err);
    return write_folders_page(call, &s, top.mailbox, &page, p);
}

int op_sync_folder_hierarchy(struct op_call *call, struct problem *p)
{
    return op_one(call, sync_folders_once, p);
}
