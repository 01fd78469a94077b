#include <string.h>

#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "desk/certificate.h"
#include "store/requests.h"
#include "store/roster_accounts.h"

enum action { ACTION_MAKE, ACTION_HTML, ACTION_VERIFY };

struct certificate_options {
    int action; /* enum action */
    const char *target, *config, *key;
};

static int read_file(const char *path, char **ret, gsize *ret_n,
                     struct err *err)
{
    g_autoptr(GError) why = NULL;

    if (g_file_get_contents(path, ret, ret_n, &why))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", why->message);
}

/* ---- making ------------------------------------------------------------- */

/* What the request of the migration, where there is one, says of it. */
static int read_about(struct service_data *d, struct certificate_about *about,
                      request **ret_request, roster_account **ret_account,
                      struct err *err)
{
    const struct request_filter filter = { .migration_id =
                                               about->migration_id };
    g_autoptr(requests) all = requests_new(d->database, d->keys);
    g_autoptr(migration) m = NULL;
    g_autoptr(GPtrArray) found = NULL;
    int there = migrations_get(d->migrations, about->migration_id, &m, err);

    if (there == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "there is no migration %" G_GINT64_FORMAT,
                       about->migration_id);
    if (there < 0 ||
        requests_list(all, &filter, &(struct roster_page){ 0, 1 }, &found,
                      err) < 0 ||
        (m->account_id != 0 &&
         roster_account_get(d->roster, m->account_id, ret_account, err) < 0))
        return -1;
    if (*ret_account != NULL) {
        about->account = (*ret_account)->name;
        about->partner = (*ret_account)->partner;
    }
    if (found->len == 0)
        return 0;
    *ret_request = g_ptr_array_steal_index(found, 0);
    about->request_id = (*ret_request)->id;
    about->domain = (*ret_request)->domain;
    return 0;
}

static int make_text(struct service_data *d, int64_t id, char **ret,
                     struct err *err)
{
    struct certificate_about about = { .migration_id = id };
    g_autoptr(request) r = NULL;
    g_autoptr(roster_account) a = NULL;
    struct store *s;
    int result;

    if (read_about(d, &about, &r, &a, err) < 0)
        return -1;
    s = database_store(d->database, id);
    result = certificate_make(s, &about, d->keys, ret, err);
    store_free(s);
    return result;
}

static enum cmd_status make(const struct cmd_context *ctx,
                            const struct certificate_options *o)
{
    g_autofree char *text = NULL;
    struct service_data d;
    enum cmd_status status;
    struct err err;
    guint64 id;

    if (!g_ascii_string_to_unsigned(o->target, 10, 1, G_MAXINT64, &id, NULL))
        return cmd_usage(ctx, &cmd_certificate,
                         "\"%s\" is not a migration's number: see \"mailferry "
                         "migration list\"",
                         o->target);
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK && make_text(&d, (int64_t)id, &text, &err) < 0)
        status = cmd_give_up(ctx, &err);
    if (status == CMD_OK)
        fputs(text, ctx->out);
    service_data_close(&d);
    return status;
}

/* ---- checking ----------------------------------------------------------- */

/* The key itself, or a file whose first word it is. */
static int read_key(const char *given, uint8_t ret[SIGN_KEY_BYTES],
                    struct err *err)
{
    g_autofree char *text = NULL;
    gsize n;

    if (sign_parse(given, SIGN_KEY_BYTES, ret))
        return 0;
    if (read_file(given, &text, &n, err) < 0)
        return -1;
    text[strspn(text, "0123456789abcdef")] = '\0';
    if (sign_parse(text, SIGN_KEY_BYTES, ret))
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "\"%s\" is no public key, and no file that begins with one", given);
    return err_remedy(err, "a public key is 64 digits, as \"mailferry key "
                           "show\" prints it");
}

