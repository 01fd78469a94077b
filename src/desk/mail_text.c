/*
 * What is new in a text.
 *
 * Mail programs put what they answer under the answer, each in its own way:
 * behind ">", under "On ... wrote:", under a block of header lines, under a
 * rule.  What stands there was said before, often by us, and must not be taken
 * for news.  A mail that is sent on has it otherwise: there it is the news.
 */
#include <string.h>

#include "desk/mail_priv.h"
#include "desk/tag.h"

/* Nobody writes more; a text of blank lines must not cost more. */
#define LINES_MAX 20000
/* "On Tuesday, ... at ... <long@address>\nwrote:" is broken so often. */
#define ATTRIBUTION_LINES 4
/* A block of header lines, in which these are looked for. */
#define BLOCK_LINES 8

enum mark { NO_MARK, MARK_QUOTE, MARK_FORWARD };

/* The next line that is not blank, from i on; n: none. */
static size_t next_line(char **lines, size_t i)
{
    while (lines[i] != NULL && lines[i][strspn(lines[i], " \t")] == '\0')
        i++;
    return i;
}

/* Without the stars that stand for bold, and blanks. */
static const char *bare(const char *line)
{
    return line + strspn(line, " \t*_");
}

static bool begins(const char *line, const char *word)
{
    return g_ascii_strncasecmp(bare(line), word, strlen(word)) == 0;
}

static bool begins_with_any(const char *line, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (begins(line, words[i]))
            return true;
    return false;
}

/* ---- marks in one line --------------------------------------------------- */

/* Between dashes, in lower case. */
static const struct {
    const char *words;
    enum mark mark;
} rules[] = {
    { "original message", MARK_QUOTE },
    { "original appointment", MARK_QUOTE },
    { "urspr\xc3\xbcngliche nachricht", MARK_QUOTE },
    { "message d'origine", MARK_QUOTE },
    { "mensaje original", MARK_QUOTE },
    { "messaggio originale", MARK_QUOTE },
    { "oorspronkelijk bericht", MARK_QUOTE },
    { "forwarded message", MARK_FORWARD },
    { "begin forwarded message", MARK_FORWARD },
    { "weitergeleitete nachricht", MARK_FORWARD },
    { "message transf\xc3\xa9r\xc3\xa9", MARK_FORWARD },
    { "mensaje reenviado", MARK_FORWARD },
    { "messaggio inoltrato", MARK_FORWARD },
};

static enum mark mark_of_line(const char *line)
{
    g_autofree char *lower = NULL;
    const char *text;

    if (strstr(line, TAG_REPLY_LINE) != NULL)
        return MARK_QUOTE;
    if (strlen(line) > 100)
        return NO_MARK;
    lower = g_utf8_strdown(line, -1);
    text = lower + strspn(lower, " \t-_=*");
    /* a rule on both sides; Apple's Mail has a colon instead */
    if (text - lower < 3 && !g_str_has_prefix(text, "begin forwarded"))
        return NO_MARK;
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (g_str_has_prefix(text, rules[i].words))
            return rules[i].mark;
    return NO_MARK;
}

/* ---- marks of several lines ---------------------------------------------- */

/* How the line over a quote begins and what is at its end. */
static const struct {
    const char *first, *last;
} attributions[] = {
    { "On ", "wrote" },
    { "Am ", "schrieb" },
    { "Le ", "a \xc3\xa9"
             "crit" },
    { "El ", "escribi\xc3\xb3" },
    { "Il ", "ha scritto" },
    { "Op ", "schreef" },
    { "Em ", "escreveu" },
    { "Den ", "skrev" },
};

static bool has_digit(const char *text)
{
    return text[strcspn(text, "0123456789")] != '\0';
}

/* How many lines it takes; 0: it is none. */
static size_t attribution(char **lines, size_t i)
{
    const char *line = lines[i] + strspn(lines[i], " \t");
    const char *last = NULL;
    bool dated = false;

    for (size_t k = 0; k < G_N_ELEMENTS(attributions); k++)
        if (g_str_has_prefix(line, attributions[k].first))
            last = attributions[k].last;
    for (size_t k = i; last != NULL && k < i + ATTRIBUTION_LINES; k++) {
        g_autofree char *text = NULL;

        if (lines[k] == NULL || lines[k][strspn(lines[k], " \t")] == '\0')
            return 0;
        text = g_strchomp(g_strdup(lines[k]));
        dated |= has_digit(text);
        if (dated && strstr(text, last) != NULL && g_str_has_suffix(text, ":"))
            return k + 1 - i;
    }
    return 0;
}

