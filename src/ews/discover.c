/* discover - from an OWA address to the EWS behind it. */
#include "ews/discover.h"

#include <string.h>

#include "ews/discover_priv.h"
#include "ews/governed.h"
#include "ews/scheme.h"
#include "net/srv.h"

#define EWS_PATH      "/EWS/Exchange.asmx"
#define DOMAIN_PREFIX "autodiscover:"

void ews_discovery_clear(struct ews_discovery *d)
{
    g_clear_pointer(&d->ews_url, g_free);
    g_clear_pointer(&d->host, g_free);
    g_clear_pointer(&d->owa_version, g_free);
    g_clear_pointer(&d->redirects_to, g_free);
}

const char *ews_found_by_name(enum ews_found_by found_by)
{
    static const char *const names[] = {
        [EWS_FOUND_DIRECTLY] = "at the given address",
        [EWS_FOUND_BY_REDIRECT] =
            "at an allowed host that the address leads to",
        [EWS_FOUND_AUTODISCOVER] = "by the host's own Autodiscover",
        [EWS_FOUND_DOMAIN] = "by the mail domain's Autodiscover",
    };

    return names[found_by];
}

/* ---- where a credential may go ------------------------------------------ */

/* "host" or "host:port", and nothing else. */
static int parse_allowed(const char *text, struct net_url *ret, struct err *err)
{
    g_autofree char *url = g_strconcat("https://", text, NULL);
    struct err why;

    if (strpbrk(text, "/?#@") == NULL && owa_plain_url(url, ret, &why) == 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is no host name", text);
    return err_remedy(err, "give --allow-host a name, or name:port, without "
                           "https:// and path");
}

static int check_allowed(const struct ews_discover_config *config,
                         struct err *err)
{
    const char *const *allowed = config->allowed_hosts;

    for (; allowed != NULL && *allowed != NULL; allowed++) {
        g_auto(net_url) url = { 0 };

        if (parse_allowed(*allowed, &url, err) < 0)
            return -1;
    }
    return 0;
}

static bool is_allowed(const struct search *s, const struct net_url *url)
{
    const char *const *allowed = s->config->allowed_hosts;
    bool found = false;

    for (; allowed != NULL && *allowed != NULL && !found; allowed++) {
        g_auto(net_url) host = { 0 };
        struct err why;

        found = parse_allowed(*allowed, &host, &why) == 0 &&
                owa_same_host(&host, url);
    }
    return found;
}

static bool is_in_domain(const char *host, const char *domain)
{
    size_t n = strlen(host), m = strlen(domain);

    return strcmp(host, domain) == 0 || (n > m && host[n - m - 1] == '.' &&
                                         strcmp(host + n - m, domain) == 0);
}

bool discover_may_go(const struct search *s, const struct net_url *url)
{
    if (!url->https)
        return false;
    if (s->domain != NULL ? is_in_domain(url->host, s->domain)
                          : owa_same_host(url, &s->given))
        return true;
    return is_allowed(s, url);
}

int discover_led_away(const char *who, const char *where, struct err *err)
{
    g_auto(net_url) url = { 0 };
    struct err why;
    g_autofree char *host =
        owa_plain_url(where, &url, &why) == 0 ? owa_host_text(&url) : NULL;

    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "%s leads to \"%s\", and no credential goes there unasked", who,
            host != NULL ? host : where);
    err->name = "NoEws";
    return err_remedy(err, "if that host is the provider's, give it as the "
                           "OWA address, or name it with --allow-host");
}

/* ---- one address -------------------------------------------------------- */

/* EWS answers at url: that is it. */
static void settle(struct search *s, const struct net_url *url,
                   unsigned int schemes, enum ews_found_by found_by)
{
    struct ews_discovery *d = &s->found;

    d->ews_url = owa_url_text(url);
    d->host = owa_host_text(url);
    d->owa_version = g_strdup(s->visit.version);
    d->redirects_to = s->visit.moved ? owa_url_text(&s->visit.end) : NULL;
    d->schemes = schemes;
    d->found_by = found_by;
}

/* It leads to EWS elsewhere: to that page, and not to a form. */
static bool is_moved(const struct net_url *url, const struct net_response *r,
                     struct net_url *ret)
{
    struct err why;

    if (r->status < 300 || r->status >= 400 || r->location == NULL ||
        owa_follow(url, r->location, ret, &why) < 0)
        return false;
    if (g_str_has_suffix(ret->path, ".asmx"))
        return true;
    net_url_clear(ret);
    return false;
}

/* One look.  0: EWS; 1: it is at *ret_next (owned); -1. */
static int look(struct search *s, const struct net_url *url,
                enum ews_found_by found_by, struct net_url *ret_next,
                struct err *err)
{
    g_autofree char *text = owa_url_text(url);
    g_auto(net_response) r = { 0 };

    if (scheme_probe(s->t, text, s->config->cancel, &r, err) < 0)
        return -1;
    if (r.status == 401) {
        settle(s, url, r.offered, found_by);
        return 0;
    }
    if (!is_moved(url, &r, ret_next))
        return scheme_not_ews(&r, text, err);
    if (owa_same_host(url, ret_next) || discover_may_go(s, ret_next))
        return 1;
    net_url_clear(ret_next);
    return discover_led_away("EWS", r.location, err);
}

int discover_try(struct search *s, const struct net_url *url,
                 enum ews_found_by found_by, struct err *err)
{
    g_auto(net_url) at = { 0 };

