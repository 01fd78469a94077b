#include "ews/scheme.h"

#include <string.h>

#include "ews/ews.h"

static const struct {
    enum net_scheme scheme;
    const char *name;
} names[] = {
    { NET_AUTH_NTLM, "NTLM" },
    { NET_AUTH_BASIC, "Basic" },
    { NET_AUTH_NEGOTIATE, "Negotiate" },
    { NET_AUTH_BEARER, "Bearer" },
};

const char *scheme_name(enum net_scheme scheme)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].scheme == scheme)
            return names[i].name;
    }
    return "none";
}

char *ews_schemes_text(unsigned int schemes)
{
    GString *s = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if ((schemes & names[i].scheme) != 0)
            g_string_append_printf(s, "%s%s", s->len > 0 ? ", " : "",
                                   names[i].name);
    }
    return g_string_free(s->len > 0 ? s : g_string_append(s, "none"), FALSE);
}

int scheme_choose(unsigned int offered, enum net_scheme *ret, struct err *err)
{
    g_autofree char *list = ews_schemes_text(offered);

    if ((offered & NET_AUTH_NTLM) != 0) {
        *ret = NET_AUTH_NTLM;
        return 0;
    }
    if ((offered & NET_AUTH_BASIC) != 0) {
        *ret = NET_AUTH_BASIC;
        return 0;
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "the server offers no way of signing in that we use (it offers: "
            "%s)",
            list);
    err->name = "NoScheme";
    return err_remedy(err, "switch on Windows (NTLM) or Basic authentication "
                           "for the EWS virtual directory "
                           "(Set-WebServicesVirtualDirectory)");
}

int scheme_not_ews(const struct net_response *r, const char *url,
                   struct err *err)
{
    bool form = r->status == 440 || (r->status >= 300 && r->status < 400) ||
                (r->status == 200 && r->content_type != NULL &&
                 g_ascii_strncasecmp(r->content_type, "text/html",
                                     strlen("text/html")) == 0);

    if (form) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, (int)r->status,
                "a web form stands where EWS should be, at \"%s\"%s%s", url,
                r->location != NULL ? "; it leads to " : "",
                r->location != NULL ? r->location : "");
        err->name = "FormsLogin";
        return err_remedy(
            err, "the provider has a web form in front of EWS: ask "
                 "for EWS with Windows (NTLM) or Basic authentication");
    }
    err_set(err, ERR_RUN, r->status >= 500 ? ERR_RETRY_WAIT : ERR_RETRY_NEVER,
            (int)r->status, "no EWS at \"%s\" (HTTP status %ld)", url,
            r->status);
    err->name = "NoEws";
    return -1;
}

int scheme_probe(const struct ews_transport *t, const char *url,
                 struct cancel *stop, struct net_response *ret, struct err *err)
{
    static const char *const headers[] = {
        "Content-Type: text/xml; charset=utf-8", NULL
    };
    const struct net_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .repeatable = true,
        .cancel = stop,
    };
    void *conn = t->ops->connect(t, NULL);
    int rc = t->ops->perform(conn, &request, ret, err);

    t->ops->disconnect(conn);
    return rc;
}

int scheme_ask(const struct ews_transport *t, const char *url,
               struct cancel *stop, unsigned int *ret_offered, struct err *err)
{
    g_auto(net_response) response = { 0 };

    if (scheme_probe(t, url, stop, &response, err) < 0)
        return -1;
    if (response.status != 401)
        return scheme_not_ews(&response, url, err);
    *ret_offered = response.offered;
    return 0;
}
