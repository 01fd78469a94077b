/*
 * remote_look - what "status" and "report" show of a service's migration.
 */
#ifndef CMD_REMOTE_LOOK_H
#define CMD_REMOTE_LOOK_H

#include "cmd/remote.h"

/* --migration, of "status" and "report" */
#define REMOTE_MIGRATION_ROW(at)                                               \
    {                                                                          \
        .long_name = "migration", .type = OPT_UINT, .offset = (at),            \
        .arg = "ID", .min = 1,                                                 \
        .help = "with --server: the migration of that number (default: that "  \
                "of FILE, else the only one)"                                  \
    }

/* All borrowed. */
struct remote_view {
    const struct opt_remote *where;
    unsigned int migration;   /* 0: not given */
    const char *state, *file; /* or NULL */
    bool watch, verbose, json;
};

/* Once, or until CANCEL_DRAIN. */
int remote_status(const struct cmd_context *ctx, const struct remote_view *v,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Every file of the report into dir, each whole or not at all; their names
 * are printed.
 */
int remote_report(const struct cmd_context *ctx, const struct remote_view *v,
                  const char *dir, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
