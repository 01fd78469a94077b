#include "desk/tag.h"

#include <string.h>

#define OPENING "[MF-"

/* The tag that begins here: its number and, in *ret_end, what follows. */
static int64_t tag_at(const char *text, const char **ret_end)
{
    char *end;
    gint64 number;

    if (g_ascii_strncasecmp(text, OPENING, strlen(OPENING)) != 0 ||
        !g_ascii_isdigit(text[strlen(OPENING)]))
        return 0;
    number = g_ascii_strtoll(text + strlen(OPENING), &end, 10);
    if (*end != ']' || number <= 0 || number == G_MAXINT64)
        return 0;
    *ret_end = end + 1;
    return number;
}

int64_t tag_find(const char *subject)
{
    const char *end;

    for (const char *at = subject; (at = strchr(at, '[')) != NULL; at++) {
        int64_t number = tag_at(at, &end);

        if (number > 0)
            return number;
    }
    return 0;
}

char *tag_put(int64_t request, const char *subject)
{
    if (tag_find(subject) == request)
        return g_strdup(subject);
    return g_strdup_printf(OPENING "%" G_GINT64_FORMAT "] %s", request,
                           subject);
}

/* What mail programs of several languages put before a subject. */
static const char *const marks[] = {
    "re:", "fwd:",  "fw:", "aw:", "wg:", "sv:",
    "vs:", "antw:", "tr:", "rv:", "r:",  "i:",
};

/* The marks, tags and blanks at the beginning. */
static const char *skip(const char *text)
{
    for (;;) {
        const char *before = text, *end;

        while (g_ascii_isspace(*text))
            text++;
        for (size_t i = 0; i < G_N_ELEMENTS(marks); i++)
            if (g_ascii_strncasecmp(text, marks[i], strlen(marks[i])) == 0)
                text += strlen(marks[i]);
        if (tag_at(text, &end) > 0)
            text = end;
        if (text == before)
            return text;
    }
}

char *tag_strip(const char *subject)
{
    return g_strchomp(g_strdup(skip(subject)));
}
