/*
 * Exchange is reached as a migration's side is: through ews/, as an endpoint;
 * another server by IMAP.  The address is the operator's own, so no network is
 * refused.
 */
#include "cmd/service_poll.h"

#include "base/thread.h"
#include "base/timestamp.h"
#include "desk/poll_imap.h"
#include "ews/ews.h"
#include "ews/oauth.h"
#include "fleet/migration.h"

/* Mails in memory at a time; larger ones are spooled. */
#define MEMORY_MAX ((size_t)8 << 20)
/* Of one command to an IMAP server: the longest is a mail of 32 MiB. */
#define IMAP_DEADLINE_MS 300000u
#define IMAP_FOLDER      "INBOX"
/* Of the server, when others have work for it too. */
#define REQUESTS_MAX 2
/*
 * After failures the pauses double up to this.  A refused password is tried
 * no more often from the beginning: accounts are locked by less.
 */
#define PAUSE_MAX_US (3600 * TIMESTAMP_SECOND)

struct service_poll {
    char *owa_url, *imap_url; /* one of them */
    char *mailbox, *user, *ca_file, *authserv_id;
    char *client, *token_url, *scope; /* client NULL: the user signs in */
    struct secret *secret;            /* the user's, or the client's */
    int64_t every_us;
    struct intake in;
    struct log *log;
    struct cancel *stop;
    struct net *net;
    struct governor *governor;
    struct blob_pool *pool;
    struct thread thread;
    /* Of the first look, for all others until one fails: */
    struct ews_site *site; /* on Exchange; or NULL */
    struct oauth *oauth;   /* by IMAP; or NULL */
    bool told_left;        /* of what lies there and is no mail, once */
};

/* ---- one look ------------------------------------------------------------ */

/* Borrowed from p; without a scope Exchange's own is meant. */
static struct ews_oauth application(const struct service_poll *p)
{
    return (struct ews_oauth){ .token_url = p->token_url,
                               .client_id = p->client,
                               .secret = p->secret,
                               .scope = p->scope };
}

static int find_site(struct service_poll *p, struct err *err)
{
    const struct ews_oauth app = application(p);
    const struct ews_login user = { p->user, p->secret };
    const struct ews_login *login = p->client == NULL ? &user : NULL;
    const struct ews_discover_config how = { .net = p->net,
                                             .governor = p->governor,
                                             .cancel = p->stop,
                                             .owa_url = p->owa_url,
                                             .address = p->mailbox,
                                             .login = login };
    g_auto(ews_discovery) found = { 0 };
    struct ews_site_config site = { .net = p->net,
                                    .governor = p->governor,
                                    .cancel = p->stop,
                                    .admin = login,
                                    .oauth = login == NULL ? &app : NULL };

    if (p->site != NULL)
        return 0;
    if (ews_discover(&how, &found, err) < 0)
        return -1;
    site.ews_url = found.ews_url;
    site.schemes = found.schemes;
    return ews_site_new(&site, &p->site, err);
}

static void tell(struct service_poll *p, const struct poll_done *done)
{
    if (done->n_taken > 0)
        log_line(p->log, LOG_INFO, NULL, "support mailbox: %zu mails taken",
                 done->n_taken);
    if (done->n_left > 0 && !p->told_left)
        log_line(p->log, LOG_WARNING, NULL,
                 "support mailbox: %zu items stay in the inbox; the first: %s",
                 done->n_left, done->why.msg);
    p->told_left = done->n_left > 0;
}

/* "https://outlook.office365.com/.default"; the caller frees. */
static char *imap_scope(const struct service_poll *p)
{
    g_autoptr(GUri) uri = g_uri_parse(p->imap_url, G_URI_FLAGS_NONE, NULL);

    return p->scope != NULL
               ? g_strdup(p->scope)
               : g_strdup_printf("https://%s/.default", g_uri_get_host(uri));
}

static int imap_token(struct service_poll *p, struct secret **ret,
                      struct err *err)
{
    const struct governed over = { transport_net(p->net), p->governor,
                                   p->stop };
    g_autofree char *scope = imap_scope(p);
    struct ews_oauth app = application(p);

