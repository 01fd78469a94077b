/*
 * Mail that gives trouble: signed, broken, of another character set, without
 * dates; reports, voice, items within items.
 */
#include <string.h>

#include "lab/generate_priv.h"
#include "lab/mapi_tags.h"

#define HOUR (INT64_C(3600) * TIMESTAMP_SECOND)

#define PR_NDR_REASON_CODE        0x0C040003u
#define PR_NDR_DIAG_CODE          0x0C050003u
#define PR_NDR_STATUS_CODE        0x0C200003u
#define PR_SUPPLEMENTARY_INFO     0x0C1B001Fu
#define PR_ORIGINAL_SUBJECT       0x0049001Fu
#define PR_ORIGINAL_SUBMIT_TIME   0x004E0040u
#define PR_ORIGINAL_MESSAGE_ID    0x1046001Fu
#define PR_REPORTING_MTA          0x6820001Fu
#define PR_ATTACH_LOCATION        0x3713001Fu
#define PR_VOICE_DURATION         0x68010003u
#define PR_SENDER_TELEPHONE       0x6802001Fu
#define PR_VOICE_SENDER_NAME      0x6803001Fu
#define PR_VOICE_ATTACHMENT_ORDER 0x6805001Fu
#define ATTACH_MHTML_REF          4

/* ---- S/MIME ---------------------------------------------------------- */

/* CMS as [RFC 5652] 3 begins it: a sequence, the OID of signedData. */
static GByteArray *cms(struct lab_sketch *s, uint32_t bytes, bool enveloped)
{
    const uint8_t head[] = { 0x30,           0x82, (uint8_t)(bytes >> 8),
                             (uint8_t)bytes, 0x06, 0x09,
                             0x2A,           0x86, 0x48,
                             0x86,           0xF7, 0x0D,
                             0x01,           0x07, enveloped ? 0x03 : 0x02 };
    GByteArray *data = g_byte_array_new();
    struct lab_random r = { lab_random_next(&s->random) };

    g_byte_array_append(data, head, sizeof(head));
    for (uint32_t i = 0; i < bytes; i += 8) {
        uint64_t v = GUINT64_TO_LE(lab_random_next(&r));

        g_byte_array_append(data, (const guint8 *)&v, sizeof(v));
    }
    return data;
}

/* Lines as a mail has them. */
static char *lines_of_base64(const GByteArray *data)
{
    g_autofree char *flat = g_base64_encode(data->data, data->len);
    GString *s = g_string_new(NULL);

    for (size_t at = 0, n = strlen(flat); at < n; at += 76)
        g_string_append_printf(s, "%.*s\r\n", (int)MIN(n - at, 76), flat + at);
    return g_string_free(s, FALSE);
}

static struct mapi_attachment *smime_file(struct lab_sketch *s,
                                          const char *type)
{
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);

    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, "smime.p7m");
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, "smime.p7m");
    mapi_set_text(s->item, &a->props, PR_ATTACH_FILENAME, "smime.p7m");
    mapi_set_text(s->item, &a->props, PR_ATTACH_EXTENSION, ".p7m");
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, type);
    return a;
}

/* [MS-OXOSMIME] 2.1.3.1: the whole entity is the one attachment. */
void lab_kind_signed(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);
    GByteArray *signature = cms(s, 2000, false);
    g_autofree char *base64 = lines_of_base64(signature);
    uint32_t n = lab_random_below(&s->random, 1u << 30);
    g_autofree char *mime = g_strdup_printf(
        "Content-Type: multipart/signed; protocol=\"application/"
        "x-pkcs7-signature\"; micalg=sha256;\r\n\tboundary=\"----%08X\"\r\n"
        "\r\nThis is an S/MIME signed message\r\n\r\n------%08X\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n%s\r\n------%08X\r\n"
        "Content-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n"
        "%s\r\n------%08X--\r\n",
        n, n, text, n, base64, n);
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note.SMIME.MultipartSigned");
    lab_part_body_plain(s, text);
    a = smime_file(s, "multipart/signed");
    mapi_set(s->item, &a->props, PR_ATTACH_DATA_BIN, mime, strlen(mime));
    g_byte_array_unref(signature);
}

