#include "lab/mime.h"

#include <string.h>

#include "lab/hash.h"
#include "lab/ical.h"
#include "lab/mapi_tags.h"
#include "lab/mime_charset.h"
#include "lab/mime_priv.h"
#include "lab/rtf.h"
#include "lab/vcard.h"

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

static char *multipart_out(struct mime_out *o, const char *subtype,
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

static void content_out(struct mime_out *o, const void *data, size_t n)
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
        content_out(o, encoded, n);
    else
        content_out(o, utf8, strlen(utf8));
}

/* What there is to show. */
struct bodies {
    char *text;       /* UTF-8; NULL: none */
    GByteArray *html; /* in cpid */
    int32_t cpid;
};

static void bodies_clear(struct bodies *b)
{
    g_clear_pointer(&b->text, g_free);
    g_clear_pointer(&b->html, g_byte_array_unref);
}

static GByteArray *bytes_of(const char *text)
{
    GByteArray *a = g_byte_array_new();

    return g_byte_array_append(a, (const guint8 *)text, (guint)strlen(text));
}

/* Outlook left RTF alone: what it says is shown as text and as HTML. */
static void bodies_of_rtf(struct bodies *b, const struct mapi_prop *p)
{
    g_autoptr(GByteArray) rtf = rtf_decompress(p->data, p->size);
    const char *text;

    if (rtf == NULL)
        return;
    text = (const char *)rtf->data;
    if (b->text == NULL)
        b->text = rtf_to_text(text, rtf->len);
    if (rtf_origin(text, rtf->len) != RTF_FROM_TEXT) {
        g_autofree char *html = rtf_to_html(text, rtf->len);

        b->html = bytes_of(html);
    }
    b->cpid = CPID_UTF8;
}

static void bodies_read(struct bodies *b, const struct mapi_props *props)
{
    const struct mapi_prop *html = mapi_find(props, PROP_ID(PR_HTML));
    const struct mapi_prop *rtf = mapi_find(props, PROP_ID(PR_RTF_COMPRESSED));

    b->text = mapi_dup_text(mapi_find(props, PROP_ID(PR_BODY)));
    b->cpid =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_INTERNET_CPID)), CPID_UTF8);
    if (html != NULL && PROP_TYPE(html->tag) == PT_BINARY) {
        b->html = g_byte_array_new();
        g_byte_array_append(b->html, html->data, html->size);
    } else if (html != NULL) {
        g_autofree char *text = mapi_dup_text(html);

        b->html = text != NULL ? bytes_of(text) : NULL;
        b->cpid = CPID_UTF8;
    } else if (rtf != NULL && PROP_TYPE(rtf->tag) == PT_BINARY) {
        bodies_of_rtf(b, rtf);
    }
}

static void html_out(struct mime_out *o, const struct bodies *b)
{
    const char *charset = mime_charset_name(b->cpid);
    int32_t cpid = CPID_UTF8;
    g_autofree char *text = NULL;

    if (charset == NULL) {
        text = mime_charset_decode(b->html->data, b->html->len, NULL, &cpid);
        charset = mime_charset_name(cpid);
    }
    g_string_append_printf(
        o->text, "Content-Type: text/html; charset=\"%s\"\r\n", charset);
    content_out(o, b->html->data, b->html->len);
}

/* ---- attachments ----------------------------------------------------- */

static bool is_exception(const struct mapi_attachment *a)
{
    /* [MS-OXOCAL] 2.2.10.1.2: bit 2 of PidTagAttachmentFlags */
    return a->embedded != NULL &&
           (mapi_get_i32(mapi_find(&a->props, PROP_ID(PR_ATTACHMENT_FLAGS)),
                         0) &
            2) != 0;
}

static bool is_shown(const struct mapi_attachment *a)
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

static void disposition_out(struct mime_out *o, const char *how,
                            const char *name, size_t size)
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
    disposition_out(o, is_shown(a) ? "inline" : "attachment", name, size);
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
    disposition_out(o, "attachment", NULL, 0);
    places_out(o, a);
    g_string_append(o->text, "\r\n");
    o->depth++;
    mime_message_out(o, a->embedded);
    o->depth--;
}

