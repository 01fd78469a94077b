#include "lab/mime.h"

#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/mime_part.h"
#include "lab/sketch_fixture.h"

#define UE "\xC3\xBC"

/* ---- helpers --------------------------------------------------------- */

static struct mapi_item *parsed(const char *mail)
{
    struct mapi_item *item = NULL;
    struct err err;

    CHECK_OK(mime_parse((const uint8_t *)mail, strlen(mail), &item, &err),
             &err);
    return item;
}

static char *text_of(const struct mapi_props *props, uint16_t id)
{
    return mapi_dup_text(mapi_find(props, id));
}

static void append_bytes(GString *s, const struct mapi_prop *p)
{
    if (p != NULL)
        g_string_append_len(s, (const char *)p->data, p->size);
}

/*
 * "Class text=... html=... file(name type id! content) mail(...)": what a
 * reader sees of a message.  "!" is hidden.
 */
static void describe(GString *s, const struct mapi_message *m)
{
    g_autofree char *item_class = text_of(&m->props, 0x001A);
    g_autofree char *text = text_of(&m->props, 0x1000);

    g_string_append(s, item_class);
    if (text != NULL)
        g_string_append_printf(s, " text=%s", text);
    if (mapi_find(&m->props, 0x1013) != NULL) {
        g_string_append(s, " html=");
        append_bytes(s, mapi_find(&m->props, 0x1013));
    }
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        g_autofree char *name = text_of(&a->props, 0x3707);
        g_autofree char *type = text_of(&a->props, 0x370E);
        g_autofree char *id = text_of(&a->props, 0x3712);

        g_string_append(s, a->embedded != NULL ? " mail(" : " file(");
        if (a->embedded != NULL)
            describe(s, a->embedded);
        else
            g_string_append_printf(s, "%s %s%s%s ", name, type,
                                   id != NULL ? " " : "", id != NULL ? id : "");
        if (mapi_get_bool(mapi_find(&a->props, 0x7FFE), false))
            g_string_append(s, "! ");
        append_bytes(s, mapi_find(&a->props, 0x3701));
        g_string_append_c(s, ')');
    }
}

static char *description(const struct mapi_item *item)
{
    GString *s = g_string_new(NULL);

    describe(s, &item->message);
    return g_string_free(s, FALSE);
}

/* ---- what mails become ----------------------------------------------- */

#define MIXED       "Content-Type: multipart/mixed; boundary=m\n\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=a\n\n"
#define RELATED     "Content-Type: multipart/related; boundary=r\n\n"
#define HTML        "Content-Type: text/html\n\n"

