#include "ews/call_priv.h"

#include <string.h>

#define PAGE_WAIT_MS 5000
#define AWAY_WAIT_MS 1000

const char *call_operation(const struct call *call)
{
    return call->operation != NULL ? call->operation
                                   : call->element + strlen("m:");
}

/* ---- the exchange ---------------------------------------------------- */

static struct xml_writer *write_request(const struct core *core,
                                        const struct call *call)
{
    const struct soap_head head = {
        .level = (enum ews_level)atomic_load(&core->level),
        .impersonate = core->rights == ENDPOINT_RIGHTS_IMPERSONATION
                           ? core->address
                           : NULL,
    };
    struct xml_writer *w = soap_begin(&head);

    xml_open(w, call->element);
    call->write(w, core, call->data);
    xml_close(w);
    soap_end(w);
    return w;
}

static struct net_part *as_net_parts(struct xml_writer *w, size_t *ret_n)
{
    const struct xml_part *parts = xml_writer_parts(w, ret_n);
    struct net_part *net_parts = g_new0(struct net_part, *ret_n);

    for (size_t i = 0; i < *ret_n; i++) {
        net_parts[i] = (struct net_part){
            .text = parts[i].text,
            .len = parts[i].len,
            .blob = parts[i].blob,
        };
    }
    return net_parts;
}

static void perform(const struct attempt *a, void *wire, struct reply *ret)
{
    const struct core *core = a->mb->core;
    const struct call *call = a->call;
    g_autoptr(xml_writer) w = write_request(core, call);
    size_t n_parts;
    g_autofree struct net_part *parts = as_net_parts(w, &n_parts);
    /* Load balancers and proxies keep a mailbox's requests together by it. */
    g_autofree char *anchor =
        g_strconcat("X-AnchorMailbox: ", core->address, NULL);
    const char *const headers[] = { "Content-Type: text/xml; charset=utf-8",
                                    "Accept: text/xml", anchor, NULL };
    const struct net_request request = {
        .method = "POST",
        .url = core->site->url,
        .headers = headers,
        .parts = parts,
        .n_parts = n_parts,
        .deadline_ms = call->deadline_ms,
        .over_by_us = call->over_by_us,
        .answer_max_bytes = call->answer_max_bytes,
        .repeatable = !call->writing,
        .cancel = core->cancel,
    };

    reply_get(&core->site->transport, wire, &request, call->payloads, ret);
}

/* ---- what is learnt from it ------------------------------------------ */

static void count(struct mailbox *mb, const struct reply *r,
                  const struct verdict *v)
{
    struct core *core = mb->core;
    struct endpoint_stats *s = &core->stats;

    pthread_mutex_lock(&core->stats_lock);
    s->requests++;
    s->busy += v->outcome == GOVERNOR_BUSY ? 1 : 0;
    s->bytes_up += r->response.bytes_up;
    s->bytes_down += r->response.bytes_down;
    s->working_us += r->response.total_us;
    pthread_mutex_unlock(&core->stats_lock);
    atomic_fetch_add(&mb->own_us, r->response.total_us);
}

/* A busy front end's 503 need not have looked at the password. */
static enum credential_finding find(const struct reply *r,
                                    const struct verdict *v)
{
    if (v->refused)
        return CREDENTIAL_REFUSED;
    if (v->answer.kind == SOAP_FAULT ||
        (r->status == 0 && r->response.status < 500))
        return CREDENTIAL_GOOD;
    return CREDENTIAL_UNKNOWN;
}

/* A level that turns out to be too new: go on with the one of the probe. */
static void learn_level(struct core *core, struct verdict *v, struct err *err)
{
    if (v->code != EWS_ErrorInvalidServerVersion ||
        atomic_load(&core->level) == (int)core->probe_level)
        return;
    atomic_store(&core->level, (int)core->probe_level);
    v->again = true;
    err->retry = ERR_RETRY_NOW;
}

/*
 * A page to people where EWS has answered before is a box in front of it that
 * has a bad moment, no sign-in page (EWS-QUIRKS 84); a redirect is meant.
 * What stands behind the box may have had the request all the same: a write
 * is in doubt, and the engine decides about it.
 */
