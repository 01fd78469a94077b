/*
 * nearest - what a person may have meant by a word that is not known.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/err.h"

/*
 * The word of a NULL-terminated list that is closest to what was typed, or
 * NULL when none is near: a slip for every three letters, or the beginning of
 * a word.  ASCII letters compare without case.  Borrowed from the list.
 */
const char *nearest_word(const char *typed, const char *const *words);

/*
 * "<typed> is none of <words>", with the near one if there is any.  Returns
 * -1.
 */
int nearest_refuse(struct err *err, const char *typed,
                   const char *const *words);

#endif
