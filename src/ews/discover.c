/* discover - from an OWA address to the EWS behind it. */
#include <string.h>

#include "ews/autodiscover.h"
#include "ews/discover.h"
#include "ews/ews.h"
#include "ews/governed.h"
#include "ews/owa.h"
#include "ews/scheme.h"

#define EWS_PATH          "/EWS/Exchange.asmx"
#define AUTODISCOVER_PATH "/autodiscover/autodiscover.xml"

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
    };

    return names[found_by];
}

struct search {
    const struct ews_transport *t;
    const struct ews_discover_config *config;
    struct net_url given;
    struct owa_visit visit;
    struct ews_discovery found;
};

static bool is_allowed(const struct search *s, const char *host)
{
    const char *const *allowed = s->config->allowed_hosts;

    for (; allowed != NULL && *allowed != NULL; allowed++) {
        if (g_ascii_strcasecmp(*allowed, host) == 0)
            return true;
    }
    return false;
}

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

static int try_url(struct search *s, const struct net_url *url,
                   enum ews_found_by found_by, struct err *err)
{
    g_autofree char *text = owa_url_text(url);
    unsigned int schemes;

    if (scheme_ask(s->t, text, s->config->cancel, &schemes, err) < 0)
        return -1;
    settle(s, url, schemes, found_by);
    return 0;
}

/* The usual path, at the host of url. */
static int try_host(struct search *s, const struct net_url *url,
                    enum ews_found_by found_by, struct err *err)
{
    g_autofree char *text = net_url_with_path(url, EWS_PATH);
    struct net_url ews;
    int rc;

    if (owa_plain_url(text, &ews, err) < 0)
        return -1;
    rc = try_url(s, &ews, found_by, err);
    net_url_clear(&ews);
    return rc;
}

/* ---- Autodiscover ------------------------------------------------------ */

/* What Autodiscover names may be used: it is the given host's own word. */
static int try_named(struct search *s, const char *ews_url, struct err *err)
{
    struct net_url url;
    int rc;

    if (owa_plain_url(ews_url, &url, err) < 0)
        return err_in(err, "Autodiscover names an EWS address");
    rc = try_url(s, &url, EWS_FOUND_AUTODISCOVER, err);
    net_url_clear(&url);
    return rc;
}

/* A redirect is followed only to the given host or an allowed one. */
static bool may_follow(const struct search *s, const char *text,
                       struct net_url *ret)
{
    struct err why;

    if (owa_plain_url(text, ret, &why) < 0)
        return false;
    if (owa_same_host(ret, &s->given) || is_allowed(s, ret->host))
        return true;
    net_url_clear(ret);
    return false;
}

static int led_away(const char *where, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "Autodiscover leads to \"%s\", and no credential goes there "
            "unasked",
            where);
    err->name = "NoEws";
    return err_remedy(err, "if that is right, give it as the OWA address, or "
                           "allow its host");
}

/* One question; *ret_next (owned) is where to ask next, or NULL. */
static int ask_once(struct search *s, const char *url, char **ret_next,
                    struct err *err)
{
    const struct autodiscover_question question = {
        .url = url,
        .address = s->config->address,
        .login = s->config->login,
        .cancel = s->config->cancel,
    };
    g_auto(autodiscover_answer) answer = { 0 };
    struct net_url next;

    if (autodiscover_ask(s->t, &question, &answer, err) < 0)
        return -1;
    if (answer.ews_url != NULL)
        return try_named(s, answer.ews_url, err);
    if (answer.redirect_url == NULL ||
        !may_follow(s, answer.redirect_url, &next))
        return led_away(answer.redirect_url != NULL ? answer.redirect_url
                                                    : answer.redirect_address,
                        err);
    *ret_next = owa_url_text(&next);
    net_url_clear(&next);
    return 0;
}

static int try_autodiscover(struct search *s, struct err *err)
{
    g_autofree char *url = net_url_with_path(&s->given, AUTODISCOVER_PATH);

    for (int i = 0; i <= OWA_REDIRECTS_MAX; i++) {
        char *next = NULL;

        if (ask_once(s, url, &next, err) < 0)
            return -1;
        if (next == NULL)
            return 0;
        g_free(url);
        url = next;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "Autodiscover redirects more than %d times", OWA_REDIRECTS_MAX);
    err->name = "NoEws";
    return -1;
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
        return err_remedy(err, "if that host is right, give it as the OWA "
                               "address, or allow it");
    }
    return err_remedy(err, "check the OWA address; if EWS is at another host, "
                           "give that one, or a login and a mail address so "
                           "that Autodiscover can be asked");
}

static int search(struct search *s, struct err *err)
{
    struct err direct, why;

    if (owa_look(s->t, &s->given, s->config->cancel, &s->visit, err) < 0)
        return -1;
    if (try_host(s, &s->given, EWS_FOUND_DIRECTLY, &direct) == 0)
        return 0;
    if (s->visit.moved && is_allowed(s, s->visit.end.host) &&
        try_host(s, &s->visit.end, EWS_FOUND_BY_REDIRECT, &why) == 0)
        return 0;
    /* A form in front, or trouble: Autodiscover knows no better. */
    if (g_strcmp0(direct.name, "NoEws") != 0 || s->config->login == NULL ||
        s->config->address == NULL)
        return not_found(s, &direct, err);
    return try_autodiscover(s, err);
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
    struct ews_transport polite = transport_governed(&governed);
    struct search s = { .t = &polite, .config = config };
    int rc;

    if (owa_parse(config->owa_url, &s.given, err) < 0)
        return -1;
    rc = search(&s, err);
    net_url_clear(&s.given);
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

    return discover_over(&over_net, config, ret, err);
}
