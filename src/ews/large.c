/* large - items over a size: FindItem with a restriction. */
#include "base/timestamp.h"
#include "ews/call.h"

/* What servers give at once to a search with a restriction. */
#define PAGE_MAX 250

struct asking {
    const char *folder_id;
    uint64_t over_bytes;
    size_t max;
};

static void write_restriction(struct xml_writer *w, uint64_t over_bytes)
{
    /* [MS-OXPROPS] PidTagMessageSize is an Integer32. */
    g_autofree char *bytes = g_strdup_printf(
        "%" G_GUINT64_FORMAT, MIN(over_bytes, (uint64_t)INT32_MAX));

    xml_open(w, "m:Restriction");
    xml_open(w, "t:IsGreaterThan");
    call_field_uri(w, "item:Size");
    xml_open(w, "t:FieldURIOrConstant");
    xml_open(w, "t:Constant");
    xml_attribute(w, "Value", bytes);
    xml_close(w);
    xml_close(w);
    xml_close(w);
    xml_close(w);
}

static void write_find(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    static const char *const fields[] = { "item:ItemClass", "item:Subject",
                                          "item:DateTimeReceived",
                                          "item:Size" };
    const struct asking *asking = data;
    g_autofree char *max =
        g_strdup_printf("%zu", MIN(asking->max, (size_t)PAGE_MAX));

    (void)core;
    xml_attribute(w, "Traversal", "Shallow");
    call_shape(w, "m:ItemShape", fields, G_N_ELEMENTS(fields));
    xml_open(w, "m:IndexedPageItemView");
    xml_attribute(w, "MaxEntriesReturned", max);
    xml_attribute(w, "Offset", "0");
    xml_attribute(w, "BasePoint", "Beginning");
    xml_close(w);
    write_restriction(w, asking->over_bytes);
    call_folder_id(w, "m:ParentFolderIds", asking->folder_id);
}

/* False: not what was asked for. */
static bool read_item(const struct xml_node *item, uint64_t over_bytes,
                      struct endpoint_found *ret)
{
    const char *id = xml_attr(xml_child(item, "ItemId"), "Id");
    uint64_t size_bytes = 0;

    if (!xml_parse_uint(xml_child_text(item, "Size"), INT64_MAX, &size_bytes) ||
        size_bytes <= over_bytes || id == NULL)
        return false;
    *ret = (struct endpoint_found){
        .id = g_strdup(id),
        .item_class = g_strdup(xml_child_text(item, "ItemClass")),
        .subject = g_strdup(xml_child_text(item, "Subject")),
        .received_us = TIMESTAMP_NONE,
        .size_bytes = size_bytes,
    };
    (void)xml_parse_time(xml_child_text(item, "DateTimeReceived"),
                         &ret->received_us);
    return true;
}

/*
 * A server that passes over the restriction shows the folder from its
 * beginning: then only what was seen can be said to be there.
 */
static void read_all(const struct xml_node *root, const struct asking *asking,
                     struct endpoint_findings *ret)
{
    const struct xml_node *items = xml_child(root, "Items");
    size_t n = MIN(xml_count(items), asking->max);
    bool honest = true;

    ret->items = g_new0(struct endpoint_found, n + 1);
    for (const struct xml_node *i = xml_first(items); i != NULL && ret->n < n;
         i = xml_next(i)) {
        if (read_item(i, asking->over_bytes, &ret->items[ret->n]))
            ret->n++;
        else
            honest = false;
    }
    if (!honest || !xml_parse_uint(xml_attr(root, "TotalItemsInView"),
                                   UINT32_MAX, &ret->total))
        ret->total = ret->n;
    ret->total = MAX(ret->total, ret->n);
}

int large_find(struct endpoint *ep, const char *folder_id, uint64_t over_bytes,
               size_t max, struct endpoint_findings *ret, struct err *err)
{
    const struct asking asking = { folder_id, over_bytes, max };
    const struct call call = {
        .element = "m:FindItem",
        .write = write_find,
        .data = &asking,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return call_widen(err, ERR_FOLDER);
    read_all(xml_child(a.messages[0], "RootFolder"), &asking, ret);
    return 0;
}
