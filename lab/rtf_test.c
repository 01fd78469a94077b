#include "lab/rtf.h"

#include <string.h>

#include "base/check.h"

static void assert_bytes(const GByteArray *a, const char *expected)
{
    g_assert_cmpuint(a->len, ==, strlen(expected));
    g_assert_true(memcmp(a->data, expected, a->len) == 0);
}

/* ---- compression ----------------------------------------------------- */

/* [MS-OXRTFCP] 3.1.1: "{\rtf1\ansi\ansicpg1252\pard hello world}\r\n". */
static const uint8_t example[] = {
    0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a,
    0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00,
    0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a,
    0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77,
    0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
};

static void test_example(void)
{
    static const char expected[] =
        "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n";
    GByteArray *out = rtf_decompress(example, sizeof(example));

    g_assert_nonnull(out);
    assert_bytes(out, expected);
    g_byte_array_unref(out);
}

/* [MS-OXRTFCP] 3.1.2: a reference that runs over its own end. */
static void test_overlap(void)
{
    static const uint8_t data[] = {
        0x1a, 0x00, 0x00, 0x00, 0x1c, 0x00, 0x00, 0x00, 0x4c, 0x5a,
        0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20,
        0x57, 0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
    };
    static const char expected[] = "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}";
    GByteArray *out = rtf_decompress(data, sizeof(data));

    g_assert_nonnull(out);
    assert_bytes(out, expected);
    g_byte_array_unref(out);
}

static void test_stored(void)
{
    static const uint8_t data[] = "\x12\0\0\0\x06\0\0\0MELA\0\0\0\0{\\rtf}";
    GByteArray *out = rtf_decompress(data, sizeof(data) - 1);

    assert_bytes(out, "{\\rtf}");
    g_byte_array_unref(out);
}

static void test_damaged(void)
{
    uint8_t copy[sizeof(example)];

    g_assert_null(rtf_decompress(example, 15));
    memcpy(copy, example, sizeof(copy));
    copy[8] = 'X';
    g_assert_null(rtf_decompress(copy, sizeof(copy)));
    /* cut anywhere, it gives what is there and reads no further */
    for (size_t n = 16; n < sizeof(example); n++) {
        g_autofree uint8_t *cut = g_memdup2(example, n);
        GByteArray *out = rtf_decompress(cut, n);

        g_assert_cmpuint(out->len, <=, 43);
        g_byte_array_unref(out);
    }
}

/* A size that nothing stands behind costs nothing. */
static void test_claim(void)
{
    uint8_t data[] = "\xFF\xFF\xFF\x7F\xFF\xFF\xFF\xFFLZFu\0\0\0\0\0abc";
    GByteArray *out = rtf_decompress(data, sizeof(data) - 1);

    assert_bytes(out, "abc");
    g_byte_array_unref(out);
}

/* ---- text ------------------------------------------------------------ */

static void test_text(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *rtf, *text;
    } rows[] = {
        { "words", "{\\rtf1\\ansi hello world}", "hello world" },
        { "lines", "{\\rtf1 a\\par b\\line c}", "a\r\nb\r\nc" },
        { "escapes", "{\\rtf1 \\{a\\\\b\\}}", "{a\\b}" },
        { "line ends mean nothing", "{\\rtf1 a\r\nb}", "ab" },
        { "bytes", "{\\rtf1\\ansicpg1252 Gr\\'fc\\'dfe \\'80}",
          "Gr\xC3\xBC\xC3\x9F" "e \xE2\x82\xAC" },
        { "two bytes a character", "{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b}",
          "\xE6\x97\xA5\xE6\x9C\xAC" },
        { "unicode", "{\\rtf1\\uc1 \\u8364?5}", "\xE2\x82\xAC" "5" },
        { "unicode without a stand-in", "{\\rtf1\\uc0 \\u252 b}",
          "\xC3\xBC" "b" },
        { "stand-in as bytes", "{\\rtf1\\uc2 \\u26085\\'93\\'fax}",
          "\xE6\x97\xA5x" },
        { "negative", "{\\rtf1 \\u-10179?\\u-8704?}", "\xF0\x9F\x98\x80" },
        { "tables are no text",
          "{\\rtf1{\\fonttbl{\\f0 Calibri;}}{\\*\\generator x;}y}", "y" },
        { "picture", "{\\rtf1 a{\\pict\\wmetafile8 0102}b}", "ab" },
        { "field", "{\\rtf1 {\\field{\\*\\fldinst HYPERLINK x}"
          "{\\fldrslt here}}}", "here" },
        { "quotes", "{\\rtf1 \\ldblquote a\\rdblquote}",
          "\xE2\x80\x9C" "a\xE2\x80\x9D" },
        { "unclosed", "{\\rtf1 a{b", "ab" },
        { "closed too often", "a}}}b", "ab" },
        { "ends in a backslash", "{\\rtf1 a\\", "a" },
        { "ends in half a byte", "{\\rtf1 a\\'f", "a" },
        { "empty", "", "" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = rtf_to_text(rows[i].rtf, strlen(rows[i].rtf));

        if (strcmp(text, rows[i].text) != 0)
            g_test_message("%s: \"%s\"", rows[i].name, text);
        CHECK_ROW(rows[i].name, strcmp(text, rows[i].text) == 0);
    }
}

