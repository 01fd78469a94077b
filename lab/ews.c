#include "lab/ews.h"

#include "base/timestamp.h"
#include "lab/op.h"

/* Everything about one request; lives on when its client has gone. */
struct job {
    struct lab *lab;
    const struct op *op;
    struct soap_request request;
    enum release asked;
    struct caller caller;
    struct problem inside;
    uint32_t late_ms;
    bool injected;
};

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

static void answer_fault(const struct lab *lab, const struct problem *p,
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

/* A status page as IIS sends it: no SOAP at all. */
static void answer_http(struct http_answer *answer, unsigned int status,
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
    };
    reply_init(&call->reply, out, job->lab->version, job->op->name);
    call->reply.form = job->op->form;
}

/* Do it, and write the answer; -1 with a fault when there is none. */
static int carry_out(struct job *job, GString *out, struct problem *p)
{
    struct op_call call;
    int status;

    call_init(&call, job, out);
    reply_begin(&call.reply);
    status = job->op->run(&call, p);
    reply_end(&call.reply);
    job->injected = job->injected || call.injected;
    return status;
}

/* As some boxes in front of Exchange answer: success, and nothing in it. */
static void write_empty(struct job *job, GString *out)
{
    struct op_call call;

    g_string_truncate(out, 0);
    call_init(&call, job, out);
    reply_begin(&call.reply);
    reply_end(&call.reply);
}

static void wait_ms(const struct lab *lab, uint32_t ms)
{
    cancel_sleep(lab->stop, (int64_t)ms * 1000, CANCEL_DRAIN);
}

static void run_late(void *data, void *pool_data)
{
    g_autoptr(GString) nowhere = g_string_new(NULL);
    struct job *job = data;
    struct problem p;

    (void)pool_data;
    wait_ms(job->lab, job->late_ms);
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

/* ---- faults on demand ---------------------------------------------- */

static bool is_due(struct job *job, enum fault_kind kind, struct fault_hit *ret)
{
    const struct fault_event event = {
        .operation = job->op->name,
        .mailbox = job->caller.address,
    };

    if (!faults_due(job->lab->faults, kind, &event, ret))
        return false;
    counters_note(job->lab->counters, fault_counter(kind));
    job->injected = true;
    return true;
}

static void set_back_off(struct problem *p, const struct fault_hit *hit)
{
    char text[16];

    if (!problem_is(p, "ErrorServerBusy"))
        return;
    g_snprintf(text, sizeof(text), "%u", hit->ms);
    problem_value(p, "BackOffMilliseconds", text);
}

static void inject_fault(struct job *job, const struct fault_hit *hit,
                         struct http_answer *answer)
{
    struct problem p;
    struct reply reply;

    problem_fault(&p, problem_intern(hit->code));
    set_back_off(&p, hit);
    answer_fault(job->lab, &p, answer);
    if (hit->bare) {
        reset_body(answer);
        reply_init(&reply, answer->body, job->lab->version, "");
        reply_bare_fault(&reply, &p);
    }
    answer->status = hit->status;
}

/* What goes wrong before anything is done; true: that was all. */
static bool inject_before(struct job *job, struct http_answer *answer)
{
    static const enum fault_kind kinds[] = { FAULT_BUSY, FAULT_SOAP };
    struct fault_hit hit;

    if (is_due(job, FAULT_DROP_BEFORE, &hit)) {
        answer->ending = HTTP_DROP;
        return true;
    }
    if (is_due(job, FAULT_HTTP, &hit)) {
        answer_http(answer, hit.status, "injected by the lab");
        if (hit.status == 503)
            counters_note(job->lab->counters, "busy");
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (is_due(job, kinds[i], &hit)) {
            inject_fault(job, &hit, answer);
            return true;
        }
    return false;
}

static void inject_inside(struct job *job)
{
    static const enum fault_kind kinds[] = { FAULT_BUSY_INSIDE, FAULT_INSIDE };
    struct fault_hit hit;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!is_due(job, kinds[i], &hit))
            continue;
        problem_set(&job->inside, problem_intern(hit.code));
        set_back_off(&job->inside, &hit);
        if (problem_is(&job->inside, "ErrorServerBusy"))
            counters_note(job->lab->counters, "busy");
        return;
    }
}

