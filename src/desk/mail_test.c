/* The mails of tests/desk/mails, as mail programs write them. */
#include "desk/mail.h"

#include <string.h>

#include "base/check.h"
#include "base/secret.h"
#include "desk/asked.h"

static const struct mail_context border = {
    .authserv_id = "mx.provider.example",
    .own_address = "support@provider.example",
};

static GBytes *load(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".eml", NULL);
    g_autofree char *path = g_build_filename(g_getenv("G_TEST_SRCDIR"), "tests",
                                             "desk", "mails", file, NULL);
    char *text = NULL;
    gsize n;
    GError *error = NULL;

    g_file_get_contents(path, &text, &n, &error);
    g_assert_no_error(error);
    return g_bytes_new_take(text, n);
}

static struct mail *read_bytes(GBytes *b)
{
    gsize n;
    const void *bytes = g_bytes_get_data(b, &n);

    return mail_read(bytes, n, &border);
}

static struct mail *read_mail(const char *name)
{
    g_autoptr(GBytes) b = load(name);

    return read_bytes(b);
}

static struct mail *read_text(const char *text)
{
    return mail_read(text, strlen(text), &border);
}

/* ---- who, and whether a person ------------------------------------------- */

#define ANNA "anna@contoso.example"

static void test_senders(void)
{
    static const struct {
        const char *name, *from, *message_id;
        int64_t request;
        enum mail_nature nature;
        enum mail_proof proof;
        unsigned int faults;
    } rows[] = {
        { "plain", "Anna@contoso.example", "20261123090000.1@contoso.example",
          0, MAIL_PERSONAL, MAIL_PROVEN, 0 },
        { "outlook", ANNA,
          "AM0PR01MB1234@AM0PR01MB1234.eurprd01.prod.exchangelabs.example",
          1042, MAIL_PERSONAL, MAIL_PROVEN, 0 },
        { "outlook_html", ANNA, "html-only@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "gmail", ANNA, "CAF+abc=123@mail.gmail.example", 7, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "apple", ANNA, "8F1C2D@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "latin1_8bit", "juergen@contoso.example", "latin1@contoso.example", 0,
          MAIL_PERSONAL, MAIL_UNPROVEN, 0 },
        { "iso2022jp", "tanaka@contoso.example", "jp@contoso.example", 0,
          MAIL_PERSONAL, MAIL_UNPROVEN, 0 },
        { "forwarded", ANNA, "fwd@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "forwarded_attached", ANNA, "fwdatt@contoso.example", 0,
          MAIL_PERSONAL, MAIL_UNPROVEN, 0 },
        { "bounce", "MAILER-DAEMON@mx.contoso.example",
          "bounce@mx.contoso.example", 0, MAIL_BOUNCE, MAIL_UNPROVEN, 0 },
        { "out_of_office", ANNA, "ooo@contoso.example", 7, MAIL_AUTOMATIC,
          MAIL_UNPROVEN, 0 },
        { "calendar", ANNA, "cal@contoso.example", 0, MAIL_AUTOMATIC,
          MAIL_UNPROVEN, MAIL_NO_TEXT },
        { "newsletter", "news@vendor.example", "news@vendor.example", 0,
          MAIL_LIST, MAIL_UNPROVEN, 0 },
        { "spoofed", ANNA, "spoof@evil.example", 0, MAIL_PERSONAL, MAIL_FORGED,
          0 },
        { "encrypted", ANNA, "smime@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, MAIL_ENCRYPTED | MAIL_NO_TEXT },
        { "signed", ANNA, "signed@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "thunderbird", ANNA, "tb@contoso.example", 12, MAIL_PERSONAL,
          MAIL_UNPROVEN, 0 },
        { "files", ANNA, "files@contoso.example", 0, MAIL_PERSONAL,
          MAIL_UNPROVEN, MAIL_NO_TEXT },
        { "headers_only", ANNA, NULL, 0, MAIL_PERSONAL, MAIL_UNPROVEN,
          MAIL_NO_TEXT },
        { "two_senders", NULL, NULL, 0, MAIL_PERSONAL, MAIL_UNPROVEN,
          MAIL_NO_SENDER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mail_t) m = read_mail(rows[i].name);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(m->from, ==, rows[i].from);
        g_assert_cmpstr(m->message_id, ==, rows[i].message_id);
        g_assert_cmpint(m->request, ==, rows[i].request);
        g_assert_cmpstr(mail_nature_name(m->nature), ==,
                        mail_nature_name(rows[i].nature));
        g_assert_cmpstr(mail_proof_name(m->proof), ==,
                        mail_proof_name(rows[i].proof));
        g_assert_cmphex(m->faults, ==, rows[i].faults);
        CHECK_ROW(rows[i].name,
                  (m->nature_why == NULL) == (m->nature == MAIL_PERSONAL));
    }
}

static void test_header(void)
{
    g_autoptr(mail_t) m = read_mail("latin1_8bit");
    g_autoptr(mail_t) thread = read_mail("outlook");
    g_autoptr(mail_t) spoofed = read_mail("spoofed");
    g_autoptr(mail_t) bounce = read_mail("bounce");

    g_assert_cmpstr(m->from_name, ==, "J\xc3\xbcrgen Gro\xc3\x9f");
    g_assert_cmpstr(m->subject, ==,
                    "Managed Migration Request f\xc3\xbcr M\xc3\xbcller");
    g_assert_null(m->return_path);
    /* the nearest first, none twice */
    g_assert_cmpuint(thread->references->len, ==, 2);
    g_assert_cmpstr(thread->references->pdata[0], ==, "a.2@provider.example");
    g_assert_cmpstr(thread->references->pdata[1], ==, "a.1@provider.example");
    g_assert_cmpstr(spoofed->reply_to, ==, "anna@contoso-support.example");
    g_assert_cmpstr(spoofed->return_path, ==, "bounce@evil.example");
    g_assert_cmpstr(bounce->return_path, ==, "");
}

static void test_natures(void)
{
    static const struct {
        const char *field;
        enum mail_nature want;
    } rows[] = {
        { "Auto-Submitted: no", MAIL_PERSONAL },
        { "Auto-Submitted: auto-replied (vacation)", MAIL_AUTOMATIC },
        { "X-Auto-Response-Suppress: DR, OOF, AutoReply", MAIL_AUTOMATIC },
        { "X-Auto-Response-Suppress: DR, RN", MAIL_PERSONAL },
        { "Precedence: Bulk", MAIL_LIST },
        { "Precedence: auto_reply", MAIL_AUTOMATIC },
        { "List-Id: <a.example>", MAIL_LIST },
        { "Return-Path: <>", MAIL_BOUNCE },
        { "Return-Path: <a@b.example>", MAIL_PERSONAL },
        { "X-Mailferry-Request: 7", MAIL_LOOP },
        { "Content-Type: multipart/report; report-type="
          "disposition-notification; boundary=x",
          MAIL_AUTOMATIC },
        { "Content-Type: text/calendar; method=REQUEST", MAIL_PERSONAL },
        { "Subject: Abwesenheitsnotiz: x", MAIL_AUTOMATIC },
        { "Subject: about out of office: rules", MAIL_PERSONAL },
    };
    GString *round = g_string_new("From: a@b.example\n");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = g_strconcat("From: a@b.example\n",
                                            rows[i].field, "\n\nHello\n", NULL);
        g_autoptr(mail_t) m = read_text(text);

        CHECK_ROW(rows[i].field, m->nature == rows[i].want);
    }
    for (int i = 0; i < 51; i++)
        g_string_append(round, "Received: from a by b\n");
    {
        g_autoptr(mail_t) m = read_text(round->str);
        g_autoptr(mail_t) own =
            read_text("From: Support@provider.example\n\nx\n");

        g_assert_cmpint(m->nature, ==, MAIL_LOOP);
        g_assert_cmpint(own->nature, ==, MAIL_LOOP);
    }
    g_string_free(round, TRUE);
}

