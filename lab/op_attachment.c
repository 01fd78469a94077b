#include "lab/attachment.h"
#include "lab/fts_read.h"
#include "lab/op.h"
#include "lab/shape.h"

/* ---- the item around an attachment ----------------------------------- */

/* An item with its tree, to be looked into and stored anew. */
struct root {
    struct lab_item item;
    struct mapi_item *tree;
    int64_t mailbox;
};

static void root_clear(struct root *r)
{
    lab_item_clear(&r->item);
    g_clear_pointer(&r->tree, mapi_item_free);
}
/* Into an empty root, which is the caller's to clear whatever comes of it. */
static int root_read(struct op_call *call, const char *id, struct root *r,
                     struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    struct err err;
    gsize n = 0;
    const void *data;

    if (access_id(call->lab, call->caller, id, &r->mailbox, p) < 0)
        return -1;
    if (lab_store_export(call->lab->store, r->mailbox, id, &payload, &r->item,
                         &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &n);
    if (lab_fts_read(data, n, &r->tree, &err) < 0)
        return problem_set(p, "ErrorItemCorrupt");
    return 0;
}

/* Store it with what was changed; the item's columns are then the new ones. */
static int root_write(struct op_call *call, struct root *r, struct problem *p)
{
    struct lab_item stored = { 0 };
    struct err err;
    const struct lab_upload upload = {
        .action = LAB_UPDATE,
        .folder_id = r->item.folder_id,
        .item_id = r->item.id,
        .associated = r->item.associated,
        .tree = r->tree,
        .change_key = r->item.change_key,
        .actor = call->caller->name,
    };

    if (lab_store_upload(call->lab->store, r->mailbox, &upload, &stored, &err) <
        0)
        return problem_from_err(p, &err);
    lab_item_clear(&r->item);
    r->item = stored;
    return 0;
}

/* Where an <t:AttachmentId> leads. */
struct target {
    struct attachment_id id;
    struct root root;
    char *text; /* the id as it was given */
    struct mapi_message *parent;
    struct mapi_attachment *attachment;
};

static void target_clear(struct target *t)
{
    attachment_id_clear(&t->id);
    root_clear(&t->root);
    g_clear_pointer(&t->text, g_free);
}
typedef struct target target;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(target, target_clear)

/* As root_read(). */
static int target_read(struct op_call *call, const xmlNode *node,
                       struct target *t, struct problem *p)
{
    t->text = soap_attr_dup(node, "Id");
    if (t->text == NULL)
        return soap_violation(p, node, "The attribute 'Id' is missing.");
    if (attachment_id_parse(t->text, &t->id, p) < 0 ||
        root_read(call, t->id.item_id, &t->root, p) < 0)
        return -1;
    t->attachment = attachment_find(&t->root.tree->message, &t->id, &t->parent);
    if (t->attachment == NULL)
        return problem_set(p, "ErrorInvalidAttachmentId");
    return 0;
}

/* ---- GetAttachment --------------------------------------------------- */

static int write_content(struct op_call *call, const struct shape *s,
                         const struct target *t, struct problem *p)
{
    const struct mapi_attachment *a = t->attachment;
    const struct mapi_prop *data =
        mapi_find(&a->props, PROP_ID(PR_ATTACH_DATA_BIN));
    const struct shape_inside inside = { .tree = t->root.tree,
                                         .message = a->embedded,
                                         .id = t->text,
                                         .change_key =
                                             t->root.item.change_key };

    if (a->embedded != NULL)
        return shape_write_message(call, s, t->root.mailbox, &inside, p);
    xml_base64(&call->reply.x, "t:Content", data != NULL ? data->data : NULL,
               data != NULL ? data->size : 0);
    return 0;
}

static int get_one(struct op_call *call, const xmlNode *node, void *data,
                   struct problem *p)
{
    g_auto(target) t = { 0 };
    const char *element;

    if (target_read(call, node, &t, p) < 0)
        return -1;
    g_assert(t.attachment != NULL);
    element = attachment_element(t.attachment);
    reply_message_begin(&call->reply, NULL);
    xml_open(&call->reply.x, "m:Attachments");
    xml_open(&call->reply.x, element);
    attachment_write_head(call, t.attachment, t.text, false);
    if (write_content(call, data, &t, p) < 0)
        return -1;
    xml_close(&call->reply.x, element);
    xml_close(&call->reply.x, "m:Attachments");
    reply_message_end(&call->reply);
    return 0;
}

int op_get_attachment(struct op_call *call, struct problem *p)
{
    const xmlNode *node = op_child(call, "AttachmentShape");
    g_auto(shape) s = { 0 };

    if (shape_read_item(call, node != NULL ? node : call->request->operation,
                        &s, p) < 0)
        return -1;
    return op_each(call, op_child(call, "AttachmentIds"), get_one, &s, p);
}

/* ---- CreateAttachment ------------------------------------------------ */

/* On what it is to hang: an item, or one inside an attachment. */
static int parent_read(struct op_call *call, const xmlNode *node,
                       struct target *t, struct problem *p)
{
    struct problem ignored;

    t->text = soap_attr_dup(node, "Id");
    if (t->text == NULL)
        return soap_violation(p, node, "The attribute 'Id' is missing.");
    if (attachment_id_parse(t->text, &t->id, &ignored) < 0) {
        if (root_read(call, t->text, &t->root, p) < 0)
            return -1;
        t->parent = &t->root.tree->message;
        return 0;
    }
    if (root_read(call, t->id.item_id, &t->root, p) < 0)
        return -1;
    t->attachment = attachment_find(&t->root.tree->message, &t->id, NULL);
    if (t->attachment == NULL || t->attachment->embedded == NULL)
        return problem_set(p, "ErrorInvalidAttachmentId");
    t->parent = t->attachment->embedded;
    return 0;
}

static enum item_kind kind_of(const struct mapi_message *m)
{
    g_autofree char *item_class =
        mapi_dup_text(mapi_find(&m->props, PROP_ID(PR_MESSAGE_CLASS)));

    return item_kind(item_class);
}

static void write_created(struct op_call *call, const struct target *t)
{
    const struct mapi_attachment *a =
        &t->parent->attachments[t->parent->n_attachments - 1];
    g_autofree char *id = attachment_id_format(t->text, attachment_number(a));
    struct xmlout *x = &call->reply.x;

    reply_message_begin(&call->reply, NULL);
    xml_open(x, "m:Attachments");
    xml_open(x, attachment_element(a));
    xml_begin(x, "t:AttachmentId");
    xml_attr(x, "Id", id);
    xml_attr(x, "RootItemId", t->root.item.id);
    xml_attr(x, "RootItemChangeKey", t->root.item.change_key);
    xml_end_empty(x);
    xml_close(x, attachment_element(a));
    xml_close(x, "m:Attachments");
    reply_message_end(&call->reply);
}

static int create_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    const xmlNode *parent = data;
    g_auto(target) t = { 0 };
    g_auto(field_edit) e = { 0 };

    if (parent_read(call, parent, &t, p) < 0)
        return -1;
    e.call = call;
    e.mailbox = t.root.mailbox;
    e.kind = kind_of(t.parent);
    e.item = t.root.tree;
    e.message = t.parent;
    e.props = &t.parent->props;
    e.was = &t.root.item;
    if (attachment_add(&e, node, p) < 0 || root_write(call, &t.root, p) < 0)
        return -1;
    write_created(call, &t);
    return 0;
}

