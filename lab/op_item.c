#include "lab/fts_read.h"
#include "lab/op.h"
#include "lab/shape.h"

/* ---- GetItem ------------------------------------------------------- */

static int get_one(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    const struct shape *s = data;
    g_auto(lab_item) item = { 0 };
    g_autofree char *id = NULL;
    int64_t mailbox = 0;
    struct err err;

    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0)
        return -1;
    if (lab_store_item(call->lab->store, mailbox, id, &item, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:Items");
    if (shape_write_item(call, s, mailbox, &item, p) < 0)
        return -1;
    xml_close(&call->reply.x, "m:Items");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_item(struct op_call *call, struct problem *p)
{
    g_auto(shape) s = { 0 };

    if (shape_read_item(call, op_child(call, "ItemShape"), &s, p) < 0)
        return -1;
    return op_each(call, op_child(call, "ItemIds"), get_one, &s, p);
}

/* ---- DeleteItem ---------------------------------------------------- */

struct deletion {
    enum lab_delete how;
    char *cancellations; /* SendMeetingCancellations; NULL: not said */
    char *occurrences;   /* AffectedTaskOccurrences; NULL: not said */
    bool silent;         /* SuppressReadReceipts */
};

/* [MS-OXWSCORE] DeleteItem: what must be said for calendars and tasks. */
static int check_deletion(const struct deletion *d, const struct lab_item *item,
                          struct problem *p)
{
    const char *element = op_item_element(item->item_class);

    if (strcmp(element, "t:CalendarItem") == 0 && d->cancellations == NULL)
        return problem_set(p, "ErrorSendMeetingCancellationsRequired");
    if (strcmp(element, "t:Task") == 0 && d->occurrences == NULL)
        return problem_set(p, "ErrorAffectedTaskOccurrencesRequired");
    if (item->associated && d->how != LAB_DELETE_HARD)
        return problem_set(p, "ErrorInvalidOperation");
    return 0;
}

/* Whether the sender of an unread mail asked to be told what becomes of it. */
static bool wants_receipt(struct op_call *call, int64_t mailbox, const char *id)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) tree = NULL;
    struct err err;
    gsize len = 0;
    const void *data;

    if (lab_store_export(call->lab->store, mailbox, id, &payload, NULL, &err) <
        0)
        return false;
    data = g_bytes_get_data(payload, &len);
    if (lab_fts_read(data, len, &tree, &err) < 0)
        return false;
    return mapi_get_bool(mapi_find(&tree->message.props, 0x0029), false);
}

/* What the server would send; the lab counts it. */
static void count_sent(struct op_call *call, const struct deletion *d,
                       int64_t mailbox, const struct lab_item *item)
{
    if (strcmp(op_item_element(item->item_class), "t:CalendarItem") == 0 &&
        g_strcmp0(d->cancellations, "SendToNone") != 0)
        counters_note(call->lab->counters, "sent.cancellations");
    if (!item->read && !d->silent && d->how != LAB_DELETE_MOVE &&
        wants_receipt(call, mailbox, item->id))
        counters_note(call->lab->counters, "sent.receipts");
}

static int delete_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct deletion *d = data;
    g_auto(lab_item) item = { 0 };
    g_autofree char *id = NULL;
    int64_t mailbox = 0;
    struct err err;

    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0)
        return -1;
    if (lab_store_item(call->lab->store, mailbox, id, &item, &err) < 0)
        return problem_from_err(p, &err);
    if (check_deletion(d, &item, p) < 0)
        return -1;
    count_sent(call, d, mailbox, &item);
    if (lab_store_delete_item(call->lab->store, mailbox, id, d->how, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_delete_item(struct op_call *call, struct problem *p)
{
    const xmlNode *operation = call->request->operation;
    struct deletion d = { 0 };
    int status;

    if (op_read_delete_type(call, &d.how, p) < 0)
        return -1;
    d.cancellations = soap_attr_dup(operation, "SendMeetingCancellations");
    d.occurrences = soap_attr_dup(operation, "AffectedTaskOccurrences");
    d.silent = soap_attr_bool(operation, "SuppressReadReceipts");
    status = op_each(call, op_child(call, "ItemIds"), delete_one, &d, p);
    g_free(d.cancellations);
    g_free(d.occurrences);
    return status;
}

/* ---- MoveItem ------------------------------------------------------ */

struct move {
    struct place to;
    bool tell; /* the new ids */
};

static void write_moved(struct op_call *call, const struct move *m,
                        const struct lab_item *item)
{
    const char *element = op_item_element(item->item_class);
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    if (m->tell) {
        xml_open(x, "m:Items");
        xml_open(x, element);
        op_write_id(call, "t:ItemId", item->id, item->change_key);
        xml_close(x, element);
        xml_close(x, "m:Items");
    } else {
        xml_empty(x, "m:Items");
    }
    reply_message_end(&call->reply);
}

static int move_one(struct op_call *call, const xmlNode *node, void *data,
                    struct problem *p)
{
    const struct move *m = data;
    g_auto(lab_item) item = { 0 };
    g_autofree char *id = NULL;
    int64_t mailbox = 0;
    struct err err;

    if (access_item(call->lab, call->caller, node, &id, &mailbox, p) < 0)
        return -1;
    if (mailbox != m->to.mailbox)
        return problem_set(p, "ErrorCrossMailboxMoveCopy");
    if (lab_store_move_item(call->lab->store, mailbox, id, m->to.folder.id,
                            &item, &err) < 0)
        return problem_from_err(p, &err);
    write_moved(call, m, &item);
    return 0;
}

int op_move_item(struct op_call *call, struct problem *p)
{
    const xmlNode *items = op_child(call, "ItemIds");
    const xmlNode *to = soap_first(op_child(call, "ToFolderId"));
    const xmlNode *tell = op_child(call, "ReturnNewItemIds");
    struct move m = { 0 };
    int status;

    if (access_folder(call->lab, call->caller, to, "ErrorToFolderNotFound",
                      &m.to, p) < 0) {
        for (items = soap_first(items); items != NULL && !p->fault;
             items = soap_next(items))
            op_refuse(call, p);
        return p->fault ? -1 : 0;
    }
    /* Exchange 2007 does not tell; later ones do unless told not to */
    m.tell = call->lab->version->release >= EXCHANGE2010 &&
             (tell == NULL || soap_child_bool(call->request->operation,
                                              NS_MESSAGES, "ReturnNewItemIds"));
    status = op_each(call, items, move_one, &m, p);
    place_clear(&m.to);
    return status;
}
