#include "lab/field_priv.h"

#include "lab/shape.h"

/* ExtendedProperty, as the table's one row. */

/*
 * Those that are columns: a listing of a whole mailbox asks for them, and
 * must not read every item for that.  1: written; 0: the item has none; -1:
 * not a column.
 */
static int write_column(struct field_view *v, uint32_t tag)
{
    const struct lab_item *item = v->item;
    struct xmlout *x = v->x;

    switch (tag) {
    case PR_MESSAGE_CLASS:
        xml_text(x, "t:Value", item->item_class);
        return 1;
    case PR_MESSAGE_DELIVERY_TIME:
        xml_time(x, "t:Value", item->received_us);
        return item->received_us != TIMESTAMP_NONE;
    case PR_CLIENT_SUBMIT_TIME:
        xml_time(x, "t:Value", item->sent_us);
        return item->sent_us != TIMESTAMP_NONE;
    case PR_CREATION_TIME:
        xml_time(x, "t:Value", item->created_us);
        return item->created_us != TIMESTAMP_NONE;
    case PR_LAST_MODIFICATION_TIME:
        xml_time(x, "t:Value", item->modified_us);
        return item->modified_us != TIMESTAMP_NONE;
    case PR_MESSAGE_SIZE:
    case PROP_TAG(0x0E08, PT_I8):
        xml_uint(x, "t:Value", item->size_bytes);
        return 1;
    case PR_SEARCH_KEY:
        if (item->search_key == NULL)
            return 0;
        xml_base64(x, "t:Value", g_bytes_get_data(item->search_key, NULL),
                   g_bytes_get_size(item->search_key));
        return 1;
    case PR_INTERNET_MESSAGE_ID:
        if (item->message_id != NULL)
            xml_text(x, "t:Value", item->message_id);
        return item->message_id != NULL;
    default:
        return -1;
    }
}

/* Begun before it is known whether there is a value: taken back if not. */
static bool write_if_column(struct field_view *v, const struct extended *e)
{
    gsize before = v->x->text->len;
    int written;

    if (e->tag == 0)
        return false;
    xml_open(v->x, "t:ExtendedProperty");
    extended_write_path(v->x, e);
    written = write_column(v, PROP_TAG(e->tag, e->type));
    if (written > 0)
        xml_close(v->x, "t:ExtendedProperty");
    else
        g_string_truncate(v->x->text, before);
    return written >= 0;
}

void field_write_extended(struct field_view *v, const struct field *f)
{
    (void)f;
    for (guint i = 0; i < v->shape->extended->len; i++) {
        const struct extended *e = v->shape->extended->pdata[i];
        const struct mapi_props *props;

        if (write_if_column(v, e))
            continue;
        props = view_props(v);
        if (props != NULL)
            extended_write(v->x, props, e);
    }
}

int field_set_extended_row(struct field_edit *e, const struct field *f,
                           const xmlNode *node, struct problem *p)
{
    const xmlNode *uri = soap_child(node, NS_TYPES, "ExtendedFieldURI");
    g_autoptr(extended) path = NULL;

    (void)f;
    path = extended_read(uri, p);
    if (path == NULL)
        return -1;
    return field_set_extended(e, path, node, p);
}

int field_set_extended(struct field_edit *e, const struct extended *path,
                       const xmlNode *property, struct problem *p)
{
    if (extended_set(e->item, e->props, path, property, p) < 0)
        return -1;
    e->flags_set = e->flags_set || path->tag == PROP_ID(PR_MESSAGE_FLAGS);
    return 0;
}
