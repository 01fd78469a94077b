#include <string.h>

#include "base/check.h"
#include "portable/portable.h"

#define HEAD                                                                   \
    "From: Ann <Ann@Old.example>\r\nTo: bob@x.example\r\n"                     \
    "Subject: Hello\r\nDate: Mon, 4 Mar 2024 09:00:00 +0000\r\n"
#define BODY "\r\nHello world\r\n"
#define MIXED(b, parts)                                                        \
    HEAD "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n" parts "--" b  \
         "--\r\n"
#define PART(b, head, text) "--" b "\r\n" head "\r\n" text "\r\n"
#define FILE_HEAD                                                              \
    "Content-Type: application/pdf; name=a.pdf\r\n"                            \
    "Content-Disposition: attachment; filename=a.pdf\r\n"

static struct portable *mail(const char *text, bool draft)
{
    struct portable *p = portable_new(PORTABLE_MAIL, "IPM.Note");
    g_autofree char *b64 = g_base64_encode((const guchar *)text, strlen(text));

    portable_take_mime(p, blob_from_bytes(b64, strlen(b64)));
    if (draft)
        portable_set_draft(p);
    portable_seal(p);
    return p;
}

#define EQUAL   (-1)
#define UNKNOWN (-2)

/* Or the part that differs. */
static int compare(const char *x, const char *y, bool draft)
{
    g_autoptr(portable) a = mail(x, draft);
    g_autoptr(portable) b = mail(y, draft);
    struct portable_digest da, db;
    unsigned int parts;
    struct err err;

    CHECK_OK(portable_digest_take(a, &da, &err), &err);
    CHECK_OK(portable_digest_take(b, &db, &err), &err);
    switch (portable_digest_compare(&da, &db, &parts)) {
    case PORTABLE_EQUAL:
        return EQUAL;
    case PORTABLE_UNKNOWN:
        return UNKNOWN;
    case PORTABLE_DIFFERENT:
        break;
    }
    return g_bit_nth_lsf(parts, -1);
}

static void test_rows(void)
{
    static const struct {
        const char *name, *a, *b;
        int want;
    } rows[] = {
        /* clang-format off */
        { "same", HEAD BODY, HEAD BODY, EQUAL },
        { "other words", HEAD BODY, HEAD "\r\nHello moon\r\n", PORTABLE_BODY },
        { "bare line feeds", HEAD BODY, "From: ann@old.example\nTo: bob@x.example\nSubject: Hello\n\nHello world\n", EQUAL },
        { "other subject", HEAD BODY, "From: ann@old.example\r\nTo: bob@x.example\r\nSubject: Hullo\r\n" BODY, PORTABLE_ENVELOPE },
        { "encoded subject", "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n" BODY, "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n" BODY, EQUAL },
        { "another sender", HEAD BODY, "From: eve@old.example\r\nTo: bob@x.example\r\nSubject: Hello\r\n" BODY, PORTABLE_ENVELOPE },
        { "one more recipient", HEAD BODY, HEAD "Cc: eve@x.example\r\n" BODY, PORTABLE_RECIPIENTS },
        { "To is not Cc", "To: a@x\r\n" BODY, "Cc: a@x\r\n" BODY, PORTABLE_RECIPIENTS },
        { "order and names of recipients", "To: A <a@x>, b@x\r\n" BODY, "To: b@x, \"Other\" <A@X>\r\n" BODY, EQUAL },
        { "traces", HEAD BODY, "Received: from x by y\r\nX-Spam: no\r\nThread-Index: abc\r\n" HEAD BODY, EQUAL },
        { "server's date and id", HEAD BODY, HEAD "Message-ID: <made@up>\r\n" BODY, EQUAL },
        { "charset", HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xC3\xBC\xC3\x9F\r\n",
          HEAD "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DF\r\n", EQUAL },
        { "a charset that is not so", HEAD "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xFC\xDF 80 \x80\r\n",
          HEAD "Content-Type: text/plain; charset=Windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DF 80 =80\r\n", EQUAL },
        { "cut in a character", HEAD "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nabc=C3",
          HEAD "Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nabc=C3", EQUAL },
        { "a charset that nobody knows", HEAD "Content-Type: text/plain; charset=x-none\r\n\r\nabc\r\n",
          HEAD "Content-Type: text/plain; charset=x-none\r\n\r\nabd\r\n", PORTABLE_BODY },
        { "alternatives of HTML", HEAD "Content-Type: text/html\r\n\r\n<p>Hello</p>\r\n",
          HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
          PART("b", "Content-Type: text/plain\r\n", "Hello") PART("b", "Content-Type: text/html\r\n", "<p>Hello</p>") "--b--\r\n", EQUAL },
        { "HTML that differs", HEAD "Content-Type: text/html\r\n\r\n<p>Hello</p>\r\n",
          HEAD "Content-Type: text/html\r\n\r\n<p>Hallo</p>\r\n", PORTABLE_BODY },
        { "boundary and encoding", MIXED("one", PART("one", "", "Hi") PART("one", FILE_HEAD "Content-Transfer-Encoding: base64\r\n", "QUJD")),
          MIXED("two", PART("two", "", "Hi") PART("two", FILE_HEAD "Content-Transfer-Encoding: quoted-printable\r\n", "AB=43")), EQUAL },
        { "file differs", MIXED("b", PART("b", FILE_HEAD "Content-Transfer-Encoding: base64\r\n", "QUJD")),
          MIXED("b", PART("b", FILE_HEAD "Content-Transfer-Encoding: base64\r\n", "QUJE")), PORTABLE_ATTACHMENTS },
        { "file is gone", MIXED("b", PART("b", "", "Hi") PART("b", FILE_HEAD, "x")), MIXED("b", PART("b", "", "Hi")), PORTABLE_ATTACHMENTS },
        { "name that Exchange gives", MIXED("b", PART("b", "Content-Type: image/png\r\n", "x")),
          MIXED("b", PART("b", "Content-Type: image/png; name=ATT00001.png\r\n", "x")), EQUAL },
        { "another picture's id", MIXED("b", PART("b", "Content-Type: image/png\r\nContent-ID: <1@x>\r\n", "x")),
          MIXED("b", PART("b", "Content-Type: image/png\r\nContent-ID: <2@x>\r\n", "x")), PORTABLE_ATTACHMENTS },
        { "a message in it", MIXED("b", PART("b", "Content-Type: message/rfc822\r\n", "Subject: in\r\n\r\nold")),
          MIXED("b", PART("b", "Content-Type: message/rfc822\r\n", "Subject: in\r\n\r\nnew")), PORTABLE_ATTACHMENTS },
        { "the same message in it", MIXED("b", PART("b", "Content-Type: message/rfc822\r\n", "Subject: in\r\n\r\nold")),
          MIXED("c", PART("c", "Content-Type: message/rfc822\r\n", "X-A: b\r\nSubject: in\r\n\r\nold\r\n")), EQUAL },
        { "calendar part is the server's", HEAD "Content-Type: multipart/alternative; boundary=b\r\n\r\n"
          PART("b", "Content-Type: text/plain\r\n", "Meet") PART("b", "Content-Type: text/calendar\r\n", "BEGIN:VCALENDAR") "--b--\r\n",
          HEAD "Content-Type: text/plain\r\n\r\nMeet\r\n", EQUAL },
        { "signed bytes", HEAD "Content-Type: multipart/signed; boundary=b\r\n\r\n"
          PART("b", "Content-Type: text/plain\r\n", "a  b") PART("b", "Content-Type: application/pkcs7-signature\r\n", "sig") "--b--\r\n",
          HEAD "Content-Type: multipart/signed; boundary=b\r\n\r\n"
          PART("b", "Content-Type: text/plain\r\n", "a b") PART("b", "Content-Type: application/pkcs7-signature\r\n", "sig") "--b--\r\n",
          PORTABLE_BODY },
        { "group", "To: Team: a@x, b@x;\r\n" BODY, "To: b@x, a@x\r\n" BODY, EQUAL },
        { "empty", "", "", UNKNOWN },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        int got = compare(rows[i].a, rows[i].b, false);

        if (got != rows[i].want)
            g_error("row \"%s\": differs in %d", rows[i].name, got);
    }
}