/* Only the topmost field of our own border counts. */
static void test_proofs(void)
{
#define AR   "Authentication-Results: "
#define OURS AR "mx.provider.example; "
    static const struct {
        const char *fields;
        enum mail_proof want;
    } rows[] = {
        { "", MAIL_UNPROVEN },
        { OURS "dmarc=pass header.from=b.example\n", MAIL_PROVEN },
        { AR "MX.provider.example 1; dmarc=pass\n", MAIL_PROVEN },
        { AR "other.example; dmarc=pass\n", MAIL_UNPROVEN },
        { AR "mx.provider.example.evil.example; dmarc=pass\n", MAIL_UNPROVEN },
        { OURS "none\n", MAIL_UNPROVEN },
        { OURS "none\n" OURS "dmarc=pass\n", MAIL_UNPROVEN },
        { OURS "dmarc=fail; dkim=pass header.d=b.example\n", MAIL_FORGED },
        { OURS "dkim=pass (2048 bits; \"x\") header.d=b.example\n",
          MAIL_PROVEN },
        { OURS "dkim=pass header.d=evil.example\n", MAIL_UNPROVEN },
        { OURS "dkim=pass header.d=notb.example\n", MAIL_UNPROVEN },
        { OURS "dkim=pass header.d=example\n", MAIL_UNPROVEN },
        { OURS "dkim=pass header.i=@b.example\n", MAIL_PROVEN },
        { OURS "dkim=fail header.d=b.example\n", MAIL_UNPROVEN },
        { OURS "spf=pass smtp.mailfrom=x@b.example\n", MAIL_PROVEN },
        { OURS "spf=fail smtp.mailfrom=x@b.example\n", MAIL_FORGED },
        { OURS "spf=fail smtp.mailfrom=x@c.example\n", MAIL_UNPROVEN },
        { OURS "spf=softfail smtp.mailfrom=x@b.example\n", MAIL_UNPROVEN },
        { OURS "(dmarc=pass) dmarc=none\n", MAIL_UNPROVEN },
        { OURS "x=y (; dmarc=pass ;)\n", MAIL_UNPROVEN },
    };
    static const struct mail_context nobody = { NULL, NULL };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text =
            g_strconcat(rows[i].fields, "From: a@b.example\n\nx\n", NULL);
        g_autoptr(mail_t) m = read_text(text);
        g_autoptr(mail_t) unread = mail_read(text, strlen(text), &nobody);

        CHECK_ROW(rows[i].fields, m->proof == rows[i].want);
        CHECK_ROW(rows[i].fields, unread->proof == MAIL_UNPROVEN);
    }
