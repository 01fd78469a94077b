#include "lab/mime.h"

#include <string.h>

#include "lab/hash.h"
#include "lab/ical.h"
#include "lab/mapi_tags.h"
#include "lab/mime_charset.h"
#include "lab/mime_priv.h"
#include "lab/rtf.h"
#include "lab/vcard.h"

/* ---- bodies ---------------------------------------------------------- */

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

    if (charset == NULL) {
        g_free(mime_charset_decode(b->html->data, b->html->len, NULL, &cpid));
        charset = mime_charset_name(cpid);
    }
    g_string_append_printf(
        o->text, "Content-Type: text/html; charset=\"%s\"\r\n", charset);
    mime_content_out(o, b->html->data, b->html->len);
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
    mime_content_out(o, text, strlen(text));
}

/* What says the same in several ways, plainest first. */
static void alternative_out(struct mime_out *o, const struct content *c)
{
    const struct bodies *b = &c->bodies;
    g_autofree char *subject = subject_of(c);
    bool text = b->text != NULL || (b->html == NULL && subject == NULL);
    bool several = text + (b->html != NULL) + (subject != NULL) > 1;
    g_autofree char *boundary =
        several ? mime_multipart_out(o, "alternative", "") : NULL;

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
    boundary = mime_multipart_out(o, "related",
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
    boundary = mime_multipart_out(o, "mixed", "");
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

        if (mime_is_exception(a))
            continue;
        g_ptr_array_add(
            c.bodies.html != NULL && mime_is_shown(a) ? c.shown : c.files, a);
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
    mime_disposition_out(o, "attachment", "smime.p7m", data->size);
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