/* The server says who sends it, whoever's mailbox it lies in. */
static void test_draft(void)
{
    g_assert_cmpint(compare("From: a@x\r\n" BODY, "From: b@y\r\n" BODY, true),
                    ==, -1);
    g_assert_cmpint(compare("From: a@x\r\n" BODY, "From: b@y\r\n" BODY, false),
                    ==, PORTABLE_ENVELOPE);
}

/* Past what decodes in memory: the spool file gives the same. */
static void test_large(void)
{
    g_autoptr(GString) a = g_string_new(HEAD "\r\n");
    g_autoptr(GString) b = NULL;

    while (a->len < (3 << 20))
        g_string_append(a, "All work and no play makes a dull boy.\r\n");
    b = g_string_new(a->str);
    g_assert_cmpint(compare(a->str, b->str, false), ==, EQUAL);
    g_string_append(b, "Not.");
    g_assert_cmpint(compare(a->str, b->str, false), ==, PORTABLE_BODY);
}

/* Built to break a reader: no crash, bounded, and never taken for equal. */
static void test_hostile(void)
{
    g_autoptr(GString) deep = g_string_new(HEAD);
    g_autoptr(GString) wide =
        g_string_new(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    g_autoptr(GString) rfc = g_string_new(HEAD);
    g_autoptr(portable) p = NULL;
    struct portable_digest d;
    struct err err;

    for (int i = 0; i < 3000; i++) {
        g_string_append_printf(
            deep,
            "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i,
            i);
        g_string_append(rfc, "Content-Type: message/rfc822\r\n\r\n");
    }
    for (int i = 0; i < 20000; i++)
        g_string_append(wide, "--b\r\n\r\nx\r\n");
    g_assert_cmpint(compare(deep->str, deep->str, false), ==, UNKNOWN);
    g_assert_cmpint(compare(wide->str, wide->str, false), ==, UNKNOWN);
    g_assert_cmpint(compare(rfc->str, rfc->str, false), ==, UNKNOWN);
    p = mail(wide->str, false);
    CHECK_OK(portable_digest_take(p, &d, &err), &err);
    g_assert_false(d.available & 1u << PORTABLE_BODY);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mime/rows", test_rows);
    g_test_add_func("/mime/draft", test_draft);
    g_test_add_func("/mime/large", test_large);
    g_test_add_func("/mime/hostile", test_hostile);
    return g_test_run();
}
