/*
 * meter - looks on while mailboxes are copied, and puts on record how fast
 * they went (store/paces.h).
 *
 * Copying is cut into stretches, the first of them short, so that something is
 * known soon, the later ones long, so that a day is not a thousand lines.
 * What cannot be recorded is not missed: the copying goes on.
 *
 * Any thread.
 */
#ifndef FLEET_METER_H
#define FLEET_METER_H

#include "engine/engine.h"
#include "store/paces.h"

/* The first and the longest stretch; each is twice as long as the last. */
#define METER_FIRST_US INT64_C(10000000)
#define METER_MOST_US  INT64_C(900000000)

/* What the mailboxes of one process share: who is at work beside whom. */
struct meter;
typedef struct meter meter;
struct meter *meter_new(void);
/* After its mailboxes. */
void meter_free(struct meter *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(meter, meter_free)

/* One pass over a mailbox. */
struct metered;
typedef struct metered metered;
/* Begins now.  Borrows the store; between is copied. */
struct metered *metered_new(struct meter *m, struct store *s,
                            const struct pace_hosts *between,
                            int64_t mailbox_id);
/* Both ends are there; borrowed until metered_end(). */
void metered_open(struct metered *p, struct endpoint *source,
                  struct endpoint *destination);
void metered_event(struct metered *p, const struct engine_event *event);
/*
 * The pass is over.  whole: it came to its end, so that what it took beside
 * copying is known as well.  Frees.
 */
void metered_end(struct metered *p, bool whole);

#endif
