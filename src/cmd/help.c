#include "cmd/help.h"

#include <string.h>

#define WIDTH  79
#define INDENT 26 /* of the texts beside options */

/* clang-format off */
const struct opt help_global_rows[] = {
    { .short_name = 'h', .long_name = "help", .type = OPT_FLAG,
      .help = "print this help" },
    { .long_name = "version", .type = OPT_FLAG,
      .help = "print the version of the program" },
    { .long_name = NULL },
};

const struct cmd_exit help_default_exits[] = {
    { CMD_OK, "done" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { .meaning = NULL },
};

const struct cmd_exit help_all_exits[] = {
    { CMD_OK, "all done" },
    { CMD_ITEMS_FAILED, "some items failed, or verify found differences" },
    { CMD_MAILBOXES_FAILED,
      "some mailboxes failed, or some rows of an import file are faulty" },
    { CMD_NOTHING_DONE, "nothing could be done" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted; the next run carries on" },
    { .meaning = NULL },
};
/* clang-format on */

void help_wrap(FILE *out, const char *text, size_t indent, size_t at)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
    bool first = true;

    for (char **w = words; *w != NULL; w++) {
        size_t len = strlen(*w);

        if (len == 0)
            continue;
        if (!first && at + 1 + len > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        at += (first ? 0u : 1u) + len;
        fprintf(out, "%s%s", first ? "" : " ", *w);
        first = false;
    }
    fputc('\n', out);
}

/* "  --name ARG           text" with the text in its own column. */
static void print_entry(FILE *out, const char *name, const char *text)
{
    size_t at = 2 + strlen(name);

    fprintf(out, "  %s", name);
    if (at + 2 > INDENT) {
        fputc('\n', out);
        at = 0;
    }
    fprintf(out, "%*s", (int)(INDENT - at), "");
    help_wrap(out, text, INDENT, INDENT);
}

static void print_paragraphs(FILE *out, const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);

    for (char **p = paragraphs; *p != NULL; p++) {
        fputc('\n', out);
        help_wrap(out, *p, 0, 0);
    }
}

char *help_synopsis(const struct cmd *cmd)
{
    GString *s = g_string_new("mailferry ");

    g_string_append(s, cmd->name);
    g_string_append(s, " [OPTION]...");
    for (const struct opt_arg *a = cmd->spec.args; a != NULL && a->name != NULL;
         a++)
        g_string_append_printf(s, a->required ? " %s" : " [%s]", a->name);
    return g_string_free(s, FALSE);
}

char *help_option(const struct opt *row)
{
    GString *s = g_string_new(NULL);

    if (row->short_name != 0)
        g_string_append_printf(s, "-%c, ", row->short_name);
    g_string_append_printf(s, "--%s", row->long_name);
    if (row->arg != NULL)
        g_string_append_printf(s, " %s", row->arg);
    return g_string_free(s, FALSE);
}

static void append_words(GString *s, const struct opt_word *words)
{
    const char *before = ": ";

    for (; words->word != NULL; words++) {
        g_string_append_printf(s, "%s%s", before, words->word);
        if (words->help != NULL)
            g_string_append_printf(s, " (%s)", words->help);
        before = ", ";
    }
}

char *help_option_text(const struct cmd *cmd, const struct opt *row)
{
    g_autofree char *with = opt_with(&cmd->spec, row->with);
    GString *s = g_string_new(row->help);

    if (with != NULL)
        g_string_printf(s, "with %s: %s", with, row->help);
    if (row->words != NULL)
        append_words(s, row->words);
    if (row->initial != NULL)
        g_string_append_printf(s, "; default %s", row->initial);
    if (row->env != NULL)
        g_string_append_printf(s, " [$%s]", row->env);
    return g_string_free(s, FALSE);
}

void help_each_option(const struct cmd *cmd, help_visitor *visit, void *data)
{
    for (const struct opt_group *g = cmd->spec.groups;
         g != NULL && g->title != NULL; g++)
        for (const struct opt *row = g->rows; row->long_name != NULL; row++)
            visit(data, g->title, row);
    for (const struct opt *row = help_global_rows; row->long_name != NULL;
         row++)
        visit(data, "Other options", row);
}

struct option_list {
    const struct cmd *cmd;
    FILE *out;
    const char *title; /* of the group being printed */
};

static void print_option(void *data, const char *title, const struct opt *row)
{
    struct option_list *list = data;
    g_autofree char *name = help_option(row);
    g_autofree char *text = help_option_text(list->cmd, row);

    if (list->title == NULL || strcmp(list->title, title) != 0)
        fprintf(list->out, "\n%s:\n", title);
    list->title = title;
    print_entry(list->out, name, text);
}

static void print_arguments(FILE *out, const struct opt_arg *args)
{
    if (args == NULL || args->name == NULL)
        return;
    fputs("\nArguments:\n", out);
    for (; args->name != NULL; args++) {
        GString *text = g_string_new(args->help);

        if (args->words != NULL)
            append_words(text, args->words);
        print_entry(out, args->name, text->str);
        g_string_free(text, TRUE);
    }
}

static void print_exits(FILE *out, const struct cmd_exit *exits)
{
    if (exits == NULL)
        exits = help_default_exits;
    fputs("\nExit status:\n", out);
    for (; exits->meaning != NULL; exits++) {
        g_autofree char *number = g_strdup_printf("%d", (int)exits->status);

        print_entry(out, number, exits->meaning);
    }
}

static void print_examples(FILE *out, const struct cmd_example *examples)
{
    if (examples == NULL)
        return;
    fputs("\nExamples:\n", out);
    for (; examples->command != NULL; examples++)
        fprintf(out, "  # %s\n  %s\n", examples->what, examples->command);
}

void help_print_command(FILE *out, const struct cmd *cmd)
{
    g_autofree char *synopsis = help_synopsis(cmd);
    struct option_list list = { .cmd = cmd, .out = out };

    fprintf(out, "Usage: %s\n", synopsis);
    print_paragraphs(out, cmd->description);
    print_arguments(out, cmd->spec.args);
    help_each_option(cmd, print_option, &list);
    print_exits(out, cmd->exits);
    print_examples(out, cmd->examples);
}

void help_print_program(FILE *out, const struct cmd *const *commands)
{
    fputs("Usage: mailferry COMMAND [OPTION]... [ARGUMENT]...\n\n"
          "Move mailboxes from one Microsoft Exchange to another, with proof.\n"
          "\nCommands:\n",
          out);
    for (; *commands != NULL; commands++)
        if (!(*commands)->hidden)
            print_entry(out, (*commands)->name, (*commands)->summary);
    fputs("\n\"mailferry COMMAND --help\" says more about one of them.\n", out);
}
