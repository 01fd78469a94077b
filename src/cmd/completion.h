/*
 * completion - scripts that let a shell complete commands, options and their
 * values; written from the same tables that parse them.
 */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include <stdio.h>

#include "cmd/cmd.h"

typedef void completion_writer(FILE *out, const struct cmd *const *commands);

completion_writer completion_bash;
completion_writer completion_zsh;
completion_writer completion_fish;

#endif
