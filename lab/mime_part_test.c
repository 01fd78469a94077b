#include "lab/mime_part.h"

#include <string.h>

#include "base/check.h"

static void assert_bytes(const uint8_t *p, size_t n, const char *expected)
{
    g_assert_cmpuint(n, ==, strlen(expected));
    g_assert_true(memcmp(p, expected, n) == 0);
}

static struct mime_part *part_of(const char *text)
{
    return mime_part_new((const uint8_t *)text, strlen(text));
}

/* "text/plain[hello] ..." of all leaves, in order. */
static void describe(GString *s, const struct mime_part *part)
{
    g_autofree char *type = mime_part_type(part);
    GByteArray *content;

    g_string_append_printf(s, "%s%s", s->len > 0 ? " " : "", type);
    if (part->children != NULL) {
        g_string_append(s, "(");
        for (guint i = 0; i < part->children->len; i++)
            describe(s, part->children->pdata[i]);
        g_string_append(s, ")");
        return;
    }
    content = mime_part_content(part);
    g_string_append_printf(s, "[%.*s]", (int)content->len,
                           (const char *)content->data);
    g_byte_array_unref(content);
}

static void test_structure(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *mail, *parts;
    } rows[] = {
        { "plain", "Subject: x\r\n\r\nhello", "text/plain[hello]" },
        { "Unix line ends", "Subject: x\n\nhello\n", "text/plain[hello\n]" },
        { "no header", "hello\nworld", "text/plain[hello\nworld]" },
        { "header alone", "Subject: x\r\n", "text/plain[]" },
        { "empty", "", "text/plain[]" },
        { "two parts",
          "Content-Type: multipart/mixed; boundary=b\r\n\r\nintro\r\n"
          "--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n"
          "--b--\r\nepilogue",
          "multipart/mixed( text/plain[one] text/html[two])" },
        { "never closed",
          "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo",
          "multipart/mixed( text/plain[one] text/plain[two])" },
        { "a part whose boundary begins as its parent's",
          "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
          "Content-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n"
          "--bb--\n--b--\n",
          "multipart/mixed( multipart/alternative( text/plain[one]))" },
        { "blanks behind a boundary",
          "Content-Type: multipart/mixed; boundary=b\n\n--b  \n\none\n--b--\t\n",
          "multipart/mixed( text/plain[one])" },
        { "no boundary given",
          "Content-Type: multipart/mixed\n\n--b\n\none\n",
          "multipart/mixed[--b\n\none\n]" },
        { "boundary that is nowhere",
          "Content-Type: multipart/mixed; boundary=c\n\n--b\n\none\n",
          "multipart/mixed[--b\n\none\n]" },
        { "mail inside",
          "Content-Type: message/rfc822\n\nSubject: in\n\ninside",
          "message/rfc822( text/plain[inside])" },
        { "mail inside, encoded",
          "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
          "U3ViamVjdDogaW4KCmluc2lkZQ==\n",
          "message/rfc822( text/plain[inside])" },
        { "digest",
          "Content-Type: multipart/digest; boundary=b\n\n--b\n\n"
          "Subject: a\n\none\n--b--\n",
          "multipart/digest( message/rfc822( text/plain[one]))" },
        { "base64",
          "Content-Transfer-Encoding: base64\n\naGVs\nbG8=\n",
          "text/plain[hello]" },
        { "base64 with rubbish",
          "Content-Transfer-Encoding: base64\n\naG!Vs bG8\n",
          "text/plain[hello]" },
        { "quoted-printable",
          "Content-Transfer-Encoding: Quoted-Printable\n\na=3Db=\nc=zz\n",
          "text/plain[a=bc=zz\n]" },
        { "unknown encoding",
          "Content-Transfer-Encoding: rot13\n\nuryyb\n",
          "text/plain[uryyb\n]" },
        { "mbox line first", "From a@b Mon Jan 1\nSubject: x\n\nhello",
          "text/plain[hello]" },
        { "broken type", "Content-Type: ;;;\n\nhello", "text/plain[hello]" },
        { "name without a value", "Subject\nContent-Type: text/html\n\nx",
          "text/plain[Subject\nContent-Type: text/html\n\nx]" },
        { "rubbish among fields",
          "Subject: x\nrubbish\nContent-Type: text/html\n\nhello",
          "text/html[hello]" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mime_part) part = part_of(rows[i].mail);
        g_autoptr(GString) s = g_string_new(NULL);

        describe(s, part);
        if (strcmp(s->str, rows[i].parts) != 0)
            g_test_message("%s: %s", rows[i].name, s->str);
        CHECK_ROW(rows[i].name, strcmp(s->str, rows[i].parts) == 0);
    }
}

