#include "lab/shape.h"

#include "lab/fts_read.h"
#include "lab/mapi.h"

/* An item while it is written: its tree is read only when something asks. */
struct writing {
    struct op_call *call;
    int64_t mailbox;
    const struct lab_item *item;
    GBytes *payload;
    struct mapi_item *tree;
    bool failed; /* the item cannot be read: it is damaged */
};

static const struct mapi_props *props_of(struct writing *w)
{
    struct err err;
    gsize len = 0;
    const void *data;

    if (w->tree == NULL && !w->failed) {
        w->failed = lab_store_export(w->call->lab->store, w->mailbox,
                                     w->item->id, &w->payload, NULL, &err) < 0;
        if (!w->failed) {
            data = g_bytes_get_data(w->payload, &len);
            w->failed = lab_fts_read(data, len, &w->tree, &err) < 0;
        }
    }
    return w->tree != NULL ? &w->tree->message.props : NULL;
}

static const struct mapi_prop *find_tag(struct writing *w, uint16_t tag)
{
    const struct mapi_props *props = props_of(w);

    return props != NULL ? mapi_find(props, tag) : NULL;
}

static void write_prop_text(struct writing *w, const char *name, uint16_t tag)
{
    g_autofree char *text = mapi_dup_text(find_tag(w, tag));

    if (text != NULL)
        xml_text(&w->call->reply.x, name, text);
}

static bool flag(struct writing *w, int32_t bit)
{
    return (mapi_get_i32(find_tag(w, 0x0E07), 0) & bit) != 0;
}

/* ---- the fields ---------------------------------------------------- */

static void write_parent(struct writing *w, const char *name)
{
    op_write_id(w->call, name, w->item->folder_id, "AQAAAA==");
}

static void write_class(struct writing *w, const char *name)
{
    xml_text(&w->call->reply.x, name, w->item->item_class);
}

static void write_subject(struct writing *w, const char *name)
{
    if (w->item->subject != NULL)
        xml_text(&w->call->reply.x, name, w->item->subject);
}

static void write_choice(struct writing *w, const char *name, int32_t value,
                         const char *const values[4])
{
    xml_text(&w->call->reply.x, name,
             values[value >= 0 && value < 4 ? value : 0]);
}

static void write_sensitivity(struct writing *w, const char *name)
{
    static const char *const values[] = { "Normal", "Personal", "Private",
                                          "Confidential" };

    write_choice(w, name, mapi_get_i32(find_tag(w, 0x0036), 0), values);
}

static void write_importance(struct writing *w, const char *name)
{
    static const char *const values[] = { "Low", "Normal", "High", "Normal" };

    write_choice(w, name, mapi_get_i32(find_tag(w, 0x0017), 1), values);
}

static void write_received(struct writing *w, const char *name)
{
    int64_t us = w->item->received_us;

    /* what was never received came when it was made */
    xml_time(&w->call->reply.x, name,
             us != TIMESTAMP_NONE ? us : w->item->created_us);
}

static void write_size(struct writing *w, const char *name)
{
    xml_uint(&w->call->reply.x, name, MIN(w->item->size_bytes, INT32_MAX));
}

static void write_in_reply_to(struct writing *w, const char *name)
{
    write_prop_text(w, name, 0x1042);
}

static void write_is_submitted(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, flag(w, 0x04));
}

static void write_is_draft(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, flag(w, 0x08));
}

static void write_is_from_me(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, flag(w, 0x20));
}

static void write_is_resend(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, flag(w, 0x80));
}

static void write_is_unmodified(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, flag(w, 0x02));
}

static void write_sent(struct writing *w, const char *name)
{
    xml_time(&w->call->reply.x, name, w->item->sent_us);
}

static void write_created(struct writing *w, const char *name)
{
    xml_time(&w->call->reply.x, name, w->item->created_us);
}

static void write_display_cc(struct writing *w, const char *name)
{
    write_prop_text(w, name, 0x0E03);
}

static void write_display_to(struct writing *w, const char *name)
{
    write_prop_text(w, name, 0x0E04);
}

static void write_has_attachments(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, w->item->has_attachments);
}

static void write_modifier(struct writing *w, const char *name)
{
    write_prop_text(w, name, 0x3FFA);
}

static void write_modified(struct writing *w, const char *name)
{
    xml_time(&w->call->reply.x, name, w->item->modified_us);
}

