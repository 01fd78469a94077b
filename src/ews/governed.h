/*
 * governed - a transport whose requests each wait for their turn: for those
 * that belong to no mailbox, while the server is being found.
 */
#ifndef EWS_GOVERNED_H
#define EWS_GOVERNED_H

#include "base/cancel.h"
#include "ews/transport.h"
#include "net/governor.h"

struct governed {
    struct ews_transport over;
    struct governor *governor; /* NULL: nobody waits */
    struct cancel *cancel;
};

/* g must outlive the transport and its connections. */
struct ews_transport transport_governed(struct governed *g);

#endif
