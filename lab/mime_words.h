/*
 * mime_words - encoded words in headers, RFC 2047.
 */
#ifndef LAB_MIME_WORDS_H
#define LAB_MIME_WORDS_H

#include <glib.h>

/*
 * A field's raw value as GMime reads it rightly: GMime 3.2 joins adjacent B
 * words before it decodes them, and loses all behind the first padding; they
 * become Q words here.
 */
char *mime_words_repair(const char *raw);

/* Unstructured text as UTF-8. */
char *mime_words_decode(const char *raw);

/*
 * UTF-8 as it may stand in a header: itself where it is ASCII and no reader
 * would take it for encoded, else B words with blanks between.
 */
char *mime_words_encode(const char *utf8);
/* The same for a display name, quoted where it must be. */
char *mime_words_phrase(const char *utf8);

#endif
