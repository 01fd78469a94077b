#include <string.h>

#include "lab/mime_priv.h"

/* The first row of a type gives its extension. */
static const struct {
    const char *extension, *type;
} types[] = {
    { ".txt", "text/plain" },
    { ".htm", "text/html" },
    { ".html", "text/html" },
    { ".csv", "text/csv" },
    { ".ics", "text/calendar" },
    { ".vcf", "text/x-vcard" },
    { ".vcf", "text/vcard" },
    { ".xml", "text/xml" },
    { ".eml", "message/rfc822" },
    { ".gif", "image/gif" },
    { ".jpg", "image/jpeg" },
    { ".jpeg", "image/jpeg" },
    { ".png", "image/png" },
    { ".tif", "image/tiff" },
    { ".bmp", "image/bmp" },
    { ".wav", "audio/wav" },
    { ".mp3", "audio/mpeg" },
    { ".wma", "audio/x-ms-wma" },
    { ".pdf", "application/pdf" },
    { ".zip", "application/zip" },
    { ".doc", "application/msword" },
    { ".xls", "application/vnd.ms-excel" },
    { ".p7m", "application/pkcs7-mime" },
    { ".p7s", "application/pkcs7-signature" },
    { ".docx", "application/vnd.openxmlformats-officedocument"
               ".wordprocessingml.document" },
    { ".xlsx", "application/vnd.openxmlformats-officedocument"
               ".spreadsheetml.sheet" },
    { ".dat", "application/ms-tnef" },
};

const char *mime_type_of_name(const char *name)
{
    const char *dot = name != NULL ? strrchr(name, '.') : NULL;

    for (size_t i = 0; dot != NULL && i < G_N_ELEMENTS(types); i++)
        if (g_ascii_strcasecmp(types[i].extension, dot) == 0)
            return types[i].type;
    return NULL;
}

const char *mime_extension_of(const char *type)
{
    for (size_t i = 0; type != NULL && i < G_N_ELEMENTS(types); i++)
        if (g_ascii_strcasecmp(types[i].type, type) == 0)
            return types[i].extension;
    return ".dat";
}

char *mime_text_of(const struct mapi_props *props, uint32_t tag)
{
    char *text = mapi_dup_text(mapi_find(props, PROP_ID(tag)));

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

enum mime_form mime_form(const char *item_class)
{
    static const struct {
        const char *prefix;
        enum mime_form form;
    } rows[] = {
        { "IPM.Appointment", MIME_CALENDAR },
        /* an exception of a series, by itself */
        { "IPM.OLE.CLASS.{00061055-", MIME_CALENDAR },
        { "IPM.Contact", MIME_CARD },
        { "IPM.Note", MIME_MAIL },
        { "IPM.Post", MIME_MAIL },
        { "IPM.Schedule.Meeting", MIME_MAIL },
        { "REPORT.", MIME_MAIL },
        { "IPM.Document", MIME_MAIL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (item_class == NULL ||
            g_ascii_strncasecmp(item_class, rows[i].prefix,
                                strlen(rows[i].prefix)) == 0)
            return item_class == NULL ? MIME_MAIL : rows[i].form;
    return MIME_OTHER;
}
