#include "cmd/help.h"

#include <string.h>

/*
 * groff_char(7): "-" may become a hyphen and "\" begins an escape; a line
 * that begins with "." or "'" would be a request.
 */
static void put(FILE *out, const char *text)
{
    bool line_begins = true;

    for (; *text != '\0'; text++) {
        if (line_begins && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        line_begins = *text == '\n';
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

static void put_line(FILE *out, const char *text)
{
    put(out, text);
    fputc('\n', out);
}

static void put_title(FILE *out, const char *name, const char *summary)
{
    g_autofree char *upper = g_ascii_strup(name, -1);

    fputs(".TH ", out);
    put(out, upper);
    fputs(" 1 \"\" \"Mailferry " MAILFERRY_VERSION "\" \"Mailferry manual\"\n"
          ".SH NAME\n",
          out);
    put(out, name);
    fputs(" \\- ", out);
    put_line(out, summary);
}

/* A tagged paragraph. */
static void put_entry(FILE *out, const char *name, const char *text)
{
    fputs(".TP\n.B ", out);
    put_line(out, name);
    put_line(out, text);
}

static void put_paragraphs(FILE *out, const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

    fputs(".SH DESCRIPTION\n", out);
    for (char **p = paragraphs; *p != NULL; p++) {
        if (p != paragraphs)
            fputs(".PP\n", out);
        put_line(out, *p);
    }
}

struct option_list {
    const struct cmd *cmd;
    FILE *out;
    const char *title;
};

static void put_option(void *data, const char *title, const struct opt *row)
{
    struct option_list *list = data;
    g_autofree char *name = help_option(row);
    g_autofree char *text = help_option_text(list->cmd, row);

    if (list->title == NULL || strcmp(list->title, title) != 0)
        fprintf(list->out, ".SS %s\n", title);
    list->title = title;
    put_entry(list->out, name, text);
}

static void put_arguments(FILE *out, const struct opt_arg *args)
{
    if (args == NULL || args->name == NULL)
        return;
    fputs(".SH ARGUMENTS\n", out);
    for (; args->name != NULL; args++) {
        put_entry(out, args->name, args->help);
        for (const struct opt_word *w = args->words;
             w != NULL && w->word != NULL; w++) {
            fputs(".br\n.B ", out);
            put(out, w->word);
            fputc('\n', out);
            if (w->help != NULL)
                put_line(out, w->help);
        }
    }
}

static void put_exits(FILE *out, const struct cmd_exit *exits)
{
    if (exits == NULL)
        exits = help_default_exits;
    fputs(".SH EXIT STATUS\n", out);
    for (; exits->meaning != NULL; exits++) {
        g_autofree char *number = g_strdup_printf("%d", (int)exits->status);

        put_entry(out, number, exits->meaning);
    }
}

static void put_examples(FILE *out, const struct cmd_example *examples)
{
    if (examples == NULL)
        return;
    fputs(".SH EXAMPLES\n", out);
    for (; examples->command != NULL; examples++) {
        fputs(".PP\n", out);
        put(out, examples->what);
        fputs(":\n.PP\n.nf\n.RS\n", out);
        put_line(out, examples->command);
        fputs(".RE\n.fi\n", out);
    }
}

void man_print_command(FILE *out, const struct cmd *cmd)
{
    g_autofree char *page = g_strconcat("mailferry-", cmd->name, NULL);
    g_autofree char *synopsis = help_synopsis(cmd);
    struct option_list list = { .cmd = cmd, .out = out };

    put_title(out, page, cmd->summary);
    fputs(".SH SYNOPSIS\n.B ", out);
    put_line(out, synopsis);
    put_paragraphs(out, cmd->description);
    put_arguments(out, cmd->spec.args);
    fputs(".SH OPTIONS\n", out);
    help_each_option(cmd, put_option, &list);
    put_exits(out, cmd->exits);
    put_examples(out, cmd->examples);
    fputs(".SH SEE ALSO\n.BR mailferry (1)\n", out);
}

void man_print_program(FILE *out, const struct cmd *const *commands)
{
    put_title(out, "mailferry",
              "move mailboxes from one Microsoft Exchange to another");
    fputs(".SH SYNOPSIS\n"
          ".B mailferry\n.I COMMAND\n[\\fIOPTION\\fR]... "
          "[\\fIARGUMENT\\fR]...\n"
          ".SH COMMANDS\n",
          out);
    for (; *commands != NULL; commands++) {
        if ((*commands)->hidden)
            continue;
        fputs(".TP\n.BR mailferry\\-", out);
        put(out, (*commands)->name);
        fputs(" (1)\n", out);
        put_line(out, (*commands)->summary);
    }
    put_exits(out, help_all_exits);
}
