/* discover_auto - what an Autodiscover says, and where it leads. */
#include <string.h>

#include "ews/autodiscover.h"
#include "ews/discover_priv.h"

static int no_more(struct err *err, const char *why)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "Autodiscover %s", why);
    err->name = "NoEws";
    return err_remedy(err, "give the OWA address of the server that has the "
                           "mailboxes");
}

/* The password is asked for only now that somebody wants it. */
static int take_login(struct search *s, struct err *err)
{
    const struct ews_discover_config *c = s->config;

    if (s->has_login)
        return 0;
    if (c->login != NULL)
        s->login = *c->login;
    else if (c->take_login(c->login_data, &s->login, err) < 0) {
        s->no_login = true;
        return -1;
    }
    s->has_login = true;
    return 0;
}

/* What Autodiscover names may be used: it is that host's own word. */
static int try_named(struct search *s, const char *ews_url,
                     enum ews_found_by found_by, struct err *err)
{
    g_auto(net_url) url = { 0 };

    if (owa_plain_url(ews_url, &url, err) < 0)
        return err_in(err, "Autodiscover names an EWS address");
    return discover_try(s, &url, found_by, err);
}

/* One form at url about address. */
static int ask_form(struct search *s, autodiscover_form *form, const char *url,
                    const char *address, struct autodiscover_answer *ret,
                    struct err *err)
{
    const struct autodiscover_question question = {
        .url = url,
        .address = address,
        .login = &s->login,
        .cancel = s->config->cancel,
    };

    return form(s->t, &question, ret, err);
}

static bool is_soap(const char *url)
{
    size_t len = strcspn(url, "?#");

    return len > 4 && g_ascii_strncasecmp(url + len - 4, ".svc", 4) == 0;
}

/* POX at url, else SOAP at its host. */
static int ask_signed_in(struct search *s, const char *url, const char *address,
                         struct autodiscover_answer *ret, struct err *err)
{
    g_auto(net_url) host = { 0 };
    g_autofree char *soap = NULL;
    struct err why;

    if (is_soap(url))
        return ask_form(s, autodiscover_ask_soap, url, address, ret, err);
    if (ask_form(s, autodiscover_ask, url, address, ret, err) == 0)
        return 0;
    if (g_strcmp0(err->name, "NoAutodiscover") != 0 ||
        owa_plain_url(url, &host, &why) < 0)
        return -1;
    soap = net_url_with_path(&host, AUTODISCOVER_SOAP_PATH);
    return ask_form(s, autodiscover_ask_soap, soap, address, ret, err);
}

/* The next question after a redirect: *url or *address is another. */
static int follow(const struct search *s, struct autodiscover_answer *a,
                  char **url, char **address, struct err *err)
{
    g_auto(net_url) next = { 0 };
    struct err why;

    if (a->redirect_address != NULL) {
        g_free(*address);
        *address = g_steal_pointer(&a->redirect_address);
        return 0;
    }
    if (owa_plain_url(a->redirect_url, &next, &why) < 0 ||
        !discover_may_go(s, &next))
        return discover_led_away("Autodiscover", a->redirect_url, err);
    g_free(*url);
    *url = owa_url_text(&next);
    return 0;
}

/* True when that has been asked before: it leads in circles. */
static bool again(GHashTable *asked, const char *url, const char *address)
{
    return !g_hash_table_add(asked, g_strconcat(url, " ", address, NULL));
}

static int chase(struct search *s, GHashTable *asked, char **url,
                 char **address, enum ews_found_by found_by, struct err *err)
{
    for (int i = 0; i <= OWA_REDIRECTS_MAX; i++) {
        g_auto(autodiscover_answer) a = { 0 };

        if (again(asked, *url, *address))
            return no_more(err, "leads in circles");
        if (ask_signed_in(s, *url, *address, &a, err) < 0)
            return -1;
        if (a.ews_url != NULL)
            return try_named(s, a.ews_url, found_by, err);
        if (follow(s, &a, url, address, err) < 0)
            return -1;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "Autodiscover redirects more than %d times", OWA_REDIRECTS_MAX);
    err->name = "NoEws";
    return -1;
}

static int chase_from(struct search *s, const struct net_url *host,
                      enum ews_found_by found_by, struct err *err)
{
    g_autoptr(GHashTable) asked =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *url = net_url_with_path(host, AUTODISCOVER_POX_PATH);
    g_autofree char *address = g_strdup(s->config->address);

    if (take_login(s, err) < 0)
        return -1;
    return chase(s, asked, &url, &address, found_by, err);
}

/* The form that takes no credential.  What it leads to is not followed. */
static int ask_unsigned(struct search *s, const struct net_url *host,
                        enum ews_found_by found_by, struct err *err)
{
    g_autofree char *url = net_url_with_path(host, AUTODISCOVER_JSON_PATH);
    g_auto(autodiscover_answer) a = { 0 };

    if (ask_form(s, autodiscover_ask_json, url, s->config->address, &a, err) <
        0)
        return -1;
    if (a.ews_url == NULL)
        return discover_led_away("Autodiscover", a.redirect_url, err);
    return try_named(s, a.ews_url, found_by, err);
}

int discover_ask_host(struct search *s, const struct net_url *host,
                      enum ews_found_by found_by, struct err *err)
{
    if (ask_unsigned(s, host, found_by, err) == 0)
        return 0;
    /* Whoever cannot be reached has no other form either. */
    if (!discover_can_sign_in(s) || err->name == NULL ||
        (g_ascii_islower(err->name[0]) &&
         strcmp(err->name, "answer-too-large") != 0))
        return -1;
    return chase_from(s, host, found_by, err);
}
