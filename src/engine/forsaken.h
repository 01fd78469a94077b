/*
 * forsaken - copies that a run of ours has left before they were right.
 *
 * What a server did not keep of a plain item that came as MIME and properties
 * is set right after it was made.  Who dies between leaves a copy with a whole
 * stamp that is not equal: it is told from one that somebody has edited since
 * by nobody having touched it.
 */
#ifndef ENGINE_FORSAKEN_H
#define ENGINE_FORSAKEN_H

#include "engine/pass.h"

/*
 * ret[i]: the copy ids[i] of rows[i] is not what was sent, and nobody has
 * touched it.  One that cannot be read, or compared, is not forsaken.
 */
int forsaken_find(struct pass *p, const struct store_item *const *rows,
                  const char *const *ids, size_t n, bool *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Softly and patiently; their items are sent again. */
int forsaken_remove(struct pass *p, struct endpoint *ep,
                    const struct endpoint_ref *refs, size_t n,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