    app.scope = scope;
    if (p->oauth == NULL && oauth_new(&over, &app, &p->oauth, err) < 0)
        return -1;
    return oauth_token(p->oauth, ret, err);
}

/* token: NULL where the user has a password. */
static int look_by_imap(struct service_poll *p, struct secret *token,
                        struct err *err)
{
    const struct imap_server server = { .url = p->imap_url,
                                        .folder = IMAP_FOLDER,
                                        .user = p->user,
                                        .password =
                                            token == NULL ? p->secret : NULL,
                                        .token = token,
                                        .ca_file = p->ca_file,
                                        .deadline_ms = IMAP_DEADLINE_MS,
                                        .cancel = p->stop };
    g_autoptr(imap) m = imap_new(&server);
    struct poll_done done;

    if (poll_imap(&p->in, m, &done, err) < 0)
        return -1;
    tell(p, &done);
    return 0;
}

/* *ret_again: a token that was good is so no more, and there is another. */
static int look_by_token(struct service_poll *p, bool *ret_again,
                         struct err *err)
{
    g_autoptr(secret) token = NULL;

    *ret_again = false;
    if (imap_token(p, &token, err) < 0)
        return -1;
    if (look_by_imap(p, token, err) == 0) {
        oauth_accepted(p->oauth, token);
        return 0;
    }
    *ret_again =
        err->retry == ERR_RETRY_REAUTH && oauth_refused(p->oauth, token);
    return -1;
}

static int look_by_ews(struct service_poll *p, struct err *err)
{
    const struct ews_mailbox_config how = { .address = p->mailbox,
                                            .cancel = p->stop };
    g_autoptr(endpoint) ep = NULL;
    g_auto(endpoint_facts) facts = { 0 };
    struct poll_done done;

    if (find_site(p, err) < 0 || ews_mailbox_new(p->site, &how, &ep, err) < 0 ||
        endpoint_open(ep, &facts, err) < 0 ||
        poll_mailbox(&p->in, ep, p->pool, &done, err) < 0)
        return -1;
    tell(p, &done);
    return 0;
}

static int look(struct service_poll *p, struct err *err)
{
    bool again = false;
    int result;

    if (p->imap_url == NULL)
        return look_by_ews(p, err);
    if (p->client == NULL)
        return look_by_imap(p, NULL, err);
    result = look_by_token(p, &again, err);
    return result < 0 && again ? look_by_token(p, &again, err) : result;
}

/* What was refused, and where the server was, is asked for anew. */
static void forget(struct service_poll *p)
{
    g_clear_pointer(&p->site, ews_site_free);
    g_clear_pointer(&p->oauth, oauth_free);
}

/* ---- again and again ----------------------------------------------------- */

static int64_t pause_after(const struct service_poll *p, int64_t before_us,
                           const struct err *err)
{
    if (err->retry == ERR_RETRY_REAUTH)
        return PAUSE_MAX_US;
    return MIN(MAX(before_us, p->every_us) * 2, PAUSE_MAX_US);
}

static void *work(void *data)
{
    struct service_poll *p = data;
    int64_t pause_us = p->every_us;
    struct err err;

    while (cancel_level(p->stop) == CANCEL_NONE) {
        if (look(p, &err) == 0) {
            pause_us = p->every_us;
        } else if (cancel_level(p->stop) == CANCEL_NONE) {
            pause_us = pause_after(p, pause_us, &err);
            forget(p);
            err_in(&err, "support mailbox \"%s\"", p->mailbox);
            log_err(p->log, LOG_ERROR, NULL, &err);
        }
        (void)cancel_sleep(p->stop, pause_us, CANCEL_DRAIN);
    }
    return NULL;
}

/* ---- the thread ---------------------------------------------------------- */

/* config_load() has seen that it has all that it needs. */
static int read_client(struct service_poll *p, const struct config *c,
                       struct err *err)
{
    const char *url = config_text(c, CONFIG_INTAKE_TOKEN_URL);
    g_autofree char *file = config_path(c, CONFIG_INTAKE_SECRET);

