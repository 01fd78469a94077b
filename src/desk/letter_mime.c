#include <string.h>

#include "base/timestamp.h"
#include "desk/letter_priv.h"
#include "desk/mail_priv.h"
#include "portable/gmime_shared.h"

static GMimePart *part_of(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);

    g_mime_text_part_set_text(part, text);
    g_mime_part_set_content_encoding(GMIME_PART(part),
                                     GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_PART(part);
}

/* The last is the one that a program shows which can. */
static GMimeObject *bodies_of(const struct letter *l)
{
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    GMimePart *plain = part_of("plain", l->text);
    GMimePart *html = part_of("html", l->html);

    g_mime_multipart_add(both, GMIME_OBJECT(plain));
    g_mime_multipart_add(both, GMIME_OBJECT(html));
    g_object_unref(plain);
    g_object_unref(html);
    return GMIME_OBJECT(both);
}

static void set_id(GMimeMessage *m, const char *field, const char *id)
{
    g_autofree char *value = g_strdup_printf("<%s>", id);

    g_mime_object_set_header(GMIME_OBJECT(m), field, value, NULL);
}

/* Whoever answers by itself must not answer this; nor do we, see mail.h. */
static void set_machine(GMimeMessage *m, int64_t request)
{
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, request);

    g_mime_object_set_header(GMIME_OBJECT(m), "Auto-Submitted",
                             "auto-generated", NULL);
    g_mime_object_set_header(GMIME_OBJECT(m), "X-Auto-Response-Suppress", "All",
                             NULL);
    g_mime_object_set_header(GMIME_OBJECT(m), "X-Mailferry-Request", number,
                             NULL);
}

static void set_date(GMimeMessage *m, int64_t at_us)
{
    g_autoptr(GDateTime) at =
        g_date_time_new_from_unix_utc(at_us / TIMESTAMP_SECOND);

    g_mime_message_set_date(m, at);
}

GBytes *letter_mime(const struct letter *l, const struct letter_head *head)
{
    g_autoptr(GMimeMessage) m = NULL;
    g_autofree char *text = NULL;
    GMimeObject *bodies;

    gmime_once();
    m = g_mime_message_new(TRUE);
    g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_FROM, head->from_name,
                               head->from);
    g_mime_message_add_mailbox(m, GMIME_ADDRESS_TYPE_TO, NULL, head->to);
    g_mime_message_set_subject(m, l->subject, "utf-8");
    set_date(m, head->at_us);
    set_id(m, "Message-ID", head->message_id);
    if (head->in_reply_to != NULL) {
        set_id(m, "In-Reply-To", head->in_reply_to);
        set_id(m, "References", head->in_reply_to);
    }
    set_machine(m, head->request);
    bodies = bodies_of(l);
    g_mime_message_set_mime_part(m, bodies);
    g_object_unref(bodies);
    text = g_mime_object_to_string(GMIME_OBJECT(m), NULL);
    return g_bytes_new(text, strlen(text));
}

/* The first part: the other one says the same in HTML. */
static char *plain_of(GMimeMessage *m)
{
    GMimeObject *part = g_mime_message_get_mime_part(m);

    if (GMIME_IS_MULTIPART(part) &&
        g_mime_multipart_get_count(GMIME_MULTIPART(part)) > 0)
        part = g_mime_multipart_get_part(GMIME_MULTIPART(part), 0);
    return GMIME_IS_TEXT_PART(part)
               ? g_mime_text_part_get_text(GMIME_TEXT_PART(part))
               : NULL;
}

char *letter_mime_text(const char *mime, size_t n)
{
    g_autoptr(GMimeStream) s = NULL;
    g_autoptr(GMimeParser) parser = NULL;
    g_autoptr(GMimeMessage) m = NULL;
    g_autofree char *text = NULL;
    const char *id;

    gmime_once();
    s = g_mime_stream_mem_new_with_buffer(mime, n);
    parser = g_mime_parser_new_with_stream(s);
    m = g_mime_parser_construct_message(parser, NULL);
    if (m == NULL)
        return g_strdup("");
    id = g_mime_message_get_message_id(m);
    text = plain_of(m);
    return g_strdup_printf("Message-ID: <%s>\n\n%s", id != NULL ? id : "",
                           text != NULL ? text : "");
}
