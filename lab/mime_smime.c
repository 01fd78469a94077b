/*
 * S/MIME: a mail that is one attachment, [MS-OXOSMIME] 2.1.3.
 */
#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_priv.h"

static void set_class(const struct mime_in *in, const char *item_class)
{
    mapi_set_text(in->item, &in->m->props, PR_MESSAGE_CLASS, item_class);
}

/* The signed entity, whole, with its Content-Type and no other field. */
void mime_signed_entity_in(const struct mime_in *in,
                           const struct mime_part *part)
{
    struct mapi_attachment *a = mime_attachment_new(in, ATTACH_BY_VALUE);
    g_autoptr(GByteArray) data = g_byte_array_new();

    for (size_t i = 0; i < part->n_fields; i++) {
        const struct mime_field *f = &part->fields[i];

        if (mime_field_is(f, "Content-Type"))
            g_byte_array_append(data, f->name,
                                (guint)(f->value + f->value_n - f->name));
    }
    g_byte_array_append(data, (const guint8 *)"\r\n", 2);
    g_byte_array_append(data, part->body, (guint)part->body_n);
    mime_names_in(in, a, "smime.p7m");
    mapi_set_text(in->item, &a->props, PR_ATTACH_MIME_TAG, "multipart/signed");
    mapi_set(in->item, &a->props, PR_ATTACH_DATA_BIN, data->data, data->len);
    set_class(in, "IPM.Note.SMIME.MultipartSigned");
}

bool mime_is_pkcs7(const struct mime_part *part)
{
    g_autofree char *name = NULL;

    if (mime_part_is(part, "application", "pkcs7-mime") ||
        mime_part_is(part, "application", "x-pkcs7-mime"))
        return true;
    if (!mime_part_is(part, "application", "octet-stream"))
        return false;
    name = mime_part_filename(part);
    return name != NULL && strlen(name) > 4 &&
           g_ascii_strcasecmp(name + strlen(name) - 4, ".p7m") == 0;
}

/* 2.1.3.2: the parameters of the type live on as a named property. */
void mime_opaque_in(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *type = mime_part_raw(part, "Content-Type");
    g_autofree char *name = mime_part_filename(part);
    struct mapi_attachment *a = mime_file_in(in, part);

    if (name == NULL)
        mime_names_in(in, a, "smime.p7m");
    if (type != NULL)
        mapi_set_text(in->item, &in->m->props,
                      mapi_named_text(in->item, PS_INTERNET_HEADERS,
                                      "content-type", PT_UNICODE),
                      type);
    set_class(in, "IPM.Note.SMIME");
}
