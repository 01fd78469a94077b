#include "lab/occurrence_priv.h"

void occurrence_copy_prop(struct mapi_item *to_item, struct mapi_props *to,
                          const struct mapi_prop *from)
{
    uint32_t tag = from->name != NULL
                       ? mapi_named(to_item, from->name, PROP_TYPE(from->tag))
                       : from->tag;
    struct mapi_prop *copy;

    if (tag == 0)
        return;
    mapi_set(to_item, to, tag, from->data, from->size);
    copy = mapi_find(to, PROP_ID(tag));
    copy->count = from->count;
}

static void copy_props(struct mapi_item *to_item, struct mapi_props *to,
                       const struct mapi_props *from)
{
    for (size_t i = 0; i < from->n; i++)
        occurrence_copy_prop(to_item, to, &from->v[i]);
}

void occurrence_copy_recipients(struct mapi_item *to_item,
                                struct mapi_message *to,
                                const struct mapi_message *from)
{
    for (size_t i = 0; i < from->n_recipients; i++)
        copy_props(to_item, mapi_add_recipient(to_item, to),
                   &from->recipients[i]);
}

/* Depth is bounded by the reader of streams, which made the tree. */
void occurrence_copy_attachment(struct mapi_item *to_item,
                                struct mapi_message *to,
                                const struct mapi_attachment *from)
{
    struct mapi_attachment *a = mapi_add_attachment(to_item, to);

    copy_props(to_item, &a->props, &from->props);
    if (from->embedded != NULL)
        occurrence_copy_message(to_item, mapi_embed(to_item, a),
                                from->embedded);
}

void occurrence_copy_message(struct mapi_item *to_item, struct mapi_message *to,
                             const struct mapi_message *from)
{
    copy_props(to_item, &to->props, &from->props);
    occurrence_copy_recipients(to_item, to, from);
    for (size_t i = 0; i < from->n_attachments; i++)
        occurrence_copy_attachment(to_item, to, &from->attachments[i]);
}
