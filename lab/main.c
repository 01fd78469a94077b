/*
 * mailferry-lab - a stand-in Exchange organisation for tests and demos.
 */
#include <locale.h>

#include <libxml/parser.h>

#include "lab/command.h"

static const struct command commands[] = {
    { "serve", command_serve, "be an Exchange server until SIGTERM or SIGINT" },
    { "fill", command_fill, "make mailboxes, accounts and items in a state" },
    { "faults", command_faults,
      "print what can go wrong on demand, as a page" },
    { "policies", command_policies, "print the sets of limits for --policy" },
    { "digest", command_digest, "print what is in a state, to be compared" },
};

static void print_help(FILE *out)
{
    fprintf(out, "Usage: mailferry-lab COMMAND [OPTIONS]\n\n"
                 "A stand-in Exchange organisation: EWS, Autodiscover and the "
                 "logon page of OWA,\nwith faults on demand.  For tests; never "
                 "for real mail.\n\nCommands:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
    fprintf(out, "\n\"mailferry-lab COMMAND --help\" tells more.\n");
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    xmlInitParser();
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "mailferry-lab: there is no command \"%s\"\n", argv[1]);
    return EXIT_USAGE;
}
