/*
 * How parts are written: boundaries, transfer encodings, text.
 */
#include <string.h>

#include "lab/mime_charset.h"
#include "lab/mime_priv.h"

/* ---- boundaries ------------------------------------------------------ */

char *mime_boundary(struct mime_out *o)
{
    return g_strdup_printf("_%03u_%016" G_GINT64_MODIFIER "x_", o->boundaries++,
                           o->salt);
}

void mime_boundary_out(struct mime_out *o, const char *boundary, bool last)
{
    g_string_append_printf(o->text, "\r\n--%s%s\r\n", boundary,
                           last ? "--" : "");
}

char *mime_multipart_out(struct mime_out *o, const char *subtype,
                         const char *parameters)
{
    g_autofree char *boundary = mime_boundary(o);

    g_string_append_printf(o->text,
                           "Content-Type: multipart/%s;%s\r\n\tboundary=\"%s\""
                           "\r\n",
                           subtype, parameters, boundary);
    return g_steal_pointer(&boundary);
}

/* ---- transfer encodings ---------------------------------------------- */

/* RFC 5322 2.1.1 allows 998 in a line. */
enum { LINE_MAX_7BIT = 990, LINE_BASE64 = 57, LINE_QUOTED = 76 };

void mime_base64_out(struct mime_out *o, const void *data, size_t n)
{
    const uint8_t *p = data;

    g_string_append(o->text, "Content-Transfer-Encoding: base64\r\n\r\n");
    for (size_t i = 0; i < n; i += LINE_BASE64) {
        char line[LINE_BASE64 / 3 * 4 + 4];
        gint state = 0, save = 0;
        gsize had = g_base64_encode_step(p + i, MIN(n - i, LINE_BASE64), FALSE,
                                         line, &state, &save);

        had += g_base64_encode_close(FALSE, line + had, &state, &save);
        g_string_append_len(o->text, line, (gssize)had);
        g_string_append(o->text, "\r\n");
    }
}

enum encoding { ENCODE_7BIT, ENCODE_QUOTED, ENCODE_BASE64 };

/* What would not come through as it is. */
struct census {
    size_t high, line, longest;
    bool bare, dashes;
};

static struct census count(const uint8_t *p, size_t n)
{
    struct census c = { 0 };

    for (size_t i = 0; i < n; i++) {
        c.high += p[i] >= 0x80;
        c.bare |= p[i] == 0 ||
                  (p[i] == '\r' && (i + 1 == n || p[i + 1] != '\n')) ||
                  (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'));
        c.dashes |= c.line == 0 && p[i] == '-';
        c.line = p[i] == '\n' ? 0 : c.line + 1;
        c.longest = MAX(c.longest, c.line);
    }
    return c;
}

static enum encoding choose_encoding(const uint8_t *p, size_t n)
{
    struct census c = count(p, n);

    if (c.bare || c.high * 6 > n)
        return ENCODE_BASE64;
    if (c.high > 0 || c.longest > LINE_MAX_7BIT || c.dashes)
        return ENCODE_QUOTED;
    return ENCODE_7BIT;
}

static bool ends_line(const uint8_t *p, const uint8_t *end)
{
    return p == end || (*p == '\r' && p + 1 < end && p[1] == '\n');
}

/* RFC 2045 6.7; a dash at a line's start too, so that no boundary is met. */
static void quoted_out(struct mime_out *o, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    size_t at = 0;

    g_string_append(o->text,
                    "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    while (p < end) {
        bool plain = *p >= 0x20 && *p < 0x7F && *p != '=';

        if (*p == '\r' && ends_line(p, end)) {
            g_string_append(o->text, "\r\n");
            at = 0;
            p += 2;
            continue;
        }
        plain = plain && (*p != ' ' || !ends_line(p + 1, end)) &&
                (*p != '-' || at > 0);
        if (at + (plain ? 1 : 3) >= LINE_QUOTED) {
            g_string_append(o->text, "=\r\n");
            at = 0;
            plain = plain && *p != '-';
        }
        if (plain)
            g_string_append_c(o->text, (char)*p);
        else
            g_string_append_printf(o->text, "=%02X", *p);
        at += plain ? 1 : 3;
        p++;
    }
}

void mime_content_out(struct mime_out *o, const void *data, size_t n)
{
    switch (choose_encoding(data, n)) {
    case ENCODE_BASE64:
        mime_base64_out(o, data, n);
        break;
    case ENCODE_QUOTED:
        quoted_out(o, data, n);
        break;
    case ENCODE_7BIT:
        g_string_append(o->text, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        g_string_append_len(o->text, data, (gssize)n);
        break;
    }
}

/* ---- text ------------------------------------------------------------ */

void mime_text_part_out(struct mime_out *o, const char *type, const char *utf8,
                        int32_t cpid)
{
    const char *charset = mime_charset_name(cpid);
    g_autofree char *encoded = NULL;
    size_t n = 0;

    if (charset != NULL && cpid != CPID_UTF8)
        encoded = mime_charset_encode(utf8, cpid, &n);
    g_string_append_printf(o->text, "Content-Type: text/%s; charset=\"%s\"\r\n",
                           type, encoded != NULL ? charset : "utf-8");
    if (encoded != NULL)
        mime_content_out(o, encoded, n);
    else
        mime_content_out(o, utf8, strlen(utf8));
}
