#include "lab/xmlout.h"

#include "base/check.h"
#include "base/timestamp.h"
#include "lab/timezone.h"

static void test_escape(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "plain", "abc", "<t:a>abc</t:a>" },
        { "empty", "", "<t:a/>" },
        { "markup", "<b>&\"c\"</b>",
          "<t:a>&lt;b&gt;&amp;&quot;c&quot;&lt;/b&gt;</t:a>" },
        { "line ends", "a\r\nb\tc", "<t:a>a&#xD;&#xA;b&#x9;c</t:a>" },
        { "control characters", "a\x01\x1f\x7f", "<t:a>a??\x7f</t:a>" },
        { "letters of all sorts", "é漢😀", "<t:a>é漢😀</t:a>" },
        { "not UTF-8", "a\xff\xc3", "<t:a>a?\?</t:a>" },
        { "half of a pair, U+FFFE", "\xed\xa0\x80|\xef\xbf\xbe",
          "<t:a>???|?</t:a>" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) s = g_string_new(NULL);
        struct xmlout x = { s, false };

        xml_text(&x, "t:a", rows[i].text);
        if (strcmp(s->str, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, s->str);
    }
}

static void test_elements(void)
{
    g_autoptr(GString) s = g_string_new(NULL);
    struct xmlout x = { s, true };

    xml_begin(&x, "t:FolderId");
    xml_attr(&x, "Id", "A\"<");
    xml_attr(&x, "ChangeKey", "B");
    xml_end_empty(&x);
    xml_bool(&x, "t:IsRead", true);
    xml_uint(&x, "t:Size", UINT64_MAX);
    xml_time(&x, "t:DateTimeSent", 0);
    xml_time(&x, "t:DateTimeReceived", TIMESTAMP_NONE);
    xml_empty(&x, "m:Folders");
    g_assert_cmpstr(s->str, ==,
                    "<t:FolderId Id=\"A&quot;&lt;\" ChangeKey=\"B\" />"
                    "<t:IsRead>true</t:IsRead>"
                    "<t:Size>18446744073709551615</t:Size>"
                    "<t:DateTimeSent>1970-01-01T00:00:00Z</t:DateTimeSent>"
                    "<m:Folders />");
}

/* GLib's encoder is the oracle; sizes around a stretch's end. */
static void test_base64(void)
{
    static const size_t sizes[] = { 0, 1, 2, 3, 4, 3145727, 3145728, 3145729 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree uint8_t *data = g_malloc(sizes[i] + 1);
        g_autofree char *want = NULL;
        g_autoptr(GString) s = g_string_new("before");
        struct xmlout x = { s, false };

        for (size_t j = 0; j < sizes[i]; j++)
            data[j] = (uint8_t)(j * 7 + (j >> 8));
        want = g_base64_encode(data, sizes[i]);
        xml_base64_chars(&x, data, sizes[i]);
        g_assert_true(g_str_has_prefix(s->str, "before"));
        g_assert_cmpstr(s->str + strlen("before"), ==, want);
        g_assert_cmpuint(s->len, ==, strlen("before") + strlen(want));
    }
}

/* The clock that TimeZoneContext asks for, in winter and in summer. */
static void test_clock(void)
{
    g_auto(timezone_info) tz = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);
    struct xmlout x = { .text = out, .zone = &tz };
    int64_t winter = 0, summer = 0;

    g_assert_true(timestamp_parse("2024-01-15T08:00:00Z", &winter));
    g_assert_true(timestamp_parse("2024-07-15T08:00:00Z", &summer));
    g_assert_true(timezone_find("Newfoundland Standard Time", &tz));
    xml_time(&x, "w", winter);
    xml_time(&x, "s", summer);
    xml_time(&x, "n", TIMESTAMP_NONE);
    g_assert_cmpstr(out->str, ==,
                    "<w>2024-01-15T04:30:00-03:30</w>"
                    "<s>2024-07-15T05:30:00-02:30</s>");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xmlout/escape", test_escape);
    g_test_add_func("/xmlout/elements", test_elements);
    g_test_add_func("/xmlout/base64", test_base64);
    g_test_add_func("/xmlout/clock", test_clock);
    return g_test_run();
}
