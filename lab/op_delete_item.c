#include "lab/op_item.h"

#include <string.h>

struct deletion {
    enum lab_delete how;
    enum meeting_send cancellations;
    char *occurrences; /* AffectedTaskOccurrences; NULL: not said */
    bool silent;       /* SuppressReadReceipts */
};

/* [MS-OXWSCORE] DeleteItem: what must be said for calendars and tasks. */
static int check_deletion(const struct deletion *d, const struct lab_item *item,
                          struct problem *p)
{
    const char *element = op_item_element(item->item_class);

    if (strcmp(element, "t:CalendarItem") == 0 &&
        d->cancellations == MEETING_NOT_SAID)
        return problem_set(p, "ErrorSendMeetingCancellationsRequired");
    if (strcmp(element, "t:Task") == 0 && d->occurrences == NULL)
        return problem_set(p, "ErrorAffectedTaskOccurrencesRequired");
    if (item->associated && d->how != LAB_DELETE_HARD)
        return problem_set(p, "ErrorInvalidOperation");
    return 0;
}

/* Deleting what was not read tells its sender so, [MS-OXOMSG] 3.2.1.2. */
static bool owes_receipt(const struct deletion *d, const struct op_loaded *l)
{
    return !l->item.read && !d->silent && d->how != LAB_DELETE_MOVE &&
           ((uint32_t)item_kind(l->item.item_class) & KINDS_MESSAGE) != 0;
}

static int tell_others(struct op_call *call, const struct deletion *d,
                       struct op_loaded *l, struct problem *p)
{
    bool appointment = item_kind(l->item.item_class) == KIND_CALENDAR;
    struct problem unread;

    if (!appointment && !owes_receipt(d, l))
        return 0;
    /* a damaged one goes all the same */
    if (op_load_tree(call, l, &unread) < 0)
        return 0;
    if (appointment)
        return meeting_cancel(call, l->mailbox, l->tree, d->cancellations, p);
    return op_send_receipt(call, l->mailbox, &l->tree->message, false, p);
}

static int delete_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const struct deletion *d = data;
    g_auto(op_loaded) l = { 0 };
    struct err err;

    if (op_load_columns(call, node, &l, p) < 0 ||
        check_deletion(d, &l.item, p) < 0 || tell_others(call, d, &l, p) < 0)
        return -1;
    if (lab_store_delete_item(call->lab->store, l.mailbox, l.item.id, d->how,
                              &err) < 0)
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

    if (op_read_delete_type(call, &d.how, p) < 0 ||
        meeting_read_send(call, "SendMeetingCancellations", &d.cancellations,
                          p) < 0)
        return -1;
    d.occurrences = soap_attr_dup(operation, "AffectedTaskOccurrences");
    d.silent = soap_attr_bool(operation, "SuppressReadReceipts");
    status = op_each(call, op_child(call, "ItemIds"), delete_one, &d, p);
    g_free(d.occurrences);
    return status;
}
