#include <errno.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "desk/intake.h"
#include "desk/mail.h"

/* Read at once from the pipe. */
#define PIECE ((size_t)64 * 1024)

struct intake_options {
    const char *config;
    bool verbose;
};

/*
 * All of it, since the mail server waits until its pipe is empty; what is past
 * the limit is not kept, but shows that there was more.
 */
static GByteArray *read_all(FILE *in, struct err *err)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    g_autofree unsigned char *piece = g_malloc(PIECE);
    size_t n;

    while ((n = fread(piece, 1, PIECE, in)) > 0)
        if (all->len <= MAIL_BYTES_MAX)
            g_byte_array_append(all, piece, (guint)n);
    secret_wipe(piece, PIECE);
    if (!ferror(in))
        return g_steal_pointer(&all);
    err_errno(err, ERR_RUN, errno, "standard input");
    return NULL;
}

/* Some put a line of the mbox format before the mail. */
static size_t skip_envelope(const GByteArray *mail)
{
    const unsigned char *end =
        mail->len > 5 && memcmp(mail->data, "From ", 5) == 0
            ? memchr(mail->data, '\n', mail->len)
            : NULL;

    return end != NULL ? (size_t)(end + 1 - mail->data) : 0;
}

static void print(const struct cmd_context *ctx, const struct intake_done *done)
{
    if (done->before) {
        fputs("taken before\n", ctx->out);
        return;
    }
    fprintf(ctx->out, "mail %" G_GINT64_FORMAT "\t%s\t%s", done->mail_id,
            authorise_rule(done->verdict)->word,
            request_mail_place_name(done->place));
    if (done->request_id != 0)
        fprintf(ctx->out, "\trequest %" G_GINT64_FORMAT, done->request_id);
    fputc('\n', ctx->out);
}

static enum cmd_status take(const struct cmd_context *ctx,
                            const struct service_data *d, bool verbose)
{
    const struct intake in = intake_of(d->desk, d->config);
    struct err err;
    g_autoptr(GByteArray) mail = read_all(ctx->in, &err);
    struct intake_done done;
    size_t from;
    int result;

    if (mail == NULL)
        return cmd_fail(ctx, CMD_TRY_AGAIN, &err);
    if (mail->len == 0)
        return cmd_usage(ctx, &cmd_intake,
                         "there is no mail on standard input");
    from = skip_envelope(mail);
    result =
        intake_take(&in, mail->data + from, mail->len - from, 0, &done, &err);
    secret_wipe(mail->data, mail->len);
    if (result < 0)
        return cmd_fail(ctx, CMD_TRY_AGAIN, &err);
    if (verbose)
        print(ctx, &done);
    return CMD_OK;
}

/*
 * A mail server gives a mail back to its sender unless it is told to try again.
 * So whatever somebody can mend on this machine is no reason to refuse it.
 */
static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct intake_options *o = options;
    struct service_data d;
    enum cmd_status status =
        service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);

    if (status == CMD_OK && !desk_is_configured(d.config)) {
        (void)service_data_desk(&d, ctx); /* says so */
        status = CMD_CONFIG;
    } else {
        if (status == CMD_OK)
            status = service_data_desk(&d, ctx);
        status = status == CMD_OK ? take(ctx, &d, o->verbose) : CMD_TRY_AGAIN;
    }
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define O(field) offsetof(struct intake_options, field)
static const struct opt rows[] = {
    { .short_name = 'v', .long_name = "verbose", .type = OPT_FLAG,
      .offset = O(verbose),
      .help = "print what was decided about the mail" },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Intake", rows, 0 },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry intake < message.eml",
      "take a mail as the mail server would" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "taken, now or before" },
    { CMD_USAGE, "the command line was not understood, or there was no mail" },
    { CMD_TRY_AGAIN, "not taken; to be delivered again" },
    { CMD_CONFIG, "the configuration has no desk" },
    { 0, NULL },
};

const struct cmd cmd_intake = {
    .name = "intake",
    .summary = "take a mail to the desk from standard input",
    .description =
        "For the pipe of a mail server.  The mail is read, linked to its "
        "request or to a new one, and kept with what was decided about it; "
        "what cannot be placed waits in the tray (mailferry request tray).  "
        "Delivered twice, it is taken once.\n"
        "\n"
        "Of a mail of more than 32 MiB the header is kept, for an operator, "
        "and its sender is told.\n"
        "\n"
        "The exit statuses are those of sysexits.h, as mail servers read "
        "them.  The service may run meanwhile.",
    .spec = { groups, NULL },
    .options_size = sizeof(struct intake_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
