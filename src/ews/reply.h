/*
 * reply - one exchange, and what it means.
 *
 * The judgement is pure: from what arrived (or did not) to an error with its
 * scope and patience, to what the governor should know, and to the one
 * question that keeps a migration exact: may the request have been carried
 * out?
 */
#ifndef EWS_REPLY_H
#define EWS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/err.h"
#include "ews/soap.h"
#include "ews/transport.h"
#include "net/governor.h"
#include "net/net.h"
#include "xml/node.h"

/* What is read out of an answer beside its tree. */
struct reply_payloads {
    const char *const *names; /* NULL-terminated; or NULL: none */
    struct blob_pool *pool;
};

/* What came of an exchange. */
struct reply {
    int status;     /* 0: an answer arrived; -1: none that is whole */
    struct err why; /* of -1 */
    struct net_response response;
    struct xml_doc *doc;    /* NULL: the answer is not XML */
    struct err not_xml;     /* why */
    uint64_t request_bytes; /* of the body that was to be sent */
};
void reply_clear(struct reply *r);
typedef struct reply reply;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(reply, reply_clear)

/* Perform request, with a sink of our own, and read the answer as it comes. */
void reply_get(const struct ews_transport *t, void *conn,
               const struct net_request *request,
               const struct reply_payloads *payloads, struct reply *ret);

/* What was asked. */
struct reply_question {
    const char *operation; /* "GetFolder" */
    size_t n;              /* response messages that must come */
    enum soap_shape shape;
};

struct verdict {
    enum governor_outcome outcome;
    uint32_t wait_ms; /* the server's own word; 0: none */
    bool maybe;       /* it may have been carried out, in part or later */
    bool drop;        /* what else comes on this connection is not to be read */
    bool refused;     /* 401: the credential */
    bool again;       /* a read may well be repeated */
    enum ews_code code; /* of a fault; else EWS_NO_ERROR */
    struct soap_answer answer;
};

/*
 * 0: a response with a message for each object asked for, in ret_messages
 * (room for question->n); a message may still say that its object failed.
 * -1: anything else.  *ret is filled in both cases.
 */
int reply_judge(const struct reply *r, const struct reply_question *question,
                const struct xml_node **ret_messages, struct verdict *ret,
                struct err *err);

#endif
