#include "lab/mime_words.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <gmime/gmime.h>

/* With "=?utf-8?B?" and "?=" round it 64: a field's name stands before it. */
enum { WORD_BYTES = 39 };

/* ---- repair ---------------------------------------------------------- */

/* One word: what stands where in "=?charset?B?text?=". */
struct word {
    const char *charset, *text, *end; /* end: behind it */
    size_t charset_n, text_n;
};

static bool read_b_word(const char *p, struct word *ret)
{
    const char *mark, *close;

    if (p[0] != '=' || p[1] != '?')
        return false;
    mark = strchr(p + 2, '?');
    if (mark == NULL || (mark[1] != 'B' && mark[1] != 'b') || mark[2] != '?')
        return false;
    close = strstr(mark + 3, "?=");
    if (close == NULL)
        return false;
    *ret = (struct word){ .charset = p + 2,
                          .charset_n = (size_t)(mark - p - 2),
                          .text = mark + 3,
                          .text_n = (size_t)(close - mark - 3),
                          .end = close + 2 };
    return strcspn(ret->charset, " \t") >= ret->charset_n &&
           strcspn(ret->text, " \t?") >= ret->text_n;
}

static void append_q_word(GString *s, const struct word *w)
{
    g_autofree char *text = g_strndup(w->text, w->text_n);
    gsize n = 0;

    g_base64_decode_inplace(text, &n);
    g_string_append_printf(s, "=?%.*s?Q?", (int)w->charset_n, w->charset);
    for (gsize i = 0; i < n; i++)
        g_string_append_printf(s, "=%02X", (uint8_t)text[i]);
    g_string_append(s, "?=");
}

char *mime_words_repair(const char *raw)
{
    GString *s = g_string_sized_new(strlen(raw) + 1);
    struct word w;

    for (const char *p = raw; *p != '\0';) {
        if (read_b_word(p, &w) && w.text_n > 1) {
            append_q_word(s, &w);
            p = w.end;
        } else {
            g_string_append_c(s, *p++);
        }
    }
    return g_string_free(s, FALSE);
}

char *mime_words_decode(const char *raw)
{
    g_autofree char *repaired = mime_words_repair(raw);
    g_autofree char *text = g_mime_utils_header_decode_text(NULL, repaired);

    return g_utf8_make_valid(text, -1);
}

/* ---- encoding -------------------------------------------------------- */

static bool is_plain(const char *text)
{
    for (const char *p = text; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7F)
            return false;
    return strstr(text, "=?") == NULL;
}

static void append_b_words(GString *s, const char *utf8)
{
    while (*utf8 != '\0') {
        const char *end = utf8;
        g_autofree char *text = NULL;

        while (*end != '\0' && g_utf8_next_char(end) - utf8 <= WORD_BYTES)
            end = g_utf8_next_char(end);
        text = g_base64_encode((const guchar *)utf8, (gsize)(end - utf8));
        g_string_append_printf(s, "%s=?utf-8?B?%s?=", s->len > 0 ? " " : "",
                               text);
        utf8 = end;
    }
}

char *mime_words_encode(const char *utf8)
{
    GString *s;

    if (is_plain(utf8))
        return g_strdup(utf8);
    s = g_string_new(NULL);
    append_b_words(s, utf8);
    return g_string_free(s, FALSE);
}

char *mime_words_phrase(const char *utf8)
{
    GString *s = g_string_new(NULL);

    if (!is_plain(utf8)) {
        append_b_words(s, utf8);
    } else if (strpbrk(utf8, "()<>[]:;@\\,.\"") == NULL) {
        g_string_append(s, utf8);
    } else {
        g_string_append_c(s, '"');
        for (const char *p = utf8; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                g_string_append_c(s, '\\');
            g_string_append_c(s, *p);
        }
        g_string_append_c(s, '"');
    }
    return g_string_free(s, FALSE);
}
