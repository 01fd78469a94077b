#include <string.h>
#include <unistd.h>

#include "base/passhash.h"
#include "base/totp.h"
#include "cmd/account_find.h"
#include "cmd/cmd.h"
#include "cmd/password.h"
#include "cmd/service_open.h"

enum action { ACTION_ADD, ACTION_LIST, ACTION_CHANGE, ACTION_PASSWORD };

struct operator_options {
    int action; /* enum action */
    const char *name, *config, *password_file;
    int role; /* enum roster_role, and role_given */
    bool role_given, totp, disable, enable;
};

static int hash_password(const struct cmd_context *ctx,
                         const struct operator_options *o, const char *name,
                         char hash[PASSHASH_SIZE], struct err *err)
{
    const struct password_request request = {
        .side = PASSWORD_OPERATOR,
        .file = o->password_file,
        .user = name,
        .cancel = ctx->cancel,
    };
    g_autoptr(secret) password = NULL;

    if (password_get(&request, &password, err) < 0)
        return -1;
    return passhash_make(secret_peek(password), &passhash_usual, hash, err);
}

/* A new secret, sealed for its row; *ret_text is wiped by the caller. */
static int make_totp(const struct service_data *d, const char *name,
                     GBytes **ret, char **ret_text, struct err *err)
{
    const struct seal_place place = { "operators", "totp", name };
    char *text = totp_secret_new();

    if (seal_close(d->keys, &place, text, strlen(text), ret, err) < 0) {
        secret_wipe(text, strlen(text));
        g_free(text);
        return -1;
    }
    *ret_text = text;
    return 0;
}

static void print_totp(const struct cmd_context *ctx, const char *name,
                       char *text)
{
    g_autofree char *uri = totp_uri(text, name);

    fprintf(ctx->out,
            "authenticator: %s\n"
            "This is shown once: put it into the authenticator now.\n",
            uri);
    secret_wipe(uri, strlen(uri));
    secret_wipe(text, strlen(text));
}

static enum cmd_status add(const struct cmd_context *ctx,
                           const struct operator_options *o,
                           struct service_data *d)
{
    char hash[PASSHASH_SIZE];
    g_autoptr(GBytes) totp = NULL;
    g_autofree char *text = NULL;
    struct roster_operator row = { .name = (char *)(uintptr_t)o->name,
                                   .role = (enum roster_role)o->role,
                                   .password = hash };
    int64_t id;
    struct err err;

    if (hash_password(ctx, o, o->name, hash, &err) < 0 ||
        (o->totp && make_totp(d, o->name, &totp, &text, &err) < 0))
        return cmd_give_up(ctx, &err);
    row.totp = totp;
    if (roster_operator_add(d->roster, &service_actor_here, &row, &id, &err) <
        0) {
        if (text != NULL)
            secret_wipe(text, strlen(text));
        return cmd_give_up(ctx, &err);
    }
    fprintf(ctx->out, "operator %" G_GINT64_FORMAT ": %s\n", id, o->name);
    if (text != NULL)
        print_totp(ctx, o->name, text);
    return CMD_OK;
}

/* What is to be different; hash is room for a new password's. */
static int read_change(const struct cmd_context *ctx,
                       const struct operator_options *o,
                       const struct roster_operator *row, char *hash,
                       struct operator_change *ret, struct err *err)
{
    *ret = (struct operator_change){
        .role = o->role_given ? o->role : -1,
        .disabled = o->disable  ? 1
                    : o->enable ? 0
                                : -1,
    };
    if (o->action != ACTION_PASSWORD && o->password_file == NULL)
        return 0;
    ret->password = hash;
    return hash_password(ctx, o, row->name, hash, err);
}

static enum cmd_status change(const struct cmd_context *ctx,
                              const struct operator_options *o,
                              struct service_data *d)
{
    char hash[PASSHASH_SIZE];
    g_autoptr(roster_operator) row = NULL;
    g_autoptr(GBytes) totp = NULL;
    g_autofree char *text = NULL;
    struct operator_change wish;
    struct err err;

    if (operator_find(d->roster, o->name, &row, &err) < 0 ||
        read_change(ctx, o, row, hash, &wish, &err) < 0 ||
        (o->totp && make_totp(d, row->name, &totp, &text, &err) < 0))
        return cmd_give_up(ctx, &err);
    wish.totp = totp;
    if (roster_operator_change(d->roster, &service_actor_here, row->id,
                               row->version, &wish, &err) < 0) {
        if (text != NULL)
            secret_wipe(text, strlen(text));
        return cmd_give_up(ctx, &err);
    }
    if (text != NULL)
        print_totp(ctx, row->name, text);
    return CMD_OK;
}

