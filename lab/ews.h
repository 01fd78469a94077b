/*
 * ews - one request to Exchange.asmx, from its bytes to its answer.
 */
#ifndef LAB_EWS_H
#define LAB_EWS_H

#include "lab/http.h"
#include "lab/lab.h"

/*
 * Carry out an authenticated request as login and fill in the answer; faults
 * on demand may make it end otherwise.  Any thread.
 */
void ews_handle(struct lab *lab, const struct http_request *request,
                const char *login, struct http_answer *answer);

/* The pool for struct lab's `late`; free it before what it works on. */
GThreadPool *ews_late_new(struct lab *lab);

#endif
