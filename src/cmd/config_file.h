/*
 * config_file - the configuration as the commands of the service read it.
 */
#ifndef CMD_CONFIG_FILE_H
#define CMD_CONFIG_FILE_H

#include "base/config.h"
#include "cmd/cmd.h"

/*
 * The file that a command was given, else that of MAILFERRY_CONFIG, else the
 * usual one when it is there; NULL: none.  Borrowed, or static.
 */
const char *config_file_choose(const char *given);

/* Prints each fault to ctx->err; CMD_OK with *ret only where there is none. */
enum cmd_status config_file_load(const struct cmd_context *ctx,
                                 const struct config_sources *sources,
                                 struct config **ret);

#endif
