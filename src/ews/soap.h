/*
 * soap - the envelope around every request, and what came back in one.
 *
 * Pure functions over documents; nothing here knows HTTP.  Answers are read
 * by position and local name, because they lie in many ways
 * (docs/EWS-QUIRKS.md).
 */
#ifndef EWS_SOAP_H
#define EWS_SOAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ews/ews_code.h"
#include "ews/version.h"
#include "xml/node.h"
#include "xml/writer.h"

/* ---- requests -------------------------------------------------------- */

struct soap_head {
    enum ews_level level;
    const char *impersonate; /* primary address to act as; NULL: nobody */
};

/*
 * A document up to and including the open Body.  The prefixes m (messages)
 * and t (types) are declared.
 */
struct xml_writer *soap_begin(const struct soap_head *head);
void soap_end(struct xml_writer *w);

/* ---- answers --------------------------------------------------------- */

enum soap_kind {
    SOAP_ODD,      /* an answer to something else, or to nothing */
    SOAP_FAULT,    /* the whole request failed */
    SOAP_RESPONSE, /* <Operation>Response: an answer for each object */
};

struct soap_answer {
    enum soap_kind kind;
    const struct xml_node *node; /* the Fault or the Response; or NULL */
    bool has_version;
    struct ews_version version;
};
void soap_read(const struct xml_doc *doc, const char *operation,
               struct soap_answer *ret);

/* Where an operation's response messages stand. */
enum soap_shape {
    SOAP_LIST,   /* in ResponseMessages, one for each object */
    SOAP_ALONE,  /* the Response itself is the only one */
    SOAP_WITHIN, /* in ResponseMessage, the Response's; what it tells follows */
};

/*
 * The response messages, in order: exactly n of them, all of the operation;
 * of another shape than SOAP_LIST n is 1.  ret has room for n.  -1 when there
 * are more or fewer: then nothing in the answer counts (EWS-QUIRKS 5).
 */
int soap_messages(const struct soap_answer *answer, const char *operation,
                  enum soap_shape shape, size_t n, const struct xml_node **ret,
                  struct err *err);

/* What a server finds wrong.  Borrowed from the document. */
struct soap_problem {
    enum ews_code code;
    const char *name; /* as the server has it; NULL: it named none */
    const char *text; /* in its words; or NULL */
    uint32_t backoff_ms;
    const char *primary_address; /* of ErrorNonPrimarySmtpAddress; or NULL */
};
void soap_fault_problem(const struct xml_node *fault, struct soap_problem *ret);

/* False when the message is a success: nothing wrong. */
bool soap_message_problem(const struct xml_node *message,
                          struct soap_problem *ret);

/* Fill *err with it.  Returns -1. */
int soap_problem_err(const struct soap_problem *problem, struct err *err);

/* The two together: 0 when the message is a success, else -1 and why. */
int soap_message_status(const struct xml_node *message, struct err *err);

#endif
