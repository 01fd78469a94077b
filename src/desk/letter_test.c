#include "desk/letter.h"

#include <string.h>

#include <glib/gstdio.h>

#include "base/check.h"
#include "base/seal.h"
#include "desk/authorise.h"
#include "desk/mail.h"
#include "desk/tag.h"

static struct letters *load(const char *folder)
{
    struct letters *l = NULL;
    struct err err;

    CHECK_OK(letters_load(folder, &l, &err), &err);
    return l;
}

/* ---- a folder of an operator's ------------------------------------------- */

static char *folder_with(const char *name, const char *text)
{
    char *folder = g_dir_make_tmp("mailferry-letter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return folder;
}

static void remove_folder(char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_assert_cmpint(g_remove(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_free(folder);
}

/* ---- every template ------------------------------------------------------ */

/* Each name with a value that tries to be more than that. */
static struct letter_values *hostile(void)
{
    struct letter_values *v = letter_values_new();
    const char *const *names = letter_names();

    for (size_t i = 0; names[i] != NULL; i++) {
        letter_set(v, names[i],
                   "<b>x</b>\r\nBcc: eve@evil.example\n\n{{link}}");
        letter_add(v, names[i], "</ul><script>\n- more");
    }
    letter_set(v, "link", "https://desk.example/r/\"><b>");
    return v;
}

static void test_hostile(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = hostile();
    const char *const *kinds = letters_kinds();

    for (size_t i = 0; kinds[i] != NULL; i++) {
        g_auto(letter) got = { 0 };

        letter_make(l, kinds[i], 1001, v, &got);
        CHECK_ROW(kinds[i], strpbrk(got.subject, "\r\n") == NULL);
        CHECK_ROW(kinds[i], tag_find(got.subject) == 1001);
        CHECK_ROW(kinds[i], strstr(got.text, "\nBcc:") == NULL);
        CHECK_ROW(kinds[i], strstr(got.text, "\n- more") == NULL);
        CHECK_ROW(kinds[i], strstr(got.html, "<b>") == NULL);
        CHECK_ROW(kinds[i], strstr(got.html, "<script>") == NULL);
        CHECK_ROW(kinds[i], strstr(got.html, "\"><b>") == NULL);
    }
}

/* Without any value nothing is left of a mark. */
static void test_empty(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = letter_values_new();
    const char *const *kinds = letters_kinds();

    for (size_t i = 0; kinds[i] != NULL; i++) {
        g_auto(letter) got = { 0 };

        letter_make(l, kinds[i], 0, v, &got);
        CHECK_ROW(kinds[i], *got.subject != '\0');
        CHECK_ROW(kinds[i], strstr(got.text, "{{") == NULL);
        CHECK_ROW(kinds[i], strstr(got.html, "{{") == NULL);
        CHECK_ROW(kinds[i], strstr(got.text, "\n\n\n") == NULL);
        CHECK_ROW(kinds[i], strstr(got.text, TAG_REPLY_LINE) == NULL);
    }
}

/* What authorise() sends is there. */
static void test_refusals(void)
{
    for (int i = 0; i < AUTHORISE_N_VERDICTS; i++) {
        const char *mail = authorise_rule((enum authorise_verdict)i)->mail;

        g_assert_true(mail == NULL || g_strv_contains(letters_kinds(), mail));
    }
}

/* ---- one of them --------------------------------------------------------- */

static struct letter_values *missing(bool faults)
{
    struct letter_values *v = letter_values_new();

    letter_set(v, "contact", "Anna & Co");
    letter_set(v, "number", "1001");
    letter_add(v, "missing", "The OWA URL.");
    letter_add(v, "missing", "The <import> file.");
    if (faults)
        letter_add(v, "faults", "line 3: bad address");
    letter_set(v, "link", "https://desk.example/r/1?a=1&b=2");
    letter_set(v, "until", "1 December 2026");
    return v;
}

static void test_missing(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = missing(false);
    g_auto(letter) got = { 0 };

    letter_make(l, "missing", 1001, v, &got);
    g_assert_cmpstr(got.subject, ==,
                    "[MF-1001] What is missing for your managed migration");
    g_assert_cmpstr(
        got.text, ==,
        TAG_REPLY_LINE
        "\n\nHello Anna & Co,\n\nto go on with request 1001 we still need:\n\n"
        "- The OWA URL.\n- The <import> file.\n\n"
        "Answer this mail, or supply it here; passwords only here, please:\n"
        "https://desk.example/r/1?a=1&b=2\n\n"
        "The link works until 1 December 2026.\n");
    g_assert_nonnull(strstr(got.html, "<p>Hello Anna &amp; Co,</p>\n"));
    g_assert_nonnull(strstr(got.html, "<ul>\n<li>The OWA URL.</li>\n"
                                      "<li>The &lt;import&gt; file.</li>\n"
                                      "</ul>\n"));
    g_assert_nonnull(
        strstr(got.html, "<a href=\"https://desk.example/r/1?a=1&amp;b=2\">"));
    g_assert_nonnull(strstr(got.html, "<title>[MF-1001] What is"));
}

static void test_faults(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = missing(true);
    g_auto(letter) got = { 0 };

    letter_make(l, "missing", 1001, v, &got);
    g_assert_nonnull(strstr(got.text, "\n\nThe import file has these faults:\n"
                                      "\n- line 3: bad address\n\n"));
}

static void test_many_items(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = letter_values_new();
    g_auto(letter) got = { 0 };

    for (guint i = 0; i < LETTER_ITEMS_MAX + 7; i++)
        letter_add(v, "missing", "x");
    letter_make(l, "missing", 0, v, &got);
    g_assert_nonnull(strstr(got.text, "\n- ... and 7 more\n"));
}

/* All lists of a letter together, of which the last lines stand whole. */
static void test_long_items(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = letter_values_new();
    g_autofree char *item = g_strnfill(4000, 'x');
    g_auto(letter) got = { 0 };

    for (guint i = 0; i < 20; i++)
        letter_add(v, "missing", item);
    letter_set(v, "link", "https://desk.example/r/1");
    letter_make(l, "missing", 0, v, &got);
    g_assert_nonnull(strstr(got.text, "x\n- ... and 4 more\n"));
    g_assert_nonnull(strstr(got.text, "\nhttps://desk.example/r/1\n"));
}

/* Only a link is one, and only to the web. */
static void test_links(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = letter_values_new();
    g_auto(letter) got = { 0 };

    letter_set(v, "domain", "https://evil.example/");
    letter_set(v, "link", "javascript:alert(1)");
    letter_make(l, "scheduled", 0, v, &got);
    g_assert_null(strstr(got.html, "<a "));
    g_assert_nonnull(strstr(got.html, "javascript:alert(1)"));
}

/* ---- an operator's own --------------------------------------------------- */

static void test_override(void)
{
    char *folder = folder_with("quote.txt", "Subject: Ours\n\nTotal {{total}}");
    g_autoptr(letters) l = load(folder);
    g_autoptr(letter_values) v = letter_values_new();
    g_auto(letter) got = { 0 }, other = { 0 };

    letter_set(v, "total", "12.00 EUR");
    letter_make(l, "quote", 0, v, &got);
    g_assert_cmpstr(got.subject, ==, "Ours");
    g_assert_cmpstr(got.text, ==, "Total 12.00 EUR\n");
    letter_make(l, "missing", 0, v, &other);
    g_assert_cmpstr(other.subject, ==,
                    "What is missing for your managed migration");
    remove_folder(folder, "quote.txt");
}

/* Subject, and a line with as many marks. */
static char *template_with(guint marks)
{
    GString *text = g_string_new("Subject: x\n\n");

    for (guint i = 0; i < marks; i++)
        g_string_append(text, "{{reason}}");
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

/*
 * The longest template that is taken, with the longest values, in letters that
 * are longest in both encodings: it can be sealed, as it is for the outbox.
 */
static void test_longest(void)
{
    g_autofree char *value = g_strnfill(LETTER_VALUE_MAX, '"');
    g_autofree char *text = template_with(LETTER_MARKS_MAX - 1);
    g_autoptr(GString) all = g_string_new(text);
    g_autoptr(letter_values) v = letter_values_new();
    g_autoptr(letters) l = NULL;
    g_autoptr(GBytes) mime = NULL;
    g_auto(letter) got = { 0 };
    char *folder;

    g_string_append(all, "{{*missing}}\n");
    while (all->len < LETTER_TEMPLATE_MAX)
        g_string_append_c(all, '"');
    folder = folder_with("missing.txt", all->str);
    l = load(folder);
    letter_set(v, "reason", value);
    for (guint i = 0; i < LETTER_ITEMS_MAX; i++)
        letter_add(v, "missing", value);
    letter_make(l, "missing", 1001, v, &got);
    mime = letter_mime(
        &got, &(struct letter_head){ .from = "support@provider.example",
                                     .to = "anna@acme.example",
                                     .message_id = "1@p.example" });
    g_assert_cmpuint(g_bytes_get_size(mime), >, 1024 * 1024);
    g_assert_cmpuint(g_bytes_get_size(mime), <, SEAL_PLAIN_MAX);
    remove_folder(folder, "missing.txt");
}

static void test_bad_templates(void)
{
    g_autofree char *many = template_with(LETTER_MARKS_MAX + 1);
    g_autofree char *large = g_strnfill(LETTER_TEMPLATE_MAX + 1, 'x');
    const struct {
        const char *name, *text, *says;
    } rows[] = {
        { "quote.txt", "Hello\n", "quote.txt:1: there is no subject" },
        { "quote.txt", "Subject: x\nHello\n", "quote.txt:1: there is no" },
        { "quote.txt", "", "quote.txt:1: there is no subject" },
        { "quote.txt", "Subject: x\n\n{{totl}}\n",
          "quote.txt:3: there is no value \"totl\"" },
        { "quote.txt", "Subject: x\n\n{{total\n", "quote.txt:3: a {{ is not" },
        { "quote.txt", "Subject: x\n\n{{*lines}} {{*missing}}\n",
          "quote.txt:3: two lists" },
        { "quote.txt", "Subject: \xff\n\nx\n", "quote.txt:1: it is too long" },
        { "layout.html", "<html></html>", "layout.html:1: it has no place" },
        { "quote.txt", many, "quote.txt:3: it names more than 40 values" },
        { "layout.html", large, "layout.html:1: it is longer than 64 KiB" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char *folder = folder_with(rows[i].name, rows[i].text);
        struct letters *l = NULL;
        struct err err;

        g_assert_cmpint(letters_load(folder, &l, &err), ==, -1);
        CHECK_ROW(err.msg, strstr(err.msg, rows[i].says) != NULL);
        g_assert_nonnull(err.remedy);
        g_assert_null(l);
        remove_folder(folder, rows[i].name);
    }
}

/* ---- as a mail ----------------------------------------------------------- */

/* Read by mail.h: a program wrote it, and an answer to it finds its way. */
static void test_mime(void)
{
    static const struct letter_head head = {
        .from_name = "Pr\xc3\xb6vider",
        .from = "support@provider.example",
        .to = "anna@acme.example",
        .message_id = "ref-1@provider.example",
        .in_reply_to = "a@acme.example",
        .request = 1001,
        .at_us = INT64_C(1795430400) * 1000000,
    };
    static const struct mail_context context = { NULL, NULL };
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = missing(true);
    g_auto(letter) got = { 0 };
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(mail_t) m = NULL;
    gsize n;
    const char *text;

    letter_make(l, "missing", 1001, v, &got);
    bytes = letter_mime(&got, &head);
    text = g_bytes_get_data(bytes, &n);
    m = mail_read(text, n, &context);
    g_assert_cmpstr(m->message_id, ==, "ref-1@provider.example");
    g_assert_cmpstr(m->references->pdata[0], ==, "a@acme.example");
    g_assert_cmpstr(m->from, ==, "support@provider.example");
    g_assert_cmpstr(m->from_name, ==, "Pr\xc3\xb6vider");
    g_assert_cmpint(m->request, ==, 1001);
    g_assert_cmpint(m->nature, ==, MAIL_LOOP);
    g_assert_nonnull(m->html_text);
    g_assert_nonnull(g_strstr_len(text, (gssize)n,
                                  "Date: Mon, 23 Nov 2026 10:40:00 +0000\n"));
    g_assert_nonnull(
        g_strstr_len(text, (gssize)n, "\nAuto-Submitted: auto-generated\n"));
}

/* An operator reads what the partner reads. */
static void test_mime_text(void)
{
    g_autoptr(letters) l = load(NULL);
    g_autoptr(letter_values) v = missing(true);
    g_auto(letter) made = { 0 };
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *want = NULL, *got = NULL, *nothing = NULL;
    gsize n;
    const char *mime;

    letter_make(l, "missing", 1001, v, &made);
    bytes = letter_mime(
        &made, &(struct letter_head){ .from = "support@provider.example",
                                      .to = "anna@acme.example",
                                      .message_id = "ref-1@provider.example" });
    mime = g_bytes_get_data(bytes, &n);
    got = letter_mime_text(mime, n);
    want = g_strconcat("Message-ID: <ref-1@provider.example>\n\n", made.text,
                       NULL);
    g_assert_cmpstr(got, ==, want);
    nothing = letter_mime_text("", 0);
    g_assert_cmpstr(nothing, ==, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/letter/hostile", test_hostile);
    g_test_add_func("/letter/empty", test_empty);
    g_test_add_func("/letter/refusals", test_refusals);
    g_test_add_func("/letter/missing", test_missing);
    g_test_add_func("/letter/faults", test_faults);
    g_test_add_func("/letter/many-items", test_many_items);
    g_test_add_func("/letter/long-items", test_long_items);
    g_test_add_func("/letter/longest", test_longest);
    g_test_add_func("/letter/links", test_links);
    g_test_add_func("/letter/override", test_override);
    g_test_add_func("/letter/bad-templates", test_bad_templates);
    g_test_add_func("/letter/mime", test_mime);
    g_test_add_func("/letter/mime-text", test_mime_text);
    return g_test_run();
}
