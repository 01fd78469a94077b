#include "ews/site.h"

#include "ews/governed.h"
#include "ews/scheme.h"
#include "ews/version.h"

/* ConcurrentSyncCalls as installed is 5 at most (EWS-QUIRKS 17). */
#define SYNCS_AT_A_TIME 5

#define READ_PAUSE_MS 500

/* "host" or "host:port", as the governor and people know the server. */
static int read_host(const char *url, char **ret, struct err *err)
{
    struct net_url parts;

    if (net_url_parse(url, &parts, err) < 0)
        return -1;
    if (!parts.https) {
        net_url_clear(&parts);
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the EWS address \"%s\" is not https", url);
    }
    *ret = parts.port == 443 ? g_strdup(parts.host)
                             : g_strdup_printf("%s:%u", parts.host, parts.port);
    net_url_clear(&parts);
    return 0;
}

static void free_credential(void *c)
{
    credential_unref(c);
}

/* For Exchange Online https://outlook.office365.com/.default. */
static char *own_scope(const struct ews_site *s)
{
    return g_strdup_printf("https://%s/.default", s->host);
}

static int add_oauth(struct ews_site *s, const struct ews_oauth *how,
                     struct err *err)
{
    const struct governed over = { s->transport, s->governor, s->cancel };
    g_autofree char *scope =
        how->scope != NULL ? g_strdup(how->scope) : own_scope(s);
    struct ews_oauth whole = *how;
    struct oauth *o = NULL;

    whole.scope = scope;
    if (oauth_new(&over, &whole, &o, err) < 0)
        return -1;
    accounts_add(s->accounts, credential_new_oauth(o));
    return 0;
}

static void add_admin(struct ews_site *s, const struct ews_login *login)
{
    accounts_add(s->accounts, site_credential(s, login->user, login->password));
}

int site_new_over(const struct ews_transport *transport,
                  const struct ews_site_config *config, struct ews_site **ret,
                  struct err *err)
{
    struct ews_site *s;
    char *host = NULL;

    if (read_host(config->ews_url, &host, err) < 0)
        return -1;
    s = g_new0(struct ews_site, 1);
    s->transport = *transport;
    s->conns = conns_new(&s->transport);
    s->governor = config->governor;
    s->cancel = config->cancel;
    s->url = g_strdup(config->ews_url);
    s->host = host;
    s->syncs = sync_gate_new(SYNCS_AT_A_TIME);
    s->read_pause_ms = READ_PAUSE_MS;
    s->put_wait_ms = EWS_PUT_WAIT_MS;
    s->schemes = config->schemes;
    pthread_mutex_init(&s->known_lock, NULL);
    pthread_mutex_init(&s->autodiscover_lock, NULL);
    s->credentials = g_ptr_array_new_with_free_func(free_credential);
    s->accounts = accounts_new();
    if (config->oauth != NULL && add_oauth(s, config->oauth, err) < 0) {
        ews_site_free(s);
        return -1;
    }
    if (config->admin != NULL)
        add_admin(s, config->admin);
    for (size_t i = 0; i < config->n_more_admins; i++)
        add_admin(s, &config->more_admins[i]);
    *ret = s;
    return 0;
}

int ews_site_new(const struct ews_site_config *config, struct ews_site **ret,
                 struct err *err)
{
    struct ews_transport over_net = transport_net(config->net);

    return site_new_over(&over_net, config, ret, err);
}

void ews_site_free(struct ews_site *site)
{
    if (site == NULL)
        return;
    conns_free(site->conns);
    accounts_free(site->accounts);
    g_ptr_array_unref(site->credentials);
    pthread_mutex_destroy(&site->autodiscover_lock);
    pthread_mutex_destroy(&site->known_lock);
    sync_gate_free(site->syncs);
    g_free(site->host);
    g_free(site->url);
    g_free(site);
}

enum ews_account ews_site_account(struct ews_site *site, const char *address)
{
    return accounts_state(site->accounts, address);
}

void ews_site_refused(struct ews_site *site, GHashTable *to)
{
    accounts_refused(site->accounts, to);
}

const char *ews_site_host(const struct ews_site *site)
{
    return site->host;
}

struct credential *site_credential(struct ews_site *site, const char *user,
                                   struct secret *password)
{
    struct credential *found = NULL;

    pthread_mutex_lock(&site->known_lock);
    for (guint i = 0; i < site->credentials->len && found == NULL; i++) {
        struct credential *c = g_ptr_array_index(site->credentials, i);

        if (credential_is(c, user, password))
            found = c;
    }
    if (found == NULL) {
        found = credential_new(user, password);
        g_ptr_array_add(site->credentials, found);
    }
    credential_ref(found);
    pthread_mutex_unlock(&site->known_lock);
    return found;
}

int site_scheme(struct ews_site *site, enum net_scheme *ret, struct err *err)
{
    struct governed governed = {
        .over = site->transport,
        .governor = site->governor,
        .cancel = site->cancel,
    };
    struct ews_transport polite = transport_governed(&governed);
    int rc = 0;

    /* Held while asking: once is enough for everybody. */
    pthread_mutex_lock(&site->known_lock);
    if (site->schemes == 0)
        rc = scheme_ask(&polite, site->url, site->cancel, &site->schemes, err);
    if (rc == 0)
        rc = scheme_choose(site->schemes, ret, err);
    pthread_mutex_unlock(&site->known_lock);
    return rc;
}

enum ews_level site_probe_level(struct ews_site *site)
{
    enum ews_level level;

    pthread_mutex_lock(&site->known_lock);
    level = site->old ? EWS_PROBE_OLD_LEVEL : EWS_PROBE_LEVEL;
    pthread_mutex_unlock(&site->known_lock);
    return level;
}

void site_is_old(struct ews_site *site)
{
    pthread_mutex_lock(&site->known_lock);
    site->old = true;
    pthread_mutex_unlock(&site->known_lock);
}
