#include "cmd/connect.h"

#include <string.h>

#include "cmd/accounts.h"
#include "cmd/password.h"
#include "cmd/proxy.h"
#include "ews/ews.h"

/* One side's server. */
struct server {
    ews_discovery found;
    struct ews_site *site;
};

struct connect {
    const struct import *import;
    struct net_trace *trace;
    struct net *net;
    struct governor *governor;
    struct server servers[IMPORT_N_SIDES];
};

/* Bodies in the wire log beyond this are payload, not conversation. */
#define TRACE_BODY_MAX (64 * 1024)

static const struct opt_side *options_of(const struct connect_config *config,
                                         enum import_side side)
{
    return side == IMPORT_SOURCE ? &config->sides->source
                                 : &config->sides->destination;
}

static bool needs_admin(const struct import *file, enum import_side side)
{
    for (guint i = 0; i < file->rows->len; i++) {
        const struct import_row *row = g_ptr_array_index(file->rows, i);

        if (row->sides[side].password == NULL)
            return true;
    }
    return false;
}

static int take_password(const struct connect_config *config,
                         enum import_side side, struct secret **ret,
                         struct err *err)
{
    const struct opt_access *access = config->access;
    struct password_request request = {
        .side = side == IMPORT_SOURCE ? PASSWORD_SOURCE : PASSWORD_DESTINATION,
        .file = side == IMPORT_SOURCE ? access->source_password_file
                                      : access->destination_password_file,
        .user = options_of(config, side)->admin,
        .cancel = config->cancel,
    };

    return password_get(&request, ret, err);
}

/*
 * Whom Autodiscover may be asked about and by whom, should it come to that:
 * the first row, with the administrative account or its own password.
 */
static void set_autodiscover(struct ews_discover_config *how,
                             const struct import_mailbox *first,
                             const struct ews_login *admin,
                             struct ews_login *room)
{
    how->address = first->address;
    how->login = admin;
    if (admin != NULL || first->password == NULL)
        return;
    room->user = first->user != NULL ? first->user : first->address;
    room->password = first->password;
    how->login = room;
}

/* The address given is asked first, and may be another host than EWS's. */
static void keep_quiet(struct connect *c, const struct connect_config *config)
{
    g_autofree char *server = NULL;
    struct err ignored;

    if (config->quiet == NULL ||
        opt_server(config->sides->source.url, &server, &ignored) < 0)
        return;
    if (g_str_has_suffix(server, ":443"))
        *strrchr(server, ':') = '\0';
    governor_set_quiet(c->governor, server, config->quiet);
}

static int discover(struct connect *c, const struct connect_config *config,
                    enum import_side side, const struct ews_login *admin,
                    struct err *err)
{
    const struct import_row *first = g_ptr_array_index(config->import->rows, 0);
    struct ews_login own;
    struct ews_discover_config how = {
        .net = c->net,
        .governor = c->governor,
        .cancel = config->cancel,
        .owa_url = options_of(config, side)->url,
        .allowed_hosts = config->access->allow_hosts.v,
    };

    set_autodiscover(&how, &first->sides[side], admin, &own);
    return ews_discover(&how, &c->servers[side].found, err);
}

static int take_client_secret(const struct connect_config *config,
                              enum import_side side, struct secret **ret,
                              struct err *err)
{
    const struct opt_oauth *oauth = &options_of(config, side)->oauth;
    struct password_request request = {
        .side = side == IMPORT_SOURCE ? PASSWORD_SOURCE_OAUTH
                                      : PASSWORD_DESTINATION_OAUTH,
        .file = oauth->secret_file,
        .user = oauth->client,
        .cancel = config->cancel,
    };

    return password_get(&request, ret, err);
}

/* Who opens the mailboxes of rows that bring no credential. */
struct side_access {
    char *token_url;
    struct account_list more;
    struct secret *secret; /* of either: */
    struct ews_login admin;
    struct ews_oauth oauth;
};

