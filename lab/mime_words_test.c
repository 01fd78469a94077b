#include "lab/mime_words.h"

#include <string.h>

#include <gmime/gmime.h>

#include "base/check.h"

#define UE "\xC3\xBC"

static void test_decode(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *raw, *text;
    } rows[] = {
        { "plain", "a b", "a b" },
        { "Q", "=?utf-8?Q?a=C3=BC_b?=", "a" UE " b" },
        { "B", "=?utf-8?b?w7w=?=", UE },
        { "two padded words", "=?utf-8?B?w7w=?= =?utf-8?B?w7w=?=", UE UE },
        { "three of them",
          "=?utf-8?B?YQ==?= =?utf-8?B?Yg==?= =?utf-8?B?Yw==?=", "abc" },
        { "a character cut in two", "=?utf-8?B?w7zD?= =?utf-8?B?vA==?=", UE UE },
        { "words of two sets", "=?utf-8?B?w7w=?= =?iso-8859-1?Q?=FC?=", UE UE },
        { "text between", "=?utf-8?B?w7w=?= and =?utf-8?B?w7w=?=",
          UE " and " UE },
        { "not closed", "=?utf-8?B?w7w=", "=?utf-8?B?w7w=" },
        { "empty word", "=?utf-8?B?" "?= x", " x" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = mime_words_decode(rows[i].raw);

        if (strcmp(text, rows[i].text) != 0)
            g_test_message("%s: \"%s\"", rows[i].name, text);
        CHECK_ROW(rows[i].name, strcmp(text, rows[i].text) == 0);
    }
}

static void test_encode(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text, *encoded;
    } rows[] = {
        { "ASCII", "a b", "a b" },
        { "a letter", UE, "=?utf-8?B?w7w=?=" },
        { "what looks encoded", "=?utf-8?Q?a?=",
          "=?utf-8?B?PT91dGYtOD9RP2E/PQ==?=" },
        { "control", "a\tb", "=?utf-8?B?YQli?=" },
        { "empty", "", "" },
        { "no character is cut",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" UE UE,
          "=?utf-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?="
          " =?utf-8?B?w7zDvA==?=" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *encoded = mime_words_encode(rows[i].text);
        g_autofree char *back = mime_words_decode(encoded);

        if (strcmp(encoded, rows[i].encoded) != 0)
            g_test_message("%s: \"%s\"", rows[i].name, encoded);
        CHECK_ROW(rows[i].name, strcmp(encoded, rows[i].encoded) == 0);
        CHECK_ROW(rows[i].name, strcmp(back, rows[i].text) == 0);
    }
}

static void test_phrase(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *text, *phrase;
    } rows[] = {
        { "atoms", "Ann Adams", "Ann Adams" },
        { "comma", "Adams, Ann", "\"Adams, Ann\"" },
        { "quotes", "Ann \"A\" \\", "\"Ann \\\"A\\\" \\\\\"" },
        { "apostrophe", "O'Brien", "O'Brien" },
        { "letters", "M" UE "ller, Ann", "=?utf-8?B?TcO8bGxlciwgQW5u?=" },
    };
    /* clang-format on */

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *phrase = mime_words_phrase(rows[i].text);

        CHECK_ROW(rows[i].name, strcmp(phrase, rows[i].phrase) == 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_mime_init();
    g_test_add_func("/mime-words/decode", test_decode);
    g_test_add_func("/mime-words/encode", test_encode);
    g_test_add_func("/mime-words/phrase", test_phrase);
    return g_test_run();
}
