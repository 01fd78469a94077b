#include "lab/attachment.h"

#include <string.h>

#include "lab/mapi_tags.h"

#define PR_ATTACH_CONTENT_LOCATION 0x3713001Fu
#define ATTACH_MHTML_REF           4 /* bit of PR_ATTACH_FLAGS */

/* ---- in a tree ------------------------------------------------------- */

uint32_t attachment_number(const struct mapi_attachment *a)
{
    return (uint32_t)mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACH_NUM)),
                                  0);
}

bool attachment_is_visible(const struct mapi_attachment *a)
{
    /* [MS-OXOCAL] 2.2.10.1.2: bit 2 of PidTagAttachmentFlags */
    return a->embedded == NULL ||
           (mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_FLAGS)),
                         0) &
            2) == 0;
}

static struct mapi_attachment *numbered(struct mapi_message *m, uint32_t number)
{
    for (size_t i = 0; i < m->n_attachments; i++)
        if (attachment_number(&m->attachments[i]) == number &&
            attachment_is_visible(&m->attachments[i]))
            return &m->attachments[i];
    return NULL;
}

struct mapi_attachment *attachment_find(struct mapi_message *root,
                                        const struct attachment_id *id,
                                        struct mapi_message **ret_parent)
{
    struct mapi_message *m = root;
    struct mapi_attachment *a = NULL;

    for (unsigned int i = 0; i < id->levels; i++) {
        if (i > 0)
            m = a->embedded;
        if (m == NULL)
            return NULL;
        a = numbered(m, id->numbers[i]);
        if (a == NULL)
            return NULL;
    }
    if (ret_parent != NULL)
        *ret_parent = m;
    return a;
}

/* ---- writing --------------------------------------------------------- */

const char *attachment_element(const struct mapi_attachment *a)
{
    return a->embedded != NULL ? "t:ItemAttachment" : "t:FileAttachment";
}

static char *text_of(const struct mapi_attachment *a, uint32_t tag)
{
    char *text = mapi_dup_text(mapi_find(&a->props, PROP_ID(tag)));

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static char *name_of(const struct mapi_attachment *a)
{
    static const uint32_t tags[] = { PR_ATTACH_LONG_FILENAME, PR_DISPLAY_NAME,
                                     PR_ATTACH_FILENAME, PR_SUBJECT };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        char *name = text_of(a, tags[i]);

        if (name != NULL)
            return name;
    }
    return a->embedded != NULL ? mapi_dup_text(mapi_find(&a->embedded->props,
                                                         PROP_ID(PR_SUBJECT)))
                               : NULL;
}

static bool is_inline(const struct mapi_attachment *a)
{
    int32_t flags =
        mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACH_FLAGS)), 0);

    return (flags & ATTACH_MHTML_REF) != 0 ||
           mapi_get_bool(mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_HIDDEN)),
                         false);
}

static void write_if(struct xmlout *x, const char *name, const char *text)
{
    if (text != NULL)
        xml_text(x, name, text);
}

/* AttachmentType, types.xsd: in this order. */
void attachment_write_head(struct op_call *call,
                           const struct mapi_attachment *a, const char *id,
                           bool details)
{
    struct xmlout *x = &call->reply.x;
    g_autofree char *name = name_of(a);
    g_autofree char *type = text_of(a, PR_ATTACH_MIME_TAG);
    g_autofree char *content_id = text_of(a, PR_ATTACH_CONTENT_ID);
    g_autofree char *location = text_of(a, PR_ATTACH_CONTENT_LOCATION);
    bool photo = mapi_get_bool(
        mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_CONTACTPHOTO)), false);

    op_write_id(call, "t:AttachmentId", id, NULL);
    write_if(x, "t:Name", name);
    write_if(x, "t:ContentType", type);
    write_if(x, "t:ContentId", content_id);
    write_if(x, "t:ContentLocation", location);
    if (call->asked < EXCHANGE2010)
        return;
    if (details) {
        xml_uint(
            x, "t:Size",
            (uint64_t)MAX(
                mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACH_SIZE)), 0),
                0));
        xml_time(x, "t:LastModifiedTime",
                 mapi_get_time(
                     mapi_find(&a->props, PROP_ID(PR_LAST_MODIFICATION_TIME))));
        xml_bool(x, "t:IsInline", is_inline(a));
    }
    if (a->embedded == NULL && (photo || details))
        xml_bool(x, "t:IsContactPhoto", photo);
}