static void write_is_associated(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, w->item->associated);
}

/* <t:Sender><t:Mailbox>: name, address and its type by their tags. */
static void write_mailbox(struct writing *w, const char *name,
                          const uint16_t tags[3])
{
    g_autofree char *display = mapi_dup_text(find_tag(w, tags[0]));
    g_autofree char *address = mapi_dup_text(find_tag(w, tags[1]));
    g_autofree char *type = mapi_dup_text(find_tag(w, tags[2]));
    struct xmlout *x = &w->call->reply.x;

    if (display == NULL && address == NULL)
        return;
    xml_open(x, name);
    xml_open(x, "t:Mailbox");
    if (display != NULL)
        xml_text(x, "t:Name", display);
    if (address != NULL && address[0] != '\0')
        xml_text(x, "t:EmailAddress", address);
    if (type != NULL && type[0] != '\0')
        xml_text(x, "t:RoutingType", type);
    xml_close(x, "t:Mailbox");
    xml_close(x, name);
}

static void write_sender(struct writing *w, const char *name)
{
    static const uint16_t tags[] = { 0x0C1A, 0x0C1F, 0x0C1E };

    write_mailbox(w, name, tags);
}

static void write_from(struct writing *w, const char *name)
{
    static const uint16_t tags[] = { 0x0042, 0x0065, 0x0064 };

    write_mailbox(w, name, tags);
}

static void write_topic(struct writing *w, const char *name)
{
    write_prop_text(w, name, 0x0070);
}

static void write_message_id(struct writing *w, const char *name)
{
    if (w->item->message_id != NULL)
        xml_text(&w->call->reply.x, name, w->item->message_id);
}

static void write_is_read(struct writing *w, const char *name)
{
    xml_bool(&w->call->reply.x, name, w->item->read);
}

/* ---- the table ----------------------------------------------------- */

enum in_base {
    ON_REQUEST = 0,
    IN_ALL = 1,
    IN_DEFAULT = 2, /* and in all */
};

/*
 * In the order of the schema, after ItemId.  Rows from "message:" on belong
 * to elements that are messages (ItemType, MessageType in types.xsd).
 */
/* clang-format off */
static const struct field {
    const char *uri;
    enum in_base base;
    enum release since;
    void (*write)(struct writing *w, const char *name);
} fields[] = {
    { "item:ParentFolderId",        IN_ALL,     0, write_parent },
    { "item:ItemClass",             IN_ALL,     0, write_class },
    { "item:Subject",               IN_DEFAULT, 0, write_subject },
    { "item:Sensitivity",           IN_DEFAULT, 0, write_sensitivity },
    { "item:DateTimeReceived",      IN_ALL,     0, write_received },
    { "item:Size",                  IN_DEFAULT, 0, write_size },
    { "item:Importance",            IN_ALL,     0, write_importance },
    { "item:InReplyTo",             IN_ALL,     0, write_in_reply_to },
    { "item:IsSubmitted",           IN_ALL,     0, write_is_submitted },
    { "item:IsDraft",               IN_ALL,     0, write_is_draft },
    { "item:IsFromMe",              IN_ALL,     0, write_is_from_me },
    { "item:IsResend",              IN_ALL,     0, write_is_resend },
    { "item:IsUnmodified",          IN_ALL,     0, write_is_unmodified },
    { "item:DateTimeSent",          IN_DEFAULT, 0, write_sent },
    { "item:DateTimeCreated",       IN_DEFAULT, 0, write_created },
    { "item:DisplayCc",             IN_ALL,     0, write_display_cc },
    { "item:DisplayTo",             IN_ALL,     0, write_display_to },
    { "item:HasAttachments",        IN_DEFAULT, 0, write_has_attachments },
    { NULL, /* the extended properties */ IN_ALL, 0, NULL },
    { "item:LastModifiedName",      IN_ALL,     EXCHANGE2010, write_modifier },
    { "item:LastModifiedTime",      IN_ALL,     EXCHANGE2010, write_modified },
    { "item:IsAssociated",          IN_DEFAULT, EXCHANGE2010, write_is_associated },
    { "message:Sender",             IN_ALL,     0, write_sender },
    { "message:ConversationTopic",  IN_ALL,     0, write_topic },
    { "message:From",               IN_DEFAULT, 0, write_from },
    { "message:InternetMessageId",  IN_DEFAULT, 0, write_message_id },
    { "message:IsRead",             IN_DEFAULT, 0, write_is_read },
};
/* clang-format on */

