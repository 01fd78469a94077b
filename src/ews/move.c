/* move - put items into another folder of the mailbox: MoveItem. */
#include "ews/call.h"

struct moving {
    const struct endpoint_ref *refs;
    size_t n;
    const char *to_folder_id;
};

static void write_move(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct moving *m = data;

    call_folder_id(w, "m:ToFolderId", m->to_folder_id);
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < m->n; i++)
        call_item_id(w, m->refs[i].id);
    xml_close(w);
    /* Before, the new ids are always told. */
    if (core_has(core, EWS_2010_SP1))
        xml_element(w, "m:ReturnNewItemIds", "true");
}

static void read_moved(const struct xml_node *message,
                       struct endpoint_done *ret)
{
    const struct xml_node *id;

    ret->status = soap_message_status(message, &ret->why);
    if (ret->status < 0)
        return;
    id = xml_child(xml_first(xml_child(message, "Items")), "ItemId");
    ret->id = g_strdup(xml_attr(id, "Id"));
    ret->change_key = g_strdup(xml_attr(id, "ChangeKey"));
}

/*
 * Moved, and nobody says where to: servers before 2010 SP1 may do so
 * (EWS-QUIRKS 74).  Who asked has to look for them.
 */
static bool is_told(const struct endpoint_done *done, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (done[i].status == 0 && done[i].id == NULL)
            return false;
    return true;
}

int move_items(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
               const char *to_folder_id, struct endpoint_done *ret,
               bool *ret_maybe, struct err *err)
{
    const struct moving m = { refs, n, to_folder_id };
    const struct call call = {
        .element = "m:MoveItem",
        .write = write_move,
        .data = &m,
        .n = n,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mailbox_of(ep), &call, &a, ret_maybe, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        read_moved(a.messages[i], &ret[i]);
    if (is_told(ret, n))
        return 0;
    endpoint_done_free(ret, n);
    *ret_maybe = true;
    return err_set(err, ERR_MAILBOX, ERR_RETRY_NOW, 0,
                   "the server does not tell the ids of what it has moved");
}
