#include "cmd/cmd.h"
#include "cmd/completion.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };

struct completion_options {
    enum shell shell;
};

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static completion_writer *const writers[] = {
        [SHELL_BASH] = completion_bash,
        [SHELL_ZSH] = completion_zsh,
        [SHELL_FISH] = completion_fish,
    };
    const struct completion_options *o = options;

    writers[o->shell](ctx->out, ctx->commands);
    return CMD_OK;
}

/* clang-format off */
static const struct opt_word shells[] = {
    { "bash", SHELL_BASH, NULL },
    { "zsh", SHELL_ZSH, NULL },
    { "fish", SHELL_FISH, NULL },
    { .word = NULL },
};

static const struct opt_arg args[] = {
    { .name = "SHELL", .type = OPT_WORD, .required = true,
      .offset = offsetof(struct completion_options, shell), .words = shells,
      .help = "the shell to write for" },
    { .name = NULL },
};

static const struct cmd_example examples[] = {
    { "mailferry completion bash > "
      "~/.local/share/bash-completion/completions/mailferry",
      "complete mailferry in bash" },
    { "mailferry completion zsh > ~/.zfunc/_mailferry",
      "the same in zsh, where ~/.zfunc is in $fpath" },
    { "mailferry completion fish > ~/.config/fish/completions/mailferry.fish",
      "the same in fish" },
    { .command = NULL },
};
/* clang-format on */

const struct cmd cmd_completion = {
    .name = "completion",
    .summary = "print a completion script for a shell",
    .description =
        "Print a script that lets the shell complete commands, options and "
        "their values.",
    .spec = { .args = args },
    .options_size = sizeof(struct completion_options),
    .examples = examples,
    .dies_at_once = true,
    .run = run,
};
