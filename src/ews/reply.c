#include "ews/reply.h"

#include <string.h>

#include "base/spool.h"
#include "xml/reader.h"

/*
 * How much of an answer that is not XML is still read, so that a page of an
 * error need not cost the connection; pages are smaller than this.
 */
#define JUNK_MAX ((size_t)256 << 10)

/*
 * A request smaller than this is not refused for its size.  The lowest limits
 * that servers come with: 48 KiB (uploadReadAheadSize of IIS) and 64 KiB
 * (maxReceivedMessageSize of WCF); what asks and does not carry items is
 * smaller by far.
 */
#define LARGE_REQUEST ((uint64_t)16 << 10)

struct feed {
    struct xml_reader *reader;
    bool junk;
    size_t junk_bytes;
    struct err why;
};

static int take_answer(void *data, const char *bytes, size_t n, struct err *err)
{
    struct feed *f = data;

    if (!f->junk) {
        if (xml_reader_feed(f->reader, bytes, n, &f->why) == 0)
            return 0;
        if (spool_is_at_fault(&f->why)) { /* and not the answer */
            *err = f->why;
            return -1;
        }
        f->junk = true;
    }
    f->junk_bytes += n;
    if (f->junk_bytes <= JUNK_MAX)
        return 0;
    *err = f->why;
    return -1;
}

void reply_clear(struct reply *r)
{
    net_response_clear(&r->response);
    g_clear_pointer(&r->doc, xml_doc_free);
}

static uint64_t body_bytes(const struct net_request *request)
{
    uint64_t n = 0;

    for (size_t i = 0; i < request->n_parts; i++)
        n += request->parts[i].blob != NULL ? blob_size(request->parts[i].blob)
                                            : request->parts[i].len;
    return n;
}

void reply_get(const struct ews_transport *t, void *conn,
               const struct net_request *request,
               const struct reply_payloads *payloads, struct reply *ret)
{
    struct net_request mine = *request;
    struct xml_reader_config config = { 0 };
    g_autoptr(xml_reader) reader = NULL;
    struct feed feed = { 0 };

    if (payloads != NULL) {
        config.payloads = payloads->names;
        config.pool = payloads->pool;
    }
    reader = xml_reader_new(&config);
    feed.reader = reader;
    mine.sink = take_answer;
    mine.sink_data = &feed;
    *ret = (struct reply){ .request_bytes = body_bytes(request) };
    ret->status = t->ops->perform(conn, &mine, &ret->response, &ret->why);
    /* We gave up on junk: that is an answer, by its status. */
    if (ret->status < 0 && feed.junk_bytes > JUNK_MAX &&
        ret->response.status != 0)
        ret->status = 0;
    if (feed.junk)
        ret->not_xml = feed.why;
    else if (ret->status == 0 &&
             xml_reader_finish(reader, &ret->doc, &ret->not_xml) < 0)
        ret->doc = NULL;
}

/* ---- the judgement --------------------------------------------------- */

#define SIGN_IN_PAGE                                                           \
    "the provider has a web form in front of EWS: ask for EWS with Windows "   \
    "(NTLM) or Basic authentication"
#define SWITCHED_OFF                                                           \
    "EWS may be switched off for this mailbox or for programs "                \
    "(Set-CASMailbox -EwsEnabled), or a firewall refuses this address"
#define RAISE_LIMIT                                                            \
    "raise the server's limit on requests (maxAllowedContentLength, "          \
    "maxRequestLength), or migrate the item by hand"

/* What an HTTP status means when no SOAP says better. */
struct status_row {
    long status;
    enum err_scope scope;
    enum err_retry retry;
    uint32_t wait_ms;
    enum governor_outcome outcome;
    bool maybe; /* it may have been carried out nevertheless */
    const char *name, *text, *remedy;
};

