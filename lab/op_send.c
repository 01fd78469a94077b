#include "lab/op_item.h"

#include <string.h>

#include "lab/deliver.h"
#include "lab/field_priv.h"
#include "lab/fts_read.h"
#include "lab/person.h"
#include "lab/tray.h"

/* ---- mail ---------------------------------------------------------- */

static int set_sender(struct op_call *call, int64_t mailbox,
                      struct mapi_item *tree, struct problem *p)
{
    struct mapi_props *props = &tree->message.props;
    g_auto(person) owner = { 0 };
    g_auto(person) from = { 0 };

    if (person_owner(call, mailbox, &owner, p) < 0)
        return -1;
    person_set(tree, props, &person_sender, &owner);
    if (!person_get(props, &person_from, &from))
        person_set(tree, props, &person_from, &owner);
    return 0;
}

int op_send(struct op_call *call, int64_t mailbox, struct mapi_item *tree,
            struct problem *p)
{
    struct mapi_props *props = &tree->message.props;
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);
    int64_t now = timestamp_now();

    if (tree->message.n_recipients == 0)
        return problem_set(p, "ErrorInvalidRecipients");
    if (set_sender(call, mailbox, tree, p) < 0)
        return -1;
    flags &= ~MSGFLAG_UNSENT;
    mapi_set_i32(tree, props, PR_MESSAGE_FLAGS,
                 flags | MSGFLAG_READ | MSGFLAG_FROMME);
    mapi_set_time(tree, props, PR_CLIENT_SUBMIT_TIME, now);
    mapi_set_time(tree, props, PR_MESSAGE_DELIVERY_TIME, now);
    if (tray_send(call, LAB_SENT_MAIL, mailbox, &tree->message, p) < 0)
        return -1;
    return deliver_mail(call, tree, p);
}

/* ---- receipts ------------------------------------------------------ */

int op_send_receipt(struct op_call *call, int64_t mailbox,
                    const struct mapi_message *m, bool read, struct problem *p)
{
    g_autofree char *subject = NULL;
    g_autofree char *about = NULL;
    g_auto(person) to = { 0 };

    if (!field_receipt_pending(&m->props) ||
        (!person_get(&m->props, &person_from, &to) &&
         !person_get(&m->props, &person_sender, &to)))
        return 0;
    subject = mapi_dup_text(mapi_find(&m->props, PROP_ID(PR_SUBJECT)));
    about = g_strconcat(
        read ? "Read: " : "Not read: ", subject != NULL ? subject : "", NULL);
    return tray_put(call, LAB_SENT_RECEIPT, mailbox, person_best(&to), about,
                    p);
}

/* Only what is unread owes a receipt: nothing else is loaded for it. */
static int receipt_of(struct op_call *call, int64_t mailbox,
                      const struct lab_item *item, struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) tree = NULL;
    gsize len = 0;
    const void *data;
    struct err err;

    if (lab_store_export(call->lab->store, mailbox, item->id, &payload, NULL,
                         &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &len);
    /* a damaged one is marked all the same */
    if (lab_fts_read(data, len, &tree, &err) < 0)
        return 0;
    return op_send_receipt(call, mailbox, &tree->message, true, p);
}

int op_mark_read(struct op_call *call, int64_t mailbox,
                 const struct lab_item *item, bool read, bool silent,
                 struct problem *p)
{
    struct err err;

