#include "xml/lexer.h"

#include <string.h>

#include "base/check.h"

/* What came out of the lexer, payloads in brackets. */
struct heard {
    struct lexer lexer;
    GString *out;
    size_t payloads;
};

static int hear_text(void *data, const char *bytes, size_t n, struct err *err)
{
    struct heard *h = data;

    (void)err;
    g_string_append_len(h->out, bytes, (gssize)n);
    return 0;
}

static int hear_begin(void *data, struct err *err)
{
    struct heard *h = data;

    (void)err;
    h->payloads++;
    g_string_append_c(h->out, '[');
    return 0;
}

static int hear_end(void *data, struct err *err)
{
    struct heard *h = data;

    (void)err;
    g_string_append_c(h->out, ']');
    return 0;
}

static const struct lexer_ops hearing = {
    .text = hear_text,
    .payload_begin = hear_begin,
    .payload = hear_text,
    .payload_end = hear_end,
};

static const char *const names[] = { "Data", NULL };

static void begin(struct heard *h)
{
    *h = (struct heard){ .out = g_string_new(NULL) };
    h->lexer = (struct lexer){ .ops = &hearing,
                               .data = h,
                               .payloads = names,
                               .nodes_max = 100,
                               .depth_max = 10 };
}

/* Feed text in pieces of `step`; the caller frees what was heard. */
static int lex(struct heard *h, const char *text, size_t step, struct err *err)
{
    size_t n = strlen(text);

    begin(h);
    for (size_t at = 0; at < n; at += step) {
        if (lexer_feed(&h->lexer, text + at, MIN(step, n - at), err) < 0)
            return -1;
    }
    return 0;
}

static void test_what_is_passed_on(void)
{
    static const struct {
        const char *name, *text, *want; /* NULL: as it is */
    } rows[] = {
        { "no payload", "<a b='c'>d</a>", NULL },
        { "payload", "<a><Data>QUJD</Data></a>", "<a><Data>[QUJD</Data>]</a>" },
        { "prefix", "<x:Data>QQ==</x:Data>", "<x:Data>[QQ==</x:Data>]" },
        { "white space", "<Data> Q\tU\r\nJ D </Data>", "<Data>[QUJD</Data>]" },
        { "empty", "<Data></Data>", "<Data>[</Data>]" },
        { "without an end tag", "<a><Data/></a>", "<a><Data/>[]</a>" },
        { "attributes", "<Data a='>' b=\"/\">QQ==</Data>",
          "<Data a='>' b=\"/\">[QQ==</Data>]" },
        { "slash ends an attribute, not the tag", "<Data a='/'>QQ==</Data>",
          "<Data a='/'>[QQ==</Data>]" },
        { "comment", "<a><!--<Data>--></a>", NULL },
        { "section", "<a><![CDATA[<Data>&]]]]></a>",
          "<a>&lt;Data&gt;&amp;]]</a>" },
        { "instruction", "<?xml <Data>?><a/>", NULL },
        { "byte order mark", "\xef\xbb\xbf<a/>", "<a/>" },
        { "references", "<a b='&lt;&#1;'>&#0;&#32;&x;</a>",
          "<a b='&lt;&#xFFFD;'>&#xFFFD;&#32;&x;</a>" },
        { "broken references", "<a>& &a &#x; &#xZ; &#1</a>", NULL },
        { "reference without an end",
          "<a>&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;</a>", NULL },
        { "reference before markup", "<a>&amp<b/></a>", NULL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *want = rows[i].want != NULL ? rows[i].want : rows[i].text;

        for (size_t step = 1; step <= 40; step++) {
            struct heard h;
            struct err err;

            CHECK_OK(lex(&h, rows[i].text, step, &err), &err);
            if (strcmp(h.out->str, want) != 0)
                g_error("row \"%s\": %s", rows[i].name, h.out->str);
            CHECK_ROW(rows[i].name, lexer_at_rest(&h.lexer));
            g_string_free(h.out, TRUE);
        }
    }
}

static void test_where_it_may_end(void)
{
    static const char text[] = "<?x?><a b='c'><!-- --><Data>QQ==</Data>"
                               "<![CDATA[]]>&#65;</a>\n";

    /* Nowhere before the root is closed; everywhere after. */
    for (size_t n = 0; n <= strlen(text); n++) {
        g_autofree char *part = g_strndup(text, n);
        struct heard h;
        struct err err;
        bool over = n >= strlen(text) - 1;
        bool before = n == strlen("<?x?>"); /* where nothing is open */

        CHECK_OK(lex(&h, part, 100, &err), &err);
        g_assert_cmpint(lexer_at_rest(&h.lexer), ==, over || before);
        g_string_free(h.out, TRUE);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "document type", "<!DOCTYPE a>", "document type" },
        { "element declaration", "<!ELEMENT a ANY>", "document type" },
        { "half a comment", "<!-x-->", "document type" },
        { "half a section", "<![CDAT[x]]>", "document type" },
        { "element in a payload", "<Data><a/></Data>", "markup stands" },
        { "other end", "<Data>QQ==</Dat>", "markup stands" },
        { "longer end", "<Data>QQ==</DataX>", "markup stands" },
        { "end with rubbish", "<Data>QQ==</Data x>", "markup stands" },
        { "not base64", "<Data>QQ==!</Data>", "0x21 that is not base64" },
        { "too deep", "<a><a><a><a><a><a><a><a><a><a><a>", "10 deep" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (size_t step = 1; step <= 20; step++) {
            struct heard h;
            struct err err = { 0 };

            CHECK_ROW(rows[i].name, lex(&h, rows[i].text, step, &err) == -1);
            CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].want) != NULL);
            g_string_free(h.out, TRUE);
        }
    }
}

static void test_nul(void)
{
    struct heard h;
    struct err err;

    begin(&h);
    g_assert_cmpint(lexer_feed(&h.lexer, "<\0a", 3, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "NUL"));
    g_string_free(h.out, TRUE);
}

static void test_is_payload(void)
{
    g_assert_true(lexer_is_payload(names, "Data"));
    g_assert_true(lexer_is_payload(names, "m:Data"));
    g_assert_false(lexer_is_payload(names, "data"));
    g_assert_false(lexer_is_payload(names, "DataX"));
    g_assert_false(lexer_is_payload(names, "Data:m"));
    g_assert_false(lexer_is_payload(NULL, "Data"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lexer/passed-on", test_what_is_passed_on);
    g_test_add_func("/lexer/end", test_where_it_may_end);
    g_test_add_func("/lexer/refused", test_refused);
    g_test_add_func("/lexer/nul", test_nul);
    g_test_add_func("/lexer/is-payload", test_is_payload);
    return g_test_run();
}