int op_create_attachment(struct op_call *call, struct problem *p)
{
    const xmlNode *parent = op_child(call, "ParentItemId");
    xmlNode *mine = (xmlNode *)(uintptr_t)parent;

    if (parent == NULL)
        return problem_schema(p, 0, 0,
                              "The element 'ParentItemId' is missing.");
    return op_each(call, op_child(call, "Attachments"), create_one, mine, p);
}

/* ---- DeleteAttachment ------------------------------------------------ */

static void take_out(struct mapi_message *m, struct mapi_attachment *a)
{
    size_t i;

    g_assert(m != NULL && a != NULL);
    i = (size_t)(a - m->attachments);
    m->n_attachments--;
    memmove(a, a + 1, (m->n_attachments - i) * sizeof(*a));
}

static int delete_one(struct op_call *call, const xmlNode *node, void *data,
                      struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(target) t = { 0 };

    (void)data;
    if (target_read(call, node, &t, p) < 0)
        return -1;
    take_out(t.parent, t.attachment);
    if (root_write(call, &t.root, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    xml_begin(x, "m:RootItemId");
    xml_attr(x, "RootItemId", t.root.item.id);
    xml_attr(x, "RootItemChangeKey", t.root.item.change_key);
    xml_end_empty(x);
    reply_message_end(&call->reply);
    return 0;
}

int op_delete_attachment(struct op_call *call, struct problem *p)
{
    return op_each(call, op_child(call, "AttachmentIds"), delete_one, NULL, p);
}
