#include "lab/match.h"

#include <string.h>

#include <glib.h>

/* g_utf8_next_char() drops the const. */
static const char *next_char(const char *p)
{
    return p + g_utf8_skip[(unsigned char)*p];
}

static char *without_marks(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *p = text; *p != '\0'; p = next_char(p))
        if (!g_unichar_ismark(g_utf8_get_char(p)))
            g_string_append_unichar(out, g_utf8_get_char(p));
    return g_string_free(out, FALSE);
}

static bool is_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

char *match_fold(const char *text, unsigned int ignore)
{
    g_autofree char *valid = NULL, *cased = NULL, *split = NULL;

    /* Most are: folding Unicode is what takes the time of a long search. */
    if (is_ascii(text))
        return (ignore & MATCH_IGNORE_CASE) != 0 ? g_ascii_strdown(text, -1)
                                                 : g_strdup(text);
    valid = g_utf8_make_valid(text, -1);
    if ((ignore & MATCH_IGNORE_CASE) != 0)
        cased = g_utf8_casefold(valid, -1);
    split = g_utf8_normalize(cased != NULL ? cased : valid, -1,
                             G_NORMALIZE_DEFAULT);
    return (ignore & MATCH_IGNORE_MARKS) != 0 ? without_marks(split)
                                              : g_steal_pointer(&split);
}

static bool is_word(const char *p)
{
    gunichar c = g_utf8_get_char(p);

    return g_unichar_isalnum(c) || g_unichar_ismark(c) || c == '_';
}

/* The next beginning of a word at or after p; its end when there is none. */
static const char *next_word(const char *p)
{
    while (*p != '\0' && !is_word(p))
        p = next_char(p);
    return p;
}

static const char *word_end(const char *p)
{
    while (*p != '\0' && is_word(p))
        p = next_char(p);
    return p;
}

static bool begins_a_word(const char *text, const char *needle, size_t n)
{
    for (const char *p = next_word(text); *p != '\0';
         p = next_word(word_end(p)))
        if (strncmp(p, needle, n) == 0)
            return true;
    return false;
}

static bool has_word_prefixes(const char *text, const char *needle)
{
    for (const char *p = next_word(needle); *p != '\0';
         p = next_word(word_end(p)))
        if (!begins_a_word(text, p, (size_t)(word_end(p) - p)))
            return false;
    return true;
}

static bool has_phrase(const char *text, const char *needle)
{
    size_t n = strlen(needle);
    const char *p = text;

    while ((p = strstr(p, needle)) != NULL) {
        bool begins = p == text || !is_word(g_utf8_prev_char(p)) || !is_word(p);

        if (begins && (p[n] == '\0' || !is_word(p + n)))
            return true;
        p = next_char(p);
    }
    return false;
}

bool match_text(const char *text, const char *needle, enum match_mode mode,
                unsigned int ignore)
{
    g_autofree char *in = match_fold(text, ignore);
    g_autofree char *what = match_fold(needle, ignore);

    switch (mode) {
    case MATCH_PREFIX:
        return g_str_has_prefix(in, what);
    case MATCH_SUBSTRING:
        return strstr(in, what) != NULL;
    case MATCH_WORD_PREFIXES:
        return has_word_prefixes(in, what);
    case MATCH_PHRASE:
        return *what == '\0' || has_phrase(in, what);
    case MATCH_FULL:
    default:
        return strcmp(in, what) == 0;
    }
}

int match_order(const char *a, const char *b)
{
    g_autofree char *x = match_fold(a, MATCH_IGNORE_CASE);
    g_autofree char *y = match_fold(b, MATCH_IGNORE_CASE);

    return strcmp(x, y);
}