static void test_fields(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *mail, *raw, *text;
    } rows[] = {
        { "plain", "Subject: a b\n\n", "a b", "a b" },
        { "whatever the case", "sUBJECT:a\n\n", "a", "a" },
        { "folded", "Subject: a\r\n b\r\n\tc\r\n\r\n", "a b\tc", "a b\tc" },
        { "blank before the colon", "Subject : a\n\n", "a", "a" },
        { "the first of two", "Subject: a\nSubject: b\n\n", "a", "a" },
        { "Q", "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\n\n",
          "=?iso-8859-1?Q?Gr=FC=DFe?=", "Gr\xC3\xBC\xC3\x9F" "e" },
        { "two B words",
          "Subject: =?utf-8?B?w7w=?=\n =?utf-8?B?w7w=?=\n\n",
          "=?utf-8?B?w7w=?= =?utf-8?B?w7w=?=", "\xC3\xBC\xC3\xBC" },
        { "raw UTF-8", "Subject: \xC3\xBC\n\n", "\xC3\xBC", "\xC3\xBC" },
        { "raw Latin-1", "Subject: \xFC!\n\n", "\xFC!", "\xC3\xBC!" },
        { "unknown charset", "Subject: =?x-nobody?Q?a?=\n\n",
          "=?x-nobody?Q?a?=", "a" },
        { "none", "To: a\n\n", NULL, NULL },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mime_part) part = part_of(rows[i].mail);
        g_autofree char *raw = mime_part_raw(part, "Subject");
        g_autofree char *text = mime_part_text(part, "Subject");

        if (g_strcmp0(text, rows[i].text) != 0)
            g_test_message("%s: %s", rows[i].name, text);
        CHECK_ROW(rows[i].name, g_strcmp0(raw, rows[i].raw) == 0);
        CHECK_ROW(rows[i].name, g_strcmp0(text, rows[i].text) == 0);
    }
}

static void test_filename(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *mail, *file;
    } rows[] = {
        { "plain", "Content-Disposition: attachment; filename=a.txt\n\n",
          "a.txt" },
        { "of the type", "Content-Type: text/plain; name=\"b c.txt\"\n\n",
          "b c.txt" },
        { "RFC 2231",
          "Content-Disposition: attachment; filename*=utf-8''%C3%BC.txt\n\n",
          "\xC3\xBC.txt" },
        { "RFC 2231 in pieces",
          "Content-Disposition: attachment; filename*0*=utf-8''%C3;\n"
          " filename*1*=%BC; filename*2=.txt\n\n", "\xC3\xBC.txt" },
        { "RFC 2047 where it must not be",
          "Content-Disposition: attachment; filename=\"=?utf-8?Q?=C3=BC?=\"\n\n",
          "\xC3\xBC" },
        { "none", "Content-Disposition: attachment\n\n", NULL },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mime_part) part = part_of(rows[i].mail);
        g_autofree char *file = mime_part_filename(part);

        if (g_strcmp0(file, rows[i].file) != 0)
            g_test_message("%s: %s", rows[i].name, file);
        CHECK_ROW(rows[i].name, g_strcmp0(file, rows[i].file) == 0);
    }
}

/* A signature is over bytes: they are to be had as they came. */
static void test_bytes_stay(void)
{
    static const char mail[] =
        "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type:  text/plain\r\n\r\n  a \r\n\r\n--b\r\n\r\nsig\r\n--b--";
    g_autoptr(mime_part) part = part_of(mail);
    const struct mime_part *first = part->children->pdata[0];

    assert_bytes(first->at, first->n,
                 "Content-Type:  text/plain\r\n\r\n  a \r\n");
    assert_bytes(part->body, part->body_n, strstr(mail, "--b"));
}

/* However deep it says that it is, it ends. */
static void test_deep(void)
{
    g_autoptr(GString) s = g_string_new(NULL);
    g_autoptr(mime_part) part = NULL;
    const struct mime_part *p;
    unsigned int depth = 0;

    for (int i = 0; i < 5000; i++)
        g_string_append(s, "Content-Type: message/rfc822\n\n");
    g_string_append(s, "Subject: bottom\n\nhello");
    part = part_of(s->str);
    for (p = part; p->children != NULL; p = p->children->pdata[0])
        depth++;
    g_assert_cmpuint(depth, ==, MIME_DEPTH_MAX);
}

static void test_many(void)
{
    g_autoptr(GString) s =
        g_string_new("Content-Type: multipart/mixed; boundary=b\n\n");
    g_autoptr(mime_part) part = NULL;

    for (int i = 0; i < 3 * MIME_PARTS_MAX; i++)
        g_string_append(s, "--b\n\nx\n");
    part = part_of(s->str);
    g_assert_cmpuint(part->children->len, ==, MIME_PARTS_MAX);
}

static void test_many_fields(void)
{
    g_autoptr(GString) s = g_string_new(NULL);
    g_autoptr(mime_part) part = NULL;

    for (int i = 0; i < 3 * MIME_FIELDS_MAX; i++)
        g_string_append_printf(s, "X-%d: a\n", i);
    g_string_append(s, "\nbody");
    part = part_of(s->str);
    g_assert_cmpuint(part->n_fields, ==, MIME_FIELDS_MAX);
    assert_bytes(part->body, part->body_n, "body");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mime-part/structure", test_structure);
    g_test_add_func("/mime-part/fields", test_fields);
    g_test_add_func("/mime-part/filename", test_filename);
    g_test_add_func("/mime-part/bytes-stay", test_bytes_stay);
    g_test_add_func("/mime-part/deep", test_deep);
    g_test_add_func("/mime-part/many", test_many);
    g_test_add_func("/mime-part/many-fields", test_many_fields);
    return g_test_run();
}
