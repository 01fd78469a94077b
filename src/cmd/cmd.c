#include "cmd/cmd.h"

#include <stdarg.h>
#include <string.h>

#include "base/nearest.h"
#include "cmd/help.h"

const struct cmd *cmd_find(const struct cmd *const *commands, const char *name)
{
    for (; *commands != NULL; commands++)
        if (strcmp((*commands)->name, name) == 0)
            return *commands;
    return NULL;
}

enum cmd_status cmd_fail(const struct cmd_context *ctx, enum cmd_status status,
                         const struct err *err)
{
    fprintf(ctx->err, "mailferry: %s\n", err->msg);
    if (err->remedy != NULL)
        fprintf(ctx->err, "  %s\n", err->remedy);
    return status;
}

enum cmd_status cmd_give_up(const struct cmd_context *ctx,
                            const struct err *err)
{
    return cmd_fail(ctx, CMD_NOTHING_DONE, err);
}

/* cmd may be NULL: the fault is before any command. */
static enum cmd_status wrong(const struct cmd_context *ctx,
                             const struct cmd *cmd, const struct err *err)
{
    fprintf(ctx->err, "mailferry%s%s: %s\n", cmd != NULL ? " " : "",
            cmd != NULL ? cmd->name : "", err->msg);
    fprintf(ctx->err, "  \"mailferry%s%s --help\" says more\n",
            cmd != NULL ? " " : "", cmd != NULL ? cmd->name : "");
    return CMD_USAGE;
}

enum cmd_status cmd_usage(const struct cmd_context *ctx, const struct cmd *cmd,
                          const char *fmt, ...)
{
    g_autofree char *text = NULL;
    struct err err;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    err_set(&err, ERR_RUN, ERR_RETRY_NEVER, CMD_USAGE, "%s", text);
    return wrong(ctx, cmd, &err);
}

enum cmd_status cmd_unknown(const struct cmd_context *ctx, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *near;

    for (const struct cmd *const *c = ctx->commands; *c != NULL; c++)
        if (!(*c)->hidden)
            g_ptr_array_add(names, (gpointer)(intptr_t)(*c)->name);
    g_ptr_array_add(names, NULL);
    near = nearest_word(name, (const char *const *)names->pdata);
    if (near == NULL)
        return cmd_usage(ctx, NULL, "unknown command \"%s\"", name);
    return cmd_usage(ctx, NULL, "unknown command \"%s\"; did you mean \"%s\"?",
                     name, near);
}

/* --help anywhere before "--", also beside what is wrong otherwise. */
static bool asks(int argc, const char *const *argv, const char *word)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

static bool only_prints(int argc, const char *const *argv)
{
    return asks(argc, argv, "--help") || asks(argc, argv, "-h") ||
           asks(argc, argv, "--version");
}

/* "--server URL" and "--server=URL" may stand before the command. */
#define SERVER "--server"

/* How many words that is; 0: none. */
static int leading(int argc, const char *const *argv)
{
    if (argc > 1 && g_str_has_prefix(argv[1], SERVER "="))
        return 1;
    return argc > 3 && strcmp(argv[1], SERVER) == 0 ? 2 : 0;
}

/* The same words with the command first; the caller frees the array alone. */
static const char **reorder(int argc, const char *const *argv)
{
    const int n = leading(argc, argv);
    const char **words = g_new0(const char *, (size_t)argc + 1);

    for (int i = 0; i < argc; i++)
        words[i] = argv[i];
    if (n == 0 || argc < n + 2)
        return words;
    words[1] = argv[n + 1];
    for (int i = 0; i < n; i++)
        words[i + 2] = argv[i + 1];
    return words;
}

bool cmd_drains(const struct cmd *const *commands, int argc,
                const char *const *argv)
{
    g_autofree const char **words = reorder(argc, argv);
    const struct cmd *cmd = argc > 1 ? cmd_find(commands, words[1]) : NULL;

    return cmd != NULL && !cmd->dies_at_once && !only_prints(argc, argv);
}

static enum cmd_status print_version(const struct cmd_context *ctx)
{
    fputs("mailferry " MAILFERRY_VERSION "\n", ctx->out);
    return CMD_OK;
}

static enum cmd_status run_command(const struct cmd_context *ctx,
                                   const struct cmd *cmd, int argc,
                                   const char *const *argv)
{
    g_autofree void *options = NULL;
    struct err err;

    if (asks(argc, argv, "--help") || asks(argc, argv, "-h")) {
        help_print_command(ctx->out, cmd);
        return CMD_OK;
    }
    if (asks(argc, argv, "--version"))
        return print_version(ctx);
    options = g_malloc0(cmd->options_size + 1);
    if (opt_parse(&cmd->spec, argc, argv, options, &err) < 0)
        return wrong(ctx, cmd, &err);
    return cmd->run(ctx, options);
}

enum cmd_status cmd_main(const struct cmd_context *ctx, int argc,
                         const char *const *argv)
{
    g_autofree const char **words = reorder(argc, argv);
    const struct cmd *cmd;
    const char *word;

    if (argc < 2) {
        help_print_program(ctx->err, ctx->commands);
        return CMD_USAGE;
    }
    word = words[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help_print_program(ctx->out, ctx->commands);
        return CMD_OK;
    }
    if (strcmp(word, "--version") == 0)
        return print_version(ctx);
    cmd = cmd_find(ctx->commands, word);
    if (cmd == NULL)
        return cmd_unknown(ctx, word);
    return run_command(ctx, cmd, argc - 1, words + 1);
}