    if (secret_from_file(file, &p->secret, err) < 0)
        return err_in(err, "intake.oauth-secret-file");
    p->client = g_strdup(config_text(c, CONFIG_INTAKE_CLIENT));
    p->token_url = url != NULL
                       ? g_strdup(url)
                       : fleet_token_url(config_text(c, CONFIG_INTAKE_TENANT));
    p->scope = g_strdup(config_text(c, CONFIG_INTAKE_SCOPE));
    return 0;
}

static int read_login(struct service_poll *p, const struct config *c,
                      struct err *err)
{
    g_autofree char *password = config_path(c, CONFIG_INTAKE_PASSWORD);

    if (config_text(c, CONFIG_INTAKE_CLIENT) != NULL)
        return read_client(p, c, err);
    if (password == NULL) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "%s: the mailbox's password is not known",
                p->imap_url != NULL ? "intake.imap-url" : "intake.ews-url");
        return err_remedy(err, "give intake.password-file too, or "
                               "intake.oauth-client");
    }
    if (secret_from_file(password, &p->secret, err) < 0)
        return err_in(err, "intake.password-file");
    return 0;
}

static int read_config(struct service_poll *p, const struct config *c,
                       struct err *err)
{
    const char *mailbox = config_text(c, CONFIG_INTAKE_MAILBOX);
    const char *user = config_text(c, CONFIG_INTAKE_USER);

    p->owa_url = g_strdup(config_text(c, CONFIG_INTAKE_EWS));
    p->imap_url = g_strdup(config_text(c, CONFIG_INTAKE_IMAP));
    if (p->imap_url != NULL && imap_check(p->imap_url, err) < 0)
        return err_in(err, "intake.imap-url");
    if (read_login(p, c, err) < 0)
        return -1;
    p->mailbox = g_strdup(mailbox != NULL ? mailbox : p->in.desk->address);
    p->user = g_strdup(user != NULL ? user : p->mailbox);
    p->ca_file = config_path(c, CONFIG_ENGINE_CA_FILE);
    p->every_us = config_us(c, CONFIG_INTAKE_EVERY);
    p->authserv_id = g_strdup(p->in.authserv_id);
    p->in.authserv_id = p->authserv_id;
    return 0;
}

static int start(struct service_poll *p, const struct config *c,
                 struct err *err)
{
    struct net_config how = { 0 };
    const struct governor_config limits = { .host_cap = REQUESTS_MAX };

    if (read_config(p, c, err) < 0)
        return -1;
    how.ca_file = p->ca_file;
    if (net_new(&how, &p->net, err) < 0)
        return -1;
    p->governor = governor_new(&limits);
    p->pool = blob_pool_new(MEMORY_MAX, NULL);
    if (thread_start(&p->thread, work, p, err) < 0)
        return -1;
    log_line(p->log, LOG_INFO, NULL, "mails are fetched from %s", p->mailbox);
    return 0;
}

int service_poll_start(const struct service_data *d, struct log *log,
                       struct cancel *stop, struct service_poll **ret,
                       struct err *err)
{
    struct service_poll *p;

    if ((config_text(d->config, CONFIG_INTAKE_EWS) == NULL &&
         config_text(d->config, CONFIG_INTAKE_IMAP) == NULL) ||
        d->desk == NULL)
        return 0;
    p = g_new0(struct service_poll, 1);
    p->in = intake_of(d->desk, d->config);
    p->log = log;
    p->stop = stop;
    if (start(p, d->config, err) < 0) {
        service_poll_free(p);
        return -1;
    }
    *ret = p;
    return 0;
}

void service_poll_free(struct service_poll *p)
{
    if (p == NULL)
        return;
    thread_join(&p->thread);
    forget(p);
    blob_pool_free(p->pool);
    if (p->governor != NULL)
        governor_free(p->governor);
    net_free(p->net);
    secret_free(p->secret);
    g_free(p->client);
    g_free(p->token_url);
    g_free(p->scope);
    g_free(p->owa_url);
    g_free(p->imap_url);
    g_free(p->mailbox);
    g_free(p->user);
    g_free(p->ca_file);
    g_free(p->authserv_id);
    g_free(p);
}