static void test_structures(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *mail, *is;
    } rows[] = {
        { "plain", "\nhello", "IPM.Note text=hello" },
        { "Unix lines", "\na\nb\n", "IPM.Note text=a\r\nb\r\n" },
        { "html", HTML "<b>", "IPM.Note html=<b>" },
        { "both", ALTERNATIVE "--a\n\nt\n--a\n" HTML "<b>\n--a--",
          "IPM.Note text=t html=<b>" },
        { "text and file",
          MIXED "--m\n\nt\n--m\nContent-Type: text/csv; name=x.csv\n\n1\n--m--",
          "IPM.Note text=t file(x.csv text/csv 1)" },
        { "file that is text",
          MIXED "--m\n\nt\n--m\nContent-Disposition: attachment; "
          "filename=n.txt\n\nf\n--m--",
          "IPM.Note text=t file(n.txt text/plain f)" },
        { "a second text is a file without a name",
          MIXED "--m\n\nt\n--m\n\nfooter\n--m--",
          "IPM.Note text=t file(ATT00001.txt text/plain footer)" },
        { "file alone",
          "Content-Type: application/pdf\n\n%PDF",
          "IPM.Note file(ATT00001.pdf application/pdf %PDF)" },
        { "picture in the text",
          RELATED "--r\n" HTML "<img src=\"cid:p@x\">\n--r\n"
          "Content-Type: image/png; name=p.png\nContent-Id: <p@x>\n\nPNG\n--r--",
          "IPM.Note html=<img src=\"cid:p@x\"> "
          "file(p.png image/png p@x ! PNG)" },
        { "root by its id",
          "Content-Type: multipart/related; boundary=r; start=\"<t>\"\n\n--r\n"
          "Content-Type: image/png; name=p.png\nContent-Id: <p>\n\nPNG\n--r\n"
          "Content-Type: text/html\nContent-Id: <t>\n\ncid:p\n--r--",
          "IPM.Note html=cid:p file(p.png image/png p ! PNG)" },
        { "related inside of alternative",
          ALTERNATIVE "--a\n\nt\n--a\n" RELATED "--r\n" HTML "cid:p\n--r\n"
          "Content-Type: image/png; name=p.png\nContent-Id: <p>\n\nPNG\n--r--\n"
          "--a--",
          "IPM.Note text=t html=cid:p file(p.png image/png p ! PNG)" },
        { "mixed inside of alternative, as Apple does",
          ALTERNATIVE "--a\n\nt\n--a\n" MIXED "--m\n" HTML "<b>\n--m\n"
          "Content-Type: application/pdf; name=x.pdf\n\nP\n--m\n" HTML "<i>\n"
          "--m--\n--a--",
          "IPM.Note text=t html=<b> file(x.pdf application/pdf P) "
          "file(ATT00002.htm text/html <i>)" },
        { "mail inside",
          MIXED "--m\n\nt\n--m\nContent-Type: message/rfc822\n\n"
          "Subject: in\n\ninside\n--m--",
          "IPM.Note text=t mail(IPM.Note text=inside)" },
        { "mail in a mail in a mail",
          "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n"
          "Content-Type: message/rfc822\n\n\ndeep",
          "IPM.Note mail(IPM.Note mail(IPM.Note mail(IPM.Note text=deep)))" },
        { "winmail.dat stays one",
          MIXED "--m\n\nt\n--m\nContent-Type: application/ms-tnef; "
          "name=winmail.dat\n\nx\n--m--",
          "IPM.Note text=t file(winmail.dat application/ms-tnef x)" },
        { "flowed text is left alone",
          "Content-Type: text/plain; format=flowed\n\na \nb",
          "IPM.Note text=a \r\nb" },
        { "nothing but a header", "Subject: x\n", "IPM.Note text=" },
        { "multipart without parts",
          "Content-Type: multipart/mixed\n\njust text",
          "IPM.Note text=just text" },
        { "never closed", MIXED "--m\n\nt\n--m\nContent-Type: image/png; "
          "name=p.png\nContent-Transfer-Encoding: base64\n\nUE5H",
          "IPM.Note text=t file(p.png image/png PNG)" },
        { "signed",
          "Content-Type: multipart/signed; boundary=s\n\n--s\n\nt\n--s\n"
          "Content-Type: application/pkcs7-signature\n\nS\n--s--\n",
          "IPM.Note.SMIME.MultipartSigned text=t "
          "file(smime.p7m multipart/signed Content-Type: multipart/signed; "
          "boundary=s\n\r\n--s\n\nt\n--s\n"
          "Content-Type: application/pkcs7-signature\n\nS\n--s--\n)" },
        { "opaque",
          "Content-Type: application/x-pkcs7-mime; smime-type=signed-data; "
          "name=smime.p7m\nContent-Transfer-Encoding: base64\n\nUDdN\n",
          "IPM.Note.SMIME file(smime.p7m application/x-pkcs7-mime P7M)" },
        { "opaque by its name",
          "Content-Type: application/octet-stream; name=smime.p7m\n\nP7M",
          "IPM.Note.SMIME file(smime.p7m application/octet-stream P7M)" },
        { "encrypted part of another mail is a file",
          MIXED "--m\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\n"
          "P\n--m--",
          "IPM.Note file(smime.p7m application/pkcs7-mime P)" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = parsed(rows[i].mail);
        g_autofree char *is = description(item);

        if (strcmp(is, rows[i].is) != 0)
            g_test_message("%s: %s", rows[i].name, is);
        CHECK_ROW(rows[i].name, strcmp(is, rows[i].is) == 0);
    }
}

