#include <string.h>

#include "base/secret.h"
#include "desk/mail_priv.h"

/* Parts inside parts, and parts of one mail: see portable/mime.c. */
#define NEST_MAX  16u
#define PARTS_MAX 500u
#define CHUNK     ((size_t)32768)

struct walk {
    struct mail *m;
    guint parts;
    char *plain, *html; /* the first of each that has words */
};

/* ---- bytes --------------------------------------------------------------- */

/* Decoded; one more than `most` when there are more.  The caller frees. */
static GByteArray *content_of(GMimePart *part, size_t most)
{
    GByteArray *bytes = g_byte_array_new();
    g_autofree guint8 *chunk = g_malloc(CHUNK);
    g_autoptr(GMimeStream) s = gmime_decoded(part);
    ssize_t n;

    while (s != NULL && bytes->len <= most &&
           (n = g_mime_stream_read(s, (char *)chunk, CHUNK)) > 0)
        g_byte_array_append(bytes, chunk, (guint)n);
    secret_wipe(chunk, CHUNK);
    return bytes;
}

/* What says that it is Latin-1 is Windows-1252, as everywhere on the web. */
static const char *charset_of(GMimePart *part)
{
    const char *charset =
        g_mime_object_get_content_type_parameter(GMIME_OBJECT(part), "charset");

    if (charset == NULL || g_ascii_strcasecmp(charset, "us-ascii") == 0 ||
        g_ascii_strcasecmp(charset, "iso-8859-1") == 0 ||
        g_ascii_strcasecmp(charset, "utf-8") == 0)
        return "windows-1252";
    return charset;
}

/* No control characters but line ends and tabs; NUL went with the length. */
static char *plain_text(const char *text)
{
    g_autofree char *good = g_utf8_make_valid(text, -1);
    GString *s = g_string_new(NULL);

    for (const char *p = good; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c == '\n' || c == '\t')
            g_string_append_c(s, (char)c);
        else if (c == 0xa0 || c == 0x202f || c == 0x2007)
            g_string_append_c(s, ' ');
        else if (g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_FORMAT)
            continue; /* zero width, marks of direction: they hide things */
        else
            g_string_append_unichar(s, c);
    }
    mail_wipe(g_steal_pointer(&good));
    return g_string_free(s, FALSE);
}

/* Valid UTF-8 is that, whatever its charset says, but for those of escapes. */
static char *text_of(GMimePart *part, struct mail *m)
{
    g_autoptr(GByteArray) bytes = content_of(part, MAIL_TEXT_MAX);
    const char *charset = charset_of(part);
    g_autofree char *text = NULL;
    size_t n = MIN(bytes->len, MAIL_TEXT_MAX);
    bool escapes;
    char *plain;

    if (bytes->len > MAIL_TEXT_MAX)
        m->faults |= MAIL_TEXT_CUT;
    if (n == 0)
        return g_strdup("");
    escapes = memchr(bytes->data, 0x1b, n) != NULL;
    if (escapes || !g_utf8_validate_len((char *)bytes->data, n, NULL))
        text = g_convert_with_fallback((char *)bytes->data, (gssize)n, "UTF-8",
                                       charset, "?", NULL, NULL, NULL);
    if (text == NULL)
        text = g_strndup((char *)bytes->data, n);
    plain = plain_text(text);
    mail_wipe(g_steal_pointer(&text));
    secret_wipe(bytes->data, bytes->len);
    return plain;
}

/* ---- parts --------------------------------------------------------------- */

static bool says_csv(GMimePart *part, const char *name)
{
    return gmime_is_type(GMIME_OBJECT(part), "text", "csv") ||
           gmime_is_type(GMIME_OBJECT(part), "text",
                         "comma-separated-values") ||
           g_str_has_suffix(name, ".csv");
}

static void add_file(struct walk *w, GMimePart *part)
{
    const char *raw = g_mime_part_get_filename(part);
    g_autofree char *name = mail_line(raw != NULL ? raw : "");
    g_autofree char *lower = g_ascii_strdown(name, -1);
    GByteArray *bytes;
    gsize n;

    if (w->m->files->len >= MAIL_FILES_MAX) {
        w->m->faults |= MAIL_TOO_MANY_PARTS;
        return;
    }
    /* all of it, for its size: the mail's own limit is its limit */
    bytes = content_of(part, MAIL_BYTES_MAX);
    n = bytes->len;
    g_ptr_array_add(w->m->files,
                    mail_file_new(name, says_csv(part, lower),
                                  (char *)g_byte_array_free(bytes, FALSE), n));
}

