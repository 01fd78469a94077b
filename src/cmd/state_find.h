/*
 * state_find - which state file a command means that may be called without
 * naming one.
 */
#ifndef CMD_STATE_FIND_H
#define CMD_STATE_FIND_H

#include "base/err.h"
#include "cmd/opt_common.h"

/*
 * That of --state; else the one of the import file; else the only *.mailferry
 * of the current folder.  -1 when there is none, or more than one: they are
 * named.  The caller frees *ret.
 */
int state_find(const struct opt_state *state, const char *import_file,
               char **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