/* ---- HTML ------------------------------------------------------------ */

static void test_html(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *rtf, *html;
    } rows[] = {
        { "tags", "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag19 <html>}"
          "{\\*\\htmltag64}\\htmlrtf {\\htmlrtf0 {\\*\\htmltag84 <b>}"
          "\\htmlrtf {\\b\\htmlrtf0 bold{\\*\\htmltag92 </b>}"
          "\\htmlrtf }\\htmlrtf0 \\htmlrtf }\\htmlrtf0 "
          "{\\*\\htmltag27 </html>}}",
          "<html><b>bold</b></html>" },
        { "for readers of RTF alone",
          "{\\rtf1\\fromhtml1 a\\htmlrtf \\par hidden\\htmlrtf0 b}", "ab" },
        { "entity", "{\\rtf1\\fromhtml1 {\\*\\htmltag84 &amp;}"
          "\\htmlrtf &\\htmlrtf0 x}", "&amp;x" },
        { "lines inside of a tag",
          "{\\rtf1\\fromhtml1 {\\*\\htmltag0 <a\\par\\tab b>}}",
          "<a\r\n\tb>" },
        { "written as RTF", "{\\rtf1 a < b\\par c}",
          "<html>\r\n<body>\r\n<p>a &lt; b</p>\r\n<p>c</p>\r\n"
          "</body>\r\n</html>\r\n" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *html = rtf_to_html(rows[i].rtf, strlen(rows[i].rtf));

        if (strcmp(html, rows[i].html) != 0)
            g_test_message("%s: \"%s\"", rows[i].name, html);
        CHECK_ROW(rows[i].name, strcmp(html, rows[i].html) == 0);
    }
}

static void test_origin(void)
{
    static const char html[] = "{\\rtf1\\ansi\\fromhtml1 x}";
    static const char text[] = "{\\rtf1\\ansi\\fromtext x}";

    g_assert_cmpint(rtf_origin(html, strlen(html)), ==, RTF_FROM_HTML);
    g_assert_cmpint(rtf_origin(text, strlen(text)), ==, RTF_FROM_TEXT);
    g_assert_cmpint(rtf_origin("{\\rtf1 x}", 9), ==, RTF_IS_RTF);
}

/* Groups without end cost a bit each, not a stack. */
static void test_deep(void)
{
    g_autoptr(GString) deep = g_string_new("{\\rtf1 top");
    g_autofree char *text = NULL;

    for (int i = 0; i < 100000; i++)
        g_string_append_c(deep, '{');
    g_string_append(deep, "lost");
    for (int i = 0; i < 100000; i++)
        g_string_append_c(deep, '}');
    g_string_append(deep, "end}");
    text = rtf_to_text(deep->str, deep->len);
    g_assert_cmpstr(text, ==, "topend");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rtf/example", test_example);
    g_test_add_func("/rtf/overlap", test_overlap);
    g_test_add_func("/rtf/stored", test_stored);
    g_test_add_func("/rtf/damaged", test_damaged);
    g_test_add_func("/rtf/claim", test_claim);
    g_test_add_func("/rtf/text", test_text);
    g_test_add_func("/rtf/html", test_html);
    g_test_add_func("/rtf/origin", test_origin);
    g_test_add_func("/rtf/deep", test_deep);
    return g_test_run();
}
