/* hidden - the hidden (associated) items of a folder: FindItem. */
#include "base/timestamp.h"
#include "ews/call.h"

/* A page of FindItem; the server may give fewer (EWS-QUIRKS 22). */
#define PAGE 1000

/* Views, rules, settings: a folder has dozens.  More is something else. */
#define HIDDEN_MAX 10000

struct asking {
    const char *folder_id;
    size_t offset;
};

static void write_find(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    static const char *const fields[] = { "item:ItemClass", "item:Size" };
    const struct asking *asking = data;
    g_autofree char *offset = g_strdup_printf("%zu", asking->offset);

    (void)core;
    xml_attribute(w, "Traversal", "Associated");
    call_shape(w, "m:ItemShape", fields, G_N_ELEMENTS(fields));
    xml_open(w, "m:IndexedPageItemView");
    xml_attribute(w, "MaxEntriesReturned", G_STRINGIFY(PAGE));
    xml_attribute(w, "Offset", offset);
    xml_attribute(w, "BasePoint", "Beginning");
    xml_close(w);
    call_folder_id(w, "m:ParentFolderIds", asking->folder_id);
}

static int read_item(const struct xml_node *item, GArray *to, struct err *err)
{
    const struct xml_node *id = xml_child(item, "ItemId");
    struct endpoint_change c = {
        .kind = ENDPOINT_CREATED,
        .received_us = TIMESTAMP_NONE,
    };

    if (xml_attr(id, "Id") == NULL)
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server lists a hidden item without an id");
    c.id = g_strdup(xml_attr(id, "Id"));
    c.change_key = g_strdup(xml_attr(id, "ChangeKey"));
    c.item_class = g_strdup(xml_child_text(item, "ItemClass"));
    (void)xml_parse_uint(xml_child_text(item, "Size"), INT64_MAX,
                         &c.size_bytes);
    g_array_append_val(to, c);
    return 0;
}

/* 1: there is more; 0: that was all; -1. */
static int ask(struct mailbox *mb, const struct asking *asking, GArray *to,
               struct err *err)
{
    const struct call call = {
        .element = "m:FindItem",
        .write = write_find,
        .data = asking,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *root, *items;
    bool last;

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    root = xml_child(a.messages[0], "RootFolder");
    items = xml_child(root, "Items");
    if (!xml_parse_bool(xml_attr(root, "IncludesLastItemInRange"), &last))
        return err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0,
                       "the server's list of hidden items does not say how it "
                       "goes on");
    for (const struct xml_node *i = xml_first(items); i != NULL;
         i = xml_next(i))
        if (read_item(i, to, err) < 0)
            return -1;
    return !last && xml_count(items) > 0 ? 1 : 0;
}

static void clear_change(void *c)
{
    struct endpoint_page one = { .changes = g_memdup2(c, sizeof(*one.changes)),
                                 .n = 1 };

    endpoint_page_clear(&one);
}

int hidden_list(struct endpoint *ep, const char *folder_id,
                struct endpoint_page *ret, struct err *err)
{
    struct asking asking = { .folder_id = folder_id };
    g_autoptr(GArray) all =
        g_array_new(FALSE, FALSE, sizeof(struct endpoint_change));
    gsize n;
    int more = 1;

    g_array_set_clear_func(all, clear_change);
    /* The Associated traversal came with Exchange 2010. */
    if (!core_has(mailbox_of(ep)->core, EWS_2010))
        return 0;
    while (more > 0 && all->len < HIDDEN_MAX) {
        more = ask(mailbox_of(ep), &asking, all, err);
        asking.offset = all->len;
    }
    if (more < 0)
        return call_widen(err, ERR_FOLDER);
    g_array_set_clear_func(all, NULL);
    ret->changes = g_array_steal(all, &n);
    ret->n = n;
    return 0;
}
