#include "lab/ews_priv.h"
#include "lab/field_calendar.h"
#include "lab/server.h"

static void job_free(struct job *job)
{
    soap_request_clear(&job->request);
    caller_clear(&job->caller);
    g_free(job);
}

/* ---- answers ------------------------------------------------------- */

static void reset_body(struct http_answer *answer)
{
    g_string_truncate(answer->body, 0);
}

void ews_answer_fault(const struct lab *lab, const struct problem *p,
                      struct http_answer *answer)
{
    struct reply reply;

    reset_body(answer);
    reply_init(&reply, answer->body, lab->version, "");
    reply_fault(&reply, p);
    answer->status = 500;
    if (problem_is(p, "ErrorServerBusy") ||
        problem_is(p, "ErrorExceededConnectionCount"))
        counters_note(lab->counters, "busy");
}

void ews_answer_http(struct http_answer *answer, unsigned int status,
                     const char *text)
{
    reset_body(answer);
    answer->status = status;
    answer->content_type = "text/html";
    g_string_append_printf(answer->body,
                           "<!DOCTYPE html><html><head><title>%u</title></head>"
                           "<body><h2>%u - %s</h2></body></html>\r\n",
                           status, status, text);
}

/* ---- carrying out -------------------------------------------------- */

static void call_init(struct op_call *call, struct job *job, GString *out)
{
    *call = (struct op_call){
        .lab = job->lab,
        .request = &job->request,
        .op = job->op,
        .asked = job->asked,
        .caller = &job->caller,
        .inside = job->inside.code != NULL ? &job->inside : NULL,
        .ticket = job->ticket,
    };
    reply_init(&call->reply, out, job->lab->version, job->op->name);
    call->reply.form = job->op->form;
}

/* Times are told on the clock that the header asks for; UTC is as it is. */
static int set_clock(struct op_call *call, struct timezone_info *zone,
                     struct problem *p)
{
    if (calendar_context(call, zone, p) < 0) {
        p->fault = true;
        return -1;
    }
    if (strcmp(zone->id, "UTC") != 0)
        call->reply.x.zone = zone;
    return 0;
}

/* Do it, and write the answer; -1 with a fault when there is none. */
static int carry_out(struct job *job, GString *out, struct problem *p)
{
    g_auto(timezone_info) zone = { 0 };
    struct op_call call;
    int status;

    call_init(&call, job, out);
    if (set_clock(&call, &zone, p) < 0)
        return -1;
    reply_begin(&call.reply);
    status = job->op->run(&call, p);
    reply_end(&call.reply);
    job->injected = job->injected || call.injected;
    job->cut = job->cut || call.cut;
    return status;
}

void ews_wait_ms(const struct lab *lab, uint32_t ms)
{
    cancel_sleep(lab->stop, (int64_t)ms * 1000, CANCEL_DRAIN);
}

static void run_late(void *data, void *pool_data)
{
    g_autoptr(GString) nowhere = g_string_new(NULL);
    struct job *job = data;
    struct problem p;

    (void)pool_data;
    ews_wait_ms(job->lab, job->late_ms);
    /* A server that is stopped does nothing more, like one that died. */
    if (cancel_level(job->lab->stop) == CANCEL_NONE)
        (void)carry_out(job, nowhere, &p); /* nobody is left to be told */
    job_free(job);
}

GThreadPool *ews_late_new(struct lab *lab)
{
    /* no more threads than there are late requests */
    return g_thread_pool_new(run_late, lab, -1, FALSE, NULL);
}

/* ---- the way of a request ------------------------------------------ */

static void run_job(struct job *job, const struct http_request *request,
                    struct http_answer *answer)
{
    struct fault_hit hit;
    struct problem p;

    if (inject_before(job, answer))
        return;
    inject_inside(job);
    if (inject_due(job, FAULT_TWICE, &hit)) {
        g_autoptr(GString) nowhere = g_string_new(NULL);

        (void)carry_out(job, nowhere, &p); /* the second answer is sent */
    }
    if (carry_out(job, answer->body, &p) < 0)
        ews_answer_fault(job->lab, &p, answer);
    if (job->cut)
        answer->ending = HTTP_DROP;
    inject_after(job, request, answer);
}

/* True when the job has been handed on; its client hears nothing. */
static bool run_later(struct job *job, struct http_answer *answer)
{
    struct fault_hit hit;

    if (!inject_due(job, FAULT_LATE, &hit))
        return false;
    job->late_ms = hit.ms;
    answer->ending = HTTP_DROP;
    g_thread_pool_push(job->lab->late, job, NULL);
    return true;
}

static int find_operation(struct job *job, struct problem *p)
{
    const struct lab *lab = job->lab;
    const struct soap_request *r = &job->request;

    job->op = op_find(r->name);
    if (!version_requested(lab->version, r->version, &job->asked))
        return problem_fault(p, "ErrorInvalidServerVersion");
    if (job->op == NULL || lab->version->release < job->op->since ||
        op_is_lacking(lab, r->name) ||
        !soap_is(r->operation, NS_MESSAGES, r->name)) {
        job->op = NULL;
        return problem_fault(p, "ErrorInvalidRequest");
    }
    if (job->asked < job->op->since)
        return problem_fault(p, "ErrorIncorrectSchemaVersion");
    return schema_check(lab->schema, r->doc, p) < 0 ||
                   op_check_request(lab, r, job->asked, p) < 0
               ? -1
               : 0;
}

