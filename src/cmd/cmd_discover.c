#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/json_line.h"
#include "cmd/opt_common.h"
#include "cmd/password.h"
#include "cmd/proxy.h"
#include "ews/ews.h"

struct discover_options {
    const char *url;
    const char *email, *user, *password_file, *ca_file;
    struct opt_proxy proxy;
    struct opt_list allow_hosts;
    bool json;
};

#define O(field) offsetof(struct discover_options, field)
/* clang-format off */
static const struct opt rows[] = {
    { .long_name = "email", .type = OPT_STR, .offset = O(email), .arg = "ADDR",
      .help = "where EWS is not at its usual place, ask the host's "
              "Autodiscover about this mailbox; may need its password" },
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
    { .long_name = "allow-host", .type = OPT_LIST, .offset = O(allow_hosts),
      .arg = "HOST",
      .help = "send credentials also to HOST (\"host\" or \"host:port\") when "
              "a server redirects there; may be repeated" },
    { .long_name = "json", .type = OPT_FLAG, .offset = O(json),
      .help = "print one JSON object" },
    { .long_name = NULL },
};
/* clang-format on */

static const struct opt_group groups[] = { { "Options", rows, 0 }, { NULL } };

static const struct opt_arg args[] = {
    { "OWA-URL", OPT_STR, O(url), true,
      "where users read their mail in a browser; a bare host name will do; "
      "or autodiscover:DOMAIN, to look where the DNS of a mail domain leads",
      NULL },
    { NULL },
};
#undef O

/* What was asked so far, and what it was answered. */
struct asking {
    const struct cmd_context *ctx;
    const struct discover_options *options;
    json_t *asked;
    struct secret *password; /* or NULL */
};

/* With --json all comes in one object, at the end. */
static void tell(void *data, const char *asked, const char *answered)
{
    struct asking *a = data;

    if (a->options->json)
        json_array_append_new(a->asked, json_pack("{s:s, s:s}", "asked", asked,
                                                  "answered", answered));
    else
        fprintf(a->ctx->out, "%s\n    %s\n", asked, answered);
}

static json_t *found_object(const struct ews_discovery *d)
{
    g_autofree char *schemes = ews_schemes_text(d->schemes);

    return json_pack("{s:s, s:s, s:s?, s:s?, s:s, s:s}", "ews_url", d->ews_url,
                     "host", d->host, "owa_version", d->owa_version,
                     "redirects_to", d->redirects_to, "schemes", schemes,
                     "found", ews_found_by_name(d->found_by));
}

/* d NULL: not found, and why. */
static void print_json(const struct asking *a, const struct ews_discovery *d,
                       const struct err *why)
{
    json_t *o = d != NULL ? found_object(d)
                          : json_pack("{s:n, s:s, s:s?}", "ews_url", "error",
                                      why->msg, "remedy", why->remedy);

    json_object_set(o, "asked", a->asked);
    json_line_print(a->ctx->out, o);
}

static void print_text(FILE *out, const struct ews_discovery *d)
{
    g_autofree char *schemes = ews_schemes_text(d->schemes);

    fprintf(out, "\nEWS:         %s\n", d->ews_url);
    fprintf(out, "found:       %s\n", ews_found_by_name(d->found_by));
    fprintf(out, "signing in:  %s\n", schemes);
    fprintf(out, "OWA version: %s\n",
            d->owa_version != NULL ? d->owa_version : "not told");
    if (d->redirects_to != NULL)
        fprintf(out, "OWA leads to: %s\n", d->redirects_to);
}

/* The usual place is asked first; a password is wanted only after that. */
static int take_login(void *data, struct ews_login *ret, struct err *err)
{
    struct asking *a = data;
    const struct discover_options *o = a->options;
    struct password_request ask = {
        .side = PASSWORD_SOURCE,
        .file = o->password_file,
        .user = o->user != NULL ? o->user : o->email,
        .cancel = a->ctx->cancel,
    };

    if (password_get(&ask, &a->password, err) < 0)
        return -1;
    *ret = (struct ews_login){ .user = ask.user, .password = a->password };
    return 0;
}

static int discover(struct asking *a, struct ews_discovery *ret,
                    struct err *err)
{
    const struct discover_options *o = a->options;
    struct net_config config = { .ca_file = o->ca_file };
    g_auto(net_proxy) proxy = { 0 };
    g_autoptr(net) http = NULL;
    struct ews_discover_config how = {
        .cancel = a->ctx->cancel,
        .owa_url = o->url,
        .allowed_hosts = o->allow_hosts.v,
        .address = o->email,
        .take_login = o->email != NULL ? take_login : NULL,
        .login_data = a,
        .tell = tell,
        .tell_data = a,
    };
    int given = proxy_take(&o->proxy, a->ctx->cancel, &proxy, err);

    config.proxy = given > 0 ? &proxy : NULL;
    if (given < 0 || net_new(&config, &http, err) < 0)
        return -1;
    how.net = http;
    return ews_discover(&how, ret, err);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct discover_options *o = options;
    struct asking a = { .ctx = ctx, .options = o, .asked = json_array() };
    g_auto(ews_discovery) found = { 0 };
    struct err err = { 0 };
    int rc = discover(&a, &found, &err);

    if (o->json)
        print_json(&a, rc == 0 ? &found : NULL, &err);
    else if (rc == 0)
        print_text(ctx->out, &found);
    secret_free(a.password);
    json_decref(a.asked);
    return rc == 0 ? CMD_OK : cmd_give_up(ctx, &err);
}

static const struct cmd_example examples[] = {
    { "mailferry discover https://mail.old.example/owa",
      "find the Exchange Web Services behind an OWA address" },
    { "mailferry discover mail.old.example --email ann@old.example",
      "and ask its Autodiscover where they are somewhere else" },
    { "mailferry discover autodiscover:old.example --email ann@old.example",
      "find them by the mail domain: its host names, redirects and SRV "
      "record" },
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
        "sign in there, and which version answers; shows what was asked, in "
        "order, and what each answered.  Sends no password unless Autodiscover "
        "has to be asked, and then to no host but the given one and those that "
        "--allow-host names, whatever a redirect says; with "
        "autodiscover:DOMAIN "
        "to hosts in that domain.",
    .spec = { groups, args },
    .options_size = sizeof(struct discover_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
