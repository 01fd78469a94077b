#include <string.h>

#include "base/timestamp.h"
#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "desk/letter.h"
#include "store/outbox.h"

enum action {
    ACTION_LIST,
    ACTION_SHOW,
    ACTION_SEND_AGAIN,
    ACTION_ARRIVED,
    ACTION_DROP,
};

static const enum outbox_word words[] = {
    [ACTION_SEND_AGAIN] = OUTBOX_SEND_AGAIN,
    [ACTION_ARRIVED] = OUTBOX_ARRIVED,
    [ACTION_DROP] = OUTBOX_DROP,
};

struct outbox_options {
    int action; /* enum action */
    const char *id, *config;
    bool raw, open;
};

/* "waiting\t..."; why something is as it is at the end of its line. */
static void print_line(const struct cmd_context *ctx,
                       const struct outbox_mail *m)
{
    g_autofree char *at = timestamp_format(m->created_us);

    fprintf(ctx->out, "%" G_GINT64_FORMAT "\t%s\t%s\t%s\t%s%s%s\n", m->id,
            outbox_state_name(m->state), at, m->recipient, m->subject,
            m->why != NULL ? "\t" : "", m->why != NULL ? m->why : "");
}

static enum cmd_status list(const struct cmd_context *ctx,
                            const struct outbox_options *o,
                            struct service_data *d)
{
    struct roster_page page = { 0, 500 };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;
        struct err err;

        if (roster_outbox(d->roster, &page, &some, &err) < 0)
            return cmd_give_up(ctx, &err);
        for (guint i = 0; i < some->len; i++) {
            const struct outbox_mail *m = some->pdata[i];

            if (!o->open ||
                (m->state != OUTBOX_SENT && m->state != OUTBOX_DROPPED))
                print_line(ctx, m);
            page.after = m->id;
        }
        if (some->len < page.limit)
            return CMD_OK;
    }
}

static enum cmd_status print(const struct cmd_context *ctx,
                             const struct outbox_options *o,
                             const struct service_data *d,
                             const struct outbox_mail *m)
{
    const struct seal_place place = { "outbox", "body", m->ref };
    g_autoptr(secret) body = NULL;
    g_autofree char *text = NULL;
    gsize n;
    const void *sealed = g_bytes_get_data(m->body, &n);
    struct err err;

    if (seal_open(d->keys, &place, sealed, n, &body, &err) < 0)
        return cmd_give_up(ctx, &err);
    if (o->raw) {
        fputs(secret_peek(body), ctx->out);
        return CMD_OK;
    }
    text = letter_mime_text(secret_peek(body), strlen(secret_peek(body)));
    fprintf(ctx->out, "To: %s\nSubject: %s\n%s", m->recipient, m->subject,
            text);
    secret_wipe(text, strlen(text));
    return CMD_OK;
}

static enum cmd_status show(const struct cmd_context *ctx,
                            const struct outbox_options *o, guint64 id,
                            struct service_data *d)
{
    const struct roster_page page = { (int64_t)id - 1, 1 };
    g_autoptr(GPtrArray) found = NULL;
    const struct outbox_mail *m;
    struct err err;

    if (roster_outbox(d->roster, &page, &found, &err) < 0)
        return cmd_give_up(ctx, &err);
    m = found->len > 0 ? found->pdata[0] : NULL;
    if (m != NULL && m->id == (int64_t)id)
        return print(ctx, o, d, m);
    err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "there is no mail %" G_GUINT64_FORMAT, id);
    return cmd_give_up(ctx, &err);
}

static enum cmd_status decide(const struct cmd_context *ctx,
                              const struct outbox_options *o, guint64 id,
                              struct service_data *d)
{
    struct err err;

    if (outbox_decide(d->roster, &service_actor_here, (int64_t)id,
                      words[o->action], timestamp_now(), &err) < 0)
        return cmd_give_up(ctx, &err);
    return CMD_OK;
}

static enum cmd_status act(const struct cmd_context *ctx,
                           const struct outbox_options *o, guint64 id,
                           struct service_data *d)
{
    if (o->action == ACTION_LIST)
        return list(ctx, o, d);
    return o->action == ACTION_SHOW ? show(ctx, o, id, d)
                                    : decide(ctx, o, id, d);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct outbox_options *o = options;
    struct service_data d;
    enum cmd_status status;
    guint64 id = 0;

    if (o->action != ACTION_LIST && o->id == NULL)
        return cmd_usage(ctx, &cmd_outbox, "argument ID is missing");
    if (o->id != NULL &&
        !g_ascii_string_to_unsigned(o->id, 10, 1, G_MAXINT64, &id, NULL))
        return cmd_usage(ctx, &cmd_outbox, "\"%s\" is no number of a mail",
                         o->id);
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK)
        status = act(ctx, o, id, &d);
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct outbox_options, field)
static const struct opt rows[] = {
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = "open", .type = OPT_FLAG, .offset = O(open),
      .help = "leave out what was sent or dropped",
      .with = WITH(LIST) },
    { .long_name = "raw", .type = OPT_FLAG, .offset = O(raw),
      .help = "the mail as the server gets it",
      .with = WITH(SHOW) },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Outbox", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "list", ACTION_LIST, "print all, a line each" },
    { "show", ACTION_SHOW, "print what one says" },
    { "send-again", ACTION_SEND_AGAIN,
      "send one that failed or was dropped, or of which nobody knows whether "
      "it was sent" },
    { "arrived", ACTION_ARRIVED,
      "say of one of which nobody knows it that it was sent" },
    { "drop", ACTION_DROP,
      "never send one that waits, failed or may have been sent" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "ID", OPT_STR, O(id), false, "of the mail", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry outbox list --open",
      "what waits, failed, or may have been sent, and why" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "printed, or done" },
    { CMD_NOTHING_DONE, "there is no such mail, or it is in another state" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_outbox = {
    .name = "outbox",
    .summary = "the mails that the service sends",
    .description =
        "The service writes its mails into the outbox and sends them by the "
        "server of mail.server: once each.  What the server does not take is "
        "tried again for as long as mail.give-up says, what it refuses for "
        "ever has failed.\n"
        "\n"
        "When the service dies, or the connection is lost, while the server "
        "is about to answer for a mail, nobody can tell whether it has it.  "
        "Such a mail is unsure: it is never sent again by itself.  Look for "
        "its Message-ID in the server's log, then say arrived or send-again.  "
        "What is not to be sent any more is dropped.  All of that stands on "
        "the audit trail.\n"
        "\n"
        "What mails say is sealed, since a link may stand in it: this needs "
        "the sealing key.  The service may run meanwhile.",
    .spec = { groups, args },
    .options_size = sizeof(struct outbox_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
