#include "lab/body.h"

#include <string.h>

#include "base/check.h"
#include "lab/item_fixture.h"

static void test_html_to_text(void)
{
    static const struct {
        const char *html, *want;
    } rows[] = {
        { "", "" },
        { "plain", "plain" },
        { "<p>a</p><p>b</p>", "a\r\n\r\nb\r\n\r\n" },
        { "a<br>b<br/><br>c", "a\r\nb\r\n\r\nc" },
        { "<div>a</div>\n  <div>b</div>", "a\r\nb\r\n" },
        { "  a \n\t b  ", "a b" },
        { "<b>a</b><i>b</i>", "ab" },
        { "a&amp;b&lt;c&gt;&quot;&#65;&#x42;&nbsp;", "a&b<c>\"AB\302\240" },
        { "&auml;&euro;&hellip;", "ä€…" },
        { "&unknown; &; & b", "&unknown; &; & b" },
        { "&#0;&#1114112;x", "\357\277\275\357\277\275x" },
        { "<head><title>t</title></head>a", "a" },
        { "a<script>var x = '<p>';</script>b", "ab" },
        { "a<style>p { }</STYLE>b", "ab" },
        { "a<!-- <p> -->b", "ab" },
        { "a<!-- never ends", "a" },
        { "1 < 2 <3", "1 < 2 <3" },
        { "<p", "" },
        { "<pre>a\n  b</pre>", "a\r\n  b\r\n" },
        { "<ul><li>a</li><li>b</li></ul>", "a\r\nb\r\n" },
        { "<table><tr><td>a</td><td>b</td></tr></table>", "a b\r\n" },
        { "a\377b", "a\357\277\275b" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = body_html_to_text(rows[i].html);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: \"%s\"", rows[i].html, got);
    }
}

/* Text that becomes HTML is the same text again. */
static void test_there_and_back(void)
{
    static const char *const texts[] = { "a", "a\r\nb", "<b> & \"c\"",
                                         "x\r\n\r\ny", "ä €" };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *html = body_text_to_html(texts[i]);
        g_autofree char *back = body_html_to_text(html);

        CHECK_ROW(texts[i], strstr(html, "<html>") == html);
        g_assert_cmpstr(g_strchomp(back), ==, texts[i]);
    }
}

/* ---- of a message -------------------------------------------------- */

static void test_read(void)
{
    static const struct {
        const char *name, *body, *html; /* what the message has */
        size_t html_n;
        int32_t page;
        enum body_want want;
        bool is_html;
        const char *text;
    } rows[] = {
        { "nothing", NULL, NULL, 0, 0, BODY_BEST, false, NULL },
        { "text", "a", NULL, 0, 0, BODY_BEST, false, "a" },
        { "both", "a", "<b>", 3, 0, BODY_BEST, true, "<b>" },
        { "both, as text", "a", "<b>", 3, 0, BODY_TEXT, false, "a" },
        { "html as text", NULL, "<b>x</b>", 8, 0, BODY_TEXT, false, "x" },
        { "windows", NULL, "\344", 1, 1252, BODY_HTML, true, "ä" },
        { "koi8", NULL, "\301", 1, 20866, BODY_HTML, true, "а" },
        { "latin-9", NULL, "\244", 1, 28605, BODY_HTML, true, "€" },
        { "it says utf-8 and lies", NULL, "\344", 1, 65001, BODY_HTML, true,
          "ä" },
        { "a page of nobody's", NULL, "\344", 1, 4711, BODY_HTML, true, "ä" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        struct mapi_props *props = &item->message.props;
        struct body got;

        if (rows[i].body != NULL)
            mapi_set_text(item, props, PR_BODY, rows[i].body);
        if (rows[i].html != NULL)
            mapi_set(item, props, PR_HTML, rows[i].html, rows[i].html_n);
        if (rows[i].page != 0)
            mapi_set_i32(item, props, PR_INTERNET_CPID, rows[i].page);
        body_read(props, rows[i].want, &got);
        CHECK_ROW(rows[i].name, got.html == rows[i].is_html);
        if (g_strcmp0(got.text, rows[i].text) != 0)
            g_error("%s: %s", rows[i].name, got.text);
        g_free(got.text);
    }
}

/* One body replaces whatever was there. */
static void test_set(void)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    struct body got;

    body_set(item, props, false, "a");
    mapi_set(item, props, PR_RTF_COMPRESSED, "x", 1);
    body_set(item, props, true, "<p>ä</p>");
    g_assert_null(mapi_find(props, PROP_ID(PR_BODY)));
    g_assert_null(mapi_find(props, PROP_ID(PR_RTF_COMPRESSED)));
    g_assert_true(body_is_html(props));
    body_read(props, BODY_BEST, &got);
    g_assert_cmpstr(got.text, ==, "<p>ä</p>");
    g_free(got.text);
    body_clear(props);
    body_read(props, BODY_HTML, &got);
    g_assert_null(got.text);
}

