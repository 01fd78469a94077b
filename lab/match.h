/*
 * match - how Exchange compares texts: forms that are equal to it, and one
 * text in another.
 */
#ifndef LAB_MATCH_H
#define LAB_MATCH_H

#include <stdbool.h>

/* Values of ContainmentModeType, in its order. */
enum match_mode {
    MATCH_FULL,
    MATCH_PREFIX,
    MATCH_SUBSTRING,
    MATCH_WORD_PREFIXES, /* each word of the needle begins one of the text */
    MATCH_PHRASE,        /* the needle, from one word's end to another's */
};

/* What makes no difference; of ContainmentComparisonType. */
enum match_ignore {
    MATCH_IGNORE_CASE = 1 << 0,
    MATCH_IGNORE_MARKS = 1 << 1, /* accents: non-spacing characters */
};

/* Equal for texts that differ only in what is ignored; to be freed. */
char *match_fold(const char *text, unsigned int ignore);

bool match_text(const char *text, const char *needle, enum match_mode mode,
                unsigned int ignore);

/* For orders and equality: below, at or above 0, whatever the case. */
int match_order(const char *a, const char *b);

#endif
