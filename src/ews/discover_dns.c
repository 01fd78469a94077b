/*
 * discover_dns - the places where a mail domain's Autodiscover may be.
 * Source: [MS-OXDISCO] 3.1.5.3-3.1.5.5, without Active Directory.
 *
 * Only when it was asked for: both sides of a migration often share one
 * domain, and its DNS flips at cutover.  What plain http and the DNS say is
 * nobody's word: a credential follows them to hosts in the domain, and else
 * to none that is not allowed.
 */
#include <string.h>

#include "ews/autodiscover.h"
#include "ews/discover_priv.h"
#include "net/srv.h"

#define HTTP_DEADLINE_MS 30000u

/* Nothing at another place would help. */
static bool is_final(const struct search *s, const struct err *err)
{
    return s->no_login || err->retry == ERR_RETRY_REAUTH ||
           g_strcmp0(err->name, "cancelled") == 0;
}

/*
 * Keep the better of two reasons: a place that answered knows more than those
 * where nothing is, of which the first stays.
 */
static void keep(const struct search *s, struct err *best, bool *has,
                 const struct err *why)
{
    if (*has && g_strcmp0(why->name, "NoEws") != 0 && !is_final(s, why))
        return;
    *best = *why;
    *has = true;
}

static int ask_at(struct search *s, const char *host, uint16_t port,
                  struct err *err)
{
    g_autofree char *text = g_strdup_printf("https://%s:%u/", host, port);
    g_auto(net_url) url = { 0 };

    if (owa_plain_url(text, &url, err) < 0)
        return -1;
    if (!discover_may_go(s, &url)) {
        g_autofree char *where = owa_host_text(&url);

        return discover_led_away("the domain's SRV record", where, err);
    }
    return discover_ask_host(s, &url, EWS_FOUND_DOMAIN, err);
}

static int at_domain(struct search *s, struct err *err)
{
    return ask_at(s, s->domain, 443, err);
}

static int at_autodiscover(struct search *s, struct err *err)
{
    g_autofree char *host = g_strconcat("autodiscover.", s->domain, NULL);

    return ask_at(s, host, 443, err);
}

/* Where plain http sends us; nothing is told it but that we ask. */
static int get_redirect(struct search *s, const char *url, char **ret,
                        struct err *err)
{
    const struct net_request request = {
        .method = "GET",
        .url = url,
        .deadline_ms = HTTP_DEADLINE_MS,
        .repeatable = true,
        .cancel = s->config->cancel,
    };
    g_auto(net_response) r = { 0 };
    void *conn = s->t->ops->connect(s->t, NULL);
    int rc = s->t->ops->perform(conn, &request, &r, err);

    s->t->ops->disconnect(conn);
    if (rc < 0)
        return -1;
    if (r.status < 300 || r.status >= 400 || r.location == NULL)
        return autodiscover_none(err, url, r.status);
    *ret = g_steal_pointer(&r.location);
    return 0;
}

static int by_http(struct search *s, struct err *err)
{
    g_autofree char *url = g_strconcat("http://autodiscover.", s->domain,
                                       AUTODISCOVER_POX_PATH, NULL);
    g_autofree char *where = NULL;
    g_auto(net_url) next = { 0 };
    struct err why;

    if (get_redirect(s, url, &where, err) < 0)
        return -1;
    if (owa_plain_url(where, &next, &why) < 0 || !discover_may_go(s, &next))
        return discover_led_away("the domain's redirect over http", where, err);
    return discover_ask_host(s, &next, EWS_FOUND_DOMAIN, err);
}

static void tell_srv(const struct search *s, const GPtrArray *all,
                     const struct err *why)
{
    g_autofree char *asked =
        g_strdup_printf("SRV _autodiscover._tcp.%s", s->domain);
    GString *said = g_string_new(NULL);

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const struct net_srv *srv = g_ptr_array_index(all, i);

        g_string_append_printf(said, "%s%s:%u", i > 0 ? ", " : "", srv->host,
                               srv->port);
    }
    if (said->len == 0)
        g_string_append(said, all != NULL ? "no such record" : why->msg);
    told_say(s->told, asked, said->str);
    g_string_free(said, TRUE);
}

static int ask_each(struct search *s, const GPtrArray *all, struct err *err)
{
    bool has = false;
    struct err why;

    for (guint i = 0; i < all->len; i++) {
        const struct net_srv *srv = g_ptr_array_index(all, i);

        if (ask_at(s, srv->host, srv->port, &why) == 0)
            return 0;
        keep(s, err, &has, &why);
        if (is_final(s, &why))
            return -1;
    }
    if (!has) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there is no SRV record of Autodiscover");
        err->name = "NoAutodiscover";
    }
    return -1;
}

static int by_srv(struct search *s, struct err *err)
{
    GPtrArray *all = NULL;
    int rc = s->config->lookup_srv("autodiscover", s->domain, &all, err);

    tell_srv(s, all, err);
    if (rc == 0)
        rc = ask_each(s, all, err);
    if (all != NULL)
        g_ptr_array_unref(all);
    return rc;
}

static int none_at_all(const struct search *s, const struct err *best,
                       struct err *err)
{
    if (g_strcmp0(best->name, "NoEws") == 0 || is_final(s, best)) {
        *err = *best;
        return -1;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, best->code,
            "domain \"%s\" has no Autodiscover: neither at its own name nor at "
            "\"autodiscover.%s\", by a redirect or an SRV record",
            s->domain, s->domain);
    err->name = "NoEws";
    return err_remedy(err, "give the OWA address instead; \"mailferry "
                           "discover\" shows what each place answered");
}

int discover_ask_domain(struct search *s, struct err *err)
{
    static int (*const places[])(struct search * s, struct err * err) = {
        at_domain,
        at_autodiscover,
        by_http,
        by_srv,
    };
    struct err best = { 0 }, why;
    bool has = false;

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (places[i](s, &why) == 0)
            return 0;
        keep(s, &best, &has, &why);
        if (is_final(s, &why))
            break;
    }
    return none_at_all(s, &best, err);
}
