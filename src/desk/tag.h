/*
 * tag - a request's number where mail programs carry it: in the subject, and
 * the line below which an answer quotes us.
 */
#ifndef DESK_TAG_H
#define DESK_TAG_H

#include <stdint.h>

#include <glib.h>

/* Stands above the text of each of our mails. */
#define TAG_REPLY_LINE "-- please answer above this line --"

/* The number in "... [MF-1042] ..."; of several the first; 0: none. */
int64_t tag_find(const char *subject);

/* "[MF-1042] subject"; one that carries it already stays.  Free it. */
char *tag_put(int64_t request, const char *subject) G_GNUC_MALLOC;

/* Subject without "Re:", "Fwd:" in any number and tags: for comparing. */
char *tag_strip(const char *subject) G_GNUC_MALLOC;

#endif
