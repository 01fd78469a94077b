#include "lab/op_item.h"

#include <string.h>

/* Changes to one item; Exchange's own limit is higher than any client's use. */
#define UPDATES_MAX 1000u

struct updating {
    bool overwrite; /* ConflictResolution says so */
    bool silent;    /* SuppressReadReceipts */
    enum disposition disposition;
    enum meeting_send invitations;
    bool has_folder; /* SavedItemFolderId */
    struct place folder;
};

/* ---- one change ---------------------------------------------------- */

static bool is_path(const xmlNode *node)
{
    return soap_is(node, NS_TYPES, "FieldURI") ||
           soap_is(node, NS_TYPES, "IndexedFieldURI") ||
           soap_is(node, NS_TYPES, "ExtendedFieldURI");
}

/* The path must be of the item's kind; what is of another is refused. */
static int read_path(struct field_edit *e, const xmlNode *change,
                     const char *refusal, struct field_path *ret,
                     struct problem *p)
{
    const xmlNode *node = soap_first(change);
    struct problem other;

    if (node == NULL || !is_path(node))
        return soap_violation(p, change, "The path is missing.");
    if (field_path_read(e->call, node, (uint32_t)e->kind, ret, p) == 0)
        return 0;
    /* a property that another kind has is no fault of the request */
    if (problem_is(p, "ErrorInvalidPropertyRequest") &&
        field_path_read(e->call, node, KINDS_ALL, ret, &other) == 0) {
        problem_set(p, refusal);
        return problem_value(p, "FieldURI", ret->field->uri);
    }
    return -1;
}

/* The one property inside of the item that the change holds. */
static int read_value(const xmlNode *change, const xmlNode **ret,
                      struct problem *p)
{
    const xmlNode *item = soap_next(soap_first(change));
    const xmlNode *value = soap_first(item);

    if (item == NULL || item_kind_of_element(item) == 0)
        return soap_violation(p, change, "The item is missing.");
    if (value == NULL || soap_next(value) != NULL)
        return problem_set(p, "ErrorIncorrectUpdatePropertyCount");
    *ret = value;
    return 0;
}

static bool matches(const struct field_edit *e, const struct field_path *path,
                    const xmlNode *value)
{
    if (path->extended != NULL)
        return soap_is(value, NS_TYPES, "ExtendedProperty");
    return field_of_element(value, e->kind) == path->field;
}

static int set_one(struct field_edit *e, const xmlNode *change,
                   struct problem *p)
{
    g_auto(field_path) path = { 0 };
    const xmlNode *value = NULL;

    if (read_path(e, change,
                  e->appending ? "ErrorInvalidPropertyAppend"
                               : "ErrorInvalidPropertySet",
                  &path, p) < 0 ||
        read_value(change, &value, p) < 0)
        return -1;
    if (!matches(e, &path, value))
        return problem_set(p, "ErrorUpdatePropertyMismatch");
    if (path.extended != NULL && e->appending)
        return problem_set(p, "ErrorInvalidPropertyAppend");
    return field_set(e, field_of_element(value, e->kind), value, p);
}

static int delete_one(struct field_edit *e, const xmlNode *change,
                      struct problem *p)
{
    g_auto(field_path) path = { 0 };

    if (read_path(e, change, "ErrorInvalidPropertyDelete", &path, p) < 0)
        return -1;
    if (path.extended != NULL) {
        extended_clear(e->props, path.extended);
        return 0;
    }
    if (path.field->clear == NULL)
        return field_refuse(p, "ErrorInvalidPropertyDelete", path.field);
    return path.field->clear(e, path.field, &path, p);
}

static int change_one(struct field_edit *e, const xmlNode *change,
                      struct problem *p)
{
    if (soap_is(change, NS_TYPES, "DeleteItemField"))
        return delete_one(e, change, p);
    e->appending = soap_is(change, NS_TYPES, "AppendToItemField");
    if (!e->appending && !soap_is(change, NS_TYPES, "SetItemField"))
        return soap_violation(
            p, change,
            "The element 'Updates' has invalid child element '%.40s'.",
            (const char *)change->name);
    return set_one(e, change, p);
}

static int change_all(struct field_edit *e, const xmlNode *updates,
                      struct problem *p)
{
    unsigned int n = 0;

