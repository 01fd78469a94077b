#include "lab/op_item.h"

typedef int transfer_fn(struct lab_store *store, int64_t mailbox,
                        const char *id, const char *to_folder_id,
                        struct lab_item *ret, struct err *err);

struct move {
    transfer_fn *transfer;
    struct place to;
    bool tell; /* the new ids */
};

static void write_moved(struct op_call *call, const struct move *m,
                        const struct lab_item *item)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    if (m->tell) {
        xml_open(x, "m:Items");
        op_write_item(call, item);
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
    if (m->transfer(call->lab->store, mailbox, id, m->to.folder.id, &item,
                    &err) < 0)
        return problem_from_err(p, &err);
    write_moved(call, m, &item);
    return 0;
}

static int transfer(struct op_call *call, transfer_fn *how, struct problem *p)
{
    const xmlNode *items = op_child(call, "ItemIds");
    const xmlNode *to = soap_first(op_child(call, "ToFolderId"));
    const xmlNode *tell = op_child(call, "ReturnNewItemIds");
    struct move m = { .transfer = how };
    int status;

    if (access_folder(call->lab, call->caller, to, "ErrorToFolderNotFound",
                      &m.to, p) < 0)
        return op_refuse_each(call, items, p);
    /* Exchange 2007 does not tell; later ones do unless told not to */
    m.tell = call->lab->version->release >= EXCHANGE2010 &&
             (tell == NULL || soap_child_bool(call->request->operation,
                                              NS_MESSAGES, "ReturnNewItemIds"));
    status = op_each(call, items, move_one, &m, p);
    place_clear(&m.to);
    return status;
}

int op_move_item(struct op_call *call, struct problem *p)
{
    return transfer(call, lab_store_move_item, p);
}

int op_copy_item(struct op_call *call, struct problem *p)
{
    return transfer(call, lab_store_copy_item, p);
}
