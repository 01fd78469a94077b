#include "xml/writer.h"

#include <string.h>

#include "base/check.h"
#include "xml/reader.h"

/* The parts joined, payloads copied in. */
static char *join(struct xml_writer *w, size_t *ret_parts)
{
    GString *s = g_string_new(NULL);
    const struct xml_part *parts = xml_writer_parts(w, ret_parts);

    for (size_t i = 0; i < *ret_parts; i++) {
        size_t n = 0;
        const char *bytes = parts[i].text;

        if (parts[i].blob == NULL)
            n = parts[i].len;
        else
            bytes = blob_peek(parts[i].blob, 0, &n);
        g_string_append_len(s, bytes, (gssize)n);
    }
    return g_string_free(s, FALSE);
}

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"

static void test_shape(void)
{
    g_autoptr(xml_writer) w = xml_writer_new();
    g_autofree char *got = NULL;
    size_t n;

    xml_open(w, "s:E");
    xml_attribute(w, "a", "1");
    xml_attribute(w, "left-out", NULL);
    xml_open(w, "b");
    xml_attribute(w, "c", "");
    xml_close(w);
    xml_element(w, "d", "text");
    xml_element(w, "e", NULL);
    xml_element(w, "f", "");
    xml_close(w);
    got = join(w, &n);
    g_assert_cmpstr(
        got, ==, HEAD "<s:E a=\"1\"><b c=\"\"/><d>text</d><e/><f></f></s:E>");
    g_assert_cmpuint(n, ==, 1);
}

/* A payload is a part of its own, and the very blob. */
static void test_blobs_are_not_copied(void)
{
    g_autoptr(blob) one = blob_from_bytes("QQ==", 4);
    g_autoptr(blob) two = blob_from_bytes("Qg==", 4);
    g_autoptr(xml_writer) w = xml_writer_new();
    const struct xml_part *parts;
    g_autofree char *got = NULL;
    size_t n;

    xml_open(w, "a");
    xml_open(w, "Data");
    xml_blob(w, one);
    xml_blob(w, two);
    xml_close(w);
    xml_close(w);
    parts = xml_writer_parts(w, &n);
    g_assert_cmpuint(n, ==, 4);
    g_assert_true(parts[1].blob == one);
    g_assert_true(parts[2].blob == two);
    got = join(w, &n); /* asking twice gives the same */
    g_assert_cmpuint(n, ==, 4);
    g_assert_cmpstr(got, ==, HEAD "<a><Data>QQ==Qg==</Data></a>");
}

/* What is written is what a parser reads, and never markup. */
static void test_values_survive(void)
{
    static const struct {
        const char *name, *value, *want; /* NULL: the same */
    } rows[] = {
        { "plain", "Posteingang", NULL },
        { "markup", "</a><b c=\"'&amp;", NULL },
        { "section's end", "]]>", NULL },
        { "white space", " \t\n\r x ", NULL },
        { "not ASCII", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", NULL },
        { "control character",
          "a\x1f"
          "b",
          "a\xef\xbf\xbd"
          "b" },
        { "not UTF-8",
          "a\xe9"
          "b",
          "a\xef\xbf\xbd"
          "b" },
        { "U+FFFF",
          "a\xef\xbf\xbf"
          "b",
          "a\xef\xbf\xbd"
          "b" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *want = rows[i].want != NULL ? rows[i].want : rows[i].value;
        g_autoptr(xml_writer) w = xml_writer_new();
        struct xml_reader_config config = { 0 };
        g_autoptr(xml_reader) r = xml_reader_new(&config);
        g_autoptr(xml_doc) doc = NULL;
        g_autofree char *text = NULL;
        struct err err;
        size_t n;

        xml_open(w, "a");
        xml_attribute(w, "v", rows[i].value);
        xml_chars(w, rows[i].value);
        xml_close(w);
        text = join(w, &n);
        CHECK_OK(xml_reader_feed(r, text, strlen(text), &err), &err);
        CHECK_OK(xml_reader_finish(r, &doc, &err), &err);
        CHECK_ROW(rows[i].name,
                  strcmp(xml_attr(xml_root(doc), "v"), want) == 0);
        CHECK_ROW(rows[i].name, strcmp(xml_text(xml_root(doc)), want) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/writer/shape", test_shape);
    g_test_add_func("/writer/blobs", test_blobs_are_not_copied);
    g_test_add_func("/writer/values", test_values_survive);
    return g_test_run();
}