#define BIT(i) (UINT64_C(1) << (i))

static uint64_t fields_of_base(const struct op_call *call, enum shape_base base)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        bool in = (base == SHAPE_ALL && fields[i].base >= IN_ALL) ||
                  (base == SHAPE_DEFAULT && fields[i].base == IN_DEFAULT);

        if (in && call->asked >= fields[i].since)
            bits |= BIT(i);
    }
    return bits;
}

static int read_field(const struct op_call *call, const xmlNode *node,
                      struct shape *s, struct problem *p)
{
    g_autofree char *uri = soap_attr_dup(node, "FieldURI");

    for (size_t i = 0; uri != NULL && i < G_N_ELEMENTS(fields); i++) {
        if (g_strcmp0(fields[i].uri, uri) != 0)
            continue;
        if (call->asked < fields[i].since)
            return problem_fault(p, "ErrorIncorrectSchemaVersion");
        s->fields |= BIT(i);
        return 0;
    }
    if (uri != NULL && strcmp(uri, "item:ItemId") == 0)
        return 0;
    problem_fault(p, "ErrorInvalidPropertyRequest");
    return problem_value(p, "FieldURI", uri != NULL ? uri : "");
}

int shape_read_item(const struct op_call *call, const xmlNode *node,
                    struct shape *ret, struct problem *p)
{
    const xmlNode *field = shape_first_field(node);
    g_auto(shape) s = { 0 };

    if (shape_read(node, &s, p) < 0)
        return -1;
    s.fields = fields_of_base(call, s.base);
    for (; field != NULL; field = soap_next(field))
        if (!soap_is(field, NS_TYPES, "ExtendedFieldURI") &&
            read_field(call, field, &s, p) < 0)
            return -1;
    *ret = s;
    s = (struct shape){ 0 };
    return 0;
}

/* ---- extended properties ------------------------------------------- */

/*
 * Those that are columns: a listing of a whole mailbox asks for them, and
 * must not read every item for that.  1: written; 0: the item has none; -1:
 * not a column.
 */
static int write_column(struct writing *w, uint32_t tag)
{
    const struct lab_item *item = w->item;
    struct xmlout *x = &w->call->reply.x;
    gsize n = 0;

    switch (tag) {
    case PROP_TAG(0x001A, PT_UNICODE):
        xml_text(x, "t:Value", item->item_class);
        return 1;
    case PROP_TAG(0x0E06, PT_SYSTIME):
        xml_time(x, "t:Value", item->received_us);
        return item->received_us != TIMESTAMP_NONE;
    case PROP_TAG(0x0039, PT_SYSTIME):
        xml_time(x, "t:Value", item->sent_us);
        return item->sent_us != TIMESTAMP_NONE;
    case PROP_TAG(0x3007, PT_SYSTIME):
        xml_time(x, "t:Value", item->created_us);
        return item->created_us != TIMESTAMP_NONE;
    case PROP_TAG(0x3008, PT_SYSTIME):
        xml_time(x, "t:Value", item->modified_us);
        return item->modified_us != TIMESTAMP_NONE;
    case PROP_TAG(0x0E08, PT_LONG):
    case PROP_TAG(0x0E08, PT_I8):
        xml_uint(x, "t:Value", item->size_bytes);
        return 1;
    case PROP_TAG(0x300B, PT_BINARY):
        if (item->search_key == NULL)
            return 0;
        xml_base64(x, "t:Value", g_bytes_get_data(item->search_key, &n),
                   g_bytes_get_size(item->search_key));
        return 1;
    case PROP_TAG(0x1035, PT_UNICODE):
        if (item->message_id != NULL)
            xml_text(x, "t:Value", item->message_id);
        return item->message_id != NULL;
    default:
        return -1;
    }
}

static const struct mapi_prop *find_extended(struct writing *w,
                                             const struct shape_extended *e)
{
    const struct mapi_props *props = props_of(w);

    if (props == NULL)
        return NULL;
    if (e->tag != 0)
        return mapi_find(props, e->tag);
    if (e->name != NULL)
        return mapi_find_text(props, e->set, e->name);
    return mapi_find_id(props, e->set, e->id);
}

