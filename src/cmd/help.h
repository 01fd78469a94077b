/*
 * help - what the tables of a command say, as text for a terminal and as a
 * man page.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include <stdio.h>

#include "cmd/cmd.h"

/* --help and --version, which every command has; rows of an opt_group. */
extern const struct opt help_global_rows[];

/* What exit statuses of a command without a table of its own mean. */
extern const struct cmd_exit help_default_exits[];

/* All statuses, in words that fit every command. */
extern const struct cmd_exit help_all_exits[];

/* mailferry --help. */
void help_print_program(FILE *out, const struct cmd *const *commands);

/* mailferry COMMAND --help. */
void help_print_command(FILE *out, const struct cmd *cmd);

/* The same as man pages, in man(7). */
void man_print_program(FILE *out, const struct cmd *const *commands);
void man_print_command(FILE *out, const struct cmd *cmd);

/*
 * Words in lines of 80 columns and a line end; the cursor stands in column at,
 * further lines begin in column indent.
 */
void help_wrap(FILE *out, const char *text, size_t indent, size_t at);

/* ---- pieces that help and man pages share; the caller frees ---------- */

/* "mailferry validate [OPTION]... FILE" */
char *help_synopsis(const struct cmd *cmd) G_GNUC_MALLOC;

/* "-n, --lanes N" */
char *help_option(const struct opt *row) G_GNUC_MALLOC;

/* The row's help and what the table knows beside it: its actions, words, ... */
char *help_option_text(const struct cmd *cmd,
                       const struct opt *row) G_GNUC_MALLOC;

/* Call visit for every row of the command, its global ones last. */
typedef void help_visitor(void *data, const char *title, const struct opt *row);
void help_each_option(const struct cmd *cmd, help_visitor *visit, void *data);

#endif