/* clang-format off */
static const struct status_row status_rows[] = {
    { 200, ERR_ITEM, ERR_RETRY_WAIT, 5000, GOVERNOR_LOST, true, "OddAnswer",
      "it is not an answer of EWS", NULL },
    /*
     * a large body may have spoilt the connection for what follows on it:
     * once more on another one (EWS-QUIRKS 83)
     */
    { 400, ERR_ITEM, ERR_RETRY_WAIT, 1000, GOVERNOR_OK, false, "HttpStatus",
      "the server does not understand the request", NULL },
    { 403, ERR_MAILBOX, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "HttpStatus",
      "the server forbids it", SWITCHED_OFF },
    { 404, ERR_MAILBOX, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "NoEws",
      "there is no EWS at this address", "check the OWA address (mailferry discover)" },
    { 405, ERR_MAILBOX, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "NoEws",
      "there is no EWS at this address", "check the OWA address (mailferry discover)" },
    { 411, ERR_MAILBOX, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "HttpStatus",
      "a box in front of the server wants a length", NULL },
    { 413, ERR_ITEM, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "RequestTooLarge",
      "the request is larger than the server accepts", RAISE_LIMIT },
    { 429, ERR_MAILBOX, ERR_RETRY_WAIT, 5000, GOVERNOR_BUSY, false, "HttpStatus",
      "the server asks for fewer requests", NULL },
    { 440, ERR_MAILBOX, ERR_RETRY_NEVER, 0, GOVERNOR_OK, false, "FormsLogin",
      "a web form stands where EWS should be", SIGN_IN_PAGE },
    { 500, ERR_ITEM, ERR_RETRY_WAIT, 5000, GOVERNOR_OK, true, "HttpStatus",
      "the server failed without saying why", NULL },
    { 502, ERR_MAILBOX, ERR_RETRY_WAIT, 5000, GOVERNOR_LOST, true, "HttpStatus",
      "a box in front of the server could not reach it", NULL },
    /* engine.md, "Doubt": what sends this may have passed the body on */
    { 503, ERR_MAILBOX, ERR_RETRY_WAIT, 5000, GOVERNOR_BUSY, true, "HttpStatus",
      "the server is busy or not in service", NULL },
    { 504, ERR_MAILBOX, ERR_RETRY_WAIT, 5000, GOVERNOR_LOST, true, "HttpStatus",
      "the server did not answer the box in front of it in time", NULL },
};
/* clang-format on */

static const struct status_row unlisted = {
    0,
    ERR_MAILBOX,
    ERR_RETRY_NEVER,
    0,
    GOVERNOR_OK,
    true,
    "HttpStatus",
    "the server answers with an unusual status",
    NULL
};

static const struct status_row *status_row_of(long status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(status_rows); i++) {
        if (status_rows[i].status == status)
            return &status_rows[i];
    }
    return &unlisted;
}

/*
 * IIS refuses a body over its limit as 404.13, others by 405 (EWS-QUIRKS 15).
 */
static bool refused_for_size(const struct reply *r)
{
    long status = r->response.status;

    return r->request_bytes > LARGE_REQUEST && (status == 404 || status == 405);
}

/* A page to people, or the way to one (EWS-QUIRKS 18). */
static bool is_sign_in_page(const struct reply *r)
{
    const char *type = r->response.content_type;
    long status = r->response.status;

    if (status == 200)
        return type != NULL && g_ascii_strncasecmp(type, "text/html", 9) == 0;
    return status >= 300 && status < 400;
}

static int judge_status(const struct reply *r, const char *operation,
                        struct verdict *v, struct err *err)
{
    long status = r->response.status;
    const struct status_row *row = status_row_of(status);
    bool sized = r->request_bytes > LARGE_REQUEST;
    g_autofree char *size =
        sized ? g_strdup_printf("%.2f MB", (double)r->request_bytes / 1e6)
              : NULL;
    const char *more = NULL;

    if (refused_for_size(r))
        row = status_row_of(413);
    if (is_sign_in_page(r))
        row = status_row_of(440);
    v->outcome = row->outcome;
    v->maybe = row->maybe;
    v->wait_ms = r->response.retry_after_ms;
    if (r->response.location != NULL)
        more = r->response.location;
    else if (status == 200 && r->doc == NULL)
        more = r->not_xml.msg;
    err_set(err, row->scope, row->retry, (int)status,
            "%s%s%s was answered with HTTP status %ld: %s%s%s%s", operation,
            sized ? " of " : "", sized ? size : "", status, row->text,
            more != NULL ? " (" : "", more != NULL ? more : "",
            more != NULL ? ")" : "");
    err->name = row->name;
    err->remedy = row->remedy;
    if (row->retry == ERR_RETRY_WAIT)
        err->wait_ms = v->wait_ms > 0 ? v->wait_ms : row->wait_ms;
    /* A guess: it is held against an item after several tries alone. */
    if (refused_for_size(r)) {
        err->retry = ERR_RETRY_WAIT;
        err->wait_ms = 1000;
    }
    return -1;
}

