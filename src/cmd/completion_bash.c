#include "cmd/completion.h"

#include "cmd/help.h"

/* Where rows go, and of which command they are. */
struct row_writer {
    FILE *out;
    const char *command;
};

static void write_names(FILE *out, const struct cmd *const *commands)
{
    const char *before = "";

    for (; *commands != NULL; commands++) {
        if ((*commands)->hidden)
            continue;
        fprintf(out, "%s%s", before, (*commands)->name);
        before = " ";
    }
}

static void write_words(FILE *out, const struct opt_word *words)
{
    const char *before = "";

    fputs("_mailferry_reply -W '", out);
    for (; words->word != NULL; words++) {
        fprintf(out, "%s%s", before, words->word);
        before = " ";
    }
    fputc('\'', out);
}

/* The shell command that completes a value of that type. */
static void write_value(FILE *out, enum opt_type type,
                        const struct opt_word *words)
{
    if (type == OPT_FILE)
        fputs("_mailferry_reply -o filenames -f", out);
    else if (type == OPT_DIRECTORY)
        fputs("_mailferry_reply -o filenames -d", out);
    else if (type == OPT_WORD || type == OPT_WORDS)
        write_words(out, words);
    else
        fputc(':', out);
}

static void write_option_value(void *data, const char *title,
                               const struct opt *row)
{
    const struct row_writer *w = data;

    (void)title;
    if (row->type == OPT_FLAG)
        return;
    fprintf(w->out, "    %s,--%s) ", w->command, row->long_name);
    write_value(w->out, row->type, row->words);
    fputs("; return ;;\n", w->out);
}

static void write_option_name(void *data, const char *title,
                              const struct opt *row)
{
    const struct row_writer *w = data;

    (void)title;
    fprintf(w->out, "--%s ", row->long_name);
}

static void write_command(FILE *out, const struct cmd *cmd)
{
    struct row_writer w = { out, cmd->name };
    const struct opt_arg *arg = cmd->spec.args;

    fprintf(out, "    %s,-*) _mailferry_reply -W '", cmd->name);
    help_each_option(cmd, write_option_name, &w);
    fputs("' ;;\n", out);
    /* All arguments of a command are completed alike: there is one at most. */
    if (arg == NULL || arg->name == NULL)
        return;
    fprintf(out, "    %s,*) ", cmd->name);
    write_value(out, arg->type, arg->words);
    fputs(" ;;\n", out);
}

void completion_bash(FILE *out, const struct cmd *const *commands)
{
    fputs("# bash completion for mailferry\n"
          "_mailferry_reply() {\n"
          "    if [[ $1 == -o ]]; then\n"
          "        compopt -o \"$2\"\n"
          "        shift 2\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$cur\")\n"
          "}\n"
          "_mailferry() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]}\n"
          "    local prev=${COMP_WORDS[COMP_CWORD-1]} cmd=${COMP_WORDS[1]}\n"
          "    COMPREPLY=()\n"
          "    # bash parts --name=value at the equals sign\n"
          "    if [[ $cur == = ]]; then\n"
          "        cur=\n"
          "    elif [[ $prev == = ]]; then\n"
          "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
          "    fi\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        _mailferry_reply -W '--help --version ",
          out);
    write_names(out, commands);
    fputs("'\n        return\n    fi\n    case $cmd,$prev in\n", out);
    for (const struct cmd *const *c = commands; *c != NULL; c++)
        if (!(*c)->hidden)
            help_each_option(*c, write_option_value,
                             &(struct row_writer){ out, (*c)->name });
    fputs("    esac\n    case $cmd,$cur in\n", out);
    for (const struct cmd *const *c = commands; *c != NULL; c++)
        if (!(*c)->hidden)
            write_command(out, *c);
    fputs("    esac\n}\ncomplete -F _mailferry mailferry\n", out);
}