/* What goes wrong once it is done. */
static void inject_after(struct job *job, const struct http_request *request,
                         struct http_answer *answer)
{
    struct fault_hit hit;

    if (is_due(job, FAULT_SLOW, &hit))
        wait_ms(job->lab, hit.ms);
    if (is_due(job, FAULT_DROP_AFTER, &hit) ||
        (request->kept && is_due(job, FAULT_CLOSE_KEPT, &hit)))
        answer->ending = HTTP_DROP;
    else if (is_due(job, FAULT_BREAK, &hit))
        answer->ending = HTTP_BREAK;
    else if (answer->status == 200 && is_due(job, FAULT_EMPTY, &hit))
        write_empty(job, answer->body);
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
    if (is_due(job, FAULT_TWICE, &hit)) {
        g_autoptr(GString) nowhere = g_string_new(NULL);

        (void)carry_out(job, nowhere, &p); /* the second answer is sent */
    }
    if (carry_out(job, answer->body, &p) < 0)
        answer_fault(job->lab, &p, answer);
    inject_after(job, request, answer);
}

/* True when the job has been handed on; its client hears nothing. */
static bool run_later(struct job *job, struct http_answer *answer)
{
    struct fault_hit hit;

    if (!is_due(job, FAULT_LATE, &hit))
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

static int prepare(struct job *job, const struct http_request *request,
                   const char *login, struct problem *p)
{
    if (soap_request_parse(request->body->str, request->body->len,
                           &job->request, p) < 0 ||
        find_operation(job, p) < 0)
        return -1;
    return access_identify(job->lab, login, &job->request, &job->caller, p);
}

/* Through the throttle, then done; returns NULL when it was handed on. */
static struct job *admit(struct job *job, const struct http_request *request,
                         struct http_answer *answer)
{
    struct lab *lab = job->lab;
    struct throttle_ticket ticket;
    struct problem p;

    g_assert(job->op != NULL);
    if (throttle_enter(lab->throttle, job->caller.budget, job->op->sync,
                       &ticket, &p) < 0) {
        answer_fault(lab, &p, answer);
        return job;
    }
    if (run_later(job, answer))
        job = NULL;
    else
        run_job(job, request, answer);
    throttle_leave(lab->throttle, &ticket);
    return job;
}

static void handle_soap(struct lab *lab, const struct http_request *request,
                        const char *login, struct http_answer *answer)
{
    struct job *job = g_new0(struct job, 1);
    g_autofree char *name = NULL, *mailbox = NULL;
    bool injected = true;
    struct problem p;
    int ready;

    job->lab = lab;
    answer->content_type = "text/xml; charset=utf-8";
    throttle_upstream(lab->throttle, request->body->len);
    ready = prepare(job, request, login, &p);
    name = g_strdup(job->op != NULL ? job->op->name : "other");
    mailbox = g_strdup(job->caller.address);
    counters_begin(lab->counters, name, mailbox, request->body->len);
    if (ready < 0)
        answer_fault(lab, &p, answer);
    else
        job = admit(job, request, answer);
    if (job != NULL) {
        injected = job->injected;
        job_free(job);
    }
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
        answer_http(answer, 415,
                    "Cannot process the message because the content type was "
                    "not the expected type 'text/xml; charset=utf-8'.");
    } else if (strcmp(request->method, "GET") == 0 ||
               strcmp(request->method, "HEAD") == 0) {
        answer_http(answer, 200, "You have created a service.");
    } else {
        answer_http(answer, 405, "Method Not Allowed");
    }
}
