/*
 * checklist - the pieces that a request is made of, each with what is known of
 * it and what is asked for.
 */
#ifndef DESK_CHECKLIST_H
#define DESK_CHECKLIST_H

#include "store/requests.h"

enum checklist_state {
    CHECKLIST_THERE,
    CHECKLIST_MISSING,
    CHECKLIST_FAULTY,     /* it came, and is no good */
    CHECKLIST_NOT_NEEDED, /* it is complete without */
    CHECKLIST_N_STATES
};
/* "there", "missing", "faulty", "not needed"; static. */
const char *checklist_state_name(enum checklist_state state);

/* Partner ID, domain, OWA URL, import file, credentials, dates. */
#define CHECKLIST_N 6

struct checklist_row {
    const char *piece; /* "owa-url": for programs */
    const char *name;  /* "OWA URL" */
    enum checklist_state state;
    const char *ask; /* what is asked for, as letters say it; NULL: nothing */
};
/* All strings are static. */
void checklist_of(const struct request *r,
                  struct checklist_row ret[CHECKLIST_N]);

#endif
