#include "base/timestamp.h"
#include "cmd/account_find.h"
#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "web/access.h"

enum action { ACTION_ADD, ACTION_LIST, ACTION_REVOKE };

struct token_options {
    int action; /* enum action */
    const char *target, *operator_name, *config;
    unsigned scopes; /* 1 << enum web_scope, or'ed */
    unsigned days;
};

/* The token alone on the output, for a script to keep. */
static enum cmd_status add(const struct cmd_context *ctx,
                           const struct token_options *o,
                           struct service_data *d,
                           const struct roster_operator *whose)
{
    const int64_t now = timestamp_now();
    const struct api_token t = {
        .operator_id = whose->id,
        .label = (char *)(uintptr_t)o->target,
        .scopes = o->scopes,
        .created_us = now,
        .expires_us = now + o->days * TIMESTAMP_DAY,
    };
    g_autofree char *expires = timestamp_format(t.expires_us);
    char text[TOKEN_SIZE];
    uint8_t hash[TOKEN_HASH_BYTES];
    int64_t id;
    struct err err;

    token_new(TOKEN_API, text, hash);
    if (roster_token_add(d->roster, &service_actor_here, &t, hash, &id, &err) <
        0) {
        secret_wipe(text, sizeof(text));
        return cmd_give_up(ctx, &err);
    }
    fprintf(ctx->out, "%s\n", text);
    fprintf(ctx->err,
            "token %" G_GINT64_FORMAT ", until %s; this is shown once\n", id,
            expires);
    secret_wipe(text, sizeof(text));
    return CMD_OK;
}

static void print_scopes(FILE *out, uint32_t scopes)
{
    const char *before = "";

    for (int i = WEB_SCOPE_NONE + 1; i < WEB_SCOPE_N; i++) {
        if ((scopes & (1u << i)) == 0)
            continue;
        fprintf(out, "%s%s", before, web_scope_name((enum web_scope)i));
        before = ",";
    }
}

static void print(FILE *out, const struct api_token *t)
{
    g_autofree char *expires = timestamp_format(t->expires_us);

    fprintf(out, "%" G_GINT64_FORMAT "\t%s\t%s\t", t->id, t->label, expires);
    print_scopes(out, t->scopes);
    fprintf(out, "%s\n",
            t->revoked_us != 0                 ? "\trevoked"
            : t->expires_us <= timestamp_now() ? "\texpired"
                                               : "");
}

