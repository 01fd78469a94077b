#include <string.h>

#include "base/check.h"
#include "lab/mime_charset.h"
#include "lab/mime_priv.h"

static char *encoded(const char *data, size_t n)
{
    struct mime_out o = { .text = g_string_new(NULL) };

    mime_content_out(&o, data, n);
    return g_string_free(o.text, FALSE);
}

#define ENCODING "Content-Transfer-Encoding: "
#define UE       "\xC3\xBC"
#define TEN      "0123456789"
#define LINE     TEN TEN TEN TEN TEN TEN TEN

static void test_contents(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *data;
        size_t n;
        const char *want;
    } rows[] = {
        { "ASCII", "a\r\nb", 4, ENCODING "7bit\r\n\r\na\r\nb" },
        { "empty", "", 0, ENCODING "7bit\r\n\r\n" },
        { "a letter in much text", "a" UE "aaaaaaaaaaaaaaa", 18,
          ENCODING "quoted-printable\r\n\r\na=C3=BCaaaaaaaaaaaaaaa" },
        { "letters alone", UE UE, 4, ENCODING "base64\r\n\r\nw7zDvA==\r\n" },
        { "a lone line feed", "a\nb", 3, ENCODING "base64\r\n\r\nYQpi\r\n" },
        { "a lone return", "a\rb", 3, ENCODING "base64\r\n\r\nYQ1i\r\n" },
        { "NUL", "a\0b", 3, ENCODING "base64\r\n\r\nYQBi\r\n" },
        { "what could be a boundary", "a\r\n--b\r\n", 8,
          ENCODING "quoted-printable\r\n\r\na\r\n=2D-b\r\n" },
        { "equals, blank at the end of a line",
          "=" UE " \r\naaaaaaaaaaaaaaa", 21,
          ENCODING "quoted-printable\r\n\r\n=3D=C3=BC=20\r\naaaaaaaaaaaaaaa" },
        { "a long line", UE LINE "xyz", 75,
          ENCODING "quoted-printable\r\n\r\n=C3=BC0123456789012345678901234"
          "56789012345678901234567890123456789012345678=\r\n9xyz" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = encoded(rows[i].data, rows[i].n);

        if (strcmp(text, rows[i].want) != 0)
            g_test_message("%s: %s", rows[i].name, text);
        CHECK_ROW(rows[i].name, strcmp(text, rows[i].want) == 0);
    }
}

/* Whatever was put in, GMime's own decoder finds it; no line is too long. */
static void test_back(void)
{
    for (unsigned int seed = 0; seed < 300; seed++) {
        g_autoptr(GRand) random = g_rand_new_with_seed(seed);
        g_autoptr(GString) data = g_string_new(NULL);
        g_autoptr(GString) mail = g_string_new("X: y\r\n");
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        struct mime_part *part;
        GByteArray *content;

        for (int i = g_rand_int_range(random, 0, 400); i > 0; i--) {
            static const char *const pieces[] = {
                "a", "=", " ", "-", "\t", "\r\n", "--_", UE, "word word ", "."
            };

            g_string_append(data, pieces[g_rand_int_range(random, 0, 10)]);
        }
        text = encoded(data->str, data->len);
        g_string_append(mail, text);
        lines = g_strsplit(text, "\r\n", -1);
        for (size_t i = 0; lines[i] != NULL; i++)
            g_assert_cmpuint(strlen(lines[i]), <=,
                             strstr(text, "7bit") != NULL ? 998 : 76);
        part = mime_part_new((const uint8_t *)mail->str, mail->len);
        content = mime_part_content(part);
        g_assert_cmpuint(content->len, ==, data->len);
        g_assert_true(data->len == 0 ||
                      memcmp(content->data, data->str, data->len) == 0);
        g_byte_array_unref(content);
        mime_part_free(part);
    }
}

static void test_charsets(void)
{
    static const struct {
        const char *name;
        int32_t cpid;
        const char *utf8, *want;
    } rows[] = {
        { "its own", 1252, "aaaaaaaaaaaa" UE,
          "Content-Type: text/plain; charset=\"Windows-1252\"\r\n" ENCODING
          "quoted-printable\r\n\r\naaaaaaaaaaaa=FC" },
        { "what it cannot hold", 28591, "aaaaaaaaaaaaaaaaaaa\xE2\x82\xAC",
          "Content-Type: text/plain; charset=\"utf-8\"\r\n" ENCODING
          "quoted-printable\r\n\r\naaaaaaaaaaaaaaaaaaa=E2=82=AC" },
        { "unknown", 4711, "a",
          "Content-Type: text/plain; charset=\"utf-8\"\r\n" ENCODING
          "7bit\r\n\r\na" },
        { "ASCII", CPID_ASCII, "a",
          "Content-Type: text/plain; charset=\"us-ascii\"\r\n" ENCODING
          "7bit\r\n\r\na" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mime_out o = { .text = g_string_new(NULL) };

        mime_text_part_out(&o, "plain", rows[i].utf8, rows[i].cpid);
        if (strcmp(o.text->str, rows[i].want) != 0)
            g_test_message("%s: %s", rows[i].name, o.text->str);
        CHECK_ROW(rows[i].name, strcmp(o.text->str, rows[i].want) == 0);
        g_string_free(o.text, TRUE);
    }
}

/* Every set that we name is one that we can read. */
static void test_names(void)
{
    static const int32_t pages[] = { 65001, 1250, 1251, 1252,  28592, 28605,
                                     932,   936,  949,  50220, 20866, 54936 };

    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        const char *name = mime_charset_name(pages[i]);
        size_t n = 0;
        int32_t cpid = 0;
        g_autofree char *bytes = mime_charset_encode("abc", pages[i], &n);
        g_autofree char *text = NULL;

        CHECK_ROW(name, mime_charset_cpid(name) == pages[i]);
        CHECK_ROW(name, bytes != NULL);
        text = mime_charset_decode((const uint8_t *)bytes, n, name, &cpid);
        CHECK_ROW(name, strcmp(text, "abc") == 0 && cpid == pages[i]);
    }
    g_assert_null(mime_charset_name(4711));
    g_assert_cmpint(mime_charset_cpid("x-nobody"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mime-encode/contents", test_contents);
    g_test_add_func("/mime-encode/back", test_back);
    g_test_add_func("/mime-encode/charsets", test_charsets);
    g_test_add_func("/mime-encode/names", test_names);
    return g_test_run();
}
