#include "base/blob.h"
#include "cmd/accounts.h"
#include "cmd/password.h"
#include "cmd/proxy.h"
#include "cmd/remote_run.h"

static int read_secret(const struct cmd_context *ctx, enum password_side kind,
                       const char *file, const char *user, json_t *to,
                       const char *member, struct err *err)
{
    const struct password_request request = {
        .side = kind, .file = file, .user = user, .cancel = ctx->cancel
    };
    g_autoptr(secret) s = NULL;

    if (password_get(&request, &s, err) < 0)
        return -1;
    json_object_set_new(to, member, json_string(secret_peek(s)));
    return 0;
}

static int read_accounts(const char *path, json_t *to, struct err *err)
{
    g_auto(account_list) list = { 0 };
    json_t *all;

    if (account_list_read(&list, path, err) < 0)
        return -1;
    all = json_array();
    for (guint i = 0; i < list.logins->len; i++) {
        const struct ews_login *l =
            &g_array_index(list.logins, struct ews_login, i);

        json_array_append_new(all,
                              json_pack("{s:s, s:s}", "user", l->user,
                                        "password", secret_peek(l->password)));
    }
    json_object_set_new(to, "accounts", all);
    return 0;
}

static int read_oauth(const struct cmd_context *ctx, enum import_side side,
                      const struct opt_oauth *o, json_t *to, struct err *err)
{
    g_autofree char *url = opt_oauth_token_url(o);
    json_t *json = json_pack("{s:s, s:s, s:s?}", "client", o->client,
                             "tokenUrl", url, "scope", o->scope);

    json_object_set_new(to, "oauth", json);
    return read_secret(ctx,
                       side == IMPORT_SOURCE ? PASSWORD_SOURCE_OAUTH
                                             : PASSWORD_DESTINATION_OAUTH,
                       o->secret_file, o->client, json, "secret", err);
}

static int read_proxy(const struct cmd_context *ctx,
                      const struct opt_proxy *options, json_t *to,
                      struct err *err)
{
    g_auto(net_proxy) proxy = { 0 };
    int given = proxy_take(options, ctx->cancel, &proxy, err);
    json_t *json;

    if (given <= 0)
        return given;
    json = json_pack("{s:s, s:s?}", "url", proxy.url, "user", proxy.user);
    if (proxy.password != NULL)
        json_object_set_new(json, "password",
                            json_string(secret_peek(proxy.password)));
    json_object_set_new(to, "proxy", json);
    return 0;
}

/* Who is given now is there in the place of whoever was before. */
static int read_access(const struct cmd_context *ctx,
                       const struct job_options *o, enum import_side side,
                       json_t *to, struct err *err)
{
    const bool source = side == IMPORT_SOURCE;
    const struct opt_side *from =
        source ? &o->sides.source : &o->sides.destination;

    json_object_set_new(to, "user",
                        from->admin != NULL ? json_string(from->admin)
                                            : json_null());
    json_object_set_new(to, "accounts", json_null());
    json_object_set_new(to, "oauth", json_null());
    if (from->oauth.client != NULL)
        return read_oauth(ctx, side, &from->oauth, to, err);
    if (from->accounts_file != NULL &&
        read_accounts(from->accounts_file, to, err) < 0)
        return -1;
    return from->admin == NULL
               ? 0
               : read_secret(ctx,
                             source ? PASSWORD_SOURCE : PASSWORD_DESTINATION,
                             source ? o->access.source_password_file
                                    : o->access.destination_password_file,
                             from->admin, to, "password", err);
}

int remote_side_read(const struct cmd_context *ctx, const struct job_options *o,
                     enum import_side side, json_t **ret, struct err *err)
{
    const struct opt_side *from =
        side == IMPORT_SOURCE ? &o->sides.source : &o->sides.destination;

    *ret = json_pack("{s:s}", "url", from->url);
    if (opt_side_has_admin(from) && read_access(ctx, o, side, *ret, err) < 0)
        return -1;
    return read_proxy(ctx, &o->access.proxy, *ret, err);
}