static const char *const from_words[] = {
    "From:", "Von:", "De:", "De :", "Da:", "Van:", "Fra:", NULL,
};
static const char *const header_words[] = {
    "Sent:",     "Date:",       "To:",        "Cc:",      "Subject:",
    "Gesendet:", "Datum:",      "An:",        "Betreff:", "Envoy\xc3\xa9",
    "Date :",    "\xc3\x80 :",  "\xc3\x80:",  "Objet",    "Enviado",
    "Fecha:",    "Para:",       "Asunto:",    "Inviato:", "Data:",
    "A:",        "Oggetto:",    "Verzonden:", "Aan:",     "Onderwerp:",
    "Reply-To:", "Importance:", NULL,
};

/* From, and two more of what a header has, in the lines that follow. */
static bool is_block(char **lines, size_t i)
{
    guint found = 0;

    if (!begins_with_any(lines[i], from_words))
        return false;
    for (size_t k = i + 1; k <= i + BLOCK_LINES && lines[k] != NULL; k++)
        found += begins_with_any(lines[k], header_words);
    return found >= 2;
}

/* Past a block of header lines, each of which may go on in the next. */
static size_t skip_block(char **lines, size_t i)
{
    i = next_line(lines, i);
    if (lines[i] == NULL || !is_block(lines, i))
        return i;
    while (lines[i] != NULL && lines[i][strspn(lines[i], " \t")] != '\0')
        i++;
    return i;
}

/* ---- the whole ----------------------------------------------------------- */

/*
 * *ret_skip: lines over a quote that is marked line by line.  There the answer
 * may stand between or below, so nothing ends.
 */
static enum mark mark_at(char **lines, size_t i, size_t *ret_skip)
{
    enum mark mark = mark_of_line(lines[i]);
    size_t n = mark == NO_MARK ? attribution(lines, i) : 0;
    const char *after = n > 0 ? lines[next_line(lines, i + n)] : NULL;

    *ret_skip = 0;
    if (after != NULL && after[strspn(after, " \t")] == '>') {
        *ret_skip = n;
        return NO_MARK;
    }
    if (mark != NO_MARK)
        return mark;
    return n > 0 || is_block(lines, i) ? MARK_QUOTE : NO_MARK;
}

static bool is_signature(const char *line)
{
    return strcmp(line, "-- ") == 0 || strcmp(line, "--") == 0;
}

/* Up to the first mark, without quoted lines; *ret_end: where that is. */
static GString *fresh_part(char **lines, size_t from, size_t *ret_end,
                           enum mark *ret_mark)
{
    GString *fresh = g_string_new(NULL);
    bool signature = false;
    size_t i;

    *ret_mark = NO_MARK;
    for (i = from; lines[i] != NULL; i++) {
        size_t skip;

        *ret_mark = mark_at(lines, i, &skip);
        if (*ret_mark != NO_MARK)
            break;
        signature |= is_signature(lines[i]);
        if (skip > 0)
            i += skip - 1;
        else if (!signature && lines[i][strspn(lines[i], " \t")] != '>')
            g_string_append_printf(fresh, "%s\n", lines[i]);
    }
    *ret_end = i;
    return fresh;
}

static char *trimmed(GString *s)
{
    size_t blank = strspn(s->str, "\n");

    g_string_erase(s, 0, (gssize)blank);
    while (s->len > 0 && strchr(" \t\n", s->str[s->len - 1]) != NULL)
        g_string_truncate(s, s->len - 1);
    return g_string_free(s, FALSE);
}

struct mail_words mail_words_of(const char *text)
{
    char **lines = g_strsplit(text, "\n", LINES_MAX);
    struct mail_words words = { 0 };
    enum mark mark;
    size_t end;
    char *fresh = trimmed(fresh_part(lines, 0, &end, &mark));

    words.fresh = fresh;
    /* nothing said above: what stands there is what was meant */
    if (mark == MARK_QUOTE && *fresh == '\0' && lines[end] != NULL &&
        is_block(lines, end))
        mark = MARK_FORWARD;
    else if (mark == MARK_FORWARD)
        end++;
    if (mark == MARK_FORWARD)
        words.forwarded =
            trimmed(fresh_part(lines, skip_block(lines, end), &end, &mark));
    for (size_t i = 0; lines[i] != NULL; i++)
        mail_wipe(lines[i]);
    g_free(lines);
    return words;
}
