#include "lab/mime.h"

#include <string.h>

#include "lab/ical.h"
#include "lab/mapi_tags.h"
#include "lab/mime_charset.h"
#include "lab/mime_priv.h"
#include "lab/occurrence.h"

/* What has been found to show, while a message is walked. */
struct body {
    const struct mime_in *in;
    char *text;
    GByteArray *html;
    int32_t cpid;              /* of the HTML, else of the text; 0: none yet */
    unsigned int alternatives; /* multipart/alternative around */
    const struct mime_part *calendar; /* what the mail is about; NULL */
};

/* ---- bodies ---------------------------------------------------------- */

/* Line ends as a body has them, however they were sent. */
static char *with_crlf(const char *text)
{
    GString *s = g_string_sized_new(strlen(text) + 64);

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n' && (p == text || p[-1] != '\r'))
            g_string_append_c(s, '\r');
        g_string_append_c(s, *p);
        if (*p == '\r' && p[1] != '\n')
            g_string_append_c(s, '\n');
    }
    return g_string_free(s, FALSE);
}

static void take_text(struct body *b, const struct mime_part *part)
{
    GByteArray *content = mime_part_content(part);
    g_autofree char *text = NULL;
    int32_t cpid;

    text = mime_charset_decode(
        content->data, content->len,
        g_mime_content_type_get_parameter(part->type, "charset"), &cpid);
    b->text = with_crlf(text);
    if (b->html == NULL)
        b->cpid = cpid;
    g_byte_array_unref(content);
}

/* The bytes stay; what has no code page of its own becomes UTF-8. */
static void take_html(struct body *b, const struct mime_part *part)
{
    GByteArray *content = mime_part_content(part);
    g_autofree char *text = mime_charset_decode(
        content->data, content->len,
        g_mime_content_type_get_parameter(part->type, "charset"), &b->cpid);

    if (b->cpid == CPID_UTF8 && !g_utf8_validate((const char *)content->data,
                                                 (gssize)content->len, NULL)) {
        g_byte_array_set_size(content, 0);
        g_byte_array_append(content, (const guint8 *)text, (guint)strlen(text));
    }
    b->html = content;
}

/* ---- walking --------------------------------------------------------- */

enum place {
    PLACE_MIXED,
    PLACE_ALTERNATIVE,
    PLACE_RELATED, /* beside the root */
};

static void walk(struct body *b, const struct mime_part *part,
                 enum place place);

/* RFC 2387 3.2: the part that "start" names, else the first. */
static guint related_root(const struct mime_part *part)
{
    const char *start = g_mime_content_type_get_parameter(part->type, "start");
    g_autofree char *id =
        start != NULL ? g_mime_utils_decode_message_id(start) : NULL;

    for (guint i = 0; id != NULL && i < part->children->len; i++) {
        g_autofree char *own = mime_part_content_id(part->children->pdata[i]);

        if (g_strcmp0(own, id) == 0)
            return i;
    }
    return 0;
}

static void walk_children(struct body *b, const struct mime_part *part)
{
    bool related = mime_part_is(part, "multipart", "related");
    enum place place = mime_part_is(part, "multipart", "alternative")
                           ? PLACE_ALTERNATIVE
                           : PLACE_MIXED;
    guint root = related ? related_root(part) : 0;

    b->alternatives += place == PLACE_ALTERNATIVE;
    if (related)
        walk(b, part->children->pdata[root], PLACE_MIXED);
    for (guint i = 0; i < part->children->len; i++)
        if (!related)
            walk(b, part->children->pdata[i], place);
        else if (i != root)
            walk(b, part->children->pdata[i], PLACE_RELATED);
    b->alternatives -= place == PLACE_ALTERNATIVE;
}

/* Whether a text is to be shown, not saved. */
static bool is_body(const struct body *b, const struct mime_part *part,
                    enum place place)
{
    g_autofree char *name = mime_part_filename(part);

    if (place == PLACE_RELATED || mime_part_is_attachment(part) ||
        (name != NULL && place != PLACE_ALTERNATIVE))
        return false;
    return b->alternatives > 0 || (b->text == NULL && b->html == NULL);
}

