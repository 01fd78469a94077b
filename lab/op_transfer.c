#include "lab/fts_fault.h"
#include "lab/op_fault.h"

/* ---- ExportItems --------------------------------------------------- */

/* With a tag that nobody put there: *ret owns it; a broken one stays. */
static void add_tag(struct op_call *call, const struct lab_item *item,
                    GBytes **payload)
{
    struct lab_store *store = call->lab->store;
    GBytes *more = NULL;
    struct fault_hit hit;
    struct err ignored;
    gsize len = 0;
    const void *data = g_bytes_get_data(*payload, &len);

    if (!op_fault_stored(call, FAULT_UNKNOWN_TAG, item, &hit) ||
        lab_fts_add(data, len, (uint16_t)hit.n, lab_store_profile(store), &more,
                    &ignored) < 0)
        return;
    g_bytes_unref(*payload);
    *payload = more;
}

/* An item's payload as text, as it is or as a fault wants it. */
static void write_data(struct op_call *call, const struct lab_item *item,
                       GBytes *payload)
{
    struct xmlout *x = &call->reply.x;
    struct fault_hit hit;
    gsize len = 0;
    const void *data = g_bytes_get_data(payload, &len);

    xml_open(x, "m:Data");
    if (op_fault_stored(call, FAULT_TRUNCATED_DATA, item, &hit)) {
        xml_base64_chars(x, data, len / 6 * 3);
        xml_raw(x, "=== Truncated Data ===");
    } else if (op_fault_stored(call, FAULT_DAMAGED_DATA, item, &hit)) {
        xml_base64_chars(x, data, len - MIN(len, 7));
    } else if (op_fault_stored(call, FAULT_WARNED_DATA, item, &hit)) {
        g_autoptr(GBytes) warned = lab_fts_warn(data, len, hit.bare);

        data = g_bytes_get_data(warned, &len);
        xml_base64_chars(x, data, len);
    } else {
        xml_base64_chars(x, data, len);
    }
    xml_close(x, "m:Data");
}

static int export_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    g_auto(lab_item) item = { 0 };
    g_autofree char *id = NULL;
    struct fault_hit hit;
    int64_t mailbox = 0;
    struct err err;

    (void)data;
    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0)
        return -1;
    if (lab_store_export(call->lab->store, mailbox, id, &payload, &item, &err) <
        0)
        return problem_from_err(p, &err);
    if (op_fault_stored(call, FAULT_EXPORT, &item, &hit))
        return problem_set(p, problem_intern(hit.code));
    add_tag(call, &item, &payload);
    reply_message_begin(&call->reply, NULL);
    op_write_id(call, "m:ItemId", item.id, item.change_key);
    write_data(call, &item, payload);
    reply_message_end(&call->reply);
    return 0;
}

int op_export_items(struct op_call *call, struct problem *p)
{
    return op_each(call, op_child(call, "ItemIds"), export_one, NULL, p);
}

/* ---- UploadItems --------------------------------------------------- */

static GBytes *read_data(const struct op_call *call, const xmlNode *item,
                         struct problem *p)
{
    GBytes *data =
        soap_payload(call->request, soap_child(item, NS_TYPES, "Data"));

    if (data == NULL)
        soap_violation(p, item,
                       "The 'Data' element is invalid - its value is invalid "
                       "according to its datatype 'base64Binary'.");
    return data;
}

static const struct {
    const char *name;
    enum lab_action action;
} actions[] = {
    { "CreateNew", LAB_CREATE_NEW },
    { "Update", LAB_UPDATE },
    { "UpdateOrCreate", LAB_UPDATE_OR_CREATE },
};

static int read_action(const xmlNode *item, enum lab_action *ret,
                       struct problem *p)
{
    g_autofree char *name = soap_attr_dup(item, "CreateAction");

    for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(actions); i++)
        if (strcmp(actions[i].name, name) == 0) {
            *ret = actions[i].action;
            return 0;
        }
    return soap_violation(p, item, "The 'CreateAction' attribute is invalid.");
}

/* All that the schema would have found, for every item, before any is kept. */
static int decode_all(const struct op_call *call, const xmlNode *items,
                      GHashTable *payloads, struct problem *p)
{
    for (const xmlNode *n = soap_first(items); n != NULL; n = soap_next(n)) {
        enum lab_action action = LAB_CREATE_NEW;
        GBytes *data;

        if (!soap_is(n, NS_TYPES, "Item"))
            return soap_violation(p, n, "'%s' is no 'Item'.",
                                  (const char *)n->name);
        if (read_action(n, &action, p) < 0)
            return -1;
        data = read_data(call, n, p);
        if (data == NULL)
            return -1;
        g_hash_table_insert(payloads, (gpointer)(uintptr_t)n, data);
    }
    return 0;
}

