/*
 * told - a transport that tells what was asked, in order, and what each
 * answered: for people who want to know why a server was not found.
 */
#ifndef EWS_TOLD_H
#define EWS_TOLD_H

#include "ews/ews.h"
#include "ews/transport.h"

struct told {
    struct ews_transport over;
    ews_teller *tell; /* NULL: nobody listens */
    void *data;
};

/* t must outlive the transport and its connections. */
struct ews_transport transport_told(struct told *t);

/* Tell one question and its answer; control characters become "?". */
void told_say(const struct told *t, const char *asked, const char *answered);

#endif
