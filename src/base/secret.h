/*
 * secret - a password or token that wipes itself and cannot be printed.
 *
 * There is no formatter on purpose.  The bytes are kept out of swap where
 * the system allows it and are overwritten before they are freed.  A secret
 * never changes, so any thread may read it.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#include <glib.h>

#include "base/err.h"

/* Longest secret taken from outside; Exchange refuses passwords over 256. */
#define SECRET_MAX 4096

struct secret;
typedef struct secret secret;

/* A copy of len bytes of text (no NUL inside); the caller wipes its own. */
struct secret *secret_new(const char *text, size_t len);

/* A second owner of the same bytes; NULL gives NULL. */
struct secret *secret_ref(struct secret *s);

/* Wipes with the last owner; NULL is fine. */
void secret_free(struct secret *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(secret, secret_free)

/* NUL-terminated; lives as long as s.  Hand it to a library, never to a log. */
const char *secret_peek(const struct secret *s);

/*
 * The first line of a file, without its line end.  Refuses an empty one, one
 * that others may read (mode & 077, when it is a regular file), and one over
 * SECRET_MAX.  -1 on error, *ret untouched.
 */
int secret_from_file(const char *path, struct secret **ret, struct err *err);

/* The environment variable, wiped and unset after; 0 with *ret NULL: unset. */
int secret_from_env(const char *name, struct secret **ret, struct err *err);

/* Wipe a buffer in a way that the compiler does not remove. */
void secret_wipe(void *p, size_t n);

#endif
