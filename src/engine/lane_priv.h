/*
 * lane_priv - what the parts of a lane share.
 *
 *   lane.c          from claim to record; the diagram and the invariants
 *   lane_read.c     payloads from the source
 *   adopt.c         what is at the destination already
 *   lane_send.c     payloads to the destination
 *   lane_trouble.c  what failed, and whose fault it was
 */
#ifndef ENGINE_LANE_PRIV_H
#define ENGINE_LANE_PRIV_H

#include "engine/cargo.h"

struct lane {
    struct copy *copy;
    struct endpoint *at[N_SIDES];
    struct folder *folder; /* of the claim in hand */
    unsigned int failures; /* of whole requests in a row */
    int64_t read_us;       /* that the last reading took the source */
};

/* ---- lane.c ---------------------------------------------------------- */

/* Into the ledger, those of the n that are settled. */
int lane_record(struct lane *l, struct cargo *const *set, size_t n,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Fail what the destination would refuse for its size.  The size that a
 * server lists is an estimate: what it puts a quarter over the limit is not
 * even read; the rest is judged by what came.
 */
void lane_refuse_oversize(struct lane *l, struct cargo *c);

/*
 * What a side has taken so far for this lane's requests.  A lane's wait for its
 * turn under a throttle is not in it: that says nothing of a batch.
 */
int64_t lane_asked_us(const struct lane *l, enum side side);

/* ---- lane_read.c ----------------------------------------------------- */

/*
 * Read n items: each is READ, SETTLED, or (when the pass is over, or the
 * source is away) still CLAIMED.
 */
void lane_read(struct lane *l, struct cargo *const *set, size_t n);

/* ---- adopt.c --------------------------------------------------------- */

/*
 * Of n items that are READ, those that were at the destination before us: they
 * are RECORDED then.  -1 when the ledger cannot be written, or a side not be
 * asked.
 */
int lane_adopt(struct lane *l, struct cargo *const *set, size_t n,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- lane_send.c ----------------------------------------------------- */

/*
 * Send n items that are READ, in requests that fit, and record what became
 * of them.  -1 only when the ledger cannot be written.
 */
int lane_send(struct lane *l, struct cargo *const *set, size_t n,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- lane_trouble.c -------------------------------------------------- */

/* One item's own failure: settles it. */
void lane_trouble(struct lane *l, enum side side, struct cargo *c,
                  const struct err *why);
/*
 * A request failed as a whole in a way that says nothing of its items: wait,
 * or stop.  True: the server is well, so that it counts against them.
 */
bool lane_weather(struct lane *l, enum side side, const struct err *why);
/*
 * A request was refused as a whole.  True: the server lacks the operation, or
 * we have no right to it, and the items go the other way (they are settled; to
 * LISTED).
 */
bool lane_turn(struct lane *l, enum side side, struct cargo *const *set,
               size_t n, const struct err *why);
/*
 * A lost request, and the server is well: settles its items.  Held against
 * items in company only to part them.
 */
void lane_suspect(struct lane *l, enum side side, struct cargo *const *set,
                  size_t n, const struct err *why);

#endif
