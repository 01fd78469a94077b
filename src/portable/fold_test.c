#include <string.h>

#include "base/check.h"
#include "portable/fold.h"

static const struct {
    const char *name;
    enum fold_kind kind;
    const char *a, *b;
    bool equal;
} rows[] = {
    /* clang-format off */
    { "same", FOLD_PLAIN, "Hello", "Hello", true },
    { "another word", FOLD_PLAIN, "Hello", "Hullo", false },
    { "line ends", FOLD_PLAIN, "a\r\nb\r\n", "a\nb", true },
    { "wrapped", FOLD_PLAIN, "one two three", "one two \r\nthree", true },
    { "words run together", FOLD_PLAIN, "one two", "onetwo", false },
    { "blank lines at the end", FOLD_PLAIN, "a\n\n\n", "a", true },
    { "before the start", FOLD_PLAIN, "\n a", "a", true },
    { "case", FOLD_PLAIN, "A", "a", false },
    { "break beside a tag", FOLD_HTML, "<p>a</p>\r\n<p>b</p>", "<p>a</p><p>b</p>", true },
    { "charset of its own", FOLD_HTML,
      "<head><meta charset=\"utf-8\"></head>a", "<head></head>a", true },
    { "generator", FOLD_HTML,
      "<META NAME=Generator CONTENT=x>a", "a", true },
    { "not a meta tag", FOLD_HTML, "<metal>a", "a", false },
    { "break inside a tag", FOLD_HTML, "<a\r\n href=x>", "<a href=x>", true },
    { "another link", FOLD_HTML, "<a href=x>", "<a href=y>", false },
    { "a tag is not text", FOLD_HTML, "<b>a</b>", "a", false },
    { "less than", FOLD_HTML, "a < b", "a < c", false },
    { "an open end", FOLD_HTML, "a <b", "a <c", false },
    { "nothing to see", FOLD_HTML,
      "<html>\r\n<head>\r\n<meta charset=utf-8>\r\n</head>\r\n<body>\r\n"
      "<div class=\"PlainText\"></div>\r\n</body>\r\n</html>", "", true },
    { "a picture alone", FOLD_HTML, "<div><img src=x></div>", "", false },
    { "a word alone", FOLD_HTML, "<div>a</div>", "", false },
    { "another frame's name", FOLD_HTML, "<pre></pre>", "", false },
    { "carriage returns", FOLD_LINES, "a\r\nb", "a\nb", true },
    { "trailing blanks", FOLD_LINES, "a \t\nb", "a\nb", true },
    { "blanks inside", FOLD_LINES, "a  b", "a b", false },
    { "blank lines inside", FOLD_LINES, "a\n\nb", "a\nb", false },
    { "last line end", FOLD_LINES, "a\n", "a", true },
    /* clang-format on */
};

static void test_equal(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *a = fold_text(rows[i].kind, rows[i].a);
        g_autofree char *b = fold_text(rows[i].kind, rows[i].b);

        CHECK_ROW(rows[i].name, (g_strcmp0(a, b) == 0) == rows[i].equal);
    }
}

/* However the text is cut. */
static void test_pieces(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *whole = fold_text(rows[i].kind, rows[i].a);
        g_autoptr(fold) f = fold_new(rows[i].kind);
        g_autofree char *cut = NULL;

        for (const char *at = rows[i].a; *at != '\0'; at++)
            fold_feed(f, at, 1);
        cut = fold_end(f);
        CHECK_ROW(rows[i].name, g_strcmp0(whole, cut) == 0);
    }
}

static void test_nothing(void)
{
    g_assert_null(fold_text(FOLD_PLAIN, ""));
    g_assert_null(fold_text(FOLD_PLAIN, " \r\n\t"));
    g_assert_null(fold_text(FOLD_HTML, "<meta charset=x>\n"));
    g_assert_null(fold_text(FOLD_LINES, "\r\n\r\n"));
}

/* A tag that never ends must not be kept whole. */
static void test_endless_tag(void)
{
    g_autofree char *text = g_malloc(3000000);
    g_autofree char *sum = NULL;

    memset(text, 'x', 2999999);
    text[0] = '<';
    text[2999999] = '\0';
    sum = fold_text(FOLD_HTML, text);
    g_assert_nonnull(sum);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fold/equal", test_equal);
    g_test_add_func("/fold/pieces", test_pieces);
    g_test_add_func("/fold/nothing", test_nothing);
    g_test_add_func("/fold/endless-tag", test_endless_tag);
    return g_test_run();
}