static bool same_type(uint16_t wanted, uint16_t stored)
{
    if (mapi_type_is_text(wanted))
        return mapi_type_is_text(stored);
    return wanted == stored;
}

static bool write_texts(struct xmlout *x, const struct mapi_prop *prop)
{
    xml_open(x, "t:Values");
    for (uint32_t i = 0; i < prop->count; i++) {
        g_autofree char *text = mapi_dup_text_at(prop, i);

        xml_text(x, "t:Value", text != NULL ? text : "");
    }
    xml_close(x, "t:Values");
    return true;
}

static bool write_number(struct xmlout *x, const struct mapi_prop *prop,
                         uint16_t type)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (type == PT_DOUBLE)
        g_ascii_dtostr(text, sizeof(text), mapi_get_double(prop, 0));
    else if (type == PT_I8)
        g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT,
                   mapi_get_i64(prop, 0));
    else
        g_snprintf(text, sizeof(text), "%d", mapi_get_i32(prop, 0));
    xml_text(x, "t:Value", text);
    return true;
}

/* False for types that the lab's items do not have. */
static bool write_value(struct xmlout *x, const struct mapi_prop *prop,
                        uint16_t type)
{
    g_autofree char *text = NULL;

    switch (type) {
    case PT_UNICODE:
        text = mapi_dup_text(prop);
        xml_text(x, "t:Value", text != NULL ? text : "");
        return true;
    case PT_UNICODE | MV_FLAG:
        return write_texts(x, prop);
    case PT_BINARY:
        xml_base64(x, "t:Value", prop->data, prop->size);
        return true;
    case PT_SYSTIME:
        xml_time(x, "t:Value", mapi_get_time(prop));
        return true;
    case PT_BOOLEAN:
        xml_bool(x, "t:Value", mapi_get_bool(prop, false));
        return true;
    case PT_LONG:
    case PT_I8:
    case PT_DOUBLE:
        return write_number(x, prop, type);
    default:
        return false;
    }
}

/* Begun before it is known whether there is a value: taken back if not. */
static void write_extended(struct writing *w, const struct shape *s)
{
    struct xmlout *x = &w->call->reply.x;

    for (guint i = 0; i < s->extended->len; i++) {
        const struct shape_extended *e = s->extended->pdata[i];
        const struct mapi_prop *prop;
        gsize before = x->text->len;
        int written = -1;

        shape_extended_begin(w->call, e);
        if (e->tag != 0)
            written = write_column(w, PROP_TAG(e->tag, e->type));
        if (written < 0) {
            prop = find_extended(w, e);
            written = prop != NULL &&
                      same_type(e->type, PROP_TYPE(prop->tag)) &&
                      write_value(x, prop, e->type);
        }
        if (written > 0)
            shape_extended_end(w->call);
        else
            g_string_truncate(x->text, before);
    }
}

/* ---- an item ------------------------------------------------------- */

/* "message:IsRead" is <t:IsRead>. */
static void write_field(struct writing *w, const struct field *f)
{
    g_autofree char *name = g_strconcat("t:", strchr(f->uri, ':') + 1, NULL);

    f->write(w, name);
}

static bool is_message(const char *element)
{
    return strcmp(element, "t:Message") == 0 ||
           g_str_has_prefix(element, "t:Meeting");
}

int shape_write_item(struct op_call *call, const struct shape *s,
                     int64_t mailbox, const struct lab_item *item,
                     struct problem *p)
{
    struct writing w = { .call = call, .mailbox = mailbox, .item = item };
    const char *element = op_item_element(item->item_class);
    bool message = is_message(element);

    xml_open(&call->reply.x, element);
    op_write_id(call, "t:ItemId", item->id, item->change_key);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (fields[i].uri == NULL)
            write_extended(&w, s);
        else if ((s->fields & BIT(i)) != 0 &&
                 (message || !g_str_has_prefix(fields[i].uri, "message:")))
            write_field(&w, &fields[i]);
    }
    xml_close(&call->reply.x, element);
    g_clear_pointer(&w.tree, mapi_item_free);
    g_clear_pointer(&w.payload, g_bytes_unref);
    return w.failed ? problem_set(p, "ErrorItemCorrupt") : 0;
}
