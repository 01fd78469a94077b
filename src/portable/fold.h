/*
 * fold - a text's hash, apart from what servers change in texts.
 *
 * Fed in pieces of any size; how they are cut makes no difference.  Memory is
 * bounded whatever the length.
 */
#ifndef PORTABLE_FOLD_H
#define PORTABLE_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

enum fold_kind {
    FOLD_PLAIN, /* white space of any length and sort is one space */
    FOLD_HTML,  /* and there is none beside a tag; no meta tags */
    FOLD_LINES, /* only line ends, and blanks before them */
};

struct fold;
typedef struct fold fold;

struct fold *fold_new(enum fold_kind kind);
void fold_free(struct fold *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fold, fold_free)

void fold_feed(struct fold *f, const char *bytes, size_t n);

/*
 * SHA-256 in hex; NULL: nothing but white space, or (FOLD_HTML) a document
 * without a word or picture.  The caller frees.
 */
char *fold_end(struct fold *f);

/* The three together, for a text in memory. */
char *fold_text(enum fold_kind kind, const char *text);

#endif