/* [MS-OXOSMIME] 2.1.3.2: no body, and the type by name. */
void lab_kind_opaque(struct lab_sketch *s)
{
    bool enveloped = lab_random_chance(&s->random, 50);
    GByteArray *data =
        cms(s,
            (uint32_t)MIN(3000 + lab_random_below(&s->random, 20000),
                          s->scene->attachment_max / 2),
            enveloped);
    g_autofree char *type = g_strdup_printf(
        "application/x-pkcs7-mime; name=\"smime.p7m\"; smime-type=%s",
        enveloped ? "enveloped-data" : "signed-data");
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note.SMIME");
    a = smime_file(s, "application/x-pkcs7-mime");
    mapi_set(s->item, &a->props, PR_ATTACH_DATA_BIN, data->data, data->len);
    mapi_set_text(s->item, s->props,
                  mapi_named_text(s->item, PS_INTERNET_HEADERS, "content-type",
                                  PT_UNICODE),
                  type);
    g_byte_array_unref(data);
}

/* ---- what was broken before it came ---------------------------------- */

/* Says UTF-8 and is Latin-1; or of a page that nobody has. */
void lab_kind_wrong_charset(struct lab_sketch *s)
{
    static const char html[] =
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; "
        "charset=utf-8\"></head>\r\n<body>Gr\xFC\xDF"
        "e aus K\xF6ln, Stra\xDF"
        "e 7, \x80 12</body></html>\r\n";
    bool unknown = lab_random_chance(&s->random, 40);

    lab_mail_start(s, "IPM.Note");
    mapi_set(s->item, s->props, PR_HTML, html, strlen(html));
    mapi_set_i32(s->item, s->props, PR_INTERNET_CPID, unknown ? 1147 : 65001);
    mapi_set_i32(s->item, s->props, PR_NATIVE_BODY_INFO, 3);
    if (unknown)
        mapi_set_text_1252(s->item, s->props, PROP_TAG(0x1000, PT_CP_1252),
                           "Gr\xC3\xBC\xC3\x9F"
                           "e, \xE2\x82\xAC 12");
}

/* Its parts were never found: all of it is text, and its header is torn. */
void lab_kind_broken(struct lab_sketch *s)
{
    static const char head[] =
        "Received: from nowhere\r\nthis line is no field\r\n"
        "Subject: =?utf-8?B?broken\r\nFrom: \"unclosed <a@b\r\n"
        "Content-Type: multipart/mixed; boundary=\r\n"
        "Date: Fri, 32 Jan 20 25:61:00 +9999\r\n\r\n";
    g_autofree char *text = lab_mail_text(s);
    g_autofree char *body = g_strdup_printf(
        "--=_part\r\nContent-Type: text/plain; charset=\"\r\n"
        "Content-Transfer-Encoding: base63\r\n\r\n%s\r\n--=_par",
        text);
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, body);
    mapi_set_text_1252(s->item, s->props, PROP_TAG(0x007D, PT_CP_1252), head);
    a = lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, "ATT00001.dat");
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN,
                    lab_random_below(&s->random, 3));
}

/* Before the epoch, after 2038, or never received at all. */
void lab_kind_odd_dates(struct lab_sketch *s)
{
    static const int64_t sent[] = { INT64_C(-86400000000),
                                    INT64_C(4102444800000000), INT64_C(0),
                                    INT64_C(951782400000000) };
    g_autofree char *text = lab_text_body(&s->random, 100);
    uint32_t i = lab_random_below(&s->random, G_N_ELEMENTS(sent));

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
    mapi_set_time(s->item, s->props, PR_CLIENT_SUBMIT_TIME, sent[i]);
    mapi_remove(s->props, PROP_ID(PR_MESSAGE_DELIVERY_TIME));
}