    if (read && !item->read && !silent &&
        receipt_of(call, mailbox, item, p) < 0)
        return -1;
    if (lab_store_set_read(call->lab->store, mailbox, item->id, read, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* ---- SendItem ------------------------------------------------------ */

struct sending {
    bool save, has_folder;
    struct place folder;
};

static int check_sending(const struct op_loaded *l, const char *change_key,
                         struct problem *p)
{
    if (change_key == NULL || change_key[0] == '\0')
        return problem_set(p, "ErrorChangeKeyRequiredForWriteOperations");
    if (strcmp(change_key, l->item.change_key) != 0)
        return problem_set(p, "ErrorStaleObject");
    if (((uint32_t)item_kind(l->item.item_class) & KINDS_MESSAGE) == 0)
        return problem_set(p, "ErrorInvalidItemForOperationSendItem");
    if (l->tree->message.n_recipients == 0)
        return problem_set(p, "ErrorMissingRecipients");
    return 0;
}

/* A sent item is kept, else it is gone. */
static int put_away(struct op_call *call, const struct sending *s,
                    struct op_loaded *l, struct problem *p)
{
    g_auto(place) sent = { 0 };
    g_auto(lab_item) moved = { 0 };
    const char *to = s->folder.folder.id;
    struct err err;

    if (!s->save)
        return lab_store_delete_item(call->lab->store, l->mailbox, l->item.id,
                                     LAB_DELETE_HARD, &err) < 0
                   ? problem_from_err(p, &err)
                   : 0;
    if (op_save(call, l, NULL, p) < 0)
        return -1;
    if (!s->has_folder) {
        if (op_default_folder(call, l->mailbox, "sentitems", &sent, p) < 0)
            return -1;
        to = sent.folder.id;
    }
    if (lab_store_move_item(call->lab->store, l->mailbox, l->item.id, to,
                            &moved, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

static int send_one(struct op_call *call, const xmlNode *node, void *data,
                    struct problem *p)
{
    const struct sending *s = data;
    g_autofree char *change_key = soap_attr_dup(node, "ChangeKey");
    g_auto(op_loaded) l = { 0 };

    if (op_load(call, node, &l, p) < 0 ||
        check_sending(&l, change_key, p) < 0 ||
        op_send(call, l.mailbox, l.tree, p) < 0 || put_away(call, s, &l, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_send_item(struct op_call *call, struct problem *p)
{
    const xmlNode *folder = soap_first(op_child(call, "SavedItemFolderId"));
    struct sending s = {
        .save = soap_attr_bool(call->request->operation, "SaveItemToFolder"),
        .has_folder = folder != NULL,
    };
    int status;

    if (s.has_folder && !s.save)
        return problem_fault(p, "ErrorInvalidSendItemSaveSettings");
    if (s.has_folder &&
        access_folder(call->lab, call->caller, folder,
                      "ErrorSavedItemFolderNotFound", &s.folder, p) < 0)
        return op_refuse_each(call, op_child(call, "ItemIds"), p);
    status = op_each(call, op_child(call, "ItemIds"), send_one, &s, p);
    place_clear(&s.folder);
    return status;
}

/* ---- MarkAllItemsAsRead -------------------------------------------- */

/* Items that are looked at at a time. */
#define MARK_PAGE 500u

struct marking {
    bool read, silent;
};

static int mark_folder(struct op_call *call, const struct marking *m,
                       const struct place *at, struct problem *p)
{
    struct lab_list list = { .folder_id = at->folder.id, .max = MARK_PAGE };
    uint64_t total = 1;
    struct err err;

    for (; list.offset < total; list.offset += MARK_PAGE) {
        g_autoptr(GPtrArray) items = NULL;

        if (lab_store_list(call->lab->store, at->mailbox, &list, &items, &total,
                           &err) < 0)
            return problem_from_err(p, &err);
        for (guint i = 0; i < items->len; i++) {
            const struct lab_item *item = items->pdata[i];

            if (item->read != m->read &&
                op_mark_read(call, at->mailbox, item, m->read, m->silent, p) <
                    0)
                return -1;
        }
    }
    return 0;
}

static int mark_one(struct op_call *call, const xmlNode *node, void *data,
                    struct problem *p)
{
    g_auto(place) at = { 0 };

    if (access_folder(call->lab, call->caller, node, "ErrorFolderNotFound", &at,
                      p) < 0 ||
        mark_folder(call, data, &at, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_mark_all_items_as_read(struct op_call *call, struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    struct marking m = {
        .read = soap_child_bool(operation, NS_MESSAGES, "ReadFlag"),
        .silent =
            soap_child_bool(operation, NS_MESSAGES, "SuppressReadReceipts"),
    };

    return op_each(call, op_child(call, "FolderIds"), mark_one, &m, p);
}
