#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "store/roster_links.h"

enum action { ACTION_LIST, ACTION_SHOW };

struct outbox_options {
    int action; /* enum action */
    const char *id, *config;
};

static enum cmd_status fail(const struct cmd_context *ctx,
                            const struct err *err)
{
    return cmd_fail(ctx, CMD_NOTHING_DONE, err);
}

static enum cmd_status list(const struct cmd_context *ctx,
                            struct service_data *d)
{
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (roster_outbox(d->roster, &page, &some, &err) < 0)
            return fail(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct outbox_mail *m = some->pdata[i];
            g_autofree char *at = timestamp_format(m->created_us);

            fprintf(ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s\n", m->id,
                    outbox_state_name(m->state), at, m->recipient, m->subject);
            page.after = m->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static enum cmd_status print(const struct cmd_context *ctx,
                             const struct service_data *d,
                             const struct outbox_mail *m)
{
    const struct seal_place place = { "outbox", "body", m->ref };
    g_autoptr(secret) body = NULL;
    gsize n;
    const void *sealed = g_bytes_get_data(m->body, &n);
    struct err err;

    if (seal_open(d->keys, &place, sealed, n, &body, &err) < 0)
        return fail(ctx, &err);
    fprintf(ctx->out, "To: %s\nSubject: %s\n\n%s", m->recipient, m->subject,
            secret_peek(body));
    return CMD_OK;
}

static enum cmd_status show(const struct cmd_context *ctx, guint64 id,
                            struct service_data *d)
{
    const struct roster_page page = { (int64_t)id - 1, 1 };
    g_autoptr(GPtrArray) found = NULL;
    const struct outbox_mail *m;
    struct err err;

    if (roster_outbox(d->roster, &page, &found, &err) < 0)
        return fail(ctx, &err);
    m = found->len > 0 ? found->pdata[0] : NULL;
    if (m != NULL && m->id == (int64_t)id)
        return print(ctx, d, m);
    err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "there is no mail %" G_GUINT64_FORMAT, id);
    return fail(ctx, &err);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct outbox_options *o = options;
    struct service_data d;
    enum cmd_status status;
    guint64 id = 0;

    if (o->action == ACTION_SHOW && o->id == NULL)
        return cmd_usage(ctx, &cmd_outbox, "argument ID is missing");
    if (o->id != NULL &&
        !g_ascii_string_to_unsigned(o->id, 10, 1, G_MAXINT64, &id, NULL))
        return cmd_usage(ctx, &cmd_outbox, "\"%s\" is no number of a mail",
                         o->id);
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK)
        status = o->action == ACTION_LIST ? list(ctx, &d) : show(ctx, id, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct outbox_options, field)
static const struct opt rows[] = {
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Outbox", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "list", ACTION_LIST, "print all, a line each" },
    { "show", ACTION_SHOW, "print one as it is to be sent" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "ID", OPT_STR, O(id), false, "of the mail to show", NULL },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry outbox list", "what the service has to send" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "printed" },
    { CMD_NOTHING_DONE, "the outbox could not be read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_outbox = {
    .name = "outbox",
    .summary = "list or show the mails that the service has to send",
    .description =
        "The service writes its mails into the outbox; it does not send them "
        "itself yet.  What they say is sealed, since a link to sign in may "
        "stand in it: this needs the sealing key.  The service may run "
        "meanwhile.",
    .spec = { groups, args },
    .options_size = sizeof(struct outbox_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