/* ---- character sets -------------------------------------------------- */

static void test_charsets(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *type, *content, *text;
        int32_t cpid;
    } rows[] = {
        { "ASCII", "text/plain", "a", "a", 20127 },
        { "UTF-8", "text/plain; charset=utf-8", UE, UE, 65001 },
        { "Latin-1", "text/plain; charset=iso-8859-1", "\xFC", UE, 28591 },
        { "1252", "text/plain; charset=\"windows-1252\"", "\x80",
          "\xE2\x82\xAC", 1252 },
        { "Japanese", "text/plain; charset=iso-2022-jp",
          "\x1B$BF|K\\\x1B(B", "\xE6\x97\xA5\xE6\x9C\xAC", 50220 },
        { "UTF-8 without a word of it", "text/plain", UE, UE, 65001 },
        { "Latin-1 without a word of it", "text/plain", "\xFC", UE, 1252 },
        { "says UTF-8 and is not", "text/plain; charset=utf-8", "Gr\xFC" "n",
          "Gr" UE "n", 1252 },
        { "says ASCII and is UTF-8", "text/plain; charset=us-ascii", UE, UE,
          65001 },
        { "nobody knows it", "text/plain; charset=x-unknown", "a" UE, "a" UE,
          65001 },
        { "empty", "text/plain; charset=utf-8", "", "", 65001 },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf("Content-Type: %s\n\n%s",
                                                rows[i].type, rows[i].content);
        g_autoptr(mapi_item) item = parsed(mail);
        g_autofree char *text = text_of(&item->message.props, 0x1000);
        int32_t cpid = mapi_get_i32(mapi_find(&item->message.props, 0x3FDE), 0);

        if (g_strcmp0(text, rows[i].text) != 0 || cpid != rows[i].cpid)
            g_test_message("%s: %s %d", rows[i].name, text, cpid);
        CHECK_ROW(rows[i].name, g_strcmp0(text, rows[i].text) == 0);
        CHECK_ROW(rows[i].name, cpid == rows[i].cpid);
    }
}

/* ---- header ---------------------------------------------------------- */

static void test_texts(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *field;
        uint16_t id;
        const char *value;
    } rows[] = {
        { "subject", "Subject: RE: a", 0x0037, "RE: a" },
        { "prefix", "Subject: RE: a", 0x003D, "RE: " },
        { "no prefix", "Subject: Note: a", 0x003D, "" },
        { "normalized", "Subject: AW: a", 0x0E1D, "a" },
        { "topic from the subject", "Subject: FW: a", 0x0070, "a" },
        { "topic", "Thread-Topic: t\nSubject: FW: a", 0x0070, "t" },
        { "message id", "Message-ID: <a@b>", 0x1035, "<a@b>" },
        { "answer to", "In-Reply-To: <c@d>", 0x1042, "<c@d>" },
        { "references", "References: <a@b>\n <c@d>", 0x1039, "<a@b> <c@d>" },
        { "from", "From: Ann <a@x.example>", 0x0042, "Ann" },
        { "from's address", "From: Ann <a@x.example>", 0x0065, "a@x.example" },
        { "sender", "From: a@x.example\nSender: b@x.example", 0x0C1F,
          "b@x.example" },
        { "for whom", "From: a@x.example\nSender: b@x.example", 0x0065,
          "a@x.example" },
        { "from alone sends too", "From: a@x.example", 0x5D01, "a@x.example" },
        { "answers to", "Reply-To: Bo <b@x.example>, c@x.example", 0x0050,
          "Bo;c@x.example" },
        { "the header as it came", "X-A:  b", 0x007D, "X-A:  b\n\n" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strconcat(rows[i].field, "\n\nt", NULL);
        g_autoptr(mapi_item) item = parsed(mail);
        g_autofree char *value = text_of(&item->message.props, rows[i].id);

        if (g_strcmp0(value, rows[i].value) != 0)
            g_test_message("%s: %s", rows[i].name, value);
        CHECK_ROW(rows[i].name, g_strcmp0(value, rows[i].value) == 0);
    }
}