/* A calendar beside the text, or instead of it. */
static bool is_meeting(const struct body *b, const struct mime_part *part,
                       enum place place)
{
    return mime_part_is(part, "text", "calendar") &&
           !mime_part_is_attachment(part) && place != PLACE_RELATED &&
           (b->alternatives > 0 || (b->text == NULL && b->html == NULL));
}

static void walk_leaf(struct body *b, const struct mime_part *part,
                      enum place place)
{
    bool shown = is_body(b, part, place);
    struct mapi_attachment *a;

    if (shown && b->text == NULL && mime_part_is(part, "text", "plain")) {
        take_text(b, part);
        return;
    }
    if (shown && b->html == NULL && mime_part_is(part, "text", "html")) {
        take_html(b, part);
        return;
    }
    if (b->calendar == NULL && is_meeting(b, part, place)) {
        b->calendar = part;
        return;
    }
    a = mime_file_in(b->in, part);
    if (place == PLACE_RELATED)
        mapi_set_i32(b->in->item, &a->props, PR_ATTACH_FLAGS, ATTACH_MHTML_REF);
}

static bool is_multipart(const struct mime_part *part)
{
    return mime_part_is(part, "multipart", "*");
}

static void walk(struct body *b, const struct mime_part *part, enum place place)
{
    if (part->children != NULL && is_multipart(part))
        walk_children(b, part);
    else if (part->children != NULL && b->in->depth < MIME_MESSAGES_DEEP_MAX)
        mime_embed_in(b->in, part);
    else if (is_multipart(part) && b->text == NULL && b->html == NULL &&
             place == PLACE_MIXED)
        take_text(b, part); /* of one that has no parts its text is left */
    else
        walk_leaf(b, part, place);
}

/* ---- shown inside ---------------------------------------------------- */

static bool refers_to(const GByteArray *html, const char *id)
{
    g_autofree char *reference = g_strconcat("cid:", id, NULL);

    return memmem(html->data, html->len, reference, strlen(reference)) != NULL;
}

/* What the HTML shows is no attachment to its reader. */
static void hide_shown(const struct body *b)
{
    for (size_t i = 0; b->html != NULL && i < b->in->m->n_attachments; i++) {
        struct mapi_props *props = &b->in->m->attachments[i].props;
        g_autofree char *id = mime_text_of(props, PR_ATTACH_CONTENT_ID);

        if (id == NULL || !refers_to(b->html, id))
            continue;
        mapi_set_i32(b->in->item, props, PR_ATTACH_FLAGS, ATTACH_MHTML_REF);
        mapi_set_bool(b->in->item, props, PR_ATTACHMENT_HIDDEN, true);
    }
}

/* What the mail itself says of people, subject and text goes first. */
static void take_calendar(const struct mime_in *in,
                          const struct mapi_item *item)
{
    const struct mapi_props *from = &item->message.props;

    for (size_t i = 0; i < from->n; i++) {
        const struct mapi_prop *p = &from->v[i];

        if (p->name != NULL ||
            mapi_find(&in->m->props, PROP_ID(p->tag)) == NULL)
            occurrence_copy_prop(in->item, &in->m->props, p);
    }
    for (size_t i = 0; i < item->message.n_attachments; i++)
        occurrence_copy_message(
            in->item, in->m,
            &(const struct mapi_message){ .attachments =
                                              &item->message.attachments[i],
                                          .n_attachments = 1 });
}

static void calendar_in(const struct body *b)
{
    g_autoptr(GByteArray) content = mime_part_content(b->calendar);
    g_autoptr(mapi_item) item = NULL;
    g_autofree char *item_class = NULL, *text = NULL;
    enum ical_method method;
    int32_t cpid;

    text = mime_charset_decode(
        content->data, content->len,
        g_mime_content_type_get_parameter(b->calendar->type, "charset"), &cpid);
    /* a calendar that is only told of is a file to the mail's reader */
    if (ical_parse(text, strlen(text), &item, &method) < 0 ||
        (method == ICAL_PUBLISH && b->in->depth == 0)) {
        mime_file_in(b->in, b->calendar);
        return;
    }
    item_class = mime_text_of(&item->message.props, PR_MESSAGE_CLASS);
    take_calendar(b->in, item);
    mapi_set_text(b->in->item, &b->in->m->props, PR_MESSAGE_CLASS, item_class);
}

