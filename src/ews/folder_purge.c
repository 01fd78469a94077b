/*
 * folder_purge - delete a folder of ours for good: FindItem, DeleteItem,
 * DeleteFolder.
 *
 * DeleteFolder knows no SuppressReadReceipts, and what is deleted unread with
 * its folder may owe its sender a word: the items go first, and alone.
 */
#include "ews/call.h"

/* A page; what is ours holds a few dozen items. */
#define PAGE 50

/* A server that lists what it has deleted would keep us here. */
#define PAGES_MAX 100

static void write_find(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    static const char *const fields[] = { "item:ItemClass" };

    (void)core;
    xml_attribute(w, "Traversal", "Shallow");
    call_shape(w, "m:ItemShape", fields, G_N_ELEMENTS(fields));
    xml_open(w, "m:IndexedPageItemView");
    xml_attribute(w, "MaxEntriesReturned", G_STRINGIFY(PAGE));
    xml_attribute(w, "Offset", "0");
    xml_attribute(w, "BasePoint", "Beginning");
    xml_close(w);
    call_folder_id(w, "m:ParentFolderIds", data);
}

static size_t read_ids(const struct xml_node *message,
                       struct endpoint_ref ret[PAGE])
{
    const struct xml_node *items =
        xml_child(xml_child(message, "RootFolder"), "Items");
    size_t n = 0;

    for (const struct xml_node *i = xml_first(items); i != NULL && n < PAGE;
         i = xml_next(i)) {
        const char *id = xml_attr(xml_child(i, "ItemId"), "Id");

        if (id != NULL)
            ret[n++] = (struct endpoint_ref){ .id = id };
    }
    return n;
}

/* 1: some were deleted; 0: there was none; -1. */
static int purge_page(struct mailbox *mb, const char *folder_id,
                      struct err *err)
{
    const struct call call = {
        .element = "m:FindItem",
        .write = write_find,
        .data = folder_id,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    struct endpoint_ref refs[PAGE];
    size_t n;

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    n = read_ids(a.messages[0], refs);
    if (n == 0)
        return 0;
    return remove_for_good(mb, refs, n, err) < 0 ? -1 : 1;
}

static void write_delete(struct xml_writer *w, const struct core *core,
                         const void *data)
{
    (void)core;
    xml_attribute(w, "DeleteType", "HardDelete");
    call_folder_id(w, "m:FolderIds", data);
}

static int delete_folder(struct mailbox *mb, const char *folder_id,
                         struct err *err)
{
    const struct call call = {
        .element = "m:DeleteFolder",
        .write = write_delete,
        .data = folder_id,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    return soap_message_status(a.messages[0], err);
}

static int purge(struct mailbox *mb, const char *folder_id, struct err *err)
{
    int more = 1;

    for (int pages = 0; more > 0 && pages < PAGES_MAX; pages++)
        more = purge_page(mb, folder_id, err);
    return more < 0 ? -1 : delete_folder(mb, folder_id, err);
}

int folder_purge(struct endpoint *ep, const char *folder_id, struct err *err)
{
    if (purge(mailbox_of(ep), folder_id, err) == 0 ||
        err->code == EWS_ErrorFolderNotFound ||
        err->code == EWS_ErrorItemNotFound)
        return 0; /* gone already is gone */
    return call_widen(err, ERR_FOLDER);
}