static void test_numbers(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *field;
        uint16_t id;
        int32_t value;
    } rows[] = {
        { "importance", "Importance: High", 0x0017, 2 },
        { "of old", "X-Priority: 1 (Highest)", 0x0017, 2 },
        { "low", "X-Priority: 5", 0x0017, 0 },
        { "the first counts", "X-Priority: 5\nImportance: high", 0x0017, 2 },
        { "neither", "X: y", 0x0017, 1 },
        { "rubbish", "Importance: very", 0x0017, 1 },
        { "urgent", "Priority: urgent", 0x0026, 1 },
        { "private", "Sensitivity: Private", 0x0036, 2 },
        { "confidential", "Sensitivity: Company-Confidential", 0x0036, 3 },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strconcat(rows[i].field, "\n\nt", NULL);
        g_autoptr(mapi_item) item = parsed(mail);

        CHECK_ROW(rows[i].name,
                  mapi_get_i32(mapi_find(&item->message.props, rows[i].id),
                               -9) == rows[i].value);
    }
}

static void test_dates(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *date;
        int64_t seconds; /* INT64_MIN: none */
    } rows[] = {
        { "RFC 5322", "Thu, 29 Feb 2024 12:00:00 +0200", 1709200800 },
        { "without a weekday", "29 Feb 2024 10:00:00 GMT", 1709200800 },
        { "two figures", "29 Feb 24 10:00 GMT", 1709200800 },
        { "with a comment", "Thu, 29 Feb 2024 10:00:00 +0000 (UTC)",
          1709200800 },
        { "rubbish", "yesterday", INT64_MIN },
        { "empty", "", INT64_MIN },
        { "before 1601", "Mon, 1 Jan 1500 00:00:00 +0000", INT64_MIN },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf("Date: %s\n\nt", rows[i].date);
        g_autoptr(mapi_item) item = parsed(mail);
        int64_t us = mapi_get_time(mapi_find(&item->message.props, 0x0039));

        CHECK_ROW(rows[i].name,
                  us == (rows[i].seconds == INT64_MIN
                             ? TIMESTAMP_NONE
                             : rows[i].seconds * TIMESTAMP_SECOND));
    }
}

static void test_recipients(void)
{
    g_autoptr(mapi_item) item =
        parsed("To: Ann <a@x.example>, \"Bo, C.\" <b@x.example>\n"
               "Cc: list: c@x.example, d@x.example;\n"
               "To: =?utf-8?B?w7w=?= <u@xn--mller-kva.example>\n"
               "Bcc: e@x.example\nDisposition-Notification-To: a@x.example\n"
               "\nt");
    static const struct {
        const char *name, *address;
        int32_t type;
    } expected[] = {
        { "Ann", "a@x.example", 1 },
        { "Bo, C.", "b@x.example", 1 },
        { UE, "u@xn--mller-kva.example", 1 },
        { "c@x.example", "c@x.example", 2 },
        { "d@x.example", "d@x.example", 2 },
        { "e@x.example", "e@x.example", 3 },
    };

    g_assert_cmpuint(item->message.n_recipients, ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
        const struct mapi_props *r = &item->message.recipients[i];
        g_autofree char *name = text_of(r, 0x3001);
        g_autofree char *address = text_of(r, 0x39FE);

        g_assert_cmpstr(name, ==, expected[i].name);
        g_assert_cmpstr(address, ==, expected[i].address);
        g_assert_cmpint(mapi_get_i32(mapi_find(r, 0x0C15), 0), ==,
                        expected[i].type);
        g_assert_cmpint(mapi_get_i32(mapi_find(r, 0x3000), -1), ==, (int)i);
    }
    g_assert_true(
        mapi_get_bool(mapi_find(&item->message.props, 0x0029), false));
}

