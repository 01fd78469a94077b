#include "lab/op_item.h"
#include "lab/shape.h"

static int get_one(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    const struct shape *s = data;
    g_auto(op_loaded) l = { 0 };

    if (op_load_columns(call, node, &l, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:Items");
    if (shape_write_item(call, s, l.mailbox, &l.item, p) < 0)
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
