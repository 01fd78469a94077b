#include "ews/call_priv.h"

#include "base/step.h"
#include "ews/scheme.h"

/* How often a read is asked before the engine has to decide. */
#define READ_TRIES 4

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

/* ---- with permission of governor and credential ---------------------- */

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

static int waited_too_long(const struct attempt *a,
                           struct governor_ticket *ticket, struct err *err)
{
    const struct governor_report nothing = { .outcome = GOVERNOR_OK };

    governor_leave(ticket, &nothing);
    err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, 0,
            "the server's throttle kept %s waiting for too long",
            call_operation(a->call));
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
    return call_exchange(a, &ticket, ret, err);
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
        (void)call_is_away(a->call, &a->verdict, err);
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
        step(call_operation(call));
    if (rc < 0 && ret_maybe != NULL)
        *ret_maybe = a.verdict.maybe;
    return rc;
}
