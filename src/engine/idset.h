/*
 * idset - a set of long ids in little memory: 24 bytes each.
 *
 * Server ids run to 200 characters and a folder to a million items, so what
 * is kept is a truncated SHA-256 (two ids that fall together are not to be
 * expected in the life of the universe).  Filled first, then sealed, then
 * asked.  One thread at a time.
 */
#ifndef ENGINE_IDSET_H
#define ENGINE_IDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

struct idset;
typedef struct idset idset;

struct idset *idset_new(void);
void idset_free(struct idset *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(idset, idset_free)

/*
 * Twice is once; no marks yet.  tag: whatever the caller wants to know of the
 * id later.  Before idset_seal() only.
 */
void idset_add(struct idset *s, const char *id, uint32_t tag);
void idset_seal(struct idset *s);

/* After idset_seal() only: */
size_t idset_size(const struct idset *s);
bool idset_has(const struct idset *s, const char *id);
/* Set a mark (a bit of the caller's) on id; false when it is not in the set. */
bool idset_mark(struct idset *s, const char *id, unsigned int mark);
/* The tag of id; 0 when it is not in the set. */
uint32_t idset_tag(const struct idset *s, const char *id);
/* The marks of id; 0 when it is not in the set. */
unsigned int idset_marks(const struct idset *s, const char *id);

#endif
