/*
 * How a side of a migration is reached: its login, more accounts, an
 * application, a proxy.  Secrets only go in.
 */
#include <string.h>

#include "web/service_migrations.h"

/* What is read of one side, and what is wrong with it. */
struct reading {
    const char *side; /* "source" */
    const json_t *json;
    struct service_side *ret;
    struct web_reply *reply;
};

/* Returns false; member: below the side. */
static bool G_GNUC_PRINTF(3, 4)
    odd(const struct reading *r, const char *member, const char *fmt, ...)
{
    g_autofree char *field = g_strdup_printf("%s.%s", r->side, member);
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    web_problem_field(r->reply, field, "\"%s\" %s", field, text);
    return false;
}

/* Is each of its members one of these? */
static bool only(const struct reading *r, const char *member,
                 const json_t *json, const char *const *names)
{
    const char *name;
    json_t *v;

    if (!json_is_object(json))
        return odd(r, member, "is an object, or null");
    json_object_foreach((json_t *)(uintptr_t)json, name, v)
    {
        if (!g_strv_contains(names, name))
            return odd(r, member, "has no member \"%.40s\"", name);
    }
    return true;
}

/* A text of at most that many bytes; NULL where it is missing or none. */
static const char *text_of(const json_t *json, const char *name, size_t most)
{
    const json_t *v = json_object_get(json, name);
    size_t n = json_string_length(v);

    return n > 0 && n <= most ? json_string_value(v) : NULL;
}

static bool is_given(const json_t *json, const char *name)
{
    const json_t *v = json_object_get(json, name);

    return v != NULL && !json_is_null(v);
}

static struct secret *secret_of(const json_t *json, const char *name)
{
    const char *text = text_of(json, name, SECRET_MAX);

    return text != NULL ? secret_new(text, strlen(text)) : NULL;
}

static void take(const struct reading *r, enum migration_way way,
                 const char *user, const char *url, const char *scope,
                 struct secret *owned)
{
    struct migration_access *a = g_new(struct migration_access, 1);

    *a = (struct migration_access){ way, g_strdup(user), g_strdup(url),
                                    g_strdup(scope), owned };
    g_ptr_array_add(r->ret->access, a);
}

/* ---- accounts ------------------------------------------------------------ */

static bool read_accounts(const struct reading *r, const json_t *list)
{
    static const char *const names[] = { "user", "password", NULL };

    if (!json_is_array(list) || json_array_size(list) > MIGRATION_ACCOUNTS_MAX)
        return odd(r, "accounts", "is an array of at most %d accounts, or null",
                   MIGRATION_ACCOUNTS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        g_autofree char *member = g_strdup_printf("accounts[%zu]", i);
        const char *user = text_of(one, "user", SERVICE_USER_MAX);

        if (!only(r, member, one, names))
            return false;
        if (user == NULL || text_of(one, "password", SECRET_MAX) == NULL)
            return odd(r, member, "has a \"user\" and a \"password\"");
        take(r, MIGRATION_ACCOUNT, user, NULL, NULL,
             secret_of(one, "password"));
    }
    return true;
}

/* ---- an application ------------------------------------------------------ */

static bool is_https(const char *url)
{
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);

    return uri != NULL && g_strcmp0(g_uri_get_scheme(uri), "https") == 0 &&
           g_uri_get_host(uri) != NULL && *g_uri_get_host(uri) != '\0' &&
           g_uri_get_userinfo(uri) == NULL;
}

static bool read_oauth(const struct reading *r, const json_t *json)
{
    static const char *const names[] = { "client", "tenant", "tokenUrl",
                                         "scope",  "secret", NULL };
    const char *tenant = text_of(json, "tenant", SERVICE_USER_MAX),
               *given = text_of(json, "tokenUrl", SERVICE_USER_MAX),
               *client = text_of(json, "client", SERVICE_USER_MAX);
    g_autofree char *url =
        tenant != NULL ? fleet_token_url(tenant) : g_strdup(given);

    if (!only(r, "oauth", json, names))
        return false;
    if (client == NULL || text_of(json, "secret", SECRET_MAX) == NULL)
        return odd(r, "oauth", "has a \"client\" and a \"secret\"");
    if ((tenant == NULL) == (given == NULL))
        return odd(r, "oauth", "has either a \"tenant\" or a \"tokenUrl\"");
    if (!is_https(url))
        return odd(r, "oauth.tokenUrl", "is an https address");
    if (is_given(json, "scope") &&
        text_of(json, "scope", SERVICE_USER_MAX) == NULL)
        return odd(r, "oauth.scope", "is a text");
    take(r, MIGRATION_OAUTH, client, url,
         text_of(json, "scope", SERVICE_USER_MAX), secret_of(json, "secret"));
    return true;
}

/* ---- a proxy ------------------------------------------------------------- */