    for (const xmlNode *c = soap_first(updates); c != NULL; c = soap_next(c)) {
        if (++n > UPDATES_MAX)
            return problem_set(p, "ErrorIncorrectUpdatePropertyCount");
        if (change_one(e, c, p) < 0)
            return -1;
    }
    e->appending = false;
    if (n == 0)
        return problem_set(p, "ErrorIncorrectUpdatePropertyCount");
    return field_finish(e, p);
}

/* ---- what is more than a change of the tree ------------------------ */

/* All that the request changes is whether it was read. */
static bool is_mark(const xmlNode *updates)
{
    const xmlNode *change = soap_first(updates);

    if (change == NULL)
        return false;
    for (; change != NULL; change = soap_next(change)) {
        g_autofree char *uri = soap_attr_dup(soap_first(change), "FieldURI");

        if (!soap_is(change, NS_TYPES, "SetItemField") ||
            g_strcmp0(uri, "message:IsRead") != 0)
            return false;
    }
    return true;
}

static int mark(struct op_call *call, const struct updating *u,
                struct op_loaded *l, const struct field_edit *e,
                struct problem *p)
{
    int32_t flags =
        mapi_get_i32(mapi_find(e->props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    return op_mark_read(call, l->mailbox, &l->item, (flags & MSGFLAG_READ) != 0,
                        u->silent, p);
}

/* A receipt for a message that becomes read together with other changes. */
static int tell_sender(struct op_call *call, const struct updating *u,
                       struct op_loaded *l, struct field_edit *e,
                       struct problem *p)
{
    int32_t flags =
        mapi_get_i32(mapi_find(e->props, PROP_ID(PR_MESSAGE_FLAGS)), 0);
    int status;

    if (!e->read_set || l->item.read || u->silent ||
        (flags & MSGFLAG_READ) == 0)
        return 0;
    /* as it was: what is read owes nothing */
    mapi_set_i32(e->item, e->props, PR_MESSAGE_FLAGS, flags & ~MSGFLAG_READ);
    status = op_send_receipt(call, l->mailbox, e->message, true, p);
    mapi_set_i32(e->item, e->props, PR_MESSAGE_FLAGS, flags);
    return status;
}

/* What is sent leaves its folder. */
static int send_away(struct op_call *call, const struct updating *u,
                     struct op_loaded *l, struct problem *p)
{
    g_auto(place) sent = { 0 };
    g_auto(lab_item) moved = { 0 };
    const char *to = u->folder.folder.id;
    struct err err;

    if (u->disposition == SEND_ONLY)
        return lab_store_delete_item(call->lab->store, l->mailbox, l->item.id,
                                     LAB_DELETE_HARD, &err) < 0
                   ? problem_from_err(p, &err)
                   : 0;
    if (!u->has_folder) {
        if (op_default_folder(call, l->mailbox, "sentitems", &sent, p) < 0)
            return -1;
        to = sent.folder.id;
    }
    return lab_store_move_item(call->lab->store, l->mailbox, l->item.id, to,
                               &moved, &err) < 0
               ? problem_from_err(p, &err)
               : 0;
}

static bool is_sent(const struct updating *u, const struct field_edit *e)
{
    return u->disposition >= SEND_ONLY && e->kind == KIND_MESSAGE;
}

static int store_appointment(struct op_call *call, const struct updating *u,
                             struct op_loaded *l, const char *change_key,
                             struct problem *p)
{
    struct op_loaded before = { .mailbox = l->mailbox };
    int status;

    before.item.id = g_strdup(l->item.id);
    status = op_load_tree(call, &before, p);
    if (status == 0) {
        meeting_mark_sent(l->tree, u->invitations);
        status = op_save(call, l, change_key, p);
    }
    if (status == 0)
        status = meeting_invite(call, l->mailbox, l->tree, before.tree,
                                u->invitations, p);
    op_loaded_clear(&before);
    return status;
}

static int store(struct op_call *call, const struct updating *u,
                 struct op_loaded *l, struct field_edit *e,
                 const char *change_key, struct problem *p)
{
    if (e->kind == KIND_CALENDAR)
        return store_appointment(call, u, l, change_key, p);
    if (is_sent(u, e) && op_send(call, l->mailbox, e->item, p) < 0)
        return -1;
    if (tell_sender(call, u, l, e, p) < 0 ||
        op_save(call, l, change_key, p) < 0)
        return -1;
    return is_sent(u, e) ? send_away(call, u, l, p) : 0;
}

/* ---- one item ------------------------------------------------------ */

static int check_kind(const struct updating *u, enum item_kind kind,
                      struct problem *p)
{
    if (kind == KIND_MESSAGE && u->disposition == DISPOSITION_NONE)
        return problem_set(p, "ErrorMessageDispositionRequired");
    if (kind == KIND_CALENDAR && u->invitations == MEETING_NOT_SAID)
        return problem_set(
            p, "ErrorSendMeetingInvitationsOrCancellationsRequired");
    return 0;
}

/* NULL: whatever the item has become. */
static int read_change_key(const struct updating *u, const xmlNode *id,
                           char **ret, struct problem *p)
{
    g_autofree char *key = soap_attr_dup(id, "ChangeKey");

    if (!u->overwrite && (key == NULL || key[0] == '\0'))
        return problem_set(p, "ErrorChangeKeyRequired");
    if (!u->overwrite)
        *ret = g_steal_pointer(&key);
    return 0;
}

static int update_item(struct op_call *call, const struct updating *u,
                       const xmlNode *change, struct op_loaded *l,
                       struct problem *p)
{
    const xmlNode *updates = soap_child(change, NS_TYPES, "Updates");
    g_autofree char *key = NULL;
    g_auto(field_edit) e = {
        .call = call,
        .mailbox = l->mailbox,
        .kind = item_kind(l->item.item_class),
        .item = l->tree,
        .message = &l->tree->message,
        .props = &l->tree->message.props,
        .was = &l->item,
        .silent = u->silent,
    };

    if (check_kind(u, e.kind, p) < 0 ||
        read_change_key(u, soap_first(change), &key, p) < 0 ||
        change_all(&e, updates, p) < 0 || op_check_class(&e, p) < 0)
        return -1;
    if (is_mark(updates) && !is_sent(u, &e))
        return mark(call, u, l, &e, p);
    return store(call, u, l, &e, key, p);
}

static void write_updated(struct op_call *call, const struct updating *u,
                          const struct op_loaded *l)
{
    bool sent = u->disposition >= SEND_ONLY &&
                item_kind(l->item.item_class) == KIND_MESSAGE;
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    if (sent) {
        xml_empty(x, "m:Items");
    } else {
        xml_open(x, "m:Items");
        op_write_item(call, &l->item);
        xml_close(x, "m:Items");
    }
    xml_open(x, "m:ConflictResults");
    xml_uint(x, "t:Count", 0);
    xml_close(x, "m:ConflictResults");
    reply_message_end(&call->reply);
}

static int update_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct updating *u = data;
    g_auto(op_loaded) l = { 0 };

    if (op_load(call, soap_first(node), &l, p) < 0 ||
        update_item(call, u, node, &l, p) < 0)
        return -1;
    write_updated(call, u, &l);
    return 0;
}

static int read_conflicts(const struct op_call *call, bool *ret,
                          struct problem *p)
{
    g_autofree char *text =
        soap_attr_dup(call->request->operation, "ConflictResolution");

    *ret = g_strcmp0(text, "AlwaysOverwrite") == 0;
    if (*ret || g_strcmp0(text, "AutoResolve") == 0 ||
        g_strcmp0(text, "NeverOverwrite") == 0)
        return 0;
    return soap_violation(p, call->request->operation,
                          "The 'ConflictResolution' attribute is invalid.");
}

int op_update_item(struct op_call *call, struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    const xmlNode *folder = soap_first(op_child(call, "SavedItemFolderId"));
    struct updating u = { .has_folder = folder != NULL };
    int status;

    if (read_conflicts(call, &u.overwrite, p) < 0 ||
        op_read_disposition(call, &u.disposition, p) < 0 ||
        meeting_read_send(call, "SendMeetingInvitationsOrCancellations",
                          &u.invitations, p) < 0)
        return -1;
    if (u.has_folder &&
        access_folder(call->lab, call->caller, folder,
                      "ErrorSavedItemFolderNotFound", &u.folder, p) < 0)
        return op_refuse_each(call, op_child(call, "ItemChanges"), p);
    u.silent = soap_attr_bool(operation, "SuppressReadReceipts");
    status = op_each(call, op_child(call, "ItemChanges"), update_one, &u, p);
    place_clear(&u.folder);
    return status;
}