/* ---- parts around parts ---------------------------------------------- */

struct content {
    const struct mapi_message *m;
    const char *item_class;
    struct bodies bodies;
    GPtrArray *shown, *files; /* of const struct mapi_attachment * */
};

/* Meeting messages carry what they are about; so do items inside of mail. */
static char *subject_of(const struct content *c)
{
    enum mime_form form = mime_form(c->item_class);

    if (form == MIME_CARD)
        return vcard_render(c->m);
    if (form == MIME_CALENDAR || ical_method_of(c->item_class) != ICAL_PUBLISH)
        return ical_render(c->m);
    return NULL;
}

static void subject_out(struct mime_out *o, const struct content *c,
                        const char *text)
{
    if (mime_form(c->item_class) == MIME_CARD)
        g_string_append(o->text,
                        "Content-Type: text/x-vcard; charset=\"utf-8\"\r\n");
    else
        g_string_append_printf(
            o->text,
            "Content-Type: text/calendar; charset=\"utf-8\"; method=%s\r\n",
            ical_method_name(ical_method_of(c->item_class)));
    content_out(o, text, strlen(text));
}

/* What says the same in several ways, plainest first. */
static void alternative_out(struct mime_out *o, const struct content *c)
{
    const struct bodies *b = &c->bodies;
    g_autofree char *subject = subject_of(c);
    bool text = b->text != NULL || (b->html == NULL && subject == NULL);
    bool several = text + (b->html != NULL) + (subject != NULL) > 1;
    g_autofree char *boundary =
        several ? multipart_out(o, "alternative", "") : NULL;

    if (several && text)
        mime_boundary_out(o, boundary, false);
    if (text)
        mime_text_part_out(o, "plain", b->text != NULL ? b->text : "", b->cpid);
    if (several && b->html != NULL)
        mime_boundary_out(o, boundary, false);
    if (b->html != NULL)
        html_out(o, b);
    if (several && subject != NULL)
        mime_boundary_out(o, boundary, false);
    if (subject != NULL)
        subject_out(o, c, subject);
    if (several)
        mime_boundary_out(o, boundary, true);
}

typedef void (*root_fn)(struct mime_out *o, const struct content *c);

/* A root, and beside it the attachments. */
static void around_out(struct mime_out *o, const struct content *c,
                       root_fn root, const GPtrArray *beside,
                       const char *boundary)
{
    mime_boundary_out(o, boundary, false);
    root(o, c);
    for (guint i = 0; i < beside->len; i++) {
        mime_boundary_out(o, boundary, false);
        mime_attachment_out(o, beside->pdata[i]);
    }
    mime_boundary_out(o, boundary, true);
}

static void related_out(struct mime_out *o, const struct content *c)
{
    g_autofree char *boundary = NULL;

    if (c->shown->len == 0) {
        alternative_out(o, c);
        return;
    }
    boundary = multipart_out(o, "related",
                             c->bodies.text != NULL
                                 ? " type=\"multipart/alternative\";"
                                 : " type=\"text/html\";");
    around_out(o, c, alternative_out, c->shown, boundary);
}

static void mixed_out(struct mime_out *o, const struct content *c)
{
    g_autofree char *boundary = NULL;

    if (c->files->len == 0) {
        related_out(o, c);
        return;
    }
    boundary = multipart_out(o, "mixed", "");
    around_out(o, c, related_out, c->files, boundary);
}

static void plain_out(struct mime_out *o, const struct mapi_message *m,
                      const char *item_class)
{
    struct content c = { .m = m,
                         .item_class = item_class,
                         .shown = g_ptr_array_new(),
                         .files = g_ptr_array_new() };

    bodies_read(&c.bodies, &m->props);
    for (size_t i = 0; i < m->n_attachments; i++) {
        struct mapi_attachment *a = &m->attachments[i];

        if (is_exception(a))
            continue;
        g_ptr_array_add(
            c.bodies.html != NULL && is_shown(a) ? c.shown : c.files, a);
    }
    mixed_out(o, &c);
    bodies_clear(&c.bodies);
    g_ptr_array_unref(c.shown);
    g_ptr_array_unref(c.files);
}

