#include <unistd.h>

#include "base/config.h"
#include "cmd/cmd.h"
#include "cmd/config_file.h"

enum action { ACTION_CHECK, ACTION_SHOW, ACTION_DOCUMENT };

struct config_options {
    int action; /* enum action */
    const char *file;
};

static enum cmd_status document(const struct cmd_context *ctx)
{
    fputs("# Configuration of the service\n\n"
          "Made by `mailferry config document`.\n\n"
          "`mailferry serve` needs no configuration at all.  What is to be "
          "different stands in one file,\n`/etc/mailferry/mailferry.conf` or "
          "that of `--config FILE`, as `key = value` under a `[section]`;\n"
          "comments are lines that begin with `#`.  An environment variable "
          "outranks the file, an option of the\ncommand line outranks both.  "
          "Keys marked (r) also take effect when the service reloads\n"
          "(`systemctl reload mailferry`, or SIGHUP), the others when it "
          "starts.  `none` stands for no value.\n\n"
          "```sh\n"
          "mailferry config check /etc/mailferry/mailferry.conf\n"
          "mailferry config show\n"
          "```\n",
          ctx->out);
    config_markdown(ctx->out);
    return CMD_OK;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct config_options *o = options;
    g_autoptr(config) c = NULL;
    enum cmd_status status;

    if (o->action == ACTION_DOCUMENT)
        return document(ctx);
    status = config_file_load(
        ctx,
        &(struct config_sources){ .file = config_file_choose(o->file),
                                  .environment = (const char *const *)environ },
        &c);
    if (status != CMD_OK)
        return status;
    if (o->action == ACTION_SHOW)
        config_print(c, ctx->out);
    return CMD_OK;
}

#define O(field) offsetof(struct config_options, field)
static const struct opt_word actions[] = {
    { "check", ACTION_CHECK, "say what is wrong with it, line by line" },
    { "show", ACTION_SHOW, "each value, and where it is from" },
    { "document", ACTION_DOCUMENT, "every key, as Markdown" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "FILE", OPT_FILE, O(file), false,
      "the file; without it that of MAILFERRY_CONFIG, else "
      "/etc/mailferry/mailferry.conf if it is there",
      NULL },
    { NULL },
};
#undef O

static const struct cmd_example examples[] = {
    { "mailferry config check mailferry.conf",
      "before it is put where the service reads it" },
    { "mailferry config show",
      "what \"mailferry serve\" would work with, and who says so" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "nothing is wrong" },
    { CMD_NOTHING_DONE, "the configuration has faults, or cannot be read" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_config = {
    .name = "config",
    .summary = "check or show the configuration of the service",
    .description =
        "Reads the configuration as \"mailferry serve\" does: the defaults, "
        "the file, the environment.  Every fault is named with file, line "
        "and key.  \"show\" prints what came of it as a file that could be "
        "read again; secrets are left out.",
    .spec = { NULL, args },
    .options_size = sizeof(struct config_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
