/*
 * sync_gate - no more than so many sync calls to one budget at a time.
 *
 * Exchange has a limit of its own on them beside the one on all requests
 * (ConcurrentSyncCalls, EWS-QUIRKS 17).  Any thread.
 */
#ifndef EWS_SYNC_GATE_H
#define EWS_SYNC_GATE_H

#include <stdint.h>

#include <glib.h>

#include "base/cancel.h"
#include "base/err.h"

struct sync_gate;
typedef struct sync_gate sync_gate;

struct sync_gate *sync_gate_new(unsigned int at_a_time);
void sync_gate_free(struct sync_gate *g);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sync_gate, sync_gate_free)

/* -1 when it would have to wait and stop is at CANCEL_DRAIN or reaches it. */
int sync_gate_enter(struct sync_gate *g, const char *budget,
                    struct cancel *stop, int64_t *waited_us,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void sync_gate_leave(struct sync_gate *g, const char *budget);

#endif
