#include "lab/command.h"

#include "lab/digest.h"

int command_failed(const struct err *err)
{
    fprintf(stderr, "mailferry-lab: %s\n", err->msg);
    if (err->remedy != NULL)
        fprintf(stderr, "  %s\n", err->remedy);
    return EXIT_FAILURE;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

/* The table as GLib wants it, with the fields' addresses. */
static GArray *entries_new(const struct command_option *table, void *options)
{
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));

    for (; table->name != NULL; table++) {
        const GOptionEntry entry = {
            .long_name = table->name,
            .arg = table->type,
            .arg_data = (char *)options + table->offset,
            .description = table->help,
            .arg_description = table->arg,
        };

        g_array_append_val(entries, entry);
    }
    return entries;
}

static bool is_text(const struct command_option *o)
{
    return o->type == G_OPTION_ARG_STRING || o->type == G_OPTION_ARG_FILENAME;
}

/*
 * GLib's copies of what was given become interned ones: a field then holds
 * either that or its literal default, and nobody has to know which.
 */
static void intern_texts(const struct command_option *table, void *options)
{
    for (; table->name != NULL; table++) {
        char **field = (char **)(void *)((char *)options + table->offset);
        char *given = is_text(table) ? *field : NULL;

        if (given == NULL)
            continue;
        *field = (char *)(uintptr_t)g_intern_string(given);
        g_free(given);
    }
}

/* Texts that were not given, put aside while GLib writes those that were. */
static GPtrArray *take_defaults(const struct command_option *table,
                                void *options)
{
    GPtrArray *defaults = g_ptr_array_new();

    for (; table->name != NULL; table++) {
        char **field = (char **)(void *)((char *)options + table->offset);

        g_ptr_array_add(defaults, is_text(table) ? *field : NULL);
        if (is_text(table))
            *field = NULL;
    }
    return defaults;
}

static void give_defaults(const struct command_option *table, void *options,
                          const GPtrArray *defaults)
{
    for (guint i = 0; i < defaults->len; i++) {
        char **field = (char **)(void *)((char *)options + table[i].offset);

        if (is_text(&table[i]) && *field == NULL)
            *field = defaults->pdata[i];
    }
}

int command_options(const struct command_usage *usage, void *options, int *argc,
                    char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GArray) entries = entries_new(usage->options, options);
    g_autoptr(GPtrArray) defaults = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *help = NULL;
    gboolean ok;

    g_option_context_set_summary(context, usage->usage);
    g_option_context_set_description(context, usage->description);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(
        context, (const GOptionEntry *)(const void *)entries->data, NULL);
    if (asks_for_help(*argc, *argv)) {
        help = g_option_context_get_help(context, TRUE, NULL);
        /* GLib's own first line names the program without its command */
        printf("%s", strstr(help, usage->usage));
        return -1;
    }
    defaults = take_defaults(usage->options, options);
    ok = g_option_context_parse(context, argc, argv, &error);
    intern_texts(usage->options, options);
    give_defaults(usage->options, options, defaults);
    if (ok && *argc - 1 >= usage->arguments_min &&
        *argc - 1 <= usage->arguments_max)
        return 0;
    fprintf(stderr, "mailferry-lab: %s\n",
            ok ? "wrong number of arguments; see --help" : error->message);
    return EXIT_USAGE;
}

struct digest_options {
    gboolean all, archive, recoverable;
};

static const struct command_option digest_table[] = {
    { "all", G_OPTION_ARG_NONE, offsetof(struct digest_options, all), NULL,
      "the hidden items too" },
    { "archive", G_OPTION_ARG_NONE, offsetof(struct digest_options, archive),
      NULL, "archives too: paths that begin with %archive" },
    { "recoverable", G_OPTION_ARG_NONE,
      offsetof(struct digest_options, recoverable), NULL,
      "Recoverable Items too: paths that begin with %recoverable" },
    { NULL },
};

static const struct command_usage digest_usage = {
    .options = digest_table,
    .usage = "Usage: mailferry-lab digest STATE [MAILBOX] [OPTIONS]",
    .description = "Sorted lines \"mailbox TAB folder path TAB class TAB "
                   "digest\"; also while a server\nworks on the state.",
    .arguments_min = 1,
    .arguments_max = 2,
};

int command_digest(int argc, char **argv)
{
    struct digest_options o = { 0 };
    struct lab_digest_options options = { 0 };
    int status = command_options(&digest_usage, &o, &argc, &argv);
    struct err err;

    if (status != 0)
        return status < 0 ? EXIT_SUCCESS : status;
    options.mailbox = argc > 2 ? argv[2] : NULL;
    options.all = o.all;
    options.archive = o.archive;
    options.recoverable = o.recoverable;
    if (lab_digest_print(argv[1], &options, stdout, &err) < 0)
        return command_failed(&err);
    return EXIT_SUCCESS;
}
