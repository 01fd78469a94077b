#include <string.h>

#include <sodium.h>

#include "base/timestamp.h"
#include "desk/authorise.h"
#include "web/client.h"
#include "web/server_priv.h"

#define MINUTE_US (60 * TIMESTAMP_SECOND)

static int refuse_often(struct exchange *x, int64_t wait_us)
{
    web_problem(&x->reply, 429, "too-often",
                "too many requests; wait as long as Retry-After says");
    web_reply_header(&x->reply, "Retry-After", "%" G_GINT64_FORMAT,
                     wait_us / TIMESTAMP_SECOND + 1);
    return -1;
}

static struct web_limits limits_now(struct web_server *s)
{
    struct web_limits limits;

    pthread_mutex_lock(&s->limits_lock);
    limits = s->limits;
    pthread_mutex_unlock(&s->limits_lock);
    return limits;
}

static void find_client(struct exchange *x)
{
    const struct web_settings *o = &x->server->settings;
    const char *forwarded = web_header(&x->request, "X-Forwarded-For");
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct inet_address peer = { { 0 } };

    if (info != NULL)
        (void)inet_address_of(info->client_addr, &peer);
    web_client_address(&peer, forwarded, o->proxies, o->n_proxies,
                       &x->request.address);
    x->request.from_here = inet_address_is_loopback(&peer) &&
                           forwarded == NULL &&
                           web_header(&x->request, "Forwarded") == NULL;
    x->request.secure =
        o->certificate != NULL ||
        (o->public_url != NULL && g_str_has_prefix(o->public_url, "https:"));
}

static int check_address(struct exchange *x)
{
    const struct bucket_rate rate = { limits_now(x->server).address_per_min,
                                      MINUTE_US };
    struct inet_address subscriber = x->request.address;
    char text[INET_TEXT_SIZE];
    int64_t wait_us;

    inet_address_subscriber(&subscriber);
    inet_address_text(&subscriber, text);
    wait_us =
        bucket_take(x->server->addresses, text, &rate, timestamp_monotonic());
    return wait_us > 0 ? refuse_often(x, wait_us) : 0;
}

static int check_host(struct exchange *x)
{
    const struct web_settings *o = &x->server->settings;

    /* probes ask by whatever address they have been given */
    if (x->request.route != NULL &&
        (x->request.route->roles & WEB_ANYONE) != 0 &&
        (x->request.route->flags & WEB_TEXT) != 0)
        return 0;
    if (web_host_is_ours(web_header(&x->request, "Host"), o->public_url,
                         &o->listen))
        return 0;
    web_problem(&x->reply, 421, "host",
                "this service is not known by that name; its own is the "
                "configuration's http.public-url");
    return -1;
}

static int check_route(struct exchange *x, const char *method, const char *path)
{
    enum web_method known = web_method_parse(method);
    unsigned allowed = 0;
    GString *list;

    x->request.route = web_route_find(x->server->parts.routes, known, path,
                                      &x->request.params, &allowed);
    if (x->request.route != NULL)
        return 0;
    if (allowed == 0) {
        web_problem(&x->reply, 404, "no-route", "there is nothing here");
        return -1;
    }
    list = g_string_new(NULL);
    for (unsigned m = 0; m < WEB_METHOD_N; m++)
        if ((allowed & (1u << m)) != 0)
            g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "",
                                   web_method_name((enum web_method)m));
    web_problem(&x->reply, 405, "method", "this can be asked for by %s alone",
                list->str);
    web_reply_header(&x->reply, "Allow", "%s", list->str);
    g_string_free(list, TRUE);
    return -1;
}

static int check_principal(struct exchange *x)
{
    const struct web_parts *parts = &x->server->parts;
    const struct bucket_rate rate = { limits_now(x->server).principal_per_min,
                                      MINUTE_US };
    char key[48];
    int64_t wait_us;

    if (!parts->ops->authenticate(parts->service, &x->request,
                                  &x->request.who)) {
        web_problem(&x->reply, 401, "signed-out",
                    "this session or token is not valid any more");
        web_reply_header(&x->reply, "WWW-Authenticate", "Bearer");
        return -1;
    }
    if (!x->request.who.known)
        return 0;
    g_snprintf(key, sizeof(key), "%d:%" G_GINT64_FORMAT,
               (int)x->request.who.role, x->request.who.id);
    wait_us =
        bucket_take(x->server->principals, key, &rate, timestamp_monotonic());
    return wait_us > 0 ? refuse_often(x, wait_us) : 0;
}

/* Of an account's contacts some may, and they are none of these. */
static bool costs_money(const struct exchange *x)
{
    const struct web_principal *who = &x->request.who;

    return who->account != 0 &&
           (x->request.route->roles & WEB_CONTACTS) == WEB_PAYERS &&
           (who->roles & WEB_PAYERS) == 0;
}