/* ---- reports --------------------------------------------------------- */

/* The mail that a report is about was sent some time before. */
static void about(struct lab_sketch *s, const char *prefix)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *title = g_strconcat(prefix, subject, NULL);
    g_autofree char *id = lab_mail_message_id(&s->random);

    mapi_set_text(s->item, s->props, PR_SUBJECT, title);
    mapi_set_text(s->item, s->props, PR_SUBJECT_PREFIX, prefix);
    mapi_set_text(s->item, s->props, PR_CONVERSATION_TOPIC, subject);
    mapi_set_text(s->item, s->props, PR_ORIGINAL_SUBJECT, subject);
    mapi_set_text(s->item, s->props, PR_ORIGINAL_MESSAGE_ID, id);
    mapi_set_time(s->item, s->props, PR_ORIGINAL_SUBMIT_TIME,
                  s->at_us - 2 * HOUR);
    mapi_set_time(s->item, s->props, PR_REPORT_TIME, s->at_us);
}

void lab_kind_report(struct lab_sketch *s)
{
    static const char text[] = "Your message did not reach some or all of the "
                               "intended recipients.\r\n";
    struct mapi_props *r;

    lab_part_head(s, "REPORT.IPM.Note.NDR", "Undeliverable: hello");
    about(s, "Undeliverable: ");
    lab_part_sender(s, &s->scene->people[0]);
    mapi_set_text(s->item, s->props, PR_REPORT_TEXT, text);
    mapi_set_text(s->item, s->props, PR_BODY, text);
    mapi_set_text(s->item, s->props, PR_REPORTING_MTA, "mail.corp.example");
    lab_part_recipient(s, &s->item->message, lab_someone(s), 1);
    r = &s->item->message.recipients[0];
    mapi_set_i32(s->item, r, PR_NDR_REASON_CODE, 1);
    mapi_set_i32(s->item, r, PR_NDR_DIAG_CODE, 0);
    mapi_set_i32(s->item, r, PR_NDR_STATUS_CODE, 511);
    mapi_set_text(s->item, r, PR_SUPPLEMENTARY_INFO,
                  "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found");
    mapi_set_time(s->item, r, PR_REPORT_TIME, s->at_us);
    lab_mail_forward(s, &s->item->message, 0);
}

/* Read, or deleted without being read. */
void lab_kind_receipt(struct lab_sketch *s)
{
    bool unread = lab_random_chance(&s->random, 25);

    lab_part_head(s,
                  unread ? "REPORT.IPM.Note.IPNNRN" : "REPORT.IPM.Note.IPNRN",
                  "Read: figures");
    about(s, unread ? "Not read: " : "Read: ");
    lab_part_sender(s, lab_someone(s));
}

/* The next one has to be asked before anyone marks it read. */
void lab_kind_receipt_wanted(struct lab_sketch *s)
{
    g_autofree char *text = lab_text_body(&s->random, 200);

    lab_mail_start(s, "IPM.Note");
    lab_part_body_html(s, text, false);
    mapi_set_bool(s->item, s->props, PR_READ_RECEIPT_REQUESTED, true);
    mapi_set_bool(s->item, s->props, PR_ORIGINATOR_DELIVERY_REPORT,
                  lab_random_chance(&s->random, 30));
    mapi_set_i32(s->item, s->props, PR_MESSAGE_FLAGS, 0);
}

/* ---- pictures, voices, items within items ---------------------------- */

