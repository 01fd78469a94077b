#include "cmd/cmd.h"
#include "cmd/help.h"

struct help_options {
    const char *command;
    bool man;
};

static void print_page(const struct cmd_context *ctx, const struct cmd *cmd,
                       bool man)
{
    if (cmd != NULL && man)
        man_print_command(ctx->out, cmd);
    else if (cmd != NULL)
        help_print_command(ctx->out, cmd);
    else if (man)
        man_print_program(ctx->out, ctx->commands);
    else
        help_print_program(ctx->out, ctx->commands);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct help_options *o = options;
    const struct cmd *cmd = NULL;

    if (o->command != NULL) {
        cmd = cmd_find(ctx->commands, o->command);
        if (cmd == NULL)
            return cmd_unknown(ctx, o->command);
    }
    print_page(ctx, cmd, o->man);
    return CMD_OK;
}

/* clang-format off */
#define O(field) offsetof(struct help_options, field)
static const struct opt rows[] = {
    { .long_name = "man", .type = OPT_FLAG, .offset = O(man),
      .help = "print a man page, for \"man -l -\"" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Options", rows, 0 },
    { .title = NULL },
};
static const struct opt_arg args[] = {
    { .name = "COMMAND", .type = OPT_STR, .offset = O(command),
      .help = "the command to be explained; without it, the list of them" },
    { .name = NULL },
};
#undef O

static const struct cmd_example examples[] = {
    { "mailferry help validate", "explain one command" },
    { "mailferry help --man validate | man -l -", "the same as a man page" },
    { .command = NULL },
};
/* clang-format on */

const struct cmd cmd_help = {
    .name = "help",
    .summary = "explain mailferry or one of its commands",
    .description = "Print the list of commands, or what one of them does, with "
                   "its options, exit statuses and examples.",
    .spec = { groups, args },
    .options_size = sizeof(struct help_options),
    .examples = examples,
    .dies_at_once = true,
    .run = run,
};