static void test_named(void)
{
    g_autoptr(mapi_item) item = parsed("X-Spam-Score: 5\nFoo: bar\n\nt");
    g_autofree char *score = mapi_dup_text(mapi_find_text(
        &item->message.props, PS_INTERNET_HEADERS, "x-spam-score"));

    g_assert_cmpstr(score, ==, "5");
    g_assert_null(
        mapi_find_text(&item->message.props, PS_INTERNET_HEADERS, "foo"));
}

/* ---- reports --------------------------------------------------------- */

#define REPORT                                                                 \
    "To: Me <me@x.example>\nDate: Thu, 29 Feb 2024 10:00:00 +0000\n"           \
    "Content-Type: multipart/report; boundary=b\n\n--b\n\nsorry\n--b\n"

static void test_bounce(void)
{
    g_autoptr(mapi_item) item = parsed(
        REPORT
        "Content-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example\n\n"
        "Final-Recipient: rfc822; b@x.example\nAction: failed\n"
        "Status: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"
        "Final-Recipient: rfc822; a@x.example\nAction: delivered\n\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: s\n\norig\n--b--");
    const struct mapi_message *m = &item->message;
    g_autofree char *is = description(item);
    g_autofree char *reader = text_of(&m->props, 0x0076);
    g_autofree char *bad = NULL, *why = NULL;

    g_assert_cmpstr(is, ==,
                    "REPORT.IPM.Note.NDR text=sorry mail(IPM.Note text=orig)");
    g_assert_cmpstr(reader, ==, "me@x.example");
    g_assert_cmpuint(m->n_recipients, ==, 2);
    bad = text_of(&m->recipients[0], 0x39FE);
    why = text_of(&m->recipients[0], 0x0C1B);
    g_assert_cmpstr(bad, ==, "b@x.example");
    g_assert_cmpstr(why, ==, "550 no such user");
    g_assert_cmpint(mapi_get_i32(mapi_find(&m->recipients[0], 0x0C20), 0), ==,
                    511);
    g_assert_cmpint(mapi_get_time(mapi_find(&m->props, 0x0032)), ==,
                    INT64_C(1709200800000000));
}

static void test_report_classes(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *part, *item_class;
    } rows[] = {
        { "delivered", "delivery-status\n\nFinal-Recipient: rfc822; a@b\n"
          "Action: delivered\n", "REPORT.IPM.Note.DR" },
        { "delayed", "delivery-status\n\nFinal-Recipient: rfc822; a@b\n"
          "Action: delayed\n", "REPORT.IPM.Note.DELAYED" },
        { "read", "disposition-notification\n\n"
          "Disposition: manual-action/MDN-sent-manually; displayed\n",
          "REPORT.IPM.Note.IPNRN" },
        { "deleted", "disposition-notification\n\n"
          "Disposition: manual-action/MDN-sent-manually; deleted\n",
          "REPORT.IPM.Note.IPNNRN" },
        { "says nothing", "delivery-status\n\nX: y\n", "IPM.Note" },
        { "empty", "disposition-notification\n\n", "IPM.Note" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *mail = g_strdup_printf(
            REPORT "Content-Type: message/%s\n--b--\n", rows[i].part);
        g_autoptr(mapi_item) item = parsed(mail);
        g_autofree char *item_class = text_of(&item->message.props, 0x001A);

        CHECK_ROW(rows[i].name, strcmp(item_class, rows[i].item_class) == 0);
    }
}

/* ---- rendering ------------------------------------------------------- */