/*
 * The whole body is needed where the schema looks at it, and where it is
 * written down; else its payloads need not be read twice.
 */
static int read_request(struct job *job, const struct http_request *request,
                        struct problem *p)
{
    const struct lab *lab = job->lab;

    if (lab->schema != NULL || lab->capture != NULL)
        return soap_request_parse(request->body->str, request->body->len,
                                  &job->request, p);
    return soap_request_take(http_take_body(request), &job->request, p);
}

static int prepare(struct job *job, const struct http_request *request,
                   const char *login, struct problem *p)
{
    if (read_request(job, request, p) < 0 || find_operation(job, p) < 0)
        return -1;
    return access_identify(job->lab, login, &job->request, &job->caller, p);
}

static void refuse(struct job *job, const struct problem *p,
                   struct http_answer *answer)
{
    if (g_strcmp0(p->value_name, "BackOffMilliseconds") == 0)
        job->away_ms = (uint32_t)g_ascii_strtoull(p->value, NULL, 10);
    ews_answer_fault(job->lab, p, answer);
}

/* Through the throttle, then done; returns NULL when it was handed on. */
static struct job *admit(struct job *job, const struct http_request *request,
                         struct http_answer *answer)
{
    struct lab *lab = job->lab;
    const struct op *op = job->op;
    struct throttle_ticket ticket;
    struct problem p;

    g_assert(op != NULL);
    if (throttle_enter(lab->throttle, job->caller.budget, op->sync, &ticket,
                       &p) < 0) {
        refuse(job, &p, answer);
        return job;
    }
    if (run_later(job, answer)) {
        job = NULL;
    } else {
        job->ticket = &ticket;
        run_job(job, request, answer);
        job->ticket = NULL;
    }
    throttle_leave(lab->throttle, &ticket);
    op_note_times(lab, op, &ticket);
    return job;
}

/* It came to another server than those before it. */
static bool request_strayed(const struct http_request *request)
{
    const struct server_conn *conn = request->conn;

    return conn->strayed;
}

static void handle_soap(struct lab *lab, const struct http_request *request,
                        const char *login, struct http_answer *answer)
{
    struct job *job = g_new0(struct job, 1);
    g_autofree char *name = NULL, *mailbox = NULL;
    const uint64_t bytes = request->body->len;
    bool injected = true;
    struct problem p;
    int ready;

    job->lab = lab;
    job->bytes = bytes;
    job->strayed = request_strayed(request);
    answer->content_type = "text/xml; charset=utf-8";
    throttle_upstream(lab->throttle, job->bytes);
    ready = prepare(job, request, login, &p);
    name = g_strdup(job->op != NULL ? job->op->name : "other");
    mailbox = g_strdup(job->caller.address);
    counters_begin(lab->counters, name, mailbox, bytes);
    if (ready == 0)
        counters_arrived(lab->counters, job->caller.budget);
    if (ready < 0)
        ews_answer_fault(lab, &p, answer);
    else
        job = admit(job, request, answer);
    if (job != NULL) {
        injected = job->injected;
        if (job->away_ms > 0)
            counters_told(lab->counters, job->caller.budget, job->away_ms);
        job_free(job);
    }
    if (request_strayed(request))
        ews_wait_ms(lab, lab->affinity_delay_ms);
    throttle_round_trip(lab->throttle);
    if (answer->ending != HTTP_DROP)
        throttle_downstream(lab->throttle, answer->body->len);
    capture_write(lab->capture, name, request->body,
                  answer->ending == HTTP_DROP ? NULL : answer->body, injected);
    counters_end(lab->counters, mailbox, answer->body->len);
}

/* WCF takes nothing else; charset and case as clients write them. */
static bool is_xml(const struct http_request *request)
{
    const char *type = http_header(request, "Content-Type");

    return type != NULL &&
           g_ascii_strncasecmp(type, "text/xml", strlen("text/xml")) == 0;
}

void ews_handle(struct lab *lab, const struct http_request *request,
                const char *login, struct http_answer *answer)
{
    if (strcmp(request->method, "POST") == 0 && is_xml(request)) {
        handle_soap(lab, request, login, answer);
    } else if (strcmp(request->method, "POST") == 0) {
        ews_answer_http(
            answer, 415,
            "Cannot process the message because the content type was "
            "not the expected type 'text/xml; charset=utf-8'.");
    } else if (strcmp(request->method, "GET") == 0 ||
               strcmp(request->method, "HEAD") == 0) {
        ews_answer_http(answer, 200, "You have created a service.");
    } else {
        ews_answer_http(answer, 405, "Method Not Allowed");
    }
}
