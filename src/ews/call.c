#include "ews/call.h"

#include <string.h>

#include "base/step.h"
#include "ews/scheme.h"

/* How often a read is asked before the engine has to decide. */
#define READ_TRIES 4

#define PAGE_WAIT_MS 5000
#define AWAY_WAIT_MS 1000

#define FOREIGN_TOKEN                                                          \
    "check that the scope names this server, that the token comes from the "   \
    "server's own tenant, and that an administrator has granted the "          \
    "application full_access_as_app (docs/exchange-permissions.md)"

/*
 * The handshake went to its end, and IIS said no: to the password, or to a
 * handshake that is not bound to its TLS connection.
 */
#define AFTER_NTLM                                                             \
    "check both by signing in to OWA with them, once: an account that was "    \
    "tried too often is locked for some minutes, and each further try makes "  \
    "it longer; if they are right, Extended Protection may be on for EWS, "    \
    "which must then be off or \"Allow\" (or let EWS offer Basic too)"

/* One try. */
struct attempt {
    struct mailbox *mb;
    const struct call *call;
    struct net_auth auth; /* how it signs in */
    struct secret *token; /* the same, of an application; or NULL */
    struct verdict verdict;
    enum credential_finding finding;
};

static const char *operation_of(const struct call *call)
{
    return call->operation != NULL ? call->operation
                                   : call->element + strlen("m:");
}

void call_answer_clear(struct call_answer *a)
{
    g_clear_pointer(&a->messages, g_free);
    g_clear_pointer(&a->doc, xml_doc_free);
    g_clear_pointer(&a->primary_address, g_free);
}

int call_widen(struct err *err, enum err_scope least)
{
    err->scope = MAX(err->scope, least);
    return -1;
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

/* Each request of an application's shows the token that is good now. */
static int take_token(struct attempt *a, struct err *err)
{
    const struct credential *c = a->mb->core->credential;
    struct secret *token = NULL;

    if (oauth_token(credential_oauth(c), &token, err) < 0)
        return -1;
    secret_free(a->token);
    a->token = token;
    a->auth = (struct net_auth){ NET_AUTH_BEARER, credential_user(c), token };
    return 0;
}

/* Before a place is taken: it may have to ask, and wait for that. */
static int prepare_sign_in(struct attempt *a, struct err *err)
{
    const struct core *core = a->mb->core;
    enum net_scheme scheme;

    if (credential_oauth(core->credential) != NULL)
        return take_token(a, err);
    if (core_scheme(core, &scheme, err) < 0)
        return -1;
    a->auth = credential_auth(core->credential, scheme);
    return 0;
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
            operation_of(call));
    err->name = "GatewayPage";
    err->wait_ms = PAGE_WAIT_MS;
}

/*
 * Nothing where EWS has answered before: an application pool that restarts, a
 * box that sends requests elsewhere for a while (EWS-QUIRKS 92).
 */
static int away(const struct call *call, struct verdict *v, struct err *err)
{
    v->outcome = GOVERNOR_LOST;
    v->again = true;
    v->maybe = false;
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, err->code,
            "EWS does not answer at its address: %s was answered with HTTP "
            "status %d",
            operation_of(call), err->code);
    err->name = "EwsAway";
    err->wait_ms = AWAY_WAIT_MS;
    return err_remedy(err, "see whether the server's EWS application runs, and "
                           "that each machine behind its address has it");
}

static void forgive_absence(const struct core *core, const struct call *call,
                            struct verdict *v, struct err *err)
{
    if (atomic_load(&core->answered) && g_strcmp0(err->name, "NoEws") == 0)
        (void)away(call, v, err);
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

/* ---- with permission of governor and credential ---------------------- */

static int exchange(struct attempt *a, struct governor_ticket *ticket,
                    struct call_answer *ret, struct err *err)
{
    const struct reply_question question = {
        .operation = operation_of(a->call),
        .n = a->call->n,
        .shape = a->call->shape,
    };
    struct core *core = a->mb->core;
    struct ews_site *site = core->site;
    struct conn *conn =
        conns_take(site->conns, core->credential, &a->auth, core->address);
    struct verdict *v = &a->verdict;
    g_auto(reply) r = { 0 };
    struct governor_report report = { 0 };
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
    report.outcome = v->outcome;
    report.wait_ms = v->wait_ms;
    /* "Try again once your other requests have completed." */
    report.too_many = v->code == EWS_ErrorExceededConnectionCount;
    report.latency_us = r.response.latency_us;
    report.bytes = r.response.bytes_up + r.response.bytes_down;
    report.items = a->call->n;
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

static int waited_too_long(const struct attempt *a,
                           struct governor_ticket *ticket, struct err *err)
{
    const struct governor_report nothing = { .outcome = GOVERNOR_OK };

