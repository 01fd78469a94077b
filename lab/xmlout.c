#include "lab/xmlout.h"

#include <openssl/evp.h>

#include "base/timestamp.h"
#include "lab/timezone_xml.h"

void xml_open(struct xmlout *x, const char *name)
{
    xml_begin(x, name);
    xml_end(x);
}

void xml_close(struct xmlout *x, const char *name)
{
    g_string_append(x->text, "</");
    g_string_append(x->text, name);
    g_string_append_c(x->text, '>');
}

void xml_empty(struct xmlout *x, const char *name)
{
    xml_begin(x, name);
    xml_end_empty(x);
}

void xml_begin(struct xmlout *x, const char *name)
{
    g_string_append_c(x->text, '<');
    g_string_append(x->text, name);
}

void xml_attr(struct xmlout *x, const char *name, const char *value)
{
    g_string_append_c(x->text, ' ');
    g_string_append(x->text, name);
    g_string_append(x->text, "=\"");
    xml_chars(x, value);
    g_string_append_c(x->text, '"');
}

void xml_end(struct xmlout *x)
{
    g_string_append_c(x->text, '>');
}

void xml_end_empty(struct xmlout *x)
{
    g_string_append(x->text, x->spaced ? " />" : "/>");
}

void xml_raw(struct xmlout *x, const char *markup)
{
    g_string_append(x->text, markup);
}

void xml_text(struct xmlout *x, const char *name, const char *text)
{
    if (text[0] == '\0') {
        xml_empty(x, name);
        return;
    }
    xml_open(x, name);
    xml_chars(x, text);
    xml_close(x, name);
}

void xml_bool(struct xmlout *x, const char *name, bool value)
{
    xml_text(x, name, value ? "true" : "false");
}

void xml_uint(struct xmlout *x, const char *name, uint64_t value)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value);
    xml_text(x, name, text);
}

void xml_time(struct xmlout *x, const char *name, int64_t us)
{
    g_autofree char *text = NULL;

    if (us == TIMESTAMP_NONE)
        return;
    if (x->zone != NULL) {
        timezone_write_time(x, name, x->zone, us);
        return;
    }
    text = timestamp_format(us);
    xml_text(x, name, text);
}

void xml_base64(struct xmlout *x, const char *name, const void *data,
                size_t len)
{
    xml_open(x, name);
    xml_base64_chars(x, data, len);
    xml_close(x, name);
}

/* XML 1.0 [2] Char */
static bool is_xml_char(gunichar c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xd800) ||
           (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r': /* a reader would make it a line feed */
        return "&#xD;";
    case '\n': /* in an attribute it would become a space */
        return "&#xA;";
    case '\t':
        return "&#x9;";
    default:
        return NULL;
    }
}

void xml_chars(struct xmlout *x, const char *text)
{
    const char *end = text + strlen(text);

    while (text < end) {
        gunichar c = g_utf8_get_char_validated(text, end - text);
        const char *entity = entity_of(*text);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_c(x->text, '?');
            text++;
            continue;
        }
        if (!is_xml_char(c))
            g_string_append_c(x->text, '?');
        else if (entity != NULL)
            g_string_append(x->text, entity);
        else
            g_string_append_len(x->text, text,
                                (gssize)(g_utf8_next_char(text) - text));
        text = g_utf8_next_char(text);
    }
}

/* A multiple of three, so that no padding comes between the stretches. */
#define ENCODE_STRETCH ((size_t)3 << 20)

void xml_base64_chars(struct xmlout *x, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t at = x->text->len;

    g_string_set_size(x->text, at + (len + 2) / 3 * 4);
    while (len > 0) {
        /* EVP_EncodeBlock counts in int */
        int n = (int)MIN(len, ENCODE_STRETCH);
        int made = EVP_EncodeBlock((unsigned char *)x->text->str + at, p, n);

        at += (size_t)made;
        p += n;
        len -= (size_t)n;
    }
}