void field_write_attachments(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);
    bool any = false;

    (void)f;
    for (size_t i = 0; m != NULL && i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        g_autofree char *id = NULL;

        if (!attachment_is_visible(a) || v->item->id == NULL)
            continue;
        id = attachment_id_format(v->item->id, attachment_number(a));
        if (!any)
            xml_open(v->x, "t:Attachments");
        any = true;
        xml_open(v->x, attachment_element(a));
        attachment_write_head(v->call, a, id, true);
        xml_close(v->x, attachment_element(a));
    }
    if (any)
        xml_close(v->x, "t:Attachments");
}

void attachment_write_ids(struct op_call *call, const char *item_id,
                          const struct mapi_message *m)
{
    struct xmlout *x = &call->reply.x;

    xml_open(x, "t:Attachments");
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        g_autofree char *id = NULL;

        if (!attachment_is_visible(a))
            continue;
        id = attachment_id_format(item_id, attachment_number(a));
        xml_open(x, attachment_element(a));
        op_write_id(call, "t:AttachmentId", id, NULL);
        xml_close(x, attachment_element(a));
    }
    xml_close(x, "t:Attachments");
}

/* ---- taking ---------------------------------------------------------- */

static int missing(struct problem *p, const char *uri)
{
    problem_set(p, "ErrorRequiredPropertyMissing");
    return problem_value(p, "FieldURI", uri);
}

static void put_text(struct field_edit *e, struct mapi_attachment *a,
                     uint32_t tag, const xmlNode *node, const char *name)
{
    g_autofree char *text = soap_text_dup(soap_child(node, NS_TYPES, name));

    if (text != NULL)
        mapi_set_text(e->item, &a->props, tag, text);
}

static struct mapi_attachment *
attachment_new(struct field_edit *e, const xmlNode *node, int32_t method)
{
    struct mapi_attachment *a = mapi_add_attachment(e->item, e->message);
    bool is_inline = soap_child_bool(node, NS_TYPES, "IsInline");

    mapi_set_i32(e->item, &a->props, PR_ATTACH_METHOD, method);
    mapi_set_i32(e->item, &a->props, PR_RENDERING_POSITION, -1);
    mapi_set_i32(e->item, &a->props, PR_ATTACH_FLAGS,
                 is_inline ? ATTACH_MHTML_REF : 0);
    mapi_set_bool(e->item, &a->props, PR_ATTACHMENT_HIDDEN, is_inline);
    put_text(e, a, PR_ATTACH_LONG_FILENAME, node, "Name");
    put_text(e, a, PR_DISPLAY_NAME, node, "Name");
    put_text(e, a, PR_ATTACH_MIME_TAG, node, "ContentType");
    put_text(e, a, PR_ATTACH_CONTENT_ID, node, "ContentId");
    put_text(e, a, PR_ATTACH_CONTENT_LOCATION, node, "ContentLocation");
    return a;
}

static void set_extension(struct field_edit *e, struct mapi_attachment *a)
{
    g_autofree char *name = text_of(a, PR_ATTACH_LONG_FILENAME);
    const char *dot = name != NULL ? strrchr(name, '.') : NULL;

    if (name != NULL)
        mapi_set_text(e->item, &a->props, PR_ATTACH_FILENAME, name);
    if (dot != NULL)
        mapi_set_text(e->item, &a->props, PR_ATTACH_EXTENSION, dot);
}

/* [MS-OXOCNTC] 2.2.1.8.3: one picture, of this name, and a flag for it. */
static int set_photo(struct field_edit *e, struct mapi_attachment *a,
                     const xmlNode *node, struct problem *p)
{
    const xmlNode *photo = soap_child(node, NS_TYPES, "IsContactPhoto");

    if (photo == NULL)
        return 0;
    if (e->call->asked < EXCHANGE2010)
        return soap_violation(
            p, photo, "The element '%s' has invalid child element '%s'.",
            "FileAttachment", "IsContactPhoto");
    if (!soap_child_bool(node, NS_TYPES, "IsContactPhoto"))
        return 0;
    if (e->kind != KIND_CONTACT)
        return problem_set(p, "ErrorInvalidOperation");
    mapi_set_bool(e->item, &a->props, PR_ATTACHMENT_CONTACTPHOTO, true);
    mapi_set_text(e->item, &a->props, PR_ATTACH_LONG_FILENAME,
                  "ContactPicture.jpg");
    mapi_set_text(e->item, &a->props, PR_DISPLAY_NAME, "ContactPicture.jpg");
    mapi_set_bool(e->item, e->props,
                  mapi_named_id(e->item, PSETID_ADDRESS, 0x8015, PT_BOOLEAN),
                  true);
    return 0;
}

