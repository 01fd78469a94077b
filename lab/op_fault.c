#include "lab/op_fault.h"

#include "lab/fts_read.h"

/* What a rule may look at. */
struct look {
    char *subject, *item_class;
};

static void look_clear(struct look *l)
{
    g_free(l->subject);
    g_free(l->item_class);
}

static bool due(struct op_call *call, enum fault_kind kind,
                const struct look *look, struct fault_hit *ret)
{
    const struct fault_event event = {
        .operation = call->op->name,
        .mailbox = call->caller->address,
        .subject = look->subject,
        .item_class = look->item_class,
        .bytes = UINT64_MAX, /* bytes= is about requests */
    };

    if (!faults_due(call->lab->faults, kind, &event, ret))
        return false;
    counters_note(call->lab->counters, fault_counter(kind));
    call->injected = true;
    return true;
}

bool op_fault_stored(struct op_call *call, enum fault_kind kind,
                     const struct lab_item *item, struct fault_hit *ret)
{
    const struct look look = { item->subject, item->item_class };

    return due(call, kind, &look, ret);
}

/* ---- what an item of a request is ---------------------------------- */

static void look_at_id(const struct op_call *call, const xmlNode *node,
                       struct look *ret)
{
    g_autofree char *id = soap_attr_dup(node, "Id");
    g_auto(lab_item) item = { 0 };
    int64_t mailbox = 0;
    struct err err;

    if (id == NULL ||
        lab_store_id_mailbox(call->lab->store, id, &mailbox, &err) <= 0 ||
        lab_store_item(call->lab->store, mailbox, id, &item, &err) < 0)
        return;
    ret->subject = g_steal_pointer(&item.subject);
    ret->item_class = g_steal_pointer(&item.item_class);
}

static void look_at_payload(const struct op_call *call, const xmlNode *data,
                            struct look *ret)
{
    g_autoptr(GBytes) payload = soap_payload(call->request, data);
    g_autoptr(mapi_item) tree = NULL;
    const uint8_t *bytes;
    struct err err;
    gsize len = 0;

    if (payload == NULL)
        return;
    bytes = g_bytes_get_data(payload, &len);
    if (lab_fts_read(bytes, len, &tree, &err) < 0)
        return;
    ret->subject = mapi_dup_text(mapi_find(&tree->message.props, 0x0037));
    ret->item_class = mapi_dup_text(mapi_find(&tree->message.props, 0x001A));
}

static void look_at(const struct op_call *call, const xmlNode *node,
                    struct look *ret)
{
    const xmlNode *data = soap_child(node, NS_TYPES, "Data");
    const xmlNode *id = soap_child(node, NS_TYPES, "ItemId");

    if (data != NULL) {
        look_at_payload(call, data, ret);
    } else if (id != NULL || soap_is(node, NS_TYPES, "ItemId")) {
        look_at_id(call, id != NULL ? id : node, ret);
    } else {
        const xmlNode *subject = soap_child(node, NS_TYPES, "Subject");

        /* of an attachment: what it is called */
        ret->subject = soap_text_dup(
            subject != NULL ? subject : soap_child(node, NS_TYPES, "Name"));
        ret->item_class =
            soap_text_dup(soap_child(node, NS_TYPES, "ItemClass"));
    }
}

bool op_fault_node(struct op_call *call, enum fault_kind kind,
                   const xmlNode *node, struct fault_hit *ret)
{
    struct look look = { NULL, NULL };
    bool hits;

    if (!faults_any(call->lab->faults, kind))
        return false;
    if (faults_want_item(call->lab->faults, kind))
        look_at(call, node, &look);
    hits = due(call, kind, &look, ret);
    look_clear(&look);
    return hits;
}

/* ---- the faults ---------------------------------------------------- */

static bool is_update(const xmlNode *node)
{
    g_autofree char *action = soap_attr_dup(node, "CreateAction");

    return g_strcmp0(action, "Update") == 0 ||
           (g_strcmp0(action, "UpdateOrCreate") == 0 &&
            soap_child(node, NS_TYPES, "ItemId") != NULL);
}

static bool is_mime_appointment(const xmlNode *node)
{
    return soap_is(node, NS_TYPES, "CalendarItem") &&
           soap_child(node, NS_TYPES, "MimeContent") != NULL &&
           soap_child(node, NS_TYPES, "Start") == NULL;
}

static bool is_any(const xmlNode *node)
{
    return node != NULL;
}

static const struct {
    enum fault_kind kind;
    bool (*concerns)(const xmlNode *node);
    bool whole; /* the request fails, not the item */
} rows[] = {
    { FAULT_BATCH, is_any, true },
    { FAULT_ITEM, is_any, false },
    { FAULT_UPDATE_REFUSED, is_update, false },
    { FAULT_APPOINTMENT_MIME_REFUSED, is_mime_appointment, false },
};

static void set_back_off(struct problem *p, uint32_t ms)
{
    char text[16];

    if (ms == 0)
        return;
    g_snprintf(text, sizeof(text), "%u", ms);
    problem_value(p, "BackOffMilliseconds", text);
}

int op_fault_item(struct op_call *call, const xmlNode *node, struct problem *p)
{
    struct fault_hit hit;

    if (op_fault_node(call, FAULT_SLOW_ITEM, node, &hit))
        cancel_sleep(call->lab->stop, (int64_t)hit.ms * 1000, CANCEL_DRAIN);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!rows[i].concerns(node) ||
            !op_fault_node(call, rows[i].kind, node, &hit))
            continue;
        problem_set(p, problem_intern(hit.code));
        set_back_off(p, hit.ms);
        p->fault = rows[i].whole;
        return -1;
    }
    return 0;
}
