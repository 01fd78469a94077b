#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/sketch_fixture.h"

#define PRELOAD                                                                \
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "    \
    "\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes "     \
    "New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard"         \
    "\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"

/* The CRC of [MS-OXRTFCP], by the table that it prints: a few of its rows. */
static uint32_t crc_of(const uint8_t *p, size_t n)
{
    uint32_t table[256], crc = 0;

    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = (table[i] & 1) != 0 ? table[i] >> 1 ^ 0xEDB88320u
                                           : table[i] >> 1;
    }
    g_assert_cmphex(table[1], ==, 0x77073096);
    g_assert_cmphex(table[255], ==, 0x2D02EF8D);
    for (size_t i = 0; i < n; i++)
        crc = table[(crc ^ p[i]) & 0xFF] ^ crc >> 8;
    return crc;
}

/* All of the decompression, though what we write needs but literals. */
static char *unpack(const GByteArray *rtf)
{
    const struct mapi_prop p = { .data = rtf->data, .size = rtf->len };
    struct cursor c = cursor_of(&p);
    GString *out = g_string_new(NULL);
    uint8_t dictionary[4096] = { 0 };
    uint32_t write = sizeof(PRELOAD) - 1, raw;

    g_assert_cmpuint(take(&c, 4) + 4, ==, rtf->len);
    raw = take(&c, 4);
    g_assert_cmphex(take(&c, 4), ==, 0x75465A4C);
    g_assert_cmphex(take(&c, 4), ==, crc_of(rtf->data + 16, rtf->len - 16));
    memcpy(dictionary, PRELOAD, write);
    for (;;) {
        uint32_t control = take(&c, 1);

        for (int bit = 0; bit < 8; bit++, control >>= 1) {
            if ((control & 1) != 0) {
                uint32_t high = take(&c, 1), low = take(&c, 1);

                g_assert_cmpuint(high << 4 | low >> 4, ==, write);
                g_assert_true(c.at == c.end);
                g_assert_cmpuint(out->len, ==, raw);
                return g_string_free(out, FALSE);
            }
            dictionary[write] = (uint8_t)take(&c, 1);
            g_string_append_c(out, (char)dictionary[write]);
            write = (write + 1) % 4096;
        }
    }
}

static void test_rtf_round_trip(void)
{
    /* lengths on both sides of a run of eight and of the dictionary */
    for (size_t n = 0; n < 40; n++) {
        g_autofree char *text = g_strnfill(n < 20 ? n : n * 220, 'x');
        GByteArray *packed = lab_text_rtf(text, true);
        GByteArray *plain = lab_text_rtf(text, false);
        g_autofree char *back = unpack(packed);

        g_assert_true(memcmp(plain->data + 8, "MELA", 4) == 0);
        g_assert_cmpuint(strlen(back), ==, plain->len - 16);
        g_assert_true(memcmp(back, plain->data + 16, strlen(back)) == 0);
        g_byte_array_unref(packed);
        g_byte_array_unref(plain);
    }
}

static void test_rtf_characters(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "ASCII", "abc", "abc}" },
        { "what RTF means otherwise", "a\\{b}", "a\\\\\\{b\\}}" },
        { "line end", "a\r\nb", "a\\par\r\nb}" },
        { "Latin", "é", "\\u233?}" },
        { "above 0x7FFF counts down", "資", "\\u-29497?}" },
        { "a pair", "🚀", "\\u-10179?\\u-8576?}" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GByteArray *rtf = lab_text_rtf(rows[i].text, false);
        g_autofree char *text =
            g_strndup((const char *)rtf->data + 16, rtf->len - 16);

        CHECK_ROW(rows[i].name, strstr(text, rows[i].want) != NULL);
        g_byte_array_unref(rtf);
    }
}

static void test_texts_are_utf8(void)
{
    struct lab_random r = { 4 };
    unsigned int beyond_ascii = 0, long_ones = 0;

    for (int i = 0; i < 500; i++) {
        g_autofree char *subject = lab_text_subject(&r);
        g_autofree char *body = lab_text_body(&r, 200);

        g_assert_true(g_utf8_validate(subject, -1, NULL));
        g_assert_true(g_utf8_validate(body, -1, NULL));
        g_assert_cmpuint(strlen(body), >=, 200);
        g_assert_null(strchr(subject, '\n'));
        beyond_ascii += !g_str_is_ascii(subject);
        long_ones += g_utf8_strlen(subject, -1) > 200;
    }
    g_assert_cmpuint(beyond_ascii, >, 60);
    g_assert_cmpuint(long_ones, >, 0);
}

static void test_html_is_escaped(void)
{
    g_autofree char *plain = lab_text_html("a < b & c", "<t>", false);
    g_autofree char *image = lab_text_html("x", "t", true);

    g_assert_nonnull(strstr(plain, "a &lt; b &amp; c"));
    g_assert_nonnull(strstr(plain, "<title>&lt;t&gt;</title>"));
    g_assert_null(strstr(plain, "cid:"));
    g_assert_nonnull(strstr(image, "cid:image001@lab"));
}

static void test_people(void)
{
    struct lab_scene a, b, c;
    unsigned int inside = 0;

    scene_init(&a, 1);
    scene_init(&b, 1);
    scene_init(&c, 2);
    for (size_t i = 0; i < LAB_N_PEOPLE; i++) {
        g_assert_cmpstr(a.people[i].name, ==, b.people[i].name);
        g_assert_cmpstr(a.people[i].address, ==, b.people[i].address);
        g_assert_nonnull(strchr(a.people[i].address, '@'));
        inside += a.people[i].dn != NULL;
        for (size_t j = 0; j < i; j++)
            g_assert_cmpstr(a.people[i].address, !=, a.people[j].address);
    }
    g_assert_cmpuint(inside, ==, LAB_N_PEOPLE / 3);
    g_assert_true(strcmp(a.people[0].name, c.people[0].name) != 0 ||
                  strcmp(a.people[1].name, c.people[1].name) != 0);
    scene_clear(&a);
    scene_clear(&b);
    scene_clear(&c);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate-text/rtf", test_rtf_round_trip);
    g_test_add_func("/generate-text/rtf-characters", test_rtf_characters);
    g_test_add_func("/generate-text/utf8", test_texts_are_utf8);
    g_test_add_func("/generate-text/html", test_html_is_escaped);
    g_test_add_func("/generate-text/people", test_people);
    return g_test_run();
}