static struct mapi_attachment *picture(struct lab_sketch *s, const char *name,
                                       const char *content_id)
{
    /* GIF89a, one pixel, [GIF89a] 17 */
    static const uint8_t gif[] = {
        'G', 'I', 'F', '8', '9',  'a',  1,    0,   1, 0, 0x80, 0,
        0,   0,   0,   0,   0xFF, 0xFF, 0xFF, ',', 0, 0, 0,    0,
        1,   0,   1,   0,   0,    2,    2,    'D', 1, 0, ';',
    };
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);

    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, name);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, name);
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, "image/gif");
    mapi_set_i32(s->item, &a->props, PR_ATTACH_FLAGS, ATTACH_MHTML_REF);
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_HIDDEN, true);
    if (content_id != NULL)
        mapi_set_text(s->item, &a->props, PR_ATTACH_CONTENT_ID, content_id);
    mapi_set(s->item, &a->props, PR_ATTACH_DATA_BIN, gif, sizeof(gif));
    return a;
}

/* One by its id, one by its place, and a file beside them. */
void lab_kind_pictures(struct lab_sketch *s)
{
    static const char html[] =
        "<html><body><p>Logo: <img src=\"cid:logo.gif@01D0\"></p>"
        "<p><img src=\"http://www.example/p.gif\"></p></body></html>\r\n";
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, "Logo:\r\n");
    mapi_set(s->item, s->props, PR_HTML, html, strlen(html));
    mapi_set_i32(s->item, s->props, PR_NATIVE_BODY_INFO, 3);
    picture(s, "logo.gif", "logo.gif@01D0");
    a = picture(s, "p.gif", NULL);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LOCATION,
                  "http://www.example/p.gif");
    lab_part_file(s, 2000);
}

/* A file in a mail in a mail in a mail. */
void lab_kind_nested(struct lab_sketch *s)
{
    g_autofree char *text = lab_text_body(&s->random, 100);
    struct mapi_message *innermost;
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note");
    lab_part_body_plain(s, text);
    innermost = lab_mail_forward(s, &s->item->message, 2);
    a = lab_part_attachment(s, innermost, ATTACH_BY_VALUE);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, "at last.bin");
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG,
                  "application/octet-stream");
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN, 1500);
}

/* [MS-OXOUM] 2.2: a caller, how long, and the sound. */
void lab_kind_voice(struct lab_sketch *s)
{
    int32_t seconds = 3 + (int32_t)lab_random_below(&s->random, 120);
    g_autofree char *phone =
        g_strdup_printf("+49221%06u", lab_random_below(&s->random, 1000000));
    g_autofree char *file =
        g_strdup_printf("%s (%d seconds) Voice Mail.wav", phone, seconds);
    struct mapi_attachment *a;

    lab_mail_start(s, "IPM.Note.Microsoft.Voicemail.UM.CA");
    lab_part_body_plain(s, "You received a voice mail.\r\n");
    mapi_set_i32(s->item, s->props, PR_VOICE_DURATION, seconds);
    mapi_set_text(s->item, s->props, PR_SENDER_TELEPHONE, phone);
    mapi_set_text(s->item, s->props, PR_VOICE_SENDER_NAME, "");
    mapi_set_text(s->item, s->props, PR_VOICE_ATTACHMENT_ORDER, file);
    a = lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);
    mapi_set_text(s->item, &a->props, PR_DISPLAY_NAME, file);
    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME, file);
    mapi_set_text(s->item, &a->props, PR_ATTACH_MIME_TAG, "audio/wav");
    mapi_set_text(s->item, &a->props, PR_ATTACH_EXTENSION, ".wav");
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN,
                    MIN((size_t)seconds * 100, s->scene->attachment_max));
}

/* HTML that only its RTF still has. */
void lab_kind_html_rtf(struct lab_sketch *s)
{
    g_autofree char *text = lab_mail_text(s);
    GByteArray *rtf;

    lab_mail_start(s, "IPM.Note");
    rtf = lab_text_html_rtf(text, lab_random_chance(&s->random, 80));
    mapi_set(s->item, s->props, PR_RTF_COMPRESSED, rtf->data, rtf->len);
    mapi_set_bool(s->item, s->props, PR_RTF_IN_SYNC, true);
    mapi_set_i32(s->item, s->props, PR_NATIVE_BODY_INFO, 3);
    g_byte_array_unref(rtf);
}
