#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/opt_common.h"
#include "cmd/password.h"
#include "cmd/proxy.h"
#include "ews/ews.h"

struct discover_options {
    const char *url;
    const char *email, *user, *password_file, *ca_file;
    struct opt_proxy proxy;
    bool json;
};

#define O(field) offsetof(struct discover_options, field)
/* clang-format off */
static const struct opt rows[] = {
    { .long_name = "email", .type = OPT_STR, .offset = O(email), .arg = "ADDR",
      .help = "where EWS is not at its usual place, ask the host's "
              "Autodiscover about this mailbox; needs its password" },
    { .long_name = "user", .type = OPT_STR, .offset = O(user), .arg = "USER",
      .help = "sign in to Autodiscover as USER (default: the address)" },
    { .long_name = "source-password-file", .type = OPT_FILE,
      .offset = O(password_file), .arg = "FILE",
      .help = "read that password from the first line of FILE (else "
              "MAILFERRY_SOURCE_PASSWORD, or a question)" },
    { .long_name = "ca-file", .type = OPT_FILE, .offset = O(ca_file),
      .arg = "FILE", .env = "MAILFERRY_CA_FILE",
      .help = "trust the certificates in FILE (PEM) instead of the system's" },
    OPT_PROXY_ROWS(O(proxy)),
    { .long_name = "json", .type = OPT_FLAG, .offset = O(json),
      .help = "print one JSON object" },
    { .long_name = NULL },
};
/* clang-format on */

static const struct opt_group groups[] = { { "Options", rows, 0 }, { NULL } };

static const struct opt_arg args[] = {
    { "OWA-URL", OPT_STR, O(url), true,
      "where users read their mail in a browser; a bare host name will do",
      NULL },
    { NULL },
};
#undef O

static void print_json(FILE *out, const struct ews_discovery *d)
{
    g_autofree char *schemes = ews_schemes_text(d->schemes);
    json_t *o = json_pack(
        "{s:s, s:s, s:s?, s:s?, s:s, s:s}", "ews_url", d->ews_url, "host",
        d->host, "owa_version", d->owa_version, "redirects_to", d->redirects_to,
        "schemes", schemes, "found", ews_found_by_name(d->found_by));

    json_dumpf(o, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(o);
}

static void print_text(FILE *out, const struct ews_discovery *d)
{
    g_autofree char *schemes = ews_schemes_text(d->schemes);

    fprintf(out, "EWS:         %s\n", d->ews_url);
    fprintf(out, "found:       %s\n", ews_found_by_name(d->found_by));
    fprintf(out, "signing in:  %s\n", schemes);
    fprintf(out, "OWA version: %s\n",
            d->owa_version != NULL ? d->owa_version : "not told");
    if (d->redirects_to != NULL)
        fprintf(out, "OWA leads to: %s\n", d->redirects_to);
}

/* The usual place first; Autodiscover, which takes a password, only then. */
static int discover(const struct cmd_context *ctx,
                    const struct discover_options *o, struct net *http,
                    struct ews_discovery *ret, struct err *err)
{
    struct ews_discover_config how = {
        .net = http,
        .cancel = ctx->cancel,
        .owa_url = o->url,
    };
    struct password_request ask = {
        .side = PASSWORD_SOURCE,
        .file = o->password_file,
        .user = o->user != NULL ? o->user : o->email,
        .cancel = ctx->cancel,
    };
    struct ews_login login = { .user = ask.user };
    g_autoptr(secret) password = NULL;

    if (ews_discover(&how, ret, err) == 0)
        return 0;
    if (o->email == NULL || g_strcmp0(err->name, "NoEws") != 0)
        return -1;
    if (password_get(&ask, &password, err) < 0)
        return -1;
    login.password = password;
    how.login = &login;
    how.address = o->email;
    return ews_discover(&how, ret, err);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct discover_options *o = options;
    struct net_config config = { .ca_file = o->ca_file };
    g_auto(net_proxy) proxy = { 0 };
    g_autoptr(net) http = NULL;
    g_auto(ews_discovery) found = { 0 };
    struct err err;
    int given = proxy_take(&o->proxy, ctx->cancel, &proxy, &err);

    config.proxy = given > 0 ? &proxy : NULL;
    if (given < 0 || net_new(&config, &http, &err) < 0 ||
        discover(ctx, o, http, &found, &err) < 0)
        return cmd_fail(ctx, CMD_NOTHING_DONE, &err);
    if (o->json)
        print_json(ctx->out, &found);
    else
        print_text(ctx->out, &found);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry discover https://mail.old.example/owa",
      "find the Exchange Web Services behind an OWA address" },
    { "mailferry discover mail.old.example --email ann@old.example",
      "and ask its Autodiscover where they are somewhere else" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "found" },
    { CMD_NOTHING_DONE, "not found, with the reason" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_discover = {
    .name = "discover",
    .summary = "find the Exchange server behind an OWA address",
    .description =
        "Takes the address at which users read their mail in a browser, in "
        "any shape, and finds out where Exchange Web Services are, how to "
        "sign in there, and which version answers.  Sends no password unless "
        "Autodiscover has to be asked.",
    .spec = { groups, args },
    .options_size = sizeof(struct discover_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
