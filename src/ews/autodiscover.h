/*
 * autodiscover - ask a host's own Autodiscover where EWS is, in the three
 * forms that there are.
 *
 * Sources: [MS-OXDSCLI] for POX (the "outlook" document, 2006a), [MS-OXWSADISC]
 * for SOAP (Exchange 2010 and later), "Autodiscover V2" for JSON (2016 and
 * later), which takes no credential.
 *
 * err->name of -1, beside what net/ and scheme.h say:
 *     "NoAutodiscover"  there is none at that address
 *     "NoEws"           it answers, and names no EWS for that mailbox
 *     "Unauthorized"    it refuses the user name or the password
 */
#ifndef EWS_AUTODISCOVER_H
#define EWS_AUTODISCOVER_H

#include "base/cancel.h"
#include "base/err.h"
#include "ews/ews.h"
#include "ews/transport.h"
#include "xml/node.h"

#define AUTODISCOVER_POX_PATH  "/autodiscover/autodiscover.xml"
#define AUTODISCOVER_SOAP_PATH "/autodiscover/autodiscover.svc"
#define AUTODISCOVER_JSON_PATH "/autodiscover/autodiscover.json"

struct autodiscover_question {
    const char *url; /* of the form that is asked, https */
    const char *address;
    const struct ews_login *login; /* not looked at by the JSON form */
    /* An application's, whose id is login's user: in place of a password. */
    struct secret *token;
    /* How to sign in there, kept from one question to the next; or NULL. */
    enum net_scheme *scheme;
    struct cancel *cancel;
};

/* Where the answer sends us.  One of the first three is set; owned. */
struct autodiscover_answer {
    char *ews_url;
    char *redirect_url;
    char *redirect_address;
    char *legacy_dn; /* beside ews_url: the mailbox's legacyExchangeDN */
};
void autodiscover_answer_clear(struct autodiscover_answer *a);
typedef struct autodiscover_answer autodiscover_answer;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(autodiscover_answer, autodiscover_answer_clear)

/*
 * One question in one form.  POX and SOAP sign in at the host of url, and
 * nowhere else; an HTTP redirect becomes a redirect_url.  -1 (ERR_RUN).
 */
typedef int autodiscover_form(const struct ews_transport *t,
                              const struct autodiscover_question *question,
                              struct autodiscover_answer *ret, struct err *err);
autodiscover_form autodiscover_ask; /* POX */
autodiscover_form autodiscover_ask_soap;
autodiscover_form autodiscover_ask_json;

/*
 * The answers in documents.  Pure, for the tests.  The outlook document; the
 * SOAP envelope, with the response of one user; the JSON object.
 */
int autodiscover_read(const struct xml_doc *doc,
                      struct autodiscover_answer *ret,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int autodiscover_read_soap(const struct xml_doc *doc,
                           struct autodiscover_answer *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int autodiscover_read_json(const char *text, size_t len,
                           struct autodiscover_answer *ret,
                           struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* ---- for the forms ---------------------------------------------------- */

/* "Autodiscover: WHY", the document named no EWS; -1. */
int autodiscover_no_ews(struct err *err, const char *why);

/* There is none at url; -1. */
int autodiscover_none(struct err *err, const char *url, long status);

/*
 * POST the document that w holds, signed in.  0: *ret has a document; 1: the
 * host leads elsewhere by HTTP, which is in *ret_answer; -1.
 */
struct xml_writer;
struct reply;
int autodiscover_post(const struct ews_transport *t,
                      const struct autodiscover_question *question,
                      struct xml_writer *w, struct reply *ret,
                      struct autodiscover_answer *ret_answer,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
