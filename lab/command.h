/*
 * command - the sub-commands of mailferry-lab.
 */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H

#include <glib.h>

#include "lab/store.h"

/* sysexits.h: what was typed is no command. */
#define EXIT_USAGE 64

/* Each takes its own argv (argv[0] is its name) and returns an exit status. */
int command_serve(int argc, char **argv);
int command_fill(int argc, char **argv);
int command_digest(int argc, char **argv);
int command_faults(int argc, char **argv);
int command_policies(int argc, char **argv);

/* What they do, a line each: for main's --help. */
struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
};

/* One row of an option table: drives the parser and --help. */
struct command_option {
    const char *name;
    GOptionArg type;
    size_t offset;   /* of the field in the command's options */
    const char *arg; /* NULL for a flag */
    const char *help;
};

struct command_usage {
    const struct command_option *options; /* ends with a NULL name */
    const char *usage, *description;
    int arguments_min, arguments_max; /* that may follow the options */
};

/*
 * Read argv into *options.  Returns 0, EXIT_USAGE when something is wrong
 * (which is said), or -1 when it was --help, which has been answered.  What
 * stays in argv are its name and the arguments.  Texts that were given live
 * as long as the program.
 */
int command_options(const struct command_usage *usage, void *options, int *argc,
                    char ***argv);

/* Say it on standard error and return the exit status. */
int command_failed(const struct err *err);

/* ---- filling: shared by `fill` and `serve --state memory` ----------- */

struct fill_options {
    int mailboxes;
    gint64 items; /* in each */
    gint64 seed;
    gint64 quota_bytes;
    gint64 archive_quota_bytes;
    gint64 recoverable; /* items in Recoverable Items of each */
    gint64 big;         /* small mails in one folder of each */
    gboolean archive;   /* each has one, with items of its own */
    const char *domain;
    const char *accounts_file; /* written, 0600; NULL: nowhere */
    gboolean no_impersonation, no_full_access;
};

/*
 * Make mailboxes user1@domain, user2@domain, ... with a login of the same
 * name and a password each, an alias first.last@domain, and an account
 * administrator@domain without a mailbox, with the right to impersonate and
 * full access to all.  Passwords are random.
 */
int fill_store(struct lab_store *store, const struct fill_options *options,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Rows of both commands' tables; base: offset of their fill_options. */
#define FILL_FIELD(base, field) ((base) + offsetof(struct fill_options, field))
#define FILL_OPTIONS(base)                                                     \
    { "mailboxes", G_OPTION_ARG_INT, FILL_FIELD(base, mailboxes), "N",         \
      "mailboxes to make (5)" },                                               \
        { "items", G_OPTION_ARG_INT64, FILL_FIELD(base, items), "N",           \
          "items in each of them (0)" },                                       \
        { "seed", G_OPTION_ARG_INT64, FILL_FIELD(base, seed), "N",             \
          "what the content follows from (1)" },                               \
        { "big", G_OPTION_ARG_INT64, FILL_FIELD(base, big), "N",               \
          "small mails in a folder \"Big\" of each (0)" },                     \
        { "recoverable", G_OPTION_ARG_INT64, FILL_FIELD(base, recoverable),    \
          "N", "items in Recoverable Items of each, and of its archive (0)" }, \
        { "archive", G_OPTION_ARG_NONE, FILL_FIELD(base, archive), NULL,       \
          "give each an archive mailbox, with half as many items" },           \
        { "archive-quota", G_OPTION_ARG_INT64,                                 \
          FILL_FIELD(base, archive_quota_bytes), "BYTES",                      \
          "quota of each archive (none)" },                                    \
        { "mail-domain", G_OPTION_ARG_STRING, FILL_FIELD(base, domain),        \
          "NAME", "domain of the addresses (contoso.example)" },               \
    {                                                                          \
        "accounts-file", G_OPTION_ARG_FILENAME,                                \
            FILL_FIELD(base, accounts_file), "FILE",                           \
            "write address,login,password lines into FILE (0600)"              \
    }

#endif
