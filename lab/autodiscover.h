/*
 * autodiscover - where a mailbox is served, in the three ways in which
 * clients ask: POX ([MS-OXDSCLI]), SOAP ([MS-OXWSADISC], since Exchange 2010)
 * and JSON (since Exchange 2016).
 */
#ifndef LAB_AUTODISCOVER_H
#define LAB_AUTODISCOVER_H

#include "lab/http.h"
#include "lab/lab.h"

/* Answer an authenticated request; anybody's mailbox, as in Exchange. */
void autodiscover_handle(struct lab *lab, const struct http_request *request,
                         struct http_answer *answer);
/* "/autodiscover/autodiscover.svc" */
void autodiscover_soap(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer);
/* "/autodiscover/autodiscover.json": to anybody, signed in or not. */
void autodiscover_json(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer);

/* ---- shared by the three ------------------------------------------- */

/* Where a client that asks for an address is sent instead; or nowhere. */
struct autodiscover_redirect {
    const char *address, *url; /* one of them, or neither; borrowed */
};
struct autodiscover_redirect autodiscover_redirect(const struct lab *lab,
                                                   const char *address);

/* The mailbox's archive: 1, 0 when there is none. */
int autodiscover_archive(struct lab *lab, const struct lab_mailbox *of,
                         struct lab_mailbox *ret);

#endif