static bool is_body(GMimePart *part)
{
    GMimeContentDisposition *d =
        g_mime_object_get_content_disposition(GMIME_OBJECT(part));

    if ((d != NULL && g_mime_content_disposition_is_attachment(d)) ||
        g_mime_part_get_filename(part) != NULL)
        return false;
    return gmime_is_type(GMIME_OBJECT(part), "text", "plain") ||
           gmime_is_type(GMIME_OBJECT(part), "text", "html");
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\n\r")] == '\0';
}

/* Bodies before and after a picture, as Apple's Mail writes them, are one. */
static void take_text(char **to, char *text)
{
    char *before = *to;

    if (is_blank(text)) {
        mail_wipe(text);
        return;
    }
    *to =
        before == NULL ? g_strdup(text) : g_strconcat(before, "\n", text, NULL);
    mail_wipe(before);
    mail_wipe(text);
}

static void add_part(struct walk *w, GMimePart *part)
{
    if (gmime_is_type(GMIME_OBJECT(part), "application", "pkcs7-mime") ||
        gmime_is_type(GMIME_OBJECT(part), "application", "pgp-encrypted"))
        w->m->faults |= MAIL_ENCRYPTED;
    if (!is_body(part))
        add_file(w, part);
    else if (gmime_is_type(GMIME_OBJECT(part), "text", "html"))
        take_text(&w->html, text_of(part, w->m));
    else
        take_text(&w->plain, text_of(part, w->m));
}

static void walk_part(struct walk *w, GMimeObject *part, guint depth);

static void walk_children(struct walk *w, GMimeMultipart *parts, guint depth)
{
    int n = g_mime_multipart_get_count(parts);

    for (int i = 0; i < n && w->parts <= PARTS_MAX; i++)
        walk_part(w, g_mime_multipart_get_part(parts, i), depth + 1);
}

/* A mail inside a mail: its files, and what it says as one sent on. */
static void walk_inner(struct walk *w, GMimeMessage *inner, guint depth)
{
    struct walk in = { .m = w->m, .parts = w->parts };

    walk_part(&in, g_mime_message_get_mime_part(inner), depth + 1);
    w->parts = in.parts;
    if (in.plain == NULL && in.html != NULL)
        in.plain = mail_html_text(in.html);
    take_text(&w->m->forwarded, in.plain);
    mail_wipe(in.html);
}

static void walk_part(struct walk *w, GMimeObject *part, guint depth)
{
    if (part == NULL)
        return;
    if (depth > NEST_MAX || ++w->parts > PARTS_MAX) {
        w->m->faults |= depth > NEST_MAX ? MAIL_TOO_DEEP : MAIL_TOO_MANY_PARTS;
        return;
    }
    if (GMIME_IS_MULTIPART(part))
        walk_children(w, GMIME_MULTIPART(part), depth);
    else if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *inner =
            g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));

        if (inner != NULL)
            walk_inner(w, inner, depth);
    } else if (GMIME_IS_PART(part)) {
        add_part(w, GMIME_PART(part));
    }
}

static void set_texts(struct mail *m, struct walk *w)
{
    char *from_html = w->html != NULL ? mail_html_text(w->html) : NULL;
    struct mail_words html = mail_words_of(from_html != NULL ? from_html : "");
    struct mail_words words = mail_words_of(w->plain != NULL    ? w->plain
                                            : from_html != NULL ? from_html
                                                                : "");

    m->text = words.fresh;
    take_text(&m->forwarded, words.forwarded);
    m->html_text = from_html != NULL ? html.fresh : NULL;
    if (from_html == NULL)
        mail_wipe(html.fresh);
    mail_wipe(html.forwarded);
    mail_wipe(from_html);
    if (w->plain == NULL && w->html == NULL)
        m->faults |= MAIL_NO_TEXT;
    mail_wipe(w->plain);
    mail_wipe(w->html);
}

void mail_read_parts(struct mail *m, GMimeMessage *message)
{
    struct walk w = { .m = m };

    walk_part(&w, g_mime_message_get_mime_part(message), 0);
    set_texts(m, &w);
}
