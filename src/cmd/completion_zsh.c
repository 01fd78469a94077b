#include "cmd/completion.h"

#include <string.h>

#include "cmd/help.h"

/* In single quotes; inside a specification also ":", "[" and "]" mean much. */
static void put(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", out);
        else if (strchr(":[]\\", *text) != NULL)
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
    }
}

static void put_value(FILE *out, enum opt_type type,
                      const struct opt_word *words)
{
    if (type == OPT_FILE)
        fputs("_files", out);
    else if (type == OPT_DIRECTORY)
        fputs("_files -/", out);
    else if (type == OPT_WORD || type == OPT_WORDS)
        for (const char *open = "("; words->word != NULL; words++, open = " ")
            fprintf(out, "%s%s", open, words->word);
    if (type == OPT_WORD || type == OPT_WORDS)
        fputc(')', out);
}

static void put_option(void *data, const char *title, const struct opt *row)
{
    FILE *out = data;

    (void)title;
    fprintf(out, " \\\n            '--%s", row->long_name);
    if (row->type != OPT_FLAG)
        fputc('=', out);
    fputc('[', out);
    put(out, row->help);
    fputc(']', out);
    if (row->type != OPT_FLAG) {
        fprintf(out, ":%s:", row->arg);
        put_value(out, row->type, row->words);
    }
    fputc('\'', out);
}

static void put_command(FILE *out, const struct cmd *cmd)
{
    const struct opt_arg *arg = cmd->spec.args;

    fprintf(out, "        %s)\n            _arguments", cmd->name);
    help_each_option(cmd, put_option, out);
    for (; arg != NULL && arg->name != NULL; arg++) {
        fprintf(out, " \\\n            ':%s:", arg->name);
        put_value(out, arg->type, arg->words);
        fputc('\'', out);
    }
    fputs(" ;;\n", out);
}

void completion_zsh(FILE *out, const struct cmd *const *commands)
{
    fputs("#compdef mailferry\n"
          "_mailferry() {\n"
          "    local state line\n"
          "    local -a commands\n"
          "    _arguments -C ':command:->command' '*::argument:->argument'\n"
          "    case $state in\n"
          "    command)\n"
          "        commands=(",
          out);
    for (const struct cmd *const *c = commands; *c != NULL; c++) {
        if ((*c)->hidden)
            continue;
        fprintf(out, "\n            '%s:", (*c)->name);
        put(out, (*c)->summary);
        fputc('\'', out);
    }
    fputs(")\n"
          "        _describe command commands ;;\n"
          "    argument)\n"
          "        case $words[1] in\n",
          out);
    for (const struct cmd *const *c = commands; *c != NULL; c++)
        if (!(*c)->hidden)
            put_command(out, *c);
    /* Sourced, it registers itself; autoloaded, it is called. */
    fputs("        esac ;;\n"
          "    esac\n"
          "}\n"
          "if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n"
          "    _mailferry \"$@\"\n"
          "else\n"
          "    compdef _mailferry mailferry\n"
          "fi\n",
          out);
}
