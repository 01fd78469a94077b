#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_priv.h"

/* ---- attachments ----------------------------------------------------- */

bool mime_is_exception(const struct mapi_attachment *a)
{
    /* [MS-OXOCAL] 2.2.10.1.2: bit 2 of PidTagAttachmentFlags */
    return a->embedded != NULL &&
           (mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_FLAGS)),
                         0) &
            2) != 0;
}

bool mime_is_shown(const struct mapi_attachment *a)
{
    g_autofree char *id = mime_text_of(&a->props, PR_ATTACH_CONTENT_ID);
    g_autofree char *location =
        mime_text_of(&a->props, PR_ATTACH_CONTENT_LOCATION);
    int32_t flags =
        mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACH_FLAGS)), 0);
    bool hidden = mapi_get_bool(
        mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_HIDDEN)), false);

    if (id == NULL && location == NULL)
        return false;
    return (flags & ATTACH_MHTML_REF) != 0 || (hidden && id != NULL);
}

static char *name_of(const struct mapi_attachment *a, const char *type)
{
    static const uint32_t tags[] = { PR_ATTACH_LONG_FILENAME,
                                     PR_ATTACH_FILENAME, PR_DISPLAY_NAME };
    int32_t number =
        mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACH_NUM)), 0);

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        char *name = mime_text_of(&a->props, tags[i]);

        if (name != NULL)
            return name;
    }
    return g_strdup_printf("ATT%05d%s", number + 1, mime_extension_of(type));
}

static bool is_token(const char *from, const char *to)
{
    for (const char *p = from; p < to; p++)
        if (!g_ascii_isgraph(*p) || strchr("()<>@,;:\\\"/[]?=", *p) != NULL)
            return false;
    return to > from;
}

/* Containers cannot be given as files under their own type. */
static GMimeContentType *type_of(const struct mapi_attachment *a)
{
    g_autofree char *tag = mime_text_of(&a->props, PR_ATTACH_MIME_TAG);
    g_autofree char *name = mime_text_of(&a->props, PR_ATTACH_LONG_FILENAME);
    const char *type = tag != NULL ? tag : mime_type_of_name(name);
    const char *slash = type != NULL ? strchr(type, '/') : NULL;
    g_autofree char *media = NULL;

    if (slash == NULL || !is_token(type, slash) ||
        !is_token(slash + 1, type + strlen(type)) ||
        g_ascii_strncasecmp(type, "multipart/", 10) == 0 ||
        g_ascii_strncasecmp(type, "message/", 8) == 0)
        return g_mime_content_type_new("application", "octet-stream");
    media = g_strndup(type, (gsize)(slash - type));
    return g_mime_content_type_new(media, slash + 1);
}

/* GMime ends lines as Unix does. */
static void folded_out(struct mime_out *o, const char *name, const char *value)
{
    g_string_append_printf(o->text, "%s: ", name);
    for (const char *p = value + strspn(value, " "); *p != '\0'; p++) {
        if (*p == '\n' && (p == value || p[-1] != '\r'))
            g_string_append_c(o->text, '\r');
        g_string_append_c(o->text, *p);
    }
    if (!g_str_has_suffix(o->text->str, "\r\n"))
        g_string_append(o->text, "\r\n");
}

static void type_out(struct mime_out *o, const struct mapi_attachment *a,
                     GMimeContentType *type, const char *name)
{
    g_autofree char *charset =
        mime_text_of(&a->props, PR_TEXT_ATTACHMENT_CHARSET);
    g_autofree char *text = NULL;

    if (charset != NULL && g_mime_content_type_is_type(type, "text", "*"))
        g_mime_content_type_set_parameter(type, "charset", charset);
    g_mime_content_type_set_parameter(type, "name", name);
    text = g_mime_content_type_encode(type, NULL);
    folded_out(o, "Content-Type", text);
}

void mime_disposition_out(struct mime_out *o, const char *how, const char *name,
                          size_t size)
{
    GMimeContentDisposition *d = g_mime_content_disposition_new();
    g_autofree char *text = NULL, *bytes = NULL;

    g_mime_content_disposition_set_disposition(d, how);
    if (name != NULL) {
        bytes = g_strdup_printf("%" G_GSIZE_FORMAT, size);
        g_mime_content_disposition_set_parameter(d, "filename", name);
        g_mime_content_disposition_set_parameter(d, "size", bytes);
    }
    text = g_mime_content_disposition_encode(d, NULL);
    folded_out(o, "Content-Disposition", text);
    g_object_unref(d);
}

static void places_out(struct mime_out *o, const struct mapi_attachment *a)
{
    g_autofree char *id = mime_text_of(&a->props, PR_ATTACH_CONTENT_ID);
    g_autofree char *location =
        mime_text_of(&a->props, PR_ATTACH_CONTENT_LOCATION);

    if (id != NULL) {
        g_autofree char *bracketed = g_strdup_printf("<%s>", id);

        mime_raw_field_out(o, "Content-ID", bracketed);
    }
    if (location != NULL)
        mime_raw_field_out(o, "Content-Location", location);
}

static void file_out(struct mime_out *o, const struct mapi_attachment *a)
{
    const struct mapi_prop *data =
        mapi_find(&a->props, PROP_ID(PR_ATTACH_DATA_BIN));
    GMimeContentType *type = type_of(a);
    g_autofree char *plain = g_mime_content_type_get_mime_type(type);
    g_autofree char *name = name_of(a, plain);
    size_t size = data != NULL ? data->size : 0;

    type_out(o, a, type, name);
    mime_disposition_out(o, mime_is_shown(a) ? "inline" : "attachment", name,
                         size);
    places_out(o, a);
    mime_base64_out(o, data != NULL ? data->data : NULL, size);
    g_object_unref(type);
}

void mime_attachment_out(struct mime_out *o, const struct mapi_attachment *a)
{
    if (a->embedded == NULL) {
        file_out(o, a);
        return;
    }
    g_string_append(o->text, "Content-Type: message/rfc822\r\n");
    mime_disposition_out(o, "attachment", NULL, 0);
    places_out(o, a);
    g_string_append(o->text, "\r\n");
    o->depth++;
    mime_message_out(o, a->embedded);
    o->depth--;
}