    for (int i = 0; i <= OWA_REDIRECTS_MAX; i++) {
        struct net_url next = { 0 };
        int rc = look(s, i == 0 ? url : &at, found_by, &next, err);

        if (rc <= 0)
            return rc;
        net_url_clear(&at);
        at = next;
        if (found_by == EWS_FOUND_DIRECTLY && !owa_same_host(&at, url))
            found_by = EWS_FOUND_BY_REDIRECT;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "EWS redirects more than %d times", OWA_REDIRECTS_MAX);
    err->name = "NoEws";
    return -1;
}

/* The usual path, at the host of url. */
static int try_host(struct search *s, const struct net_url *url,
                    enum ews_found_by found_by, struct err *err)
{
    g_autofree char *text = net_url_with_path(url, EWS_PATH);
    g_auto(net_url) ews = { 0 };

    if (owa_plain_url(text, &ews, err) < 0)
        return -1;
    return discover_try(s, &ews, found_by, err);
}

/* ---- one after the other ------------------------------------------------ */

/* Why the given host was not it, and what else could be done. */
static int not_found(const struct search *s, const struct err *direct,
                     struct err *err)
{
    *err = *direct;
    if (direct->remedy != NULL)
        return -1;
    if (s->visit.moved) {
        g_autofree char *to = owa_host_text(&s->visit.end);

        err_set(err, ERR_RUN, direct->retry, direct->code,
                "%s; the OWA address leads to host \"%s\", where no credential "
                "goes unasked",
                direct->msg, to);
        err->name = direct->name;
        return err_remedy(err, "if that host is the provider's, give it as "
                               "the OWA address, or name it with "
                               "--allow-host");
    }
    return err_remedy(
        err,
        s->has_login
            ? "check the OWA address; there is no Autodiscover either: if "
              "EWS is at another host, give that one"
            : "check the OWA address; if EWS is at another host, give that "
              "one, or a login and a mail address so that Autodiscover "
              "can be asked");
}

static int search_host(struct search *s, struct err *err)
{
    struct err direct, why;

    if (owa_look(s->t, &s->given, s->config->cancel, &s->visit, err) < 0)
        return -1;
    if (try_host(s, &s->given, EWS_FOUND_DIRECTLY, &direct) == 0)
        return 0;
    if (s->visit.moved && is_allowed(s, &s->visit.end) &&
        try_host(s, &s->visit.end, EWS_FOUND_BY_REDIRECT, &why) == 0)
        return 0;
    /* A form in front, or trouble: Autodiscover knows no better. */
    if (g_strcmp0(direct.name, "NoEws") != 0 || s->config->address == NULL)
        return not_found(s, &direct, err);
    if (discover_ask_host(s, &s->given, EWS_FOUND_AUTODISCOVER, err) == 0)
        return 0;
    if (!discover_can_sign_in(s) || g_strcmp0(err->name, "NoAutodiscover") == 0)
        return not_found(s, &direct, err);
    return -1;
}

/* "autodiscover:old.example": *ret in lower case.  0: it is no such text. */
static int parse_domain(const char *text, char **ret, struct err *err)
{
    g_autofree char *ascii = NULL;
    g_autofree char *url = NULL;
    g_auto(net_url) parts = { 0 };

    if (g_ascii_strncasecmp(text, DOMAIN_PREFIX, strlen(DOMAIN_PREFIX)) != 0)
        return 0;
    text += strlen(DOMAIN_PREFIX);
    ascii = g_hostname_to_ascii(text);
    url = g_strconcat("https://", ascii != NULL ? ascii : "", "/", NULL);
    if (ascii == NULL || strpbrk(ascii, "/:@?#[]") != NULL ||
        strchr(ascii, '.') == NULL || owa_plain_url(url, &parts, err) < 0) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is no mail domain",
                text);
        return err_remedy(err, "give what stands behind the @ of the "
                               "addresses: autodiscover:old.example");
    }
    *ret = g_steal_pointer(&parts.host);
    return 1;
}

static int search(struct search *s, struct err *err)
{
    int rc = check_allowed(s->config, err);

    if (rc == 0)
        rc = parse_domain(s->config->owa_url, &s->domain, err);
    if (rc < 0)
        return -1;
    if (rc == 0)
        return owa_parse(s->config->owa_url, &s->given, err) < 0
                   ? -1
                   : search_host(s, err);
    if (s->config->address == NULL || !discover_can_sign_in(s)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "Autodiscover of domain \"%s\" cannot be asked without a "
                "mailbox's address and a login",
                s->domain);
        return err_remedy(err, "give a mailbox's address (--email), or the "
                               "OWA address instead");
    }
    return discover_ask_domain(s, err);
}

int discover_over(const struct ews_transport *transport,
                  const struct ews_discover_config *config,
                  struct ews_discovery *ret, struct err *err)
{
    struct governed governed = {
        .over = *transport,
        .governor = config->governor,
        .cancel = config->cancel,
    };
    struct told told = {
        .over = transport_governed(&governed),
        .tell = config->tell,
        .data = config->tell_data,
    };
    struct ews_transport polite = transport_told(&told);
    struct search s = { .t = &polite, .config = config, .told = &told };
    int rc = search(&s, err);

    net_url_clear(&s.given);
    g_free(s.domain);
    owa_visit_clear(&s.visit);
    if (rc == 0)
        *ret = s.found;
    else
        err->scope = ERR_RUN;
    return rc;
}

int ews_discover(const struct ews_discover_config *config,
                 struct ews_discovery *ret, struct err *err)
{
    struct ews_transport over_net = transport_net(config->net);
    struct ews_discover_config c = *config;

    if (c.lookup_srv == NULL)
        c.lookup_srv = net_srv_lookup;
    return discover_over(&over_net, &c, ret, err);
}