static const char *proxy_fault(const char *url)
{
    static const char *const schemes[] = { "http", "https", "socks5h", NULL };
    g_autoptr(GUri) uri = g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL);
    const char *path = uri != NULL ? g_uri_get_path(uri) : "";

    if (uri == NULL || g_uri_get_host(uri) == NULL ||
        *g_uri_get_host(uri) == '\0' ||
        (*path != '\0' && strcmp(path, "/") != 0))
        return "is written as http://HOST:PORT";
    if (!g_strv_contains(schemes, g_uri_get_scheme(uri)))
        return "begins with http://, https:// or socks5h://";
    /* it would be shown */
    return g_uri_get_userinfo(uri) != NULL
               ? "has no user in it: give \"user\" and \"password\""
               : NULL;
}

static bool read_proxy(const struct reading *r, const json_t *json)
{
    static const char *const names[] = { "url", "user", "password", NULL };
    const char *url = text_of(json, "url", SERVICE_USER_MAX),
               *user = text_of(json, "user", SERVICE_USER_MAX), *fault;

    if (!only(r, "proxy", json, names))
        return false;
    fault = url != NULL ? proxy_fault(url) : "is a text";
    if (fault != NULL)
        return odd(r, "proxy.url", "%s", fault);
    if ((is_given(json, "user") && user == NULL) ||
        (user == NULL) != (text_of(json, "password", SECRET_MAX) == NULL))
        return odd(r, "proxy",
                   "has both \"user\" and \"password\", or neither");
    take(r, MIGRATION_PROXY, user, url, NULL, secret_of(json, "password"));
    return true;
}

/* ---- a side -------------------------------------------------------------- */

static const struct {
    const char *name;
    enum migration_way way;
    bool (*read)(const struct reading *r, const json_t *json);
} ways[] = {
    { "accounts", MIGRATION_ACCOUNT, read_accounts },
    { "oauth", MIGRATION_OAUTH, read_oauth },
    { "proxy", MIGRATION_PROXY, read_proxy },
};

static bool read_ways(const struct reading *r)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        const json_t *v = json_object_get(r->json, ways[i].name);

        if (v == NULL)
            continue;
        r->ret->ways |= 1u << ways[i].way;
        if (!json_is_null(v) && !ways[i].read(r, v))
            return false;
    }
    return true;
}

/* user null: there is to be none any more. */
static bool read_login(const struct reading *r)
{
    const json_t *user = json_object_get(r->json, "user"),
                 *password = json_object_get(r->json, "password");

    if (user == NULL && password == NULL)
        return true;
    r->ret->has_login = true;
    if (json_is_null(user) && (password == NULL || json_is_null(password)))
        return true;
    r->ret->login.user = text_of(r->json, "user", SERVICE_USER_MAX);
    r->ret->login.password = secret_of(r->json, "password");
    if (r->ret->login.user != NULL && r->ret->login.password != NULL)
        return true;
    web_problem_field(r->reply, r->side,
                      "\"user\" and \"password\" of \"%s\" go together",
                      r->side);
    return false;
}

bool service_read_side(const struct web_request *r, enum migration_side side,
                       bool whole, struct service_side *ret,
                       struct web_reply *reply)
{
    static const char *const names[] = { "user",  "password", "accounts",
                                         "oauth", "proxy",    NULL };
    const char *name = service_side_name(side), *member;
    const struct reading reading = { name, json_object_get(r->json, name), ret,
                                     reply };
    json_t *v;

    ret->access =
        g_ptr_array_new_with_free_func((GDestroyNotify)migration_access_free);
    if (reading.json == NULL)
        return true;
    if (!json_is_object(reading.json)) {
        web_problem_field(reply, name, "\"%s\" is an object", name);
        return false;
    }
    json_object_foreach((json_t *)(uintptr_t)reading.json, member, v)
    {
        if (g_strv_contains(names, member) ||
            (whole && strcmp(member, "url") == 0))
            continue;
        return odd(&reading, member,
                   whole ? "is not known here"
                         : "cannot be changed, or is not known");
    }
    return read_login(&reading) && read_ways(&reading);
}

void service_side_clear(struct service_side *s)
{
    secret_free(s->login.password);
    g_clear_pointer(&s->access, g_ptr_array_unref);
}

/* ---- showing ------------------------------------------------------------- */

json_t *service_side_json(const struct migration *m, enum migration_side side)
{
    json_t *accounts = json_array(), *oauth = json_null(), *proxy = json_null();

    for (guint i = 0; i < m->access[side]->len; i++) {
        const struct migration_access *a = m->access[side]->pdata[i];

        if (a->way == MIGRATION_ACCOUNT)
            json_array_append_new(accounts, json_string(a->user));
        else if (a->way == MIGRATION_OAUTH)
            oauth = json_pack("{s:s, s:s, s:s?}", "client", a->user, "tokenUrl",
                              a->url, "scope", a->scope);
        else
            proxy = json_pack("{s:s, s:s?}", "url", a->url, "user", a->user);
    }
    return json_pack("{s:s?, s:s?, s:o, s:o, s:o}", "url", m->urls[side],
                     "user", m->admins[side], "accounts", accounts, "oauth",
                     oauth, "proxy", proxy);
}
