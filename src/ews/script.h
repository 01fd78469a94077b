/*
 * script - a transport that replays answers and keeps the requests.  For
 * tests.
 *
 * Every EWS request that comes is held against Exchange's schema at once, and
 * so is every answer that does not say that it lies.
 */
#ifndef EWS_SCRIPT_H
#define EWS_SCRIPT_H

#include <stdbool.h>

#include "ews/ews.h"
#include "ews/site.h"
#include "ews/transport.h"

struct script;

/* One exchange as it shall go. */
struct script_line {
    long status;
    const char *body;         /* NULL: none */
    const char *content_type; /* NULL: "text/xml; charset=utf-8" */
    const char *location, *owa_version;
    unsigned int offered;
    uint32_t retry_after_ms;
    bool lies;        /* the body need not fit the schema */
    const char *lost; /* no whole answer: err->name */
    enum err_scope lost_scope;
    enum err_retry lost_retry;
    bool body_sent; /* of a lost one */
};

struct script_request {
    char *method, *url;
    char *headers; /* each followed by "\n" */
    char *body;
    bool repeatable;
    uint32_t deadline_ms;
    enum net_scheme scheme; /* of its connection's credential */
    char *user, *secret;    /* or NULL */
    unsigned int conn;      /* number of its connection, from 1 */
};

struct script *script_new(void);
void script_free(struct script *s);
struct ews_transport script_transport(struct script *s);

/* The next exchange that nobody asked for yet. */
void script_add(struct script *s, const struct script_line *line);
/* An answer with status 200 that fits the schema, and one that lies. */
void script_say(struct script *s, const char *body);
void script_lie(struct script *s, const char *body);

/* Called in each exchange, before it ends; any thread. */
typedef void script_hook(void *data);
void script_set_hook(struct script *s, script_hook *hook, void *data);

/* Requests so far; the i-th. */
size_t script_n(struct script *s);
const struct script_request *script_request(struct script *s, size_t i);
unsigned int script_drops(struct script *s);

/* Nothing is left over: every line was asked for. */
bool script_is_over(struct script *s);

/* ---- answers as Exchange writes them ------------------------------------ */

#define V2007                                                                  \
    "8\" MinorVersion=\"1\" MajorBuildNumber=\"436\" "                         \
    "MinorBuildNumber=\"0\" Version=\"Exchange2007_SP1"
#define V2010                                                                  \
    "14\" MinorVersion=\"3\" MajorBuildNumber=\"123\" "                        \
    "MinorBuildNumber=\"4\" Version=\"Exchange2010_SP2"
#define V2013                                                                  \
    "15\" MinorVersion=\"0\" MajorBuildNumber=\"1156\" "                       \
    "MinorBuildNumber=\"6\" Version=\"Exchange2013_SP1"
#define V2016                                                                  \
    "15\" MinorVersion=\"1\" MajorBuildNumber=\"2507\" "                       \
    "MinorBuildNumber=\"6\" Version=\"Exchange2016"

#define T_NS "http://schemas.microsoft.com/exchange/services/2006/types"
#define M_NS "http://schemas.microsoft.com/exchange/services/2006/messages"

/* A whole answer: what stands in the Body, from a server of that version. */
#define ANSWER_OF(version, body)                                               \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope "                   \
    "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header>"         \
    "<h:ServerVersionInfo xmlns:h=\"" T_NS "\" MajorVersion=\"" version        \
    "\"/></s:Header><s:Body>" body "</s:Body></s:Envelope>"
#define ANSWER(body) ANSWER_OF(V2016, body)

/* <OperationResponse> around response messages. */
#define RESPONSE(operation, messages)                                          \
    "<m:" operation "Response xmlns:m=\"" M_NS "\" xmlns:t=\"" T_NS "\">"      \
    "<m:ResponseMessages>" messages "</m:ResponseMessages></m:" operation      \
    "Response>"

#define SUCCESS(operation, content)                                            \
    "<m:" operation "ResponseMessage ResponseClass=\"Success\">"               \
    "<m:ResponseCode>NoError</m:ResponseCode>" content "</m:" operation        \
    "ResponseMessage>"

#define FAILURE(operation, code, more)                                         \
    "<m:" operation "ResponseMessage ResponseClass=\"Error\"><m:MessageText>"  \
    "some words.</m:MessageText><m:ResponseCode>" code "</m:ResponseCode>"     \
    "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>" more "</m:" operation     \
    "ResponseMessage>"

#define FAULT(code, more)                                                      \
    "<s:Fault><faultcode xmlns:a=\"" T_NS "\">a:" code "</faultcode>"          \
    "<faultstring xml:lang=\"en-US\">some words.</faultstring><detail>"        \
    "<e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/"         \
    "services/2006/errors\">" code "</e:ResponseCode>" more                    \
    "</detail></s:Fault>"

/* In a message's MessageXml, and in a fault's detail. */
#define MESSAGE_XML(name, value)                                               \
    "<m:MessageXml><t:Value Name=\"" name "\">" value                          \
    "</t:Value></m:MessageXml>"
#define DETAIL_XML(name, value)                                                \
    "<t:MessageXml xmlns:t=\"" T_NS "\"><t:Value Name=\"" name "\">" value     \
    "</t:Value></t:MessageXml>"

#define FOLDER_ID(id) "<t:FolderId Id=\"" id "\" ChangeKey=\"CK\"/>"
#define GOT_FOLDER(id)                                                         \
    SUCCESS("GetFolder",                                                       \
            "<m:Folders><t:Folder>" FOLDER_ID(id) "</t:Folder></m:Folders>")
#define NO_FOLDER(code) FAILURE("GetFolder", code, "<m:Folders/>")

/* ---- a stage: script, site and mailbox together -------------------------- */

struct stage {
    struct script *script;
    struct governor *governor;
    struct cancel *cancel;
    struct ews_site *site;
    struct endpoint *ep;
    struct blob_pool *pool;
};

/* A site that offers NTLM and Basic, with the account "EXCH\\admin". */
void stage_init(struct stage *st);
void stage_release(struct stage *st);

/* The mailbox "ann@old.example", by the administrative account. */
void stage_mailbox(struct stage *st);

/* That, and opened by impersonation on a server of that version. */
void stage_open(struct stage *st, const char *root_answer);
/* On Exchange 2016; the root's id is "ROOT". */
void stage_open_2016(struct stage *st);

#endif
