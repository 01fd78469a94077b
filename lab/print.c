#include "lab/command.h"
#include "lab/fault.h"
#include "lab/policy.h"

/* Commands that print a table and have nothing to be told. */

static int print_table(int argc, char **argv, const char *usage,
                       char *(*text)(void))
{
    static const struct command_option none[] = { { NULL } };
    const struct command_usage described = { .options = none, .usage = usage };
    g_autofree char *all = NULL;
    int status = command_options(&described, NULL, &argc, &argv);

    if (status != 0)
        return status < 0 ? EXIT_SUCCESS : status;
    all = text();
    fputs(all, stdout);
    return EXIT_SUCCESS;
}

int command_faults(int argc, char **argv)
{
    return print_table(argc, argv, "Usage: mailferry-lab faults",
                       faults_markdown);
}

int command_policies(int argc, char **argv)
{
    return print_table(argc, argv, "Usage: mailferry-lab policies",
                       policy_text);
}
