#include "cmd/side_access.h"

#include "cmd/accounts.h"
#include "cmd/password.h"
#include "cmd/proxy.h"

static int read_secret(const struct cmd_context *ctx, enum password_side kind,
                       const char *file, const char *user, struct secret **ret,
                       struct err *err)
{
    const struct password_request request = {
        .side = kind, .file = file, .user = user, .cancel = ctx->cancel
    };

    return password_get(&request, ret, err);
}

static void take(struct side_access *to, enum migration_way way,
                 const char *user, const char *url, const char *scope,
                 struct secret *owned)
{
    struct migration_access *a = g_new(struct migration_access, 1);

    *a = (struct migration_access){ way, g_strdup(user), g_strdup(url),
                                    g_strdup(scope), owned };
    g_ptr_array_add(to->access, a);
}

static int read_accounts(const char *path, struct side_access *to,
                         struct err *err)
{
    g_auto(account_list) list = { 0 };

    if (account_list_read(&list, path, err) < 0)
        return -1;
    for (guint i = 0; i < list.logins->len; i++) {
        const struct ews_login *l =
            &g_array_index(list.logins, struct ews_login, i);

        take(to, MIGRATION_ACCOUNT, l->user, NULL, NULL,
             secret_ref(l->password));
    }
    return 0;
}

static int read_oauth(const struct cmd_context *ctx, enum migration_side side,
                      const struct opt_oauth *o, struct side_access *to,
                      struct err *err)
{
    g_autofree char *url = opt_oauth_token_url(o);
    struct secret *own = NULL;

    if (read_secret(ctx,
                    side == MIGRATION_SOURCE ? PASSWORD_SOURCE_OAUTH
                                             : PASSWORD_DESTINATION_OAUTH,
                    o->secret_file, o->client, &own, err) < 0)
        return -1;
    take(to, MIGRATION_OAUTH, o->client, url, o->scope, own);
    return 0;
}

/* Who is given now is there in the place of whoever was before. */
static int read_who(const struct cmd_context *ctx, enum migration_side side,
                    const struct side_options *o, struct side_access *to,
                    struct err *err)
{
    const struct opt_side *from = o->side;

    to->told = true;
    to->ways |= 1u << MIGRATION_ACCOUNT | 1u << MIGRATION_OAUTH;
    if (from->oauth.client != NULL)
        return read_oauth(ctx, side, &from->oauth, to, err);
    if (from->accounts_file != NULL &&
        read_accounts(from->accounts_file, to, err) < 0)
        return -1;
    to->login.user = from->admin;
    return from->admin == NULL
               ? 0
               : read_secret(ctx,
                             side == MIGRATION_SOURCE ? PASSWORD_SOURCE
                                                      : PASSWORD_DESTINATION,
                             o->password_file, from->admin, &to->login.password,
                             err);
}

static int read_proxy(const struct cmd_context *ctx,
                      const struct opt_proxy *options, struct side_access *to,
                      struct err *err)
{
    g_auto(net_proxy) proxy = { 0 };
    int given = proxy_take(options, ctx->cancel, &proxy, err);

    if (given <= 0)
        return given;
    to->ways |= 1u << MIGRATION_PROXY;
    take(to, MIGRATION_PROXY, proxy.user, proxy.url, NULL,
         g_steal_pointer(&proxy.password));
    return 0;
}

int side_access_read(const struct cmd_context *ctx, enum migration_side side,
                     const struct side_options *options,
                     struct side_access *ret, struct err *err)
{
    *ret = (struct side_access){
        .access = g_ptr_array_new_with_free_func(
            (GDestroyNotify)migration_access_free),
    };
    if (opt_side_has_admin(options->side) &&
        read_who(ctx, side, options, ret, err) < 0)
        return -1;
    return read_proxy(ctx, options->proxy, ret, err);
}

void side_access_clear(struct side_access *a)
{
    secret_free(a->login.password);
    if (a->access != NULL)
        g_ptr_array_unref(a->access);
    *a = (struct side_access){ 0 };
}
