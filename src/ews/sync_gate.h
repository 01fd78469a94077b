/*
 * sync_gate - no more than so many sync calls to one budget at a time.
 *
 * Exchange has a limit of its own on them beside the one on all requests
 * (ConcurrentSyncCalls, EWS-QUIRKS 17).  Mailboxes that share a budget take
 * turns.  Any thread.
 */
#ifndef EWS_SYNC_GATE_H
#define EWS_SYNC_GATE_H

#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"
#include "net/turns.h"

struct sync_gate;
typedef struct sync_gate sync_gate;

struct sync_gate *sync_gate_new(unsigned int at_a_time);
void sync_gate_free(struct sync_gate *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sync_gate, sync_gate_free)

/* One who comes; caller's storage, from enter to leave. */
struct sync_visit {
    struct turn turn; /* the gate's, as the last two */
    const char *budget, *mailbox;
    bool in; /* and no longer in the line */
    int64_t in_us;
};

/* -1 when it would have to wait and stop is at CANCEL_DRAIN or reaches it. */
int sync_gate_enter(struct sync_gate *g, struct sync_visit *v,
                    struct cancel *stop, int64_t *waited_us,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void sync_gate_leave(struct sync_gate *g, struct sync_visit *v);
/* How many wait now, of all budgets. */
unsigned int sync_gate_waiting(struct sync_gate *g);

#endif
