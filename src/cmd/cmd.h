/*
 * cmd - one sub-command of mailferry, as a table row and a function.
 *
 * A command's file defines one `const struct cmd cmd_NAME`, declared at the
 * end of this header and listed in table.c.  The dispatcher parses the
 * command line by the row's tables, answers --help itself, and calls run()
 * with the filled option struct.  run() returns the exit status; nothing
 * below main() calls exit().
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cancel.h"
#include "base/err.h"
#include "cmd/opt.h"

/* The documented exit statuses; every command uses them in this sense. */
enum cmd_status {
    CMD_OK = 0,
    CMD_ITEMS_FAILED = 1,     /* some items failed, or differences found */
    CMD_MAILBOXES_FAILED = 2, /* some mailboxes (rows of a file) failed */
    CMD_NOTHING_DONE = 3,     /* nothing could be done */
    CMD_USAGE = 64,
    CMD_TRY_AGAIN = 75, /* of a mail: EX_TEMPFAIL, and EX_CONFIG */
    CMD_CONFIG = 78,
    CMD_INTERRUPTED = 130,
};

/* What a command works with.  All borrowed, valid for the whole run. */
struct cmd_context {
    FILE *in;
    FILE *out;                         /* results */
    FILE *err;                         /* diagnostics, questions, progress */
    struct cancel *cancel;             /* requested by SIGINT and SIGTERM */
    const struct cmd *const *commands; /* NULL-terminated; for help */
};

struct cmd_example {
    const char *command; /* NULL ends the table */
    const char *what;    /* it does; a sentence without full stop */
};

/* An exit status in this command's words, where they differ. */
struct cmd_exit {
    enum cmd_status status;
    const char *meaning; /* NULL ends the table */
};

/* All static; tables may be NULL for none. */
struct cmd {
    const char *name;        /* "validate" */
    const char *summary;     /* one line, lower case, no full stop */
    const char *description; /* paragraphs parted by an empty line */
    struct opt_spec spec;
    size_t options_size; /* of the option struct; 0: takes nothing */
    const struct cmd_example *examples;
    const struct cmd_exit *exits; /* NULL: 0 done, 3 not, 64 usage */
    bool hidden;                  /* left out of lists and completion */
    /*
     * SIGINT and SIGTERM simply end it.  Other commands listen to
     * ctx->cancel, which is what these signals then request.
     */
    bool dies_at_once;

    /*
     * options: the filled struct, zero where nothing was given; its strings
     * live as long as the process.  Prints its own errors (cmd_fail).
     */
    enum cmd_status (*run)(const struct cmd_context *ctx, const void *options);
};

/* The command of that name, or NULL. */
const struct cmd *cmd_find(const struct cmd *const *commands, const char *name);

/*
 * mailferry itself: argv[1] names the command.  Answers --help and --version,
 * says what is wrong with a command line on ctx->err, else runs the command.
 */
enum cmd_status cmd_main(const struct cmd_context *ctx, int argc,
                         const char *const *argv);

/*
 * Whether that command line runs a command that heeds ctx->cancel: only then
 * may SIGINT and SIGTERM be kept from their usual effect.
 */
bool cmd_drains(const struct cmd *const *commands, int argc,
                const char *const *argv);

/*
 * Print "mailferry: <message>" and the remedy, if any, on its own line.
 * Returns status, for "return cmd_fail(...)".
 */
enum cmd_status cmd_fail(const struct cmd_context *ctx, enum cmd_status status,
                         const struct err *err);
/* The same with CMD_NOTHING_DONE. */
enum cmd_status cmd_give_up(const struct cmd_context *ctx,
                            const struct err *err);

/*
 * For what the tables cannot say ("--source is needed without --state"):
 * prints the message and which --help to read.  Returns CMD_USAGE.
 */
enum cmd_status cmd_usage(const struct cmd_context *ctx, const struct cmd *cmd,
                          const char *fmt, ...) PRINTF(3, 4);

/* Say that there is no such command, and which is near.  Returns CMD_USAGE. */
enum cmd_status cmd_unknown(const struct cmd_context *ctx, const char *name);

/* Every command, NULL-terminated, in the order of the help. */
extern const struct cmd *const cmd_table[];

extern const struct cmd cmd_template;
extern const struct cmd cmd_validate;
extern const struct cmd cmd_discover;
extern const struct cmd cmd_check;
extern const struct cmd cmd_migrate;
extern const struct cmd cmd_verify;
extern const struct cmd cmd_settings;
extern const struct cmd cmd_status;
extern const struct cmd cmd_report;
extern const struct cmd cmd_request;
extern const struct cmd cmd_serve;
extern const struct cmd cmd_worker;
extern const struct cmd cmd_migration;
extern const struct cmd cmd_operator;
extern const struct cmd cmd_token;
extern const struct cmd cmd_account;
extern const struct cmd cmd_contact;
extern const struct cmd cmd_outbox;
extern const struct cmd cmd_audit;
extern const struct cmd cmd_certificate;
extern const struct cmd cmd_config;
extern const struct cmd cmd_key;
extern const struct cmd cmd_store;
extern const struct cmd cmd_errors;
extern const struct cmd cmd_forecast;
extern const struct cmd cmd_completion;
extern const struct cmd cmd_help;
extern const struct cmd cmd_intake;

#endif
