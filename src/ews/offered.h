/*
 * offered - operations that a server may not have, whatever its version says.
 */
#ifndef EWS_OFFERED_H
#define EWS_OFFERED_H

#include "ews/call.h"

/* The error for one that is not there: "not-offered".  Returns -1. */
int offered_not(const struct core *core, const struct call *call,
                struct err *err);

/*
 * After call_make() failed: the same when the server refused the request
 * because it does not know it, else *err as it is.  Returns -1.
 */
int offered_judge(const struct core *core, const struct call *call,
                  const struct call_answer *answer, struct err *err);

#endif