static void side_access_clear(struct side_access *a)
{
    secret_free(a->secret);
    account_list_clear(&a->more);
    g_free(a->token_url);
}
typedef struct side_access side_access;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(side_access, side_access_clear)

static int take_accounts(const struct connect_config *config,
                         enum import_side side, struct side_access *a,
                         struct ews_site_config *site, struct err *err)
{
    const struct opt_side *o = options_of(config, side);

    if (o->accounts_file != NULL) {
        if (account_list_read(&a->more, o->accounts_file, err) < 0)
            return -1;
        site->more_admins = (const struct ews_login *)a->more.logins->data;
        site->n_more_admins = a->more.logins->len;
    }
    if (o->admin == NULL)
        return 0;
    if (take_password(config, side, &a->secret, err) < 0)
        return -1;
    a->admin = (struct ews_login){ o->admin, a->secret };
    site->admin = &a->admin;
    return 0;
}

static int take_access(const struct connect_config *config,
                       enum import_side side, struct side_access *a,
                       struct ews_site_config *site, struct err *err)
{
    const struct opt_side *o = options_of(config, side);

    if (!opt_side_has_admin(o) || !needs_admin(config->import, side))
        return 0;
    if (o->oauth.client != NULL) {
        if (take_client_secret(config, side, &a->secret, err) < 0)
            return -1;
        a->token_url = opt_oauth_token_url(&o->oauth);
        a->oauth = (struct ews_oauth){ .token_url = a->token_url,
                                       .client_id = o->oauth.client,
                                       .secret = a->secret,
                                       .scope = o->oauth.scope };
        site->oauth = &a->oauth;
        return 0;
    }
    return take_accounts(config, side, a, site, err);
}

/* Who set http_proxy alone may have meant it for everything. */
static void suspect_proxy(const struct connect *c, struct err *err)
{
    if (net_passes_http_proxy(c->net) &&
        (g_strcmp0(err->name, "cannot-connect") == 0 ||
         g_strcmp0(err->name, "cannot-resolve") == 0 ||
         g_strcmp0(err->name, "timeout") == 0))
        err_remedy(err, "check the address; http_proxy of the environment is "
                        "not for https: set https_proxy, or give --proxy");
}

static int open_side(struct connect *c, const struct connect_config *config,
                     enum import_side side, struct err *err)
{
    struct server *server = &c->servers[side];
    g_auto(side_access) access = { 0 };
    struct ews_site_config site = {
        .net = c->net,
        .governor = c->governor,
        .cancel = config->cancel,
    };

    if (take_access(config, side, &access, &site, err) < 0)
        return -1;
    if (discover(c, config, side, site.admin, err) < 0) {
        suspect_proxy(c, err);
        return err_in(err, "%s \"%s\"", import_side_name(side),
                      options_of(config, side)->url);
    }
    site.ews_url = server->found.ews_url;
    site.schemes = server->found.schemes;
    if (ews_site_new(&site, &server->site, err) < 0)
        return err_in(err, "%s", import_side_name(side));
    if (side == IMPORT_SOURCE && config->quiet != NULL)
        governor_set_quiet(c->governor, ews_site_host(server->site),
                           config->quiet);
    return 0;
}

static int open_net(struct connect *c, const struct connect_config *config,
                    struct err *err)
{
    const struct opt_access *access = config->access;
    g_auto(net_proxy) proxy = { 0 };
    int given = proxy_take(&access->proxy, config->cancel, &proxy, err);
    const struct net_config how = {
        .ca_file = access->ca_file,
        .trace = c->trace,
        .proxy = given > 0 ? &proxy : NULL,
    };

    return given < 0 ? -1 : net_new(&how, &c->net, err);
}

static int open_all(struct connect *c, const struct connect_config *config,
                    struct err *err)
{
    const struct opt_access *access = config->access;
    const struct governor_config limits = {
        .host_cap = config->load->host_requests,
        .start = config->load->first_requests,
    };