void mime_text_in(const struct mime_in *in, const char *text)
{
    mapi_set_text(in->item, &in->m->props, PR_BODY, text);
}

static void body_finish(struct body *b)
{
    const struct mime_in *in = b->in;
    struct mapi_props *props = &in->m->props;

    hide_shown(b);
    if (b->text != NULL)
        mime_text_in(in, b->text);
    if (b->html != NULL)
        mapi_set(in->item, props, PR_HTML, b->html->data, b->html->len);
    if (b->text != NULL || b->html != NULL)
        mapi_set_i32(in->item, props, PR_NATIVE_BODY_INFO,
                     b->html != NULL ? 3 : 1);
    if (b->cpid != 0)
        mapi_set_i32(in->item, props, PR_INTERNET_CPID, b->cpid);
    if (b->calendar != NULL)
        calendar_in(b);
    g_clear_pointer(&b->html, g_byte_array_unref);
    g_clear_pointer(&b->text, g_free);
}

/* ---- a message ------------------------------------------------------- */

static void set_class(const struct mime_in *in, const char *item_class)
{
    mapi_set_text(in->item, &in->m->props, PR_MESSAGE_CLASS, item_class);
}

/* 2.1.3.1: the body is promoted from what was signed; its files are not. */
static void signed_in(const struct mime_in *in, const struct mime_part *part)
{
    g_autoptr(mapi_item) aside = mapi_item_new();
    struct mime_in scratch = { .item = aside,
                               .m = &aside->message,
                               .depth = in->depth };
    struct body b = { .in = &scratch };
    struct body own = { .in = in };

    walk(&b, part->children->pdata[0], PLACE_MIXED);
    own.text = g_steal_pointer(&b.text);
    own.html = g_steal_pointer(&b.html);
    own.cpid = b.cpid;
    body_finish(&own);
    mime_signed_entity_in(in, part);
}

static bool has_children(const struct mime_part *part, guint n)
{
    return part->children != NULL && part->children->len >= n;
}

static void plain_in(const struct mime_in *in, const struct mime_part *part)
{
    struct body b = { .in = in };

    walk(&b, part, PLACE_MIXED);
    body_finish(&b);
}

/* A mail inside was sent and read; when it came is not known. */
static void set_inner_state(const struct mime_in *in)
{
    struct mapi_props *props = &in->m->props;
    int64_t sent =
        mapi_get_time(mapi_find(props, PROP_ID(PR_CLIENT_SUBMIT_TIME)));

    mapi_set_i32(in->item, props, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    if (sent != TIMESTAMP_NONE)
        mapi_set_time(in->item, props, PR_MESSAGE_DELIVERY_TIME, sent);
}

void mime_message_in(const struct mime_in *in, const struct mime_part *part)
{
    set_class(in, "IPM.Note");
    mime_head_in(in, part);
    if (in->depth > 0)
        set_inner_state(in);
    if (mime_part_is(part, "multipart", "signed") && has_children(part, 2))
        signed_in(in, part);
    else if (mime_is_pkcs7(part))
        mime_opaque_in(in, part);
    else if (!mime_part_is(part, "multipart", "report") ||
             !has_children(part, 2) || !mime_report_in(in, part))
        plain_in(in, part);
}

int mime_parse_into(const uint8_t *data, size_t len, struct mapi_item *item,
                    struct mapi_message *m, struct err *err)
{
    struct mime_in in = { .item = item, .m = m };
    struct mime_part *part;

    if (len == 0 || len > MIME_BYTES_MAX) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "a mail of %" G_GSIZE_FORMAT " bytes", len);
        err->name = "ErrorMimeContentInvalid";
        return -1;
    }
    *m = (struct mapi_message){ 0 };
    part = mime_part_new(data, len);
    mime_message_in(&in, part);
    mime_part_free(part);
    return 0;
}

int mime_parse(const uint8_t *data, size_t len, struct mapi_item **ret,
               struct err *err)
{
    g_autoptr(mapi_item) item = mapi_item_new();

    if (mime_parse_into(data, len, item, &item->message, err) < 0)
        return -1;
    *ret = g_steal_pointer(&item);
    return 0;
}
