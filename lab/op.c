#include "lab/op.h"

#include "lab/op_fault.h"
#include "lab/since.h"

#include "lab/field.h"
#include "lab/op_calendar.h"

/* clang-format off */
static const struct op ops[] = {
    { "AddDelegate", EXCHANGE2007_SP1, false, NULL, op_add_delegate,
      REPLY_ONE },
    { "ConvertId", EXCHANGE2007_SP1, false, NULL, op_convert_id,
      REPLY_MESSAGES },
    { "CopyFolder", EXCHANGE2007_SP1, false, "m:Folders", op_copy_folder,
      REPLY_MESSAGES },
    { "CopyItem", EXCHANGE2007_SP1, false, "m:Items", op_copy_item,
      REPLY_MESSAGES },
    { "CreateAttachment", EXCHANGE2007_SP1, false, "m:Attachments",
      op_create_attachment, REPLY_MESSAGES },
    { "CreateFolder", EXCHANGE2007_SP1, false, "m:Folders", op_create_folder, REPLY_MESSAGES },
    { "CreateFolderPath", EXCHANGE2013, false, "m:Folders",
      op_create_folder_path, REPLY_MESSAGES },
    { "CreateItem", EXCHANGE2007_SP1, false, "m:Items", op_create_item,
      REPLY_MESSAGES },
    { "CreateUserConfiguration", EXCHANGE2010, false, NULL,
      op_create_user_configuration, REPLY_MESSAGES },
    { "DeleteAttachment", EXCHANGE2007_SP1, false, NULL, op_delete_attachment,
      REPLY_MESSAGES },
    { "DeleteFolder", EXCHANGE2007_SP1, false, NULL, op_delete_folder, REPLY_MESSAGES },
    { "DeleteItem", EXCHANGE2007_SP1, false, NULL, op_delete_item, REPLY_MESSAGES },
    { "DeleteUserConfiguration", EXCHANGE2010, false, NULL,
      op_delete_user_configuration, REPLY_MESSAGES },
    { "EmptyFolder", EXCHANGE2010_SP1, false, NULL, op_empty_folder,
      REPLY_MESSAGES },
    { "ExpandDL", EXCHANGE2007_SP1, false, NULL, op_expand_dl,
      REPLY_MESSAGES },
    { "ExportItems", EXCHANGE2010_SP1, false, NULL, op_export_items, REPLY_MESSAGES },
    { "FindFolder", EXCHANGE2007_SP1, false, NULL, op_find_folder, REPLY_MESSAGES },
    { "FindItem", EXCHANGE2007_SP1, false, NULL, op_find_item, REPLY_MESSAGES },
    { "GetAttachment", EXCHANGE2007_SP1, false, "m:Attachments",
      op_get_attachment, REPLY_MESSAGES },
    { "GetDelegate", EXCHANGE2007_SP1, false, NULL, op_get_delegate,
      REPLY_ONE },
    { "GetEvents", EXCHANGE2007_SP1, false, NULL, op_get_events,
      REPLY_MESSAGES },
    { "GetFolder", EXCHANGE2007_SP1, false, "m:Folders", op_get_folder, REPLY_MESSAGES },
    { "GetInboxRules", EXCHANGE2010_SP1, false, NULL, op_get_inbox_rules,
      REPLY_ONE },
    { "GetItem", EXCHANGE2007_SP1, false, "m:Items", op_get_item, REPLY_MESSAGES },
    { "GetServerTimeZones", EXCHANGE2010, false, NULL,
      op_get_server_time_zones, REPLY_MESSAGES },
    { "GetUserAvailability", EXCHANGE2007_SP1, false, NULL,
      op_get_user_availability, REPLY_BARE },
    { "GetRoomLists", EXCHANGE2010, false, NULL, op_get_room_lists,
      REPLY_ONE },
    { "GetRooms", EXCHANGE2010, false, NULL, op_get_rooms, REPLY_ONE },
    { "GetStreamingEvents", EXCHANGE2010_SP1, false, NULL,
      op_get_streaming_events, REPLY_MESSAGES },
    { "GetUserConfiguration", EXCHANGE2010, false, NULL,
      op_get_user_configuration, REPLY_MESSAGES },
    { "GetUserOofSettings", EXCHANGE2007_SP1, false, NULL,
      op_get_user_oof_settings, REPLY_BARE },
    { "GetUserPhoto", EXCHANGE2013, false, NULL, op_get_user_photo,
      REPLY_ONE },
    { "MarkAllItemsAsRead", EXCHANGE2013, false, NULL,
      op_mark_all_items_as_read, REPLY_MESSAGES },
    { "MoveFolder", EXCHANGE2007_SP1, false, "m:Folders", op_move_folder, REPLY_MESSAGES },
    { "MoveItem", EXCHANGE2007_SP1, false, "m:Items", op_move_item, REPLY_MESSAGES },
    { "RemoveDelegate", EXCHANGE2007_SP1, false, NULL, op_remove_delegate,
      REPLY_ONE },
    { "ResolveNames", EXCHANGE2007_SP1, false, NULL, op_resolve_names,
      REPLY_MESSAGES },
    { "SendItem", EXCHANGE2007_SP1, false, NULL, op_send_item,
      REPLY_MESSAGES },
    { "SetUserOofSettings", EXCHANGE2007_SP1, false, NULL,
      op_set_user_oof_settings, REPLY_BARE },
    { "SetUserPhoto", EXCHANGE2016, false, NULL, op_set_user_photo,
      REPLY_ONE },
    { "Subscribe", EXCHANGE2007_SP1, false, NULL, op_subscribe,
      REPLY_MESSAGES },
    { "SyncFolderHierarchy", EXCHANGE2007_SP1, true, NULL,
      op_sync_folder_hierarchy, REPLY_MESSAGES },
    { "SyncFolderItems", EXCHANGE2007_SP1, true, NULL, op_sync_folder_items, REPLY_MESSAGES },
    { "Unsubscribe", EXCHANGE2007_SP1, false, NULL, op_unsubscribe,
      REPLY_MESSAGES },
    { "UpdateDelegate", EXCHANGE2007_SP1, false, NULL, op_update_delegate,
      REPLY_ONE },
    { "UpdateInboxRules", EXCHANGE2010_SP1, false, NULL, op_update_inbox_rules,
      REPLY_ONE },
    { "UpdateFolder", EXCHANGE2007_SP1, false, "m:Folders", op_update_folder,
      REPLY_MESSAGES },
    { "UpdateItem", EXCHANGE2007_SP1, false, "m:Items", op_update_item,
      REPLY_MESSAGES },
    { "UpdateUserConfiguration", EXCHANGE2010, false, NULL,
      op_update_user_configuration, REPLY_MESSAGES },
    { "UploadItems", EXCHANGE2010_SP1, false, NULL, op_upload_items, REPLY_MESSAGES },
};
/* clang-format on */