/* ---- as EWS shows it ----------------------------------------------- */

static void test_shown(void)
{
    static const struct {
        const char *name, *element, *shape, *want;
    } rows[] = {
        { "as it was written",
          "<t:Message><t:Body BodyType='Text'>a &amp; b</t:Body></t:Message>",
          "", "<t:Body BodyType=\"Text\" IsTruncated=\"false\">a &amp; b<" },
        { "html",
          "<t:Message><t:Body BodyType='HTML'>&lt;p&gt;a&lt;/p&gt;</t:Body>"
          "</t:Message>",
          "",
          "<t:Body BodyType=\"HTML\" IsTruncated=\"false\">&lt;p&gt;a&lt;/p" },
        { "html as text",
          "<t:Message><t:Body BodyType='HTML'>&lt;p&gt;a&lt;/p&gt;</t:Body>"
          "</t:Message>",
          "<t:BodyType>Text</t:BodyType>",
          "<t:Body BodyType=\"Text\" IsTruncated=\"false\">a" },
        { "cut", "<t:Message><t:Body BodyType='Text'>aää</t:Body></t:Message>",
          "<t:MaximumBodySize>2</t:MaximumBodySize>",
          "<t:Body BodyType=\"Text\" IsTruncated=\"true\">a<" },
        { "none at all", "<t:Message/>", "",
          "<t:Body BodyType=\"Text\" IsTruncated=\"false\"></t:Body>" },
        { "a preview",
          "<t:Message><t:Body BodyType='HTML'>&lt;p&gt;a&lt;/p&gt;\n\n b"
          "</t:Body></t:Message>",
          "<t:AdditionalProperties><t:FieldURI FieldURI='item:Preview'/>"
          "</t:AdditionalProperties>",
          "<t:Preview>a b</t:Preview>" },
        { "what is new",
          "<t:Message><t:Body BodyType='Text'>new\n-----Original Message-----"
          "\nold</t:Body></t:Message>",
          "<t:AdditionalProperties><t:FieldURI FieldURI='item:UniqueBody'/>"
          "</t:AdditionalProperties>",
          "<t:UniqueBody BodyType=\"Text\" IsTruncated=\"false\">new&#xA;<" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *id = item_create(f, rows[i].element);
        g_autofree char *shown = item_get(f, id, rows[i].shape);

        if (strstr(shown, rows[i].want) == NULL)
            g_error("%s: %s", rows[i].name, shown);
    }
}

/* AppendToItemField keeps the form that the body has. */
static void test_append(void)
{
    static const struct {
        const char *old_type, *old, *type, *more, *want;
    } rows[] = {
        { "Text", "a", "Text", "b", "ab" },
        { "HTML", "&lt;body&gt;a&lt;/body&gt;", "HTML", "&lt;i&gt;b&lt;/i&gt;",
          "<body>a<i>b</i></body>" },
        { "HTML", "&lt;body&gt;a&lt;/body&gt;", "Text", "&lt;b",
          "<body>a&lt;b</body>" },
        { "Text", "a", "HTML", "&lt;i&gt;b&lt;/i&gt;", "ab" },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *element = g_strdup_printf(
            "<t:Message><t:Body BodyType='%s'>%s</t:Body></t:Message>",
            rows[i].old_type, rows[i].old);
        g_autofree char *id = item_create(f, element);
        g_autofree char *answer = item_runf(
            f,
            "<m:UpdateItem ConflictResolution='AlwaysOverwrite' "
            "MessageDisposition='SaveOnly'><m:ItemChanges><t:ItemChange>"
            "<t:ItemId Id='%s'/><t:Updates><t:AppendToItemField><t:FieldURI "
            "FieldURI='item:Body'/><t:Message><t:Body BodyType='%s'>%s</t:Body>"
            "</t:Message></t:AppendToItemField></t:Updates></t:ItemChange>"
            "</m:ItemChanges></m:UpdateItem>",
            id, rows[i].type, rows[i].more);
        g_autoptr(mapi_item) tree = item_tree(f, id);
        struct body got;

        CHECK_ROW(rows[i].more, strstr(answer, "NoError") != NULL);
        body_read(&tree->message.props, BODY_BEST, &got);
        g_assert_cmpstr(got.text, ==, rows[i].want);
        g_free(got.text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/body/html-to-text", test_html_to_text);
    g_test_add_func("/body/there-and-back", test_there_and_back);
    g_test_add_func("/body/read", test_read);
    g_test_add_func("/body/set", test_set);
    g_test_add_func("/body/shown", test_shown);
    g_test_add_func("/body/append", test_append);
    return g_test_run();
}