static int add_file(struct field_edit *e, const xmlNode *node,
                    struct problem *p)
{
    const xmlNode *content = soap_child(node, NS_TYPES, "Content");
    g_autoptr(GBytes) data = NULL;
    struct mapi_attachment *a;
    gsize n = 0;
    const void *bytes;

    if (content == NULL)
        return missing(p, "item:Attachments");
    data = field_parse_binary(content, p);
    if (data == NULL)
        return -1;
    bytes = g_bytes_get_data(data, &n);
    a = attachment_new(e, node, ATTACH_BY_VALUE);
    mapi_set(e->item, &a->props, PR_ATTACH_DATA_BIN, bytes, n);
    if (set_photo(e, a, node, p) < 0)
        return -1;
    set_extension(e, a);
    return 0;
}

/* ItemAttachments around the node, it too. */
static unsigned int nest_level(const xmlNode *node)
{
    unsigned int n = 0;

    for (; node != NULL && node->type == XML_ELEMENT_NODE; node = node->parent)
        n += soap_is(node, NS_TYPES, "ItemAttachment");
    return n;
}

/* ErrorInvalidItemForOperationCreateItemAttachment names what may be one. */
static bool may_be_attached(enum item_kind kind)
{
    return kind == KIND_ITEM || kind == KIND_MESSAGE || kind == KIND_CALENDAR ||
           kind == KIND_TASK || kind == KIND_CONTACT || kind == KIND_POST;
}

/* The element of the item inside; NULL when there is none. */
static const xmlNode *item_of(const xmlNode *node, enum item_kind *ret)
{
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n)) {
        *ret = item_kind_of_element(n);
        if (*ret != 0)
            return n;
    }
    return NULL;
}

static void set_class(struct field_edit *inner)
{
    if (mapi_find(inner->props, PROP_ID(PR_MESSAGE_CLASS)) == NULL)
        mapi_set_text(inner->item, inner->props, PR_MESSAGE_CLASS,
                      item_kind_class(inner->kind));
    if (mapi_find(inner->props, PROP_ID(PR_MESSAGE_FLAGS)) == NULL)
        mapi_set_i32(inner->item, inner->props, PR_MESSAGE_FLAGS,
                     MSGFLAG_READ | MSGFLAG_UNSENT);
}

static int add_item(struct field_edit *e, const xmlNode *node,
                    struct problem *p)
{
    enum item_kind kind = 0;
    const xmlNode *item = item_of(node, &kind);
    g_auto(field_edit) inner = { .call = e->call,
                                 .mailbox = e->mailbox,
                                 .item = e->item,
                                 .embedded = true };
    struct mapi_attachment *a;

    if (item == NULL)
        return problem_set(p, "ErrorMissingItemForCreateItemAttachment");
    if (!may_be_attached(kind))
        return problem_set(p,
                           "ErrorInvalidItemForOperationCreateItemAttachment");
    if (nest_level(node) > ATTACHMENT_NEST_MAX)
        return problem_set(p, "ErrorAttachmentNestLevelLimitExceeded");
    a = attachment_new(e, node, ATTACH_EMBEDDED_MSG);
    mapi_set_text(e->item, &a->props, PR_ATTACH_MIME_TAG, "message/rfc822");
    inner.kind = kind;
    inner.message = mapi_embed(e->item, a);
    inner.props = &inner.message->props;
    if (field_set_all(&inner, item, p) < 0)
        return -1;
    set_class(&inner);
    return 0;
}

int attachment_add(struct field_edit *e, const xmlNode *node, struct problem *p)
{
    const xmlNode *name = soap_child(node, NS_TYPES, "Name");
    bool file = soap_is(node, NS_TYPES, "FileAttachment");

    if (!file && !soap_is(node, NS_TYPES, "ItemAttachment"))
        return problem_set(p, "ErrorInvalidOperation");
    if (name == NULL)
        return missing(p, "item:Attachments");
    return file ? add_file(e, node, p) : add_item(e, node, p);
}

int field_set_attachments(struct field_edit *e, const struct field *f,
                          const xmlNode *node, struct problem *p)
{
    (void)f;
    e->attached = soap_first(node) != NULL;
    for (const xmlNode *n = soap_first(node); n != NULL; n = soap_next(n))
        if (attachment_add(e, n, p) < 0)
            return -1;
    return 0;
}
