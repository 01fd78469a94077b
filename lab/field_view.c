#include "lab/field.h"

#include <string.h>

#include "lab/fts_read.h"
#include "lab/shape.h"

const struct mapi_message *view_message(struct field_view *v)
{
    struct err err;
    gsize len = 0;
    const void *data;

    if (v->message != NULL || v->failed)
        return v->message;
    v->failed = lab_store_export(v->call->lab->store, v->mailbox, v->item->id,
                                 &v->payload, NULL, &err) < 0;
    if (v->failed)
        return NULL;
    data = g_bytes_get_data(v->payload, &len);
    v->failed = lab_fts_read(data, len, &v->tree, &err) < 0;
    if (!v->failed)
        v->message = &v->tree->message;
    return v->message;
}

const struct mapi_props *view_props(struct field_view *v)
{
    const struct mapi_message *m = view_message(v);

    return m != NULL ? &m->props : NULL;
}

const struct mapi_prop *view_find(struct field_view *v, uint32_t tag)
{
    const struct mapi_props *props = view_props(v);

    return props != NULL ? mapi_find(props, PROP_ID(tag)) : NULL;
}

const struct mapi_prop *view_find_id(struct field_view *v,
                                     const uint8_t set[16], uint32_t id)
{
    const struct mapi_props *props = view_props(v);

    return props != NULL ? mapi_find_id(props, set, id) : NULL;
}
