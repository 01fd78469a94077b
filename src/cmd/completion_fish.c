#include "cmd/completion.h"

#include <string.h>

#include "cmd/help.h"

/* In single quotes fish knows two escapes: \' and \\. */
static void put(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text != '\0'; text++) {
        if (strchr("'\\", *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_words(FILE *out, const struct opt_word *words)
{
    fputs(" -a '", out);
    for (const char *before = ""; words->word != NULL; words++, before = " ")
        fprintf(out, "%s%s", before, words->word);
    fputc('\'', out);
}

/* Which values are offered: -f keeps file names out, -F brings them back. */
static void put_value(FILE *out, enum opt_type type,
                      const struct opt_word *words)
{
    if (type == OPT_FILE)
        fputs(" -F", out);
    else if (type == OPT_DIRECTORY)
        fputs(" -f -a '(__fish_complete_directories)'", out);
    else
        fputs(" -f", out);
    if (type == OPT_WORD || type == OPT_WORDS)
        put_words(out, words);
}

static void put_begin(FILE *out, const struct cmd *cmd)
{
    fprintf(out, "complete -c mailferry -n '__fish_seen_subcommand_from %s'",
            cmd->name);
}

struct row_writer {
    FILE *out;
    const struct cmd *cmd;
};

static void put_option(void *data, const char *title, const struct opt *row)
{
    const struct row_writer *w = data;

    (void)title;
    put_begin(w->out, w->cmd);
    fprintf(w->out, " -l %s", row->long_name);
    if (row->short_name != 0)
        fprintf(w->out, " -s %c", row->short_name);
    if (row->type != OPT_FLAG) {
        fputs(" -r", w->out);
        put_value(w->out, row->type, row->words);
    }
    fputs(" -d ", w->out);
    put(w->out, row->help);
    fputc('\n', w->out);
}

static void put_command(FILE *out, const struct cmd *cmd)
{
    const struct opt_arg *arg = cmd->spec.args;

    fprintf(out, "complete -c mailferry -n __fish_use_subcommand -f -a %s -d ",
            cmd->name);
    put(out, cmd->summary);
    fputc('\n', out);
    put_begin(out, cmd);
    if (arg != NULL && arg->name != NULL)
        put_value(out, arg->type, arg->words);
    else
        fputs(" -f", out);
    fputc('\n', out);
    help_each_option(cmd, put_option, &(struct row_writer){ out, cmd });
}

void completion_fish(FILE *out, const struct cmd *const *commands)
{
    fputs("# fish completion for mailferry\n", out);
    for (; *commands != NULL; commands++)
        if (!(*commands)->hidden)
            put_command(out, *commands);
}
