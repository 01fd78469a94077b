/*
 * names - folder names, for a path and for a destination that may refuse
 * them.
 */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include <stdbool.h>

#include <glib.h>

/* Longest path that the ledger keeps; store.h has the same limit. */
#define NAMES_PATH_MAX 65536

/*
 * The attempt-th name under which to try a folder: 0 its own, 1 without what
 * servers refuse, then the same with a number, at last a plain one.  NULL
 * when there are no more.  The caller frees.
 */
char *name_candidate(const char *name, unsigned int attempt);

/* Exchange takes the names of one parent's children without case. */
bool name_equal(const char *a, const char *b);
/* What equal names have in common, for a hash table.  The caller frees. */
char *name_fold(const char *name);

/*
 * parent's path and the name, joined by "/"; "/" and "%" in the name become
 * %2F and %25.  parent: NULL or "" for a top folder.  The caller frees.
 */
char *name_path(const char *parent, const char *name);

#endif