    governor_leave(ticket, &nothing);
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, 0,
            "the server's throttle kept %s waiting for too long",
            operation_of(a->call));
    err->name = "WaitedTooLong";
    err->wait_ms = 1000;
    return -1;
}

/*
 * A write's deadline counts from when it was decided on, since that is what
 * the ledger has on record: one that waited long is not sent any more.
 */
static bool is_stale(const struct attempt *a,
                     const struct governor_ticket *ticket)
{
    return a->call->writing &&
           ticket->waited_us >= (int64_t)a->mb->core->site->put_wait_ms * 1000;
}

static int with_place(struct attempt *a, struct call_answer *ret,
                      struct err *err)
{
    struct core *core = a->mb->core;
    struct ews_site *site = core->site;
    struct governor_ticket ticket = { 0 };
    const struct governor_request request = {
        .host = site->host,
        .budget = core->budget,
        .mailbox = core->address,
        .tally = &core->tally,
        .cancel = core->cancel,
        /* What was read is worth writing; what is not read yet can wait. */
        .until = a->call->writing ? CANCEL_NOW : CANCEL_DRAIN,
    };

    if (governor_enter(site->governor, &request, &ticket, err) < 0) {
        err->name = "cancelled";
        return -1;
    }
    if (is_stale(a, &ticket))
        return waited_too_long(a, &ticket, err);
    return exchange(a, &ticket, ret, err);
}

static int with_gate(struct attempt *a, struct call_answer *ret,
                     struct err *err)
{
    struct core *core = a->mb->core;
    struct ews_site *site = core->site;
    g_autofree char *budget = NULL;
    struct sync_visit visit = { .mailbox = core->address };
    int64_t waited_us = 0;
    int rc;

    if (!a->call->sync)
        return with_place(a, ret, err);
    /* The budget may be renamed meanwhile: by login, with what it learns. */
    budget = g_strdup(core->budget);
    visit.budget = budget;
    if (sync_gate_enter(site->syncs, &visit, core->cancel, &waited_us, err) < 0)
        return -1;
    pthread_mutex_lock(&core->stats_lock);
    core->stats.waiting_us += waited_us;
    pthread_mutex_unlock(&core->stats_lock);
    rc = with_place(a, ret, err);
    sync_gate_leave(site->syncs, &visit);
    return rc;
}

static int signed_in(struct attempt *a, struct call_answer *ret,
                     struct err *err)
{
    int rc = prepare_sign_in(a, err);

    return rc == 0 ? with_gate(a, ret, err) : rc;
}

/* A refused token may only have ended; nothing was done with the request. */
static int with_token(struct attempt *a, struct call_answer *ret,
                      struct err *err)
{
    struct oauth *o = credential_oauth(a->mb->core->credential);
    int rc = signed_in(a, ret, err);

    if (a->finding == CREDENTIAL_REFUSED && oauth_refused(o, a->token)) {
        call_answer_clear(ret);
        *ret = (struct call_answer){ .code = EWS_NO_ERROR };
        a->verdict = (struct verdict){ 0 };
        a->finding = CREDENTIAL_UNKNOWN;
        rc = signed_in(a, ret, err);
    }
    if (a->finding == CREDENTIAL_GOOD)
        oauth_accepted(o, a->token);
    if (a->finding != CREDENTIAL_REFUSED)
        return rc;
    err_set(err, ERR_MAILBOX, ERR_RETRY_REAUTH, 401,
            "the server refuses the application's token");
    err->name = "Unauthorized";
    return err_remedy(err, FOREIGN_TOKEN);
}

static int attempt(struct attempt *a, struct call_answer *ret, struct err *err)
{
    struct core *core = a->mb->core;
    int proving = credential_enter(core->credential, core->cancel, err);
    enum net_scheme scheme;
    struct err ignored;
    int rc;

    if (proving < 0)
        return -1;
    a->finding = CREDENTIAL_UNKNOWN;
    rc = credential_oauth(core->credential) != NULL ? with_token(a, ret, err)
                                                    : signed_in(a, ret, err);
    if (a->finding == CREDENTIAL_REFUSED && err->code == 401 &&
        core_scheme(core, &scheme, &ignored) == 0 && scheme == NET_AUTH_NTLM)
        err->remedy = AFTER_NTLM;
    if (a->finding == CREDENTIAL_REFUSED)
        err_in(err, "%s \"%s\"", credential_kind(core->credential),
               credential_user(core->credential));
    /* Once for each entry; where nothing was learnt, another may prove it. */
    credential_settle(core->credential, proving > 0, a->finding, err);
    return rc;
}

/* Exponential, with jitter, so that lanes do not come back in step. */
static bool pause_before(const struct core *core, unsigned int try)
{
    int64_t most = ((int64_t)core->site->read_pause_ms * 1000) << try;
    int64_t us = most > 0 ? g_random_int_range(0, (gint32)most) + most / 2 : 0;

    return !cancel_sleep(core->cancel, us, CANCEL_DRAIN);
}

/* ---- too large, or not there ------------------------------------------- */

static void write_probe(struct xml_writer *w, const struct core *core,
                        const void *data)
{
    (void)data;
    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:FolderIds");
    call_distinguished_id(w, core, "msgfolderroot");
    xml_close(w);
}

/*
 * IIS tells a request that is too large by the status of a page that is not
 * there, and the 13 behind it stays in its log: something small shows which of
 * the two it was.
 */
static void tell_size_from_absence(struct attempt *a, struct err *err)
{
    const struct call small = {
        .element = "m:GetFolder",
        .write = write_probe,
        .n = 1,
    };
    struct attempt probe = { .mb = a->mb, .call = &small };
    g_auto(call_answer) answer = { .code = EWS_NO_ERROR };
    struct err why;

    if (g_strcmp0(err->name, "RequestTooLarge") != 0 ||
        (err->code != 404 && err->code != 405) ||
        !atomic_load(&a->mb->core->answered))
        return;
    if (attempt(&probe, &answer, &why) < 0 &&
        g_strcmp0(why.name, "EwsAway") == 0)
        (void)away(a->call, &a->verdict, err);
    secret_free(probe.token);
}

int call_make(struct mailbox *mb, const struct call *call,
              struct call_answer *ret, bool *ret_maybe, struct err *err)
{
    struct attempt a = { .mb = mb, .call = call };
    int rc;

