#include "cmd/side_json.h"

#include "cmd/side_access.h"

static void set_secret(json_t *to, const char *name, const struct secret *s)
{
    if (s != NULL)
        json_object_set_new(to, name, json_string(secret_peek(s)));
}

static json_t *account_json(const struct migration_access *a)
{
    json_t *json = json_pack("{s:s}", "user", a->user);

    set_secret(json, "password", a->secret);
    return json;
}

static json_t *oauth_json(const struct migration_access *a)
{
    json_t *json = json_pack("{s:s, s:s, s:s?}", "client", a->user, "tokenUrl",
                             a->url, "scope", a->scope);

    set_secret(json, "secret", a->secret);
    return json;
}

static json_t *proxy_json(const struct migration_access *a)
{
    json_t *json = json_pack("{s:s, s:s?}", "url", a->url, "user", a->user);

    set_secret(json, "password", a->secret);
    return json;
}

static void put_way(json_t *to, const struct migration_access *a)
{
    switch (a->way) {
    case MIGRATION_ACCOUNT:
        if (!json_is_array(json_object_get(to, "accounts")))
            json_object_set_new(to, "accounts", json_array());
        json_array_append_new(json_object_get(to, "accounts"), account_json(a));
        break;
    case MIGRATION_OAUTH:
        json_object_set_new(to, "oauth", oauth_json(a));
        break;
    case MIGRATION_PROXY:
        json_object_set_new(to, "proxy", proxy_json(a));
        break;
    case MIGRATION_N_WAYS:
        break;
    }
}

static void put_access(json_t *to, const struct side_access *a)
{
    if (a->told) {
        json_object_set_new(to, "user",
                            a->login.user != NULL ? json_string(a->login.user)
                                                  : json_null());
        set_secret(to, "password", a->login.password);
        json_object_set_new(to, "accounts", json_null());
        json_object_set_new(to, "oauth", json_null());
    }
    for (guint i = 0; i < a->access->len; i++)
        put_way(to, a->access->pdata[i]);
}

int side_json_read(const struct cmd_context *ctx, bool source,
                   const struct side_options *options, json_t **ret,
                   struct err *err)
{
    struct side_access access;
    int result =
        side_access_read(ctx, source ? MIGRATION_SOURCE : MIGRATION_DESTINATION,
                         options, &access, err);

    *ret = json_pack("{s:s}", "url", options->side->url);
    if (result == 0)
        put_access(*ret, &access);
    side_access_clear(&access);
    return result;
}