static void test_render(void)
{
    g_autoptr(mapi_item) item =
        parsed("From: Ann <a@x.example>\nSender: b@x.example\n"
               "To: =?utf-8?Q?=C3=9C?= <u@x.example>, c@x.example\n"
               "Subject: plain\nMessage-ID: <i@x>\nImportance: low\n"
               "Date: Thu, 29 Feb 2024 12:00:00 +0200\nX-Own: yes\n"
               "\nhello\n");
    g_autofree char *mime = rendered(item);

    g_assert_cmpstr(mime, ==,
                    "X-Own: yes\r\nFrom: Ann <a@x.example>\r\n"
                    "Sender: b@x.example\r\n"
                    "To: =?utf-8?B?w5w=?= <u@x.example>,\r\n c@x.example\r\n"
                    "Subject: plain\r\nThread-Topic: plain\r\n"
                    "Message-ID: <i@x>\r\n"
                    "Date: Thu, 29 Feb 2024 10:00:00 +0000\r\n"
                    "Importance: low\r\nX-Priority: 5\r\nMIME-Version: 1.0\r\n"
                    "Content-Type: text/plain; charset=\"us-ascii\"\r\n"
                    "Content-Transfer-Encoding: 7bit\r\n\r\nhello\r\n");
}

/* How parts lie in each other: "mixed(related(alternative(plain html) png))" */
static void outline(GString *s, const struct mime_part *part)
{
    const char *type = g_mime_content_type_get_media_subtype(part->type);

    g_string_append_printf(
        s, "%s%s", s->len > 0 && s->str[s->len - 1] != '(' ? " " : "", type);
    if (part->children == NULL)
        return;
    g_string_append_c(s, '(');
    for (guint i = 0; i < part->children->len; i++)
        outline(s, part->children->pdata[i]);
    g_string_append_c(s, ')');
}

static void test_outlines(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *mail, *outline;
    } rows[] = {
        { "text", "\nt", "plain" },
        { "both", ALTERNATIVE "--a\n\nt\n--a\n" HTML "<b>\n--a--",
          "alternative(plain html)" },
        { "file", MIXED "--m\n\nt\n--m\nContent-Type: image/png\n\nP\n--m--",
          "mixed(plain png)" },
        { "picture", RELATED "--r\n" HTML "cid:p\n--r\n"
          "Content-Type: image/png\nContent-Id: <p>\n\nP\n--r--",
          "related(html png)" },
        { "all of it",
          MIXED "--m\n" RELATED "--r\n" ALTERNATIVE "--a\n\nt\n--a\n" HTML
          "cid:p\n--a--\n--r\nContent-Type: image/png\nContent-Id: <p>\n\nP\n"
          "--r--\n--m\nContent-Type: text/csv; name=a.csv\n\n1\n--m\n"
          "Content-Type: message/rfc822\n\n\nin\n--m--",
          "mixed(related(alternative(plain html) png) csv rfc822(plain))" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = parsed(rows[i].mail);
        g_autofree char *mime = rendered(item);
        g_autoptr(mime_part) part =
            mime_part_new((const uint8_t *)mime, strlen(mime));
        g_autoptr(GString) s = g_string_new(NULL);

        outline(s, part);
        if (strcmp(s->str, rows[i].outline) != 0)
            g_test_message("%s: %s", rows[i].name, s->str);
        CHECK_ROW(rows[i].name, strcmp(s->str, rows[i].outline) == 0);
    }
}

/* The bytes that were signed come back as they were. */
static void test_signed_bytes(void)
{
    static const char entity[] =
        "Content-Type: multipart/signed; protocol=x;\r\n  boundary=\"s\"\r\n"
        "\r\n--s\r\nContent-Type:   text/plain\r\n\r\n a \t\r\n\r\n--s\r\n"
        "Content-Type: application/pkcs7-signature\r\n\r\nSIG\r\n--s--\r\n";
    g_autofree char *mail =
        g_strconcat("Subject: s\r\nMIME-Version: 1.0\r\n", entity, NULL);
    g_autoptr(mapi_item) item = parsed(mail);
    g_autofree char *mime = rendered(item);

    g_assert_true(g_str_has_suffix(mime, entity));
}

static void test_opaque_type(void)
{
    g_autoptr(mapi_item) item =
        parsed("Content-Type: application/pkcs7-mime; "
               "smime-type=enveloped-data;\n name=smime.p7m\n"
               "Content-Transfer-Encoding: base64\n\nUDdN\n");
    g_autofree char *mime = rendered(item);

    g_assert_nonnull(strstr(mime, "smime-type=enveloped-data;"));
    g_assert_true(g_str_has_suffix(mime, "base64\r\n\r\nUDdN\r\n"));
}

