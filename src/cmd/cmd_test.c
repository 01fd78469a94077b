#include "cmd/cmd.h"

#include <string.h>

#include "base/check.h"
#include "cmd/completion.h"
#include "cmd/help.h"

/* ---- two commands that nobody has --------------------------------------- */

struct paint_options {
    const char *file;
    unsigned int coats;
    int colour;
    bool dry;
};

static enum cmd_status paint(const struct cmd_context *ctx, const void *options)
{
    const struct paint_options *o = options;

    fprintf(ctx->out, "%s: %u coats of %d%s\n", o->file, o->coats, o->colour,
            o->dry ? ", dry" : "");
    return CMD_ITEMS_FAILED;
}

static enum cmd_status refuse(const struct cmd_context *ctx,
                              const void *options)
{
    struct err err;

    (void)options;
    err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0, "door \"%s\": locked", "front");
    err_remedy(&err, "unlock it");
    return cmd_fail(ctx, CMD_NOTHING_DONE, &err);
}

/* clang-format off */
static const struct opt_word colours[] = {
    { "red", 1, NULL },
    { "off-white", 2, "what is left" },
    { .word = NULL },
};
#define O(field) offsetof(struct paint_options, field)
static const struct opt rows[] = {
    { .short_name = 'n', .long_name = "coats", .type = OPT_UINT, .offset = O(coats), .arg = "N", .env = "CMD_TEST_COATS", .initial = "2", .min = 1, .max = 9, .help = "paint N times" },
    { .long_name = "a-colour-to-paint-with", .type = OPT_WORD, .offset = O(colour), .arg = "COLOUR", .initial = "red", .words = colours, .help = "the colour" },
    { .long_name = "dry", .type = OPT_FLAG, .offset = O(dry), .help = "show what would be painted [it's a trial: no paint] and keep the brush dry" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Painting", rows, 0 },
    { .title = NULL },
};
static const struct opt_arg args[] = {
    { .name = "FILE", .type = OPT_FILE, .offset = O(file), .required = true, .help = "what to paint" },
    { .name = NULL },
};
#undef O
static const struct cmd_example examples[] = {
    { "mailferry paint fence", "the usual" },
    { ".dot 'q' \\x", "a line that begins with a dot" },
    { .command = NULL },
};
static const struct cmd_exit exits[] = {
    { CMD_OK, "painted" },
    { CMD_INTERRUPTED, "out of paint" },
    { .meaning = NULL },
};
/* clang-format on */

static const struct cmd cmd_paint = {
    .name = "paint",
    .summary = "paint a file",
    .description = "First paragraph, which is long enough that it has to be "
                   "broken somewhere before its end.\n\nSecond - with a dash.",
    .spec = { groups, args },
    .options_size = sizeof(struct paint_options),
    .examples = examples,
    .exits = exits,
    .run = paint,
};
static const struct cmd cmd_refuse = {
    .name = "refuse",
    .summary = "do nothing",
    .description = "Do nothing.",
    .run = refuse,
};
static const struct cmd cmd_secret = {
    .name = "secret",
    .summary = "nobody knows",
    .description = "Nobody knows.",
    .hidden = true,
    .run = refuse,
};
static const struct cmd cmd_quick = {
    .name = "quick",
    .summary = "be quick",
    .description = "Be quick.",
    .hidden = true,
    .dies_at_once = true,
    .run = refuse,
};
static const struct cmd *const commands[] = { &cmd_paint, &cmd_refuse,
                                              &cmd_secret, &cmd_quick, NULL };

/* ---- running them -------------------------------------------------------- */

struct ran {
    enum cmd_status status;
    char *out, *err;
};

static struct ran run(const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    struct ran r = { 0 };
    size_t n_out, n_err;
    struct cmd_context ctx = {
        .out = open_memstream(&r.out, &n_out),
        .err = open_memstream(&r.err, &n_err),
        .commands = commands,
    };

    r.status =
        cmd_main(&ctx, (int)g_strv_length(words), (const char *const *)words);
    g_assert_cmpint(fclose(ctx.out), ==, 0);
    g_assert_cmpint(fclose(ctx.err), ==, 0);
    return r;
}

static void ran_clear(struct ran *r)
{
    free(r->out);
    free(r->err);
}

static void test_dispatch(void)
{
    static const struct {
        const char *line;
        enum cmd_status status;
        const char *out, *err;
    } table[] = {
        { "mailferry paint fence", CMD_ITEMS_FAILED, "fence: 2 coats of 1\n",
          "" },
        { "mailferry paint --dry -n3 fence --a-colour-to-paint-with=off-white",
          CMD_ITEMS_FAILED, "fence: 3 coats of 2, dry\n", "" },
        { "mailferry paint", CMD_USAGE, "",
          "mailferry paint: argument FILE is missing\n"
          "  \"mailferry paint --help\" says more\n" },
        { "mailferry paint --coat 3 fence", CMD_USAGE, "",
          "mailferry paint: unknown option \"--coat\"; did you mean "
          "\"--coats\"?\n"
          "  \"mailferry paint --help\" says more\n" },
        { "mailferry pant", CMD_USAGE, "",
          "mailferry: unknown command \"pant\"; did you mean \"paint\"?\n"
          "  \"mailferry --help\" says more\n" },
        { "mailferry secre", CMD_USAGE, "",
          "mailferry: unknown command \"secre\"\n"
          "  \"mailferry --help\" says more\n" },
        { "mailferry refuse", CMD_NOTHING_DONE, "",
          "mailferry: door \"front\": locked\n  unlock it\n" },
        { "mailferry secret", CMD_NOTHING_DONE, "",
          "mailferry: door \"front\": locked\n  unlock it\n" },
        { "mailferry --version", CMD_OK, "mailferry " MAILFERRY_VERSION "\n",
          "" },
        { "mailferry paint --version", CMD_OK,
          "mailferry " MAILFERRY_VERSION "\n", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct ran r = run(table[i].line);

        CHECK_ROW(table[i].line, r.status == table[i].status);
        if (strcmp(r.out, table[i].out) != 0)
            g_error("row \"%s\": out %s", table[i].line, r.out);
        if (strcmp(r.err, table[i].err) != 0)
            g_error("row \"%s\": err %s", table[i].line, r.err);
        ran_clear(&r);
    }
}

static const char program_help[] =
    "Usage: mailferry COMMAND [OPTION]... [ARGUMENT]...\n"
    "\n"
    "Move mailboxes from one Microsoft Exchange to another, with proof.\n"
    "\n"
    "Commands:\n"
    "  paint                   paint a file\n"
    "  refuse                  do nothing\n"
    "\n"
    "\"mailferry COMMAND --help\" says more about one of them.\n";

static const char paint_help[] =
    "Usage: mailferry paint [OPTION]... FILE\n"
    "\n"
    "First paragraph, which is long enough that it has to be broken somewhere "
    "before\n"
    "its end.\n"
    "\n"
    "Second - with a dash.\n"
    "\n"
    "Arguments:\n"
    "  FILE                    what to paint\n"
    "\n"
    "Painting:\n"
    "  -n, --coats N           paint N times; default 2 [$CMD_TEST_COATS]\n"
    "  --a-colour-to-paint-with COLOUR\n"
    "                          the colour: red, off-white (what is left); "
    "default\n"
    "                          red\n"
    "  --dry                   show what would be painted [it's a trial: no "
    "paint]\n"
    "                          and keep the brush dry\n"
    "\n"
    "Other options:\n"
    "  -h, --help              print this help\n"
    "  --version               print the version of the program\n"
    "\n"
    "Exit status:\n"
    "  0                       painted\n"
    "  130                     out of paint\n"
    "\n"
    "Examples:\n"
    "  # the usual\n"
    "  mailferry paint fence\n"
    "  # a line that begins with a dot\n"
    "  .dot 'q' \\x\n";

static void test_help(void)
{
    static const struct {
        const char *line;
        enum cmd_status status;
        const char *out, *err;
    } table[] = {
        { "mailferry --help", CMD_OK, program_help, "" },
        { "mailferry -h", CMD_OK, program_help, "" },
        { "mailferry", CMD_USAGE, "", program_help },
        { "mailferry paint --help", CMD_OK, paint_help, "" },
        { "mailferry paint -h", CMD_OK, paint_help, "" },
        { "mailferry paint --nonsense --help", CMD_OK, paint_help, "" },
        { "mailferry paint -- --help", CMD_ITEMS_FAILED,
          "--help: 2 coats of 1\n", "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        struct ran r = run(table[i].line);

        CHECK_ROW(table[i].line, r.status == table[i].status);
        if (strcmp(r.out, table[i].out) != 0)
            g_error("row \"%s\": out %s", table[i].line, r.out);
        if (strcmp(r.err, table[i].err) != 0)
            g_error("row \"%s\": err %s", table[i].line, r.err);
        ran_clear(&r);
    }
}

/* A command without tables has the usual statuses and options. */
static void test_help_without_tables(void)
{
    struct ran r = run("mailferry refuse --help");

    g_assert_cmpstr(
        r.out, ==,
        "Usage: mailferry refuse [OPTION]...\n"
        "\n"
        "Do nothing.\n"
        "\n"
        "Other options:\n"
        "  -h, --help              print this help\n"
        "  --version               print the version of the program\n"
        "\n"
        "Exit status:\n"
        "  0                       done\n"
        "  3                       nothing could be done\n"
        "  64                      the command line was not understood\n");
    ran_clear(&r);
}

static void test_usage(void)
{
    char *text = NULL;
    size_t n;
    struct cmd_context ctx = { .err = open_memstream(&text, &n) };

    g_assert_cmpint(cmd_usage(&ctx, &cmd_paint, "--%s is needed", "coats"), ==,
                    CMD_USAGE);
    fclose(ctx.err);
    g_assert_cmpstr(text, ==,
                    "mailferry paint: --coats is needed\n"
                    "  \"mailferry paint --help\" says more\n");
    free(text);
}

/* Only a command at work may keep a signal from ending the process. */
static void test_drains(void)
{
    static const struct {
        const char *line;
        bool want;
    } table[] = {
        { "mailferry paint fence", true },
        { "mailferry paint --help", false },
        { "mailferry paint --version", false },
        { "mailferry paint -- --help", true },
        { "mailferry quick", false },
        { "mailferry nonsense", false },
        { "mailferry --help", false },
        { "mailferry", false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_auto(GStrv) words = g_strsplit(table[i].line, " ", -1);

        CHECK_ROW(table[i].line,
                  cmd_drains(commands, (int)g_strv_length(words),
                             (const char *const *)words) == table[i].want);
    }
}

/* ---- what is printed from the tables ------------------------------------ */

typedef void command_writer(FILE *out, const struct cmd *cmd);
typedef void program_writer(FILE *out, const struct cmd *const *all);

static char *printed(command_writer *one, program_writer *all)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    if (one != NULL)
        one(out, &cmd_paint);
    else
        all(out, commands);
    fclose(out);
    return text;
}

static void test_man_page(void)
{
    char *page = printed(man_print_command, NULL);

    g_assert_cmpstr(
        page, ==,
        ".TH MAILFERRY\\-PAINT 1 \"\" \"Mailferry " MAILFERRY_VERSION
        "\" \"Mailferry manual\"\n"
        ".SH NAME\n"
        "mailferry\\-paint \\- paint a file\n"
        ".SH SYNOPSIS\n"
        ".B mailferry paint [OPTION]... FILE\n"
        ".SH DESCRIPTION\n"
        "First paragraph, which is long enough that it has to be broken "
        "somewhere before its end.\n"
        ".PP\n"
        "Second \\- with a dash.\n"
        ".SH ARGUMENTS\n"
        ".TP\n"
        ".B FILE\n"
        "what to paint\n"
        ".SH OPTIONS\n"
        ".SS Painting\n"
        ".TP\n"
        ".B \\-n, \\-\\-coats N\n"
        "paint N times; default 2 [$CMD_TEST_COATS]\n"
        ".TP\n"
        ".B \\-\\-a\\-colour\\-to\\-paint\\-with COLOUR\n"
        "the colour: red, off\\-white (what is left); default red\n"
        ".TP\n"
        ".B \\-\\-dry\n"
        "show what would be painted [it's a trial: no paint] and keep the "
        "brush dry\n"
        ".SS Other options\n"
        ".TP\n"
        ".B \\-h, \\-\\-help\n"
        "print this help\n"
        ".TP\n"
        ".B \\-\\-version\n"
        "print the version of the program\n"
        ".SH EXIT STATUS\n"
        ".TP\n"
        ".B 0\n"
        "painted\n"
        ".TP\n"
        ".B 130\n"
        "out of paint\n"
        ".SH EXAMPLES\n"
        ".PP\n"
        "the usual:\n"
        ".PP\n"
        ".nf\n"
        ".RS\n"
        "mailferry paint fence\n"
        ".RE\n"
        ".fi\n"
        ".PP\n"
        "a line that begins with a dot:\n"
        ".PP\n"
        ".nf\n"
        ".RS\n"
        "\\&.dot 'q' \\ex\n"
        ".RE\n"
        ".fi\n"
        ".SH SEE ALSO\n"
        ".BR mailferry (1)\n");
    free(page);
}

/* A hidden command is nowhere; each visible one is everywhere. */
static void test_hidden(void)
{
    static program_writer *const writers[] = {
        help_print_program, man_print_program, completion_bash,
        completion_zsh,     completion_fish,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(writers); i++) {
        char *text = printed(NULL, writers[i]);

        g_assert_nonnull(strstr(text, "paint"));
        g_assert_nonnull(strstr(text, "refuse"));
        g_assert_null(strstr(text, "secret"));
        free(text);
    }
}

/* Quotes, brackets and colons of a help text mean nothing to a shell. */
static void test_completion_quoting(void)
{
    char *zsh = printed(NULL, completion_zsh);
    char *fish = printed(NULL, completion_fish);

    g_assert_nonnull(
        strstr(zsh, "'--dry[show what would be painted \\[it'\\''s a trial\\: "
                    "no paint\\] and keep the brush dry]'"));
    g_assert_nonnull(strstr(zsh,
                            "'--a-colour-to-paint-with=[the colour]:COLOUR:"
                            "(red off-white)'"));
    g_assert_nonnull(strstr(zsh, "':FILE:_files'"));
    g_assert_nonnull(strstr(fish, "-l dry -d 'show what would be painted "
                                  "[it\\'s a trial: no paint]"));
    g_assert_nonnull(strstr(fish, "-l coats -s n -r -f -d 'paint N times'"));
    free(zsh);
    free(fish);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cmd/dispatch", test_dispatch);
    g_test_add_func("/cmd/help", test_help);
    g_test_add_func("/cmd/help-without-tables", test_help_without_tables);
    g_test_add_func("/cmd/usage", test_usage);
    g_test_add_func("/cmd/drains", test_drains);
    g_test_add_func("/cmd/man-page", test_man_page);
    g_test_add_func("/cmd/hidden", test_hidden);
    g_test_add_func("/cmd/completion-quoting", test_completion_quoting);
    return g_test_run();
}