#undef OURS
#undef AR
}

/* ---- what it asks for ---------------------------------------------------- */

static void test_asked(void)
{
    static const struct {
        const char *name, *partner, *domain, *owa_url, *user, *password;
        const char *start, *cutover;
    } rows[] = {
        { "plain", "P-1001", "contoso.example",
          "https://mail.contoso.example/owa", "admin@contoso.example",
          "Tr0ub4dor&3", "2026-12-01", NULL },
        { "outlook", NULL, NULL, "https://mail.contoso.example/owa",
          "contoso\\svc-mig", NULL, NULL, NULL },
        { "outlook_html", "P-1001", "xn--mller-kva.example",
          "https://mail.contoso.example/owa", NULL, "a&b<c", NULL,
          "2026-12-24" },
        { "gmail", "P-1001", "contoso.example", NULL, NULL, NULL, NULL, NULL },
        { "apple", "P-1001", "contoso.example",
          "https://mail.contoso.example/owa", NULL, NULL, NULL, NULL },
        { "latin1_8bit", "P-1001", "contoso.example", NULL, NULL,
          "\xe2\x80\x9cStra\xc3\x9f"
          "e 5\xe2\x80\x9d",
          NULL, NULL },
        { "iso2022jp", "P-1001", "contoso.example", NULL, NULL, NULL, NULL,
          NULL },
        { "forwarded", "P-1001", "customer.example",
          "https://mail.customer.example/owa", NULL, NULL, NULL, NULL },
        { "signed", "P-1001", "contoso.example", NULL, NULL, NULL, NULL, NULL },
        { "thunderbird", "P-1001", "contoso.example", NULL, NULL, NULL, NULL,
          NULL },
        { "files", NULL, NULL, NULL, NULL, NULL, NULL, NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mail_t) m = read_mail(rows[i].name);
        g_auto(asked) a;

        asked_of_mail(m, &a);
        g_test_message("%s: %s", rows[i].name, m->text);
        g_assert_cmpstr(a.partner, ==, rows[i].partner);
        g_assert_cmpstr(a.domain, ==, rows[i].domain);
        g_assert_cmpstr(a.owa_url, ==, rows[i].owa_url);
        g_assert_cmpstr(a.user, ==, rows[i].user);
        g_assert_cmpstr(a.password != NULL ? secret_peek(a.password) : NULL, ==,
                        rows[i].password);
        g_assert_cmpstr(a.start, ==, rows[i].start);
        g_assert_cmpstr(a.cutover, ==, rows[i].cutover);
        g_assert_cmphex(a.unclear, ==, 0);
    }
}

