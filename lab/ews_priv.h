/*
 * ews_priv - one request to Exchange.asmx on its way, and the faults on
 * demand that meet it there.
 */
#ifndef LAB_EWS_PRIV_H
#define LAB_EWS_PRIV_H

#include "lab/ews.h"
#include "lab/op.h"

/* Everything about one request; lives on when its client has gone. */
struct job {
    struct lab *lab;
    const struct op *op;
    struct soap_request request;
    enum release asked;
    struct caller caller;
    struct problem inside; /* what every item is to fail with; code NULL */
    uint64_t bytes;        /* of its body */
    uint32_t late_ms;
    uint32_t away_ms; /* its budget is told to stay away; 0: it is not */
    bool strayed;     /* came without its affinity cookie */
    bool cut;         /* took too long: no answer is sent */
    bool injected;    /* a fault on demand has shown */
    struct throttle_ticket *ticket; /* NULL: nobody counts its time */
};

/* ---- ews.c: what inject.c needs ------------------------------------ */

/* A SOAP fault for p, with HTTP 500. */
void ews_answer_fault(const struct lab *lab, const struct problem *p,
                      struct http_answer *answer);
/* A status page as IIS sends it: no SOAP at all. */
void ews_answer_http(struct http_answer *answer, unsigned int status,
                     const char *text);
void ews_wait_ms(const struct lab *lab, uint32_t ms);

/* ---- inject.c ------------------------------------------------------ */

/* Whether such a fault hits the request now; counts it. */
bool inject_due(struct job *job, enum fault_kind kind, struct fault_hit *ret);
/* What goes wrong before anything is done; true: that was all. */
bool inject_before(struct job *job, struct http_answer *answer);
/* What every item fails with, and requests that are not what was sent. */
void inject_inside(struct job *job);
/* What goes wrong once it is done. */
void inject_after(struct job *job, const struct http_request *request,
                  struct http_answer *answer);

/* ---- fault_request.c, fault_answer.c ------------------------------- */

/* Change the request as a server misreads it. */
void fault_bend_request(struct job *job);
/* Change the finished answer as a server misreports it. */
void fault_bend_answer(struct job *job, GString *body);

#endif