/* From 2010 on every item is given as something. */
static void test_forms(void)
{
    static const struct {
        const char *item_class;
        enum mime_form form;
        const char *start;
    } rows[] = {
        { "IPM.Note.Own", MIME_MAIL, "Subject: s\r\n" },
        { "IPM.Appointment", MIME_CALENDAR, "BEGIN:VCALENDAR\r\n" },
        { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}", MIME_CALENDAR,
          "BEGIN:VCALENDAR\r\n" },
        { "IPM.Contact", MIME_CARD, "BEGIN:VCARD\r\n" },
        { "IPM.Task", MIME_OTHER, "Subject: s\r\n" },
        { "IPM.DistList", MIME_OTHER, "Subject: s\r\n" },
        { "IPM.StickyNote", MIME_OTHER, "Subject: s\r\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        g_autofree char *mime = NULL;

        mapi_set_text(item, &item->message.props, PR_MESSAGE_CLASS,
                      rows[i].item_class);
        mapi_set_text(item, &item->message.props, PR_SUBJECT, "s");
        mime = rendered(item);
        CHECK_ROW(rows[i].item_class,
                  mime_form(rows[i].item_class) == rows[i].form);
        CHECK_ROW(rows[i].item_class, g_str_has_prefix(mime, rows[i].start));
    }
}

static void test_nothing(void)
{
    struct mapi_item *item = NULL;
    struct err err;

    g_assert_cmpint(mime_parse((const uint8_t *)"", 0, &item, &err), <, 0);
    g_assert_cmpstr(err.name, ==, "ErrorMimeContentInvalid");
    g_assert_null(item);
}

/* ---- round trips ----------------------------------------------------- */

/* What was rendered and read again is rendered as it was. */
static void check_stable(const char *name, const struct mapi_item *item)
{
    g_autofree char *once = rendered(item);
    g_autoptr(mapi_item) again = parsed(once);
    g_autofree char *twice = rendered(again);

    if (strcmp(once, twice) != 0)
        g_test_message("%s:\n%s\n---\n%s", name, once, twice);
    CHECK_ROW(name, strcmp(once, twice) == 0);
}

static void test_stable(void)
{
    /* clang-format off */
    static const char *const mails[] = {
        "Subject: x\n\nhello",
        "Subject: =?utf-8?B?w7w=?= a\nKeywords: a, b c\n\n" UE,
        MIXED "--m\n\nt\n--m\nContent-Type: image/png\n\nP\n--m\n"
        "Content-Type: message/rfc822\n\nSubject: i\n\n" HTML "x\n--m--",
        ALTERNATIVE "--a\n\n-- \nsig\n--a\n" RELATED "--r\n" HTML "cid:p\n--r\n"
        "Content-Type: image/png; name=\"\xC3\xBC.png\"\nContent-Id: <p>\n\nP\n"
        "--r--\n--a--",
        "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1B$BF|K\\\x1B(B",
        "Content-Type: text/html; charset=utf-8\n\nLatin \xFC\n",
        "Reply-To: A <a@x.example>\nTo: undisclosed-recipients:;\n\nt",
        REPORT "Content-Type: message/disposition-notification\n\n"
        "Original-Message-ID: <a@b>\nDisposition: a/b; displayed\n--b--",
        "Subject: tab\there\nFrom: \"=?utf-8?Q?a?=\" <a@x.example>\n\nx",
        "Content-Type: multipart/signed; boundary=s\n\n--s\n\nt\n--s\n\nS\n"
        "--s--\n",
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(mails); i++) {
        g_autoptr(mapi_item) item = parsed(mails[i]);

        check_stable(mails[i], item);
    }
}

static void test_reply_to(void)
{
    g_autoptr(mapi_item) item = parsed(
        "From: a@x.example\nReply-To: Bo <b@x.example>, c@x.example\n\nt");
    g_autofree char *mime = rendered(item);

    g_assert_nonnull(strstr(mime, "Reply-To: Bo <b@x.example>,"));
    g_assert_nonnull(strstr(mime, " c@x.example"));
}

