#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_priv.h"

/* ---- files ----------------------------------------------------------- */

static void set_text(const struct mime_in *in, struct mapi_props *props,
                     uint32_t tag, const char *text)
{
    if (text != NULL && *text != '\0')
        mapi_set_text(in->item, props, tag, text);
}

/* As Exchange names what has no name: ATT00001.txt. */
static char *file_name(const struct mime_in *in, const struct mime_part *part,
                       const char *type)
{
    char *name = mime_part_filename(part);

    if (name != NULL)
        return name;
    return g_strdup_printf("ATT%05u%s", (unsigned int)in->m->n_attachments,
                           mime_extension_of(type));
}

struct mapi_attachment *mime_attachment_new(const struct mime_in *in,
                                            int32_t method)
{
    struct mapi_attachment *a = mapi_add_attachment(in->item, in->m);

    mapi_set_i32(in->item, &a->props, PR_ATTACH_NUM,
                 (int32_t)in->m->n_attachments - 1);
    mapi_set_i32(in->item, &a->props, PR_ATTACH_METHOD, method);
    mapi_set_i32(in->item, &a->props, PR_RENDERING_POSITION, -1);
    mapi_set_i32(in->item, &a->props, PR_ATTACH_FLAGS, 0);
    mapi_set_bool(in->item, &a->props, PR_ATTACHMENT_HIDDEN, false);
    return a;
}

void mime_names_in(const struct mime_in *in, struct mapi_attachment *a,
                   const char *name)
{
    const char *dot = strrchr(name, '.');

    set_text(in, &a->props, PR_DISPLAY_NAME, name);
    set_text(in, &a->props, PR_ATTACH_LONG_FILENAME, name);
    set_text(in, &a->props, PR_ATTACH_FILENAME, name);
    if (dot != NULL)
        set_text(in, &a->props, PR_ATTACH_EXTENSION, dot);
}

static void set_places(const struct mime_in *in, struct mapi_attachment *a,
                       const struct mime_part *part)
{
    g_autofree char *id = mime_part_content_id(part);
    g_autofree char *location = mime_part_raw(part, "Content-Location");
    const char *charset =
        g_mime_content_type_get_parameter(part->type, "charset");

    set_text(in, &a->props, PR_ATTACH_CONTENT_ID, id);
    set_text(in, &a->props, PR_ATTACH_CONTENT_LOCATION, location);
    if (mime_part_is(part, "text", "*"))
        set_text(in, &a->props, PR_TEXT_ATTACHMENT_CHARSET, charset);
}

struct mapi_attachment *mime_file_in(const struct mime_in *in,
                                     const struct mime_part *part)
{
    struct mapi_attachment *a = mime_attachment_new(in, ATTACH_BY_VALUE);
    g_autofree char *type = mime_part_type(part);
    g_autofree char *name = file_name(in, part, type);
    GByteArray *content = mime_part_content(part);

    mime_names_in(in, a, name);
    set_text(in, &a->props, PR_ATTACH_MIME_TAG, type);
    set_places(in, a, part);
    mapi_set(in->item, &a->props, PR_ATTACH_DATA_BIN, content->data,
             content->len);
    g_byte_array_unref(content);
    return a;
}

/* ---- a mail inside --------------------------------------------------- */

void mime_embed_in(const struct mime_in *in, const struct mime_part *part)
{
    struct mapi_attachment *a = mime_attachment_new(in, ATTACH_EMBEDDED_MSG);
    struct mime_in inner = { .item = in->item, .depth = in->depth + 1 };
    g_autofree char *subject = NULL, *name = mime_part_filename(part);

    set_places(in, a, part);
    inner.m = mapi_embed(in->item, a);
    mime_message_in(&inner, part->children->pdata[0]);
    subject = mime_text_of(&inner.m->props, PR_SUBJECT);
    set_text(in, &a->props, PR_DISPLAY_NAME, subject != NULL ? subject : name);
    set_text(in, &a->props, PR_ATTACH_MIME_TAG, "message/rfc822");
}

void mime_beside_in(const struct mime_in *in, const struct mime_part *part)
{
    if (part->children != NULL && !mime_part_is(part, "multipart", "*") &&
        in->depth < MIME_MESSAGES_DEEP_MAX)
        mime_embed_in(in, part);
    else
        mime_file_in(in, part);
}