static void print_seen(const struct cmd_context *ctx,
                       const struct certificate_seen *c)
{
    fprintf(ctx->out,
            "good: %s, made %s, signed with %s\n"
            "%" G_GUINT64_FORMAT " mailboxes: %" G_GUINT64_FORMAT
            " items equal, %" G_GUINT64_FORMAT
            " there but not read, %" G_GUINT64_FORMAT
            " missing, %" G_GUINT64_FORMAT " different, %" G_GUINT64_FORMAT
            " not copied\n",
            c->domain != NULL ? c->domain : "a migration", c->made, c->key,
            c->mailboxes, c->verified, c->present, c->missing, c->different,
            c->failed);
}

static enum cmd_status check(const struct cmd_context *ctx,
                             const struct certificate_options *o)
{
    g_auto(certificate_seen) seen = { 0 };
    g_autofree char *text = NULL;
    uint8_t key[SIGN_KEY_BYTES];
    struct err err;
    gsize n;

    if (o->key == NULL)
        return cmd_usage(ctx, &cmd_certificate,
                         "--key is missing: the public key as it was "
                         "published, not as the file has it");
    if (read_key(o->key, key, &err) < 0 ||
        read_file(o->target, &text, &n, &err) < 0)
        return cmd_give_up(ctx, &err);
    if (certificate_verify(text, n, key, &seen, &err) < 0) {
        err_in(&err, "%s", o->target);
        return cmd_fail(ctx, CMD_ITEMS_FAILED, &err);
    }
    print_seen(ctx, &seen);
    return CMD_OK;
}

/* The key that the file names: a page says no more than the file does. */
static enum cmd_status print_html(const struct cmd_context *ctx,
                                  const struct certificate_options *o)
{
    g_autofree char *text = NULL, *html = NULL;
    struct err err;
    gsize n;

    if (read_file(o->target, &text, &n, &err) < 0 ||
        certificate_check_form(text, n, &err) < 0)
        return cmd_give_up(ctx, &err);
    html = certificate_html(text);
    fputs(html, ctx->out);
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const table[])(
        const struct cmd_context *ctx, const struct certificate_options *o) = {
        [ACTION_MAKE] = make,
        [ACTION_HTML] = print_html,
        [ACTION_VERIFY] = check,
    };
    const struct certificate_options *o = options;

    return table[o->action](ctx, o);
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct certificate_options, field)
static const struct opt rows[] = {
    { .long_name = "key", .type = OPT_FILE, .offset = O(key), .arg = "KEY",
      .help = "the public key, or a file that begins with it",
      .with = WITH(VERIFY) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Certificate", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "make", ACTION_MAKE,
      "print what a migration's last verification found, signed" },
    { "verify", ACTION_VERIFY, "is a certificate as it was signed?" },
    { "html", ACTION_HTML, "print a certificate to be read" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "TARGET", OPT_FILE, O(target), true,
      "the migration's number (make), or the certificate's file", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry certificate make 2 > acme.json",
      "what verification has found in migration 2" },
    { "mailferry certificate verify acme.json --key published.key",
      "anybody's check, with the key from where it was published" },
    { "mailferry certificate html acme.json > acme.html", "to be printed" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "made, printed, or as it was signed" },
    { CMD_ITEMS_FAILED, "it was altered, or signed with another key" },
    { CMD_NOTHING_DONE, "it could not be made or read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_certificate = {
    .name = "certificate",
    .summary = "make or verify the signed result of a verification",
    .description =
        "A certificate says what the last verification of a migration has "
        "found, failures and their reasons included, and is signed (Ed25519) "
        "with a key made of the service's sealing key.  \"mailferry key show\" "
        "prints the public key: publish it apart from certificates, since "
        "whoever makes one up can put any key into it.\n"
        "\n"
        "verify needs neither the service nor its data: the file and the "
        "published key are enough.  Every byte of the file counts.  That it "
        "is good means that nobody altered it, not that nothing is missing: "
        "read what it says.",
    .spec = { groups, args },
    .options_size = sizeof(struct certificate_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