/* Attachments of all levels, by what is in them. */
static void contents(const struct mapi_message *m, GPtrArray *to)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];
        const struct mapi_prop *p = mapi_find(&a->props, 0x3701);

        if (a->embedded != NULL)
            contents(a->embedded, to);
        else if (p != NULL)
            g_ptr_array_add(to, g_compute_checksum_for_data(G_CHECKSUM_SHA256,
                                                            p->data, p->size));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_content(const char *name, const struct mapi_item *item)
{
    g_autofree char *mime = rendered(item);
    g_autoptr(mapi_item) back = parsed(mime);
    g_autoptr(GPtrArray) had = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) has = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *subject = text_of(&item->message.props, 0x0037);
    g_autofree char *again = text_of(&back->message.props, 0x0037);

    contents(&item->message, had);
    contents(&back->message, has);
    g_ptr_array_sort(had, by_text);
    g_ptr_array_sort(has, by_text);
    CHECK_ROW(name, had->len == has->len);
    for (guint i = 0; i < had->len; i++)
        CHECK_ROW(name, strcmp(had->pdata[i], has->pdata[i]) == 0);
    CHECK_ROW(name, g_strcmp0(subject, again) == 0);
    CHECK_ROW(name, item->message.n_recipients == back->message.n_recipients);
    check_stable(name, back);
}

static void test_generated(void)
{
    static const struct {
        const char *name;
        lab_kind_fn make;
    } rows[] = {
        { "plain", lab_kind_plain },
        { "html", lab_kind_html },
        { "rtf", lab_kind_rtf },
        { "all bodies", lab_kind_all_bodies },
        { "files", lab_kind_files },
        { "ole", lab_kind_ole },
        { "forwarded", lab_kind_forwarded },
        { "report", lab_kind_report },
        { "receipt", lab_kind_receipt },
        { "custom", lab_kind_custom },
        { "no subject", lab_kind_no_subject },
        { "draft", lab_kind_draft },
    };
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        for (uint64_t seed = 0; seed < 8; seed++) {
            g_autoptr(mapi_item) item = sketched(&scene, rows[i].make, seed);

            check_content(rows[i].name, item);
        }
    scene_clear(&scene);
}

/* No depth of nesting is a depth of calls. */
static void test_deep(void)
{
    g_autoptr(GString) mail = g_string_new(NULL);
    g_autoptr(mapi_item) item = NULL;
    g_autofree char *mime = NULL;

    for (int i = 0; i < 1000; i++)
        g_string_append(mail, "Content-Type: message/rfc822\n\n");
    g_string_append(mail, "\nbottom");
    item = parsed(mail->str);
    mime = rendered(item);
    g_assert_nonnull(strstr(mime, "Content-Type: message/rfc822"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mime/structures", test_structures);
    g_test_add_func("/mime/charsets", test_charsets);
    g_test_add_func("/mime/texts", test_texts);
    g_test_add_func("/mime/numbers", test_numbers);
    g_test_add_func("/mime/dates", test_dates);
    g_test_add_func("/mime/recipients", test_recipients);
    g_test_add_func("/mime/named", test_named);
    g_test_add_func("/mime/bounce", test_bounce);
    g_test_add_func("/mime/report-classes", test_report_classes);
    g_test_add_func("/mime/render", test_render);
    g_test_add_func("/mime/outlines", test_outlines);
    g_test_add_func("/mime/signed-bytes", test_signed_bytes);
    g_test_add_func("/mime/opaque-type", test_opaque_type);
    g_test_add_func("/mime/forms", test_forms);
    g_test_add_func("/mime/nothing", test_nothing);
    g_test_add_func("/mime/stable", test_stable);
    g_test_add_func("/mime/reply-to", test_reply_to);
    g_test_add_func("/mime/generated", test_generated);
    g_test_add_func("/mime/deep", test_deep);
    return g_test_run();
}
