#include "cmd/cmd.h"
#include "ews/ews.h"

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    (void)options;
    fputs("# What servers answer, and what Mailferry makes of it\n\n"
          "Made by `mailferry errors`.\n\n",
          ctx->out);
    ews_code_markdown(ctx->out);
    return CMD_OK;
}

static const struct cmd_example examples[] = {
    { "mailferry errors | grep ErrorQuotaExceeded",
      "what that answer of a server means, and what to do about it" },
    { NULL },
};

const struct cmd cmd_errors = {
    .name = "errors",
    .summary = "list what servers answer, the cause and the remedy",
    .description =
        "Prints the table by which Mailferry decides what to do about each "
        "answer of an Exchange server, as Markdown: docs/errors.md is made by "
        "this command.",
    .examples = examples,
    .dies_at_once = true,
    .run = run,
};
