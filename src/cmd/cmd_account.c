#include <string.h>

#include "cmd/account_find.h"
#include "cmd/account_import.h"
#include "cmd/cmd.h"
#include "cmd/service_open.h"

enum action {
    ACTION_ADD,
    ACTION_LIST,
    ACTION_CHANGE,
    ACTION_REMOVE,
    ACTION_IMPORT,
};

struct account_options {
    int action; /* enum action */
    const char *partner, *config, *new_partner, *name, *notes;
    bool no_notes;
    struct opt_list domains, verified, removed;
};

/* ---- domains ------------------------------------------------------------- */

static bool is_listed(const struct opt_list *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++)
        if (g_ascii_strcasecmp(list->v[i], name) == 0)
            return true;
    return false;
}

static void append(GArray *to, const char *name, bool verified)
{
    const struct domain_wish wish = { name, verified };

    g_array_append_val(to, wish);
}

/* What there is, without what is to go, and what is new. */
static void fill_domains(const struct account_options *o,
                         const struct roster_account *old, GArray *to)
{
    for (guint i = 0; old != NULL && i < old->domains->len; i++) {
        const struct account_domain *d = old->domains->pdata[i];

        if (!is_listed(&o->removed, d->name) &&
            !is_listed(&o->domains, d->name) &&
            !is_listed(&o->verified, d->name))
            append(to, d->name, d->verified_us != 0);
    }
    for (size_t i = 0; i < o->domains.n; i++)
        if (!is_listed(&o->verified, o->domains.v[i]))
            append(to, o->domains.v[i], false);
    for (size_t i = 0; i < o->verified.n; i++)
        append(to, o->verified.v[i], true);
}

static struct account_change change_of(const struct account_options *o,
                                       const GArray *domains)
{
    bool any = o->domains.n + o->verified.n + o->removed.n > 0;

    return (struct account_change){
        .partner = o->new_partner,
        .name = o->name,
        .notes = o->no_notes ? "" : o->notes,
        .domains = any ? (const void *)domains->data : NULL,
        .n_domains = any ? domains->len : 0,
    };
}

/* ---- actions ------------------------------------------------------------- */

static enum cmd_status add(const struct cmd_context *ctx,
                           const struct account_options *o,
                           struct service_data *d)
{
    g_autoptr(GArray) domains =
        g_array_new(TRUE, FALSE, sizeof(struct domain_wish));
    struct account_change wish;
    int64_t id;
    struct err err;

    fill_domains(o, NULL, domains);
    wish = change_of(o, domains);
    wish.partner = o->partner;
    if (roster_account_add(d->roster, &service_actor_here, &wish, &id, &err) <
        0)
        return cmd_give_up(ctx, &err);
    fprintf(ctx->out, "account %" G_GINT64_FORMAT ": %s\n", id, o->partner);
    return CMD_OK;
}

static void print(FILE *out, const struct roster_account *a)
{
    const char *before = "\t";

    fprintf(out, "%" G_GINT64_FORMAT "\t%s\t%s", a->id, a->partner, a->name);
    for (guint i = 0; i < a->domains->len; i++) {
        const struct account_domain *d = a->domains->pdata[i];

        fprintf(out, "%s%s%s", before, d->name,
                d->verified_us != 0 ? " (verified)" : "");
        before = ", ";
    }
    fputc('\n', out);
}