const struct op *op_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
        size_t n = strlen(ops[i].name);
        bool bare = ops[i].form == REPLY_BARE;

        if (strncmp(ops[i].name, name, n) == 0 &&
            strcmp(name + n, bare ? "Request" : "") == 0)
            return &ops[i];
    }
    return NULL;
}

const struct op *op_at(size_t i)
{
    return i < G_N_ELEMENTS(ops) ? &ops[i] : NULL;
}

uint32_t op_find_limit(const struct op_call *call)
{
    struct throttle_options o;

    throttle_get(call->lab->throttle, &o);
    return o.find_count > 0 ? o.find_count : INT32_MAX;
}

bool op_is_lacking(const struct lab *lab, const char *name)
{
    return lab->lacks != NULL &&
           g_strv_contains((const char *const *)lab->lacks, name);
}

/* ---- what the schema would find ------------------------------------ */

static int check_distinguished(const struct lab *lab, const xmlNode *node,
                               struct problem *p)
{
    g_autofree char *id = soap_attr_dup(node, "Id");

    if (id != NULL && !op_is_lacking(lab, id) &&
        access_distinguished_known(lab->version->release, id))
        return 0;
    return soap_violation(
        p, node,
        "The 'Id' attribute is invalid - The value '%.40s' is invalid "
        "according to its datatype '%s:DistinguishedFolderIdNameType' - The "
        "Enumeration constraint failed.",
        id != NULL ? id : "", soap_namespace(NS_TYPES));
}

/* Folder ids stand at most this deep below the operation. */
#define CHECK_DEPTH 4

static int check_folders(const struct lab *lab, const xmlNode *node, int depth,
                         struct problem *p)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        if (soap_is(node, NS_TYPES, "DistinguishedFolderId") &&
            check_distinguished(lab, node, p) < 0)
            return -1;
        if (depth < CHECK_DEPTH && check_folders(lab, node, depth + 1, p) < 0)
            return -1;
    }
    return 0;
}

int op_check_request(const struct lab *lab, const struct soap_request *request,
                     enum release asked, struct problem *p)
{
    if (since_check(lab->version, request, asked, p) < 0)
        return -1;
    return check_folders(lab, request->operation, 0, p);
}

/* ---- response messages --------------------------------------------- */

bool op_fault(struct op_call *call, enum fault_kind kind, const char *subject,
              struct fault_hit *ret)
{
    const struct fault_event event = {
        .operation = call->op->name,
        .mailbox = call->caller->address,
        .subject = subject,
    };

    if (!faults_due(call->lab->faults, kind, &event, ret))
        return false;
    counters_note(call->lab->counters, fault_counter(kind));
    call->injected = true;
    return true;
}