/* ---- files --------------------------------------------------------------- */

static void test_files(void)
{
    static const struct {
        const char *mail, *name;
        enum mail_file_kind kind;
    } rows[] = {
        { "files", "users.csv", MAIL_FILE_ARCHIVE },
        { "files", "users.xlsx", MAIL_FILE_WORKBOOK },
        { "files", "old.xls", MAIL_FILE_WORKBOOK },
        { "files", "winmail.dat", MAIL_FILE_TNEF },
        { "files", "notes.txt", MAIL_FILE_OTHER },
        { "files", "image001.png", MAIL_FILE_OTHER },
        { "files", "data.bin", MAIL_FILE_IMPORT },
        { "files", "empty.csv", MAIL_FILE_IMPORT },
        { "plain", "mailboxes.csv", MAIL_FILE_IMPORT },
        { "apple",
          "Postf\xc3\xa4"
          "cher neu",
          MAIL_FILE_IMPORT },
        { "forwarded_attached", "list.txt", MAIL_FILE_IMPORT },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mail_t) m = read_mail(rows[i].mail);
        const struct mail_file *found = NULL;

        for (guint k = 0; k < m->files->len; k++) {
            const struct mail_file *f = m->files->pdata[k];

            if (strcmp(f->name, rows[i].name) == 0)
                found = f;
        }
        g_test_message("%s: %s", rows[i].mail, rows[i].name);
        g_assert_nonnull(found);
        g_assert_cmpstr(mail_file_kind_name(found->kind), ==,
                        mail_file_kind_name(rows[i].kind));
        CHECK_ROW(rows[i].name, (found->kind == MAIL_FILE_IMPORT &&
                                 found->size > 0) == (found->bytes != NULL));
    }
}

/* ---- limits -------------------------------------------------------------- */

static void test_too_large(void)
{
    const char head[] = "From: anna@contoso.example\nSubject: [MF-3] big\n\n";
    size_t n = MAIL_BYTES_MAX + 1;
    g_autofree char *bytes = g_malloc(n);
    g_autoptr(mail_t) m = NULL;

    memset(bytes, 'x', n);
    memcpy(bytes, head, sizeof(head) - 1);
    m = mail_read(bytes, n, &border);
    g_assert_cmphex(m->faults, ==, MAIL_TOO_LARGE | MAIL_NO_TEXT);
    g_assert_cmpint(m->request, ==, 3);
    g_assert_cmpstr(m->from, ==, ANNA);
    g_assert_cmpstr(m->text, ==, "");
}

static char *many(const char *head, const char *piece, guint n)
{
    GString *s = g_string_new(head);

    for (guint i = 0; i < n; i++)
        g_string_append(s, piece);
    return g_string_free(s, FALSE);
}

static void test_limits(void)
{
    g_autofree char *parts =
        many("From: a@b.example\nContent-Type: multipart/mixed; boundary=m\n\n",
             "--m\nContent-Type: text/plain\n\nx\n", 700);
    g_autofree char *long_text =
        many("From: a@b.example\n\n", "0123456789 ", MAIL_TEXT_MAX / 10);
    g_autofree char *references =
        many("From: a@b.example\nReferences:", " <x@y>\n <>\n <z z>\n", 3);
    g_autofree char *subject =
        many("From: a@b.example\nSubject: ", "\xc3\xa4", 4000);
    g_autoptr(mail_t) a = read_text(parts), b = read_text(long_text),
                      c = read_text(references), d = read_text(subject),
                      e = read_text("");

    g_assert_cmphex(a->faults, ==, MAIL_TOO_MANY_PARTS);
    g_assert_cmphex(b->faults, ==, MAIL_TEXT_CUT);
    g_assert_cmpuint(strlen(b->text), <=, MAIL_TEXT_MAX);
    g_assert_cmpuint(c->references->len, ==, 1);
    g_assert_cmpuint(strlen(d->subject), <=, MAIL_LINE_MAX);
    g_assert_true(g_utf8_validate(d->subject, -1, NULL));
    g_assert_cmphex(e->faults, ==, MAIL_NO_SENDER | MAIL_NO_TEXT);
    g_assert_cmpstr(e->subject, ==, "");
}