static void forgive_page(const struct core *core, const struct call *call,
                         struct verdict *v, struct err *err)
{
    if (!atomic_load(&core->answered) ||
        g_strcmp0(err->name, "FormsLogin") != 0 || err->code != 200)
        return;
    v->outcome = GOVERNOR_LOST;
    v->again = true;
    v->maybe = call->writing;
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, err->code,
            "a box in front of the server answered %s with a page of HTML",
            call_operation(call));
    err->name = "GatewayPage";
    err->wait_ms = PAGE_WAIT_MS;
}

/*
 * Nothing where EWS has answered before: an application pool that restarts, a
 * box that sends requests elsewhere for a while (EWS-QUIRKS 92).
 */
int call_is_away(const struct call *call, struct verdict *v, struct err *err)
{
    v->outcome = GOVERNOR_LOST;
    v->again = true;
    v->maybe = false;
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, err->code,
            "EWS does not answer at its address: %s was answered with HTTP "
            "status %d",
            call_operation(call), err->code);
    err->name = "EwsAway";
    err->wait_ms = AWAY_WAIT_MS;
    return err_remedy(err, "see whether the server's EWS application runs, and "
                           "that each machine behind its address has it");
}

static void forgive_absence(const struct core *core, const struct call *call,
                            struct verdict *v, struct err *err)
{
    if (atomic_load(&core->answered) && g_strcmp0(err->name, "NoEws") == 0)
        (void)call_is_away(call, v, err);
}

/* Everything in an answer that outlives the exchange. */
static void keep(struct reply *r, const struct verdict *v, bool ok,
                 struct call_answer *ret)
{
    struct soap_problem problem;

    ret->code = v->code;
    ret->has_version = v->answer.has_version;
    ret->version = v->answer.version;
    if (v->answer.kind == SOAP_FAULT) {
        soap_fault_problem(v->answer.node, &problem);
        ret->primary_address = g_strdup(problem.primary_address);
    }
    if (ok)
        ret->doc = g_steal_pointer(&r->doc);
}

static struct governor_report report_of(const struct attempt *a,
                                        const struct reply *r)
{
    const struct verdict *v = &a->verdict;

    return (struct governor_report){
        .outcome = v->outcome,
        .wait_ms = v->wait_ms,
        /* "Try again once your other requests have completed." */
        .too_many = v->code == EWS_ErrorExceededConnectionCount,
        .latency_us = r->response.latency_us,
        .bytes = r->response.bytes_up + r->response.bytes_down,
        .items = a->call->n,
    };
}

int call_exchange(struct attempt *a, struct governor_ticket *ticket,
                  struct call_answer *ret, struct err *err)
{
    const struct reply_question question = {
        .operation = call_operation(a->call),
        .n = a->call->n,
        .shape = a->call->shape,
    };
    struct core *core = a->mb->core;
    struct ews_site *site = core->site;
    struct conn *conn =
        conns_take(site->conns, core->credential, &a->auth, core->address);
    struct verdict *v = &a->verdict;
    g_auto(reply) r = { 0 };
    struct governor_report report;
    int rc;

    /* Lanes show one cookie: a load balancer takes them to one server. */
    if (site->transport.ops->share != NULL)
        site->transport.ops->share(conn->wire, core->cookies);
    perform(a, conn->wire, &r);
    ret->messages = g_new0(const struct xml_node *, a->call->n);
    rc = reply_judge(&r, &question, ret->messages, v, err);
    if (rc == 0)
        atomic_store(&core->answered, true);
    else {
        forgive_page(core, a->call, v, err);
        forgive_absence(core, a->call, v, err);
    }
    report = report_of(a, &r);
    if (v->drop)
        site->transport.ops->drop(conn->wire);
    /* Before the place: whoever gets that finds the connection. */
    conns_give(site->conns, conn);
    governor_leave(ticket, &report);
    count(a->mb, &r, v);
    a->finding = find(&r, v);
    if (rc < 0)
        learn_level(core, v, err);
    keep(&r, v, rc == 0, ret);
    return rc;
}
