#include "lab/change.h"
#include "lab/ews_priv.h"
#include "lab/server.h"

/* ---- what a rule may look at --------------------------------------- */

/* The first element that names a folder: what is asked about, or a parent. */
static const xmlNode *folder_node(const struct job *job)
{
    static const char *const holders[] = { "SyncFolderId", "FolderIds",
                                           "ParentFolderIds",
                                           "ParentFolderId" };
    const xmlNode *operation = job->request.operation;

    for (size_t i = 0; i < G_N_ELEMENTS(holders); i++) {
        const xmlNode *holder = soap_child(operation, NS_MESSAGES, holders[i]);

        if (holder != NULL)
            return soap_first(holder);
    }
    return NULL;
}

/* What that folder is called, or its distinguished id; NULL: there is none. */
static char *folder_name(const struct job *job)
{
    const xmlNode *node = folder_node(job);
    struct lab_store *store = job->lab->store;
    g_autofree char *id = soap_attr_dup(node, "Id");
    g_auto(lab_folder) folder = { 0 };
    int64_t mailbox = 0;
    struct err err;

    if (id == NULL || !soap_is(node, NS_TYPES, "FolderId"))
        return g_steal_pointer(&id);
    if (lab_store_id_mailbox(store, id, &mailbox, &err) <= 0 ||
        lab_store_folder(store, mailbox, id, &folder, &err) < 0)
        return NULL;
    return g_steal_pointer(&folder.name);
}

bool inject_due(struct job *job, enum fault_kind kind, struct fault_hit *ret)
{
    g_autofree char *folder =
        faults_want_item(job->lab->faults, kind) ? folder_name(job) : NULL;
    const struct fault_event event = {
        .operation = job->op->name,
        .mailbox = job->caller.address,
        .subject = folder,
        .bytes = job->bytes,
    };

    if (!faults_due(job->lab->faults, kind, &event, ret))
        return false;
    counters_note(job->lab->counters, fault_counter(kind));
    job->injected = true;
    return true;
}

/* ---- before -------------------------------------------------------- */

/*
 * ErrorServerBusy always names its back-off, the others when they have one
 * (EWS throttling, table 4); it can be 0, and the client is to stay away.
 */
static void set_back_off(struct job *job, struct problem *p,
                         const struct fault_hit *hit)
{
    char text[16];

    job->away_ms = hit->ms > 0 ? hit->ms : hit->n;
    if (!problem_is(p, "ErrorServerBusy") && hit->ms == 0)
        return;
    g_snprintf(text, sizeof(text), "%u", hit->ms);
    problem_value(p, "BackOffMilliseconds", text);
}

static void answer_soap(struct job *job, const struct fault_hit *hit,
                        struct http_answer *answer)
{
    struct problem p;
    struct reply reply;

    problem_fault(&p, problem_intern(hit->code));
    set_back_off(job, &p, hit);
    ews_answer_fault(job->lab, &p, answer);
    if (hit->bare) {
        g_string_truncate(answer->body, 0);
        reply_init(&reply, answer->body, job->lab->version, "");
        reply_bare_fault(&reply, &p);
    }
    answer->status = hit->status;
}

static void answer_drop(struct job *job, const struct fault_hit *hit,
                        struct http_answer *answer)
{
    (void)job;
    (void)hit;
    answer->ending = HTTP_DROP;
}

static void answer_status(struct job *job, const struct fault_hit *hit,
                          struct http_answer *answer)
{
    ews_answer_http(answer, hit->status, "injected by the lab");
    if (hit->status == 503)
        counters_note(job->lab->counters, "busy");
}

/* What a box in front says when it cannot reach what is behind it. */
static void answer_html(struct job *job, const struct fault_hit *hit,
                        struct http_answer *answer)
{
    (void)job;
    g_string_assign(
        answer->body,
        "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>\n<body>"
        "<h1>Temporarily unavailable</h1>\n<p>The server behind this gateway "
        "did not answer.<br>Reference&nbsp;#18.2f3e</p></body></html>\n");
    answer->status = hit->status;
    answer->content_type = "text/html; charset=utf-8";
}

static void answer_redirect(struct job *job, const struct fault_hit *hit,
                            struct http_answer *answer)
{
    (void)job;
    ews_answer_http(answer, hit->status, "Object moved");
    http_answer_header(
        answer, "Location", "%s",
        hit->to[0] != '\0' ? hit->to : "/owa/auth/logon.aspx?replaceCurrent=1");
}

static void answer_too_large(struct job *job, const struct fault_hit *hit,
                             struct http_answer *answer)
{
    counters_note(job->lab->counters, "refused.size");
    if (hit->bare)
        answer->ending = HTTP_DROP;
    else
        server_refuse_size(answer, hit->status);
}

