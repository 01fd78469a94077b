#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

/* Longer words are no typing mistakes of ours; bounds the table below. */
#define WORD_MAX 40

static bool same(char a, char b)
{
    return g_ascii_tolower(a) == g_ascii_tolower(b);
}

/*
 * Edits that make b of a: letters inserted, dropped, replaced, or two
 * neighbours swapped (optimal string alignment).
 */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    size_t d[WORD_MAX + 1][WORD_MAX + 1];

    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t replaced = d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]);
            size_t moved = MIN(d[i - 1][j], d[i][j - 1]) + 1;

            d[i][j] = MIN(replaced, moved);
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
                same(a[i - 2], b[j - 1]))
                d[i][j] = MIN(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

const char *nearest_word(const char *typed, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = 0, len = strlen(typed);

    if (len == 0 || len > WORD_MAX)
        return NULL;
    for (; *words != NULL; words++) {
        size_t away;

        if (strlen(*words) > WORD_MAX)
            continue;
        /* The beginning of a word is as good as one slip. */
        away = g_ascii_strncasecmp(*words, typed, len) == 0
                   ? 1
                   : distance(typed, *words);
        if (away <= MAX(len / 3, 1) && (best == NULL || away < best_distance)) {
            best = *words;
            best_distance = away;
        }
    }
    return best;
}

int nearest_refuse(struct err *err, const char *typed, const char *const *words)
{
    g_autofree char *list = g_strjoinv(", ", (char **)(uintptr_t)words);
    const char *near = nearest_word(typed, words);

    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   near != NULL ? "\"%s\" is none of %s; did you mean \"%s\"?"
                                : "\"%s\" is none of %s",
                   typed, list, near);
}
