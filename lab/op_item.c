#include "lab/op_item.h"

#include <string.h>

#include "lab/fts_read.h"

void op_loaded_clear(struct op_loaded *l)
{
    lab_item_clear(&l->item);
    g_clear_pointer(&l->tree, mapi_item_free);
}

int op_load_columns(struct op_call *call, const xmlNode *id,
                    struct op_loaded *ret, struct problem *p)
{
    g_auto(op_loaded) l = { 0 };
    g_autofree char *text = NULL;
    struct err err;

    if (access_item(call->lab, call->caller, id, &text, &l.mailbox, p) < 0)
        return -1;
    if (lab_store_item(call->lab->store, l.mailbox, text, &l.item, &err) < 0)
        return problem_from_err(p, &err);
    *ret = l;
    l = (struct op_loaded){ 0 };
    return 0;
}

int op_load_tree(struct op_call *call, struct op_loaded *l, struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    gsize len = 0;
    const void *data;
    struct err err;

    if (l->tree != NULL)
        return 0;
    if (lab_store_export(call->lab->store, l->mailbox, l->item.id, &payload,
                         NULL, &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &len);
    if (lab_fts_read(data, len, &l->tree, &err) < 0)
        return problem_set(p, "ErrorItemCorrupt");
    return 0;
}

int op_load(struct op_call *call, const xmlNode *id, struct op_loaded *ret,
            struct problem *p)
{
    g_auto(op_loaded) l = { 0 };

    if (op_load_columns(call, id, &l, p) < 0 || op_load_tree(call, &l, p) < 0)
        return -1;
    *ret = l;
    l = (struct op_loaded){ 0 };
    return 0;
}

/* ---- saving -------------------------------------------------------- */

int op_save_new(struct op_call *call, const struct place *to,
                struct field_edit *e, struct lab_item *ret, struct problem *p)
{
    const struct lab_upload upload = {
        .action = LAB_CREATE_NEW,
        .folder_id = to->folder.id,
        .tree = e->item,
        .associated = e->associated,
        .actor = call->caller->name,
    };
    struct err err;

    if (lab_store_upload(call->lab->store, to->mailbox, &upload, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

int op_save(struct op_call *call, struct op_loaded *l, const char *change_key,
            struct problem *p)
{
    const struct lab_upload upload = {
        .action = LAB_UPDATE,
        .folder_id = l->item.folder_id,
        .item_id = l->item.id,
        .tree = l->tree,
        .associated = l->item.associated,
        .change_key = change_key,
        .actor = call->caller->name,
    };
    struct lab_item saved = { 0 };
    struct err err;

    if (lab_store_upload(call->lab->store, l->mailbox, &upload, &saved, &err) <
        0)
        return problem_from_err(p, &err);
    lab_item_clear(&l->item);
    l->item = saved;
    return 0;
}

void op_write_item(struct op_call *call, const struct lab_item *item)
{
    const char *element = op_item_element(item->item_class);

    xml_open(&call->reply.x, element);
    op_write_id(call, "t:ItemId", item->id, item->change_key);
    xml_close(&call->reply.x, element);
}

int op_read_disposition(const struct op_call *call, enum disposition *ret,
                        struct problem *p)
{
    static const char *const names[] = { "SaveOnly", "SendOnly",
                                         "SendAndSaveCopy" };
    g_autofree char *text =
        soap_attr_dup(call->request->operation, "MessageDisposition");

    *ret = DISPOSITION_NONE;
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i], text) == 0) {
            *ret = (enum disposition)(i + SAVE_ONLY);
            return 0;
        }
    return soap_violation(p, call->request->operation,
                          "The 'MessageDisposition' attribute is invalid.");
}

int op_refuse_each(struct op_call *call, const xmlNode *list,
                   const struct problem *p)
{
    if (p->fault)
        return -1;
    for (list = soap_first(list); list != NULL; list = soap_next(list))
        op_refuse(call, p);
    return 0;
}

int op_check_class(struct field_edit *e, struct problem *p)
{
    g_autofree char *item_class =
        mapi_dup_text(mapi_find(e->props, PROP_ID(PR_MESSAGE_CLASS)));
    enum item_kind kind;

    if (item_class == NULL || item_class[0] == '\0') {
        mapi_set_text(e->item, e->props, PR_MESSAGE_CLASS,
                      item_kind_class(e->kind));
        return 0;
    }
    kind = item_kind(item_class);
    /* messages may have classes that nobody knows; so may generic items */
    if (kind == e->kind || e->kind == KIND_ITEM ||
        (e->kind == KIND_MESSAGE &&
         (kind == KIND_ITEM || ((uint32_t)kind & KINDS_MESSAGE) != 0)))
        return 0;
    return problem_set(p, "ErrorObjectTypeChanged");
}
