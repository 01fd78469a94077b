/*
 * soap - read a request: the envelope, its headers, the operation in its body.
 *
 * libxml2's tree, without entities, document types or network.  What is read
 * is bounded by the server's request limit.
 */
#ifndef LAB_SOAP_H
#define LAB_SOAP_H

#include <stdbool.h>
#include <stddef.h>

#include <libxml/tree.h>

#include "lab/problem.h"
#include "lab/soap_bulk.h"

/* The namespaces of EWS, as an index. */
enum soap_ns {
    NS_ENVELOPE,
    NS_TYPES,
    NS_MESSAGES,
};

const char *soap_namespace(enum soap_ns ns);

/* ConnectingSID: how the mailbox to act as is named. */
enum soap_sid {
    SID_NONE,
    SID_PRINCIPAL_NAME,
    SID_SID,
    SID_PRIMARY_SMTP,
    SID_SMTP,
};

struct soap_request {
    xmlDoc *doc;
    const xmlNode *operation; /* first element of the body */
    const char *name;         /* its local name: "GetFolder" */
    char *version;            /* RequestServerVersion; NULL: no such header */
    enum soap_sid sid_kind;
    char *sid;
    struct soap_bulk *bulk; /* owned; NULL: all of it is in the tree */
};

void soap_request_clear(struct soap_request *r);
typedef struct soap_request soap_request;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(soap_request, soap_request_clear)

/*
 * Read a whole body.  -1 and a fault (ErrorSchemaValidation, or
 * ErrorInvalidRequest when the envelope has no operation) with *ret untouched.
 */
int soap_request_parse(const char *body, size_t len, struct soap_request *ret,
                       struct problem *p);

/*
 * The same of a body that is taken over (also on failure), with its payloads
 * kept out of the tree: soap_payload() finds them.
 */
int soap_request_take(GString *body, struct soap_request *ret,
                      struct problem *p);

/*
 * The bytes of an xs:base64Binary element: of the tree, or (then they are
 * borrowed from r) as they came in.  NULL when it has none, or is none.
 */
GBytes *soap_payload(const struct soap_request *r, const xmlNode *node);

/*
 * The tree of any document from outside, as carefully.  NULL and a fault when
 * it is not well formed or has a document type.
 */
xmlDoc *soap_parse_document(const char *body, size_t len, struct problem *p);

/* ---- walking ------------------------------------------------------- */

/* Child elements, in order; NULL at the end.  NULL node gives NULL. */
const xmlNode *soap_first(const xmlNode *node);
const xmlNode *soap_next(const xmlNode *node);
size_t soap_count(const xmlNode *node);

bool soap_is(const xmlNode *node, enum soap_ns ns, const char *name);
/* The first child of that name; NULL when there is none or node is NULL. */
const xmlNode *soap_child(const xmlNode *node, enum soap_ns ns,
                          const char *name);
/* The same of any namespace, where those of a document mean nothing. */
const xmlNode *soap_child_named(const xmlNode *node, const char *name);

/* g_free() them.  NULL when there is no such attribute, or node is NULL. */
char *soap_attr_dup(const xmlNode *node, const char *name);
char *soap_text_dup(const xmlNode *node);
/* "true" or "1" of a boolean child or attribute. */
bool soap_attr_bool(const xmlNode *node, const char *name);
bool soap_child_bool(const xmlNode *node, enum soap_ns ns, const char *name);

/*
 * The text of an element when it lies in one piece, borrowed: payloads are
 * large.  NULL when it does not (use soap_text_dup) or is empty.
 */
const char *soap_text_peek(const xmlNode *node, size_t *ret_len);

/* Schema violation at node: its line, and what is wrong.  Returns -1. */
int soap_violation(struct problem *p, const xmlNode *node, const char *fmt, ...)
    PRINTF(3, 4);

#endif
