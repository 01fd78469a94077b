#include <string.h>

#include "cmd/account_find.h"
#include "cmd/cmd.h"
#include "cmd/service_open.h"

enum action { ACTION_ADD, ACTION_LIST, ACTION_CHANGE, ACTION_REMOVE };

struct contact_options {
    int action; /* enum action */
    const char *address, *config, *account, *new_address, *name;
    unsigned roles; /* 1 << enum contact_role, or'ed */
    bool disable, enable;
};

/* The id of --account; 0: it was not given. */
static int account_id(const struct contact_options *o, struct service_data *d,
                      int64_t *ret, struct err *err)
{
    g_autoptr(roster_account) a = NULL;

    *ret = 0;
    if (o->account == NULL)
        return 0;
    if (account_find(d->roster, o->account, &a, err) < 0)
        return -1;
    *ret = a->id;
    return 0;
}

/* The contact of that address and account. */
static int find(const struct contact_options *o, struct service_data *d,
                struct roster_contact **ret, struct err *err)
{
    struct contact_filter filter = { .address = o->address };
    g_autoptr(GPtrArray) found = NULL;

    if (account_id(o, d, &filter.account_id, err) < 0 ||
        roster_contacts(d->roster, &filter, &(struct roster_page){ 0, 1 },
                        &found, err) < 0)
        return -1;
    if (found->len > 0) {
        *ret = g_ptr_array_steal_index(found, 0);
        return 0;
    }
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "account \"%s\" has no contact \"%s\"", o->account,
                   o->address);
}

static struct contact_change change_of(const struct contact_options *o)
{
    return (struct contact_change){
        .address = o->new_address,
        .name = o->name,
        .roles = o->roles,
        .disabled = o->disable  ? 1
                    : o->enable ? 0
                                : -1,
    };
}

static enum cmd_status add(const struct cmd_context *ctx,
                           const struct contact_options *o,
                           struct service_data *d)
{
    struct contact_change wish = change_of(o);
    int64_t account, id;
    struct err err;

    wish.address = o->address;
    if (account_id(o, d, &account, &err) < 0 ||
        roster_contact_add(d->roster, &service_actor_here, account, &wish, &id,
                           &err) < 0)
        return cmd_give_up(ctx, &err);
    fprintf(ctx->out, "contact %" G_GINT64_FORMAT ": %s\n", id, o->address);
    return CMD_OK;
}

static void print(FILE *out, const struct roster_contact *k)
{
    const char *before = "";

    fprintf(out, "%" G_GINT64_FORMAT "\taccount %" G_GINT64_FORMAT "\t%s\t%s\t",
            k->id, k->account_id, k->address, k->name != NULL ? k->name : "");
    for (int i = 0; i < CONTACT_ROLE_N; i++) {
        if ((k->roles & (1u << i)) == 0)
            continue;
        fprintf(out, "%s%s", before, contact_role_name((enum contact_role)i));
        before = ",";
    }
    fprintf(out, "%s\n", k->disabled_us != 0 ? "\tdisabled" : "");
}

static enum cmd_status list(const struct cmd_context *ctx,
                            const struct contact_options *o,
                            struct service_data *d)
{
    struct contact_filter filter = { .address = o->address };
    struct roster_page page = { 0, 500 };
    struct err err;

    if (account_id(o, d, &filter.account_id, &err) < 0)
        return cmd_give_up(ctx, &err);
    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        if (roster_contacts(d->roster, &filter, &page, &some, &err) < 0)
            return cmd_give_up(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct roster_contact *k = some->pdata[i];

            print(ctx->out, k);
            page.after = k->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static enum cmd_status change(const struct cmd_context *ctx,
                              const struct contact_options *o,
                              struct service_data *d)
{
    const struct contact_change wish = change_of(o);
    g_autoptr(roster_contact) k = NULL;
    struct err err;

    if (find(o, d, &k, &err) < 0 || k == NULL ||
        roster_contact_change(d->roster, &service_actor_here, k->id, k->version,
                              &wish, &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status take_away(const struct cmd_context *ctx,
                                 const struct contact_options *o,
                                 struct service_data *d)
{
    g_autoptr(roster_contact) k = NULL;
    struct err err;

    if (find(o, d, &k, &err) < 0 || k == NULL ||
        roster_contact_remove(d->roster, &service_actor_here, k->id, k->version,
                              &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const actions[])(const struct cmd_context *ctx,
                                              const struct contact_options *o,
                                              struct service_data *d) = {
        [ACTION_ADD] = add,
        [ACTION_LIST] = list,
        [ACTION_CHANGE] = change,
        [ACTION_REMOVE] = take_away,
    };
    const struct contact_options *o = options;
    struct service_data d;
    enum cmd_status status;

    if (o->action != ACTION_LIST && o->address == NULL)
        return cmd_usage(ctx, &cmd_contact, "argument ADDRESS is missing");
    if (o->action != ACTION_LIST && o->account == NULL)
        return cmd_usage(ctx, &cmd_contact, "--account is missing");
    if (o->disable && o->enable)
        return cmd_usage(ctx, &cmd_contact, "--disable or --enable, not both");
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK)
        status = actions[o->action](ctx, o, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct contact_options, field)
static const struct opt_word roles[] = {
    { "primary", 1 << CONTACT_PRIMARY, "everything of the account" },
    { "billing", 1 << CONTACT_BILLING, "quotes and approvals too" },
    { "technical", 1 << CONTACT_TECHNICAL, "its migrations" },
    { NULL },
};
static const struct opt rows[] = {
    { .long_name = "account", .type = OPT_STR, .offset = O(account),
      .arg = "PARTNER", .help = "whose contact: the account's Partner ID" },
    { .long_name = "role", .type = OPT_WORDS, .offset = O(roles), .arg = "ROLES",
      .words = roles, .help = "what they may do",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "name", .type = OPT_STR, .offset = O(name), .arg = "NAME",
      .help = "what they are called",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "address", .type = OPT_STR, .offset = O(new_address),
      .arg = "ADDRESS", .help = "another address",
      .with = WITH(CHANGE) },
    { .long_name = "disable", .type = OPT_FLAG, .offset = O(disable),
      .help = "they cannot sign in",
      .with = WITH(ADD) | WITH(CHANGE) },
    { .long_name = "enable", .type = OPT_FLAG, .offset = O(enable),
      .help = "they can again",
      .with = WITH(CHANGE) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Contact", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "add", ACTION_ADD, "make one" },
    { "list", ACTION_LIST, "print all, or those asked for, a line each" },
    { "change", ACTION_CHANGE, "what is given; the rest stays" },
    { "remove", ACTION_REMOVE, "one, with sessions and links" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "ADDRESS", OPT_STR, O(address), false, "whom: their email address",
      NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry contact add pat@contoso.example --account P-1001 --role "
      "primary,technical",
      "who may sign in for the account by a link that is mailed there" },
    { "mailferry contact list --account P-1001", "who there is" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "done" },
    { CMD_NOTHING_DONE, "nothing was changed" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_contact = {
    .name = "contact",
    .summary = "add, list, change or remove who speaks for an account",
    .description =
        "Works on the service's database, also while the service runs.  "
        "Contacts have no password: they sign in by a link that works once, "
        "sent to the address on file.  With another address or role, or when "
        "disabled, their sessions end.",
    .spec = { groups, args },
    .options_size = sizeof(struct contact_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