bool inject_before(struct job *job, struct http_answer *answer)
{
    static const struct {
        enum fault_kind kind;
        void (*answer)(struct job *job, const struct fault_hit *hit,
                       struct http_answer *answer);
    } rows[] = {
        { FAULT_TOO_LARGE, answer_too_large },
        { FAULT_DROP_BEFORE, answer_drop },
        { FAULT_HTTP, answer_status },
        { FAULT_HTML, answer_html },
        { FAULT_REDIRECT, answer_redirect },
        { FAULT_BUSY, answer_soap },
        { FAULT_SOAP, answer_soap },
    };
    struct fault_hit hit;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (inject_due(job, rows[i].kind, &hit)) {
            rows[i].answer(job, &hit, answer);
            return true;
        }
    return false;
}

/* ---- instead ------------------------------------------------------- */

/* Subscriptions live on the server that made them. */
static bool lost_subscription(const struct job *job)
{
    static const char *const operations[] = { "GetEvents", "GetStreamingEvents",
                                              "Unsubscribe" };

    for (size_t i = 0; job->strayed && i < G_N_ELEMENTS(operations); i++)
        if (strcmp(operations[i], job->op->name) == 0)
            return true;
    return false;
}

/*
 * "HTTP 200 contains an ... ErrorInternalServerError error code.  An inner
 * ErrorServerBusy error code may be present" (EWS throttling, table 4).
 */
static void set_inside(struct job *job, enum fault_kind kind,
                       const struct fault_hit *hit)
{
    struct problem *p = &job->inside;

    if (kind == FAULT_BUSY_INSIDE && hit->bare) {
        problem_set(p, "ErrorInternalServerError");
        problem_value(p, "InnerErrorResponseCode", hit->code);
        return;
    }
    problem_set(p, problem_intern(hit->code));
    set_back_off(job, p, hit);
}

void inject_inside(struct job *job)
{
    static const enum fault_kind kinds[] = { FAULT_BUSY_INSIDE, FAULT_INSIDE };
    struct fault_hit hit;

    fault_bend_request(job);
    if (lost_subscription(job))
        problem_set(&job->inside, "ErrorSubscriptionNotFound");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!inject_due(job, kinds[i], &hit))
            continue;
        set_inside(job, kinds[i], &hit);
        if (kinds[i] == FAULT_BUSY_INSIDE)
            counters_note(job->lab->counters, "busy");
        return;
    }
}

/* ---- after --------------------------------------------------------- */

/* A success, and nothing in it: as some boxes in front of Exchange answer. */
static void write_empty(struct job *job, GString *out)
{
    struct reply reply;

    g_string_truncate(out, 0);
    reply_init(&reply, out, job->lab->version, job->op->name);
    reply.form = job->op->form;
    reply_begin(&reply);
    reply_end(&reply);
}

/* The fault goes first, what was asked for comes behind it. */
static void answer_second(struct job *job, const struct fault_hit *hit,
                          struct http_answer *answer)
{
    GString *real = g_steal_pointer(&answer->body);

    answer->body = g_string_new(NULL);
    answer_soap(job, hit, answer);
    answer->behind = real;
}

static void touch_items(struct job *job, uint64_t n)
{
    const struct change_wish wish = { .touch = n };
    g_autoptr(GString) report = g_string_new(NULL);
    struct err err;

    if (job->caller.mailbox == 0)
        return;
    /* a mailbox with fewer items is touched as far as they go */
    if (change_mailbox(job->lab->store, job->caller.mailbox, &wish, report,
                       &err) < 0)
        g_debug("touch: %s", err.msg);
}

/* How the answer travels. */
static void inject_delivery(struct job *job, const struct http_request *request,
                            struct http_answer *answer)
{
    struct fault_hit hit;

    if (inject_due(job, FAULT_DROP_AFTER, &hit) ||
        (request->kept && inject_due(job, FAULT_CLOSE_KEPT, &hit)))
        answer->ending = HTTP_DROP;
    else if (inject_due(job, FAULT_BREAK, &hit))
        answer->ending = HTTP_BREAK;
    else if (inject_due(job, FAULT_CHUNKED, &hit))
        answer->ending = HTTP_CHUNKED;
    if (inject_due(job, FAULT_TRICKLE, &hit)) {
        answer->piece_bytes = MAX(hit.n, 1);
        answer->piece_ms = hit.ms;
    }
}

void inject_after(struct job *job, const struct http_request *request,
                  struct http_answer *answer)
{
    struct server_conn *conn = request->conn;
    struct fault_hit hit;

    if (inject_due(job, FAULT_TOUCH, &hit))
        touch_items(job, hit.n);
    if (inject_due(job, FAULT_POISONED, &hit))
        conn->poison_status = hit.status;
    if (inject_due(job, FAULT_SLOW, &hit))
        ews_wait_ms(job->lab, hit.ms);
    if (answer->status == 200 && inject_due(job, FAULT_EMPTY, &hit))
        write_empty(job, answer->body);
    if (answer->status == 200)
        fault_bend_answer(job, answer->body);
    if (inject_due(job, FAULT_HTML_AFTER, &hit))
        answer_html(job, &hit, answer);
    if (inject_due(job, FAULT_SECOND_ANSWER, &hit))
        answer_second(job, &hit, answer);
    inject_delivery(job, request, answer);
}