static enum cmd_status list(const struct cmd_context *ctx,
                            const struct account_options *o,
                            struct service_data *d)
{
    const struct account_filter filter = { .partner = o->partner };
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (roster_accounts(d->roster, &filter, &page, &some, &err) < 0)
            return cmd_give_up(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct roster_account *a = some->pdata[i];

            print(ctx->out, a);
            page.after = a->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static enum cmd_status change(const struct cmd_context *ctx,
                              const struct account_options *o,
                              struct service_data *d)
{
    g_autoptr(GArray) domains =
        g_array_new(TRUE, FALSE, sizeof(struct domain_wish));
    g_autoptr(roster_account) a = NULL;
    struct account_change wish;
    struct err err;

    if (account_find(d->roster, o->partner, &a, &err) < 0)
        return cmd_give_up(ctx, &err);
    fill_domains(o, a, domains);
    wish = change_of(o, domains);
    if (roster_account_change(d->roster, &service_actor_here, a->id, a->version,
                              &wish, &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status take_away(const struct cmd_context *ctx,
                                 const struct account_options *o,
                                 struct service_data *d)
{
    g_autoptr(roster_account) a = NULL;
    struct err err;

    if (account_find(d->roster, o->partner, &a, &err) < 0 ||
        roster_account_remove(d->roster, &service_actor_here, a->id, a->version,
                              &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status import(const struct cmd_context *ctx,
                              const struct account_options *o,
                              struct service_data *d)
{
    return account_import(ctx, o->partner, d->roster);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const actions[])(const struct cmd_context *ctx,
                                              const struct account_options *o,
                                              struct service_data *d) = {
        [ACTION_ADD] = add,       [ACTION_LIST] = list,
        [ACTION_CHANGE] = change, [ACTION_REMOVE] = take_away,
        [ACTION_IMPORT] = import,
    };
    const struct account_options *o = options;
    struct service_data d;
    enum cmd_status status;

    if (o->action != ACTION_LIST && o->partner == NULL)
        return cmd_usage(ctx, &cmd_account, "argument PARTNER is missing");
    if (o->action == ACTION_ADD && o->name == NULL)
        return cmd_usage(ctx, &cmd_account, "--name is missing");
    status = service_data_open(
        &d,
        o->action == ACTION_ADD || o->action == ACTION_IMPORT ? SERVICE_FIRST
                                                              : SERVICE_BESIDE,
        ctx, o->config, NULL);
    if (status == CMD_OK)
        status = actions[o->action](ctx, o, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct account_options, field)
static const struct opt rows[] = {
    { .long_name = "name", .type = OPT_STR, .offset = O(name), .arg = "NAME",
      .help = "what they are called",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "partner", .type = OPT_STR, .offset = O(new_partner),
      .arg = "ID", .help = "another Partner ID",
      .with = WITH(CHANGE) },
    { .long_name = "notes", .type = OPT_STR, .offset = O(notes), .arg = "TEXT",
      .help = "for operators; contacts do not see it",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "no-notes", .type = OPT_FLAG, .offset = O(no_notes),
      .help = "no notes any more",
      .with = WITH(CHANGE) },
    { .long_name = "domain", .type = OPT_LIST, .offset = O(domains),
      .arg = "DOMAIN", .help = "theirs, by what they say",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "verified-domain", .type = OPT_LIST, .offset = O(verified),
      .arg = "DOMAIN",
      .help = "theirs, as you have made sure: migrations write only there",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "remove-domain", .type = OPT_LIST, .offset = O(removed),
      .arg = "DOMAIN", .help = "not theirs",
      .with = WITH(CHANGE) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Account", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "add", ACTION_ADD, "make one" },
    { "list", ACTION_LIST, "print all, or one, a line each" },
    { "change", ACTION_CHANGE, "what is given; the rest stays" },
    { "remove", ACTION_REMOVE, "one without migrations, and its contacts" },
    { "import", ACTION_IMPORT, "accounts and their contacts from a table" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "PARTNER", OPT_STR, O(partner), false, "whose: the Partner ID; with import, the file", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry account add P-1001 --name \"Contoso Ltd\" "
      "--verified-domain contoso.example",
      "whose mailboxes may be migrated into contoso.example" },
    { "mailferry account change P-1001 --remove-domain contoso.example",
      "no more there" },
    { "mailferry account import partners.csv",
      "with the columns Partner ID, Account, Domains, Verified Domains, Email, "
      "Name and Roles" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "done" },
    { CMD_NOTHING_DONE, "nothing was changed" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_account = {
    .name = "account",
    .summary = "add, list, change or remove those whose migrations they are",
    .description =
        "Works on the service's database, also while the service runs.  Who "
        "speaks for an account are its contacts (mailferry contact).  A "
        "domain is verified for one account alone.\n"
        "\n"
        "A table (CSV, a row a contact) is read whole before anything is "
        "written; what is there already is changed where it differs, nothing "
        "is removed, and the same table again changes nothing.",
    .spec = { groups, args },
    .options_size = sizeof(struct account_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