/* The item to update: in the mailbox of the folder, or it is not there. */
static int read_target(struct op_call *call, const xmlNode *item,
                       int64_t mailbox, struct lab_upload *upload, char **id,
                       struct problem *p)
{
    const xmlNode *node = soap_child(item, NS_TYPES, "ItemId");
    int64_t owner = 0;

    if (node == NULL)
        return upload->action == LAB_UPDATE
                   ? problem_set(p, "ErrorInvalidIdEmpty")
                   : 0;
    if (upload->action == LAB_CREATE_NEW)
        return problem_set(p, "ErrorInvalidOperation");
    if (access_item(call->lab, call->caller, node, id, &owner, p) < 0)
        return -1;
    upload->item_id = *id;
    return owner == mailbox ? 0 : problem_set(p, "ErrorItemNotFound");
}

/*
 * The upload becomes one of both: what it does not say stays as it was.
 * *merged owns the new payload.
 */
static int keep_what_is_gone(struct op_call *call, int64_t mailbox,
                             struct lab_upload *upload, GBytes **merged,
                             struct problem *p)
{
    struct lab_store *store = call->lab->store;
    g_autoptr(GBytes) old = NULL;
    struct err err;
    gsize len = 0;
    const void *data;

    if (lab_store_export(store, mailbox, upload->item_id, &old, NULL, &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(old, &len);
    if (lab_fts_merge(data, len, upload, lab_store_profile(store), merged,
                      &err) < 0)
        return problem_from_err(p, &err);
    upload->data = g_bytes_get_data(*merged, &upload->len);
    return 0;
}

/* *lesser owns the new payload. */
static int lose_property(struct op_call *call, struct lab_upload *upload,
                         uint16_t id, GBytes **lesser, struct problem *p)
{
    struct err err;

    if (lab_fts_drop(upload->data, upload->len, id,
                     lab_store_profile(call->lab->store), lesser, &err) < 0)
        return problem_from_err(p, &err);
    upload->data = g_bytes_get_data(*lesser, &upload->len);
    return 0;
}

static int upload_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    GBytes *payload = g_hash_table_lookup(data, node);
    const xmlNode *parent = soap_child(node, NS_TYPES, "ParentFolderId");
    struct lab_upload upload = {
        .associated = soap_attr_bool(node, "IsAssociated"),
        .data = g_bytes_get_data(payload, NULL),
        .len = g_bytes_get_size(payload),
        .actor = call->caller->name,
    };
    g_auto(lab_item) item = { 0 };
    g_auto(place) folder = { 0 };
    g_autoptr(GBytes) merged = NULL, lesser = NULL;
    g_autofree char *id = NULL;
    struct fault_hit hit;
    struct err err;

    if (read_action(node, &upload.action, p) < 0 ||
        access_folder(call->lab, call->caller, parent, "ErrorFolderNotFound",
                      &folder, p) < 0 ||
        read_target(call, node, folder.mailbox, &upload, &id, p) < 0)
        return -1;
    if (op_fault_node(call, FAULT_UPLOAD, node, &hit))
        return problem_set(p, problem_intern(hit.code));
    upload.folder_id = folder.folder.id;
    if (op_fault_node(call, FAULT_PROPERTY_LOST, node, &hit) &&
        lose_property(call, &upload, (uint16_t)hit.n, &lesser, p) < 0)
        return -1;
    if (upload.item_id != NULL &&
        op_fault_node(call, FAULT_UPDATE_MERGES, node, &hit) &&
        keep_what_is_gone(call, folder.mailbox, &upload, &merged, p) < 0)
        return -1;
    if (lab_store_upload(call->lab->store, folder.mailbox, &upload, &item,
                         &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    op_write_id(call, "m:ItemId", item.id, item.change_key);
    reply_message_end(&call->reply);
    return 0;
}

static void unref_payload(void *data)
{
    g_bytes_unref(data);
}

int op_upload_items(struct op_call *call, struct problem *p)
{
    const xmlNode *items = op_child(call, "Items");
    g_autoptr(GHashTable) payloads =
        g_hash_table_new_full(NULL, NULL, NULL, unref_payload);

    if (decode_all(call, items, payloads, p) < 0)
        return -1;
    return op_each(call, items, upload_one, payloads, p);
}
