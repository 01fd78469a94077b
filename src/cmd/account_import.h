/*
 * account_import - accounts and contacts from a table (desk/people.h).
 */
#ifndef CMD_ACCOUNT_IMPORT_H
#define CMD_ACCOUNT_IMPORT_H

#include "cmd/service_open.h"

/* Prints what was done, or each fault with its line. */
enum cmd_status account_import(const struct cmd_context *ctx, const char *path,
                               struct roster *p);

#endif
