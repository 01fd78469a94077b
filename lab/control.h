/*
 * control - steer the lab from a test while it runs: /lab/..., from this
 * machine only.
 *
 * Answers are plain text; 400 with what is wrong when a request is none.
 *
 *   GET  /lab/counters[?format=json]   counters.h
 *   POST /lab/reset-counters
 *   GET  /lab/faults                   the rules, and how often they fired
 *   POST /lab/faults                   replace them; one rule a line (fault.h),
 *                                      or a line of a script (script.h)
 *   GET  /lab/throttle                 what holds now, "name value" a line
 *   POST /lab/throttle?NAME=VALUE&...  change some of it; policy=NAME first
 *   POST /lab/add?items=N&seed=N[&mailbox=A]
 *                                      N new items, spread over the mailboxes
 *   POST /lab/change?[mailbox=A&][delete=N&][edit=N&][move=N&][read=N&]
 *                    [touch=N]         change items of a mailbox (the first)
 *   POST /lab/expire-sync[?mailbox=A]  every SyncState so far is refused
 *   POST /lab/unlock                   forget failed sign-ins
 *   GET  /lab/tray                     what would have been sent (tray.h)
 *   POST /lab/empty-tray
 */
#ifndef LAB_CONTROL_H
#define LAB_CONTROL_H

#include "lab/http.h"
#include "lab/lab.h"

void control_handle(struct lab *lab, const struct http_request *request,
                    struct http_answer *answer);

/* The same by a script: "throttle?burst=5" is POST /lab/throttle?burst=5. */
int control_post(struct lab *lab, const char *action,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