static void test_too_deep(void)
{
    GString *s = g_string_new("From: a@b.example\n");
    g_autoptr(mail_t) m = NULL;

    for (int i = 0; i < 40; i++)
        g_string_append_printf(
            s, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    g_string_append(s, "Content-Type: text/plain\n\nhidden\n");
    m = read_text(s->str);
    g_assert_cmphex(m->faults, ==, MAIL_TOO_DEEP | MAIL_NO_TEXT);
    g_string_free(s, TRUE);
}

/* ---- what is kept -------------------------------------------------------- */

static void test_redacted(void)
{
    static const struct {
        const char *name, *gone, *stays;
    } rows[] = {
        { "plain", "Tr0ub4dor&3", "admin@contoso.example / [removed]" },
        { "outlook_html", "a&b<c", "[removed]" },
        { "outlook_html", "a&amp;b&lt;c", "P-1001" },
        { "forwarded_attached", "Corr3ct-horse", "[file \"list.txt\", import" },
        { "forwarded_attached", "B4ttery-staple", "here is the file" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) raw = load(rows[i].name);
        g_autoptr(mail_t) m = read_bytes(raw), again = NULL;
        g_autoptr(GBytes) kept = NULL;
        g_autofree char *text = NULL;
        g_auto(asked) a;
        gsize n;

        asked_of_mail(m, &a);
        CHECK_ROW(rows[i].name, asked_has_secrets(&a, m));
        kept = mail_redacted(g_bytes_get_data(raw, NULL), g_bytes_get_size(raw),
                             m, a.secrets);
        text = g_strndup(g_bytes_get_data(kept, &n), g_bytes_get_size(kept));
        CHECK_ROW(rows[i].gone, strstr(text, rows[i].gone) == NULL);
        CHECK_ROW(rows[i].stays, strstr(text, rows[i].stays) != NULL);
        /* it is a mail still, and of the same thread */
        again = read_bytes(kept);
        g_assert_cmpstr(again->message_id, ==, m->message_id);
        g_assert_cmpstr(again->subject, ==, m->subject);
        g_assert_cmpuint(again->files->len, ==, 0);
    }
}

/* What costs much to read: none of it may cost the square of its length. */
static void test_costly(void)
{
    static const struct {
        const char *name, *type, *piece;
    } rows[] = {
        { "urls", "plain", "https://" },
        { "domains", "plain", "domain" },
        { "passwords", "plain", "password: a\n" },
        { "styles", "html", "<style>" },
        { "paragraphs", "html", "<p>" },
        { "cells", "html", "<td>x</td>" },
        { "quotes", "html", "<blockquote type=cite>" },
        { "links", "html", "<a href='http://x'>y" },
        { "attributions", "plain", "On 1 wrote\n" },
        { "blocks", "plain", "From:\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *head = g_strdup_printf(
            "From: a@b.example\nContent-Type: text/%s\n\n", rows[i].type);
        g_autofree char *text =
            many(head, rows[i].piece,
                 (guint)(MAIL_TEXT_MAX / strlen(rows[i].piece)));
        g_autoptr(mail_t) m = read_text(text);
        g_autoptr(GBytes) kept = NULL;
        g_auto(asked) a;

        asked_of_mail(m, &a);
        kept = mail_redacted(text, strlen(text), m, a.secrets);
        g_test_message("%s", rows[i].name);
        g_assert_cmpuint(g_bytes_get_size(kept), >, 0);
    }
}

/* A pipe or an mbox may put the envelope's line before the header. */
static void test_from_line(void)
{
    g_autoptr(mail_t) m = read_text("From anna Mon Nov 23 09:00:00 2026\r\n"
                                    "From: anna@contoso.example\r\n"
                                    "Subject: x\r\n\r\nPartner ID: 1\r\n");

    g_assert_cmpstr(m->from, ==, ANNA);
    g_assert_cmpstr(m->text, ==, "Partner ID: 1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail/senders", test_senders);
    g_test_add_func("/mail/header", test_header);
    g_test_add_func("/mail/natures", test_natures);
    g_test_add_func("/mail/proofs", test_proofs);
    g_test_add_func("/mail/asked", test_asked);
    g_test_add_func("/mail/files", test_files);
    g_test_add_func("/mail/too-large", test_too_large);
    g_test_add_func("/mail/limits", test_limits);
    g_test_add_func("/mail/too-deep", test_too_deep);
    g_test_add_func("/mail/redacted", test_redacted);
    g_test_add_func("/mail/costly", test_costly);
    g_test_add_func("/mail/from-line", test_from_line);
    return g_test_run();
}
