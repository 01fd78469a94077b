#include "ews/portable_item_priv.h"

/* Far beyond what Exchange itself allows or a person makes. */
#define ATTACHMENTS_MAX 1024u
#define OCCURRENCES_MAX 2000u
static void free_text(const char *text)
{
    g_free(GSIZE_TO_POINTER(GPOINTER_TO_SIZE(text)));
}

void piece_free(void *data)
{
    struct item_piece *p = data;

    g_free(p->id);
    free_text(p->about.name);
    free_text(p->about.content_type);
    free_text(p->about.content_id);
    free_text(p->about.location);
    g_free(p);
}

/* Up to 2010 a photo is known by its name alone. */
static bool is_photo(const struct xml_node *node)
{
    bool photo = false;

    (void)xml_parse_bool(xml_child_text(node, "IsContactPhoto"), &photo);
    return photo ||
           g_strcmp0(xml_child_text(node, "Name"), "ContactPicture.jpg") == 0;
}

static void read_attachment(const struct xml_node *node, bool contact,
                            GPtrArray *ret)
{
    const char *id = xml_attr(xml_child(node, "AttachmentId"), "Id");
    struct item_piece *piece;

    if (id == NULL || ret->len >= ATTACHMENTS_MAX)
        return;
    piece = g_new0(struct item_piece, 1);
    piece->id = g_strdup(id);
    piece->is_item = xml_is(node, "ItemAttachment");
    piece->about.name = g_strdup(xml_child_text(node, "Name"));
    piece->about.content_type = g_strdup(xml_child_text(node, "ContentType"));
    piece->about.content_id = g_strdup(xml_child_text(node, "ContentId"));
    piece->about.location = g_strdup(xml_child_text(node, "ContentLocation"));
    (void)xml_parse_bool(xml_child_text(node, "IsInline"),
                         &piece->about.is_inline);
    piece->about.photo = contact && !piece->is_item && is_photo(node);
    g_ptr_array_add(ret, piece);
}

void pieces_read_attachments(const struct xml_node *node,
                             struct item_reading *r)
{
    bool contact = portable_kind(r->p) == PORTABLE_CONTACT;
    const struct xml_node *a = xml_first(node);

    for (; a != NULL; a = xml_next(a))
        read_attachment(a, contact, r->attachments);
}

void pieces_read_modified(const struct xml_node *node, struct item_reading *r)
{
    const struct xml_node *o = xml_first(node);

    for (; o != NULL && r->occurrences->len < OCCURRENCES_MAX;
         o = xml_next(o)) {
        const char *id = xml_attr(xml_child(o, "ItemId"), "Id");
        struct item_piece *piece;
        int64_t us;

        if (id == NULL ||
            !xml_parse_time(xml_child_text(o, "OriginalStart"), &us))
            continue;
        piece = g_new0(struct item_piece, 1);
        piece->id = g_strdup(id);
        piece->original_us = us;
        g_ptr_array_add(r->occurrences, piece);
    }
}

void pieces_read_deleted(const struct xml_node *node, struct item_reading *r)
{
    const struct xml_node *o = xml_first(node);

    for (size_t i = 0; o != NULL && i < OCCURRENCES_MAX; i++, o = xml_next(o)) {
        int64_t us;

        if (xml_parse_time(xml_child_text(o, "Start"), &us))
            portable_add_deletion(r->p, us);
    }
}