    if (access->trace != NULL &&
        net_trace_open(access->trace, TRACE_BODY_MAX, &c->trace, err) < 0)
        return -1;
    if (open_net(c, config, err) < 0)
        return -1;
    c->governor = governor_new(&limits);
    keep_quiet(c, config);
    for (int side = 0; side < IMPORT_N_SIDES; side++)
        if (open_side(c, config, (enum import_side)side, err) < 0)
            return -1;
    return 0;
}

int connect_open(const struct connect_config *config, struct connect **ret,
                 struct err *err)
{
    struct connect *c = g_new0(struct connect, 1);

    c->import = config->import;
    if (open_all(c, config, err) < 0) {
        connect_free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void connect_free(struct connect *c)
{
    if (c == NULL)
        return;
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        ews_site_free(c->servers[side].site);
        ews_discovery_clear(&c->servers[side].found);
    }
    governor_free(c->governor);
    net_free(c->net);
    net_trace_close(c->trace);
    g_free(c);
}

const char *connect_url(const struct connect *c, enum import_side side)
{
    return c->servers[side].found.ews_url;
}

const char *connect_proxy(const struct connect *c, enum import_side side)
{
    return net_proxy_url(c->net, connect_url(c, side));
}

bool connect_passes_http_proxy(const struct connect *c)
{
    return net_passes_http_proxy(c->net);
}

static int open_end(struct connect *c, const struct import_row *row,
                    enum import_side side, struct endpoint **ret,
                    struct err *err)
{
    const struct import_mailbox *m = &row->sides[side];
    struct ews_login login = { .user = m->user, .password = m->password };
    struct ews_mailbox_config config = {
        .address = m->address,
        .login = m->password != NULL ? &login : NULL,
    };

    return ews_mailbox_new(c->servers[side].site, &config, ret, err);
}

int connect_mailbox(void *data, size_t index, struct endpoint **ret_source,
                    struct endpoint **ret_destination, struct err *err)
{
    struct connect *c = data;
    const struct import_row *row = g_ptr_array_index(c->import->rows, index);
    g_autoptr(endpoint) source = NULL, destination = NULL;

    if (open_end(c, row, IMPORT_SOURCE, &source, err) < 0 ||
        open_end(c, row, IMPORT_DESTINATION, &destination, err) < 0)
        return -1;
    *ret_source = g_steal_pointer(&source);
    *ret_destination = g_steal_pointer(&destination);
    return 0;
}

/* A row with a password of its own has no account to be replaced. */
static enum ews_account account_of(const struct connect *c,
                                   const struct import_row *row,
                                   enum import_side side)
{
    const struct import_mailbox *m = &row->sides[side];

    return m->password != NULL
               ? EWS_ACCOUNT_GOOD
               : ews_site_account(c->servers[side].site, m->address);
}

bool connect_another(void *data, size_t index)
{
    struct connect *c = data;
    const struct import_row *row = g_ptr_array_index(c->import->rows, index);
    enum ews_account source = account_of(c, row, IMPORT_SOURCE);
    enum ews_account destination = account_of(c, row, IMPORT_DESTINATION);

    return source != EWS_ACCOUNT_REFUSED &&
           destination != EWS_ACCOUNT_REFUSED &&
           (source == EWS_ACCOUNT_REPLACED ||
            destination == EWS_ACCOUNT_REPLACED);
}

void connect_load(void *data, struct progress_load *ret)
{
    struct connect *c = data;

    *ret = (struct progress_load){ 0 };
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        struct governor_stats stats;

        governor_stats(c->governor, ews_site_host(c->servers[side].site),
                       &stats);
        ret->working_us += stats.working_us;
        ret->throttled_us += stats.throttled_us;
        if (side != IMPORT_SOURCE)
            continue;
        ret->quiet_us = stats.quiet_us;
        ret->quiet_until_us = stats.quiet_until_us;
    }
}
