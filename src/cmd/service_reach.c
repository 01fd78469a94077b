#include "cmd/service_reach.h"

#include "cmd/guarded_net.h"
#include "ews/ews.h"

/* A person waits for the answer; no step of it takes this long in order. */
#define EXCHANGE_MAX_MS 15000u
/* Of any one server at a time. */
#define REQUESTS_MAX 4

struct service_reach {
    struct guarded_net net;
    struct governor *governor;
    struct cancel *stop;
};

/* It is looked at only where it is whole: a login without a password. */
static struct ews_login login_of(const struct reach_wish *w)
{
    return (struct ews_login){ w->user != NULL ? w->user : w->address,
                               w->password };
}

static int discover(const struct service_reach *r, const struct reach_wish *w,
                    ews_discovery *ret, struct err *err)
{
    const struct ews_login login = login_of(w);
    const struct ews_discover_config how = {
        .net = r->net.net,
        .governor = r->governor,
        .cancel = r->stop,
        .owa_url = w->url,
        .address = w->address,
        .login = w->password != NULL ? &login : NULL,
    };

    return ews_discover(&how, ret, err);
}

static int find(void *data, const struct reach_wish *w, struct reach_found *ret,
                struct err *err)
{
    g_auto(ews_discovery) found = { 0 };

    if (discover(data, w, &found, err) < 0)
        return -1;
    if (ret != NULL)
        *ret = (struct reach_found){
            .host = g_steal_pointer(&found.host),
            .version = g_steal_pointer(&found.owa_version),
            .schemes = ews_schemes_text(found.schemes),
        };
    return 0;
}

static int open_mailbox(const struct service_reach *r, struct ews_site *site,
                        const struct reach_wish *w, struct err *err)
{
    const struct ews_login login = login_of(w);
    const struct ews_mailbox_config how = { .address = w->address,
                                            .login = &login,
                                            .cancel = r->stop };
    g_autoptr(endpoint) ep = NULL;
    g_auto(endpoint_facts) facts = { 0 };

    return ews_mailbox_new(site, &how, &ep, err) < 0
               ? -1
               : endpoint_open(ep, &facts, err);
}

static int sign_in(void *data, const struct reach_wish *w, struct err *err)
{
    const struct service_reach *r = data;
    struct ews_site_config how = { .net = r->net.net,
                                   .governor = r->governor,
                                   .cancel = r->stop };
    g_auto(ews_discovery) found = { 0 };
    g_autoptr(ews_site) site = NULL;

    if (discover(r, w, &found, err) < 0)
        return -1;
    how.ews_url = found.ews_url;
    how.schemes = found.schemes;
    return ews_site_new(&how, &site, err) < 0 ? -1
                                              : open_mailbox(r, site, w, err);
}

int service_reach_new(const struct config *c, struct cancel *stop,
                      struct service_reach **ret, struct err *err)
{
    const struct governor_config limits = { .host_cap = REQUESTS_MAX };
    struct service_reach *r = g_new0(struct service_reach, 1);

    r->stop = stop;
    r->governor = governor_new(&limits);
    if (guarded_net_open(&r->net, c, EXCHANGE_MAX_MS, err) < 0) {
        service_reach_free(r);
        return -1;
    }
    *ret = r;
    return 0;
}

void service_reach_free(struct service_reach *r)
{
    if (r == NULL)
        return;
    governor_free(r->governor);
    guarded_net_close(&r->net);
    g_free(r);
}

struct reach service_reach_of(struct service_reach *r)
{
    return (struct reach){ find, sign_in, r };
}