static enum cmd_status list(const struct cmd_context *ctx,
                            const struct token_options *o,
                            struct service_data *d,
                            const struct roster_operator *whose)
{
    struct roster_page page = { 0, 500 };

    (void)o;
    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (roster_tokens(d->roster, whose->id, &page, &some, &err) < 0)
            return cmd_give_up(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct api_token *t = some->pdata[i];

            print(ctx->out, t);
            page.after = t->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static enum cmd_status end_token(const struct cmd_context *ctx,
                                 const struct token_options *o,
                                 struct service_data *d,
                                 const struct roster_operator *whose)
{
    guint64 id;
    struct err err;

    if (!g_ascii_string_to_unsigned(o->target, 10, 1, G_MAXINT64, &id, NULL))
        return cmd_usage(ctx, &cmd_token,
                         "\"%s\" is not a token's number: see \"mailferry "
                         "token list\"",
                         o->target);
    if (roster_token_revoke(d->roster, &service_actor_here, whose->id,
                            (int64_t)id, &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status act(const struct cmd_context *ctx,
                           const struct token_options *o,
                           struct service_data *d)
{
    static enum cmd_status (*const actions[])(
        const struct cmd_context *ctx, const struct token_options *o,
        struct service_data *d, const struct roster_operator *whose) = {
        [ACTION_ADD] = add,
        [ACTION_LIST] = list,
        [ACTION_REVOKE] = end_token,
    };
    g_autoptr(roster_operator) whose = NULL;
    struct err err;

    if (operator_find(d->roster, o->operator_name, &whose, &err) < 0)
        return cmd_give_up(ctx, &err);
    return actions[o->action](ctx, o, d, whose);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct token_options *o = options;
    struct service_data d;
    enum cmd_status status;

    if (o->action == ACTION_ADD && o->target == NULL)
        return cmd_usage(ctx, &cmd_token, "argument LABEL is missing");
    if (o->action == ACTION_ADD && o->scopes == 0)
        return cmd_usage(ctx, &cmd_token, "--scopes is missing");
    if (o->action == ACTION_REVOKE && o->target == NULL)
        return cmd_usage(ctx, &cmd_token, "the token's number is missing");
    if (o->operator_name == NULL)
        return cmd_usage(ctx, &cmd_token, "--operator is missing");
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK)
        status = act(ctx, o, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct token_options, field)
static const struct opt_word scopes[] = {
    { "migrations:read", 1 << WEB_SCOPE_MIGRATIONS_READ, NULL },
    { "migrations:write", 1 << WEB_SCOPE_MIGRATIONS_WRITE, NULL },
    { "accounts:read", 1 << WEB_SCOPE_ACCOUNTS_READ, NULL },
    { "accounts:write", 1 << WEB_SCOPE_ACCOUNTS_WRITE, NULL },
    { "fleet:read", 1 << WEB_SCOPE_FLEET_READ, "workers and hosts" },
    { "fleet:write", 1 << WEB_SCOPE_FLEET_WRITE, NULL },
    { "requests:read", 1 << WEB_SCOPE_REQUESTS_READ, NULL },
    { "requests:write", 1 << WEB_SCOPE_REQUESTS_WRITE, NULL },
    { "events:read", 1 << WEB_SCOPE_EVENTS_READ, NULL },
    { "metrics:read", 1 << WEB_SCOPE_METRICS_READ, NULL },
    { "audit:read", 1 << WEB_SCOPE_AUDIT_READ, NULL },
    { "operators:read", 1 << WEB_SCOPE_OPERATORS_READ, NULL },
    { "operators:write", 1 << WEB_SCOPE_OPERATORS_WRITE, NULL },
    { "settings:read", 1 << WEB_SCOPE_SETTINGS_READ,
      "the configuration and the prices" },
    { NULL },
};
static const struct opt rows[] = {
    { .long_name = "operator", .type = OPT_STR, .offset = O(operator_name),
      .arg = "ADDRESS",
      .help = "whose token: it may do what they may, and ends with them" },
    { .long_name = "scopes", .type = OPT_WORDS, .offset = O(scopes),
      .arg = "SCOPES", .words = scopes, .help = "what it is for",
      .with = WITH(ADD) },
    { .long_name = "days", .type = OPT_UINT, .offset = O(days), .arg = "N",
      .initial = "90", .min = 1, .max = 366,
      .help = "how long it is good for",
      .with = WITH(ADD) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Token", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "add", ACTION_ADD, "make one, and print it, once" },
    { "list", ACTION_LIST, "print that operator's, a line each" },
    { "revoke", ACTION_REVOKE, "end one" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "TARGET", OPT_STR, O(target), false,
      "a label for it (add), or its number (revoke)", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry token add billing --operator alice@example.com --scopes "
      "migrations:read,events:read > billing.token",
      "for a program that looks on" },
    { "mailferry token revoke 3 --operator alice@example.com",
      "it opens nothing from now on" },
    { NULL },
};

const struct cmd cmd_token = {
    .name = "token",
    .summary = "make, list or revoke what programs sign in with",
    .description =
        "Works on the service's database, also while the service runs.  A "
        "program sends its token with each request (\"Authorization: Bearer "
        "TOKEN\"); \"mailferry --server\" reads it from --token-file.  It may "
        "do what its scopes name, and never more than its operator may.",
    .spec = { groups, args },
    .options_size = sizeof(struct token_options),
    .examples = examples,
    .dies_at_once = true,
    .run = run,
};
