#include "base/check.h"
#include "desk/mail_priv.h"
#include "desk/tag.h"

static void test_words(void)
{
    static const struct {
        const char *name, *text, *fresh, *forwarded;
    } rows[] = {
        { "nothing", "", "", NULL },
        { "plain", "a\nb\n", "a\nb", NULL },
        { "quoted lines", "> old\nnew\n  >old\n", "new", NULL },
        { "signature", "new\n-- \nme\n", "new", NULL },
        { "our own line", "new\n" TAG_REPLY_LINE "\nold\n", "new", NULL },
        { "our own line, quoted", "new\n\n> " TAG_REPLY_LINE "\n> old\n", "new",
          NULL },
        { "Outlook's rule",
          "new\n-----Original Message-----\nFrom: x\nSent: y\nTo: z\n\nold",
          "new", NULL },
        { "Outlook's block", "new\n\nFrom: x\nSent: y\nTo: z\n\nold", "new",
          NULL },
        { "in bold", "new\n\n*From:* x\n*Sent:* y\n*To:* z\n\nold", "new",
          NULL },
        { "From in a sentence", "From: Monday on\nwe are ready\n",
          "From: Monday on\nwe are ready", NULL },
        { "attribution", "new\n\nOn 1 May, x wrote:\n\nold\n", "new", NULL },
        { "broken attribution",
          "new\nOn Mon, Nov 23, 2026 at 10:15 AM Provider Support <\n"
          "support@provider.example> wrote:\nold",
          "new", NULL },
        { "attribution without a date", "On Monday he wrote:\nhello\n",
          "On Monday he wrote:\nhello", NULL },
        { "German", "neu\nAm 23.11.2026 um 10:15 schrieb Anna:\nalt", "neu",
          NULL },
        { "French",
          "neuf\nLe 23 nov. 2026 \xc3\xa0 10:15, Anna a \xc3\xa9"
          "crit :\nvieux",
          "neuf", NULL },
        { "between quotes",
          "On 1 May, x wrote:\n> one?\nyes\n> two?\nno\n-- \nme", "yes\nno",
          NULL },
        { "sent on",
          "look\n\n---------- Forwarded message ---------\n"
          "From: x\nDate: y\nSubject: z\nTo: q\n\nthe text\n",
          "look", "the text" },
        { "sent on by Apple's",
          "look\n\nBegin forwarded message:\n\nFrom: x\nSubject: z\nDate: y\n"
          "To: q\n\nthe text\n",
          "look", "the text" },
        { "sent on without a word",
          "From: x\nSent: y\nTo: q\nSubject: z\n\nthe text\n", "", "the text" },
        { "sent on, its quotes",
          "-------- Weitergeleitete Nachricht --------\nVon: x\nDatum: y\n"
          "An: q\n\nneu\nAm 1.1.2026 schrieb q:\nalt",
          "", "neu" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct mail_words w = mail_words_of(rows[i].text);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(w.fresh, ==, rows[i].fresh);
        g_assert_cmpstr(w.forwarded, ==, rows[i].forwarded);
        mail_wipe(w.fresh);
        mail_wipe(w.forwarded);
    }
}

static void test_html(void)
{
    static const struct {
        const char *name, *html, *text;
    } rows[] = {
        { "words", "a  b\n c", "a b c" },
        { "blocks", "<p>a</p><p>b<br>c</p><div>d</div>", "a\nb\nc\nd\n" },
        { "empty lines", "a<br><br>b<div><br></div>c", "a\n\nb\n\nc" },
        { "entities", "&lt;a&gt; &amp;&nbsp;&uuml;&#8211;&#x41;&bogus; &",
          "<a> & \xc3\xbc\xe2\x80\x93"
          "A&bogus; &" },
        { "numbers out of range", "a&#99999999;b&#0;c", "a b c" },
        { "table",
          "<table><tr><td><p>k</p></td><td><p>v</p><p>w</p></td></tr></table>x",
          "k\tv\nw\t\nx" },
        { "hidden",
          "<head><title>t</title></head><style>p{}</style><script>if(a<b)"
          "</script>x<!-- y -->z",
          "xz" },
        { "link", "<a href=\"https://a.example/owa\">here</a>",
          "here <https://a.example/owa>" },
        { "link that says it",
          "<a href='https://a.example'>"
          "https://a.example</a>",
          "https://a.example" },
        { "link elsewhere", "<a href=\"javascript:x\">y</a>", "y" },
        { "quote", "a<blockquote type=\"cite\"><p>b</p>c</blockquote>d",
          "a\n> b\n> c\nd" },
        { "indented", "a<blockquote>b</blockquote>c", "a\nb\nc" },
        { "quote in a quote",
          "<blockquote class=gmail_quote>a<blockquote>b</blockquote>c"
          "</blockquote>d",
          "> a\n> b\n> c\nd" },
        { "quotes that never open", "</blockquote></blockquote>a", "a" },
        { "unfinished", "a<b href=\"", "a" },
        { "link that never closes", "a<a href=https://b.example",
          "a <https://b.example>" },
        { "end within a character's tag", "a<a href=\xc3\xa9", "a" },
        { "no tag", "1 < 2 <3", "1 < 2 <3" },
        { "a > in a value", "<img alt=\"a>b\">c", "c" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = mail_html_text(rows[i].html);

        g_test_message("%s", rows[i].name);
        g_assert_cmpstr(got, ==, rows[i].text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-text/words", test_words);
    g_test_add_func("/mail-text/html", test_html);
    return g_test_run();
}
