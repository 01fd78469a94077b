/*
 * autodiscover - ask a host's own Autodiscover (POX) where EWS is.
 *
 * Source: [MS-OXDSCLI]; the document is the "outlook" one, 2006a.
 */
#ifndef EWS_AUTODISCOVER_H
#define EWS_AUTODISCOVER_H

#include "base/cancel.h"
#include "base/err.h"
#include "ews/ews.h"
#include "ews/transport.h"
#include "xml/node.h"

struct autodiscover_question {
    const char *url; /* ".../autodiscover/autodiscover.xml", https */
    const char *address;
    const struct ews_login *login;
    struct cancel *cancel;
};

/* Where the answer sends us.  One of the three is set; owned. */
struct autodiscover_answer {
    char *ews_url;
    char *redirect_url;
    char *redirect_address;
};
void autodiscover_answer_clear(struct autodiscover_answer *a);
typedef struct autodiscover_answer autodiscover_answer;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(autodiscover_answer, autodiscover_answer_clear)

/*
 * Signs in at the host of url, and nowhere else; an HTTP redirect becomes a
 * redirect_url.  -1 (ERR_RUN): refused, no Autodiscover there, or no EWS in
 * its answer.
 */
int autodiscover_ask(const struct ews_transport *t,
                     const struct autodiscover_question *question,
                     struct autodiscover_answer *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The answer in a document.  Pure, for the tests. */
int autodiscover_read(const struct xml_doc *doc,
                      struct autodiscover_answer *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
