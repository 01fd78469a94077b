/*
 * counters - what clients asked of the lab, for tests to assert.
 *
 * Any thread.  Counted are EWS requests that got past authentication; bytes
 * are those of bodies.
 */
#ifndef LAB_COUNTERS_H
#define LAB_COUNTERS_H

#include <stdint.h>

#include <glib.h>

struct counters;
typedef struct counters counters;

struct counters *counters_new(void);
void counters_free(struct counters *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(counters, counters_free)

/* A request begins and ends.  mailbox: whose rights it uses; may be NULL. */
void counters_begin(struct counters *c, const char *operation,
                    const char *mailbox, uint64_t bytes_in);
void counters_end(struct counters *c, const char *mailbox, uint64_t bytes_out);

/* A connection is made and closed. */
void counters_connect(struct counters *c);
void counters_disconnect(struct counters *c);

/*
 * A budget was told to stay away for so long; what comes all the same is
 * counted as "backoff.early".  Not in the first quarter of that time, for it
 * may have been on its way when the budget was told.
 */
void counters_told(struct counters *c, const char *budget, uint32_t ms);
void counters_arrived(struct counters *c, const char *budget);

/* One more of something, by name: "busy", "refused.401", "fault.late". */
void counters_note(struct counters *c, const char *name);
void counters_add(struct counters *c, const char *name, uint64_t n);

/* All to nothing but what is in flight. */
void counters_reset(struct counters *c);

/*
 * As lines "name value", sorted:
 *   bytes.in, bytes.out, connections, connections.now, connections.most,
 *   in-flight.now, in-flight.most, requests, requests.<Operation>,
 *   mailbox.<address>.requests, mailbox.<address>.in-flight.most, and what
 *   counters_note() named (docs/guide/lab.md has them all).
 */
char *counters_text(struct counters *c);
/* The same as one JSON object of numbers. */
char *counters_json(struct counters *c);

#endif
