/*
 * autodiscover - POX Autodiscover ([MS-OXDSCLI]): where a mailbox is served.
 */
#ifndef LAB_AUTODISCOVER_H
#define LAB_AUTODISCOVER_H

#include "lab/http.h"
#include "lab/lab.h"

/* Answer an authenticated request; anybody's mailbox, as in Exchange. */
void autodiscover_handle(struct lab *lab, const struct http_request *request,
                         struct http_answer *answer);

#endif