/* ---- S/MIME, [MS-OXOSMIME] 2.1.3 ------------------------------------- */

/* Their one attachment is all that there is of the mail. */
static const struct mapi_prop *smime_data(const struct mapi_message *m,
                                          const char *item_class,
                                          const char *suffix)
{
    const struct mapi_prop *p;

    if (m->n_attachments != 1 || item_class == NULL ||
        !g_str_has_suffix(item_class, suffix))
        return NULL;
    p = mapi_find(&m->attachments[0].props, PROP_ID(PR_ATTACH_DATA_BIN));
    return p != NULL && PROP_TYPE(p->tag) == PT_BINARY ? p : NULL;
}

static void opaque_out(struct mime_out *o, const struct mapi_message *m,
                       const struct mapi_prop *data)
{
    g_autofree char *type = mapi_dup_text(
        mapi_find_text(&m->props, PS_INTERNET_HEADERS, "content-type"));

    mime_raw_field_out(o, "Content-Type",
                       type != NULL && strchr(type, '/') != NULL
                           ? type
                           : "application/pkcs7-mime; name=\"smime.p7m\"");
    disposition_out(o, "attachment", "smime.p7m", data->size);
    mime_base64_out(o, data->data, data->size);
}

/* ---- a message ------------------------------------------------------- */

void mime_message_out(struct mime_out *o, const struct mapi_message *m)
{
    g_autofree char *item_class = mime_text_of(&m->props, PR_MESSAGE_CLASS);
    const struct mapi_prop *whole =
        smime_data(m, item_class, ".SMIME.MultipartSigned");
    const struct mapi_prop *opaque = smime_data(m, item_class, ".SMIME");

    mime_head_out(o, m);
    if (whole != NULL)
        g_string_append_len(o->text, (const char *)whole->data, whole->size);
    else if (opaque != NULL)
        opaque_out(o, m, opaque);
    else if (item_class != NULL && mime_is_report(item_class))
        mime_report_out(o, m);
    else
        plain_out(o, m, item_class);
}

/* ---- salt ------------------------------------------------------------ */

/* Whether what is given back byte for byte holds a boundary of that salt. */
static bool salt_stands_in(const struct mapi_message *m, const char *salt)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        const struct mapi_prop *p =
            mapi_find(&a->props, PROP_ID(PR_ATTACH_DATA_BIN));

        if (a->embedded != NULL && salt_stands_in(a->embedded, salt))
            return true;
        if (a->embedded == NULL && p != NULL &&
            memmem(p->data, p->size, salt, strlen(salt)) != NULL)
            return true;
    }
    return false;
}

/* From the message id, which lives on: the same mail has the same bytes. */
static uint64_t choose_salt(const struct mapi_message *m)
{
    g_autofree char *id = mime_text_of(&m->props, PR_INTERNET_MESSAGE_ID);
    uint64_t salt = 0x6C6162;

    for (const char *p = id; p != NULL && *p != '\0'; p++)
        if (g_ascii_isgraph(*p))
            salt = lab_hash_mix(salt ^ (uint8_t)*p);
    for (;;) {
        g_autofree char *text =
            g_strdup_printf("_%016" G_GINT64_MODIFIER "x_", salt);

        if (!salt_stands_in(m, text))
            return salt;
        salt = lab_hash_mix(salt);
    }
}

static GBytes *bytes_from(char *text)
{
    return g_bytes_new_take(text, strlen(text));
}

GBytes *mime_render(const struct mapi_message *m)
{
    g_autofree char *item_class = mime_text_of(&m->props, PR_MESSAGE_CLASS);
    struct mime_out o = { 0 };

    switch (mime_form(item_class)) {
    case MIME_CALENDAR:
        return bytes_from(ical_render(m));
    case MIME_CARD:
        return bytes_from(vcard_render(m));
    case MIME_MAIL:
    case MIME_OTHER:
        break;
    }
    mime_start();
    o.text = g_string_new(NULL);
    o.salt = choose_salt(m);
    mime_message_out(&o, m);
    if (o.text->len > MIME_BYTES_MAX) {
        g_string_free(o.text, TRUE);
        return NULL;
    }
    return g_string_free_to_bytes(o.text);
}
