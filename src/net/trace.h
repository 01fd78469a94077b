/*
 * trace - one exchange on its way into the wire log.
 */
#ifndef NET_TRACE_H
#define NET_TRACE_H

#include "net/net.h"

struct trace_entry;
typedef struct trace_entry trace_entry;

/* What a stretch of the conversation is. */
enum trace_kind {
    TRACE_NOTHING,
    TRACE_HEADER_OUT,
    TRACE_BODY_OUT,
    TRACE_HEADER_IN,
    TRACE_BODY_IN,
};

/* Begin an exchange.  auth: whose password is never to be written; or NULL. */
struct trace_entry *trace_begin(struct net_trace *trace,
                                const struct net_auth *auth);

/* One more secret that is never to be written; or NULL. */
void trace_hide(struct trace_entry *e, const struct secret *text);

/* Of the bodies of this exchange only their size is written. */
void trace_hide_bodies(struct trace_entry *e);

/* The next bytes, in the order of the wire. */
void trace_add(struct trace_entry *e, enum trace_kind kind, const char *bytes,
               size_t n);

/* Write it, with a closing line that says how it ended, and free it. */
void trace_end(struct trace_entry *e, const char *how);

#endif