static void forbid(struct exchange *x)
{
    const struct authorise_rule *rule = authorise_rule(AUTHORISE_TECHNICAL);

    if (costs_money(x))
        web_problem_remedy(&x->reply, 403, rule->word, rule->remedy, "%s",
                           rule->reason);
    else
        web_problem(&x->reply, 403, "forbidden",
                    "your role, or the scopes of this token, do not allow "
                    "this");
}

static int check_access(struct exchange *x)
{
    const struct web_route *route = x->request.route;

    if ((route->flags & WEB_LOCAL) != 0 && x->request.from_here)
        return 0;
    switch (web_access(&x->request.who, route->roles, route->scope)) {
    case WEB_YES:
        return 0;
    case WEB_SIGN_IN:
        web_problem(&x->reply, 401, "sign-in", "sign in first");
        web_reply_header(&x->reply, "WWW-Authenticate", "Bearer");
        return -1;
    case WEB_FORBIDDEN:
        break;
    }
    forbid(x);
    return -1;
}

static int check_origin(struct exchange *x)
{
    const struct web_settings *o = &x->server->settings;
    const struct web_principal *who = &x->request.who;
    g_autofree char *ours = NULL;

    if (x->request.route->method == WEB_GET || who->by_token)
        return 0;
    ours = web_origin(o->public_url, o->certificate != NULL,
                      web_header(&x->request, "Host"));
    if (web_origin_is_ours(ours, web_header(&x->request, "Origin"),
                           web_header(&x->request, "Sec-Fetch-Site"),
                           who->known))
        return 0;
    web_problem(&x->reply, 403, "origin",
                "a page of another site may not do this");
    return -1;
}

static bool is_among(const char *names, const char *name)
{
    g_auto(GStrv) all = g_strsplit(names, " ", -1);

    return g_strv_contains((const char *const *)all, name);
}

/* Whoever mistypes a filter must not be shown all there is. */
static enum MHD_Result check_name(void *data, enum MHD_ValueKind kind,
                                  const char *name, const char *value)
{
    struct exchange *x = data;
    const char *known = x->request.route->query;

    (void)kind;
    (void)value;
    if (*name == '\0' || is_among(known, name))
        return MHD_YES;
    web_problem(&x->reply, 400, "query",
                "there is no \"%.60s\" to ask this list by; there is %s", name,
                known);
    return MHD_NO;
}

static int check_query(struct exchange *x)
{
    if (x->request.route->query != NULL)
        MHD_get_connection_values(x->mhd, MHD_GET_ARGUMENT_KIND, check_name, x);
    return x->reply.type != NULL ? -1 : 0;
}

/* RFC 9110, 13.1.1: a weak tag never matches; "*" is whatever there is. */
static bool read_tag(const char *text, int64_t *ret)
{
    size_t n = strlen(text);
    guint64 version = 0;
    g_autofree char *digits = NULL;

    if (strcmp(text, "*") == 0)
        return true;
    if (n <= 3 || !g_str_has_prefix(text, "\"v") || text[n - 1] != '"')
        return false;
    digits = g_strndup(text + 2, n - 3);
    if (!g_ascii_string_to_unsigned(digits, 10, 1, INT64_MAX, &version, NULL))
        return false;
    *ret = (int64_t)version;
    return true;
}

/*
 * A condition that nobody checks must not be taken for one that holds.  Whether
 * it does is decided in the transaction of the change.
 */
static int check_version(struct exchange *x)
{
    const struct web_route *route = x->request.route;
    const char *text = web_header(&x->request, "If-Match");

    if (text == NULL || route->method == WEB_GET)
        return 0;
    if ((route->flags & WEB_VERSIONED) == 0)
        web_problem_remedy(&x->reply, 412, "no-version", "ask without If-Match",
                           "what this changes has no version");
    else if (!read_tag(text, &x->request.version))
        web_problem_remedy(&x->reply, 412, "changed",
                           "get it again, and give the ETag of that answer",
                           "If-Match is no ETag of this resource");
    else
        return 0;
    return -1;
}

static int check_length(struct exchange *x)
{
    const char *text = web_header(&x->request, "Content-Length");
    uint64_t most = x->server->settings.body_max_bytes;

    /* libmicrohttpd has refused what is no number */
    if (text == NULL || g_ascii_strtoull(text, NULL, 10) <= most)
        return 0;
    web_problem(&x->reply, 413, "too-large",
                "a request may have %" G_GUINT64_FORMAT " bytes", most);
    return -1;
}

int guard_check(struct exchange *x, const char *method, const char *path)
{
    int found;

    find_client(x);
    found = check_route(x, method, path);
    if (check_host(x) < 0 || check_address(x) < 0)
        return -1;
    if (found < 0 || check_principal(x) < 0 || check_access(x) < 0 ||
        check_origin(x) < 0 || check_version(x) < 0 || check_query(x) < 0)
        return -1;
    return check_length(x);
}
