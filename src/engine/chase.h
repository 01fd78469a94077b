/*
 * chase - make the copies of some items what their originals are now.
 *
 * One thread's work on one batch; see follow.c for the rules.
 */
#ifndef ENGINE_CHASE_H
#define ENGINE_CHASE_H

#include "engine/copy_priv.h"
#include "engine/reader.h"

struct chase {
    struct copy *copy;
    struct endpoint *at[N_SIDES]; /* this thread's own */
    bool replace; /* what cannot be updated may go back to LISTED */
    bool deletes;
};

/*
 * COPIED rows (struct store_item *) with pending bits, at most READER_ITEMS.
 * What cannot be done keeps its bits, as FAILED where nothing but another run
 * may help.  -1 when the pass cannot go on.
 */
int chase_items(struct chase *c, const GPtrArray *rows,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Rows with an old destination id: what they replaced is removed, softly. */
int chase_old(struct chase *c, const GPtrArray *rows,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