void op_refuse(struct op_call *call, const struct problem *p)
{
    reply_message_begin(&call->reply, p);
    if (call->op->in_error != NULL)
        xml_empty(&call->reply.x, call->op->in_error);
    if (strcmp(call->op->name, "SyncFolderItems") == 0) {
        xml_empty(&call->reply.x, "m:SyncState");
        xml_bool(&call->reply.x, "m:IncludesLastItemInRange", true);
    } else if (strcmp(call->op->name, "SyncFolderHierarchy") == 0) {
        xml_empty(&call->reply.x, "m:SyncState");
        xml_bool(&call->reply.x, "m:IncludesLastFolderInRange", true);
    }
    reply_message_end(&call->reply);
}

/* ResponseCode, ErrorBatchProcessingStopped: what ends a batch. */
static bool stops_batch(const struct problem *p)
{
    static const char *const codes[] = {
        "ErrorAccessDenied",          "ErrorMailboxStoreUnavailable",
        "ErrorMailboxMoveInProgress", "ErrorQuotaExceeded",
        "ErrorInsufficientResources", "ErrorTimeoutExpired",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (problem_is(p, codes[i]))
            return true;
    return false;
}

/* A batch has its minute; what it has not come to is left. */
static int check_time(struct op_call *call, struct problem *p)
{
    struct throttle_options o;

    if (call->ticket == NULL ||
        !throttle_batch_over(call->lab->throttle, call->ticket))
        return 0;
    throttle_get(call->lab->throttle, &o);
    call->cut = o.batch_cut != 0;
    counters_note(call->lab->counters, "refused.batch");
    return problem_set(p, "ErrorTimeoutExpired");
}

void op_note_times(struct lab *lab, const struct op *op,
                   struct throttle_ticket *ticket)
{
    g_autofree char *name = g_strconcat("server-us.", op->name, NULL);
    struct throttle_times times = throttle_times(ticket);

    counters_add(lab->counters, name, (uint64_t)times.charged_us);
    if (times.delayed_us > 0)
        counters_add(lab->counters, "delayed-us", (uint64_t)times.delayed_us);
}

static void charge_item(struct op_call *call)
{
    throttle_item(call->lab->throttle, call->ticket);
    op_note_times(call->lab, call->op, call->ticket);
}

/* One item: charged apart from those before it, then met by faults. */
static int each_one(struct op_call *call, const xmlNode *node, op_each_fn *each,
                    void *data, struct problem *p)
{
    if (call->inside != NULL) {
        *p = *call->inside;
        return -1;
    }
    if (call->ticket != NULL && soap_first(node->parent) != node)
        charge_item(call);
    if (check_time(call, p) < 0 || op_fault_item(call, node, p) < 0)
        return -1;
    return each(call, node, data, p);
}

int op_each(struct op_call *call, const xmlNode *list, op_each_fn *each,
            void *data, struct problem *p)
{
    bool stopped = false;

    for (const xmlNode *node = soap_first(list); node != NULL;
         node = soap_next(node)) {
        gsize before = call->reply.x.text->len;
        int status = -1;

        if (stopped)
            problem_set(p, "ErrorBatchProcessingStopped");
        else
            status = each_one(call, node, each, data, p);
        if (status < 0 && p->fault)
            return -1;
        if (status < 0) {
            g_string_truncate(call->reply.x.text, before);
            op_refuse(call, p);
        }
        stopped = stopped || (status < 0 && stops_batch(p));
    }
    return 0;
}

int op_one(struct op_call *call, op_one_fn *one, struct problem *p)
{
    gsize before = call->reply.x.text->len;
    int status = -1;

    if (call->inside != NULL)
        *p = *call->inside;
    else
        status = one(call, p);
    if (status < 0 && p->fault)
        return -1;
    if (status < 0) {
        g_string_truncate(call->reply.x.text, before);
        op_refuse(call, p);
    }
    return 0;
}

const xmlNode *op_child(const struct op_call *call, const char *name)
{
    return soap_child(call->request->operation, NS_MESSAGES, name);
}

int op_read_delete_type(const struct op_call *call, enum lab_delete *ret,
                        struct problem *p)
{
    static const struct {
        const char *name;
        enum lab_delete how;
    } types[] = {
        { "HardDelete", LAB_DELETE_HARD },
        { "SoftDelete", LAB_DELETE_SOFT },
        { "MoveToDeletedItems", LAB_DELETE_MOVE },
    };
    g_autofree char *type =
        soap_attr_dup(call->request->operation, "DeleteType");

    for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
        if (strcmp(types[i].name, type) == 0) {
            *ret = types[i].how;
            return 0;
        }
    return soap_violation(p, call->request->operation,
                          "The 'DeleteType' attribute is invalid.");
}

void op_write_id(struct op_call *call, const char *name, const char *id,
                 const char *change_key)
{
    struct xmlout *x = &call->reply.x;

    xml_begin(x, name);
    xml_attr(x, "Id", id);
    if (change_key != NULL)
        xml_attr(x, "ChangeKey", change_key);
    xml_end_empty(x);
}

const char *op_item_element(const char *item_class)
{
    return item_kind_element(item_kind(item_class));
}