static int judge_refused(const struct reply *r, struct verdict *v,
                         struct err *err)
{
    v->refused = true;
    err_set(err, ERR_MAILBOX, ERR_RETRY_REAUTH, (int)r->response.status,
            "the server refuses the user name or the password");
    err->name = "Unauthorized";
    return err_remedy(
        err, "check both by signing in to OWA with them, once: an account "
             "that was tried too often is locked for some minutes, and each "
             "further try makes it longer");
}

static int judge_lost(const struct reply *r, struct verdict *v, struct err *err)
{
    v->outcome = GOVERNOR_LOST;
    v->maybe = r->response.body_sent;
    *err = r->why;
    /*
     * An answer over our limit may be one item's doing, as one for which there
     * is no room here; a lost one is not.
     */
    if (g_strcmp0(err->name, "answer-too-large") != 0 &&
        !spool_is_at_fault(err))
        err->scope = MAX(err->scope, ERR_MAILBOX);
    v->again = err->scope == ERR_MAILBOX &&
               (err->retry == ERR_RETRY_NOW || err->retry == ERR_RETRY_WAIT);
    return -1;
}

static int judge_fault(struct verdict *v, struct err *err)
{
    struct soap_problem problem;
    unsigned int traits;

    soap_fault_problem(v->answer.node, &problem);
    traits = ews_code_row(problem.code)->traits;
    v->code = problem.code;
    v->wait_ms = problem.backoff_ms;
    v->maybe = (traits & EWS_UNDONE) == 0;
    v->outcome = (traits & EWS_BUSY) != 0 ? GOVERNOR_BUSY : GOVERNOR_OK;
    soap_problem_err(&problem, err);
    v->refused = err->retry == ERR_RETRY_REAUTH; /* a password that expired */
    return -1;
}

/* Busy inside of an answer that is fine by HTTP (EWS-QUIRKS 11). */
static void look_for_busy(const struct xml_node *const *messages, size_t n,
                          struct verdict *v)
{
    struct soap_problem p;

    for (size_t i = 0; i < n; i++) {
        if (!soap_message_problem(messages[i], &p) ||
            (ews_code_row(p.code)->traits & EWS_BUSY) == 0)
            continue;
        v->outcome = GOVERNOR_BUSY;
        v->wait_ms = MAX(v->wait_ms, p.backoff_ms);
    }
}

static int judge_answer(const struct reply *r, const struct reply_question *q,
                        const struct xml_node **ret_messages, struct verdict *v,
                        struct err *err)
{
    if (r->response.status == 401)
        return judge_refused(r, v, err);
    if (r->doc != NULL)
        soap_read(r->doc, q->operation, &v->answer);
    /* A fault counts whatever the status: it may be 200 (EWS-QUIRKS 4). */
    if (v->answer.kind == SOAP_FAULT)
        return judge_fault(v, err);
    if (v->answer.kind != SOAP_RESPONSE || r->response.status != 200)
        return judge_status(r, q->operation, v, err);
    if (soap_messages(&v->answer, q->operation, q->shape, q->n, ret_messages,
                      err) < 0) {
        v->outcome = GOVERNOR_LOST;
        v->maybe = true;
        return -1;
    }
    look_for_busy(ret_messages, q->n, v);
    return 0;
}

/* How long a lane itself waits before it asks again; more is the engine's. */
#define SHORT_WAIT_MS 5000

int reply_judge(const struct reply *r, const struct reply_question *question,
                const struct xml_node **ret_messages, struct verdict *ret,
                struct err *err)
{
    struct verdict *v = ret;
    struct err alone;
    int rc;

    *v = (struct verdict){ .outcome = GOVERNOR_OK, .code = EWS_NO_ERROR };
    if (r->status < 0)
        return judge_lost(r, v, err);
    rc = judge_answer(r, question, ret_messages, v, err);
    if (rc < 0) {
        /* A second answer may follow on a fault (EWS-QUIRKS 6). */
        v->drop = true;
        v->again = v->outcome != GOVERNOR_OK || (err->retry == ERR_RETRY_WAIT &&
                                                 err->wait_ms <= SHORT_WAIT_MS);
    } else if (question->n == 1 &&
               soap_message_status(ret_messages[0], &alone) < 0) {
        v->again =
            v->outcome == GOVERNOR_BUSY ||
            (alone.retry == ERR_RETRY_WAIT && alone.wait_ms <= SHORT_WAIT_MS);
    }
    return rc;
}