    for (unsigned int try = 1;; try++) {
        *ret = (struct call_answer){ .code = EWS_NO_ERROR };
        a.verdict = (struct verdict){ 0 };
        rc = attempt(&a, ret, err);
        if (rc < 0)
            tell_size_from_absence(&a, err);
        if (call->writing || !a.verdict.again || try == READ_TRIES)
            break;
        /* The governor itself keeps everybody waiting who was told busy. */
        if (a.verdict.outcome != GOVERNOR_BUSY &&
            !pause_before(mb->core, try - 1))
            break;
        call_answer_clear(ret);
    }
    secret_free(a.token);
    /* One item may take several of them: each is a place to die at. */
    if (call->writing && (rc == 0 || a.verdict.maybe))
        step(operation_of(call));
    if (rc < 0 && ret_maybe != NULL)
        *ret_maybe = a.verdict.maybe;
    return rc;
}

/* ---- ids in requests ------------------------------------------------- */

void call_folder_id(struct xml_writer *w, const char *element, const char *id)
{
    if (element != NULL)
        xml_open(w, element);
    xml_open(w, "t:FolderId");
    xml_attribute(w, "Id", id);
    xml_close(w);
    if (element != NULL)
        xml_close(w);
}

void call_distinguished_id(struct xml_writer *w, const struct core *core,
                           const char *id)
{
    xml_open(w, "t:DistinguishedFolderId");
    xml_attribute(w, "Id", id);
    if (core->rights == ENDPOINT_RIGHTS_FULL_ACCESS) {
        xml_open(w, "t:Mailbox");
        xml_element(w, "t:EmailAddress", core->address);
        xml_close(w);
    }
    xml_close(w);
}

void call_item_id(struct xml_writer *w, const char *id)
{
    xml_open(w, "t:ItemId");
    xml_attribute(w, "Id", id);
    xml_close(w);
}

void call_attachment_id(struct xml_writer *w, const char *id)
{
    xml_open(w, "t:AttachmentId");
    xml_attribute(w, "Id", id);
    xml_close(w);
}

void call_attachment_ids(struct xml_writer *w, const char *const *ids, size_t n)
{
    xml_open(w, "m:AttachmentIds");
    for (size_t i = 0; i < n; i++)
        call_attachment_id(w, ids[i]);
    xml_close(w);
}

void call_field_uri(struct xml_writer *w, const char *uri)
{
    xml_open(w, "t:FieldURI");
    xml_attribute(w, "FieldURI", uri);
    xml_close(w);
}

void call_shape(struct xml_writer *w, const char *element,
                const char *const *uris, size_t n)
{
    xml_open(w, element);
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < n; i++)
        call_field_uri(w, uris[i]);
    xml_close(w);
    xml_close(w);
}

void call_property_tag(struct xml_writer *w, const char *tag, const char *type)
{
    xml_open(w, "t:ExtendedFieldURI");
    xml_attribute(w, "PropertyTag", tag);
    xml_attribute(w, "PropertyType", type);
    xml_close(w);
}

const char *call_read_property(const struct xml_node *object, uint32_t tag)
{
    const struct xml_node *p = xml_child(object, "ExtendedProperty");

    for (; p != NULL; p = xml_next_named(p, "ExtendedProperty")) {
        const char *text =
            xml_attr(xml_child(p, "ExtendedFieldURI"), "PropertyTag");

        if (text != NULL && g_ascii_strtoull(text, NULL, 0) == tag)
            return xml_child_text(p, "Value");
    }
    return NULL;
}