static enum cmd_status list(const struct cmd_context *ctx,
                            const struct operator_options *o,
                            struct service_data *d)
{
    struct roster_page page = { 0, 500 };

    (void)o;
    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (roster_operators(d->roster, &page, &some, &err) < 0)
            return cmd_give_up(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct roster_operator *row = some->pdata[i];

            fprintf(ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s%s%s\n", row->id,
                    row->role == ROSTER_ADMIN ? "admin" : "operator", row->name,
                    row->totp != NULL ? "\tauthenticator" : "",
                    row->disabled_us != 0 ? "\tdisabled" : "");
            page.after = row->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static bool changes(const struct operator_options *o)
{
    return o->role_given || o->disable || o->enable || o->totp ||
           o->password_file != NULL;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const actions[])(const struct cmd_context *ctx,
                                              const struct operator_options *o,
                                              struct service_data *d) = {
        [ACTION_ADD] = add,
        [ACTION_LIST] = list,
        [ACTION_CHANGE] = change,
        [ACTION_PASSWORD] = change,
    };
    const struct operator_options *o = options;
    struct service_data d;
    enum cmd_status status;

    if (o->action != ACTION_LIST && o->name == NULL)
        return cmd_usage(ctx, &cmd_operator, "argument ADDRESS is missing");
    if (o->action == ACTION_ADD && strchr(o->name, '@') == NULL)
        return cmd_usage(ctx, &cmd_operator, "\"%s\" is not an email address",
                         o->name);
    if (o->disable && o->enable)
        return cmd_usage(ctx, &cmd_operator, "--disable or --enable, not both");
    if (o->action == ACTION_CHANGE && !changes(o))
        return cmd_usage(ctx, &cmd_operator, "nothing to change is given");
    status = service_data_open(
        &d, o->action == ACTION_ADD ? SERVICE_FIRST : SERVICE_BESIDE, ctx,
        o->config, NULL);
    if (status == CMD_OK)
        status = actions[o->action](ctx, o, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct operator_options, field)
static const struct opt_word roles[] = {
    { "admin", ROSTER_ADMIN, "may manage operators too" },
    { "operator", ROSTER_OPERATOR, NULL },
    { NULL },
};
static const struct opt rows[] = {
    { .long_name = "role", .type = OPT_WORD, .offset = O(role), .arg = "ROLE",
      .initial = "admin", .words = roles, .given = O(role_given),
      .help = "what they may do",
      .with = WITH(ADD) | WITH(CHANGE) | WITH(PASSWORD) },
    { .long_name = "totp", .type = OPT_FLAG, .offset = O(totp),
      .help = "they also need a code of an authenticator, whose secret is "
              "printed once; with change: a new one",
      .with = WITH(ADD) | WITH(CHANGE) | WITH(PASSWORD) },
    { .long_name = "password-file", .type = OPT_FILE,
      .offset = O(password_file), .arg = "FILE",
      .help = "read the password from the first line of FILE (else "
              "MAILFERRY_OPERATOR_PASSWORD, the systemd credential "
              "operator-password, or a question)",
      .with = WITH(ADD) | WITH(CHANGE) | WITH(PASSWORD) },
    { .long_name = "disable", .type = OPT_FLAG, .offset = O(disable),
      .help = "they cannot sign in",
      .with = WITH(CHANGE) | WITH(PASSWORD) },
    { .long_name = "enable", .type = OPT_FLAG, .offset = O(enable),
      .help = "they can again",
      .with = WITH(CHANGE) | WITH(PASSWORD) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Operator", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "add", ACTION_ADD, "make one" },
    { "list", ACTION_LIST, "print all, a line each" },
    { "change", ACTION_CHANGE, "what is given; the rest stays" },
    { "password", ACTION_PASSWORD, "another one, and what is given" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "ADDRESS", OPT_STR, O(name), false,
      "whom: the email address they sign in with", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry operator add alice@example.com --totp",
      "the first operator, before the service starts" },
    { "mailferry operator password alice@example.com --totp",
      "when they have lost both: old sessions and tokens end" },
    { NULL },
};

const struct cmd cmd_operator = {
    .name = "operator",
    .summary = "add, list or change who may sign in to the service",
    .description =
        "Works on the service's database, also while the service runs.  A "
        "password has at least 12 characters.  With another password or "
        "role, or when disabled, their sessions and tokens end.",
    .spec = { groups, args },
    .options_size = sizeof(struct operator_options),
    .examples = examples,
    .run = run,
};
