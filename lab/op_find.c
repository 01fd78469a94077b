#include "lab/op.h"
#include "lab/shape.h"

struct find {
    struct shape shape;
    struct lab_list list;
    bool paged, from_end;
};

static int read_number(const xmlNode *node, const char *name, uint64_t *ret,
                       struct problem *p)
{
    g_autofree char *text = soap_attr_dup(node, name);
    guint64 n = 0;

    if (text == NULL)
        return 0;
    if (!g_ascii_string_to_unsigned(text, 10, 0, INT32_MAX, &n, NULL))
        return soap_violation(p, node, "The '%s' attribute is invalid.", name);
    *ret = n;
    return 0;
}

static int read_page(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *view = op_child(call, "IndexedPageItemView");
    g_autofree char *base = soap_attr_dup(view, "BasePoint");
    uint32_t limit = op_find_limit(call);
    uint64_t max = limit;

    f->list.max = limit;
    if (view == NULL)
        return 0;
    f->paged = true;
    f->from_end = g_strcmp0(base, "End") == 0;
    if (!f->from_end && g_strcmp0(base, "Beginning") != 0)
        return soap_violation(p, view, "The 'BasePoint' attribute is invalid.");
    if (read_number(view, "MaxEntriesReturned", &max, p) < 0 ||
        read_number(view, "Offset", &f->list.offset, p) < 0)
        return -1;
    if (max == 0)
        return problem_fault(p, "ErrorInvalidPagingMaxRows");
    f->list.max = (uint32_t)MIN(max, limit);
    return 0;
}

/* The lab sorts by the received date, either way. */
static int read_order(struct op_call *call, struct find *f, struct problem *p)
{
    const xmlNode *order = soap_first(op_child(call, "SortOrder"));
    const xmlNode *field = soap_child(order, NS_TYPES, "FieldURI");
    g_autofree char *uri = soap_attr_dup(field, "FieldURI");
    g_autofree char *way = soap_attr_dup(order, "Order");

    if (order == NULL)
        return 0;
    if (g_strcmp0(uri, "item:DateTimeReceived") != 0 ||
        soap_next(order) != NULL)
        return problem_fault(p, "ErrorUnsupportedPathForSortGroup");
    f->list.oldest_first = g_strcmp0(way, "Ascending") == 0;
    return 0;
}

static void write_root_start(struct op_call *call, const struct find *f,
                             uint64_t next, uint64_t total)
{
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_begin(x, "m:RootFolder");
    if (f->paged)
        g_string_append_printf(
            x->text, " IndexedPagingOffset=\"%" G_GUINT64_FORMAT "\"", next);
    g_string_append_printf(
        x->text, " TotalItemsInView=\"%" G_GUINT64_FORMAT "\"", total);
    xml_attr(x, "IncludesLastItemInRange", next >= total ? "true" : "false");
    xml_end(x);
    xml_open(x, "t:Items");
}

static int write_page(struct op_call *call, const struct find *f,
                      int64_t mailbox, GPtrArray *items, uint64_t total,
                      struct problem *p)
{
    struct xmlout *x = &call->reply.x;

    write_root_start(call, f, f->list.offset + items->len, total);
    for (guint i = 0; i < items->len; i++)
        if (shape_write_item(call, &f->shape, mailbox, items->pdata[i], p) < 0)
            return -1;
    xml_close(x, "t:Items");
    xml_close(x, "m:RootFolder");
    reply_message_end(&call->reply);
    return 0;
}

static int find_in(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    struct find f = *(const struct find *)data;
    g_autoptr(GPtrArray) items = NULL;
    g_auto(place) folder = { 0 };
    uint64_t total = 0;
    struct err err;

    if (access_folder(call->lab, call->caller, node, "ErrorItemNotFound",
                      &folder, p) < 0)
        return -1;
    f.list.folder_id = folder.folder.id;
    /* offsets from the end go with the order turned round */
    f.list.oldest_first ^= f.from_end;
    if (lab_store_list(call->lab->store, folder.mailbox, &f.list, &items,
                       &total, &err) < 0)
        return problem_from_err(p, &err);
    return write_page(call, &f, folder.mailbox, items, total, p);
}

static int read_traversal(struct op_call *call, struct find *f,
                          struct problem *p)
{
    g_autofree char *traversal =
        soap_attr_dup(call->request->operation, "Traversal");

    f->list.associated = g_strcmp0(traversal, "Associated") == 0;
    if (f->list.associated || g_strcmp0(traversal, "Shallow") == 0)
        return 0;
    if (g_strcmp0(traversal, "SoftDeleted") == 0)
        return problem_fault(p, "ErrorUnsupportedPathForQuery");
    return soap_violation(p, call->request->operation,
                          "The 'Traversal' attribute is invalid.");
}

/* What stands in a FindItem and is beyond the lab. */
static bool is_unsupported(const struct op_call *call)
{
    static const char *const names[] = {
        "Restriction",
        "QueryString",
        "GroupBy",
        "DistinguishedGroupBy",
        "FractionalPageItemView",
        "CalendarView",
        "ContactsView",
        "SeekToConditionPageItemView",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (op_child(call, names[i]) != NULL)
            return true;
    return false;
}

int op_find_item(struct op_call *call, struct problem *p)
{
    g_auto(shape) s = { 0 };
    struct find f = { 0 };

    if (is_unsupported(call))
        return problem_fault(p, "ErrorUnsupportedPathForQuery");
    if (read_traversal(call, &f, p) < 0 || read_page(call, &f, p) < 0 ||
        read_order(call, &f, p) < 0 ||
        shape_read_item(call, op_child(call, "ItemShape"), &s, p) < 0)
        return -1;
    f.shape = s;
    return op_each(call, op_child(call, "ParentFolderIds"), find_in, &f, p);
}
