#include "cmd/cmd.h"
#include "fleet/import.h"

struct template_options {
    bool passwords;
};

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct template_options *o = options;

    fputs(import_template(o->passwords), ctx->out);
    return CMD_OK;
}

/* clang-format off */
static const struct opt rows[] = {
    { .long_name = "passwords", .type = OPT_FLAG,
      .offset = offsetof(struct template_options, passwords),
      .help = "print the form with the mailboxes' own user names and passwords" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Options", rows, 0 },
    { .title = NULL },
};
static const struct cmd_example examples[] = {
    { "mailferry template > users.csv",
      "start an import file for a migration by administrative accounts" },
    { "mailferry template --passwords > users.csv",
      "start one that carries the mailboxes' passwords" },
    { .command = NULL },
};
static const struct cmd_exit exits[] = {
    { CMD_OK, "done" },
    { CMD_NOTHING_DONE, "the template could not be written" },
    { CMD_USAGE, "the command line was not understood" },
    { .meaning = NULL },
};
/* clang-format on */

const struct cmd cmd_template = {
    .name = "template",
    .summary = "print an import file to fill in",
    .description =
        "Print an import file with two mailboxes as an example: a CSV with one "
        "mailbox a line.\n"
        "\n"
        "Without --passwords, both sides are opened by their administrative "
        "accounts, which are not part of the file.  With --passwords, replace "
        "each <password>; a file that still has one of them is refused.\n"
        "\n"
        "Flags are a number or names joined by \"|\"; 0 means none.",
    .spec = { groups, NULL },
    .options_size = sizeof(struct template_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
